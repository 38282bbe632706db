/* Client assertions: made, accepted once, remembered where the host says; and what is answered about tokens. */
#define _POSIX_C_SOURCE 200809L

#include "loopback.h"

static const double START = 1700000000;
static const char SERVER[] = "https://as.example/";
static const char ASSERTS[] =
    "{\"client_id\":\"app\",\"audience\":\"https://as.example/\",\"keys\":{\"$signing_key\":0}}";
static const char CLIENTS[] =
    "{\"issuer\":\"https://as.example/\",\"clients\":[{\"client_id\":\"app\",\"jwks\":{\"$signing_key\":0}}]}";
static const char REMOTE[] = "{\"issuer\":\"https://as.example/\",\"clients\":[{\"client_id\":\"app\","
                             "\"jwks_uri\":\"https://app.example/keys\"}]}";

static at9068_minted_token *mint(const at9068_signing_key *key, const char *request)
{
    at9068_client_assertion_minter *minter = NULL;
    at9068_minted_token *minted = NULL;
    const at9068_handles handles = {sizeof handles, NULL, 0, &key, 1};
    const size_t len = request == NULL ? 0 : strlen(request);
    CHECK(at9068_client_assertion_minter_new(TEXT(ASSERTS), &handles, NULL, &minter, NULL) == AT9068_CODE_OK);
    CHECK(at9068_client_assertion_minter_mint(minter, request, len, &START, &minted, NULL) == AT9068_CODE_OK);
    at9068_client_assertion_minter_free(minter);
    return minted;
}

static at9068_client_assertion_validator *new_client_validator(const at9068_signing_key *key, const at9068_ports *ports)
{
    at9068_client_assertion_validator *validator = NULL;
    const at9068_handles handles = {sizeof handles, NULL, 0, &key, 1};
    CHECK(at9068_client_assertion_validator_new(TEXT(CLIENTS), &handles, ports, &validator, NULL) == AT9068_CODE_OK);
    return validator;
}

static at9068_code client_verdict(const at9068_client_assertion_validator *validator, const at9068_minted_token *minted,
                                  const char *require, at9068_error **error)
{
    at9068_client_assertion *assertion = NULL;
    const double at = START + 10;
    const at9068_str sent = at9068_minted_token_token(minted);
    const size_t len = require == NULL ? 0 : strlen(require);
    const at9068_code code = at9068_client_assertion_validator_validate(validator, sent.ptr, sent.len, require, len, &at,
                                                                        &assertion, error);
    CHECK((code == AT9068_CODE_OK) == (assertion != NULL));
    at9068_client_assertion_free(assertion);
    return code;
}

static void an_assertion_is_accepted_once(const at9068_signing_key *key)
{
    at9068_client_assertion_validator *validator = new_client_validator(key, NULL);
    at9068_minted_token *minted = mint(key, "{\"jti\":\"id-1\"}");
    at9068_client_assertion *assertion = NULL;
    at9068_error *error = NULL;
    const double at = START + 10;
    const at9068_str sent = at9068_minted_token_token(minted);
    at9068_code code = client_verdict(validator, minted, "{\"client_id\":\"other\"}", &error);
    CHECK(at9068_error_status(error) == 401 && is_text(at9068_error_oauth(error), "invalid_client"));
    CHECK(at9068_error_challenge_count(error) == 0);
    CHECK(failed_with(code, &error, AT9068_CODE_CLAIM_MISMATCH, ""));
    code = client_verdict(validator, minted, "{\"client\":\"app\"}", &error);
    CHECK(failed_with(code, &error, AT9068_CODE_ARGUMENT_INVALID, "client"));

    CHECK(at9068_client_assertion_validator_validate(validator, sent.ptr, sent.len, TEXT("{\"client_id\":\"app\"}"), &at,
                                                     &assertion, NULL) == AT9068_CODE_OK);
    CHECK(client_verdict(validator, minted, NULL, &error) == AT9068_CODE_TOKEN_REPLAYED);
    CHECK(at9068_error_authenticated(error) && is_text(at9068_error_claim(error), "jti"));
    at9068_error_free(error);
    at9068_client_assertion_validator_free(validator);

    CHECK(is_text(at9068_client_assertion_client_id(assertion), "app"));
    CHECK(is_text(at9068_client_assertion_jti(assertion), "id-1") && is_text(at9068_client_assertion_aud(assertion), SERVER));
    CHECK(is_text(at9068_client_assertion_method(assertion), "private_key_jwt"));
    int64_t issued = 0;
    CHECK(at9068_client_assertion_iat(assertion, &issued) && issued == 1700000000);
    CHECK(at9068_client_assertion_exp(assertion) == 1700000060);
    const at9068_str claims = at9068_minted_token_claims_json(minted);
    CHECK(at9068_client_assertion_claims_json(assertion).len == claims.len);
    CHECK(memcmp(at9068_client_assertion_claims_json(assertion).ptr, claims.ptr, claims.len) == 0);
    CHECK(contains(at9068_client_assertion_header_json(assertion), "\"typ\":\"client-authentication+jwt\""));
    at9068_client_assertion_free(assertion);
    at9068_minted_token_free(minted);
}

