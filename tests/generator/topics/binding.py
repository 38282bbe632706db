"""Sender-constrained tokens: cnf, the client certificate, and DPoP as far as it is judged."""

from __future__ import annotations

from typing import Any

from ..build import Topic, claims, header, token
from ..common import topic
from ..encoding import b64u
from ..expect import Err
from ..jose import Token
from ..keys import public_jwk, thumbprint

CERTIFICATE = b64u(bytes(range(32)))
OTHER_CERTIFICATE = b64u(bytes(range(1, 33)))
JKT = thumbprint(public_jwk("p256-b"))
PROOF = "eyJ0eXAiOiJkcG9wK2p3dCJ9.e30.AAAA"
WITH = {"client_certificate_sha256": CERTIFICATE}
MISSING = Err("binding_missing")
UNSUPPORTED = Err("binding_unsupported")


def build() -> list[Topic]:
    """The files of this topic."""
    t = topic("binding", "A token with cnf needs its proof; a token without cnf needs none.")
    certificates(t)
    malformed(t)
    dpop(t)
    arguments(t)
    return [t]


def bound(cnf: Any, profile: str = "rfc9068") -> Token:
    """A token with this cnf."""
    return token(header(profile), claims(profile, cnf=cnf))


def certificates(t: Topic) -> None:
    """x5t#S256."""
    x5t = {"x5t#S256": CERTIFICATE}
    t.validate("x5t-match", "The caller's certificate is the token's", "CNF-1", bound(x5t), request=WITH)
    t.validate(
        "x5t-match-extra-member",
        "A member that is not understood beside one that is",
        "CNF-1 T191",
        bound(x5t | {"foo": 1, "jku": "https://x.example/"}),
        request=WITH,
    )
    t.validate(
        "x5t-match-auth0",
        "The same under auth0",
        "CNF-1 PRO-5",
        bound(x5t, "auth0"),
        "auth0",
        config="auth0",
        request=WITH,
    )
    t.validate("x5t-none-given", "No request at all", "CNF-1 T190", bound(x5t), MISSING)
    t.validate(
        "x5t-no-certificate",
        "A request without certificate",
        "CNF-1 T190",
        bound(x5t),
        MISSING,
        request={"method": "GET", "url": "https://api.example/x"},
    )
    t.validate(
        "x5t-no-certificate-auth0", "auth0: no certificate", "CNF-1 T190", bound(x5t, "auth0"), MISSING, config="auth0"
    )
    t.validate(
        "x5t-other",
        "Another certificate",
        "CNF-1 T201",
        bound(x5t),
        Err("binding_mismatch"),
        request={"client_certificate_sha256": OTHER_CERTIFICATE},
    )
    t.validate(
        "x5t-case",
        "The digest in another letter case",
        "CNF-1 T201",
        bound({"x5t#S256": CERTIFICATE[0].swapcase() + CERTIFICATE[1:]}),
        Err("binding_mismatch"),
        request=WITH,
    )
    t.validate("unbound-with-certificate", "A certificate beside an unbound token", "CNF-1", token(), request=WITH)
    t.validate(
        "x5t-empty-require",
        "Refused even where the endpoint asks for nothing",
        "CNF-1 T190",
        bound(x5t),
        MISSING,
        require={},
    )


def malformed(t: Topic) -> None:
    """cnf itself."""
    forms: dict[str, Any] = {
        "null": None,
        "string": CERTIFICATE,
        "array": [{"x5t#S256": CERTIFICATE}],
        "number": 1,
        "empty": {},
        "x5t-number": {"x5t#S256": 1},
        "x5t-null": {"x5t#S256": None},
        "x5t-array": {"x5t#S256": [CERTIFICATE]},
        "jkt-number": {"jkt": 1},
        "jkt-null": {"jkt": None},
        "jkt-object": {"jkt": {}},
    }
    for name, value in forms.items():
        t.validate(
            f"malformed-{name}",
            f"cnf malformed: {name}",
            "CNF-1 T191",
            bound(value),
            Err("claim_malformed", claim="cnf"),
            request=WITH,
        )
    t.validate(
        "malformed-auth0",
        "auth0: cnf malformed",
        "CNF-1 T191",
        bound({}, "auth0"),
        Err("claim_malformed", claim="cnf"),
        config="auth0",
    )
    for name, value in {
        "jwk": {"jwk": public_jwk("p256-b")},
        "kid": {"kid": "k"},
        "unknown": {"x5t": CERTIFICATE},
    }.items():
        t.validate(
            f"not-understood-{name}",
            f"Nothing in cnf is understood: {name}",
            "CNF-1 T191",
            bound(value),
            UNSUPPORTED,
            request=WITH,
        )


