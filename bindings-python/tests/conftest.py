"""What the tests share: one issuer, one API, one key."""

from __future__ import annotations

import os
import signal
import time
import warnings
from collections.abc import Callable, Iterator

import pytest
from at9068 import KeySet, MintedToken, Minter, SigningKey, Validator
from loopback import Issuer, serving

ISSUER = "https://as.example/"
API = "https://api.example/"
NOW = 1_700_000_000


def forked(holds: Callable[[], bool]) -> int:
    """Make a child that exits with 0 where something holds, and give its identifier."""
    with warnings.catch_warnings():
        # Python warns of forks with threads: this is what is tested.
        warnings.simplefilter("ignore")
        child = os.fork()
    if child == 0:
        status = 1
        try:
            signal.alarm(20)
            status = 0 if holds() else 2
        finally:
            os._exit(status)
    return child


def ended(child: int) -> int:
    """Give what a child ends with; one that has come to a halt, be it in the fork itself, is killed."""
    until = time.monotonic() + 30
    while time.monotonic() < until:
        found, status = os.waitpid(child, os.WNOHANG)
        if found == child:
            return status
        time.sleep(0.001)
    os.kill(child, signal.SIGKILL)
    return os.waitpid(child, 0)[1]


@pytest.fixture(scope="session")
def key() -> SigningKey:
    return SigningKey.generate("ES256")


@pytest.fixture(scope="session")
def keys(key: SigningKey) -> KeySet:
    return key.key_set()


@pytest.fixture(scope="session")
def minter(key: SigningKey) -> Minter:
    return Minter(
        issuer=ISSUER,
        keys=key,
        apis=[{"audience": API, "dialect": "rfc9068_profile_authz", "scopes": ["read:patients", "read:admin"]}],
    )


@pytest.fixture(scope="session")
def validator(keys: KeySet) -> Validator:
    return Validator(issuer=ISSUER, audience=API, jwks=keys)


@pytest.fixture(scope="session")
def minted(minter: Minter) -> MintedToken:
    return minter.mint(
        grant_type="authorization_code",
        client_id="client-7",
        subject="auth0|123456",
        resource=[API],
        scope="read:patients read:admin",
        auth_time=NOW - 60,
        acr="gold",
        amr=["pwd", "otp"],
        permissions=["patients:read"],
        roles=["nurse", {"value": "admin", "primary": True}],
        groups=["ward-3"],
        entitlements=[],
        org_id="org_1",
        org_name="clinic",
        authorization_details=[{"type": "record", "id": 1}],
        act={"sub": "proxy"},
        claims={"name": "Zoë", "nested": {"__proto__": [1, 2.5, None, True]}},
        jti="id-1",
        now=NOW,
    )


@pytest.fixture
def issuer(key: SigningKey) -> Iterator[Issuer]:
    """Serve an issuer that answers over HTTP."""
    with serving(key) as issuer:
        yield issuer
