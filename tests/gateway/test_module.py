"""What is nginx's own about the module: inheritance, variables, satisfy, error_page, redirects, subrequests, TLS."""

from __future__ import annotations

import base64
import hashlib
import http.client
import json
import re
import ssl
import time
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from at9068_test_issuer import Issuer, IssuerServer
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from frameworks.serve import ROOT, Answer, Running, free_port
from frameworks.table import bearer, good

from .nginx import MODULE, TEMPORARY, Nginx, check, configuration, nginx

HTTP = """
    at9068_claim_set $tier https://as.example/Tier;
    log_format told '$uri sub=$at9068_sub error=$at9068_error';
"""
SERVER = """
    access_log told.log told;

    location = /told {
        at9068 on;
        at9068_forward_token off;
        proxy_pass http://api/headers;
        proxy_set_header X-Subject $at9068_sub;
        proxy_set_header X-Issuer $at9068_iss;
        proxy_set_header X-Profile $at9068_profile;
        proxy_set_header X-Tier $tier;
        proxy_set_header X-Name $at9068_claim_name;
        proxy_set_header X-Exp $at9068_claim_exp;
        proxy_set_header X-Aud $at9068_claim_aud;
        proxy_set_header X-Nothing $at9068_claim_nothing;
        proxy_set_header X-Null $at9068_claim_nil;
    }
    location = /forwarded {
        at9068 on;
        proxy_pass http://api/headers;
    }
    location = /unguarded {
        proxy_pass http://api/headers;
        proxy_set_header X-Subject $at9068_sub;
    }
    location = /any_allowed {
        satisfy any;
        allow 127.0.0.1;
        deny all;
        at9068 on;
        proxy_pass http://api/says_401;
    }
    location = /any_denied {
        satisfy any;
        deny all;
        at9068 on;
        proxy_pass http://api/me;
    }
    location = /all_denied {
        deny all;
        at9068 on;
        proxy_pass http://api/me;
    }
    location = /own_page {
        at9068 on;
        error_page 401 /login.html;
        proxy_pass http://api/me;
    }
    location = /own_status {
        at9068 on;
        error_page 401 =302 @elsewhere;
        proxy_pass http://api/me;
    }
    location = /login.html { internal; root html; default_type text/html; }
    location @elsewhere { return 302 https://login.example/; }

    location /tree/ {
        alias html/tree/;
        index index.json;
        at9068 on;
        location = /tree/index.json { alias html/tree/index.json; at9068_require_scope read:patients; }
        location = /tree/open.json { alias html/tree/open.json; at9068 off; }
    }
    location = /try { at9068 on; try_files /nowhere @me; }
    location @me { at9068 on; rewrite ^ /me break; proxy_pass http://api; proxy_set_header X-Subject $at9068_sub;
                   proxy_set_header X-Client $at9068_client_id; proxy_set_header X-Scope $at9068_scope; }
    location = /led { at9068 on; try_files /nowhere @keeps; }
    location @keeps { at9068 on; at9068_forward_token off; rewrite ^ /headers break; proxy_pass http://api; }
    location = /hops { at9068 on; proxy_pass http://api/hops; proxy_set_header X-Subject $at9068_sub; }
    location = /landed { at9068 on; at9068_require_scope no:one:has; }
    location = /any_kept_back {
        satisfy any;
        allow 127.0.0.1;
        at9068 on;
        at9068_forward_token off;
        proxy_pass http://api/headers;
    }
    location = /meta_if { at9068_metadata on; at9068_option protected_resource '{"resource": "https://api.example/"}';
                          if ($http_x) { set $seen 1; } }
    location = /status_if { at9068_status on; if ($http_x) { set $seen 1; } }
    location = /with_part { at9068 on; alias html/tree/open.json; add_after_body /part; default_type text/html; }
    location = /part { at9068 on; at9068_require_scope no:one:has; alias html/part.txt; }
    location = /fresh {
        at9068 on;
        at9068_require max_age 60;
        at9068_require acr_values '["gold"]';
        proxy_pass http://api/me;
    }
    location = /status { at9068_status on; }
"""
SEEN = ("authorization", "subject", "issuer", "profile", "tier", "name", "exp", "nothing", "null", "host")
API = (
    "location = /headers { return 200 '{"
    + ",".join(f'"{name}":"$http_{"x_" * (name not in ("authorization", "host"))}{name}"' for name in SEEN)
    + "}'; }\nlocation = /says_401 { return 401; }\n"
    + "location = /hops { add_header X-Accel-Redirect /landed; return 200; }\n"
)


