"""What the core has called of a host's callables, in Python for as far as Python code runs."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from typing import Any, Literal

from at9068._types import Events, Fetch, FetchRequest, FetchResponse, IssuerEvent

_LOGGER = logging.getLogger("at9068")
# Who has not set up logging is told nothing.
_LOGGER.addHandler(logging.NullHandler())


def run(
    function: Callable[..., Any], arguments: tuple[Any, ...], answer: Callable[[Any, BaseException | None], None]
) -> None:
    """Call a function on a thread of its own, and answer with what it gives or raises."""
    try:
        given = function(*arguments)
    except BaseException as raised:
        answer(None, raised)
    else:
        answer(given, None)


def fetch_with(
    fetch: Fetch,
    url: str,
    headers: tuple[tuple[str, str], ...],
    timeout_seconds: float,
    connect_timeout_seconds: float,
    max_body_bytes: int,
    trusted_host: bool,
    method: Literal["GET"] | Literal["POST"],
    body: bytes | None,
) -> tuple[int, list[tuple[str, str]], bytes]:
    """Have a request made, and take the response apart."""
    response = fetch(
        FetchRequest(url, headers, timeout_seconds, connect_timeout_seconds, max_body_bytes, trusted_host, method, body)
    )
    if not isinstance(response, FetchResponse):
        raise TypeError(f"fetch must return a FetchResponse, not {type(response).__name__}")
    fields = response.headers.items() if isinstance(response.headers, Mapping) else response.headers
    return response.status, [(name, value) for name, value in fields], bytes(response.body)


def tell(events: Events, text: str) -> None:
    """Tell of an event."""
    events(json.loads(text))


def log(event: IssuerEvent) -> None:
    """Log an event: what a host does that has nothing better."""
    level = logging.INFO if event["event"] == "refreshed" else logging.WARNING
    details = " ".join(f"{name}={value}" for name, value in event.items() if name != "event")
    _LOGGER.log(level, "%s %s", event["event"], details)
