/*
 * The C face of the shared suite: one question a line, one answer a line, through at9068.h alone.
 * tests/README.md describes the protocol.
 */
#define _POSIX_C_SOURCE 200809L

#include <at9068.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "jsonline.h"

static void put_str(jsonline_text *answer, at9068_str text)
{
    jsonline_put_string(answer, text.ptr, text.len);
}

static void put_raw(jsonline_text *answer, at9068_str text)
{
    jsonline_put_one_line(answer, text.ptr, text.len);
}

static void put_number(jsonline_text *answer, unsigned long long number)
{
    char digits[24];
    snprintf(digits, sizeof digits, "%llu", number);
    jsonline_puts(answer, digits);
}

static void put_error(jsonline_text *answer, const at9068_error *error)
{
    jsonline_puts(answer, "\"ok\":false,\"error\":{\"code\":");
    put_str(answer, at9068_error_slug(error));
    jsonline_puts(answer, ",\"number\":");
    put_number(answer, at9068_error_code(error));
    jsonline_puts(answer, ",\"claim\":");
    put_str(answer, at9068_error_claim(error));
    jsonline_puts(answer, ",\"kind\":");
    put_str(answer, at9068_error_kind(error));
    jsonline_puts(answer, at9068_error_authenticated(error) ? ",\"authenticated\":true" : ",\"authenticated\":false");
    jsonline_puts(answer, ",\"oauth\":");
    put_str(answer, at9068_error_oauth(error));
    jsonline_puts(answer, ",\"status\":");
    const uint16_t status = at9068_error_status(error);
    if (status == 0) {
        jsonline_puts(answer, "null");
    } else {
        put_number(answer, status);
    }
    jsonline_puts(answer, ",\"challenge\":[");
    for (size_t i = 0; i < at9068_error_challenge_count(error); ++i) {
        jsonline_puts(answer, i == 0 ? "" : ",");
        put_str(answer, at9068_error_challenge_at(error, i));
    }
    jsonline_puts(answer, "],\"headers\":[");
    for (size_t i = 0; i < at9068_error_header_count(error); ++i) {
        jsonline_puts(answer, i == 0 ? "[" : ",[");
        put_str(answer, at9068_error_header_name_at(error, i));
        jsonline_puts(answer, ",");
        put_str(answer, at9068_error_header_value_at(error, i));
        jsonline_puts(answer, "]");
    }
    jsonline_puts(answer, "],\"retry_after\":");
    uint64_t seconds = 0;
    if (at9068_error_retry_after(error, &seconds)) {
        put_number(answer, seconds);
    } else {
        jsonline_puts(answer, "null");
    }
    jsonline_puts(answer, "}");
}

static at9068_str given(jsonline_slice value)
{
    const at9068_str text = {value.ptr, value.len};
    return text;
}

static bool is_text(at9068_str text, const char *expected)
{
    return text.len == strlen(expected) && memcmp(text.ptr, expected, text.len) == 0;
}

/* Of tokens of every kind. */
static void put_claims(jsonline_text *answer, at9068_str claims, at9068_str header)
{
    jsonline_puts(answer, "\"ok\":true,\"claims\":");
    put_raw(answer, claims);
    jsonline_puts(answer, ",\"header\":");
    put_raw(answer, header);
}

static void put_token(jsonline_text *answer, const at9068_access_token *token)
{
    put_claims(answer, at9068_access_token_claims_json(token), at9068_access_token_header_json(token));
    jsonline_puts(answer, ",\"profile\":");
    put_str(answer, at9068_access_token_profile(token));
    if (!is_text(at9068_access_token_origin(token), "local")) {
        jsonline_puts(answer, ",\"origin\":");
        put_str(answer, at9068_access_token_origin(token));
    }
    size_t breaks = 0;
    for (at9068_code code; (code = at9068_access_token_would_break_at(token, breaks)) != AT9068_CODE_OK; ++breaks) {
        jsonline_puts(answer, breaks == 0 ? ",\"would_break\":[" : ",");
        put_str(answer, at9068_code_slug(code));
    }
    jsonline_puts(answer, breaks == 0 ? "" : "]");
}

