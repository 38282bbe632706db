/* A host that does the waiting and fetching itself, step by step: the library opens no socket and starts no
 * thread. */
#define _POSIX_C_SOURCE 200809L

#include <errno.h>
#include <math.h>
#include <stdatomic.h>
#include <sys/socket.h>

#include "loopback.h"

static const char ISSUER[] = "https://as.example";
static const double START = 1700000000;

/* The library gets this one instead of the system's: whoever wants a connection needs it first. */
static atomic_int sockets;

int socket(int domain, int type, int protocol)
{
    (void)domain, (void)type, (void)protocol;
    atomic_fetch_add(&sockets, 1);
    errno = EACCES;
    return -1;
}

static int usual_threads;

static int now(void *context, double *out)
{
    *out = *(const double *)context;
    return 0;
}

static at9068_validator *new_host_driven(double *time)
{
    const at9068_ports ports = {.size = sizeof ports, .clock = {time, now, NULL}, .host_fetches = 1};
    return validator_of(ISSUER, &ports);
}

/* What came of a step. */
struct step {
    at9068_code code;
    at9068_access_token *token;
    at9068_refresh *refresh;
    at9068_flight *flight;
};

static struct step step(const at9068_validator *validator, const at9068_minted_token *minted)
{
    struct step got = {AT9068_CODE_INTERNAL, NULL, NULL, NULL};
    at9068_error *error = NULL;
    const at9068_str sent = at9068_minted_token_token(minted);
    got.code = at9068_validator_step(validator, sent.ptr, sent.len, NULL, &got.refresh, &got.flight, &got.token, &error);
    CHECK((got.code == AT9068_CODE_OK) == (got.token != NULL) && (error == NULL) == (got.token != NULL));
    CHECK(got.code == AT9068_CODE_KEYS_UNAVAILABLE || (got.refresh == NULL && got.flight == NULL));
    CHECK(got.refresh == NULL || got.flight == NULL);
    CHECK(atomic_load(&sockets) == 0 && threads() == usual_threads);
    at9068_error_free(error);
    at9068_access_token_free(got.token);
    return got;
}

static void expect(const at9068_validator *validator, const at9068_minted_token *minted, at9068_code code)
{
    const struct step got = step(validator, minted);
    CHECK(got.code == code && got.refresh == NULL && got.flight == NULL);
}

static void respond(at9068_refresh *refresh, uint16_t status, at9068_str body)
{
    at9068_fetch_response *response = at9068_refresh_response(refresh);
    CHECK(at9068_fetch_response_set_status(response, status));
    CHECK(at9068_fetch_response_add_header(response, TEXT("Content-Type"), TEXT("application/json")));
    CHECK(at9068_refresh_response(refresh) == response);
    CHECK(at9068_fetch_response_append_body(response, (const uint8_t *)body.ptr, body.len));
    CHECK(at9068_refresh_answer(refresh, NULL) == AT9068_CODE_OK);
}

static bool wants(at9068_refresh *refresh, const char *url)
{
    const at9068_fetch_request *request = at9068_refresh_request(refresh);
    return url == NULL ? request == NULL : is_text(at9068_fetch_request_url(request), url);
}

/* Answers whatever is wanted, well. */
static void carry_out(at9068_refresh *refresh, const at9068_string *keys)
{
    char text[256];
    snprintf(text, sizeof text, LOOPBACK_METADATA, ISSUER, ISSUER);
    const at9068_str metadata = {text, strlen(text)};
    while (at9068_refresh_request(refresh) != NULL) {
        respond(refresh, 200, wants(refresh, "https://as.example/keys") ? at9068_string_view(keys) : metadata);
    }
}

static void over(void *context)
{
    ++*(int *)context;
}

