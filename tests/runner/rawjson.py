"""The members of a JSON object as slices of its text: claims and header are compared as text, not as values."""

from __future__ import annotations

import json
from json.decoder import scanstring  # type: ignore[attr-defined]  # public in practice, absent from the stubs
from typing import Any

DECODER = json.JSONDecoder()
BLANK = " \t\n\r"


def skip(text: str, at: int) -> int:
    """The next position that is no white space."""
    while at < len(text) and text[at] in BLANK:
        at += 1
    return at


def members(text: str) -> dict[str, str]:
    """Name to raw text for one JSON object; ValueError where it is none or names a member twice."""
    at = skip(text, 0)
    if text[at : at + 1] != "{":
        raise ValueError("not a JSON object")
    found: dict[str, str] = {}
    at = skip(text, at + 1)
    if text[at : at + 1] == "}":
        at += 1
    else:
        while True:
            if text[at : at + 1] != '"':
                raise ValueError(f"a member name is expected at {at}")
            name, at = scanstring(text, at + 1, True)
            at = skip(text, at)
            if text[at : at + 1] != ":":
                raise ValueError(f"a colon is expected at {at}")
            start = skip(text, at + 1)
            _, at = DECODER.raw_decode(text, start)
            if name in found:
                raise ValueError(f"member {name} stands there twice")
            found[name] = text[start:at]
            at = skip(text, at)
            if text[at : at + 1] == "}":
                at += 1
                break
            if text[at : at + 1] != ",":
                raise ValueError(f"a comma is expected at {at}")
            at = skip(text, at + 1)
    if skip(text, at) != len(text):
        raise ValueError("something follows the object")
    return found


def compact(value: Any) -> str:
    """The one text in which objects of the vector files are sent."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
