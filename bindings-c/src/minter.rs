//! Minting of access tokens and ID tokens.

use std::ffi::c_char;

use at9068_core::{IdTokenRequest, MintRequest, MintedToken, Minter, MinterConfig};

use crate::code::at9068_code;
use crate::configured::configured;
use crate::error::at9068_error;
use crate::ffi::{given, make, text};
use crate::guard::infallible;
use crate::handles::at9068_handles;
use crate::key_set::write_skipped;
use crate::ports::at9068_ports;
use crate::strings::at9068_str;

/// Turns what an authorization server grants into access tokens, and logins into ID tokens. Immutable;
/// shared between threads.
pub struct at9068_minter {
    pub(crate) minter: Minter,
}

/// A token that was minted.
pub struct at9068_minted_token {
    minted: MintedToken,
}

impl From<MintedToken> for at9068_minted_token {
    fn from(minted: MintedToken) -> Self {
        Self { minted }
    }
}

/// Makes a minter from its configuration, a JSON object. Required: `issuer`; `keys`, private JWKs of
/// which the first usable one signs; `apis`, each with its `audience`, its `dialect`
/// ("rfc9068_profile", "rfc9068_profile_authz", "access_token" or "access_token_authz") and its
/// `scopes`. Defaults: `lifetime_seconds` 3600; `algorithm` that of the first usable key;
/// `client_subject_suffix` "@clients". `handles` and `ports` may be NULL.
///
/// Returns AT9068_CODE_CONFIG_INVALID, with a message that names what is wrong. The caller frees
/// `*out` with at9068_minter_free().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn at9068_minter_new(
    config: *const c_char,
    config_len: usize,
    handles: *const at9068_handles,
    ports: *const at9068_ports,
    out: *mut *mut at9068_minter,
    error: *mut *mut at9068_error,
) -> at9068_code {
    // SAFETY: the caller's pointers, as the head of the header demands.
    unsafe {
        make(out, error, || {
            configured(config, config_len, handles, ports, |config, handles, ports| {
                let config = MinterConfig::from_json_with(config, handles)?;
                Ok(at9068_minter { minter: Minter::with_ports(config, ports)? })
            })
        })
    }
}

/// Mints an access token (RFC 9068 §2, §3) for a request, a JSON object: `grant_type` and
/// `client_id`, and as the grant has them `subject`, `resource`, `audience`, `scope` (what was
/// granted, not what was asked for), `auth_time`, `acr`, `amr`, `permissions`, `roles`, `groups`,
/// `entitlements`, `org_id`, `org_name`, `authorization_details`, `cnf`, `act`, `claims`, `jti`.
///
/// The audience is what the request names, or what its scopes point at, or the default; a token
/// whose scopes could be taken for more than was granted is not issued (RFC 9068 §5). It does
/// **not** decide whether the client may have the grant, the resource or the scope: that was
/// granted before.
///
/// `now` is the time of issue in seconds since the epoch, or NULL for the clock's.
///
/// Returns AT9068_CODE_ARGUMENT_INVALID with the claim concerned; _INVALID_TARGET, _INVALID_SCOPE
/// and _GRANT_AMBIGUOUS with what a token endpoint answers; _CLAIM_RESERVED; _SUBJECT_COLLISION;
/// _SIGNING_FAILED. The caller frees `*out` with at9068_minted_token_free().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn at9068_minter_mint(
    minter: Option<&at9068_minter>,
    request: *const c_char,
    request_len: usize,
    now: Option<&f64>,
    out: *mut *mut at9068_minted_token,
    error: *mut *mut at9068_error,
) -> at9068_code {
    // SAFETY: the caller's pointers, as the head of the header demands.
    unsafe {
        make(out, error, || {
            let request = MintRequest::from_json(text("request", request, request_len)?)?;
            Ok(given("minter", minter)?.minter.mint(&request, now.copied())?.into())
        })
    }
}

