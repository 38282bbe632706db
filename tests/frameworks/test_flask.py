"""What is particular to Flask: asynchronous views, factories, blueprints, headers that a server joined."""

from __future__ import annotations

import json
from typing import Any

import at9068
import pytest
from at9068.contrib.flask import Guard
from flask import Blueprint, Flask, g

from .inside import CERTIFICATE, ISSUER, bound, certificate_of, key, minted, validator, wsgi
from .table import AUDIENCE, METADATA_PATH

OPTIONS = {"issuer": ISSUER, "audience": AUDIENCE, "jwks": key.key_set()}
guard = Guard()
part = Blueprint("part", __name__, url_prefix="/part")
part.before_request(guard.before_request)


@part.get("/x")
def of_part() -> str:
    """Guarded by its blueprint."""
    return guard.token.sub


def made(**options: object) -> Flask:
    """A factory, as larger projects have one."""
    app = Flask(__name__)
    app.config["AT9068"] = {**OPTIONS, **options}
    guard.init_app(app)
    app.register_blueprint(part)

    @app.get("/async")
    @guard.required(scopes=["read:patients"])
    async def asynchronous() -> str:
        same: bool = g.access_token is guard.token
        return guard.token.sub if same else ""

    @app.get("/deeper")
    @guard.required()
    def deeper() -> str:
        guard.token.require({"permissions": ["delete:patients"]})
        return "deleted"

    @app.get("/unguarded")
    def unguarded() -> str:
        return guard.token.sub

    return app


app = made()


def test_views_of_every_kind() -> None:
    """Those that are no coroutines are what the table has."""
    assert wsgi(app, "/async", minted()).body == b"user-1"
    assert wsgi(app, "/async").status == 401
    assert wsgi(app, "/async", minted("write:patients")).status == 403
    assert wsgi(app, "/part/x", minted()).body == b"user-1"
    assert wsgi(app, "/part/x").status == 401
    refused = wsgi(app, "/deeper", minted())
    assert (refused.status, json.loads(refused.body)["code"]) == (403, "permission_insufficient")


def test_each_application_of_a_factory_has_a_validator_of_its_own() -> None:
    """The guard is that of the module."""
    other = made(audience="https://other.example/")
    assert wsgi(other, "/async", minted()).status == 401
    assert wsgi(app, "/async", minted()).status == 200
    with app.app_context():
        mine = guard.validator
    with other.app_context():
        assert guard.validator is not mine


def test_a_guard_with_a_validator_serves_every_application() -> None:
    """It does not look into the configuration."""
    shared = validator()
    fixed = Guard(validator=shared)
    for own in (Flask("one"), Flask("two")):
        fixed.init_app(own)
        with own.app_context():
            assert fixed.validator is shared


def test_two_guards_of_one_application_judge_with_their_own_validators() -> None:
    """Whichever was installed last; and each publishes its own resource."""
    own = Flask("both")
    own.config["AT9068"] = OPTIONS
    first = Guard(own, validator(protected_resource={"resource": f"{AUDIENCE}first"}))
    other: dict[str, Any] = {**OPTIONS, "audience": "https://other.example/"}
    second = Guard(own, **other, protected_resource={"resource": f"{AUDIENCE}second"})
    third, fourth = Guard(own), Guard(own)
    first.init_app(own)
    with pytest.raises(ValueError, match="/first"):
        Guard(own, **other, protected_resource={"resource": f"{AUDIENCE}first", "scopes_supported": ["other"]})
    for name, one in (("first", first), ("second", second), ("third", third)):
        own.add_url_rule(f"/{name}", name, one.required()(lambda: "in"))
    assert [wsgi(own, f"/{name}", minted()).status for name in ("first", "second", "third")] == [200, 401, 200]
    assert first.validator is not second.validator
    with own.app_context():
        assert third.validator is fourth.validator is not first.validator
        for name, one in (("first", first), ("second", second)):
            served = wsgi(own, f"{METADATA_PATH}/{name}")
            assert served.body.decode() == one.validator.protected_resource_metadata


