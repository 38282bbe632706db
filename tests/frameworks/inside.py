"""Asks applications within this process, as servers do: for what is particular to one framework."""

from __future__ import annotations

import asyncio
import base64
import io
import ssl
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from at9068 import Minter, SigningKey, Validator, certificate_sha256

from .serve import ROOT, Answer
from .table import AUDIENCE, Fields, bearer

CERTIFICATE = base64.b64encode(
    ssl.PEM_cert_to_DER_cert((ROOT / "core/tests/pem/p256-certificate.pem").read_text())
).decode()
ISSUER = "https://as.example/"
DENIAL: dict[str, Any] = {"websocket.http.response": {}}

key = SigningKey.generate("ES256")
_minter = Minter(
    issuer=ISSUER,
    keys=key,
    apis=[{"audience": AUDIENCE, "dialect": "rfc9068_profile_authz", "scopes": ["read:patients", "write:patients"]}],
    default_audience=AUDIENCE,
)


def minted(scope: str = "read:patients", **request: Any) -> str:
    """A token of the issuer whose key is at hand."""
    whole = {"grant_type": "authorization_code", "client_id": "app", "subject": "user-1", "scope": scope, **request}
    return _minter.mint(**whole).token


def bound() -> str:
    """A token that is bound to `CERTIFICATE`."""
    return minted(cnf={"x5t#S256": certificate_sha256(base64.b64decode(CERTIFICATE))})


def certificate_of(value: str | None) -> bytes | None:
    """The certificate in a header that a proxy sets, in base64."""
    return base64.b64decode(value) if value else None


def validator(**options: Any) -> Validator:
    """What accepts them."""
    return Validator(issuer=ISSUER, audience=AUDIENCE, jwks=key.key_set(), **options)


def http(
    app: Any, path: str, token: str | None = None, method: str = "GET", fields: Fields | None = None, **scope: Any
) -> Answer:
    """One request to an ASGI application."""
    known = {**_scope(path, token, fields), "type": "http", "method": method, "http_version": "1.1", **scope}
    messages = _exchange(app, known)
    start, *parts = messages
    found: dict[str, list[str]] = {}
    for name, value in start["headers"]:
        found.setdefault(name.decode().lower(), []).append(value.decode())
    return Answer(start["status"], found, b"".join(part.get("body", b"") for part in parts))


def websocket(app: Any, path: str, token: str | None = None, extensions: Any = None) -> list[dict[str, Any]]:
    """The messages that a handshake is answered with."""
    scope = {**_scope(path, token, None), "type": "websocket", "subprotocols": [], "extensions": extensions or {}}
    return _exchange(app, scope)


def wsgi(app: Any, path: str, token: str | None = None, method: str = "GET", **environ: str) -> Answer:
    """One request to a WSGI application."""
    begun: list[tuple[int, list[tuple[str, str]]]] = []

    def start_response(status: str, headers: list[tuple[str, str]], _: Any = None) -> Callable[[bytes], object]:
        begun.append((int(status.split()[0]), headers))
        return lambda _: None

    known = {
        "REQUEST_METHOD": method,
        "PATH_INFO": path,
        "QUERY_STRING": "",
        "SERVER_NAME": "api.example",
        "SERVER_PORT": "443",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": "api.example",
        **({"HTTP_AUTHORIZATION": f"Bearer {token}"} if token else {}),
        **environ,
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "https",
        "wsgi.input": io.BytesIO(),
        "wsgi.errors": io.StringIO(),
    }
    given: Iterable[bytes] = app(known, start_response)
    body = b"".join(given)
    found: dict[str, list[str]] = {}
    for name, value in begun[0][1]:
        found.setdefault(name.lower(), []).append(value)
    return Answer(begun[0][0], found, body)


def _scope(path: str, token: str | None, fields: Fields | None) -> dict[str, Any]:
    sent = [("Host", "api.example"), *(bearer(token) if token else []), *(fields or [])]
    return {
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "scheme": "https",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": [(name.lower().encode(), value.encode()) for name, value in sent],
        "server": ("api.example", 443),
        "client": ("127.0.0.1", 1),
    }


def _exchange(app: Callable[..., Awaitable[None]], scope: dict[str, Any]) -> list[dict[str, Any]]:
    messages: list[dict[str, Any]] = []

    async def main() -> None:
        first = {"type": "websocket.connect"} if scope["type"] == "websocket" else {"type": "http.request"}
        waiting = [first]

        async def receive() -> dict[str, Any]:
            if waiting:
                return waiting.pop(0)
            if scope["type"] == "http":
                # The client waits for its answer.
                await asyncio.sleep(60)
            return {"type": f"{scope['type']}.disconnect"}

        async def send(message: dict[str, Any]) -> None:
            messages.append(message)

        await app(scope, receive, send)

    asyncio.run(main())
    return messages
