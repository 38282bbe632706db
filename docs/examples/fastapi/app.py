"""An API of FastAPI."""

import json
import os
from typing import Annotated

from at9068 import AccessToken
from at9068.contrib.fastapi import Guard
from fastapi import Depends, FastAPI, Security

audience = os.environ.get("AT9068_AUDIENCE", "https://api.example/")
guard = Guard(
    issuer=os.environ["AT9068_ISSUER"],
    audience=audience,
    realm="patients",
    protected_resource={"resource": audience, "scopes_supported": ["read:patients"]},
    issuer_cache=json.loads(os.environ.get("AT9068_ISSUER_CACHE", "{}")),
)

app = FastAPI()
guard.install(app)


@app.get("/health")
async def health() -> dict[str, bool]:
    """Open to everybody."""
    return {"ok": True}


@app.get("/me")
async def me(token: Annotated[AccessToken, Depends(guard)]) -> dict[str, str | list[str]]:
    """Who asks."""
    return {"sub": token.sub, "client_id": token.client_id, "scopes": sorted(token.scopes)}


@app.get("/patients")
async def patients(token: Annotated[AccessToken, Security(guard, scopes=["read:patients"])]) -> dict[str, list[str]]:
    """For tokens with this scope."""
    return {"patients": []}


@app.delete("/patients", dependencies=[Depends(guard.require(permissions=["delete:patients"]))])
async def delete_patients() -> dict[str, bool]:
    """For users with this permission."""
    return {"deleted": True}
