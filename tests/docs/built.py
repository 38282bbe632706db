"""Checks the site that `make docs` has built: it loads nothing from other hosts, and every link in it leads somewhere.

python tests/docs/built.py target/docs
"""

from __future__ import annotations

import re
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

# Elements whose address the browser loads by itself, and the attribute that has it. `link` does so but for a few uses.
LOADED = {"script": "src", "img": "src", "iframe": "src", "source": "src", "link": "href", "form": "action"}
URL = re.compile(r"(?:url\(\s*['\"]?|@import\s+['\"])([^'\")]+)")


class Elements(HTMLParser):
    """The addresses and anchors of one page."""

    def __init__(self) -> None:
        super().__init__()
        self.loaded: list[str] = []
        self.followed: list[str] = []
        self.anchors: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Sorts what an element refers to."""
        values = {name: value or "" for name, value in attrs}
        self.anchors |= {values[name] for name in ("id", "name") if name in values}
        address = values.get(LOADED.get(tag, ""))
        if address is not None:
            self.loaded.append(address)
        if tag == "a" and "href" in values:
            self.followed.append(values["href"])


def faults(site: Path) -> list[str]:
    """What is wrong with a site, each with its page."""
    pages: dict[Path, Elements] = {}
    # The page for what is not found is served under any address, so that its own begin at a root that no folder has.
    for path in sorted(set(site.rglob("*.html")) - {site / "404.html"}):
        pages[path] = Elements()
        pages[path].feed(path.read_text(encoding="utf-8"))
    if not pages:
        return [f"{site} has no pages"]
    found = []
    for path, page in pages.items():
        away = [one for one in page.loaded if urlsplit(one).netloc or urlsplit(one).scheme not in ("", "data")]
        found += [f"{path.relative_to(site)} loads {address}" for address in away]
        for address in [*(one for one in page.loaded if one not in away), *page.followed]:
            parts = urlsplit(address)
            if parts.scheme or parts.netloc:
                if parts.scheme not in ("https", "data"):
                    found.append(f"{path.relative_to(site)} leads to {address}")
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            target = target / "index.html" if target.is_dir() else target
            if not target.is_file():
                found.append(f"{path.relative_to(site)} leads to {address}, which is not there")
            elif parts.fragment and target in pages and unquote(parts.fragment) not in pages[target].anchors:
                found.append(f"{path.relative_to(site)} leads to {address}: no such anchor")
    for sheet in sorted(site.rglob("*.css")):
        for address in URL.findall(sheet.read_text(encoding="utf-8")):
            if urlsplit(address).netloc:
                found.append(f"{sheet.relative_to(site)} loads {address}")
    return found


if __name__ == "__main__":
    wrong = faults(Path(sys.argv[1]).resolve())
    print(*wrong, sep="\n", end="\n" if wrong else "")
    print(f"site: pages {len(list(Path(sys.argv[1]).rglob('*.html')))}, faults {len(wrong)}")
    sys.exit(bool(wrong))
