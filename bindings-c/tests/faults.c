/* What a C program can get wrong at the border: each wrong use has an answer, and none a crash. */
#include <math.h>

#include "check.h"

/* Something for outputs to be before a call, which must not be left there. */
#define JUNK(type) ((type *)(void *)&junk)
static int junk;

static const char NOT_UTF8[] = "\xff\xfe";
static const char WITH_NUL[] = "{\"a\"\0:1}";

/* Calls a function that makes something with the first argument; the rest is good or NULL. */
#define REFUSES(type, call, expected, part)                    \
    do {                                                       \
        type *out = JUNK(type);                                \
        at9068_error *error = JUNK(at9068_error);              \
        const at9068_code code = (call);                       \
        CHECK(failed_with(code, &error, (expected), (part)));  \
        CHECK(out == NULL);                                    \
    } while (0)

static void texts_are_judged(void)
{
    const at9068_code argument = AT9068_CODE_ARGUMENT_INVALID;
    const size_t endless = (size_t)-1;

    /* NULL with a length */
    REFUSES(at9068_validator, at9068_validator_new(NULL, 3, NULL, NULL, &out, &error), argument, "config is NULL");
    REFUSES(at9068_minter, at9068_minter_new(NULL, 3, NULL, NULL, &out, &error), argument, "config is NULL");
    REFUSES(at9068_key_set, at9068_key_set_from_json(NULL, 3, &out, &error), argument, "json is NULL");
    REFUSES(at9068_key_set, at9068_key_set_from_pem(NULL, 3, NULL, &out, &error), argument, "pem is NULL");
    REFUSES(at9068_signing_key, at9068_signing_key_from_jwk(NULL, 3, &out, &error), argument, "jwk is NULL");
    REFUSES(at9068_signing_key, at9068_signing_key_from_pem(NULL, 3, NULL, &out, &error), argument, "pem is NULL");
    REFUSES(at9068_signing_key, at9068_signing_key_generate(NULL, 3, 0, &out, &error), argument, "name is NULL");
    REFUSES(at9068_string, at9068_thumbprint(NULL, 3, &out, &error), argument, "jwk is NULL");
    REFUSES(at9068_string, at9068_certificate_sha256(NULL, 3, &out, &error), argument, "der_or_pem is NULL");
    REFUSES(at9068_key_set, at9068_key_set_from_signing_keys(NULL, 3, &out, &error), argument, "keys is NULL");
    REFUSES(at9068_buffer, at9068_verify_jws(NULL, 3, NULL, TEXT("[]"), &out, &error), argument, "token is NULL");
    REFUSES(at9068_buffer, at9068_verify_jws(TEXT("a.b.c"), NULL, NULL, 3, &out, &error), argument, "algorithms is NULL");

    /* NULL without: the empty text */
    REFUSES(at9068_validator, at9068_validator_new(NULL, 0, NULL, NULL, &out, &error), AT9068_CODE_CONFIG_INVALID, "JSON");
    REFUSES(at9068_key_set, at9068_key_set_from_json(NULL, 0, &out, &error), AT9068_CODE_KEY_MALFORMED, "");

    /* lengths that no text has */
    REFUSES(at9068_key_set, at9068_key_set_from_json("{}", endless, &out, &error), argument, "impossible");
    REFUSES(at9068_string, at9068_thumbprint("{}", endless / 2 + 1, &out, &error), argument, "impossible");

    /* not UTF-8, and NUL inside */
    REFUSES(at9068_validator, at9068_validator_new(NOT_UTF8, 2, NULL, NULL, &out, &error), AT9068_CODE_CONFIG_INVALID, "UTF-8");
    REFUSES(at9068_minter, at9068_minter_new(NOT_UTF8, 2, NULL, NULL, &out, &error), AT9068_CODE_CONFIG_INVALID, "UTF-8");
    REFUSES(at9068_key_set, at9068_key_set_from_json(NOT_UTF8, 2, &out, &error), argument, "UTF-8");
    REFUSES(at9068_buffer, at9068_verify_jws(TEXT("a.b.c"), NULL, NOT_UTF8, 2, &out, &error), argument, "UTF-8");
    REFUSES(at9068_signing_key, at9068_signing_key_generate(NOT_UTF8, 2, 0, &out, &error), argument, "UTF-8");
    REFUSES(at9068_signing_key, at9068_signing_key_generate("ES256\0", 6, 0, &out, &error), argument, "algorithm");
    REFUSES(at9068_validator, at9068_validator_new(WITH_NUL, sizeof WITH_NUL - 1, NULL, NULL, &out, &error),
            AT9068_CODE_CONFIG_INVALID, "JSON");
    REFUSES(at9068_string, at9068_thumbprint(WITH_NUL, sizeof WITH_NUL - 1, &out, &error), AT9068_CODE_KEY_MALFORMED, "");

    /* a length that is too short is a text of its own */
    REFUSES(at9068_validator, at9068_validator_new(VALIDATES, strlen(VALIDATES) - 1, NULL, NULL, &out, &error),
            AT9068_CODE_CONFIG_INVALID, "JSON");

    /* an unknown member is named */
    REFUSES(at9068_validator, at9068_validator_new(TEXT("{\"issuers_\":1}"), NULL, NULL, &out, &error),
            AT9068_CODE_CONFIG_INVALID, "issuers_");
}

