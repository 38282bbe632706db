/* Minting, validating and reading a token through C. The rules are judged by the shared vectors. */
#include "check.h"

static const double ISSUED = 1700000000.5;
static const at9068_validate_options SOON = {.size = sizeof SOON, .has_now = 1, .now = 1700000100};

/* Everything that a dialect of RFC 9068 carries of a grant with a user. */
static const char FULL_GRANT[] =
    "{\"grant_type\":\"authorization_code\",\"client_id\":\"client-7\",\"subject\":\"auth0|123456\",\"scope\":\"write read\","
    "\"auth_time\":1699999000,\"acr\":\"gold\",\"amr\":[\"pwd\",\"otp\"],\"org_id\":\"org_1\",\"org_name\":\"N\\u00e4me\","
    "\"roles\":[\"admin\"],\"jti\":\"id-1\",\"claims\":{\"my_claim\":{\"n\":1.50}}}";

static at9068_minted_token *mint(const at9068_signing_key *key, const char *request)
{
    at9068_minter *minter = new_minter(key, NULL);
    at9068_minted_token *minted = NULL;
    at9068_error *error = NULL;
    const at9068_code code = at9068_minter_mint(minter, TEXT(request), &ISSUED, &minted, &error);
    CHECK(code == AT9068_CODE_OK && error == NULL);
    at9068_minter_free(minter); /* what it minted lives on */
    return minted;
}

static at9068_access_token *validate(const at9068_signing_key *key, const at9068_minted_token *minted)
{
    at9068_validator *validator = new_validator(key, NULL);
    at9068_access_token *token = NULL;
    const at9068_str sent = at9068_minted_token_token(minted);
    CHECK(at9068_validator_validate(validator, sent.ptr, sent.len, &SOON, &token, NULL) == AT9068_CODE_OK);
    at9068_validator_free(validator); /* what it made lives on */
    return token;
}

static void every_claim_can_be_read(const at9068_signing_key *key)
{
    at9068_minted_token *minted = mint(key, FULL_GRANT);
    CHECK(at9068_minted_token_expires_in(minted) == 3600);
    at9068_access_token *token = validate(key, minted);

    CHECK(is_text(at9068_access_token_iss(token), "https://as.example/"));
    CHECK(is_text(at9068_access_token_sub(token), "auth0|123456"));
    CHECK(is_text(at9068_access_token_client_id(token), "client-7"));
    CHECK(is_text(at9068_access_token_jti(token), "id-1"));
    CHECK(is_text(at9068_access_token_scope(token), "write read"));
    CHECK(is_text(at9068_access_token_acr(token), "gold"));
    CHECK(is_text(at9068_access_token_org_id(token), "org_1"));
    CHECK(is_text(at9068_access_token_org_name(token), "N\xc3\xa4me"));
    CHECK(is_text(at9068_access_token_profile(token), "rfc9068"));
    CHECK(at9068_access_token_iat(token) == 1700000000 && at9068_access_token_exp(token) == 1700003600);
    int64_t seconds = 7;
    CHECK(!at9068_access_token_nbf(token, &seconds) && seconds == 7);
    CHECK(at9068_access_token_auth_time(token, &seconds) && seconds == 1699999000);
    CHECK(at9068_access_token_auth_time(token, NULL));

    const at9068_str claims = at9068_access_token_claims_json(token);
    const at9068_str signed_claims = at9068_minted_token_claims_json(minted);
    CHECK(claims.len == signed_claims.len && memcmp(claims.ptr, signed_claims.ptr, claims.len) == 0);
    CHECK(contains(at9068_access_token_header_json(token), "\"typ\":\"at+jwt\""));
    const at9068_str header = at9068_minted_token_header_json(minted);
    CHECK(header.len == at9068_access_token_header_json(token).len);

    at9068_str text = {NULL, 0};
    CHECK(at9068_access_token_claim_json(token, TEXT("my_claim"), &text, NULL) == AT9068_CODE_OK);
    CHECK(is_text(text, "{\"n\":1.50}"));
    CHECK(at9068_access_token_claim_json(token, TEXT("nothing"), &text, NULL) == AT9068_CODE_OK && text.ptr == NULL);
    CHECK(at9068_access_token_claim_json(token, NULL, 0, &text, NULL) == AT9068_CODE_OK && text.ptr == NULL);
    at9068_error *error = NULL;
    CHECK(failed_with(at9068_access_token_claim_json(token, "\xff", 1, &text, &error), &error, AT9068_CODE_ARGUMENT_INVALID, "UTF-8"));
    CHECK(failed_with(at9068_access_token_claim_json(token, TEXT("sub"), NULL, &error), &error, AT9068_CODE_ARGUMENT_INVALID, "out is NULL"));

    static const char *const structured[][2] = {
        {"aud", "[\"https://api.example/\"]"}, {"scopes", "[\"write\",\"read\"]"}, {"amr", "[\"pwd\",\"otp\"]"},
        {"roles", "[\"admin\"]"},              {"permissions", NULL},              {"cnf", NULL},
    };
    for (size_t i = 0; i < sizeof structured / sizeof *structured; ++i) {
        at9068_string *json = NULL;
        CHECK(at9068_access_token_accessor_json(token, TEXT(structured[i][0]), &json, NULL) == AT9068_CODE_OK);
        CHECK(structured[i][1] == NULL ? json == NULL : is_string(json, structured[i][1]));
        at9068_string_free(json);
    }
    at9068_string *json = NULL;
    CHECK(failed_with(at9068_access_token_accessor_json(token, TEXT("sub"), &json, &error), &error, AT9068_CODE_ARGUMENT_INVALID, "name"));

    at9068_access_token_free(token);
    at9068_minted_token_free(minted);
}

