"""Guards the views of Django REST framework, as the setting ``AT9068`` of :mod:`at9068.contrib.django` says.

    REST_FRAMEWORK = {
        "DEFAULT_AUTHENTICATION_CLASSES": ["at9068.contrib.drf.AccessTokenAuthentication"],
        "DEFAULT_PERMISSION_CLASSES": ["at9068.contrib.drf.AccessTokenPermission"],
        "EXCEPTION_HANDLER": "at9068.contrib.drf.exception_handler",
    }

    class Patients(APIView):
        required_scopes = {"GET": ["read:patients"]}
        required_permissions = {"DELETE": ["delete:patients"]}

The token is in ``request.auth``, or typed, in :func:`access_token`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar, cast

from django.core.exceptions import ImproperlyConfigured
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import APIException, NotAuthenticated
from rest_framework.permissions import BasePermission

from at9068 import AccessToken, At9068Error, Require, TokenError
from at9068.contrib import django as project

if TYPE_CHECKING:
    from django.http import HttpResponseBase
    from rest_framework.request import Request
    from rest_framework.views import APIView
    from typing_extensions import Unpack

__all__ = [
    "AccessTokenAuthentication",
    "AccessTokenPermission",
    "TokenUser",
    "access_token",
    "exception_handler",
    "required",
]

View = TypeVar("View", bound=Callable[..., Any])

# Of a request: why it has no token.
_MISSING = "at9068_missing"


@dataclass(frozen=True)
class TokenUser:
    """The ``request.user`` of a request with an access token: nobody that the project's database knows."""

    token: AccessToken

    is_authenticated = True
    is_anonymous = False
    is_active = True
    is_staff = False
    is_superuser = False

    @property
    def pk(self) -> str:
        """Whom the token speaks of, by which requests are throttled; unique within its issuer."""
        return self.token.sub

    id = pk
    username = pk

    def __str__(self) -> str:
        return self.token.sub


class AccessTokenAuthentication(BaseAuthentication):
    """Authenticates requests by their access token, which is ``request.auth`` then.

    Judges at once what the view demands, since every challenge names it. Of a request without a token it
    decides nothing, so that other authentication classes may; unless the view demands anything of a token.
    """

    def authenticate(self, request: Request) -> tuple[Any, AccessToken] | None:
        """Judge a request: its user and its token."""
        demands = demands_of(request.parser_context.get("view"), request.method)
        try:
            token = project.authenticate(request._request, demands)
        except At9068Error as error:
            if error.code == "credentials_missing" and not demands:
                setattr(request._request, _MISSING, error)
                return None
            raise refused(error) from error
        return self.user(token), token

    def authenticate_header(self, request: Request) -> str:
        """Give the challenge of a request without a token."""
        error = getattr(request._request, _MISSING, None)
        if error is None:
            # Another class refused the request before this one was asked.
            try:
                project.validator().authenticate({"headers": ()})
            except TokenError as missing:
                error = missing
        return ", ".join(error.challenge) if error is not None else ""

    def user(self, token: AccessToken) -> Any:
        """Give the user of a token: a :class:`TokenUser`, unless a subclass knows better."""
        return TokenUser(token)


class AccessTokenPermission(BasePermission):
    """Permits requests with an access token that is enough for the view.

    A view says what it demands in ``required_scopes`` and ``required_permissions``: a list, or a mapping
    from methods to lists, where HEAD is GET unless it is named. ``require``, or the decorator :func:`required`,
    has anything else, as a :class:`~at9068.Require`.
    """

    def has_permission(self, request: Request, view: APIView) -> bool:
        """Ask the token of the request what the view demands."""
        if not isinstance(request.auth, AccessToken):
            return False
        try:
            request.auth.require(demands_of(view, request.method))
        except At9068Error as error:
            raise refused(error) from error
        return True


def required(**demands: Unpack[Require]) -> Callable[[View], View]:
    """Have a view demand anything of its tokens, for all methods; for classes, and above ``@api_view``.

    ``required_scopes`` and ``required_permissions`` of a class count beside it.
    """

    def decorate(view: View) -> View:
        # What `@api_view` gives is a function that knows its class.
        setattr(getattr(view, "cls", view), "require", demands)  # noqa: B010
        return view

    return decorate


def access_token(request: Request) -> AccessToken:
    """Give the token of a request.

    Raises:
        LookupError: It has none.

    """
    if not isinstance(request.auth, AccessToken):
        raise LookupError("no access token: the view does not demand one")
    return request.auth


def exception_handler(exc: Exception, context: dict[str, Any]) -> HttpResponseBase | None:
    """Answer refusals with the ``http_response`` of their error, everything else as the framework does."""
    # The framework's views read settings that may name this module.
    from rest_framework.views import exception_handler, set_rollback

    request = context.get("request")
    error = exc.error if isinstance(exc, _Refused) else exc
    if isinstance(exc, NotAuthenticated) and request is not None:
        error = getattr(request._request, _MISSING, exc)
    if isinstance(error, At9068Error) and error.http_response is not None:
        set_rollback()
        return project.refuse(error)
    return exception_handler(exc, context)


def demands_of(view: Any, method: str | None) -> Require:
    """Give what a view demands for a method."""
    demands = cast(Require, dict(getattr(view, "require", None) or {}))
    if scopes := _for(method, getattr(view, "required_scopes", None)):
        demands["scopes"] = scopes
    if permissions := _for(method, getattr(view, "required_permissions", None)):
        demands["permissions"] = permissions
    return demands


def refused(error: At9068Error) -> Exception:
    """Make an error one of the framework's, unless it is the application's own mistake."""
    return _Refused(error) if error.http_response is not None else error


class _Refused(APIException):
    """Carries an error through the framework; with its own handler, only status and challenge arrive."""

    def __init__(self, error: At9068Error) -> None:
        super().__init__(error.message, error.code)
        self.error = error
        self.status_code = error.status or 500
        self.auth_header = ", ".join(error.challenge)
        self.wait = error.retry_after


def _for(method: str | None, demanded: Any) -> Any:
    if not isinstance(demanded, Mapping):
        return demanded
    if unknown := [name for name in demanded if name != str(name).upper()]:
        raise ImproperlyConfigured(f"methods are written in capitals: {unknown[0]}")
    # The framework answers HEAD by what answers GET.
    return demanded.get("GET" if method == "HEAD" and method not in demanded else method)
