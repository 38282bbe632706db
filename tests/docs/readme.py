"""Keeps the examples of READMEs and of guides equal to the files that the tests run.

    python tests/docs/readme.py            writes them anew
    python tests/docs/readme.py --check    fails where they differ

An example stands in a code block behind `<!-- file: PATH -->`; of a Markdown file its first code block is taken.
"""

from __future__ import annotations

import re
import sys

from markdown_files import ROOT, committed

EXAMPLE = re.compile(r"(<!-- file: (?P<path>\S+) -->\n+```\w+\n).*?^```$", re.DOTALL | re.MULTILINE)


def source(path: str) -> str:
    """The example that a file holds."""
    text = (ROOT / path).read_text().strip("\n")
    if path.endswith(".md"):
        block = re.search(r"```\w+\n(.*?)\n```", text, re.DOTALL)
        assert block, f"{path} has no code block"
        return block[1]
    return text


def main() -> int:
    """Compares or writes; the exit code says whether all is well."""
    check = "--check" in sys.argv[1:]
    stale = 0
    shown = 0
    for page in [page for page in committed("*.md") if not page.startswith("tests/")]:
        text = (ROOT / page).read_text()
        paths = [found["path"] for found in EXAMPLE.finditer(text)]
        shown += len(paths)
        if not paths:
            continue
        current = EXAMPLE.sub(lambda found: f"{found[1]}{source(found['path'])}\n```", text)
        if not check:
            (ROOT / page).write_text(current)
        elif current != text:
            stale += 1
            print(f"{page} has examples that are not those of the tested files; run tests/docs/readme.py")
        else:
            print(f"{page}: examples {len(paths)}, as tested")
    assert shown >= 12, f"only {shown} examples found"
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
