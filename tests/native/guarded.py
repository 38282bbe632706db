"""A small API behind WSGI, as a service would write it: one validator of the module, made before any worker is."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from typing import Any

import at9068

validator = at9068.Validator(
    issuer=os.environ["ISSUER"],
    audience="https://api.example/",
    issuer_cache={
        "danger_http_loopback": True,
        "timeout_seconds": 20.0,
        "cooldown_seconds": int(os.environ["COOLDOWN_SECONDS"]),
    },
)
if os.environ["PREFETCH"] == "yes":
    validator.prefetch()


def app(environ: dict[str, Any], start_response: Callable[[str, list[tuple[str, str]]], Any]) -> Iterable[bytes]:
    """Who asks, and which process answers."""
    headers = [("Authorization", environ["HTTP_AUTHORIZATION"])]
    try:
        caller = validator.authenticate({"headers": headers}).client_id
    except at9068.At9068Error as refusal:
        challenges = [("WWW-Authenticate", challenge) for challenge in refusal.challenge]
        start_response(f"{refusal.status} Refused", challenges)
        return [f"{os.getpid()} {refusal.code}".encode()]
    start_response("200 OK", [])
    return [f"{os.getpid()} {caller}".encode()]
