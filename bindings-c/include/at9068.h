/**
 * libat9068: OAuth 2.0 JWT access tokens (RFC 9068), minted and validated, strictly.
 *
 * Written from the Rust sources; a test compares the two. Do not edit.
 *
 * What holds for every function:
 *
 * - **Handles** (`at9068_validator *` and the like) are opaque. Who is handed one through an `out`
 *   parameter owns it and frees it, once, with the `_free` function of its type; freeing NULL is
 *   fine. A `const` handle may be used by any number of threads at once; freeing one must wait until
 *   nobody uses it. Handles survive fork().
 * - **Results.** A function that can fail returns an `at9068_code`, AT9068_CODE_OK being 0, and last
 *   takes an `at9068_error **`, which may be NULL. Outputs are set to NULL first, and to a value
 *   only on success; `*error` is set to NULL first, and to an error, which the caller frees, only on
 *   failure. Outputs need not be initialised.
 * - **Texts** go in as a pointer and a length in octets and need no terminating NUL; NULL with a
 *   length of 0 is the empty text, NULL with another is AT9068_CODE_ARGUMENT_INVALID. They are
 *   copied as far as they are kept. Texts come out as `at9068_str`, borrowed from the handle, or,
 *   where they had to be made, as `at9068_string`, which the caller frees. All are UTF-8. Octets that
 *   need not be text come out as `at9068_bytes` and `at9068_buffer` in the same way.
 * - **JSON.** Configurations, requests and demands are JSON objects, read strictly: an unknown or
 *   repeated member is an error that names it. A member that is left out has its default.
 * - **Option structs** begin with their own `size`, set by the caller to `sizeof`; set the rest to
 *   zero before use, as `{.size = sizeof options}` does. A size that no version of the struct had is
 *   AT9068_CODE_ARGUMENT_INVALID.
 * - A handle that is NULL is AT9068_CODE_ARGUMENT_INVALID where a function can fail; elsewhere the
 *   answer is NULL, 0 or false. Any other pointer must be good for what the function does with it.
 *
 * The configuration, the claims and the codes are the same in every language of at9068.
 */

#ifndef AT9068_H
#define AT9068_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * The version of this header; at9068_version() is that of the library.
 */
#define AT9068_VERSION "0.1.0"

/**
 * The first part of the header's version; at9068_version() is that of the library.
 */
#define AT9068_VERSION_MAJOR 0

/**
 * The second part of the version. Before 1.0, another one is another ABI.
 */
#define AT9068_VERSION_MINOR 1

/**
 * The third part of the version.
 */
#define AT9068_VERSION_PATCH 0

/**
 * How often a request is judged anew because of what was fetched for it.
 */
#define AT9068_ROUNDS 3

/**
 * The claims of a token that a validator found good; nothing else makes one. Immutable; shared
 * between threads. Texts that it gives are borrowed from it. Times are seconds since the epoch,
 * rounded down.
 */
typedef struct at9068_access_token at9068_access_token;

/**
 * What came of tokens that were validated together, in their order: of each an access token, or the
 * error that at9068_validator_validate() would have given. What it gives is borrowed from it, unless
 * it is taken.
 */
typedef struct at9068_batch at9068_batch;

/**
 * Octets that were made for the caller, who frees them with at9068_buffer_free().
 */
typedef struct at9068_buffer at9068_buffer;

/**
 * The claims of an assertion that a validator found good; nothing else makes one. The client is who it
 * says. Immutable; shared between threads. Texts that it gives are borrowed from it. Times are seconds
 * since the epoch, rounded down.
 */
typedef struct at9068_client_assertion at9068_client_assertion;

/**
 * Makes the assertions by which a client authenticates at one authorization server (RFC 7523 §2.2).
 * Immutable; shared between threads.
 */
typedef struct at9068_client_assertion_minter at9068_client_assertion_minter;

/**
 * Decides whether a client is who it says, by the assertion that it sends to an authorization server's
 * endpoints as `client_assertion` (RFC 7521 §4.2, RFC 7523 §3). Shared between threads; immutable but
 * for what was used: who makes a new one, because clients have changed, gives both the same replay
 * store and the same cache of keys.
 */
typedef struct at9068_client_assertion_validator at9068_client_assertion_validator;

/**
 * Why a call failed, and what a server answers with. Belongs to the caller, who frees it with
 * at9068_error_free(). Never holds anything of a token or a key.
 */
typedef struct at9068_error at9068_error;

/**
 * A verdict, and how it came about. Immutable; shared between threads. Everything that it gives is
 * borrowed from it, the access token and the error included.
 */
typedef struct at9068_explanation at9068_explanation;

/**
 * A request that is wanted: an HTTP `GET`, or a `POST` where there is a body. Whoever makes it follows
 * no redirect, sends nothing but the header fields and the body, verifies the server's certificate, and
 * keeps to the limits. Header fields and body may hold a token and the credentials of this server: not
 * for logs. Belongs to the library, with the texts of it.
 */
typedef struct at9068_fetch_request at9068_fetch_request;

/**
 * What came back, as whoever fetches writes it down. Belongs to the library; one thread at a time.
 */
typedef struct at9068_fetch_response at9068_fetch_response;

/**
 * A refresh that is under way, to be waited for. Shared between threads. It ends by itself, half a
 * second after the refresh's time is over, should whoever fetches never come back.
 */
typedef struct at9068_flight at9068_flight;

/**
 * The claims of an ID token that a validator found good; nothing else makes one. It says who logged
 * in, not what may be done: it is never an access token. Immutable; shared between threads. Texts that
 * it gives are borrowed from it. Times are seconds since the epoch, rounded down.
 */
typedef struct at9068_id_token at9068_id_token;

/**
 * Decides whether a token is a good ID token for this client, and of this login (OpenID Connect Core
 * §3.1.3.7). Immutable; shared between threads.
 */
typedef struct at9068_id_token_validator at9068_id_token_validator;

/**
 * Fetches the keys of issuers and keeps them. Validators that are made with the same cache share its
 * keys. Shared between threads.
 */
typedef struct at9068_issuer_cache at9068_issuer_cache;

/**
 * Keys that verify, parsed once. Immutable; shared between threads.
 */
typedef struct at9068_key_set at9068_key_set;

/**
 * What is left to do of at9068_validator_prefetch() or at9068_validator_refresh(), or of those of another
 * kind of validator, step by step. Used by one thread at a time, whichever.
 */
typedef struct at9068_key_steps at9068_key_steps;

/**
 * A replay store in the memory of this process: what a validator uses of its own unless its ports name
 * another. **Each process has its own**, also a child of fork(), which begins with an empty one: a
 * service of several processes or machines needs a store that they share. Shared between threads.
 *
 * An entry costs some 100 octets and is forgotten when its time is over. A store that is full of
 * entries whose time is not over never forgets one: it fails, so that nothing is accepted, until there
 * is room again.
 */
typedef struct at9068_memory_replay_store at9068_memory_replay_store;

/**
 * What came of requests for tokens that were minted together, in their order: of each a token, or the
 * error that at9068_minter_mint() would have given. What it gives is borrowed from it, unless it is
 * taken.
 */
typedef struct at9068_minted_batch at9068_minted_batch;

/**
 * A token that was minted.
 */
typedef struct at9068_minted_token at9068_minted_token;

/**
 * Turns what an authorization server grants into access tokens, and logins into ID tokens. Immutable;
 * shared between threads.
 */
typedef struct at9068_minter at9068_minter;

/**
 * What the caller has to carry out: an issuer's keys are fetched, or it is asked about a token; the only one
 * for these keys, or this token, at a time. It wants requests to be made, one after the other; or it is
 * run. Used by one thread at a time, whichever. Freed unfinished, it counts as failed.
 */
typedef struct at9068_refresh at9068_refresh;

/**
 * Where a resolver puts what is accepted of an issuer. Belongs to the library.
 */
typedef struct at9068_resolution at9068_resolution;

/**
 * A list of revoked access tokens, asked by every validator that is given it as the port `revocations`:
 * a token on it is AT9068_CODE_TOKEN_REVOKED. Shared between threads; reading never waits. A child of
 * fork() goes on with a list of its own.
 *
 * It takes what the application learns, from a logout, a security event or an administrator. An entry
 * costs 32 to 64 octets and is forgotten once no token that it concerns can be alive. Identifiers are
 * kept as digests.
 */
typedef struct at9068_revocations at9068_revocations;

/**
 * A private key, parsed once and ready to sign. Immutable; shared between threads; wiped when the
 * last handle that holds it is freed.
 */
typedef struct at9068_signing_key at9068_signing_key;

/**
 * How one rule was met. Part of an explanation, which frees it.
 */
typedef struct at9068_step at9068_step;

/**
 * A text that was made for the caller, who frees it with at9068_string_free().
 */
typedef struct at9068_string at9068_string;

/**
 * Decides whether a token is a good access token for this API. Immutable; shared between threads.
 */
typedef struct at9068_validator at9068_validator;

/**
 * A text in UTF-8 that belongs to somebody else: `len` octets from `ptr`. There is **no
 * terminating NUL**, and there may be NUL octets inside.
 *
 * What a function returns is borrowed from the handle that it was asked of and good until that
 * handle is freed. `ptr` is NULL where there is no such text, as for an optional claim that a
 * token does not have; an empty text has a pointer that is not NULL.
 */
typedef struct at9068_str {
    /**
     * The first octet, or NULL where there is no text.
     */
    const char *ptr;
    /**
     * How many octets.
     */
    size_t len;
} at9068_str;

/**
 * Octets that belong to somebody else: `len` of them from `ptr`. `ptr` is NULL where there is no
 * such thing; what is there and empty has a pointer that is not NULL.
 */
typedef struct at9068_bytes {
    /**
     * The first octet, or NULL.
     */
    const uint8_t *ptr;
    /**
     * How many octets.
     */
    size_t len;
} at9068_bytes;

/**
 * What every fallible function returns: AT9068_CODE_OK, or the number of an error. Numbers never
 * change their meaning; later versions add more, so that a `switch` needs a `default`.
 */
typedef uint32_t at9068_code;

/**
 * What a PEM text does not say about its key. Texts whose `ptr` is NULL are not given.
 */
typedef struct at9068_key_options {
    /**
     * `sizeof(at9068_key_options)`.
     */
    size_t size;
    /**
     * The one algorithm that the key is used with, as in "PS256". Not given, an RSA key serves
     * RS256 and an elliptic-curve key the algorithm of its curve.
     */
    struct at9068_str algorithm;
    /**
     * The identifier of the key. Not given, it is the RFC 7638 thumbprint.
     */
    struct at9068_str kid;
} at9068_key_options;

/**
 * A source of time. Its functions are called from whatever thread validates, mints or fetches, from
 * several at once, and must not throw, unwind or jump out.
 */
typedef struct at9068_clock {
    /**
     * Passed to both functions; may be NULL.
     */
    void *context;
    /**
     * Writes the time, in seconds since the epoch, which may have a fraction, to `out` and returns
     * 0. Anything else, and a time that is not finite, fails the call that asked with
     * AT9068_CODE_INTERNAL. NULL where the system's clock is to be used; the other members mean
     * nothing then.
     */
    int (*now)(void *context, double *out);
    /**
     * Called once with `context` when the last handle that asks this clock is freed: the one that was
     * made with it, or, for a validator, an access token of it, its cache of keys, or a refresh; on
     * the thread that frees it, which is one of the library's where that fetches in the background.
     * May be NULL. Where making the handle fails, it is not called, and `context` stays the caller's.
     */
    void (*drop)(void *context);
} at9068_clock;

/**
 * How a fetch ended: AT9068_FETCH_OK, or why there is no answer.
 */
typedef uint32_t at9068_fetch_outcome;

/**
 * Makes requests to issuers, instead of the client that is built in. Its functions are called from
 * whatever thread validates, and from threads of the library, from several at once; they must not
 * throw, unwind or jump out.
 */
typedef struct at9068_fetch {
    /**
     * Passed to both functions; may be NULL.
     */
    void *context;
    /**
     * Makes the request, waits for the answer and writes it to `response`; returns AT9068_FETCH_OK, or
     * why there is none. Any other number is AT9068_FETCH_BROKEN. Both pointers are good during the
     * call only. No lock is held meanwhile; the keys of each issuer are asked for by one such call at a
     * time, and so is its word about each token. NULL where the client that is built in is to be used;
     * the other members mean nothing then.
     */
    at9068_fetch_outcome (*fetch)(void *context,
                                  const struct at9068_fetch_request *request,
                                  struct at9068_fetch_response *response);
    /**
     * As the clock's.
     */
    void (*drop)(void *context);
} at9068_fetch;

/**
 * Hears of what happens to the keys of issuers, and to questions about tokens. Its functions are called
 * where it happens, be it on a thread of the library, from several at once; they must not throw, unwind
 * or jump out.
 */
typedef struct at9068_events {
    /**
     * Passed to both functions; may be NULL.
     */
    void *context;
    /**
     * Is told of one event, a JSON object, equal in every language, which is good during the call only:
     * `event` is "refreshed" (with `keys`, `changed`), "refresh_failed" or "introspection_failed" (`code`,
     * `reason`), "unknown_kid" or "entry_dropped" (`index`, `code`), and `issuer` the issuer concerned.
     * Nothing in it is taken from a token. No lock is held meanwhile; it should return at once. NULL
     * where nobody wants to hear; the other members mean nothing then.
     */
    void (*event)(void *context, struct at9068_str event);
    /**
     * As the clock's.
     */
    void (*drop)(void *context);
} at9068_events;

/**
 * Knows issuers that no configuration lists, such as the tenants of a service. Its functions are
 * called from whatever thread validates, from several at once, and must not throw, unwind or jump
 * out.
 */
typedef struct at9068_resolver {
    /**
     * Passed to both functions; may be NULL.
     */
    void *context;
    /**
     * Tells what is accepted of `issuer`, with at9068_resolution_set_json(), and returns 0; without
     * that, the issuer is not to be trusted. Anything else where it cannot tell now: the call that
     * asked fails with AT9068_CODE_KEYS_UNAVAILABLE.
     *
     * It is asked before any signature is verified, about whatever tokens claim: it must only say yes
     * to issuers that it knows, and at once. An answer is kept until too many others are. Both
     * arguments are good during the call only. NULL where only configured issuers are accepted; the
     * other members mean nothing then.
     */
    int (*resolve)(void *context, struct at9068_str issuer, struct at9068_resolution *resolution);
    /**
     * As the clock's.
     */
    void (*drop)(void *context);
} at9068_resolver;

