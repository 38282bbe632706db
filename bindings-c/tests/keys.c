/* Keys through C: made, read, written, skipped. What a key must be is judged by the shared vectors. */
#include "check.h"

/* TEST ONLY. Its SHA-256 and the thumbprint of its key were computed by other programs. */
static const char CERTIFICATE[] =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIBfjCCASWgAwIBAgIUDa31VQoVwCa3YigekHADbjtMGqMwCgYIKoZIzj0EAwIw\n"
    "FDESMBAGA1UEAwwJVEVTVCBPTkxZMCAXDTI2MTEyMjE0MzIwOFoYDzIxMjYxMDI5\n"
    "MTQzMjA4WjAUMRIwEAYDVQQDDAlURVNUIE9OTFkwWTATBgcqhkjOPQIBBggqhkjO\n"
    "PQMBBwNCAAS01LtG0Oc3f3UHiIEhDLsZnM6/mbA2QFtVvIAyXdi2wmW1o6mXvCuY\n"
    "e5cWaQceGraxV5nstiPHgeXmHTYGEIRBo1MwUTAdBgNVHQ4EFgQUg5BD9NxUI9Gv\n"
    "M8bV5PJwrr0X5UwwHwYDVR0jBBgwFoAUg5BD9NxUI9GvM8bV5PJwrr0X5UwwDwYD\n"
    "VR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNHADBEAiAfbvw/pcM1muOZ1U8opzhS\n"
    "CEhTzzweF15AcLzpBhZSNwIgAeI1sA9ewkYJXTrRcSpvUknSOoaP0L3qw7YSkO7U\n"
    "sDU=\n"
    "-----END CERTIFICATE-----\n";
static const char CERTIFICATE_SHA256[] = "730IPIOUntvcp9LzQrCwAUjZeiizHadsQ9klL2zM0JY";
static const char CERTIFICATE_KEY[] = "Xnxn1zQ0MrqeAOFq6hGxn6-TzosQlzgxA-tOH5Cofck";

/* TEST ONLY. 32 octets. */
static const char SECRET[] = "{\"kty\":\"oct\",\"k\":\"DQjmc0DD_7S32VhlcjxItGRq8ZCBk-NQfLz6GYWbh4Q\",\"alg\":\"HS256\"}";

