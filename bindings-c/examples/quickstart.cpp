// Mints an access token and validates it.
#include <at9068.hpp>
#include <iostream>

int main()
{
    try {
        const auto key = at9068::signing_key::generate("ES256");
        const at9068::minter minter(
            R"({"issuer": "https://as.example/", "keys": {"$signing_key": 0}, "apis": [{"audience":
                "https://api.example/", "dialect": "rfc9068_profile", "scopes": ["read:patients"]}]})",
            {{}, {key}});
        const auto minted = minter.mint(
            R"({"grant_type": "authorization_code", "client_id": "app", "subject": "auth0|123456",
                "scope": "read:patients"})");

        const at9068::validator validator(
            R"({"issuer": "https://as.example/", "audience": "https://api.example/", "jwks": {"$signing_key": 0}})",
            {{}, {key}});
        const auto token = validator.validate(minted.token());
        token.require(R"({"scopes": ["read:patients"]})");
        std::cout << token.sub() << ' ' << token.claims_json() << '\n';
        return 0;
    } catch (const at9068::error &refused) {
        std::cerr << refused.code() << ": " << refused.what() << '\n';
        return 1;
    }
}
