/* ID tokens: minted, validated for one login, and read; by waiting and by not waiting for keys. */
#define _POSIX_C_SOURCE 200809L

#include "loopback.h"

static const char ISSUER[] = "https://as.example";
static const double START = 1700000000;
static const char LOGIN[] =
    "{\"client_id\":\"app\",\"subject\":\"user-1\",\"audience\":[\"other\"],\"nonce\":\"n-1\",\"auth_time\":1699999990,"
    "\"acr\":\"gold\",\"amr\":[\"pwd\",\"otp\"],\"sid\":\"s-1\",\"access_token\":\"at\",\"code\":\"code\",\"state\":\"st\","
    "\"claims\":{\"name\":\"Ann \\u00c9mile\",\"n\":1.50}}";
static const char EXPECTS[] =
    "{\"nonce\":\"n-1\",\"max_age\":600,\"acr_values\":[\"gold\"],\"access_token\":\"at\",\"code\":\"code\","
    "\"state\":\"st\",\"require_hashes\":true}";

static at9068_minted_token *mint(const at9068_signing_key *key, const char *login)
{
    char config[512];
    at9068_minter *minter = NULL;
    at9068_minted_token *minted = NULL;
    const at9068_handles handles = {sizeof handles, NULL, 0, &key, 1};
    snprintf(config, sizeof config, LOOPBACK_MINTS, ISSUER);
    CHECK(at9068_minter_new(TEXT(config), &handles, NULL, &minter, NULL) == AT9068_CODE_OK);
    CHECK(at9068_minter_mint_id_token(minter, TEXT(login), &START, &minted, NULL) == AT9068_CODE_OK);
    at9068_minter_free(minter);
    return minted;
}

static at9068_id_token_validator *new_id_validator(const char *members, const at9068_signing_key *key,
                                                   const at9068_ports *ports)
{
    char config[512];
    at9068_id_token_validator *validator = NULL;
    const at9068_handles handles = {sizeof handles, NULL, 0, &key, key != NULL};
    snprintf(config, sizeof config, "{\"issuer\":\"%s\",\"client_id\":\"app\",\"trusted_audiences\":[\"other\"]%s}", ISSUER,
             members);
    CHECK(at9068_id_token_validator_new(TEXT(config), &handles, ports, &validator, NULL) == AT9068_CODE_OK);
    return validator;
}

static at9068_code id_verdict(const at9068_id_token_validator *validator, const at9068_minted_token *minted,
                              const char *checks, double at, at9068_error **error)
{
    at9068_id_token *token = NULL;
    const at9068_str sent = at9068_minted_token_token(minted);
    const size_t len = checks == NULL ? 0 : strlen(checks);
    const at9068_code code =
        at9068_id_token_validator_validate(validator, sent.ptr, sent.len, checks, len, &at, &token, error);
    CHECK((code == AT9068_CODE_OK) == (token != NULL));
    at9068_id_token_free(token);
    return code;
}

static void claims_are_read(const at9068_signing_key *key)
{
    at9068_minted_token *minted = mint(key, LOGIN);
    at9068_id_token_validator *validator = new_id_validator(",\"jwks\":{\"$signing_key\":0}", key, NULL);
    at9068_id_token *token = NULL;
    const at9068_str sent = at9068_minted_token_token(minted);
    const double at = START + 60;
    CHECK(at9068_id_token_validator_validate(validator, sent.ptr, sent.len, TEXT(EXPECTS), &at, &token, NULL) ==
          AT9068_CODE_OK);
    at9068_id_token_validator_free(validator);
    CHECK(is_text(at9068_id_token_iss(token), ISSUER) && is_text(at9068_id_token_sub(token), "user-1"));
    CHECK(is_text(at9068_id_token_aud_at(token, 0), "app") && is_text(at9068_id_token_aud_at(token, 1), "other"));
    CHECK(at9068_id_token_aud_at(token, 2).ptr == NULL && is_text(at9068_id_token_azp(token), "app"));
    CHECK(is_text(at9068_id_token_nonce(token), "n-1") && is_text(at9068_id_token_acr(token), "gold"));
    CHECK(is_text(at9068_id_token_amr_at(token, 0), "pwd") && is_text(at9068_id_token_amr_at(token, 1), "otp"));
    CHECK(at9068_id_token_amr_at(token, 2).ptr == NULL && is_text(at9068_id_token_sid(token), "s-1"));
    CHECK(at9068_id_token_at_hash(token).len == 22 && at9068_id_token_c_hash(token).len == 22);
    CHECK(at9068_id_token_s_hash(token).len == 22);
    int64_t seconds = 7;
    CHECK(!at9068_id_token_nbf(token, &seconds) && seconds == 7);
    CHECK(at9068_id_token_auth_time(token, &seconds) && seconds == 1699999990);
    CHECK(at9068_id_token_iat(token) == 1700000000 && at9068_id_token_exp(token) > at9068_id_token_iat(token));
    const at9068_str claims = at9068_minted_token_claims_json(minted);
    CHECK(at9068_id_token_claims_json(token).len == claims.len &&
          memcmp(at9068_id_token_claims_json(token).ptr, claims.ptr, claims.len) == 0);
    CHECK(contains(at9068_id_token_header_json(token), "\"typ\":\"JWT\""));
    at9068_str found = {"x", 1};
    CHECK(at9068_id_token_claim_json(token, TEXT("n"), &found, NULL) == AT9068_CODE_OK && is_text(found, "1.50"));
    CHECK(at9068_id_token_claim_json(token, TEXT("m"), &found, NULL) == AT9068_CODE_OK && found.ptr == NULL);
    CHECK(at9068_id_token_claim_json(token, "\xff", 1, &found, NULL) == AT9068_CODE_ARGUMENT_INVALID);
    at9068_id_token_free(token);
    at9068_minted_token_free(minted);
}

