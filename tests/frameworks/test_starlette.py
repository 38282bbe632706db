"""What is particular to Starlette: endpoints of every kind, parts of an application, applications without a guard."""

from __future__ import annotations

from typing import Any

import anyio.to_thread
import at9068
import pytest
from at9068.contrib import asgi
from at9068.contrib.starlette import AccessTokenMiddleware, Guard, access_token
from starlette.applications import Starlette
from starlette.endpoints import HTTPEndpoint, WebSocketEndpoint
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.websockets import WebSocket

from .inside import CERTIFICATE, DENIAL, ISSUER, bound, certificate_of, http, minted, validator, websocket
from .table import AUDIENCE, METADATA_PATH

guard = Guard(validator(protected_resource={"resource": AUDIENCE}))


@guard.required(scopes=["read:patients"])
def on_a_thread(request: Request) -> PlainTextResponse:
    """Is no coroutine."""
    return PlainTextResponse(access_token(request).sub)


class Methods(HTTPEndpoint):
    """Each method is guarded by itself."""

    @guard.required()
    async def get(self, request: Request) -> PlainTextResponse:
        """For any token."""
        assert access_token(request) is asgi.access_token(request.scope)
        return PlainTextResponse(access_token(request).client_id)

    @guard.required(scopes=["write:patients"])
    async def post(self, request: Request) -> PlainTextResponse:
        """For another scope."""
        return PlainTextResponse("written")


class Sockets(WebSocketEndpoint):
    """A class of websockets."""

    @guard.required()
    async def on_connect(self, websocket: WebSocket) -> None:
        """Accepts."""
        await websocket.accept()


@guard.required(scopes=["read:patients"])
async def socket(websocket: WebSocket) -> None:
    """A function for websockets."""
    await websocket.accept()
    await websocket.close()


@guard.required()
async def late(websocket: WebSocket) -> None:
    """Demands more once it has accepted."""
    await websocket.accept()
    access_token(websocket).require({"scopes": ["write:patients"]})


async def unguarded(request: Request) -> PlainTextResponse:
    """Forgets its guard."""
    return PlainTextResponse(access_token(request).sub)


async def part(scope: Any, receive: Any, send: Any) -> None:
    """An application that is mounted."""
    await PlainTextResponse(asgi.access_token(scope).sub)(scope, receive, send)


ROUTES = [
    Route("/thread", on_a_thread),
    Route("/methods", Methods),
    Route("/unguarded", unguarded),
    WebSocketRoute("/socket", socket),
    WebSocketRoute("/sockets", Sockets),
    WebSocketRoute("/late", late),
    Mount("/part", app=part, middleware=[Middleware(AccessTokenMiddleware, validator=guard.validator)]),
    Mount("/", app=PlainTextResponse("everything else")),
]
app = Starlette(routes=ROUTES)
guard.install(app)


def test_endpoints_of_every_kind() -> None:
    """Coroutines are what the table has."""
    assert http(app, "/thread", minted()).body == b"user-1"
    assert http(app, "/thread").status == 401
    assert http(app, "/thread", minted("write:patients")).status == 403
    assert http(app, "/methods", minted()).body == b"app"
    assert http(app, "/methods", minted(), "POST").status == 403
    assert http(app, "/part/x", minted()).body == b"user-1"
    assert http(app, "/part/x").status == 401


def test_websockets() -> None:
    """They are refused before they are accepted."""
    assert websocket(app, "/socket", minted())[0]["type"] == "websocket.accept"
    assert websocket(app, "/sockets", minted())[0]["type"] == "websocket.accept"
    for path in ("/socket", "/sockets"):
        start, *_ = websocket(app, path, extensions=DENIAL)
        assert (start["type"], start["status"]) == ("websocket.http.response.start", 401)
        [closed] = websocket(app, path)
        assert (closed["type"], closed["code"]) == ("websocket.close", 1008)
    assert [one["type"] for one in websocket(app, "/late", minted(), DENIAL)] == ["websocket.accept", "websocket.close"]


