/* Many tokens at once: order, verdicts, what is borrowed and what is taken, threads and fork(). */
#define _POSIX_C_SOURCE 200809L

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"

/* Enough to be spread over threads. */
enum { COUNT = 60 };

static const double ISSUED = 1700000000;
static const at9068_validate_options SOON = {.size = sizeof SOON, .has_now = 1, .now = 1700000100};

static at9068_str str(const char *text)
{
    return (at9068_str){text, strlen(text)};
}

/* Every fifth request has a scope that nobody can be granted, every seventh is no JSON. */
static bool is_good(size_t i)
{
    return i % 5 != 4 && i % 7 != 6;
}

static at9068_minted_batch *mint(const at9068_minter *minter)
{
    static char requests[COUNT][160];
    at9068_str views[COUNT];
    for (size_t i = 0; i < COUNT; ++i) {
        snprintf(requests[i], sizeof requests[i],
                 "{\"grant_type\":\"client_credentials\",\"client_id\":\"client-%zu\",\"scope\":\"%s\"%s", i,
                 i % 5 == 4 ? "nothing" : "read", i % 7 == 6 ? "" : "}");
        views[i] = str(requests[i]);
    }
    at9068_minted_batch *batch = NULL;
    at9068_error *error = NULL;
    CHECK(at9068_minter_mint_many(minter, views, COUNT, &ISSUED, &batch, &error) == AT9068_CODE_OK && error == NULL);
    CHECK(at9068_minted_batch_count(batch) == COUNT);
    for (size_t i = 0; i < COUNT; ++i) {
        const at9068_minted_token *token = at9068_minted_batch_token_at(batch, i);
        const at9068_error *refused = at9068_minted_batch_error_at(batch, i);
        CHECK((token != NULL) == is_good(i) && (refused != NULL) == !is_good(i));
        const at9068_code expected = i % 7 == 6 ? AT9068_CODE_ARGUMENT_INVALID : AT9068_CODE_INVALID_SCOPE;
        CHECK(refused == NULL || at9068_error_code(refused) == expected);
        char subject[64];
        snprintf(subject, sizeof subject, "\"sub\":\"client-%zu@clients\"", i);
        CHECK(token == NULL || contains(at9068_minted_token_claims_json(token), subject));
    }
    CHECK(at9068_minted_batch_token_at(batch, COUNT) == NULL && at9068_minted_batch_error_at(batch, COUNT) == NULL);
    return batch;
}

/* Tokens in order, and between them what is none. */
static void tokens_of(const at9068_minted_batch *minted, at9068_str views[COUNT])
{
    for (size_t i = 0; i < COUNT; ++i) {
        views[i] = at9068_minted_token_token(at9068_minted_batch_token_at(minted, i));
        if (views[i].ptr == NULL) {
            views[i] = i % 2 == 0 ? str("\xff.b.c") : str("");
        }
    }
}

static void are_judged(const at9068_batch *batch)
{
    CHECK(at9068_batch_count(batch) == COUNT);
    for (size_t i = 0; i < COUNT; ++i) {
        const at9068_access_token *token = at9068_batch_token_at(batch, i);
        const at9068_error *refused = at9068_batch_error_at(batch, i);
        CHECK((token != NULL) == is_good(i) && (refused != NULL) == !is_good(i));
        if (token == NULL) {
            CHECK(at9068_error_code(refused) == AT9068_CODE_TOKEN_MALFORMED);
            CHECK(at9068_error_status(refused) == 401 && at9068_error_challenge_count(refused) == 1);
            continue;
        }
        char client[32];
        snprintf(client, sizeof client, "client-%zu", i);
        CHECK(is_text(at9068_access_token_client_id(token), client));
    }
    CHECK(at9068_batch_token_at(batch, COUNT) == NULL && at9068_batch_error_at(batch, COUNT) == NULL);
}

static at9068_batch *judge(const at9068_validator *validator, const at9068_str *views)
{
    at9068_batch *batch = NULL;
    at9068_error *error = NULL;
    CHECK(at9068_validator_validate_many(validator, views, COUNT, &SOON, &batch, &error) == AT9068_CODE_OK);
    CHECK(error == NULL);
    are_judged(batch);
    return batch;
}

/* Whether a thread of this process has the name of those that are kept. */
static bool has_threads(void)
{
    FILE *list = popen("cat /proc/$PPID/task/*/comm 2>/dev/null", "r");
    CHECK(list != NULL);
    char line[64];
    bool found = false;
    while (fgets(line, sizeof line, list) != NULL) {
        found = found || strncmp(line, "at9068-batch", 12) == 0;
    }
    CHECK(pclose(list) == 0);
    return found;
}

