/**
 * at9068 for C++17: the handles of at9068.h as classes, its errors as exceptions.
 *
 * Everything is in this header; link with libat9068. Configurations, requests and demands are JSON
 * texts, as at9068.h describes them. A `std::string_view` that a member function returns is borrowed
 * from the object and good as long as that lives. Objects are immutable: const member functions may
 * be called by any number of threads at once.
 */
#ifndef AT9068_HPP
#define AT9068_HPP

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "at9068.h"

namespace at9068 {

class error;

namespace detail {

class stepping;

template <class Handle>
class keeping_keys;

/** Frees a handle of the C library. */
struct deleter {
    void operator()(at9068_access_token *p) const noexcept { at9068_access_token_free(p); }
    void operator()(at9068_batch *p) const noexcept { at9068_batch_free(p); }
    void operator()(at9068_buffer *p) const noexcept { at9068_buffer_free(p); }
    void operator()(at9068_client_assertion *p) const noexcept { at9068_client_assertion_free(p); }
    void operator()(at9068_client_assertion_minter *p) const noexcept { at9068_client_assertion_minter_free(p); }
    void operator()(at9068_client_assertion_validator *p) const noexcept
    {
        at9068_client_assertion_validator_free(p);
    }
    void operator()(at9068_error *p) const noexcept { at9068_error_free(p); }
    void operator()(at9068_explanation *p) const noexcept { at9068_explanation_free(p); }
    void operator()(at9068_flight *p) const noexcept { at9068_flight_free(p); }
    void operator()(at9068_id_token *p) const noexcept { at9068_id_token_free(p); }
    void operator()(at9068_id_token_validator *p) const noexcept { at9068_id_token_validator_free(p); }
    void operator()(at9068_issuer_cache *p) const noexcept { at9068_issuer_cache_free(p); }
    void operator()(at9068_key_set *p) const noexcept { at9068_key_set_free(p); }
    void operator()(at9068_key_steps *p) const noexcept { at9068_key_steps_free(p); }
    void operator()(at9068_memory_replay_store *p) const noexcept { at9068_memory_replay_store_free(p); }
    void operator()(at9068_minted_batch *p) const noexcept { at9068_minted_batch_free(p); }
    void operator()(at9068_minted_token *p) const noexcept { at9068_minted_token_free(p); }
    void operator()(at9068_minter *p) const noexcept { at9068_minter_free(p); }
    void operator()(at9068_refresh *p) const noexcept { at9068_refresh_free(p); }
    void operator()(at9068_revocations *p) const noexcept { at9068_revocations_free(p); }
    void operator()(at9068_signing_key *p) const noexcept { at9068_signing_key_free(p); }
    void operator()(at9068_string *p) const noexcept { at9068_string_free(p); }
    void operator()(at9068_validator *p) const noexcept { at9068_validator_free(p); }
};

template <class T>
using owned = std::unique_ptr<T, deleter>;

/** A text of the C library; an absent one is empty. */
inline std::string_view view(at9068_str text) noexcept
{
    return text.ptr == nullptr ? std::string_view() : std::string_view(text.ptr, text.len);
}

inline std::optional<std::string_view> optional_view(at9068_str text) noexcept
{
    return text.ptr == nullptr ? std::nullopt : std::optional<std::string_view>(view(text));
}

inline std::optional<std::string> optional_copy(at9068_str text)
{
    return text.ptr == nullptr ? std::nullopt : std::optional<std::string>(view(text));
}

/** A time of a handle of the C library, by its function. */
template <class Handle>
std::optional<std::int64_t> optional_time(bool (*of)(const Handle *, std::int64_t *), const Handle *handle) noexcept
{
    std::int64_t seconds = 0;
    return of(handle, &seconds) ? std::optional<std::int64_t>(seconds) : std::nullopt;
}

/** A text for a struct of the C library, in which one without pointer is not given. */
inline at9068_str given(const std::optional<std::string_view> &text) noexcept
{
    const auto known = text.value_or(std::string_view());
    const bool empty_but_given = text.has_value() && known.data() == nullptr;
    return at9068_str{empty_but_given ? "" : known.data(), known.size()};
}

/** Calls a function of the C library that may fail: `call` is given what to pass as its last. */
template <class Call>
void check(Call &&call);

/** The same for one that hands over a handle: `call` is given what to pass as its last two. */
template <class T, class Call>
owned<T> make(Call &&call)
{
    T *out = nullptr;
    check([&](at9068_error **failed) { return call(&out, failed); });
    return owned<T>(out);
}

/** The same for one that finds a borrowed text, or none. */
template <class Call>
std::optional<std::string_view> find_text(Call &&call)
{
    at9068_str found = {nullptr, 0};
    check([&](at9068_error **failed) { return call(&found, failed); });
    return optional_view(found);
}

/** The same for one that hands over a text, or none. */
template <class Call>
std::optional<std::string> make_text(Call &&call)
{
    const auto text = make<at9068_string>(std::forward<Call>(call));
    return optional_copy(at9068_string_view(text.get()));
}

}  // namespace detail

/** The answer to a request that is refused, to be sent as it is. It holds nothing of the request. */
struct http_response {
    /** The status. */
    unsigned status;
    /** The header fields in this order, as name and value; each challenge is a field of its own. */
    std::vector<std::pair<std::string, std::string>> headers;
    /** The body, a JSON text; not for the answer to a HEAD request, which has none. */
    std::string body;
};

/**
 * What a call that fails throws: the code, and what a server answers with. Never holds anything of
 * a token or a key. what() is a sentence for logs and developers.
 */
class error : public std::runtime_error {
public:
    /** Copies what a failed call handed over. */
    explicit error(const at9068_error *failed)
        : std::runtime_error(std::string(detail::view(at9068_error_message(failed)))),
          fields_(std::make_shared<const fields>(failed))
    {
    }

    /** The slug, as in "audience_mismatch". */
    std::string_view code() const noexcept { return fields_->code; }
    /** The number, as in AT9068_CODE_AUDIENCE_MISMATCH. */
    at9068_code number() const noexcept { return fields_->number; }
    /** The claim, or the member of a mint request, that is wrong, where it is one. */
    const std::optional<std::string> &claim() const noexcept { return fields_->claim; }
    /** What a refused token appears to be where it is no access token, as in "id_token". */
    const std::optional<std::string> &kind() const noexcept { return fields_->kind; }
    /** Whether the token's signature was good when the error arose. */
    bool authenticated() const noexcept { return fields_->authenticated; }
    /** The OAuth error to answer with, as in "invalid_token". */
    const std::optional<std::string> &oauth() const noexcept { return fields_->oauth; }
    /** The HTTP status to answer with. */
    const std::optional<unsigned> &status() const noexcept { return fields_->status; }
    /** The values of the WWW-Authenticate header fields to answer with. */
    const std::vector<std::string> &challenge() const noexcept { return fields_->challenge; }
    /** Other header fields to answer with, as name and value. */
    const std::vector<std::pair<std::string, std::string>> &headers() const noexcept { return fields_->headers; }
    /** Seconds after which trying again makes sense. */
    const std::optional<std::uint64_t> &retry_after() const noexcept { return fields_->retry_after; }
    /**
     * The whole answer, with all of the above in it; none where nobody is to be answered: then it is a
     * mistake of the program, or of its configuration.
     */
    const std::optional<at9068::http_response> &http_response() const noexcept { return fields_->response; }

private:
    struct fields {
        explicit fields(const at9068_error *failed)
            : number(at9068_error_code(failed)), code(detail::view(at9068_error_slug(failed))),
              claim(detail::optional_copy(at9068_error_claim(failed))),
              kind(detail::optional_copy(at9068_error_kind(failed))),
              authenticated(at9068_error_authenticated(failed)),
              oauth(detail::optional_copy(at9068_error_oauth(failed)))
        {
            if (const auto found = at9068_error_status(failed); found != 0) {
                status = found;
            }
            for (std::size_t i = 0; i < at9068_error_challenge_count(failed); ++i) {
                challenge.emplace_back(detail::view(at9068_error_challenge_at(failed, i)));
            }
            for (std::size_t i = 0; i < at9068_error_header_count(failed); ++i) {
                headers.emplace_back(detail::view(at9068_error_header_name_at(failed, i)),
                                     detail::view(at9068_error_header_value_at(failed, i)));
            }
            if (std::uint64_t seconds = 0; at9068_error_retry_after(failed, &seconds)) {
                retry_after = seconds;
            }
            if (status) {
                response = at9068::http_response{*status, {}, std::string(detail::view(at9068_error_http_body(failed)))};
                at9068_str name = {nullptr, 0};
                at9068_str value = {nullptr, 0};
                for (std::size_t i = 0; at9068_error_http_header(failed, i, &name, &value); ++i) {
                    response->headers.emplace_back(detail::view(name), detail::view(value));
                }
            }
        }

        at9068_code number;
        std::string code;
        std::optional<std::string> claim;
        std::optional<std::string> kind;
        bool authenticated;
        std::optional<std::string> oauth;
        std::optional<unsigned> status;
        std::vector<std::string> challenge;
        std::vector<std::pair<std::string, std::string>> headers;
        std::optional<std::uint64_t> retry_after;
        std::optional<at9068::http_response> response;
    };

    // Shared, so that copying an exception in flight cannot throw.
    std::shared_ptr<const fields> fields_;
};

template <class Call>
void detail::check(Call &&call)
{
    at9068_error *failed = nullptr;
    if (std::forward<Call>(call)(&failed) != AT9068_CODE_OK) {
        const owned<at9068_error> holder(failed);
        throw error(failed);
    }
}

/**
 * What came of one of many: a value, or the error that a call for it alone would have thrown. Its
 * member functions are named as those of std::expected are.
 */
template <class T>
class outcome {
public:
    outcome(T value) noexcept : held_(std::move(value)) {}
    outcome(at9068::error failed) noexcept : held_(std::move(failed)) {}

