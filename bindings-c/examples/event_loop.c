/* Validates in a program with one thread and an event loop. The library neither waits nor connects: the loop
 * fetches the issuer's keys itself, while other work goes on. Here it also plays the issuer, on the loopback,
 * so that the example needs nobody else. */
#define _GNU_SOURCE

#include <arpa/inet.h>
#include <at9068.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { CALLS = 3, ROOM = 1 << 16 };

/* What the loop watches: one connection, or the issuer's listener. */
struct source {
    int fd;
    void (*ready)(struct source *self);
    char text[ROOM];
    size_t len;
    /* of a fetch */
    at9068_refresh *refresh;
    double deadline;
};

/* A request of a client: a token, and what came of it. */
struct call {
    bool waits;
    bool over;
    unsigned waited;
    at9068_code code;
};

static int loop;
static struct sockaddr_in place;
static char issuer[64];
static at9068_string *keys;
static at9068_minted_token *minted;
static at9068_validator *validator;
static struct call calls[CALLS];
/* There is one at most: a loop with several issuers has a list. */
static struct source *fetching;
static int fetched;

static void must(bool holds, const char *what)
{
    if (!holds) {
        fprintf(stderr, "%s: %s\n", what, strerror(errno));
        exit(1);
    }
}

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static struct source *watch(int fd, uint32_t events, void (*ready)(struct source *self))
{
    struct source *source = calloc(1, sizeof *source);
    must(fd >= 0 && source != NULL, "a connection");
    source->fd = fd;
    source->ready = ready;
    struct epoll_event event = {.events = events, .data = {.ptr = source}};
    must(epoll_ctl(loop, EPOLL_CTL_ADD, fd, &event) == 0, "epoll_ctl");
    return source;
}

static void forget(struct source *source)
{
    close(source->fd);
    free(source);
}

/* Reads what has come. Returns whether more may come. */
static bool more(struct source *source)
{
    const ssize_t got = read(source->fd, source->text + source->len, ROOM - 1 - source->len);
    if (got <= 0) {
        return got < 0 && errno == EAGAIN;
    }
    source->len += (size_t)got;
    source->text[source->len] = '\0';
    return source->len < ROOM - 1;
}

/* The issuer: metadata that says where the keys are, and the keys. */