static void a_login_gets_what_it_expects(const at9068_signing_key *key)
{
    at9068_id_token_validator *validator = new_id_validator(",\"jwks\":{\"$signing_key\":0}", key, NULL);
    at9068_minted_token *minted = mint(key, LOGIN);
    at9068_error *error = NULL;
    const double at = START + 60;
    CHECK(id_verdict(validator, minted, EXPECTS, at, NULL) == AT9068_CODE_OK);
    const at9068_code code = id_verdict(validator, minted, "{\"nonce\":\"n-2\"}", at, &error);
    CHECK(is_text(at9068_error_claim(error), "nonce") && at9068_error_authenticated(error));
    CHECK(at9068_error_status(error) == 0 && at9068_error_oauth(error).ptr == NULL);
    CHECK(at9068_error_challenge_count(error) == 0);
    CHECK(failed_with(code, &error, AT9068_CODE_CLAIM_MISMATCH, ""));
    /* nobody asked for the nonce */
    CHECK(id_verdict(validator, minted, NULL, at, NULL) == id_verdict(validator, minted, "{}", at, NULL));
    CHECK(id_verdict(validator, minted, NULL, at, NULL) != AT9068_CODE_OK);
    CHECK(id_verdict(validator, minted, EXPECTS, START + 1e6, NULL) == AT9068_CODE_TOKEN_EXPIRED);
    CHECK(failed_with(id_verdict(validator, minted, "{\"nonces\":1}", at, &error), &error, AT9068_CODE_ARGUMENT_INVALID,
                      "nonces"));
    CHECK(failed_with(id_verdict(validator, minted, "", at, &error), &error, AT9068_CODE_ARGUMENT_INVALID, ""));
    at9068_minted_token_free(minted);

    /* an access token is none */
    minted = token_of(ISSUER, key, &START);
    CHECK(id_verdict(validator, minted, NULL, at, NULL) == AT9068_CODE_TYPE_MISMATCH);
    at9068_minted_token_free(minted);
    at9068_id_token_validator_free(validator);
}

struct world {
    double now;
    const at9068_string *keys;
    int fetched;
    int dropped;
};

static int now(void *context, double *out)
{
    *out = ((const struct world *)context)->now;
    return 0;
}

static void end(void *context)
{
    ++((struct world *)context)->dropped;
}

static at9068_fetch_outcome fetch(void *context, const at9068_fetch_request *request, at9068_fetch_response *response)
{
    struct world *world = context;
    const at9068_str keys = at9068_string_view(world->keys);
    ++world->fetched;
    CHECK(is_text(at9068_fetch_request_method(request), "GET") && at9068_fetch_request_body(request).ptr == NULL);
    CHECK(at9068_fetch_response_set_status(response, 200));
    CHECK(at9068_fetch_response_add_header(response, TEXT("content-type"), TEXT("application/json")));
    CHECK(at9068_fetch_response_append_body(response, (const uint8_t *)keys.ptr, keys.len));
    return AT9068_FETCH_OK;
}

static const char REMOTE[] = ",\"jwks_uri\":\"https://as.example/keys\"";

static bool has_id_status(const at9068_id_token_validator *validator, const char *part)
{
    at9068_string *status = NULL;
    CHECK(at9068_id_token_validator_status_json(validator, &status, NULL) == AT9068_CODE_OK);
    const bool has = contains(at9068_string_view(status), part);
    at9068_string_free(status);
    return has;
}

