"""The guides from other libraries say of them what docs/conformance.md measured."""

from __future__ import annotations

import os
import re

import pytest
from markdown_files import ROOT

GUIDES = {
    "from-pyjwt": "PyJWT",
    "from-authlib": "Authlib",
    "from-jose": "jose",
    "from-jsonwebtoken": "jsonwebtoken (crate)",
}
TOLD = re.compile(
    r"(?<=\n)Of \d+ shared vectors that it was asked, it accepts \d+ that must be refused, and refuses \d+ that must be"
    r" accepted: see\n"
)


@pytest.mark.parametrize("guide", GUIDES)
def test_a_guide_tells_what_was_measured(guide: str) -> None:
    """In one sentence; UPDATE=1 in the environment writes it anew."""
    path = ROOT / "docs" / f"{guide}.md"
    page = (ROOT / "docs" / "conformance.md").read_text(encoding="utf-8")
    row = re.search(rf"^\| {re.escape(GUIDES[guide])} \|.*\| (\d+) \| (\d+) \| (\d+) \| \d+ \|$", page, re.MULTILINE)
    assert row
    agrees, accepts, refuses = (int(count) for count in row.groups())
    sentence = (
        f"Of {agrees + accepts + refuses} shared vectors that it was asked, it accepts {accepts} that must be refused,"
        f" and refuses {refuses} that must be accepted: see\n"
    )
    text = path.read_text(encoding="utf-8")
    if os.environ.get("UPDATE"):
        path.write_text(TOLD.sub(sentence, text), encoding="utf-8")
    else:
        assert TOLD.findall(text) == [sentence]