static void absent_is_not_empty(const at9068_signing_key *key)
{
    at9068_minted_token *minted = mint(key, "{\"grant_type\":\"client_credentials\",\"client_id\":\"client-7\",\"claims\":{\"e\":\"\"}}");
    at9068_access_token *token = validate(key, minted);
    CHECK(is_text(at9068_access_token_sub(token), "client-7@clients"));
    CHECK(at9068_access_token_scope(token).ptr == NULL && at9068_access_token_acr(token).ptr == NULL);
    CHECK(at9068_access_token_org_id(token).ptr == NULL && at9068_access_token_org_name(token).ptr == NULL);
    CHECK(!at9068_access_token_auth_time(token, NULL) && at9068_access_token_jti(token).len >= 22);
    at9068_str text = {NULL, 0};
    CHECK(at9068_access_token_claim_json(token, TEXT("e"), &text, NULL) == AT9068_CODE_OK && is_text(text, "\"\""));
    at9068_access_token_free(token);
    at9068_minted_token_free(minted);
}

static void demands_are_met_or_answered(const at9068_signing_key *key)
{
    at9068_minted_token *minted = mint(key, GRANT);
    at9068_access_token *token = validate(key, minted);
    at9068_error *error = NULL;
    const double now = 1700000200;
    CHECK(at9068_access_token_require(token, TEXT("{\"scopes\":[\"read\"]}"), NULL, &error) == AT9068_CODE_OK && error == NULL);

    const at9068_code code = at9068_access_token_require(token, TEXT("{\"scopes\":[\"read\",\"write\"],\"max_age\":60}"), &now, &error);
    CHECK(code == AT9068_CODE_AUTHENTICATION_INSUFFICIENT && is_text(at9068_error_claim(error), "auth_time"));
    CHECK(at9068_error_authenticated(error) && at9068_error_status(error) == 401 && at9068_error_kind(error).ptr == NULL);
    CHECK(is_text(at9068_error_oauth(error), "insufficient_user_authentication"));
    CHECK(at9068_error_challenge_count(error) == 1 && at9068_error_header_count(error) == 0);
    CHECK(contains(at9068_error_challenge_at(error, 0), "scope=\"read write\", max_age=\"60\""));
    CHECK(!at9068_error_retry_after(error, NULL));
    at9068_error_free(error);

    CHECK(failed_with(at9068_access_token_require(token, TEXT("{\"scope\":\"read\"}"), NULL, &error), &error, AT9068_CODE_ARGUMENT_INVALID, "scope"));
    CHECK(failed_with(at9068_access_token_require(token, NULL, 0, NULL, &error), &error, AT9068_CODE_ARGUMENT_INVALID, "JSON"));

    at9068_validator *validator = new_validator(key, NULL);
    at9068_validate_options options = SOON;
    options.require = (at9068_str){TEXT("{\"scopes\":[\"write\"]}")};
    at9068_access_token *refused = NULL;
    const at9068_str sent = at9068_minted_token_token(minted);
    CHECK(failed_with(at9068_validator_validate(validator, sent.ptr, sent.len, &options, &refused, &error), &error,
                      AT9068_CODE_SCOPE_INSUFFICIENT, ""));
    CHECK(refused == NULL);

    /* the whole request, as a server has it */
    char request[4096];
    snprintf(request, sizeof request, "{\"headers\":[[\"authorization\",\"Bearer %.*s\"]]}", (int)sent.len, sent.ptr);
    CHECK(at9068_validator_authenticate(validator, TEXT(request), &SOON, &refused, NULL) == AT9068_CODE_OK);
    CHECK(is_text(at9068_access_token_sub(refused), "auth0|123456"));
    at9068_access_token_free(refused);
    CHECK(at9068_validator_authenticate(validator, TEXT("{}"), &SOON, &refused, &error) == AT9068_CODE_CREDENTIALS_MISSING);
    CHECK(is_text(at9068_error_challenge_at(error, 0), "Bearer realm=\"api\"") && at9068_error_oauth(error).ptr == NULL);
    at9068_str name = {NULL, 0};
    at9068_str value = {NULL, 0};
    CHECK(at9068_error_http_header_count(error) == 3 && at9068_error_http_header(error, 0, &name, &value));
    CHECK(is_text(name, "WWW-Authenticate") && is_text(value, "Bearer realm=\"api\""));
    CHECK(at9068_error_http_header(error, 1, NULL, &value) && is_text(value, "application/problem+json"));
    CHECK(at9068_error_http_header(error, 2, &name, NULL) && is_text(name, "Cache-Control"));
    CHECK(!at9068_error_http_header(error, 3, &name, &value) && is_text(name, "Cache-Control"));
    CHECK(is_text(at9068_error_http_body(error), "{\"title\":\"Unauthorized\",\"status\":401}"));
    at9068_error_free(error);

    at9068_validator_free(validator);
    at9068_access_token_free(token);
    at9068_minted_token_free(minted);
}

