// The C++ face of the shared suite: one question a line, one answer a line, through at9068.hpp
// alone. tests/README.md describes the protocol.

#include <at9068.hpp>
#include <exception>
#include <iostream>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "../c/jsonline.h"

namespace {

/** Takes over what `put` appends. */
template <class Put>
std::string collected(Put put)
{
    jsonline_text text = {nullptr, 0, 0};
    put(&text);
    std::string copy(text.ptr == nullptr ? "" : text.ptr, text.len);
    jsonline_free(&text);
    return copy;
}

std::string quoted(std::string_view text)
{
    return collected([&](jsonline_text *out) {
        jsonline_put_string(out, text.data() == nullptr ? "" : text.data(), text.size());
    });
}

std::string one_line(std::string_view json)
{
    return collected([&](jsonline_text *out) { jsonline_put_one_line(out, json.data(), json.size()); });
}

template <class Text>
std::string quoted_or_null(const std::optional<Text> &text)
{
    return text ? quoted(*text) : "null";
}

template <class Number>
std::string number_or_null(const std::optional<Number> &number)
{
    return number ? std::to_string(*number) : "null";
}

class question {
public:
    explicit question(const std::string &line) : line_{line.data(), line.size()} {}

    std::optional<std::string_view> member(const char *name) const
    {
        const auto found = jsonline_member(line_, name);
        return found.ptr == nullptr ? std::nullopt
                                    : std::optional<std::string_view>(std::string_view(found.ptr, found.len));
    }

    std::string_view text(const char *name) const { return member(name).value_or(std::string_view("")); }

    std::optional<double> at() const
    {
        double number = 0;
        return jsonline_number(jsonline_member(line_, "at"), &number) ? std::optional<double>(number) : std::nullopt;
    }

    std::string token() const
    {
        return collected([&](jsonline_text *out) {
            jsonline_put_decoded(out, jsonline_member(line_, "token"));
            jsonline_put_base64(out, jsonline_member(line_, "token_b64"));
        });
    }

    /** The text that a member stands for. */
    std::string decoded(const char *name) const
    {
        return collected([&](jsonline_text *out) { jsonline_put_decoded(out, jsonline_member(line_, name)); });
    }