static void a_host_carries_out_a_refresh(const at9068_minted_token *minted, const at9068_string *keys)
{
    double time = START;
    int told = 0;
    at9068_validator *validator = new_host_driven(&time);
    const struct step first = step(validator, minted);
    at9068_refresh *refresh = first.refresh;
    CHECK(refresh != NULL && is_text(at9068_refresh_issuer(refresh), ISSUER));

    /* whoever comes meanwhile waits for it */
    const struct step second = step(validator, minted);
    at9068_flight *flight = second.flight;
    at9068_flight *own = NULL;
    CHECK(flight != NULL && !at9068_flight_is_over(flight) && !at9068_flight_wait(flight, 0.01));
    CHECK(at9068_flight_remaining_seconds(flight) > 1 && at9068_flight_remaining_seconds(flight) < 10);
    CHECK(!at9068_flight_wait(flight, -1) && !at9068_flight_wait(flight, NAN));
    CHECK(at9068_flight_on_over(flight, over, &told, NULL) == AT9068_CODE_OK);
    CHECK(at9068_refresh_flight(refresh, &own, NULL) == AT9068_CODE_OK && !at9068_flight_is_over(own));
    CHECK(at9068_flight_on_over(own, over, &told, NULL) == AT9068_CODE_OK);
    at9068_flight_free(own);
    CHECK(verdict_at_hand(validator, minted) == AT9068_CODE_KEYS_UNAVAILABLE);
    CHECK(has_status(validator, "\"refreshing\":true"));
    at9068_refresh *due = (at9068_refresh *)(void *)&told;
    CHECK(at9068_validator_due_refresh(validator, &due, NULL) == AT9068_CODE_OK && due == NULL);

    CHECK(wants(refresh, "https://as.example/.well-known/oauth-authorization-server"));
    respond(refresh, 404, (at9068_str){"", 0});
    CHECK(wants(refresh, "https://as.example/.well-known/openid-configuration") && told == 0);
    carry_out(refresh, keys);
    CHECK(wants(refresh, NULL) && at9068_refresh_response(refresh) == NULL);
    CHECK(told == 2 && at9068_flight_is_over(flight) && at9068_flight_wait(flight, 60));
    CHECK(at9068_flight_on_over(flight, over, &told, NULL) == AT9068_CODE_OK && told == 3);
    at9068_flight_free(flight);
    at9068_error *error = NULL;
    CHECK(failed_with(at9068_refresh_answer(refresh, &error), &error, AT9068_CODE_ARGUMENT_INVALID, "over"));
    at9068_refresh_free(refresh);
    expect(validator, minted, AT9068_CODE_OK);
    CHECK(verdict(validator, minted) == AT9068_CODE_OK && verdict_at_hand(validator, minted) == AT9068_CODE_OK);

    /* keys that are due are the loop's business; nobody waits for them */
    time += 500;
    expect(validator, minted, AT9068_CODE_OK);
    CHECK(at9068_validator_due_refresh(validator, &due, NULL) == AT9068_CODE_OK && due != NULL);
    carry_out(due, keys);
    at9068_refresh_free(due);
    CHECK(has_status(validator, "\"state\":\"fresh\""));
    CHECK(at9068_validator_due_refresh(validator, &due, NULL) == AT9068_CODE_OK && due == NULL);
    at9068_validator_free(validator);
}