@pytest.fixture(scope="module")
def application(issuers: IssuerServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Nginx, Issuer]]:
    """nginx with the locations above."""
    issuer = issuers.new_case()
    root = tmp_path_factory.mktemp("nginx")
    (root / "html/tree").mkdir(parents=True)
    (root / "html/login.html").write_text("<p>log in</p>")
    (root / "html/part.txt").write_text("a part")
    (root / "html/tree/index.json").write_text('{"index":true}')
    (root / "html/tree/open.json").write_text('{"open":true}')
    with nginx(root, issuer.issuer, server=SERVER, http=HTTP, api=API) as running:
        yield running, issuer


def told(running: Running, target: str, token: str, **more: str) -> dict[str, str]:
    """What the upstream saw."""
    answer = running.ask(target, [*bearer(token), *more.items()])
    assert answer.status == 200, answer
    seen: dict[str, str] = json.loads(answer.body)
    return seen


def test_claims_are_told_to_the_upstream(application: tuple[Nginx, Issuer]) -> None:
    """Texts as such, numbers as they are written, and nothing for what is not there."""
    running, issuer = application
    token = issuer.mint(subject="user-1", claims={"https://as.example/Tier": "gold", "name": "Zo\u00eb", "nil": None})
    seen = told(running, "/told", token)
    claims = json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))
    assert seen == {
        "authorization": "",
        "subject": "user-1",
        "issuer": issuer.issuer,
        "profile": "rfc9068",
        "tier": "gold",
        "name": "Zo\u00eb",
        "exp": str(claims["exp"]),
        "nothing": "",
        "null": "",
        "host": "api",
    }


def test_a_quoted_text_arrives_as_it_was_meant(application: tuple[Nginx, Issuer]) -> None:
    """Escapes of JSON are undone, in every form."""
    running, issuer = application
    claims = json.loads(base64.urlsafe_b64decode(issuer.mint().split(".")[1] + "=="))
    text = json.dumps({**claims, "name": "@"}).replace("@", "\\u00e9\\u20AC\\ud83d\\ude00\\/\u00fc")
    assert told(running, "/told", issuer.forge(claims_text=text))["name"] == "\u00e9\u20ac\U0001f600/\u00fc"


@pytest.mark.parametrize(
    "name", ["a\r\nX-Subject: admin", "a\nb", "tab\there", "nul\u0000", "del\u007f", "c1\u0085", "\u009f"]
)
def test_a_control_character_is_never_told(application: tuple[Nginx, Issuer], name: str) -> None:
    """Whoever chooses a claim adds neither a header field nor a line of the log."""
    running, issuer = application
    seen = told(running, "/told", issuer.mint(subject="user-1", claims={"name": name}))
    assert (seen["name"], seen["subject"]) == ("", "user-1")


def test_a_client_cannot_say_who_it_is(application: tuple[Nginx, Issuer]) -> None:
    """What nginx sets replaces what was sent, where there is a token and where there is none."""
    running, issuer = application
    forged = {"X-Subject": "admin", "X-Nothing": "everything"}
    assert told(running, "/told", good(issuer), **forged)["subject"] == "user-1"
    assert told(running, "/told", good(issuer), **forged)["nothing"] == ""
    assert told(running, "/unguarded", good(issuer), **forged)["subject"] == ""


def test_the_token_is_forwarded_unless_told_otherwise(application: tuple[Nginx, Issuer]) -> None:
    """And the other header fields are, in both cases."""
    running, issuer = application
    token = good(issuer)
    assert told(running, "/forwarded", token)["authorization"] == f"Bearer {token}"
    many = {f"X-Other-{number}": str(number) for number in range(30)}
    assert told(running, "/told", token, **many, **{"X-Tier": "x"})["authorization"] == ""
    assert told(running, "/led", token)["authorization"] == ""


def test_who_was_let_in_by_address_needs_no_token(application: tuple[Nginx, Issuer]) -> None:
    """`satisfy any`: a refusal that counts for nothing leaves nothing in an answer, not even in an upstream's 401."""
    running, _ = application
    answer = running.ask("/any_allowed", bearer("nonsense"))
    assert (answer.status, answer.fields.get("www-authenticate")) == (401, None)
    assert b"token_malformed" not in answer.body


def test_a_token_that_let_nobody_in_is_kept_back_too(application: tuple[Nginx, Issuer]) -> None:
    """Whatever let the request in: `at9068_forward_token off` speaks of the field."""
    running, issuer = application
    for token in (good(issuer), "nonsense"):
        assert told(running, "/any_kept_back", token)["authorization"] == ""