def test_the_metadata_stands_before_routes_that_take_everything() -> None:
    """And is not there where there is no resource."""
    answer = http(app, METADATA_PATH)
    assert answer.body.decode() == guard.validator.protected_resource_metadata
    assert http(app, METADATA_PATH, method="HEAD").status == 200
    assert Guard(validator()).routes() == []


def test_an_endpoint_without_guard_has_no_token() -> None:
    """It fails, rather than that it takes anybody's."""
    with pytest.raises(LookupError, match="not guarded"):
        http(app, "/unguarded", minted())


def test_without_installing_it_nothing_is_let_through() -> None:
    """Status and challenge are right, as with an application that is mounted; what an endpoint refuses is a fault."""
    bare = Starlette(routes=ROUTES)
    outer = Starlette(routes=[Mount("/outer", app=bare)])
    guard.install(outer)
    for token, status in ((None, 401), (minted("write:patients"), 403)):
        whole = http(app, "/thread", token)
        for refused in (http(bare, "/thread", token), http(outer, "/outer/thread", token)):
            assert refused.status == whole.status == status
            assert refused.fields["www-authenticate"] == whole.fields["www-authenticate"]
            assert refused.fields["cache-control"] == ["no-store"]
            assert refused.fields["content-type"] == ["text/plain; charset=utf-8"]
    assert websocket(bare, "/socket", extensions=DENIAL)[0]["status"] == 401
    [closed] = websocket(bare, "/socket")
    assert (closed["type"], closed["code"]) == ("websocket.close", 1008)

    @guard.required()
    async def deeper(request: Request) -> PlainTextResponse:
        access_token(request).require({"scopes": ["write:patients"]})
        return PlainTextResponse("in")

    with pytest.raises(at9068.DemandError):
        http(Starlette(routes=[Route("/", deeper)]), "/", minted())


def test_demands_are_checked_when_they_are_declared() -> None:
    """Not with the first request; nor is a text a list."""
    wrong: Any = {"scops": ["read:patients"]}
    text: Any = "read:patients"
    with pytest.raises(at9068.ConfigError, match="scops"):
        guard.required(**wrong)
    with pytest.raises(TypeError, match="scopes"):
        guard.required(scopes=text)
    with pytest.raises(at9068.ConfigError, match="scops"):
        AccessTokenMiddleware(part, guard.validator, require=wrong)


def test_requests_that_share_a_state_have_tokens_of_their_own() -> None:
    """As those of one connection may, with some servers."""
    state: dict[str, Any] = {}
    inner: list[bytes] = []

    @guard.required()
    async def endpoint(request: Request) -> PlainTextResponse:
        if access_token(request).sub == "user-1":
            # Another request comes and goes meanwhile.
            second = minted(subject="user-2")
            inner.append((await anyio.to_thread.run_sync(lambda: http(own, "/", second, state=state))).body)
        return PlainTextResponse(access_token(request).sub)

    own: Any = Starlette(routes=[Route("/", endpoint)])
    assert http(own, "/", minted(), state=state).body == b"user-1"
    assert inner == [b"user-2"]
    assert state == {}


def test_mistakes_are_found_when_the_application_is_made() -> None:
    """Not with the first request."""
    with pytest.raises(at9068.ConfigError):
        Guard(issuer=ISSUER)
    with pytest.raises(TypeError):
        Guard(validator(), issuer=ISSUER)


def test_a_certificate_is_taken_from_where_the_application_says() -> None:
    """Here from a header, as of a proxy."""
    proxied = Guard(validator(), certificate=lambda connection: certificate_of(connection.headers.get("client-cert")))

    @proxied.required()
    async def endpoint(request: Request) -> PlainTextResponse:
        return PlainTextResponse("bound")

    own = Starlette(routes=[Route("/", endpoint)])
    proxied.install(own)
    assert http(own, "/", bound(), fields=[("Client-Cert", CERTIFICATE)]).body == b"bound"
    assert http(own, "/", bound()).status == 401