static void handles_are_judged(const at9068_signing_key *key)
{
    const at9068_code argument = AT9068_CODE_ARGUMENT_INVALID;
    REFUSES(at9068_access_token, at9068_validator_validate(NULL, TEXT("a.b.c"), NULL, &out, &error), argument, "validator is NULL");
    REFUSES(at9068_access_token, at9068_validator_authenticate(NULL, TEXT("{}"), NULL, &out, &error), argument, "validator is NULL");
    REFUSES(at9068_explanation, at9068_validator_explain(NULL, TEXT("a.b.c"), NULL, &out, &error), argument, "validator is NULL");
    REFUSES(at9068_buffer, at9068_verify_jws(TEXT("a.b.c"), NULL, TEXT("[\"RS256\"]"), &out, &error), argument, "keys is NULL");
    REFUSES(at9068_minted_token, at9068_minter_mint(NULL, TEXT(GRANT), NULL, &out, &error), argument, "minter is NULL");
    REFUSES(at9068_string, at9068_key_set_to_json(NULL, &out, &error), argument, "set is NULL");
    REFUSES(at9068_string, at9068_signing_key_to_jwk(NULL, &out, &error), argument, "key is NULL");
    REFUSES(at9068_string, at9068_signing_key_to_pem(NULL, &out, &error), argument, "key is NULL");
    REFUSES(at9068_string, at9068_signing_key_public_jwk(NULL, &out, &error), argument, "key is NULL");
    REFUSES(at9068_string, at9068_signing_key_public_pem(NULL, &out, &error), argument, "key is NULL");
    REFUSES(at9068_string, at9068_signing_key_thumbprint(NULL, &out, &error), argument, "key is NULL");
    REFUSES(at9068_key_set, at9068_signing_key_key_set(NULL, &out, &error), argument, "key is NULL");
    REFUSES(at9068_string, at9068_access_token_accessor_json(NULL, TEXT("aud"), &out, &error), argument, "token is NULL");

    const at9068_signing_key *none = NULL;
    REFUSES(at9068_key_set, at9068_key_set_from_signing_keys(&none, 1, &out, &error), argument, "a key is NULL");
    const at9068_handles empty = {sizeof empty, NULL, 0, &none, 1};
    REFUSES(at9068_validator, at9068_validator_new(TEXT(VALIDATES), &empty, NULL, &out, &error), argument, "key is NULL");
    const at9068_key_set *no_set = NULL;
    const at9068_handles no_sets = {sizeof no_sets, &no_set, 1, NULL, 0};
    REFUSES(at9068_validator, at9068_validator_new(TEXT(VALIDATES), &no_sets, NULL, &out, &error), argument, "set is NULL");
    const at9068_handles missing = {sizeof missing, NULL, 1, NULL, 0};
    REFUSES(at9068_validator, at9068_validator_new(TEXT(VALIDATES), &missing, NULL, &out, &error), argument, "key_sets is NULL");
    const at9068_handles long_array = {sizeof long_array, NULL, 0, &key, (size_t)-1 / 2};
    REFUSES(at9068_validator, at9068_validator_new(TEXT(VALIDATES), &long_array, NULL, &out, &error), argument, "impossible");
    REFUSES(at9068_validator, at9068_validator_new(TEXT(VALIDATES), NULL, NULL, &out, &error),
            AT9068_CODE_CONFIG_INVALID, "handle");

    at9068_error *error = JUNK(at9068_error);
    at9068_str text = {"x", 1};
    CHECK(failed_with(at9068_access_token_claim_json(NULL, TEXT("sub"), &text, &error), &error, argument, "token is NULL"));
    CHECK(text.ptr == NULL && text.len == 0);
    CHECK(failed_with(at9068_access_token_require(NULL, TEXT("{}"), NULL, &error), &error, argument, "token is NULL"));
}

