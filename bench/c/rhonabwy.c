/* rhonabwy, over GnuTLS. */

#include <jansson.h>
#include <rhonabwy.h>
#include <stdlib.h>

#include "subjects.h"

typedef struct {
    jwk_t *key;
    jwa_alg algorithm;
    text kid;
    json_t *claims;
} rhonabwy;

static void *rhonabwy_open(const samples *of, text jwk)
{
    static bool begun = false;
    if (!begun) {
        begun = r_global_init() == RHN_OK;
    }
    rhonabwy *with = need(calloc(1, sizeof *with), "memory");
    with->algorithm = r_str_to_jwa_alg(of->name);
    with->kid = of->kid;
    with->claims = need(json_loadb(of->claims.ptr, of->claims.len, 0, NULL), "claims");
    if (r_jwk_init(&with->key) != RHN_OK || r_jwk_import_from_json_str(with->key, jwk.ptr) != RHN_OK) {
        need(NULL, "a key of rhonabwy");
    }
    return with;
}

static void *rhonabwy_open_public(const samples *of)
{
    return rhonabwy_open(of, of->jwk);
}

static void *rhonabwy_open_private(const samples *of)
{
    return rhonabwy_open(of, of->private_jwk);
}

static bool rhonabwy_validate(void *opaque, const text *token, bool compare)
{
    const rhonabwy *with = opaque;
    jwt_t *jwt = NULL;
    if (r_jwt_init(&jwt) != RHN_OK) {
        return false;
    }
    bool good = r_jwt_parse(jwt, token->ptr, R_PARSE_NONE) == RHN_OK && r_jwt_get_sign_alg(jwt) == with->algorithm &&
                r_jwt_verify_signature(jwt, with->key, R_PARSE_NONE) == RHN_OK &&
                r_jwt_validate_claims(jwt, R_JWT_CLAIM_TYP, "at+jwt", R_JWT_CLAIM_ISS, expected.issuer.ptr,
                                      R_JWT_CLAIM_AUD, expected.audience.ptr, R_JWT_CLAIM_EXP, R_JWT_CLAIM_NOW,
                                      R_JWT_CLAIM_SUB, NULL, R_JWT_CLAIM_STR, "client_id", NULL, R_JWT_CLAIM_NOP) == RHN_OK;
    if (good) {
        const char *sub = r_jwt_get_claim_str_value(jwt, "sub");
        const char *client_id = r_jwt_get_claim_str_value(jwt, "client_id");
        const char *scope = r_jwt_get_claim_str_value(jwt, "scope");
        keep(sub);
        keep(client_id);
        keep(scope);
        if (compare) {
            good = sub != NULL && strcmp(sub, expected.sub.ptr) == 0 && client_id != NULL &&
                   strcmp(client_id, expected.client_id.ptr) == 0 && scope != NULL &&
                   strcmp(scope, expected.scope.ptr) == 0 &&
                   (double)r_jwt_get_claim_int_value(jwt, "exp") == expected.exp;
        }
    }
    r_jwt_free(jwt);
    return good;
}

static bool rhonabwy_mint(void *opaque, size_t number)
{
    (void)number;
    const rhonabwy *with = opaque;
    jwt_t *jwt = NULL;
    if (r_jwt_init(&jwt) != RHN_OK) {
        return false;
    }
    char *made = NULL;
    if (r_jwt_set_header_str_value(jwt, "typ", "at+jwt") == RHN_OK &&
        r_jwt_set_header_str_value(jwt, "kid", with->kid.ptr) == RHN_OK &&
        r_jwt_set_sign_alg(jwt, with->algorithm) == RHN_OK &&
        r_jwt_set_full_claims_json_t(jwt, with->claims) == RHN_OK) {
        made = r_jwt_serialize_signed(jwt, with->key, 0);
    }
    const bool good = made != NULL;
    r_free(made);
    r_jwt_free(jwt);
    return good;
}

const subject rhonabwy_subjects[] = {
    {"validate/lazy", "rhonabwy", rhonabwy_open_public, rhonabwy_validate, NULL, NULL},
    {"mint/one", "rhonabwy", rhonabwy_open_private, NULL, rhonabwy_mint, NULL},
    {NULL, NULL, NULL, NULL, NULL, NULL},
};
