"""What is particular to Django: middleware of both kinds, classes of views, CSRF, settings."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator
from typing import Any

import at9068
import pytest
from at9068.contrib.django import AccessTokenMiddleware, access_token, authenticate, metadata_urlpatterns, validator
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory, override_settings
from django.urls import resolve

from . import inside
from .inside import CERTIFICATE, bound, certificate_of, http, minted, wsgi
from .project import GUARDING, OPTIONS, asgi_application, plain, wsgi_application
from .serve import Answer
from .table import AUDIENCE, METADATA_PATH


class Otherwise(AccessTokenMiddleware):
    """Answers one view by itself."""

    def process_view(self, request: HttpRequest, view: Callable[..., Any], *_: Any) -> HttpResponse | None:
        """Answers it."""
        return HttpResponse("otherwise") if view is plain else super().process_view(request, view)


def of_wsgi(path: str, token: str | None = None) -> Answer:
    """What the project answers, as its settings are now."""
    return wsgi(wsgi_application(), path, token)


def of_asgi(path: str, token: str | None = None) -> Answer:
    """The same on an event loop."""
    return http(asgi_application(), path, token)


ASKED = (of_wsgi, of_asgi)


@pytest.fixture
def guarding() -> Iterator[None]:
    """The middleware guards everything."""
    with override_settings(MIDDLEWARE=GUARDING):
        yield


def test_views_of_every_kind() -> None:
    """Under WSGI and ASGI, whatever the view is."""
    app = wsgi_application()
    asynchronous = asgi_application()
    for path in ("/read", "/read-async", "/reading"):
        assert wsgi(app, path, minted()).body == b"user-1"
        assert http(asynchronous, path, minted()).body == b"user-1"
        assert wsgi(app, path).status == http(asynchronous, path).status == 401
        refused = wsgi(app, path, minted("write:patients"))
        assert (refused.status, refused.fields["www-authenticate"][0].split()[0]) == (403, "Bearer")
        assert http(asynchronous, path, minted("write:patients")).body == refused.body
    assert json.loads(wsgi(app, "/reading", minted(), "POST").body)["code"] == "scope_insufficient"
    # No CSRF check stands before a token.
    assert wsgi(app, "/reading", minted("read:patients write:patients"), "POST").body == b"written"


@pytest.mark.usefixtures("guarding")
def test_the_middleware_guards_all_views_but_those_that_are_open() -> None:
    """Under WSGI and ASGI."""
    app = wsgi_application()
    asynchronous = asgi_application()
    for path in ("/plain", "/plain-async"):
        assert wsgi(app, path, minted()).body == b"user-1"
        assert http(asynchronous, path, minted()).body == b"user-1"
        assert wsgi(app, path).status == http(asynchronous, path).status == 401
    assert wsgi(app, "/open").body == http(asynchronous, "/open").body == b"open"
    # Views with demands of their own name them in their challenges.
    for path in ("/read", "/reading"):
        assert 'scope="read:patients"' in wsgi(app, path).fields["www-authenticate"][0]
        assert 'scope="read:patients"' in http(asynchronous, path).fields["www-authenticate"][0]
        assert wsgi(app, path, minted()).status == http(asynchronous, path, minted()).status == 200


@pytest.mark.usefixtures("guarding")
def test_what_a_view_demands_is_answered_by_the_middleware() -> None:
    """Under WSGI and ASGI."""
    for answer in (wsgi(wsgi_application(), "/deeper", minted()), http(asgi_application(), "/deeper", minted())):
        assert (answer.status, json.loads(answer.body)["code"]) == (403, "permission_insufficient")
        assert answer.fields["content-type"] == ["application/problem+json"]
        assert answer.fields["cache-control"] == ["no-store"]


@pytest.mark.usefixtures("guarding")
def test_the_middleware_guards_what_decorators_make_of_a_view() -> None:
    """Which may answer in its place, and have its marks copied."""
    for path in ("/early", "/early-open"):
        for answer in (wsgi(wsgi_application(), path), http(asgi_application(), path)):
            assert answer.status == 401
        assert wsgi(wsgi_application(), path, minted()).body == b"early"
    # What the view demands is told all the same.
    assert 'scope="read:patients"' in wsgi(wsgi_application(), "/early").fields["www-authenticate"][0]


@pytest.mark.parametrize("kind", ["required", "middleware"])
def test_caches_do_not_answer_others(kind: str) -> None:
    """Not even that of the whole site, which stands in front."""
    paths = ("/read", "/read-async", "/reading") if kind == "required" else ("/plain", "/plain-async")
    guards = [] if kind == "required" else GUARDING
    caching = ["django.middleware.cache.UpdateCacheMiddleware", "django.middleware.cache.FetchFromCacheMiddleware"]
    with override_settings(MIDDLEWARE=[*caching, *guards]):
        for path, ask in itertools.product(paths, ASKED):
            answer = ask(path, minted())
            assert answer.fields["cache-control"] == ["private"]
            assert "Authorization" in answer.fields["vary"][0]
            assert ask(path, minted(subject="user-2")).body == b"user-2"
            assert ask(path).status == 401
    own = wsgi(wsgi_application(), "/public", minted())
    assert (own.fields["cache-control"], own.fields["vary"]) == (["max-age=60"], ["Authorization"])


def test_a_middleware_of_the_projects_own_may_judge_otherwise() -> None:
    """Under WSGI and ASGI."""
    with override_settings(MIDDLEWARE=[f"{__name__}.Otherwise"]):
        for ask in ASKED:
            assert ask("/plain").body == b"otherwise"
            assert ask("/read").status == 401


def test_headers_that_came_twice() -> None:
    """A loop hands both over; WSGI has them joined, where another scheme hides what comes behind."""
    both = [("Authorization", "Basic dXNlcjpwYXNz"), ("Authorization", f"Bearer {minted()}")]
    assert http(asgi_application(), "/read", fields=both).status == 400
    joined = ",".join(value for _, value in both)
    assert wsgi(wsgi_application(), "/read", HTTP_AUTHORIZATION=joined).status == 401
    twice = f"Bearer {minted()},Bearer {minted()}"
    assert wsgi(wsgi_application(), "/read", HTTP_AUTHORIZATION=twice).status == 400


def test_a_token_in_the_query_is_one_too_many() -> None:
    """The core is given the URL as it came."""
    assert wsgi(wsgi_application(), "/read", minted(), QUERY_STRING="access%5Ftoken=x").status == 400


def test_a_process_has_one_validator_and_tests_may_change_it() -> None:
    """The setting's."""
    assert validator() is validator()
    before = validator()
    shared = inside.validator()
    with override_settings(AT9068={"validator": shared}):
        assert validator() is shared
    assert validator() is not before


