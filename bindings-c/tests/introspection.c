/* Issuers that are asked about their tokens: by the host's own way of fetching, and step by step. */
#define _POSIX_C_SOURCE 200809L

#include "loopback.h"

static const double START = 1700000000;
static const char ENDPOINT[] = "https://as.example/introspect";
static const char ASKS[] =
    "{\"issuer\":\"https://as.example/\",\"audience\":\"https://api.example/\",\"strategy\":\"introspection\","
    "\"introspection\":{\"endpoint\":\"https://as.example/introspect\",\"authentication\":\"client_secret_post\","
    "\"client_id\":\"api\",\"client_secret\":\"TEST ONLY\"}}";
static const char ASKS_NOW_AND_THEN[] =
    "{\"issuer\":\"https://as.example/\",\"audience\":\"https://api.example/\",\"jwks\":{\"$signing_key\":0},"
    "\"strategy\":\"local_then_introspection\",\"introspection\":{\"endpoint\":\"https://as.example/introspect\","
    "\"authentication\":\"bearer\",\"bearer_token\":\"TEST-ONLY\",\"every_seconds\":60}}";
static const char ACTIVE[] = "{\"active\":true,\"sub\":\"user-1\",\"client_id\":\"app\",\"aud\":\"https://api.example/\","
                             "\"scope\":\"read\",\"exp\":1700003600}";
static const char INACTIVE[] = "{\"active\":false}";

struct world {
    double now;
    const char *answer;
    at9068_fetch_outcome outcome;
    int asked;
    char body[512];
    char event[256];
};

static int now(void *context, double *out)
{
    *out = ((const struct world *)context)->now;
    return 0;
}

static void hear(void *context, at9068_str event)
{
    struct world *world = context;
    snprintf(world->event, sizeof world->event, "%.*s", (int)event.len, event.ptr);
}

/* What every question must be like. */
static void look_at(struct world *world, const at9068_fetch_request *request)
{
    ++world->asked;
    CHECK(is_text(at9068_fetch_request_method(request), "POST") && is_text(at9068_fetch_request_url(request), ENDPOINT));
    const at9068_bytes body = at9068_fetch_request_body(request);
    CHECK(body.ptr != NULL && body.len < sizeof world->body);
    memcpy(world->body, body.ptr, body.len);
    world->body[body.len] = '\0';
    bool form = false;
    for (size_t i = 0; i < at9068_fetch_request_header_count(request); ++i) {
        form = form || is_text(at9068_fetch_request_header_value_at(request, i), "application/x-www-form-urlencoded");
    }
    CHECK(form);
}

static void write_down(const char *answer, at9068_fetch_response *response)
{
    CHECK(at9068_fetch_response_set_status(response, 200));
    CHECK(at9068_fetch_response_add_header(response, TEXT("Content-Type"), TEXT("application/json")));
    CHECK(at9068_fetch_response_append_body(response, (const uint8_t *)answer, strlen(answer)));
}

static at9068_fetch_outcome fetch(void *context, const at9068_fetch_request *request, at9068_fetch_response *response)
{
    struct world *world = context;
    look_at(world, request);
    write_down(world->answer, response);
    return world->outcome;
}

static at9068_validator *new_asking(const char *config, const at9068_signing_key *key, const at9068_ports *ports)
{
    at9068_validator *validator = NULL;
    const at9068_handles handles = {sizeof handles, NULL, 0, &key, key != NULL};
    CHECK(at9068_validator_new(TEXT(config), &handles, ports, &validator, NULL) == AT9068_CODE_OK);
    return validator;
}

static at9068_code judge(const at9068_validator *validator, const char *sent, at9068_access_token **token)
{
    return at9068_validator_validate(validator, TEXT(sent), NULL, token, NULL);
}

static void the_issuer_is_asked(void)
{
    struct world world = {.now = START, .answer = ACTIVE};
    const at9068_ports ports = {.size = sizeof ports,
                                .clock = {&world, now, NULL},
                                .fetch = {&world, fetch, NULL},
                                .events = {&world, hear, NULL}};
    at9068_validator *validator = new_asking(ASKS, NULL, &ports);
    at9068_access_token *token = NULL;
    CHECK(judge(validator, "opaque-1", &token) == AT9068_CODE_OK && world.asked == 1);
    CHECK(strstr(world.body, "token=opaque-1") != NULL && strstr(world.body, "client_id=api") != NULL);
    CHECK(is_text(at9068_access_token_origin(token), "introspection") && at9068_access_token_profile(token).ptr == NULL);
    CHECK(is_text(at9068_access_token_header_json(token), "{}") && is_text(at9068_access_token_sub(token), "user-1"));
    CHECK(!contains(at9068_access_token_claims_json(token), "active"));
    CHECK(is_text(at9068_access_token_iss(token), "https://as.example/"));
    at9068_access_token_free(token);
    CHECK(judge(validator, "opaque-1", &token) == AT9068_CODE_OK && world.asked == 1); /* kept */
    at9068_access_token_free(token);

    world.answer = INACTIVE;
    CHECK(judge(validator, "opaque-2", &token) == AT9068_CODE_TOKEN_INACTIVE && world.asked == 2 && token == NULL);

    /* nobody's fault */
    at9068_error *error = NULL;
    world.outcome = AT9068_FETCH_TIMEOUT;
    CHECK(at9068_validator_validate(validator, TEXT("opaque-3"), NULL, &token, &error) ==
          AT9068_CODE_INTROSPECTION_UNAVAILABLE);
    uint64_t seconds = 0;
    CHECK(at9068_error_status(error) == 503 && at9068_error_challenge_count(error) == 0);
    CHECK(at9068_error_retry_after(error, &seconds) && seconds > 0);
    at9068_error_free(error);
    CHECK(strcmp(world.event, "{\"event\":\"introspection_failed\",\"issuer\":\"https://as.example/\","
                              "\"code\":\"introspection_unavailable\",\"reason\":\"timeout\"}") == 0);
    at9068_validator_free(validator);
}