/* What a validator publishes of its resource, and where. */
static void a_resource_is_published(const at9068_signing_key *key)
{
    static const char publishes[] =
        "{\"issuer\":\"https://as.example/\",\"audience\":\"https://api.example/\",\"jwks\":{\"$signing_key\":0},"
        "\"protected_resource\":{\"resource\":\"https://api.example/v1\"}}";
    const at9068_handles handles = {sizeof handles, NULL, 0, &key, 1};
    at9068_validator *validator = NULL;
    at9068_error *error = NULL;
    CHECK(at9068_validator_new(TEXT(publishes), &handles, NULL, &validator, &error) == AT9068_CODE_OK);
    CHECK(is_text(at9068_validator_protected_resource_metadata(validator),
                  "{\"resource\":\"https://api.example/v1\",\"authorization_servers\":[\"https://as.example/\"],"
                  "\"bearer_methods_supported\":[\"header\"]}"));
    CHECK(is_text(at9068_validator_protected_resource_metadata_path(validator),
                  "/.well-known/oauth-protected-resource/v1"));
    at9068_validator_free(validator);

    CHECK(at9068_validator_new(TEXT(VALIDATES), &handles, NULL, &validator, &error) == AT9068_CODE_OK);
    CHECK(at9068_validator_protected_resource_metadata(validator).ptr == NULL);
    CHECK(at9068_validator_protected_resource_metadata_path(validator).ptr == NULL);
    at9068_validator_free(validator);

    /* nobody is answered because of a configuration */
    CHECK(at9068_validator_new(TEXT("{}"), NULL, NULL, &validator, &error) == AT9068_CODE_CONFIG_INVALID);
    CHECK(at9068_error_http_header_count(error) == 0 && !at9068_error_http_header(error, 0, NULL, NULL));
    CHECK(at9068_error_http_body(error).ptr == NULL);
    at9068_error_free(error);
}

/* An API of two dialects, and a validator that moves from the older one. */
static const char MINTS_BOTH[] =
    "{\"issuer\":\"https://as.example/\",\"keys\":{\"$signing_key\":0},\"apis\":[{\"audience\":\"https://api.example/\","
    "\"dialect\":\"rfc9068_profile\"},{\"audience\":\"older\",\"dialect\":\"access_token\"}]}";
static const char MOVES[] =
    "{\"issuer\":\"https://as.example/\",\"audience\":[\"https://api.example/\",\"older\"],"
    "\"jwks\":{\"$signing_key\":0},\"migrate_from\":\"auth0\"}";
#define MOVED "[{\"issuer\":\"https://as.example/\",\"from\":\"auth0\",\"to\":\"rfc9068\","

static at9068_access_token *minted_and_validated(const at9068_minter *minter, const at9068_validator *validator, const char *audience)
{
    char request[256];
    snprintf(request, sizeof request, "{\"grant_type\":\"client_credentials\",\"client_id\":\"c\",\"audience\":[\"%s\"]}", audience);
    at9068_minted_token *minted = NULL;
    at9068_access_token *token = NULL;
    CHECK(at9068_minter_mint(minter, TEXT(request), &ISSUED, &minted, NULL) == AT9068_CODE_OK);
    const at9068_str sent = at9068_minted_token_token(minted);
    CHECK(at9068_validator_validate(validator, sent.ptr, sent.len, &SOON, &token, NULL) == AT9068_CODE_OK);
    at9068_minted_token_free(minted);
    return token;
}

