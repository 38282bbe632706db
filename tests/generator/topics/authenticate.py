"""The credential taken out of the HTTP request by the core itself."""

from __future__ import annotations

from typing import Any

from ..build import EXP, Topic, claims, token
from ..common import config, topic
from ..expect import Err
from .binding import CERTIFICATE, JKT, PROOF

MISSING = Err("credentials_missing")
MALFORMED = Err("credentials_malformed")
URL = "https://api.example/patients"


def request(*headers: tuple[str, str], url: str = URL, **more: Any) -> dict[str, Any]:
    """A GET request with these headers."""
    return {"headers": [list(header) for header in headers], "method": "GET", "url": url, **more}


def build() -> list[Topic]:
    """The files of this topic."""
    t = topic("authenticate", "RS-1: the credentials of a request, and what a server answers.")
    t.config("realm", config(realm="api", resource_metadata="https://api.example/.well-known/oauth-protected-resource"))
    good = token()
    text = good.compact
    for name, header in {
        "plain": ("Authorization", f"Bearer {text}"),
        "scheme-lower": ("Authorization", f"bearer {text}"),
        "scheme-upper": ("Authorization", f"BEARER {text}"),
        "header-lower": ("authorization", f"Bearer {text}"),
        "header-upper": ("AUTHORIZATION", f"Bearer {text}"),
    }.items():
        t.authenticate(f"good-{name}", f"A good credential: {name}", "RS-1 T200", request(header), good)
    t.authenticate(
        "good-among-others",
        "Other headers around it",
        "RS-1",
        request(("Host", "api.example"), ("Authorization", f"Bearer {text}"), ("X-Token", "x"), ("Accept", "*/*")),
        good,
    )
    t.authenticate(
        "good-query",
        "A query without access_token",
        "RS-1",
        request(("Authorization", f"Bearer {text}"), url=f"{URL}?page=2"),
        good,
    )
    missing(t, text)
    malformed(t, text)
    failing(t)
    bound(t)
    return [t]


def missing(t: Topic, text: str) -> None:
    """Nothing sent, or another scheme: a bare challenge."""
    for name, asked in {
        "no-headers": request(),
        "other-headers": request(("Host", "api.example"), ("Cookie", f"access_token={text}")),
        "basic": request(("Authorization", "Basic dXNlcjpwYXNz")),
        "digest": request(("Authorization", 'Digest username="x"')),
        "prefixed-scheme": request(("Authorization", f"Bearerx {text}")),
        "x-header": request(("X-Authorization", f"Bearer {text}")),
        "proxy-header": request(("Proxy-Authorization", f"Bearer {text}")),
        "query-only": request(url=f"{URL}?access_token={text}"),
    }.items():
        t.authenticate(f"missing-{name}", f"No credential of ours: {name}", "RS-1", asked, MISSING)
        if name in ("no-headers", "basic"):
            t.authenticate(
                f"missing-{name}-realm",
                f"The bare challenge with realm and metadata: {name}",
                "RS-1 RS-2",
                asked,
                MISSING,
                config="realm",
            )
    t.authenticate(
        "missing-with-demands",
        "The bare challenge lists the demands",
        "RS-1 STEP-1",
        request(),
        MISSING,
        config="realm",
        require={"scopes": ["a", "b"], "acr_values": ["gold"], "max_age": 60, "roles": ["r"]},
    )


def malformed(t: Topic, text: str) -> None:
    """Bad syntax, or more than one credential."""
    for name, asked in {
        "no-token": request(("Authorization", "Bearer")),
        "only-space": request(("Authorization", "Bearer ")),
        "two-tokens": request(("Authorization", f"Bearer {text} {text}")),
        "two-headers": request(("Authorization", f"Bearer {text}"), ("Authorization", f"Bearer {text}")),
        "two-headers-case": request(("Authorization", f"Bearer {text}"), ("authorization", f"Bearer {text}")),
        "bearer-and-basic": request(("Authorization", f"Bearer {text}"), ("Authorization", "Basic dXNlcjpwYXNz")),
        "comma-joined": request(("Authorization", f"Bearer {text}, Bearer {text}")),
        "scheme-of-no-token": request(("Authorization", f"Bea(rer {text}")),
        "scheme-with-colon": request(("Authorization", f"Bearer: {text}")),
        "quoted": request(("Authorization", f'Bearer "{text}"')),
        "parameter": request(("Authorization", f'Bearer token="{text}"')),
        "query-beside": request(("Authorization", f"Bearer {text}"), url=f"{URL}?access_token={text}"),
        "query-escaped": request(("Authorization", f"Bearer {text}"), url=f"{URL}?access%5Ftoken={text}"),
        "query-beside-second": request(("Authorization", f"Bearer {text}"), url=f"{URL}?a=1&access_token=x"),
    }.items():
        t.authenticate(f"malformed-{name}", f"Malformed or double: {name}", "RS-1 T200", asked, MALFORMED)
    t.authenticate(
        "malformed-realm",
        "With realm, metadata and demands",
        "RS-1 RS-2",
        request(("Authorization", "Bearer")),
        MALFORMED,
        config="realm",
        require={"scopes": ["a"]},
    )


