"""Moves an API from Auth0's older profile to RFC 9068, and tells who would break."""

from at9068 import Minter, SigningKey, Validator

ISSUER, API = "https://as.example/", "https://api.example/"
key = SigningKey.generate("RS256")
validator = Validator(issuer=ISSUER, audience=API, jwks=key.key_set(), migrate_from="auth0")

# What two clients send: of one the authorization server mints the new form already.
minters = {
    "old-app": Minter(issuer=ISSUER, keys=key, apis=[{"audience": API, "dialect": "access_token"}]),
    "new-app": Minter(issuer=ISSUER, keys=key, apis=[{"audience": API, "dialect": "rfc9068_profile"}]),
}
for client, minter in minters.items():
    minted = minter.mint(grant_type="client_credentials", client_id=client, resource=[API])
    token = validator.validate(minted.token)
    if token.would_break:
        print("would break:", token.client_id, *token.would_break)

for report in validator.migrations():
    print(report.issuer, report.from_, report.remaining, report.to, report.migrated, report.codes)
