"""Mints, validates and refuses with the installed package; the argument is the version that it should be."""

from __future__ import annotations

import importlib.metadata
import sys

import at9068

key = at9068.SigningKey.generate("ES256")
minter = at9068.Minter(
    issuer="https://as.example/",
    keys=key,
    apis=[{"audience": "https://api.example/", "dialect": "rfc9068_profile", "scopes": ["read:patients"]}],
)
minted = minter.mint(grant_type="client_credentials", client_id="cron", scope="read:patients")
validator = at9068.Validator(issuer="https://as.example/", audience="https://api.example/", jwks=key.key_set())

token = validator.validate(minted.token, require={"scopes": ["read:patients"]})
assert (token.client_id, set(token.scopes)) == ("cron", {"read:patients"}), token.claims

refused = {
    "token_expired": {"token": minted.token, "now": token.exp + 60},
    "signature_invalid": {"token": minted.token[:-8] + "AAAAAAAA"},
    "scope_insufficient": {"token": minted.token, "require": {"scopes": ["delete:patients"]}},
}
for code, call in refused.items():
    try:
        validator.validate(call.pop("token"), **call)
    except at9068.At9068Error as error:
        assert error.code == code, (error.code, code)
    else:
        raise AssertionError(f"a token is accepted that should be {code}")

version = importlib.metadata.version("at9068")
assert version == sys.argv[1] == at9068.__version__, (version, sys.argv[1], at9068.__version__)
assert at9068.__file__.startswith(sys.prefix), at9068.__file__
print(f"Python {sys.version.split()[0]}: minted, validated, refused {len(refused)}")
