//! `docs/errors.md` is the table of the code. `UPDATE=1 cargo test` writes it anew.

#![allow(clippy::unwrap_used, reason = "a test that meets the unexpected fails, and should")]

use std::fmt::Write as _;

use at9068::ErrorCode;

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/errors.md");

const HEAD: &str = "\
<!-- Written by core/tests/error_reference.rs from the table in core/src/error.rs; change it there. -->

# Errors

Every refusal has one code, the same in every language: a slug and a number, neither of which is ever changed or used
again for something else. The gaps between the numbers belong to features that are not in this version. Which rule
is judged before which is told in [design.md](design.md); [what to do about an error](what-to-do.md) has a page of its own.

| what an error carries | |
| --- | --- |
| `code`, `number` | the stable identity; decide by it, not by the message |
| `message` | a sentence for logs; its wording may change. It names members and limits, and holds no token, key or claim's value |
| `claim` | the claim, or the member of a mint request, that is wrong, where it is one |
| `kind` | what a refused token appears to be: `access_token`, `id_token`, `logout_token`, `dpop_proof`, `client_assertion`, `introspection_response`, `security_event`, `request_object`; with `type_mismatch` and `kind_mismatch` only, and not to be trusted |
| `authenticated` | whether the token's signature was good when the error arose, or its issuer had vouched for it |
| `oauth`, `status`, `challenge`, `headers`, `retry_after` | the parts of the HTTP answer to give, where there is one |
| `http_response` | that answer as it is to be sent: `status`, `headers`, `body` |

The columns *OAuth error* and *status* are what a resource server answers with, for 8xx a token endpoint. A code of
2xx has them only where a token names the key, never when a key or a set is read. `config_invalid`,
`argument_invalid`, `internal` and 8xx come without challenge. With every other code `challenge` is one `Bearer`
challenge: the realm, the OAuth error, the code's fixed message as `error_description`, what the endpoint demands
(scopes, `acr_values`, `max_age`) and `resource_metadata`, in this order, each where there is one. With
`credentials_missing` it has neither error nor description (RFC 6750 §3.1). A client assertion that is refused, under
whatever code, is answered with `invalid_client` and 401, without challenge (RFC 6749 §5.2). Errors of ID tokens have no
such answer, since the client that refuses one has nobody to answer; only `retry_after` is told.

`http_response` is the whole answer, to the byte the same in every language. Its header fields are a `WWW-Authenticate`
for each challenge, `Retry-After` and the others where there are any, `Content-Type: application/problem+json` and
`Cache-Control: no-store`; its body is a problem (RFC 9457): `title`, the phrase of the status; `status`; `detail`, the
code's fixed message; `code`. With `credentials_missing` it has the former two only. A token endpoint answers with
`application/json`: `error`, and for minting `error_description` (RFC 6749 §5.2). There is none where there is no status:
that is a mistake of the program, or of who configured it, and no answer to anybody's request.

The class is what languages sort by: Python's `ConfigError`, `KeySetError`, `TokenError`, `DemandError` and
`MintError`; an error of class *Internal* is an `At9068Error` and no more. Node, C and C++ have one type and its code.
";

const BANDS: &[(u16, &str)] = &[
    (1, "use"),
    (2, "keys"),
    (3, "credentials and shape"),
    (4, "header and choice of the key"),
    (5, "signature"),
    (6, "claims"),
    (7, "demands"),
    (8, "minting"),
    (9, "faults"),
];

