"""Requests as WSGI servers tell of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from wsgiref.util import request_uri


def fields_of(environ: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Give the header fields.

    A server makes one of those that came twice, with a comma between (RFC 3875 §4.1.18).
    """
    return [(name[5:].replace("_", "-"), value) for name, value in environ.items() if name.startswith("HTTP_")]


def url_of(environ: Mapping[str, Any]) -> str:
    """Give the URL as the client sent it, as far as the server knows."""
    return request_uri(dict(environ))
