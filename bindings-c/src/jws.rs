//! JWS that are no access tokens.

use std::ffi::c_char;

use at9068_core::{Algorithm, Error, ErrorCode};

use crate::bytes::at9068_buffer;
use crate::code::at9068_code;
use crate::error::{Result, at9068_error};
use crate::ffi::{given, make, octets, text};
use crate::key_set::at9068_key_set;

/// Verifies a JWS in compact serialization (RFC 7515 §5.2) and gives its payload: for JWTs and other
/// content that is no access token. `algorithms` is a JSON array of the names of those that are
/// accepted, as in `["RS256"]`; there is no default.
///
/// Checks size (65536 octets at most), shape and canonical base64url; the header, in which `crit` is
/// refused; the algorithm, against the list; the choice of the key; the signature. It does **not**
/// look at the payload, at `typ` or at any claim: what verifies here need not be an access token,
/// nor in time, nor meant for the caller. For access tokens there is at9068_validator_validate().
///
/// Returns AT9068_CODE_ARGUMENT_INVALID where `algorithms` is no such array, is empty, or names an
/// unknown one; _TOKEN_TOO_LARGE; _TOKEN_MALFORMED, also for what is not UTF-8; _DECRYPTION_FAILED
/// for a JWE; _CRITICAL_HEADER_UNSUPPORTED; _ALGORITHM_NOT_ALLOWED; _KEY_NOT_FOUND, _KEY_MISMATCH,
/// _KEY_AMBIGUOUS, or the code of the unusable key that the header names; _SIGNATURE_INVALID. No
/// HTTP answer belongs to them. The caller frees `*out` with at9068_buffer_free().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn at9068_verify_jws(
    token: *const c_char,
    token_len: usize,
    keys: Option<&at9068_key_set>,
    algorithms: *const c_char,
    algorithms_len: usize,
    out: *mut *mut at9068_buffer,
    error: *mut *mut at9068_error,
) -> at9068_code {
    // SAFETY: the caller's pointers, as the head of the header demands.
    unsafe {
        make(out, error, || {
            let token = octets("token", token, token_len)?;
            let algorithms = named(text("algorithms", algorithms, algorithms_len)?)?;
            Ok(at9068_core::verify_jws(token, &given("keys", keys)?.set, &algorithms)?.into())
        })
    }
}

/// The algorithms that a JSON array names.
fn named(json: &str) -> Result<Vec<Algorithm>> {
    let names: Vec<String> = serde_json::from_str(json)
        .map_err(|_| at9068_error::of_use(ErrorCode::ArgumentInvalid, "algorithms is not a JSON array of strings"))?;
    Ok(names.iter().map(|name| name.parse()).collect::<std::result::Result<_, Error>>()?)
}