/**
 * Remembers which tokens of single use were used, such as client assertions. Servers of one service must
 * share one store: what each of them remembers alone can be replayed at the others. Its functions are
 * called from whatever thread validates, from several at once, and must not throw, unwind or jump out.
 */
typedef struct at9068_replay_store {
    /**
     * Passed to both functions; may be NULL.
     */
    void *context;
    /**
     * Notes a use, and returns 1 where it is the first one of this key, 0 where it is not: of several
     * callers at once, in whatever process, exactly one is told 1. Anything else where that cannot be
     * told: the token is refused with AT9068_CODE_INTERNAL then.
     *
     * `key` is printable ASCII of at most 80 octets, equal for equal tokens and for no others; it holds
     * nothing of a token but a digest, and is good during the call only. It must be remembered while the
     * time is less than `until`, in seconds since the epoch; that is a minute later than the token is
     * good, so that clocks may differ. `now` is the time by which the token was judged, for stores
     * without a clock of their own. NULL where another store is given, or none; the other members mean
     * nothing then.
     */
    int (*first_use)(void *context, struct at9068_str key, int64_t until, int64_t now);
    /**
     * As the clock's.
     */
    void (*drop)(void *context);
} at9068_replay_store;

/**
 * How a validator, a minter or a cache of keys reaches outside of the library. NULL in its place: the
 * system's clock, and the HTTP client that is built in. A minter only asks the clock.
 */
typedef struct at9068_ports {
    /**
     * `sizeof(at9068_ports)`.
     */
    size_t size;
    /**
     * The time of calls that do not name one themselves, and of the life of keys.
     */
    struct at9068_clock clock;
    /**
     * How requests to issuers are made.
     */
    struct at9068_fetch fetch;
    /**
     * Who hears of what happens.
     */
    struct at9068_events events;
    /**
     * Who knows issuers that are not configured.
     */
    struct at9068_resolver resolver;
    /**
     * Not 0 where the library fetches nothing: the host does, with at9068_validator_step() and
     * at9068_validator_due_refresh(). No socket is ever opened then and no thread begun, but those of
     * at9068_validator_validate_many(); and calls that could wait answer with the keys at hand.
     */
    int host_fetches;
    /**
     * The list of access tokens that a validator of these refuses, or NULL. It stays the caller's, and
     * may be freed after the call.
     */
    const struct at9068_revocations *revocations;
    /**
     * Where it is remembered which tokens of single use were used.
     */
    struct at9068_replay_store replay_store;
    /**
     * The same in memory, or NULL. It stays the caller's, and may be freed after the call. With neither,
     * a validator remembers in a memory of its own.
     */
    const struct at9068_memory_replay_store *memory_replay_store;
} at9068_ports;

/**
 * Handles that a configuration refers to by their place in these arrays: `{"$key_set": 0}` and
 * `{"$signing_key": 0}`, wherever a JWK set may stand, and `{"$signing_key": 0}` also as an entry
 * of one. They stay the caller's and may be freed after the call.
 */
typedef struct at9068_handles {
    /**
     * `sizeof(at9068_handles)`.
     */
    size_t size;
    /**
     * Key sets, for a validator's `jwks`.
     */
    const struct at9068_key_set *const *key_sets;
    /**
     * How many.
     */
    size_t key_sets_len;
    /**
     * Signing keys: for a minter's `keys` or those of a validator's `introspection`, or for their public
     * halves in a validator's `jwks`.
     */
    const struct at9068_signing_key *const *signing_keys;
    /**
     * How many.
     */
    size_t signing_keys_len;
} at9068_handles;

/**
 * Arguments of one validation. Texts whose `ptr` is NULL are not given.
 */
typedef struct at9068_validate_options {
    /**
     * `sizeof(at9068_validate_options)`.
     */
    size_t size;
    /**
     * Not 0 where `now` is given; otherwise the clock tells the time.
     */
    int has_now;
    /**
     * The time to judge by, in seconds since the epoch; may have a fraction.
     */
    double now;
    /**
     * What the server knows of the HTTP request, as a JSON object: `scheme` ("Bearer" unless
     * given, or "DPoP"), `dpop`, `method`, `url`, and `client_certificate_sha256`, the base64url
     * of the SHA-256 of the client certificate's DER. The certificate must come from the TLS
     * layer: a header that a client can set proves nothing. Not for
     * at9068_validator_authenticate(), which has a request of its own.
     */
    struct at9068_str request;
    /**
     * What the endpoint demands, as a JSON object: `scopes`, `permissions`, `roles`, `groups` and
     * `entitlements` (all of), `acr_values` (any of), `max_age` (seconds).
     */
    struct at9068_str require;
} at9068_validate_options;

/**
 * No error.
 */
#define AT9068_CODE_OK 0

/**
 * The configuration is not valid.
 */
#define AT9068_CODE_CONFIG_INVALID 101

/**
 * An argument is not valid.
 */
#define AT9068_CODE_ARGUMENT_INVALID 102

/**
 * A key is malformed (RFC 7517 §4).
 */
#define AT9068_CODE_KEY_MALFORMED 201

/**
 * A key is of a kind or size that is not supported (RFC 7518 §6).
 */
#define AT9068_CODE_KEY_UNSUPPORTED 202

/**
 * A key is too weak (RFC 7518 §3).
 */
#define AT9068_CODE_KEY_TOO_WEAK 203

/**
 * The issuer's keys are not available.
 */
#define AT9068_CODE_KEYS_UNAVAILABLE 204

/**
 * The issuer's metadata is not valid (RFC 8414 §3.3).
 */
#define AT9068_CODE_METADATA_INVALID 205

/**
 * The request carries no access token (RFC 6750 §3.1).
 */
#define AT9068_CODE_CREDENTIALS_MISSING 301

/**
 * The request's credentials are malformed or given more than once (RFC 6750 §3.1).
 */
#define AT9068_CODE_CREDENTIALS_MALFORMED 302

/**
 * The token exceeds a limit of size.
 */
#define AT9068_CODE_TOKEN_TOO_LARGE 303

/**
 * The token is malformed (RFC 7515 §5.2).
 */
#define AT9068_CODE_TOKEN_MALFORMED 304

/**
 * The token cannot be decrypted (RFC 9068 §4).
 */
#define AT9068_CODE_DECRYPTION_FAILED 306

/**
 * The token is not of an accepted type (RFC 9068 §4).
 */
#define AT9068_CODE_TYPE_MISMATCH 401

/**
 * The token's algorithm is not allowed (RFC 8725 §3.1).
 */
#define AT9068_CODE_ALGORITHM_NOT_ALLOWED 402

/**
 * The token demands a header extension that is not supported (RFC 7515 §4.1.11).
 */
#define AT9068_CODE_CRITICAL_HEADER_UNSUPPORTED 403

/**
 * The token's issuer is not accepted (RFC 9068 §4).
 */
#define AT9068_CODE_ISSUER_UNKNOWN 404

/**
 * No key of the issuer fits the token (RFC 7515 §4.1.4).
 */
#define AT9068_CODE_KEY_NOT_FOUND 405

/**
 * The key may not be used with the token's algorithm (RFC 8725 §3.1).
 */
#define AT9068_CODE_KEY_MISMATCH 406

/**
 * More than one key fits the token (RFC 7517 §4.5).
 */
#define AT9068_CODE_KEY_AMBIGUOUS 407

/**
 * The token's signature is not valid (RFC 7515 §5.2).
 */
#define AT9068_CODE_SIGNATURE_INVALID 501

/**
 * A required claim is missing (RFC 9068 §2.2).
 */
#define AT9068_CODE_CLAIM_MISSING 601

/**
 * A claim is malformed (RFC 7519 §4.1).
 */
#define AT9068_CODE_CLAIM_MALFORMED 602

/**
 * The token is of another kind (RFC 8725 §3.12).
 */
#define AT9068_CODE_KIND_MISMATCH 603

/**
 * The token is meant for another audience (RFC 9068 §4).
 */
#define AT9068_CODE_AUDIENCE_MISMATCH 604

/**
 * The token has expired (RFC 9068 §4).
 */
#define AT9068_CODE_TOKEN_EXPIRED 605

/**
 * The token is not valid yet (RFC 7519 §4.1.5).
 */
#define AT9068_CODE_TOKEN_NOT_YET_VALID 606

/**
 * The token was issued in the future (RFC 7519 §4.1.6).
 */
#define AT9068_CODE_TOKEN_ISSUED_IN_FUTURE 607

/**
 * The token's lifetime is longer than allowed.
 */
#define AT9068_CODE_LIFETIME_EXCEEDED 608

/**
 * A claim does not have the value expected (OpenID Connect Core §3.1.3.7).
 */
#define AT9068_CODE_CLAIM_MISMATCH 609

/**
 * The token's scope is not sufficient (RFC 6750 §3.1).
 */
#define AT9068_CODE_SCOPE_INSUFFICIENT 701

/**
 * The token's permissions are not sufficient (RFC 9068 §4).
 */
#define AT9068_CODE_PERMISSION_INSUFFICIENT 702

/**
 * The user's authentication is not sufficient (RFC 9470 §3).
 */
#define AT9068_CODE_AUTHENTICATION_INSUFFICIENT 703

/**
 * The token has been revoked (RFC 6750 §3.1).
 */
#define AT9068_CODE_TOKEN_REVOKED 704

/**
 * The issuer says that the token is not active (RFC 7662 §2.2).
 */
#define AT9068_CODE_TOKEN_INACTIVE 705

/**
 * The issuer cannot be asked about the token.
 */
#define AT9068_CODE_INTROSPECTION_UNAVAILABLE 706

/**
 * The token was presented under the wrong scheme (RFC 9449 §7).
 */
#define AT9068_CODE_SCHEME_MISMATCH 707

/**
 * The token is bound to its sender, and no proof was given (RFC 7800 §3.1).
 */
#define AT9068_CODE_BINDING_MISSING 708

/**
 * The token is bound to another sender (RFC 8705 §3).
 */
#define AT9068_CODE_BINDING_MISMATCH 709

/**
 * The token is bound in a way that is not supported (RFC 7800 §3.1).
 */
#define AT9068_CODE_BINDING_UNSUPPORTED 710

/**
 * The request carries no DPoP proof (RFC 9449 §7.1).
 */
#define AT9068_CODE_DPOP_PROOF_MISSING 711

/**
 * The token was used before (RFC 7523 §3).
 */
#define AT9068_CODE_TOKEN_REPLAYED 715

/**
 * The scope is not valid for the resources asked for (RFC 9068 §3).
 */
#define AT9068_CODE_INVALID_SCOPE 801

/**
 * The resource asked for is not one that tokens are issued for (RFC 8707 §2).
 */
#define AT9068_CODE_INVALID_TARGET 802

/**
 * A scope does not belong to exactly one of the resources asked for (RFC 9068 §5).
 */
#define AT9068_CODE_GRANT_AMBIGUOUS 803

/**
 * A custom claim has a name that the profiles own (RFC 9068 §2.2).
 */
#define AT9068_CODE_CLAIM_RESERVED 804

/**
 * The subject could be taken for a client (RFC 9068 §5).
 */
#define AT9068_CODE_SUBJECT_COLLISION 805

/**
 * The token could not be signed.
 */
#define AT9068_CODE_SIGNING_FAILED 806

/**
 * An internal fault.
 */
#define AT9068_CODE_INTERNAL 901

/**
 * There is an answer. A response of any status is one.
 */
#define AT9068_FETCH_OK 0

/**
 * The URL or the address that it leads to is not allowed.
 */
#define AT9068_FETCH_FORBIDDEN 1

/**
 * The host has no address.
 */
#define AT9068_FETCH_RESOLVE 2

/**
 * Nobody answers there.
 */
#define AT9068_FETCH_CONNECT 3

/**
 * The server could not prove that it is who it should be.
 */
#define AT9068_FETCH_TLS 4

/**
 * It took too long.
 */
#define AT9068_FETCH_TIMEOUT 5

/**
 * The body is longer than allowed.
 */
#define AT9068_FETCH_TOO_LARGE 6

/**
 * The response broke off, or is no HTTP.
 */
#define AT9068_FETCH_BROKEN 7

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/**
 * The text, good until the string is freed. Of NULL: no text.
 */
struct at9068_str at9068_string_view(const struct at9068_string *string);

/**
 * Frees a string, after wiping it: it may be a private key. NULL is fine.
 */
void at9068_string_free(struct at9068_string *string);

/**
 * The octets, good until the buffer is freed. Of NULL: none.
 */
struct at9068_bytes at9068_buffer_view(const struct at9068_buffer *buffer);

/**
 * Frees a buffer. NULL is fine.
 */
void at9068_buffer_free(struct at9068_buffer *buffer);

/**
 * The version of the library, "MAJOR.MINOR.PATCH".
 */
struct at9068_str at9068_version(void);

/**
 * The slug of a code, as in "audience_mismatch": the name that all languages give it. No text for
 * 0 and for numbers that are no code of this version.
 */
struct at9068_str at9068_code_slug(at9068_code code);

/**
 * The fixed message of a code. No text for 0 and for numbers that are no code of this version.
 */
struct at9068_str at9068_code_message(at9068_code code);

/**
 * The codes of this version in rising order, by index from 0; AT9068_CODE_OK behind the last.
 */
at9068_code at9068_code_at(size_t index);

/**
 * The number, the same that the failed call returned; AT9068_CODE_OK of NULL.
 */
at9068_code at9068_error_code(const struct at9068_error *error);

/**
 * The slug, as in "audience_mismatch".
 */
struct at9068_str at9068_error_slug(const struct at9068_error *error);

/**
 * A sentence for logs and developers. Its wording may change; the code does not. Good for logs:
 * it names claims and members, never their values.
 */
struct at9068_str at9068_error_message(const struct at9068_error *error);

/**
 * The claim, or the member of a mint request, that is wrong, where it is one.
 */
struct at9068_str at9068_error_claim(const struct at9068_error *error);

/**
 * What a refused token appears to be where it is no access token: "id_token", "logout_token",
 * "dpop_proof", "client_assertion", "introspection_response", "security_event" or
 * "request_object". A hint for developers, not to be trusted.
 */
struct at9068_str at9068_error_kind(const struct at9068_error *error);

/**
 * Whether the token's signature was good when the error arose. False of NULL.
 */
bool at9068_error_authenticated(const struct at9068_error *error);

/**
 * The OAuth error to answer with, as in "invalid_token" (RFC 6749, RFC 6750, RFC 9470).
 */
struct at9068_str at9068_error_oauth(const struct at9068_error *error);

