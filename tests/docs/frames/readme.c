/* What the README of libat9068 shows in C, in the programs that it leaves out. */
#include <assert.h>
#include <at9068.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ISSUER "\"issuer\": \"https://as.example/\""
#define KEY "\"jwks\": {\"$signing_key\": 0}"

struct response {
    uint16_t status;
    at9068_str body;
};

static at9068_signing_key *own_key;
static unsigned calls;
static char last[256];

static at9068_handles with_key(void)
{
    static const at9068_signing_key *keys[1];
    keys[0] = own_key;
    return (at9068_handles){.size = sizeof(at9068_handles), .signing_keys = keys, .signing_keys_len = 1};
}

static at9068_minter *issuer(void)
{
    const char config[] = "{" ISSUER ", \"keys\": {\"$signing_key\": 0}, \"apis\": [{\"audience\": \"https://api.example/\","
                          " \"dialect\": \"rfc9068_profile\"}]}";
    const at9068_handles handles = with_key();
    at9068_minter *minter = NULL;
    assert(at9068_minter_new(config, strlen(config), &handles, NULL, &minter, NULL) == AT9068_CODE_OK);
    return minter;
}

static at9068_validator *api(const char *more)
{
    char config[256];
    snprintf(config, sizeof config, "{" ISSUER ", \"audience\": \"https://api.example/\"%s}", more);
    const at9068_handles handles = with_key();
    const at9068_ports ports = {.size = sizeof ports, .host_fetches = 1};
    at9068_validator *validator = NULL;
    assert(at9068_validator_new(config, strlen(config), &handles, &ports, &validator, NULL) == AT9068_CODE_OK);
    return validator;
}

static at9068_minted_token *minted(void)
{
    const char request[] = "{\"grant_type\": \"client_credentials\", \"client_id\": \"app\", \"jti\": \"id-1\","
                           " \"audience\": [\"https://api.example/\"]}";
    at9068_minter *minter = issuer();
    at9068_minted_token *token = NULL;
    const double at = 1700000000;
    assert(at9068_minter_mint(minter, request, strlen(request), strstr(last, "then") ? &at : NULL, &token, NULL) ==
           AT9068_CODE_OK);
    at9068_minter_free(minter);
    return token;
}

static void report(size_t place, at9068_str slug)
{
    calls += 1;
    snprintf(last, sizeof last, "%zu %.*s", place, (int)slug.len, slug.ptr);
}

static void batch_of(const at9068_validator *validator, const at9068_str *tokens, size_t count)
{
    at9068_error *error = NULL;
    /* <<< batch >>> */
    assert(error == NULL);
}

static void add_header(struct response *response, at9068_str name, at9068_str value)
{
    assert(response->status == 0);
    if (name.len == strlen("WWW-Authenticate") && memcmp(name.ptr, "WWW-Authenticate", name.len) == 0) {
        calls += 1;
        snprintf(last, sizeof last, "%.*s", (int)value.len, value.ptr);
    }
}

static void send_response(struct response *response)
{
    static const char start[] = "{\"title\":\"Unauthorized\",\"status\":401,";
    assert(response->body.len > sizeof start && memcmp(response->body.ptr, start, sizeof start - 1) == 0);
}

static void answer(const at9068_validator *validator, const char *token, size_t token_len, struct response *response)
{
    at9068_access_token *access = NULL;
    at9068_error *error = NULL;
    /* <<< errors >>> */
    at9068_access_token_free(access);
}

static void begin_fetch(at9068_refresh *refresh)
{
    assert(at9068_refresh_request(refresh) != NULL);
    calls += 1;
    snprintf(last, sizeof last, "fetch");
    at9068_refresh_free(refresh);
}

static void wake_up(void *context)
{
    calls += *(unsigned *)context;
}

static void serve(unsigned *request, at9068_access_token *access)
{
    calls += *request;
    snprintf(last, sizeof last, "served");
    at9068_access_token_free(access);
}

static void refuse(unsigned *request, at9068_error *error)
{
    const at9068_str slug = at9068_error_slug(error);
    calls += *request;
    snprintf(last, sizeof last, "%.*s", (int)slug.len, slug.ptr);
    at9068_error_free(error);
}

static void one_step(const at9068_validator *validator, const char *token, size_t token_len)
{
    unsigned one = 1;
    unsigned *request = &one;
    at9068_refresh *refresh = NULL;
    at9068_flight *flight = NULL;
    at9068_access_token *access = NULL;
    at9068_error *error = NULL;
    /* <<< step >>> */
    at9068_flight_free(flight);
    if (refresh != NULL) at9068_error_free(error);
}

/* The entry that the README makes is over today. */
static int that_day(void *context, double *out)
{
    (void)context;
    *out = 1700000001;
    return 0;
}

