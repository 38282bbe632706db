"""Guards the routes of a FastAPI application.

    guard = Guard(issuer="https://as.example/", audience="https://api.example/")
    guard.install(app)

    @app.get("/patients")
    async def patients(token: Annotated[AccessToken, Security(guard, scopes=["read:patients"])]): ...

A whole application is guarded by :class:`AccessTokenMiddleware`, or by ``FastAPI(dependencies=[Depends(guard)])``.
"""

# No `from __future__ import annotations`: older versions of FastAPI do not resolve the annotations of an object's
# `__call__` where they are text.
from collections.abc import Callable
from typing import TYPE_CHECKING

from fastapi.openapi.models import HTTPBearer
from fastapi.openapi.models import SecurityBase as SecurityScheme
from fastapi.security import SecurityScopes
from fastapi.security.base import SecurityBase
from starlette.requests import HTTPConnection

from at9068 import AccessToken, Require, Validator
from at9068.contrib._guard import GuardOptions, together
from at9068.contrib._starlette import ConnectionGuard
from at9068.contrib.asgi import AccessTokenMiddleware

if TYPE_CHECKING:
    from typing_extensions import Unpack

__all__ = ["AccessTokenMiddleware", "Demand", "Guard"]


class Demand(SecurityBase):
    """A dependency that gives the access token of a request which brings enough along.

    :meth:`Guard.require` makes it. The scopes of ``Security(…, scopes=[…])``, here and above, are
    demanded too, and stand in the OpenAPI document.
    """

    def __init__(self, guard: ConnectionGuard, scheme: SecurityScheme, scheme_name: str, demands: Require) -> None:
        self.model = scheme
        self.scheme_name = scheme_name
        self._guard = guard
        self._demands = demands

    async def __call__(self, connection: HTTPConnection, security_scopes: SecurityScopes) -> AccessToken:
        """Judge the request of a route, or its websocket."""
        return await self._guard.admit(connection, together(self._demands, {"scopes": security_scopes.scopes}))


class Guard(ConnectionGuard, SecurityBase):
    """Guards the routes of one application with one validator; a security dependency that gives an access token.

    ``Depends(guard)`` demands any good token, ``Security(guard, scopes=[…])`` one with scopes,
    :meth:`require` more than that. :meth:`install` has refusals answered and the metadata served.
    An application without it, such as one that is mounted, answers what the dependency refuses with status and
    challenge, but a body of its framework's; and what a route refuses itself with 500.

    FastAPI reads a body that is JSON before it asks any dependency: what is no JSON is answered with 422,
    token or not. Where nothing may be read for strangers, use :class:`AccessTokenMiddleware`.

    Args:
        validator: The validator, where it is shared. Otherwise it is made of ``options``.
        certificate: Given the request, returns the client's certificate as PEM or DER, or None. For
            tokens that are bound to one (RFC 8705). Default: no request has one. It must take the
            certificate from the TLS layer, such as ``request.scope["extensions"]["tls"]``, or from a
            header that a proxy sets and that no client can: nothing else proves anything.
        scheme: The security scheme in the OpenAPI document, such as an ``OAuth2`` with the flows that
            its user interface can begin. Default: ``bearer`` with the format ``JWT``.
        scheme_name: Its name there.
        **options: Those of :class:`~at9068.Validator`.

    Raises:
        ConfigError: The options are not valid.
        TypeError: A validator and options of one are both given.

    """

    def __init__(
        self,
        validator: Validator | None = None,
        *,
        certificate: Callable[[HTTPConnection], str | bytes | None] | None = None,
        scheme: SecurityScheme | None = None,
        scheme_name: str = "AccessToken",
        **options: "Unpack[GuardOptions]",
    ) -> None:
        super().__init__(validator, certificate=certificate, **options)
        self.model = HTTPBearer(bearerFormat="JWT") if scheme is None else scheme
        self.scheme_name = scheme_name
        self._any = self.require()

    def require(self, **demands: "Unpack[Require]") -> Demand:
        """Make a dependency that demands permissions, roles or an authentication too (RFC 9470).

        @app.delete("/patients", dependencies=[Depends(guard.require(permissions=["delete:patients"]))])

        Raises:
            ConfigError: The demands are not valid.
            TypeError: A text stands for a list.

        """
        return Demand(self, self.model, self.scheme_name, self._gate.declared(demands))

    async def __call__(self, connection: HTTPConnection, security_scopes: SecurityScopes) -> AccessToken:
        """Judge the request of a route, or its websocket."""
        return await self._any(connection, security_scopes)
