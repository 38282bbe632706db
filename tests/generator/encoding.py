"""base64url and JSON text, written so that a test controls every byte."""

from __future__ import annotations

import base64
import json
from typing import Any


class Raw(str):
    """JSON text that is put in as it stands: 1e999, a duplicate member, a number of 400 digits."""


def b64u(data: bytes) -> str:
    """base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def b64u_decode(text: str) -> bytes:
    """The inverse of b64u."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def int_bytes(value: int) -> bytes:
    """Big endian, as few bytes as possible."""
    return value.to_bytes((value.bit_length() + 7) // 8, "big")


def text(value: Any) -> str:
    """Compact JSON text, members in the order given, Raw parts untouched."""
    if isinstance(value, Raw):
        return str(value)
    if isinstance(value, dict):
        return "{" + ",".join(f"{text(name)}:{text(item)}" for name, item in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join(text(item) for item in value) + "]"
    return json.dumps(value, ensure_ascii=False)