static void sizes_are_judged(const at9068_signing_key *key)
{
    const at9068_code argument = AT9068_CODE_ARGUMENT_INVALID;
    at9068_validator *validator = new_validator(key, NULL);
    const size_t wrong[] = {0, 1, sizeof(size_t), 9, (size_t)-1};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; ++i) {
        at9068_handles handles = {wrong[i], NULL, 0, &key, 1};
        REFUSES(at9068_validator, at9068_validator_new(TEXT(VALIDATES), &handles, NULL, &out, &error), argument, "size of handles");
        at9068_ports ports = {.size = wrong[i]};
        REFUSES(at9068_minter, at9068_minter_new(TEXT(MINTS), NULL, &ports, &out, &error), argument, "size of ports");
        at9068_validate_options options = {wrong[i], 0, 0, {NULL, 0}, {NULL, 0}};
        REFUSES(at9068_access_token, at9068_validator_validate(validator, TEXT("a.b.c"), &options, &out, &error), argument, "size of options");
        REFUSES(at9068_access_token, at9068_validator_authenticate(validator, TEXT("{}"), &options, &out, &error), argument, "size of options");
        REFUSES(at9068_explanation, at9068_validator_explain(validator, TEXT("a.b.c"), &options, &out, &error), argument, "size of options");
        at9068_key_options pem = {wrong[i], {NULL, 0}, {NULL, 0}};
        REFUSES(at9068_key_set, at9068_key_set_from_pem(TEXT("x"), &pem, &out, &error), argument, "size of options");
        REFUSES(at9068_signing_key, at9068_signing_key_from_pem(TEXT("x"), &pem, &out, &error), argument, "size of options");
    }
    /* one octet more than this version knows: what it would mean is not known */
    const struct {
        at9068_validate_options known;
        char more;
    } newer = {{sizeof newer.known + 1, 0, 0, {NULL, 0}, {NULL, 0}}, 0};
    REFUSES(at9068_access_token, at9068_validator_validate(validator, TEXT("a.b.c"), &newer.known, &out, &error), argument, "size");

    at9068_validate_options options = {.size = sizeof options, .require = {NULL, 2}};
    REFUSES(at9068_access_token, at9068_validator_validate(validator, TEXT("a.b.c"), &options, &out, &error), argument, "require is NULL");
    REFUSES(at9068_explanation, at9068_validator_explain(validator, TEXT("a.b.c"), &options, &out, &error), argument, "require is NULL");
    REFUSES(at9068_explanation, at9068_validator_explain(validator, NULL, 5, NULL, &out, &error), argument, "token is NULL");
    options.require = (at9068_str){"", 0};
    REFUSES(at9068_access_token, at9068_validator_validate(validator, TEXT("a.b.c"), &options, &out, &error), argument, "JSON");
    options.require = (at9068_str){NULL, 0};
    options.request = (at9068_str){NOT_UTF8, 2};
    REFUSES(at9068_access_token, at9068_validator_validate(validator, TEXT("a.b.c"), &options, &out, &error), argument, "UTF-8");
    options.request = (at9068_str){"{}", 2};
    REFUSES(at9068_access_token, at9068_validator_authenticate(validator, TEXT("{}"), &options, &out, &error), argument, "twice");
    at9068_validator_free(validator);
}