    /** Whether there is a value. */
    bool has_value() const noexcept { return held_.index() == 0; }
    explicit operator bool() const noexcept { return has_value(); }

    /** The value; throws the error where there is none. */
    const T &value() const & { return checked(*this); }
    T &value() & { return checked(*this); }
    T &&value() && { return std::move(checked(*this)); }

    /** The value, which must be there. */
    const T &operator*() const noexcept { return *std::get_if<0>(&held_); }
    T &operator*() noexcept { return *std::get_if<0>(&held_); }
    const T *operator->() const noexcept { return std::get_if<0>(&held_); }
    T *operator->() noexcept { return std::get_if<0>(&held_); }

    /** The error, which must be there. */
    const at9068::error &error() const noexcept { return *std::get_if<1>(&held_); }

private:
    template <class Self>
    static auto &checked(Self &self)
    {
        if (!self.has_value()) {
            throw self.error();
        }
        return *self;
    }

    std::variant<T, at9068::error> held_;
};

namespace detail {

/** Texts as the C library takes many, from anything that holds what becomes a std::string_view. */
template <class Texts>
std::vector<at9068_str> views(const Texts &texts)
{
    std::vector<at9068_str> found;
    for (const auto &text : texts) {
        const std::string_view view(text);
        found.push_back(at9068_str{view.data(), view.size()});
    }
    return found;
}

/** What came of a batch, taken out of it: `wrap` makes a value of a handle. */
template <class T, class Handle, class Batch, class Wrap>
std::vector<outcome<T>> outcomes(Batch *batch, std::size_t count, bool (*take)(Batch *, std::size_t, Handle **),
                                 const at9068_error *(*error_at)(const Batch *, std::size_t), Wrap &&wrap)
{
    std::vector<outcome<T>> found;
    found.reserve(count);
    for (std::size_t i = 0; i < count; ++i) {
        Handle *made = nullptr;
        if (take(batch, i, &made)) {
            found.emplace_back(wrap(owned<Handle>(made)));
        } else {
            found.emplace_back(at9068::error(error_at(batch, i)));
        }
    }
    return found;
}

}  // namespace detail

/** The version of the library, "MAJOR.MINOR.PATCH". */
inline std::string_view version() noexcept
{
    return detail::view(at9068_version());
}

/** The RFC 7638 thumbprint with SHA-256 of a JWK, public or private. */
inline std::string thumbprint(std::string_view jwk)
{
    return *detail::make_text([&](at9068_string **out, at9068_error **failed) {
        return at9068_thumbprint(jwk.data(), jwk.size(), out, failed);
    });
}

/** The base64url of the SHA-256 of a certificate's DER (`x5t#S256`), from DER or PEM. */
inline std::string certificate_sha256(std::string_view der_or_pem)
{
    return *detail::make_text([&](at9068_string **out, at9068_error **failed) {
        const auto *octets = reinterpret_cast<const std::uint8_t *>(der_or_pem.data());
        return at9068_certificate_sha256(octets, der_or_pem.size(), out, failed);
    });
}

/** What a PEM text does not say about its key. */
struct key_options {
    /** The one algorithm that the key is used with, as in "PS256". */
    std::optional<std::string_view> algorithm = std::nullopt;
    /** The identifier of the key; not given, it is the RFC 7638 thumbprint. */
    std::optional<std::string_view> kid = std::nullopt;

    /** The struct of the C library. */
    at9068_key_options to_c() const noexcept
    {
        return at9068_key_options{sizeof(at9068_key_options), detail::given(algorithm), detail::given(kid)};
    }
};

/** An entry of a key set that cannot be used. */
struct skipped_key {
    /** The issuer or client whose set it is in, where a validator of several was asked; empty otherwise. */
    std::string issuer;
    /** The entry's place in the set, from 0. */
    std::size_t index;
    /** Its identifier, where it has one. */
    std::optional<std::string> kid;
    /** What is wrong with it, as in AT9068_CODE_KEY_TOO_WEAK. */
    at9068_code number;
};

namespace detail {

/** What a handle skipped, by its C function. */
template <class Handle>
std::vector<skipped_key> skipped_of(const Handle *handle,
                                    bool (*at)(const Handle *, std::size_t, std::size_t *, at9068_str *, at9068_code *))
{
    std::vector<skipped_key> found;
    std::size_t place = 0;
    at9068_str kid = {nullptr, 0};
    at9068_code number = AT9068_CODE_OK;
    for (std::size_t i = 0; at(handle, i, &place, &kid, &number); ++i) {
        found.push_back({std::string(), place, optional_copy(kid), number});
    }
    return found;
}

/** The same where the function tells whose set it is. */
template <class Handle>
std::vector<skipped_key> skipped_of(const Handle *handle, bool (*at)(const Handle *, std::size_t, at9068_str *,
                                                                     std::size_t *, at9068_str *, at9068_code *))
{
    std::vector<skipped_key> found;
    std::size_t place = 0;
    at9068_str whose = {nullptr, 0};
    at9068_str kid = {nullptr, 0};
    at9068_code number = AT9068_CODE_OK;
    for (std::size_t i = 0; at(handle, i, &whose, &place, &kid, &number); ++i) {
        found.push_back({std::string(view(whose)), place, optional_copy(kid), number});
    }
    return found;
}

}  // namespace detail

class signing_key;

/** Keys that verify, parsed once. */
class key_set {
public:
    /** Reads a JWK set; entries that cannot be used are skipped. */
    static key_set from_json(std::string_view json)
    {
        return key_set(detail::make<at9068_key_set>([&](at9068_key_set **out, at9068_error **failed) {
            return at9068_key_set_from_json(json.data(), json.size(), out, failed);
        }));
    }

    /** Reads the one public key, private key or certificate of a PEM text. */
    static key_set from_pem(std::string_view pem, const key_options &options = key_options())
    {
        const auto known = options.to_c();
        return key_set(detail::make<at9068_key_set>([&](at9068_key_set **out, at9068_error **failed) {
            return at9068_key_set_from_pem(pem.data(), pem.size(), &known, out, failed);
        }));
    }

    /** The public halves of signing keys. Of a symmetric key, a set that is a secret. */
    static key_set from_signing_keys(const std::vector<std::reference_wrapper<const signing_key>> &keys);

    /** The public keys as a JWK set. */
    std::string to_json() const
    {
        return *detail::make_text([&](at9068_string **out, at9068_error **failed) {
            return at9068_key_set_to_json(get(), out, failed);
        });
    }

    /** How many keys are usable. */
    std::size_t size() const noexcept { return at9068_key_set_len(get()); }

    /** The identifiers of the usable keys that have one. */
    std::vector<std::string> kids() const
    {
        std::vector<std::string> found;
        for (std::size_t i = 0; const auto kid = detail::optional_view(at9068_key_set_kid_at(get(), i)); ++i) {
            found.emplace_back(*kid);
        }
        return found;
    }

    /** The entries that were skipped. */
    std::vector<skipped_key> skipped() const { return detail::skipped_of(get(), at9068_key_set_skipped_at); }

    /** The handle, which stays this object's. */
    const at9068_key_set *get() const noexcept { return handle_.get(); }

private:
    friend class signing_key;

    explicit key_set(detail::owned<at9068_key_set> handle) noexcept : handle_(std::move(handle)) {}

    detail::owned<at9068_key_set> handle_;
};

/** A private key, parsed once; wiped at its end. */
class signing_key {
public:
    /** Makes a new key for an algorithm, as in "ES256"; `bits` is for RSA, 2048 where it is 0. */
    static signing_key generate(std::string_view algorithm, std::uint32_t bits = 0)
    {
        return signing_key(detail::make<at9068_signing_key>([&](at9068_signing_key **out, at9068_error **failed) {
            return at9068_signing_key_generate(algorithm.data(), algorithm.size(), bits, out, failed);
        }));
    }

    /** Reads a private JWK, or a symmetric one. */
    static signing_key from_jwk(std::string_view jwk)
    {
        return signing_key(detail::make<at9068_signing_key>([&](at9068_signing_key **out, at9068_error **failed) {
            return at9068_signing_key_from_jwk(jwk.data(), jwk.size(), out, failed);
        }));
    }

    /** Reads a PEM text: PKCS#8, PKCS#1 or SEC1. */
    static signing_key from_pem(std::string_view pem, const key_options &options = key_options())
    {
        const auto known = options.to_c();
        return signing_key(detail::make<at9068_signing_key>([&](at9068_signing_key **out, at9068_error **failed) {
            return at9068_signing_key_from_pem(pem.data(), pem.size(), &known, out, failed);
        }));
    }

    /** The identifier; none for a symmetric key that was given none. */
    std::optional<std::string_view> kid() const noexcept
    {
        return detail::optional_view(at9068_signing_key_kid(get()));
    }

    /** The algorithm that the key is bound to, or else the usual one of its kind. */
    std::string_view algorithm() const noexcept { return detail::view(at9068_signing_key_algorithm(get())); }

    /** The RFC 7638 thumbprint; none for a symmetric key. */
    std::optional<std::string> thumbprint() const { return text(at9068_signing_key_thumbprint); }
    /** The public half as a JWK; none for a symmetric key. */
    std::optional<std::string> public_jwk() const { return text(at9068_signing_key_public_jwk); }
    /** The public half as PEM (SPKI); none for a symmetric key. */
    std::optional<std::string> public_pem() const { return text(at9068_signing_key_public_pem); }
    /** The whole key as a JWK. The text is a secret, and this copy of it is not wiped. */
    std::string to_jwk() const { return *text(at9068_signing_key_to_jwk); }
    /** The whole key as PEM (PKCS#8). The text is a secret, and this copy of it is not wiped. */
    std::string to_pem() const { return *text(at9068_signing_key_to_pem); }