def failing(t: Topic) -> None:
    """A well-formed credential whose token fails."""
    t.authenticate(
        "not-a-jwt",
        "A credential that is no JWT",
        "RS-1 AT-VAL-7",
        request(("Authorization", "Bearer abc")),
        Err("token_malformed"),
    )
    t.authenticate(
        "expired",
        "An expired token",
        "RS-1 AT-VAL-7",
        request(("Authorization", f"Bearer {token().compact}")),
        Err("token_expired"),
        config="realm",
        at=EXP + 30,
    )
    t.authenticate(
        "forged",
        "A forged token",
        "RS-1 AT-VAL-7",
        request(("Authorization", f"Bearer {token(key='p256-b').compact}")),
        Err("signature_invalid"),
        flags="forgery",
    )
    t.authenticate(
        "scope",
        "A scope is lacking",
        "RS-1",
        request(("Authorization", f"Bearer {token().compact}")),
        Err("scope_insufficient"),
        config="realm",
        require={"scopes": ["admin", "read:patients"]},
    )
    hostile = token(body=claims(iss='https://evil.example/"\r\nSet-Cookie: a=b', scope="x"))
    t.authenticate(
        "hostile-issuer",
        "Quotes and line breaks in a claim reach no header",
        "RS-1",
        request(("Authorization", f"Bearer {hostile.compact}")),
        Err("issuer_unknown"),
        flags="forgery",
    )


def bound(t: Topic) -> None:
    """Bound tokens through authenticate."""
    x5t = token(body=claims(cnf={"x5t#S256": CERTIFICATE}))
    jkt = token(body=claims(cnf={"jkt": JKT}))
    t.authenticate(
        "x5t-match",
        "The connection's certificate is the token's",
        "RS-1 CNF-1",
        request(("Authorization", f"Bearer {x5t.compact}"), client_certificate_sha256=CERTIFICATE),
        x5t,
    )
    t.authenticate(
        "x5t-no-certificate",
        "No certificate",
        "RS-1 CNF-1 T190",
        request(("Authorization", f"Bearer {x5t.compact}")),
        Err("binding_missing"),
    )
    t.authenticate(
        "x5t-header-spoofed",
        "A header that looks like a certificate is none",
        "RS-1 CNF-1 T201",
        request(
            ("Authorization", f"Bearer {x5t.compact}"),
            ("X-Client-Cert", CERTIFICATE),
            ("Client-Cert", f":{CERTIFICATE}:"),
        ),
        Err("binding_missing"),
        flags="forgery",
    )
    t.authenticate(
        "jkt-as-bearer",
        "A DPoP-bound token as Bearer",
        "RS-1 CNF-2 T190",
        request(("Authorization", f"Bearer {jkt.compact}")),
        Err("binding_missing"),
    )
    t.authenticate(
        "jkt-as-bearer-with-proof",
        "A DPoP-bound token as Bearer beside a proof",
        "RS-1 CNF-2 T200",
        request(("Authorization", f"Bearer {jkt.compact}"), ("DPoP", PROOF)),
        Err("scheme_mismatch"),
    )
    t.authenticate(
        "jkt-as-dpop",
        "The DPoP scheme with a proof: not judged yet",
        "RS-1 CNF-2",
        request(("Authorization", f"DPoP {jkt.compact}"), ("DPoP", PROOF)),
        Err("binding_unsupported"),
        flags="policy",
    )
    t.authenticate(
        "jkt-as-dpop-no-proof",
        "The DPoP scheme without a proof",
        "RS-1 CNF-2",
        request(("Authorization", f"DPoP {jkt.compact}")),
        Err("dpop_proof_missing", open=frozenset({"challenge"})),
    )
    plain = token()
    t.authenticate(
        "stray-proof",
        "A stray proof beside an unbound Bearer token",
        "RS-1 CNF-2 T200",
        request(("Authorization", f"Bearer {plain.compact}"), ("DPoP", PROOF)),
        plain,
    )