static void a_secret_makes_assertions_too(void)
{
    static const char asserts[] = "{\"client_id\":\"app\",\"audience\":\"https://as.example/\","
                                  "\"client_secret\":\"TEST ONLY, and as long as the hash of it\"}";
    static const char clients[] = "{\"issuer\":\"https://as.example/\",\"clients\":[{\"client_id\":\"app\","
                                  "\"client_secret\":\"TEST ONLY, and as long as the hash of it\"}]}";
    at9068_client_assertion_minter *minter = NULL;
    at9068_client_assertion_validator *validator = NULL;
    at9068_client_assertion *assertion = NULL;
    at9068_minted_token *minted = NULL;
    CHECK(at9068_client_assertion_minter_new(TEXT(asserts), NULL, NULL, &minter, NULL) == AT9068_CODE_OK);
    CHECK(at9068_client_assertion_minter_mint(minter, NULL, 0, NULL, &minted, NULL) == AT9068_CODE_OK);
    CHECK(at9068_client_assertion_validator_new(TEXT(clients), NULL, NULL, &validator, NULL) == AT9068_CODE_OK);
    const at9068_str sent = at9068_minted_token_token(minted);
    CHECK(at9068_client_assertion_validator_validate(validator, sent.ptr, sent.len, NULL, 0, NULL, &assertion, NULL) ==
          AT9068_CODE_OK);
    CHECK(is_text(at9068_client_assertion_method(assertion), "client_secret_jwt"));
    CHECK(at9068_client_assertion_jti(assertion).len > 20);
    at9068_client_assertion_free(assertion);
    at9068_minted_token_free(minted);
    at9068_client_assertion_minter_free(minter);
    at9068_client_assertion_validator_free(validator);
}

/* A store of the host's, which tells what it was asked. */
struct store {
    int outcome;
    int asked;
    int dropped;
    char key[96];
    int64_t until;
    int64_t now;
};

static int first_use(void *context, at9068_str key, int64_t until, int64_t now)
{
    struct store *store = context;
    ++store->asked;
    CHECK(key.len < sizeof store->key);
    memcpy(store->key, key.ptr, key.len);
    store->key[key.len] = '\0';
    store->until = until;
    store->now = now;
    return store->outcome;
}

static void end(void *context)
{
    ++((struct store *)context)->dropped;
}

