"""Websockets, guarded by a dependency and by middleware; started by test_websocket.py."""

import json
import os
from typing import Annotated

from at9068 import AccessToken
from at9068.contrib.asgi import AccessTokenMiddleware
from at9068.contrib.fastapi import Guard
from fastapi import FastAPI, Security, WebSocket

guard = Guard(
    issuer=os.environ["AT9068_ISSUER"],
    audience=os.environ["AT9068_AUDIENCE"],
    realm="patients",
    issuer_cache=json.loads(os.environ["AT9068_ISSUER_CACHE"]),
)
app = FastAPI()
guard.install(app)
part = FastAPI()
app.mount("/part", AccessTokenMiddleware(part, guard.validator, require={"scopes": ["read:patients"]}))


@app.get("/health")
async def health() -> bool:
    """Open to everybody."""
    return True


@app.websocket("/socket")
async def socket(
    websocket: WebSocket, token: Annotated[AccessToken, Security(guard, scopes=["read:patients"])]
) -> None:
    """Guarded by a dependency."""
    await websocket.accept()


@part.websocket("/socket")
async def of_part(websocket: WebSocket) -> None:
    """Guarded by the middleware around it."""
    await websocket.accept()