def test_demands_are_checked_when_they_are_declared() -> None:
    """Where the guard has a validator; at the first request otherwise."""
    wrong: Any = {"scops": ["read:patients"]}
    with pytest.raises(at9068.ConfigError, match="scops"):
        Guard(validator=validator()).required(**wrong)
    text: Any = "read:patients"
    with pytest.raises(TypeError, match="scopes"):
        guard.required(scopes=text)
    own = Flask("late")
    own.config["AT9068"] = OPTIONS
    own.add_url_rule("/", "root", Guard(own).required(**wrong)(lambda: "in"))
    own.testing = True
    with pytest.raises(at9068.ConfigError, match="scops"):
        wsgi(own, "/", minted())


@pytest.mark.parametrize("unreadable", ["", b"", "nonsense", "\udc80", b"\xff", None])
def test_an_unreadable_certificate_is_none(unreadable: Any, caplog: pytest.LogCaptureFixture) -> None:
    """A token that is bound to one is refused, every other good one is not; the log has nothing of it."""
    own = made(certificate=lambda _: unreadable)
    assert wsgi(own, "/async", bound()).status == 401
    assert wsgi(own, "/async", minted()).status == 200
    assert ("certificate is unreadable" in caplog.text) is bool(unreadable)
    assert "nonsense" not in caplog.text


def test_headers_that_the_server_joined() -> None:
    """As gunicorn, uWSGI and mod_wsgi do: two tokens are malformed, another scheme hides what comes behind."""
    token = minted()
    twice = {"HTTP_AUTHORIZATION": f"Bearer {token},Bearer {token}"}
    assert wsgi(app, "/async", **twice).status == 400
    for joined in (f"Bearer {token},", f",Bearer {token}", f"Bearer {token}, Basic dXNlcjpwYXNz"):
        assert wsgi(app, "/async", HTTP_AUTHORIZATION=joined).status == 400
    assert wsgi(app, "/async", HTTP_AUTHORIZATION=f"Basic dXNlcjpwYXNz, Bearer {token}").status == 401


def test_a_token_in_the_query_is_one_too_many() -> None:
    """The core is given the URL as it came."""
    for query in ("access_token=x", "access%5Ftoken=x"):
        assert wsgi(app, "/async", minted(), QUERY_STRING=query).status == 400


def test_metadata_is_served_where_there_is_any() -> None:
    """It needs no token."""
    own = made(protected_resource={"resource": AUDIENCE})
    with own.app_context():
        document = guard.validator.protected_resource_metadata
    assert wsgi(own, METADATA_PATH).body.decode() == document
    assert wsgi(app, METADATA_PATH).status == 404


def test_a_certificate_is_taken_from_where_the_application_says() -> None:
    """Here from the server's variables, where no client's header stands."""
    own = made(certificate=lambda request: certificate_of(request.environ.get("SSL_CLIENT_CERT")))
    assert wsgi(own, "/async", bound(), SSL_CLIENT_CERT=CERTIFICATE).status == 200
    assert wsgi(own, "/async", bound(), HTTP_SSL_CLIENT_CERT=CERTIFICATE).status == 401
    assert wsgi(app, "/async", bound(), SSL_CLIENT_CERT=CERTIFICATE).status == 401


def test_mistakes_are_found_when_the_application_is_made() -> None:
    """Not with the first request."""
    with pytest.raises(at9068.ConfigError):
        Guard(Flask("none"))
    with pytest.raises(at9068.ConfigError, match="audiance"):
        made(audiance=AUDIENCE)
    with pytest.raises(TypeError):
        Guard(validator=validator(), issuer=ISSUER)


def test_a_guard_that_is_not_installed_lets_nobody_in() -> None:
    """And says what is missing."""
    own = Flask("forgotten")

    @own.get("/")
    @guard.required()
    def root() -> str:
        return "in"

    own.testing = True
    with pytest.raises(RuntimeError, match="init_app"):
        wsgi(own, "/", minted())
    app.testing = True
    try:
        with pytest.raises(LookupError, match="not guarded"):
            wsgi(app, "/unguarded", minted())
    finally:
        app.testing = False
