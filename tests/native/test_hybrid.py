"""T93, INTRO-1: a token that is taken back at the issuer is refused within `every_seconds`, by services under load.

As a program it also tells what asking costs: `python -m native.test_hybrid`, from the folder of the tests.
"""

from __future__ import annotations

import http.client
import json
import os
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import at9068
import pytest

from .corpus import ROOT

HERE = Path(__file__).parent
ISSUER = "https://as.example/"
API = "https://api.example/"
EVERY_SECONDS = 2
USERS = 8
CLIENTS = 4
# Long enough for any request of a machine that is busy.
PATIENCE_SECONDS = 60
Address = tuple[str, int]


class Desk(ThreadingHTTPServer):
    """An introspection endpoint: every token is active that was not taken back."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Inquiry)
        self.taken_back: set[str] = set()
        self.asked = 0


class Inquiry(BaseHTTPRequestHandler):
    """One question."""

    server: Desk

    def do_POST(self) -> None:
        """Tells whether a token is active."""
        form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        [token] = form["token"]
        self.server.asked += 1
        body = json.dumps({"active": token not in self.server.taken_back}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Says nothing."""


@contextmanager
def desk() -> Iterator[Desk]:
    """Serves as long as the context lasts."""
    with Desk() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


def environment(key: at9068.SigningKey, desk: Desk, more: dict[str, Any]) -> dict[str, str]:
    """The two ways of judging, for the service."""
    local = {"issuer": ISSUER, "audience": API, "jwks": json.loads(key.key_set().to_json())} | more
    asking = local | {
        "strategy": "local_then_introspection",
        "issuer_cache": {"danger_http_loopback": True, "timeout_seconds": 20.0},
        "introspection": {
            "endpoint": f"http://127.0.0.1:{desk.server_port}/introspect",
            "client_id": "api",
            "authentication": "client_secret_basic",
            "client_secret": "the-secret-of-an-api-for-tests-only",
            "every_seconds": EVERY_SECONDS,
        },
    }
    return {**os.environ, "LOCAL": json.dumps(local), "ASKING": json.dumps(asking)}


@contextmanager
def python_service(environment: dict[str, str]) -> Iterator[Address]:
    """Behind gunicorn, one worker of several threads."""
    with socket.create_server(("127.0.0.1", 0), backlog=128) as listener:
        # Head and body of an answer are two packets, and the second is not to wait for anybody.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        options = ["--threads", str(CLIENTS), "--no-control-socket", "--bind", f"fd://{listener.fileno()}"]
        command = [sys.executable, "-m", "gunicorn", *options, "--chdir", str(HERE), "hybrid:app"]
        quiet: Any = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        with subprocess.Popen(command, env=environment, pass_fds=[listener.fileno()], **quiet) as process:
            try:
                yield listener.getsockname()
            finally:
                process.terminate()
                process.wait(PATIENCE_SECONDS)


@contextmanager
def node_service(environment: dict[str, str]) -> Iterator[Address]:
    """One process of Node."""
    module = ROOT / "target/node-driver/node_modules/at9068/lib.mjs"
    command = ["node", str(HERE / "hybrid.mjs")]
    pipes: Any = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, env=environment | {"AT9068_MODULE": str(module)}, **pipes) as process:
        assert process.stdin is not None and process.stdout is not None
        try:
            yield "127.0.0.1", int(process.stdout.readline())
        finally:
            process.stdin.close()
            process.wait(PATIENCE_SECONDS)


SERVICES: dict[str, Callable[[dict[str, str]], Any]] = {"python": python_service, "node": node_service}