    /** The set of this key's public half; of a symmetric key, a set that is a secret. */
    at9068::key_set key_set() const
    {
        return at9068::key_set(detail::make<at9068_key_set>([&](at9068_key_set **out, at9068_error **failed) {
            return at9068_signing_key_key_set(get(), out, failed);
        }));
    }

    /** The handle, which stays this object's. */
    const at9068_signing_key *get() const noexcept { return handle_.get(); }

private:
    using text_function = at9068_code (*)(const at9068_signing_key *, at9068_string **, at9068_error **);

    explicit signing_key(detail::owned<at9068_signing_key> handle) noexcept : handle_(std::move(handle)) {}

    std::optional<std::string> text(text_function of) const
    {
        return detail::make_text(
            [&](at9068_string **out, at9068_error **failed) { return of(get(), out, failed); });
    }

    detail::owned<at9068_signing_key> handle_;
};

inline key_set key_set::from_signing_keys(const std::vector<std::reference_wrapper<const signing_key>> &keys)
{
    std::vector<const at9068_signing_key *> known;
    for (const signing_key &key : keys) {
        known.push_back(key.get());
    }
    return key_set(detail::make<at9068_key_set>([&](at9068_key_set **out, at9068_error **failed) {
        return at9068_key_set_from_signing_keys(known.data(), known.size(), out, failed);
    }));
}

/**
 * Verifies a JWS that is no access token and gives its payload, by a JSON array of the algorithms
 * that are accepted, as in R"(["RS256"])". Looks at no claim: see at9068_verify_jws().
 */
inline std::vector<std::uint8_t> verify_jws(std::string_view token, const key_set &keys, std::string_view algorithms)
{
    const auto payload = detail::make<at9068_buffer>([&](at9068_buffer **out, at9068_error **failed) {
        return at9068_verify_jws(token.data(), token.size(), keys.get(), algorithms.data(), algorithms.size(), out,
                                 failed);
    });
    const auto octets = at9068_buffer_view(payload.get());
    return std::vector<std::uint8_t>(octets.ptr, octets.ptr + octets.len);
}

/** Handles that a configuration refers to by their place: {"$key_set": 0} and {"$signing_key": 0}. */
struct handles {
    std::vector<std::reference_wrapper<const at9068::key_set>> key_sets = {};
    std::vector<std::reference_wrapper<const signing_key>> signing_keys = {};
};

/**
 * A source of time: seconds since the epoch. Called from whatever thread asks, from several at once;
 * what it throws fails the call that asked with "internal". A validator's lives as long as the last
 * access token of it.
 */
using clock = std::function<double()>;

/**
 * A request that is wanted: a GET, or a POST where there is a body. What the members say: see
 * at9068_fetch_request_url() and so on. It may hold a token and credentials: not for logs.
 */
struct fetch_request {
    std::string url;
    std::vector<std::pair<std::string, std::string>> headers;
    double timeout_seconds;
    double connect_timeout_seconds;
    std::size_t max_body_bytes;
    bool trusted_host;
    std::string method;
    std::optional<std::string> body;
};

/** What came back. Header fields that are not UTF-8 are left out. */
struct fetch_response {
    std::uint16_t status;
    std::vector<std::pair<std::string, std::string>> headers;
    std::string body;
};

/** What a fetch throws that gets no response, and why: one of the numbers AT9068_FETCH_…, but not _OK. */
class fetch_failure : public std::runtime_error {
public:
    explicit fetch_failure(at9068_fetch_outcome outcome) : std::runtime_error("no response"), outcome_(outcome) {}

    /** As in AT9068_FETCH_TIMEOUT. */
    at9068_fetch_outcome outcome() const noexcept { return outcome_; }

private:
    at9068_fetch_outcome outcome_;
};

/**
 * Makes requests to issuers; what it must keep to: see at9068_fetch_request. Called from whatever
 * thread validates, and from threads of the library, from several at once. What else it throws than a
 * fetch_failure is AT9068_FETCH_BROKEN.
 */
using fetch = std::function<fetch_response(const fetch_request &)>;

/**
 * Hears of what happens to the keys of issuers, and to questions about tokens, a JSON object that is good
 * during the call: see at9068_events. What it throws is forgotten.
 */
using events = std::function<void(std::string_view)>;

/**
 * Knows issuers that no configuration lists: the JSON text of an entry of `issuers`, or nothing where
 * the issuer is not to be trusted; see at9068_resolver. What it throws fails the call that asked with
 * "keys_unavailable".
 */
using resolver = std::function<std::optional<std::string>(std::string_view)>;

/**
 * Remembers which tokens of single use were used: tells whether it is the first use of a key, which is to
 * be remembered until a time; see at9068_replay_store. Called from whatever thread validates, from several
 * at once. What it throws fails the call that asked with "internal".
 */
using replay_store = std::function<bool(std::string_view key, std::int64_t until, std::int64_t now)>;

/** A replay store in the memory of this process: see at9068_memory_replay_store. */
class memory_replay_store {
public:
    /** Makes an empty store, of at most so many entries, or 100,000 where that is 0. */
    explicit memory_replay_store(std::size_t capacity = 0)
        : handle_(detail::make<at9068_memory_replay_store>(
              [&](at9068_memory_replay_store **out, at9068_error **failed) {
                  return at9068_memory_replay_store_new(capacity, out, failed);
              }))
    {
    }

    /** Notes a use, and tells whether it is the first one: for a replay_store that does more than that. */
    bool first_use(std::string_view key, std::int64_t until, std::int64_t now) const
    {
        int first = 0;
        detail::check([&](at9068_error **failed) {
            return at9068_memory_replay_store_first_use(get(), key.data(), key.size(), until, now, &first, failed);
        });
        return first == 1;
    }

    /** How many entries there are. */
    std::size_t size() const noexcept { return at9068_memory_replay_store_len(get()); }

    /** The handle, which stays this object's. */
    const at9068_memory_replay_store *get() const noexcept { return handle_.get(); }

private:
    detail::owned<at9068_memory_replay_store> handle_;
};

class revocations;

/**
 * How a validator or a cache of keys reaches outside of the library. What is not given: the system's
 * clock, the HTTP client that is built in, nobody who hears of events, no other issuers, nothing revoked,
 * a memory of the validator's own of what was used. A clock alone may stand for it.
 */
struct ports {
    ports() = default;

    template <class Time, class = std::enable_if_t<std::is_constructible_v<at9068::clock, Time &&>>>
    ports(Time &&source) : clock(std::forward<Time>(source))
    {
    }

    at9068::clock clock = nullptr;
    at9068::fetch fetch = nullptr;
    at9068::events events = nullptr;
    at9068::resolver resolver = nullptr;
    /** Whether the library fetches nothing: the host does, with validator::step(). */
    bool host_fetches = false;
    /** The list of access tokens that are refused; needed during the call only. */
    const at9068::revocations *revocations = nullptr;
    /** Where it is remembered what was used: this or the next, not both. */
    at9068::replay_store replay_store = nullptr;
    /** The same in memory; needed during the call only. */
    const at9068::memory_replay_store *memory_replay_store = nullptr;
};

namespace detail {

/** Handles for the C library. */
class c_handles {
public:
    explicit c_handles(const handles &given)
    {
        for (const key_set &set : given.key_sets) {
            sets_.push_back(set.get());
        }
        for (const signing_key &key : given.signing_keys) {
            keys_.push_back(key.get());
        }
        handles_ = {sizeof(at9068_handles), sets_.data(), sets_.size(), keys_.data(), keys_.size()};
    }

    c_handles(const c_handles &) = delete;
    c_handles &operator=(const c_handles &) = delete;

    const at9068_handles *get() const noexcept { return &handles_; }

private:
    std::vector<const at9068_key_set *> sets_;
    std::vector<const at9068_signing_key *> keys_;
    at9068_handles handles_ = {};
};

inline fetch_request to_request(const at9068_fetch_request *wanted)
{
    fetch_request request = {std::string(view(at9068_fetch_request_url(wanted))),
                             {},
                             at9068_fetch_request_timeout_seconds(wanted),
                             at9068_fetch_request_connect_timeout_seconds(wanted),
                             at9068_fetch_request_max_body_bytes(wanted),
                             at9068_fetch_request_trusted_host(wanted),
                             std::string(view(at9068_fetch_request_method(wanted))),
                             std::nullopt};
    if (const auto body = at9068_fetch_request_body(wanted); body.ptr != nullptr) {
        request.body.emplace(reinterpret_cast<const char *>(body.ptr), body.len);
    }
    for (std::size_t i = 0; i < at9068_fetch_request_header_count(wanted); ++i) {
        request.headers.emplace_back(view(at9068_fetch_request_header_name_at(wanted, i)),
                                     view(at9068_fetch_request_header_value_at(wanted, i)));
    }
    return request;
}

inline void write_down(const fetch_response &response, at9068_fetch_response *out) noexcept
{
    at9068_fetch_response_set_status(out, response.status);
    for (const auto &[name, value] : response.headers) {
        at9068_fetch_response_add_header(out, name.data(), name.size(), value.data(), value.size());
    }
    const auto *octets = reinterpret_cast<const std::uint8_t *>(response.body.data());
    at9068_fetch_response_append_body(out, octets, response.body.size());
}

const at9068_revocations *handle_of(const revocations *given) noexcept;

/** Ports for the C library, which owns the functions once a handle is made with them. */
class c_ports {
public:
    explicit c_ports(ports given)
    {
        ports_.size = sizeof ports_;
        ports_.host_fetches = given.host_fetches ? 1 : 0;
        keep(ports_.clock, clock_, std::move(given.clock));
        keep(ports_.fetch, fetch_, std::move(given.fetch));
        keep(ports_.events, events_, std::move(given.events));
        keep(ports_.resolver, resolver_, std::move(given.resolver));
        keep(ports_.replay_store, replay_store_, std::move(given.replay_store));
        ports_.revocations = handle_of(given.revocations);
        ports_.memory_replay_store = given.memory_replay_store ? given.memory_replay_store->get() : nullptr;
        if (clock_) {
            ports_.clock.now = [](void *of, double *out) noexcept {
                return caught(1, [&] {
                    *out = (*static_cast<const clock *>(of))();
                    return 0;
                });
            };
        }
        if (fetch_) {
            ports_.fetch.fetch = [](void *of, const at9068_fetch_request *wanted,
                                    at9068_fetch_response *response) noexcept -> at9068_fetch_outcome {
                try {
                    write_down((*static_cast<const fetch *>(of))(to_request(wanted)), response);
                    return AT9068_FETCH_OK;
                } catch (const fetch_failure &failed) {
                    return failed.outcome();
                } catch (...) {
                    return AT9068_FETCH_BROKEN;
                }
            };
        }
        if (events_) {
            ports_.events.event = [](void *of, at9068_str event) noexcept {
                (void)caught(1, [&] {
                    (*static_cast<const events *>(of))(view(event));
                    return 0;
                });
            };
        }
        if (resolver_) {
            ports_.resolver.resolve = [](void *of, at9068_str issuer, at9068_resolution *resolution) noexcept {
                return caught(1, [&] {
                    const auto known = (*static_cast<const resolver *>(of))(view(issuer));
                    return !known || at9068_resolution_set_json(resolution, known->data(), known->size()) ? 0 : 1;
                });
            };
        }
        if (replay_store_) {
            ports_.replay_store.first_use = [](void *of, at9068_str key, std::int64_t until,
                                               std::int64_t now) noexcept {
                return caught(-1, [&] {
                    return (*static_cast<const replay_store *>(of))(view(key), until, now) ? 1 : 0;
                });
            };
        }
    }

