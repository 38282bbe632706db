//! Answers of an introspection endpoint.

use std::ffi::c_char;

use crate::access_token::at9068_access_token;
use crate::code::at9068_code;
use crate::error::at9068_error;
use crate::ffi::{given, make, text};
use crate::minter::{at9068_minted_token, at9068_minter};
use crate::strings::at9068_string;

/// The answer of an introspection endpoint about a token that a validator found good, as JSON (RFC 7662
/// §2.2): `active`, which is true; the token's claims, with `exp`, `iat` and `nbf` rounded down to
/// seconds; `client_id` and `scope`, whatever the token's profile calls them; and `token_type`.
///
/// `token` is NULL for every token that was refused, whatever the reason, which is where
/// at9068_error_oauth() has a text: the answer is {"active":false} and nothing else. Where there is no
/// verdict, there is no answer: the endpoint sends at9068_error_status() instead.
///
/// It does **not** decide who may ask (RFC 7662 §2.1), nor what of a token they may see (§5): whoever
/// should not learn of a token is answered as if there were none.
///
/// The caller frees `*out` with at9068_string_free().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn at9068_introspection_response(
    token: Option<&at9068_access_token>,
    out: *mut *mut at9068_string,
    error: *mut *mut at9068_error,
) -> at9068_code {
    // SAFETY: the caller's pointers, as the head of the header demands.
    unsafe { make(out, error, || Ok(at9068_core::introspection_response(token.map(|token| &token.token)).into())) }
}

/// Signs the answer of an introspection endpoint about a token, for the resource server that asks (RFC
/// 9701 §5): what at9068_introspection_response() tells, whose `token` it takes, in the claim
/// `token_introspection`. `audience` is the resource server, by the identifier that it asks with. `now`
/// is the time of issue in seconds since the epoch, or NULL for the clock's.
///
/// Returns AT9068_CODE_ARGUMENT_INVALID where the audience is empty, the time is none, or the answer is
/// larger than anybody takes; _SIGNING_FAILED; _INTERNAL where the system gives no time. The caller frees
/// `*out` with at9068_minted_token_free().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn at9068_minter_mint_introspection_response(
    minter: Option<&at9068_minter>,
    token: Option<&at9068_access_token>,
    audience: *const c_char,
    audience_len: usize,
    now: Option<&f64>,
    out: *mut *mut at9068_minted_token,
    error: *mut *mut at9068_error,
) -> at9068_code {
    // SAFETY: the caller's pointers, as the head of the header demands.
    unsafe {
        make(out, error, || {
            let (token, audience) = (token.map(|token| &token.token), text("audience", audience, audience_len)?);
            Ok(given("minter", minter)?.minter.mint_introspection_response(token, audience, now.copied())?.into())
        })
    }
}