static at9068_validator *taken_back(const at9068_revocations *list, const char *accepts, const at9068_handles *given)
{
    at9068_validator *validator = NULL;
    at9068_error *error = NULL;
/* The README leaves keys out here. */
#define at9068_validator_new(config, length, handles, ports, out, error) \
    at9068_validator_new(config, length, (handles) == NULL ? given : NULL, ports, out, error)
    /* <<< revocations >>> */
#undef at9068_validator_new
    assert(error == NULL);
    return validator;
}

static void logged_in(const at9068_handles *given, const char *sent, size_t sent_len)
{
    at9068_id_token_validator *validator = NULL;
    at9068_id_token *token = NULL;
    at9068_error *error = NULL;
    const char keyed[] = "{" ISSUER ", \"client_id\": \"app\", " KEY "}";
/* The README fetches the keys; here they are given. */
#define at9068_id_token_validator_new(config, length, handles, ports, out, error) \
    at9068_id_token_validator_new((length) < strlen(keyed) && strstr(config, "app") ? keyed : config, strlen(keyed), \
                                  (handles) == NULL ? given : NULL, ports, out, error)
    /* <<< id-tokens >>> */
#undef at9068_id_token_validator_new
    const at9068_str sub = at9068_id_token_sub(token);
    assert(error == NULL && sub.len == 6 && memcmp(sub.ptr, "user-1", 6) == 0);
    at9068_id_token_free(token);
    at9068_id_token_validator_free(validator);
}

static void handle(const uint8_t *octets, size_t count)
{
    calls += 1;
    snprintf(last, sizeof last, "%.*s", (int)count, (const char *)octets);
}

static void other(const char *jws, size_t jws_len, const at9068_key_set *keys)
{
    at9068_error *error = NULL;
    /* <<< jws >>> */
    assert(error == NULL);
}

int main(void)
{
    assert(at9068_signing_key_generate("RS256", 5, 0, &own_key, NULL) == AT9068_CODE_OK);
    at9068_minted_token *good = minted();
    const at9068_str sent = at9068_minted_token_token(good);
    at9068_validator *keyed = api(", " KEY);

    const at9068_str tokens[] = {sent, {"no", 2}, sent};
    batch_of(keyed, tokens, 3);
    assert(calls == 1 && strcmp(last, "1 token_malformed") == 0);

    struct response response = {0};
    answer(keyed, "no", 2, &response);
    assert(calls == 2 && response.status == 401 && strstr(last, "Bearer error=\"invalid_token\"") == last);
    answer(keyed, sent.ptr, sent.len, &response);
    assert(calls == 2);

    at9068_validator *keyless = api("");
    one_step(keyed, sent.ptr, sent.len);
    assert(calls == 3 && strcmp(last, "served") == 0);
    one_step(keyed, "no", 2);
    assert(calls == 4 && strcmp(last, "token_malformed") == 0);
    one_step(keyless, sent.ptr, sent.len);
    assert(calls == 5 && strcmp(last, "fetch") == 0);

    at9068_revocations *list = NULL;
    const at9068_ports outside = {.size = sizeof outside, .clock = {NULL, that_day, NULL}};
    assert(at9068_revocations_new(&outside, &list, NULL) == AT9068_CODE_OK);
    const at9068_handles handles = with_key();
    at9068_validator *told = taken_back(list, "{" ISSUER ", \"audience\": \"https://api.example/\", " KEY "}", &handles);
    snprintf(last, sizeof last, "then");
    at9068_minted_token *old = minted();
    const at9068_str revoked = at9068_minted_token_token(old);
    const double then = 1700000001;
    const at9068_validate_options at = {.size = sizeof at, .has_now = 1, .now = then};
    at9068_access_token *access = NULL;
    assert(at9068_validator_validate(told, revoked.ptr, revoked.len, &at, &access, NULL) == AT9068_CODE_TOKEN_REVOKED);

    at9068_minter *minter = issuer();
    at9068_minted_token *login = NULL;
    const char request[] = "{\"client_id\": \"app\", \"subject\": \"user-1\", \"nonce\": \"n-0S6_WzA2Mj\"}";
    assert(at9068_minter_mint_id_token(minter, request, strlen(request), NULL, &login, NULL) == AT9068_CODE_OK);
    logged_in(&handles, at9068_minted_token_token(login).ptr, at9068_minted_token_token(login).len);

    at9068_key_set *keys = NULL;
    assert(at9068_signing_key_key_set(own_key, &keys, NULL) == AT9068_CODE_OK);
    other(sent.ptr, sent.len, keys);
    assert(calls == 6 && strstr(last, "\"jti\":\"id-1\"") != NULL);

    at9068_key_set_free(keys);
    at9068_minted_token_free(login);
    at9068_minter_free(minter);
    at9068_minted_token_free(old);
    at9068_validator_free(told);
    at9068_revocations_free(list);
    at9068_validator_free(keyless);
    at9068_validator_free(keyed);
    at9068_minted_token_free(good);
    at9068_signing_key_free(own_key);
    return 0;
}