    /** The values of an array, raw. */
    std::vector<std::string_view> elements(const char *name) const
    {
        std::vector<std::string_view> found;
        auto rest = jsonline_member(line_, name);
        for (jsonline_slice element = {nullptr, 0}; jsonline_next(&rest, &element);) {
            found.emplace_back(element.ptr, element.len);
        }
        return found;
    }

private:
    jsonline_slice line_;
};

/** The pairs of a list, without the brackets around it. */
std::string pairs(const std::vector<std::pair<std::string, std::string>> &headers)
{
    std::string list;
    for (const auto &[name, value] : headers) {
        list += (list.empty() ? "[" : ",[") + quoted(name) + "," + quoted(value) + "]";
    }
    return list;
}

std::string failure(const at9068::error &error)
{
    std::string challenge;
    for (const auto &value : error.challenge()) {
        challenge += (challenge.empty() ? "" : ",") + quoted(value);
    }
    const auto headers = pairs(error.headers());
    return "\"ok\":false,\"error\":{\"code\":" + quoted(error.code()) + ",\"number\":" +
           std::to_string(error.number()) + ",\"claim\":" + quoted_or_null(error.claim()) + ",\"kind\":" +
           quoted_or_null(error.kind()) + ",\"authenticated\":" + (error.authenticated() ? "true" : "false") +
           ",\"oauth\":" + quoted_or_null(error.oauth()) + ",\"status\":" + number_or_null(error.status()) +
           ",\"challenge\":[" + challenge + "],\"headers\":[" + headers + "],\"retry_after\":" +
           number_or_null(error.retry_after()) + "}";
}

/** Of tokens of every kind. */
template <class Token>
std::string claims_of(const Token &token)
{
    return "\"ok\":true,\"claims\":" + one_line(token.claims_json()) + ",\"header\":" + one_line(token.header_json());
}

std::string validated(const at9068::access_token &token)
{
    const auto origin = token.origin() == "local" ? std::string() : ",\"origin\":" + quoted(token.origin());
    std::string breaks;
    for (const auto slug : token.would_break()) {
        breaks += (breaks.empty() ? ",\"would_break\":[" : ",") + quoted(slug);
    }
    return claims_of(token) + ",\"profile\":" + quoted_or_null(token.profile()) + origin + breaks +
           (breaks.empty() ? "" : "]");
}

at9068::validate_options options(const question &asked)
{
    at9068::validate_options known;
    known.now = asked.at();
    known.require = asked.member("require");
    return known;
}

at9068::validate_options options_with_request(const question &asked)
{
    auto known = options(asked);
    known.request = asked.member("request");
    return known;
}

/** A validator, with the list of revocations that the line has. */
at9068::validator validator_of(const question &asked)
{
    const at9068::revocations revocations;
    for (const auto entry : asked.elements("revocations")) {
        revocations.revoke(entry);
    }
    at9068::ports outside;
    outside.revocations = asked.member("revocations") ? &revocations : nullptr;
    return at9068::validator(asked.text("config"), {}, std::move(outside));
}

std::string validate(const question &asked)
{
    const auto validator = validator_of(asked);
    return validated(validator.validate(asked.token(), options_with_request(asked)));
}

std::string authenticate(const question &asked)
{
    const auto validator = validator_of(asked);
    return validated(validator.authenticate(asked.member("request").value_or("{}"), options(asked)));
}

/** What a server sends back; an error that is no answer to anybody is this question's own. */
std::string http_response(const question &asked)
{
    try {
        authenticate(asked);
    } catch (const at9068::error &error) {
        const auto &response = error.http_response();
        if (!response) {
            throw;
        }
        return "\"ok\":true,\"http_response\":{\"status\":" + std::to_string(response->status) + ",\"headers\":[" +
               pairs(response->headers) + "],\"body\":" + quoted(response->body) + "}";
    }
    return "\"ok\":true,\"http_response\":null";
}

std::string protected_resource_metadata(const question &asked)
{
    const auto validator = validator_of(asked);
    return "\"ok\":true,\"metadata\":" + one_line(validator.protected_resource_metadata().value_or("null")) +
           ",\"path\":" + quoted_or_null(validator.protected_resource_metadata_path());
}

std::string explain(const question &asked)
{
    const auto validator = validator_of(asked);
    const auto explanation = validator.explain(asked.token(), options_with_request(asked));
    return "\"ok\":true,\"trace\":" + one_line(explanation.trace_json()) + ",\"verdict\":{" +
           (explanation.token() ? validated(*explanation.token()) : failure(explanation.error().value())) + "}";
}

std::string verify_jws(const question &asked)
{
    const auto keys = at9068::key_set::from_json(asked.text("keys"));
    const auto payload = at9068::verify_jws(asked.token(), keys, asked.member("algorithms").value_or("[]"));
    return "\"ok\":true,\"payload_b64\":" +
           collected([&](jsonline_text *out) { jsonline_put_octets(out, payload.data(), payload.size()); });
}

std::string minted(const at9068::minted_token &token)
{
    return "\"ok\":true,\"token\":" + quoted(token.token()) + ",\"claims\":" + one_line(token.claims_json());
}

/** The request with the identifier put in, right behind its opening brace. */
std::string mint_request(const question &asked)
{
    const std::string request(asked.text("request"));
    const auto jti = asked.member("jti");
    if (!jti || request.empty() || request.front() != '{') {
        return request;
    }
    const auto rest = request.find_first_not_of(" \t\r\n", 1);
    const bool empty = rest != std::string::npos && request[rest] == '}';
    return std::string("{\"jti\":").append(*jti).append(empty ? "" : ",").append(request, 1, std::string::npos);
}

std::string mint(const question &asked)
{
    const at9068::minter minter(asked.text("config"));
    return minted(minter.mint(mint_request(asked), asked.at()));
}

std::string mint_id_token(const question &asked)
{
    const at9068::minter minter(asked.text("config"));
    return minted(minter.mint_id_token(asked.text("request"), asked.at()));
}

std::string validate_id_token(const question &asked)
{
    const at9068::id_token_validator validator(asked.text("config"));
    return claims_of(validator.validate(asked.token(), asked.member("require"), asked.at()));
}

std::string mint_client_assertion(const question &asked)
{
    const at9068::client_assertion_minter minter(asked.text("config"));
    return minted(minter.mint(asked.member("request"), asked.at()));
}

std::string validate_client_assertion(const question &asked)
{
    const at9068::client_assertion_validator validator(asked.text("config"));
    for (const auto other : asked.elements("before")) {
        try {
            const auto sent = collected([&](jsonline_text *out) {
                jsonline_put_decoded(out, {other.data(), other.size()});
            });
            (void)validator.validate(sent, asked.member("require"), asked.at());
        } catch (const at9068::error &) {  // the last one is the one that is asked about
        }
    }
    const auto assertion = validator.validate(asked.token(), asked.member("require"), asked.at());
    return claims_of(assertion) + ",\"method\":" + quoted(assertion.method());
}

/** The token that an introspection endpoint tells of; none where it is refused. */
std::optional<at9068::access_token> introspected(const question &asked, const char *config)
{
    const at9068::validator validator(asked.text(config));
    try {
        return validator.validate(asked.token(), options(asked));
    } catch (const at9068::error &refused) {
        if (!refused.oauth()) {
            throw;
        }
        return std::nullopt;
    }
}

std::string introspection_response(const question &asked)
{
    const auto token = introspected(asked, "config");
    return "\"ok\":true,\"response\":" + one_line(at9068::introspection_response(token ? &*token : nullptr));
}

std::string mint_introspection_response(const question &asked)
{
    const at9068::minter minter(asked.text("config"));
    const auto token = introspected(asked, "validator");
    return minted(minter.mint_introspection_response(token ? &*token : nullptr, asked.decoded("audience"), asked.at()));
}

std::string thumbprint(const question &asked)
{
    return "\"ok\":true,\"thumbprint\":" + quoted(at9068::thumbprint(asked.text("jwk")));
}

std::string info(const question &asked);

constexpr struct {
    std::string_view name;
    std::string (*answer)(const question &asked);
} OPERATIONS[] = {
    {"info", info},
    {"authenticate", authenticate},
    {"validate", validate},
    {"mint", mint},
    {"thumbprint", thumbprint},
    {"verify_jws", verify_jws},
    {"explain", explain},
    {"mint_client_assertion", mint_client_assertion},
    {"validate_client_assertion", validate_client_assertion},
    {"validate_id_token", validate_id_token},
    {"mint_id_token", mint_id_token},
    {"introspection_response", introspection_response},
    {"mint_introspection_response", mint_introspection_response},
    {"http_response", http_response},
    {"protected_resource_metadata", protected_resource_metadata},
};

std::string info(const question &)
{
    std::string ops;
    for (const auto &operation : OPERATIONS) {
        ops += (ops.empty() ? "" : ",") + quoted(operation.name);
    }
    std::string codes;
    for (std::size_t i = 0; at9068_code_at(i) != AT9068_CODE_OK; ++i) {
        const auto slug = at9068_code_slug(at9068_code_at(i));
        codes += (codes.empty() ? "" : ",") + quoted(std::string_view(slug.ptr, slug.len));
    }
    return "\"ok\":true,\"name\":\"cpp\",\"version\":" + quoted(at9068::version()) + ",\"ops\":[" + ops +
           "],\"codes\":[" + codes + "]";
}

/** The members of an answer, after its `id`. */
std::string answer(const question &asked)
{
    const auto op = asked.decoded("op");
    for (const auto &operation : OPERATIONS) {
        if (operation.name == op) {
            try {
                return operation.answer(asked);
            } catch (const at9068::error &refused) {
                return failure(refused);
            }
        }
    }
    return "\"skip\":\"unknown operation\"";
}

}  // namespace

int main()
{
    try {
        for (std::string line; std::getline(std::cin, line);) {
            const question asked(line);
            std::cout << "{\"id\":" << asked.member("id").value_or("null") << ',' << answer(asked) << "}\n"
                      << std::flush;
        }
    } catch (const std::exception &fault) {
        std::cerr << fault.what() << '\n';
        return 1;
    }
    return std::cout ? 0 : 1;
}