static void threads_begin_with_the_first_batch(const at9068_minter *minter, const at9068_validator *validator)
{
    at9068_minted_token *minted = NULL;
    at9068_access_token *token = NULL;
    CHECK(at9068_minter_mint(minter, TEXT(GRANT), &ISSUED, &minted, NULL) == AT9068_CODE_OK);
    const at9068_str sent = at9068_minted_token_token(minted);
    CHECK(at9068_validator_validate(validator, sent.ptr, sent.len, &SOON, &token, NULL) == AT9068_CODE_OK);
    at9068_access_token_free(token);
    at9068_minted_token_free(minted);
    CHECK(!has_threads());
    at9068_minted_batch_free(mint(minter));
    CHECK(has_threads() == (sysconf(_SC_NPROCESSORS_ONLN) > 1));
}

static void what_is_taken_outlives_the_batch(const at9068_minter *minter, at9068_validator *validator)
{
    at9068_minted_batch *minted = mint(minter);
    at9068_str views[COUNT];
    tokens_of(minted, views);
    at9068_batch *batch = judge(validator, views);
    at9068_validator_free(validator);

    at9068_access_token *first = NULL;
    at9068_access_token *none = first;
    CHECK(at9068_batch_take_token_at(batch, 0, &first) && first != NULL);
    CHECK(at9068_batch_token_at(batch, 0) == NULL && at9068_batch_error_at(batch, 0) == NULL);
    CHECK(!at9068_batch_take_token_at(batch, 0, &none) && none == NULL);
    CHECK(!at9068_batch_take_token_at(batch, 4, &none) && none == NULL);
    CHECK(!at9068_batch_take_token_at(batch, COUNT, &none) && none == NULL);
    /* with nowhere to put it, nothing is taken */
    CHECK(!at9068_batch_take_token_at(batch, 1, NULL) && at9068_batch_token_at(batch, 1) != NULL);
    CHECK(at9068_batch_count(batch) == COUNT);
    at9068_batch_free(batch);
    CHECK(is_text(at9068_access_token_client_id(first), "client-0"));
    at9068_access_token_free(first);

    at9068_minted_token *made = NULL;
    CHECK(at9068_minted_batch_take_token_at(minted, 0, &made) && at9068_minted_batch_token_at(minted, 0) == NULL);
    CHECK(!at9068_minted_batch_take_token_at(minted, 1, NULL) && at9068_minted_batch_token_at(minted, 1) != NULL);
    at9068_minted_token *nothing = made;
    CHECK(!at9068_minted_batch_take_token_at(minted, 4, &nothing) && nothing == NULL);
    at9068_minted_batch_free(minted);
    CHECK(at9068_minted_token_expires_in(made) == 3600);
    at9068_minted_token_free(made);
}

static void wrong_arguments_make_no_batch(const at9068_minter *minter, const at9068_validator *validator)
{
    const at9068_str views[] = {str("a.b.c"), {NULL, 7}};
    at9068_batch *batch = NULL;
    at9068_minted_batch *minted = NULL;
    at9068_error *error = NULL;
    CHECK(failed_with(at9068_validator_validate_many(NULL, views, 1, NULL, &batch, &error), &error, AT9068_CODE_ARGUMENT_INVALID, "validator is NULL"));
    CHECK(failed_with(at9068_validator_validate_many(validator, views, 1, NULL, NULL, &error), &error, AT9068_CODE_ARGUMENT_INVALID, "out is NULL"));
    CHECK(failed_with(at9068_validator_validate_many(validator, NULL, 1, NULL, &batch, &error), &error, AT9068_CODE_ARGUMENT_INVALID, "tokens is NULL"));
    CHECK(failed_with(at9068_validator_validate_many(validator, views, 2, NULL, &batch, &error), &error, AT9068_CODE_ARGUMENT_INVALID, "tokens is NULL"));
    CHECK(failed_with(at9068_validator_validate_many(validator, views, (size_t)-1, NULL, &batch, &error), &error, AT9068_CODE_ARGUMENT_INVALID, "impossible"));
    const at9068_validate_options wrong = {.size = 3};
    CHECK(failed_with(at9068_validator_validate_many_at_hand(validator, views, 1, &wrong, &batch, &error), &error, AT9068_CODE_ARGUMENT_INVALID, "size"));
    CHECK(failed_with(at9068_minter_mint_many(NULL, views, 1, NULL, &minted, &error), &error, AT9068_CODE_ARGUMENT_INVALID, "minter is NULL"));
    CHECK(failed_with(at9068_minter_mint_many(minter, views, 2, NULL, &minted, &error), &error, AT9068_CODE_ARGUMENT_INVALID, "requests is NULL"));
    CHECK(batch == NULL && minted == NULL);

    /* an array that is empty is none of these */
    CHECK(at9068_validator_validate_many(validator, NULL, 0, NULL, &batch, NULL) == AT9068_CODE_OK && batch != NULL);
    CHECK(at9068_batch_count(batch) == 0 && at9068_batch_token_at(batch, 0) == NULL);
    at9068_batch_free(batch);
    CHECK(at9068_minter_mint_many(minter, NULL, 0, NULL, &minted, NULL) == AT9068_CODE_OK);
    CHECK(at9068_minted_batch_count(minted) == 0);
    at9068_minted_batch_free(minted);

    at9068_access_token *token = NULL;
    CHECK(at9068_batch_count(NULL) == 0 && at9068_batch_token_at(NULL, 0) == NULL && at9068_batch_error_at(NULL, 0) == NULL);
    CHECK(!at9068_batch_take_token_at(NULL, 0, &token) && token == NULL && at9068_minted_batch_count(NULL) == 0);
    at9068_batch_free(NULL);
    at9068_minted_batch_free(NULL);
}

