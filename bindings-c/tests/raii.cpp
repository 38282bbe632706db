// What at9068.hpp adds to at9068.h: ownership, exceptions, views, ports that are closures.
#include <at9068.hpp>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <iterator>
#include <limits>
#include <memory>
#include <string>
#include <thread>
#include <type_traits>
#include <variant>
#include <vector>

#define CHECK(condition)                                                               \
    do {                                                                               \
        if (!(condition)) {                                                            \
            std::fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition); \
            std::exit(1);                                                              \
        }                                                                              \
    } while (0)

namespace {

const std::string MINTS =
    R"({"issuer":"https://as.example/","keys":{"$signing_key":0},"apis":[{"audience":"https://api.example/",
        "dialect":"rfc9068_profile","scopes":["read","write"]}],"default_audience":"https://api.example/"})";
const std::string VALIDATES =
    R"({"issuer":"https://as.example/","audience":"https://api.example/","jwks":{"$key_set":0}})";
const std::string GRANT =
    R"({"grant_type":"authorization_code","client_id":"client-7","subject":"auth0|123456","scope":"read",
        "auth_time":1699999000,"jti":"id-1","claims":{"n":1.50}})";

template <class T>
constexpr bool is_handle = std::is_nothrow_move_constructible_v<T> && std::is_nothrow_move_assignable_v<T> &&
                           !std::is_copy_constructible_v<T> && !std::is_copy_assignable_v<T>;
static_assert(is_handle<at9068::key_set> && is_handle<at9068::signing_key>);
static_assert(is_handle<at9068::validator> && is_handle<at9068::access_token>);
static_assert(is_handle<at9068::explanation> && !std::is_default_constructible_v<at9068::explanation>);
static_assert(is_handle<at9068::issuer_cache> && is_handle<at9068::refresh> && is_handle<at9068::flight>);
static_assert(is_handle<at9068::progress<at9068::access_token>> && is_handle<at9068::key_steps>);
static_assert(is_handle<at9068::outcome<at9068::access_token>> && is_handle<at9068::outcome<at9068::minted_token>>);
static_assert(is_handle<at9068::minter> && is_handle<at9068::minted_token>);
static_assert(is_handle<at9068::id_token_validator> && is_handle<at9068::id_token>);
static_assert(is_handle<at9068::client_assertion_validator> && is_handle<at9068::client_assertion>);
static_assert(is_handle<at9068::client_assertion_minter> && is_handle<at9068::progress<at9068::client_assertion>>);
static_assert(is_handle<at9068::revocations> && is_handle<at9068::memory_replay_store>);
static_assert(std::is_nothrow_copy_constructible_v<at9068::error>);
static_assert(std::is_base_of_v<std::runtime_error, at9068::error>);
static_assert(!std::is_default_constructible_v<at9068::access_token>);

/** Runs what must throw, and returns it. */
template <class Call>
at9068::error thrown_by(Call call)
{
    try {
        call();
    } catch (const at9068::error &refused) {
        return refused;
    }
    std::fputs("nothing was thrown\n", stderr);
    std::exit(1);
}

at9068::validator validator_of(const at9068::signing_key &key, at9068::clock clock = {})
{
    const auto set = key.key_set();
    return at9068::validator(VALIDATES, {{set}, {}}, std::move(clock));
}

void tokens_are_minted_and_read()
{
    const auto key = at9068::signing_key::generate("ES256");
    const at9068::minter minter(MINTS, {{}, {key}});
    const auto minted = minter.mint(GRANT, 1700000000.5);
    CHECK(minted.expires_in() == 3600 && minted.header_json().find("at+jwt") != std::string_view::npos);

    at9068::validate_options options;
    options.now = 1700000100;
    options.require = R"({"scopes":["read"]})";
    auto token = validator_of(key).validate(minted.token(), options);
    CHECK(token.iss() == "https://as.example/" && token.issuer() == token.iss() && token.sub() == "auth0|123456");
    CHECK(token.client_id() == "client-7" && token.jti() == "id-1" && token.scope() == "read");
    CHECK(!token.acr() && !token.org_id() && !token.org_name() && !token.nbf());
    CHECK(token.auth_time() == 1699999000 && token.exp() == 1700003600 && token.iat() == 1700000000);
    CHECK(token.profile() == "rfc9068" && token.claims_json() == minted.claims_json());
    CHECK(token.header_json() == minted.header_json());
    CHECK(token.claim_json("n") == "1.50" && !token.claim_json("m"));
    CHECK(token.accessor_json("aud") == R"(["https://api.example/"])" && !token.accessor_json("roles"));

    // views stay good when the object moves
    const auto sub = token.sub();
    const auto moved = std::move(token);
    CHECK(sub == "auth0|123456" && moved.sub().data() == sub.data());
    moved.require(R"({"max_age":2000})", 1700000100);
    const auto error = thrown_by([&] { moved.require(R"({"max_age":2000})", 1700009999); });
    CHECK(error.number() == AT9068_CODE_AUTHENTICATION_INSUFFICIENT && error.claim() == "auth_time");

    std::string request = R"({"headers":[["Authorization","Bearer )";
    request.append(minted.token()).append("\"]]}");
    options.require = std::nullopt;
    CHECK(validator_of(key).authenticate(request, options).jti() == "id-1");
}