/* The octets of the token, whether they came as text or as base64. */
static jsonline_text sent_token(jsonline_slice line)
{
    jsonline_text sent = {NULL, 0, 0};
    jsonline_put_decoded(&sent, jsonline_member(line, "token"));
    jsonline_put_base64(&sent, jsonline_member(line, "token_b64"));
    return sent;
}

static at9068_validate_options given_options(jsonline_slice line)
{
    at9068_validate_options options = {.size = sizeof options};
    options.has_now = jsonline_number(jsonline_member(line, "at"), &options.now);
    options.require = given(jsonline_member(line, "require"));
    return options;
}

/* A validator of a configuration, with the list of revocations that the line has. */
static at9068_code new_validator(jsonline_slice line, at9068_validator **validator, at9068_error **error)
{
    at9068_revocations *revocations = NULL;
    const jsonline_slice config = jsonline_member(line, "config");
    jsonline_slice listed = jsonline_member(line, "revocations");
    at9068_code code = AT9068_CODE_OK;
    if (listed.ptr != NULL) {
        code = at9068_revocations_new(NULL, &revocations, error);
    }
    for (jsonline_slice entry; code == AT9068_CODE_OK && jsonline_next(&listed, &entry);) {
        code = at9068_revocations_revoke(revocations, entry.ptr, entry.len, error);
    }
    if (code == AT9068_CODE_OK) {
        const at9068_ports ports = {.size = sizeof ports, .revocations = revocations};
        code = at9068_validator_new(config.ptr, config.len, NULL, &ports, validator, error);
    }
    at9068_revocations_free(revocations);
    return code;
}

/* Both `validate` and `authenticate`. */
static at9068_code judge(jsonline_slice line, bool authenticate, jsonline_text *answer, at9068_error **error)
{
    at9068_validator *validator = NULL;
    at9068_access_token *token = NULL;
    const jsonline_slice request = jsonline_member(line, "request");
    at9068_validate_options options = given_options(line);

    at9068_code code = new_validator(line, &validator, error);
    if (code == AT9068_CODE_OK && authenticate) {
        const char *text = request.ptr == NULL ? "{}" : request.ptr;
        const size_t len = request.ptr == NULL ? 2 : request.len;
        code = at9068_validator_authenticate(validator, text, len, &options, &token, error);
    } else if (code == AT9068_CODE_OK) {
        jsonline_text sent = sent_token(line);
        options.request = given(request);
        code = at9068_validator_validate(validator, sent.ptr, sent.len, &options, &token, error);
        jsonline_free(&sent);
    }
    if (code == AT9068_CODE_OK) {
        put_token(answer, token);
    }
    at9068_access_token_free(token);
    at9068_validator_free(validator);
    return code;
}

static at9068_code explain(jsonline_slice line, jsonline_text *answer, at9068_error **error)
{
    at9068_validator *validator = NULL;
    at9068_explanation *explanation = NULL;
    at9068_validate_options options = given_options(line);
    options.request = given(jsonline_member(line, "request"));

    at9068_code code = new_validator(line, &validator, error);
    if (code == AT9068_CODE_OK) {
        jsonline_text sent = sent_token(line);
        code = at9068_validator_explain(validator, sent.ptr, sent.len, &options, &explanation, error);
        jsonline_free(&sent);
    }
    at9068_validator_free(validator); /* the explanation lives on */
    if (code == AT9068_CODE_OK) {
        jsonline_puts(answer, "\"ok\":true,\"trace\":");
        put_raw(answer, at9068_explanation_trace_json(explanation));
        jsonline_puts(answer, ",\"verdict\":{");
        if (at9068_explanation_token(explanation) != NULL) {
            put_token(answer, at9068_explanation_token(explanation));
        } else {
            put_error(answer, at9068_explanation_error(explanation));
        }
        jsonline_puts(answer, "}");
    }
    at9068_explanation_free(explanation);
    return code;
}

