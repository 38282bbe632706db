"""Both libraries beside one another, in Python."""

import os

import jwt
from as_example import issuer
from at9068 import At9068Error, Validator  # noqa: F401

keys = jwt.PyJWKClient(os.environ["JWKS_URI"])
validator = Validator(issuer=os.environ["ISSUER"], audience="https://api.example/")
logged: list[str] = []


class log:
    """What a program has to log with."""

    @staticmethod
    def warning(text: str, *values: object) -> None:
        """Keep it."""
        logged.append(text % values)


def validate_old(token: str) -> dict:
    """What was there before."""
    return jwt.decode(
        token, keys.get_signing_key_from_jwt(token), algorithms=["RS256"], audience="https://api.example/"
    )


# <<< both >>>


assert validate(issuer.mint(subject="user-1"))["sub"] == "user-1"  # noqa: F821
assert logged == []
assert validate(issuer.forge(subject="user-1", claims={"scope": 5}))["scope"] == 5  # noqa: F821
assert logged == ["would be refused: claim_malformed scope, client test-client"]
try:
    validate("no token")  # noqa: F821
except jwt.InvalidTokenError:
    assert len(logged) == 1
else:
    raise AssertionError("accepted")