static void a_host_that_fails_says_why(const at9068_minted_token *minted, const at9068_string *keys)
{
    double time = START;
    int told = 0;
    at9068_error *error = NULL;
    at9068_validator *validator = new_host_driven(&time);
    at9068_refresh *refresh = step(validator, minted).refresh;
    CHECK(failed_with(at9068_refresh_fail(refresh, AT9068_FETCH_OK, &error), &error, AT9068_CODE_ARGUMENT_INVALID, "outcome"));
    CHECK(failed_with(at9068_refresh_fail(refresh, 8, &error), &error, AT9068_CODE_ARGUMENT_INVALID, "outcome"));
    CHECK(at9068_fetch_response_set_status(at9068_refresh_response(refresh), 200));
    CHECK(at9068_refresh_fail(refresh, AT9068_FETCH_TLS, NULL) == AT9068_CODE_OK && wants(refresh, NULL));
    CHECK(failed_with(at9068_refresh_fail(refresh, AT9068_FETCH_TLS, &error), &error, AT9068_CODE_ARGUMENT_INVALID, "over"));
    at9068_refresh_free(refresh);
    CHECK(has_status(validator, "\"reason\":\"tls\""));

    /* within the pause there is nothing to do */
    expect(validator, minted, AT9068_CODE_KEYS_UNAVAILABLE);

    /* freed unfinished, it has failed, and who waits goes on */
    time += 60;
    refresh = step(validator, minted).refresh;
    at9068_flight *flight = step(validator, minted).flight;
    CHECK(refresh != NULL && at9068_flight_on_over(flight, over, &told, NULL) == AT9068_CODE_OK && told == 0);
    at9068_refresh_free(refresh);
    CHECK(told == 1 && at9068_flight_is_over(flight) && has_status(validator, "\"reason\":\"abandoned\""));
    at9068_flight_free(flight);

    /* an empty answer has no status */
    time += 60;
    refresh = step(validator, minted).refresh;
    CHECK(at9068_refresh_answer(refresh, NULL) == AT9068_CODE_OK && wants(refresh, NULL));
    CHECK(has_status(validator, "\"reason\":\"status\""));
    at9068_refresh_free(refresh);

    /* what is sent too much of is too large, whatever is said then */
    static const uint8_t block[1 << 16];
    time += 60;
    refresh = step(validator, minted).refresh;
    at9068_fetch_response *response = at9068_refresh_response(refresh);
    size_t blocks = 0;
    while (at9068_fetch_response_append_body(response, block, sizeof block)) {
        ++blocks;
    }
    CHECK(blocks == 8 && at9068_fetch_response_set_status(response, 200));
    CHECK(at9068_refresh_answer(refresh, NULL) == AT9068_CODE_OK && has_status(validator, "\"reason\":\"too_large\""));
    at9068_refresh_free(refresh);

    /* the library itself fetches nothing, asked for or not */
    time += 60;
    CHECK(at9068_validator_prefetch(validator, &error) == AT9068_CODE_KEYS_UNAVAILABLE);
    at9068_error_free(error);
    CHECK(verdict(validator, minted) == AT9068_CODE_KEYS_UNAVAILABLE);
    refresh = step(validator, minted).refresh;
    CHECK(at9068_refresh_run(refresh, NULL) == AT9068_CODE_OK && has_status(validator, "\"reason\":\"connect\""));
    at9068_refresh_free(refresh);
    CHECK(atomic_load(&sockets) == 0 && threads() == usual_threads);

    /* and an outage ends */
    time += 60;
    refresh = step(validator, minted).refresh;
    carry_out(refresh, keys);
    at9068_refresh_free(refresh);
    expect(validator, minted, AT9068_CODE_OK);
    at9068_validator_free(validator);
}

/* A refresh outlives its validator, and says so to nobody. */
static void handles_outlive_each_other(const at9068_minted_token *minted, const at9068_string *keys)
{
    double time = START;
    at9068_validator *validator = new_host_driven(&time);
    at9068_refresh *refresh = step(validator, minted).refresh;
    at9068_flight *flight = step(validator, minted).flight;
    at9068_validator_free(validator);
    carry_out(refresh, keys);
    at9068_refresh_free(refresh);
    CHECK(at9068_flight_is_over(flight));
    at9068_flight_free(flight);
}

