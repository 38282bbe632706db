/* Tokens that are refused before they expire: the list, what it is told, and who is given it. */
#include "check.h"

static const double START = 1700000000;
static const char OF_TOKEN[] = "{\"issuer\":\"https://as.example/\",\"jti\":\"id-1\",\"until\":4000000000}";
static const char SHORT[] = "{\"issuer\":\"https://as.example/\",\"jti\":\"id-1\",\"until\":1700003600}";
static const char OF_SUBJECT[] =
    "{\"issuer\":\"https://as.example/\",\"sub\":\"auth0|123456\",\"issued_before\":1700000001,\"until\":4000000000}";
static const char WITH_JTI[] = "{\"grant_type\":\"authorization_code\",\"client_id\":\"client-7\","
                               "\"subject\":\"auth0|123456\",\"scope\":\"read\",\"jti\":\"id-1\"}";

struct hour {
    double now;
    int outcome;
    int dropped;
};

static int now(void *context, double *out)
{
    *out = ((const struct hour *)context)->now;
    return ((const struct hour *)context)->outcome;
}

static void end(void *context)
{
    ++((struct hour *)context)->dropped;
}

static at9068_revocations *new_revocations(const at9068_ports *ports)
{
    at9068_revocations *list = NULL;
    CHECK(at9068_revocations_new(ports, &list, NULL) == AT9068_CODE_OK && list != NULL);
    CHECK(at9068_revocations_len(list) == 0);
    return list;
}

static at9068_code verdict(const at9068_validator *validator, const at9068_minted_token *minted)
{
    at9068_access_token *token = NULL;
    at9068_error *error = NULL;
    const at9068_str sent = at9068_minted_token_token(minted);
    const at9068_validate_options options = {.size = sizeof options, .has_now = 1, .now = START + 60};
    const at9068_code code = at9068_validator_validate(validator, sent.ptr, sent.len, &options, &token, &error);
    if (code == AT9068_CODE_TOKEN_REVOKED) {
        CHECK(at9068_error_status(error) == 401 && is_text(at9068_error_oauth(error), "invalid_token"));
        CHECK(at9068_error_authenticated(error) && at9068_error_challenge_count(error) == 1);
    }
    at9068_error_free(error);
    at9068_access_token_free(token);
    return code;
}

static at9068_minted_token *mint(const at9068_signing_key *key, const char *request, double at)
{
    at9068_minter *minter = new_minter(key, NULL);
    at9068_minted_token *minted = NULL;
    CHECK(at9068_minter_mint(minter, TEXT(request), &at, &minted, NULL) == AT9068_CODE_OK);
    at9068_minter_free(minter);
    return minted;
}

static void validators_ask_the_list(const at9068_signing_key *key)
{
    at9068_revocations *list = new_revocations(NULL);
    const at9068_ports ports = {.size = sizeof ports, .revocations = list};
    at9068_validator *one = new_validator(key, &ports);
    at9068_validator *other = new_validator(key, &ports);
    at9068_validator *without = new_validator(key, NULL);
    at9068_minted_token *named = mint(key, WITH_JTI, START);
    at9068_minted_token *nameless = mint(key, GRANT, START);
    at9068_minted_token *later = mint(key, GRANT, START + 1);

    CHECK(verdict(one, named) == AT9068_CODE_OK);
    CHECK(at9068_revocations_revoke(list, TEXT(OF_TOKEN), NULL) == AT9068_CODE_OK && at9068_revocations_len(list) == 1);
    CHECK(verdict(one, named) == AT9068_CODE_TOKEN_REVOKED && verdict(other, named) == AT9068_CODE_TOKEN_REVOKED);
    CHECK(verdict(one, nameless) == AT9068_CODE_OK && verdict(without, named) == AT9068_CODE_OK);

    /* those that hold it go on with it */
    CHECK(at9068_revocations_revoke(list, TEXT(OF_SUBJECT), NULL) == AT9068_CODE_OK);
    CHECK(at9068_revocations_len(list) == 2);
    at9068_revocations_free(list);
    CHECK(verdict(one, nameless) == AT9068_CODE_TOKEN_REVOKED && verdict(one, later) == AT9068_CODE_OK);

    at9068_minted_token_free(named);
    at9068_minted_token_free(nameless);
    at9068_minted_token_free(later);
    at9068_validator_free(one);
    at9068_validator_free(other);
    at9068_validator_free(without);
}

