/*
 * The worker of C: measures what it is told on standard input, one JSON object a line, as bench/README.md
 * has it: `worker MATERIAL`.
 *
 * Ours is called through at9068.h alone. What is raw is OpenSSL's EVP with a key that is parsed beforehand.
 * Other libraries are there as far as build.sh found them.
 */
#define _POSIX_C_SOURCE 200809L

#include <at9068.h>
#include <openssl/bn.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#ifdef HAVE_JANSSON
#include <jansson.h>
#endif
#ifdef HAVE_LIBJWT
/* rhonabwy has a type of this name too. */
#define jwt_t libjwt_t
#include <jwt.h>
#undef jwt_t
#endif
#ifdef HAVE_CJOSE
#include <cjose/cjose.h>
#endif
#ifdef HAVE_RHONABWY
#include <rhonabwy.h>
#endif

#include "jsonline.h"

#define TOKENS 64
#define KINDS 5

static const char *const bad_kinds[KINDS] = {"expired", "audience", "issuer", "signature", "type"};

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

typedef struct {
    char name[8];
    text tokens[TOKENS];
    /* What is signed of each token, and its signature as EVP takes it. */
    size_t signed_len[TOKENS];
    octets signatures[TOKENS];
    text bad[KINDS];
    octets forged;
    text jwk, jwks, pem, private_jwk, private_pem, claims, header, kid, minter, mint_request;
    octets secret;
} samples;

static struct {
    text issuer, audience, iss, sub, client_id, scope;
    double exp;
} expected;

static samples all[5];
static size_t all_len;

/* A subject of a case. */
typedef struct subject {
    const char *form;
    const char *name;
    /* Makes what it works with; NULL where it does not know the algorithm. */
    void *(*open)(const samples *of);
    /* Judges a token, or mints one: false where it is refused, or where what is read is not what is expected. */
    bool (*validate)(void *with, const text *token, bool compare);
    /* One operation on the token of this number, in place of `validate`. */
    bool (*call)(void *with, size_t number);
} subject;

static void fail(const char *what)
{
    fprintf(stderr, "worker: %s\n", what);
    exit(1);
}

static void *need(void *ptr, const char *what)
{
    if (ptr == NULL) {
        fail(what);
    }
    return ptr;
}

static bool same(const char *ptr, size_t len, text with)
{
    return ptr != NULL && len == with.len && memcmp(ptr, with.ptr, len) == 0;
}

static void keep(const char *ptr)
{
    /* What was read counts as used. */
    __asm__ volatile("" : : "r"(ptr) : "memory");
}

/* Reading the material */

