"""An authorization server for tests: starts at9068-test-issuer and tells it how to behave.

As a pytest plugin it has two fixtures: ``test_issuer``, an issuer that no other test has, and ``test_issuer_server``,
the server behind it. Needs nothing but the program, whose path is the argument ``binary``, or else the environment
variable ``AT9068_TEST_ISSUER``, or else found by its name.
"""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

Json = dict[str, Any]


class IssuerFault(Exception):
    """A question that the test issuer refused; ``code`` is the library's where the library refused."""

    def __init__(self, answer: Json) -> None:
        super().__init__(answer["error"])
        self.code: str | None = answer["code"]
        self.claim: str | None = answer["claim"]


class Issuer:
    """One issuer, with its own keys, behaviour and counters."""

    def __init__(self, server: IssuerServer, path: str) -> None:
        self.server = server
        self.path = path

    def ask(self, op: str, **members: Any) -> Json:
        """Asks at the control port; README.md has all questions."""
        return self.server.ask(self.path, op, **members)

    @property
    def issuer(self) -> str:
        """The issuer identifier."""
        return str(self.ask("issuer")["issuer"])

    @property
    def jwks_uri(self) -> str:
        """Where its key set is."""
        return str(self.ask("issuer")["jwks"])

    def mint(self, **members: Any) -> str:
        """A good token."""
        return str(self.ask("mint", **members)["token"])

    def forge(self, **members: Any) -> str:
        """A token with anything wrong."""
        return str(self.ask("forge", **members)["token"])

    def keys(self, **changes: Any) -> list[Json]:
        """Changes the keys, if anything is named, and tells which there are then."""
        keys: list[Json] = self.ask("keys", **changes)["keys"]
        return keys

    @property
    def introspection_endpoint(self) -> str:
        """Where it is asked about tokens."""
        return str(self.ask("issuer")["introspection"])

    def token(self, **told: Any) -> str:
        """Tells what is said of a token, by default of a made-up one: ``token``, ``active``, ``members``."""
        return str(self.ask("token", **told)["token"])

    def revoke(self, token: str) -> None:
        """Says of a token from now on that it is not active."""
        self.ask("revoke", token=token)

    def admit(self, **client: Any) -> None:
        """Lets only this client ask about tokens; anybody may where nothing is given."""
        self.ask("client", **client)

    def behave(self, document: str, **behaviour: Any) -> None:
        """How it answers from now on: ``oauth``, ``openid``, ``jwks``, ``introspection``, ``metadata`` or ``all``."""
        self.ask("behave", document=document, **behaviour)

    def requests(self) -> Json:
        """Who asked for what."""
        return self.ask("requests")

    def reset(self, **members: Any) -> None:
        """Makes it as new."""
        self.ask("reset", **members)


class IssuerServer:
    """The running program."""

    def __init__(self, announcement: Json) -> None:
        self.announcement = announcement
        self.control: str = announcement["control"]
        self.elsewhere: str = announcement["elsewhere"]
        self.plain: str = announcement["plain"]
        self.ca: str | None = announcement["ca"]
        self.tls_faults: dict[str, str] = announcement["tls_faults"]
        self._numbers = itertools.count(1)

    @property
    def first(self) -> Issuer:
        """The issuer that is there from the start."""
        return Issuer(self, "/" + "/".join(self.announcement["issuer"].split("/")[3:]))

    def case(self, name: str) -> Issuer:
        """The issuer of this name, made when it is first asked for."""
        return Issuer(self, f"/cases/{name}")

    def new_case(self) -> Issuer:
        """An issuer that nobody has asked for yet."""
        return self.case(f"python-{os.getpid()}-{next(self._numbers)}")

    def ask(self, path: str, op: str, **members: Any) -> Json:
        """Asks at the control port about the issuer of a path."""
        question = json.dumps({"op": op, **members}).encode()
        try:
            with _direct.open(urllib.request.Request(self.control + path, question), timeout=60) as response:
                answer: Json = json.load(response)
        except urllib.error.HTTPError as refusal:
            with refusal:
                raise IssuerFault(json.load(refusal)) from None
        return answer


# Proxies of the environment are not asked about this machine.
_direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@contextmanager
def start(
    binary: str | os.PathLike[str] | None = None, *, port: int = 0, tls: bool = False, path: str = ""
) -> Iterator[IssuerServer]:
    """Runs the program as long as the context lasts."""
    program = binary or os.environ.get("AT9068_TEST_ISSUER") or "at9068-test-issuer"
    command = [os.fspath(program), "--port", str(port), "--path", path, *(["--tls"] if tls else [])]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None and process.stdout is not None
        try:
            line = process.stdout.readline()
            if not line:
                raise RuntimeError("the test issuer did not start")
            yield IssuerServer(json.loads(line))
        finally:
            process.stdin.close()


try:
    import pytest
except ModuleNotFoundError:
    pass
else:

    @pytest.fixture(scope="session")
    def test_issuer_server() -> Iterator[IssuerServer]:
        """One server for all tests, without TLS. A conftest.py may define it anew, as with ``start(tls=True)``."""
        with start() as server:
            yield server

    @pytest.fixture
    def test_issuer(test_issuer_server: IssuerServer) -> Issuer:
        """An issuer that no other test has."""
        return test_issuer_server.new_case()