/// Mints an ID token (OpenID Connect Core §2) for a request, a JSON object: `client_id` and `subject`,
/// and as the login has them `audience` (others that the token is for), `nonce`, `auth_time`, `acr`,
/// `amr`, `sid`, `claims`, and `access_token`, `code` and `state`, of which the hashes are made.
///
/// It does **not** decide whether the user logged in, or what the client may know of them.
///
/// `now` is the time of issue in seconds since the epoch, or NULL for the clock's.
///
/// Returns AT9068_CODE_ARGUMENT_INVALID with the claim concerned; _CLAIM_RESERVED; _SUBJECT_COLLISION;
/// _SIGNING_FAILED. The caller frees `*out` with at9068_minted_token_free().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn at9068_minter_mint_id_token(
    minter: Option<&at9068_minter>,
    request: *const c_char,
    request_len: usize,
    now: Option<&f64>,
    out: *mut *mut at9068_minted_token,
    error: *mut *mut at9068_error,
) -> at9068_code {
    // SAFETY: the caller's pointers, as the head of the header demands.
    unsafe {
        make(out, error, || {
            let request = IdTokenRequest::from_json(text("request", request, request_len)?)?;
            Ok(given("minter", minter)?.minter.mint_id_token(&request, now.copied())?.into())
        })
    }
}

/// How many entries of the configured keys were skipped because they cannot sign; 0 of NULL.
#[unsafe(no_mangle)]
pub extern "C" fn at9068_minter_skipped_count(minter: Option<&at9068_minter>) -> usize {
    infallible(0, || minter.map_or(0, |minter| minter.minter.skipped_keys().len()))
}

/// One of the skipped entries, as at9068_key_set_skipped_at(). Each of `place`, `kid` and `code` may
/// be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn at9068_minter_skipped_at(
    minter: Option<&at9068_minter>,
    index: usize,
    place: *mut usize,
    kid: *mut at9068_str,
    code: *mut at9068_code,
) -> bool {
    let found = infallible(None, || minter.and_then(|minter| minter.minter.skipped_keys().get(index)));
    // SAFETY: the caller's pointers, as the head of the header demands.
    unsafe { write_skipped(found, place, kid, code) }
}

/// Frees a minter. Tokens that it minted live on. NULL is fine.
#[unsafe(no_mangle)]
pub extern "C" fn at9068_minter_free(minter: Option<Box<at9068_minter>>) {
    infallible((), || drop(minter));
}

fn minted_text(token: Option<&at9068_minted_token>, of: impl FnOnce(&MintedToken) -> &str) -> at9068_str {
    infallible(at9068_str::NONE, || token.map(|token| of(&token.minted)).into())
}

/// The token itself, in compact serialization. It is a credential: keep it out of logs.
#[unsafe(no_mangle)]
pub extern "C" fn at9068_minted_token_token(token: Option<&at9068_minted_token>) -> at9068_str {
    minted_text(token, MintedToken::token)
}

/// The claims, as the JSON text that was signed.
#[unsafe(no_mangle)]
pub extern "C" fn at9068_minted_token_claims_json(token: Option<&at9068_minted_token>) -> at9068_str {
    minted_text(token, MintedToken::claims_json)
}

/// The header, as the JSON text that was signed.
#[unsafe(no_mangle)]
pub extern "C" fn at9068_minted_token_header_json(token: Option<&at9068_minted_token>) -> at9068_str {
    minted_text(token, MintedToken::header_json)
}

/// Seconds until the token expires, for `expires_in` of a token response (RFC 6749 §5.1); 0 of NULL.
#[unsafe(no_mangle)]
pub extern "C" fn at9068_minted_token_expires_in(token: Option<&at9068_minted_token>) -> u64 {
    infallible(0, || token.map_or(0, |token| token.minted.expires_in()))
}

/// Frees a minted token. NULL is fine.
#[unsafe(no_mangle)]
pub extern "C" fn at9068_minted_token_free(token: Option<Box<at9068_minted_token>>) {
    infallible((), || drop(token));
}
