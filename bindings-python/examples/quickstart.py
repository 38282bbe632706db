"""Mints an access token and validates it."""

from at9068 import KeySet, Minter, SigningKey, TokenError, Validator

key = SigningKey.generate("RS256")
minter = Minter(
    issuer="https://as.example/",
    keys=key,
    apis=[{"audience": "https://api.example/", "dialect": "rfc9068_profile", "scopes": ["read:patients"]}],
)
minted = minter.mint(grant_type="client_credentials", client_id="cron", scope="read:patients")

keys = KeySet.from_json(key.key_set().to_json())  # what the authorization server publishes
validator = Validator(issuer="https://as.example/", audience="https://api.example/", jwks=keys)
token = validator.validate(minted.token, require={"scopes": ["read:patients"]})
print(token.sub, token.aud, sorted(token.scopes))

try:
    validator.validate(minted.token, now=token.exp + 60)
except TokenError as error:
    print(error.code, error.status, error.challenge)
