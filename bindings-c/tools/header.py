"""Reads include/at9068.h, as cbindgen writes it: every declaration, with the comment above it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parents[1]
HEADER = HERE / "include" / "at9068.h"

# A comment or a declaration; what stands between them is blank, or belongs to C++ and include guards.
PIECE = re.compile(
    r"/\*\*(?P<comment>.*?)\*/"
    r"|^\#define (?P<constant>AT9068_\w+) (?P<value>\S.*?)$"
    r"|^typedef struct (?P<opaque>\w+) \w+;$"
    r"|^typedef struct (?P<struct>\w+) \{\n(?P<members>.*?)^\} \w+;$"
    r"|^typedef (?P<alias_of>\w+) (?P<alias>\w+);$"
    r"|^(?P<function>(?:const |struct )*\w+ \*?(?P<name>at9068_\w+)\([^;]*\));$",
    re.DOTALL | re.MULTILINE,
)
MEMBER = re.compile(r"/\*\*(?P<comment>.*?)\*/\s*(?P<member>[^;]+);", re.DOTALL)
# The name in a declaration of a member: of a pointer to a function the one within its parentheses.
MEMBER_NAME = re.compile(r"\(\*(\w+)\)\(|(\w+)$")


@dataclass(frozen=True)
class Member:
    """A member of a struct; ``text`` is its declaration on one line."""

    name: str
    text: str
    comment: str


@dataclass(frozen=True)
class Declaration:
    """``kind`` is constant, opaque, struct, alias or function; ``text`` the declaration on one line."""

    kind: str
    name: str
    text: str
    comment: str
    members: tuple[Member, ...] = ()


def one_line(text: str) -> str:
    """White space as single blanks, so that how lines are broken does not matter."""
    return re.sub(r"\s+", " ", text).strip().replace("( ", "(")


def comment_text(comment: str) -> str:
    """A comment without its frame."""
    return "\n".join(re.sub(r"^\s*\* ?", "", line).rstrip() for line in comment.strip("\n ").splitlines()).strip()


def member(found: re.Match[str]) -> Member:
    """One member, with its name taken out of its declaration."""
    text = one_line(found["member"])
    name = MEMBER_NAME.search(text)
    assert name, f"a member without a name: {text}"
    return Member(name[1] or name[2], text, comment_text(found["comment"]))


def read(text: str) -> tuple[str, list[Declaration]]:
    """The comment that the header begins with, and its declarations in order."""
    declarations: list[Declaration] = []
    above, first = "", None
    for found in PIECE.finditer(text):
        if found["comment"] is not None:
            above = comment_text(found["comment"])
            first = above if first is None else first
            continue
        if found["constant"]:
            parts: tuple[str, str, str] = ("constant", found["constant"], found["value"])
        elif found["opaque"]:
            parts = ("opaque", found["opaque"], "")
        elif found["struct"]:
            parts = ("struct", found["struct"], "")
        elif found["alias"]:
            parts = ("alias", found["alias"], found["alias_of"])
        else:
            parts = ("function", found["name"], one_line(found["function"]))
        members = tuple(member(one) for one in MEMBER.finditer(found["members"] or ""))
        declarations.append(Declaration(*parts, above, members))
        above = ""
    # What the pattern does not know would be left out without a word.
    declared = len(re.findall(r"^(?:typedef|#define AT9068_\w+ )", text, re.MULTILINE)) + len(
        re.findall(r"^(?!typedef)\w[^;{}]*?\bat9068_\w+\(", text, re.MULTILINE)
    )
    assert declared == len(declarations), f"the header has {declared} declarations, {len(declarations)} were read"
    assert first is not None
    return first, declarations