static void tokens_that_are_no_text_are_malformed(const at9068_signing_key *key)
{
    at9068_validator *validator = new_validator(key, NULL);
    at9068_access_token *out = JUNK(at9068_access_token);
    at9068_error *error = NULL;
    const char *tokens[] = {NOT_UTF8, "", "a.b.c", "\0.\0.\0"};
    const size_t lengths[] = {2, 0, 5, 5};
    for (size_t i = 0; i < 4; ++i) {
        const at9068_code code = at9068_validator_validate(validator, tokens[i], lengths[i], NULL, &out, &error);
        CHECK(code == AT9068_CODE_TOKEN_MALFORMED && out == NULL);
        CHECK(at9068_error_status(error) == 401 && is_text(at9068_error_oauth(error), "invalid_token"));
        CHECK(at9068_error_challenge_count(error) == 1 && !at9068_error_authenticated(error));
        CHECK(contains(at9068_error_challenge_at(error, 0), "Bearer realm=\"api\", error=\"invalid_token\""));
        CHECK(at9068_error_challenge_at(error, 1).ptr == NULL);
        at9068_error_free(error);
    }
    CHECK(at9068_validator_validate(validator, NULL, 0, NULL, &out, NULL) == AT9068_CODE_TOKEN_MALFORMED);
    CHECK(failed_with(at9068_validator_validate(validator, NULL, 5, NULL, &out, &error), &error,
                      AT9068_CODE_ARGUMENT_INVALID, "token is NULL"));
    at9068_validator_free(validator);
}

static void outputs_may_be_missing(const at9068_signing_key *key)
{
    at9068_error *error = NULL;
    CHECK(failed_with(at9068_key_set_from_json(TEXT("{\"keys\":[]}"), NULL, &error), &error, AT9068_CODE_ARGUMENT_INVALID, "out is NULL"));
    CHECK(failed_with(at9068_signing_key_thumbprint(key, NULL, &error), &error, AT9068_CODE_ARGUMENT_INVALID, "out is NULL"));
    CHECK(at9068_key_set_from_json(TEXT("{}"), NULL, NULL) == AT9068_CODE_ARGUMENT_INVALID);
    CHECK(at9068_validator_validate(NULL, NULL, 0, NULL, NULL, NULL) == AT9068_CODE_ARGUMENT_INVALID);
    CHECK(at9068_validator_explain(NULL, NULL, 0, NULL, NULL, NULL) == AT9068_CODE_ARGUMENT_INVALID);
    CHECK(at9068_verify_jws(NULL, 0, NULL, NULL, 0, NULL, NULL) == AT9068_CODE_ARGUMENT_INVALID);
    CHECK(at9068_access_token_require(NULL, NULL, 0, NULL, NULL) == AT9068_CODE_ARGUMENT_INVALID);
    CHECK(at9068_access_token_claim_json(NULL, NULL, 0, NULL, NULL) == AT9068_CODE_ARGUMENT_INVALID);

    /* success clears the error */
    at9068_string *text = NULL;
    error = JUNK(at9068_error);
    CHECK(at9068_signing_key_thumbprint(key, &text, &error) == AT9068_CODE_OK && error == NULL && text != NULL);
    at9068_string_free(text);
}

