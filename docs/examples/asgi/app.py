"""An API without a framework, behind the middleware for ASGI."""

import json
import os

from at9068 import Require
from at9068.contrib.asgi import AccessTokenMiddleware, Receive, Scope, Send, access_token

DEMANDS: dict[tuple[str, str], Require] = {
    ("GET", "/patients"): {"scopes": ["read:patients"]},
    ("DELETE", "/patients"): {"permissions": ["delete:patients"]},
}


async def api(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer a request that the middleware let through."""
    match scope["type"], scope.get("method"), scope["path"]:
        case "http", "GET", "/health":
            await reply(send, 200, {"ok": True})
        case "http", "GET", "/me":
            token = access_token(scope)
            await reply(send, 200, {"sub": token.sub, "client_id": token.client_id, "scopes": sorted(token.scopes)})
        case "http", "GET", "/patients":
            await reply(send, 200, {"patients": []})
        case "http", "DELETE", "/patients":
            await reply(send, 200, {"deleted": True})
        case _:
            await reply(send, 404, {})


async def reply(send: Send, status: int, body: object) -> None:
    """Send JSON."""
    headers = [(b"content-type", b"application/json")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": json.dumps(body).encode()})


audience = os.environ.get("AT9068_AUDIENCE", "https://api.example/")
app = AccessTokenMiddleware(
    api,
    issuer=os.environ["AT9068_ISSUER"],
    audience=audience,
    realm="patients",
    protected_resource={"resource": audience, "scopes_supported": ["read:patients"]},
    require=lambda scope: DEMANDS.get((scope.get("method", "GET"), scope["path"])),
    open_paths=["/health"],
    issuer_cache=json.loads(os.environ.get("AT9068_ISSUER_CACHE", "{}")),
)
