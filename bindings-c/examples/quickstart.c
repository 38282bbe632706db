/* Mints an access token and validates it. */
#include <at9068.h>
#include <stdio.h>
#include <string.h>

int main(void)
{
    at9068_signing_key *key = NULL;
    at9068_minter *minter = NULL;
    at9068_minted_token *minted = NULL;
    at9068_validator *validator = NULL;
    at9068_access_token *token = NULL;
    at9068_error *error = NULL;
    const char *issues = "{\"issuer\": \"https://as.example/\", \"keys\": {\"$signing_key\": 0}, \"apis\": [{\"audience\":"
                         " \"https://api.example/\", \"dialect\": \"rfc9068_profile\", \"scopes\": [\"read:patients\"]}]}";
    const char *grant = "{\"grant_type\": \"authorization_code\", \"client_id\": \"app\", \"subject\": \"auth0|123456\","
                        " \"scope\": \"read:patients\"}";
    const char *accepts = "{\"issuer\": \"https://as.example/\", \"audience\": \"https://api.example/\","
                          " \"jwks\": {\"$signing_key\": 0}}";

    at9068_code code = at9068_signing_key_generate("ES256", 5, 0, &key, &error);
    const at9068_signing_key *keys[] = {key};
    const at9068_handles handles = {.size = sizeof handles, .signing_keys = keys, .signing_keys_len = 1};
    if (!code) code = at9068_minter_new(issues, strlen(issues), &handles, NULL, &minter, &error);
    if (!code) code = at9068_minter_mint(minter, grant, strlen(grant), NULL, &minted, &error);
    if (!code) code = at9068_validator_new(accepts, strlen(accepts), &handles, NULL, &validator, &error);
    const at9068_str sent = at9068_minted_token_token(minted);
    if (!code) code = at9068_validator_validate(validator, sent.ptr, sent.len, NULL, &token, &error);

    const at9068_str text = code ? at9068_error_message(error) : at9068_access_token_claims_json(token);
    printf("%.*s\n", (int)text.len, text.ptr);

    at9068_access_token_free(token);
    at9068_validator_free(validator);
    at9068_minted_token_free(minted);
    at9068_minter_free(minter);
    at9068_signing_key_free(key);
    at9068_error_free(error);
    return code ? 1 : 0;
}
