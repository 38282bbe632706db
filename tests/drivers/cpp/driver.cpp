// The C++ face of the shared suite: one question a line, one answer a line, through at9068.hpp
// alone. tests/README.md describes the protocol.

#include <at9068.hpp>
#include <exception>
#include <iostream>
#include <optional>
#include <string>
#include <string_view>

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

private:
    jsonline_slice line_;
};

std::string info()
{
    std::string answer = "\"ok\":true,\"name\":\"cpp\",\"version\":" + quoted(at9068::version()) +
                         ",\"ops\":[\"info\",\"authenticate\",\"validate\",\"mint\",\"thumbprint\",\"verify_jws\",\"explain\"],"
                         "\"codes\":[";
    for (std::size_t i = 0; at9068_code_at(i) != AT9068_CODE_OK; ++i) {
        const auto slug = at9068_code_slug(at9068_code_at(i));
        answer += (i == 0 ? "" : ",") + quoted(std::string_view(slug.ptr, slug.len));
    }
    return answer + "]";
}

std::string failure(const at9068::error &error)
{
    std::string challenge;
    for (const auto &value : error.challenge()) {
        challenge += (challenge.empty() ? "" : ",") + quoted(value);
    }
    std::string headers;
    for (const auto &[name, value] : error.headers()) {
        headers += (headers.empty() ? "[" : ",[") + quoted(name) + "," + quoted(value) + "]";
    }
    return "\"ok\":false,\"error\":{\"code\":" + quoted(error.code()) + ",\"number\":" +
           std::to_string(error.number()) + ",\"claim\":" + quoted_or_null(error.claim()) + ",\"kind\":" +
           quoted_or_null(error.kind()) + ",\"authenticated\":" + (error.authenticated() ? "true" : "false") +
           ",\"oauth\":" + quoted_or_null(error.oauth()) + ",\"status\":" + number_or_null(error.status()) +
           ",\"challenge\":[" + challenge + "],\"headers\":[" + headers + "],\"retry_after\":" +
           number_or_null(error.retry_after()) + "}";
}

std::string validated(const at9068::access_token &token)
{
    std::string breaks;
    for (const auto slug : token.would_break()) {
        breaks += (breaks.empty() ? ",\"would_break\":[" : ",") + quoted(slug);
    }
    return "\"ok\":true,\"claims\":" + one_line(token.claims_json()) + ",\"header\":" +
           one_line(token.header_json()) + ",\"profile\":" + quoted(token.profile()) + breaks +
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

std::string validate(const question &asked)
{
    const at9068::validator validator(asked.text("config"));
    return validated(validator.validate(asked.token(), options_with_request(asked)));
}

std::string authenticate(const question &asked)
{
    const at9068::validator validator(asked.text("config"));
    return validated(validator.authenticate(asked.member("request").value_or("{}"), options(asked)));
}

std::string explain(const question &asked)
{
    const at9068::validator validator(asked.text("config"));
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
    const auto minted = minter.mint(mint_request(asked), asked.at());
    return std::string("\"ok\":true,\"token\":").append(quoted(minted.token()))
        .append(",\"claims\":").append(one_line(minted.claims_json()));
}

/** The members of an answer, after its `id`. */
std::string answer(const question &asked)
{
    const auto op = asked.text("op");
    try {
        if (op == "\"info\"") {
            return info();
        }
        if (op == "\"validate\"") {
            return validate(asked);
        }
        if (op == "\"authenticate\"") {
            return authenticate(asked);
        }
        if (op == "\"mint\"") {
            return mint(asked);
        }
        if (op == "\"thumbprint\"") {
            return "\"ok\":true,\"thumbprint\":" + quoted(at9068::thumbprint(asked.text("jwk")));
        }
        if (op == "\"verify_jws\"") {
            return verify_jws(asked);
        }
        if (op == "\"explain\"") {
            return explain(asked);
        }
    } catch (const at9068::error &refused) {
        return failure(refused);
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
