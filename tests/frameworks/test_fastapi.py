"""What is particular to FastAPI: scopes that add up, the OpenAPI document, websockets, whole applications."""

from __future__ import annotations

import json
from typing import Annotated, Any

import at9068
import pytest
from at9068 import AccessToken
from at9068.contrib.fastapi import AccessTokenMiddleware, Guard
from fastapi import APIRouter, Depends, FastAPI, Security, WebSocket
from fastapi.openapi.models import OAuth2, OAuthFlowClientCredentials, OAuthFlows

from .inside import CERTIFICATE, DENIAL, bound, certificate_of, http, minted, validator, websocket
from .table import AUDIENCE, METADATA_PATH

guard = Guard(validator(protected_resource={"resource": AUDIENCE}))
app = FastAPI()
guard.install(app)
Reader = Annotated[AccessToken, Security(guard, scopes=["read:patients"])]


def of_reader(token: Reader) -> str:
    """A dependency of the application's own, over the guard."""
    return token.sub


@app.get("/thread")
def on_a_thread(token: Annotated[AccessToken, Depends(guard)]) -> str:
    """Is no coroutine."""
    return token.sub


@app.get("/both")
async def both(sub: Annotated[str, Security(of_reader, scopes=["write:patients"])]) -> str:
    """Scopes above a dependency count beside its own."""
    return sub


@app.get("/recent")
async def recent(
    token: Annotated[AccessToken, Security(guard.require(max_age=60), scopes=["read:patients"])],
) -> str:
    """Demands an authentication (RFC 9470)."""
    return token.sub


@app.websocket("/socket")
async def socket(websocket: WebSocket, token: Reader) -> None:
    """A websocket."""
    await websocket.accept()
    await websocket.close()


router = APIRouter(prefix="/router", dependencies=[Depends(guard)])


@router.get("/open")
async def of_router() -> str:
    """Guarded by its router."""
    return "in"


app.include_router(router)


def openapi(of: FastAPI) -> Any:
    """The document as it is served."""
    return json.loads(http(of, "/openapi.json").body)


def challenge(path: str, token: str | None = None) -> str:
    """The one challenge of a refusal."""
    [value] = http(app, path, token).fields["www-authenticate"]
    return value


def test_dependencies_of_every_kind() -> None:
    """What the table does not have."""
    assert http(app, "/thread", minted()).body == b'"user-1"'
    assert http(app, "/router/open", minted()).status == 200
    assert http(app, "/router/open").status == 401


def test_scopes_add_up() -> None:
    """Each is demanded and told once."""
    assert http(app, "/both", minted("read:patients write:patients")).status == 200
    assert http(app, "/both", minted("write:patients")).status == 403
    assert 'scope="write:patients read:patients"' in challenge("/both", minted())


def test_a_route_may_demand_an_authentication() -> None:
    """And is told apart from one that is not enough in another way."""
    assert 'error="insufficient_user_authentication"' in challenge("/recent", minted())
    assert 'max_age="60"' in challenge("/recent", minted())
    assert 'scope="read:patients"' in challenge("/recent")


def test_the_document_says_what_is_demanded() -> None:
    """Routes without a guard have no security there, and neither has the metadata a place."""
    document = openapi(app)
    assert document["components"]["securitySchemes"] == {
        "AccessToken": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
    }
    assert document["paths"]["/recent"]["get"]["security"] == [{"AccessToken": ["read:patients"]}]
    assert set(document["paths"]["/both"]["get"]["security"][0]["AccessToken"]) == {"read:patients", "write:patients"}
    assert document["paths"]["/thread"]["get"]["security"] == [{"AccessToken": []}]
    assert METADATA_PATH not in document["paths"]


def test_the_scheme_may_be_another() -> None:
    """Such as one with a flow that the user interface can begin."""
    flow = OAuthFlowClientCredentials(tokenUrl="https://as.example/token", scopes={"read:patients": "reads"})
    own = FastAPI()
    other = Guard(validator(), scheme=OAuth2(flows=OAuthFlows(clientCredentials=flow)), scheme_name="as")

    @own.get("/", dependencies=[Security(other, scopes=["read:patients"])])
    async def root() -> str:
        return "in"

    document = openapi(own)
    assert document["components"]["securitySchemes"]["as"]["type"] == "oauth2"
    assert document["paths"]["/"]["get"]["security"] == [{"as": ["read:patients"]}]


def test_demands_are_checked_when_they_are_declared() -> None:
    """Not with the first request; nor is a text a list."""
    wrong: Any = {"scops": ["read:patients"]}
    text: Any = "read:patients"
    with pytest.raises(at9068.ConfigError, match="scops"):
        guard.require(**wrong)
    with pytest.raises(TypeError, match="scopes"):
        guard.require(scopes=text)


def test_without_installing_it_status_and_challenge_are_right() -> None:
    """As with an application that is mounted; the body is the framework's then."""
    part = FastAPI()

    @part.get("/")
    async def root(token: Reader) -> str:
        return token.sub

    own = FastAPI()
    guard.install(own)
    own.mount("/part", part)
    assert http(own, "/part/", minted()).body == b'"user-1"'
    for token, status in ((None, 401), (minted("write:patients"), 403)):
        refused = http(own, "/part/", token)
        assert refused.status == status
        assert 'scope="read:patients"' in refused.fields["www-authenticate"][0]
        assert refused.fields["content-type"] == ["application/json"]


def test_websockets() -> None:
    """They are refused before they are accepted."""
    assert websocket(app, "/socket", minted())[0]["type"] == "websocket.accept"
    start, body, *_ = websocket(app, "/socket", extensions=DENIAL)
    assert (start["type"], start["status"]) == ("websocket.http.response.start", 401)
    assert json.loads(body["body"]) == {"title": "Unauthorized", "status": 401}
    [closed] = websocket(app, "/socket", minted("write:patients"))
    assert (closed["type"], closed["code"]) == ("websocket.close", 1008)


def test_a_whole_application_may_be_guarded() -> None:
    """Its document is guarded then, too."""
    own = FastAPI()
    own.add_middleware(AccessTokenMiddleware, validator=validator(), open_paths=["/health"])

    @own.get("/health")
    async def health() -> str:
        return "ok"

    assert http(own, "/health").status == 200
    assert http(own, "/openapi.json").status == 401
    assert http(own, "/openapi.json", minted()).status == 200


def test_metadata_is_served_where_there_is_any() -> None:
    """It needs no token."""
    assert http(app, METADATA_PATH).body.decode() == guard.validator.protected_resource_metadata
    own = FastAPI()
    Guard(validator()).install(own)
    assert http(own, METADATA_PATH).status == 404


def test_a_certificate_is_taken_from_where_the_application_says() -> None:
    """Here from a header, as of a proxy."""
    own = FastAPI()
    proxied = Guard(validator(), certificate=lambda connection: certificate_of(connection.headers.get("client-cert")))
    proxied.install(own)

    @own.get("/", dependencies=[Depends(proxied)])
    async def root() -> str:
        return "in"

    assert http(own, "/", bound(), fields=[("Client-Cert", CERTIFICATE)]).status == 200
    assert http(own, "/", bound()).status == 401
