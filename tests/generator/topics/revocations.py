"""Tokens that were taken back, known without asking anybody."""

from __future__ import annotations

from typing import Any

from ..build import DROP, EXP, IAT, ISSUER, OTHER_ISSUER, USER, Topic, claims, header, token
from ..common import topic
from ..expect import Err
from ..jose import Token, make
from .vendors import BODIES, HEADERS, validator

LATER = 4_102_444_800
RULES = "REVOKE-1 T93"


def entry(**over: Any) -> dict[str, Any]:
    """The entry of the usual token, or another."""
    base = {"issuer": ISSUER, "jti": "jti-1", "until": LATER} | over
    return {name: value for name, value in base.items() if value is not DROP}


def earlier(**who: Any) -> dict[str, Any]:
    """Everything of somebody that was issued before a second after the usual token."""
    return entry(jti=DROP, issued_before=IAT + 1) | who


def revoked(claim: str) -> Err:
    """The refusal, with the claim that led to it."""
    return Err("token_revoked", claim=claim)


def build() -> list[Topic]:
    """The files of this topic."""
    t = topic("revocations", "Tokens on a list of revocations that the validator is given.")
    t.config("okta", validator("okta"))
    single(t)
    several(t)
    clients(t)
    order(t)
    faults(t)
    return [t]


def single(t: Topic) -> None:
    """One token by its identifier."""
    t.validate("jti", "This token was revoked", RULES, token(), revoked("jti"), revocations=[entry()])
    for name, comment, listed in (
        ("jti-other", "Another token was revoked", entry(jti="jti-2")),
        ("jti-case", "Identifiers are compared to the letter", entry(jti="JTI-1")),
        ("jti-issuer", "A token of this identifier was revoked by another issuer", entry(issuer=OTHER_ISSUER)),
        ("jti-slash", "Issuers are compared to the letter", entry(issuer=ISSUER.rstrip("/"))),
        ("jti-as-sub", "A subject of this name was revoked, not the token", earlier(sub="jti-1")),
    ):
        t.validate(name, comment, RULES, token(), revocations=[listed])
    t.validate("empty", "Nothing is on the list", RULES, token(), revocations=[])
    t.validate(
        "jti-second",
        "The second entry is this token",
        RULES,
        token(),
        revoked("jti"),
        revocations=[entry(jti="jti-2"), entry()],
    )
    without = token(header("auth0"), claims("auth0"))
    t.validate(
        "no-jti",
        "A token without identifier is not revoked singly",
        RULES,
        without,
        "auth0",
        config="auth0",
        revocations=[entry()],
    )


def several(t: Topic) -> None:
    """Everything of a subject, client or session that was issued before an instant."""
    body = claims(sid="session-1")
    for name, who in (("sub", {"sub": USER}), ("client_id", {"client_id": "client-7"}), ("sid", {"sid": "session-1"})):
        made = token(body=body)
        t.validate(name, f"Revoked by {name}, issued before", RULES, made, revoked(name), revocations=[earlier(**who)])
        at = earlier(issued_before=IAT, **who)
        t.validate(
            f"{name}-since",
            f"Revoked by {name}, issued at that second",
            RULES,
            made,
            flags="valid boundary",
            revocations=[at],
        )
        later = [earlier(issued_before=IAT, **who), earlier(**who)]
        t.validate(
            f"{name}-later", "Of two entries the later instant counts", RULES, made, revoked(name), revocations=later
        )
        t.validate(
            f"{name}-later-first", "In whatever order they came", RULES, made, revoked(name), revocations=later[::-1]
        )
    fraction = token(body=claims(iat=IAT + 0.5))
    t.validate(
        "fraction-before",
        "A fraction of a second is still before",
        RULES,
        fraction,
        revoked("sub"),
        revocations=[earlier(sub=USER)],
        flags="boundary",
    )
    t.validate(
        "sid-number",
        "A session that is no string is none",
        RULES,
        token(body=claims(sid=1)),
        revocations=[earlier(sid="1")],
    )
    t.validate("sid-absent", "A token without session", RULES, token(), revocations=[earlier(sid="session-1")])


def clients(t: Topic) -> None:
    """The client is what the profile calls it."""
    by_client = [earlier(client_id="client-7")]
    made = token(header("auth0"), claims("auth0"))
    t.validate(
        "azp", "The client of Auth0's profile", RULES, made, revoked("azp"), config="auth0", revocations=by_client
    )
    extra = token(header("auth0"), claims("auth0", azp="client-8", client_id="client-7"))
    t.validate(
        "azp-only",
        "Only the profile's own claim names the client",
        RULES,
        extra,
        "auth0",
        config="auth0",
        revocations=by_client,
    )
    okta: Token = make(HEADERS["okta"], BODIES["okta"], "ES256", "p256-a")
    named = {"issuer": BODIES["okta"]["iss"], "client_id": BODIES["okta"]["cid"]}
    listed = [{"issuer": named["issuer"], "client_id": named["client_id"], "issued_before": LATER, "until": LATER}]
    t.validate("cid", "The client of Okta's profile", RULES, okta, revoked("cid"), config="okta", revocations=listed)


def order(t: Topic) -> None:
    """After everything that makes a token good, before what an endpoint demands."""
    listed = [entry()]
    t.validate(
        "order-expired",
        "An expired token is expired",
        RULES,
        token(),
        Err("token_expired", claim="exp"),
        at=EXP + 30,
        revocations=listed,
        flags="order",
    )
    bound = token(body=claims(cnf={"x5t#S256": "A" * 43}))
    t.validate(
        "order-bound",
        "Whoever does not hold the token's certificate learns nothing",
        RULES,
        bound,
        Err("binding_missing", claim="cnf"),
        revocations=listed,
        flags="order",
    )
    t.validate(
        "order-scope",
        "Revocation comes before a scope that is missing",
        RULES,
        token(),
        revoked("jti"),
        require={"scopes": ["write:patients"]},
        revocations=listed,
        flags="order",
    )
    forged = token(key="p256-b")
    t.validate(
        "order-forged",
        "A forged token is forged",
        RULES,
        forged,
        Err("signature_invalid"),
        revocations=listed,
        flags="order forgery",
    )


def faults(t: Topic) -> None:
    """Entries that are none."""
    for name, comment, wrong in (
        ("none", "Nobody is named", entry(jti=DROP)),
        ("two", "Two are named", entry(sub=USER)),
        ("jti-instant", "An instant beside a single token", entry(issued_before=IAT)),
        ("no-instant", "No instant beside a subject", entry(jti=DROP, sub=USER)),
        ("no-until", "Without an end", entry(until=DROP)),
        ("no-issuer", "Without an issuer", entry(issuer=DROP)),
        ("empty-issuer", "An empty issuer", entry(issuer="")),
        ("empty-jti", "An empty identifier", entry(jti="")),
        ("negative", "An end before the epoch", entry(until=-1)),
        ("fraction", "An end that is no whole second", entry(until=1.5)),
        ("far", "An end after the year 9999", entry(until=253_402_300_800)),
        ("text", "An end that is a string", entry(until="4102444800")),
        ("unknown", "A member that nobody knows", entry(reason="stolen")),
    ):
        t.validate(
            f"fault-{name}", comment, "REVOKE-1", token(), Err("argument_invalid"), revocations=[wrong], flags="config"
        )
