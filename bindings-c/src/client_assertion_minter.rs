//! Minting of client assertions.

use std::ffi::c_char;

use at9068_core::{ClientAssertionMinter, ClientAssertionMinterConfig, ClientAssertionRequest};

use crate::code::at9068_code;
use crate::configured::configured;
use crate::error::at9068_error;
use crate::ffi::{given, make, optional_text};
use crate::guard::infallible;
use crate::handles::at9068_handles;
use crate::key_set::write_skipped;
use crate::minter::at9068_minted_token;
use crate::ports::at9068_ports;
use crate::strings::at9068_str;

/// Makes the assertions by which a client authenticates at one authorization server (RFC 7523 §2.2).
/// Immutable; shared between threads.
pub struct at9068_client_assertion_minter {
    minter: ClientAssertionMinter,
}

/// Makes a minter from its configuration, a JSON object. Required: `client_id`; `audience`, the issuer
/// identifier of the authorization server; and `keys`, private JWKs of which the first usable one signs
/// (`private_key_jwt`), or `client_secret` (`client_secret_jwt`). Defaults: `algorithm` that of the
/// first usable key, or HS256 with a secret; `lifetime_seconds` 60, and 300 at most. `handles` and
/// `ports` may be NULL; of these, only the clock is asked.
///
/// Returns AT9068_CODE_CONFIG_INVALID, with a message that names what is wrong. The caller frees
/// `*out` with at9068_client_assertion_minter_free().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn at9068_client_assertion_minter_new(
    config: *const c_char,
    config_len: usize,
    handles: *const at9068_handles,
    ports: *const at9068_ports,
    out: *mut *mut at9068_client_assertion_minter,
    error: *mut *mut at9068_error,
) -> at9068_code {
    // SAFETY: the caller's pointers, as the head of the header demands.
    unsafe {
        make(out, error, || {
            configured(config, config_len, handles, ports, |config, handles, ports| {
                let config = ClientAssertionMinterConfig::from_json_with(config, handles)?;
                Ok(at9068_client_assertion_minter { minter: ClientAssertionMinter::with_ports(config, ports)? })
            })
        })
    }
}

/// Makes an assertion, for one request to the authorization server, which sends it as `client_assertion`
/// with the `client_assertion_type` urn:ietf:params:oauth:client-assertion-type:jwt-bearer.
///
/// `request` is a JSON object that may have `jti`, an identifier that was never used before instead of a
/// random one; or NULL. `now` is the time of issue in seconds since the epoch, or NULL for the clock's.
///
/// Returns AT9068_CODE_ARGUMENT_INVALID for a request or a time that are none, _SIGNING_FAILED, or
/// _INTERNAL where the system gives no time or randomness. The caller frees `*out` with
/// at9068_minted_token_free().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn at9068_client_assertion_minter_mint(
    minter: Option<&at9068_client_assertion_minter>,
    request: *const c_char,
    request_len: usize,
    now: Option<&f64>,
    out: *mut *mut at9068_minted_token,
    error: *mut *mut at9068_error,
) -> at9068_code {
    // SAFETY: the caller's pointers, as the head of the header demands.
    unsafe {
        make(out, error, || {
            let request = optional_text("request", request, request_len)?;
            let request = request.map(ClientAssertionRequest::from_json).transpose()?.unwrap_or_default();
            Ok(given("minter", minter)?.minter.mint(&request, now.copied())?.into())
        })
    }
}

/// How many entries of the configured keys were skipped because they cannot sign; 0 of NULL.
#[unsafe(no_mangle)]
pub extern "C" fn at9068_client_assertion_minter_skipped_count(
    minter: Option<&at9068_client_assertion_minter>,
) -> usize {
    infallible(0, || minter.map_or(0, |minter| minter.minter.skipped_keys().len()))
}

/// One of the skipped entries, as at9068_key_set_skipped_at(). Each of `place`, `kid` and `code` may
/// be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn at9068_client_assertion_minter_skipped_at(
    minter: Option<&at9068_client_assertion_minter>,
    index: usize,
    place: *mut usize,
    kid: *mut at9068_str,
    code: *mut at9068_code,
) -> bool {
    let found = infallible(None, || minter.and_then(|minter| minter.minter.skipped_keys().get(index)));
    // SAFETY: the caller's pointers, as the head of the header demands.
    unsafe { write_skipped(found, place, kid, code) }
}

/// Frees a minter, and wipes what it signs with. Assertions that it made live on. NULL is fine.
#[unsafe(no_mangle)]
pub extern "C" fn at9068_client_assertion_minter_free(minter: Option<Box<at9068_client_assertion_minter>>) {
    infallible((), || drop(minter));
}
