"""What `auth_request` asks: a service of one's own that validates with the Python package."""

from __future__ import annotations

import os
from typing import Any

from at9068 import KeySet, TokenError, Validator

with open(os.environ["AT9068_JWKS"], encoding="utf-8") as file:
    keys = KeySet.from_json(file.read())
cache = {"max_entries": int(os.environ["AT9068_TOKEN_CACHE"])}
validator = Validator(issuer="https://as.example/", audience="https://api.example/", jwks=keys, token_cache=cache)


async def app(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """204 for a good token, 401 otherwise."""
    assert scope["type"] == "http"
    headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"]]
    try:
        validator.authenticate({"headers": headers})
        status = 204
    except TokenError:
        status = 401
    await send({"type": "http.response.start", "status": status, "headers": []})
    await send({"type": "http.response.body", "body": b""})
