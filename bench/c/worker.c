/*
 * The worker of C: measures what it is told on standard input, one JSON object a line, as bench/README.md
 * has it: `worker MATERIAL`. Libraries are there as far as build.sh found them.
 */
#include <openssl/bn.h>
#include <openssl/ecdsa.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "jsonline.h"
#include "subjects.h"

#define ALGORITHMS 5

static const char *const bad_kinds[KINDS] = {"expired", "audience", "issuer", "signature", "type"};

expectation expected;

static samples all[ALGORITHMS];
static size_t all_len;

void *need(void *ptr, const char *what)
{
    if (ptr == NULL) {
        fprintf(stderr, "worker: needs %s\n", what);
        exit(1);
    }
    return ptr;
}

/* Reading the material */

static text take(const char *ptr, size_t len)
{
    text taken = {need(malloc(len + 1), "memory"), len};
    memcpy(taken.ptr, ptr, len);
    taken.ptr[len] = '\0';
    return taken;
}

static text member_string(jsonline_slice object, const char *name)
{
    const jsonline_slice raw = jsonline_member(object, name);
    if (raw.ptr == NULL) {
        return (text){NULL, 0};
    }
    jsonline_text decoded = {NULL, 0, 0};
    jsonline_put_decoded(&decoded, raw);
    const text taken = take(decoded.ptr, decoded.len);
    jsonline_free(&decoded);
    return taken;
}

static text member_json(jsonline_slice object, const char *name)
{
    const jsonline_slice raw = jsonline_member(object, name);
    need((void *)(size_t)raw.ptr, name);
    return take(raw.ptr, raw.len);
}

static octets unbase64url(const char *ptr, size_t len)
{
    octets decoded = {need(malloc(len), "memory"), 0};
    unsigned int bits = 0;
    int have = 0;
    for (size_t i = 0; i < len; ++i) {
        static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        const char *at = need(strchr(alphabet, ptr[i]), "base64url");
        bits = bits << 6 | (unsigned int)(at - alphabet);
        have += 6;
        if (have >= 8) {
            have -= 8;
            decoded.ptr[decoded.len++] = (unsigned char)(bits >> have);
        }
    }
    return decoded;
}

/* The signature as EVP takes it: of ECDSA in DER. */
static octets signature_of(const char *algorithm, text token)
{
    const char *dot = need(strrchr(token.ptr, '.'), "a token");
    octets raw = unbase64url(dot + 1, strlen(dot + 1));
    if (strcmp(algorithm, "ES256") != 0) {
        return raw;
    }
    ECDSA_SIG *pair = need(ECDSA_SIG_new(), "memory");
    ECDSA_SIG_set0(pair, BN_bin2bn(raw.ptr, 32, NULL), BN_bin2bn(raw.ptr + 32, 32, NULL));
    octets der = {NULL, 0};
    der.len = (size_t)i2d_ECDSA_SIG(pair, &der.ptr);
    ECDSA_SIG_free(pair);
    free(raw.ptr);
    return der;
}

static void read_samples(jsonline_slice algorithms, const char *name)
{
    const jsonline_slice object = jsonline_member(algorithms, name);
    if (object.ptr == NULL) {
        return;
    }
    samples *of = &all[all_len++];
    snprintf(of->name, sizeof of->name, "%s", name);
    jsonline_slice rest = jsonline_member(object, "tokens");
    jsonline_slice element;
    for (size_t i = 0; i < TOKENS && jsonline_next(&rest, &element); ++i) {
        jsonline_text decoded = {NULL, 0, 0};
        jsonline_put_decoded(&decoded, element);
        of->tokens[i] = take(decoded.ptr, decoded.len);
        jsonline_free(&decoded);
        of->signed_len[i] = (size_t)(strrchr(of->tokens[i].ptr, '.') - of->tokens[i].ptr);
        of->signatures[i] = signature_of(name, of->tokens[i]);
    }
    const jsonline_slice bad = jsonline_member(object, "bad");
    for (size_t i = 0; i < KINDS; ++i) {
        of->bad[i] = member_string(bad, bad_kinds[i]);
    }
    of->forged = signature_of(name, of->bad[BAD_SIGNATURE]);
    of->jwk = member_json(object, "jwk");
    of->jwks = member_json(object, "jwks");
    of->private_jwk = member_json(object, "private_jwk");
    of->claims = member_json(object, "claims");
    of->kid = member_string(jsonline_member(object, "header"), "kid");
    of->minter = member_json(object, "minter");
    of->mint_request = member_json(object, "mint_request");
    of->pem = member_string(object, "pem");
    of->private_pem = member_string(object, "private_pem");
    const text secret = member_string(jsonline_member(object, "jwk"), "k");
    if (secret.ptr != NULL) {
        of->secret = unbase64url(secret.ptr, secret.len);
    }
}