static text take(const char *ptr, size_t len)
{
    text taken = {need(malloc(len + 1), "out of memory"), len};
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
    octets decoded = {need(malloc(len), "out of memory"), 0};
    unsigned int bits = 0;
    int have = 0;
    for (size_t i = 0; i < len; ++i) {
        static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        const char *at = need(strchr(alphabet, ptr[i]), "not base64url");
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
    const char *dot = need(strrchr(token.ptr, '.'), "no token");
    octets raw = unbase64url(dot + 1, strlen(dot + 1));
    if (strcmp(algorithm, "ES256") != 0) {
        return raw;
    }
    ECDSA_SIG *pair = need(ECDSA_SIG_new(), "out of memory");
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
    of->forged = signature_of(name, of->bad[3]);
    of->jwk = member_json(object, "jwk");
    of->jwks = member_json(object, "jwks");
    of->private_jwk = member_json(object, "private_jwk");
    of->claims = member_json(object, "claims");
    of->header = member_json(object, "header");
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

/* OpenSSL's EVP */

typedef struct {
    const samples *of;
    EVP_PKEY *key;
    EVP_MD_CTX *context;
    unsigned char made[1024];
} evp;

static void *evp_open(const samples *of, bool private)
{
    evp *with = need(calloc(1, sizeof *with), "out of memory");
    with->of = of;
    with->context = need(EVP_MD_CTX_new(), "out of memory");
    if (of->secret.ptr != NULL) {
        with->key = EVP_PKEY_new_raw_private_key(EVP_PKEY_HMAC, NULL, of->secret.ptr, of->secret.len);
    } else {
        const text pem = private ? of->private_pem : of->pem;
        BIO *bio = need(BIO_new_mem_buf(pem.ptr, (int)pem.len), "out of memory");
        with->key = private ? PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL) : PEM_read_bio_PUBKEY(bio, NULL, NULL, NULL);
        BIO_free(bio);
    }
    need(with->key, "OpenSSL reads no key");
    return with;
}

static void *evp_open_public(const samples *of)
{
    return evp_open(of, false);
}

static void *evp_open_private(const samples *of)
{
    return evp_open(of, true);
}

static const EVP_MD *evp_digest(const samples *of)
{
    return strcmp(of->name, "EdDSA") == 0 ? NULL : EVP_sha256();
}

static bool evp_padding(const samples *of, EVP_PKEY_CTX *settings)
{
    return strcmp(of->name, "PS256") != 0 || (EVP_PKEY_CTX_set_rsa_padding(settings, RSA_PKCS1_PSS_PADDING) > 0 &&
                                              EVP_PKEY_CTX_set_rsa_pss_saltlen(settings, RSA_PSS_SALTLEN_DIGEST) > 0);
}

static bool evp_verify(evp *with, const text *token, size_t signed_len, octets signature)
{
    const samples *of = with->of;
    const unsigned char *input = (const unsigned char *)token->ptr;
    EVP_PKEY_CTX *settings = NULL;
    if (of->secret.ptr != NULL) {
        size_t made = sizeof with->made;
        return EVP_DigestSignInit(with->context, NULL, EVP_sha256(), NULL, with->key) > 0 &&
               EVP_DigestSign(with->context, with->made, &made, input, signed_len) > 0 && made == signature.len &&
               CRYPTO_memcmp(with->made, signature.ptr, made) == 0;
    }
    return EVP_DigestVerifyInit(with->context, &settings, evp_digest(of), NULL, with->key) > 0 &&
           evp_padding(of, settings) &&
           EVP_DigestVerify(with->context, signature.ptr, signature.len, input, signed_len) == 1;
}

static bool evp_verify_call(void *with, size_t number)
{
    const samples *of = ((evp *)with)->of;
    const size_t at = number % TOKENS;
    return evp_verify(with, &of->tokens[at], of->signed_len[at], of->signatures[at]);
}

static bool evp_sign_call(void *opaque, size_t number)
{
    evp *with = opaque;
    const samples *of = with->of;
    EVP_PKEY_CTX *settings = NULL;
    size_t made = sizeof with->made;
    const size_t at = number % TOKENS;
    return EVP_DigestSignInit(with->context, &settings, evp_digest(of), NULL, with->key) > 0 &&
           evp_padding(of, settings) &&
           EVP_DigestSign(with->context, with->made, &made, (const unsigned char *)of->tokens[at].ptr,
                          of->signed_len[at]) > 0;
}

/* Ours */

static at9068_validator *ours_validator(const samples *of, unsigned int entries)
{
    jsonline_text config = {NULL, 0, 0};
    char cache[64];
    jsonline_puts(&config, "{\"issuer\":");
    jsonline_put_string(&config, expected.issuer.ptr, expected.issuer.len);
    jsonline_puts(&config, ",\"audience\":");
    jsonline_put_string(&config, expected.audience.ptr, expected.audience.len);
    jsonline_puts(&config, ",\"algorithms\":[\"");
    jsonline_puts(&config, of->name);
    jsonline_puts(&config, "\"],\"jwks\":");
    jsonline_put(&config, of->jwks.ptr, of->jwks.len);
    snprintf(cache, sizeof cache, ",\"token_cache\":{\"max_entries\":%u}}", entries);
    jsonline_puts(&config, cache);
    at9068_validator *validator = NULL;
    if (at9068_validator_new(config.ptr, config.len, NULL, NULL, &validator, NULL) != AT9068_CODE_OK) {
        fail("at9068 makes no validator");
    }
    jsonline_free(&config);
    return validator;
}

static void *ours_open(const samples *of)
{
    return ours_validator(of, 0);
}

static void *ours_open_cached(const samples *of)
{
    return ours_validator(of, 1000);
}

static bool ours_validate(void *with, const text *token, bool compare)
{
    at9068_access_token *good = NULL;
    if (at9068_validator_validate(with, token->ptr, token->len, NULL, &good, NULL) != AT9068_CODE_OK) {
        return false;
    }
    const at9068_str iss = at9068_access_token_iss(good);
    const at9068_str sub = at9068_access_token_sub(good);
    const at9068_str client_id = at9068_access_token_client_id(good);
    const at9068_str scope = at9068_access_token_scope(good);
    const int64_t exp = at9068_access_token_exp(good);
    keep(iss.ptr);
    keep(sub.ptr);
    keep(client_id.ptr);
    keep(scope.ptr);
    bool right = exp > 0;
    if (compare) {
        right = same(iss.ptr, iss.len, expected.iss) && same(sub.ptr, sub.len, expected.sub) &&
                same(client_id.ptr, client_id.len, expected.client_id) &&
                same(scope.ptr, scope.len, expected.scope) && (double)exp == expected.exp;
    }
    at9068_access_token_free(good);
    return right;
}

typedef struct {
    const samples *of;
    at9068_minter *minter;
} ours_minting;

static void *ours_open_minter(const samples *of)
{
    ours_minting *with = need(calloc(1, sizeof *with), "out of memory");
    with->of = of;
    if (at9068_minter_new(of->minter.ptr, of->minter.len, NULL, NULL, &with->minter, NULL) != AT9068_CODE_OK) {
        fail("at9068 makes no minter");
    }
    return with;
}

static bool ours_mint(void *opaque, size_t number)
{
    (void)number;
    const ours_minting *with = opaque;
    const text request = with->of->mint_request;
    at9068_minted_token *made = NULL;
    if (at9068_minter_mint(with->minter, request.ptr, request.len, NULL, &made, NULL) != AT9068_CODE_OK) {
        return false;
    }
    keep(at9068_minted_token_token(made).ptr);
    at9068_minted_token_free(made);
    return true;
}

/* Claims that a library gives as JSON, checked by hand with jansson */

#ifdef HAVE_CJOSE
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

/* cjose */

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
    cjose *with = need(calloc(1, sizeof *with), "out of memory");
    with->of = of;
    with->key = need(cjose_jwk_import(jwk.ptr, jwk.len, &error), "cjose reads no key");
    with->claims = need(json_loadb(of->claims.ptr, of->claims.len, 0, NULL), "jansson reads no claims");
    with->header = need(cjose_header_new(&error), "out of memory");
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
    char *claims = need(json_dumps(with->claims, JSON_COMPACT), "out of memory");
    cjose_jws_t *jws =
        cjose_jws_sign(with->key, with->header, (const uint8_t *)claims, strlen(claims), &error);
    const char *token = NULL;
    const bool made = jws != NULL && cjose_jws_export(jws, &token, &error);
    keep(token);
    cjose_jws_release(jws);
    free(claims);
    return made;
}
#endif