void many_are_minted_and_judged()
{
    const auto key = at9068::signing_key::generate("ES256");
    const at9068::minter minter(MINTS, {{}, {key}});
    const std::vector<std::string> requests = {GRANT, "{", GRANT, GRANT, R"({"client_id":"x"})", GRANT};
    auto minted = minter.mint_many(requests, 1700000000.0);
    CHECK(minted.size() == 6 && minted[0] && minted[3].has_value() && !minted[1] && !minted[4]);
    CHECK(minted[0]->expires_in() == 3600 && (*minted[2]).token() == minted[2].value().token());
    CHECK(minted[1].error().code() == "argument_invalid");
    CHECK(thrown_by([&] { minted[4].value(); }).code() == minted[4].error().code());
    const auto first = std::move(minted[0]).value();

    at9068::validate_options options;
    options.now = 1700000100;
    std::vector<std::string_view> tokens = {first.token(), "a.b.c", minted[2]->token(), {}, minted[5]->token()};
    std::optional<at9068::access_token> kept;
    {
        const auto validator = validator_of(key);
        auto verdicts = validator.validate_many(tokens, options);
        CHECK(verdicts.size() == 5 && verdicts[0] && !verdicts[1] && verdicts[2] && !verdicts[3] && verdicts[4]);
        CHECK(verdicts[0]->sub() == "auth0|123456" && verdicts[1].error().status() == 401U);
        CHECK(verdicts[3].error().code() == "token_malformed");
        kept = std::move(verdicts[4]).value();
        const auto at_hand = validator.validate_many_at_hand(tokens, options);
        CHECK(at_hand[0].value().jti() == "id-1" && !at_hand[1]);
        CHECK(thrown_by([&] { (void)at_hand[1].value(); }).code() == "token_malformed");
        CHECK(validator.validate_many({"a", "b", "c"}).size() == 3 && validator.validate_many({}).empty());
        options.request = "no JSON";
        CHECK(thrown_by([&] { validator.validate_many(tokens, options); }).code() == "argument_invalid");
    }
    CHECK(kept->client_id() == "client-7");
}

void errors_carry_their_answer()
{
    const auto key = at9068::signing_key::generate("ES256");
    const auto validator = validator_of(key);
    const auto error = thrown_by([&] { validator.validate("a.b.c"); });
    CHECK(error.code() == "token_malformed" && error.number() == AT9068_CODE_TOKEN_MALFORMED);
    CHECK(std::string_view(error.what()).find("malformed") != std::string_view::npos);
    CHECK(error.oauth() == "invalid_token" && error.status() == 401U && !error.authenticated());
    CHECK(!error.claim() && !error.kind() && !error.retry_after() && error.headers().empty());
    CHECK(error.challenge().size() == 1 && error.challenge()[0].rfind("Bearer error=\"invalid_token\"", 0) == 0);
    const auto answer = error.http_response().value();
    CHECK(answer.status == 401 && answer.headers.size() == 3 && answer.headers[0].first == "WWW-Authenticate");
    CHECK(answer.headers[0].second == error.challenge()[0] && answer.headers[1].second == "application/problem+json");
    CHECK(answer.body.find("\"code\":\"token_malformed\"") != std::string::npos);
    CHECK(!validator.protected_resource_metadata() && !validator.protected_resource_metadata_path());
    const auto set = key.key_set();
    const at9068::validator publishing(R"({"issuer":"i","audience":"https://api.example/","jwks":{"$key_set":0},
        "protected_resource":{"resource":"https://api.example/","resource_name":"API"}})", {{set}, {}});
    CHECK(publishing.protected_resource_metadata()->find(R"("resource_name":"API")") != std::string_view::npos);
    CHECK(publishing.protected_resource_metadata_path() == "/.well-known/oauth-protected-resource");

    const auto config = thrown_by([] { at9068::validator{R"({"unknown_member":1})"}; });
    CHECK(!config.http_response());
    CHECK(config.code() == "config_invalid" && !config.status() && !config.oauth() && config.challenge().empty());
    CHECK(std::string_view(config.what()).find("unknown_member") != std::string_view::npos);

    // texts that are no UTF-8, hold NUL, or are nothing at all
    CHECK(thrown_by([&] { validator.validate("\xff"); }).code() == "token_malformed");
    CHECK(thrown_by([&] { validator.validate(std::string_view("a\0b.c.d", 7)); }).code() == "token_malformed");
    CHECK(thrown_by([&] { validator.validate(std::string_view()); }).code() == "token_malformed");
    at9068::validate_options empty;
    empty.require = std::string_view();  // given, and empty: no JSON
    CHECK(thrown_by([&] { validator.validate("a.b.c", empty); }).code() == "argument_invalid");
    CHECK(thrown_by([] { at9068::key_set::from_json("\xff"); }).code() == "argument_invalid");
    CHECK(thrown_by([] { at9068::signing_key::generate("none"); }).code() == "argument_invalid");
    CHECK(thrown_by([] { (void)at9068::certificate_sha256("x"); }).code() == "argument_invalid");
    CHECK(thrown_by([] { (void)at9068::thumbprint("{}"); }).code() == "key_malformed");
}

