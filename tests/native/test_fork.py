"""T215, T118, T214: children of one process mint no identifier and no ECDSA nonce twice, and can go on at all."""

from __future__ import annotations

import base64
import os
import sys

import at9068

CHILDREN = 64
EACH = 1600
"""Together more than 100,000 signatures by one key."""
API = "https://api.example/"


def minted(minter: at9068.Minter) -> bytes:
    """The identifier of a fresh token, and r of its signature."""
    made = minter.mint(grant_type="client_credentials", client_id="cron", resource=[API], now=1_700_000_000)
    signature = base64.urlsafe_b64decode(made.token.rsplit(".", 1)[1] + "==")
    assert len(signature) == 64
    return f"{made.claims['jti']} {signature[:32].hex()}\n".encode()


def test_children_mint_nothing_twice() -> None:
    """The minter was used before the fork, so whatever state it has is there in every child."""
    key = at9068.SigningKey.generate("ES256")
    minter = at9068.Minter(
        issuer="https://as.example/", keys=key, apis=[{"audience": API, "dialect": "rfc9068_profile"}]
    )
    validator = at9068.Validator(issuer="https://as.example/", audience=API, jwks=key.key_set())
    lines = [minted(minter) for _ in range(100)]
    children = []
    for _ in range(CHILDREN):
        told, tell = os.pipe()
        child = os.fork()
        if child == 0:
            status = 1
            try:
                os.close(told)
                work(minter, validator, tell)
                status = 0
            finally:
                # Nothing of the test runner's may run in a child.
                sys.stdout.flush()
                os._exit(status)
        os.close(tell)
        children.append((child, told))
    lines += [minted(minter) for _ in range(100)]
    for child, told in children:
        with os.fdopen(told, "rb") as stream:
            lines += stream.readlines()
        assert os.waitpid(child, 0) == (child, 0)
    assert len(lines) == CHILDREN * EACH + 200
    identifiers, nonces = zip(*(line.split() for line in lines), strict=True)
    assert len(set(identifiers)) == len(lines)
    assert len(set(nonces)) == len(lines)
    assert all(len(identifier) >= 22 for identifier in identifiers), "128 bits in base64url"


def work(minter: at9068.Minter, validator: at9068.Validator, tell: int) -> None:
    """What a child does: validate once with the parent's validator, then mint."""
    made = minter.mint(grant_type="client_credentials", client_id="cron", resource=[API], now=1_700_000_000)
    assert validator.validate(made.token, now=1_700_000_001).client_id == "cron"
    lines = [minted(minter) for _ in range(EACH)]
    # Written at the end, so that all children are at work at once.
    with os.fdopen(tell, "wb") as stream:
        stream.write(b"".join(lines))
