"""The snippets of bindings-python/README.md, each as it stands, within an application that it leaves out."""

from __future__ import annotations

import re
from typing import Annotated, Any

import at9068.contrib.asgi
import at9068.contrib.django
import at9068.contrib.drf
import at9068.contrib.fastapi
import at9068.contrib.flask
import at9068.contrib.starlette
import pytest
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpRequest, HttpResponse
from django.test import override_settings
from django.urls import path
from fastapi import FastAPI, Security
from flask import Flask
from rest_framework.request import Request as DrfRequest
from rest_framework.response import Response
from rest_framework.views import APIView
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse

from .inside import http, key, minted, wsgi
from .serve import ROOT, Answer

BLOCK = re.compile(r"<!-- run by: tests/frameworks/test_readme.py -->\n\n```python\n(.*?)```", re.DOTALL)
TEXT = (ROOT / "bindings-python/README.md").read_text(encoding="utf-8")
BLOCKS = BLOCK.findall(TEXT)
# What the adapters' own issuer publishes is not fetched here.
FETCHED = 'audience="https://api.example/"'
SETTING = '"audience": "https://api.example/"}\n'


def block(names: str) -> str:
    """The snippet that names something, with keys at hand."""
    [found] = [text for text in BLOCKS if names in text]
    assert (FETCHED in found) != (SETTING in found)
    return str(found).replace(FETCHED, f"{FETCHED}, jwks=keys").replace(SETTING, f'{SETTING[:-2]}, "jwks": keys}}\n')


def run(names: str, **given: Any) -> dict[str, Any]:
    """What the snippet leaves behind."""
    space: dict[str, Any] = {"__name__": __name__, "at9068": at9068, "keys": key.key_set(), **given}
    exec(compile(block(names), names, "exec", dont_inherit=True), space)
    return space


def judged(answer: Answer, refused: Answer, missing: Answer) -> None:
    """With a token that is enough, one that is not, and none."""
    assert (answer.status, answer.body.strip(b'"\n')) == (200, b"user-1")
    assert (refused.status, missing.status) == (403, 401)
    assert refused.fields["content-type"] == ["application/problem+json"]


def test_every_snippet_is_run() -> None:
    """None is forgotten here."""
    assert len(BLOCKS) == 7


def test_fastapi() -> None:
    """A dependency."""
    app = FastAPI()
    run("fastapi.Guard", app=app, Annotated=Annotated, AccessToken=at9068.AccessToken, Security=Security)
    judged(http(app, "/patients", minted()), http(app, "/patients", minted("write:patients")), http(app, "/patients"))


def test_starlette() -> None:
    """A decorator."""
    app = Starlette()
    access_token = at9068.contrib.starlette.access_token
    made = run(
        "starlette.Guard", app=app, Request=Request, PlainTextResponse=PlainTextResponse, access_token=access_token
    )
    app.add_route("/patients", made["patients"])
    judged(http(app, "/patients", minted()), http(app, "/patients", minted("write:patients")), http(app, "/patients"))


def test_asgi() -> None:
    """Middleware."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await PlainTextResponse(at9068.contrib.asgi.access_token(scope).sub)(scope, receive, send)

    guarded = run("contrib.asgi", app=app)["app"]
    judged(http(guarded, "/", minted()), http(guarded, "/", minted("write:patients")), http(guarded, "/"))


def test_flask() -> None:
    """A decorator."""
    app = Flask("readme")
    run('@app.get("/patients")\n@guard', app=app)
    judged(wsgi(app, "/patients", minted()), wsgi(app, "/patients", minted("write:patients")), wsgi(app, "/patients"))


def served(view: Any, setting: Any) -> None:
    """A project of one view."""
    urls = type("urls", (), {"urlpatterns": [path("patients", view)]})
    with override_settings(AT9068=setting, ROOT_URLCONF=urls):
        app = WSGIHandler()
        judged(
            wsgi(app, "/patients", minted()), wsgi(app, "/patients", minted("write:patients")), wsgi(app, "/patients")
        )


def test_django() -> None:
    """A decorator, and a setting."""
    access_token = at9068.contrib.django.access_token
    made = run("django.required", HttpRequest=HttpRequest, HttpResponse=HttpResponse, access_token=access_token)
    served(made["patients"], made["AT9068"])


def test_drf() -> None:
    """Settings; those of this process name the same classes."""
    access_token = at9068.contrib.drf.access_token
    made = run("APIView", APIView=APIView, Request=DrfRequest, Response=Response, access_token=access_token)
    assert made["REST_FRAMEWORK"].items() <= settings.REST_FRAMEWORK.items()
    served(made["Patients"].as_view(), made["AT9068"])


@pytest.mark.parametrize("scope", ["read:patients", "write:patients"])
def test_an_issuer_at_hand(scope: str) -> None:
    """As tests of others have it."""
    app = Flask("tested")
    names = {name: getattr(at9068, name) for name in ("SigningKey", "Minter", "Validator")}
    space: dict[str, Any] = {"at9068": at9068, "app": app, **names}
    [text] = [text for text in BLOCKS if "SigningKey" in text]

    @app.get("/patients")
    def patients() -> str:
        guard = space["guard"]
        guard.authenticate({"scopes": [scope]})
        return str(guard.token.client_id)

    exec(compile(text, "tests", "exec", dont_inherit=True), space)
    assert space["answer"].status_code == (200 if scope == "read:patients" else 403)