static void serve(struct source *client)
{
    const bool open = more(client);
    if (open && strstr(client->text, "\r\n\r\n") == NULL) {
        return;
    }
    char body[ROOM / 2];
    if (strncmp(client->text, "GET /keys ", 10) == 0) {
        const at9068_str set = at9068_string_view(keys);
        snprintf(body, sizeof body, "%.*s", (int)set.len, set.ptr);
    } else {
        snprintf(body, sizeof body, "{\"issuer\":\"%s\",\"jwks_uri\":\"%s/keys\"}", issuer, issuer);
    }
    dprintf(client->fd, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n%s", body);
    forget(client);
}

static void welcome(struct source *listener)
{
    watch(accept4(listener->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC), EPOLLIN, serve);
}

/* Fetching: one request of a refresh after the other. A program of more than loopback has a client with TLS for
 * this; what that must keep to is said of at9068_fetch_request. */

static void fetch_next(at9068_refresh *refresh);

/* Writes down what came back: status, header fields, body. */
static bool take_apart(struct source *source, at9068_fetch_response *response)
{
    char *head_end = strstr(source->text, "\r\n\r\n");
    unsigned status = 0;
    if (head_end == NULL || sscanf(source->text, "HTTP/1.%*u %3u", &status) != 1) {
        return false;
    }
    at9068_fetch_response_set_status(response, (uint16_t)status);
    head_end[2] = '\0';
    for (char *line = strstr(source->text, "\r\n") + 2; *line != '\0';) {
        char *end = strstr(line, "\r\n");
        const char *colon = memchr(line, ':', (size_t)(end - line));
        if (colon != NULL) {
            const char *value = colon + 1 + strspn(colon + 1, " \t");
            at9068_fetch_response_add_header(response, line, (size_t)(colon - line), value, (size_t)(end - value));
        }
        line = end + 2;
    }
    const char *body = head_end + 4;
    const size_t len = source->len - (size_t)(body - source->text);
    at9068_fetch_response_append_body(response, (const uint8_t *)body, len);
    return true;
}

static void finish(struct source *source, at9068_fetch_outcome outcome)
{
    at9068_refresh *refresh = source->refresh;
    if (outcome == AT9068_FETCH_OK && !take_apart(source, at9068_refresh_response(refresh))) {
        outcome = AT9068_FETCH_BROKEN;
    }
    fetching = NULL;
    forget(source);
    if (outcome == AT9068_FETCH_OK) {
        ++fetched;
        at9068_refresh_answer(refresh, NULL);
    } else {
        at9068_refresh_fail(refresh, outcome, NULL);
    }
    fetch_next(refresh);
}

static void receive(struct source *source)
{
    if (!more(source)) {
        finish(source, source->len < ROOM - 1 ? AT9068_FETCH_OK : AT9068_FETCH_TOO_LARGE);
    }
}

static void ask(struct source *source)
{
    int fault = 0;
    socklen_t len = sizeof fault;
    if (getsockopt(source->fd, SOL_SOCKET, SO_ERROR, &fault, &len) != 0 || fault != 0) {
        finish(source, AT9068_FETCH_CONNECT);
        return;
    }
    const at9068_fetch_request *request = at9068_refresh_request(source->refresh);
    const at9068_str url = at9068_fetch_request_url(request);
    const size_t origin = strlen(issuer);
    const at9068_str method = at9068_fetch_request_method(request);
    const at9068_bytes body = at9068_fetch_request_body(request);
    dprintf(source->fd, "%.*s %.*s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n", (int)method.len, method.ptr,
            (int)(url.len - origin), url.ptr + origin, issuer + strlen("http://"));
    for (size_t i = 0; i < at9068_fetch_request_header_count(request); ++i) {
        const at9068_str name = at9068_fetch_request_header_name_at(request, i);
        const at9068_str value = at9068_fetch_request_header_value_at(request, i);
        dprintf(source->fd, "%.*s: %.*s\r\n", (int)name.len, name.ptr, (int)value.len, value.ptr);
    }
    if (body.ptr != NULL) {
        dprintf(source->fd, "Content-Length: %zu\r\n\r\n", body.len);
        must(write(source->fd, body.ptr, body.len) == (ssize_t)body.len, "a body");
    } else {
        dprintf(source->fd, "\r\n");
    }
    struct epoll_event event = {.events = EPOLLIN, .data = {.ptr = source}};
    source->ready = receive;
    must(epoll_ctl(loop, EPOLL_CTL_MOD, source->fd, &event) == 0, "epoll_ctl");
}

static void fetch_next(at9068_refresh *refresh)
{
    const at9068_fetch_request *request = at9068_refresh_request(refresh);
    if (request == NULL) {
        at9068_refresh_free(refresh); /* over: who waited for it goes on */
        return;
    }
    const at9068_str url = at9068_fetch_request_url(request);
    if (url.len <= strlen(issuer) || strncmp(url.ptr, issuer, strlen(issuer)) != 0) {
        at9068_refresh_fail(refresh, AT9068_FETCH_FORBIDDEN, NULL);
        fetch_next(refresh);
        return;
    }
    const double deadline = seconds() + at9068_fetch_request_timeout_seconds(request);
    fetching = watch(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), EPOLLOUT, ask);
    fetching->refresh = refresh;
    fetching->deadline = deadline;
    /* What comes of it is asked once the connection can be written to. */
    (void)!connect(fetching->fd, (const struct sockaddr *)&place, sizeof place);
}

/* The calls: each goes as far as it can, and waits for keys without holding anything up. */

static void wake(void *context)
{
    ((struct call *)context)->waits = false;
}

static void go_on(struct call *call)
{
    const at9068_str sent = at9068_minted_token_token(minted);
    at9068_refresh *refresh = NULL;
    at9068_flight *flight = NULL;
    at9068_access_token *token = NULL;
    if (call->waited == AT9068_ROUNDS) {
        call->code = at9068_validator_validate_at_hand(validator, sent.ptr, sent.len, NULL, &token, NULL);
    } else {
        call->code = at9068_validator_step(validator, sent.ptr, sent.len, NULL, &refresh, &flight, &token, NULL);
    }
    if (refresh != NULL) {
        must(at9068_refresh_flight(refresh, &flight, NULL) == AT9068_CODE_OK, "at9068_refresh_flight");
    }
    call->over = flight == NULL;
    if (!call->over) {
        call->waits = true;
        ++call->waited;
        at9068_flight_on_over(flight, wake, call, NULL);
    }
    if (refresh != NULL) {
        fetch_next(refresh);
    }
    if (call->over) {
        const at9068_str text = token != NULL ? at9068_access_token_sub(token) : at9068_code_slug(call->code);
        printf("call %d: %.*s\n", (int)(call - calls) + 1, (int)text.len, text.ptr);
    }
    at9068_flight_free(flight);
    at9068_access_token_free(token);
}