/// What usually brings a code about: where to look first, in the order of the table.
const CAUSES: &[(&str, &str)] = &[
    (
        "config_invalid",
        "A member that is unknown, missing or of a wrong type; `issuer` beside `issuers`; no audience; a key set in \
         which nothing is usable. The message names the member.",
    ),
    (
        "argument_invalid",
        "An unknown or wrong member of a request, of `require` or of a mint request; a `now` that is no number; \
         `auth_time`, `acr` or `amr` for a grant without a resource owner.",
    ),
    (
        "key_malformed",
        "A member of the JWK is missing, padded or of the wrong width; a point lies off its curve; a PEM text was \
         cut short; a private half does not belong to its public half.",
    ),
    (
        "key_unsupported",
        "A curve or kind that is not known here, such as secp256k1 or Ed448; an RSA key of more than 8192 bits; an \
         encrypted private key.",
    ),
    (
        "key_too_weak",
        "An RSA key of fewer than 2048 bits or with an exponent below 65537; a secret shorter than the hash.",
    ),
    (
        "keys_unavailable",
        "The issuer cannot be reached, or answers with what is no key set: its status, a proxy's page, a redirect. \
         `status()` names the reason. Answered with 503 and `Retry-After`: nobody's token is to blame.",
    ),
    (
        "metadata_invalid",
        "The metadata names another `issuer` than the configured one, often by a trailing slash; its `jwks_uri` is not \
         https; the two kinds of metadata disagree (then name one in `discovery`); there is none.",
    ),
    (
        "credentials_missing",
        "No `Authorization` header, or one of another scheme such as `Basic`. A token in the query or in a form does \
         not count.",
    ),
    (
        "credentials_malformed",
        "`Bearer` without a token, with two, or with characters that no token has; two `Authorization` headers; a \
         token in the query beside the header.",
    ),
    (
        "token_too_large",
        "A token beyond `max_token_bytes`, a header beyond 4096 octets, or more than 256 members in an object, 64 \
         audiences or 1000 scopes: often all groups of a user.",
    ),
    (
        "token_malformed",
        "An opaque token or an API key in the place of a JWT; a token that was cut or quoted on its way; padding; a \
         duplicate member.",
    ),
    ("decryption_failed", "An encrypted token, of five parts. This version has no keys to decrypt with."),
    (
        "type_mismatch",
        "An ID token in the place of an access token: see `kind`. Or an issuer whose access tokens are not typed \
         `at+jwt`: then `profiles` must name its own.",
    ),
    (
        "algorithm_not_allowed",
        "The issuer signs under an algorithm that `algorithms` does not list; HMAC without a list; `none`.",
    ),
    (
        "critical_header_unsupported",
        "A header with `crit`, whatever it names, or with a `b64` that is not `true`. Access tokens need neither.",
    ),
    (
        "issuer_unknown",
        "`issuer` differs from `iss` in one character, often a trailing slash; a token of another tenant or stage.",
    ),
    (
        "key_not_found",
        "The issuer has rotated its keys and the configured set is old, or the new key was published less than a \
         cooldown ago; a token of another stage; a token without \
         `kid` that no key fits.",
    ),
    (
        "key_mismatch",
        "The key states another `alg`, its `use` is `enc`, or its `key_ops` lack `verify`. Or an RSA key without `alg` \
         is asked for another algorithm than RS256 while `algorithms` is not given.",
    ),
    (
        "key_ambiguous",
        "Two usable keys under one `kid`, or a token without `kid` where more than one key of the set fits.",
    ),
    (
        "signature_invalid",
        "A token that was changed after it was signed; keys of another stage under the same `kid`; an ECDSA signature \
         in DER.",
    ),
    (
        "claim_missing",
        "An issuer that types its tokens `at+jwt` but leaves out `jti` or `client_id`; a claim that \
         `required_claims` asks for.",
    ),
    (
        "claim_malformed",
        "`scope` as an array, a time as a string, an empty `sub`, `null` in the place of a claim that is not there.",
    ),
    (
        "kind_mismatch",
        "An ID token under a profile whose type does not tell: it has a `nonce`, the client is its only audience, \
         or its issuer's own claim says so. An access token in the place of an ID token.",
    ),
    (
        "audience_mismatch",
        "The client asked for a token without naming this API, or for another; identifiers that differ in a slash. Or, \
         where tokens name no audience, a client that is not in `client_ids`.",
    ),
    ("token_expired", "A client that does not renew its token in time; a server whose clock is ahead."),
    ("token_not_yet_valid", "A server whose clock is behind the issuer's by more than `leeway_seconds`."),
    ("token_issued_in_future", "A server whose clock is behind the issuer's by more than `leeway_seconds`."),
    ("lifetime_exceeded", "The issuer gives its tokens a longer life than `max_lifetime_seconds` allows."),
    (
        "claim_mismatch",
        "An ID token with another `nonce` than the client sent, or with one where none was sent; a hash of another \
         access token or code; a client assertion whose `sub` is not its `iss`.",
    ),
    (
        "scope_insufficient",
        "The client did not ask for the scope, or it was not granted. The challenge names what is needed.",
    ),
    (
        "permission_insufficient",
        "A permission, role, group or entitlement that the user does not hold, or that this API's tokens do not \
         carry. `claim` says which of them.",
    ),
    (
        "authentication_insufficient",
        "The user signed in too weakly or too long ago, or the token does not say. The challenge tells the client \
         what to ask for.",
    ),
    ("token_revoked", "The token, or its subject, client or session, is on the list of revocations."),
    ("token_inactive", "The issuer was asked, and says that the token was revoked, has expired or was never its own."),
    (
        "introspection_unavailable",
        "The introspection endpoint cannot be reached, refuses this server's credentials, or answers what is no answer.",
    ),
    (
        "scheme_mismatch",
        "A token that is bound to no DPoP key under the DPoP scheme, with a proof; or a token bound to one as `Bearer`, beside its proof.",
    ),
    (
        "binding_missing",
        "A certificate-bound token on a connection without client certificate, or behind a proxy that does not hand \
         it on; a DPoP-bound token sent as `Bearer`.",
    ),
    (
        "binding_mismatch",
        "Another client certificate than the one that the token was issued for: a renewed one, or a proxy's.",
    ),
    (
        "binding_unsupported",
        "A `cnf` of which nothing is understood; a DPoP-bound token with its proof, which this version does not judge.",
    ),
    ("dpop_proof_missing", "The DPoP scheme without a `DPoP` header."),
    ("token_replayed", "A client assertion that was presented before: each has a `jti` of its own, used once."),
    (
        "invalid_scope",
        "A scope that no API lists, or not the one asked for; without `resource`, scopes that point at several APIs.",
    ),
    (
        "invalid_target",
        "A `resource` or `audience` that is not that of an API, to the letter; none, where there is no default; \
         several whose tokens differ in form.",
    ),
    ("grant_ambiguous", "Several resources, and a scope that none or more than one of them lists."),
    (
        "claim_reserved",
        "A custom claim by a name of the profiles', such as `scope`; under Auth0's dialects also one that marks other \
         kinds of token, such as `nonce`.",
    ),
    ("subject_collision", "A user's `subject` that ends in `client_subject_suffix`."),
    ("signing_failed", "The key's signer reported a fault."),
    (
        "internal",
        "A `clock` or a replay store that failed, the latter perhaps because it is full, or a system without randomness. Anything else is a fault of ours: please report it.",
    ),
];

