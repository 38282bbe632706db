//! A validated access token.

use std::borrow::Cow;
use std::ffi::c_char;

use at9068_core::{AccessToken, Origin, Profile, Require};

use crate::code::{AT9068_CODE_OK, at9068_code, number};
use crate::error::{Result, at9068_error};
use crate::ffi::{call, given, make_optional, text};
use crate::guard::{infallible, write, write_optional};
use crate::strings::{at9068_str, at9068_string};

/// The claims of a token that a validator found good; nothing else makes one. Immutable; shared
/// between threads. Texts that it gives are borrowed from it. Times are seconds since the epoch,
/// rounded down.
pub struct at9068_access_token {
    pub(crate) token: AccessToken,
}

impl From<AccessToken> for at9068_access_token {
    fn from(token: AccessToken) -> Self {
        Self { token }
    }
}

/// Text of a token, or none.
fn claim<'a, T: Into<at9068_str>>(
    token: Option<&'a at9068_access_token>,
    of: impl FnOnce(&'a AccessToken) -> T,
) -> at9068_str {
    infallible(at9068_str::NONE, || token.map_or(at9068_str::NONE, |token| of(&token.token).into()))
}

/// `iss`: who issued the token (RFC 7519 §4.1.1).
#[unsafe(no_mangle)]
pub extern "C" fn at9068_access_token_iss(token: Option<&at9068_access_token>) -> at9068_str {
    claim(token, AccessToken::iss)
}

/// `sub`: whom the token speaks of, a user or the client itself (RFC 9068 §2.2).
#[unsafe(no_mangle)]
pub extern "C" fn at9068_access_token_sub(token: Option<&at9068_access_token>) -> at9068_str {
    claim(token, AccessToken::sub)
}

/// The client that the token was issued to: `client_id` (RFC 8693 §4.3), or what the token's
/// profile calls it.
#[unsafe(no_mangle)]
pub extern "C" fn at9068_access_token_client_id(token: Option<&at9068_access_token>) -> at9068_str {
    claim(token, AccessToken::client_id)
}

/// `jti`: the token's identifier (RFC 7519 §4.1.7); no text where it has none.
#[unsafe(no_mangle)]
pub extern "C" fn at9068_access_token_jti(token: Option<&at9068_access_token>) -> at9068_str {
    claim(token, AccessToken::jti)
}

/// `scope` as it was written (RFC 8693 §4.2); no text where the token has none. Not to be searched
/// for a scope: at9068_access_token_require() compares whole scopes.
#[unsafe(no_mangle)]
pub extern "C" fn at9068_access_token_scope(token: Option<&at9068_access_token>) -> at9068_str {
    claim(token, AccessToken::scope)
}

/// `acr`: the context in which the user authenticated (RFC 9068 §2.2.1); no text where the token
/// has none.
#[unsafe(no_mangle)]
pub extern "C" fn at9068_access_token_acr(token: Option<&at9068_access_token>) -> at9068_str {
    claim(token, AccessToken::acr)
}

/// `org_id`: the organization that the user acts for; no text where the token has none.
#[unsafe(no_mangle)]
pub extern "C" fn at9068_access_token_org_id(token: Option<&at9068_access_token>) -> at9068_str {
    claim(token, AccessToken::org_id)
}

/// `org_name`: the name of that organization; no text where the token has none.
#[unsafe(no_mangle)]
pub extern "C" fn at9068_access_token_org_name(token: Option<&at9068_access_token>) -> at9068_str {
    claim(token, AccessToken::org_name)
}

/// The profile that the token follows, such as "rfc9068"; no text where it follows none.
#[unsafe(no_mangle)]
pub extern "C" fn at9068_access_token_profile(token: Option<&at9068_access_token>) -> at9068_str {
    claim(token, |token| token.profile().map(Profile::as_str))
}

/// Who vouches for the token: "local", the issuer's signature under it; "introspection", the issuer, who
/// was asked about it (RFC 7662), so that the claims are those of its answer; or
/// "local_and_introspection", both.
#[unsafe(no_mangle)]
pub extern "C" fn at9068_access_token_origin(token: Option<&at9068_access_token>) -> at9068_str {
    claim(token, |token| Origin::as_str(token.origin()))
}

/// Where the validator migrates from the profile that the token follows: the codes under which the
/// token will be refused once the migration ends, by index from 0; AT9068_CODE_OK behind the last.
/// Of every other token, and of NULL, there are none.
#[unsafe(no_mangle)]
pub extern "C" fn at9068_access_token_would_break_at(token: Option<&at9068_access_token>, index: usize) -> at9068_code {
    let found = || token.and_then(|token| token.token.would_break().get(index));
    infallible(AT9068_CODE_OK, || found().map_or(AT9068_CODE_OK, |code| number(*code)))
}

/// The claims, as the JSON text that was signed, or that the issuer gave as its answer.
#[unsafe(no_mangle)]
pub extern "C" fn at9068_access_token_claims_json(token: Option<&at9068_access_token>) -> at9068_str {
    claim(token, AccessToken::claims_json)
}

