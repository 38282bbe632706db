/* Explanations, and JWS that are no access tokens, through C. The rules are judged by the shared vectors. */
#include "check.h"

/* RFC 7515 A.1: its payload has line breaks of CR and LF, its key is a secret of 64 octets. */
static const char JWS[] =
    "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvb"
    "S9pc19yb290Ijp0cnVlfQ.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
static const char JWS_KEYS[] =
    "{\"keys\":[{\"kty\":\"oct\",\"k\":\"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow\"}]}";
static const char JWS_PAYLOAD[] =
    "{\"iss\":\"joe\",\r\n \"exp\":1300819380,\r\n \"http://example.com/is_root\":true}";

/* The same key over no octets at all: header {"alg":"HS256"}; the signature was computed by another program. */
static const char EMPTY_JWS[] = "eyJhbGciOiJIUzI1NiJ9..OseJwguM7Xc9AlxQtHOCBgo6qFRlXh5mw2ZmelT4y44";

static at9068_minted_token *mint(const at9068_signing_key *key)
{
    static const double ISSUED = 1700000000;
    at9068_minter *minter = new_minter(key, NULL);
    at9068_minted_token *minted = NULL;
    CHECK(at9068_minter_mint(minter, TEXT(GRANT), &ISSUED, &minted, NULL) == AT9068_CODE_OK);
    at9068_minter_free(minter);
    return minted;
}

static at9068_explanation *explain(const at9068_signing_key *key, at9068_str sent, const at9068_validate_options *options)
{
    at9068_validator *validator = new_validator(key, NULL);
    at9068_explanation *explanation = NULL;
    at9068_error *error = NULL;
    const at9068_code code = at9068_validator_explain(validator, sent.ptr, sent.len, options, &explanation, &error);
    CHECK(code == AT9068_CODE_OK && error == NULL && explanation != NULL);
    at9068_validator_free(validator); /* what it made lives on */
    return explanation;
}

/* Appends `"name":"text"`, or null, as the trace has it. No text of a trace needs an escape. */
static size_t put(char *at, size_t room, const char *name, at9068_str text)
{
    const char *quote = text.ptr == NULL ? "" : "\"";
    const char *what = text.ptr == NULL ? "null" : text.ptr;
    const int len = text.ptr == NULL ? 4 : (int)text.len;
    const int written = snprintf(at, room, "%s:%s%.*s%s", name, quote, len, what, quote);
    CHECK(written > 0 && (size_t)written < room);
    return (size_t)written;
}

/* The steps, one by one, are what the JSON says. */
static void steps_are_those_of_the_json(const at9068_explanation *explanation)
{
    static char json[16384];
    size_t len = 0;
    size_t index = 0;
    for (const at9068_step *step; (step = at9068_explanation_step_at(explanation, index)) != NULL; ++index) {
        char *const end = json + sizeof json;
        len += put(json + len, (size_t)(end - json) - len, index == 0 ? "[{\"rule\"" : ",{\"rule\"", at9068_step_rule(step));
        len += put(json + len, (size_t)(end - json) - len, ",\"section\"", at9068_step_section(step));
        len += put(json + len, (size_t)(end - json) - len, ",\"outcome\"", at9068_step_outcome(step));
        len += put(json + len, (size_t)(end - json) - len, ",\"claim\"", at9068_step_claim(step));
        len += put(json + len, (size_t)(end - json) - len, ",\"expected\"", at9068_step_expected(step));
        len += put(json + len, (size_t)(end - json) - len, ",\"found\"", at9068_step_found(step));
        len += put(json + len, (size_t)(end - json) - len, ",\"code\"", at9068_code_slug(at9068_step_code(step)));
        CHECK(len + 3 < sizeof json);
        json[len++] = '}';
    }
    json[len++] = ']';
    json[len] = '\0';
    CHECK(index > 2 && index == at9068_explanation_step_count(explanation));
    CHECK(at9068_explanation_step_at(explanation, (size_t)-1) == NULL);
    CHECK(is_text(at9068_explanation_trace_json(explanation), json));
}