/**
 * The HTTP status to answer with; 0 where no HTTP answer belongs to the error.
 */
uint16_t at9068_error_status(const struct at9068_error *error);

/**
 * How many WWW-Authenticate header fields to answer with.
 */
size_t at9068_error_challenge_count(const struct at9068_error *error);

/**
 * The value of one WWW-Authenticate header field, by index from 0; no text behind the last.
 * (RFC 6750 §3, RFC 9470 §3, RFC 9728 §5.1)
 */
struct at9068_str at9068_error_challenge_at(const struct at9068_error *error, size_t index);

/**
 * How many other header fields to answer with.
 */
size_t at9068_error_header_count(const struct at9068_error *error);

/**
 * The name of one of the other header fields, by index from 0; no text behind the last.
 */
struct at9068_str at9068_error_header_name_at(const struct at9068_error *error, size_t index);

/**
 * The value of one of the other header fields, by index from 0; no text behind the last.
 */
struct at9068_str at9068_error_header_value_at(const struct at9068_error *error, size_t index);

/**
 * Seconds after which trying again makes sense (Retry-After), for errors that are nobody's fault.
 * Returns whether there is such a time; writes to `seconds`, which may be NULL, only then.
 */
bool at9068_error_retry_after(const struct at9068_error *error, uint64_t *seconds);

/**
 * How many header fields the whole answer has, which at9068_error_http_header() tells; 0 where no HTTP
 * answer belongs to the error. The same answer in every language: its status is at9068_error_status().
 */
size_t at9068_error_http_header_count(const struct at9068_error *error);

/**
 * One header field of the whole answer, by index from 0, in the order in which they are to be sent: a
 * WWW-Authenticate for each challenge, Retry-After and others where there are any, Content-Type and
 * Cache-Control. Returns whether there is one; writes to `name` and `value`, each of which may be NULL,
 * only then.
 */
bool at9068_error_http_header(const struct at9068_error *error,
                              size_t index,
                              struct at9068_str *name,
                              struct at9068_str *value);

/**
 * The body of the whole answer, a JSON text: problem details (RFC 9457), or the error of a token endpoint
 * (RFC 6749 §5.2). No text where no HTTP answer belongs to the error. The answer to a HEAD request has
 * no body.
 */
struct at9068_str at9068_error_http_body(const struct at9068_error *error);

/**
 * Frees an error. NULL is fine.
 */
void at9068_error_free(struct at9068_error *error);

/**
 * Reads a JWK set, `{"keys": [...]}` (RFC 7517 §5).
 *
 * An entry that cannot be used is skipped: see at9068_key_set_skipped_at(). Of a private entry
 * only the public half is kept. A symmetric entry serves only validators that list its algorithm.
 * A JWK without `kid` bears its RFC 7638 thumbprint.
 *
 * Returns AT9068_CODE_KEY_MALFORMED where the text is no JWK set. The caller frees `*out` with
 * at9068_key_set_free().
 */
at9068_code at9068_key_set_from_json(const char *json,
                                     size_t json_len,
                                     struct at9068_key_set **out,
                                     struct at9068_error **error);

/**
 * Reads the one key of a PEM text: `PUBLIC KEY`, `RSA PUBLIC KEY`, `CERTIFICATE`, or the public
 * half of `PRIVATE KEY`, `RSA PRIVATE KEY`, `EC PRIVATE KEY`. Of a certificate the public key is
 * taken; neither its dates nor its issuer are checked.
 *
 * `options` may be NULL: then an RSA key serves RS256, an elliptic-curve key the algorithm of its
 * curve, and the RFC 7638 thumbprint is the `kid`.
 *
 * Returns AT9068_CODE_KEY_MALFORMED, _KEY_UNSUPPORTED or _KEY_TOO_WEAK; _KEY_MISMATCH where the
 * algorithm does not fit the key. The caller frees `*out` with at9068_key_set_free().
 */
at9068_code at9068_key_set_from_pem(const char *pem,
                                    size_t pem_len,
                                    const struct at9068_key_options *options,
                                    struct at9068_key_set **out,
                                    struct at9068_error **error);

/**
 * A set of the public halves of `count` signing keys, which stay the caller's. A symmetric key is
 * its own public half here: such a set is a secret.
 *
 * Returns AT9068_CODE_ARGUMENT_INVALID where one of the keys is NULL. The caller frees `*out` with
 * at9068_key_set_free().
 */
at9068_code at9068_key_set_from_signing_keys(const struct at9068_signing_key *const *keys,
                                             size_t count,
                                             struct at9068_key_set **out,
                                             struct at9068_error **error);

/**
 * The public keys as a JWK set. Symmetric keys are left out.
 *
 * Returns AT9068_CODE_ARGUMENT_INVALID for NULL. The caller frees `*out` with
 * at9068_string_free().
 */
at9068_code at9068_key_set_to_json(const struct at9068_key_set *set,
                                   struct at9068_string **out,
                                   struct at9068_error **error);

/**
 * How many keys are usable; 0 of NULL.
 */
size_t at9068_key_set_len(const struct at9068_key_set *set);

/**
 * The identifiers of the usable keys that have one, by index from 0; no text behind the last.
 */
struct at9068_str at9068_key_set_kid_at(const struct at9068_key_set *set, size_t index);

/**
 * How many entries of the set were skipped because they cannot be used; 0 of NULL.
 */
size_t at9068_key_set_skipped_count(const struct at9068_key_set *set);

/**
 * One of the skipped entries: its place in the set, its `kid` where it has one, and what is wrong
 * with it: AT9068_CODE_KEY_MALFORMED, _KEY_UNSUPPORTED, _KEY_TOO_WEAK, or _KEY_MISMATCH for one
 * that is not meant to verify.
 *
 * Returns false, and writes nothing, behind the last. Each of `place`, `kid` and `code` may be
 * NULL.
 */
bool at9068_key_set_skipped_at(const struct at9068_key_set *set,
                               size_t index,
                               size_t *place,
                               struct at9068_str *kid,
                               at9068_code *code);

/**
 * Frees a key set. Validators that were made with it keep what they need. NULL is fine.
 */
void at9068_key_set_free(struct at9068_key_set *set);

/**
 * Makes a new key for an algorithm, as in "ES256", and binds it to that. `bits` is 0, or for an
 * RSA algorithm 2048, 3072 or 4096; 0 makes an RSA key of 2048 bits.
 *
 * Returns AT9068_CODE_ARGUMENT_INVALID for a name that is no algorithm; _KEY_UNSUPPORTED for other
 * sizes, for a size where the algorithm is not of RSA, and for HMAC, whose secrets come from
 * elsewhere. The caller frees `*out` with at9068_signing_key_free().
 */
at9068_code at9068_signing_key_generate(const char *algorithm_name,
                                        size_t algorithm_name_len,
                                        uint32_t bits,
                                        struct at9068_signing_key **out,
                                        struct at9068_error **error);

/**
 * Reads a private JWK, or a symmetric one (RFC 7517, RFC 7518 §6).
 *
 * Returns AT9068_CODE_KEY_MALFORMED, _KEY_UNSUPPORTED or _KEY_TOO_WEAK; _KEY_MISMATCH where `alg`,
 * `use` or `key_ops` do not permit signing. The caller frees `*out` with
 * at9068_signing_key_free().
 */
at9068_code at9068_signing_key_from_jwk(const char *jwk,
                                        size_t jwk_len,
                                        struct at9068_signing_key **out,
                                        struct at9068_error **error);

/**
 * Reads `PRIVATE KEY` (PKCS#8), `RSA PRIVATE KEY` (PKCS#1) or `EC PRIVATE KEY` (SEC1). `options`
 * may be NULL, as for at9068_key_set_from_pem().
 *
 * Returns AT9068_CODE_KEY_MALFORMED, _KEY_UNSUPPORTED (encrypted keys among others) or
 * _KEY_TOO_WEAK; _KEY_MISMATCH where the algorithm does not fit the key. The caller frees `*out`
 * with at9068_signing_key_free().
 */
at9068_code at9068_signing_key_from_pem(const char *pem,
                                        size_t pem_len,
                                        const struct at9068_key_options *options,
                                        struct at9068_signing_key **out,
                                        struct at9068_error **error);

/**
 * The identifier: the RFC 7638 thumbprint unless another was given. A symmetric key has only the
 * one that was given.
 */
struct at9068_str at9068_signing_key_kid(const struct at9068_signing_key *key);

/**
 * The algorithm that the key is bound to, or else the usual one of its kind, as in "RS256".
 */
struct at9068_str at9068_signing_key_algorithm(const struct at9068_signing_key *key);

/**
 * The RFC 7638 thumbprint with SHA-256; `*out` is NULL for a symmetric key.
 *
 * Returns AT9068_CODE_ARGUMENT_INVALID for NULL. The caller frees `*out` with
 * at9068_string_free().
 */
at9068_code at9068_signing_key_thumbprint(const struct at9068_signing_key *key,
                                          struct at9068_string **out,
                                          struct at9068_error **error);

/**
 * The public half as a JWK; `*out` is NULL for a symmetric key.
 *
 * Returns AT9068_CODE_ARGUMENT_INVALID for NULL. The caller frees `*out` with
 * at9068_string_free().
 */
at9068_code at9068_signing_key_public_jwk(const struct at9068_signing_key *key,
                                          struct at9068_string **out,
                                          struct at9068_error **error);

/**
 * The public half as PEM (SPKI); `*out` is NULL for a symmetric key.
 *
 * Returns AT9068_CODE_ARGUMENT_INVALID for NULL. The caller frees `*out` with
 * at9068_string_free().
 */
at9068_code at9068_signing_key_public_pem(const struct at9068_signing_key *key,
                                          struct at9068_string **out,
                                          struct at9068_error **error);

/**
 * The whole key as a JWK. **The text is a secret**; freeing it wipes it.
 *
 * Returns AT9068_CODE_ARGUMENT_INVALID for NULL. The caller frees `*out` with
 * at9068_string_free().
 */
at9068_code at9068_signing_key_to_jwk(const struct at9068_signing_key *key,
                                      struct at9068_string **out,
                                      struct at9068_error **error);

/**
 * The whole key as PEM (PKCS#8). **The text is a secret**; freeing it wipes it.
 *
 * Returns AT9068_CODE_KEY_UNSUPPORTED for a symmetric key, _ARGUMENT_INVALID for NULL. The caller
 * frees `*out` with at9068_string_free().
 */
at9068_code at9068_signing_key_to_pem(const struct at9068_signing_key *key,
                                      struct at9068_string **out,
                                      struct at9068_error **error);

/**
 * The set of this key's public half; of a symmetric key, a set that is a secret.
 *
 * Returns AT9068_CODE_ARGUMENT_INVALID for NULL. The caller frees `*out` with
 * at9068_key_set_free().
 */
at9068_code at9068_signing_key_key_set(const struct at9068_signing_key *key,
                                       struct at9068_key_set **out,
                                       struct at9068_error **error);

/**
 * Frees a signing key. Minters and key sets that were made with it keep what they need. NULL is
 * fine.
 */
void at9068_signing_key_free(struct at9068_signing_key *key);

/**
 * The RFC 7638 thumbprint with SHA-256 of a JWK, public or private.
 *
 * Returns AT9068_CODE_KEY_MALFORMED, _KEY_UNSUPPORTED or _KEY_TOO_WEAK. The caller frees `*out`
 * with at9068_string_free().
 */
at9068_code at9068_thumbprint(const char *jwk,
                              size_t jwk_len,
                              struct at9068_string **out,
                              struct at9068_error **error);

/**
 * The base64url of the SHA-256 of a certificate's DER, as `x5t#S256` names it (RFC 8705 §3.1), from
 * the DER itself or a PEM text with one certificate. The certificate is not validated.
 *
 * Returns AT9068_CODE_ARGUMENT_INVALID where it is no X.509 certificate. The caller frees `*out`
 * with at9068_string_free().
 */
at9068_code at9068_certificate_sha256(const uint8_t *der_or_pem,
                                      size_t der_or_pem_len,
                                      struct at9068_string **out,
                                      struct at9068_error **error);

/**
 * Verifies a JWS in compact serialization (RFC 7515 §5.2) and gives its payload: for JWTs and other
 * content that is no access token. `algorithms` is a JSON array of the names of those that are
 * accepted, as in `["RS256"]`; there is no default.
 *
 * Checks size (65536 octets at most), shape and canonical base64url; the header, in which `crit` is
 * refused; the algorithm, against the list; the choice of the key; the signature. It does **not**
 * look at the payload, at `typ` or at any claim: what verifies here need not be an access token,
 * nor in time, nor meant for the caller. For access tokens there is at9068_validator_validate().
 *
 * Returns AT9068_CODE_ARGUMENT_INVALID where `algorithms` is no such array, is empty, or names an
 * unknown one; _TOKEN_TOO_LARGE; _TOKEN_MALFORMED, also for what is not UTF-8; _DECRYPTION_FAILED
 * for a JWE; _CRITICAL_HEADER_UNSUPPORTED; _ALGORITHM_NOT_ALLOWED; _KEY_NOT_FOUND, _KEY_MISMATCH,
 * _KEY_AMBIGUOUS, or the code of the unusable key that the header names; _SIGNATURE_INVALID. No
 * HTTP answer belongs to them. The caller frees `*out` with at9068_buffer_free().
 */
at9068_code at9068_verify_jws(const char *token,
                              size_t token_len,
                              const struct at9068_key_set *keys,
                              const char *algorithms,
                              size_t algorithms_len,
                              struct at9068_buffer **out,
                              struct at9068_error **error);

/**
 * "GET", or "POST" where there is a body.
 */
struct at9068_str at9068_fetch_request_method(const struct at9068_fetch_request *request);

/**
 * The octets to post; none of a `GET`.
 */
struct at9068_bytes at9068_fetch_request_body(const struct at9068_fetch_request *request);

/**
 * An absolute URL: https, unless http to loopback addresses was allowed by the configuration.
 */
struct at9068_str at9068_fetch_request_url(const struct at9068_fetch_request *request);

/**
 * How many header fields to send; 0 of NULL.
 */
size_t at9068_fetch_request_header_count(const struct at9068_fetch_request *request);

/**
 * The name of a header field to send, by index from 0; no text behind the last.
 */
struct at9068_str at9068_fetch_request_header_name_at(const struct at9068_fetch_request *request,
                                                      size_t index);

/**
 * The value of a header field to send, by index from 0; no text behind the last.
 */
struct at9068_str at9068_fetch_request_header_value_at(const struct at9068_fetch_request *request,
                                                       size_t index);

