/* Mints, validates and refuses with the installed library; the argument is the version that it should be. Compiled as C
   and as C++. */
#include <at9068.h>
#include <stdio.h>
#include <string.h>

static int fail(const char *what, at9068_error *error)
{
    const at9068_str text = at9068_error_message(error);
    fprintf(stderr, "%s: %.*s\n", what, (int)text.len, text.ptr ? text.ptr : "");
    return 1;
}

int main(int argc, char **argv)
{
    at9068_signing_key *key = NULL;
    at9068_minter *minter = NULL;
    at9068_minted_token *minted = NULL;
    at9068_validator *validator = NULL;
    at9068_access_token *token = NULL;
    at9068_error *error = NULL;
    const char *issues = "{\"issuer\": \"https://as.example/\", \"keys\": {\"$signing_key\": 0}, \"apis\": [{\"audience\":"
                         " \"https://api.example/\", \"dialect\": \"rfc9068_profile\", \"scopes\": [\"read:patients\"]}]}";
    const char *grant = "{\"grant_type\": \"client_credentials\", \"client_id\": \"cron\", \"scope\": \"read:patients\"}";
    const char *accepts = "{\"issuer\": \"https://as.example/\", \"audience\": \"https://api.example/\","
                          " \"jwks\": {\"$signing_key\": 0}}";
    char forged[4096];

    const at9068_str version = at9068_version();
    if (argc != 2 || strcmp(argv[1], AT9068_VERSION) || strlen(argv[1]) != version.len
        || memcmp(argv[1], version.ptr, version.len))
        return fail("the version is another", NULL);

    if (at9068_signing_key_generate("ES256", 5, 0, &key, &error)) return fail("key", error);
    const at9068_signing_key *keys[] = {key};
    at9068_handles handles;
    memset(&handles, 0, sizeof handles);
    handles.size = sizeof handles;
    handles.signing_keys = keys;
    handles.signing_keys_len = 1;
    if (at9068_minter_new(issues, strlen(issues), &handles, NULL, &minter, &error)) return fail("minter", error);
    if (at9068_minter_mint(minter, grant, strlen(grant), NULL, &minted, &error)) return fail("mint", error);
    if (at9068_validator_new(accepts, strlen(accepts), &handles, NULL, &validator, &error)) return fail("validator", error);
    const at9068_str sent = at9068_minted_token_token(minted);
    if (at9068_validator_validate(validator, sent.ptr, sent.len, NULL, &token, &error)) return fail("validate", error);
    at9068_access_token_free(token);

    if (sent.len <= 8 || sent.len > sizeof forged) return fail("the token has another length", NULL);
    memcpy(forged, sent.ptr, sent.len);
    memset(forged + sent.len - 8, 'A', 8);
    const at9068_code refused = at9068_validator_validate(validator, forged, sent.len, NULL, &token, &error);
    if (refused != AT9068_CODE_SIGNATURE_INVALID || token) return fail("a forged token is not refused for its signature", error);
    printf("libat9068 %s: minted, validated, refused 1\n", AT9068_VERSION);

    at9068_error_free(error);
    at9068_validator_free(validator);
    at9068_minted_token_free(minted);
    at9068_minter_free(minter);
    at9068_signing_key_free(key);
    return 0;
}