    c_ports(const c_ports &) = delete;
    c_ports &operator=(const c_ports &) = delete;

    const at9068_ports *get() const noexcept { return &ports_; }

    /** They are the handle's now. */
    void release() noexcept
    {
        clock_.release();
        fetch_.release();
        events_.release();
        resolver_.release();
        replay_store_.release();
    }

private:
    template <class Port, class Function>
    static void keep(Port &port, std::unique_ptr<Function> &kept, Function given)
    {
        if (given) {
            kept = std::make_unique<Function>(std::move(given));
            port.context = kept.get();
            port.drop = [](void *of) noexcept { delete static_cast<Function *>(of); };
        }
    }

    template <class Call>
    static int caught(int otherwise, Call call) noexcept
    {
        try {
            return call();
        } catch (...) {
            return otherwise;
        }
    }

    at9068_ports ports_ = {};
    std::unique_ptr<clock> clock_;
    std::unique_ptr<fetch> fetch_;
    std::unique_ptr<events> events_;
    std::unique_ptr<resolver> resolver_;
    std::unique_ptr<replay_store> replay_store_;
};

/** Makes a handle that owns ports: `call` is given them, and what to pass as its last two. */
template <class T, class Call>
owned<T> make_with_ports(ports given, Call call)
{
    c_ports outside(std::move(given));
    auto made = make<T>([&](T **out, at9068_error **failed) { return call(outside.get(), out, failed); });
    outside.release();  // where making it throws, they are still ours
    return made;
}

/** Makes a validator or minter by its C function. */
template <class T, class New>
owned<T> make_configured(New make_new, std::string_view config, const handles &given, ports outside)
{
    const c_handles known(given);
    return make_with_ports<T>(std::move(outside), [&](const at9068_ports *by, T **out, at9068_error **failed) {
        return make_new(config.data(), config.size(), known.get(), by, out, failed);
    });
}

/** The same of a validator that is given a cache. */
template <class T, class New>
owned<T> make_with_cache(New make_new, std::string_view config, const at9068_issuer_cache *cache, const handles &given,
                         ports outside)
{
    const auto make_new_with = [&](const char *text, std::size_t len, const at9068_handles *known,
                                   const at9068_ports *by, T **out, at9068_error **failed) {
        return make_new(text, len, known, by, cache, out, failed);
    };
    return make_configured<T>(make_new_with, config, given, std::move(outside));
}

}  // namespace detail

/** A refresh that is under way, to be waited for. */
class flight {
public:
    /** Whether it is over, well or not. */
    bool is_over() const noexcept { return at9068_flight_is_over(get()); }

    /** Seconds until it ends at the latest. */
    double remaining_seconds() const noexcept { return at9068_flight_remaining_seconds(get()); }

    /** Blocks this thread until it is over, or for so many seconds; returns whether it is over. */
    bool wait(double seconds) const noexcept { return at9068_flight_wait(get(), seconds); }

    /**
     * Calls back once when whoever fetches is done: at once where it is over, else on the thread that
     * fetches or answers. What `over` throws is forgotten.
     */
    void on_over(std::function<void()> over) const
    {
        auto context = std::make_unique<std::function<void()>>(std::move(over));
        const auto call = [](void *of) noexcept {
            const std::unique_ptr<std::function<void()>> own(static_cast<std::function<void()> *>(of));
            try {
                (*own)();
            } catch (...) {
            }
        };
        detail::check([&](at9068_error **failed) {
            return at9068_flight_on_over(get(), call, context.get(), failed);
        });
        context.release();
    }

    /** The handle, which stays this object's. */
    const at9068_flight *get() const noexcept { return handle_.get(); }

private:
    friend class detail::stepping;
    friend class refresh;

    explicit flight(detail::owned<at9068_flight> handle) noexcept : handle_(std::move(handle)) {}

    detail::owned<at9068_flight> handle_;
};

/**
 * A refresh that the owner has to carry out: an issuer's keys are fetched, or it is asked about a token.
 * Used by one thread at a time; destroyed unfinished, it has failed.
 */
class refresh {
public:
    /** The issuer, or the client, whose keys are fetched, or that is asked; empty once it was run. */
    std::string_view issuer() const noexcept { return detail::view(at9068_refresh_issuer(handle_.get())); }

    /** The request to make now; none when the refresh is over. */
    std::optional<fetch_request> request()
    {
        const auto *wanted = at9068_refresh_request(handle_.get());
        return wanted == nullptr ? std::nullopt : std::optional<fetch_request>(detail::to_request(wanted));
    }

    /** What came back of the request. Throws when the refresh was over already. */
    void answer(const fetch_response &response)
    {
        if (auto *out = at9068_refresh_response(handle_.get())) {
            detail::write_down(response, out);
        }
        detail::check([&](at9068_error **failed) { return at9068_refresh_answer(handle_.get(), failed); });
    }

    /** Why nothing came back, as in AT9068_FETCH_TIMEOUT. Throws when the refresh was over already. */
    void fail(at9068_fetch_outcome outcome)
    {
        detail::check([&](at9068_error **failed) { return at9068_refresh_fail(handle_.get(), outcome, failed); });
    }

    /** Makes the requests that are wanted on this thread, by the ports, and waits for the answers. */
    void run()
    {
        detail::check([&](at9068_error **failed) { return at9068_refresh_run(handle_.get(), failed); });
    }

    /** Does the same on a thread that ends with it. */
    at9068::flight spawn()
    {
        return at9068::flight(detail::make<at9068_flight>([&](at9068_flight **out, at9068_error **failed) {
            return at9068_refresh_spawn(handle_.get(), out, failed);
        }));
    }

    /** What others who need the keys wait for. */
    at9068::flight flight() const
    {
        return at9068::flight(detail::make<at9068_flight>([&](at9068_flight **out, at9068_error **failed) {
            return at9068_refresh_flight(handle_.get(), out, failed);
        }));
    }

private:
    friend class detail::stepping;
    template <class Handle>
    friend class detail::keeping_keys;

    explicit refresh(detail::owned<at9068_refresh> handle) noexcept : handle_(std::move(handle)) {}

    detail::owned<at9068_refresh> handle_;
};

/**
 * How far a call has come that does not wait: it is done; or the owner of the refresh is to carry it out,
 * then to ask again; or somebody else does, and the flight is to be waited for.
 */
template <class T>
using progress = std::variant<T, refresh, flight>;

namespace detail {

/** Makes a step of the C library. */
class stepping {
public:
    /** `call` is given what to pass for refresh, flight and error; `done` makes the outcome. */
    template <class T, class Call, class Done>
    static progress<T> take(Call call, Done done)
    {
        at9068_refresh *wanted = nullptr;
        at9068_flight *other = nullptr;
        at9068_error *failed = nullptr;
        const auto code = call(&wanted, &other, &failed);
        const owned<at9068_error> holder(failed);
        if (wanted != nullptr) {
            return refresh(owned<at9068_refresh>(wanted));
        }
        if (other != nullptr) {
            return flight(owned<at9068_flight>(other));
        }
        if (code != AT9068_CODE_OK) {
            throw error(failed);
        }
        return done();
    }
};

}  // namespace detail

/** What is left to do of a validator's prefetch() or refresh(); used by one thread at a time. */
class key_steps {
public:
    /** Goes on as far as that goes without waiting. Throws what validator::prefetch() throws. */
    progress<std::monostate> step()
    {
        return detail::stepping::take<std::monostate>(
            [&](at9068_refresh **wanted, at9068_flight **other, at9068_error **failed) {
                return at9068_key_steps_step(handle_.get(), wanted, other, failed);
            },
            [] { return std::monostate(); });
    }

private:
    template <class Handle>
    friend class detail::keeping_keys;

    explicit key_steps(detail::owned<at9068_key_steps> handle) noexcept : handle_(std::move(handle)) {}