static void a_list_moves_to_another_process(const at9068_signing_key *key)
{
    at9068_revocations *list = new_revocations(NULL);
    at9068_revocations *restored = new_revocations(NULL);
    at9068_string *snapshot = NULL;
    at9068_error *error = NULL;
    CHECK(at9068_revocations_revoke(list, TEXT(OF_SUBJECT), NULL) == AT9068_CODE_OK);
    CHECK(at9068_revocations_snapshot(list, &snapshot, NULL) == AT9068_CODE_OK);
    at9068_str text = at9068_string_view(snapshot);
    CHECK(!contains(text, "auth0") && !contains(text, "as.example"));
    CHECK(failed_with(at9068_revocations_restore(restored, text.ptr, text.len - 1, &error), &error,
                      AT9068_CODE_ARGUMENT_INVALID, ""));
    CHECK(at9068_revocations_len(restored) == 0);
    CHECK(at9068_revocations_restore(restored, text.ptr, text.len, NULL) == AT9068_CODE_OK);
    CHECK(at9068_revocations_len(restored) == 1);

    const at9068_ports ports = {.size = sizeof ports, .revocations = restored};
    at9068_validator *validator = new_validator(key, &ports);
    at9068_minted_token *minted = mint(key, GRANT, START);
    CHECK(verdict(validator, minted) == AT9068_CODE_TOKEN_REVOKED);
    at9068_minted_token_free(minted);
    at9068_validator_free(validator);
    at9068_string_free(snapshot);
    at9068_revocations_free(list);
    at9068_revocations_free(restored);
}

static void a_list_forgets_by_its_clock(void)
{
    struct hour hour = {.now = START};
    const at9068_ports ports = {.size = sizeof ports, .clock = {&hour, now, end}};
    at9068_revocations *list = new_revocations(&ports);
    at9068_error *error = NULL;
    CHECK(at9068_revocations_revoke(list, TEXT(SHORT), NULL) == AT9068_CODE_OK);
    CHECK(at9068_revocations_sweep(list, NULL) == AT9068_CODE_OK && at9068_revocations_len(list) == 1);
    hour.now += 2 * 3600;
    CHECK(at9068_revocations_sweep(list, NULL) == AT9068_CODE_OK && at9068_revocations_len(list) == 0);

    hour.outcome = -1;
    CHECK(failed_with(at9068_revocations_sweep(list, &error), &error, AT9068_CODE_INTERNAL, ""));
    CHECK(failed_with(at9068_revocations_revoke(list, TEXT(SHORT), &error), &error, AT9068_CODE_INTERNAL, ""));
    CHECK(at9068_revocations_len(list) == 0 && hour.dropped == 0);
    at9068_revocations_free(list);
    CHECK(hour.dropped == 1);
}

static void wrong_uses_have_an_answer(void)
{
    const at9068_code argument = AT9068_CODE_ARGUMENT_INVALID;
    at9068_revocations *list = new_revocations(NULL);
    at9068_revocations *none = NULL;
    at9068_string *text = NULL;
    at9068_error *error = NULL;
    const at9068_ports odd = {.size = 9};
    CHECK(failed_with(at9068_revocations_new(&odd, &none, &error), &error, argument, "size of ports") && none == NULL);
    CHECK(failed_with(at9068_revocations_new(NULL, NULL, &error), &error, argument, "out is NULL"));
    static const char *const entries[] = {
        "", "[]", "{}", "{\"issuer\":\"i\",\"jti\":\"j\",\"until\":1,\"more\":1}", "{\"issuer\":\"i\",\"until\":1}",
        "{\"issuer\":\"i\",\"sub\":\"s\",\"until\":1}", "{\"issuer\":\"i\",\"jti\":\"\",\"until\":1}",
    };
    for (size_t i = 0; i < sizeof entries / sizeof *entries; ++i) {
        CHECK(failed_with(at9068_revocations_revoke(list, TEXT(entries[i]), &error), &error, argument, ""));
    }
    CHECK(failed_with(at9068_revocations_revoke(list, NULL, 3, &error), &error, argument, "entry is NULL"));
    CHECK(failed_with(at9068_revocations_revoke(list, "\xff", 1, &error), &error, argument, "UTF-8"));
    CHECK(failed_with(at9068_revocations_restore(list, NULL, 3, &error), &error, argument, "snapshot is NULL"));
    CHECK(at9068_revocations_len(list) == 0);
    CHECK(failed_with(at9068_revocations_revoke(NULL, TEXT(OF_TOKEN), &error), &error, argument, "revocations is NULL"));
    CHECK(failed_with(at9068_revocations_sweep(NULL, &error), &error, argument, "revocations is NULL"));
    CHECK(failed_with(at9068_revocations_snapshot(NULL, &text, &error), &error, argument, "revocations is NULL"));
    CHECK(failed_with(at9068_revocations_restore(NULL, TEXT("{}"), &error), &error, argument, "revocations is NULL"));
    CHECK(at9068_revocations_len(NULL) == 0);
    at9068_revocations_free(list);
    at9068_revocations_free(NULL);
}

int main(void)
{
    at9068_signing_key *key = new_key("ES256");
    validators_ask_the_list(key);
    a_list_moves_to_another_process(key);
    a_list_forgets_by_its_clock();
    wrong_uses_have_an_answer();
    at9068_signing_key_free(key);
    return 0;
}
