"""T214: children of a process that fetches keys go on, whatever its threads did when they were made."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import at9068

CHILDREN = 1000
PATIENCE_SECONDS = 30
"""After this a child has come to a halt."""
API = "https://api.example/"
ISSUER = "https://as.example/"


@dataclass
class Refreshing:
    """A process in which a refresh is under way at nearly every moment."""

    validator: at9068.Validator
    """Has the keys that are refreshed."""
    cold: at9068.Validator
    """Has none yet."""
    token: str
    told: list[object]
    during: Callable[[], object]
    """What is done whenever keys are fetched."""

    def validates(self, *validators: at9068.Validator) -> bool:
        """Whether all of them say the same of the token."""
        return {one.validate(self.token).client_id for one in validators} == {"cron"}


@contextmanager
def refreshing() -> Iterator[Refreshing]:
    """Every refresh fetches, tells events and asks the clock in Python."""
    key = at9068.SigningKey.generate("ES256")
    keys = key.key_set().to_json().encode()

    def fetch(_: at9068.FetchRequest) -> at9068.FetchResponse:
        process.during()
        time.sleep(0.0005)
        return at9068.FetchResponse(200, (), keys)

    told: list[object] = []
    cache = at9068.IssuerCache(fetch=fetch, events=told.append, clock=time.time)

    def validator(document: str) -> at9068.Validator:
        return at9068.Validator(issuer=ISSUER, audience=API, jwks_uri=ISSUER + document, issuer_cache=cache)

    minter = at9068.Minter(issuer=ISSUER, keys=key, apis=[{"audience": API, "dialect": "rfc9068_profile"}])
    token = minter.mint(grant_type="client_credentials", client_id="cron", resource=[API]).token
    process = Refreshing(validator("jwks"), validator("keys"), token, told, lambda: None)
    done = threading.Event()

    def refresh() -> None:
        while not done.is_set():
            process.validator.refresh()

    process.validator.prefetch()
    threads = [threading.Thread(target=refresh) for _ in range(2)]
    for thread in threads:
        thread.start()
    try:
        yield process
    finally:
        done.set()
        for thread in threads:
            thread.join()
    assert process.validates(process.validator)


def forked(holds: Callable[[], bool]) -> int:
    """Make a child that exits with 0 where something holds, and give its identifier."""
    with warnings.catch_warnings():
        # Python warns of forks with threads: this is what is tested.
        warnings.simplefilter("ignore")
        child = os.fork()
    if child == 0:
        status = 1
        try:
            status = 0 if holds() else 2
        finally:
            # Nothing of the test runner's may run in a child.
            os._exit(status)
    return child


def ended(child: int) -> int:
    """What a child ends with. One that has come to a halt is killed: it may hang in the fork itself."""
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until:
        found, status = os.waitpid(child, os.WNOHANG)
        if found == child:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.0005)
    os.kill(child, signal.SIGKILL)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def test_children_validate_whenever_they_are_made() -> None:
    """With the keys at hand, and in turn with keys that they have to fetch."""
    with refreshing() as process:
        for number in range(CHILDREN):
            asked = [process.validator, process.cold] if number % 4 == 0 else [process.validator]
            assert ended(forked(partial(process.validates, *asked))) == 0, f"child {number}"
    assert len(process.told) > CHILDREN / 10


def test_children_are_made_while_keys_are_fetched() -> None:
    """By the callable that fetches them, as a host does that starts a program for it."""
    made: list[int] = []

    def during() -> None:
        if len(made) < CHILDREN / 10:
            made.append(ended(forked(lambda: process.validates(process.validator))))

    with refreshing() as process:
        process.during = during
        until = time.monotonic() + PATIENCE_SECONDS
        while len(made) < CHILDREN / 10 and time.monotonic() < until:
            time.sleep(0.01)
    assert len(made) >= CHILDREN / 10
    assert set(made) == {0}


def test_programs_are_started_meanwhile() -> None:
    """With code of Python's between fork and program, which is what has Python know of the fork."""
    with refreshing() as process, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for _ in range(CHILDREN // 10):
            command = [sys.executable, "-S", "-c", ""]
            subprocess.run(command, preexec_fn=lambda: None, timeout=PATIENCE_SECONDS, check=True)
        assert process.validates(process.validator)


HOOKS = """
import os

process, statuses, inside = None, [], []

def before():
    # Ours come before this one, and go on waiting for the outer fork.
    if process and not inside:
        inside.append(True)
        statuses.append(ended(forked(lambda: process.validates(process.validator, process.cold))))
        inside.clear()

def in_child():
    # Ours come after this one.
    assert process is None or process.validates(process.validator, process.cold)

os.register_at_fork(before=before, after_in_child=in_child)

from test_fork_fetched import ended, forked, refreshing

with refreshing() as process:
    for _ in range(100):
        statuses.append(ended(forked(lambda: process.validates(process.validator, process.cold))))
assert statuses == [0] * 200, statuses
"""


def test_hooks_of_forks_may_fork_and_fetch() -> None:
    """In a process of its own, since hooks stay; registered before ours, so that theirs come between ours."""
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parent), "PYTHONWARNINGS": "ignore"}
    # The file imports nothing of this folder.
    command = [sys.executable, "-c", HOOKS]
    run = subprocess.run(command, env=environment, timeout=4 * PATIENCE_SECONDS, capture_output=True, text=True)
    assert (run.returncode, run.stdout, run.stderr) == (0, "", "")