static void a_loop_asks_step_by_step(void)
{
    struct world world = {.now = START};
    const int usual_threads = threads();
    const at9068_ports ports = {.size = sizeof ports, .clock = {&world, now, NULL}, .host_fetches = 1};
    at9068_validator *validator = new_asking(ASKS, NULL, &ports);
    at9068_access_token *token = NULL;
    at9068_refresh *refresh = NULL;
    at9068_refresh *none = NULL;
    at9068_flight *flight = NULL;
    CHECK(at9068_validator_validate_at_hand(validator, TEXT("opaque-1"), NULL, &token, NULL) ==
          AT9068_CODE_INTROSPECTION_UNAVAILABLE);
    CHECK(at9068_validator_step(validator, TEXT("opaque-1"), NULL, &refresh, &flight, &token, NULL) ==
          AT9068_CODE_KEYS_UNAVAILABLE);
    CHECK(refresh != NULL && flight == NULL && is_text(at9068_refresh_issuer(refresh), "https://as.example/"));
    CHECK(at9068_validator_step(validator, TEXT("opaque-1"), NULL, &none, &flight, &token, NULL) ==
          AT9068_CODE_KEYS_UNAVAILABLE);
    CHECK(none == NULL && flight != NULL && !at9068_flight_is_over(flight));
    look_at(&world, at9068_refresh_request(refresh));
    write_down(ACTIVE, at9068_refresh_response(refresh));
    CHECK(at9068_refresh_answer(refresh, NULL) == AT9068_CODE_OK && at9068_refresh_request(refresh) == NULL);
    CHECK(at9068_flight_is_over(flight));
    at9068_refresh_free(refresh);
    at9068_flight_free(flight);
    CHECK(at9068_validator_step(validator, TEXT("opaque-1"), NULL, &refresh, &flight, &token, NULL) == AT9068_CODE_OK);
    CHECK(refresh == NULL && flight == NULL && is_text(at9068_access_token_origin(token), "introspection"));
    at9068_access_token_free(token);

    /* whoever gives up leaves it to the next; who fails leaves a pause */
    CHECK(at9068_validator_step(validator, TEXT("opaque-2"), NULL, &refresh, &flight, &token, NULL) ==
          AT9068_CODE_KEYS_UNAVAILABLE);
    at9068_refresh_free(refresh);
    CHECK(at9068_validator_step(validator, TEXT("opaque-2"), NULL, &refresh, &flight, &token, NULL) ==
          AT9068_CODE_KEYS_UNAVAILABLE);
    CHECK(refresh != NULL && at9068_refresh_fail(refresh, AT9068_FETCH_TLS, NULL) == AT9068_CODE_OK);
    at9068_refresh_free(refresh);
    CHECK(at9068_validator_step(validator, TEXT("opaque-2"), NULL, &refresh, &flight, &token, NULL) ==
          AT9068_CODE_INTROSPECTION_UNAVAILABLE);
    CHECK(refresh == NULL && flight == NULL && threads() == usual_threads);
    at9068_validator_free(validator);
}

static void a_signed_token_is_asked_about_when_it_is_old(const at9068_signing_key *key)
{
    struct world world = {.now = START + 10, .answer = "{\"active\":true}"};
    const at9068_ports ports = {.size = sizeof ports, .clock = {&world, now, NULL}, .fetch = {&world, fetch, NULL}};
    at9068_validator *validator = new_asking(ASKS_NOW_AND_THEN, key, &ports);
    at9068_minter *minter = new_minter(key, NULL);
    at9068_minted_token *minted = NULL;
    at9068_access_token *token = NULL;
    CHECK(at9068_minter_mint(minter, TEXT(GRANT), &START, &minted, NULL) == AT9068_CODE_OK);
    const at9068_str sent = at9068_minted_token_token(minted);
    CHECK(at9068_validator_validate(validator, sent.ptr, sent.len, NULL, &token, NULL) == AT9068_CODE_OK);
    CHECK(world.asked == 0 && is_text(at9068_access_token_origin(token), "local"));
    at9068_access_token_free(token);
    world.now = START + 100;
    CHECK(at9068_validator_validate(validator, sent.ptr, sent.len, NULL, &token, NULL) == AT9068_CODE_OK);
    CHECK(world.asked == 1 && is_text(at9068_access_token_origin(token), "local_and_introspection"));
    CHECK(is_text(at9068_access_token_profile(token), "rfc9068"));
    at9068_access_token_free(token);
    world.now = START + 200;
    world.answer = INACTIVE;
    CHECK(at9068_validator_validate(validator, sent.ptr, sent.len, NULL, &token, NULL) == AT9068_CODE_TOKEN_INACTIVE);
    CHECK(world.asked == 2 && token == NULL);
    at9068_minted_token_free(minted);
    at9068_minter_free(minter);
    at9068_validator_free(validator);
}

int main(void)
{
    at9068_signing_key *key = new_key("ES256");
    the_issuer_is_asked();
    a_loop_asks_step_by_step();
    a_signed_token_is_asked_about_when_it_is_old(key);
    at9068_signing_key_free(key);
    return 0;
}