static void read_material(const char *path)
{
    FILE *file = need(fopen(path, "rb"), path);
    jsonline_text whole = {NULL, 0, 0};
    char buffer[65536];
    for (size_t got; (got = fread(buffer, 1, sizeof buffer, file)) > 0;) {
        jsonline_put(&whole, buffer, got);
    }
    fclose(file);
    const jsonline_slice object = {whole.ptr, whole.len};
    expected.issuer = member_string(object, "issuer");
    expected.audience = member_string(object, "audience");
    const jsonline_slice claims = jsonline_member(object, "expected");
    expected.iss = member_string(claims, "iss");
    expected.sub = member_string(claims, "sub");
    expected.client_id = member_string(claims, "client_id");
    expected.scope = member_string(claims, "scope");
    jsonline_number(jsonline_member(claims, "exp"), &expected.exp);
    const jsonline_slice algorithms = jsonline_member(object, "algorithms");
    static const char *const names[] = {"RS256", "PS256", "ES256", "EdDSA", "HS256"};
    for (size_t i = 0; i < sizeof names / sizeof *names; ++i) {
        read_samples(algorithms, names[i]);
    }
    jsonline_free(&whole);
}

/* Those that were built in. */
static const subject *const libraries[] = {
    limit_subjects,
    ours_subjects,
#ifdef HAVE_CJOSE
    cjose_subjects,
#endif
#ifdef HAVE_RHONABWY
    rhonabwy_subjects,
#endif
#ifdef HAVE_LIBJWT
    libjwt_subjects,
#endif
};

#define MOST_SUBJECTS 32
static const subject *subjects[MOST_SUBJECTS];
static size_t subjects_len;

/* What each subject works with, of each algorithm; NULL where it does not know it. */
static void *opened[ALGORITHMS][MOST_SUBJECTS];

static void open_all(void)
{
    for (size_t l = 0; l < sizeof libraries / sizeof *libraries; ++l) {
        for (const subject *is = libraries[l]; is->form != NULL; ++is) {
            for (size_t a = 0; a < all_len; ++a) {
                opened[a][subjects_len] = is->open(&all[a]);
            }
            subjects[subjects_len++] = is;
        }
    }
}

static bool call(size_t algorithm, size_t at, size_t number)
{
    void *with = opened[algorithm][at];
    const subject *is = subjects[at];
    if (is->call != NULL) {
        return is->call(with, number);
    }
    return is->validate(with, &all[algorithm].tokens[number % TOKENS], false);
}

/* The first line: cases with their subjects, versions, what is missing. */
static void greet(jsonline_text *out)
{
    static const char *const forms[] = {"validate/raw", "validate/lazy", "validate/hit", "mint/raw", "mint/one"};
    jsonline_puts(out, "{\"cases\":{");
    for (size_t a = 0; a < all_len; ++a) {
        for (size_t f = 0; f < sizeof forms / sizeof *forms; ++f) {
            jsonline_puts(out, a + f == 0 ? "\"" : ",\"");
            jsonline_puts(out, all[a].name);
            jsonline_puts(out, "/");
            jsonline_puts(out, forms[f]);
            jsonline_puts(out, "\":[");
            const char *between = "\"";
            for (size_t s = 0; s < subjects_len; ++s) {
                if (strcmp(subjects[s]->form, forms[f]) == 0 && opened[a][s] != NULL) {
                    jsonline_puts(out, between);
                    jsonline_puts(out, subjects[s]->name);
                    between = "\",\"";
                }
            }
            jsonline_puts(out, "\"]");
        }
    }
    jsonline_puts(out, "},\"versions\":" VERSIONS ",\"absent\":" ABSENT ",\"unchecked\":{\"libjwt\":[\"typ\"]},"
                       "\"notes\":{\"libjwt\":\"refuses typ at+jwt: it is given tokens of typ JWT\","
                       "\"cjose\":\"claims are read and checked with jansson\"}}");
}

