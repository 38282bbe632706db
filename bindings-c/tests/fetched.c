/* Keys that the library fetches by itself from an issuer on the loopback: discovery, one fetch for all who
 * need it, children, caches. */
#define _POSIX_C_SOURCE 200809L

#include "loopback.h"

#include <signal.h>
#include <sys/wait.h>

/* What one of many threads does. */
struct call {
    const at9068_validator *validator;
    const at9068_minted_token *minted;
    at9068_code code;
};

static void *validate_once(void *argument)
{
    struct call *call = argument;
    call->code = verdict(call->validator, call->minted);
    return NULL;
}

static void discovery_needs_nothing_but_the_issuer(struct loopback *server, const at9068_minted_token *minted)
{
    at9068_validator *validator = validator_of(server->issuer, NULL);
    CHECK(was_asked(server, 0, 0, 0) && has_status(validator, "\"state\":\"empty\""));
    CHECK(verdict(validator, minted) == AT9068_CODE_OK && was_asked(server, 1, 1, 1));
    CHECK(verdict(validator, minted) == AT9068_CODE_OK && was_asked(server, 0, 0, 0));
    CHECK(has_status(validator, "\"state\":\"fresh\"") && has_status(validator, "/keys\""));

    at9068_error *error = NULL;
    CHECK(at9068_validator_refresh(validator, &error) == AT9068_CODE_OK && error == NULL);
    CHECK(was_asked(server, 0, 0, 1));
    CHECK(at9068_validator_prefetch(validator, &error) == AT9068_CODE_OK && was_asked(server, 0, 0, 0));
    at9068_validator_free(validator);
}

static void other_places_of_keys_are_configured(struct loopback *server, const at9068_minted_token *minted)
{
    char jwks_uri[128];
    snprintf(jwks_uri, sizeof jwks_uri, "\"jwks_uri\":\"%s/keys\"", server->issuer);
    const char *const members[] = {"\"discovery\":\"oauth\"", "\"discovery\":\"openid\"", jwks_uri};
    static const int asked[][DOCUMENTS] = {{1, 0, 1}, {0, 1, 1}, {0, 0, 1}};
    for (size_t i = 0; i < sizeof members / sizeof *members; ++i) {
        char config[512];
        at9068_validator *validator = NULL;
        snprintf(config, sizeof config,
                 "{\"issuer\":\"%s\",\"audience\":\"https://api.example/\",\"issuer_cache\":"
                 "{\"danger_http_loopback\":true},%s}",
                 server->issuer, members[i]);
        CHECK(at9068_validator_new(TEXT(config), NULL, NULL, &validator, NULL) == AT9068_CODE_OK);
        CHECK(at9068_validator_prefetch(validator, NULL) == AT9068_CODE_OK);
        CHECK(was_asked(server, asked[i][OAUTH], asked[i][OPENID], asked[i][KEYS]));
        CHECK(verdict_at_hand(validator, minted) == AT9068_CODE_OK && was_asked(server, 0, 0, 0));
        at9068_validator_free(validator);
    }
}

static void at_hand_nobody_waits(struct loopback *server, const at9068_minted_token *minted)
{
    at9068_validator *validator = validator_of(server->issuer, NULL);
    atomic_store(&server->pause_ms, 100);
    const at9068_str sent = at9068_minted_token_token(minted);
    at9068_access_token *token = NULL;
    at9068_error *error = NULL;
    CHECK(at9068_validator_validate_at_hand(validator, sent.ptr, sent.len, NULL, &token, &error) ==
          AT9068_CODE_KEYS_UNAVAILABLE);
    uint64_t seconds = 0;
    CHECK(token == NULL && at9068_error_status(error) == 503 && at9068_error_challenge_count(error) == 0);
    CHECK(at9068_error_retry_after(error, &seconds) && seconds > 0 && !at9068_error_authenticated(error));
    at9068_error_free(error);
    CHECK(has_status(validator, "\"refreshing\":true"));
    settle(validator);
    await_threads(2); /* this one, and the issuer's */
    atomic_store(&server->pause_ms, 0);

    /* the same of a request, which has the keys now */
    char request[2048];
    snprintf(request, sizeof request, "{\"headers\":[[\"Authorization\",\"Bearer %.*s\"]]}", (int)sent.len, sent.ptr);
    CHECK(at9068_validator_authenticate_at_hand(validator, TEXT(request), NULL, &token, NULL) == AT9068_CODE_OK);
    CHECK(is_text(at9068_access_token_iss(token), server->issuer) && was_asked(server, 1, 1, 1));
    at9068_access_token_free(token);
    at9068_validator_free(validator);
}

enum { MANY = 1000 };

