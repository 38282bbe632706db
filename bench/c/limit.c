/* The bare operations of OpenSSL's EVP, with a key that is parsed beforehand. */

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <stdlib.h>

#include "subjects.h"

typedef struct {
    const samples *of;
    EVP_PKEY *key;
    EVP_MD_CTX *context;
    unsigned char made[1024];
} evp;

static void *evp_open(const samples *of, bool private)
{
    evp *with = need(calloc(1, sizeof *with), "memory");
    with->of = of;
    with->context = need(EVP_MD_CTX_new(), "memory");
    if (of->secret.ptr != NULL) {
        with->key = EVP_PKEY_new_raw_private_key(EVP_PKEY_HMAC, NULL, of->secret.ptr, of->secret.len);
    } else {
        const text pem = private ? of->private_pem : of->pem;
        BIO *bio = need(BIO_new_mem_buf(pem.ptr, (int)pem.len), "memory");
        with->key = private ? PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL) : PEM_read_bio_PUBKEY(bio, NULL, NULL, NULL);
        BIO_free(bio);
    }
    need(with->key, "a key of OpenSSL");
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

static bool evp_refuses_forged(void *opaque)
{
    const text forged = ((evp *)opaque)->of->bad[BAD_SIGNATURE];
    const size_t signed_len = (size_t)(strrchr(forged.ptr, '.') - forged.ptr);
    return !evp_verify(opaque, &forged, signed_len, ((evp *)opaque)->of->forged);
}

const subject limit_subjects[] = {
    {"validate/raw", "openssl", evp_open_public, NULL, evp_verify_call, evp_refuses_forged},
    {"mint/raw", "openssl", evp_open_private, NULL, evp_sign_call, NULL},
    {NULL, NULL, NULL, NULL, NULL, NULL},
};