static void verdict(jsonline_text *out, size_t algorithm, size_t at)
{
    const samples *of = &all[algorithm];
    const subject *is = subjects[at];
    void *with = opened[algorithm][at];
    bool good = true;
    for (size_t i = 0; i < TOKENS; ++i) {
        good = good && (is->validate != NULL ? is->validate(with, &of->tokens[i], true) : is->call(with, i));
    }
    jsonline_puts(out, good ? "{\"good\":true,\"bad\":{" : "{\"good\":false,\"bad\":{");
    if (is->refuses_forged != NULL) {
        jsonline_puts(out, is->refuses_forged(with) ? "\"signature\":true" : "\"signature\":false");
    }
    for (size_t i = 0; is->validate != NULL && i < KINDS; ++i) {
        jsonline_puts(out, i == 0 ? "\"" : ",\"");
        jsonline_puts(out, bad_kinds[i]);
        jsonline_puts(out, is->validate(with, &of->bad[i], false) ? "\":false" : "\":true");
    }
    jsonline_puts(out, "}}");
}

static double clock_us(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static void measure(jsonline_text *out, size_t algorithm, size_t at, size_t calls, clockid_t clock)
{
    char answer[64];
    const double began = clock_us(clock);
    for (size_t number = 0; number < calls; ++number) {
        if (!call(algorithm, at, number)) {
            jsonline_puts(out, "{\"error\":\"a call that was to succeed failed\"}");
            return;
        }
    }
    snprintf(answer, sizeof answer, "{\"us\":%.6f}", (clock_us(clock) - began) / (double)calls);
    jsonline_puts(out, answer);
}

static bool string_is(jsonline_slice raw, const char *value)
{
    return raw.len == strlen(value) + 2 && memcmp(raw.ptr + 1, value, raw.len - 2) == 0;
}

static void answer(jsonline_text *out, jsonline_slice line)
{
    const jsonline_slice what = jsonline_member(line, "do");
    const jsonline_slice which = jsonline_member(line, "case");
    const jsonline_slice name = jsonline_member(line, "subject");
    double calls = 1;
    jsonline_number(jsonline_member(line, "calls"), &calls);
    for (size_t a = 0; what.ptr != NULL && which.ptr != NULL && name.ptr != NULL && a < all_len; ++a) {
        for (size_t s = 0; s < subjects_len; ++s) {
            char id[64];
            snprintf(id, sizeof id, "%s/%s", all[a].name, subjects[s]->form);
            if (!string_is(which, id) || !string_is(name, subjects[s]->name) || opened[a][s] == NULL) {
                continue;
            }
            if (string_is(what, "verdict")) {
                verdict(out, a, s);
            } else if (string_is(what, "time")) {
                measure(out, a, s, (size_t)calls, CLOCK_THREAD_CPUTIME_ID);
            } else {
                jsonline_puts(out, "{\"error\":\"cannot do that\"}");
            }
            return;
        }
    }
    jsonline_puts(out, "{\"error\":\"no such case or subject\"}");
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        need(NULL, "the path of the material, as its only argument");
    }
    read_material(argv[1]);
    open_all();
    jsonline_text out = {NULL, 0, 0};
    greet(&out);
    char *line = NULL;
    size_t room = 0;
    ssize_t got = 0;
    do {
        printf("%.*s\n", (int)out.len, out.ptr);
        fflush(stdout);
        jsonline_clear(&out);
        got = getline(&line, &room, stdin);
        if (got > 0) {
            answer(&out, (jsonline_slice){line, (size_t)got});
        }
    } while (got > 0);
    free(line);
    jsonline_free(&out);
    return 0;
}
