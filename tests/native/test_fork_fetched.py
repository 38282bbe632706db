"""T214: children of a process that fetches keys go on, whatever its threads did when they were made."""

from __future__ import annotations

import os
import signal
import threading
import time
import warnings

import at9068

CHILDREN = 1000
API = "https://api.example/"
ISSUER = "https://as.example/"


def test_children_validate_whenever_they_are_made() -> None:
    """A refresh is under way at nearly every fork: it fetches, tells events and asks the clock in Python."""
    key = at9068.SigningKey.generate("ES256")
    keys = key.key_set().to_json().encode()
    told: list[object] = []

    def fetch(_: at9068.FetchRequest) -> at9068.FetchResponse:
        time.sleep(0.0005)
        return at9068.FetchResponse(200, (), keys)

    cache = at9068.IssuerCache(fetch=fetch, events=told.append, clock=time.time)
    validator = at9068.Validator(issuer=ISSUER, audience=API, jwks_uri=ISSUER + "jwks", issuer_cache=cache)
    cold = at9068.Validator(issuer=ISSUER, audience=API, jwks_uri=ISSUER + "keys", issuer_cache=cache)
    minter = at9068.Minter(issuer=ISSUER, keys=key, apis=[{"audience": API, "dialect": "rfc9068_profile"}])
    token = minter.mint(grant_type="client_credentials", client_id="cron", resource=[API]).token
    done = threading.Event()

    def refresh() -> None:
        while not done.is_set():
            validator.refresh()

    validator.prefetch()
    refreshing = [threading.Thread(target=refresh) for _ in range(2)]
    for thread in refreshing:
        thread.start()
    statuses = []
    try:
        for number in range(CHILDREN):
            child = forked(validator, cold, token, fetches=number % 4 == 0)
            statuses.append(os.waitpid(child, 0)[1])
    finally:
        done.set()
        for thread in refreshing:
            thread.join()
    assert statuses == [0] * CHILDREN
    assert len(told) > CHILDREN / 10
    assert validator.validate(token).client_id == "cron"


def forked(validator: at9068.Validator, cold: at9068.Validator, token: str, *, fetches: bool) -> int:
    """A child that validates with the keys at hand, and in turn with keys that it has to fetch."""
    with warnings.catch_warnings():
        # Python warns of forks with threads: this is what is tested.
        warnings.simplefilter("ignore")
        child = os.fork()
    if child == 0:
        status = 1
        try:
            signal.alarm(20)
            asked = [validator, cold] if fetches else [validator]
            status = 0 if {one.validate(token).client_id for one in asked} == {"cron"} else 2
        finally:
            # Nothing of the test runner's may run in a child.
            os._exit(status)
    return child