static void keys_are_shared_with_access_tokens(const at9068_signing_key *key, const at9068_string *keys)
{
    struct world world = {.now = START + 60, .keys = keys};
    const at9068_ports ports = {.size = sizeof ports, .clock = {&world, now, end}, .fetch = {&world, fetch, end}};
    at9068_id_token_validator *validator = new_id_validator(REMOTE, NULL, &ports);
    at9068_id_token_validator *second = NULL;
    at9068_issuer_cache *cache = NULL;
    at9068_validator *access = NULL;
    at9068_minted_token *login = mint(key, LOGIN);
    at9068_minted_token *minted = token_of(ISSUER, key, &START);
    char config[256];
    CHECK(id_verdict(validator, login, EXPECTS, world.now, NULL) == AT9068_CODE_OK && world.fetched == 1);
    CHECK(at9068_id_token_validator_issuer_cache(validator, &cache, NULL) == AT9068_CODE_OK && cache != NULL);
    snprintf(config, sizeof config, "{\"issuer\":\"%s\",\"audience\":\"https://api.example/\"%s}", ISSUER, REMOTE);
    CHECK(at9068_validator_new_with_cache(TEXT(config), NULL, NULL, cache, &access, NULL) == AT9068_CODE_OK);
    const at9068_str sent = at9068_minted_token_token(minted);
    const at9068_validate_options options = {.size = sizeof options, .has_now = 1, .now = world.now};
    at9068_access_token *token = NULL;
    CHECK(at9068_validator_validate(access, sent.ptr, sent.len, &options, &token, NULL) == AT9068_CODE_OK);
    snprintf(config, sizeof config, "{\"issuer\":\"%s\",\"client_id\":\"app\",\"trusted_audiences\":[\"other\"]%s}", ISSUER,
             REMOTE);
    CHECK(at9068_id_token_validator_new_with_cache(TEXT(config), NULL, NULL, cache, &second, NULL) == AT9068_CODE_OK);
    CHECK(id_verdict(second, login, EXPECTS, world.now, NULL) == AT9068_CODE_OK && world.fetched == 1);
    CHECK(at9068_id_token_validator_prefetch(second, NULL) == AT9068_CODE_OK && world.fetched == 1);
    CHECK(at9068_id_token_validator_refresh(second, NULL) == AT9068_CODE_OK && world.fetched == 2);
    CHECK(has_id_status(second, "\"state\":\"fresh\""));
    at9068_error *error = NULL;
    at9068_id_token_validator *none = NULL;
    CHECK(failed_with(at9068_id_token_validator_new_with_cache(TEXT(config), NULL, NULL, NULL, &none, &error), &error,
                      AT9068_CODE_ARGUMENT_INVALID, "cache is NULL"));

    at9068_access_token_free(token);
    at9068_validator_free(access);
    at9068_minted_token_free(minted);
    at9068_minted_token_free(login);
    at9068_id_token_validator_free(validator);
    at9068_issuer_cache_free(cache);
    CHECK(world.dropped == 0);
    at9068_id_token_validator_free(second);
    CHECK(world.dropped == 2);
}

