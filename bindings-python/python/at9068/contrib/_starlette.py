"""What Starlette and FastAPI have in common."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException, WebSocketException
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.websockets import WebSocket, WebSocketState

from at9068 import AccessToken, At9068Error, Require, Validator
from at9068.contrib._guard import Gate, GuardOptions, answer_to, single_fields
from at9068.contrib.asgi import POLICY_VIOLATION, TOKEN_KEY, Scope, authenticate

if TYPE_CHECKING:
    from typing_extensions import Unpack


class ConnectionGuard:
    """Guards the endpoints of one application."""

    def __init__(
        self,
        validator: Validator | None = None,
        *,
        certificate: Callable[[HTTPConnection], str | bytes | None] | None = None,
        **options: Unpack[GuardOptions],
    ) -> None:
        self._gate = Gate(validator, None if certificate is None else _of_scope(certificate), options)

    @property
    def validator(self) -> Validator:
        """The validator, for one to be shared, or prefetched with."""
        return self._gate.validator

    def install(self, app: Starlette) -> None:
        """Have an application answer refusals, whoever raises them, and serve the metadata.

        Every :class:`~at9068.At9068Error` that an endpoint, a dependency or an ``AccessToken.require``
        raises is answered with its ``http_response``. Where the validator has a ``protected_resource``,
        its metadata gets a route (RFC 9728 §3).
        """
        app.add_exception_handler(At9068Error, self.refuse)
        app.router.routes[:0] = self.routes()

    def routes(self) -> list[Route]:
        """Give the route of the protected resource metadata; none where there is no such resource."""
        if self._gate.metadata is None:
            return []
        path, document = self._gate.metadata

        async def metadata(_: Request) -> Response:
            return Response(document, headers={"Content-Type": "application/json"})

        return [Route(path, metadata, name="oauth-protected-resource", include_in_schema=False)]

    async def authenticate(self, connection: HTTPConnection, require: Require | None = None) -> AccessToken:
        """Judge a request or websocket; its scope has its token then, for ``access_token``.

        Raises:
            At9068Error: The request is refused, or nothing could be decided.

        """
        token = await authenticate(self._gate, connection.scope, require)
        connection.scope[TOKEN_KEY] = token
        return token

    async def admit(self, connection: HTTPConnection, require: Require) -> AccessToken:
        """Judge a request or websocket as :meth:`authenticate` does, for a decorator or dependency.

        An application without :meth:`install`, such as one that is mounted, would answer 500. It answers
        as its framework does then, with the right status and challenge.
        """
        try:
            return await self.authenticate(connection, require)
        except At9068Error as error:
            if _handles(connection.scope.get("app"), error):
                raise
            answer = answer_to(error)
            if _only_closes(connection):
                raise WebSocketException(POLICY_VIOLATION) from error
            fields = {name: value for name, value in single_fields(answer).items() if name != "Content-Type"}
            raise HTTPException(answer.status, headers=fields) from error

    async def refuse(self, connection: Request | WebSocket, error: Exception) -> Any:
        """Answer an :class:`~at9068.At9068Error`: the exception handler that :meth:`install` registers.

        A websocket that is not accepted yet gets the same answer where the server can, and is closed
        with code 1008 otherwise.
        """
        if not isinstance(error, At9068Error):
            raise error
        answer = answer_to(error)
        response = Response(answer.body, answer.status)
        for name, value in answer.headers:
            response.headers.append(name, value)
        if not isinstance(connection, WebSocket):
            return response
        if _only_closes(connection):
            await connection.close(POLICY_VIOLATION)
        else:
            await connection.send_denial_response(response)
        return None


def _only_closes(connection: HTTPConnection) -> bool:
    """Tell whether there can be no answer: to a websocket that is accepted, or whose server sends none."""
    if not isinstance(connection, WebSocket):
        return False
    accepted = connection.application_state is not WebSocketState.CONNECTING
    return accepted or "websocket.http.response" not in (connection.scope.get("extensions") or {})


def _handles(app: Starlette | None, error: At9068Error) -> bool:
    kinds = () if app is None else app.exception_handlers
    return any(isinstance(kind, type) and issubclass(kind, At9068Error) and isinstance(error, kind) for kind in kinds)


def _of_scope(
    certificate: Callable[[HTTPConnection], str | bytes | None],
) -> Callable[[Scope], str | bytes | None]:
    return lambda scope: certificate(HTTPConnection(scope))
