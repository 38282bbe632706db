// What the README of libat9068 shows in C++, in the programs that it leaves out.
#include <at9068.hpp>
#include <cassert>
#include <cstdint>
#include <iostream>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace {

const auto key = at9068::signing_key::generate("ES256");
const std::string accepts =
    R"({"issuer": "https://as.example/", "audience": "https://api.example/", "jwks": {"$signing_key": 0}})";
std::vector<std::string> sent_away;

void send(std::string_view token) { sent_away.emplace_back(token); }

void send_with_request(std::string_view name, std::string_view token)
{
    assert(name == "client_assertion");
    send(token);
}

at9068::minter issuer()
{
    return at9068::minter(R"({"issuer": "https://as.example/", "keys": {"$signing_key": 0},
        "apis": [{"audience": "https://api.example/", "dialect": "rfc9068_profile"}]})",
                          {{}, {key}});
}

const std::string grant = R"({"grant_type": "authorization_code", "client_id": "app", "subject": "user-1",
    "audience": ["https://api.example/"]})";

void batch(const at9068::validator &validator, const at9068::minter &minter, const std::vector<std::string> &tokens,
           const std::vector<std::string> &requests)
{
    // <<< batch >>>
}

void explained(const at9068::validator &validator, std::string_view token)
{
    // <<< explain >>>
}

// What the README configures without keys, or with such as are fetched, has them here.
namespace keyed {

std::string with(std::string_view config)
{
    std::string text(config);
    const std::string fetched = R"("jwks_uri": "https://app.example/jwks")", given = R"("jwks": {"$signing_key": 0})";
    if (const auto at = text.find(fetched); at != std::string::npos) return text.replace(at, fetched.size(), given);
    if (text.find("jwks") != std::string::npos) return text;
    return text.insert(text.rfind('}'), ", " + given);
}

namespace at9068 {
using ::at9068::client_assertion_minter;
using ::at9068::ports;

struct validator : ::at9068::validator {
    validator(std::string_view config, const ::at9068::handles &, ::at9068::ports outside)
        : ::at9068::validator(with(config), {{}, {key}}, std::move(outside))
    {
    }
};

struct id_token_validator : ::at9068::id_token_validator {
    explicit id_token_validator(std::string_view config) : ::at9068::id_token_validator(with(config), {{}, {key}}) {}
};

struct client_assertion_validator : ::at9068::client_assertion_validator {
    client_assertion_validator(std::string_view config, const ::at9068::handles &, ::at9068::ports outside)
        : ::at9068::client_assertion_validator(with(config), {{}, {key}}, std::move(outside))
    {
    }
};
} // namespace at9068

std::string taken_back(::at9068::revocations &list, std::string_view sent)
{
    // <<< revocations >>>
    try {
        ::at9068::validate_options options;
        options.now = 1700000001;
        validator.validate(sent, options);
    } catch (const ::at9068::error &refused) {
        return std::string(refused.code());
    }
    return "";
}

void logged_in(std::string_view sent)
{
    // <<< id-tokens >>>
}

struct store {
    std::set<std::string> used;
    bool set_if_absent(std::string_view name, std::int64_t until) { return until > 0 && used.emplace(name).second; }
};

std::string authenticated(std::string_view sent, store &shared)
{
    // <<< client-assertions >>>
    return std::string(assertion.client_id());
}

} // namespace keyed
} // namespace

int main()
{
    const auto minter = issuer();
    const at9068::validator validator(accepts, {{}, {key}});
    const std::string good(minter.mint(grant).token());
    std::ostringstream out, err;
    auto *const usual_out = std::cout.rdbuf(out.rdbuf());
    auto *const usual_err = std::cerr.rdbuf(err.rdbuf());

    batch(validator, minter, {good, "no"}, {grant});
    assert(out.str() == "user-1\ntoken_malformed\n" && sent_away.size() == 1);
    explained(validator, good);
    assert(err.str().find("pass AT-VAL-4 RFC 9068") != std::string::npos && err.str().find("fail") == std::string::npos);

    // The entry that the README makes is over today.
    at9068::revocations list([] { return 1700000001.0; });
    assert(keyed::taken_back(list, minter.mint(grant, 1699999999).token()) == "token_revoked");
    out.str("");
    const auto login = minter.mint_id_token(R"({"client_id": "app", "subject": "user-1", "nonce": "n-0S6_WzA2Mj"})");
    keyed::logged_in(login.token());
    assert(out.str() == "user-1\n");

    const at9068::client_assertion_minter client(
        R"({"client_id": "app", "audience": "https://as.example/", "keys": {"$signing_key": 0}})", {{}, {key}});
    keyed::store shared;
    assert(keyed::authenticated(client.mint().token(), shared) == "app");
    assert(shared.used.size() == 1 && sent_away.size() == 2);

    std::cout.rdbuf(usual_out);
    std::cerr.rdbuf(usual_err);
    return 0;
}