/* The request with the identifier put in, right behind its opening brace. */
static void put_request(jsonline_text *text, jsonline_slice request, jsonline_slice jti)
{
    if (jti.ptr == NULL || request.len == 0 || request.ptr[0] != '{') {
        jsonline_put(text, request.ptr, request.len);
        return;
    }
    size_t rest = 1;
    while (rest < request.len && strchr(" \t\r\n", request.ptr[rest]) != NULL) {
        ++rest;
    }
    const bool empty = rest < request.len && request.ptr[rest] == '}';
    jsonline_puts(text, "{\"jti\":");
    jsonline_put(text, jti.ptr, jti.len);
    jsonline_puts(text, empty ? "" : ",");
    jsonline_put(text, request.ptr + 1, request.len - 1);
}

/* The time of a line, or NULL where it has none; `room` is where it is kept. */
static const double *at_of(jsonline_slice line, double *room)
{
    return jsonline_number(jsonline_member(line, "at"), room) ? room : NULL;
}

/* Answers with what was minted, if anything was, and frees it. */
static void put_minted(jsonline_text *answer, at9068_minted_token *minted)
{
    if (minted != NULL) {
        jsonline_puts(answer, "\"ok\":true,\"token\":");
        put_str(answer, at9068_minted_token_token(minted));
        jsonline_puts(answer, ",\"claims\":");
        put_raw(answer, at9068_minted_token_claims_json(minted));
    }
    at9068_minted_token_free(minted);
}

static at9068_code mint(jsonline_slice line, jsonline_text *answer, at9068_error **error)
{
    at9068_minter *minter = NULL;
    at9068_minted_token *minted = NULL;
    jsonline_text request = {NULL, 0, 0};
    double at;
    const jsonline_slice config = jsonline_member(line, "config");
    put_request(&request, jsonline_member(line, "request"), jsonline_member(line, "jti"));

    at9068_code code = at9068_minter_new(config.ptr, config.len, NULL, NULL, &minter, error);
    if (code == AT9068_CODE_OK) {
        code = at9068_minter_mint(minter, request.ptr, request.len, at_of(line, &at), &minted, error);
    }
    put_minted(answer, minted);
    at9068_minter_free(minter);
    jsonline_free(&request);
    return code;
}

static at9068_code mint_id_token(jsonline_slice line, jsonline_text *answer, at9068_error **error)
{
    at9068_minter *minter = NULL;
    at9068_minted_token *minted = NULL;
    double at;
    const jsonline_slice config = jsonline_member(line, "config");
    const jsonline_slice request = jsonline_member(line, "request");

    at9068_code code = at9068_minter_new(config.ptr, config.len, NULL, NULL, &minter, error);
    if (code == AT9068_CODE_OK) {
        code = at9068_minter_mint_id_token(minter, request.ptr, request.len, at_of(line, &at), &minted, error);
    }
    put_minted(answer, minted);
    at9068_minter_free(minter);
    return code;
}

static at9068_code validate_id_token(jsonline_slice line, jsonline_text *answer, at9068_error **error)
{
    at9068_id_token_validator *validator = NULL;
    at9068_id_token *token = NULL;
    double at;
    const jsonline_slice config = jsonline_member(line, "config");
    const jsonline_slice checks = jsonline_member(line, "require");

    at9068_code code = at9068_id_token_validator_new(config.ptr, config.len, NULL, NULL, &validator, error);
    if (code == AT9068_CODE_OK) {
        jsonline_text sent = sent_token(line);
        code = at9068_id_token_validator_validate(validator, sent.ptr, sent.len, checks.ptr, checks.len,
                                                  at_of(line, &at), &token, error);
        jsonline_free(&sent);
    }
    at9068_id_token_validator_free(validator); /* the token lives on */
    if (code == AT9068_CODE_OK) {
        put_claims(answer, at9068_id_token_claims_json(token), at9068_id_token_header_json(token));
    }
    at9068_id_token_free(token);
    return code;
}

static at9068_code mint_client_assertion(jsonline_slice line, jsonline_text *answer, at9068_error **error)
{
    at9068_client_assertion_minter *minter = NULL;
    at9068_minted_token *minted = NULL;
    double at;
    const jsonline_slice config = jsonline_member(line, "config");
    const jsonline_slice request = jsonline_member(line, "request");

    at9068_code code = at9068_client_assertion_minter_new(config.ptr, config.len, NULL, NULL, &minter, error);
    if (code == AT9068_CODE_OK) {
        code = at9068_client_assertion_minter_mint(minter, request.ptr, request.len, at_of(line, &at), &minted, error);
    }
    put_minted(answer, minted);
    at9068_client_assertion_minter_free(minter);
    return code;
}