    detail::owned<at9068_key_steps> handle_;
};

/** Fetches the keys of issuers and keeps them, for all validators that are made with it. */
class issuer_cache {
public:
    /** Makes a cache from its configuration, a JSON object: see at9068_issuer_cache_new(). */
    explicit issuer_cache(std::string_view config, ports outside = ports())
        : handle_(detail::make_with_ports<at9068_issuer_cache>(
              std::move(outside),
              [&](const at9068_ports *by, at9068_issuer_cache **out, at9068_error **failed) {
                  return at9068_issuer_cache_new(config.data(), config.size(), by, out, failed);
              }))
    {
    }

    /** Where the keys of issuers are in their life: see at9068_issuer_cache_status_json(). */
    std::string status_json() const
    {
        return *detail::make_text([&](at9068_string **out, at9068_error **failed) {
            return at9068_issuer_cache_status_json(get(), out, failed);
        });
    }

    /** The keys at hand, for restore(). Whoever can change it chooses whom the API trusts. */
    std::string snapshot() const
    {
        return *detail::make_text([&](at9068_string **out, at9068_error **failed) {
            return at9068_issuer_cache_snapshot(get(), out, failed);
        });
    }

    /** Takes keys from a snapshot, for issuers that have none yet. */
    void restore(std::string_view snapshot) const
    {
        detail::check([&](at9068_error **failed) {
            return at9068_issuer_cache_restore(get(), snapshot.data(), snapshot.size(), failed);
        });
    }

    /** The handle, which stays this object's. */
    const at9068_issuer_cache *get() const noexcept { return handle_.get(); }

private:
    template <class Handle>
    friend class detail::keeping_keys;

    explicit issuer_cache(detail::owned<at9068_issuer_cache> handle) noexcept : handle_(std::move(handle)) {}

    detail::owned<at9068_issuer_cache> handle_;
};

namespace detail {

/** The functions of the C library for a kind of validator. */
template <class Handle>
struct validator_functions;

template <>
struct validator_functions<at9068_validator> {
    static constexpr auto due_refresh = at9068_validator_due_refresh;
    static constexpr auto prefetch = at9068_validator_prefetch;
    static constexpr auto refresh = at9068_validator_refresh;
    static constexpr auto prefetch_steps = at9068_validator_prefetch_steps;
    static constexpr auto refresh_steps = at9068_validator_refresh_steps;
    static constexpr auto status_json = at9068_validator_status_json;
    static constexpr auto issuer_cache = at9068_validator_issuer_cache;
    static constexpr auto skipped_at = at9068_validator_skipped_at;
};

template <>
struct validator_functions<at9068_id_token_validator> {
    static constexpr auto due_refresh = at9068_id_token_validator_due_refresh;
    static constexpr auto prefetch = at9068_id_token_validator_prefetch;
    static constexpr auto refresh = at9068_id_token_validator_refresh;
    static constexpr auto prefetch_steps = at9068_id_token_validator_prefetch_steps;
    static constexpr auto refresh_steps = at9068_id_token_validator_refresh_steps;
    static constexpr auto status_json = at9068_id_token_validator_status_json;
    static constexpr auto issuer_cache = at9068_id_token_validator_issuer_cache;
    static constexpr auto skipped_at = at9068_id_token_validator_skipped_at;
    static constexpr auto validate = at9068_id_token_validator_validate;
    static constexpr auto validate_at_hand = at9068_id_token_validator_validate_at_hand;
    static constexpr auto step = at9068_id_token_validator_step;
};

template <>
struct validator_functions<at9068_client_assertion_validator> {
    static constexpr auto due_refresh = at9068_client_assertion_validator_due_refresh;
    static constexpr auto prefetch = at9068_client_assertion_validator_prefetch;
    static constexpr auto refresh = at9068_client_assertion_validator_refresh;
    static constexpr auto prefetch_steps = at9068_client_assertion_validator_prefetch_steps;
    static constexpr auto refresh_steps = at9068_client_assertion_validator_refresh_steps;
    static constexpr auto status_json = at9068_client_assertion_validator_status_json;
    static constexpr auto issuer_cache = at9068_client_assertion_validator_issuer_cache;
    static constexpr auto skipped_at = at9068_client_assertion_validator_skipped_at;
    static constexpr auto validate = at9068_client_assertion_validator_validate;
    static constexpr auto validate_at_hand = at9068_client_assertion_validator_validate_at_hand;
    static constexpr auto step = at9068_client_assertion_validator_step;
};

/** What validators of every kind do: keep keys of issuers, or of clients. */
template <class Handle>
class keeping_keys {
public:
    /** A refresh of keys that are due, if any, for hosts that call step(); to be asked every second or so. */
    std::optional<at9068::refresh> due_refresh() const
    {
        auto due = detail::make<at9068_refresh>([&](at9068_refresh **out, at9068_error **failed) {
            return functions::due_refresh(get(), out, failed);
        });
        return due ? std::optional<at9068::refresh>(at9068::refresh(std::move(due))) : std::nullopt;
    }

    /** Fetches the keys of everybody who is configured that are not fresh, and waits for them. */
    void prefetch() const
    {
        detail::check([&](at9068_error **failed) { return functions::prefetch(get(), failed); });
    }

    /** Fetches all keys anew, however fresh they are, and waits for them. */
    void refresh() const
    {
        detail::check([&](at9068_error **failed) { return functions::refresh(get(), failed); });
    }

    /** prefetch() for hosts that do the waiting. */
    key_steps prefetch_steps() const { return steps_by(functions::prefetch_steps); }

    /** refresh() for hosts that do the waiting. */
    key_steps refresh_steps() const { return steps_by(functions::refresh_steps); }

    /** Where the keys are in their life: see at9068_issuer_cache_status_json(). */
    std::string status_json() const
    {
        return *detail::make_text([&](at9068_string **out, at9068_error **failed) {
            return functions::status_json(get(), out, failed);
        });
    }

    /** The cache in which the keys are kept; none where none are fetched. */
    std::optional<at9068::issuer_cache> issuer_cache() const
    {
        auto cache = detail::make<at9068_issuer_cache>([&](at9068_issuer_cache **out, at9068_error **failed) {
            return functions::issuer_cache(get(), out, failed);
        });
        return cache ? std::optional<at9068::issuer_cache>(at9068::issuer_cache(std::move(cache))) : std::nullopt;
    }

    /** Entries of the configured key sets that were skipped. */
    std::vector<skipped_key> skipped_keys() const { return detail::skipped_of(get(), functions::skipped_at); }

    /** The handle, which stays this object's. */
    const Handle *get() const noexcept { return handle_.get(); }

protected:
    explicit keeping_keys(owned<Handle> handle) noexcept : handle_(std::move(handle)) {}

    keeping_keys(keeping_keys &&) noexcept = default;
    keeping_keys &operator=(keeping_keys &&) noexcept = default;
    ~keeping_keys() = default;

    /** By a function that makes a T: `by` is given what to pass between the handle and its last two. */
    template <class T, class C, class Function, class... Arguments>
    T made(Function by, const Arguments &...arguments) const
    {
        return T(detail::make<C>([&](C **out, at9068_error **failed) { return by(get(), arguments..., out, failed); }));
    }

    /** The same by a function that takes a step. */
    template <class T, class C, class Function, class... Arguments>
    progress<T> stepped(Function by, const Arguments &...arguments) const
    {
        C *out = nullptr;
        return detail::stepping::take<T>(
            [&](at9068_refresh **wanted, at9068_flight **other, at9068_error **failed) {
                return by(get(), arguments..., wanted, other, &out, failed);
            },
            [&] { return T(owned<C>(out)); });
    }

private:
    using functions = validator_functions<Handle>;

    template <class Function>
    key_steps steps_by(Function by) const
    {
        return key_steps(detail::make<at9068_key_steps>(
            [&](at9068_key_steps **out, at9068_error **failed) { return by(get(), out, failed); }));
    }

    owned<Handle> handle_;
};

/** What validators do whose tokens are judged by what is expected of one, a JSON object. */
template <class Handle, class Token, class C>
class judging : public keeping_keys<Handle> {
public:
    /** Validates a token, by what is expected of it. */
    Token validate(std::string_view token, std::optional<std::string_view> expected = std::nullopt,
                   std::optional<double> now = std::nullopt) const
    {
        const auto json = given(expected);
        return this->template made<Token, C>(functions::validate, token.data(), token.size(), json.ptr, json.len,
                                             now ? &*now : nullptr);
    }

    /** Validates with the keys at hand and never waits. */
    Token validate_at_hand(std::string_view token, std::optional<std::string_view> expected = std::nullopt,
                           std::optional<double> now = std::nullopt) const
    {
        const auto json = given(expected);
        return this->template made<Token, C>(functions::validate_at_hand, token.data(), token.size(), json.ptr, json.len,
                                             now ? &*now : nullptr);
    }

    /** Validates as far as it can without waiting: see validator::step(). */
    progress<Token> step(std::string_view token, std::optional<std::string_view> expected = std::nullopt,
                         std::optional<double> now = std::nullopt) const
    {
        const auto json = given(expected);
        return this->template stepped<Token, C>(functions::step, token.data(), token.size(), json.ptr, json.len,
                                                now ? &*now : nullptr);
    }

protected:
    using keeping_keys<Handle>::keeping_keys;

private:
    using functions = validator_functions<Handle>;
};

}  // namespace detail

/** A list of revoked access tokens, for the validators that are given it: see at9068_revocations. */
class revocations {
public:
    /** Makes an empty list, which forgets by this clock. */
    explicit revocations(clock time = clock())
        : handle_(detail::make_with_ports<at9068_revocations>(
              std::move(time), [](const at9068_ports *by, at9068_revocations **out, at9068_error **failed) {
                  return at9068_revocations_new(by, out, failed);
              }))
    {
    }

    /** Adds an entry, a JSON object: see at9068_revocations_revoke(). */
    void revoke(std::string_view entry) const
    {
        detail::check([&](at9068_error **failed) {
            return at9068_revocations_revoke(get(), entry.data(), entry.size(), failed);
        });
    }

