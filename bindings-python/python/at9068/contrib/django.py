"""Guards the views of a Django project, as its setting ``AT9068`` says.

    AT9068 = {"issuer": "https://as.example/", "audience": "https://api.example/"}

    @required(scopes=["read:patients"])
    def patients(request): ...

The token is in ``request.access_token``, or typed, in :func:`access_token`. ``AT9068`` has the options of
:class:`~at9068.Validator`, or a ``validator``; and ``certificate``: given the request, it returns the client's
certificate as PEM or DER, or None, for tokens that are bound to one (RFC 8705). Without it, no request
has one. It must take the certificate from the server (``request.META``, ``request.scope``), or from a header that a
proxy sets and that no client can: nothing else proves anything.

A process has one validator, made when it is first needed; the middleware and :func:`metadata_urlpatterns`
need it when the project is loaded, so that mistakes in the setting are found then.

A WSGI server joins an ``Authorization`` header that was sent twice into one, with a comma. Two tokens are
refused as malformed all the same, since no token holds a comma; a first header of another scheme counts
as the only one.
"""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar, cast

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.conf import settings
from django.core.signals import setting_changed
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path
from django.views.decorators.http import require_safe

from at9068 import AccessToken, At9068Error, Require, Validator
from at9068.contrib import _wsgi, asgi
from at9068.contrib._guard import Gate, GuardOptions, answer_to

if TYPE_CHECKING:
    from typing_extensions import Unpack

__all__ = [
    "AccessTokenMiddleware",
    "access_token",
    "authenticate",
    "metadata_urlpatterns",
    "open_view",
    "required",
    "validator",
]

View = TypeVar("View", bound=Callable[..., Any])

_SETTING = "AT9068"
# Of a view: who judges its requests, if not the middleware.
_MARK = "at9068_guard"

_lock = threading.Lock()
_made: Gate[HttpRequest] | None = None