static void a_host_remembers(const at9068_signing_key *key)
{
    struct store store = {.outcome = 1};
    const at9068_ports ports = {.size = sizeof ports, .replay_store = {&store, first_use, end}};
    at9068_client_assertion_validator *none = NULL;
    at9068_error *error = NULL;
    CHECK(at9068_client_assertion_validator_new(TEXT("{}"), NULL, &ports, &none, NULL) == AT9068_CODE_CONFIG_INVALID);
    CHECK(store.dropped == 0);
    at9068_client_assertion_validator *validator = new_client_validator(key, &ports);
    at9068_minted_token *minted = mint(key, "{\"jti\":\"id-1\"}");
    CHECK(client_verdict(validator, minted, NULL, NULL) == AT9068_CODE_OK && store.asked == 1);
    CHECK(strncmp(store.key, "at9068:client_assertion:", 24) == 0 && strstr(store.key, "id-1") == NULL);
    CHECK(store.now == 1700000010 && store.until == 1700000060 + 30 + 60);
    store.outcome = 0;
    CHECK(client_verdict(validator, minted, NULL, NULL) == AT9068_CODE_TOKEN_REPLAYED && store.asked == 2);
    const int failures[] = {-1, 2, 256};
    for (size_t i = 0; i < sizeof failures / sizeof *failures; ++i) {
        store.outcome = failures[i];
        const at9068_code code = client_verdict(validator, minted, NULL, &error);
        CHECK(at9068_error_status(error) == 500 && failed_with(code, &error, AT9068_CODE_INTERNAL, ""));
    }
    /* what is refused for other reasons was not used */
    store.asked = 0;
    CHECK(client_verdict(validator, minted, "{\"client_id\":\"other\"}", NULL) == AT9068_CODE_CLAIM_MISMATCH);
    CHECK(store.asked == 0 && store.dropped == 0);
    at9068_client_assertion_validator_free(validator);
    CHECK(store.dropped == 1);
    at9068_minted_token_free(minted);
}

static void a_memory_is_shared(const at9068_signing_key *key)
{
    const at9068_code argument = AT9068_CODE_ARGUMENT_INVALID;
    at9068_memory_replay_store *memory = NULL;
    at9068_error *error = NULL;
    CHECK(at9068_memory_replay_store_new(2, &memory, NULL) == AT9068_CODE_OK);
    const at9068_ports ports = {.size = sizeof ports, .memory_replay_store = memory};
    at9068_client_assertion_validator *one = new_client_validator(key, &ports);
    at9068_client_assertion_validator *other = new_client_validator(key, &ports);
    at9068_minted_token *first = mint(key, NULL);
    at9068_minted_token *second = mint(key, NULL);
    at9068_minted_token *third = mint(key, NULL);
    CHECK(client_verdict(one, first, NULL, NULL) == AT9068_CODE_OK && at9068_memory_replay_store_len(memory) == 1);
    CHECK(client_verdict(other, first, NULL, NULL) == AT9068_CODE_TOKEN_REPLAYED);
    CHECK(client_verdict(other, second, NULL, NULL) == AT9068_CODE_OK && at9068_memory_replay_store_len(memory) == 2);
    CHECK(failed_with(client_verdict(one, third, NULL, &error), &error, AT9068_CODE_INTERNAL, "replay store"));

    int is_first = 7;
    CHECK(failed_with(at9068_memory_replay_store_first_use(memory, TEXT("k"), 1800000000, 1700000000, &is_first, &error),
                      &error, AT9068_CODE_INTERNAL, "full") && is_first == 0);
    CHECK(at9068_memory_replay_store_first_use(memory, TEXT("k"), 1900000000, 1800000000, &is_first, NULL) ==
          AT9068_CODE_OK && is_first == 1);
    CHECK(at9068_memory_replay_store_first_use(memory, TEXT("k"), 1900000000, 1800000000, &is_first, NULL) ==
          AT9068_CODE_OK && is_first == 0);
    CHECK(at9068_memory_replay_store_len(memory) == 1);
    CHECK(failed_with(at9068_memory_replay_store_first_use(memory, NULL, 1, 0, 0, &is_first, &error), &error, argument, "key is NULL"));
    CHECK(failed_with(at9068_memory_replay_store_first_use(memory, TEXT("k"), 0, 0, NULL, &error), &error, argument, "first is NULL"));
    CHECK(failed_with(at9068_memory_replay_store_first_use(NULL, TEXT("k"), 0, 0, &is_first, &error), &error, argument, "store is NULL"));
    CHECK(at9068_memory_replay_store_len(NULL) == 0);

    /* one store, not two */
    struct store store = {.outcome = 1};
    const at9068_ports both = {
        .size = sizeof both, .replay_store = {&store, first_use, end}, .memory_replay_store = memory};
    at9068_client_assertion_validator *none = NULL;
    CHECK(failed_with(at9068_client_assertion_validator_new(TEXT(REMOTE), NULL, &both, &none, &error), &error, argument, "twice"));
    CHECK(none == NULL && store.dropped == 0);

    at9068_memory_replay_store_free(memory);
    CHECK(client_verdict(other, second, NULL, NULL) == AT9068_CODE_OK); /* forgotten, since the time went on to 2027 */
    at9068_minted_token_free(first);
    at9068_minted_token_free(second);
    at9068_minted_token_free(third);
    at9068_client_assertion_validator_free(one);
    at9068_client_assertion_validator_free(other);
    CHECK(at9068_memory_replay_store_new(0, &memory, NULL) == AT9068_CODE_OK);
    CHECK(at9068_memory_replay_store_len(memory) == 0);
    at9068_memory_replay_store_free(memory);
    at9068_memory_replay_store_free(NULL);
}

