"""Client assertions are used once (RFC 7523 §3)."""

from __future__ import annotations

from ..build import DROP, NOW, OTHER_ISSUER, Topic
from ..common import jwks
from ..expect import Err
from ..keys import public_jwk
from .client_assertion_keys import CONFIDENTIAL, NEIGHBOUR, confidential, shared
from .client_assertions import assertion, client, header, server

RULES = "ASSERT-1 T203"
REPLAYED = Err("token_replayed")


def build() -> list[Topic]:
    """The file of this topic."""
    t = Topic("client_assertion_replay", "Assertions that were sent before, to the same server.")
    neighbour = client(NEIGHBOUR, jwks=jwks(public_jwk("p256-b", kid="neighbour", alg="ES256")))
    t.config("base", server(client(), neighbour, confidential()))
    again(t)
    first(t)
    return [t]


def again(t: Topic) -> None:
    """What was used."""
    good = assertion()
    for name, before, made in (
        ("same", [good], good),
        ("thrice", [good, good], good),
        ("later-exp", [good], assertion(exp=NOW + 61)),
        ("earlier-exp", [assertion(exp=NOW + 61)], good),
        ("untyped", [good], assertion(header(typ=DROP))),
        ("other-between", [good, assertion(jti="assertion-2")], good),
        ("secret", [shared()], shared("HS512")),
    ):
        t.validate_client_assertion(
            f"again-{name}", f"Used before: {name}", RULES, made, REPLAYED, before=[one.compact for one in before]
        )
    for name, made, at, error in (
        ("expired", good, NOW + 90, Err("token_expired")),
        ("audience", assertion(aud=OTHER_ISSUER), NOW, Err("audience_mismatch")),
        ("signature", assertion(key="p256-b"), NOW, Err("signature_invalid")),
    ):
        t.validate_client_assertion(
            f"again-{name}",
            f"Used before, and worse: {name}",
            RULES,
            made,
            error,
            at=at,
            before=[good.compact],
            flags="order",
        )


def first(t: Topic) -> None:
    """What was not used, whatever was."""
    good = assertion()
    own = {"iss": NEIGHBOUR, "sub": NEIGHBOUR}
    for name, before in (
        ("other-jti", assertion(jti="assertion-2").compact),
        ("jti-case", assertion(jti="ASSERTION-1").compact),
        ("jti-space", assertion(jti="assertion-1 ").compact),
        ("other-client", assertion(header(kid="neighbour"), key="p256-b", **own).compact),
        ("other-method", shared().compact),
        ("wrong-audience", assertion(aud=OTHER_ISSUER).compact),
        ("forged", assertion(key="p256-b").compact),
        ("expired", assertion(exp=NOW - 30).compact),
        ("no-token", "x"),
    ):
        t.validate_client_assertion(f"first-{name}", f"Not used before: {name}", RULES, good, before=[before])
    t.validate_client_assertion(
        "first-of-neighbour",
        "Identifiers belong to the client that makes them",
        RULES,
        shared(),
        "client_secret_jwt",
        before=[good.compact],
    )
    t.validate_client_assertion(
        "first-client-id",
        "An assertion that is refused for what was sent beside it was not used",
        RULES,
        good,
        Err("claim_mismatch", claim="iss"),
        require={"client_id": CONFIDENTIAL},
        before=[good.compact],
    )