/* Everything that can go on without waiting. Returns how many calls are not over. */
static int turn(void)
{
    int open = 0;
    for (size_t i = 0; i < CALLS; ++i) {
        if (!calls[i].over && !calls[i].waits) {
            go_on(&calls[i]);
        }
        open += calls[i].over ? 0 : 1;
    }
    at9068_refresh *due = NULL;
    if (fetching == NULL && at9068_validator_due_refresh(validator, &due, NULL) == AT9068_CODE_OK && due != NULL) {
        fetch_next(due);
    }
    return open;
}

static void run(void)
{
    while (turn() > 0) {
        struct epoll_event event;
        const int timeout = fetching == NULL ? 1000 : (int)((fetching->deadline - seconds()) * 1000) + 1;
        if (epoll_wait(loop, &event, 1, timeout < 0 ? 0 : timeout) == 1) {
            struct source *source = event.data.ptr;
            source->ready(source);
        } else if (fetching != NULL && seconds() >= fetching->deadline) {
            finish(fetching, AT9068_FETCH_TIMEOUT);
        }
    }
}

/* An issuer on the loopback, a token of it, and a validator that is told of its name alone. */

static struct source *set_up(void)
{
    const int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    socklen_t len = sizeof place;
    place = (struct sockaddr_in){.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    must(bind(listener, (const struct sockaddr *)&place, len) == 0 && listen(listener, 8) == 0, "listen");
    must(getsockname(listener, (struct sockaddr *)&place, &len) == 0, "getsockname");
    snprintf(issuer, sizeof issuer, "http://127.0.0.1:%u", (unsigned)ntohs(place.sin_port));

    char config[512];
    const char *grant = "{\"grant_type\":\"authorization_code\",\"client_id\":\"app\",\"subject\":\"auth0|123456\","
                        "\"scope\":\"read\"}";
    at9068_signing_key *key = NULL;
    at9068_key_set *set = NULL;
    at9068_minter *minter = NULL;
    must(at9068_signing_key_generate("ES256", 5, 0, &key, NULL) == AT9068_CODE_OK, "a key");
    must(at9068_signing_key_key_set(key, &set, NULL) == AT9068_CODE_OK, "its public half");
    must(at9068_key_set_to_json(set, &keys, NULL) == AT9068_CODE_OK, "what is published");
    const at9068_signing_key *signing[] = {key};
    const at9068_handles handles = {.size = sizeof handles, .signing_keys = signing, .signing_keys_len = 1};
    snprintf(config, sizeof config,
             "{\"issuer\":\"%s\",\"keys\":{\"$signing_key\":0},\"apis\":[{\"audience\":\"https://api.example/\","
             "\"dialect\":\"rfc9068_profile\",\"scopes\":[\"read\"]}]}",
             issuer);
    must(at9068_minter_new(config, strlen(config), &handles, NULL, &minter, NULL) == AT9068_CODE_OK, "a minter");
    must(at9068_minter_mint(minter, grant, strlen(grant), NULL, &minted, NULL) == AT9068_CODE_OK, "a token");
    at9068_minter_free(minter);
    at9068_key_set_free(set);
    at9068_signing_key_free(key);

    const at9068_ports ports = {.size = sizeof ports, .host_fetches = 1};
    snprintf(config, sizeof config,
             "{\"issuer\":\"%s\",\"audience\":\"https://api.example/\",\"issuer_cache\":{\"danger_http_loopback\":true}}",
             issuer);
    must(at9068_validator_new(config, strlen(config), NULL, &ports, &validator, NULL) == AT9068_CODE_OK, "a validator");
    return watch(listener, EPOLLIN, welcome);
}

int main(void)
{
    loop = epoll_create1(EPOLL_CLOEXEC);
    struct source *listener = set_up();
    run();
    printf("%d documents were fetched\n", fetched);

    bool good = fetched == 3; /* of both kinds of metadata, and the keys, once for all calls */
    for (size_t i = 0; i < CALLS; ++i) {
        good = good && calls[i].code == AT9068_CODE_OK;
    }
    forget(listener);
    close(loop);
    at9068_validator_free(validator);
    at9068_minted_token_free(minted);
    at9068_string_free(keys);
    return good ? 0 : 1;
}