static void a_good_token_is_explained(const at9068_signing_key *key, at9068_str sent)
{
    const at9068_validate_options soon = {.size = sizeof soon, .has_now = 1, .now = 1700000100};
    at9068_explanation *explanation = explain(key, sent, &soon);
    const at9068_access_token *token = at9068_explanation_token(explanation);
    CHECK(token != NULL && at9068_explanation_error(explanation) == NULL);
    CHECK(at9068_explanation_token(explanation) == token); /* always the same one */
    CHECK(is_text(at9068_access_token_sub(token), "auth0|123456"));
    CHECK(at9068_access_token_require(token, TEXT("{\"scopes\":[\"read\"]}"), NULL, NULL) == AT9068_CODE_OK);
    for (size_t i = 0; i < at9068_explanation_step_count(explanation); ++i) {
        const at9068_step *step = at9068_explanation_step_at(explanation, i);
        CHECK(is_text(at9068_step_outcome(step), "pass") && at9068_step_code(step) == AT9068_CODE_OK);
        CHECK(at9068_step_found(step).ptr == NULL && at9068_step_rule(step).len > 0);
    }
    steps_are_those_of_the_json(explanation);
    at9068_explanation_free(explanation);
}

static void every_failure_is_told_and_the_first_is_the_verdict(const at9068_signing_key *key, at9068_str sent)
{
    at9068_validate_options late = {.size = sizeof late, .has_now = 1, .now = 1700009999};
    late.require = (at9068_str){TEXT("{\"scopes\":[\"write\"]}")};
    at9068_explanation *explanation = explain(key, sent, &late);
    const at9068_error *error = at9068_explanation_error(explanation);
    CHECK(error != NULL && at9068_explanation_token(explanation) == NULL);
    CHECK(at9068_error_code(error) == AT9068_CODE_TOKEN_EXPIRED && at9068_error_authenticated(error));
    CHECK(at9068_error_status(error) == 401 && is_text(at9068_error_claim(error), "exp"));
    CHECK(contains(at9068_error_challenge_at(error, 0), "Bearer realm=\"api\", error=\"invalid_token\""));

    at9068_code failures[2] = {0, 0};
    size_t count = 0;
    for (size_t i = 0; i < at9068_explanation_step_count(explanation); ++i) {
        const at9068_step *step = at9068_explanation_step_at(explanation, i);
        if (is_text(at9068_step_outcome(step), "fail")) {
            CHECK(count < 2);
            failures[count++] = at9068_step_code(step);
        }
    }
    CHECK(failures[0] == AT9068_CODE_TOKEN_EXPIRED && failures[1] == AT9068_CODE_SCOPE_INSUFFICIENT);
    steps_are_those_of_the_json(explanation);
    at9068_explanation_free(explanation);
}

/* What is no token at all is explained too, and is no error of the call. */
static void what_is_no_token_is_explained(const at9068_signing_key *key)
{
    const at9068_str tokens[] = {{NULL, 0}, {"", 0}, {"a.b.c", 5}, {"\xff\xfe", 2}, {"\0.\0.\0", 5}};
    for (size_t i = 0; i < sizeof tokens / sizeof *tokens; ++i) {
        at9068_explanation *explanation = explain(key, tokens[i], NULL);
        const at9068_error *error = at9068_explanation_error(explanation);
        CHECK(at9068_explanation_token(explanation) == NULL);
        CHECK(at9068_error_code(error) == AT9068_CODE_TOKEN_MALFORMED && !at9068_error_authenticated(error));
        const at9068_step *first = at9068_explanation_step_at(explanation, 0);
        CHECK(is_text(at9068_step_outcome(first), "fail") && at9068_step_claim(first).ptr == NULL);
        CHECK(at9068_step_code(first) == AT9068_CODE_TOKEN_MALFORMED);
        const at9068_step *second = at9068_explanation_step_at(explanation, 1);
        CHECK(is_text(at9068_step_outcome(second), "not_reached") && at9068_step_code(second) == AT9068_CODE_OK);
        steps_are_those_of_the_json(explanation);
        at9068_explanation_free(explanation);
    }
}

static int failing_now(void *context, double *out)
{
    (void)context;
    *out = 1700000000;
    return 1;
}

static void a_clock_that_fails_leaves_no_explanation(const at9068_signing_key *key)
{
    const at9068_ports ports = {.size = sizeof ports, .clock = {NULL, failing_now, NULL}};
    at9068_validator *validator = new_validator(key, &ports);
    at9068_explanation *explanation = NULL;
    at9068_error *error = NULL;
    CHECK(failed_with(at9068_validator_explain(validator, TEXT("a.b.c"), NULL, &explanation, &error), &error,
                      AT9068_CODE_INTERNAL, ""));
    CHECK(explanation == NULL);
    at9068_validator_free(validator);
}