/**
 * Seconds that are left for the whole exchange, from the first look-up of the host to the last
 * octet of the body, with a fraction; 0 of NULL.
 */
double at9068_fetch_request_timeout_seconds(const struct at9068_fetch_request *request);

/**
 * Seconds that connecting may take of these, with a fraction; 0 of NULL.
 */
double at9068_fetch_request_connect_timeout_seconds(const struct at9068_fetch_request *request);

/**
 * The longest body that is read, in octets; a longer one is AT9068_FETCH_TOO_LARGE. 0 of NULL.
 */
size_t at9068_fetch_request_max_body_bytes(const struct at9068_fetch_request *request);

/**
 * Whether the operator vouches for the host, by having configured it. Where not, the URL was learned
 * from a document, and must not lead into the network of this server: every address that is
 * connected to must be a public one, or the fetch fails with AT9068_FETCH_FORBIDDEN. False of NULL.
 */
bool at9068_fetch_request_trusted_host(const struct at9068_fetch_request *request);

/**
 * Notes the HTTP status. Returns false of NULL.
 */
bool at9068_fetch_response_set_status(struct at9068_fetch_response *response, uint16_t status);

/**
 * Notes a header field; several of one name are several calls. Both texts are copied.
 *
 * Returns false of NULL, and where one of them is not UTF-8: such a field is left out.
 */
bool at9068_fetch_response_add_header(struct at9068_fetch_response *response,
                                      const char *name,
                                      size_t name_len,
                                      const char *value,
                                      size_t value_len);

/**
 * Appends octets to the body; they are copied.
 *
 * Returns whether more may follow: false once the body is longer than the request allows, so that
 * reading can end there, and of NULL. What is too much is not kept, and fails the fetch with
 * AT9068_FETCH_TOO_LARGE whatever else is reported.
 */
bool at9068_fetch_response_append_body(struct at9068_fetch_response *response,
                                       const uint8_t *body,
                                       size_t body_len);

/**
 * Makes an empty list, which forgets by the clock of `ports`; of these nothing else is asked. `ports`
 * may be NULL.
 *
 * Returns AT9068_CODE_ARGUMENT_INVALID for ports that are none. The caller frees `*out` with
 * at9068_revocations_free(), also before the validators that were given it.
 */
at9068_code at9068_revocations_new(const struct at9068_ports *ports,
                                   struct at9068_revocations **out,
                                   struct at9068_error **error);

/**
 * Adds an entry, a JSON object: `issuer`; `until`, when the last token that it concerns has expired;
 * and `jti` for one token, or one of `sub`, `client_id` and `sid` with `issued_before`, for every
 * token that was issued before that time. Times are whole seconds since the epoch. Of two entries for
 * the same identifier, the later times count.
 *
 * Returns AT9068_CODE_ARGUMENT_INVALID, with a message that names what is wrong, or _INTERNAL where
 * the clock fails; nothing is added then.
 */
at9068_code at9068_revocations_revoke(const struct at9068_revocations *revocations,
                                      const char *entry,
                                      size_t entry_len,
                                      struct at9068_error **error);

/**
 * How many entries there are, those included that are over but have not been forgotten yet; 0 of
 * NULL.
 */
size_t at9068_revocations_len(const struct at9068_revocations *revocations);

/**
 * Forgets all entries that are over. They are also forgotten by and by as others are added; this is
 * for lists to which nothing is added for long.
 *
 * Returns AT9068_CODE_ARGUMENT_INVALID for NULL, _INTERNAL where the clock fails.
 */
at9068_code at9068_revocations_sweep(const struct at9068_revocations *revocations,
                                     struct at9068_error **error);

/**
 * The list as a JSON text, for other processes, or for this one after a restart. It holds digests, from
 * which identifiers that can be guessed can be confirmed.
 *
 * Returns AT9068_CODE_ARGUMENT_INVALID for NULL. The caller frees `*out` with
 * at9068_string_free().
 */
at9068_code at9068_revocations_snapshot(const struct at9068_revocations *revocations,
                                        struct at9068_string **out,
                                        struct at9068_error **error);

/**
 * Adds the entries of a snapshot to those that are there.
 *
 * Returns AT9068_CODE_ARGUMENT_INVALID where the text is no snapshot, _INTERNAL where the clock fails;
 * nothing is added then.
 */
at9068_code at9068_revocations_restore(const struct at9068_revocations *revocations,
                                       const char *snapshot,
                                       size_t snapshot_len,
                                       struct at9068_error **error);

/**
 * Frees a list. Validators that were given it go on with it. NULL is fine.
 */
void at9068_revocations_free(struct at9068_revocations *revocations);

/**
 * Makes an empty store, of at most `capacity` entries, or 100,000 where that is 0. A service that is sent
 * n tokens per second holds n times the seconds that each is good, and 60 more.
 *
 * The caller frees `*out` with at9068_memory_replay_store_free(), also before the validators that were
 * given it.
 */
at9068_code at9068_memory_replay_store_new(size_t capacity,
                                           struct at9068_memory_replay_store **out,
                                           struct at9068_error **error);

/**
 * Notes a use, for hosts whose own at9068_replay_store does more than that; what the arguments are is said
 * there. `*first` becomes 1 where it is the first use of the key, else 0, and is 0 where it cannot be
 * told.
 *
 * Returns AT9068_CODE_ARGUMENT_INVALID for NULL, _INTERNAL where the store is full.
 */
at9068_code at9068_memory_replay_store_first_use(const struct at9068_memory_replay_store *store,
                                                 const char *key,
                                                 size_t key_len,
                                                 int64_t until,
                                                 int64_t now,
                                                 int *first,
                                                 struct at9068_error **error);

/**
 * How many entries there are, those included whose time is over but that have not been forgotten yet; 0
 * of NULL.
 */
size_t at9068_memory_replay_store_len(const struct at9068_memory_replay_store *store);

/**
 * Frees a store. Validators that were given it go on with it. NULL is fine.
 */
void at9068_memory_replay_store_free(struct at9068_memory_replay_store *store);

/**
 * Says what is accepted of the issuer that a resolver was asked about: a JSON object, as an entry of
 * the member `issuers` of a validator's configuration. It is copied; a second call replaces the first.
 *
 * Returns false of NULL, and where the text is not UTF-8. What is wrong otherwise fails the call that
 * asked with AT9068_CODE_KEYS_UNAVAILABLE.
 */
bool at9068_resolution_set_json(struct at9068_resolution *resolution,
                                const char *json,
                                size_t json_len);

/**
 * Makes a cache from its configuration, a JSON object. Defaults: `max_issuers` 256;
 * `max_stale_seconds` 3600, and 86400 at most; `cooldown_seconds` 30, from 1 to 3600;
 * `timeout_seconds` 5, for a whole refresh, and 60 at most; `connect_timeout_seconds` 2; `ca_bundle`,
 * certificates in PEM, the system's trust roots; no `proxy`, and the environment is not asked;
 * `same_origin` false; no `trusted_hosts`; `danger_http_loopback` false. `ports` may be NULL.
 *
 * Nothing is fetched until a validator needs keys. A key set is fresh as long as its Cache-Control
 * says, from a minute to a day, or ten minutes where it says nothing; refreshed when four fifths of
 * that are over; and used for `max_stale_seconds` more while no other can be fetched.
 *
 * Returns AT9068_CODE_CONFIG_INVALID, with a message that names what is wrong. The caller frees
 * `*out` with at9068_issuer_cache_free(), also before the validators that were made with it.
 */
at9068_code at9068_issuer_cache_new(const char *config,
                                    size_t config_len,
                                    const struct at9068_ports *ports,
                                    struct at9068_issuer_cache **out,
                                    struct at9068_error **error);

/**
 * Where the keys of every issuer are in their life: a JSON object, equal in every language, whose member
 * `issuers` is an array. Each entry has `issuer`; `state`: "empty", "fresh", "due", "stale" or "expired"; `keys`, how many are usable;
 * `kids`; `skipped`; `jwks_uri`; `age_seconds`, `refresh_in_seconds` and `expires_in_seconds`;
 * `refreshing`; `last_error`, with `code`, `reason` and `age_seconds`; and `counters`.
 *
 * Returns AT9068_CODE_ARGUMENT_INVALID for NULL. The caller frees `*out` with
 * at9068_string_free().
 */
at9068_code at9068_issuer_cache_status_json(const struct at9068_issuer_cache *cache,
                                            struct at9068_string **out,
                                            struct at9068_error **error);

/**
 * The keys at hand as a JSON text, so that a process that starts in an outage can restore them. It
 * holds public keys only; whoever can change it chooses whom the API trusts.
 *
 * Returns AT9068_CODE_ARGUMENT_INVALID for NULL. The caller frees `*out` with
 * at9068_string_free().
 */
at9068_code at9068_issuer_cache_snapshot(const struct at9068_issuer_cache *cache,
                                         struct at9068_string **out,
                                         struct at9068_error **error);

/**
 * Takes keys from a snapshot, for issuers that have none yet. They age from when they were fetched:
 * what is stale is tried to be refreshed first, what has expired is of no use.
 *
 * Returns AT9068_CODE_ARGUMENT_INVALID where the text is no snapshot; nothing is taken then.
 */
at9068_code at9068_issuer_cache_restore(const struct at9068_issuer_cache *cache,
                                        const char *snapshot,
                                        size_t snapshot_len,
                                        struct at9068_error **error);

/**
 * Frees a cache. Validators that were made with it go on with its keys. NULL is fine.
 */
void at9068_issuer_cache_free(struct at9068_issuer_cache *cache);

/**
 * Makes a validator from its configuration, a JSON object. Required: `audience`, and `issuer` or
 * `issuers`. Defaults: `profiles` ["rfc9068"]; `algorithms` every asymmetric one; `leeway_seconds` 30,
 * and 300 at most; no `max_lifetime_seconds`; `max_token_bytes` 16384; no `migrate_from`; `strategy`
 * "local", so that issuers are not asked about their tokens; `token_cache` of 1000 verified tokens and 8
 * MiB; no `protected_resource`, so that nothing is published of it. `handles` and `ports` may be NULL.
 *
 * Keys are given as `jwks`; or fetched from `jwks_uri`; or, with neither, from where the issuer's
 * metadata says, of both kinds unless `discovery` is "oauth" or "openid". They are fetched when they
 * are first needed, never here, and kept in a cache of the validator's own, with the configuration
 * `issuer_cache` as at9068_issuer_cache_new() has it.
 *
 * Returns AT9068_CODE_CONFIG_INVALID, with a message that names what is wrong. The caller frees
 * `*out` with at9068_validator_free().
 */
at9068_code at9068_validator_new(const char *config,
                                 size_t config_len,
                                 const struct at9068_handles *handles,
                                 const struct at9068_ports *ports,
                                 struct at9068_validator **out,
                                 struct at9068_error **error);

/**
 * Makes a validator that shares the keys of a cache with others. What is fetched, and when, follows the
 * cache's configuration and ports; of `ports`, the clock, the resolver and the revocations count. The
 * configuration has no `issuer_cache` then. Otherwise as at9068_validator_new().
 */
at9068_code at9068_validator_new_with_cache(const char *config,
                                            size_t config_len,
                                            const struct at9068_handles *handles,
                                            const struct at9068_ports *ports,
                                            const struct at9068_issuer_cache *cache,
                                            struct at9068_validator **out,
                                            struct at9068_error **error);

/**
 * Validates a token that the caller took out of a request (RFC 9068 §4).
 *
 * Checks, and stops at the first that fails: size and shape; header; `iss`; type; algorithm; key;
 * signature. Then, of an authentic token: the types of its claims; its kind; required claims;
 * `aud`; `exp`, `nbf`, `iat` and lifetime; the list of revocations, where there is one; the sender
 * constraint of `cnf`; and what `options->require` demands.
 *
 * It does **not** check whether the client or user still exists, or DPoP proofs: a token bound to a
 * DPoP key is refused.
 *
 * `options` may be NULL: the clock's time, a bearer token without client certificate, nothing
 * demanded. What is not UTF-8 is AT9068_CODE_TOKEN_MALFORMED.
 *
 * It waits only where keys must be fetched, or the issuer be asked: see at9068_validator_validate_at_hand() and
 * at9068_validator_step() for callers that must not.
 *
 * Returns a code of bands 3xx to 7xx, or of 2xx where the token names an unusable key, with the
 * answer to give; AT9068_CODE_KEYS_UNAVAILABLE or _METADATA_INVALID where the issuer's keys cannot be
 * had, which says nothing of the token, to be tried again after at9068_error_retry_after(); so with
 * _INTROSPECTION_UNAVAILABLE where it cannot be asked; AT9068_CODE_ARGUMENT_INVALID for arguments that
 * are wrong whatever the token. The caller frees `*out` with at9068_access_token_free(); it may outlive the validator.
 */
at9068_code at9068_validator_validate(const struct at9068_validator *validator,
                                      const char *token,
                                      size_t token_len,
                                      const struct at9068_validate_options *options,
                                      struct at9068_access_token **out,
                                      struct at9068_error **error);

/**
 * Takes the credential out of a request's headers and validates it (RFC 6750 §2.1). `request` is a
 * JSON object as in the options, with `headers`, an array of [name, value], of which exactly one
 * Authorization field with one token is accepted. Tokens in a form body or a query are not.
 * `options` may be NULL, and may not hold a request of its own.
 *
 * Returns what at9068_validator_validate() returns; AT9068_CODE_CREDENTIALS_MISSING where nothing
 * is sent, or another scheme; _CREDENTIALS_MALFORMED for bad syntax or more than one credential.
 * The caller frees `*out` with at9068_access_token_free().
 */
at9068_code at9068_validator_authenticate(const struct at9068_validator *validator,
                                          const char *request,
                                          size_t request_len,
                                          const struct at9068_validate_options *options,
                                          struct at9068_access_token **out,
                                          struct at9068_error **error);

/**
 * Validates a token and tells of every rule how it was met, instead of only the first that failed.
 * For developers and operators; slower than at9068_validator_validate(), whose arguments it takes
 * and whose verdict it gives too.
 *
 * Up to the signature every failure ends the judgement, since nothing after it could be believed;
 * the rules that follow are then "not_reached". The trace holds nothing of the token but the kinds
 * of its values. Do not show it to clients all the same: it tells an attacker how far a forgery
 * came.
 *
 * A token that is refused is AT9068_CODE_OK here: see at9068_explanation_error(). Returns
 * AT9068_CODE_ARGUMENT_INVALID for arguments that are wrong whatever the token, _INTERNAL where the
 * clock fails. The caller frees `*out` with at9068_explanation_free(); it may outlive the validator.
 */
