"""ID tokens before the client that they are for (OpenID Connect Core §3.1.3.7)."""

from __future__ import annotations

import hashlib
from typing import Any

from ..build import CLIENT, DROP, EXP, IAT, ISSUER, NOW, OTHER_ISSUER, USER, Topic
from ..common import ASYMMETRIC, KEY_FOR, SYMMETRIC, jwks, verifying_jwk
from ..encoding import Raw, b64u, text
from ..expect import OPEN, Err
from ..jose import Token, make
from ..keys import public_jwk, thumbprint

NONCE = "n-0S6_WzA2Mj"
# What the examples of OpenID Connect Core, A.3 and A.4, have.
ACCESS_TOKEN = "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y"
CODE = "Qcb0Orv1zh30vL1MPRsbm-diHiMwcLyZvn1arpZv-Jxf_11jnpEX3Tgfvk"
STATE = "af0ifjsldkj"
SENT = {"nonce": NONCE}


def config(**over: Any) -> dict[str, Any]:
    """The usual client: one issuer, one ES256 key."""
    return {"issuer": ISSUER, "client_id": CLIENT, "jwks": jwks(verifying_jwk("ES256"))} | over


def claims(**over: Any) -> dict[str, Any]:
    """The claims of a good ID token; DROP leaves one out, a new one goes last."""
    base: dict[str, Any] = {"iss": ISSUER, "sub": USER, "aud": CLIENT, "exp": EXP, "iat": IAT, "nonce": NONCE}
    return {name: value for name, value in (base | over).items() if value is not DROP}


def header(alg: str = "ES256", **over: Any) -> dict[str, Any]:
    """The header of a good ID token."""
    base: dict[str, Any] = {"typ": "JWT", "alg": alg, "kid": alg.lower()} | over
    return {name: value for name, value in base.items() if value is not DROP}


def token(head: Any = None, alg: str = "ES256", key: str | None = None, **over: Any) -> Token:
    """An ID token, signed by the usual key unless told otherwise; claims are given by name."""
    return make(header(alg) if head is None else head, claims(**over), alg, key or KEY_FOR[alg])


def segment(part: dict[str, Any]) -> str:
    """A part of a token."""
    return b64u(text(part).encode())


