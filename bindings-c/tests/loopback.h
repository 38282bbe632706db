/* An issuer on the loopback: publishes metadata and keys from a thread of its own, and counts who asks. */
#ifndef LOOPBACK_H
#define LOOPBACK_H

#include <dirent.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "check.h"

#define LOOPBACK_METADATA "{\"issuer\":\"%s\",\"jwks_uri\":\"%s/keys\"}"
#define LOOPBACK_VALIDATES \
    "{\"issuer\":\"%s\",\"audience\":\"https://api.example/\",\"issuer_cache\":{\"danger_http_loopback\":true}}"
#define LOOPBACK_MINTS                                                                                      \
    "{\"issuer\":\"%s\",\"keys\":{\"$signing_key\":0},\"apis\":[{\"audience\":\"https://api.example/\"," \
    "\"dialect\":\"rfc9068_profile\",\"scopes\":[\"read\",\"write\"]}],\"default_audience\":\"https://api.example/\"}"

enum { OAUTH, OPENID, KEYS, DOCUMENTS };

static const char *const LOOPBACK_PATHS[DOCUMENTS] = {
    "/.well-known/oauth-authorization-server",
    "/.well-known/openid-configuration",
    "/keys",
};

struct loopback {
    int listener;
    pthread_t thread;
    char issuer[64];
    char metadata[256];
    at9068_string *keys;
    atomic_int asked[DOCUMENTS];
    /* before each answer */
    atomic_int pause_ms;
};

static inline void pause_for(int milliseconds)
{
    const struct timespec span = {milliseconds / 1000, milliseconds % 1000 * 1000000L};
    nanosleep(&span, NULL);
}

/* How many threads this process has. */
static inline int threads(void)
{
    DIR *tasks = opendir("/proc/self/task");
    CHECK(tasks != NULL);
    int count = -2; /* `.` and `..` */
    while (readdir(tasks) != NULL) {
        ++count;
    }
    closedir(tasks);
    return count;
}

/* Waits until threads of the library have ended: they tell that they are done a little earlier. */
static inline void await_threads(int usual)
{
    for (int i = 0; i < 5000 && threads() > usual; ++i) {
        pause_for(2);
    }
    CHECK(threads() == usual);
}

/* The document that a request asks for; DOCUMENTS where there is none. */
static inline size_t loopback_asked(const char *request)
{
    for (size_t i = 0; i < DOCUMENTS; ++i) {
        const size_t len = strlen(LOOPBACK_PATHS[i]);
        if (strncmp(request, "GET ", 4) == 0 && strncmp(request + 4, LOOPBACK_PATHS[i], len) == 0 &&
            request[4 + len] == ' ') {
            return i;
        }
    }
    return DOCUMENTS;
}

static inline void loopback_answer(struct loopback *server, int connection)
{
    char request[4096];
    size_t len = 0;
    while (len + 1 < sizeof request) {
        const ssize_t got = read(connection, request + len, sizeof request - 1 - len);
        if (got <= 0) {
            return;
        }
        len += (size_t)got;
        request[len] = '\0';
        if (strstr(request, "\r\n\r\n") != NULL) {
            break;
        }
    }
    const size_t document = loopback_asked(request);
    if (document < DOCUMENTS) {
        atomic_fetch_add(&server->asked[document], 1);
    }
    pause_for(atomic_load(&server->pause_ms));
    const at9068_str keys = at9068_string_view(server->keys);
    const at9068_str metadata = {server->metadata, strlen(server->metadata)};
    const at9068_str body = document == KEYS ? keys : metadata;
    char head[256];
    const int head_len = snprintf(head, sizeof head,
                                  "HTTP/1.1 %s\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n"
                                  "Connection: close\r\n\r\n",
                                  document < DOCUMENTS ? "200 OK" : "404 Not Found", body.len);
    if (send(connection, head, (size_t)head_len, MSG_NOSIGNAL) == head_len) {
        (void)!send(connection, body.ptr, body.len, MSG_NOSIGNAL);
    }
}

static inline void *loopback_serve(void *argument)
{
    struct loopback *server = argument;
    for (int connection; (connection = accept(server->listener, NULL, NULL)) >= 0; close(connection)) {
        loopback_answer(server, connection);
    }
    return NULL;
}

/* The key set that a signing key publishes. */
static inline at9068_string *published(const at9068_signing_key *key)
{
    at9068_key_set *set = NULL;
    at9068_string *json = NULL;
    CHECK(at9068_signing_key_key_set(key, &set, NULL) == AT9068_CODE_OK);
    CHECK(at9068_key_set_to_json(set, &json, NULL) == AT9068_CODE_OK);
    at9068_key_set_free(set);
    return json;
}