class AccessTokenMiddleware:
    """Lets only requests with a good access token reach the views of a project.

    Exempt are views with :func:`open_view`; those with :func:`required` judge their requests themselves.
    Whatever :class:`~at9068.At9068Error` a view raises is answered with its ``http_response``. Synchronous
    and asynchronous.

    Views of Django REST framework have an adapter of their own, and are to be ``open_view`` here.
    """

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], Any]) -> None:
        self._get_response = get_response
        _gate()
        if iscoroutinefunction(get_response):
            markcoroutinefunction(self)
            self.process_view: Callable[..., Any] = self._process_view_async
        else:
            self.process_view = self._process_view

    def __call__(self, request: HttpRequest) -> Any:
        """Pass a request on: it is judged once its view is known."""
        return self._get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Answer a refusal that a view raised."""
        if isinstance(exception, At9068Error) and exception.http_response is not None:
            return refuse(exception)
        return None

    def _process_view(self, request: HttpRequest, view: Callable[..., Any], *_: Any) -> HttpResponse | None:
        return None if hasattr(view, _MARK) else _refusal(request, {})

    async def _process_view_async(self, request: HttpRequest, view: Callable[..., Any], *_: Any) -> HttpResponse | None:
        return None if hasattr(view, _MARK) else await _refusal_async(request, {})


def required(**demands: Unpack[Require]) -> Callable[[View], View]:
    """Have a view demand a good access token, and what ``demands`` say beyond that.

    For functions, asynchronous or not, and for what ``as_view()`` gives; for methods, with
    ``method_decorator``. A refusal that the view raises is answered too. It stands above decorators that
    may answer in the view's place, such as ``cache_page``. Such a view is exempt from CSRF checks: no
    browser sends an access token by itself.
    """

    def decorate(view: View) -> View:
        if iscoroutinefunction(view):

            @functools.wraps(view)
            async def guarded_async(request: HttpRequest, *arguments: Any, **named: Any) -> HttpResponseBase:
                refusal = await _refusal_async(request, demands)
                if refusal is not None:
                    return refusal
                try:
                    return cast(HttpResponseBase, await view(request, *arguments, **named))
                except At9068Error as error:
                    return refuse(error)

            return cast(View, _marked(guarded_async))

        @functools.wraps(view)
        def guarded(request: HttpRequest, *arguments: Any, **named: Any) -> HttpResponseBase:
            refusal = _refusal(request, demands)
            if refusal is not None:
                return refusal
            try:
                return cast(HttpResponseBase, view(request, *arguments, **named))
            except At9068Error as error:
                return refuse(error)

        return cast(View, _marked(guarded))

    return decorate


def open_view(view: View) -> View:
    """Exempt a view from :class:`AccessTokenMiddleware`."""
    setattr(view, _MARK, "open")
    return view


def access_token(request: HttpRequest) -> AccessToken:
    """Give the token of a guarded request.

    Raises:
        LookupError: It is not guarded.

    """
    token = getattr(request, "access_token", None)
    if not isinstance(token, AccessToken):
        raise LookupError("no access token: the view is not guarded")
    return token


def authenticate(request: HttpRequest, require: Require | None = None) -> AccessToken:
    """Judge a request; its token is in ``request.access_token`` then.

    Raises:
        At9068Error: The request is refused, or nothing could be decided.

    """
    return _accept(request, _gate().authenticate(*_request(request), require))


def metadata_urlpatterns() -> list[URLPattern]:
    """Give the URL pattern of the protected resource metadata (RFC 9728 §3), for the root URLconf.

    None where the validator has no ``protected_resource``.
    """
    published = _gate().metadata
    if published is None:
        return []
    at, document = published

    @open_view
    @require_safe
    def metadata(_: HttpRequest) -> HttpResponse:
        return HttpResponse(document, content_type="application/json")

    return [path(at.lstrip("/"), metadata, name="oauth-protected-resource")]


def validator() -> Validator:
    """Give the validator of this process, for one to be shared, or prefetched with."""
    return _gate().validator


def _gate() -> Gate[HttpRequest]:
    global _made
    with _lock:
        if _made is None:
            options = dict(getattr(settings, _SETTING, {}))
            given = options.pop("validator", None)
            certificate = options.pop("certificate", None)
            _made = Gate(given, certificate, cast(GuardOptions, options))
        return _made


def _forget(*, setting: str, **_: Any) -> None:
    """Forget the validator where a test changes its setting."""
    global _made
    if setting == _SETTING:
        with _lock:
            _made = None


setting_changed.connect(_forget)


def _marked(guarded: Callable[..., Any]) -> Any:
    guarded.csrf_exempt = True  # type: ignore[attr-defined]
    setattr(guarded, _MARK, "view")
    return guarded


def _refusal(request: HttpRequest, demands: Require) -> HttpResponse | None:
    try:
        authenticate(request, demands)
    except At9068Error as error:
        return refuse(error)
    return None


async def _refusal_async(request: HttpRequest, demands: Require) -> HttpResponse | None:
    try:
        _accept(request, await _gate().authenticate_async(*_request(request), demands))
    except At9068Error as error:
        return refuse(error)
    return None


def _accept(request: HttpRequest, token: AccessToken) -> AccessToken:
    request.access_token = token  # type: ignore[attr-defined]
    return token


def _request(request: HttpRequest) -> tuple[HttpRequest, list[tuple[str, str]], str, str]:
    scope = getattr(request, "scope", None)
    if scope is None:
        return request, _wsgi.fields_of(request.META), request.META["REQUEST_METHOD"], _wsgi.url_of(request.META)
    return request, asgi.fields_of(scope), scope["method"], asgi.url_of(scope)


def refuse(error: At9068Error) -> HttpResponse:
    """Answer with what the core answers to an error."""
    answer = answer_to(error)
    response = HttpResponse(answer.body, status=answer.status)
    for name, value in answer.headers:
        # Django has one value of each name; a list of challenges may stand in it (RFC 9110 §11.6.1).
        response[name] = f"{response[name]}, {value}" if name in response and name != "Content-Type" else value
    return response
