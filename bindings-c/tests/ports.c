/* What the host may bring along: a clock, its own fetching, an ear for events, and a resolver. */
#define _POSIX_C_SOURCE 200809L

#include "loopback.h"

static const char ISSUER[] = "https://as.example";
static const char TENANT[] = "https://tenant.example";
/* as of then, nothing in a test takes time */
static const double START = 1700000000;

struct world {
    double now;
    const at9068_string *keys;
    /* what a fetch reports, and sends */
    at9068_fetch_outcome outcome;
    uint16_t status;
    size_t body_bytes;
    /* whether the operator named the host */
    bool trusted;
    int fetched;
    int resolved;
    int told;
    char last_event[256];
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

static bool is_sent(const at9068_fetch_request *request, const char *name, const char *value)
{
    for (size_t i = 0; i < at9068_fetch_request_header_count(request); ++i) {
        if (is_text(at9068_fetch_request_header_name_at(request, i), name)) {
            return is_text(at9068_fetch_request_header_value_at(request, i), value);
        }
    }
    return false;
}

static at9068_fetch_outcome fetch(void *context, const at9068_fetch_request *request, at9068_fetch_response *response)
{
    struct world *world = context;
    ++world->fetched;
    CHECK(is_text(at9068_fetch_request_url(request), "https://as.example/keys"));
    CHECK(is_sent(request, "Accept", "application/json, application/jwk-set+json"));
    const size_t count = at9068_fetch_request_header_count(request);
    CHECK(at9068_fetch_request_header_name_at(request, count).ptr == NULL);
    CHECK(at9068_fetch_request_header_value_at(request, count).ptr == NULL);
    const double left = at9068_fetch_request_timeout_seconds(request);
    CHECK(left > 0 && left <= 5 && at9068_fetch_request_max_body_bytes(request) == 512 * 1024);
    CHECK(at9068_fetch_request_connect_timeout_seconds(request) <= 2);
    CHECK(at9068_fetch_request_trusted_host(request) == world->trusted);

    const at9068_str keys = at9068_string_view(world->keys);
    CHECK(at9068_fetch_response_set_status(response, world->status));
    CHECK(at9068_fetch_response_add_header(response, TEXT("content-type"), TEXT("application/json")));
    CHECK(at9068_fetch_response_add_header(response, TEXT("ETag"), TEXT("\"v1\"")));
    CHECK(!at9068_fetch_response_add_header(response, TEXT("X-Octets"), "\xff", 1));
    if (world->status == 304) {
        CHECK(is_sent(request, "If-None-Match", "\"v1\""));
        return world->outcome;
    }
    /* in two parts, as from a socket */
    const size_t half = keys.len / 2;
    CHECK(at9068_fetch_response_append_body(response, (const uint8_t *)keys.ptr, half));
    CHECK(at9068_fetch_response_append_body(response, (const uint8_t *)keys.ptr + half, keys.len - half));
    static const uint8_t spaces[1 << 16] = {0};
    for (size_t more = world->body_bytes; more > 0; more -= more > sizeof spaces ? sizeof spaces : more) {
        const size_t len = more > sizeof spaces ? sizeof spaces : more;
        if (!at9068_fetch_response_append_body(response, spaces, len)) {
            break;
        }
    }
    return world->outcome;
}

static void hear(void *context, at9068_str event)
{
    struct world *world = context;
    ++world->told;
    snprintf(world->last_event, sizeof world->last_event, "%.*s", (int)event.len, event.ptr);
}

static int resolve(void *context, at9068_str issuer, at9068_resolution *resolution)
{
    struct world *world = context;
    ++world->resolved;
    if (is_text(issuer, "https://busy.example")) {
        return 1;
    }
    if (is_text(issuer, "https://odd.example")) {
        CHECK(at9068_resolution_set_json(resolution, TEXT("{\"issuer\":1}")));
    }
    if (is_text(issuer, TENANT)) {
        CHECK(!at9068_resolution_set_json(resolution, "\xff", 1));
        CHECK(at9068_resolution_set_json(
            resolution, TEXT("{\"issuer\":\"https://tenant.example\",\"jwks_uri\":\"https://as.example/keys\"}")));
    }
    return 0;
}

static at9068_ports ports_of(struct world *world)
{
    const at9068_ports ports = {
        .size = sizeof ports,
        .clock = {world, now, end},
        .fetch = {world, fetch, end},
        .events = {world, hear, end},
        .resolver = {world, resolve, end},
    };
    return ports;
}

static at9068_validator *new_fetching(const char *members, const at9068_ports *ports)
{
    char config[256];
    at9068_validator *validator = NULL;
    snprintf(config, sizeof config, "{\"issuer\":\"%s\",\"audience\":\"https://api.example/\"%s}", ISSUER, members);
    CHECK(at9068_validator_new(TEXT(config), NULL, ports, &validator, NULL) == AT9068_CODE_OK);
    return validator;
}

static const char JWKS_URI[] = ",\"jwks_uri\":\"https://as.example/keys\"";

static void the_host_fetches_for_the_library(const at9068_signing_key *key, const at9068_string *keys)
{
    struct world world = {.now = START, .keys = keys, .status = 200, .trusted = true};
    at9068_ports ports = ports_of(&world);
    at9068_validator *validator = new_fetching(JWKS_URI, &ports);
    at9068_minted_token *minted = token_of(ISSUER, key, &START);
    CHECK(world.fetched == 0 && verdict(validator, minted) == AT9068_CODE_OK && world.fetched == 1);
    CHECK(world.told == 1);
    CHECK(strcmp(world.last_event,
                 "{\"event\":\"refreshed\",\"issuer\":\"https://as.example\",\"keys\":1,\"changed\":true}") == 0);

    /* the age of keys is told by the same clock; the server knows the version at hand */
    world.now += 599;
    CHECK(has_status(validator, "\"state\":\"due\"") && has_status(validator, "\"age_seconds\":599"));
    world.now += 1;
    world.status = 304;
    CHECK(verdict(validator, minted) == AT9068_CODE_OK && world.fetched == 2);
    CHECK(has_status(validator, "\"state\":\"fresh\"") && has_status(validator, "\"unchanged\":1"));

    /* keys are no longer fresh when nothing comes back, and serve all the same */
    world.now += 600;
    const at9068_fetch_outcome outcomes[] = {AT9068_FETCH_FORBIDDEN, AT9068_FETCH_RESOLVE,   AT9068_FETCH_CONNECT,
                                             AT9068_FETCH_TLS,       AT9068_FETCH_TIMEOUT,   AT9068_FETCH_TOO_LARGE,
                                             AT9068_FETCH_BROKEN,    AT9068_FETCH_BROKEN + 1};
    static const char *const reasons[] = {"forbidden", "resolve",   "connect", "tls",
                                          "timeout",   "too_large", "broken",  "broken"};
    for (size_t i = 0; i < sizeof reasons / sizeof *reasons; ++i) {
        world.outcome = outcomes[i];
        world.now += 61;
        CHECK(verdict(validator, minted) == AT9068_CODE_OK && has_status(validator, "\"state\":\"stale\""));
        char event[256];
        snprintf(event, sizeof event,
                 "{\"event\":\"refresh_failed\",\"issuer\":\"https://as.example\",\"code\":\"keys_unavailable\","
                 "\"reason\":\"%s\"}",
                 reasons[i]);
        CHECK(world.fetched == 3 + (int)i && strcmp(world.last_event, event) == 0);
    }

    /* a response that is no key set, is too long, or has no status */
    world.outcome = AT9068_FETCH_OK;
    const struct {
        uint16_t status;
        size_t body_bytes;
        const char *reason;
    } bad[] = {{200, 1, "\"keys_malformed\""}, {200, 1 << 20, "\"too_large\""}, {0, 0, "\"status\""}, {302, 0, "\"redirect\""}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; ++i) {
        world.now += 61;
        world.status = bad[i].status;
        world.body_bytes = bad[i].body_bytes;
        CHECK(verdict(validator, minted) == AT9068_CODE_OK && strstr(world.last_event, bad[i].reason) != NULL);
    }

    CHECK(world.dropped == 0);
    at9068_validator_free(validator);
    CHECK(world.dropped == 4);
    at9068_minted_token_free(minted);
}

static void unknown_issuers_are_asked_about(const at9068_signing_key *key, const at9068_string *keys)
{
    struct world world = {.now = START, .keys = keys, .status = 200, .trusted = true};
    at9068_ports ports = ports_of(&world);
    at9068_validator *validator = new_fetching(JWKS_URI, &ports);
    at9068_minted_token *known = token_of(TENANT, key, &START);
    at9068_minted_token *foreign = token_of("https://evil.example", key, &START);
    at9068_minted_token *busy = token_of("https://busy.example", key, &START);
    at9068_minted_token *odd = token_of("https://odd.example", key, &START);
    CHECK(verdict(validator, foreign) == AT9068_CODE_ISSUER_UNKNOWN && world.resolved == 1 && world.fetched == 0);
    CHECK(verdict(validator, busy) == AT9068_CODE_KEYS_UNAVAILABLE && world.resolved == 2 && world.fetched == 0);
    CHECK(verdict(validator, odd) == AT9068_CODE_KEYS_UNAVAILABLE && world.resolved == 3 && world.fetched == 0);
    at9068_minted_token_free(foreign);
    at9068_minted_token_free(busy);
    at9068_minted_token_free(odd);

    /* a host that is learned with the issuer may lead anywhere, unless the operator named it */
    world.trusted = false;
    CHECK(verdict(validator, known) == AT9068_CODE_OK && world.resolved == 4 && world.fetched == 1);
    CHECK(verdict(validator, known) == AT9068_CODE_OK && world.resolved == 4 && world.fetched == 1);
    at9068_validator_free(validator);
    CHECK(world.dropped == 4);
    world.trusted = true;
    validator = new_fetching(",\"issuer_cache\":{\"trusted_hosts\":[\"as.example\"]}", &ports);
    CHECK(verdict(validator, known) == AT9068_CODE_OK && world.resolved == 5 && world.fetched == 2);
    at9068_minted_token_free(known);
    at9068_validator_free(validator);
    CHECK(world.dropped == 8);
}

static void ports_are_dropped_with_the_last_that_needs_them(const at9068_signing_key *key, const at9068_string *keys)
{
    struct world world = {.now = START, .keys = keys, .status = 200, .trusted = true};
    struct world other = {.now = START + 1000};
    at9068_ports ports = ports_of(&world);
    const at9068_ports clock = {.size = sizeof clock, .clock = {&other, now, end}};
    at9068_issuer_cache *cache = NULL;
    at9068_validator *validator = NULL;
    at9068_access_token *token = NULL;
    char config[256];
    snprintf(config, sizeof config, "{\"issuer\":\"%s\",\"audience\":\"https://api.example/\"%s}", ISSUER, JWKS_URI);
    CHECK(at9068_issuer_cache_new(TEXT("[]"), &ports, &cache, NULL) == AT9068_CODE_CONFIG_INVALID);
    CHECK(world.dropped == 0);
    CHECK(at9068_issuer_cache_new(TEXT("{}"), &ports, &cache, NULL) == AT9068_CODE_OK);
    CHECK(at9068_validator_new_with_cache(TEXT(config), NULL, &clock, cache, &validator, NULL) == AT9068_CODE_OK);
    at9068_issuer_cache_free(cache);
    CHECK(world.dropped == 0 && other.dropped == 0);

    at9068_minted_token *minted = token_of(ISSUER, key, &other.now);
    const at9068_str sent = at9068_minted_token_token(minted);
    CHECK(at9068_validator_validate(validator, sent.ptr, sent.len, NULL, &token, NULL) == AT9068_CODE_OK);
    CHECK(at9068_access_token_iat(token) == 1700001000 && world.fetched == 1);
    at9068_minted_token_free(minted);
    at9068_validator_free(validator);
    CHECK(other.dropped == 0);
    at9068_access_token_free(token);
    CHECK(other.dropped == 1 && world.dropped == 4);
}

/* A table of callers that were compiled before there was more than a clock: no octet behind it is theirs. */
static void an_older_table_still_counts(const at9068_signing_key *key)
{
    struct older {
        size_t size;
        at9068_clock clock;
    };
    struct world world = {.now = START};
    struct older *older = malloc(sizeof *older);
    *older = (struct older){sizeof *older, {&world, now, end}};
    at9068_minter *minter = new_minter(key, (const at9068_ports *)(const void *)older);
    free(older);
    at9068_minted_token *minted = NULL;
    CHECK(at9068_minter_mint(minter, TEXT(GRANT), NULL, &minted, NULL) == AT9068_CODE_OK);
    CHECK(contains(at9068_minted_token_claims_json(minted), "\"iat\":1700000000"));
    at9068_minted_token_free(minted);
    at9068_minter_free(minter);
    CHECK(world.dropped == 1);
}

static void nothing_is_answered_with_nothing(void)
{
    CHECK(at9068_fetch_request_url(NULL).ptr == NULL && at9068_fetch_request_header_count(NULL) == 0);
    CHECK(at9068_fetch_request_header_name_at(NULL, 0).ptr == NULL);
    CHECK(at9068_fetch_request_header_value_at(NULL, 0).ptr == NULL);
    CHECK(at9068_fetch_request_timeout_seconds(NULL) <= 0 && at9068_fetch_request_connect_timeout_seconds(NULL) <= 0);
    CHECK(at9068_fetch_request_max_body_bytes(NULL) == 0 && !at9068_fetch_request_trusted_host(NULL));
    CHECK(!at9068_fetch_response_set_status(NULL, 200) && !at9068_fetch_response_append_body(NULL, NULL, 0));
    CHECK(!at9068_fetch_response_add_header(NULL, TEXT("a"), TEXT("b")));
    CHECK(!at9068_resolution_set_json(NULL, TEXT("{}")));
}

int main(void)
{
    at9068_signing_key *key = new_key("ES256");
    at9068_string *keys = published(key);
    the_host_fetches_for_the_library(key, keys);
    unknown_issuers_are_asked_about(key, keys);
    ports_are_dropped_with_the_last_that_needs_them(key, keys);
    an_older_table_still_counts(key);
    nothing_is_answered_with_nothing();
    at9068_string_free(keys);
    at9068_signing_key_free(key);
    return 0;
}
