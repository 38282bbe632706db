"""What MkDocs is told beyond mkdocs.yml: anchors as forges make them, links to files that are no pages, and colours.

Pages link to files of the repository by relative paths, which hold in a checkout and on a forge. On the site such a
link leads to the repository. One that leads nowhere is left as it is, for the strict build to find.
"""

from __future__ import annotations

import posixpath
import re
import sys
from pathlib import Path
from typing import Any

from pygments.formatters import HtmlFormatter

sys.path.insert(0, str(Path(__file__).resolve().parent))
from markdown_files import ROOT, slug

LINK = re.compile(r"(?<=\]\()(?!https?:|#)(?P<path>[^)#\s]+)(?P<anchor>#[^)\s]*)?(?=\))")
# A fence may say more than the language: which kind of configuration a block is.
FENCE = re.compile(r"^( *```\w+) \S.*$", re.MULTILINE)
# Under docs/, and not a part of the site.
APART = ("docs/examples/", "docs/requirements.txt")


def on_config(config: Any, **_: Any) -> Any:
    """Gives headings the anchors that links in the repository name."""
    config["mdx_configs"].setdefault("toc", {})["slugify"] = slug
    return config


def on_post_build(config: Any, **_: Any) -> None:
    """Adds the colours of code to the style sheet of the site."""
    colours = HtmlFormatter(style="default").get_style_defs(".codehilite")
    with (Path(config["site_dir"]) / "site.css").open("a", encoding="utf-8") as sheet:
        sheet.write(f"{colours}\n")


def on_page_markdown(markdown: str, page: Any, config: Any, **_: Any) -> str:
    """Turns links around that lead out of the site, and leaves fences the language alone."""

    def turned(found: re.Match[str]) -> str:
        link = repository_link(page.file.src_uri, found["path"], config["repo_url"])
        return found[0] if link is None else link + (found["anchor"] or "")

    return LINK.sub(turned, FENCE.sub(r"\1", markdown))


def repository_link(page: str, path: str, repository: str) -> str | None:
    """Where a link of a page leads to in the repository; nothing where it leads to a part of the site, or nowhere."""
    target = posixpath.normpath(posixpath.join("docs", posixpath.dirname(page), path))
    file = ROOT / target
    if not file.exists() or (target.startswith("docs/") and not target.startswith(APART) and file.is_file()):
        return None
    return f"{repository}/{'tree' if file.is_dir() else 'blob'}/main/{target}"