void explanations_own_what_they_give()
{
    const auto key = at9068::signing_key::generate("ES256");
    const auto minted = at9068::minter(MINTS, {{}, {key}}).mint(GRANT, 1700000000.0);
    at9068::validate_options options;
    options.now = 1700000100;
    auto good = validator_of(key).explain(minted.token(), options);
    CHECK(good.token().has_value() && !good.error() && good.trace().size() > 20);
    for (const auto &step : good.trace()) {
        CHECK(step.outcome == "pass" && !step.found && !step.code && !step.rule.empty() && !step.expected.empty());
    }

    // the token is the explanation's, wherever that goes; and nothing is freed twice
    const auto sub = good.token()->sub();
    auto moved = std::move(good);
    CHECK(sub == "auth0|123456" && moved.token()->sub().data() == sub.data());
    moved.token()->require(R"({"scopes":["read"]})");

    options.require = R"({"scopes":["write"]})";
    options.now = 1700009999;
    moved = validator_of(key).explain(minted.token(), options);
    CHECK(!moved.token() && moved.error().has_value() && moved.error()->code() == "token_expired");
    CHECK(moved.error()->status() == 401U && moved.error()->claim() == "exp" && moved.error()->authenticated());
    const auto thrown = thrown_by([&] { validator_of(key).validate(minted.token(), options); });
    CHECK(thrown.challenge() == moved.error()->challenge() && std::string_view(thrown.what()) == moved.error()->what());
    std::vector<std::string_view> failures;
    for (const auto &step : moved.trace()) {
        if (step.outcome == "fail") {
            failures.push_back(step.code.value());
        }
    }
    CHECK((failures == std::vector<std::string_view>{"token_expired", "scope_insufficient"}));
    CHECK(moved.trace_json().find(R"("claim":"exp")") != std::string_view::npos);

    const auto malformed = validator_of(key).explain(std::string_view("\xff"));
    CHECK(malformed.error()->code() == "token_malformed" && malformed.trace().back().outcome == "not_reached");
    options.require = "[]";
    CHECK(thrown_by([&] { validator_of(key).explain("a.b.c", options); }).code() == "argument_invalid");
}

void migrations_are_told_and_counted()
{
    const auto key = at9068::signing_key::generate("ES256");
    const at9068::minter minter(
        R"({"issuer":"https://as.example/","keys":{"$signing_key":0},"apis":[{"audience":"older","dialect":"access_token",
            "scopes":["read"]}]})", {{}, {key}});
    const at9068::validator validator(
        R"({"issuer":"https://as.example/","audience":"older","jwks":{"$signing_key":0},"migrate_from":"auth0"})",
        {{}, {key}});
    at9068::validate_options options;
    options.now = 1700000100;
    const auto minted = minter.mint(GRANT, 1700000000.0);
    const auto token = validator.validate(minted.token(), options);
    CHECK((token.would_break() == std::vector<std::string_view>{"type_mismatch", "claim_missing"}));
    const auto explained = validator.explain(minted.token(), options);
    CHECK(explained.token()->would_break() == token.would_break());
    CHECK(validator.migrations_json() ==
          R"([{"issuer":"https://as.example/","from":"auth0","to":"rfc9068","migrated":0,"remaining":1,)"
          R"("codes":{"type_mismatch":1,"claim_missing":1}}])");
    const auto standing = validator_of(key);
    CHECK(standing.migrations_json() == "[]");
    const auto other = at9068::minter(MINTS, {{}, {key}}).mint(GRANT, 1700000000.0);
    CHECK(standing.validate(other.token(), options).would_break().empty());
}

void other_jws_are_verified()
{
    const auto key = at9068::signing_key::generate("ES256");
    const auto minted = at9068::minter(MINTS, {{}, {key}}).mint(GRANT);
    const auto payload = at9068::verify_jws(minted.token(), key.key_set(), R"(["ES256"])");
    static_assert(std::is_same_v<decltype(payload), const std::vector<std::uint8_t>>);
    CHECK(std::string(payload.begin(), payload.end()) == minted.claims_json());
    const auto by = [&](std::string_view token, std::string_view algorithms) {
        return thrown_by([&] { (void)at9068::verify_jws(token, key.key_set(), algorithms); });
    };
    CHECK(by(minted.token(), R"(["RS256"])").code() == "algorithm_not_allowed");
    CHECK(by(minted.token(), R"(["none"])").code() == "argument_invalid");
    CHECK(by(minted.token(), "").code() == "argument_invalid" && by(minted.token(), "[]").code() == "argument_invalid");
    CHECK(by(std::string_view(), R"(["ES256"])").code() == "token_malformed");
    const auto error = by("a.b.c", R"(["ES256"])");
    CHECK(error.code() == "token_malformed" && !error.status() && error.challenge().empty());
}