static void nothing_has_nothing(void)
{
    at9068_access_token_free(NULL);
    at9068_buffer_free(NULL);
    at9068_error_free(NULL);
    at9068_explanation_free(NULL);
    at9068_key_set_free(NULL);
    at9068_minted_token_free(NULL);
    at9068_minter_free(NULL);
    at9068_signing_key_free(NULL);
    at9068_string_free(NULL);
    at9068_validator_free(NULL);

    CHECK(at9068_error_code(NULL) == AT9068_CODE_OK && at9068_error_status(NULL) == 0);
    CHECK(at9068_error_slug(NULL).ptr == NULL && at9068_error_message(NULL).ptr == NULL);
    CHECK(at9068_error_claim(NULL).ptr == NULL && at9068_error_kind(NULL).ptr == NULL);
    CHECK(at9068_error_oauth(NULL).ptr == NULL && !at9068_error_authenticated(NULL));
    CHECK(at9068_error_challenge_count(NULL) == 0 && at9068_error_challenge_at(NULL, 0).ptr == NULL);
    CHECK(at9068_error_header_count(NULL) == 0 && at9068_error_header_name_at(NULL, 0).ptr == NULL);
    CHECK(at9068_error_header_value_at(NULL, 0).ptr == NULL && !at9068_error_retry_after(NULL, NULL));
    CHECK(at9068_error_http_header_count(NULL) == 0 && !at9068_error_http_header(NULL, 0, NULL, NULL));
    CHECK(at9068_error_http_body(NULL).ptr == NULL);
    CHECK(at9068_validator_protected_resource_metadata(NULL).ptr == NULL);
    CHECK(at9068_validator_protected_resource_metadata_path(NULL).ptr == NULL);
    CHECK(at9068_string_view(NULL).ptr == NULL && at9068_string_view(NULL).len == 0);
    CHECK(at9068_buffer_view(NULL).ptr == NULL && at9068_buffer_view(NULL).len == 0);
    CHECK(at9068_explanation_trace_json(NULL).ptr == NULL && at9068_explanation_step_count(NULL) == 0);
    CHECK(at9068_explanation_token(NULL) == NULL && at9068_explanation_error(NULL) == NULL);
    CHECK(at9068_explanation_step_at(NULL, 0) == NULL && at9068_step_code(NULL) == AT9068_CODE_OK);
    CHECK(at9068_step_rule(NULL).ptr == NULL && at9068_step_section(NULL).ptr == NULL);
    CHECK(at9068_step_outcome(NULL).ptr == NULL && at9068_step_claim(NULL).ptr == NULL);
    CHECK(at9068_step_expected(NULL).ptr == NULL && at9068_step_found(NULL).ptr == NULL);
    CHECK(at9068_key_set_len(NULL) == 0 && at9068_key_set_kid_at(NULL, 0).ptr == NULL);
    CHECK(at9068_key_set_skipped_count(NULL) == 0 && !at9068_key_set_skipped_at(NULL, 0, NULL, NULL, NULL));
    CHECK(at9068_validator_skipped_count(NULL) == 0 && at9068_minter_skipped_count(NULL) == 0);
    CHECK(!at9068_minter_skipped_at(NULL, 0, NULL, NULL, NULL));
    CHECK(!at9068_validator_skipped_at(NULL, 0, NULL, NULL, NULL, NULL));
    CHECK(at9068_signing_key_kid(NULL).ptr == NULL && at9068_signing_key_algorithm(NULL).ptr == NULL);
    CHECK(at9068_minted_token_token(NULL).ptr == NULL && at9068_minted_token_claims_json(NULL).ptr == NULL);
    CHECK(at9068_minted_token_header_json(NULL).ptr == NULL && at9068_minted_token_expires_in(NULL) == 0);
    at9068_str (*const texts[])(const at9068_access_token *) = {
        at9068_access_token_iss,      at9068_access_token_sub,         at9068_access_token_client_id,
        at9068_access_token_jti,      at9068_access_token_scope,       at9068_access_token_acr,
        at9068_access_token_org_id,   at9068_access_token_org_name,    at9068_access_token_profile,
        at9068_access_token_claims_json, at9068_access_token_header_json,
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; ++i) {
        CHECK(texts[i](NULL).ptr == NULL && texts[i](NULL).len == 0);
    }
    int64_t seconds = 7;
    CHECK(at9068_access_token_exp(NULL) == 0 && at9068_access_token_iat(NULL) == 0);
    CHECK(at9068_access_token_would_break_at(NULL, 0) == AT9068_CODE_OK);
    CHECK(!at9068_access_token_nbf(NULL, &seconds) && !at9068_access_token_auth_time(NULL, &seconds) && seconds == 7);
}

static void the_table_is_complete(void)
{
    at9068_code before = AT9068_CODE_OK;
    size_t count = 0;
    for (at9068_code code; (code = at9068_code_at(count)) != AT9068_CODE_OK; ++count) {
        CHECK(code > before && at9068_code_slug(code).len > 0 && at9068_code_message(code).len > 0);
        before = code;
    }
    CHECK(count > 40 && before == AT9068_CODE_INTERNAL);
    CHECK(at9068_code_at((size_t)-1) == AT9068_CODE_OK);
    CHECK(is_text(at9068_code_slug(AT9068_CODE_AUDIENCE_MISMATCH), "audience_mismatch"));
    CHECK(at9068_code_slug(AT9068_CODE_OK).ptr == NULL && at9068_code_message(605000).ptr == NULL);
    CHECK(is_text(at9068_version(), AT9068_VERSION));
}

/* A clock whose every use is counted. */
struct counted {
    int asked;
    int dropped;
    int outcome;
    double time;
};

static int counted_now(void *context, double *out)
{
    struct counted *clock = context;
    ++clock->asked;
    *out = clock->time;
    return clock->outcome;
}

static void counted_drop(void *context)
{
    ++((struct counted *)context)->dropped;
}

