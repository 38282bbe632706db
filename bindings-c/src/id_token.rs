//! A validated ID token.

use std::borrow::Cow;
use std::ffi::c_char;

use at9068_core::IdToken;

use crate::code::at9068_code;
use crate::error::at9068_error;
use crate::ffi::{call, given, required, text};
use crate::guard::{infallible, write, write_optional};
use crate::strings::at9068_str;

/// The claims of an ID token that a validator found good; nothing else makes one. It says who logged
/// in, not what may be done: it is never an access token. Immutable; shared between threads. Texts that
/// it gives are borrowed from it. Times are seconds since the epoch, rounded down.
pub struct at9068_id_token {
    token: IdToken,
    aud: Vec<String>,
    amr: Vec<String>,
}

impl From<IdToken> for at9068_id_token {
    fn from(token: IdToken) -> Self {
        let owned = |texts: Vec<Cow<'_, str>>| texts.into_iter().map(Cow::into_owned).collect();
        let (aud, amr) = (owned(token.aud()), token.amr().map(owned).unwrap_or_default());
        Self { token, aud, amr }
    }
}

/// Text of a token, or none.
fn claim<'a, T: Into<at9068_str>>(token: Option<&'a at9068_id_token>, of: impl FnOnce(&'a IdToken) -> T) -> at9068_str {
    infallible(at9068_str::NONE, || token.map_or(at9068_str::NONE, |token| of(&token.token).into()))
}

/// Time of a token, or none.
///
/// # Safety
/// `seconds` is NULL or can be written to.
unsafe fn time(token: Option<&at9068_id_token>, of: impl FnOnce(&IdToken) -> Option<i64>, seconds: *mut i64) -> bool {
    let found = infallible(None, || token.and_then(|token| of(&token.token)));
    // SAFETY: as this function demands.
    unsafe { write_optional(found, seconds) }
}

/// `iss`: who issued the token (OpenID Connect Core §2).
#[unsafe(no_mangle)]
pub extern "C" fn at9068_id_token_iss(token: Option<&at9068_id_token>) -> at9068_str {
    claim(token, IdToken::iss)
}

/// `sub`: who logged in. Unique together with the issuer only.
#[unsafe(no_mangle)]
pub extern "C" fn at9068_id_token_sub(token: Option<&at9068_id_token>) -> at9068_str {
    claim(token, IdToken::sub)
}

/// `aud`: for whom the token is meant, by index from 0; no text behind the last. The client is one of
/// them.
#[unsafe(no_mangle)]
pub extern "C" fn at9068_id_token_aud_at(token: Option<&at9068_id_token>, index: usize) -> at9068_str {
    infallible(at9068_str::NONE, || token.and_then(|token| token.aud.get(index)).map(String::as_str).into())
}

/// `azp`: the client that the token was issued to; no text where it does not say so.
#[unsafe(no_mangle)]
pub extern "C" fn at9068_id_token_azp(token: Option<&at9068_id_token>) -> at9068_str {
    claim(token, IdToken::azp)
}

/// `nonce`: that of the request; no text where the token has none.
#[unsafe(no_mangle)]
pub extern "C" fn at9068_id_token_nonce(token: Option<&at9068_id_token>) -> at9068_str {
    claim(token, IdToken::nonce)
}

/// `acr`: the context in which the user authenticated; no text where the token has none.
#[unsafe(no_mangle)]
pub extern "C" fn at9068_id_token_acr(token: Option<&at9068_id_token>) -> at9068_str {
    claim(token, IdToken::acr)
}

/// `amr`: the methods by which the user authenticated, by index from 0; no text behind the last, and
/// where the token has none.
#[unsafe(no_mangle)]
pub extern "C" fn at9068_id_token_amr_at(token: Option<&at9068_id_token>, index: usize) -> at9068_str {
    infallible(at9068_str::NONE, || token.and_then(|token| token.amr.get(index)).map(String::as_str).into())
}

/// `sid`: the session at the issuer, by which logout tokens name it; no text where the token has none.
#[unsafe(no_mangle)]
pub extern "C" fn at9068_id_token_sid(token: Option<&at9068_id_token>) -> at9068_str {
    claim(token, IdToken::sid)
}

/// `at_hash`: half of the hash of the access token; no text where the token has none.
#[unsafe(no_mangle)]
pub extern "C" fn at9068_id_token_at_hash(token: Option<&at9068_id_token>) -> at9068_str {
    claim(token, IdToken::at_hash)
}

/// `c_hash`: half of the hash of the authorization code; no text where the token has none.
#[unsafe(no_mangle)]
pub extern "C" fn at9068_id_token_c_hash(token: Option<&at9068_id_token>) -> at9068_str {
    claim(token, IdToken::c_hash)
}

/// `s_hash`: half of the hash of the request's state; no text where the token has none.
#[unsafe(no_mangle)]
pub extern "C" fn at9068_id_token_s_hash(token: Option<&at9068_id_token>) -> at9068_str {
    claim(token, IdToken::s_hash)
}

/// `exp`: until when the token may be accepted; every token has it. It does not end the user's session.
/// 0 of NULL.
#[unsafe(no_mangle)]
pub extern "C" fn at9068_id_token_exp(token: Option<&at9068_id_token>) -> i64 {
    infallible(0, || token.map_or(0, |token| token.token.exp()))
}

/// `iat`: when the token was issued; every token has it. 0 of NULL.
#[unsafe(no_mangle)]
pub extern "C" fn at9068_id_token_iat(token: Option<&at9068_id_token>) -> i64 {
    infallible(0, || token.map_or(0, |token| token.token.iat()))
}

/// `nbf`: when the token becomes valid. Returns whether the token has it; writes to `seconds`, which
/// may be NULL, only then.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn at9068_id_token_nbf(token: Option<&at9068_id_token>, seconds: *mut i64) -> bool {
    // SAFETY: the caller's pointer, as the head of the header demands.
    unsafe { time(token, IdToken::nbf, seconds) }
}

/// `auth_time`: when the user authenticated. Returns whether the token has it; writes to `seconds`,
/// which may be NULL, only then.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn at9068_id_token_auth_time(token: Option<&at9068_id_token>, seconds: *mut i64) -> bool {
    // SAFETY: the caller's pointer, as the head of the header demands.
    unsafe { time(token, IdToken::auth_time, seconds) }
}

/// The claims, as the JSON text that was signed.
#[unsafe(no_mangle)]
pub extern "C" fn at9068_id_token_claims_json(token: Option<&at9068_id_token>) -> at9068_str {
    claim(token, IdToken::claims_json)
}

/// The header, as the JSON text that was signed.
#[unsafe(no_mangle)]
pub extern "C" fn at9068_id_token_header_json(token: Option<&at9068_id_token>) -> at9068_str {
    claim(token, IdToken::header_json)
}

/// The JSON text of any claim, such as those of the user (OpenID Connect Core §5.1), as it was signed;
/// no text where the token has none. Only the claims that have a function here were judged. Borrowed
/// from the token.
///
/// Returns AT9068_CODE_ARGUMENT_INVALID for a name that is not UTF-8.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn at9068_id_token_claim_json(
    token: Option<&at9068_id_token>,
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
            required("out", out.is_null())?;
            write(out, found.into());
            Ok(())
        })
    }
}

/// Frees an ID token. NULL is fine.
#[unsafe(no_mangle)]
pub extern "C" fn at9068_id_token_free(token: Option<Box<at9068_id_token>>) {
    infallible((), || drop(token));
}