static at9068_code validate_client_assertion(jsonline_slice line, jsonline_text *answer, at9068_error **error)
{
    at9068_client_assertion_validator *validator = NULL;
    at9068_client_assertion *assertion = NULL;
    double at;
    const double *now = at_of(line, &at);
    const jsonline_slice config = jsonline_member(line, "config");
    const jsonline_slice require = jsonline_member(line, "require");
    jsonline_slice sent_before = jsonline_member(line, "before");

    at9068_code code = at9068_client_assertion_validator_new(config.ptr, config.len, NULL, NULL, &validator, error);
    for (jsonline_slice other; code == AT9068_CODE_OK && jsonline_next(&sent_before, &other);) {
        jsonline_text sent = {NULL, 0, 0};
        jsonline_put_decoded(&sent, other);
        at9068_client_assertion_validator_validate(validator, sent.ptr, sent.len, require.ptr, require.len, now,
                                                   &assertion, NULL);
        at9068_client_assertion_free(assertion);
        assertion = NULL;
        jsonline_free(&sent);
    }
    if (code == AT9068_CODE_OK) {
        jsonline_text sent = sent_token(line);
        code = at9068_client_assertion_validator_validate(validator, sent.ptr, sent.len, require.ptr, require.len, now,
                                                          &assertion, error);
        jsonline_free(&sent);
    }
    at9068_client_assertion_validator_free(validator); /* the assertion lives on */
    if (code == AT9068_CODE_OK) {
        put_claims(answer, at9068_client_assertion_claims_json(assertion),
                   at9068_client_assertion_header_json(assertion));
        jsonline_puts(answer, ",\"method\":");
        put_str(answer, at9068_client_assertion_method(assertion));
    }
    at9068_client_assertion_free(assertion);
    return code;
}

/* The token that an introspection endpoint tells of; NULL, and no failure, where it is refused. */
static at9068_code introspected(jsonline_slice line, jsonline_slice config, at9068_access_token **token,
                                at9068_error **error)
{
    at9068_validator *validator = NULL;
    const at9068_validate_options options = given_options(line);
    at9068_code code = at9068_validator_new(config.ptr, config.len, NULL, NULL, &validator, error);
    if (code == AT9068_CODE_OK) {
        jsonline_text sent = sent_token(line);
        code = at9068_validator_validate(validator, sent.ptr, sent.len, &options, token, error);
        jsonline_free(&sent);
    }
    at9068_validator_free(validator);
    if (code != AT9068_CODE_OK && at9068_error_oauth(*error).ptr != NULL) {
        at9068_error_free(*error);
        *error = NULL;
        code = AT9068_CODE_OK;
    }
    return code;
}

static at9068_code introspection_response(jsonline_slice line, jsonline_text *answer, at9068_error **error)
{
    at9068_access_token *token = NULL;
    at9068_string *response = NULL;
    at9068_code code = introspected(line, jsonline_member(line, "config"), &token, error);
    if (code == AT9068_CODE_OK) {
        code = at9068_introspection_response(token, &response, error);
    }
    if (code == AT9068_CODE_OK) {
        jsonline_puts(answer, "\"ok\":true,\"response\":");
        put_raw(answer, at9068_string_view(response));
    }
    at9068_string_free(response);
    at9068_access_token_free(token);
    return code;
}

static at9068_code mint_introspection_response(jsonline_slice line, jsonline_text *answer, at9068_error **error)
{
    at9068_minter *minter = NULL;
    at9068_access_token *token = NULL;
    at9068_minted_token *minted = NULL;
    jsonline_text audience = {NULL, 0, 0};
    double at;
    const jsonline_slice config = jsonline_member(line, "config");
    jsonline_put_decoded(&audience, jsonline_member(line, "audience"));

    at9068_code code = at9068_minter_new(config.ptr, config.len, NULL, NULL, &minter, error);
    if (code == AT9068_CODE_OK) {
        code = introspected(line, jsonline_member(line, "validator"), &token, error);
    }
    if (code == AT9068_CODE_OK) {
        code = at9068_minter_mint_introspection_response(minter, token, audience.ptr, audience.len, at_of(line, &at),
                                                         &minted, error);
    }
    put_minted(answer, minted);
    at9068_access_token_free(token);
    at9068_minter_free(minter);
    jsonline_free(&audience);
    return code;
}

