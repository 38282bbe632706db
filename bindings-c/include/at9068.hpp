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
#include <utility>
#include <vector>

#include "at9068.h"

namespace at9068 {

class error;

namespace detail {

/** Frees a handle of the C library. */
struct deleter {
    void operator()(at9068_access_token *p) const noexcept { at9068_access_token_free(p); }
    void operator()(at9068_buffer *p) const noexcept { at9068_buffer_free(p); }
    void operator()(at9068_error *p) const noexcept { at9068_error_free(p); }
    void operator()(at9068_explanation *p) const noexcept { at9068_explanation_free(p); }
    void operator()(at9068_key_set *p) const noexcept { at9068_key_set_free(p); }
    void operator()(at9068_minted_token *p) const noexcept { at9068_minted_token_free(p); }
    void operator()(at9068_minter *p) const noexcept { at9068_minter_free(p); }
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

/** The same for one that hands over a text, or none. */
template <class Call>
std::optional<std::string> make_text(Call &&call)
{
    const auto text = make<at9068_string>(std::forward<Call>(call));
    return optional_copy(at9068_string_view(text.get()));
}

}  // namespace detail

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
    /** The issuer whose set it is in, where a validator was asked; empty otherwise. */
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

namespace detail {

/** Makes a validator or minter by its C function. */
template <class T, class New>
owned<T> make_configured(New make_new, std::string_view config, const handles &given_handles, clock time)
{
    std::vector<const at9068_key_set *> sets;
    for (const key_set &set : given_handles.key_sets) {
        sets.push_back(set.get());
    }
    std::vector<const at9068_signing_key *> keys;
    for (const signing_key &key : given_handles.signing_keys) {
        keys.push_back(key.get());
    }
    const at9068_handles known = {sizeof(at9068_handles), sets.data(), sets.size(), keys.data(), keys.size()};

    at9068_ports ports = {sizeof(at9068_ports), {nullptr, nullptr, nullptr}};
    std::unique_ptr<clock> context;
    if (time) {
        context = std::make_unique<clock>(std::move(time));
        ports.clock.context = context.get();
        ports.clock.now = [](void *of, double *out) noexcept {
            try {
                *out = (*static_cast<const clock *>(of))();
                return 0;
            } catch (...) {
                return 1;
            }
        };
        ports.clock.drop = [](void *of) noexcept { delete static_cast<clock *>(of); };
    }
    auto made = make<T>([&](T **out, at9068_error **failed) {
        return make_new(config.data(), config.size(), &known, &ports, out, failed);
    });
    context.release();  // the handle's now; where making it throws, still ours
    return made;
}

}  // namespace detail

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
    std::optional<std::int64_t> nbf() const noexcept { return time(at9068_access_token_nbf); }
    /** `auth_time`: when the user authenticated. */
    std::optional<std::int64_t> auth_time() const noexcept { return time(at9068_access_token_auth_time); }
    /** The profile: "rfc9068" or "auth0". */
    std::string_view profile() const noexcept { return detail::view(at9068_access_token_profile(get())); }
    /** The claims, as the JSON text that was signed. */
    std::string_view claims_json() const noexcept { return detail::view(at9068_access_token_claims_json(get())); }
    /** The header, as the JSON text that was signed. */
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
        at9068_str found = {nullptr, 0};
        detail::check([&](at9068_error **failed) {
            return at9068_access_token_claim_json(get(), name.data(), name.size(), &found, failed);
        });
        return detail::optional_view(found);
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

    std::optional<std::int64_t> time(bool (*of)(const at9068_access_token *, std::int64_t *)) const noexcept
    {
        std::int64_t seconds = 0;
        return of(get(), &seconds) ? std::optional<std::int64_t>(seconds) : std::nullopt;
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
    friend class validator;

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
class validator {
public:
    /** Makes a validator from its configuration, a JSON object: see at9068_validator_new(). */
    explicit validator(std::string_view config, const handles &given = handles(), clock time = clock())
        : handle_(detail::make_configured<at9068_validator>(at9068_validator_new, config, given, std::move(time)))
    {
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

    /**
     * Validates a token and tells of every rule how it was met. Throws only for wrong arguments and
     * a clock that fails, not for a token that is refused. Not for clients' eyes: see
     * at9068_validator_explain().
     */
    explanation explain(std::string_view token, const validate_options &options = validate_options()) const
    {
        const auto known = options.to_c();
        return explanation(detail::make<at9068_explanation>([&](at9068_explanation **out, at9068_error **failed) {
            return at9068_validator_explain(get(), token.data(), token.size(), &known, out, failed);
        }));
    }

    /** Entries of the configured key sets that were skipped. */
    std::vector<skipped_key> skipped_keys() const
    {
        std::vector<skipped_key> found;
        std::size_t place = 0;
        at9068_str issuer = {nullptr, 0};
        at9068_str kid = {nullptr, 0};
        at9068_code number = AT9068_CODE_OK;
        for (std::size_t i = 0; at9068_validator_skipped_at(get(), i, &issuer, &place, &kid, &number); ++i) {
            found.push_back({std::string(detail::view(issuer)), place, detail::optional_copy(kid), number});
        }
        return found;
    }

    /** How far tokens have moved to another profile: see at9068_validator_migrations_json(). */
    std::string migrations_json() const
    {
        return *detail::make_text([&](at9068_string **out, at9068_error **failed) {
            return at9068_validator_migrations_json(get(), out, failed);
        });
    }

    /** The handle, which stays this object's. */
    const at9068_validator *get() const noexcept { return handle_.get(); }

private:
    template <class Function>
    access_token judge(Function by, std::string_view text, const validate_options &options) const
    {
        const auto known = options.to_c();
        return access_token(detail::make<at9068_access_token>([&](at9068_access_token **out, at9068_error **failed) {
            return by(get(), text.data(), text.size(), &known, out, failed);
        }));
    }

    detail::owned<at9068_validator> handle_;
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
    friend class minter;

    explicit minted_token(detail::owned<at9068_minted_token> handle) noexcept : handle_(std::move(handle)) {}

    detail::owned<at9068_minted_token> handle_;
};

/** Turns what an authorization server grants into access tokens. */
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
        return minted_token(detail::make<at9068_minted_token>([&](at9068_minted_token **out, at9068_error **failed) {
            return at9068_minter_mint(get(), request.data(), request.size(), now ? &*now : nullptr, out, failed);
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
    detail::owned<at9068_minter> handle_;
};

}  // namespace at9068

#endif