void keys_are_written_and_read()
{
    const auto key = at9068::signing_key::generate("RS256");
    const auto again = at9068::signing_key::from_jwk(key.to_jwk());
    CHECK(again.kid() == key.kid() && again.thumbprint() == key.thumbprint() && again.algorithm() == "RS256");
    CHECK(at9068::thumbprint(*key.public_jwk()) == key.thumbprint());
    at9068::key_options named;
    named.algorithm = "PS256";
    named.kid = "mine";
    const auto pss = at9068::signing_key::from_pem(key.to_pem(), named);
    CHECK(pss.kid() == "mine" && pss.algorithm() == "PS256");
    named.algorithm = std::nullopt;
    const auto set = at9068::key_set::from_pem(*key.public_pem(), named);
    CHECK(set.size() == 1 && set.kids() == std::vector<std::string>{"mine"} && set.skipped().empty());
    CHECK(at9068::key_set::from_signing_keys({key, pss}).size() == 2);
    CHECK(at9068::key_set::from_json(set.to_json()).kids() == set.kids());

    const auto mixed = at9068::key_set::from_json(
        R"({"keys":[{"kty":"oct","k":"AAAA","kid":"short"},{"kty":"oct","k":"DQjmc0DD_7S32VhlcjxItGRq8ZCBk-NQfLz6GYWbh4Q"}]})");
    CHECK(mixed.size() == 1 && mixed.kids().empty() && mixed.skipped().size() == 1);
    CHECK(mixed.skipped()[0].kid == "short" && mixed.skipped()[0].number == AT9068_CODE_KEY_TOO_WEAK);
    const at9068::validator validator(
        R"({"issuer":"https://as.example/","audience":"a","algorithms":["HS256"],"jwks":{"$key_set":0}})", {{mixed}, {}});
    CHECK(validator.skipped_keys().size() == 1 && validator.skipped_keys()[0].issuer == "https://as.example/");

    const std::string two = R"({"issuer":"https://as.example/","keys":{"keys":[{"kty":"oct","k":"AAAA","kid":"short"},)" +
                            key.to_jwk() + R"(]},"apis":[{"audience":"a","dialect":"rfc9068_profile","scopes":[]}]})";
    const at9068::minter minter(two);
    CHECK(minter.skipped_keys().size() == 1 && minter.skipped_keys()[0].kid == "short");
    CHECK(minter.skipped_keys()[0].index == 0 && minter.skipped_keys()[0].number == AT9068_CODE_KEY_TOO_WEAK);

    const auto secret = at9068::signing_key::from_jwk(
        R"({"kty":"oct","k":"DQjmc0DD_7S32VhlcjxItGRq8ZCBk-NQfLz6GYWbh4Q"})");
    CHECK(!secret.kid() && !secret.thumbprint() && !secret.public_jwk() && !secret.public_pem());
    CHECK(thrown_by([&] { (void)secret.to_pem(); }).number() == AT9068_CODE_KEY_UNSUPPORTED);
}

void clocks_live_as_long_as_what_asks_them()
{
    const auto key = at9068::signing_key::generate("ES256");
    const auto time = std::make_shared<double>(1700000000.0);
    {
        const at9068::minter minter(MINTS, {{}, {key}}, [time] { return *time; });
        const auto validator = validator_of(key, [time] { return *time; });
        CHECK(time.use_count() == 3);
        const auto minted = minter.mint(GRANT);
        CHECK(validator.validate(minted.token()).iat() == 1700000000);
        *time = 1700003630;
        CHECK(thrown_by([&] { validator.validate(minted.token()); }).number() == AT9068_CODE_TOKEN_EXPIRED);
        *time = std::numeric_limits<double>::quiet_NaN();
        CHECK(thrown_by([&] { validator.validate(minted.token()); }).number() == AT9068_CODE_INTERNAL);
    }
    CHECK(time.use_count() == 1);

    const auto failing = validator_of(key, []() -> double { throw 7; });
    const auto fault = thrown_by([&] { failing.validate("a.b.c"); });
    CHECK(fault.code() == "internal" && fault.status() == 500U && fault.challenge().empty());

    // a handle that cannot be made gives its clock back
    CHECK(thrown_by([&] { at9068::validator("{}", {}, [time] { return *time; }); }).code() == "config_invalid");
    CHECK(time.use_count() == 1);
}

void objects_are_shared_between_threads()
{
    const auto key = at9068::signing_key::generate("Ed25519");
    const at9068::minter minter(MINTS, {{}, {key}});
    const auto validator = validator_of(key);
    std::atomic<int> good{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < 8; ++i) {
        threads.emplace_back([&] {
            for (int round = 0; round < 25; ++round) {
                const auto token = validator.validate(minter.mint(GRANT).token());
                good += token.sub() == "auth0|123456" ? 1 : 0;
                good += thrown_by([&] { validator.validate("x"); }).code() == "token_malformed" ? 1 : 0;
            }
        });
    }
    for (auto &thread : threads) {
        thread.join();
    }
    CHECK(good == 8 * 25 * 2);
}

/** An issuer that is no further away than a function. */
struct world {
    at9068::signing_key key = at9068::signing_key::generate("ES256");
    std::string keys = key.key_set().to_json();
    double now = 1700000000;
    int fetched = 0;
    std::vector<std::string> told = {};
    at9068_fetch_outcome outcome = AT9068_FETCH_OK;

    at9068::fetch_response answer(const at9068::fetch_request &wanted)
    {
        ++fetched;
        CHECK(wanted.timeout_seconds > 0 && wanted.connect_timeout_seconds <= wanted.timeout_seconds);
        CHECK(wanted.max_body_bytes == 512 * 1024 && wanted.trusted_host && wanted.headers.at(0).first == "Accept");
        CHECK(wanted.method == "GET" && !wanted.body);
        if (outcome != AT9068_FETCH_OK) {
            throw at9068::fetch_failure(outcome);
        }
        const bool set = wanted.url == "https://as.example/keys";
        return {200,
                {{"Content-Type", "application/json"}, {"X-Octets", "\xff"}},
                set ? keys : R"({"issuer":"https://as.example/","jwks_uri":"https://as.example/keys"})"};
    }

    at9068::ports ports()
    {
        at9068::ports outside([this] { return now; });
        outside.fetch = [this](const at9068::fetch_request &wanted) { return answer(wanted); };
        outside.events = [this](std::string_view event) { told.emplace_back(event); };
        return outside;
    }

    at9068::minted_token mint() const { return at9068::minter(MINTS, {{}, {key}}).mint(GRANT, now); }
};

const std::string FETCHES = R"({"issuer":"https://as.example/","audience":"https://api.example/"})";

void keys_are_fetched_by_a_closure()
{
    world here;
    const auto minted = here.mint();
    const at9068::validator validator(FETCHES, {}, here.ports());
    CHECK(thrown_by([&] { at9068::validator(R"({"issuer":1})", {}, here.ports()); }).code() == "config_invalid");
    validator.prefetch();
    CHECK(here.fetched == 3 && validator.validate_at_hand(minted.token()).sub() == "auth0|123456");
    CHECK(here.told == std::vector<std::string>{
                           R"({"event":"refreshed","issuer":"https://as.example/","keys":1,"changed":true})"});
    CHECK(validator.status_json().find(R"("state":"fresh")") != std::string::npos);
    CHECK(validator.authenticate_at_hand(R"({"headers":[["Authorization","Bearer )" + std::string(minted.token()) +
                                         R"("]]})").jti() == "id-1");

    // what is thrown is told, and takes no key away
    here.outcome = AT9068_FETCH_TIMEOUT;
    CHECK(thrown_by([&] { validator.refresh(); }).code() == "keys_unavailable");
    CHECK(here.told.back().find(R"("reason":"timeout")") != std::string::npos);
    CHECK(validator.validate(minted.token()).iss() == "https://as.example/");

    auto broken = here.ports();
    broken.fetch = [](const at9068::fetch_request &) -> at9068::fetch_response { throw 7; };
    broken.events = [](std::string_view) { throw 7; };
    const at9068::validator outage(FETCHES, {}, std::move(broken));
    const auto error = thrown_by([&] { outage.validate(minted.token()); });
    CHECK(error.code() == "keys_unavailable" && error.status() == 503U && error.challenge().empty());
    CHECK(error.retry_after().value() > 0);
    CHECK(outage.status_json().find(R"("reason":"broken")") != std::string::npos);
    CHECK(outage.issuer_cache().has_value() && !validator_of(here.key).issuer_cache());
}

void caches_are_shared()
{
    world here;
    const auto minted = here.mint();
    std::string kept;
    {
        const at9068::issuer_cache cache("{}", here.ports());
        const auto one = at9068::validator::with_cache(FETCHES, cache, {}, [&here] { return here.now; });
        const auto other = at9068::validator::with_cache(FETCHES, cache, {}, [&here] { return here.now; });
        CHECK(one.validate(minted.token()).exp() == other.validate_at_hand(minted.token()).exp() && here.fetched == 3);
        // A validator has besides what it remembers of tokens.
        const std::string status = one.status_json(), cached = cache.status_json();
        CHECK(status.rfind(cached.substr(0, cached.size() - 1), 0) == 0);
        CHECK(status.find(R"("token_cache":{"entries":1,)") != std::string::npos);
        CHECK(one.issuer_cache()->snapshot() == cache.snapshot());
        kept = cache.snapshot();
    }
    const at9068::issuer_cache later("{}", here.ports());
    CHECK(thrown_by([&] { later.restore("[]"); }).code() == "argument_invalid");
    later.restore(kept);
    const auto validator = at9068::validator::with_cache(FETCHES, later, {}, [&here] { return here.now; });
    CHECK(validator.validate(minted.token()).jti() == "id-1" && here.fetched == 3);
    CHECK(thrown_by([] { at9068::issuer_cache cache("[]"); }).code() == "config_invalid");
}

std::ptrdiff_t thread_count()
{
    using tasks = std::filesystem::directory_iterator;
    return std::distance(tasks("/proc/self/task"), tasks());
}

void a_loop_takes_steps()
{
    const auto threads = thread_count();
    world here;
    const auto minted = here.mint();
    at9068::ports outside([&here] { return here.now; });
    outside.host_fetches = true;
    const at9068::validator validator(FETCHES, {}, std::move(outside));
    auto first = validator.step(minted.token());
    auto &refresh = std::get<at9068::refresh>(first);
    CHECK(refresh.issuer() == "https://as.example/" && !validator.due_refresh());
    const auto second = validator.step(minted.token());
    const auto &flight = std::get<at9068::flight>(second);
    int over = 0;
    flight.on_over([&over] { ++over; });
    flight.on_over([] { throw 7; });
    refresh.flight().on_over([&over] { ++over; });
    CHECK(!flight.is_over() && !flight.wait(0.001) && over == 0 && flight.remaining_seconds() > 1);
    CHECK(std::holds_alternative<at9068::flight>(validator.explain_step(minted.token())));
    CHECK(validator.explain_at_hand(minted.token()).error()->code() == "keys_unavailable");
    while (const auto wanted = refresh.request()) {
        refresh.answer(here.answer(*wanted));
    }
    CHECK(over == 2 && flight.is_over() && flight.wait(1) && here.fetched == 3);
    CHECK(thrown_by([&] { refresh.answer({200, {}, ""}); }).code() == "argument_invalid");
    CHECK(thrown_by([&] { refresh.fail(AT9068_FETCH_TLS); }).code() == "argument_invalid");
    CHECK(std::get<at9068::access_token>(validator.step(minted.token())).sub() == "auth0|123456");
    CHECK(thrown_by([&] { validator.step("a.b.c"); }).code() == "token_malformed");
    CHECK(thrown_by([&] { validator.step_request("{}"); }).code() == "credentials_missing");

    CHECK(std::get<at9068::explanation>(validator.explain_step(minted.token())).token()->jti() == "id-1");
    CHECK(validator.explain_at_hand(minted.token()).token().has_value());
    auto steps = validator.prefetch_steps();
    CHECK(std::holds_alternative<std::monostate>(steps.step()));
    steps = validator.refresh_steps();
    auto next = steps.step();
    auto &anew = std::get<at9068::refresh>(next);
    anew.answer(here.answer(anew.request().value()));
    CHECK(!anew.request() && std::holds_alternative<std::monostate>(steps.step()) && here.fetched == 4);

    here.now += 500;
    auto due = validator.due_refresh();
    due->fail(AT9068_FETCH_TLS);
    CHECK(!due->request() && validator.status_json().find(R"("reason":"tls")") != std::string::npos);
    CHECK(!validator.due_refresh());

    // run by the library it takes the ports' way, which is none here
    here.now += 60;
    due = validator.due_refresh();
    CHECK(thread_count() == threads);
    CHECK(due->spawn().wait(60) && due->issuer().empty());
    while (thread_count() > threads) {
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    CHECK(thrown_by([&] { due->run(); }).code() == "argument_invalid");
}

void other_issuers_are_resolved()
{
    world here;
    auto outside = here.ports();
    std::string asked;
    outside.resolver = [&asked](std::string_view issuer) -> std::optional<std::string> {
        asked = issuer;
        if (issuer == "https://busy.example/") {
            throw 7;
        }
        return std::nullopt;
    };
    const at9068::validator validator(R"({"issuer":"https://other.example/","audience":"https://api.example/"})", {},
                                      outside);
    CHECK(thrown_by([&] { validator.validate(here.mint().token()); }).code() == "issuer_unknown");
    CHECK(asked == "https://as.example/" && here.fetched == 0);
    const auto other = [&](std::string issuer) {
        const auto config = R"({"issuer":")" + issuer + R"(","keys":{"$signing_key":0},"apis":[{"audience":"a",
            "dialect":"rfc9068_profile","scopes":["read"]}],"default_audience":"a"})";
        return at9068::minter(config, {{}, {here.key}}).mint(GRANT, here.now);
    };
    CHECK(thrown_by([&] { validator.validate(other("https://busy.example/").token()); }).code() == "keys_unavailable");

    outside.resolver = [](std::string_view issuer) -> std::optional<std::string> {
        return R"({"issuer":")" + std::string(issuer) + R"(","jwks_uri":"https://other.example/keys"})";
    };
    here.keys.clear();
    outside.fetch = [&here](const at9068::fetch_request &wanted) {
        CHECK(wanted.url == "https://other.example/keys" && !wanted.trusted_host);
        return at9068::fetch_response{200, {{"Content-Type", "application/json"}}, here.key.key_set().to_json()};
    };
    const at9068::validator knowing(R"({"issuer":"https://third.example/","audience":"https://api.example/"})", {},
                                    std::move(outside));
    CHECK(knowing.validate(here.mint().token()).iss() == "https://as.example/");
}