at9068_code at9068_validator_explain(const struct at9068_validator *validator,
                                     const char *token,
                                     size_t token_len,
                                     const struct at9068_validate_options *options,
                                     struct at9068_explanation **out,
                                     struct at9068_error **error);

/**
 * The metadata of the protected resource, a JSON document: to be served as application/json at
 * at9068_validator_protected_resource_metadata_path(), to whoever asks and without a token (RFC 9728
 * §3.2). No text where `protected_resource` is not configured, and of NULL.
 */
struct at9068_str at9068_validator_protected_resource_metadata(const struct at9068_validator *validator);

/**
 * The path at which that metadata is to be served, percent-encoded and without query.
 */
struct at9068_str at9068_validator_protected_resource_metadata_path(const struct at9068_validator *validator);

/**
 * How many entries of the configured key sets were skipped because they cannot be used; 0 of NULL.
 */
size_t at9068_validator_skipped_count(const struct at9068_validator *validator);

/**
 * One of the skipped entries, with the issuer whose set it is in; otherwise as
 * at9068_key_set_skipped_at(). Each of `issuer`, `place`, `kid` and `code` may be NULL.
 */
bool at9068_validator_skipped_at(const struct at9068_validator *validator,
                                 size_t index,
                                 struct at9068_str *issuer,
                                 size_t *place,
                                 struct at9068_str *kid,
                                 at9068_code *code);

/**
 * Of every issuer with `migrate_from`, how far its tokens have moved to the other profile: counts
 * of the tokens that this validator accepted so far. An explanation counts for nothing.
 *
 * A JSON array, equal in every language, of objects with `issuer`; `from` and `to`, the profiles;
 * `migrated`, how many tokens follow `to`; `remaining`, how many follow `from`, and will be refused
 * once the migration ends; `codes`, an object: under how many of `remaining` each code arose.
 *
 * Returns AT9068_CODE_ARGUMENT_INVALID for NULL. The caller frees `*out` with
 * at9068_string_free().
 */
at9068_code at9068_validator_migrations_json(const struct at9068_validator *validator,
                                             struct at9068_string **out,
                                             struct at9068_error **error);

/**
 * Frees a validator. Access tokens that it made live on, and with them its ports. NULL is fine.
 */
void at9068_validator_free(struct at9068_validator *validator);

/**
 * Validates as at9068_validator_validate() does, with the keys and answers at hand, and never waits.
 * Where others are wanted, they are fetched on a thread that ends with it, for later calls.
 *
 * Keys whose time is over are used here while none others can be had, for `max_stale_seconds` at
 * most, be it that their refresh is only being tried.
 *
 * Returns what that returns, AT9068_CODE_KEYS_UNAVAILABLE until keys have been fetched, and
 * _INTROSPECTION_UNAVAILABLE until the issuer has answered where it must be asked. The caller frees
 * `*out` with at9068_access_token_free().
 */
at9068_code at9068_validator_validate_at_hand(const struct at9068_validator *validator,
                                              const char *token,
                                              size_t token_len,
                                              const struct at9068_validate_options *options,
                                              struct at9068_access_token **out,
                                              struct at9068_error **error);

/**
 * The same for a request, as at9068_validator_authenticate() takes it.
 */
at9068_code at9068_validator_authenticate_at_hand(const struct at9068_validator *validator,
                                                  const char *request,
                                                  size_t request_len,
                                                  const struct at9068_validate_options *options,
                                                  struct at9068_access_token **out,
                                                  struct at9068_error **error);

/**
 * Validates as far as it can without waiting, for hosts with a loop of their own. The arguments are
 * those of at9068_validator_validate(); `refresh` and `flight` must not be NULL.
 *
 * AT9068_CODE_OK says that the token is good, and `*out` is it: the caller frees it with
 * at9068_access_token_free(). AT9068_CODE_KEYS_UNAVAILABLE says that there is no verdict, and one of
 * these is set where that can be helped:
 *
 * - `*refresh`: the caller is the one to fetch keys, or to ask the issuer. It answers what
 *   at9068_refresh_request() wants until nothing is wanted, frees it with at9068_refresh_free(), and asks
 *   again.
 * - `*flight`: somebody else does. The caller waits until that is over, frees it with
 *   at9068_flight_free(), and asks again.
 *
 * The error says nothing of an answer then. Both are NULL with any other code, and where no attempt
 * is to be made now. Keys are fetched at most once in a cooldown for one request, so that this
 * ends, unless fetches take longer than a cooldown: who has waited AT9068_ROUNDS times for one request
 * ends with at9068_validator_validate_at_hand().
 *
 * Keys that are due are fetched on a thread that ends with it; where the host fetches, they are left
 * to at9068_validator_due_refresh(), and no thread is started.
 */
at9068_code at9068_validator_step(const struct at9068_validator *validator,
                                  const char *token,
                                  size_t token_len,
                                  const struct at9068_validate_options *options,
                                  struct at9068_refresh **refresh,
                                  struct at9068_flight **flight,
                                  struct at9068_access_token **out,
                                  struct at9068_error **error);

/**
 * The same for a request, as at9068_validator_authenticate() takes it.
 */
at9068_code at9068_validator_step_request(const struct at9068_validator *validator,
                                          const char *request,
                                          size_t request_len,
                                          const struct at9068_validate_options *options,
                                          struct at9068_refresh **refresh,
                                          struct at9068_flight **flight,
                                          struct at9068_access_token **out,
                                          struct at9068_error **error);

/**
 * Explains as at9068_validator_explain() does, with the keys at hand, and never waits.
 */
at9068_code at9068_validator_explain_at_hand(const struct at9068_validator *validator,
                                             const char *token,
                                             size_t token_len,
                                             const struct at9068_validate_options *options,
                                             struct at9068_explanation **out,
                                             struct at9068_error **error);

/**
 * Explains as at9068_validator_explain() does, as far as that goes without waiting: `refresh`, `flight`
 * and AT9068_CODE_KEYS_UNAVAILABLE are as at9068_validator_step() has them.
 */
at9068_code at9068_validator_explain_step(const struct at9068_validator *validator,
                                          const char *token,
                                          size_t token_len,
                                          const struct at9068_validate_options *options,
                                          struct at9068_refresh **refresh,
                                          struct at9068_flight **flight,
                                          struct at9068_explanation **out,
                                          struct at9068_error **error);

/**
 * A refresh of keys that are due, or that nobody has fetched yet; none, which is NULL and no failure,
 * where none is, or where somebody fetches already. For hosts that call at9068_validator_step(),
 * every second or so.
 *
 * Returns AT9068_CODE_ARGUMENT_INVALID for NULL. The caller frees `*out` with
 * at9068_refresh_free().
 */
at9068_code at9068_validator_due_refresh(const struct at9068_validator *validator,
                                         struct at9068_refresh **out,
                                         struct at9068_error **error);

/**
 * Fetches the keys of every configured issuer that are not fresh, and waits for them. Best called when
 * a server starts.
 *
 * Returns AT9068_CODE_KEYS_UNAVAILABLE or _METADATA_INVALID where an issuer's keys cannot be had;
 * those of the others are there all the same.
 */
at9068_code at9068_validator_prefetch(const struct at9068_validator *validator,
                                      struct at9068_error **error);

/**
 * Fetches the keys of every issuer anew, however fresh they are, and waits for them: for the operator
 * who knows that a key was taken back. Returns what at9068_validator_prefetch() returns; keys at hand
 * are kept where that fails.
 */
at9068_code at9068_validator_refresh(const struct at9068_validator *validator,
                                     struct at9068_error **error);

/**
 * How the validator is, as a JSON object: `issuers`, as at9068_issuer_cache_status_json() says; issuers
 * whose keys are given are left out. And `token_cache`, what is remembered of tokens that were verified:
 * `entries`, `bytes` (about), `max_entries`, `max_bytes`, and the counters `hits` and `misses`; all are 0
 * where nothing is.
 *
 * Returns AT9068_CODE_ARGUMENT_INVALID for NULL. The caller frees `*out` with
 * at9068_string_free().
 */
at9068_code at9068_validator_status_json(const struct at9068_validator *validator,
                                         struct at9068_string **out,
                                         struct at9068_error **error);

/**
 * The cache in which the validator's keys are kept: the one that it was made with, or its own. None,
 * which is NULL and no failure, where it fetches no keys.
 *
 * Returns AT9068_CODE_ARGUMENT_INVALID for NULL. The caller frees `*out` with
 * at9068_issuer_cache_free(); the validator keeps its own hold of it.
 */
at9068_code at9068_validator_issuer_cache(const struct at9068_validator *validator,
                                          struct at9068_issuer_cache **out,
                                          struct at9068_error **error);

/**
 * at9068_validator_prefetch() for hosts with a loop of their own.
 *
 * Returns AT9068_CODE_ARGUMENT_INVALID for NULL. The caller frees `*out` with
 * at9068_key_steps_free(); it may outlive the validator.
 */
at9068_code at9068_validator_prefetch_steps(const struct at9068_validator *validator,
                                            struct at9068_key_steps **out,
                                            struct at9068_error **error);

/**
 * at9068_validator_refresh() for hosts with a loop of their own; otherwise as
 * at9068_validator_prefetch_steps().
 */
at9068_code at9068_validator_refresh_steps(const struct at9068_validator *validator,
                                           struct at9068_key_steps **out,
                                           struct at9068_error **error);

/**
 * Goes on as far as that goes without waiting. AT9068_CODE_KEYS_UNAVAILABLE with `*refresh` or `*flight`
 * says what is to be done before the next call, as at9068_validator_step() has it; neither may be
 * NULL. With any other code, or with neither set, nothing is left to do, and the code is that of
 * at9068_validator_prefetch().
 */
at9068_code at9068_key_steps_step(struct at9068_key_steps *steps,
                                  struct at9068_refresh **refresh,
                                  struct at9068_flight **flight,
                                  struct at9068_error **error);

/**
 * Frees steps, whether they are all made or not. NULL is fine.
 */
void at9068_key_steps_free(struct at9068_key_steps *steps);

/**
 * The issuer, or the client, whose keys are fetched, or that is asked; no text once it was run. Good
 * until then.
 */
struct at9068_str at9068_refresh_issuer(const struct at9068_refresh *refresh);

/**
 * The request to make now, with the time that is left; NULL when the refresh is over. Good
 * until the next call with this refresh that may change it: another of this, an answer, a failure.
 */
const struct at9068_fetch_request *at9068_refresh_request(struct at9068_refresh *refresh);

/**
 * Where the response to the request is written to, in as many calls as it takes; what was written
 * before is still there. NULL when the refresh is over. Good until it is answered, or failed.
 */
struct at9068_fetch_response *at9068_refresh_response(struct at9068_refresh *refresh);

/**
 * The response is whole. Then at9068_refresh_request() tells which request is wanted next, if any:
 * when none is, the refresh is over, and who waited for its flight goes on.
 *
 * Returns AT9068_CODE_ARGUMENT_INVALID for NULL, and when the refresh was over already. A response
 * that is of no use is no failure of this call: see at9068_validator_status_json().
 */
at9068_code at9068_refresh_answer(struct at9068_refresh *refresh, struct at9068_error **error);

/**
 * No response is to be had, and why: one of the numbers AT9068_FETCH_…, but not _OK. What was
 * written of a response is forgotten. Otherwise as at9068_refresh_answer().
 */
at9068_code at9068_refresh_fail(struct at9068_refresh *refresh,
                                at9068_fetch_outcome outcome,
                                struct at9068_error **error);

/**
 * Makes the requests that are wanted, one after the other, on this thread, and waits for it. Fetches by
 * the ports of the validator or its cache; where these leave that to the host, every fetch fails.
 * Afterwards the refresh is over.
 *
 * Returns AT9068_CODE_ARGUMENT_INVALID for NULL, and when it was run before. A fetch that fails is
 * no failure of this call.
 */
at9068_code at9068_refresh_run(struct at9068_refresh *refresh,
                               struct at9068_error **error);

/**
 * Does the same on a thread that ends with it, and hands over what can be waited for.
 *
 * Returns AT9068_CODE_ARGUMENT_INVALID for NULL, and when it was run before; AT9068_CODE_INTERNAL
 * where no thread can be had: the refresh is as it was then. The caller frees `*out` with
 * at9068_flight_free().
 */
at9068_code at9068_refresh_spawn(struct at9068_refresh *refresh,
                                 struct at9068_flight **out,
                                 struct at9068_error **error);

/**
 * What others who need the keys wait for, as at9068_validator_step() gives it to them.
 *
 * Returns AT9068_CODE_ARGUMENT_INVALID for NULL, and when the refresh was run. The caller frees
 * `*out` with at9068_flight_free().
 */
at9068_code at9068_refresh_flight(const struct at9068_refresh *refresh,
                                  struct at9068_flight **out,
                                  struct at9068_error **error);

/**
 * Frees a refresh. One that is not over has failed: who waits for it goes on, and whoever needs its
 * outcome next gets another, where it is keys after a pause. NULL is fine.
 */
void at9068_refresh_free(struct at9068_refresh *refresh);

/**
 * Whether it is over, well or not. True of NULL: there is nothing to wait for.
 */
bool at9068_flight_is_over(const struct at9068_flight *flight);

/**
 * Seconds until it ends at the latest, with a fraction; 0 of NULL.
 */
double at9068_flight_remaining_seconds(const struct at9068_flight *flight);

/**
 * Blocks this thread until it is over, or for so many seconds, which may have a fraction; a day at
 * the longest, and not at all where it is no number or less than 0. Returns whether it is over; true
 * of NULL.
 */
bool at9068_flight_wait(const struct at9068_flight *flight,
                        double seconds);

/**
 * Calls `over` once with `context` when whoever fetches is done, well or not: at once, on this thread,
 * where it is over, else on the thread that fetches or answers. `over` should return at once, by
 * writing to a pipe or an eventfd for example, and must not throw, unwind or jump out. The flight may
 * be freed before.
 *
 * Returns AT9068_CODE_ARGUMENT_INVALID where `flight` or `over` is NULL; it is never called then.
 */
at9068_code at9068_flight_on_over(const struct at9068_flight *flight,
                                  void (*over)(void *context),
                                  void *context,
                                  struct at9068_error **error);

/**
 * Frees a flight; the refresh goes on. NULL is fine.
 */
void at9068_flight_free(struct at9068_flight *flight);

/**
 * `iss`: who issued the token (RFC 7519 §4.1.1).
 */
struct at9068_str at9068_access_token_iss(const struct at9068_access_token *token);

