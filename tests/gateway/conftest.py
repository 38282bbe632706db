"""The server of the test issuers."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from at9068_test_issuer import IssuerServer, start

from frameworks.serve import ROOT


@pytest.fixture(scope="session")
def issuers() -> Iterator[IssuerServer]:
    """Each nginx has an issuer of its own."""
    with start(ROOT / "target/drivers/test-issuer") as server:
        yield server