static void requests_are_taken_too(const at9068_minted_token *minted, const at9068_string *keys)
{
    double time = START;
    char request[2048];
    at9068_validator *validator = new_host_driven(&time);
    const at9068_str sent = at9068_minted_token_token(minted);
    snprintf(request, sizeof request, "{\"headers\":[[\"Authorization\",\"Bearer %.*s\"]]}", (int)sent.len, sent.ptr);
    at9068_access_token *token = NULL;
    at9068_refresh *refresh = NULL;
    at9068_flight *flight = NULL;
    at9068_error *error = NULL;
    CHECK(at9068_validator_step_request(validator, TEXT("{}"), NULL, &refresh, &flight, &token, &error) ==
          AT9068_CODE_CREDENTIALS_MISSING);
    CHECK(token == NULL && refresh == NULL && flight == NULL && at9068_error_challenge_count(error) == 1);
    at9068_error_free(error);
    CHECK(at9068_validator_step_request(validator, TEXT(request), NULL, &refresh, &flight, &token, NULL) ==
          AT9068_CODE_KEYS_UNAVAILABLE);
    CHECK(refresh != NULL && flight == NULL);
    carry_out(refresh, keys);
    at9068_refresh_free(refresh);
    CHECK(at9068_validator_step_request(validator, TEXT(request), NULL, &refresh, &flight, &token, NULL) == AT9068_CODE_OK);
    CHECK(refresh == NULL && flight == NULL && is_text(at9068_access_token_iss(token), ISSUER));
    at9068_access_token_free(token);

    const at9068_validate_options twice = {.size = sizeof twice, .request = {"{}", 2}};
    CHECK(failed_with(at9068_validator_step_request(validator, TEXT(request), &twice, &refresh, &flight, &token, &error),
                      &error, AT9068_CODE_ARGUMENT_INVALID, "twice"));
    at9068_validator_free(validator);
}

static void explanations_take_steps_too(const at9068_minted_token *minted, const at9068_string *keys)
{
    double time = START;
    at9068_validator *validator = new_host_driven(&time);
    const at9068_str sent = at9068_minted_token_token(minted);
    at9068_explanation *explanation = NULL;
    at9068_refresh *refresh = NULL;
    at9068_flight *flight = NULL;
    at9068_error *error = NULL;
    CHECK(failed_with(at9068_validator_explain_step(validator, sent.ptr, sent.len, NULL, &refresh, &flight, &explanation, &error),
                      &error, AT9068_CODE_KEYS_UNAVAILABLE, "fetched first"));
    CHECK(explanation == NULL && refresh != NULL && flight == NULL);
    CHECK(at9068_validator_explain_at_hand(validator, sent.ptr, sent.len, NULL, &explanation, NULL) == AT9068_CODE_OK);
    CHECK(at9068_error_code(at9068_explanation_error(explanation)) == AT9068_CODE_KEYS_UNAVAILABLE);
    at9068_explanation_free(explanation);
    carry_out(refresh, keys);
    at9068_refresh_free(refresh);
    CHECK(at9068_validator_explain_step(validator, sent.ptr, sent.len, NULL, &refresh, &flight, &explanation, NULL) ==
          AT9068_CODE_OK);
    CHECK(refresh == NULL && flight == NULL && at9068_explanation_token(explanation) != NULL);
    at9068_explanation_free(explanation);
    CHECK(failed_with(at9068_validator_explain_step(validator, sent.ptr, sent.len, NULL, NULL, &flight, &explanation, &error),
                      &error, AT9068_CODE_ARGUMENT_INVALID, "refresh is NULL"));
    at9068_validator_free(validator);
}