void lists_are_asked_and_shared()
{
    const auto key = at9068::signing_key::generate("ES256");
    const auto set = key.key_set();
    double now = 1700000100;
    const auto minted = at9068::minter(MINTS, {{}, {key}}).mint(GRANT, 1700000000.0);
    std::optional<at9068::validator> validator;
    {
        const at9068::revocations list([&now] { return now; });
        at9068::ports outside([&now] { return now; });
        outside.revocations = &list;
        validator = at9068::validator(VALIDATES, {{set}, {}}, outside);
        CHECK(validator->validate(minted.token()).jti() == "id-1");
        list.revoke(R"({"issuer":"https://as.example/","jti":"id-1","until":1700003600})");
        CHECK(list.size() == 1 && thrown_by([&] { list.revoke("{}"); }).code() == "argument_invalid");
        const at9068::revocations other([&now] { return now; });
        other.restore(list.snapshot());
        CHECK(other.size() == 1 && thrown_by([&] { other.restore(""); }).code() == "argument_invalid");
        now += 100000;
        other.sweep();
        CHECK(other.size() == 0);
        now -= 100000;
    }
    const auto error = thrown_by([&] { validator->validate(minted.token()); });
    CHECK(error.code() == "token_revoked" && error.status() == 401U && error.claim() == "jti");
    CHECK(thrown_by([] { at9068::revocations([]() -> double { throw 7; }).sweep(); }).code() == "internal");
}

const std::string LOGIN = R"({"client_id":"app","subject":"user-1","nonce":"n-1","amr":["pwd"],"sid":"s-1",
    "access_token":"at","auth_time":1699999990,"claims":{"name":"Ann"}})";