static void a_loop_takes_steps(const at9068_signing_key *key, const at9068_string *keys)
{
    struct world world = {.now = START + 60};
    const at9068_ports ports = {.size = sizeof ports, .clock = {&world, now, NULL}, .host_fetches = 1};
    at9068_id_token_validator *validator = new_id_validator(REMOTE, NULL, &ports);
    at9068_minted_token *login = mint(key, LOGIN);
    const at9068_str sent = at9068_minted_token_token(login);
    const at9068_str set = at9068_string_view(keys);
    at9068_id_token *token = NULL;
    at9068_refresh *refresh = NULL;
    at9068_flight *flight = NULL;
    at9068_key_steps *steps = NULL;
    CHECK(at9068_id_token_validator_validate_at_hand(validator, sent.ptr, sent.len, TEXT(EXPECTS), NULL, &token, NULL) ==
          AT9068_CODE_KEYS_UNAVAILABLE);
    CHECK(at9068_id_token_validator_step(validator, sent.ptr, sent.len, TEXT(EXPECTS), NULL, &refresh, &flight, &token,
                                         NULL) == AT9068_CODE_KEYS_UNAVAILABLE);
    CHECK(refresh != NULL && flight == NULL && token == NULL);
    at9068_refresh *due = NULL;
    CHECK(at9068_id_token_validator_due_refresh(validator, &due, NULL) == AT9068_CODE_OK && due == NULL);
    at9068_refresh *other = NULL;
    CHECK(at9068_id_token_validator_step(validator, sent.ptr, sent.len, TEXT(EXPECTS), NULL, &other, &flight, &token,
                                         NULL) == AT9068_CODE_KEYS_UNAVAILABLE);
    CHECK(other == NULL && flight != NULL);
    at9068_fetch_response *response = at9068_refresh_response(refresh);
    CHECK(at9068_fetch_response_set_status(response, 200));
    CHECK(at9068_fetch_response_add_header(response, TEXT("Content-Type"), TEXT("application/json")));
    CHECK(at9068_fetch_response_append_body(response, (const uint8_t *)set.ptr, set.len));
    CHECK(at9068_refresh_answer(refresh, NULL) == AT9068_CODE_OK && at9068_flight_is_over(flight));
    at9068_refresh_free(refresh);
    at9068_flight_free(flight);
    CHECK(at9068_id_token_validator_step(validator, sent.ptr, sent.len, TEXT(EXPECTS), NULL, &refresh, &flight, &token,
                                         NULL) == AT9068_CODE_OK);
    CHECK(refresh == NULL && flight == NULL && is_text(at9068_id_token_sub(token), "user-1"));
    at9068_id_token_free(token);
    CHECK(at9068_id_token_validator_validate_at_hand(validator, sent.ptr, sent.len, TEXT(EXPECTS), NULL, &token, NULL) ==
          AT9068_CODE_OK);
    at9068_id_token_free(token);

    CHECK(at9068_id_token_validator_prefetch_steps(validator, &steps, NULL) == AT9068_CODE_OK);
    CHECK(at9068_key_steps_step(steps, &refresh, &flight, NULL) == AT9068_CODE_OK);
    at9068_key_steps_free(steps);
    CHECK(at9068_id_token_validator_refresh_steps(validator, &steps, NULL) == AT9068_CODE_OK);
    CHECK(at9068_key_steps_step(steps, &refresh, &flight, NULL) == AT9068_CODE_KEYS_UNAVAILABLE && refresh != NULL);
    at9068_refresh_free(refresh);
    at9068_key_steps_free(steps);
    world.now += 500;
    CHECK(at9068_id_token_validator_due_refresh(validator, &due, NULL) == AT9068_CODE_OK && due != NULL);
    at9068_refresh_free(due);

    at9068_error *error = NULL;
    CHECK(failed_with(at9068_id_token_validator_step(validator, sent.ptr, sent.len, NULL, 0, NULL, NULL, &flight, &token,
                                                     &error),
                      &error, AT9068_CODE_ARGUMENT_INVALID, "refresh is NULL"));
    at9068_minted_token_free(login);
    at9068_id_token_validator_free(validator);
}