    /** How many entries there are. */
    std::size_t size() const noexcept { return at9068_revocations_len(get()); }

    /** Forgets all entries that are over. */
    void sweep() const
    {
        detail::check([&](at9068_error **failed) { return at9068_revocations_sweep(get(), failed); });
    }

    /** The list, for restore(): see at9068_revocations_snapshot(). */
    std::string snapshot() const
    {
        return *detail::make_text([&](at9068_string **out, at9068_error **failed) {
            return at9068_revocations_snapshot(get(), out, failed);
        });
    }

    /** Adds the entries of a snapshot to those that are there. */
    void restore(std::string_view snapshot) const
    {
        detail::check([&](at9068_error **failed) {
            return at9068_revocations_restore(get(), snapshot.data(), snapshot.size(), failed);
        });
    }

    /** The handle, which stays this object's. */
    const at9068_revocations *get() const noexcept { return handle_.get(); }

private:
    detail::owned<at9068_revocations> handle_;
};

inline const at9068_revocations *detail::handle_of(const revocations *given) noexcept
{
    return given == nullptr ? nullptr : given->get();
}

/** The claims of a token that a validator found good. Times are seconds since the epoch, floored. */
class access_token {
public:
    /** `iss`: who issued the token. */
    std::string_view iss() const noexcept { return detail::view(at9068_access_token_iss(get())); }
    /** `iss` under its other name. */
    std::string_view issuer() const noexcept { return iss(); }
    /** `sub`: whom the token speaks of. */
    std::string_view sub() const noexcept { return detail::view(at9068_access_token_sub(get())); }
    /** The client, whatever the profile calls the claim. */
    std::string_view client_id() const noexcept { return detail::view(at9068_access_token_client_id(get())); }
    /** `jti`: the token's identifier. */
    std::optional<std::string_view> jti() const noexcept { return optional(at9068_access_token_jti); }
    /** `scope` as it was written. Not to be searched for a scope: see require(). */
    std::optional<std::string_view> scope() const noexcept { return optional(at9068_access_token_scope); }
    /** `acr`: the context in which the user authenticated. */
    std::optional<std::string_view> acr() const noexcept { return optional(at9068_access_token_acr); }
    /** `org_id`: the organization that the user acts for. */
    std::optional<std::string_view> org_id() const noexcept { return optional(at9068_access_token_org_id); }
    /** `org_name`: the name of that organization. */
    std::optional<std::string_view> org_name() const noexcept { return optional(at9068_access_token_org_name); }
    /** `exp`: when the token expires. */
    std::int64_t exp() const noexcept { return at9068_access_token_exp(get()); }
    /** `iat`: when the token was issued. */
    std::int64_t iat() const noexcept { return at9068_access_token_iat(get()); }
    /** `nbf`: when the token becomes valid. */
    std::optional<std::int64_t> nbf() const noexcept { return detail::optional_time(at9068_access_token_nbf, get()); }
    /** `auth_time`: when the user authenticated. */
    std::optional<std::int64_t> auth_time() const noexcept
    {
        return detail::optional_time(at9068_access_token_auth_time, get());
    }
    /** The profile, as in "rfc9068"; none where the token follows none. */
    std::optional<std::string_view> profile() const noexcept { return optional(at9068_access_token_profile); }
    /** Who vouches for the token: "local", "introspection" or "local_and_introspection". */
    std::string_view origin() const noexcept { return detail::view(at9068_access_token_origin(get())); }
    /** The claims, as the JSON text that was signed, or that the issuer gave as its answer. */
    std::string_view claims_json() const noexcept { return detail::view(at9068_access_token_claims_json(get())); }
    /** The header, as the JSON text that was signed; `{}` where the token was not verified here. */
    std::string_view header_json() const noexcept { return detail::view(at9068_access_token_header_json(get())); }

    /**
     * The slugs, as in "claim_missing", under which the token will be refused once the validator's
     * migration ends; none unless it follows the profile that is migrated from.
     */
    std::vector<std::string_view> would_break() const
    {
        std::vector<std::string_view> found;
        for (std::size_t i = 0; const auto code = at9068_access_token_would_break_at(get(), i); ++i) {
            found.push_back(detail::view(at9068_code_slug(code)));
        }
        return found;
    }

    /** The JSON text of any claim, as it was signed. */
    std::optional<std::string_view> claim_json(std::string_view name) const
    {
        return detail::find_text([&](at9068_str *found, at9068_error **failed) {
            return at9068_access_token_claim_json(get(), name.data(), name.size(), found, failed);
        });
    }

    /** The JSON text of a structured claim in one form: see at9068_access_token_accessor_json(). */
    std::optional<std::string> accessor_json(std::string_view name) const
    {
        return detail::make_text([&](at9068_string **out, at9068_error **failed) {
            return at9068_access_token_accessor_json(get(), name.data(), name.size(), out, failed);
        });
    }

    /** Demands more of the token, a JSON object: see at9068_access_token_require(). */
    void require(std::string_view demands, std::optional<double> now = std::nullopt) const
    {
        detail::check([&](at9068_error **failed) {
            return at9068_access_token_require(get(), demands.data(), demands.size(), now ? &*now : nullptr, failed);
        });
    }

    /** The handle, which stays this object's. */
    const at9068_access_token *get() const noexcept { return handle_.get(); }

private:
    friend class explanation;
    friend class validator;
    template <class Handle>
    friend class detail::keeping_keys;

    /** Frees the handle, unless it belongs to an explanation. */
    struct deleter {
        bool borrowed;

        void operator()(at9068_access_token *p) const noexcept
        {
            if (!borrowed) {
                at9068_access_token_free(p);
            }
        }
    };

    explicit access_token(detail::owned<at9068_access_token> handle) noexcept
        : handle_(handle.release(), deleter{false})
    {
    }

    // The pointer loses its const for the sake of one type: the handle is neither changed nor freed.
    explicit access_token(const at9068_access_token *borrowed) noexcept
        : handle_(const_cast<at9068_access_token *>(borrowed), deleter{true})
    {
    }

    std::optional<std::string_view> optional(at9068_str (*of)(const at9068_access_token *)) const noexcept
    {
        return detail::optional_view(of(get()));
    }

    std::unique_ptr<at9068_access_token, deleter> handle_;
};

/** How one rule was met. The texts are borrowed from the explanation. */
struct step {
    /** The identifier of the rule, as in "AT-VAL-4". */
    std::string_view rule;
    /** The document and section that it comes from, as in "RFC 9068 §4". */
    std::string_view section;
    /** "pass", "fail" or "not_reached". */
    std::string_view outcome;
    /** The claim that the rule speaks of, where it is one. */
    std::optional<std::string_view> claim;
    /** What the rule wants, in words that may change. */
    std::string_view expected;
    /** The kind of value that was found, as in "absent", where a rule is broken by one. */
    std::optional<std::string_view> found;
    /** The slug of the failure, as in "token_expired". */
    std::optional<std::string_view> code;
};

/**
 * A verdict, and how it came about: see at9068_validator_explain(). What its member functions return
 * is borrowed from it, and good as long as it lives.
 */
class explanation {
public:
    /** The steps, in the order in which the rules are asked; taken over anew by each call. */
    std::vector<step> trace() const
    {
        std::vector<step> found;
        found.reserve(at9068_explanation_step_count(get()));
        for (std::size_t i = 0; const auto *at = at9068_explanation_step_at(get(), i); ++i) {
            found.push_back({detail::view(at9068_step_rule(at)), detail::view(at9068_step_section(at)),
                             detail::view(at9068_step_outcome(at)), detail::optional_view(at9068_step_claim(at)),
                             detail::view(at9068_step_expected(at)), detail::optional_view(at9068_step_found(at)),
                             detail::optional_view(at9068_code_slug(at9068_step_code(at)))});
        }
        return found;
    }

    /** The steps as a JSON array, equal in every language. */
    std::string_view trace_json() const noexcept { return detail::view(at9068_explanation_trace_json(get())); }
    /** The access token; none where the token is refused. */
    const std::optional<access_token> &token() const noexcept { return token_; }
    /** What validate() would have thrown; none where the token is good. */
    const std::optional<at9068::error> &error() const noexcept { return error_; }

    /** The handle, which stays this object's. */
    const at9068_explanation *get() const noexcept { return handle_.get(); }

private:
    template <class Handle>
    friend class detail::keeping_keys;

    explicit explanation(detail::owned<at9068_explanation> handle) : handle_(std::move(handle))
    {
        if (const auto *token = at9068_explanation_token(get())) {
            token_ = access_token(token);
        }
        if (const auto *failed = at9068_explanation_error(get())) {
            error_ = at9068::error(failed);
        }
    }

    // Goes last: the token is a part of it.
    detail::owned<at9068_explanation> handle_;
    std::optional<access_token> token_;
    std::optional<at9068::error> error_;
};

/** Arguments of one validation. */
struct validate_options {
    /** The time to judge by, in seconds since the epoch; not given, the clock's. */
    std::optional<double> now = std::nullopt;
    /** What the server knows of the HTTP request, a JSON object; not for authenticate(). */
    std::optional<std::string_view> request = std::nullopt;
    /** What the endpoint demands, a JSON object. */
    std::optional<std::string_view> require = std::nullopt;

    /** The struct of the C library. */
    at9068_validate_options to_c() const noexcept
    {
        return at9068_validate_options{sizeof(at9068_validate_options), now ? 1 : 0, now.value_or(0.0),
                                       detail::given(request), detail::given(require)};
    }
};

/** Decides whether a token is a good access token for this API. */
class validator : public detail::keeping_keys<at9068_validator> {
public:
    /** Makes a validator from its configuration, a JSON object: see at9068_validator_new(). */
    explicit validator(std::string_view config, const handles &given = handles(), ports outside = ports())
        : keeping_keys(
              detail::make_configured<at9068_validator>(at9068_validator_new, config, given, std::move(outside)))
    {
    }

