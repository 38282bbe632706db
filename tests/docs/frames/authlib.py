"""Authlib's validator of RFC 9068 and this library, on the same tokens."""

# <<< file before >>>
# <<< file after >>>
import after
import before
from as_example import compare, issuer, verdicts

compare("docs/from-authlib.md", verdicts(before.validate, after.validate))
good = issuer.mint(subject="user-1", scope="read:patients")
assert before.validate(good)["sub"] == after.validate(good).sub
other = issuer.mint(subject="user-1", scope="read:doctors")
for side, error in ((before, "InsufficientScopeError"), (after, "DemandError")):
    try:
        side.validate(other)
    except Exception as refused:
        assert type(refused).__name__ == error, refused
    else:
        raise AssertionError("a scope that was not granted")
