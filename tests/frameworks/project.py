"""A project of Django within this process: its settings, and its views."""

from __future__ import annotations

import functools
from typing import Any

import django
from at9068.contrib.django import access_token, open_view, required
from django.conf import settings
from django.core.handlers.asgi import ASGIHandler
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils.decorators import method_decorator
from django.views import View

from .inside import ISSUER, key
from .table import AUDIENCE

OPTIONS: dict[str, Any] = {"issuer": ISSUER, "audience": AUDIENCE, "jwks": key.key_set()}
GUARDING = ["django.middleware.csrf.CsrfViewMiddleware", "at9068.contrib.django.AccessTokenMiddleware"]

settings.configure(
    SECRET_KEY="TEST ONLY",
    ALLOWED_HOSTS=["api.example"],
    ROOT_URLCONF=__name__,
    MIDDLEWARE=["django.middleware.csrf.CsrfViewMiddleware"],
    INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", "rest_framework"],
    REST_FRAMEWORK={
        "DEFAULT_AUTHENTICATION_CLASSES": ["at9068.contrib.drf.AccessTokenAuthentication"],
        "DEFAULT_PERMISSION_CLASSES": ["at9068.contrib.drf.AccessTokenPermission"],
        "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
        "EXCEPTION_HANDLER": "at9068.contrib.drf.exception_handler",
    },
    AT9068=OPTIONS,
)
django.setup()


def wsgi_application() -> Any:
    """The project as its settings are now."""
    return WSGIHandler()


def asgi_application() -> Any:
    """The same for event loops."""
    return ASGIHandler()


def plain(request: HttpRequest) -> HttpResponse:
    """Has no guard of its own."""
    return HttpResponse(access_token(request).sub)


async def plain_async(request: HttpRequest) -> HttpResponse:
    """Has none either."""
    return HttpResponse(access_token(request).sub)


@open_view
def open_to_all(request: HttpRequest) -> HttpResponse:
    """Needs no token."""
    return HttpResponse("open")


def deeper(request: HttpRequest) -> HttpResponse:
    """Demands more within."""
    access_token(request).require({"permissions": ["delete:patients"]})
    return HttpResponse("deleted")


@required(scopes=["read:patients"])
def read(request: HttpRequest) -> HttpResponse:
    """Guarded, synchronous."""
    return HttpResponse(access_token(request).sub)


@required(scopes=["read:patients"])
async def read_async(request: HttpRequest) -> HttpResponse:
    """Guarded, asynchronous."""
    access_token(request).require({"scopes": ["read:patients"]})
    return HttpResponse(access_token(request).sub)


def early(view: Any) -> Any:
    """A decorator that answers in the view's place."""

    @functools.wraps(view)
    def answering(request: HttpRequest) -> HttpResponse:
        return HttpResponse("early")

    return answering


@required()
def public(request: HttpRequest) -> HttpResponse:
    """Says itself what caches may do."""
    return HttpResponse("public", headers={"Cache-Control": "max-age=60"})


@method_decorator(required(scopes=["read:patients"]), name="dispatch")
class Reading(View):
    """Guarded as a whole."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Reads."""
        return HttpResponse(access_token(request).sub)

    def post(self, request: HttpRequest) -> HttpResponse:
        """Writes; no browser could, without a token."""
        access_token(request).require({"scopes": ["write:patients"]})
        return HttpResponse("written")


urlpatterns = [
    path("plain", plain),
    path("plain-async", plain_async),
    path("open", open_to_all),
    path("deeper", deeper),
    path("read", read),
    path("read-async", read_async),
    path("early", early(read)),
    path("early-open", early(open_to_all)),
    path("public", public),
    path("reading", Reading.as_view()),
]
