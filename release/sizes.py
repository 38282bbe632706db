"""The sizes that docs/packages.md records: more than a fifth on top is a decision, and not an accident."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from crates import ROOT

PAGE = ROOT / "docs/packages.md"
GROWTH = 1.2
TABLE = re.compile(r"(<!-- sizes -->\n).*?(\n<!-- /sizes -->)", re.DOTALL)
ROW = re.compile(r"^\| `(?P<kind>[a-z0-9-]+)` \|.*\| (?P<size>[0-9 ]+) \|$", re.MULTILINE)
ABOUT = {
    "wheel": "Python, the wheel",
    "sdist": "Python, the source distribution",
    "npm": "Node, the package itself",
    "npm-linux-x64-gnu": "Node, the native library of this platform",
    "c": "C and C++, the archive",
    "crate": "Rust, the core's sources",
}


def recorded(page: str) -> dict[str, int]:
    """The size of each kind of package, as the page has it."""
    found = TABLE.search(page)
    assert found, "the page has a table of sizes"
    return {match["kind"]: int(match["size"].replace(" ", "")) for match in ROW.finditer(found[0])}


def written(page: str, sizes: Mapping[str, int]) -> str:
    """The page with these sizes."""
    rows = [f"| `{kind}` | {ABOUT.get(kind, kind)} | {f'{size:,}'.replace(',', ' ')} |" for kind, size in sizes.items()]
    table = "\n".join(["| kind | package | octets |", "| --- | --- | ---: |", *rows])
    return TABLE.sub(lambda found: f"{found[1]}{table}{found[2]}", page)


def faults(sizes: Mapping[str, int], before: Mapping[str, int]) -> list[str]:
    """What has grown too much, and what nobody has recorded."""
    wrong = [
        f"{kind}: {size} octets, and docs/packages.md has no size for it"
        for kind, size in sizes.items()
        if kind not in before
    ]
    wrong += [
        f"{kind}: {size} octets, more than {GROWTH} times the {before[kind]} of docs/packages.md"
        for kind, size in sizes.items()
        if kind in before and size > GROWTH * before[kind]
    ]
    return wrong


def record(sizes: Mapping[str, int], page: Path = PAGE) -> None:
    """Writes the sizes down."""
    page.write_text(written(page.read_text(encoding="utf-8"), sizes), encoding="utf-8")