def test_what_an_if_holds_is_of_its_location(application: tuple[Nginx, Issuer]) -> None:
    """Metadata and status stay what they are, and nobody needs a token for them."""
    running, _ = application
    for target in ("/meta_if", "/status_if"):
        assert [running.ask(target, [("X", more)] if more else []).status for more in ("", "1")] == [200, 200]


def test_a_token_lets_in_who_is_denied_by_address(application: tuple[Nginx, Issuer]) -> None:
    """`satisfy any` the other way; and without either it is the token's answer."""
    running, issuer = application
    assert running.ask("/any_denied", bearer(good(issuer))).status == 200
    refused = running.ask("/any_denied", bearer("nonsense"))
    assert (refused.status, json.loads(refused.body)["code"]) == (401, "token_malformed")
    assert 'error="invalid_token"' in refused.fields["www-authenticate"][0]
    assert running.ask("/all_denied", bearer(good(issuer))).status == 403


def test_a_page_of_ones_own(application: tuple[Nginx, Issuer]) -> None:
    """error_page: the page is nginx's affair, the challenge belongs to the status."""
    running, _ = application
    answer = running.ask("/own_page")
    assert (answer.status, answer.body) == (401, b"<p>log in</p>")
    assert answer.fields["content-type"] == ["text/html"]
    assert len(answer.fields["www-authenticate"]) == 1
    assert answer.fields["cache-control"] == ["no-store"]
    elsewhere = running.ask("/own_status")
    assert (elsewhere.status, elsewhere.fields["location"]) == (302, ["https://login.example/"])
    assert "www-authenticate" not in elsewhere.fields


def test_where_a_redirect_leads_is_guarded_too(application: tuple[Nginx, Issuer]) -> None:
    """An index is a location of its own, with its own demands; so is a name."""
    running, issuer = application
    assert running.ask("/tree/", bearer(good(issuer))).body == b'{"index":true}'
    refused = running.ask("/tree/", bearer(issuer.mint(scope="openid", subject="user-1")))
    assert (refused.status, json.loads(refused.body)["code"]) == (403, "scope_insufficient")
    assert running.ask("/tree/").status == 401
    assert running.ask("/tree/open.json").status == 200
    tried = running.ask("/try", bearer(good(issuer)))
    assert (tried.status, json.loads(tried.body)["sub"]) == (200, "user-1")
    assert running.ask("/try").status == 401


def test_parts_of_a_page_are_not_asked_again(application: tuple[Nginx, Issuer]) -> None:
    """Subrequests are nginx's own; the request that causes them is guarded."""
    running, issuer = application
    assert running.ask("/with_part", bearer(good(issuer))).body == b'{"open":true}a part'
    assert running.ask("/with_part").status == 401
    assert running.ask("/part", bearer(good(issuer))).status == 403


def test_other_demands(application: tuple[Nginx, Issuer]) -> None:
    """Every demand that the core knows has its JSON."""
    running, issuer = application
    challenge = running.ask("/fresh", bearer(good(issuer))).fields["www-authenticate"][0]
    assert 'error="insufficient_user_authentication"' in challenge
    assert 'acr_values="gold"' in challenge and 'max_age="60"' in challenge
    now = int(datetime.now(timezone.utc).timestamp())
    assert running.ask("/fresh", bearer(issuer.mint(subject="user-1", acr="gold", auth_time=now))).status == 200


def test_logs(application: tuple[Nginx, Issuer]) -> None:
    """Who it was, or why not."""
    running, issuer = application
    running.ask("/me", bearer(good(issuer)))
    running.ask("/me", bearer("nonsense"))
    # The upstream sends it on to where the token is not enough: that is what is told.
    assert running.ask("/hops", bearer(good(issuer))).status == 403
    # A line is written once the client has its answer.
    wanted = {"/me sub=user-1 error=-", "/me sub=- error=token_malformed", "/landed sub=- error=scope_insufficient"}
    until = time.monotonic() + 60
    while not wanted <= set((running.root / "told.log").read_text().splitlines()):
        assert time.monotonic() < until
        time.sleep(0.02)


def test_status(application: tuple[Nginx, Issuer]) -> None:
    """What validators say of themselves, for operators."""
    running, issuer = application
    running.ask("/me", bearer(good(issuer)))
    status = json.loads(running.ask("/status").body)
    assert {entry["issuer"] for validator in status for entry in validator["issuers"]} == {issuer.issuer}
    assert all(entry["state"] == "fresh" for validator in status for entry in validator["issuers"])