def half(value: str, bits: str = "256") -> str:
    """Half of the hash of a value."""
    digest = hashlib.new(f"sha{bits}", value.encode()).digest()
    return b64u(digest[: len(digest) // 2])


def build() -> list[Topic]:
    """The files of this topic."""
    t = Topic("id_tokens", "ID tokens against a client's configuration.")
    t.config("base", config())
    t.config("every-algorithm", config(jwks=jwks(*map(verifying_jwk, ASYMMETRIC))))
    for part in (shape, signatures, issuers, types, forms, audiences, times, configurations):
        part(t)
    return [t]


def shape(t: Topic) -> None:
    """What is no JWT, and what is too large for one."""
    good = token()
    t.validate_id_token("plain", "A plain ID token", "IDT-1", good, require=SENT)
    head, body, signature = good.parts
    for name, sent, error in (
        ("empty", "", "token_malformed"),
        ("two-parts", f"{head}.{body}", "token_malformed"),
        ("four-parts", f"{good.compact}.{body}", "token_malformed"),
        ("no-claims", f"{head}..{signature}", "token_malformed"),
        ("padded", f"{good.compact}==", "token_malformed"),
        ("encrypted", f"{segment({'alg': 'dir', 'enc': 'A256GCM'})}.a.b.c.d", "decryption_failed"),
    ):
        t.validate_id_token(
            f"shape-{name}", f"Shape: {name}", "IDT-1 JOSE-4", sent, Err(error, authenticated=False), require=SENT
        )
    t.validate_id_token(
        "shape-bytes",
        "Octets that are no text",
        "JOSE-4",
        b"\xff.\xff.\xff",
        Err("token_malformed", authenticated=False),
    )
    duplicate = make(header(), '{"iss":"https://as.example/","iss":"https://as.example/"}', "ES256", "p256-a")
    t.validate_id_token(
        "duplicate-claim",
        "A claim that is there twice",
        "JOSE-5",
        duplicate,
        Err("token_malformed", authenticated=False),
    )
    t.config("small", config(max_token_bytes=len(good.compact)))
    t.config("smaller", config(max_token_bytes=len(good.compact) - 1))
    t.validate_id_token(
        "size-reached", "As large as allowed", "IDT-1", good, config="small", require=SENT, flags="boundary"
    )
    t.validate_id_token(
        "size-exceeded",
        "One octet too large",
        "IDT-1",
        good,
        Err("token_too_large", authenticated=False),
        config="smaller",
        require=SENT,
        flags="boundary",
    )


def signatures(t: Topic) -> None:
    """Algorithms, keys, signatures."""
    rules = "IDT-1 JOSE-1"
    for alg in ASYMMETRIC:
        t.validate_id_token(
            f"alg-{alg.lower()}",
            f"{alg} is accepted unless others are listed",
            rules,
            token(alg=alg),
            config="every-algorithm",
            require=SENT,
        )
    for alg in SYMMETRIC:
        t.config(f"secret-{alg.lower()}", config(jwks=jwks(verifying_jwk(alg)), algorithms=[alg]))
        t.config(f"unlisted-{alg.lower()}", config(jwks=jwks(verifying_jwk(alg))))
        t.validate_id_token(
            f"alg-{alg.lower()}",
            f"{alg} where it is listed",
            rules,
            token(alg=alg),
            config=f"secret-{alg.lower()}",
            require=SENT,
        )
        t.validate_id_token(
            f"alg-{alg.lower()}-unlisted",
            f"{alg} where it is not listed",
            rules,
            token(alg=alg),
            Err("algorithm_not_allowed", authenticated=False),
            config=f"unlisted-{alg.lower()}",
            require=SENT,
        )
    free = jwks(public_jwk("rsa-2048-a", kid="ps256"))
    t.config("key-without-alg", config(jwks=free))
    t.config("key-without-alg-listed", config(jwks=free, algorithms=["PS256"]))
    mismatch = Err("key_mismatch", authenticated=False)
    rsa, pss = token(header("RS256", kid="ps256"), alg="RS256"), token(alg="PS256")
    t.validate_id_token(
        "key-rs256", "A key that states no alg serves RS256", rules, rsa, config="key-without-alg", require=SENT
    )
    t.validate_id_token("key-ps256", "And nothing else", rules, pss, mismatch, config="key-without-alg", require=SENT)
    t.validate_id_token(
        "key-ps256-listed", "Unless it is listed", rules, pss, config="key-without-alg-listed", require=SENT
    )
    t.config("listed", config(algorithms=["RS256"]))
    refused = Err("algorithm_not_allowed", authenticated=False)
    t.validate_id_token("alg-not-listed", "Another algorithm is listed", rules, token(), refused, config="listed")
    none = f"{segment(header('none', kid=DROP))}.{token().parts[1]}."
    t.validate_id_token("alg-none", "No signature", f"{rules} T01", none, refused, require=SENT, flags="forgery")
    forged = token(key="p256-b")
    for name, comment, made, code in (
        ("crit", "A critical extension", token(header(crit=["x"], x=1)), "critical_header_unsupported"),
        ("kid-unknown", "A key that nobody has", token(header(kid="other")), "key_not_found"),
        (
            "kid-of-another-alg",
            "A key for another algorithm",
            token(header("RS256", kid="es256"), alg="RS256"),
            "key_mismatch",
        ),
        ("key-other", "Another key under the kid", forged, "signature_invalid"),
        ("claims-changed", "Claims of one token, signature of another", changed(), "signature_invalid"),
    ):
        t.validate_id_token(
            f"key-{name}",
            comment,
            "IDT-1 JOSE-1 JOSE-2",
            made,
            Err(code, authenticated=False),
            require=SENT,
            flags="forgery" if code == "signature_invalid" else "",
        )
    own = thumbprint(public_jwk("p256-a"))
    t.config("pinned", config(key_thumbprints=[own]))
    t.config("pinned-other", config(key_thumbprints=[thumbprint(public_jwk("p256-b"))]))
    t.validate_id_token("pinned", "A key that is pinned", "IDT-1 JOSE-10", token(), config="pinned", require=SENT)
    t.validate_id_token(
        "pinned-other",
        "A key that is not",
        "IDT-1 JOSE-10",
        token(),
        Err("key_not_found", authenticated=False),
        config="pinned-other",
        require=SENT,
    )


def changed() -> str:
    """A token whose subject was changed after it was signed."""
    head, _, signature = token().parts
    return ".".join([head, token(sub="other").parts[1], signature])


def issuers(t: Topic) -> None:
    """`iss`, the one claim that is read before the signature."""
    for name, comment, value, error in (
        ("missing", "No issuer", DROP, Err("claim_missing", claim="iss", authenticated=False)),
        ("number", "A number", 5, Err("claim_malformed", claim="iss", authenticated=False)),
        ("list", "A list", [ISSUER], Err("claim_malformed", claim="iss", authenticated=False)),
        ("other", "Another issuer", OTHER_ISSUER, Err("issuer_unknown")),
        ("slash", "Without its trailing slash", ISSUER.rstrip("/"), Err("issuer_unknown")),
        ("case", "In another letter case", ISSUER.replace("as", "AS"), Err("issuer_unknown")),
        ("empty", "An empty one", "", Err("issuer_unknown")),
    ):
        t.validate_id_token(f"iss-{name}", f"iss: {comment}", "IDT-1 AT-VAL-3", token(iss=value), error, require=SENT)


def types(t: Topic) -> None:
    """`typ`: JWT, or nothing."""
    rules = "IDT-1 JOSE-9 T34"
    for name, typ in (
        ("none", DROP),
        ("lower", "jwt"),
        ("mixed", "JwT"),
        ("full", "application/jwt"),
        ("FULL", "APPLICATION/JWT"),
    ):
        t.validate_id_token(
            f"typ-{name}", "JWT in any spelling, or no type", rules, token(header(typ=typ)), require=SENT
        )
    for name, typ, kind in (
        ("at", "at+jwt", "access_token"),
        ("at-full", "application/at+JWT", "access_token"),
        ("logout", "logout+jwt", "logout_token"),
        ("dpop", "dpop+jwt", "dpop_proof"),
        ("assertion", "client-authentication+jwt", "client_assertion"),
        ("request", "oauth-authz-req+jwt", "request_object"),
        ("introspection", "token-introspection+jwt", "introspection_response"),
        ("event", "secevent+jwt", "security_event"),
        ("other", "other", None),
        ("id", "ID", None),
        ("empty", "", None),
        ("space", "JWT ", None),
        ("null", None, None),
        ("number", 1, None),
    ):
        t.validate_id_token(
            f"typ-{name}",
            f"typ {typ!r}",
            f"{rules} KIND-1",
            token(header(typ=typ)),
            Err("type_mismatch", kind=kind),
            require=SENT,
        )


def forms(t: Topic) -> None:
    """The type of each claim, and the claims that must be there."""
    wrong: dict[str, tuple[Any, ...]] = {
        "sub": (5, None, "", [USER]),
        "aud": (5, None, [CLIENT, 5], {"a": CLIENT}),
        "azp": (5, None, "", [CLIENT]),
        "exp": ("1700003600", None, -1, Raw("1e999"), [EXP]),
        "nbf": ("0", None, True),
        "iat": ("1700000000", None, -5),
        "auth_time": ("2020-03-24T07:30:55Z", None, {}),
        "nonce": (5, None, [NONCE]),
        "acr": (1, None, ["gold"]),
        "amr": ("pwd", None, ["pwd", 1]),
        "sid": (5, None, ["s"]),
        "at_hash": (5, None, []),
        "c_hash": (5, None, {}),
        "s_hash": (5, None, False),
    }
    for name, values in wrong.items():
        for place, value in enumerate(values):
            t.validate_id_token(
                f"form-{name}-{place}",
                f"{name} of another type",
                "IDT-1 JOSE-6",
                token(**{name: value}),
                Err("claim_malformed", claim=name),
                require=SENT,
            )
    for name in ("sub", "aud", "exp", "iat"):
        t.validate_id_token(
            f"missing-{name}",
            f"No {name}",
            "IDT-1",
            token(**{name: DROP}),
            Err("claim_missing", claim=name),
            require=SENT,
        )
    for name, sub in (("ascii", "s" * 255), ("letters", "\u00e9" * 255), ("one", "s")):
        t.validate_id_token(
            f"sub-{name}", "A subject of 1 to 255 characters", "IDT-1", token(sub=sub), require=SENT, flags="boundary"
        )
    t.validate_id_token(
        "sub-long",
        "A subject of 256 characters",
        "IDT-1",
        token(sub="s" * 256),
        Err("claim_malformed", claim="sub"),
        require=SENT,
        flags="boundary",
    )
    full = token(
        azp=CLIENT,
        nbf=IAT,
        auth_time=IAT,
        acr="gold",
        amr=["pwd", "otp"],
        sid="s-1",
        jti="j-1",
        at_hash=half(ACCESS_TOKEN),
        c_hash=half(CODE),
        s_hash=half(STATE),
        name="Jane Doe",
        email="jane@example.com",
        email_verified=True,
        address={"country": "NO"},
        roles=["admin"],
        permissions=["read"],
        groups=["g"],
        org_id="org_1",
        cnf={"jkt": "x"},
    )
    t.validate_id_token("full", "All that an ID token may say, and what operators add", "IDT-1", full, require=SENT)


def audiences(t: Topic) -> None:
    """For whom the token is meant, and to whom it was issued."""
    t.config("trusting", config(trusted_audiences=["urn:api", "urn:other"]))
    mismatch = Err("audience_mismatch")
    cases: tuple[tuple[str, str, dict[str, Any], Err | None, str], ...] = (
        ("array", "The client as the only one of an array", {"aud": [CLIENT]}, None, "base"),
        ("twice", "The client twice, with azp", {"aud": [CLIENT, CLIENT], "azp": CLIENT}, None, "base"),
        ("other", "Another client", {"aud": "client-8"}, mismatch, "base"),
        ("prefix", "A longer name", {"aud": f"{CLIENT}0"}, mismatch, "base"),
        ("case", "Another letter case", {"aud": CLIENT.upper()}, mismatch, "base"),
        ("issuer", "The issuer", {"aud": ISSUER}, mismatch, "base"),
        ("none", "An empty array", {"aud": []}, mismatch, "base"),
        ("empty", "An empty name", {"aud": ""}, mismatch, "base"),
        (
            "stranger",
            "The client and one who is not trusted",
            {"aud": [CLIENT, "urn:api"], "azp": CLIENT},
            mismatch,
            "base",
        ),
        ("trusted", "The client and one who is trusted", {"aud": [CLIENT, "urn:api"], "azp": CLIENT}, None, "trusting"),
        (
            "trusted-first",
            "In another order",
            {"aud": ["urn:other", "urn:api", CLIENT], "azp": CLIENT},
            None,
            "trusting",
        ),
        ("trusted-and-not", "And another", {"aud": [CLIENT, "urn:api", "urn:x"], "azp": CLIENT}, mismatch, "trusting"),
        ("trusted-only", "Only those who are trusted", {"aud": ["urn:api"], "azp": CLIENT}, mismatch, "trusting"),
        (
            "many",
            "65 audiences",
            {"aud": [CLIENT, *(f"a{n}" for n in range(64))]},
            Err("token_too_large", authenticated=True),
            "base",
        ),
        ("azp", "The client in azp as well", {"azp": CLIENT}, None, "base"),
        ("azp-other", "Issued to another client", {"azp": "client-8"}, Err("claim_mismatch", claim="azp"), "base"),
        ("azp-case", "In another letter case", {"azp": CLIENT.upper()}, Err("claim_mismatch", claim="azp"), "base"),
        (
            "azp-missing",
            "Several audiences, and no azp",
            {"aud": [CLIENT, "urn:api"]},
            Err("claim_missing", claim="azp"),
            "trusting",
        ),
        (
            "azp-trusted",
            "Issued to one who is trusted",
            {"aud": [CLIENT, "urn:api"], "azp": "urn:api"},
            Err("claim_mismatch", claim="azp"),
            "trusting",
        ),
    )
    for name, comment, over, error, chosen in cases:
        t.validate_id_token(f"aud-{name}", comment, "IDT-1 JOSE-9", token(**over), error, config=chosen, require=SENT)


def times(t: Topic) -> None:
    """exp, nbf, iat and lifetime, as of access tokens."""
    for leeway in (None, 0, 300):
        over = {} if leeway is None else {"leeway_seconds": leeway}
        name = "default" if leeway is None else str(leeway)
        t.config(f"leeway-{name}", config(**over))
        grace = 30 if leeway is None else leeway
        for case, at, over_claims, error in (
            ("exp-near", EXP + grace - 0.5, {}, None),
            ("exp-reached", EXP + grace, {}, Err("token_expired")),
            ("nbf-reached", NOW, {"nbf": NOW + grace}, None),
            ("nbf-early", NOW, {"nbf": NOW + grace + 1}, Err("token_not_yet_valid")),
            ("iat-reached", IAT - grace, {}, None),
            ("iat-future", IAT - grace - 0.5, {}, Err("token_issued_in_future")),
        ):
            t.validate_id_token(
                f"leeway-{name}-{case}",
                f"Leeway {grace} s: {case}",
                "IDT-1 AT-VAL-6",
                token(**over_claims),
                error,
                config=f"leeway-{name}",
                at=at,
                require=SENT,
                flags="boundary",
            )
    for name, seconds, error in (("reached", 3600, None), ("exceeded", 3599, Err("lifetime_exceeded"))):
        t.config(f"lifetime-{name}", config(max_lifetime_seconds=seconds))
        t.validate_id_token(
            f"lifetime-{name}",
            f"A life of 3600 s where {seconds} s are allowed",
            "IDT-1",
            token(),
            error,
            config=f"lifetime-{name}",
            require=SENT,
            flags="boundary",
        )


def configurations(t: Topic) -> None:
    """What is no configuration of a client."""
    without = {name: value for name, value in config().items() if name != "client_id"}
    cases: dict[str, Any] = {
        "no-issuer": {name: value for name, value in config().items() if name != "issuer"},
        "no-client": without,
        "issuer-empty": config(issuer=""),
        "client-empty": config(client_id=""),
        "client-list": config(client_id=[CLIENT]),
        "unknown": config(audience=CLIENT),
        "profiles": config(profiles=["rfc9068"]),
        "leeway-301": config(leeway_seconds=301),
        "leeway-negative": config(leeway_seconds=-1),
        "lifetime-0": config(max_lifetime_seconds=0),
        "bytes-0": config(max_token_bytes=0),
        "bytes-65537": config(max_token_bytes=65537),
        "algorithms-empty": config(algorithms=[]),
        "algorithms-none": config(algorithms=["none"]),
        "trusted-empty": config(trusted_audiences=[""]),
        "trusted-text": config(trusted_audiences="urn:api"),
        "thumbprints-empty": config(key_thumbprints=[]),
        "thumbprints-wrong": config(key_thumbprints=["x"]),
        "keys-unusable": config(jwks={"keys": [{"kty": "EC"}]}),
        "keys-none": config(jwks={}),
        "keys-twice": config(jwks_uri="https://as.example/jwks"),
        "keys-and-discovery": config(discovery="openid"),
        "nonce-text": config(danger_any_nonce="true"),
        "array": [config()],
    }
    for name, value in cases.items():
        t.config(f"config-{name}", value)
        t.validate_id_token(
            f"config-{name}",
            f"Configuration: {name}",
            "IDT-1",
            token(),
            Err("config_invalid", claim=OPEN, authenticated=False),
            config=f"config-{name}",
            require=SENT,
            flags="config",
        )