void logins_are_judged()
{
    world here;
    const auto minted = at9068::minter(MINTS, {{}, {here.key}}).mint_id_token(LOGIN, here.now);
    const std::string config = R"({"issuer":"https://as.example/","client_id":"app"})";
    auto validator = at9068::id_token_validator(config, {}, here.ports());
    CHECK(thrown_by([&] { at9068::id_token_validator("{}", {}, here.ports()); }).code() == "config_invalid");
    const auto token = validator.validate(minted.token(), R"({"nonce":"n-1","access_token":"at","max_age":60})");
    CHECK(here.fetched == 3 && token.iss() == "https://as.example/" && token.sub() == "user-1");
    CHECK(token.aud() == std::vector<std::string_view>{"app"} && token.amr() == std::vector<std::string_view>{"pwd"});
    CHECK(token.nonce() == "n-1" && token.sid() == "s-1" && token.at_hash().value().size() == 22);
    CHECK(!token.azp() && !token.acr() && !token.c_hash() && !token.s_hash() && !token.nbf());
    CHECK(token.auth_time() == 1699999990 && token.iat() == 1700000000 && token.exp() > token.iat());
    CHECK(token.claim_json("name") == R"("Ann")" && !token.claim_json("email"));
    CHECK(token.claims_json() == minted.claims_json() && token.header_json() == minted.header_json());
    const auto plain = at9068::minter(MINTS, {{}, {here.key}}).mint_id_token(R"({"client_id":"app","subject":"u"})",
                                                                              here.now);
    CHECK(!validator.validate(plain.token()).amr());

    const auto error = thrown_by([&] { validator.validate(minted.token(), R"({"nonce":"n-2"})"); });
    CHECK(error.code() == "claim_mismatch" && error.claim() == "nonce" && !error.status() && !error.oauth());
    CHECK(thrown_by([&] { validator.validate(minted.token(), ""); }).code() == "argument_invalid");
    CHECK(thrown_by([&] { validator.validate_at_hand(minted.token(), R"({"nonce":"n-1"})", 1800000000.0); }).code() ==
          "token_expired");
    CHECK(std::get<at9068::id_token>(validator.step(minted.token(), R"({"nonce":"n-1"})")).sub() == "user-1");
    CHECK(validator.skipped_keys().empty() && validator.status_json().find("fresh") != std::string::npos);
    const auto sharing = at9068::id_token_validator::with_cache(config, *validator.issuer_cache(), {},
                                                                [&here] { return here.now; });
    validator = at9068::id_token_validator(config, {}, here.ports());
    CHECK(sharing.validate_at_hand(minted.token(), R"({"nonce":"n-1"})").sid() == "s-1" && here.fetched == 3);
}

