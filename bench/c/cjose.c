/* cjose, which gives the claims as JSON: they are read and checked with jansson. */

#include <cjose/cjose.h>
#include <jansson.h>
#include <stdlib.h>
#include <time.h>

#include "subjects.h"

static bool claim_is(const json_t *claims, const char *name, text value)
{
    const json_t *claim = json_object_get(claims, name);
    return json_is_string(claim) && same(json_string_value(claim), json_string_length(claim), value);
}

static bool claims_good(const char *ptr, size_t len, bool compare)
{
    json_t *claims = json_loadb(ptr, len, JSON_REJECT_DUPLICATES, NULL);
    if (claims == NULL) {
        return false;
    }
    const json_t *exp = json_object_get(claims, "exp");
    bool good = json_is_integer(exp) && json_integer_value(exp) > time(NULL) &&
                claim_is(claims, "iss", expected.issuer) && claim_is(claims, "aud", expected.audience) &&
                json_is_string(json_object_get(claims, "sub")) &&
                json_is_string(json_object_get(claims, "client_id")) &&
                json_is_string(json_object_get(claims, "scope"));
    if (good && compare) {
        good = claim_is(claims, "sub", expected.sub) && claim_is(claims, "client_id", expected.client_id) &&
               claim_is(claims, "scope", expected.scope) && (double)json_integer_value(exp) == expected.exp;
    }
    json_decref(claims);
    return good;
}

typedef struct {
    const samples *of;
    cjose_jwk_t *key;
    cjose_header_t *header;
    json_t *claims;
} cjose;

static void *cjose_open(const samples *of, text jwk)
{
    if (strcmp(of->name, "EdDSA") == 0) {
        return NULL;
    }
    cjose_err error;
    cjose *with = need(calloc(1, sizeof *with), "memory");
    with->of = of;
    with->key = need(cjose_jwk_import(jwk.ptr, jwk.len, &error), "a key of cjose");
    with->claims = need(json_loadb(of->claims.ptr, of->claims.len, 0, NULL), "claims");
    with->header = need(cjose_header_new(&error), "memory");
    cjose_header_set(with->header, CJOSE_HDR_ALG, of->name, &error);
    cjose_header_set(with->header, CJOSE_HDR_KID, of->kid.ptr, &error);
    cjose_header_set(with->header, "typ", "at+jwt", &error);
    return with;
}

static void *cjose_open_public(const samples *of)
{
    return cjose_open(of, of->jwk);
}

static void *cjose_open_private(const samples *of)
{
    return cjose_open(of, of->private_jwk);
}

static bool cjose_validate(void *opaque, const text *token, bool compare)
{
    const cjose *with = opaque;
    cjose_err error;
    cjose_jws_t *jws = cjose_jws_import(token->ptr, token->len, &error);
    if (jws == NULL) {
        return false;
    }
    cjose_header_t *header = cjose_jws_get_protected(jws);
    const char *alg = cjose_header_get(header, CJOSE_HDR_ALG, &error);
    const char *typ = cjose_header_get(header, "typ", &error);
    uint8_t *plain = NULL;
    size_t plain_len = 0;
    const bool good = alg != NULL && strcmp(alg, with->of->name) == 0 && typ != NULL && strcmp(typ, "at+jwt") == 0 &&
                      cjose_jws_verify(jws, with->key, &error) &&
                      cjose_jws_get_plaintext(jws, &plain, &plain_len, &error) &&
                      claims_good((const char *)plain, plain_len, compare);
    cjose_jws_release(jws);
    return good;
}

static bool cjose_mint(void *opaque, size_t number)
{
    (void)number;
    const cjose *with = opaque;
    cjose_err error;
    char *claims = need(json_dumps(with->claims, JSON_COMPACT), "memory");
    cjose_jws_t *jws =
        cjose_jws_sign(with->key, with->header, (const uint8_t *)claims, strlen(claims), &error);
    const char *token = NULL;
    const bool made = jws != NULL && cjose_jws_export(jws, &token, &error);
    keep(token);
    cjose_jws_release(jws);
    free(claims);
    return made;
}

const subject cjose_subjects[] = {
    {"validate/lazy", "cjose", cjose_open_public, cjose_validate, NULL, NULL},
    {"mint/one", "cjose", cjose_open_private, NULL, cjose_mint, NULL},
    {NULL, NULL, NULL, NULL, NULL, NULL},
};