/// The header, as the JSON text that was signed; `{}` where the token was not verified here.
#[unsafe(no_mangle)]
pub extern "C" fn at9068_access_token_header_json(token: Option<&at9068_access_token>) -> at9068_str {
    claim(token, AccessToken::header_json)
}

/// `exp`: when the token expires; every token has it. 0 of NULL.
#[unsafe(no_mangle)]
pub extern "C" fn at9068_access_token_exp(token: Option<&at9068_access_token>) -> i64 {
    infallible(0, || token.map_or(0, |token| token.token.exp()))
}

/// `iat`: when the token was issued; every token has it. 0 of NULL.
#[unsafe(no_mangle)]
pub extern "C" fn at9068_access_token_iat(token: Option<&at9068_access_token>) -> i64 {
    infallible(0, || token.map_or(0, |token| token.token.iat()))
}

/// `nbf`: when the token becomes valid. Returns whether the token has it; writes to `seconds`, which
/// may be NULL, only then.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn at9068_access_token_nbf(token: Option<&at9068_access_token>, seconds: *mut i64) -> bool {
    let found = infallible(None, || token.and_then(|token| token.token.nbf()));
    // SAFETY: the caller's pointer, as the head of the header demands.
    unsafe { write_optional(found, seconds) }
}

/// `auth_time`: when the user authenticated (RFC 9068 §2.2.1). Returns whether the token has it;
/// writes to `seconds`, which may be NULL, only then.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn at9068_access_token_auth_time(token: Option<&at9068_access_token>, seconds: *mut i64) -> bool {
    let found = infallible(None, || token.and_then(|token| token.token.auth_time()));
    // SAFETY: the caller's pointer, as the head of the header demands.
    unsafe { write_optional(found, seconds) }
}

/// The JSON text of any claim, as it was signed; no text where the token has none. Borrowed from
/// the token.
///
/// Returns AT9068_CODE_ARGUMENT_INVALID for a name that is not UTF-8.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn at9068_access_token_claim_json(
    token: Option<&at9068_access_token>,
    name: *const c_char,
    name_len: usize,
    out: *mut at9068_str,
    error: *mut *mut at9068_error,
) -> at9068_code {
    // SAFETY: the caller's pointers, as the head of the header demands.
    unsafe {
        write(out, at9068_str::NONE);
        call(error, || {
            let found = given("token", token)?.token.claim_json(text("name", name, name_len)?);
            write(given("out", (!out.is_null()).then_some(&out)).copied()?, found.into());
            Ok(())
        })
    }
}

/// The JSON text of a structured claim in one form, whatever forms its profile allows: `aud`,
/// `scopes`, `permissions`, `amr`, `roles`, `groups`, `entitlements`, `authorization_details` and
/// `gty` always as arrays, `cnf` and `act` as objects. `*out` is NULL where the token has none.
///
/// Roles, groups and entitlements (RFC 9068 §2.2.3.1) and authorization details (RFC 9396) are
/// judged here, not by the validation. What the types of authorization details mean is left to the
/// caller.
///
/// Returns AT9068_CODE_CLAIM_MALFORMED where the claim is not of its type, _ARGUMENT_INVALID for
/// other names. The caller frees `*out` with at9068_string_free().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn at9068_access_token_accessor_json(
    token: Option<&at9068_access_token>,
    name: *const c_char,
    name_len: usize,
    out: *mut *mut at9068_string,
    error: *mut *mut at9068_error,
) -> at9068_code {
    // SAFETY: the caller's pointers, as the head of the header demands.
    unsafe {
        make_optional(out, error, || {
            let found = given("token", token)?.token.accessor_json(text("name", name, name_len)?)?;
            Ok(found.map(Cow::into_owned).map(Into::into))
        })
    }
}

/// Demands more of a token that was validated before, as `require` of at9068_validate_options does.
/// `now` is the time in seconds since the epoch, or NULL for the validator's clock; it matters to
/// `max_age` only. The token's own times are **not** checked again.
///
/// Returns AT9068_CODE_SCOPE_INSUFFICIENT, _PERMISSION_INSUFFICIENT or _AUTHENTICATION_INSUFFICIENT
/// with the answer to give; _CLAIM_MALFORMED where the claim that is asked for is not of its type;
/// _ARGUMENT_INVALID for demands that are none.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn at9068_access_token_require(
    token: Option<&at9068_access_token>,
    require: *const c_char,
    require_len: usize,
    now: Option<&f64>,
    error: *mut *mut at9068_error,
) -> at9068_code {
    // SAFETY: the caller's pointers, as the head of the header demands.
    unsafe {
        call(error, || -> Result<()> {
            let require = Require::from_json(text("require", require, require_len)?)?;
            Ok(given("token", token)?.token.require(&require, now.copied())?)
        })
    }
}

/// Frees an access token. NULL is fine.
#[unsafe(no_mangle)]
pub extern "C" fn at9068_access_token_free(token: Option<Box<at9068_access_token>>) {
    infallible((), || drop(token));
}