def test_keys_of_files(issuers: IssuerServer, tmp_path: Path) -> None:
    """A JWK set, or a key as PEM; nothing is fetched then."""
    issuer = issuers.new_case()
    (published,) = issuer.keys()
    (tmp_path / "jwks.json").write_text(json.dumps({"keys": [published["jwk"]]}))
    given = {
        "set": f"at9068_issuer {issuer.issuer}; at9068_jwks jwks.json;",
        "pem": f"at9068_issuer {issuer.issuer}; at9068_jwks key.pem;",
        "whole": "at9068_config whole.json;",
    }
    server = "".join(
        f"location = /{name} {{ at9068 on; {keys} proxy_pass http://api/me; }}\n" for name, keys in given.items()
    )
    (tmp_path / "whole.json").write_text(
        json.dumps(
            {"issuer": issuer.issuer, "audience": ["https://api.example/"], "jwks": {"keys": [published["jwk"]]}}
        )
    )
    x, y = (int.from_bytes(base64.urlsafe_b64decode(published["jwk"][name] + "=="), "big") for name in "xy")
    numbers = ec.EllipticCurvePublicNumbers(x, y, ec.SECP256R1())
    pem = numbers.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    (tmp_path / "key.pem").write_bytes(pem)
    # The other locations are of an issuer that is not there.
    with nginx(tmp_path, "http://127.0.0.1:1", server=server) as running:
        assert running.ask("/set", bearer(good(issuer))).status == 200
        assert running.ask("/whole", bearer(good(issuer))).status == 200
        # A token says the issuer's own name of its key; one from PEM has its thumbprint.
        assert running.ask("/pem", bearer(issuer.mint(kid=thumbprint(published["jwk"])))).status == 200
        assert running.ask("/set", bearer("nonsense")).status == 401
    assert issuer.requests()["documents"] == {name: 0 for name in issuer.requests()["documents"]}


def thumbprint(jwk: dict[str, str]) -> str:
    """RFC 7638, of an elliptic curve's key."""
    members = json.dumps({name: jwk[name] for name in ("crv", "kty", "x", "y")}, separators=(",", ":"))
    return base64.urlsafe_b64encode(hashlib.sha256(members.encode()).digest()).rstrip(b"=").decode()


@pytest.mark.parametrize(
    ("directives", "message"),
    [
        ("at9068_option leeway_seconds 301;", "leeway_seconds"),
        ("at9068_option no_such_option 1;", "no_such_option"),
        ("at9068_option leeway_seconds '{';", "configuration"),
        ("at9068_issuer a; at9068_issuer b;", '"at9068_issuer" directive is duplicate'),
        ("at9068_config '{}';", "issuer"),
        ('at9068_config \'{"issuer": "a"}\'; at9068_realm x;', "cannot stand beside it"),
        ("at9068_jwks nowhere.json;", "nowhere.json"),
        ("at9068_jwks nginx.conf;", "nginx.conf"),
        ("at9068_require_scope 'two words';", "scope"),
        ("at9068_require no_such_demand 1;", "no_such_demand"),
        ("at9068_require max_age '-1';", "max_age"),
        ('at9068_audience "";', "audience"),
        ('at9068_realm "a\\"b";', "realm"),
        ("at9068_option issuer_cache '{\"timeout_seconds\": 0}';", "timeout_seconds"),
        ("at9068_metadata maybe;", 'must be "on" or "off"'),
        ("at9068_metadata on; at9068_status on;", "is duplicate, or beside another"),
        ("at9068_metadata on;", "nothing can be demanded there"),
        ("at9068_status on;", "nothing can be demanded there"),
    ],
)
def test_a_wrong_configuration_does_not_start(tmp_path: Path, directives: str, message: str) -> None:
    """It is told by `nginx -t`, in the core's own words."""
    refused(tmp_path, f"at9068 on; {directives}", message)


@pytest.mark.parametrize(
    ("directives", "message"),
    [
        (
            'at9068_metadata on; at9068_config \'{"issuer": "https://as.example", "audience": "a"}\';',
            "protected_resource",
        ),
        ("at9068_require_scope ops; at9068_status on;", "nothing can be demanded there"),
        ("at9068_require_scope ops;", 'demands without "at9068 on"'),
    ],
)
def test_nothing_is_open_by_mistake(tmp_path: Path, directives: str, message: str) -> None:
    """Demands that nobody would be asked about are told, too."""
    refused(tmp_path, directives, message)