/* rhonabwy */

#ifdef HAVE_RHONABWY
typedef struct {
    jwk_t *key;
    jwa_alg algorithm;
    text kid;
    json_t *claims;
} rhonabwy;

static void *rhonabwy_open(const samples *of, text jwk)
{
    rhonabwy *with = need(calloc(1, sizeof *with), "out of memory");
    with->algorithm = r_str_to_jwa_alg(of->name);
    with->kid = of->kid;
    with->claims = need(json_loadb(of->claims.ptr, of->claims.len, 0, NULL), "jansson reads no claims");
    if (r_jwk_init(&with->key) != RHN_OK || r_jwk_import_from_json_str(with->key, jwk.ptr) != RHN_OK) {
        fail("rhonabwy reads no key");
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
#endif

/* libjwt, which takes no token of type at+jwt: it is given those of type JWT, and says so of each algorithm */

#ifdef HAVE_LIBJWT
typedef struct {
    const samples *of;
    jwt_alg_t algorithm;
    const unsigned char *key;
    int key_len;
} libjwt;

static void *libjwt_open(const samples *of, text pem)
{
    libjwt *with = need(calloc(1, sizeof *with), "out of memory");
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
    const text *known = token >= of->tokens && token < of->tokens + TOKENS ? &of->bad[4] : token;
    libjwt_t *jwt = NULL;
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
    libjwt_t *jwt = NULL;
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
#endif

static const subject subjects[] = {
    {"validate/raw", "openssl", evp_open_public, NULL, evp_verify_call},
    {"validate/lazy", "at9068", ours_open, ours_validate, NULL},
    {"validate/hit", "at9068", ours_open_cached, ours_validate, NULL},
    {"mint/raw", "openssl", evp_open_private, NULL, evp_sign_call},
    {"mint/one", "at9068", ours_open_minter, NULL, ours_mint},
#ifdef HAVE_CJOSE
    {"validate/lazy", "cjose", cjose_open_public, cjose_validate, NULL},
    {"mint/one", "cjose", cjose_open_private, NULL, cjose_mint},
#endif
#ifdef HAVE_RHONABWY
    {"validate/lazy", "rhonabwy", rhonabwy_open_public, rhonabwy_validate, NULL},
    {"mint/one", "rhonabwy", rhonabwy_open_private, NULL, rhonabwy_mint},
#endif
#ifdef HAVE_LIBJWT
    {"validate/lazy", "libjwt", libjwt_open_public, libjwt_validate, NULL},
    {"mint/one", "libjwt", libjwt_open_private, NULL, libjwt_mint},
#endif
};
#define SUBJECTS (sizeof subjects / sizeof *subjects)

/* What each subject works with, of each algorithm; NULL where it does not know it. */
static void *opened[5][SUBJECTS];

static bool call(size_t algorithm, size_t at, size_t number)
{
    void *with = opened[algorithm][at];
    const subject *is = &subjects[at];
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
            for (size_t s = 0; s < SUBJECTS; ++s) {
                if (strcmp(subjects[s].form, forms[f]) == 0 && opened[a][s] != NULL) {
                    jsonline_puts(out, between);
                    jsonline_puts(out, subjects[s].name);
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
    const subject *is = &subjects[at];
    void *with = opened[algorithm][at];
    bool good = true;
    for (size_t i = 0; i < TOKENS; ++i) {
        good = good && (is->validate != NULL ? is->validate(with, &of->tokens[i], true) : is->call(with, i));
    }
    jsonline_puts(out, good ? "{\"good\":true,\"bad\":{" : "{\"good\":false,\"bad\":{");
    if (strcmp(is->form, "validate/raw") == 0) {
        const size_t signed_len = (size_t)(strrchr(of->bad[3].ptr, '.') - of->bad[3].ptr);
        const bool accepted = evp_verify(with, &of->bad[3], signed_len, of->forged);
        jsonline_puts(out, accepted ? "\"signature\":false" : "\"signature\":true");
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
        for (size_t s = 0; s < SUBJECTS; ++s) {
            char id[64];
            snprintf(id, sizeof id, "%s/%s", all[a].name, subjects[s].form);
            if (!string_is(which, id) || !string_is(name, subjects[s].name) || opened[a][s] == NULL) {
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
        fail("worker MATERIAL");
    }
    read_material(argv[1]);
#ifdef HAVE_RHONABWY
    r_global_init();
#endif
    for (size_t a = 0; a < all_len; ++a) {
        for (size_t s = 0; s < SUBJECTS; ++s) {
            opened[a][s] = subjects[s].open(&all[a]);
        }
    }
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
