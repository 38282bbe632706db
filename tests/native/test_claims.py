"""T233, T62: what a validator tells of a token is what was signed, read by somebody else."""

from __future__ import annotations

import base64
import json
from decimal import Decimal
from typing import Any

import at9068

from .corpus import ask, cases, token_of

CLIENT = {"rfc9068": "client_id", "auth0": "azp"}


def read(text: str | bytes) -> Any:
    """Python's own reader, with exact numbers; a member twice is a fault."""

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        assert len({name for name, _ in pairs}) == len(pairs), "a member stands twice"
        return dict(pairs)

    return json.loads(text, parse_int=Decimal, parse_float=Decimal, object_pairs_hook=once)


def signed(token: str | bytes) -> tuple[bytes, bytes]:
    """Header and claims of a compact token, by Python's own base64."""
    first, second, _ = (token if isinstance(token, str) else token.decode("ascii")).split(".")
    return tuple(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)) for text in (first, second))  # type: ignore[return-value]


def test_claims_are_those_that_were_signed() -> None:
    """To the octet as text, and claim by claim as values."""
    seen = 0
    for case in cases():
        if not case.expect["ok"] or case.op not in ("validate", "mint"):
            continue
        made = ask(case)
        header, claims = signed(made.token if case.op == "mint" else token_of(case))
        assert (made.header_json.encode(), made.claims_json.encode()) == (header, claims), case.id
        assert made.claims == json.loads(claims), case.id
        assert made.header == json.loads(header), case.id
        if case.op == "validate":
            same_values(made, read(claims), case.id)
        seen += 1
    assert seen > 400


def same_values(token: at9068.AccessToken, claims: dict[str, Any], name: str) -> None:
    """Each accessor against the independent reading, and the text of each single claim."""
    for claim, value in claims.items():
        text = token.claim_json(claim)
        assert text is not None and read(text) == value, f"{name}: {claim}"
    assert token.claim_json("no such claim") is None
    if token.profile not in CLIENT:
        return  # a vendor's profile has names of its own; its vectors say which
    client = claims[CLIENT[token.profile]]
    assert (token.iss, token.sub, token.client_id) == (claims["iss"], claims["sub"], client), name
    audience = claims["aud"]
    assert list(token.aud) == ([audience] if isinstance(audience, str) else audience), name
    for claim in ("exp", "iat", "nbf", "auth_time"):
        told, value = getattr(token, claim), claims.get(claim)
        assert told == (None if value is None else value // 1), f"{name}: {claim}"
    for claim in ("jti", "scope", "acr", "org_id", "org_name"):
        assert getattr(token, claim) == claims.get(claim), f"{name}: {claim}"
    assert token.scopes == frozenset((claims.get("scope") or "").split()), name