static int now(void *context, double *out)
{
    *out = *(const double *)context;
    return 0;
}

static void respond(at9068_refresh *refresh, const at9068_string *keys)
{
    const at9068_fetch_request *request = at9068_refresh_request(refresh);
    CHECK(is_text(at9068_fetch_request_url(request), "https://app.example/keys"));
    CHECK(is_text(at9068_fetch_request_method(request), "GET") && at9068_fetch_request_body(request).ptr == NULL);
    CHECK(!at9068_fetch_request_trusted_host(request)); /* clients choose it */
    at9068_fetch_response *response = at9068_refresh_response(refresh);
    const at9068_str set = at9068_string_view(keys);
    CHECK(at9068_fetch_response_set_status(response, 200));
    CHECK(at9068_fetch_response_add_header(response, TEXT("Content-Type"), TEXT("application/json")));
    CHECK(at9068_fetch_response_append_body(response, (const uint8_t *)set.ptr, set.len));
    CHECK(at9068_refresh_answer(refresh, NULL) == AT9068_CODE_OK);
    at9068_refresh_free(refresh);
}

static void a_loop_takes_steps(const at9068_signing_key *key, const at9068_string *keys)
{
    double time = START + 10;
    const at9068_ports ports = {.size = sizeof ports, .clock = {&time, now, NULL}, .host_fetches = 1};
    at9068_client_assertion_validator *validator = NULL;
    at9068_client_assertion_validator *second = NULL;
    at9068_client_assertion *assertion = NULL;
    at9068_issuer_cache *cache = NULL;
    at9068_refresh *refresh = NULL;
    at9068_flight *flight = NULL;
    at9068_key_steps *steps = NULL;
    at9068_string *status = NULL;
    at9068_error *error = NULL;
    at9068_minted_token *minted = mint(key, NULL);
    const at9068_str sent = at9068_minted_token_token(minted);
    CHECK(at9068_client_assertion_validator_new(TEXT(REMOTE), NULL, &ports, &validator, NULL) == AT9068_CODE_OK);
    CHECK(at9068_client_assertion_validator_validate_at_hand(validator, sent.ptr, sent.len, NULL, 0, NULL, &assertion,
                                                             &error) == AT9068_CODE_KEYS_UNAVAILABLE);
    CHECK(at9068_error_status(error) == 503 && at9068_error_oauth(error).ptr == NULL);
    at9068_error_free(error);
    CHECK(at9068_client_assertion_validator_step(validator, sent.ptr, sent.len, NULL, 0, NULL, &refresh, &flight, &assertion,
                                                 NULL) == AT9068_CODE_KEYS_UNAVAILABLE);
    CHECK(refresh != NULL && flight == NULL && assertion == NULL && is_text(at9068_refresh_issuer(refresh), "app"));
    respond(refresh, keys);
    CHECK(at9068_client_assertion_validator_step(validator, sent.ptr, sent.len, NULL, 0, NULL, &refresh, &flight, &assertion,
                                                 NULL) == AT9068_CODE_OK);
    CHECK(refresh == NULL && flight == NULL && is_text(at9068_client_assertion_client_id(assertion), "app"));
    at9068_client_assertion_free(assertion);
    CHECK(at9068_client_assertion_validator_validate_at_hand(validator, sent.ptr, sent.len, NULL, 0, NULL, &assertion,
                                                             NULL) == AT9068_CODE_TOKEN_REPLAYED);

    CHECK(at9068_client_assertion_validator_status_json(validator, &status, NULL) == AT9068_CODE_OK);
    CHECK(contains(at9068_string_view(status), "\"issuer\":\"app\""));
    at9068_string_free(status);
    CHECK(at9068_client_assertion_validator_prefetch(validator, NULL) == AT9068_CODE_OK);
    CHECK(at9068_client_assertion_validator_refresh(validator, NULL) == AT9068_CODE_OK); /* which the host would do */
    CHECK(at9068_client_assertion_validator_prefetch_steps(validator, &steps, NULL) == AT9068_CODE_OK);
    CHECK(at9068_key_steps_step(steps, &refresh, &flight, NULL) == AT9068_CODE_OK);
    at9068_key_steps_free(steps);
    CHECK(at9068_client_assertion_validator_refresh_steps(validator, &steps, NULL) == AT9068_CODE_OK);
    CHECK(at9068_key_steps_step(steps, &refresh, &flight, NULL) == AT9068_CODE_KEYS_UNAVAILABLE && refresh != NULL);
    respond(refresh, keys);
    CHECK(at9068_key_steps_step(steps, &refresh, &flight, NULL) == AT9068_CODE_OK && refresh == NULL);
    at9068_key_steps_free(steps);
    time += 500;
    CHECK(at9068_client_assertion_validator_due_refresh(validator, &refresh, NULL) == AT9068_CODE_OK);
    respond(refresh, keys);

    /* clients have changed: another validator with the same keys */
    CHECK(at9068_client_assertion_validator_issuer_cache(validator, &cache, NULL) == AT9068_CODE_OK && cache != NULL);
    CHECK(at9068_client_assertion_validator_new_with_cache(TEXT(REMOTE), NULL, NULL, cache, &second, NULL) == AT9068_CODE_OK);
    CHECK(client_verdict(second, minted, NULL, NULL) == AT9068_CODE_OK);
    at9068_client_assertion_validator_free(second);
    CHECK(failed_with(at9068_client_assertion_validator_new_with_cache(TEXT(REMOTE), NULL, NULL, NULL, &second, &error),
                      &error, AT9068_CODE_ARGUMENT_INVALID, "cache is NULL"));
    at9068_issuer_cache_free(cache);
    at9068_minted_token_free(minted);
    at9068_client_assertion_validator_free(validator);
}