class Load:
    """Clients that ask in both ways in turn; what they were told, and how long that took."""

    def __init__(self, address: Address, tokens: list[str]) -> None:
        self.address, self.tokens = address, tokens
        self.lock = threading.Lock()
        # Way, token, when it was begun, how long it took, status and answer.
        self.told: list[tuple[str, str, float, float, int, str]] = []
        self.done = threading.Event()
        self.threads = [threading.Thread(target=self.work, args=(index,)) for index in range(CLIENTS)]

    def work(self, index: int) -> None:
        """One client, over one connection."""
        connection = http.client.HTTPConnection(*self.address, timeout=PATIENCE_SECONDS)
        step = index
        while not self.done.is_set():
            way, token = ("/local", "/asking")[step % 2], self.tokens[step // 2 % len(self.tokens)]
            step += 1
            began = time.monotonic()
            connection.request("GET", way, headers={"Authorization": f"Bearer {token}"})
            response = connection.getresponse()
            answer = json.loads(response.read())
            with self.lock:
                self.told.append((way, token, began, time.monotonic() - began, response.status, answer))
        connection.close()

    def __enter__(self) -> Load:
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.done.set()
        for thread in self.threads:
            thread.join()


def run(service: str, before: float, more: dict[str, Any]) -> tuple[Load, str, float, int]:
    """A service under load, and one token taken back in the middle of it; until it must be known to the service."""
    key = at9068.SigningKey.generate("RS256")
    minter = at9068.Minter(issuer=ISSUER, keys=key, apis=[{"audience": API, "dialect": "rfc9068_profile"}])
    # Issued a while ago: the issuer's word of then has grown old.
    users = [f"user-{number}" for number in range(USERS)]
    request: dict[str, Any] = {"grant_type": "authorization_code", "client_id": "client-7", "resource": [API]}
    minted = [minter.mint(**request, subject=user, now=time.time() - 60) for user in users]
    tokens = [one.token for one in minted]
    with ExitStack() as stack:
        endpoint = stack.enter_context(desk())
        address = stack.enter_context(SERVICES[service](environment(key, endpoint, more)))
        with Load(address, tokens) as load:
            time.sleep(before)
            endpoint.taken_back.add(tokens[0])
            known = time.monotonic() + EVERY_SECONDS
            time.sleep(EVERY_SECONDS + before)
        return load, tokens[0], known, endpoint.asked


@pytest.mark.parametrize("service", SERVICES)
def test_what_is_taken_back_is_refused_in_time(service: str) -> None:
    """And nothing else is ever refused, nor is the issuer asked more often than was said."""
    load, taken_back, known, asked = run(service, 1.0, {})
    later = [entry for entry in load.told if entry[1] == taken_back and entry[0] == "/asking" and entry[2] >= known]
    assert later, "nobody asked with it any more"
    assert {entry[4:] for entry in later} == {(401, "token_inactive")}
    others = {(way, status) for way, token, _, _, status, _ in load.told if (way, token) != ("/asking", taken_back)}
    assert others == {("/local", 200), ("/asking", 200)}
    # Once when it comes first, and once in every period, from four fifths of it on.
    seconds = 2 * 1.0 + EVERY_SECONDS
    assert asked <= USERS * (2 + seconds / (0.8 * EVERY_SECONDS))


def main() -> None:
    """Prints what asking costs, warm and with every signature verified."""
    for service in SERVICES:
        for name, more in (("remembered", {}), ("verified each time", {"token_cache": {"max_entries": 0}})):
            load, taken_back, known, asked = run(service, 8.0, more)
            late = [entry[2] for entry in load.told if entry[:2] == ("/asking", taken_back) and entry[4] == 200]
            took = {
                way: [entry[3] for entry in load.told if entry[0] == way and entry[4] == 200]
                for way in ("/local", "/asking")
            }
            local, asking = (statistics.median(took[way]) * 1e6 for way in ("/local", "/asking"))
            print(
                f"{service}, {name}: p50 local {local:.0f} us, asking {asking:.0f} us, ratio {asking / local:.2f}; "
                f"last accepted {max(late) - known + EVERY_SECONDS:.2f} s after it was taken back; "
                f"{len(load.told)} requests, {asked} questions"
            )


if __name__ == "__main__":
    main()