    /** Makes one that shares the keys of a cache with others: see at9068_validator_new_with_cache(). */
    static validator with_cache(std::string_view config, const at9068::issuer_cache &cache,
                                const handles &given = handles(), ports outside = ports())
    {
        return validator(detail::make_with_cache<at9068_validator>(at9068_validator_new_with_cache, config, cache.get(),
                                                                   given, std::move(outside)));
    }

    /** Validates a token; what it checks and what not: see at9068_validator_validate(). */
    access_token validate(std::string_view token, const validate_options &options = validate_options()) const
    {
        return judge(at9068_validator_validate, token, options);
    }

    /** Takes the credential out of a request's headers and validates it. */
    access_token authenticate(std::string_view request, const validate_options &options = validate_options()) const
    {
        return judge(at9068_validator_authenticate, request, options);
    }

    /** Validates a token with the keys and answers at hand and never waits: see at9068_validator_validate_at_hand(). */
    access_token validate_at_hand(std::string_view token, const validate_options &options = validate_options()) const
    {
        return judge(at9068_validator_validate_at_hand, token, options);
    }

    /** The same for a request, as authenticate() takes it. */
    access_token authenticate_at_hand(std::string_view request,
                                      const validate_options &options = validate_options()) const
    {
        return judge(at9068_validator_authenticate_at_hand, request, options);
    }

    /**
     * Validates many tokens, spread over threads that are kept: their verdicts, in their order. Throws
     * only for wrong arguments. `tokens` holds anything that becomes a std::string_view. A library that
     * did this must not be unloaded: see at9068_validator_validate_many().
     */
    template <class Tokens = std::vector<std::string_view>>
    std::vector<outcome<access_token>> validate_many(const Tokens &tokens,
                                                     const validate_options &options = validate_options()) const
    {
        return judge_many(at9068_validator_validate_many, detail::views(tokens), options);
    }

    /** The same with the keys and answers at hand: see at9068_validator_validate_many_at_hand(). */
    template <class Tokens = std::vector<std::string_view>>
    std::vector<outcome<access_token>> validate_many_at_hand(
        const Tokens &tokens, const validate_options &options = validate_options()) const
    {
        return judge_many(at9068_validator_validate_many_at_hand, detail::views(tokens), options);
    }

    /**
     * Validates a token as far as it can without waiting: see at9068_validator_step(). Throws where the
     * token is refused, and where no verdict can be had now.
     */
    progress<access_token> step(std::string_view token, const validate_options &options = validate_options()) const
    {
        return step_by(at9068_validator_step, token, options);
    }

    /** The same for a request, as authenticate() takes it. */
    progress<access_token> step_request(std::string_view request, const validate_options &options = validate_options()) const
    {
        return step_by(at9068_validator_step_request, request, options);
    }

    /**
     * Validates a token and tells of every rule how it was met. Throws only for wrong arguments and
     * a clock that fails, not for a token that is refused. Not for clients' eyes: see
     * at9068_validator_explain().
     */
    explanation explain(std::string_view token, const validate_options &options = validate_options()) const
    {
        return explain_by(at9068_validator_explain, token, options);
    }

    /** Explains with the keys at hand and never waits: see explain(). */
    explanation explain_at_hand(std::string_view token, const validate_options &options = validate_options()) const
    {
        return explain_by(at9068_validator_explain_at_hand, token, options);
    }

    /** Explains as far as that goes without waiting: see explain() and step(). */
    progress<explanation> explain_step(std::string_view token,
                                       const validate_options &options = validate_options()) const
    {
        const auto known = options.to_c();
        return stepped<explanation, at9068_explanation>(at9068_validator_explain_step, token.data(), token.size(),
                                                        &known);
    }

    /**
     * The metadata of the protected resource, a JSON document: see
     * at9068_validator_protected_resource_metadata(). None where it is not configured.
     */
    std::optional<std::string_view> protected_resource_metadata() const noexcept
    {
        return detail::optional_view(at9068_validator_protected_resource_metadata(get()));
    }

    /** The path at which that metadata is to be served, percent-encoded and without query. */
    std::optional<std::string_view> protected_resource_metadata_path() const noexcept
    {
        return detail::optional_view(at9068_validator_protected_resource_metadata_path(get()));
    }

    /** How far tokens have moved to another profile: see at9068_validator_migrations_json(). */
    std::string migrations_json() const
    {
        return *detail::make_text([&](at9068_string **out, at9068_error **failed) {
            return at9068_validator_migrations_json(get(), out, failed);
        });
    }

private:
    explicit validator(detail::owned<at9068_validator> handle) noexcept : keeping_keys(std::move(handle)) {}

    template <class Function>
    access_token judge(Function by, std::string_view text, const validate_options &options) const
    {
        const auto known = options.to_c();
        return made<access_token, at9068_access_token>(by, text.data(), text.size(), &known);
    }

    template <class Function>
    std::vector<outcome<access_token>> judge_many(Function by, const std::vector<at9068_str> &tokens,
                                                  const validate_options &options) const
    {
        const auto known = options.to_c();
        const auto batch = detail::make<at9068_batch>([&](at9068_batch **out, at9068_error **failed) {
            return by(get(), tokens.data(), tokens.size(), &known, out, failed);
        });
        return detail::outcomes<access_token>(
            batch.get(), tokens.size(), at9068_batch_take_token_at, at9068_batch_error_at,
            [](detail::owned<at9068_access_token> handle) { return access_token(std::move(handle)); });
    }

    template <class Function>
    progress<access_token> step_by(Function by, std::string_view text, const validate_options &options) const
    {
        const auto known = options.to_c();
        return stepped<access_token, at9068_access_token>(by, text.data(), text.size(), &known);
    }

    template <class Function>
    explanation explain_by(Function by, std::string_view token, const validate_options &options) const
    {
        const auto known = options.to_c();
        return made<explanation, at9068_explanation>(by, token.data(), token.size(), &known);
    }
};

/** Who logged in, as an ID token that a validator found good says. Times are seconds since the epoch, floored. */
class id_token {
public:
    /** `iss`: who issued the token. */
    std::string_view iss() const noexcept { return detail::view(at9068_id_token_iss(get())); }
    /** `sub`: who logged in. Unique together with the issuer only. */
    std::string_view sub() const noexcept { return detail::view(at9068_id_token_sub(get())); }
    /** `aud`: for whom the token is meant; the client is one of them. */
    std::vector<std::string_view> aud() const { return list(at9068_id_token_aud_at); }
    /** `azp`: the client that the token was issued to. */
    std::optional<std::string_view> azp() const noexcept { return optional(at9068_id_token_azp); }
    /** `nonce`: that of the request. */
    std::optional<std::string_view> nonce() const noexcept { return optional(at9068_id_token_nonce); }
    /** `acr`: the context in which the user authenticated. */
    std::optional<std::string_view> acr() const noexcept { return optional(at9068_id_token_acr); }
    /** `amr`: the methods by which the user authenticated. */
    std::optional<std::vector<std::string_view>> amr() const
    {
        return claim_json("amr") ? std::optional(list(at9068_id_token_amr_at)) : std::nullopt;
    }
    /** `sid`: the session at the issuer. */
    std::optional<std::string_view> sid() const noexcept { return optional(at9068_id_token_sid); }
    /** `at_hash`: half of the hash of the access token. */
    std::optional<std::string_view> at_hash() const noexcept { return optional(at9068_id_token_at_hash); }
    /** `c_hash`: half of the hash of the authorization code. */
    std::optional<std::string_view> c_hash() const noexcept { return optional(at9068_id_token_c_hash); }
    /** `s_hash`: half of the hash of the request's state. */
    std::optional<std::string_view> s_hash() const noexcept { return optional(at9068_id_token_s_hash); }
    /** `exp`: until when the token may be accepted. It does not end the user's session. */
    std::int64_t exp() const noexcept { return at9068_id_token_exp(get()); }
    /** `iat`: when the token was issued. */
    std::int64_t iat() const noexcept { return at9068_id_token_iat(get()); }
    /** `nbf`: when the token becomes valid. */
    std::optional<std::int64_t> nbf() const noexcept { return detail::optional_time(at9068_id_token_nbf, get()); }
    /** `auth_time`: when the user authenticated. */
    std::optional<std::int64_t> auth_time() const noexcept
    {
        return detail::optional_time(at9068_id_token_auth_time, get());
    }
    /** The claims, as the JSON text that was signed. */
    std::string_view claims_json() const noexcept { return detail::view(at9068_id_token_claims_json(get())); }
    /** The header, as the JSON text that was signed. */
    std::string_view header_json() const noexcept { return detail::view(at9068_id_token_header_json(get())); }

    /** The JSON text of any claim, as it was signed. Only those that have a function here were judged. */
    std::optional<std::string_view> claim_json(std::string_view name) const
    {
        return detail::find_text([&](at9068_str *found, at9068_error **failed) {
            return at9068_id_token_claim_json(get(), name.data(), name.size(), found, failed);
        });
    }

    /** The handle, which stays this object's. */
    const at9068_id_token *get() const noexcept { return handle_.get(); }

private:
    template <class Handle>
    friend class detail::keeping_keys;

    explicit id_token(detail::owned<at9068_id_token> handle) noexcept : handle_(std::move(handle)) {}

    std::optional<std::string_view> optional(at9068_str (*of)(const at9068_id_token *)) const noexcept
    {
        return detail::optional_view(of(get()));
    }

    std::vector<std::string_view> list(at9068_str (*at)(const at9068_id_token *, std::size_t)) const
    {
        std::vector<std::string_view> found;
        for (std::size_t i = 0; const auto text = detail::optional_view(at(get(), i)); ++i) {
            found.push_back(*text);
        }
        return found;
    }

