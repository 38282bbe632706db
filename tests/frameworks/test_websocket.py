"""Handshakes with a real server: 101 for who may, and the whole answer for who may not, before anything is accepted."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from at9068_test_issuer import IssuerServer

from .serve import Server, compare, served
from .table import Expected, bearer, good

SERVER = Server(
    "sockets-uvicorn",
    "tests/frameworks/sockets",
    (sys.executable, "-m", "uvicorn", "--host", "127.0.0.1", "--port", "{port}", "--no-access-log", "app:app"),
)
HANDSHAKE = [
    ("Connection", "Upgrade"),
    ("Upgrade", "websocket"),
    ("Sec-WebSocket-Version", "13"),
    ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
]
REFUSED = Expected(
    401,
    '{"title":"Unauthorized","status":401}',
    {
        "www-authenticate": ['Bearer realm="patients", scope="read:patients"'],
        "content-type": ["application/problem+json"],
        "cache-control": ["no-store"],
    },
)


@pytest.mark.parametrize("implementation", ["websockets", "websockets-sansio"])
def test_handshakes(implementation: str, issuers: IssuerServer, tmp_path: Path) -> None:
    """Whether a dependency guards, or middleware around it."""
    issuer = issuers.new_case()
    server = Server(SERVER.name, SERVER.folder, (*SERVER.command, "--ws", implementation))
    with served(server, issuer, tmp_path / "log") as running:
        for path in ("/socket", "/part/socket"):
            accepted = running.ask(path, [*HANDSHAKE, *bearer(good(issuer))])
            assert (accepted.status, accepted.fields["upgrade"]) == (101, ["websocket"])
            compare(running.ask(path, HANDSHAKE), REFUSED)
            assert running.ask(path, [*HANDSHAKE, *bearer(issuer.mint())]).status == 403