static void wrong_uses_have_an_answer(const at9068_signing_key *key)
{
    const at9068_code argument = AT9068_CODE_ARGUMENT_INVALID;
    at9068_id_token_validator *none = NULL;
    at9068_id_token *token = NULL;
    at9068_minted_token *minted = NULL;
    at9068_refresh *refresh = NULL;
    at9068_flight *flight = NULL;
    at9068_key_steps *steps = NULL;
    at9068_issuer_cache *cache = NULL;
    at9068_string *text = NULL;
    at9068_str found = {"x", 1};
    at9068_error *error = NULL;
    const at9068_code config = at9068_id_token_validator_new(TEXT("{\"issuer\":\"i\"}"), NULL, NULL, &none, &error);
    CHECK(failed_with(config, &error, AT9068_CODE_CONFIG_INVALID, "client_id") && none == NULL);
    CHECK(failed_with(at9068_id_token_validator_new(NULL, 3, NULL, NULL, &none, &error), &error, argument, "config is NULL"));
    const char *name = "validator is NULL";
    CHECK(failed_with(at9068_id_token_validator_validate(NULL, TEXT("a.b.c"), NULL, 0, NULL, &token, &error), &error, argument, name));
    CHECK(failed_with(at9068_id_token_validator_validate_at_hand(NULL, TEXT("a.b.c"), NULL, 0, NULL, &token, &error), &error, argument, name));
    CHECK(failed_with(at9068_id_token_validator_step(NULL, TEXT("a.b.c"), NULL, 0, NULL, &refresh, &flight, &token, &error), &error, argument, name));
    CHECK(failed_with(at9068_id_token_validator_prefetch(NULL, &error), &error, argument, name));
    CHECK(failed_with(at9068_id_token_validator_refresh(NULL, &error), &error, argument, name));
    CHECK(failed_with(at9068_id_token_validator_prefetch_steps(NULL, &steps, &error), &error, argument, name));
    CHECK(failed_with(at9068_id_token_validator_refresh_steps(NULL, &steps, &error), &error, argument, name));
    CHECK(failed_with(at9068_id_token_validator_due_refresh(NULL, &refresh, &error), &error, argument, name));
    CHECK(failed_with(at9068_id_token_validator_status_json(NULL, &text, &error), &error, argument, name));
    CHECK(failed_with(at9068_id_token_validator_issuer_cache(NULL, &cache, &error), &error, argument, name));
    CHECK(at9068_id_token_validator_skipped_count(NULL) == 0);
    CHECK(!at9068_id_token_validator_skipped_at(NULL, 0, NULL, NULL, NULL));
    at9068_id_token_validator_free(NULL);
    at9068_id_token_free(NULL);

    at9068_str (*const texts[])(const at9068_id_token *) = {
        at9068_id_token_iss,     at9068_id_token_sub,    at9068_id_token_azp,         at9068_id_token_nonce,
        at9068_id_token_acr,     at9068_id_token_sid,    at9068_id_token_at_hash,     at9068_id_token_c_hash,
        at9068_id_token_s_hash,  at9068_id_token_claims_json, at9068_id_token_header_json,
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; ++i) {
        CHECK(texts[i](NULL).ptr == NULL && texts[i](NULL).len == 0);
    }
    CHECK(at9068_id_token_aud_at(NULL, 0).ptr == NULL && at9068_id_token_amr_at(NULL, 0).ptr == NULL);
    CHECK(at9068_id_token_exp(NULL) == 0 && at9068_id_token_iat(NULL) == 0);
    CHECK(!at9068_id_token_nbf(NULL, NULL) && !at9068_id_token_auth_time(NULL, NULL));
    CHECK(failed_with(at9068_id_token_claim_json(NULL, TEXT("sub"), &found, &error), &error, argument, "token is NULL"));
    CHECK(found.ptr == NULL);

    at9068_id_token_validator *validator = new_id_validator(
        ",\"jwks\":{\"keys\":[{\"kty\":\"oct\",\"k\":\"AA\",\"kid\":\"short\"},{\"$signing_key\":0}]}", key, NULL);
    size_t place = 7;
    at9068_code code = AT9068_CODE_OK;
    CHECK(at9068_id_token_validator_skipped_count(validator) == 1);
    CHECK(at9068_id_token_validator_skipped_at(validator, 0, &place, &found, &code));
    CHECK(place == 0 && is_text(found, "short") && code == AT9068_CODE_KEY_TOO_WEAK);
    CHECK(!at9068_id_token_validator_skipped_at(validator, 1, NULL, NULL, NULL));
    CHECK(at9068_id_token_validator_issuer_cache(validator, &cache, NULL) == AT9068_CODE_OK && cache == NULL);
    CHECK(has_id_status(validator, "[]"));
    CHECK(failed_with(at9068_id_token_validator_validate(validator, NULL, 3, NULL, 0, NULL, &token, &error), &error, argument, "token is NULL"));
    CHECK(failed_with(at9068_id_token_validator_validate(validator, TEXT("a.b.c"), NULL, 3, NULL, &token, &error), &error, argument, "checks is NULL"));
    CHECK(failed_with(at9068_id_token_validator_validate(validator, TEXT("a.b.c"), "\xff", 1, NULL, &token, &error), &error, argument, "UTF-8"));
    CHECK(at9068_id_token_validator_validate(validator, "\xff", 1, NULL, 0, NULL, &token, NULL) == AT9068_CODE_TOKEN_MALFORMED);
    at9068_id_token_validator_free(validator);

    at9068_minter *minter = new_minter(key, NULL);
    CHECK(failed_with(at9068_minter_mint_id_token(NULL, TEXT(LOGIN), NULL, &minted, &error), &error, argument, "minter is NULL"));
    CHECK(failed_with(at9068_minter_mint_id_token(minter, NULL, 0, NULL, &minted, &error), &error, argument, ""));
    CHECK(failed_with(at9068_minter_mint_id_token(minter, TEXT("{\"client_id\":\"app\",\"subject\":\"u\",\"claims\":{\"iss\":1}}"), NULL, &minted, &error),
                      &error, AT9068_CODE_CLAIM_RESERVED, "") && minted == NULL);
    at9068_minter_free(minter);
}

int main(void)
{
    at9068_signing_key *key = new_key("ES256");
    at9068_string *keys = published(key);
    claims_are_read(key);
    a_login_gets_what_it_expects(key);
    keys_are_shared_with_access_tokens(key, keys);
    a_loop_takes_steps(key, keys);
    wrong_uses_have_an_answer(key);
    at9068_string_free(keys);
    at9068_signing_key_free(key);
    return 0;
}