static bool has_moved(const at9068_validator *validator, const char *expected)
{
    at9068_string *json = NULL;
    at9068_error *error = NULL;
    CHECK(at9068_validator_migrations_json(validator, &json, &error) == AT9068_CODE_OK && error == NULL);
    const bool same = is_string(json, expected);
    at9068_string_free(json);
    return same;
}

static void a_migration_is_told_and_counted(const at9068_signing_key *key)
{
    const at9068_handles handles = {sizeof handles, NULL, 0, &key, 1};
    at9068_minter *minter = NULL;
    at9068_validator *validator = NULL;
    CHECK(at9068_minter_new(TEXT(MINTS_BOTH), &handles, NULL, &minter, NULL) == AT9068_CODE_OK);
    CHECK(at9068_validator_new(TEXT(MOVES), &handles, NULL, &validator, NULL) == AT9068_CODE_OK);
    CHECK(has_moved(validator, MOVED "\"migrated\":0,\"remaining\":0,\"codes\":{}}]"));

    at9068_access_token *former = minted_and_validated(minter, validator, "older");
    CHECK(is_text(at9068_access_token_profile(former), "auth0"));
    CHECK(at9068_access_token_would_break_at(former, 0) == AT9068_CODE_TYPE_MISMATCH);
    CHECK(at9068_access_token_would_break_at(former, 1) == AT9068_CODE_CLAIM_MISSING);
    CHECK(at9068_access_token_would_break_at(former, 2) == AT9068_CODE_OK);
    CHECK(at9068_access_token_would_break_at(former, (size_t)-1) == AT9068_CODE_OK);
    at9068_access_token *standard = minted_and_validated(minter, validator, "https://api.example/");
    CHECK(at9068_access_token_would_break_at(standard, 0) == AT9068_CODE_OK);
    CHECK(has_moved(validator, MOVED "\"migrated\":1,\"remaining\":1,\"codes\":{\"type_mismatch\":1,\"claim_missing\":1}}]"));
    at9068_access_token_free(former);
    at9068_access_token_free(standard);
    at9068_validator_free(validator);
    at9068_minter_free(minter);

    validator = new_validator(key, NULL);
    CHECK(has_moved(validator, "[]"));
    at9068_error *error = NULL;
    at9068_string *json = NULL;
    CHECK(failed_with(at9068_validator_migrations_json(NULL, &json, &error), &error, AT9068_CODE_ARGUMENT_INVALID, "validator is NULL"));
    CHECK(failed_with(at9068_validator_migrations_json(validator, NULL, &error), &error, AT9068_CODE_ARGUMENT_INVALID, "out is NULL"));
    at9068_validator_free(validator);
}

static void minting_errors_are_answered(const at9068_signing_key *key)
{
    at9068_minter *minter = new_minter(key, NULL);
    at9068_minted_token *minted = NULL;
    at9068_error *error = NULL;
    static const char unknown[] = "{\"grant_type\":\"authorization_code\",\"client_id\":\"c\",\"subject\":\"s\","
                                  "\"resource\":[\"https://other.example/\"]}";
    CHECK(at9068_minter_mint(minter, TEXT(unknown), NULL, &minted, &error) == AT9068_CODE_INVALID_TARGET && minted == NULL);
    CHECK(is_text(at9068_error_oauth(error), "invalid_target") && at9068_error_status(error) == 400);
    CHECK(at9068_error_challenge_count(error) == 0);
    at9068_error_free(error);
    static const char no_subject[] = "{\"grant_type\":\"password\",\"client_id\":\"c\"}";
    const at9068_code code = at9068_minter_mint(minter, TEXT(no_subject), NULL, &minted, &error);
    CHECK(is_text(at9068_error_claim(error), "sub"));
    CHECK(failed_with(code, &error, AT9068_CODE_ARGUMENT_INVALID, ""));
    CHECK(failed_with(at9068_minter_mint(minter, "\xff", 1, NULL, &minted, &error), &error, AT9068_CODE_ARGUMENT_INVALID, "UTF-8"));
    at9068_minter_free(minter);
}

int main(void)
{
    static const char *const algorithms[] = {"RS256", "PS256", "ES256", "ES384", "ES512", "EdDSA", "Ed25519"};
    for (size_t i = 0; i < sizeof algorithms / sizeof *algorithms; ++i) {
        at9068_signing_key *key = new_key(algorithms[i]);
        every_claim_can_be_read(key);
        at9068_signing_key_free(key);
    }
    at9068_signing_key *key = new_key("ES256");
    absent_is_not_empty(key);
    a_resource_is_published(key);
    demands_are_met_or_answered(key);
    a_migration_is_told_and_counted(key);
    minting_errors_are_answered(key);
    at9068_signing_key_free(key);
    return 0;
}