static void many_first_calls_make_one_request(struct loopback *server, const at9068_minted_token *minted)
{
    static struct call calls[MANY];
    static pthread_t threads[MANY];
    pthread_attr_t small;
    at9068_validator *validator = validator_of(server->issuer, NULL);
    atomic_store(&server->pause_ms, 50);
    CHECK(pthread_attr_init(&small) == 0 && pthread_attr_setstacksize(&small, 1 << 18) == 0);
    for (size_t i = 0; i < MANY; ++i) {
        calls[i] = (struct call){validator, minted, AT9068_CODE_INTERNAL};
        CHECK(pthread_create(&threads[i], &small, validate_once, &calls[i]) == 0);
    }
    for (size_t i = 0; i < MANY; ++i) {
        CHECK(pthread_join(threads[i], NULL) == 0 && calls[i].code == AT9068_CODE_OK);
    }
    CHECK(pthread_attr_destroy(&small) == 0 && was_asked(server, 1, 1, 1));
    atomic_store(&server->pause_ms, 0);
    at9068_validator_free(validator);
}

static void a_child_goes_on_alone(struct loopback *server, const at9068_minted_token *minted)
{
    at9068_validator *validator = validator_of(server->issuer, NULL);
    struct call call = {validator, minted, AT9068_CODE_INTERNAL};
    pthread_t thread;
    int told[2];
    atomic_store(&server->pause_ms, 100);
    CHECK(pipe(told) == 0 && pthread_create(&thread, NULL, validate_once, &call) == 0);
    while (!has_status(validator, "\"refreshing\":true")) {
        pause_for(1);
    }

    /* The refresh is another process's: a child makes its own, and ends at once when it has said so, since
     * what other threads held is lost to it. */
    const pid_t child = fork();
    if (child == 0) {
        const char answer = verdict(validator, minted) == AT9068_CODE_OK ? 'y' : 'n';
        _exit(write(told[1], &answer, 1) == 1 && raise(SIGKILL) == 0 ? 1 : 2);
    }
    char answer = '?';
    CHECK(child > 0 && close(told[1]) == 0 && read(told[0], &answer, 1) == 1 && answer == 'y');
    CHECK(waitpid(child, NULL, 0) == child && close(told[0]) == 0);
    CHECK(pthread_join(thread, NULL) == 0 && call.code == AT9068_CODE_OK);
    CHECK(was_asked(server, 2, 2, 2));
    atomic_store(&server->pause_ms, 0);
    at9068_validator_free(validator);
}

static void validators_share_a_cache(struct loopback *server, const at9068_minted_token *minted)
{
    static const char settings[] = "{\"danger_http_loopback\":true}";
    char config[256];
    at9068_issuer_cache *cache = NULL;
    at9068_validator *one = NULL;
    at9068_validator *other = NULL;
    at9068_error *error = NULL;
    snprintf(config, sizeof config, "{\"issuer\":\"%s\",\"audience\":\"https://api.example/\"}", server->issuer);
    CHECK(at9068_issuer_cache_new(TEXT(settings), NULL, &cache, &error) == AT9068_CODE_OK && error == NULL);
    CHECK(at9068_validator_new_with_cache(TEXT(config), NULL, NULL, cache, &one, &error) == AT9068_CODE_OK);
    CHECK(at9068_validator_new_with_cache(TEXT(config), NULL, NULL, cache, &other, &error) == AT9068_CODE_OK);
    CHECK(verdict(one, minted) == AT9068_CODE_OK && verdict_at_hand(other, minted) == AT9068_CODE_OK);
    CHECK(was_asked(server, 1, 1, 1));

    at9068_string *status = NULL;
    at9068_string *kept = NULL;
    CHECK(at9068_issuer_cache_status_json(cache, &status, &error) == AT9068_CODE_OK);
    CHECK(contains(at9068_string_view(status), "\"state\":\"fresh\"") && contains(at9068_string_view(status), server->issuer));
    CHECK(at9068_issuer_cache_snapshot(cache, &kept, &error) == AT9068_CODE_OK);
    at9068_string_free(status);
    at9068_issuer_cache_free(cache); /* the validators go on with its keys */
    CHECK(verdict_at_hand(one, minted) == AT9068_CODE_OK);
    at9068_validator_free(one);
    at9068_validator_free(other);

    /* another process would start like this, in an outage */
    const at9068_str snapshot = at9068_string_view(kept);
    CHECK(at9068_issuer_cache_new(TEXT(settings), NULL, &cache, &error) == AT9068_CODE_OK);
    CHECK(failed_with(at9068_issuer_cache_restore(cache, TEXT("{}"), &error), &error, AT9068_CODE_ARGUMENT_INVALID, ""));
    CHECK(at9068_issuer_cache_restore(cache, snapshot.ptr, snapshot.len, &error) == AT9068_CODE_OK);
    CHECK(at9068_validator_new_with_cache(TEXT(config), NULL, NULL, cache, &one, &error) == AT9068_CODE_OK);
    CHECK(verdict_at_hand(one, minted) == AT9068_CODE_OK && was_asked(server, 0, 0, 0));
    at9068_issuer_cache_free(cache);
    at9068_string_free(kept);

    /* the cache of a validator, its own or not; none where keys are given */
    CHECK(at9068_validator_issuer_cache(one, &cache, &error) == AT9068_CODE_OK && cache != NULL);
    at9068_validator_free(one);
    CHECK(at9068_issuer_cache_status_json(cache, &status, &error) == AT9068_CODE_OK && error == NULL);
    CHECK(contains(at9068_string_view(status), server->issuer));
    at9068_string_free(status);
    at9068_issuer_cache_free(cache);
}

