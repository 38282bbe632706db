/* What the tests share: a check that says where it failed, and texts. */
#ifndef CHECK_H
#define CHECK_H

#include <at9068.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHECK(condition)                                                          \
    do {                                                                          \
        if (!(condition)) {                                                       \
            fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition); \
            exit(1);                                                              \
        }                                                                         \
    } while (0)

/* A text and its length, as two arguments. */
#define TEXT(literal) (literal), strlen(literal)

static inline bool is_text(at9068_str text, const char *expected)
{
    return text.ptr != NULL && text.len == strlen(expected) && memcmp(text.ptr, expected, text.len) == 0;
}

static inline bool is_string(const at9068_string *string, const char *expected)
{
    return is_text(at9068_string_view(string), expected);
}

static inline bool contains(at9068_str text, const char *part)
{
    const size_t len = strlen(part);
    for (size_t i = 0; i + len <= text.len; ++i) {
        if (memcmp(text.ptr + i, part, len) == 0) {
            return true;
        }
    }
    return false;
}

/* The call failed with this code, and so says the error, which is freed. */
static inline bool failed_with(at9068_code got, at9068_error **error, at9068_code expected, const char *part)
{
    const bool same = got == expected && *error != NULL && at9068_error_code(*error) == expected &&
                      at9068_error_slug(*error).ptr != NULL && contains(at9068_error_message(*error), part);
    if (!same) {
        const at9068_str message = at9068_error_message(*error);
        fprintf(stderr, "code %u: %.*s\n", (unsigned)got, (int)message.len, message.ptr == NULL ? "" : message.ptr);
    }
    at9068_error_free(*error);
    *error = NULL;
    return same;
}

/* A key, and what it signs and verifies. */
static const char MINTS[] =
    "{\"issuer\":\"https://as.example/\",\"keys\":{\"$signing_key\":0},\"apis\":[{\"audience\":\"https://api.example/\","
    "\"dialect\":\"rfc9068_profile\",\"scopes\":[\"read\",\"write\"]}],\"default_audience\":\"https://api.example/\"}";
static const char VALIDATES[] =
    "{\"issuer\":\"https://as.example/\",\"audience\":\"https://api.example/\",\"jwks\":{\"$signing_key\":0},"
    "\"realm\":\"api\"}";
static const char GRANT[] =
    "{\"grant_type\":\"authorization_code\",\"client_id\":\"client-7\",\"subject\":\"auth0|123456\",\"scope\":\"read\"}";

static inline at9068_signing_key *new_key(const char *algorithm)
{
    at9068_signing_key *key = NULL;
    CHECK(at9068_signing_key_generate(TEXT(algorithm), 0, &key, NULL) == AT9068_CODE_OK && key != NULL);
    return key;
}

static inline at9068_minter *new_minter(const at9068_signing_key *key, const at9068_ports *ports)
{
    at9068_minter *minter = NULL;
    const at9068_handles handles = {sizeof handles, NULL, 0, &key, 1};
    CHECK(at9068_minter_new(TEXT(MINTS), &handles, ports, &minter, NULL) == AT9068_CODE_OK && minter != NULL);
    return minter;
}

static inline at9068_validator *new_validator(const at9068_signing_key *key, const at9068_ports *ports)
{
    at9068_validator *validator = NULL;
    const at9068_handles handles = {sizeof handles, NULL, 0, &key, 1};
    CHECK(at9068_validator_new(TEXT(VALIDATES), &handles, ports, &validator, NULL) == AT9068_CODE_OK);
    CHECK(validator != NULL);
    return validator;
}

#endif