    detail::owned<at9068_id_token> handle_;
};

/**
 * Decides whether a token is a good ID token for this client, and of this login. What that expects is
 * `checks` of at9068_id_token_validator_validate().
 */
class id_token_validator : public detail::judging<at9068_id_token_validator, id_token, at9068_id_token> {
public:
    /** Makes a validator from its configuration, a JSON object: see at9068_id_token_validator_new(). */
    explicit id_token_validator(std::string_view config, const handles &given = handles(), ports outside = ports())
        : judging(detail::make_configured<at9068_id_token_validator>(at9068_id_token_validator_new, config, given,
                                                                     std::move(outside)))
    {
    }

    /** Makes one that shares the keys of a cache with others, also with those of access tokens. */
    static id_token_validator with_cache(std::string_view config, const at9068::issuer_cache &cache,
                                         const handles &given = handles(), ports outside = ports())
    {
        return id_token_validator(detail::make_with_cache<at9068_id_token_validator>(
            at9068_id_token_validator_new_with_cache, config, cache.get(), given, std::move(outside)));
    }

private:
    explicit id_token_validator(detail::owned<at9068_id_token_validator> handle) noexcept
        : judging(std::move(handle))
    {
    }
};

/** How a client proved who it is, by an assertion that a validator found good. */
class client_assertion {
public:
    /** The client, which is `iss` and `sub` at once. */
    std::string_view client_id() const noexcept { return detail::view(at9068_client_assertion_client_id(get())); }
    /** `jti`: the identifier of the assertion, which the client never used before. */
    std::string_view jti() const noexcept { return detail::view(at9068_client_assertion_jti(get())); }
    /** `aud`: the one audience. */
    std::string_view aud() const noexcept { return detail::view(at9068_client_assertion_aud(get())); }
    /** `exp`: when the assertion expires, in seconds since the epoch. */
    std::int64_t exp() const noexcept { return at9068_client_assertion_exp(get()); }
    /** `iat`: when it was made. */
    std::optional<std::int64_t> iat() const noexcept
    {
        return detail::optional_time(at9068_client_assertion_iat, get());
    }
    /** How the client authenticated: "private_key_jwt" or "client_secret_jwt". */
    std::string_view method() const noexcept { return detail::view(at9068_client_assertion_method(get())); }
    /** The claims, as the JSON text that was signed. */
    std::string_view claims_json() const noexcept { return detail::view(at9068_client_assertion_claims_json(get())); }
    /** The header, as the JSON text that was signed. */
    std::string_view header_json() const noexcept { return detail::view(at9068_client_assertion_header_json(get())); }

    /** The handle, which stays this object's. */
    const at9068_client_assertion *get() const noexcept { return handle_.get(); }

private:
    template <class Handle>
    friend class detail::keeping_keys;

    explicit client_assertion(detail::owned<at9068_client_assertion> handle) noexcept : handle_(std::move(handle)) {}

    detail::owned<at9068_client_assertion> handle_;
};

/**
 * Decides whether a client is who it says, by the assertion that it sends to an authorization server, which
 * is accepted once. What is expected of it is `require` of at9068_client_assertion_validator_validate().
 */
class client_assertion_validator
    : public detail::judging<at9068_client_assertion_validator, client_assertion, at9068_client_assertion> {
public:
    /** Makes a validator from its configuration, a JSON object: see at9068_client_assertion_validator_new(). */
    explicit client_assertion_validator(std::string_view config, const handles &given = handles(),
                                        ports outside = ports())
        : judging(detail::make_configured<at9068_client_assertion_validator>(
              at9068_client_assertion_validator_new, config, given, std::move(outside)))
    {
    }

    /** Makes one that shares the keys of a cache with others. */
    static client_assertion_validator with_cache(std::string_view config, const at9068::issuer_cache &cache,
                                                 const handles &given = handles(), ports outside = ports())
    {
        return client_assertion_validator(detail::make_with_cache<at9068_client_assertion_validator>(
            at9068_client_assertion_validator_new_with_cache, config, cache.get(), given, std::move(outside)));
    }

private:
    explicit client_assertion_validator(detail::owned<at9068_client_assertion_validator> handle) noexcept
        : judging(std::move(handle))
    {
    }
};

/** A token that was minted. */
class minted_token {
public:
    /** The token in compact serialization. It is a credential: keep it out of logs. */
    std::string_view token() const noexcept { return detail::view(at9068_minted_token_token(get())); }
    /** The claims, as the JSON text that was signed. */
    std::string_view claims_json() const noexcept { return detail::view(at9068_minted_token_claims_json(get())); }
    /** The header, as the JSON text that was signed. */
    std::string_view header_json() const noexcept { return detail::view(at9068_minted_token_header_json(get())); }
    /** Seconds until the token expires. */
    std::uint64_t expires_in() const noexcept { return at9068_minted_token_expires_in(get()); }

    /** The handle, which stays this object's. */
    const at9068_minted_token *get() const noexcept { return handle_.get(); }

private:
    friend class client_assertion_minter;
    friend class minter;

    explicit minted_token(detail::owned<at9068_minted_token> handle) noexcept : handle_(std::move(handle)) {}

    detail::owned<at9068_minted_token> handle_;
};

/** Turns what an authorization server grants into access tokens, and logins into ID tokens. */
class minter {
public:
    /** Makes a minter from its configuration, a JSON object: see at9068_minter_new(). */
    explicit minter(std::string_view config, const handles &given = handles(), clock time = clock())
        : handle_(detail::make_configured<at9068_minter>(at9068_minter_new, config, given, std::move(time)))
    {
    }

    /** Mints a token for a request, a JSON object: see at9068_minter_mint(). */
    minted_token mint(std::string_view request, std::optional<double> now = std::nullopt) const
    {
        return mint_by(at9068_minter_mint, request, now);
    }

    /**
     * Mints a token for each request, a JSON object, on threads that are kept: what came of them, in their
     * order. Throws only for wrong arguments. See at9068_minter_mint_many(), and validator::validate_many().
     */
    template <class Requests = std::vector<std::string_view>>
    std::vector<outcome<minted_token>> mint_many(const Requests &requests,
                                                 std::optional<double> now = std::nullopt) const
    {
        const auto known = detail::views(requests);
        const auto batch = detail::make<at9068_minted_batch>([&](at9068_minted_batch **out, at9068_error **failed) {
            return at9068_minter_mint_many(get(), known.data(), known.size(), now ? &*now : nullptr, out, failed);
        });
        return detail::outcomes<minted_token>(
            batch.get(), known.size(), at9068_minted_batch_take_token_at, at9068_minted_batch_error_at,
            [](detail::owned<at9068_minted_token> handle) { return minted_token(std::move(handle)); });
    }

    /** Mints an ID token for a request, a JSON object: see at9068_minter_mint_id_token(). */
    minted_token mint_id_token(std::string_view request, std::optional<double> now = std::nullopt) const
    {
        return mint_by(at9068_minter_mint_id_token, request, now);
    }

    /** Signs introspection_response() for the resource server that asks: see
     *  at9068_minter_mint_introspection_response(). */
    minted_token mint_introspection_response(const access_token *token, std::string_view audience,
                                             std::optional<double> now = std::nullopt) const
    {
        return minted_token(detail::make<at9068_minted_token>([&](at9068_minted_token **out, at9068_error **failed) {
            return at9068_minter_mint_introspection_response(get(), token ? token->get() : nullptr, audience.data(),
                                                             audience.size(), now ? &*now : nullptr, out, failed);
        }));
    }

    /** Entries of the configured keys that were skipped because they cannot sign. */
    std::vector<skipped_key> skipped_keys() const
    {
        return detail::skipped_of(get(), at9068_minter_skipped_at);
    }

    /** The handle, which stays this object's. */
    const at9068_minter *get() const noexcept { return handle_.get(); }

private:
    template <class Function>
    minted_token mint_by(Function by, std::string_view request, const std::optional<double> &now) const
    {
        return minted_token(detail::make<at9068_minted_token>([&](at9068_minted_token **out, at9068_error **failed) {
            return by(get(), request.data(), request.size(), now ? &*now : nullptr, out, failed);
        }));
    }

    detail::owned<at9068_minter> handle_;
};

/** Makes the assertions by which a client authenticates at one authorization server. */
class client_assertion_minter {
public:
    /** Makes a minter from its configuration, a JSON object: see at9068_client_assertion_minter_new(). */
    explicit client_assertion_minter(std::string_view config, const handles &given = handles(), clock time = clock())
        : handle_(detail::make_configured<at9068_client_assertion_minter>(at9068_client_assertion_minter_new, config,
                                                                          given, std::move(time)))
    {
    }

    /** Makes an assertion, for one request; `request` is a JSON object: see
     *  at9068_client_assertion_minter_mint(). */
    minted_token mint(std::optional<std::string_view> request = std::nullopt,
                      std::optional<double> now = std::nullopt) const
    {
        const auto own = detail::given(request);
        return minted_token(detail::make<at9068_minted_token>([&](at9068_minted_token **out, at9068_error **failed) {
            return at9068_client_assertion_minter_mint(get(), own.ptr, own.len, now ? &*now : nullptr, out, failed);
        }));
    }

    /** Entries of the configured keys that were skipped because they cannot sign. */
    std::vector<skipped_key> skipped_keys() const
    {
        return detail::skipped_of(get(), at9068_client_assertion_minter_skipped_at);
    }

    /** The handle, which stays this object's. */
    const at9068_client_assertion_minter *get() const noexcept { return handle_.get(); }

private:
    detail::owned<at9068_client_assertion_minter> handle_;
};

/** The answer of an introspection endpoint about a token, or about one that was refused, which is nullptr: see
 *  at9068_introspection_response(). */
inline std::string introspection_response(const access_token *token)
{
    return *detail::make_text([&](at9068_string **out, at9068_error **failed) {
        return at9068_introspection_response(token ? token->get() : nullptr, out, failed);
    });
}

}  // namespace at9068

#endif