const std::string CLIENTS =
    R"({"issuer":"https://as.example/","clients":[{"client_id":"app","jwks":{"$key_set":0}}]})";

void clients_are_known_once()
{
    const auto key = at9068::signing_key::generate("ES256");
    const auto set = key.key_set();
    const at9068::client_assertion_minter minter(
        R"({"client_id":"app","audience":"https://as.example/","keys":{"keys":[{"$signing_key":0},
            {"kty":"oct","k":"AA","kid":"short"}]}})", {{}, {key}}, [] { return 1700000000.0; });
    CHECK(minter.skipped_keys().size() == 1 && minter.skipped_keys()[0].kid == "short");
    const auto minted = minter.mint(R"({"jti":"id-1"})");
    CHECK(minter.mint().claims_json() != minter.mint().claims_json());

    const auto count = std::make_shared<int>(0);
    at9068::ports outside([] { return 1700000010.0; });
    outside.replay_store = [count](std::string_view used, std::int64_t until, std::int64_t now) {
        CHECK(used.rfind("at9068:client_assertion:", 0) == 0 && until == 1700000150 && now == 1700000010);
        return ++*count == 1;
    };
    {
        const at9068::client_assertion_validator validator(CLIENTS, {{set}, {}}, outside);
        const auto assertion = validator.validate(minted.token(), R"({"client_id":"app"})");
        CHECK(assertion.client_id() == "app" && assertion.jti() == "id-1" && assertion.aud() == "https://as.example/");
        CHECK(assertion.method() == "private_key_jwt" && assertion.iat() == 1700000000);
        CHECK(assertion.exp() == 1700000060 && assertion.claims_json() == minted.claims_json());
        CHECK(assertion.header_json() == minted.header_json());
        const auto error = thrown_by([&] { validator.step(minted.token()); });
        CHECK(error.code() == "token_replayed" && error.oauth() == "invalid_client" && error.status() == 401U);
        CHECK(count.use_count() == 3 && validator.skipped_keys().empty() && !validator.issuer_cache());
    }
    CHECK(count.use_count() == 2);

    // what a store throws is nobody's assertion's fault
    outside.replay_store = [](std::string_view, std::int64_t, std::int64_t) -> bool { throw 7; };
    const at9068::client_assertion_validator failing(CLIENTS, {{set}, {}}, outside);
    CHECK(thrown_by([&] { failing.validate_at_hand(minted.token()); }).code() == "internal");

    const at9068::memory_replay_store memory(1);
    outside.memory_replay_store = &memory;
    CHECK(thrown_by([&] { at9068::client_assertion_validator(CLIENTS, {{set}, {}}, outside); }).code() ==
          "argument_invalid");
    outside.replay_store = nullptr;
    const at9068::client_assertion_validator one(CLIENTS, {{set}, {}}, outside);
    const at9068::client_assertion_validator other(CLIENTS, {{set}, {}}, outside);
    CHECK(one.validate(minted.token()).jti() == "id-1" && memory.size() == 1);
    CHECK(thrown_by([&] { other.validate(minted.token()); }).code() == "token_replayed");
    CHECK(thrown_by([&] { (void)memory.first_use("another", 1700000100, 1700000000); }).code() == "internal");
    CHECK(memory.first_use("another", 1900000100, 1900000000) && !memory.first_use("another", 1900000100, 1900000000));
}

