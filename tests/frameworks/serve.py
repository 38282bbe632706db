"""Starts an application as its users start it, and asks it over HTTP."""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from at9068_test_issuer import Issuer

from .table import AUDIENCE, Case, Expected, Fields

ROOT = Path(__file__).resolve().parents[2]
# Long enough for any start and any request of a machine that is busy.
PATIENCE_SECONDS = 60


@dataclass(frozen=True)
class Server:
    """An application and the command that serves it; `{port}` in the command is the port.

    It is started in `folder` with `PORT`, `AT9068_ISSUER`, `AT9068_AUDIENCE` and `AT9068_ISSUER_CACHE` in its
    environment, beside what `environment` has. It must end when it is told to (SIGTERM).
    """

    name: str
    folder: str
    command: Sequence[str]
    environment: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Answer:
    """What came back, as it stood on the line."""

    status: int
    fields: dict[str, list[str]]
    body: bytes


class Running:
    """A server that answers."""

    def __init__(self, port: int) -> None:
        self.port = port

    def ask(self, target: str, fields: Fields = [], method: str = "GET") -> Answer:  # noqa: B006
        """One request on a connection of its own; fields are sent as they are, the same name twice too."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_SECONDS)
        try:
            connection.putrequest(method, target)
            for name, value in fields:
                connection.putheader(name, value)
            connection.endheaders()
            response = connection.getresponse()
            found: dict[str, list[str]] = {}
            for name, value in response.getheaders():
                found.setdefault(name.lower(), []).append(value)
            return Answer(response.status, found, response.read())
        finally:
            connection.close()

    def drive(self, case: Case, issuer: Issuer) -> None:
        """Sends the request of a case, and compares."""
        compare(self.ask(case.target, case.send(issuer), case.method), case.expected)


@contextmanager
def served(server: Server, issuer: Issuer, log: Path, cache: dict[str, Any] | None = None) -> Iterator[Running]:
    """The server, from the moment that it answers; what it writes is in `log`."""
    port = free_port()
    # Tests speak http with their issuer; nobody else should.
    settings = {"danger_http_loopback": True, **(cache or {})}
    environment = {
        **os.environ,
        "PORT": str(port),
        "AT9068_ISSUER": issuer.issuer,
        "AT9068_AUDIENCE": AUDIENCE,
        "AT9068_ISSUER_CACHE": json.dumps(settings),
        **server.environment,
    }
    command = [part.replace("{port}", str(port)) for part in server.command]
    with (
        log.open("wb") as output,
        subprocess.Popen(
            command,
            cwd=ROOT / server.folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            # A group of its own, so that its workers end with it.
            start_new_session=True,
        ) as process,
    ):
        try:
            _await_health(process, port, log)
            yield Running(port)
        finally:
            _end(process)


def compare(answer: Answer, expected: Expected) -> None:
    """Status, every header field that is named, and the body."""
    assert answer.status == expected.status, answer
    for name, values in expected.fields.items():
        found = answer.fields.get(name, [])
        assert len(found) == len(values), (name, found)
        for is_, wanted in zip(found, values, strict=True):
            assert wanted.fullmatch(is_) if isinstance(wanted, re.Pattern) else is_ == wanted, (name, found)
    if isinstance(expected.body, str):
        assert answer.body.decode() == expected.body
    else:
        assert json.loads(answer.body) == expected.body


def free_port() -> int:
    """A port that was free a moment ago."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def _await_health(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    until = time.monotonic() + PATIENCE_SECONDS
    while process.poll() is None and time.monotonic() < until:
        try:
            if Running(port).ask("/health").status == 200:
                return
        except (OSError, http.client.HTTPException):
            pass
        time.sleep(0.05)
    raise AssertionError(f"the server did not start:\n{log.read_text(errors='replace')}")


def _end(process: subprocess.Popen[bytes]) -> None:
    """Ends the server, and whatever of its group is left."""
    process.terminate()
    try:
        process.wait(PATIENCE_SECONDS)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
