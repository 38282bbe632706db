"""Writes man/at9068.3, the reference of every function, from the header.

python3 tools/man.py            writes it anew
python3 tools/man.py --check    fails where it differs
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import header

PAGE = header.HERE / "man" / "at9068.3"

HEAD = """\
.\\" Written from include/at9068.h by tools/man.py. Do not edit.
.Dd November 23, 2026
.Dt AT9068 3
.Os
.Sh NAME
.Nm at9068
.Nd OAuth 2.0 JWT access tokens (RFC 9068), minted and validated
.Sh LIBRARY
libat9068: compile with
.Ql pkg-config --cflags --libs at9068 ,
or with CMake,
.Ql find_package(at9068 CONFIG) ,
and link with
.Ql at9068::at9068
or
.Ql at9068::static .
.Sh SYNOPSIS
.In at9068.h
.Sh DESCRIPTION
"""


def inline(text: str) -> str:
    """A line of a comment: its marks as fonts, and nothing that troff would take as its own."""
    text = text.replace("\\", "\\e")
    text = re.sub(r"\*\*(.+?)\*\*", r"\\fB\1\\fP", text)
    text = re.sub(r"`([^`]+)`", r"\\fI\1\\fP", text)
    return "\\&" + text if text.startswith((".", "'")) else text


def prose(comment: str) -> Iterator[str]:
    """Paragraphs and lists of a comment."""
    in_list = False
    for number, paragraph in enumerate(comment.split("\n\n")):
        is_list = paragraph.startswith("- ")
        if is_list and not in_list:
            yield ".Bl -bullet"
        if in_list and not is_list:
            yield ".El"
        if number and not is_list:
            yield ".Pp"
        in_list = is_list
        # Marks may go over the end of a line; lines of a list's entry are indented.
        joined = re.sub(r"\n(?!- ) *", " ", paragraph)
        for line in joined.split("\n"):
            if is_list:
                yield ".It"
            # A sentence on a line of its own, so that its end is one.
            yield from (inline(one) for one in sentences(line.removeprefix("- ")))
    if in_list:
        yield ".El"


def sentences(text: str) -> list[str]:
    """A text, broken behind the ends of sentences that no mark encloses."""
    lines: list[str] = []
    for part in re.split(r"(?<=[.:;]) (?=[A-Z*`(])", text):
        if lines and (lines[-1].count("`") % 2 or re.sub("`.*?`", "", lines[-1]).count("**") % 2):
            lines[-1] += f" {part}"
        else:
            lines.append(part)
    return lines


def function(one: header.Declaration) -> Iterator[str]:
    """How a function is called, and what it does."""
    result, parameters = one.text.split(f"{one.name}(", 1)
    yield f".It Ft {result.strip()}" if not result.endswith("*") else f".It Ft {result}"
    yield f".Fo {one.name}"
    depth, start, rest = 0, 0, parameters.removesuffix(")")
    for at, character in enumerate(rest):
        depth += {"(": 1, ")": -1}.get(character, 0)
        if character == "," and depth == 0:
            yield f'.Fa "{rest[start:at].strip()}"'
            start = at + 1
    yield f'.Fa "{rest[start:].strip()}"'
    yield ".Fc"
    yield ".Pp"
    yield from prose(one.comment)


def page() -> str:
    """The whole page."""
    above, declarations = header.read(header.HEADER.read_text())
    of = {kind: [one for one in declarations if one.kind == kind] for kind in {one.kind for one in declarations}}
    # Its first two paragraphs name the file and say who writes it.
    lines = [*prose(above.split("\n\n", 2)[2])]
    lines += [".Ss Handles", ".Bl -tag -width Ds"]
    for one in of["opaque"]:
        lines += [f".It Vt {one.name}", *prose(one.comment)]
    lines += [".El", ".Ss Structures and types", ".Bl -tag -width Ds"]
    for one in of["alias"] + of["struct"]:
        lines += [f".It Vt {one.name}", *prose(one.comment)]
        if one.members:
            lines += [".Bl -tag -width Ds"]
            for member in one.members:
                lines += [f".It Vt {member.text}", *prose(member.comment)]
            lines += [".El"]
    lines += [".El", ".Ss Functions", ".Bl -tag -width Ds"]
    for one in of["function"]:
        lines += [*function(one)]
    lines += [".El", ".Ss Constants", ".Bl -tag -width Ds"]
    for one in of["constant"]:
        if not one.name.startswith("AT9068_VERSION"):
            lines += [f".It Dv {one.name} Pq {one.text}", *prose(one.comment)]
    lines += [".El", ".Sh SEE ALSO", "RFC 6750, RFC 8705, RFC 9068, RFC 9470, RFC 9728"]
    return HEAD + "\n".join(lines) + "\n"


def main() -> int:
    """Compares or writes; the exit code says whether all is well."""
    if sys.argv[1:] not in ([], ["--check"]):
        sys.exit(__doc__)
    if not sys.argv[1:]:
        PAGE.write_text(page())
    elif not PAGE.exists() or PAGE.read_text() != page():
        print("man.py: man/at9068.3 is not that of the header; `make -C bindings-c man` writes it", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
