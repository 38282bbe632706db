/* What the first page for C leaves out: a validator, and a look at what was printed. */
#include <assert.h>
#include <at9068.h>
#include <stdio.h>
#include <string.h>

static char printed[1024];
#define printf(...) \
    snprintf(printed + strlen(printed), sizeof printed - strlen(printed), __VA_ARGS__)

int main(void)
{
    at9068_signing_key *key = NULL;
    at9068_validator *validator = NULL;
    at9068_access_token *token = NULL;
    at9068_error *error = NULL;
    const char accepts[] = "{\"issuer\": \"https://as.example/\", \"audience\": \"https://api.example/\","
                           " \"jwks\": {\"$signing_key\": 0}}";
    assert(at9068_signing_key_generate("ES256", 5, 0, &key, NULL) == AT9068_CODE_OK);
    const at9068_signing_key *keys[] = {key};
    const at9068_handles handles = {.size = sizeof handles, .signing_keys = keys, .signing_keys_len = 1};
    assert(at9068_validator_new(accepts, strlen(accepts), &handles, NULL, &validator, NULL) == AT9068_CODE_OK);

    /* <<< authenticate >>> */
    /* <<< errors >>> */
    assert(code == AT9068_CODE_TOKEN_MALFORMED && token == NULL);
    assert(strstr(printed, "401\nWWW-Authenticate: Bearer error=\"invalid_token\"") == printed);
    assert(strstr(printed, "scope=\"read:patients\"") != NULL);
    assert(strstr(printed, "\n\n{\"title\":\"Unauthorized\",\"status\":401,") != NULL);

    at9068_validator_free(validator);
    at9068_signing_key_free(key);
    return 0;
}
