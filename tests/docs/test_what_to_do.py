"""The page that says what to do about errors has every code of the core once, with its status."""

from __future__ import annotations

import re
from collections import Counter

import pytest
from markdown_files import ROOT

ROW = re.compile(r"^\| `(\w+)` \| (\d*) ?\| (.+) \|$", re.MULTILINE)


def test_every_code_has_its_row() -> None:
    """In the order of the table in the core."""
    at9068 = pytest.importorskip("at9068", reason="the Python package is not built")
    text = (ROOT / "docs" / "what-to-do.md").read_text(encoding="utf-8")
    told = [(code, int(status) if status else None) for code, status, _ in ROW.findall(text)]
    assert told == [(info.slug, info.status) for info in at9068.error_codes()]


def test_every_answer_to_a_client_is_explained() -> None:
    """Each combination of status and OAuth error that a resource server gives; a token endpoint's are its own."""
    at9068 = pytest.importorskip("at9068", reason="the Python package is not built")
    text = (ROOT / "docs" / "what-to-do.md").read_text(encoding="utf-8").split("## For operators")[0]
    given = Counter(
        f"{info.status} `{info.oauth}`" if info.oauth else str(info.status)
        for info in at9068.error_codes()
        if info.status is not None and not 800 <= info.number < 900 and info.oauth != "invalid_dpop_proof"
    )
    told = re.findall(r"^\| (\d+(?: `\w+`)?)(?: without `error`)? \|", text, re.MULTILINE)
    assert sorted(told) == sorted(given)
