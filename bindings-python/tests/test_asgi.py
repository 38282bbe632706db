"""The middleware for ASGI, without any server: what no table of requests reaches."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import at9068
import pytest
from at9068 import AccessToken, ConfigError, DemandError, KeySet, Minter, SigningKey, Validator
from at9068.contrib.asgi import AccessTokenMiddleware, ASGIApp, Message, Receive, Scope, Send, access_token
from conftest import API, ISSUER

METADATA = "/.well-known/oauth-protected-resource"
DENIAL: dict[str, Any] = {"websocket.http.response": {}}


class Recorder:
    """An application that notes the scopes that reach it, and does what it is told."""

    def __init__(self, acts: Callable[[Scope, Send], Any] | None = None) -> None:
        self.scopes: list[Scope] = []
        self._acts = acts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.scopes.append(scope)
        if self._acts is not None:
            await self._acts(scope, send)
        elif scope["type"] == "http":
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": b"in"})
        elif scope["type"] == "websocket":
            assert (await receive())["type"] == "websocket.connect"
            await send({"type": "websocket.accept"})


def http(token: str | None = None, path: str = "/", **members: Any) -> Scope:
    """Give the scope of a request."""
    headers = [(b"host", b"api.example"), *([(b"authorization", f"Bearer {token}".encode())] if token else [])]
    return {"type": "http", "method": "GET", "path": path, "headers": headers, **members}


def websocket(token: str | None = None, **members: Any) -> Scope:
    """Give the scope of a handshake."""
    return {key: value for key, value in http(token, **members).items() if key != "method"} | {"type": "websocket"}


def sent(app: ASGIApp, scope: Scope) -> list[Message]:
    """Give what an application sends; it is sent a connection, and then the end of one."""
    messages: list[Message] = []
    waiting = [
        {"type": "websocket.connect" if scope["type"] == "websocket" else "http.request"},
        {"type": "websocket.disconnect" if scope["type"] == "websocket" else "http.disconnect"},
    ]

    async def receive() -> Message:
        return waiting.pop(0)

    async def send(message: Message) -> None:
        messages.append(message)

    asyncio.run(app(scope, receive, send))  # type: ignore[arg-type]
    return messages


@pytest.fixture
def token(minter: Minter) -> str:
    return minter.mint(grant_type="authorization_code", client_id="app", subject="user", scope="read:patients").token


@pytest.fixture
def certificate() -> str:
    return (Path(__file__).parents[2] / "core/tests/pem/p256-certificate.pem").read_text()


@pytest.fixture
def validator(keys: KeySet) -> Validator:
    return Validator(
        issuer=ISSUER, audience=API, jwks=keys, protected_resource={"resource": API, "scopes_supported": ["a"]}
    )


def test_the_token_reaches_the_application_in_a_scope_of_its_own(validator: Validator, token: str) -> None:
    app = Recorder()
    shared = {"pool": object()}
    scope = http(token, state=shared)
    assert [message["type"] for message in sent(AccessTokenMiddleware(app, validator), scope)] == [
        "http.response.start",
        "http.response.body",
    ]
    [reached] = app.scopes
    token_of_request: AccessToken = access_token(reached)
    assert token_of_request.sub == "user"
    # A server may give several requests one state, in which no token has a place.
    assert reached["state"] is shared
    assert set(shared) == {"pool"}


def test_demands_are_checked_when_the_middleware_is_made(validator: Validator) -> None:
    wrong: Any = {"scops": ["read"]}
    text: Any = {"scopes": "read"}
    with pytest.raises(at9068.ConfigError, match="scops"):
        AccessTokenMiddleware(Recorder(), validator, require=wrong)
    with pytest.raises(TypeError, match="scopes"):
        AccessTokenMiddleware(Recorder(), validator, require=text)


def test_a_refusal_is_the_answer_of_the_core(validator: Validator) -> None:
    app = Recorder()
    start, body = sent(AccessTokenMiddleware(app, validator), http("opaque"))
    with pytest.raises(at9068.TokenError) as refused:
        validator.authenticate({"headers": [("authorization", "Bearer opaque")]})
    answer = refused.value.http_response
    assert answer is not None
    assert (start["status"], body["body"]) == (answer.status, answer.body)
    assert [(name.decode(), value.decode()) for name, value in start["headers"]] == [
        *((name.lower(), value) for name, value in answer.headers),
        ("content-length", str(len(answer.body))),
    ]
    assert not app.scopes


def test_every_header_is_handed_over(validator: Validator, token: str) -> None:
    """Two credentials are two, whatever the first is; one in the query is one too."""
    scope = http(token)
    scope["headers"].insert(0, (b"Authorization", b"Basic dXNlcjpwYXNz"))
    guarded = AccessTokenMiddleware(Recorder(), validator)
    assert sent(guarded, scope)[0]["status"] == 400
    for query in (b"access_token=x", b"access%5Ftoken=x"):
        assert sent(guarded, http(token, query_string=query))[0]["status"] == 400


def test_lifespan_passes_and_what_is_unknown_does_not(validator: Validator) -> None:
    app = Recorder()
    guarded = AccessTokenMiddleware(app, validator)
    assert sent(guarded, {"type": "lifespan"}) == []
    with pytest.raises(ValueError, match="'webtransport'"):
        sent(guarded, {"type": "webtransport", "path": "/", "headers": []})
    assert [scope["type"] for scope in app.scopes] == ["lifespan"]


def test_a_websocket_with_a_token_is_accepted(validator: Validator, token: str) -> None:
    app = Recorder()
    assert sent(AccessTokenMiddleware(app, validator), websocket(token)) == [{"type": "websocket.accept"}]
    assert access_token(app.scopes[0]).client_id == "app"


def test_a_websocket_without_one_is_refused_before_it_is_accepted(validator: Validator) -> None:
    app = Recorder()
    guarded = AccessTokenMiddleware(app, validator)
    start, body = sent(guarded, websocket(extensions=DENIAL))
    assert (start["type"], start["status"]) == ("websocket.http.response.start", 401)
    assert (body["type"], json.loads(body["body"])["status"]) == ("websocket.http.response.body", 401)
    [closed] = sent(guarded, websocket())
    assert (closed["type"], closed["code"]) == ("websocket.close", 1008)
    assert not app.scopes


def test_a_websocket_that_went_away_is_not_answered(validator: Validator) -> None:
    async def receive() -> Message:
        return {"type": "websocket.disconnect"}

    async def send(_: Message) -> None:
        raise AssertionError("nobody is there")

    asyncio.run(AccessTokenMiddleware(Recorder(), validator)(websocket(), receive, send))


def test_what_the_application_demands_is_answered_too(validator: Validator, token: str) -> None:
    async def demands(scope: Scope, send: Send) -> None:
        access_token(scope).require({"permissions": ["delete:patients"]})

    guarded = AccessTokenMiddleware(Recorder(demands), validator)
    start, body = sent(guarded, http(token))
    assert (start["status"], json.loads(body["body"])["code"]) == (403, "permission_insufficient")
    # The application has received nothing: the handshake is not over.
    start, _ = sent(guarded, websocket(token, extensions=DENIAL))
    assert start["status"] == 403


def test_an_answer_that_has_begun_is_not_answered_again(validator: Validator, token: str) -> None:
    async def late(scope: Scope, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        access_token(scope).require({"scopes": ["other"]})

    with pytest.raises(DemandError):
        sent(AccessTokenMiddleware(Recorder(late), validator), http(token))


def test_a_mistake_of_the_application_is_no_refusal(validator: Validator, token: str) -> None:
    async def wrong(scope: Scope, send: Send) -> None:
        access_token(scope).require({"scope": "one"})  # type: ignore[typeddict-unknown-key]

    with pytest.raises(ConfigError):
        sent(AccessTokenMiddleware(Recorder(wrong), validator), http(token))


def test_an_internal_fault_is_logged_since_the_client_is_told_nothing(
    keys: KeySet, token: str, caplog: pytest.LogCaptureFixture
) -> None:
    def broken() -> float:
        raise RuntimeError("no battery")

    guarded = AccessTokenMiddleware(Recorder(), issuer=ISSUER, audience=API, jwks=keys, clock=broken)
    assert sent(guarded, http(token))[0]["status"] == 500
    [record] = [record for record in caplog.records if record.name == "at9068"]
    assert record.exc_info is not None
    assert "no battery" in str(record.exc_info[1].__cause__ if record.exc_info[1] else None)
    assert token not in caplog.text


def test_refusals_are_logged_for_who_looks_for_them(validator: Validator, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("DEBUG", logger="at9068"):
        sent(AccessTokenMiddleware(Recorder(), validator), http("opaque"))
    assert [record.getMessage() for record in caplog.records if record.name == "at9068"] == [
        "refused: token_malformed: the token is malformed"
    ]


def test_open_paths_need_no_token_and_have_none(validator: Validator, token: str) -> None:
    app = Recorder()
    guarded = AccessTokenMiddleware(app, validator, open_paths=["/health"])
    assert sent(guarded, http(path="/health"))[0]["status"] == 200
    with pytest.raises(LookupError):
        access_token(app.scopes[0])
    for path in ("/health/", "/Health", "/health/x", "//health", "/"):
        assert sent(guarded, http(path=path))[0]["status"] == 401
    # One path may be given as it is.
    assert sent(AccessTokenMiddleware(app, validator, open_paths="/health"), http(path="/h"))[0]["status"] == 401


def test_demands_may_depend_on_the_request(validator: Validator, token: str) -> None:
    guarded = AccessTokenMiddleware(
        Recorder(), validator, require=lambda scope: {"scopes": ["write"]} if scope["path"] == "/write" else None
    )
    assert sent(guarded, http(token))[0]["status"] == 200
    assert sent(guarded, http(token, path="/write"))[0]["status"] == 403
    always = AccessTokenMiddleware(Recorder(), validator, require={"scopes": ["write"]})
    assert sent(always, http(token))[0]["status"] == 403


def test_metadata_is_served_where_there_is_any(validator: Validator, keys: KeySet) -> None:
    app = Recorder()
    guarded = AccessTokenMiddleware(app, validator)
    start, body = sent(guarded, http(path=METADATA))
    assert (start["status"], dict(start["headers"])[b"content-type"]) == (200, b"application/json")
    assert body["body"].decode() == validator.protected_resource_metadata
    assert sent(guarded, http(path=METADATA, method="POST"))[0]["status"] == 401
    plain = AccessTokenMiddleware(app, issuer=ISSUER, audience=API, jwks=keys)
    assert sent(plain, http(path=METADATA))[0]["status"] == 401
    assert not app.scopes


def test_a_certificate_counts_only_where_the_application_says_from(
    validator: Validator, minter: Minter, certificate: str
) -> None:
    bound = minter.mint(
        grant_type="authorization_code",
        client_id="app",
        subject="user",
        resource=[API],
        cnf={"x5t#S256": at9068.certificate_sha256(certificate)},
    ).token
    tls: dict[str, Any] = {"extensions": {"tls": {"client_cert_chain": [certificate]}}}
    assert sent(AccessTokenMiddleware(Recorder(), validator), http(bound, **tls))[0]["status"] == 401

    def of_tls(scope: Scope) -> str | None:
        chain = scope.get("extensions", {}).get("tls", {}).get("client_cert_chain", [])
        return chain[0] if chain else None

    guarded = AccessTokenMiddleware(Recorder(), validator, certificate=of_tls)
    assert sent(guarded, http(bound, **tls))[0]["status"] == 200
    assert sent(guarded, http(bound))[0]["status"] == 401


def test_mistakes_in_the_options_are_found_at_once(validator: Validator) -> None:
    with pytest.raises(ConfigError):
        AccessTokenMiddleware(Recorder())
    with pytest.raises(ConfigError, match="audiance"):
        AccessTokenMiddleware(Recorder(), issuer=ISSUER, audiance=API)  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="audience, issuer"):
        AccessTokenMiddleware(Recorder(), validator, issuer=ISSUER, audience=API)


def test_requests_that_wait_for_keys_do_not_wait_for_each_other(key: SigningKey, token: str) -> None:
    """One fetch for all, and the loop goes on meanwhile."""
    fetched: list[str] = []
    open_now = asyncio.Event()

    async def main() -> list[int]:
        loop = asyncio.get_running_loop()

        def fetch(request: at9068.FetchRequest) -> at9068.FetchResponse:
            fetched.append(request.url)
            # Answered once every request waits.
            asyncio.run_coroutine_threadsafe(open_now.wait(), loop).result(20)
            return at9068.FetchResponse(200, {"Content-Type": "application/json"}, key.key_set().to_json().encode())

        guarded = AccessTokenMiddleware(
            Recorder(), issuer=ISSUER, audience=API, jwks_uri="https://as.example/jwks", fetch=fetch
        )
        statuses: list[int] = []

        async def receive() -> Message:
            return {"type": "http.request"}

        async def send(message: Message) -> None:
            if "status" in message:
                statuses.append(message["status"])

        requests = [asyncio.create_task(guarded(http(token), receive, send)) for _ in range(50)]
        while not fetched:
            await asyncio.sleep(0.01)
        assert statuses == []
        open_now.set()
        await asyncio.gather(*requests)
        return statuses

    assert asyncio.run(main()) == [200] * 50
    assert fetched == ["https://as.example/jwks"]


def test_no_framework_is_imported() -> None:
    program = """
import sys, at9068, at9068.contrib, at9068.contrib.asgi
frameworks = {"starlette", "fastapi", "flask", "django", "rest_framework", "werkzeug", "pydantic", "anyio", "asgiref"}
sys.exit(bool(frameworks & set(sys.modules)))
"""
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


@pytest.mark.parametrize("name", ["starlette", "fastapi", "flask", "django", "drf"])
def test_an_adapter_without_its_framework_says_what_is_missing(name: str) -> None:
    """Whether or not any framework is installed here, none is found."""
    program = f"""
import sys
sys.modules |= dict.fromkeys(["starlette", "fastapi", "flask", "django", "rest_framework", "asgiref", "anyio"])
import at9068.contrib.{name}
"""
    done = subprocess.run([sys.executable, "-c", program], check=False, capture_output=True, text=True)
    assert done.returncode == 1
    assert "ModuleNotFoundError" in done.stderr