static const char *const ASYMMETRIC[] = {"RS256", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519"};

typedef at9068_code (*text_function)(const at9068_signing_key *, at9068_string **, at9068_error **);

static at9068_string *text_of(text_function function, const at9068_signing_key *key)
{
    at9068_string *text = NULL;
    at9068_error *error = NULL;
    CHECK(function(key, &text, &error) == AT9068_CODE_OK && error == NULL);
    return text;
}

static bool same(at9068_str a, at9068_str b)
{
    return a.ptr != NULL && b.ptr != NULL && a.len == b.len && memcmp(a.ptr, b.ptr, a.len) == 0;
}

/* A key that was written down and read again is the same key. */
static void written_keys_can_be_read(const char *algorithm)
{
    at9068_signing_key *key = new_key(algorithm);
    CHECK(is_text(at9068_signing_key_algorithm(key), algorithm));

    at9068_string *thumbprint = text_of(at9068_signing_key_thumbprint, key);
    const at9068_str print = at9068_string_view(thumbprint);
    CHECK(print.len == 43 && same(print, at9068_signing_key_kid(key)));

    at9068_string *public_jwk = text_of(at9068_signing_key_public_jwk, key);
    at9068_string *again = NULL;
    const at9068_str jwk = at9068_string_view(public_jwk);
    CHECK(!contains(jwk, "\"d\"") && contains(jwk, algorithm));
    CHECK(at9068_thumbprint(jwk.ptr, jwk.len, &again, NULL) == AT9068_CODE_OK);
    CHECK(same(at9068_string_view(again), print));
    at9068_string_free(again);

    at9068_string *private_jwk = text_of(at9068_signing_key_to_jwk, key);
    at9068_signing_key *reread = NULL;
    const at9068_str secret = at9068_string_view(private_jwk);
    CHECK(contains(secret, "\"d\""));
    CHECK(at9068_signing_key_from_jwk(secret.ptr, secret.len, &reread, NULL) == AT9068_CODE_OK);
    CHECK(same(at9068_signing_key_kid(reread), print) && is_text(at9068_signing_key_algorithm(reread), algorithm));
    at9068_signing_key_free(reread);

    at9068_string *pem = text_of(at9068_signing_key_to_pem, key);
    const at9068_str pem_text = at9068_string_view(pem);
    const at9068_key_options options = {sizeof options, {algorithm, strlen(algorithm)}, {"my key", 6}};
    CHECK(contains(pem_text, "-----BEGIN PRIVATE KEY-----"));
    CHECK(at9068_signing_key_from_pem(pem_text.ptr, pem_text.len, &options, &reread, NULL) == AT9068_CODE_OK);
    CHECK(is_text(at9068_signing_key_kid(reread), "my key"));
    CHECK(is_text(at9068_signing_key_algorithm(reread), algorithm));
    again = text_of(at9068_signing_key_thumbprint, reread);
    CHECK(same(at9068_string_view(again), print));
    at9068_string_free(again);
    at9068_signing_key_free(reread);

    at9068_string *public_pem = text_of(at9068_signing_key_public_pem, key);
    const at9068_str spki = at9068_string_view(public_pem);
    at9068_key_set *set = NULL;
    CHECK(contains(spki, "-----BEGIN PUBLIC KEY-----"));
    CHECK(at9068_key_set_from_pem(spki.ptr, spki.len, NULL, &set, NULL) == AT9068_CODE_OK);
    CHECK(at9068_key_set_len(set) == 1 && same(at9068_key_set_kid_at(set, 0), print));
    CHECK(at9068_key_set_kid_at(set, 1).ptr == NULL);
    at9068_key_set_free(set);

    CHECK(at9068_signing_key_key_set(key, &set, NULL) == AT9068_CODE_OK && at9068_key_set_len(set) == 1);
    at9068_string *json = NULL;
    CHECK(at9068_key_set_to_json(set, &json, NULL) == AT9068_CODE_OK);
    CHECK(contains(at9068_string_view(json), "{\"keys\":[{") && !contains(at9068_string_view(json), "\"d\""));
    at9068_string_free(json);
    at9068_key_set_free(set);

    at9068_string_free(public_pem);
    at9068_string_free(pem);
    at9068_string_free(private_jwk);
    at9068_string_free(public_jwk);
    at9068_string_free(thumbprint);
    at9068_signing_key_free(key);
}

static void symmetric_keys_have_no_public_half(void)
{
    at9068_signing_key *key = NULL;
    at9068_string *text = NULL;
    at9068_error *error = NULL;
    CHECK(at9068_signing_key_from_jwk(TEXT(SECRET), &key, NULL) == AT9068_CODE_OK);
    CHECK(is_text(at9068_signing_key_algorithm(key), "HS256") && at9068_signing_key_kid(key).ptr == NULL);
    CHECK(text_of(at9068_signing_key_thumbprint, key) == NULL);
    CHECK(text_of(at9068_signing_key_public_jwk, key) == NULL);
    CHECK(text_of(at9068_signing_key_public_pem, key) == NULL);
    CHECK(failed_with(at9068_signing_key_to_pem(key, &text, &error), &error, AT9068_CODE_KEY_UNSUPPORTED, "PEM"));
    CHECK(text == NULL);

    /* counted, but without name and left out of what is written */
    at9068_signing_key *other = new_key("ES256");
    const at9068_signing_key *const keys[] = {key, other};
    at9068_key_set *set = NULL;
    CHECK(at9068_key_set_from_signing_keys(keys, 2, &set, NULL) == AT9068_CODE_OK && at9068_key_set_len(set) == 2);
    CHECK(same(at9068_key_set_kid_at(set, 0), at9068_signing_key_kid(other)));
    CHECK(at9068_key_set_to_json(set, &text, NULL) == AT9068_CODE_OK && !contains(at9068_string_view(text), "oct"));
    at9068_string_free(text);
    at9068_key_set_free(set);
    CHECK(at9068_key_set_from_signing_keys(NULL, 0, &set, NULL) == AT9068_CODE_OK && at9068_key_set_len(set) == 0);
    at9068_key_set_free(set);
    at9068_signing_key_free(other);
    at9068_signing_key_free(key);
}

static void unusable_entries_are_told(void)
{
    static const char set_json[] =
        "{\"keys\":[{\"kty\":\"oct\",\"k\":\"AAAA\",\"kid\":\"short\"},{\"kty\":\"XYZ\"},"
        "{\"kty\":\"oct\",\"k\":\"DQjmc0DD_7S32VhlcjxItGRq8ZCBk-NQfLz6GYWbh4Q\",\"kid\":\"good\"}]}";
    at9068_key_set *set = NULL;
    CHECK(at9068_key_set_from_json(TEXT(set_json), &set, NULL) == AT9068_CODE_OK);
    CHECK(at9068_key_set_len(set) == 1 && is_text(at9068_key_set_kid_at(set, 0), "good"));
    CHECK(at9068_key_set_skipped_count(set) == 2);
    size_t place = 9;
    at9068_str kid = {NULL, 0};
    at9068_code code = AT9068_CODE_OK;
    CHECK(at9068_key_set_skipped_at(set, 0, &place, &kid, &code));
    CHECK(place == 0 && is_text(kid, "short") && code == AT9068_CODE_KEY_TOO_WEAK);
    CHECK(at9068_key_set_skipped_at(set, 1, &place, &kid, &code));
    CHECK(place == 1 && kid.ptr == NULL && code == AT9068_CODE_KEY_UNSUPPORTED);
    CHECK(at9068_key_set_skipped_at(set, 1, NULL, NULL, NULL));
    CHECK(!at9068_key_set_skipped_at(set, 2, &place, &kid, &code) && place == 1);

    const at9068_handles handles = {.size = sizeof handles, .key_sets = (const at9068_key_set *const[]){set}, .key_sets_len = 1};
    static const char config[] = "{\"issuer\":\"https://as.example/\",\"audience\":\"a\",\"algorithms\":[\"HS256\"],"
                                 "\"jwks\":{\"$key_set\":0}}";
    at9068_validator *validator = NULL;
    CHECK(at9068_validator_new(TEXT(config), &handles, NULL, &validator, NULL) == AT9068_CODE_OK);
    at9068_key_set_free(set); /* the validator keeps what it needs */
    at9068_str issuer = {NULL, 0};
    CHECK(at9068_validator_skipped_count(validator) == 2);
    CHECK(at9068_validator_skipped_at(validator, 0, &issuer, &place, &kid, &code));
    CHECK(is_text(issuer, "https://as.example/") && place == 0 && is_text(kid, "short"));
    CHECK(at9068_validator_skipped_at(validator, 1, NULL, NULL, NULL, NULL));
    CHECK(!at9068_validator_skipped_at(validator, 2, &issuer, &place, &kid, &code));
    at9068_validator_free(validator);
}

static void wrong_keys_have_their_codes(void)
{
    at9068_signing_key *key = NULL;
    at9068_key_set *set = NULL;
    at9068_error *error = NULL;
    at9068_key_options options = {.size = sizeof options, .algorithm = {"RS256", 5}};
    CHECK(failed_with(at9068_key_set_from_pem(TEXT(CERTIFICATE), &options, &set, &error), &error,
                      AT9068_CODE_KEY_MISMATCH, "algorithm"));
    options.algorithm = (at9068_str){"rs256", 5};
    CHECK(failed_with(at9068_key_set_from_pem(TEXT(CERTIFICATE), &options, &set, &error), &error,
                      AT9068_CODE_ARGUMENT_INVALID, "algorithm"));
    CHECK(failed_with(at9068_signing_key_from_pem(TEXT(CERTIFICATE), NULL, &key, &error), &error,
                      AT9068_CODE_KEY_UNSUPPORTED, "PEM"));
    CHECK(failed_with(at9068_signing_key_generate(TEXT("ES256"), 2048, &key, &error), &error, AT9068_CODE_KEY_UNSUPPORTED, "RSA"));
    CHECK(failed_with(at9068_signing_key_generate(TEXT("RS256"), 1024, &key, &error), &error, AT9068_CODE_KEY_UNSUPPORTED, "2048"));
    CHECK(failed_with(at9068_signing_key_generate(TEXT("HS256"), 0, &key, &error), &error, AT9068_CODE_KEY_UNSUPPORTED, ""));
    CHECK(failed_with(at9068_signing_key_generate(TEXT("none"), 0, &key, &error), &error, AT9068_CODE_ARGUMENT_INVALID, "algorithm"));
    CHECK(key == NULL && set == NULL);
}

static void certificates_are_read(void)
{
    at9068_string *sha256 = NULL;
    at9068_error *error = NULL;
    const uint8_t *pem = (const uint8_t *)CERTIFICATE;
    CHECK(at9068_certificate_sha256(pem, strlen(CERTIFICATE), &sha256, NULL) == AT9068_CODE_OK);
    CHECK(is_string(sha256, CERTIFICATE_SHA256));
    at9068_string_free(sha256);
    CHECK(failed_with(at9068_certificate_sha256(pem, 30, &sha256, &error), &error, AT9068_CODE_ARGUMENT_INVALID, "X.509"));
    CHECK(failed_with(at9068_certificate_sha256(NULL, 0, &sha256, &error), &error, AT9068_CODE_ARGUMENT_INVALID, "X.509"));
    CHECK(sha256 == NULL);

    at9068_key_set *set = NULL;
    CHECK(at9068_key_set_from_pem(TEXT(CERTIFICATE), NULL, &set, NULL) == AT9068_CODE_OK);
    CHECK(is_text(at9068_key_set_kid_at(set, 0), CERTIFICATE_KEY));
    at9068_key_set_free(set);
}

int main(void)
{
    for (size_t i = 0; i < sizeof ASYMMETRIC / sizeof *ASYMMETRIC; ++i) {
        written_keys_can_be_read(ASYMMETRIC[i]);
    }
    at9068_signing_key *large = NULL;
    CHECK(at9068_signing_key_generate(TEXT("RS384"), 3072, &large, NULL) == AT9068_CODE_OK);
    at9068_signing_key_free(large);
    symmetric_keys_have_no_public_half();
    unusable_entries_are_told();
    wrong_keys_have_their_codes();
    certificates_are_read();
    return 0;
}