static void keys_are_fetched_beforehand_in_steps(const at9068_minted_token *minted, const at9068_string *keys)
{
    double time = START;
    at9068_validator *validator = new_host_driven(&time);
    at9068_key_steps *steps = NULL;
    at9068_key_steps *others = NULL;
    at9068_refresh *refresh = NULL;
    at9068_flight *flight = NULL;
    at9068_error *error = NULL;
    CHECK(at9068_validator_prefetch_steps(validator, &steps, NULL) == AT9068_CODE_OK);
    CHECK(at9068_validator_refresh_steps(validator, &others, NULL) == AT9068_CODE_OK);
    CHECK(at9068_key_steps_step(steps, &refresh, &flight, NULL) == AT9068_CODE_KEYS_UNAVAILABLE);
    CHECK(refresh != NULL && flight == NULL);
    at9068_refresh *none = refresh;
    CHECK(at9068_key_steps_step(others, &none, &flight, NULL) == AT9068_CODE_KEYS_UNAVAILABLE);
    CHECK(none == NULL && flight != NULL);
    at9068_flight_free(flight);
    carry_out(refresh, keys);
    at9068_refresh_free(refresh);
    CHECK(at9068_key_steps_step(steps, &refresh, &flight, NULL) == AT9068_CODE_OK && refresh == NULL && flight == NULL);
    CHECK(at9068_key_steps_step(steps, &refresh, &flight, NULL) == AT9068_CODE_OK);
    at9068_key_steps_free(steps);
    at9068_key_steps_free(others); /* not all of it made */
    expect(validator, minted, AT9068_CODE_OK);

    /* an outage is told when the steps are made; keys at hand are kept */
    CHECK(at9068_validator_refresh_steps(validator, &steps, NULL) == AT9068_CODE_OK);
    CHECK(at9068_key_steps_step(steps, &refresh, &flight, NULL) == AT9068_CODE_KEYS_UNAVAILABLE && refresh != NULL);
    CHECK(at9068_refresh_fail(refresh, AT9068_FETCH_TLS, NULL) == AT9068_CODE_OK);
    at9068_refresh_free(refresh);
    CHECK(at9068_key_steps_step(steps, &refresh, &flight, &error) == AT9068_CODE_KEYS_UNAVAILABLE);
    CHECK(refresh == NULL && flight == NULL && at9068_error_status(error) == 503);
    at9068_error_free(error);
    expect(validator, minted, AT9068_CODE_OK);

    const at9068_code argument = AT9068_CODE_ARGUMENT_INVALID;
    CHECK(failed_with(at9068_key_steps_step(NULL, &refresh, &flight, &error), &error, argument, "steps is NULL"));
    CHECK(failed_with(at9068_key_steps_step(steps, NULL, &flight, &error), &error, argument, "refresh is NULL"));
    CHECK(failed_with(at9068_key_steps_step(steps, &refresh, NULL, &error), &error, argument, "flight is NULL"));
    at9068_key_steps_free(steps);
    at9068_key_steps_free(NULL);
    CHECK(failed_with(at9068_validator_prefetch_steps(NULL, &steps, &error), &error, argument, "validator is NULL"));
    CHECK(failed_with(at9068_validator_refresh_steps(NULL, &steps, &error), &error, argument, "validator is NULL"));
    CHECK(at9068_flight_remaining_seconds(NULL) <= 0 && atomic_load(&sockets) == 0 && threads() == usual_threads);
    at9068_validator_free(validator);
}

