"""Guards the views of Django REST framework, as the setting ``AT9068`` of :mod:`at9068.contrib.django` says.

    REST_FRAMEWORK = {
        "DEFAULT_AUTHENTICATION_CLASSES": ["at9068.contrib.drf.AccessTokenAuthentication"],
        "DEFAULT_PERMISSION_CLASSES": ["at9068.contrib.drf.AccessTokenPermission"],
        "EXCEPTION_HANDLER": "at9068.contrib.drf.exception_handler",
    }

    class Patients(APIView):
        required_scopes = {"GET": ["read:patients"]}
        required_permissions = {"DELETE": ["delete:patients"]}

The token is in ``request.auth``, or typed, in :func:`access_token`. What a view answers varies with ``Authorization``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar, cast

from django.core.exceptions import ImproperlyConfigured
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import APIException, NotAuthenticated
from rest_framework.permissions import BasePermission

from at9068 import AccessToken, At9068Error, Require, TokenError
from at9068.contrib import django as project
from at9068.contrib._guard import together

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

# Of a class: all that `@required` had it demand.
_DEMANDS = "at9068_demands"
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

    def has_perm(self, perm: str, obj: object = None) -> bool:
        """Deny a permission of the project's: those of the token are in ``token.permissions``."""
        return False

    def has_perms(self, perm_list: Iterable[str], obj: object = None) -> bool:
        """Deny them all."""
        return False

    def has_module_perms(self, app_label: str) -> bool:
        """Deny every permission of an application of the project's."""
        return False

    def __str__(self) -> str:
        return self.token.sub


class AccessTokenAuthentication(BaseAuthentication):
    """Authenticates requests by their access token, which is ``request.auth`` then.

    Judges at once what the view demands, since every challenge names it. Of a request without a token it
    decides nothing, so that other authentication classes may; unless the view demands anything of a token.
    """

    def authenticate(self, request: Request) -> tuple[Any, AccessToken] | None:
        """Judge a request: its user and its token."""
        view = request.parser_context.get("view")
        _vary(view)
        demands = demands_of(view, request.method)
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
    from methods to lists, where HEAD is GET unless it is named. ``require`` has anything else, as a
    :class:`~at9068.Require`. These are attributes, so that those of a subclass replace those of its base. Beside
    them stands whatever the decorator :func:`required` adds: all of it holds.
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

    It adds to what the class demands otherwise, and its bases: of all lists all, and the least ``max_age``.
    :class:`AccessTokenAuthentication` and :class:`AccessTokenPermission` ask for it: a view has one of them.

    Raises:
        TypeError: It stands on a method or below ``@api_view``, where nothing would ask for it; or a text
            stands for a list.
        ValueError: The view demands other ``acr_values`` already: one of each list cannot be asked for at once.

    """
    whole = together(demands)

    def decorate(view: View) -> View:
        # The framework's views read settings that may name this module.
        from rest_framework.views import APIView

        # What `@api_view` gives is a function that knows its class.
        of = getattr(view, "cls", view)
        if not (isinstance(of, type) and issubclass(of, APIView)):
            raise TypeError("required: stands on a class of views, or above @api_view")
        together(*_added(of), whole)
        setattr(of, _DEMANDS, (*vars(of).get(_DEMANDS, ()), whole))
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
    attributes: Require = {
        "scopes": _for(method, getattr(view, "required_scopes", None)) or None,
        "permissions": _for(method, getattr(view, "required_permissions", None)) or None,
    }
    other = cast(Require, getattr(view, "require", None) or {})
    return together(*_added(type(view)), other, attributes)


def refused(error: At9068Error) -> Exception:
    """Make an error one of the framework's, unless it is the application's own mistake."""
    return _Refused(error) if error.http_response is not None else error


def _added(of: type) -> list[Require]:
    """Give what decorators had a class demand, and its bases."""
    return [demands for one in of.__mro__ for demands in vars(one).get(_DEMANDS, ())]


def _vary(view: Any) -> None:
    # Of the framework's responses, which are made by the view when all is done.
    fields = getattr(view, "headers", None)
    if fields is not None:
        fields["Vary"] = ", ".join(filter(None, (fields.get("Vary"), "Authorization")))


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
