"""T150, T166, T214: gunicorn's workers, forked with their parent's validator, while keys rotate under a flood."""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from at9068_test_issuer import Issuer, IssuerServer, start

from .corpus import ROOT

WORKERS = 4
COOLDOWN_SECONDS = 1
# Long enough for any request of a machine that is busy.
PATIENCE_SECONDS = 60


@pytest.fixture(scope="module")
def issuers() -> Iterator[IssuerServer]:
    """The server of the test issuers."""
    with start(ROOT / "target/drivers/test-issuer") as server:
        yield server


@contextmanager
def served(issuer: Issuer, prefetch: str, log: Path) -> Iterator[tuple[str, int]]:
    """The API, behind four workers of two threads."""
    environment = {
        **os.environ,
        "ISSUER": issuer.issuer,
        "COOLDOWN_SECONDS": str(COOLDOWN_SECONDS),
        "PREFETCH": prefetch,
    }
    with socket.create_server(("127.0.0.1", 0), backlog=128) as listener:
        options = [
            "--preload",
            "--workers",
            str(WORKERS),
            "--threads",
            "2",
            "--no-control-socket",
            "--bind",
            f"fd://{listener.fileno()}",
        ]
        command = [sys.executable, "-m", "gunicorn", *options, "--chdir", str(Path(__file__).parent), "guarded:app"]
        with (
            log.open("wb") as output,
            subprocess.Popen(command, env=environment, pass_fds=[listener.fileno()], stderr=output) as process,
        ):
            try:
                yield listener.getsockname()
            finally:
                process.terminate()
                process.wait(PATIENCE_SECONDS)


def ask(address: tuple[str, int], token: str) -> tuple[int, str, str]:
    """Status, process and what it says, on a connection of its own."""
    connection = http.client.HTTPConnection(*address, timeout=PATIENCE_SECONDS)
    try:
        connection.request("GET", "/", headers={"Authorization": f"Bearer {token}"})
        response = connection.getresponse()
        process, _, said = response.read().decode().partition(" ")
        return response.status, process, said
    finally:
        connection.close()


@pytest.mark.parametrize("prefetch", ["yes", "no"])
def test_workers_lose_no_token_in_rotations(issuers: IssuerServer, prefetch: str, tmp_path: Path) -> None:
    """Each key is published one cooldown before it signs; tokens under keys that never were come all the time."""
    issuer = issuers.new_case()
    tokens = [issuer.mint()]
    answers: Counter[tuple[str, int, str]] = Counter()
    processes: set[str] = set()
    done = threading.Event()
    log = tmp_path / "gunicorn"

    with served(issuer, prefetch, log) as address:

        def good() -> None:
            while not done.is_set():
                for token in tokens[-2:]:
                    status, process, said = ask(address, token)
                    answers["good", status, said] += 1
                    processes.add(process)

        def flood(number: int) -> None:
            for count in range(1_000_000):
                if done.is_set():
                    break
                status, _, said = ask(address, issuer.forge(header={"kid": f"nobody-{number}-{count}"}))
                answers["bad", status, said] += 1

        clients = [threading.Thread(target=good) for _ in range(4)]
        clients += [threading.Thread(target=flood, args=[number]) for number in range(2)]
        began = time.monotonic()
        for client in clients:
            client.start()
        try:
            for key in ("second", "third", "fourth"):
                issuer.keys(generate=[{"key": key}], publish=[key])
                time.sleep(COOLDOWN_SECONDS + 0.1)
                issuer.keys(sign_with=key)
                tokens.append(issuer.mint())
                # Every worker meets the new key, and its own flood.
                time.sleep(0.5)
        finally:
            done.set()
            for client in clients:
                client.join()
        took = time.monotonic() - began
    assert set(answers) == {("good", 200, "test-client"), ("bad", 401, "key_not_found")}, log.read_text()
    assert len(processes) == WORKERS
    # Children go on with the keys of their parent; without, each fetches its own. The flood costs one fetch a cooldown.
    fetches = issuer.requests()["documents"]["jwks"]
    flood = sum(count for (kind, _, _), count in answers.items() if kind == "bad")
    assert flood > fetches >= (1 if prefetch == "yes" else WORKERS)
    assert fetches <= 1 + WORKERS * (2 + took / COOLDOWN_SECONDS)