/**
 * `sub`: whom the token speaks of, a user or the client itself (RFC 9068 §2.2).
 */
struct at9068_str at9068_access_token_sub(const struct at9068_access_token *token);

/**
 * The client that the token was issued to: `client_id` (RFC 8693 §4.3), or what the token's
 * profile calls it.
 */
struct at9068_str at9068_access_token_client_id(const struct at9068_access_token *token);

/**
 * `jti`: the token's identifier (RFC 7519 §4.1.7); no text where it has none.
 */
struct at9068_str at9068_access_token_jti(const struct at9068_access_token *token);

/**
 * `scope` as it was written (RFC 8693 §4.2); no text where the token has none. Not to be searched
 * for a scope: at9068_access_token_require() compares whole scopes.
 */
struct at9068_str at9068_access_token_scope(const struct at9068_access_token *token);

/**
 * `acr`: the context in which the user authenticated (RFC 9068 §2.2.1); no text where the token
 * has none.
 */
struct at9068_str at9068_access_token_acr(const struct at9068_access_token *token);

/**
 * `org_id`: the organization that the user acts for; no text where the token has none.
 */
struct at9068_str at9068_access_token_org_id(const struct at9068_access_token *token);

/**
 * `org_name`: the name of that organization; no text where the token has none.
 */
struct at9068_str at9068_access_token_org_name(const struct at9068_access_token *token);

/**
 * The profile that the token follows, such as "rfc9068"; no text where it follows none.
 */
struct at9068_str at9068_access_token_profile(const struct at9068_access_token *token);

/**
 * Who vouches for the token: "local", the issuer's signature under it; "introspection", the issuer, who
 * was asked about it (RFC 7662), so that the claims are those of its answer; or
 * "local_and_introspection", both.
 */
struct at9068_str at9068_access_token_origin(const struct at9068_access_token *token);

/**
 * Where the validator migrates from the profile that the token follows: the codes under which the
 * token will be refused once the migration ends, by index from 0; AT9068_CODE_OK behind the last.
 * Of every other token, and of NULL, there are none.
 */
at9068_code at9068_access_token_would_break_at(const struct at9068_access_token *token,
                                               size_t index);

/**
 * The claims, as the JSON text that was signed, or that the issuer gave as its answer.
 */
struct at9068_str at9068_access_token_claims_json(const struct at9068_access_token *token);

/**
 * The header, as the JSON text that was signed; `{}` where the token was not verified here.
 */
struct at9068_str at9068_access_token_header_json(const struct at9068_access_token *token);

/**
 * `exp`: when the token expires; every token has it. 0 of NULL.
 */
int64_t at9068_access_token_exp(const struct at9068_access_token *token);

/**
 * `iat`: when the token was issued; every token has it. 0 of NULL.
 */
int64_t at9068_access_token_iat(const struct at9068_access_token *token);

/**
 * `nbf`: when the token becomes valid. Returns whether the token has it; writes to `seconds`, which
 * may be NULL, only then.
 */
bool at9068_access_token_nbf(const struct at9068_access_token *token, int64_t *seconds);

/**
 * `auth_time`: when the user authenticated (RFC 9068 §2.2.1). Returns whether the token has it;
 * writes to `seconds`, which may be NULL, only then.
 */
bool at9068_access_token_auth_time(const struct at9068_access_token *token, int64_t *seconds);

/**
 * The JSON text of any claim, as it was signed; no text where the token has none. Borrowed from
 * the token.
 *
 * Returns AT9068_CODE_ARGUMENT_INVALID for a name that is not UTF-8.
 */
at9068_code at9068_access_token_claim_json(const struct at9068_access_token *token,
                                           const char *name,
                                           size_t name_len,
                                           struct at9068_str *out,
                                           struct at9068_error **error);

/**
 * The JSON text of a structured claim in one form, whatever forms its profile allows: `aud`,
 * `scopes`, `permissions`, `amr`, `roles`, `groups`, `entitlements`, `authorization_details` and
 * `gty` always as arrays, `cnf` and `act` as objects. `*out` is NULL where the token has none.
 *
 * Roles, groups and entitlements (RFC 9068 §2.2.3.1) and authorization details (RFC 9396) are
 * judged here, not by the validation. What the types of authorization details mean is left to the
 * caller.
 *
 * Returns AT9068_CODE_CLAIM_MALFORMED where the claim is not of its type, _ARGUMENT_INVALID for
 * other names. The caller frees `*out` with at9068_string_free().
 */
at9068_code at9068_access_token_accessor_json(const struct at9068_access_token *token,
                                              const char *name,
                                              size_t name_len,
                                              struct at9068_string **out,
                                              struct at9068_error **error);

/**
 * Demands more of a token that was validated before, as `require` of at9068_validate_options does.
 * `now` is the time in seconds since the epoch, or NULL for the validator's clock; it matters to
 * `max_age` only. The token's own times are **not** checked again.
 *
 * Returns AT9068_CODE_SCOPE_INSUFFICIENT, _PERMISSION_INSUFFICIENT or _AUTHENTICATION_INSUFFICIENT
 * with the answer to give; _CLAIM_MALFORMED where the claim that is asked for is not of its type;
 * _ARGUMENT_INVALID for demands that are none.
 */
at9068_code at9068_access_token_require(const struct at9068_access_token *token,
                                        const char *require,
                                        size_t require_len,
                                        const double *now,
                                        struct at9068_error **error);

/**
 * Frees an access token. NULL is fine.
 */
void at9068_access_token_free(struct at9068_access_token *token);

/**
 * The steps as a JSON array, equal in every language: of each rule `rule`, `section`, `outcome`,
 * `claim`, `expected`, `found` and `code`, null where there is nothing.
 */
struct at9068_str at9068_explanation_trace_json(const struct at9068_explanation *explanation);

/**
 * The access token, as at9068_validator_validate() would have made it; NULL where the token is
 * refused. It belongs to the explanation: not to be freed, and good until that is.
 */
const struct at9068_access_token *at9068_explanation_token(const struct at9068_explanation *explanation);

/**
 * The first failure, with the answer that at9068_validator_validate() would have given; NULL where
 * the token is good. It belongs to the explanation: not to be freed, and good until that is.
 */
const struct at9068_error *at9068_explanation_error(const struct at9068_explanation *explanation);

/**
 * How many steps there are; 0 of NULL.
 */
size_t at9068_explanation_step_count(const struct at9068_explanation *explanation);

/**
 * One step, by index from 0, in the order in which the rules are asked, and behind them those that
 * were not reached; NULL behind the last. It belongs to the explanation, as the texts of it do.
 */
const struct at9068_step *at9068_explanation_step_at(const struct at9068_explanation *explanation,
                                                     size_t index);

/**
 * The identifier of the rule, as in "AT-VAL-4".
 */
struct at9068_str at9068_step_rule(const struct at9068_step *step);

/**
 * The document and section that the rule comes from, as in "RFC 9068 §4"; "at9068" where it is an
 * option of this product.
 */
struct at9068_str at9068_step_section(const struct at9068_step *step);

/**
 * How the rule was met: "pass"; "fail"; or "not_reached", where an earlier failure left nothing to
 * ask it of.
 */
struct at9068_str at9068_step_outcome(const struct at9068_step *step);

/**
 * The claim that the rule speaks of, where it is one.
 */
struct at9068_str at9068_step_claim(const struct at9068_step *step);

/**
 * What the rule wants, in words that may change.
 */
struct at9068_str at9068_step_expected(const struct at9068_step *step);

/**
 * The kind of value that was found, as in "string" or "absent", where a rule is broken by one;
 * never the value.
 */
struct at9068_str at9068_step_found(const struct at9068_step *step);

/**
 * The code of the failure; AT9068_CODE_OK where the rule is not broken.
 */
at9068_code at9068_step_code(const struct at9068_step *step);

/**
 * Frees an explanation, and its token, error and steps with it. NULL is fine.
 */
void at9068_explanation_free(struct at9068_explanation *explanation);

/**
 * Makes a minter from its configuration, a JSON object. Required: `issuer`; `keys`, private JWKs of
 * which the first usable one signs; `apis`, each with its `audience`, its `dialect`
 * ("rfc9068_profile", "rfc9068_profile_authz", "access_token" or "access_token_authz") and its
 * `scopes`. Defaults: `lifetime_seconds` 3600; `algorithm` that of the first usable key;
 * `client_subject_suffix` "@clients". `handles` and `ports` may be NULL.
 *
 * Returns AT9068_CODE_CONFIG_INVALID, with a message that names what is wrong. The caller frees
 * `*out` with at9068_minter_free().
 */
at9068_code at9068_minter_new(const char *config,
                              size_t config_len,
                              const struct at9068_handles *handles,
                              const struct at9068_ports *ports,
                              struct at9068_minter **out,
                              struct at9068_error **error);

/**
 * Mints an access token (RFC 9068 §2, §3) for a request, a JSON object: `grant_type` and
 * `client_id`, and as the grant has them `subject`, `resource`, `audience`, `scope` (what was
 * granted, not what was asked for), `auth_time`, `acr`, `amr`, `permissions`, `roles`, `groups`,
 * `entitlements`, `org_id`, `org_name`, `authorization_details`, `cnf`, `act`, `claims`, `jti`.
 *
 * The audience is what the request names, or what its scopes point at, or the default; a token
 * whose scopes could be taken for more than was granted is not issued (RFC 9068 §5). It does
 * **not** decide whether the client may have the grant, the resource or the scope: that was
 * granted before.
 *
 * `now` is the time of issue in seconds since the epoch, or NULL for the clock's.
 *
 * Returns AT9068_CODE_ARGUMENT_INVALID with the claim concerned; _INVALID_TARGET, _INVALID_SCOPE
 * and _GRANT_AMBIGUOUS with what a token endpoint answers; _CLAIM_RESERVED; _SUBJECT_COLLISION;
 * _SIGNING_FAILED. The caller frees `*out` with at9068_minted_token_free().
 */
at9068_code at9068_minter_mint(const struct at9068_minter *minter,
                               const char *request,
                               size_t request_len,
                               const double *now,
                               struct at9068_minted_token **out,
                               struct at9068_error **error);

/**
 * Mints an ID token (OpenID Connect Core §2) for a request, a JSON object: `client_id` and `subject`,
 * and as the login has them `audience` (others that the token is for), `nonce`, `auth_time`, `acr`,
 * `amr`, `sid`, `claims`, and `access_token`, `code` and `state`, of which the hashes are made.
 *
 * It does **not** decide whether the user logged in, or what the client may know of them.
 *
 * `now` is the time of issue in seconds since the epoch, or NULL for the clock's.
 *
 * Returns AT9068_CODE_ARGUMENT_INVALID with the claim concerned; _CLAIM_RESERVED; _SUBJECT_COLLISION;
 * _SIGNING_FAILED. The caller frees `*out` with at9068_minted_token_free().
 */
at9068_code at9068_minter_mint_id_token(const struct at9068_minter *minter,
                                        const char *request,
                                        size_t request_len,
                                        const double *now,
                                        struct at9068_minted_token **out,
                                        struct at9068_error **error);

/**
 * How many entries of the configured keys were skipped because they cannot sign; 0 of NULL.
 */
size_t at9068_minter_skipped_count(const struct at9068_minter *minter);

/**
 * One of the skipped entries, as at9068_key_set_skipped_at(). Each of `place`, `kid` and `code` may
 * be NULL.
 */
bool at9068_minter_skipped_at(const struct at9068_minter *minter,
                              size_t index,
                              size_t *place,
                              struct at9068_str *kid,
                              at9068_code *code);

/**
 * Frees a minter. Tokens that it minted live on. NULL is fine.
 */
void at9068_minter_free(struct at9068_minter *minter);

/**
 * The token itself, in compact serialization. It is a credential: keep it out of logs.
 */
struct at9068_str at9068_minted_token_token(const struct at9068_minted_token *token);

/**
 * The claims, as the JSON text that was signed.
 */
struct at9068_str at9068_minted_token_claims_json(const struct at9068_minted_token *token);

/**
 * The header, as the JSON text that was signed.
 */
struct at9068_str at9068_minted_token_header_json(const struct at9068_minted_token *token);

/**
 * Seconds until the token expires, for `expires_in` of a token response (RFC 6749 §5.1); 0 of NULL.
 */
uint64_t at9068_minted_token_expires_in(const struct at9068_minted_token *token);

/**
 * Frees a minted token. NULL is fine.
 */
void at9068_minted_token_free(struct at9068_minted_token *token);

/**
 * Validates `count` tokens, each as at9068_validator_validate() does; `options` hold for all of them.
 *
 * AT9068_CODE_OK says that all were judged, whatever the verdicts are: one that is refused, be it that
 * it is not UTF-8, changes nothing for the others. All are judged by one time, and those that wait for
 * keys or an answer by that of their coming.
 *
 * The work is spread over **threads of the library's own**, as many as there are processors, while this
 * one waits. The first batch of a process begins them, whichever validator or minter it is of, and they
 * sleep while there is none; a child of fork() begins its own. They end with the process: a library
 * that judged or minted a batch must not be unloaded with dlclose(). No other function begins them.
 *
 * Requests to issuers are made one after the other, each for all tokens that want what it gives.
 *
 * Returns AT9068_CODE_ARGUMENT_INVALID for arguments that are wrong whatever the tokens. The caller
 * frees `*out` with at9068_batch_free(); it may outlive the validator.
 */
at9068_code at9068_validator_validate_many(const struct at9068_validator *validator,
                                           const struct at9068_str *tokens,
                                           size_t count,
                                           const struct at9068_validate_options *options,
                                           struct at9068_batch **out,
                                           struct at9068_error **error);

/**
 * The same with the keys and answers at hand, each token as at9068_validator_validate_at_hand() judges
 * it: waits for those threads only, which takes as long as judging all tokens does.
 *
 * Tokens whose error is AT9068_CODE_KEYS_UNAVAILABLE or _INTROSPECTION_UNAVAILABLE had to be left
 * without a verdict; a host that fetches by itself takes each of these to at9068_validator_step().
 */
at9068_code at9068_validator_validate_many_at_hand(const struct at9068_validator *validator,
                                                   const struct at9068_str *tokens,
                                                   size_t count,
                                                   const struct at9068_validate_options *options,
                                                   struct at9068_batch **out,
                                                   struct at9068_error **error);

/**
 * How many tokens were judged; 0 of NULL.
 */
size_t at9068_batch_count(const struct at9068_batch *batch);

/**
 * The access token made of one of them, by index from 0; NULL where it was refused or taken, and behind
 * the last. It belongs to the batch: not to be freed, and good until that is or it is taken.
 */
