"""A small API behind WSGI that judges tokens in two ways: by itself, and asking the issuer every so often."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable
from typing import Any

import at9068

validators = {
    "/local": at9068.Validator.from_json(os.environ["LOCAL"]),
    "/asking": at9068.Validator.from_json(os.environ["ASKING"]),
}


def app(environ: dict[str, Any], start_response: Callable[[str, list[tuple[str, str]]], Any]) -> Iterable[bytes]:
    """Who asks, or why it may not."""
    headers = [("Authorization", environ["HTTP_AUTHORIZATION"])]
    try:
        caller = validators[environ["PATH_INFO"]].authenticate({"headers": headers})
    except at9068.At9068Error as refusal:
        status, answer = f"{refusal.status} Refused", refusal.code
    else:
        status, answer = "200 OK", caller.sub
    body = json.dumps(answer).encode()
    start_response(status, [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
    return [body]
