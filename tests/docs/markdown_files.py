"""What the checks of the documentation share: the committed Markdown files, their headings, links and code blocks."""

from __future__ import annotations

import re
import subprocess
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FENCE = re.compile(r"^(?P<indent> *)(?P<ticks>```+|~~~+)(?P<info>.*)$")
MARKER = re.compile(r"^<!-- (?P<name>[a-z][a-z ]*?)(?::(?P<value>.*?))? *-->$")
HEADING = re.compile(r"^#{1,6} +(.*?)(?: +#+)?$")
EXPLICIT = re.compile(r"<a (?:id|name)=\"([^\"]+)\"")
LINK = re.compile(r"!?\[(?:[^\[\]]|\[[^\]]*\])*\]\((?P<inline>[^)\s]+)(?: \"[^\"]*\")?\)|^\[[^\]^]+\]: +(?P<named>\S+)")


@dataclass(frozen=True)
class Block:
    """A fenced code block, and how the page says it is to be treated."""

    page: str
    line: int
    # The language, then what else the fence says.
    info: str
    text: str
    # The comments right before it, by name: `<!-- name: value -->`.
    markers: dict[str, str]

    @property
    def language(self) -> str:
        """The first word behind the fence; empty where there is none."""
        return self.info.split(" ")[0]

    @property
    def place(self) -> str:
        """Where it stands, for messages."""
        return f"{self.page}:{self.line}"


@dataclass(frozen=True)
class Page:
    """A Markdown file, taken apart."""

    path: str
    blocks: tuple[Block, ...]
    # Line number and target of each link outside of code.
    links: tuple[tuple[int, str], ...]
    anchors: frozenset[str]


def committed(*patterns: str) -> list[str]:
    """The files that git knows, by their paths from the root."""
    command = ["git", "-C", str(ROOT), "ls-files", "--", *patterns]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()


def slug(heading: str, separator: str = "-") -> str:
    """The anchor that forges give a heading; the site gives it the same."""
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).replace("`", "")
    return re.sub(r"[^\w\- ]", "", text.strip().lower()).replace(" ", separator)


def parse(path: str, text: str) -> Page:
    """Takes a page apart. A fence that is never closed is an error."""
    blocks: list[Block] = []
    links: list[tuple[int, str]] = []
    anchors: list[str] = []
    explicit: set[str] = set()
    seen: Counter[str] = Counter()
    markers: dict[str, str] = {}
    opened: tuple[re.Match[str], int, list[str]] | None = None
    for number, line in enumerate(text.splitlines(), start=1):
        fence = FENCE.match(line)
        if opened is not None:
            start, first, body = opened
            if fence and fence["ticks"] == start["ticks"] and not fence["info"]:
                blocks.append(Block(path, first, start["info"].strip(), "\n".join([*body, ""]), markers))
                opened, markers = None, {}
            else:
                body.append(line.removeprefix(start["indent"]))
        elif fence:
            opened = (fence, number, [])
        elif marker := MARKER.match(line.strip()):
            markers[marker["name"]] = (marker["value"] or "").strip()
        elif line.strip():
            markers = {}
            if heading := HEADING.match(line):
                name = slug(heading[1])
                anchors.append(f"{name}-{seen[name]}" if seen[name] else name)
                seen[name] += 1
            explicit.update(EXPLICIT.findall(line))
            prose = re.sub(r"`[^`]*`", lambda code: "x" * len(code[0]), line)
            links += [(number, found["inline"] or found["named"]) for found in LINK.finditer(prose)]
    if opened is not None:
        raise ValueError(f"{path}:{opened[1]}: a fence that is never closed")
    return Page(path, tuple(blocks), tuple(links), frozenset(anchors) | explicit)


def pages() -> dict[str, Page]:
    """Every committed Markdown file, by its path."""
    return {path: parse(path, (ROOT / path).read_text(encoding="utf-8")) for path in committed("*.md")}
