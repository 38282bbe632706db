"""What a server sends back to a request that is refused: every status line, header field and octet of the body."""

from __future__ import annotations

import json
from typing import Any

from ..build import API, DROP, EXP, NOW, OTHER_API, OTHER_ISSUER, Topic, claims, header, token
from ..common import config, jwks, topic, verifying_jwk
from ..encoding import b64u, text
from ..expect import Err
from ..jose import Token, make
from ..keys import public_jwk
from ..paths import VECTORS
from .authenticate import request
from .binding import CERTIFICATE, JKT, OTHER_CERTIFICATE, PROOF
from .revocations import entry

RULES = "RS-1"
# Codes with a status that no request leads to here: those of other kinds of token, and those that need a server.
ELSEWHERE = {"claim_mismatch", "token_replayed", "token_inactive", "metadata_invalid", "internal"}
# Nobody listens at this port.
SILENT = "https://127.0.0.1:1/"


def build() -> list[Topic]:
    """The files of this topic."""
    t = topic("http_responses", "What a server sends back, whole: status, header fields in their order, body.")
    credentials(t)
    keys(t)
    tokens(t)
    demands(t)
    bindings(t)
    undecided(t)
    configured(t)
    unanswered(t)
    reached = {code_of(case["expect"]) for case in t.cases}
    codes: dict[str, int] = json.loads((VECTORS / "codes.json").read_text())
    owed = {code for code, number in codes.items() if number // 100 != 8} - ELSEWHERE
    # An answer to who sent nothing names no code.
    assert owed - {"credentials_missing"} == reached - {None}, owed ^ reached
    return [t]


def code_of(expect: dict[str, Any]) -> str | None:
    """The code that an expectation is about."""
    if not expect["ok"]:
        return str(expect["code"])
    response = expect["http_response"]
    return None if response is None else json.loads(response["body"]).get("code")


def sent(made: Token | str, *more: tuple[str, str], scheme: str = "Bearer", **members: Any) -> dict[str, Any]:
    """A request with this credential."""
    compact = made.compact if isinstance(made, Token) else made
    return request(("Authorization", f"{scheme} {compact}"), *more, **members)


def credentials(t: Topic) -> None:
    """What comes instead of one token, under whatever scheme."""
    good = token().compact
    missing, malformed = Err("credentials_missing"), Err("credentials_malformed")
    for name, asked in {
        "nothing": request(),
        "basic": request(("Authorization", "Basic dXNlcjpwYXNz")),
        "digest": request(("Authorization", 'Digest username="x"')),
        "negotiate": request(("Authorization", "Negotiate")),
    }.items():
        t.http_response(f"missing-{name}", f"No credential of ours, and nothing told: {name}", RULES, asked, missing)
    for name, asked in {
        "no-token": request(("Authorization", "Bearer")),
        "two-schemes": request(("Authorization", f"Bearer {good}"), ("Authorization", "Basic dXNlcjpwYXNz")),
        "two-tokens": request(("Authorization", f"Bearer {good}"), ("Authorization", f"DPoP {good}")),
        "query-beside": sent(good, url="https://api.example/?access_token=x"),
    }.items():
        t.http_response(f"malformed-{name}", f"Malformed or double: {name}", RULES, asked, malformed)
    t.http_response("good", "A request that is let in has no answer of ours", RULES, sent(token()), None)


def keys(t: Topic) -> None:
    """What is wrong with the key that a token names."""
    good = public_jwk("p256-a", kid="bad")
    named = token(header(kid="bad"))
    weak = make(header(alg="RS256", kid="bad"), claims(), "RS256", "rsa-1024")
    for code, jwk, made in (
        ("key_malformed", good | {"kty": "ec"}, named),
        ("key_unsupported", good | {"crv": "secp256k1"}, named),
        ("key_too_weak", public_jwk("rsa-1024", kid="bad"), weak),
        ("key_mismatch", good | {"use": "enc"}, named),
    ):
        t.config(code, config(jwks=jwks(jwk, verifying_jwk("ES256"))))
        t.http_response(code, f"The key that the token names: {code}", RULES, sent(made), Err(code), config=code)
    two = jwks(verifying_jwk("ES256"), public_jwk("p256-b", kid="b", alg="ES256"))
    t.config("two-keys", config(jwks=two))
    nameless = sent(token(header(kid=DROP)))
    t.http_response("key_ambiguous", "Two keys fit", RULES, nameless, Err("key_ambiguous"), config="two-keys")
    strange = sent(token(header(kid="nobody")))
    t.http_response("key_not_found", "No key has this name", RULES, strange, Err("key_not_found"))


def tokens(t: Topic) -> None:
    """What is wrong with the token."""
    t.config("small", config(max_token_bytes=64))
    t.config("rs256", config(algorithms=["RS256"]))
    t.config("short", config(max_lifetime_seconds=60))
    encrypted = b64u(text({"alg": "RSA-OAEP-256", "enc": "A256GCM"}).encode())
    cases: list[tuple[str, Token | str, dict[str, Any]]] = [
        ("token_too_large", token(), {"config": "small"}),
        ("token_malformed", "abc", {}),
        ("decryption_failed", f"{encrypted}.AAAA.AAAAAAAAAAAAAAAA.AAAA.AAAAAAAAAAAAAAAAAAAAAA", {}),
        ("type_mismatch", token(header(typ="JWT")), {}),
        ("algorithm_not_allowed", token(), {"config": "rs256"}),
        ("critical_header_unsupported", token(header(crit=["x"], x=1)), {}),
        ("issuer_unknown", token(body=claims(iss=OTHER_ISSUER)), {}),
        ("signature_invalid", token(key="p256-b"), {}),
        ("claim_missing", token(body=claims(jti=DROP)), {}),
        ("claim_malformed", token(body=claims(exp="soon")), {}),
        ("kind_mismatch", token(header("auth0"), claims("auth0", nonce="n")), {"config": "auth0"}),
        ("audience_mismatch", token(body=claims(aud=OTHER_API)), {}),
        ("token_expired", token(), {"at": EXP + 30}),
        ("token_not_yet_valid", token(body=claims(nbf=NOW + 31)), {}),
        ("token_issued_in_future", token(body=claims(iat=NOW + 31)), {}),
        ("lifetime_exceeded", token(), {"config": "short"}),
        ("token_revoked", token(), {"revocations": [entry()]}),
    ]
    for code, made, more in cases:
        t.http_response(code, f"A token that is refused: {code}", f"{RULES} AT-VAL-7", sent(made), Err(code), **more)
    hostile = token(body=claims(iss='https://evil.example/"\r\nSet-Cookie: a=b'))
    unknown = Err("issuer_unknown")
    t.http_response("hostile", "Nothing of a token is in the answer", RULES, sent(hostile), unknown, flags="forgery")


def demands(t: Topic) -> None:
    """Good tokens that are not enough."""
    for case_id, code, require in (
        ("scope_insufficient", "scope_insufficient", {"scopes": ["admin", "read:patients"]}),
        ("permission_insufficient", "permission_insufficient", {"permissions": ["delete:patients"]}),
        ("roles", "permission_insufficient", {"roles": ["nurse"], "scopes": ["openid"]}),
        ("authentication_insufficient", "authentication_insufficient", {"acr_values": ["gold"]}),
        ("max-age", "authentication_insufficient", {"max_age": 60, "scopes": ["openid"]}),
    ):
        rules = f"{RULES} STEP-1" if code == "authentication_insufficient" else RULES
        t.http_response(case_id, f"{text(require)} is demanded", rules, sent(token()), Err(code), require=require)


def bindings(t: Topic) -> None:
    """Tokens that are bound to another sender, or in a way that is not judged."""
    x5t = token(body=claims(cnf={"x5t#S256": CERTIFICATE}))
    jkt = token(body=claims(cnf={"jkt": JKT}))
    proof = ("DPoP", PROOF)
    for code, asked in (
        ("binding_missing", sent(x5t)),
        ("binding_mismatch", sent(x5t, client_certificate_sha256=OTHER_CERTIFICATE)),
        ("binding_unsupported", sent(jkt, proof, scheme="DPoP")),
        ("scheme_mismatch", sent(jkt, proof)),
        ("dpop_proof_missing", sent(jkt, scheme="DPoP")),
    ):
        t.http_response(code, f"A bound token: {code}", f"{RULES} CNF-1 CNF-2", asked, Err(code))


def undecided(t: Topic) -> None:
    """No verdict can be had: nobody is challenged, and it is told when to try again."""
    t.config("no-keys", {"issuer": SILENT, "audience": API, "jwks_uri": f"{SILENT}keys"})
    asked = {"endpoint": f"{SILENT}ask", "authentication": "bearer", "bearer_token": "secret-of-the-api"}
    t.config("nobody-answers", {"issuer": SILENT, "audience": API, "strategy": "introspection", "introspection": asked})
    own = sent(token(body=claims(iss=SILENT)))
    for code, name in (("keys_unavailable", "no-keys"), ("introspection_unavailable", "nobody-answers")):
        comment = f"An outage of the issuer: {code}"
        t.http_response(code, comment, "RS-1 JWKS-1 INTRO-1", own, Err(code), config=name, retry_after=1)


def configured(t: Topic) -> None:
    """Realm and metadata stand in every challenge, be their URL given or derived."""
    where = {"resource": "https://api.example/v1"}
    t.config("realm", config(realm="patients"))
    t.config("given", config(resource_metadata="https://api.example/.well-known/oauth-protected-resource"))
    t.config("derived", config(realm="patients", protected_resource=where))
    require = {"scopes": ["admin"], "acr_values": ["gold"], "max_age": 60}
    for name in ("realm", "given", "derived"):
        for code, asked in (
            ("credentials_missing", request()),
            ("credentials_malformed", request(("Authorization", "Bearer"))),
            ("signature_invalid", sent(token(key="p256-b"))),
            ("scope_insufficient", sent(token(body=claims(acr="gold", auth_time=NOW)))),
        ):
            comment = f"Challenges of one configuration ({name}): {code}"
            t.http_response(f"{name}-{code}", comment, "RS-1 RS-2", asked, Err(code), config=name, require=require)


def unanswered(t: Topic) -> None:
    """Mistakes of who configured or called are no answer to anybody."""
    t.config("unknown-member", config(audiense=API))
    wrong = Err("config_invalid")
    t.http_response(
        "config", "A configuration that is none", RULES, request(), wrong, config="unknown-member", flags="config"
    )
    for name, asked, require in (
        ("request", {"header": []}, None),
        ("require", sent(token()), {"scope": "read"}),
    ):
        error = Err("argument_invalid")
        t.http_response(f"argument-{name}", f"An argument that is none: {name}", RULES, asked, error, require=require)
