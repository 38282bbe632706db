/*
 * What the parts of the worker share: the material, and what a subject of a case is.
 */
#ifndef SUBJECTS_H
#define SUBJECTS_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#define TOKENS 64
#define KINDS 5
/* Where the bad token with an altered signature stands, and the one whose type is JWT. */
#define BAD_SIGNATURE 3
#define BAD_TYPE 4

/* A text with a NUL after it. */
typedef struct {
    char *ptr;
    size_t len;
} text;

/* Octets that a part of a token stands for. */
typedef struct {
    unsigned char *ptr;
    size_t len;
} octets;

/* Of one algorithm. */
typedef struct {
    char name[8];
    text tokens[TOKENS];
    /* What is signed of each token, and its signature as EVP takes it. */
    size_t signed_len[TOKENS];
    octets signatures[TOKENS];
    text bad[KINDS];
    octets forged;
    text jwk, jwks, pem, private_jwk, private_pem, claims, kid, minter, mint_request;
    octets secret;
} samples;

/* What is read of every good token, and by what it is judged. */
typedef struct {
    text issuer, audience, iss, sub, client_id, scope;
    double exp;
} expectation;

extern expectation expected;

/* A subject of a case. */
typedef struct {
    const char *form;
    const char *name;
    /* Makes what it works with; NULL where it does not know the algorithm. */
    void *(*open)(const samples *of);
    /* Judges a token; with `compare`, also whether what is read is what is expected. */
    bool (*validate)(void *with, const text *token, bool compare);
    /* One operation on the token of this number, for those that judge none. */
    bool (*call)(void *with, size_t number);
    /* What became of the token with an altered signature, for those that judge none. */
    bool (*refuses_forged)(void *with);
} subject;

/* Each ends with one whose form is NULL. */
extern const subject limit_subjects[];
extern const subject ours_subjects[];
extern const subject cjose_subjects[];
extern const subject rhonabwy_subjects[];
extern const subject libjwt_subjects[];

/* Ends the worker where `ptr` is NULL, and says what it needed; otherwise gives it back. */
void *need(void *ptr, const char *what);

static inline bool same(const char *ptr, size_t len, text with)
{
    return ptr != NULL && len == with.len && memcmp(ptr, with.ptr, len) == 0;
}

/* What was read counts as used. */
static inline void keep(const char *ptr)
{
    __asm__ volatile("" : : "r"(ptr) : "memory");
}

#endif
