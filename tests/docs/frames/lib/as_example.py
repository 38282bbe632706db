"""The issuer of the guides, and its tokens, good and bad: for frames that set another library beside this one.

The issuer runs already, with TLS; the environment says where it is (snippets.py).
"""

from __future__ import annotations

import base64
import json
import os
import re
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from at9068_test_issuer import IssuerServer

issuer = IssuerServer(json.loads(os.environ["AT9068_ANNOUNCEMENT"])).case(os.environ["AT9068_CASE"])
TOKENS = json.loads((Path(__file__).parent / "tokens.json").read_text(encoding="utf-8"))


def token(made: dict[str, Any]) -> str:
    """One of the table: what is forged of a good token."""
    now = int(time.time()) + made.get("now", 0)
    base = {"subject": "user-1", "scope": "read:patients", "now": now, **made.get("mint", {})}
    claims = {**made.get("claims", {}), **{name: now + off for name, off in made.get("claims_now", {}).items()}}
    if claims.get("x"):
        claims["x"] = "x" * int(claims["x"])
    if "twice" in made:
        text = base64.urlsafe_b64decode(issuer.mint(**base).split(".")[1] + "==").decode()
        return issuer.forge(**base, claims_text=json.dumps({made["twice"]: "admin"})[:-1] + f",{text[1:]}")
    return issuer.forge(**base, header=made.get("header", {}), claims=claims)


def verdicts(before: Callable[[str], object], after: Callable[[str], object]) -> dict[str, tuple[str, str]]:
    """What each side says of each token: `accepted`, or `refused`, and of this library the code."""
    found = {}
    for made in TOKENS:
        sent = token(made)
        try:
            before(sent)
            old = "accepted"
        except Exception:
            old = "refused"
        try:
            after(sent)
            new = "accepted"
        except Exception as refused:
            new = f"`{refused.code}`"  # type: ignore[attr-defined]
        found[made["token"]] = (old, new)
    return found


def compare(page: str, found: dict[str, tuple[str, str]]) -> None:
    """Holds the table of a guide against what was found; with UPDATE=1 in the environment it writes the rows anew."""
    path = Path(os.environ["AT9068_ROOT"]) / page
    rows = "".join(
        f"| {name} | {f'**{old}**' if (old == 'accepted') != (new == 'accepted') else old} | {new} |\n"
        for name, (old, new) in found.items()
    )
    text = path.read_text(encoding="utf-8")
    told = re.search(r"(?<=\n\| token \| ).*\n\| --- \| --- \| --- \|\n(?P<rows>(?:\|.*\n)*)", text)
    assert told, f"{page} has no table of tokens"
    if told["rows"] != rows:
        if os.environ.get("UPDATE"):
            path.write_text(text[: told.start("rows")] + rows + text[told.end("rows") :], encoding="utf-8")
        else:
            sys.exit(f"the table of {page} is not what is measured; write it anew with UPDATE=1. Measured:\n{rows}")