static at9068_key_set *key_set_of(const char *json)
{
    at9068_key_set *set = NULL;
    CHECK(at9068_key_set_from_json(TEXT(json), &set, NULL) == AT9068_CODE_OK);
    return set;
}

static void payloads_come_out_as_they_were(void)
{
    at9068_key_set *set = key_set_of(JWS_KEYS);
    at9068_buffer *payload = NULL;
    at9068_error *error = NULL;
    CHECK(at9068_verify_jws(TEXT(JWS), set, TEXT("[\"ES256\", \"HS256\"]"), &payload, &error) == AT9068_CODE_OK);
    CHECK(error == NULL);
    const at9068_bytes octets = at9068_buffer_view(payload);
    CHECK(octets.len == strlen(JWS_PAYLOAD) && memcmp(octets.ptr, JWS_PAYLOAD, octets.len) == 0);
    at9068_buffer_free(payload);

    /* an empty payload is there */
    CHECK(at9068_verify_jws(TEXT(EMPTY_JWS), set, TEXT("[\"HS256\"]"), &payload, NULL) == AT9068_CODE_OK);
    CHECK(payload != NULL && at9068_buffer_view(payload).ptr != NULL && at9068_buffer_view(payload).len == 0);
    at9068_buffer_free(payload);

    /* what does not verify hands nothing over */
    char broken[sizeof JWS];
    memcpy(broken, JWS, sizeof JWS);
    broken[sizeof JWS - 3] = 'Y';
    CHECK(failed_with(at9068_verify_jws(TEXT(broken), set, TEXT("[\"HS256\"]"), &payload, &error), &error,
                      AT9068_CODE_SIGNATURE_INVALID, ""));
    CHECK(payload == NULL);
    CHECK(at9068_verify_jws(TEXT(JWS), set, TEXT("[\"RS256\"]"), &payload, &error) == AT9068_CODE_ALGORITHM_NOT_ALLOWED);
    CHECK(at9068_error_status(error) == 0 && at9068_error_challenge_count(error) == 0);
    at9068_error_free(error);
    at9068_key_set_free(set);
}

static void lists_of_algorithms_are_judged(void)
{
    static const struct {
        const char *json;
        const char *part;
    } wrong[] = {
        {"", "not a JSON array of strings"},          {"RS256", "not a JSON array of strings"},
        {"\"HS256\"", "not a JSON array of strings"}, {"[\"HS256\",]", "not a JSON array of strings"},
        {"[256]", "not a JSON array of strings"},     {"null", "not a JSON array of strings"},
        {"{\"HS256\":1}", "not a JSON array"},        {"[\"HS256\"] x", "not a JSON array of strings"},
        {"[\"HS256\",null]", "not a JSON array"},     {"[\"hs256\"]", "not the name of an algorithm"},
        {"[\"HS256\",\"none\"]", "not the name of"},  {"[\"\"]", "not the name of an algorithm"},
        {"[]", "algorithms is empty"},
    };
    at9068_key_set *set = key_set_of(JWS_KEYS);
    at9068_buffer *payload = NULL;
    at9068_error *error = NULL;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; ++i) {
        const at9068_code code = at9068_verify_jws(TEXT(JWS), set, TEXT(wrong[i].json), &payload, &error);
        CHECK(failed_with(code, &error, AT9068_CODE_ARGUMENT_INVALID, wrong[i].part) && payload == NULL);
    }
    at9068_key_set_free(set);
}

int main(void)
{
    at9068_signing_key *key = new_key("ES256");
    at9068_minted_token *minted = mint(key);
    a_good_token_is_explained(key, at9068_minted_token_token(minted));
    every_failure_is_told_and_the_first_is_the_verdict(key, at9068_minted_token_token(minted));
    what_is_no_token_is_explained(key);
    a_clock_that_fails_leaves_no_explanation(key);
    payloads_come_out_as_they_were();
    lists_of_algorithms_are_judged();
    at9068_minted_token_free(minted);
    at9068_signing_key_free(key);
    return 0;
}