static void wrong_uses_have_an_answer(const struct loopback *server, const at9068_signing_key *key)
{
    const at9068_code argument = AT9068_CODE_ARGUMENT_INVALID;
    at9068_error *error = NULL;
    at9068_validator *validator = new_validator(key, NULL);
    at9068_validator *made = NULL;
    at9068_issuer_cache *cache = NULL;
    at9068_string *text = NULL;
    char config[256];
    CHECK(at9068_validator_issuer_cache(validator, &cache, NULL) == AT9068_CODE_OK && cache == NULL);
    CHECK(at9068_validator_prefetch(validator, NULL) == AT9068_CODE_OK);
    CHECK(has_status(validator, "[]"));
    at9068_validator_free(validator);

    CHECK(failed_with(at9068_issuer_cache_new(TEXT("{\"max\":1}"), NULL, &cache, &error), &error,
                      AT9068_CODE_CONFIG_INVALID, "max"));
    CHECK(failed_with(at9068_issuer_cache_new(TEXT("{}"), NULL, NULL, &error), &error, argument, "out is NULL"));
    const at9068_ports wrong = {.size = sizeof wrong - 1};
    CHECK(failed_with(at9068_issuer_cache_new(TEXT("{}"), &wrong, &cache, &error), &error, argument, "size of ports"));
    CHECK(failed_with(at9068_issuer_cache_status_json(NULL, &text, &error), &error, argument, "cache is NULL"));
    CHECK(failed_with(at9068_issuer_cache_snapshot(NULL, &text, &error), &error, argument, "cache is NULL"));
    CHECK(failed_with(at9068_issuer_cache_restore(NULL, TEXT("{}"), &error), &error, argument, "cache is NULL"));
    snprintf(config, sizeof config, LOOPBACK_VALIDATES, server->issuer);
    CHECK(failed_with(at9068_validator_new_with_cache(TEXT(config), NULL, NULL, NULL, &made, &error), &error, argument,
                      "cache is NULL"));
    CHECK(at9068_issuer_cache_new(TEXT("{}"), NULL, &cache, NULL) == AT9068_CODE_OK);
    CHECK(failed_with(at9068_validator_new_with_cache(TEXT(config), NULL, NULL, cache, &made, &error), &error,
                      AT9068_CODE_CONFIG_INVALID, "issuer_cache"));
    at9068_issuer_cache_free(cache);
    at9068_issuer_cache_free(NULL);

    CHECK(failed_with(at9068_validator_status_json(NULL, &text, &error), &error, argument, "validator is NULL"));
    CHECK(failed_with(at9068_validator_issuer_cache(NULL, &cache, &error), &error, argument, "validator is NULL"));
    CHECK(failed_with(at9068_validator_prefetch(NULL, &error), &error, argument, "validator is NULL"));
    CHECK(failed_with(at9068_validator_refresh(NULL, &error), &error, argument, "validator is NULL"));

    /* nobody listens there */
    validator = validator_of("http://127.0.0.1:1", NULL);
    CHECK(failed_with(at9068_validator_prefetch(validator, &error), &error, AT9068_CODE_KEYS_UNAVAILABLE, ""));
    CHECK(has_status(validator, "\"reason\":\"connect\""));
    at9068_validator_free(validator);
}

int main(void)
{
    at9068_signing_key *key = new_key("ES256");
    struct loopback server;
    loopback_start(&server, key);
    at9068_minted_token *minted = token_of(server.issuer, key, NULL);
    discovery_needs_nothing_but_the_issuer(&server, minted);
    other_places_of_keys_are_configured(&server, minted);
    at_hand_nobody_waits(&server, minted);
    many_first_calls_make_one_request(&server, minted);
    a_child_goes_on_alone(&server, minted);
    validators_share_a_cache(&server, minted);
    wrong_uses_have_an_answer(&server, key);
    at9068_minted_token_free(minted);
    loopback_stop(&server);
    at9068_signing_key_free(key);
    return 0;
}