static void wrong_uses_have_an_answer(void)
{
    const at9068_code argument = AT9068_CODE_ARGUMENT_INVALID;
    const char *name = "validator is NULL";
    at9068_client_assertion_minter *minter = NULL;
    at9068_client_assertion_validator *validator = NULL;
    at9068_client_assertion *assertion = NULL;
    at9068_minted_token *minted = NULL;
    at9068_refresh *refresh = NULL;
    at9068_flight *flight = NULL;
    at9068_key_steps *steps = NULL;
    at9068_issuer_cache *cache = NULL;
    at9068_string *text = NULL;
    at9068_error *error = NULL;
    at9068_str whose = {"x", 1};
    at9068_str kid = {"x", 1};
    at9068_code code = AT9068_CODE_OK;
    size_t place = 7;
    CHECK(failed_with(at9068_client_assertion_minter_new(TEXT("{\"client_id\":\"a\"}"), NULL, NULL, &minter, &error), &error,
                      AT9068_CODE_CONFIG_INVALID, "audience"));
    CHECK(failed_with(at9068_client_assertion_minter_mint(NULL, NULL, 0, NULL, &minted, &error), &error, argument, "minter is NULL"));
    CHECK(at9068_client_assertion_minter_skipped_count(NULL) == 0);
    CHECK(!at9068_client_assertion_minter_skipped_at(NULL, 0, NULL, NULL, NULL));
    at9068_client_assertion_minter_free(NULL);

    CHECK(failed_with(at9068_client_assertion_validator_validate(NULL, TEXT("a.b.c"), NULL, 0, NULL, &assertion, &error), &error, argument, name));
    CHECK(failed_with(at9068_client_assertion_validator_validate_at_hand(NULL, TEXT("a.b.c"), NULL, 0, NULL, &assertion, &error), &error, argument, name));
    CHECK(failed_with(at9068_client_assertion_validator_step(NULL, TEXT("a.b.c"), NULL, 0, NULL, &refresh, &flight, &assertion, &error), &error, argument, name));
    CHECK(failed_with(at9068_client_assertion_validator_prefetch(NULL, &error), &error, argument, name));
    CHECK(failed_with(at9068_client_assertion_validator_refresh(NULL, &error), &error, argument, name));
    CHECK(failed_with(at9068_client_assertion_validator_prefetch_steps(NULL, &steps, &error), &error, argument, name));
    CHECK(failed_with(at9068_client_assertion_validator_refresh_steps(NULL, &steps, &error), &error, argument, name));
    CHECK(failed_with(at9068_client_assertion_validator_due_refresh(NULL, &refresh, &error), &error, argument, name));
    CHECK(failed_with(at9068_client_assertion_validator_status_json(NULL, &text, &error), &error, argument, name));
    CHECK(failed_with(at9068_client_assertion_validator_issuer_cache(NULL, &cache, &error), &error, argument, name));
    CHECK(at9068_client_assertion_validator_skipped_count(NULL) == 0);
    CHECK(!at9068_client_assertion_validator_skipped_at(NULL, 0, NULL, NULL, NULL, NULL));
    at9068_client_assertion_validator_free(NULL);
    at9068_client_assertion_free(NULL);
    CHECK(at9068_client_assertion_client_id(NULL).ptr == NULL && at9068_client_assertion_jti(NULL).ptr == NULL);
    CHECK(at9068_client_assertion_aud(NULL).ptr == NULL && at9068_client_assertion_method(NULL).ptr == NULL);
    CHECK(at9068_client_assertion_claims_json(NULL).ptr == NULL && at9068_client_assertion_header_json(NULL).ptr == NULL);
    CHECK(at9068_client_assertion_exp(NULL) == 0 && !at9068_client_assertion_iat(NULL, NULL));

    static const char mixed[] =
        "{\"issuer\":\"https://as.example/\",\"clients\":[{\"client_id\":\"app\",\"jwks\":{\"keys\":[{\"kty\":\"oct\","
        "\"k\":\"AA\",\"kid\":\"short\"},{\"kty\":\"OKP\",\"crv\":\"Ed25519\","
        "\"x\":\"nnQl_v9q930mzluO9rkoU2Q17uCxcxhycmlHDPNB9uQ\"}]}}]}";
    CHECK(at9068_client_assertion_validator_new(TEXT(mixed), NULL, NULL, &validator, NULL) == AT9068_CODE_OK);
    CHECK(at9068_client_assertion_validator_skipped_count(validator) == 1);
    CHECK(at9068_client_assertion_validator_skipped_at(validator, 0, &whose, &place, &kid, &code));
    CHECK(is_text(whose, "app") && place == 0 && is_text(kid, "short") && code == AT9068_CODE_KEY_TOO_WEAK);
    CHECK(!at9068_client_assertion_validator_skipped_at(validator, 1, NULL, NULL, NULL, NULL));
    CHECK(failed_with(at9068_client_assertion_validator_validate(validator, TEXT("a.b.c"), NULL, 3, NULL, &assertion, &error), &error, argument, "require is NULL"));
    CHECK(failed_with(at9068_client_assertion_validator_validate(validator, NULL, 3, NULL, 0, NULL, &assertion, &error), &error, argument, "token is NULL"));
    CHECK(at9068_client_assertion_validator_issuer_cache(validator, &cache, NULL) == AT9068_CODE_OK && cache == NULL);
    at9068_client_assertion_validator_free(validator);
}

