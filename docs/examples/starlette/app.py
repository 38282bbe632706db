"""An API of Starlette."""

import json
import os

from at9068.contrib.starlette import Guard, access_token
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

audience = os.environ.get("AT9068_AUDIENCE", "https://api.example/")
guard = Guard(
    issuer=os.environ["AT9068_ISSUER"],
    audience=audience,
    realm="patients",
    protected_resource={"resource": audience, "scopes_supported": ["read:patients"]},
    issuer_cache=json.loads(os.environ.get("AT9068_ISSUER_CACHE", "{}")),
)


async def health(request: Request) -> JSONResponse:
    """Open to everybody."""
    return JSONResponse({"ok": True})


@guard.required()
async def me(request: Request) -> JSONResponse:
    """Who asks."""
    token = access_token(request)
    return JSONResponse({"sub": token.sub, "client_id": token.client_id, "scopes": sorted(token.scopes)})


@guard.required(scopes=["read:patients"])
async def patients(request: Request) -> JSONResponse:
    """For tokens with this scope."""
    return JSONResponse({"patients": []})


@guard.required(permissions=["delete:patients"])
async def delete_patients(request: Request) -> JSONResponse:
    """For users with this permission."""
    return JSONResponse({"deleted": True})


app = Starlette(
    routes=[
        Route("/health", health),
        Route("/me", me),
        Route("/patients", patients),
        Route("/patients", delete_patients, methods=["DELETE"]),
    ]
)
guard.install(app)
