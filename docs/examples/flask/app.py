"""An API of Flask."""

import json
import os

from at9068.contrib.flask import Guard
from flask import Flask

audience = os.environ.get("AT9068_AUDIENCE", "https://api.example/")
app = Flask(__name__)
guard = Guard(
    app,
    issuer=os.environ["AT9068_ISSUER"],
    audience=audience,
    realm="patients",
    protected_resource={"resource": audience, "scopes_supported": ["read:patients"]},
    issuer_cache=json.loads(os.environ.get("AT9068_ISSUER_CACHE", "{}")),
)


@app.get("/health")
def health() -> dict[str, bool]:
    """Open to everybody."""
    return {"ok": True}


@app.get("/me")
@guard.required()
def me() -> dict[str, str | list[str]]:
    """Who asks."""
    token = guard.token
    return {"sub": token.sub, "client_id": token.client_id, "scopes": sorted(token.scopes)}


@app.get("/patients")
@guard.required(scopes=["read:patients"])
def patients() -> dict[str, list[str]]:
    """For tokens with this scope."""
    return {"patients": []}


@app.delete("/patients")
@guard.required(permissions=["delete:patients"])
def delete_patients() -> dict[str, bool]:
    """For users with this permission."""
    return {"deleted": True}
