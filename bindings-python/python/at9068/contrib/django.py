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

What a guarded view answers varies with ``Authorization``, and is ``private`` unless the view says otherwise in
``Cache-Control``, so that no cache in front, such as that of the whole site, answers anybody else with it.
"""

from __future__ import annotations

import functools
import threading
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar, cast

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.conf import settings
from django.core.signals import setting_changed
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.views.decorators.http import require_safe

from at9068 import AccessToken, At9068Error, Require, Validator
from at9068.contrib import _wsgi, asgi
from at9068.contrib._guard import Gate, GuardOptions, answer_to, single_fields, together

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
# Of a view: its `_Mark`.
_MARK = "at9068_guard"

_lock = threading.Lock()
_made: Gate[HttpRequest] | None = None


class AccessTokenMiddleware:
    """Lets only requests with a good access token reach the views of a project.

    Exempt are views with :func:`open_view`; those with :func:`required` judge their requests themselves. Both
    must stand above all other decorators of a view for that: what another one makes of it is judged here.
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
            # The framework asks the method whether it is a coroutine. That of a subclass is its own.
            if type(self).process_view is AccessTokenMiddleware.process_view:
                self.process_view = self.process_view_async  # type: ignore[method-assign, assignment]

    def __call__(self, request: HttpRequest) -> Any:
        """Pass a request on: it is judged once its view is known."""
        response = self._get_response(request)
        return _private_async(request, response) if iscoroutinefunction(self) else _private(request, response)

    def process_view(self, request: HttpRequest, view: Callable[..., Any], *_: Any) -> HttpResponse | None:
        """Judge a request, unless its view does."""
        demands = _demands(view)
        return None if demands is None else _refusal(request, demands)

    async def process_view_async(self, request: HttpRequest, view: Callable[..., Any], *_: Any) -> HttpResponse | None:
        """Judge a request, unless its view does, without blocking the loop."""
        demands = _demands(view)
        return None if demands is None else await _refusal_async(request, demands)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Answer a refusal that a view raised."""
        if isinstance(exception, At9068Error) and exception.http_response is not None:
            return refuse(exception)
        return None


def required(**demands: Unpack[Require]) -> Callable[[View], View]:
    """Have a view demand a good access token, and what ``demands`` say beyond that.

    For functions, asynchronous or not, and for what ``as_view()`` gives; for methods, with
    ``method_decorator``. A refusal that the view raises is answered too. It stands above decorators that
    may answer in the view's place, such as ``cache_page``. Such a view is exempt from CSRF checks: no
    browser sends an access token by itself.

    Raises:
        TypeError: A text stands for a list.

    """
    whole = together(demands)

    def decorate(view: View) -> View:
        if iscoroutinefunction(view):

            @functools.wraps(view)
            async def guarded_async(request: HttpRequest, *arguments: Any, **named: Any) -> HttpResponseBase:
                refusal = await _refusal_async(request, whole)
                if refusal is not None:
                    return refusal
                try:
                    return _private(request, await view(request, *arguments, **named))
                except At9068Error as error:
                    return refuse(error)

            return cast(View, _guarded(guarded_async, whole))

        @functools.wraps(view)
        def guarded(request: HttpRequest, *arguments: Any, **named: Any) -> HttpResponseBase:
            refusal = _refusal(request, whole)
            if refusal is not None:
                return refusal
            try:
                return _private(request, view(request, *arguments, **named))
            except At9068Error as error:
                return refuse(error)

        return cast(View, _guarded(guarded, whole))

    return decorate


def open_view(view: View) -> View:
    """Exempt a view from :class:`AccessTokenMiddleware`."""
    return _marked(view, {})


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


@dataclass(frozen=True)
class _Mark:
    """Tells the middleware that a view judges its requests itself, or is open."""

    view: Callable[..., Any]
    demands: Require


def _marked(view: View, demands: Require) -> View:
    setattr(view, _MARK, _Mark(view, demands))
    return view


def _guarded(view: Callable[..., Any], demands: Require) -> Any:
    view.csrf_exempt = True  # type: ignore[attr-defined]
    return _marked(view, demands)


def _demands(view: Callable[..., Any]) -> Require | None:
    """Give what the middleware is to demand for a view; None where it is not to judge."""
    mark = getattr(view, _MARK, None)
    if mark is None:
        return {}
    # Decorators copy marks to functions that may answer before the marked one is asked.
    return None if mark.view is view else cast(Require, mark.demands)


def _private(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    """Keep caches from answering others with what was answered to a token."""
    if getattr(request, "access_token", None) is not None:
        patch_vary_headers(response, ["Authorization"])
        if not response.has_header("Cache-Control"):
            patch_cache_control(response, private=True)
    return response


async def _private_async(request: HttpRequest, response: Awaitable[HttpResponseBase]) -> HttpResponseBase:
    return _private(request, await response)


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
    for name, value in single_fields(answer).items():
        response[name] = value
    return response