def test_metadata_has_a_url_where_there_is_any() -> None:
    """Which needs no token."""
    assert metadata_urlpatterns() == []
    with override_settings(AT9068={**OPTIONS, "protected_resource": {"resource": AUDIENCE}}, MIDDLEWARE=GUARDING):
        patterns = metadata_urlpatterns()
        match = resolve(METADATA_PATH, tuple(patterns))  # type: ignore[arg-type]
        response = match.func(RequestFactory().get(METADATA_PATH))
        assert response.content.decode() == validator().protected_resource_metadata
        assert response["Content-Type"] == "application/json"
        assert match.func(RequestFactory().post(METADATA_PATH)).status_code == 405


def test_a_certificate_is_taken_from_where_the_setting_says() -> None:
    """Here from the server's variables, where no client's header stands."""

    def of_server(request: HttpRequest) -> bytes | None:
        return certificate_of(request.META.get("SSL_CLIENT_CERT"))

    with override_settings(AT9068={**OPTIONS, "certificate": of_server}):
        assert wsgi(wsgi_application(), "/read", bound(), SSL_CLIENT_CERT=CERTIFICATE).status == 200
        assert wsgi(wsgi_application(), "/read", bound(), HTTP_SSL_CLIENT_CERT=CERTIFICATE).status == 401
    assert wsgi(wsgi_application(), "/read", bound(), SSL_CLIENT_CERT=CERTIFICATE).status == 401


def test_mistakes_are_found_when_the_project_is_loaded() -> None:
    """Where the middleware or the metadata are part of it."""
    with override_settings(AT9068={**OPTIONS, "audiance": AUDIENCE}, MIDDLEWARE=GUARDING):
        with pytest.raises(at9068.ConfigError, match="audiance"):
            wsgi_application()
        with pytest.raises(at9068.ConfigError):
            metadata_urlpatterns()
    with override_settings(AT9068={}), pytest.raises(at9068.ConfigError):
        validator()


def test_a_view_without_guard_has_no_token() -> None:
    """It fails, rather than that it takes anybody's."""
    with pytest.raises(LookupError, match="not guarded"):
        access_token(HttpRequest())


def test_views_may_judge_requests_themselves() -> None:
    """And handle what is refused."""
    request = RequestFactory().get("/", headers={"authorization": f"Bearer {minted()}"})
    assert authenticate(request).sub == access_token(request).sub
    with pytest.raises(at9068.TokenError):
        authenticate(RequestFactory().get("/"))
