"""Requests in parallel while the issuer's keys rotate: no good token is refused, by the children of any parent."""

from __future__ import annotations

import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from at9068_test_issuer import Issuer, IssuerServer

from .serve import Running, Server, served
from .servers import EXPRESS_CLUSTER, FASTAPI_WORKERS, FLASK_PRELOADED
from .table import bearer, good

COOLDOWN_SECONDS = 1
CLIENTS = 4


@pytest.mark.parametrize("server", [FASTAPI_WORKERS, FLASK_PRELOADED, EXPRESS_CLUSTER], ids=lambda server: server.name)
def test_no_good_token_is_refused(server: Server, issuers: IssuerServer, tmp_path: Path) -> None:
    """Each key is published and signs at once; the old one stays published for as long as its tokens are about."""
    issuer = issuers.new_case()
    tokens = [good(issuer)]
    answers: Counter[tuple[str, int]] = Counter()
    done = threading.Event()
    log = tmp_path / "log"
    with served(server, issuer, log, {"cooldown_seconds": COOLDOWN_SECONDS, "timeout_seconds": 20.0}) as running:
        pool = ThreadPoolExecutor(CLIENTS)
        clients = [pool.submit(_ask, running, tokens, answers, done) for _ in range(CLIENTS)]
        try:
            for key in ("second", "third"):
                # A worker looks for unknown keys once in a cooldown; it may have fetched a moment ago, or begun late.
                time.sleep(COOLDOWN_SECONDS + 1)
                _rotate(issuer, key)
                tokens.append(good(issuer))
            time.sleep(0.5)
        finally:
            done.set()
            pool.shutdown()
        for client in clients:
            # Raises what ended it, such as a connection that broke.
            client.result()
    # Every generation of tokens was asked for, and beside them one that is never good.
    assert set(answers) == {("bad", 401), ("first", 200), ("second", 200), ("third", 200)}, log.read_text()


def _rotate(issuer: Issuer, key: str) -> None:
    issuer.keys(generate=[{"key": key}], publish=[key], sign_with=key)


def _ask(running: Running, tokens: list[str], answers: Counter[tuple[str, int]], done: threading.Event) -> None:
    while not done.is_set():
        for name, token in zip(("first", "second", "third"), list(tokens), strict=False):
            answers[name, running.ask("/patients", bearer(token)).status] += 1
        answers["bad", running.ask("/patients", bearer("opaque")).status] += 1
