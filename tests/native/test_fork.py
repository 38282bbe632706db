"""T215, T118, T214: children of one process mint no identifier and no ECDSA nonce twice, and can go on at all."""

from __future__ import annotations

import base64
import os
import signal
import sys
from collections.abc import Callable, Iterator

import at9068

CHILDREN = 64
EACH = 1600
"""Together more than 100,000 signatures by one key."""
MILLION = 1_000_000
PATIENCE_SECONDS = 300
"""After this a child ends, whatever it does."""
API = "https://api.example/"
SECRET = '{"kty":"oct","k":"DQjmc0DD_7S32VhlcjxItGRq8ZCBk-NQfLz6GYWbh4Q","alg":"HS256"}'
"""TEST ONLY, and quick."""


def minter_of(key: at9068.SigningKey) -> at9068.Minter:
    """A minter of tokens for one API."""
    return at9068.Minter(issuer="https://as.example/", keys=key, apis=[{"audience": API, "dialect": "rfc9068_profile"}])


def minted(minter: at9068.Minter) -> bytes:
    """The identifier of a fresh token, and r of its signature."""
    made = minter.mint(grant_type="client_credentials", client_id="cron", resource=[API], now=1_700_000_000)
    signature = base64.urlsafe_b64decode(made.token.rsplit(".", 1)[1] + "==")
    assert len(signature) == 64
    return f"{made.claims['jti']} {signature[:32].hex()}\n".encode()


def identifiers(minter: at9068.Minter, count: int) -> Iterator[bytes]:
    """Of so many fresh tokens, each the last claim."""
    request = f'{{"grant_type":"client_credentials","client_id":"cron","resource":["{API}"]}}'
    for _ in range(count):
        _, identifier = minter.mint_json(request, now=1_700_000_000).claims_json.split('"jti":"')
        yield identifier.removesuffix('"}').encode() + b"\n"


def of_children(work: Callable[[], list[bytes]], meanwhile: Callable[[], list[bytes]]) -> list[bytes]:
    """What 64 children and their parent make of it, all at once."""
    children = []
    for _ in range(CHILDREN):
        told, tell = os.pipe()
        child = os.fork()
        if child == 0:
            status = 1
            try:
                signal.alarm(PATIENCE_SECONDS)
                os.close(told)
                lines = work()
                # Written at the end, so that all children are at work at once.
                with os.fdopen(tell, "wb") as stream:
                    stream.write(b"".join(lines))
                status = 0
            finally:
                # Nothing of the test runner's may run in a child.
                sys.stdout.flush()
                os._exit(status)
        os.close(tell)
        children.append((child, told))
    lines = []
    try:
        lines += meanwhile()
        while children:
            child, told = children[0]
            with os.fdopen(told, "rb") as stream:
                lines += stream.readlines()
            assert os.waitpid(child, 0) == (child, 0)
            children.pop(0)
    finally:
        for child, _ in children:
            os.kill(child, signal.SIGKILL)
    return lines


def test_children_mint_nothing_twice() -> None:
    """The minter was used before the fork, so whatever state it has is there in every child."""
    key = at9068.SigningKey.generate("ES256")
    minter = minter_of(key)
    validator = at9068.Validator(issuer="https://as.example/", audience=API, jwks=key.key_set())
    before = [minted(minter) for _ in range(100)]

    def work() -> list[bytes]:
        made = minter.mint(grant_type="client_credentials", client_id="cron", resource=[API], now=1_700_000_000)
        assert validator.validate(made.token, now=1_700_000_001).client_id == "cron"
        return [minted(minter) for _ in range(EACH)]

    lines = before + of_children(work, lambda: [minted(minter) for _ in range(100)])
    assert len(lines) == CHILDREN * EACH + 200
    made, nonces = zip(*(line.split() for line in lines), strict=True)
    assert len(set(made)) == len(lines)
    assert len(set(nonces)) == len(lines)
    assert all(len(identifier) >= 22 for identifier in made), "128 bits in base64url"


def test_no_identifier_of_a_million_comes_twice() -> None:
    """Those of 64 children and their parent, from before and after the fork."""
    minter = minter_of(at9068.SigningKey.from_jwk(SECRET))
    each = MILLION // CHILDREN
    before = list(identifiers(minter, each))
    lines = before + of_children(lambda: list(identifiers(minter, each)), lambda: list(identifiers(minter, each)))
    assert len(lines) == MILLION + 2 * each
    assert len(set(lines)) == len(lines)
    assert {len(line) for line in lines} == {23}, "128 bits in base64url, and the end of the line"
