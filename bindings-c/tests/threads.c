/* Handles shared between threads and across fork(), freed where they were not made. */
#define _POSIX_C_SOURCE 200809L

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"

enum { THREADS = 8, ROUNDS = 40 };

static atomic_int asked;
static atomic_int dropped;

static int shared_now(void *context, double *out)
{
    atomic_fetch_add((atomic_int *)context, 1);
    *out = 1700000000;
    return 0;
}

static void shared_drop(void *context)
{
    CHECK(context == (void *)&asked);
    atomic_fetch_add(&dropped, 1);
}

struct shared {
    const at9068_minter *minter;
    const at9068_validator *validator;
    const at9068_access_token *token;
    /* made by this thread, freed by the main one */
    at9068_access_token *made[THREADS];
};

struct task {
    struct shared *shared;
    size_t number;
};

static at9068_access_token *mint_and_validate(const struct shared *shared)
{
    at9068_minted_token *minted = NULL;
    at9068_access_token *token = NULL;
    at9068_error *error = NULL;
    CHECK(at9068_minter_mint(shared->minter, TEXT(GRANT), NULL, &minted, &error) == AT9068_CODE_OK && error == NULL);
    const at9068_str sent = at9068_minted_token_token(minted);
    CHECK(at9068_validator_validate(shared->validator, sent.ptr, sent.len, NULL, &token, &error) == AT9068_CODE_OK);
    at9068_minted_token_free(minted);
    return token;
}

static void *work(void *argument)
{
    const struct task *task = argument;
    struct shared *shared = task->shared;
    for (int round = 0; round < ROUNDS; ++round) {
        at9068_access_token *token = mint_and_validate(shared);
        CHECK(is_text(at9068_access_token_sub(token), "auth0|123456"));
        at9068_access_token_free(shared->made[task->number]);
        shared->made[task->number] = token;

        at9068_string *scopes = NULL;
        CHECK(at9068_access_token_accessor_json(shared->token, TEXT("scopes"), &scopes, NULL) == AT9068_CODE_OK);
        CHECK(is_string(scopes, "[\"read\"]"));
        at9068_string_free(scopes);

        at9068_access_token *refused = NULL;
        at9068_error *error = NULL;
        CHECK(failed_with(at9068_validator_validate(shared->validator, TEXT("a.b.c"), NULL, &refused, &error), &error,
                          AT9068_CODE_TOKEN_MALFORMED, ""));
    }
    return NULL;
}

int main(void)
{
    at9068_signing_key *key = new_key("ES256");
    const at9068_ports ports = {.size = sizeof ports, .clock = {&asked, shared_now, shared_drop}};
    at9068_minter *minter = new_minter(key, &ports);
    at9068_validator *validator = new_validator(key, &ports);
    at9068_signing_key_free(key); /* the others keep what they need */

    struct shared shared = {.minter = minter, .validator = validator};
    at9068_access_token *token = mint_and_validate(&shared);
    shared.token = token;
    struct task tasks[THREADS];
    pthread_t threads[THREADS];
    for (size_t i = 0; i < THREADS; ++i) {
        tasks[i] = (struct task){&shared, i};
        CHECK(pthread_create(&threads[i], NULL, work, &tasks[i]) == 0);
    }

    /* A child of a process with threads uses the same handles. It says so and ends at once: what
     * the other threads held is lost to it, which is no leak of ours. */
    int told[2];
    CHECK(pipe(told) == 0);
    const pid_t child = fork();
    if (child == 0) {
        at9068_access_token *own = mint_and_validate(&shared);
        const char answer = is_text(at9068_access_token_sub(own), "auth0|123456") ? 'y' : 'n';
        at9068_access_token_free(own);
        _exit(write(told[1], &answer, 1) == 1 && raise(SIGKILL) == 0 ? 1 : 2);
    }
    char answer = '?';
    CHECK(child > 0 && close(told[1]) == 0 && read(told[0], &answer, 1) == 1 && answer == 'y');
    CHECK(waitpid(child, NULL, 0) == child && close(told[0]) == 0);

    for (size_t i = 0; i < THREADS; ++i) {
        CHECK(pthread_join(threads[i], NULL) == 0);
    }
    /* the refused tokens ask the clock too: it is read before anything is judged */
    CHECK(atomic_load(&asked) >= 2 + THREADS * ROUNDS * 2 && atomic_load(&dropped) == 0);
    at9068_minter_free(minter);
    CHECK(atomic_load(&dropped) == 1);
    at9068_validator_free(validator);

    /* tokens outlive their validator, and keep its clock */
    CHECK(at9068_access_token_require(token, TEXT("{\"max_age\":1}"), NULL, NULL) ==
          AT9068_CODE_AUTHENTICATION_INSUFFICIENT);
    CHECK(atomic_load(&dropped) == 1);
    for (size_t i = 0; i < THREADS; ++i) {
        CHECK(is_text(at9068_access_token_client_id(shared.made[i]), "client-7"));
        at9068_access_token_free(shared.made[i]);
    }
    at9068_access_token_free(token);
    CHECK(atomic_load(&dropped) == 2);
    return 0;
}
