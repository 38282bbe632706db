/* Ours, through at9068.h alone. */

#include <at9068.h>
#include <stdio.h>
#include <stdlib.h>

#include "jsonline.h"
#include "subjects.h"

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
        need(NULL, "a validator of at9068");
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
    ours_minting *with = need(calloc(1, sizeof *with), "memory");
    with->of = of;
    if (at9068_minter_new(of->minter.ptr, of->minter.len, NULL, NULL, &with->minter, NULL) != AT9068_CODE_OK) {
        need(NULL, "a minter of at9068");
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

const subject ours_subjects[] = {
    {"validate/lazy", "at9068", ours_open, ours_validate, NULL, NULL},
    {"validate/hit", "at9068", ours_open_cached, ours_validate, NULL, NULL},
    {"mint/one", "at9068", ours_open_minter, NULL, ours_mint, NULL},
    {NULL, NULL, NULL, NULL, NULL, NULL},
};
