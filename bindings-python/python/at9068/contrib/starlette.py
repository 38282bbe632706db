"""Guards the endpoints of a Starlette application.

    guard = Guard(issuer="https://as.example/", audience="https://api.example/")

    @guard.required(scopes=["read:patients"])
    async def patients(request): ...

    guard.install(app)

A whole application, or a part that is mounted, is guarded by :class:`AccessTokenMiddleware`.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar, cast

from anyio import from_thread
from starlette.requests import HTTPConnection

from at9068 import AccessToken, Require
from at9068.contrib._starlette import ConnectionGuard
from at9068.contrib.asgi import TOKEN_KEY, AccessTokenMiddleware

if TYPE_CHECKING:
    from typing_extensions import Unpack

__all__ = ["AccessTokenMiddleware", "Guard", "access_token"]

Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])


class Guard(ConnectionGuard):
    """Guards the endpoints of one application with one validator.

    :meth:`install` has refusals answered and the metadata served. An application without it, such as one
    that is mounted, answers what the decorator refuses with status and challenge, but a text of its
    framework's; and what an endpoint refuses itself with 500.

    Args:
        validator: The validator, where it is shared. Otherwise it is made of ``options``.
        certificate: Given the request, returns the client's certificate as PEM or DER, or None. For
            tokens that are bound to one (RFC 8705). Default: no request has one. It must take the
            certificate from the TLS layer, such as ``request.scope["extensions"]["tls"]``, or from a
            header that a proxy sets and that no client can: nothing else proves anything.
        **options: Those of :class:`~at9068.Validator`.

    Raises:
        ConfigError: The options are not valid.
        TypeError: A validator and options of one are both given.

    """

    def required(self, **demands: Unpack[Require]) -> Callable[[Endpoint], Endpoint]:
        """Have an endpoint demand a good access token, and what ``demands`` say beyond that.

        For functions that are given a request or a websocket, and for methods of ``HTTPEndpoint`` and
        ``WebSocketEndpoint``, asynchronous or not. :func:`access_token` gives the token.

        Raises:
            ConfigError: The demands are not valid.
            TypeError: A text stands for a list.

        """
        whole = self._gate.declared(demands)

        def decorate(endpoint: Endpoint) -> Endpoint:
            if inspect.iscoroutinefunction(endpoint):

                @functools.wraps(endpoint)
                async def guarded_async(*arguments: Any, **named: Any) -> Any:
                    await self.admit(_connection(arguments, named), whole)
                    return await endpoint(*arguments, **named)

                return cast(Endpoint, guarded_async)

            @functools.wraps(endpoint)
            def guarded(*arguments: Any, **named: Any) -> Any:
                # Starlette runs it on a thread of the loop's.
                from_thread.run(self.admit, _connection(arguments, named), whole)
                return endpoint(*arguments, **named)

            return cast(Endpoint, guarded)

        return decorate


def access_token(connection: HTTPConnection) -> AccessToken:
    """Give the token of a guarded request or websocket.

    Raises:
        LookupError: It is not guarded.

    """
    token = connection.scope.get(TOKEN_KEY)
    if not isinstance(token, AccessToken):
        raise LookupError("no access token: the endpoint is not guarded")
    return token


def _connection(arguments: tuple[Any, ...], named: dict[str, Any]) -> HTTPConnection:
    for argument in (*arguments, *named.values()):
        if isinstance(argument, HTTPConnection):
            return argument
    raise TypeError("a guarded endpoint must be given the request or websocket")