static void clocks_are_asked_and_dropped_once(const at9068_signing_key *key)
{
    const double mint_time = 1700000000.75;
    struct counted clock = {0, 0, 0, 1700000100};
    const at9068_ports ports = {.size = sizeof ports, .clock = {&clock, counted_now, counted_drop}};
    at9068_minter *minter = new_minter(key, NULL);
    at9068_minted_token *minted = NULL;
    CHECK(at9068_minter_mint(minter, TEXT(GRANT), &mint_time, &minted, NULL) == AT9068_CODE_OK);
    const at9068_str sent = at9068_minted_token_token(minted);

    /* making the handle fails: the context stays ours */
    at9068_validator *validator = NULL;
    CHECK(at9068_validator_new(TEXT("{}"), NULL, &ports, &validator, NULL) == AT9068_CODE_CONFIG_INVALID);
    CHECK(clock.asked == 0 && clock.dropped == 0);

    validator = new_validator(key, &ports);
    at9068_access_token *token = NULL;
    at9068_error *error = NULL;
    CHECK(at9068_validator_validate(validator, sent.ptr, sent.len, NULL, &token, NULL) == AT9068_CODE_OK);
    CHECK(clock.asked == 1 && at9068_access_token_iat(token) == 1700000000);
    at9068_access_token_free(token);

    /* a time that is given is the one */
    const at9068_validate_options late = {.size = sizeof late, .has_now = 1, .now = 1700003630};
    CHECK(at9068_validator_validate(validator, sent.ptr, sent.len, &late, &token, NULL) == AT9068_CODE_TOKEN_EXPIRED);
    CHECK(clock.asked == 1);

    /* a clock that fails, or tells no time, is nobody's token's fault */
    const double no_times[] = {NAN, INFINITY, 1e300};
    for (size_t i = 0; i < sizeof no_times / sizeof *no_times; ++i) {
        clock.time = no_times[i];
        const at9068_code code = at9068_validator_validate(validator, sent.ptr, sent.len, NULL, &token, &error);
        CHECK(at9068_error_status(error) == 500 && at9068_error_challenge_count(error) == 0);
        CHECK(failed_with(code, &error, AT9068_CODE_INTERNAL, "") && token == NULL);
    }
    clock.time = 1700000100;
    clock.outcome = -1;
    CHECK(at9068_validator_validate(validator, sent.ptr, sent.len, NULL, &token, NULL) == AT9068_CODE_INTERNAL);

    CHECK(clock.dropped == 0);
    at9068_validator_free(validator);
    CHECK(clock.dropped == 1);
    at9068_minted_token_free(minted);
    at9068_minter_free(minter);

    /* a minter's clock, without `drop`; and a table without clock */
    struct counted issue = {0, 0, 0, 1700000200.5};
    const at9068_ports minter_ports = {.size = sizeof minter_ports, .clock = {&issue, counted_now, NULL}};
    minter = new_minter(key, &minter_ports);
    CHECK(at9068_minter_mint(minter, TEXT(GRANT), NULL, &minted, NULL) == AT9068_CODE_OK && issue.asked == 1);
    CHECK(contains(at9068_minted_token_claims_json(minted), "\"iat\":1700000200,"));
    at9068_minted_token_free(minted);
    issue.outcome = 1;
    CHECK(failed_with(at9068_minter_mint(minter, TEXT(GRANT), NULL, &minted, &error), &error, AT9068_CODE_INTERNAL, ""));
    const double not_a_time = NAN;
    CHECK(failed_with(at9068_minter_mint(minter, TEXT(GRANT), &not_a_time, &minted, &error), &error,
                      AT9068_CODE_ARGUMENT_INVALID, "time"));
    at9068_minter_free(minter);
    const at9068_ports no_clock = {.size = sizeof no_clock, .clock = {&issue, NULL, counted_drop}};
    at9068_validator_free(new_validator(key, &no_clock));
    CHECK(issue.dropped == 0);
}

int main(void)
{
    at9068_signing_key *key = new_key("ES256");
    texts_are_judged();
    handles_are_judged(key);
    sizes_are_judged(key);
    tokens_that_are_no_text_are_malformed(key);
    outputs_may_be_missing(key);
    nothing_has_nothing();
    the_table_is_complete();
    clocks_are_asked_and_dropped_once(key);
    at9068_signing_key_free(key);
    return 0;
}
