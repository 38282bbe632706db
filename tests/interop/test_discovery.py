"""Authorization servers that others wrote, on loopback: we are told nothing but their issuer, and lose no token."""

from __future__ import annotations

import base64
import json
import subprocess
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import at9068
import authlib_server
import pytest
from common import API, CLIENT, spoiled

from runner.drivers import run_all

HERE = Path(__file__).resolve().parent
DRIVERS = ("rust", "python", "node", "c", "cpp")
SCOPE = "read:patients"
# The test's own cooldown is short, so that it can be waited for; nothing else differs from a service's options.
COOLDOWN_SECONDS = 1
CACHE: Any = {"danger_http_loopback": True, "timeout_seconds": 20.0, "cooldown_seconds": COOLDOWN_SECONDS}
# Proxies of the environment are not asked about this machine.
_direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@dataclass(frozen=True)
class Peer:
    """A running authorization server, and the secret of its one client."""

    issuer: str
    secret: str
    metadata_url: str
    rotate: Callable[[], None]

    def token(self) -> str:
        """An access token from the token endpoint."""
        with _direct.open(self.metadata_url, timeout=20) as response:
            endpoint = json.load(response)["token_endpoint"]
        form = {"grant_type": "client_credentials", "scope": SCOPE, "resource": API}
        credentials = base64.b64encode(f"{CLIENT}:{self.secret}".encode()).decode()
        request = urllib.request.Request(endpoint, urlencode(form).encode(), {"Authorization": f"Basic {credentials}"})
        with _direct.open(request, timeout=20) as response:
            return str(json.load(response)["access_token"])

    def config(self, **more: Any) -> dict[str, Any]:
        """What a service is configured with."""
        return {"issuer": self.issuer, "audience": API, "issuer_cache": CACHE, **more}


@contextmanager
def oidc_provider(alg: str) -> Iterator[Peer]:
    """oidc-provider, of Node."""
    command = ["node", "provider.mjs", alg]
    with subprocess.Popen(command, cwd=HERE, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None and process.stdout is not None
        source, sink = process.stdout, process.stdin

        def rotate() -> None:
            sink.write("rotate\n")
            sink.flush()
            assert source.readline() == "{}\n"

        try:
            announced = json.loads(source.readline())
            metadata = announced["issuer"] + "/.well-known/openid-configuration"
            yield Peer(announced["issuer"], announced["secret"], metadata, rotate)
        finally:
            sink.close()


@contextmanager
def authlib(alg: str) -> Iterator[Peer]:
    """Authlib, of Python."""
    with authlib_server.serving(alg) as server:
        there = urlsplit(server.issuer)
        metadata = f"{there.scheme}://{there.netloc}/.well-known/oauth-authorization-server{there.path}"
        yield Peer(server.issuer, authlib_server.SECRET, metadata, server.generator.rotate)


PEERS = [
    *((oidc_provider, alg) for alg in ("RS256", "PS256", "ES256", "EdDSA")),
    *((authlib, alg) for alg in authlib_server.NEW_KEY),
]


@pytest.fixture(params=PEERS, ids=lambda param: f"{param[0].__name__}-{param[1]}")
def peer(request: pytest.FixtureRequest) -> Iterator[Peer]:
    """Each server, with each algorithm."""
    serve, alg = request.param
    with serve(alg) as peer:
        assert header(peer.token())["alg"] == alg
        yield peer


def header(token: str) -> dict[str, str]:
    """What a token says of its signature."""
    part = token.partition(".")[0]
    return dict(json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))))


def test_its_issuer_is_all_that_is_configured(peer: Peer) -> None:
    """Discovery finds the keys; what is wrong about a token is refused as with keys that were given."""
    validator = at9068.Validator(**peer.config())
    token = peer.token()
    held = validator.validate(token, require={"scopes": [SCOPE]})
    assert (held.client_id, held.sub, list(held.aud), held.iss) == (CLIENT, CLIENT, [API], peer.issuer)
    with pytest.raises(at9068.TokenError) as refusal:
        validator.validate(spoiled(token))
    assert refusal.value.code == "signature_invalid"
    elsewhere = at9068.Validator(**peer.config() | {"audience": "https://other-api.example/"})
    with pytest.raises(at9068.TokenError) as refusal:
        elsewhere.validate(token)
    assert refusal.value.code == "audience_mismatch"
    with pytest.raises(at9068.TokenError) as undecided:
        at9068.Validator(**peer.config() | {"issuer": peer.issuer + "/"}).validate(token)
    assert undecided.value.code == "issuer_unknown"


def test_every_driver_agrees(peer: Peer) -> None:
    """Each question is a validator that has never fetched anything; the second token is of a second key."""
    before = peer.token()
    peer.rotate()
    after = peer.token()
    assert header(before)["kid"] != header(after)["kid"]
    tokens = {"before": (before, "ok"), "after": (after, "ok"), "spoiled": (spoiled(after), "signature_invalid")}
    questions = [
        (name, json.dumps({"id": name, "op": "validate", "config": peer.config(), "token": token, "at": time.time()}))
        for name, (token, _) in tokens.items()
    ]
    runs = run_all(HERE.parent / "drivers/run", DRIVERS, questions, 60)
    assert [run.faults for run in runs.values()] == [[]] * len(DRIVERS)
    answers = {driver: [json.loads(line) for line in run.lines] for driver, run in runs.items()}
    for driver in DRIVERS:
        codes = {answer["id"]: "ok" if answer["ok"] else answer["error"]["code"] for answer in answers[driver]}
        assert codes == {name: code for name, (_, code) in tokens.items()}, driver
        assert answers[driver] == answers[DRIVERS[0]]


def test_no_token_is_lost_in_rotations(peer: Peer) -> None:
    """A new key signs from one moment to the next, under load, twice; the former ones are still published."""
    validator = at9068.Validator(**peer.config())
    tokens = [peer.token()]
    validator.prefetch()
    verdicts: list[str] = []
    done = threading.Event()

    def work() -> None:
        while not done.is_set():
            fresh = peer.token()
            for token in (fresh, tokens[0]):
                try:
                    verdicts.append(validator.validate(token).client_id)
                except at9068.TokenError as error:
                    verdicts.append(error.code)

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    try:
        for _ in range(2):
            time.sleep(COOLDOWN_SECONDS)
            peer.rotate()
            tokens.append(peer.token())
            # Whoever was first, the new key has been fetched when this returns, and the cooldown has begun.
            assert validator.validate(tokens[-1]).client_id == CLIENT
    finally:
        done.set()
        for worker in workers:
            worker.join()
    assert len({header(token)["kid"] for token in tokens}) == 3
    assert len(verdicts) > len(workers)
    assert set(verdicts) == {CLIENT}
    assert [validator.validate(token).client_id for token in tokens] == [CLIENT] * 3
    [status] = validator.status()["issuers"]
    assert (status["keys"], status["counters"]["refreshes"], status["counters"]["failures"]) == (3, 3, 0)