#[test]
fn error_reference_is_current() {
    let text = page();
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(PAGE, &text).unwrap();
    }
    assert_eq!(std::fs::read_to_string(PAGE).unwrap_or_default(), text, "docs/errors.md is out of date");
}

#[test]
fn every_code_has_a_cause() {
    let slugs: Vec<&str> = ErrorCode::ALL.iter().map(|code| code.slug()).collect();
    let causes: Vec<&str> = CAUSES.iter().map(|(slug, _)| *slug).collect();
    assert_eq!(causes, slugs);
    assert!(CAUSES.iter().all(|(_, cause)| cause.ends_with('.') && !cause.contains('|')));
}

#[test]
fn every_code_is_in_a_band() {
    for code in ErrorCode::ALL {
        assert!(BANDS.iter().any(|(band, _)| code.number() / 100 == *band), "{code}");
    }
}

fn page() -> String {
    let mut out = HEAD.to_owned();
    for (band, title) in BANDS {
        write!(out, "\n## {band}xx: {title}\n\n").unwrap();
        out.push_str("| number | code | class | OAuth error | status | source | message |\n");
        out.push_str("| --- | --- | --- | --- | --- | --- | --- |\n");
        let codes = || ErrorCode::ALL.iter().filter(|code| code.number() / 100 == *band);
        for code in codes() {
            let oauth = code.oauth().map(|oauth| format!("`{oauth}`")).unwrap_or_default();
            let status = code.status().map(|status| status.to_string()).unwrap_or_default();
            let (number, class, source) = (code.number(), code.class(), code.source_section());
            let message = code.message();
            writeln!(out, "| {number} | `{code}` | {class:?} | {oauth} | {status} | {source} | {message} |").unwrap();
        }
        out.push_str("\nWhat usually causes it:\n\n");
        for code in codes() {
            let cause = CAUSES.iter().find(|(slug, _)| *slug == code.slug()).map_or("", |(_, cause)| cause);
            writeln!(out, "- `{code}`: {cause}").unwrap();
        }
    }
    out
}
