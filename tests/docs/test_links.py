"""Every relative link of every committed Markdown file leads to a committed file and, where it names one, an anchor."""

from __future__ import annotations

import posixpath
from pathlib import Path
from urllib.parse import unquote, urlsplit

import built
import pytest
from markdown_files import Page, committed, pages, parse, slug

PAGES = pages()
FILES = set(committed())
FOLDERS = {posixpath.dirname(path) for path in FILES} | {""}
FOLDERS |= {"/".join(folder.split("/")[:depth]) for folder in FOLDERS for depth in range(folder.count("/") + 1)}


def faults(page: Page, known: dict[str, Page]) -> list[str]:
    """The links of a page that lead nowhere, or to what is not in the repository."""
    found = []
    for line, link in page.links:
        parts = urlsplit(link)
        if parts.scheme or parts.netloc:
            if parts.scheme != "https":
                found.append(f"{page.path}:{line}: {link} is not https")
            continue
        path = unquote(parts.path)
        target = posixpath.normpath(posixpath.join(posixpath.dirname(page.path), path)) if path else page.path
        if target not in FILES | {page.path} and target.rstrip("/") not in FOLDERS:
            found.append(f"{page.path}:{line}: {link} leads to no committed file")
        elif parts.fragment and target in known and parts.fragment not in known[target].anchors:
            found.append(f"{page.path}:{line}: {link}: no such anchor")
    return found


def test_the_pages_were_found() -> None:
    """A checker that sees nothing finds nothing wrong."""
    assert {"README.md", "docs/configuration.md", "bindings-python/README.md", "tests/README.md"} <= set(PAGES)
    assert sum(len(page.links) for page in PAGES.values()) > 100


@pytest.mark.parametrize("path", PAGES)
def test_every_link_leads_somewhere(path: str) -> None:
    """Files and anchors."""
    assert faults(PAGES[path], PAGES) == []


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("[a](no-such.md)", "x/page.md:1: no-such.md leads to no committed file"),
        ("[a](../README.md#no-such)", "x/page.md:1: ../README.md#no-such: no such anchor"),
        ("[a](#b)\n\n# C", "x/page.md:1: #b: no such anchor"),
        ("[a](http://example.com/)", "x/page.md:1: http://example.com/ is not https"),
        ("[a]: ../target/docs\n", "x/page.md:1: ../target/docs leads to no committed file"),
        ("![a](../docs/performance/no.svg)", "x/page.md:1: ../docs/performance/no.svg leads to no committed file"),
    ],
)
def test_what_leads_nowhere_is_found(text: str, fault: str) -> None:
    """Each kind of fault, made on purpose."""
    page = parse("x/page.md", text)
    assert faults(page, {**PAGES, "x/page.md": page}) == [fault]


def test_what_is_code_is_no_link() -> None:
    """Nor is a heading one within a block."""
    page = parse("page.md", "`[a](b)`\n\n```text\n# no heading\n[a](b)\n```\n\n# One `two`, three\n\n# One\n\n# One\n")
    assert (page.links, page.anchors) == ((), {"one-two-three", "one", "one-1"})
    assert [(block.line, block.language, block.text) for block in page.blocks] == [
        (3, "text", "# no heading\n[a](b)\n"),
    ]


def test_anchors_are_those_of_forges() -> None:
    """By the names that they give in our pages."""
    assert slug("What is checked, in which order") == "what-is-checked-in-which-order"
    assert slug("`crit` & [RFC 9068](x.md)") == "crit--rfc-9068"


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ('<script src="https://cdn.example/x.js"></script>', "index.html loads https://cdn.example/x.js"),
        ('<link rel="stylesheet" href="//cdn.example/x.css">', "index.html loads //cdn.example/x.css"),
        ('<a href="b.html">b</a>', "index.html leads to b.html, which is not there"),
        ('<a href="#b">b</a>', "index.html leads to #b: no such anchor"),
    ],
)
def test_what_is_wrong_with_a_site_is_found(tmp_path: Path, body: str, fault: str) -> None:
    """The check of the site that was built finds what it is for."""
    page = tmp_path / "index.html"
    page.write_text(f'<a href="https://forge.example/" id="a">a</a><a href="#a">a</a>{body}')
    assert built.faults(tmp_path) == [fault]
    page.write_text('<a href="#a" id="a">a</a>')
    assert built.faults(tmp_path) == []
    (tmp_path / "a.css").write_text("@font-face { src: url('https://fonts.example/a.woff') }")
    assert built.faults(tmp_path) == ["a.css loads https://fonts.example/a.woff"]