const struct at9068_access_token *at9068_batch_token_at(const struct at9068_batch *batch,
                                                        size_t index);

/**
 * Why one of them was refused, by index from 0; NULL where it is good, and behind the last. It belongs
 * to the batch: not to be freed, and good until that is.
 */
const struct at9068_error *at9068_batch_error_at(const struct at9068_batch *batch,
                                                 size_t index);

/**
 * Takes an access token out of the batch, which it may outlive: in its place there is nothing from then
 * on. Returns whether there was one; `*out` is NULL where not. No other thread may use the batch
 * meanwhile. The caller frees `*out` with at9068_access_token_free().
 */
bool at9068_batch_take_token_at(struct at9068_batch *batch,
                                size_t index,
                                struct at9068_access_token **out);

/**
 * Frees a batch, and what was not taken out of it. NULL is fine.
 */
void at9068_batch_free(struct at9068_batch *batch);

/**
 * Mints a token for each of `count` requests as at9068_minter_mint() does; all are issued at one time.
 *
 * AT9068_CODE_OK says that all were dealt with, whatever came of them: one that is refused, be it that
 * it is no JSON, changes nothing for the others. The work is spread over the threads of
 * at9068_validator_validate_many(), which says what follows from that.
 *
 * Returns AT9068_CODE_ARGUMENT_INVALID for arguments that are wrong whatever the requests. The caller
 * frees `*out` with at9068_minted_batch_free(); it may outlive the minter.
 */
at9068_code at9068_minter_mint_many(const struct at9068_minter *minter,
                                    const struct at9068_str *requests,
                                    size_t count,
                                    const double *now,
                                    struct at9068_minted_batch **out,
                                    struct at9068_error **error);

/**
 * How many requests were dealt with; 0 of NULL.
 */
size_t at9068_minted_batch_count(const struct at9068_minted_batch *batch);

/**
 * The token minted for one of them, by index from 0; NULL where none was, or it was taken, and behind
 * the last. It belongs to the batch: not to be freed, and good until that is or it is taken.
 */
const struct at9068_minted_token *at9068_minted_batch_token_at(const struct at9068_minted_batch *batch,
                                                               size_t index);

/**
 * Why none was minted for one of them, by index from 0; NULL where one was, and behind the last. It
 * belongs to the batch: not to be freed, and good until that is.
 */
const struct at9068_error *at9068_minted_batch_error_at(const struct at9068_minted_batch *batch,
                                                        size_t index);

/**
 * Takes a minted token out of the batch, as at9068_batch_take_token_at() does. The caller frees `*out`
 * with at9068_minted_token_free().
 */
bool at9068_minted_batch_take_token_at(struct at9068_minted_batch *batch,
                                       size_t index,
                                       struct at9068_minted_token **out);

/**
 * Frees a batch, and what was not taken out of it. NULL is fine.
 */
void at9068_minted_batch_free(struct at9068_minted_batch *batch);

/**
 * Makes a validator from its configuration, a JSON object. Required: `issuer`; `client_id`, the
 * client's own identifier. Defaults: `algorithms` every asymmetric one; no `trusted_audiences`, so that
 * a token is for this client only; `leeway_seconds` 30, and 300 at most; no `max_lifetime_seconds`;
 * `max_token_bytes` 16384; `danger_any_nonce` false. Keys are given or fetched as
 * at9068_validator_new() has it. `handles` and `ports` may be NULL; of these, clock, fetch and events
 * are asked.
 *
 * Returns AT9068_CODE_CONFIG_INVALID, with a message that names what is wrong. The caller frees
 * `*out` with at9068_id_token_validator_free().
 */
at9068_code at9068_id_token_validator_new(const char *config,
                                          size_t config_len,
                                          const struct at9068_handles *handles,
                                          const struct at9068_ports *ports,
                                          struct at9068_id_token_validator **out,
                                          struct at9068_error **error);

/**
 * Makes a validator that shares the keys of a cache with others, also with those of access tokens:
 * see at9068_validator_new_with_cache(). Otherwise as at9068_id_token_validator_new().
 */
at9068_code at9068_id_token_validator_new_with_cache(const char *config,
                                                     size_t config_len,
                                                     const struct at9068_handles *handles,
                                                     const struct at9068_ports *ports,
                                                     const struct at9068_issuer_cache *cache,
                                                     struct at9068_id_token_validator **out,
                                                     struct at9068_error **error);

/**
 * Validates an ID token.
 *
 * `checks` is what this login expects, a JSON object: `nonce`, that of the request, kept in the user's
 * session; `max_age` and `acr_values`, as the request asked for them; `access_token`, `code` and
 * `state`, which came beside the token, to be compared with its hashes; `require_hashes`, whether the
 * hash must be there of each of these three that is given; `refreshed`, whether the token came of a
 * refresh. NULL: nothing is expected, and a token with a nonce is refused, since nobody here asked for
 * it. `now` is the time in seconds since the epoch, or NULL for the clock's.
 *
 * Checks, and stops at the first that fails: size and shape; header; `iss`; type, which is JWT or
 * absent; algorithm; key; signature. Then, of an authentic token: the types of its claims; its kind;
 * that `iss`, `sub`, `aud`, `exp` and `iat` are there; that `aud` holds the client and nobody who is
 * not trusted; `azp`; `exp`, `nbf`, `iat` and lifetime; `nonce`; `auth_time` and `acr`; the hashes.
 *
 * It does **not** check whether a token comes for the second time: a nonce is to be dropped from the
 * session with the first. Nor whether the user is who was expected, or the one of the token before a
 * refresh (§12.2): compare `sub`.
 *
 * It waits only where keys must be fetched: see at9068_id_token_validator_validate_at_hand() and
 * at9068_id_token_validator_step() for callers that must not.
 *
 * Returns a code of bands 3xx to 6xx, AT9068_CODE_AUTHENTICATION_INSUFFICIENT, or one of 2xx where the
 * token names an unusable key; none has an HTTP answer. AT9068_CODE_KEYS_UNAVAILABLE or
 * _METADATA_INVALID where the issuer's keys cannot be had, which says nothing of the token, to be tried
 * again after at9068_error_retry_after(); _ARGUMENT_INVALID for checks or a time that are none. The
 * caller frees `*out` with at9068_id_token_free(); it may outlive the validator.
 */
at9068_code at9068_id_token_validator_validate(const struct at9068_id_token_validator *validator,
                                               const char *token,
                                               size_t token_len,
                                               const char *checks,
                                               size_t checks_len,
                                               const double *now,
                                               struct at9068_id_token **out,
                                               struct at9068_error **error);

/**
 * Validates with the keys at hand and never waits. Where others are wanted, they are fetched on a thread
 * that ends with it, for later calls.
 *
 * Returns what at9068_id_token_validator_validate() returns, AT9068_CODE_KEYS_UNAVAILABLE until keys
 * have been fetched. The caller frees `*out` with at9068_id_token_free().
 */
at9068_code at9068_id_token_validator_validate_at_hand(const struct at9068_id_token_validator *validator,
                                                       const char *token,
                                                       size_t token_len,
                                                       const char *checks,
                                                       size_t checks_len,
                                                       const double *now,
                                                       struct at9068_id_token **out,
                                                       struct at9068_error **error);

/**
 * Validates as far as it can without waiting: `refresh`, `flight` and AT9068_CODE_KEYS_UNAVAILABLE are
 * as at9068_validator_step() has them, and so is how it goes on. Otherwise as
 * at9068_id_token_validator_validate().
 */
at9068_code at9068_id_token_validator_step(const struct at9068_id_token_validator *validator,
                                           const char *token,
                                           size_t token_len,
                                           const char *checks,
                                           size_t checks_len,
                                           const double *now,
                                           struct at9068_refresh **refresh,
                                           struct at9068_flight **flight,
                                           struct at9068_id_token **out,
                                           struct at9068_error **error);

/**
 * A refresh of keys that are due, as at9068_validator_due_refresh() has it.
 */
at9068_code at9068_id_token_validator_due_refresh(const struct at9068_id_token_validator *validator,
                                                  struct at9068_refresh **out,
                                                  struct at9068_error **error);

/**
 * Fetches the issuer's keys where they are not fresh, and waits for them. Best called when a server
 * starts.
 *
 * Returns AT9068_CODE_KEYS_UNAVAILABLE or _METADATA_INVALID where they cannot be had.
 */
at9068_code at9068_id_token_validator_prefetch(const struct at9068_id_token_validator *validator,
                                               struct at9068_error **error);

/**
 * Fetches the issuer's keys anew, however fresh they are, and waits for them: for the operator who knows
 * that a key was taken back. Returns what at9068_id_token_validator_prefetch() returns; keys at hand
 * are kept where that fails.
 */
at9068_code at9068_id_token_validator_refresh(const struct at9068_id_token_validator *validator,
                                              struct at9068_error **error);

/**
 * at9068_id_token_validator_prefetch() for hosts with a loop of their own, as
 * at9068_validator_prefetch_steps() has it.
 */
at9068_code at9068_id_token_validator_prefetch_steps(const struct at9068_id_token_validator *validator,
                                                     struct at9068_key_steps **out,
                                                     struct at9068_error **error);

/**
 * at9068_id_token_validator_refresh() for hosts with a loop of their own, as
 * at9068_validator_prefetch_steps() has it.
 */
at9068_code at9068_id_token_validator_refresh_steps(const struct at9068_id_token_validator *validator,
                                                    struct at9068_key_steps **out,
                                                    struct at9068_error **error);

/**
 * Where the issuer's keys are in their life, as at9068_issuer_cache_status_json() says; none where they
 * are given.
 *
 * Returns AT9068_CODE_ARGUMENT_INVALID for NULL. The caller frees `*out` with
 * at9068_string_free().
 */
at9068_code at9068_id_token_validator_status_json(const struct at9068_id_token_validator *validator,
                                                  struct at9068_string **out,
                                                  struct at9068_error **error);

/**
 * The cache in which the issuer's keys are kept, as at9068_validator_issuer_cache() has it.
 */
at9068_code at9068_id_token_validator_issuer_cache(const struct at9068_id_token_validator *validator,
                                                   struct at9068_issuer_cache **out,
                                                   struct at9068_error **error);

/**
 * How many entries of the configured key set were skipped because they cannot be used; 0 of NULL.
 */
size_t at9068_id_token_validator_skipped_count(const struct at9068_id_token_validator *validator);

/**
 * One of the skipped entries, as at9068_key_set_skipped_at(). Each of `place`, `kid` and `code` may
 * be NULL.
 */
bool at9068_id_token_validator_skipped_at(const struct at9068_id_token_validator *validator,
                                          size_t index,
                                          size_t *place,
                                          struct at9068_str *kid,
                                          at9068_code *code);

/**
 * Frees a validator. ID tokens that it made live on. NULL is fine.
 */
void at9068_id_token_validator_free(struct at9068_id_token_validator *validator);

/**
 * `iss`: who issued the token (OpenID Connect Core §2).
 */
struct at9068_str at9068_id_token_iss(const struct at9068_id_token *token);

/**
 * `sub`: who logged in. Unique together with the issuer only.
 */
struct at9068_str at9068_id_token_sub(const struct at9068_id_token *token);

/**
 * `aud`: for whom the token is meant, by index from 0; no text behind the last. The client is one of
 * them.
 */
struct at9068_str at9068_id_token_aud_at(const struct at9068_id_token *token,
                                         size_t index);

/**
 * `azp`: the client that the token was issued to; no text where it does not say so.
 */
struct at9068_str at9068_id_token_azp(const struct at9068_id_token *token);

/**
 * `nonce`: that of the request; no text where the token has none.
 */
struct at9068_str at9068_id_token_nonce(const struct at9068_id_token *token);

/**
 * `acr`: the context in which the user authenticated; no text where the token has none.
 */
struct at9068_str at9068_id_token_acr(const struct at9068_id_token *token);

/**
 * `amr`: the methods by which the user authenticated, by index from 0; no text behind the last, and
 * where the token has none.
 */
struct at9068_str at9068_id_token_amr_at(const struct at9068_id_token *token, size_t index);

/**
 * `sid`: the session at the issuer, by which logout tokens name it; no text where the token has none.
 */
struct at9068_str at9068_id_token_sid(const struct at9068_id_token *token);

/**
 * `at_hash`: half of the hash of the access token; no text where the token has none.
 */
struct at9068_str at9068_id_token_at_hash(const struct at9068_id_token *token);

/**
 * `c_hash`: half of the hash of the authorization code; no text where the token has none.
 */
struct at9068_str at9068_id_token_c_hash(const struct at9068_id_token *token);

/**
 * `s_hash`: half of the hash of the request's state; no text where the token has none.
 */
struct at9068_str at9068_id_token_s_hash(const struct at9068_id_token *token);

/**
 * `exp`: until when the token may be accepted; every token has it. It does not end the user's session.
 * 0 of NULL.
 */
int64_t at9068_id_token_exp(const struct at9068_id_token *token);

/**
 * `iat`: when the token was issued; every token has it. 0 of NULL.
 */
int64_t at9068_id_token_iat(const struct at9068_id_token *token);

/**
 * `nbf`: when the token becomes valid. Returns whether the token has it; writes to `seconds`, which
 * may be NULL, only then.
 */
bool at9068_id_token_nbf(const struct at9068_id_token *token, int64_t *seconds);

/**
 * `auth_time`: when the user authenticated. Returns whether the token has it; writes to `seconds`,
 * which may be NULL, only then.
 */
bool at9068_id_token_auth_time(const struct at9068_id_token *token, int64_t *seconds);

/**
 * The claims, as the JSON text that was signed.
 */
struct at9068_str at9068_id_token_claims_json(const struct at9068_id_token *token);

/**
 * The header, as the JSON text that was signed.
 */
struct at9068_str at9068_id_token_header_json(const struct at9068_id_token *token);

/**
 * The JSON text of any claim, such as those of the user (OpenID Connect Core §5.1), as it was signed;
 * no text where the token has none. Only the claims that have a function here were judged. Borrowed
 * from the token.
 *
 * Returns AT9068_CODE_ARGUMENT_INVALID for a name that is not UTF-8.
 */
at9068_code at9068_id_token_claim_json(const struct at9068_id_token *token,
                                       const char *name,
                                       size_t name_len,
                                       struct at9068_str *out,
                                       struct at9068_error **error);

/**
 * Frees an ID token. NULL is fine.
 */
void at9068_id_token_free(struct at9068_id_token *token);