def arguments(t: Topic) -> None:
    """What the caller says of the connection, and is not so."""
    for name, given in (
        ("short", "A" * 42),
        ("padded", "A" * 43 + "="),
        ("unused-bits", "A" * 42 + "B"),
        ("empty", ""),
    ):
        t.validate(
            f"certificate-{name}",
            "A certificate's digest that is not base64url of 32 octets",
            "CNF-1",
            token(),
            Err("argument_invalid"),
            request={"client_certificate_sha256": given},
            flags="config",
        )
    t.validate(
        "proofs-none",
        "An empty list of proofs is none",
        "CNF-2",
        token(),
        Err("dpop_proof_missing", open=frozenset({"challenge"})),
        request={"scheme": "DPoP", "dpop": []},
    )


def dpop(t: Topic) -> None:
    """jkt: refused one way or another until proofs are judged."""
    jkt, both = {"jkt": JKT}, {"jkt": JKT, "x5t#S256": CERTIFICATE}
    get = {"method": "GET", "url": "https://api.example/patients"}
    proof_missing = Err("dpop_proof_missing", open=frozenset({"challenge"}))
    t.validate("jkt-as-bearer", "A DPoP-bound token sent as Bearer without a proof", "CNF-2 T190", bound(jkt), MISSING)
    t.validate(
        "jkt-as-bearer-stated",
        "The same, the scheme stated",
        "CNF-2 T190",
        bound(jkt),
        MISSING,
        request={"scheme": "Bearer", **get},
    )
    t.validate("jkt-as-bearer-auth0", "auth0: the same", "CNF-2 T190", bound(jkt, "auth0"), MISSING, config="auth0")
    t.validate(
        "jkt-as-bearer-with-proof",
        "A DPoP-bound token sent as Bearer with a proof",
        "CNF-2 T200",
        bound(jkt),
        Err("scheme_mismatch"),
        request={"scheme": "Bearer", "dpop": PROOF, **get},
    )
    t.validate(
        "jkt-as-dpop-no-proof",
        "The DPoP scheme without a proof",
        "CNF-2",
        bound(jkt),
        proof_missing,
        request={"scheme": "DPoP", **get},
    )
    t.validate(
        "jkt-as-dpop-with-proof",
        "Scheme, proof and binding: proofs are not judged yet, so nothing is accepted",
        "CNF-2",
        bound(jkt),
        UNSUPPORTED,
        request={"scheme": "DPoP", "dpop": PROOF, **get},
        flags="policy",
    )
    t.validate(
        "unbound-as-dpop",
        "The DPoP scheme with a proof and an unbound token",
        "CNF-2 T200",
        token(),
        Err("scheme_mismatch"),
        request={"scheme": "DPoP", "dpop": PROOF, **get},
    )
    t.validate(
        "unbound-with-proof",
        "A stray proof beside an unbound Bearer token is ignored",
        "CNF-2 T200",
        token(),
        request={"scheme": "Bearer", "dpop": PROOF, **get},
    )
    t.validate(
        "both-no-proof",
        "jkt and x5t#S256 must both hold: certificate right, no proof",
        "CNF-1 CNF-2 T202",
        bound(both),
        MISSING,
        request=WITH,
    )
    t.validate("both-nothing", "jkt and x5t#S256, neither given", "CNF-1 CNF-2 T202", bound(both), MISSING)