static inline void loopback_start(struct loopback *server, const at9068_signing_key *key)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t len = sizeof address;
    *server = (struct loopback){.listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), .keys = published(key)};
    CHECK(bind(server->listener, (const struct sockaddr *)&address, sizeof address) == 0);
    CHECK(listen(server->listener, 64) == 0);
    CHECK(getsockname(server->listener, (struct sockaddr *)&address, &len) == 0);
    snprintf(server->issuer, sizeof server->issuer, "http://127.0.0.1:%u", (unsigned)ntohs(address.sin_port));
    snprintf(server->metadata, sizeof server->metadata, LOOPBACK_METADATA, server->issuer, server->issuer);
    CHECK(pthread_create(&server->thread, NULL, loopback_serve, server) == 0);
}

static inline void loopback_stop(struct loopback *server)
{
    CHECK(shutdown(server->listener, SHUT_RDWR) == 0 && pthread_join(server->thread, NULL) == 0);
    close(server->listener);
    at9068_string_free(server->keys);
}

/* How often each document was asked for since the last time that this was asked. */
static inline bool was_asked(struct loopback *server, int oauth, int openid, int keys)
{
    const int expected[DOCUMENTS] = {oauth, openid, keys};
    bool same = true;
    for (size_t i = 0; i < DOCUMENTS; ++i) {
        const int asked = atomic_exchange(&server->asked[i], 0);
        if (asked != expected[i]) {
            fprintf(stderr, "%s: asked %d times, not %d\n", LOOPBACK_PATHS[i], asked, expected[i]);
            same = false;
        }
    }
    return same;
}

static inline at9068_validator *validator_of(const char *issuer, const at9068_ports *ports)
{
    char config[256];
    at9068_validator *validator = NULL;
    snprintf(config, sizeof config, LOOPBACK_VALIDATES, issuer);
    CHECK(at9068_validator_new(TEXT(config), NULL, ports, &validator, NULL) == AT9068_CODE_OK);
    return validator;
}

/* A token of an issuer, of the clock's time or of one that is given. */
static inline at9068_minted_token *token_of(const char *issuer, const at9068_signing_key *key, const double *now)
{
    char config[512];
    at9068_minter *minter = NULL;
    at9068_minted_token *minted = NULL;
    const at9068_handles handles = {sizeof handles, NULL, 0, &key, 1};
    snprintf(config, sizeof config, LOOPBACK_MINTS, issuer);
    CHECK(at9068_minter_new(TEXT(config), &handles, NULL, &minter, NULL) == AT9068_CODE_OK);
    CHECK(at9068_minter_mint(minter, TEXT(GRANT), now, &minted, NULL) == AT9068_CODE_OK);
    at9068_minter_free(minter);
    return minted;
}

/* The verdict alone. */
static inline at9068_code verdict(const at9068_validator *validator, const at9068_minted_token *minted)
{
    const at9068_str sent = at9068_minted_token_token(minted);
    at9068_access_token *token = NULL;
    const at9068_code code = at9068_validator_validate(validator, sent.ptr, sent.len, NULL, &token, NULL);
    CHECK((code == AT9068_CODE_OK) == (token != NULL));
    at9068_access_token_free(token);
    return code;
}

/* The same with the keys at hand. */
static inline at9068_code verdict_at_hand(const at9068_validator *validator, const at9068_minted_token *minted)
{
    const at9068_str sent = at9068_minted_token_token(minted);
    at9068_access_token *token = NULL;
    const at9068_code code = at9068_validator_validate_at_hand(validator, sent.ptr, sent.len, NULL, &token, NULL);
    CHECK((code == AT9068_CODE_OK) == (token != NULL));
    at9068_access_token_free(token);
    return code;
}

static inline bool has_status(const at9068_validator *validator, const char *part)
{
    at9068_string *status = NULL;
    CHECK(at9068_validator_status_json(validator, &status, NULL) == AT9068_CODE_OK);
    const bool has = contains(at9068_string_view(status), part);
    at9068_string_free(status);
    return has;
}

/* Waits until a refresh in the background is over. */
static inline void settle(const at9068_validator *validator)
{
    for (int i = 0; i < 5000 && has_status(validator, "\"refreshing\":true"); ++i) {
        pause_for(2);
    }
    CHECK(has_status(validator, "\"refreshing\":false"));
}

#endif