static at9068_code thumbprint(jsonline_slice line, jsonline_text *answer, at9068_error **error)
{
    at9068_string *found = NULL;
    const jsonline_slice jwk = jsonline_member(line, "jwk");
    const at9068_code code = at9068_thumbprint(jwk.ptr, jwk.len, &found, error);
    if (code == AT9068_CODE_OK) {
        jsonline_puts(answer, "\"ok\":true,\"thumbprint\":");
        put_str(answer, at9068_string_view(found));
    }
    at9068_string_free(found);
    return code;
}

static at9068_code verify_jws(jsonline_slice line, jsonline_text *answer, at9068_error **error)
{
    at9068_key_set *set = NULL;
    at9068_buffer *payload = NULL;
    const jsonline_slice keys = jsonline_member(line, "keys");
    const jsonline_slice listed = jsonline_member(line, "algorithms");
    const at9068_str algorithms = listed.ptr == NULL ? (at9068_str){"[]", 2} : given(listed);

    at9068_code code = at9068_key_set_from_json(keys.ptr, keys.len, &set, error);
    if (code == AT9068_CODE_OK) {
        jsonline_text sent = sent_token(line);
        code = at9068_verify_jws(sent.ptr, sent.len, set, algorithms.ptr, algorithms.len, &payload, error);
        jsonline_free(&sent);
    }
    if (code == AT9068_CODE_OK) {
        const at9068_bytes octets = at9068_buffer_view(payload);
        jsonline_puts(answer, "\"ok\":true,\"payload_b64\":");
        jsonline_put_octets(answer, octets.ptr, octets.len);
    }
    at9068_buffer_free(payload);
    at9068_key_set_free(set);
    return code;
}

static at9068_code validate(jsonline_slice line, jsonline_text *answer, at9068_error **error)
{
    return judge(line, false, answer, error);
}

static at9068_code authenticate(jsonline_slice line, jsonline_text *answer, at9068_error **error)
{
    return judge(line, true, answer, error);
}

static void put_http_response(jsonline_text *answer, const at9068_error *error)
{
    jsonline_puts(answer, "{\"status\":");
    put_number(answer, at9068_error_status(error));
    jsonline_puts(answer, ",\"headers\":[");
    for (size_t i = 0; i < at9068_error_http_header_count(error); ++i) {
        at9068_str name = {NULL, 0};
        at9068_str value = {NULL, 0};
        at9068_error_http_header(error, i, &name, &value);
        jsonline_puts(answer, i == 0 ? "[" : ",[");
        put_str(answer, name);
        jsonline_puts(answer, ",");
        put_str(answer, value);
        jsonline_puts(answer, "]");
    }
    jsonline_puts(answer, "],\"body\":");
    put_str(answer, at9068_error_http_body(error));
    jsonline_puts(answer, "}");
}

/* What a server sends back; an error that is no answer to anybody is this question's own. */
static at9068_code http_response(jsonline_slice line, jsonline_text *answer, at9068_error **error)
{
    jsonline_text accepted = {NULL, 0, 0};
    const at9068_code code = judge(line, true, &accepted, error);
    jsonline_free(&accepted);
    if (code != AT9068_CODE_OK && at9068_error_http_body(*error).ptr == NULL) {
        return code;
    }
    jsonline_puts(answer, "\"ok\":true,\"http_response\":");
    if (code == AT9068_CODE_OK) {
        jsonline_puts(answer, "null");
    } else {
        put_http_response(answer, *error);
    }
    return AT9068_CODE_OK;
}

