/* libjwt, which takes no token of type at+jwt: it is given one of type JWT in its place, and the worker says so. */

#include <jwt.h>
#include <stdlib.h>
#include <time.h>

#include "subjects.h"

typedef struct {
    const samples *of;
    jwt_alg_t algorithm;
    const unsigned char *key;
    int key_len;
} libjwt;

static void *libjwt_open(const samples *of, text pem)
{
    libjwt *with = need(calloc(1, sizeof *with), "memory");
    with->of = of;
    with->algorithm = jwt_str_alg(of->name);
    if (with->algorithm == JWT_ALG_INVAL || strcmp(of->name, "PS256") == 0) {
        free(with);
        return NULL;
    }
    with->key = of->secret.ptr != NULL ? of->secret.ptr : (const unsigned char *)pem.ptr;
    with->key_len = (int)(of->secret.ptr != NULL ? of->secret.len : pem.len);
    return with;
}

static void *libjwt_open_public(const samples *of)
{
    return libjwt_open(of, of->pem);
}

static void *libjwt_open_private(const samples *of)
{
    return libjwt_open(of, of->private_pem);
}

static bool libjwt_validate(void *opaque, const text *token, bool compare)
{
    const libjwt *with = opaque;
    const samples *of = with->of;
    /* In the place of each good token. */
    const text *known = token >= of->tokens && token < of->tokens + TOKENS ? &of->bad[BAD_TYPE] : token;
    jwt_t *jwt = NULL;
    if (jwt_decode(&jwt, known->ptr, with->key, with->key_len) != 0) {
        return false;
    }
    const char *iss = jwt_get_grant(jwt, "iss");
    const char *aud = jwt_get_grant(jwt, "aud");
    const char *sub = jwt_get_grant(jwt, "sub");
    const char *client_id = jwt_get_grant(jwt, "client_id");
    const char *scope = jwt_get_grant(jwt, "scope");
    const long exp = jwt_get_grant_int(jwt, "exp");
    bool good = jwt_get_alg(jwt) == with->algorithm && iss != NULL && strcmp(iss, expected.issuer.ptr) == 0 &&
                aud != NULL && strcmp(aud, expected.audience.ptr) == 0 && exp > time(NULL) && sub != NULL &&
                client_id != NULL && scope != NULL;
    keep(sub);
    keep(client_id);
    keep(scope);
    if (good && compare) {
        good = strcmp(sub, expected.sub.ptr) == 0 && strcmp(client_id, expected.client_id.ptr) == 0 &&
               strcmp(scope, expected.scope.ptr) == 0 && (double)exp == expected.exp;
    }
    jwt_free(jwt);
    return good;
}

static bool libjwt_mint(void *opaque, size_t number)
{
    (void)number;
    const libjwt *with = opaque;
    jwt_t *jwt = NULL;
    char *made = NULL;
    if (jwt_new(&jwt) == 0 && jwt_add_header(jwt, "kid", with->of->kid.ptr) == 0 &&
        jwt_add_grants_json(jwt, with->of->claims.ptr) == 0 &&
        jwt_set_alg(jwt, with->algorithm, with->key, with->key_len) == 0) {
        made = jwt_encode_str(jwt);
    }
    const bool good = made != NULL;
    free(made);
    jwt_free(jwt);
    return good;
}

const subject libjwt_subjects[] = {
    {"validate/lazy", "libjwt", libjwt_open_public, libjwt_validate, NULL, NULL},
    {"mint/one", "libjwt", libjwt_open_private, NULL, libjwt_mint, NULL},
    {NULL, NULL, NULL, NULL, NULL, NULL},
};
