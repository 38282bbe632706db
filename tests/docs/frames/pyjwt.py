"""PyJWT and this library, on the same tokens."""

# <<< file before >>>
# <<< file after >>>
import os
from pathlib import Path

import after
import at9068
import before
import jwt
from as_example import TOKENS, compare, issuer, token, verdicts

compare("docs/from-pyjwt.md", verdicts(before.validate, after.validate))
told = (Path(os.environ["AT9068_ROOT"]) / "docs" / "from-pyjwt.md").read_text(encoding="utf-8")
for made in TOKENS:
    try:
        before.validate(token(made))
    except jwt.InvalidTokenError as refused:
        name = type(refused).__name__
        try:
            after.validate(token(made))
        except at9068.At9068Error as ours:
            row = next((row for row in told.splitlines() if row.startswith(f"| `{name}` | ")), "")
            assert name == "InvalidTokenError" or f"`{ours.code}`" in row, (name, ours.code)
good = issuer.mint(subject="user-1", scope="read:patients")
assert before.validate(good) == after.validate(good)