static at9068_code protected_resource_metadata(jsonline_slice line, jsonline_text *answer, at9068_error **error)
{
    at9068_validator *validator = NULL;
    const at9068_code code = new_validator(line, &validator, error);
    if (code == AT9068_CODE_OK) {
        const at9068_str document = at9068_validator_protected_resource_metadata(validator);
        jsonline_puts(answer, "\"ok\":true,\"metadata\":");
        put_raw(answer, document.ptr == NULL ? (at9068_str){"null", 4} : document);
        jsonline_puts(answer, ",\"path\":");
        put_str(answer, at9068_validator_protected_resource_metadata_path(validator));
    }
    at9068_validator_free(validator);
    return code;
}

static at9068_code info(jsonline_slice line, jsonline_text *answer, at9068_error **error);

static const struct {
    const char *name;
    at9068_code (*answer)(jsonline_slice line, jsonline_text *answer, at9068_error **error);
} operations[] = {
    {"info", info},
    {"authenticate", authenticate},
    {"validate", validate},
    {"mint", mint},
    {"thumbprint", thumbprint},
    {"verify_jws", verify_jws},
    {"explain", explain},
    {"mint_client_assertion", mint_client_assertion},
    {"validate_client_assertion", validate_client_assertion},
    {"validate_id_token", validate_id_token},
    {"mint_id_token", mint_id_token},
    {"introspection_response", introspection_response},
    {"mint_introspection_response", mint_introspection_response},
    {"http_response", http_response},
    {"protected_resource_metadata", protected_resource_metadata},
};

enum { OPERATIONS = sizeof operations / sizeof *operations };

static at9068_code info(jsonline_slice line, jsonline_text *answer, at9068_error **error)
{
    (void)line, (void)error;
    jsonline_puts(answer, "\"ok\":true,\"name\":\"c\",\"version\":");
    put_str(answer, at9068_version());
    for (size_t i = 0; i < OPERATIONS; ++i) {
        jsonline_puts(answer, i == 0 ? ",\"ops\":[" : ",");
        jsonline_put_string(answer, operations[i].name, strlen(operations[i].name));
    }
    for (size_t i = 0; at9068_code_at(i) != AT9068_CODE_OK; ++i) {
        jsonline_puts(answer, i == 0 ? "],\"codes\":[" : ",");
        put_str(answer, at9068_code_slug(at9068_code_at(i)));
    }
    jsonline_puts(answer, "]");
    return AT9068_CODE_OK;
}

/* The place of the operation of a line; OPERATIONS where it is unknown. */
static size_t operation_of(jsonline_slice line)
{
    size_t i = 0;
    jsonline_text op = {NULL, 0, 0};
    jsonline_put_decoded(&op, jsonline_member(line, "op"));
    while (i < OPERATIONS && !is_text((at9068_str){op.ptr, op.len}, operations[i].name)) {
        ++i;
    }
    jsonline_free(&op);
    return i;
}

static void answer_line(jsonline_slice line, jsonline_text *answer)
{
    const jsonline_slice id = jsonline_member(line, "id");
    const size_t operation = operation_of(line);
    at9068_error *error = NULL;
    at9068_code code = AT9068_CODE_OK;

    jsonline_puts(answer, "{\"id\":");
    if (id.ptr == NULL) {
        jsonline_puts(answer, "null");
    } else {
        jsonline_put(answer, id.ptr, id.len);
    }
    jsonline_puts(answer, ",");
    if (operation < OPERATIONS) {
        code = operations[operation].answer(line, answer, &error);
    } else {
        jsonline_puts(answer, "\"skip\":\"unknown operation\"");
    }
    if (code != AT9068_CODE_OK) {
        put_error(answer, error);
    }
    at9068_error_free(error);
    jsonline_puts(answer, "}\n");
}

int main(void)
{
    char *buffer = NULL;
    size_t room = 0;
    jsonline_text answer = {NULL, 0, 0};
    for (ssize_t len; (len = getline(&buffer, &room, stdin)) >= 0;) {
        const size_t end = len > 0 && buffer[len - 1] == '\n' ? 1 : 0;
        const jsonline_slice line = {buffer, (size_t)len - end};
        jsonline_clear(&answer);
        answer_line(line, &answer);
        if (fwrite(answer.ptr, 1, answer.len, stdout) != answer.len || fflush(stdout) != 0) {
            return 1;
        }
    }
    free(buffer);
    jsonline_free(&answer);
    return 0;
}