/**
 * Makes a validator from its configuration, a JSON object. Required: `issuer`, the issuer identifier of
 * this authorization server, which must be the one audience of an assertion; `clients`, each with its
 * `client_id` and exactly one of `jwks`, `jwks_uri` and `client_secret`, and perhaps `algorithms`.
 * Defaults: `max_lifetime_seconds` 300; `leeway_seconds` 30, and 300 at most; `max_token_bytes` 16384; no
 * `danger_token_endpoint_audience`; `danger_jwt_type` false. Keys are fetched as at9068_validator_new()
 * has it. `handles` and `ports` may be NULL.
 *
 * Where `ports` has no replay store, what was used is remembered in the memory of this process, which is
 * enough only where one process is all there is.
 *
 * Returns AT9068_CODE_CONFIG_INVALID, with a message that names what is wrong. The caller frees
 * `*out` with at9068_client_assertion_validator_free().
 */
at9068_code at9068_client_assertion_validator_new(const char *config,
                                                  size_t config_len,
                                                  const struct at9068_handles *handles,
                                                  const struct at9068_ports *ports,
                                                  struct at9068_client_assertion_validator **out,
                                                  struct at9068_error **error);

/**
 * Makes a validator that shares the keys of a cache with others: see at9068_validator_new_with_cache().
 * Of `ports`, the clock and the replay store count. Otherwise as
 * at9068_client_assertion_validator_new().
 */
at9068_code at9068_client_assertion_validator_new_with_cache(const char *config,
                                                             size_t config_len,
                                                             const struct at9068_handles *handles,
                                                             const struct at9068_ports *ports,
                                                             const struct at9068_issuer_cache *cache,
                                                             struct at9068_client_assertion_validator **out,
                                                             struct at9068_error **error);

/**
 * Validates an assertion, once: a second time it is AT9068_CODE_TOKEN_REPLAYED.
 *
 * `require` is a JSON object that may have `client_id`, the parameter that was sent beside the assertion:
 * it must name the same client (RFC 7521 §4.2). NULL where none was sent. `now` is the time in seconds
 * since the epoch, or NULL for the clock's.
 *
 * Checks, and stops at the first that fails: size and shape; header; `iss`, which names the client; type
 * (`client-authentication+jwt`, or none); algorithm; key; signature. Then, of an authentic assertion: the
 * types of its claims; its kind, where it has no type; that `iss`, `sub`, `aud`, `exp` and `jti` are
 * there; `sub`, which is the client as well; `client_id`; `aud`, which is this server and nobody else;
 * `exp`, `nbf`, `iat`, and that `exp` is near; and last, that the client has not used its `jti` before.
 * Only an assertion that is good in all else is remembered as used.
 *
 * It does **not** look at the request: that `client_assertion_type` is
 * urn:ietf:params:oauth:client-assertion-type:jwt-bearer, and that the client authenticates in no other
 * way at the same time (RFC 6749 §2.3), is the caller's to check; so is what the client may do.
 *
 * It waits only where a client's keys must be fetched: see
 * at9068_client_assertion_validator_validate_at_hand() and at9068_client_assertion_validator_step() for
 * callers that must not.
 *
 * Returns a code of bands 3xx to 7xx, or one of 2xx where the assertion names an unusable key, all
 * answered with invalid_client and 401, without challenge (RFC 6749 §5.2); AT9068_CODE_KEYS_UNAVAILABLE
 * where the client's keys cannot be had, to be tried again after at9068_error_retry_after(); _INTERNAL
 * where the replay store fails; _ARGUMENT_INVALID for arguments that are wrong whatever the assertion. The
 * caller frees `*out` with at9068_client_assertion_free(); it may outlive the validator.
 */
at9068_code at9068_client_assertion_validator_validate(const struct at9068_client_assertion_validator *validator,
                                                       const char *token,
                                                       size_t token_len,
                                                       const char *require,
                                                       size_t require_len,
                                                       const double *now,
                                                       struct at9068_client_assertion **out,
                                                       struct at9068_error **error);

/**
 * Validates with the keys at hand and never waits. Where others are wanted, they are fetched on a thread
 * that ends with it, for later calls.
 *
 * Returns what at9068_client_assertion_validator_validate() returns, AT9068_CODE_KEYS_UNAVAILABLE until
 * keys have been fetched. The caller frees `*out` with at9068_client_assertion_free().
 */
at9068_code at9068_client_assertion_validator_validate_at_hand(const struct at9068_client_assertion_validator *validator,
                                                               const char *token,
                                                               size_t token_len,
                                                               const char *require,
                                                               size_t require_len,
                                                               const double *now,
                                                               struct at9068_client_assertion **out,
                                                               struct at9068_error **error);

/**
 * Validates as far as it can without waiting: `refresh`, `flight` and AT9068_CODE_KEYS_UNAVAILABLE are
 * as at9068_validator_step() has them, and so is how it goes on. Only the call that comes to a verdict
 * notes the use. Otherwise as at9068_client_assertion_validator_validate().
 */
at9068_code at9068_client_assertion_validator_step(const struct at9068_client_assertion_validator *validator,
                                                   const char *token,
                                                   size_t token_len,
                                                   const char *require,
                                                   size_t require_len,
                                                   const double *now,
                                                   struct at9068_refresh **refresh,
                                                   struct at9068_flight **flight,
                                                   struct at9068_client_assertion **out,
                                                   struct at9068_error **error);

/**
 * A refresh of keys that are due, as at9068_validator_due_refresh() has it.
 */
at9068_code at9068_client_assertion_validator_due_refresh(const struct at9068_client_assertion_validator *validator,
                                                          struct at9068_refresh **out,
                                                          struct at9068_error **error);

/**
 * Fetches the keys of every client that are not fresh, and waits for them. Best called when a server
 * starts.
 *
 * Returns AT9068_CODE_KEYS_UNAVAILABLE where a client's keys cannot be had; those of the others are there
 * all the same.
 */
at9068_code at9068_client_assertion_validator_prefetch(const struct at9068_client_assertion_validator *validator,
                                                       struct at9068_error **error);

/**
 * Fetches the keys of every client anew, however fresh they are, and waits for them: for the operator who
 * knows that a key was taken back. Returns what at9068_client_assertion_validator_prefetch() returns; keys
 * at hand are kept where that fails.
 */
at9068_code at9068_client_assertion_validator_refresh(const struct at9068_client_assertion_validator *validator,
                                                      struct at9068_error **error);

/**
 * at9068_client_assertion_validator_prefetch() for hosts with a loop of their own, as
 * at9068_validator_prefetch_steps() has it.
 */
at9068_code at9068_client_assertion_validator_prefetch_steps(const struct at9068_client_assertion_validator *validator,
                                                             struct at9068_key_steps **out,
                                                             struct at9068_error **error);

/**
 * at9068_client_assertion_validator_refresh() for hosts with a loop of their own, as
 * at9068_validator_prefetch_steps() has it.
 */
at9068_code at9068_client_assertion_validator_refresh_steps(const struct at9068_client_assertion_validator *validator,
                                                            struct at9068_key_steps **out,
                                                            struct at9068_error **error);

/**
 * Where the keys of clients are in their life, as at9068_issuer_cache_status_json() says, with the client
 * in `issuer`; clients whose keys are given are left out.
 *
 * Returns AT9068_CODE_ARGUMENT_INVALID for NULL. The caller frees `*out` with
 * at9068_string_free().
 */
at9068_code at9068_client_assertion_validator_status_json(const struct at9068_client_assertion_validator *validator,
                                                          struct at9068_string **out,
                                                          struct at9068_error **error);

/**
 * The cache in which clients' keys are kept, as at9068_validator_issuer_cache() has it.
 */
at9068_code at9068_client_assertion_validator_issuer_cache(const struct at9068_client_assertion_validator *validator,
                                                           struct at9068_issuer_cache **out,
                                                           struct at9068_error **error);

/**
 * How many entries of the configured key sets were skipped because they cannot be used; 0 of NULL.
 */
size_t at9068_client_assertion_validator_skipped_count(const struct at9068_client_assertion_validator *validator);

/**
 * One of the skipped entries, with the client whose set it is in; otherwise as
 * at9068_key_set_skipped_at(). Each of `client_id`, `place`, `kid` and `code` may be NULL.
 */
bool at9068_client_assertion_validator_skipped_at(const struct at9068_client_assertion_validator *validator,
                                                  size_t index,
                                                  struct at9068_str *client_id,
                                                  size_t *place,
                                                  struct at9068_str *kid,
                                                  at9068_code *code);

/**
 * Frees a validator. Assertions that it accepted live on. NULL is fine.
 */
void at9068_client_assertion_validator_free(struct at9068_client_assertion_validator *validator);

/**
 * The client, which is `iss` and `sub` at once (RFC 7523 §3).
 */
struct at9068_str at9068_client_assertion_client_id(const struct at9068_client_assertion *assertion);

/**
 * `jti`: the identifier of the assertion, which the client never used before.
 */
struct at9068_str at9068_client_assertion_jti(const struct at9068_client_assertion *assertion);

/**
 * `aud`: the one audience, the issuer identifier of the authorization server, or what else it accepts.
 */
struct at9068_str at9068_client_assertion_aud(const struct at9068_client_assertion *assertion);

/**
 * `exp`: when the assertion expires; every assertion has it. 0 of NULL.
 */
int64_t at9068_client_assertion_exp(const struct at9068_client_assertion *assertion);

/**
 * `iat`: when the assertion was made. Returns whether it says so; writes to `seconds`, which may be
 * NULL, only then.
 */
bool at9068_client_assertion_iat(const struct at9068_client_assertion *assertion, int64_t *seconds);

/**
 * How the client authenticated: "private_key_jwt" or "client_secret_jwt" (OpenID Connect Core §9).
 */
struct at9068_str at9068_client_assertion_method(const struct at9068_client_assertion *assertion);

/**
 * The claims, as the JSON text that was signed.
 */
struct at9068_str at9068_client_assertion_claims_json(const struct at9068_client_assertion *assertion);

/**
 * The header, as the JSON text that was signed.
 */
struct at9068_str at9068_client_assertion_header_json(const struct at9068_client_assertion *assertion);

/**
 * Frees an assertion. NULL is fine.
 */
void at9068_client_assertion_free(struct at9068_client_assertion *assertion);

/**
 * Makes a minter from its configuration, a JSON object. Required: `client_id`; `audience`, the issuer
 * identifier of the authorization server; and `keys`, private JWKs of which the first usable one signs
 * (`private_key_jwt`), or `client_secret` (`client_secret_jwt`). Defaults: `algorithm` that of the
 * first usable key, or HS256 with a secret; `lifetime_seconds` 60, and 300 at most. `handles` and
 * `ports` may be NULL; of these, only the clock is asked.
 *
 * Returns AT9068_CODE_CONFIG_INVALID, with a message that names what is wrong. The caller frees
 * `*out` with at9068_client_assertion_minter_free().
 */
at9068_code at9068_client_assertion_minter_new(const char *config,
                                               size_t config_len,
                                               const struct at9068_handles *handles,
                                               const struct at9068_ports *ports,
                                               struct at9068_client_assertion_minter **out,
                                               struct at9068_error **error);

/**
 * Makes an assertion, for one request to the authorization server, which sends it as `client_assertion`
 * with the `client_assertion_type` urn:ietf:params:oauth:client-assertion-type:jwt-bearer.
 *
 * `request` is a JSON object that may have `jti`, an identifier that was never used before instead of a
 * random one; or NULL. `now` is the time of issue in seconds since the epoch, or NULL for the clock's.
 *
 * Returns AT9068_CODE_ARGUMENT_INVALID for a request or a time that are none, _SIGNING_FAILED, or
 * _INTERNAL where the system gives no time or randomness. The caller frees `*out` with
 * at9068_minted_token_free().
 */
at9068_code at9068_client_assertion_minter_mint(const struct at9068_client_assertion_minter *minter,
                                                const char *request,
                                                size_t request_len,
                                                const double *now,
                                                struct at9068_minted_token **out,
                                                struct at9068_error **error);

/**
 * How many entries of the configured keys were skipped because they cannot sign; 0 of NULL.
 */
size_t at9068_client_assertion_minter_skipped_count(const struct at9068_client_assertion_minter *minter);

/**
 * One of the skipped entries, as at9068_key_set_skipped_at(). Each of `place`, `kid` and `code` may
 * be NULL.
 */
bool at9068_client_assertion_minter_skipped_at(const struct at9068_client_assertion_minter *minter,
                                               size_t index,
                                               size_t *place,
                                               struct at9068_str *kid,
                                               at9068_code *code);

/**
 * Frees a minter, and wipes what it signs with. Assertions that it made live on. NULL is fine.
 */
void at9068_client_assertion_minter_free(struct at9068_client_assertion_minter *minter);

/**
 * The answer of an introspection endpoint about a token that a validator found good, as JSON (RFC 7662
 * §2.2): `active`, which is true; the token's claims, with `exp`, `iat` and `nbf` rounded down to
 * seconds; `client_id` and `scope`, whatever the token's profile calls them; and `token_type`.
 *
 * `token` is NULL for every token that was refused, whatever the reason, which is where
 * at9068_error_oauth() has a text: the answer is {"active":false} and nothing else. Where there is no
 * verdict, there is no answer: the endpoint sends at9068_error_status() instead.
 *
 * It does **not** decide who may ask (RFC 7662 §2.1), nor what of a token they may see (§5): whoever
 * should not learn of a token is answered as if there were none.
 *
 * The caller frees `*out` with at9068_string_free().
 */
at9068_code at9068_introspection_response(const struct at9068_access_token *token,
                                          struct at9068_string **out,
                                          struct at9068_error **error);

/**
 * Signs the answer of an introspection endpoint about a token, for the resource server that asks (RFC
 * 9701 §5): what at9068_introspection_response() tells, whose `token` it takes, in the claim
 * `token_introspection`. `audience` is the resource server, by the identifier that it asks with. `now`
 * is the time of issue in seconds since the epoch, or NULL for the clock's.
 *
 * Returns AT9068_CODE_ARGUMENT_INVALID where the audience is empty, the time is none, or the answer is
 * larger than anybody takes; _SIGNING_FAILED; _INTERNAL where the system gives no time. The caller frees
 * `*out` with at9068_minted_token_free().
 */
at9068_code at9068_minter_mint_introspection_response(const struct at9068_minter *minter,
                                                      const struct at9068_access_token *token,
                                                      const char *audience,
                                                      size_t audience_len,
                                                      const double *now,
                                                      struct at9068_minted_token **out,
                                                      struct at9068_error **error);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* AT9068_H */