def refused(tmp_path: Path, directives: str, message: str) -> None:
    """Where a location holds these."""
    server = f"location = /wrong {{ {directives} }}"
    code, told = check(configuration(tmp_path, issuer="http://127.0.0.1:1", port=free_port(), server=server))
    assert code == 1
    (line,) = [line for line in told.splitlines() if "[emerg]" in line]
    assert message in line


def test_the_guide_is_right(tmp_path: Path) -> None:
    """Every configuration in it is one, and every directive and variable that the module has is in it."""
    guide = (ROOT / "bindings-c/gateways/nginx/README.md").read_text()
    blocks = re.findall(r"^```nginx\n(.*?)^```$", guide, re.DOTALL | re.MULTILINE)
    places = {"load_module": 0, "location": 0, "log_format": 0}
    for number, block in enumerate(blocks):
        folder = tmp_path / str(number)
        place = block.split()[0]
        places[place] += 1
        more = {"location": {"server": block}, "log_format": {"http": block}}.get(place, {})
        path = configuration(folder, issuer="http://127.0.0.1:1", port=free_port(), **more)
        if place == "load_module":
            whole = block.replace("modules/ngx_http_at9068_module.so", str(MODULE))
            assert str(MODULE) in whole
            path.write_text(whole.replace("http {", "pid nginx.pid;\nevents { }\nhttp {\n" + TEMPORARY))
        assert check(path)[0] == 0, check(path)
    assert min(places.values()) == 1
    source = "".join(path.read_text() for path in (ROOT / "bindings-c/gateways/nginx/src").glob("*.c"))
    named = set(re.findall(r'ngx_string\("(at9068\w*)"\)', source))
    assert len(named) > 20
    assert [name for name in sorted(named) if f"`{name}" not in guide and f"`${name}" not in guide] == []


def test_a_whole_configuration_is_not_changed_in_parts(tmp_path: Path) -> None:
    """What a level inherits as one text has no parts."""
    server = """
        location /whole {
            at9068_config '{"issuer": "https://as.example", "audience": "a"}';
            location /whole/part { at9068 on; at9068_realm x; }
        }"""
    code, told = check(configuration(tmp_path, issuer="http://127.0.0.1:1", port=free_port(), server=server))
    assert code == 1 and "cannot be changed in parts" in told


def test_tokens_that_are_bound_to_a_certificate(issuers: IssuerServer, tmp_path: Path) -> None:
    """RFC 8705: good with the certificate of this very connection, and with no other; headers prove nothing."""
    issuer = issuers.new_case()
    ours, others, server_side = (certificate(tmp_path, name) for name in ("ours", "others", "server"))
    port = free_port()
    tls = f"""
        listen 127.0.0.1:{port} ssl;
        ssl_certificate {server_side}.pem;
        ssl_certificate_key {server_side}.key;
        ssl_verify_client optional_no_ca;
    """
    bound = issuer.mint(subject="user-1", cnf={"x5t#S256": digest(ours)})
    with nginx(tmp_path, issuer.issuer, server=tls) as running:
        assert over_tls(port, bound, ours).status == 200
        for client, code in ((others, b"binding_mismatch"), (None, b"binding_missing")):
            answer = over_tls(port, bound, client)
            assert (answer.status, code in answer.body) == (401, True)
        assert b"binding_missing" in running.ask("/me", bearer(bound)).body
        assert over_tls(port, good(issuer), ours).status == 200


def certificate(folder: Path, name: str) -> Path:
    """A certificate that vouches for itself, and its key, in two files."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(timezone.utc)
    made = (
        x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .sign(key, hashes.SHA256())
    )
    path = folder / name
    path.with_suffix(".pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    path.with_suffix(".key").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return path


def digest(path: Path) -> str:
    """x5t#S256 of a certificate."""
    der = ssl.PEM_cert_to_DER_cert(path.with_suffix(".pem").read_text())
    return base64.urlsafe_b64encode(hashlib.sha256(der).digest()).rstrip(b"=").decode()


def over_tls(port: int, token: str, client: Path | None) -> Answer:
    """/me, asked with a client certificate."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    if client:
        context.load_cert_chain(client.with_suffix(".pem"), client.with_suffix(".key"))
    connection = http.client.HTTPSConnection("127.0.0.1", port, timeout=60, context=context)
    try:
        connection.request("GET", "/me", headers=dict(bearer(token)))
        response = connection.getresponse()
        return Answer(response.status, {}, response.read())
    finally:
        connection.close()
