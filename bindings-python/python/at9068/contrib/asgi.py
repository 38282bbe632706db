"""Middleware for any ASGI application.

    app = AccessTokenMiddleware(app, issuer="https://as.example/", audience="https://api.example/")

Every request and every websocket must then bring a good access token along, which the application
finds by :func:`access_token`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, MutableMapping
from typing import TYPE_CHECKING, Any, TypeAlias
from urllib.parse import quote

from at9068 import AccessToken, At9068Error, Require, Validator
from at9068.contrib._guard import Gate, GuardOptions, answer_to

if TYPE_CHECKING:
    from typing_extensions import Unpack

__all__ = ["ASGIApp", "AccessTokenMiddleware", "Message", "Receive", "Scope", "Send", "access_token"]

Scope: TypeAlias = MutableMapping[str, Any]
"""What is known of a connection."""

Message: TypeAlias = MutableMapping[str, Any]
"""Something that happens on it."""

Receive: TypeAlias = Callable[[], Awaitable[Message]]
"""Gives the next message of the client."""

Send: TypeAlias = Callable[[Message], Awaitable[None]]
"""Sends a message to the client."""

ASGIApp: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[None]]
"""An ASGI application."""

# Not of the state, which requests of one connection may share.
TOKEN_KEY = "at9068.access_token"
# RFC 6455 §7.4.1: a policy is violated.
POLICY_VIOLATION = 1008


class AccessTokenMiddleware:
    """Lets only requests and websockets with a good access token reach an application.

    The application may demand more of the token: ``access_token(scope).require({"scopes": ["read:patients"]})``.
    A refusal that it does not catch is answered here, as long as its own answer has not begun.

    A refused websocket is answered before it is accepted, with the same HTTP answer where the
    server can (extension ``websocket.http.response``), or else by closing it with code 1008, which
    servers turn into 403. Its token is judged once: an application that keeps it open beyond the
    token's ``exp`` decides that itself. Lifespan messages pass. Preflight requests of browsers bring no token
    along: middleware for CORS belongs outside of this one.

    Where the validator has a ``protected_resource``, its metadata is served at its path, without a
    token (RFC 9728 §3).

    Args:
        app: The application.
        validator: The validator, where it is shared. Otherwise it is made of ``options``.
        require: What requests must bring along beyond a good token, for all of them or, as a function,
            given the scope. Challenges name it. Default: nothing.
        open_paths: Paths for which no token is needed, compared exactly to ``scope["path"]``. Default: none.
        certificate: Given the scope, returns the client's certificate as PEM or DER, or None. For
            tokens that are bound to one (RFC 8705). Default: no request has one. It must take the
            certificate from the TLS layer, such as ``scope["extensions"]["tls"]``, or from a header
            that a proxy sets and that no client can: nothing else proves anything.
        **options: Those of :class:`~at9068.Validator`.

    Raises:
        ConfigError: The options are not valid, or ``require`` is not.
        TypeError: A validator and options of one are both given, or a text where a list is demanded.

    """

    def __init__(
        self,
        app: ASGIApp,
        validator: Validator | None = None,
        *,
        require: Require | Callable[[Scope], Require | None] | None = None,
        open_paths: Collection[str] = (),
        certificate: Callable[[Scope], str | bytes | None] | None = None,
        **options: Unpack[GuardOptions],
    ) -> None:
        self._app = app
        self._gate = Gate(validator, certificate, options)
        self._require = require if require is None or callable(require) else self._gate.declared(require)
        self._open_paths = frozenset([open_paths] if isinstance(open_paths, str) else open_paths)
        self._metadata = self._gate.metadata

    @property
    def validator(self) -> Validator:
        """The validator, for one to be shared, or prefetched with."""
        return self._gate.validator

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Judge the request, and pass it on or answer it."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] not in ("http", "websocket"):
            # What is not understood is not let through.
            raise ValueError(f"connections of type {scope['type']!r} cannot be guarded")
        exchange = _Exchange(receive, send)
        try:
            await self._serve(scope, exchange)
        except At9068Error as error:
            if exchange.begun:
                raise
            await refuse(error, scope, exchange.receive_first, exchange.send)

    async def _serve(self, scope: Scope, exchange: _Exchange) -> None:
        if self._metadata and scope["path"] == self._metadata[0] and scope.get("method") in ("GET", "HEAD"):
            await _respond(exchange.send, 200, [("Content-Type", "application/json")], self._metadata[1])
        elif scope["path"] in self._open_paths:
            await self._app(scope, exchange.receive, exchange.send)
        else:
            demands = self._require(scope) if callable(self._require) else self._require
            token = await authenticate(self._gate, scope, demands)
            await self._app({**scope, TOKEN_KEY: token}, exchange.receive, exchange.send)


def access_token(scope: Scope) -> AccessToken:
    """Give the token of a request that came through the middleware.

    Raises:
        LookupError: It came by another way.

    """
    token = scope.get(TOKEN_KEY)
    if not isinstance(token, AccessToken):
        raise LookupError(
            "no access token: the request did not pass AccessTokenMiddleware, or by one of its open paths"
        )
    return token


class _Exchange:
    """Receive and send of one connection, and how far it is."""

    def __init__(self, receive: Receive, send: Send) -> None:
        self._receive = receive
        self._send = send
        self._received = False
        self.begun = False

    async def receive(self) -> Message:
        self._received = True
        return await self._receive()

    async def receive_first(self) -> Message | None:
        """Receive the first message, where the application has not."""
        return None if self._received else await self.receive()

    async def send(self, message: Message) -> None:
        self.begun = True
        await self._send(message)


async def authenticate(gate: Gate[Scope], scope: Scope, require: Require | None) -> AccessToken:
    """Have the request of a scope judged."""
    # A websocket's handshake is a GET.
    return await gate.authenticate_async(scope, fields_of(scope), scope.get("method", "GET"), url_of(scope), require)


def fields_of(scope: Scope) -> list[tuple[str, str]]:
    """Give the header fields, each as it was sent."""
    return [(name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"]]


def url_of(scope: Scope) -> str:
    """Give the URL as the client sent it, as far as the server knows."""
    host: bytes = next((value for name, value in scope["headers"] if name == b"host"), b"")
    path: bytes = scope.get("raw_path") or quote(scope["path"]).encode()
    query: bytes = scope.get("query_string") or b""
    after = path + b"?" + query if query else path
    return f"{scope.get('scheme', 'http')}://{(host + after).decode('latin-1')}"


async def refuse(
    error: At9068Error, scope: Scope, receive_first: Callable[[], Awaitable[Message | None]], send: Send
) -> None:
    """Answer with what the core answers to an error."""
    response = answer_to(error)
    if scope["type"] == "http":
        await _respond(send, response.status, response.headers, response.body)
        return
    message = await receive_first()
    if message is not None and message["type"] != "websocket.connect":
        return
    if "websocket.http.response" in (scope.get("extensions") or {}):
        await _respond(send, response.status, response.headers, response.body, "websocket.")
    else:
        await send({"type": "websocket.close", "code": POLICY_VIOLATION, "reason": ""})


async def _respond(
    send: Send, status: int, fields: tuple[tuple[str, str], ...] | list[tuple[str, str]], body: bytes, prefix: str = ""
) -> None:
    headers = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in fields]
    headers.append((b"content-length", str(len(body)).encode()))
    await send({"type": f"{prefix}http.response.start", "status": status, "headers": headers})
    await send({"type": f"{prefix}http.response.body", "body": body})
