"""Every server answers every request of the table, to the byte, and so alike."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from at9068_test_issuer import Issuer, IssuerServer

from .serve import Running, Server, compare, served
from .servers import SERVERS
from .table import CASES, METADATA_PATH, OUTAGE, Case, bearer, good, metadata


@pytest.fixture(scope="module", params=SERVERS, ids=lambda server: server.name)
def application(
    request: pytest.FixtureRequest, issuers: IssuerServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Running, Issuer]]:
    """A server, and the issuer whose tokens it accepts."""
    server: Server = request.param
    issuer = issuers.new_case()
    with served(server, issuer, tmp_path_factory.mktemp(server.name) / "log") as running:
        yield running, issuer


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_answers(application: tuple[Running, Issuer], case: Case) -> None:
    """The row of the table."""
    running, issuer = application
    running.drive(case, issuer)


def test_metadata(application: tuple[Running, Issuer]) -> None:
    """RFC 9728: who wants a token finds out where to get one, without having one."""
    running, issuer = application
    compare(running.ask(METADATA_PATH), metadata(issuer.issuer))


@pytest.mark.parametrize("server", SERVERS, ids=lambda server: server.name)
def test_outage(server: Server, issuers: IssuerServer, tmp_path: Path) -> None:
    """An issuer that cannot be reached is nobody's bad token."""
    issuer = issuers.new_case()
    token = good(issuer)
    issuer.behave("all", status=503)
    with served(server, issuer, tmp_path / "log") as running:
        compare(running.ask("/patients", bearer(token)), OUTAGE)
