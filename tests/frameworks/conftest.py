"""What all tests of the frameworks share: the server of the test issuers."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from at9068_test_issuer import IssuerServer, start

# Settings stand before whatever reads them when it is imported.
from . import project as project
from .serve import ROOT


@pytest.fixture(scope="session")
def issuers() -> Iterator[IssuerServer]:
    """The server of the test issuers; each application has an issuer of its own."""
    with start(ROOT / "target/drivers/test-issuer") as server:
        yield server
