"""An issuer on this machine, which answers what a test tells it to."""

from __future__ import annotations

import json
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from at9068 import KeySet, Minter, SigningKey, Validator

API = "https://api.example/"
OAUTH = "/.well-known/oauth-authorization-server"
OPENID = "/.well-known/openid-configuration"
JWKS = "/jwks"
INTROSPECT = "/introspect"
CACHE: Any = {"danger_http_loopback": True, "timeout_seconds": 20.0}
"""Options that let http through, and wait longer than any test."""


class Issuer:
    """An issuer with two kinds of metadata, a key set, and a gate that holds its answers back."""

    def __init__(self, server: ThreadingHTTPServer, key: SigningKey, path: str = "/") -> None:
        self.origin = f"http://127.0.0.1:{server.server_address[1]}"
        self.name = self.origin + path
        self.keys = [key]
        self.status = 200
        self.asked: Counter[str] = Counter()
        self.said: dict[str, Any] = {"active": False}
        self.posted: list[bytes] = []
        self.arrived = threading.Event()
        self.gate = threading.Event()
        self.gate.set()

    @property
    def jwks_uri(self) -> str:
        return self.origin + JWKS

    def answer(self, path: str) -> tuple[int, bytes]:
        self.asked[path] += 1
        self.arrived.set()
        self.gate.wait(30)
        if self.status != 200:
            return self.status, b""
        if path == INTROSPECT:
            return 200, json.dumps(self.said).encode()
        if path == JWKS:
            return 200, KeySet.from_signing_keys(self.keys).to_json().encode()
        for document in (OAUTH, OPENID):
            if document in path:
                issuer = self.origin + (path.replace(document, "") or "/")
                return 200, json.dumps({"issuer": issuer, "jwks_uri": self.jwks_uri}).encode()
        return 404, b""

    def mint(self, key: SigningKey | None = None, issuer: str | None = None, **more: Any) -> str:
        apis: Any = [{"audience": API, "dialect": "rfc9068_profile", "lifetime_seconds": 1_000_000}]
        minter = Minter(issuer=issuer or self.name, keys=key or self.keys[-1], apis=apis)
        return minter.mint(grant_type="client_credentials", client_id="cron", resource=[API], **more).token

    def mint_id_token(self, **more: Any) -> str:
        minter = Minter(issuer=self.name, keys=self.keys[-1], apis=[{"audience": API, "dialect": "rfc9068_profile"}])
        return minter.mint_id_token(client_id="app", subject="user-1", **more).token

    def introspection(self, **options: Any) -> Any:
        """Tell how the issuer is asked about tokens."""
        given = {"endpoint": self.origin + INTROSPECT, "authentication": "client_secret_basic"}
        return {**given, "client_id": "api", "client_secret": "hunter2", **options}

    def validator(self, **options: Any) -> Validator:
        """Make a validator that discovers the keys, unless it is told where they are."""
        given = {"issuer": self.name, "audience": API, "issuer_cache": CACHE, **options}
        return Validator(**given)

    @contextmanager
    def held_back(self) -> Iterator[None]:
        """Answer nothing as long as this lasts."""
        self.arrived.clear()
        self.gate.clear()
        try:
            yield
        finally:
            self.gate.set()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128
    issuer: Issuer

    def handle_error(self, *_: Any) -> None:
        """Say nothing of clients that have gone."""
        assert isinstance(sys.exc_info()[1], ConnectionError)


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_POST(self) -> None:
        self.server.issuer.posted.append(self.rfile.read(int(self.headers["Content-Length"])))
        self.do_GET()

    def do_GET(self) -> None:
        status, body = self.server.issuer.answer(self.path)
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass


@contextmanager
def serving(key: SigningKey) -> Iterator[Issuer]:
    """Serve an issuer as long as this lasts."""
    with _Server(("127.0.0.1", 0), _Handler) as server:
        server.issuer = Issuer(server, key)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server.issuer
        finally:
            server.issuer.gate.set()
            server.shutdown()
            thread.join()