void issuers_are_asked()
{
    const auto key = at9068::signing_key::generate("ES256");
    at9068::ports outside([] { return 1700000000.0; });
    outside.fetch = [](const at9068::fetch_request &wanted) {
        CHECK(wanted.method == "POST" && wanted.body.value().find("token=opaque") != std::string::npos);
        return at9068::fetch_response{200, {{"Content-Type", "application/json"}},
                                      R"({"active":true,"sub":"u","client_id":"c","aud":"https://api.example/"})"};
    };
    const at9068::validator validator(
        R"({"issuer":"https://as.example/","audience":"https://api.example/","strategy":"introspection","introspection":
            {"endpoint":"https://as.example/introspect","authentication":"bearer","bearer_token":"TEST-ONLY"}})",
        {}, outside);
    const auto token = validator.validate("opaque");
    CHECK(token.origin() == "introspection" && !token.profile() && token.client_id() == "c");
    CHECK(at9068::introspection_response(&token).find(R"("active":true)") != std::string::npos);
    CHECK(at9068::introspection_response(nullptr) == R"({"active":false})");
    const at9068::minter minter(MINTS, {{}, {key}});
    CHECK(minter.mint_introspection_response(&token, "rs", 1700000000.0).claims_json().find(R"("aud":"rs")") !=
          std::string_view::npos);
    CHECK(thrown_by([&] { (void)minter.mint_introspection_response(nullptr, ""); }).code() == "argument_invalid");
}

}  // namespace

int main()
{
    CHECK(at9068::version() == AT9068_VERSION);
    tokens_are_minted_and_read();
    errors_carry_their_answer();
    explanations_own_what_they_give();
    migrations_are_told_and_counted();
    other_jws_are_verified();
    keys_are_written_and_read();
    clocks_live_as_long_as_what_asks_them();
    a_loop_takes_steps();  // counts threads: before there are others
    many_are_minted_and_judged();
    objects_are_shared_between_threads();
    keys_are_fetched_by_a_closure();
    caches_are_shared();
    other_issuers_are_resolved();
    lists_are_asked_and_shared();
    logins_are_judged();
    clients_are_known_once();
    issuers_are_asked();
    return 0;
}