static void an_endpoint_answers_about_tokens(const at9068_signing_key *key)
{
    at9068_validator *validator = new_validator(key, NULL);
    at9068_minter *minter = new_minter(key, NULL);
    at9068_minted_token *minted = NULL;
    at9068_minted_token *answer = NULL;
    at9068_access_token *token = NULL;
    at9068_string *response = NULL;
    at9068_error *error = NULL;
    const at9068_validate_options options = {.size = sizeof options, .has_now = 1, .now = START + 60};
    CHECK(at9068_minter_mint(minter, TEXT(GRANT), &START, &minted, NULL) == AT9068_CODE_OK);
    const at9068_str sent = at9068_minted_token_token(minted);
    CHECK(at9068_validator_validate(validator, sent.ptr, sent.len, &options, &token, NULL) == AT9068_CODE_OK);
    CHECK(is_text(at9068_access_token_origin(token), "local") && at9068_access_token_origin(NULL).ptr == NULL);

    CHECK(at9068_introspection_response(token, &response, NULL) == AT9068_CODE_OK);
    CHECK(contains(at9068_string_view(response), "\"active\":true") &&
          contains(at9068_string_view(response), "\"client_id\":\"client-7\""));
    at9068_string_free(response);
    CHECK(at9068_introspection_response(NULL, &response, NULL) == AT9068_CODE_OK);
    CHECK(is_string(response, "{\"active\":false}"));
    at9068_string_free(response);
    CHECK(failed_with(at9068_introspection_response(token, NULL, &error), &error, AT9068_CODE_ARGUMENT_INVALID, "out is NULL"));

    CHECK(at9068_minter_mint_introspection_response(minter, token, TEXT("rs"), &START, &answer, NULL) == AT9068_CODE_OK);
    CHECK(contains(at9068_minted_token_header_json(answer), "\"typ\":\"token-introspection+jwt\""));
    CHECK(contains(at9068_minted_token_claims_json(answer), "\"token_introspection\":{\"active\":true"));
    CHECK(at9068_minted_token_expires_in(answer) == 0);
    at9068_minted_token_free(answer);
    CHECK(at9068_minter_mint_introspection_response(minter, NULL, TEXT("rs"), &START, &answer, NULL) == AT9068_CODE_OK);
    CHECK(contains(at9068_minted_token_claims_json(answer), "\"token_introspection\":{\"active\":false}"));
    at9068_minted_token_free(answer);
    CHECK(failed_with(at9068_minter_mint_introspection_response(minter, token, NULL, 0, &START, &answer, &error), &error,
                      AT9068_CODE_ARGUMENT_INVALID, ""));
    CHECK(failed_with(at9068_minter_mint_introspection_response(NULL, token, TEXT("rs"), &START, &answer, &error), &error,
                      AT9068_CODE_ARGUMENT_INVALID, "minter is NULL"));
    at9068_access_token_free(token);
    at9068_minted_token_free(minted);
    at9068_minter_free(minter);
    at9068_validator_free(validator);
}

int main(void)
{
    at9068_signing_key *key = new_key("ES256");
    at9068_string *keys = published(key);
    an_assertion_is_accepted_once(key);
    a_secret_makes_assertions_too();
    a_host_remembers(key);
    a_memory_is_shared(key);
    a_loop_takes_steps(key, keys);
    wrong_uses_have_an_answer();
    an_endpoint_answers_about_tokens(key);
    at9068_string_free(keys);
    at9068_signing_key_free(key);
    return 0;
}