static int broken(void *context, double *out)
{
    (void)context;
    (void)out;
    return 1;
}

/* It is asked once for all, and fails each of them. */
static void a_clock_that_fails_is_an_error_of_each(const at9068_signing_key *key)
{
    const at9068_ports ports = {.size = sizeof ports, .clock = {NULL, broken, NULL}};
    at9068_validator *validator = new_validator(key, &ports);
    const at9068_str views[COUNT] = {{"a.b.c", 5}};
    at9068_batch *batch = NULL;
    CHECK(at9068_validator_validate_many(validator, views, COUNT, NULL, &batch, NULL) == AT9068_CODE_OK);
    for (size_t i = 0; i < COUNT; ++i) {
        CHECK(at9068_error_code(at9068_batch_error_at(batch, i)) == AT9068_CODE_INTERNAL);
    }
    at9068_batch_free(batch);
    at9068_validator_free(validator);
}

/* Without keys there is no verdict, and no waiting for one. */
static void what_is_not_at_hand_is_left(const at9068_validator *validator)
{
    at9068_validator *other = NULL;
    const at9068_ports ports = {.size = sizeof ports, .host_fetches = 1};
    static const char config[] = "{\"issuer\":\"https://as.example/\",\"audience\":\"https://api.example/\","
                                 "\"jwks_uri\":\"https://as.example/keys\"}";
    CHECK(at9068_validator_new(TEXT(config), NULL, &ports, &other, NULL) == AT9068_CODE_OK);
    at9068_signing_key *key = new_key("ES256");
    at9068_minter *minter = new_minter(key, NULL);
    at9068_minted_batch *minted = mint(minter);
    at9068_str views[COUNT];
    tokens_of(minted, views);
    at9068_batch *batch = NULL;
    CHECK(at9068_validator_validate_many_at_hand(other, views, COUNT, &SOON, &batch, NULL) == AT9068_CODE_OK);
    for (size_t i = 0; i < COUNT; ++i) {
        const at9068_code expected = is_good(i) ? AT9068_CODE_KEYS_UNAVAILABLE : AT9068_CODE_TOKEN_MALFORMED;
        CHECK(at9068_error_code(at9068_batch_error_at(batch, i)) == expected);
    }
    at9068_batch_free(batch);
    /* those of another key */
    CHECK(at9068_validator_validate_many_at_hand(validator, views, COUNT, &SOON, &batch, NULL) == AT9068_CODE_OK);
    for (size_t i = 0; i < COUNT; ++i) {
        CHECK(at9068_batch_token_at(batch, i) == NULL && at9068_batch_error_at(batch, i) != NULL);
    }
    at9068_batch_free(batch);
    at9068_minted_batch_free(minted);
    at9068_minter_free(minter);
    at9068_signing_key_free(key);
    at9068_validator_free(other);
}

int main(void)
{
    at9068_signing_key *key = new_key("ES256");
    at9068_minter *minter = new_minter(key, NULL);
    at9068_validator *validator = new_validator(key, NULL);
    threads_begin_with_the_first_batch(minter, validator);

    at9068_minted_batch *minted = mint(minter);
    at9068_str views[COUNT];
    tokens_of(minted, views);
    at9068_batch_free(judge(validator, views));
    at9068_batch *at_hand = NULL;
    CHECK(at9068_validator_validate_many_at_hand(validator, views, COUNT, &SOON, &at_hand, NULL) == AT9068_CODE_OK);
    are_judged(at_hand);
    at9068_batch_free(at_hand);

    /* A child has none of the threads, and begins its own. What its parent held is lost to it, which is
     * no leak of ours: it says how it went, and ends at once. */
    int told[2];
    CHECK(pipe(told) == 0);
    const pid_t child = fork();
    if (child == 0) {
        at9068_batch_free(judge(validator, views));
        _exit(write(told[1], "y", 1) == 1 && raise(SIGKILL) == 0 ? 1 : 2);
    }
    char answer = '?';
    CHECK(child > 0 && close(told[1]) == 0 && read(told[0], &answer, 1) == 1 && answer == 'y');
    CHECK(waitpid(child, NULL, 0) == child && close(told[0]) == 0);
    at9068_minted_batch_free(minted);

    wrong_arguments_make_no_batch(minter, validator);
    a_clock_that_fails_is_an_error_of_each(key);
    what_is_not_at_hand_is_left(validator);
    what_is_taken_outlives_the_batch(minter, validator);
    at9068_minter_free(minter);
    at9068_signing_key_free(key);
    return 0;
}