static void wrong_uses_have_an_answer(const at9068_minted_token *minted)
{
    const at9068_code argument = AT9068_CODE_ARGUMENT_INVALID;
    double time = START;
    at9068_validator *validator = new_host_driven(&time);
    const at9068_str sent = at9068_minted_token_token(minted);
    at9068_access_token *token = NULL;
    at9068_refresh *refresh = NULL;
    at9068_flight *flight = NULL;
    at9068_error *error = NULL;
    CHECK(failed_with(at9068_validator_step(validator, sent.ptr, sent.len, NULL, NULL, &flight, &token, &error), &error,
                      argument, "refresh is NULL"));
    CHECK(failed_with(at9068_validator_step(validator, sent.ptr, sent.len, NULL, &refresh, NULL, &token, &error), &error,
                      argument, "flight is NULL"));
    CHECK(failed_with(at9068_validator_step(validator, sent.ptr, sent.len, NULL, &refresh, &flight, NULL, &error), &error,
                      argument, "out is NULL"));
    CHECK(failed_with(at9068_validator_step(NULL, sent.ptr, sent.len, NULL, &refresh, &flight, &token, &error), &error,
                      argument, "validator is NULL"));
    CHECK(failed_with(at9068_validator_due_refresh(NULL, &refresh, &error), &error, argument, "validator is NULL"));

    CHECK(at9068_refresh_issuer(NULL).ptr == NULL && at9068_refresh_request(NULL) == NULL);
    CHECK(at9068_refresh_response(NULL) == NULL);
    CHECK(failed_with(at9068_refresh_answer(NULL, &error), &error, argument, "refresh is NULL"));
    CHECK(failed_with(at9068_refresh_fail(NULL, 1, &error), &error, argument, "refresh is NULL"));
    CHECK(failed_with(at9068_refresh_run(NULL, &error), &error, argument, "refresh is NULL"));
    CHECK(failed_with(at9068_refresh_spawn(NULL, &flight, &error), &error, argument, "refresh is NULL"));
    CHECK(failed_with(at9068_refresh_flight(NULL, &flight, &error), &error, argument, "refresh is NULL"));
    at9068_refresh_free(NULL);
    CHECK(at9068_flight_is_over(NULL) && at9068_flight_wait(NULL, 1));
    CHECK(failed_with(at9068_flight_on_over(NULL, over, NULL, &error), &error, argument, "flight is NULL"));
    at9068_flight_free(NULL);

    /* what was run is gone, but for its handle */
    refresh = step(validator, minted).refresh;
    flight = step(validator, minted).flight;
    CHECK(failed_with(at9068_flight_on_over(flight, NULL, NULL, &error), &error, argument, "over is NULL"));
    at9068_flight_free(flight);
    CHECK(at9068_refresh_run(refresh, NULL) == AT9068_CODE_OK);
    CHECK(at9068_refresh_issuer(refresh).ptr == NULL && wants(refresh, NULL) && at9068_refresh_response(refresh) == NULL);
    CHECK(failed_with(at9068_refresh_run(refresh, &error), &error, argument, "run before"));
    CHECK(failed_with(at9068_refresh_spawn(refresh, &flight, &error), &error, argument, "run before") && flight == NULL);
    CHECK(failed_with(at9068_refresh_flight(refresh, &flight, &error), &error, argument, "run before"));
    at9068_refresh_free(refresh);
    at9068_validator_free(validator);
}

/* What the others show would mean nothing if a library that fetches were not noticed. */
static void a_fetch_of_the_library_is_noticed(void)
{
    at9068_validator *validator = validator_of("http://127.0.0.1:1", NULL);
    at9068_flight *flight = NULL;
    at9068_refresh *refresh = NULL;
    CHECK(at9068_validator_prefetch(validator, NULL) == AT9068_CODE_KEYS_UNAVAILABLE && atomic_load(&sockets) > 0);
    at9068_validator_free(validator);

    atomic_store(&sockets, 0);
    validator = validator_of("http://127.0.0.1:1", NULL);
    CHECK(at9068_validator_due_refresh(validator, &refresh, NULL) == AT9068_CODE_OK && refresh != NULL);
    CHECK(at9068_refresh_spawn(refresh, &flight, NULL) == AT9068_CODE_OK && at9068_flight_wait(flight, 60));
    CHECK(at9068_flight_is_over(flight) && atomic_load(&sockets) > 0);
    await_threads(usual_threads);
    at9068_flight_free(flight);
    at9068_refresh_free(refresh);
    at9068_validator_free(validator);
}

int main(void)
{
    at9068_signing_key *key = new_key("ES256");
    at9068_string *keys = published(key);
    at9068_minted_token *minted = token_of(ISSUER, key, &START);
    usual_threads = threads();
    a_host_carries_out_a_refresh(minted, keys);
    a_host_that_fails_says_why(minted, keys);
    handles_outlive_each_other(minted, keys);
    requests_are_taken_too(minted, keys);
    explanations_take_steps_too(minted, keys);
    keys_are_fetched_beforehand_in_steps(minted, keys);
    wrong_uses_have_an_answer(minted);
    CHECK(atomic_load(&sockets) == 0 && threads() == usual_threads);
    a_fetch_of_the_library_is_noticed();
    at9068_minted_token_free(minted);
    at9068_string_free(keys);
    at9068_signing_key_free(key);
    return 0;
}
