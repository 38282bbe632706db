//! Validation of client assertions.

use std::ffi::c_char;

use at9068_core::{ClientAssertionConfig, ClientAssertionOptions, ClientAssertionValidator};

use crate::client_assertion::at9068_client_assertion;
use crate::code::at9068_code;
use crate::configured::configured;
use crate::error::{Result, at9068_error};
use crate::ffi::{call, given, make, make_optional, octets, optional_text};
use crate::flight::at9068_flight;
use crate::guard::{infallible, write};
use crate::handles::at9068_handles;
use crate::issuer_cache::at9068_issuer_cache;
use crate::key_set::write_skipped;
use crate::key_steps::at9068_key_steps;
use crate::ports::at9068_ports;
use crate::refresh::at9068_refresh;
use crate::strings::{at9068_str, at9068_string};
use crate::wait::make_step;

/// Decides whether a client is who it says, by the assertion that it sends to an authorization server's
/// endpoints as `client_assertion` (RFC 7521 §4.2, RFC 7523 §3). Shared between threads; immutable but
/// for what was used: who makes a new one, because clients have changed, gives both the same replay
/// store and the same cache of keys.
pub struct at9068_client_assertion_validator {
    validator: ClientAssertionValidator,
}

/// Makes a validator from its configuration, a JSON object. Required: `issuer`, the issuer identifier of
/// this authorization server, which must be the one audience of an assertion; `clients`, each with its
/// `client_id` and exactly one of `jwks`, `jwks_uri` and `client_secret`, and perhaps `algorithms`.
/// Defaults: `max_lifetime_seconds` 300; `leeway_seconds` 30, and 300 at most; `max_token_bytes` 16384; no
/// `danger_token_endpoint_audience`; `danger_jwt_type` false. Keys are fetched as at9068_validator_new()
/// has it. `handles` and `ports` may be NULL.
///
/// Where `ports` has no replay store, what was used is remembered in the memory of this process, which is
/// enough only where one process is all there is.
///
/// Returns AT9068_CODE_CONFIG_INVALID, with a message that names what is wrong. The caller frees
/// `*out` with at9068_client_assertion_validator_free().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn at9068_client_assertion_validator_new(
    config: *const c_char,
    config_len: usize,
    handles: *const at9068_handles,
    ports: *const at9068_ports,
    out: *mut *mut at9068_client_assertion_validator,
    error: *mut *mut at9068_error,
) -> at9068_code {
    // SAFETY: the caller's pointers, as the head of the header demands.
    unsafe {
        make(out, error, || {
            configured(config, config_len, handles, ports, |config, handles, ports| {
                let config = ClientAssertionConfig::from_json_with(config, handles)?;
                Ok(at9068_client_assertion_validator {
                    validator: ClientAssertionValidator::with_ports(config, ports)?,
                })
            })
        })
    }
}

/// Makes a validator that shares the keys of a cache with others: see at9068_validator_new_with_cache().
/// Of `ports`, the clock and the replay store count. Otherwise as
/// at9068_client_assertion_validator_new().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn at9068_client_assertion_validator_new_with_cache(
    config: *const c_char,
    config_len: usize,
    handles: *const at9068_handles,
    ports: *const at9068_ports,
    cache: Option<&at9068_issuer_cache>,
    out: *mut *mut at9068_client_assertion_validator,
    error: *mut *mut at9068_error,
) -> at9068_code {
    // SAFETY: the caller's pointers, as the head of the header demands.
    unsafe {
        make(out, error, || {
            configured(config, config_len, handles, ports, |config, handles, ports| {
                let config = ClientAssertionConfig::from_json_with(config, handles)?;
                let cache = &given("cache", cache)?.cache;
                Ok(at9068_client_assertion_validator {
                    validator: ClientAssertionValidator::with_issuer_cache(config, ports, cache)?,
                })
            })
        })
    }
}

/// Validates an assertion, once: a second time it is AT9068_CODE_TOKEN_REPLAYED.
///
/// `require` is a JSON object that may have `client_id`, the parameter that was sent beside the assertion:
/// it must name the same client (RFC 7521 §4.2). NULL where none was sent. `now` is the time in seconds
/// since the epoch, or NULL for the clock's.
///
/// Checks, and stops at the first that fails: size and shape; header; `iss`, which names the client; type
/// (`client-authentication+jwt`, or none); algorithm; key; signature. Then, of an authentic assertion: the
/// types of its claims; its kind, where it has no type; that `iss`, `sub`, `aud`, `exp` and `jti` are
/// there; `sub`, which is the client as well; `client_id`; `aud`, which is this server and nobody else;
/// `exp`, `nbf`, `iat`, and that `exp` is near; and last, that the client has not used its `jti` before.
/// Only an assertion that is good in all else is remembered as used.
///
/// It does **not** look at the request: that `client_assertion_type` is
/// urn:ietf:params:oauth:client-assertion-type:jwt-bearer, and that the client authenticates in no other
/// way at the same time (RFC 6749 §2.3), is the caller's to check; so is what the client may do.
///
/// It waits only where a client's keys must be fetched: see
/// at9068_client_assertion_validator_validate_at_hand() and at9068_client_assertion_validator_step() for
/// callers that must not.
///
/// Returns a code of bands 3xx to 7xx, or one of 2xx where the assertion names an unusable key, all
/// answered with invalid_client and 401, without challenge (RFC 6749 §5.2); AT9068_CODE_KEYS_UNAVAILABLE
/// where the client's keys cannot be had, to be tried again after at9068_error_retry_after(); _INTERNAL
/// where the replay store fails; _ARGUMENT_INVALID for arguments that are wrong whatever the assertion. The
/// caller frees `*out` with at9068_client_assertion_free(); it may outlive the validator.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn at9068_client_assertion_validator_validate(
    validator: Option<&at9068_client_assertion_validator>,
    token: *const c_char,
    token_len: usize,
    require: *const c_char,
    require_len: usize,
    now: Option<&f64>,
    out: *mut *mut at9068_client_assertion,
    error: *mut *mut at9068_error,
) -> at9068_code {
    // SAFETY: the caller's pointers, as the head of the header demands.
    unsafe {
        make(out, error, || {
            let (token, options) = (octets("token", token, token_len)?, options(require, require_len, now)?);
            Ok(core_of(validator)?.validate(token, &options)?.into())
        })
    }
}

/// Validates with the keys at hand and never waits. Where others are wanted, they are fetched on a thread
/// that ends with it, for later calls.
///
/// Returns what at9068_client_assertion_validator_validate() returns, AT9068_CODE_KEYS_UNAVAILABLE until
/// keys have been fetched. The caller frees `*out` with at9068_client_assertion_free().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn at9068_client_assertion_validator_validate_at_hand(
    validator: Option<&at9068_client_assertion_validator>,
    token: *const c_char,
    token_len: usize,
    require: *const c_char,
    require_len: usize,
    now: Option<&f64>,
    out: *mut *mut at9068_client_assertion,
    error: *mut *mut at9068_error,
) -> at9068_code {
    // SAFETY: the caller's pointers, as the head of the header demands.
    unsafe {
        make(out, error, || {
            let (token, options) = (octets("token", token, token_len)?, options(require, require_len, now)?);
            Ok(core_of(validator)?.validate_at_hand(token, &options)?.into())
        })
    }
}

/// Validates as far as it can without waiting: `refresh`, `flight` and AT9068_CODE_KEYS_UNAVAILABLE are
/// as at9068_validator_step() has them, and so is how it goes on. Only the call that comes to a verdict
/// notes the use. Otherwise as at9068_client_assertion_validator_validate().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn at9068_client_assertion_validator_step(
    validator: Option<&at9068_client_assertion_validator>,
    token: *const c_char,
    token_len: usize,
    require: *const c_char,
    require_len: usize,
    now: Option<&f64>,
    refresh: *mut *mut at9068_refresh,
    flight: *mut *mut at9068_flight,
    out: *mut *mut at9068_client_assertion,
    error: *mut *mut at9068_error,
) -> at9068_code {
    // SAFETY: the caller's pointers, as the head of the header demands.
    unsafe {
        make_step(refresh, flight, out, error, || {
            let (token, options) = (octets("token", token, token_len)?, options(require, require_len, now)?);
            Ok(core_of(validator)?.step(token, &options))
        })
    }
}

/// A refresh of keys that are due, as at9068_validator_due_refresh() has it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn at9068_client_assertion_validator_due_refresh(
    validator: Option<&at9068_client_assertion_validator>,
    out: *mut *mut at9068_refresh,
    error: *mut *mut at9068_error,
) -> at9068_code {
    // SAFETY: the caller's pointers, as the head of the header demands.
    unsafe { make_optional(out, error, || Ok(core_of(validator)?.due_refresh().map(Into::into))) }
}

/// Fetches the keys of every client that are not fresh, and waits for them. Best called when a server
/// starts.
///
/// Returns AT9068_CODE_KEYS_UNAVAILABLE where a client's keys cannot be had; those of the others are there
/// all the same.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn at9068_client_assertion_validator_prefetch(
    validator: Option<&at9068_client_assertion_validator>,
    error: *mut *mut at9068_error,
) -> at9068_code {
    // SAFETY: the caller's pointers, as the head of the header demands.
    unsafe { call(error, || Ok(core_of(validator)?.prefetch()?)) }
}

/// Fetches the keys of every client anew, however fresh they are, and waits for them: for the operator who
/// knows that a key was taken back. Returns what at9068_client_assertion_validator_prefetch() returns; keys
/// at hand are kept where that fails.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn at9068_client_assertion_validator_refresh(
    validator: Option<&at9068_client_assertion_validator>,
    error: *mut *mut at9068_error,
) -> at9068_code {
    // SAFETY: the caller's pointers, as the head of the header demands.
    unsafe { call(error, || Ok(core_of(validator)?.refresh()?)) }
}

/// at9068_client_assertion_validator_prefetch() for hosts with a loop of their own, as
/// at9068_validator_prefetch_steps() has it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn at9068_client_assertion_validator_prefetch_steps(
    validator: Option<&at9068_client_assertion_validator>,
    out: *mut *mut at9068_key_steps,
    error: *mut *mut at9068_error,
) -> at9068_code {
    // SAFETY: the caller's pointers, as the head of the header demands.
    unsafe { make(out, error, || Ok(core_of(validator)?.prefetch_steps().into())) }
}

/// at9068_client_assertion_validator_refresh() for hosts with a loop of their own, as
/// at9068_validator_prefetch_steps() has it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn at9068_client_assertion_validator_refresh_steps(
    validator: Option<&at9068_client_assertion_validator>,
    out: *mut *mut at9068_key_steps,
    error: *mut *mut at9068_error,
) -> at9068_code {
    // SAFETY: the caller's pointers, as the head of the header demands.
    unsafe { make(out, error, || Ok(core_of(validator)?.refresh_steps().into())) }
}

/// Where the keys of clients are in their life, as at9068_issuer_cache_status_json() says, with the client
/// in `issuer`; clients whose keys are given are left out.
///
/// Returns AT9068_CODE_ARGUMENT_INVALID for NULL. The caller frees `*out` with
/// at9068_string_free().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn at9068_client_assertion_validator_status_json(
    validator: Option<&at9068_client_assertion_validator>,
    out: *mut *mut at9068_string,
    error: *mut *mut at9068_error,
) -> at9068_code {
    // SAFETY: the caller's pointers, as the head of the header demands.
    unsafe { make(out, error, || Ok(core_of(validator)?.status_json().into())) }
}

/// The cache in which clients' keys are kept, as at9068_validator_issuer_cache() has it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn at9068_client_assertion_validator_issuer_cache(
    validator: Option<&at9068_client_assertion_validator>,
    out: *mut *mut at9068_issuer_cache,
    error: *mut *mut at9068_error,
) -> at9068_code {
    // SAFETY: the caller's pointers, as the head of the header demands.
    unsafe { make_optional(out, error, || Ok(core_of(validator)?.issuer_cache().map(Into::into))) }
}

/// How many entries of the configured key sets were skipped because they cannot be used; 0 of NULL.
#[unsafe(no_mangle)]
pub extern "C" fn at9068_client_assertion_validator_skipped_count(
    validator: Option<&at9068_client_assertion_validator>,
) -> usize {
    infallible(0, || validator.map_or(0, |validator| validator.validator.skipped_keys().count()))
}

/// One of the skipped entries, with the client whose set it is in; otherwise as
/// at9068_key_set_skipped_at(). Each of `client_id`, `place`, `kid` and `code` may be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn at9068_client_assertion_validator_skipped_at(
    validator: Option<&at9068_client_assertion_validator>,
    index: usize,
    client_id: *mut at9068_str,
    place: *mut usize,
    kid: *mut at9068_str,
    code: *mut at9068_code,
) -> bool {
    let found = infallible(None, || validator.and_then(|known| known.validator.skipped_keys().nth(index)));
    let Some((client, key)) = found else { return false };
    // SAFETY: the caller's pointers, as the head of the header demands.
    unsafe {
        write(client_id, client.into());
        write_skipped(Some(key), place, kid, code)
    }
}

/// Frees a validator. Assertions that it accepted live on. NULL is fine.
#[unsafe(no_mangle)]
pub extern "C" fn at9068_client_assertion_validator_free(validator: Option<Box<at9068_client_assertion_validator>>) {
    infallible((), || drop(validator));
}

fn core_of(validator: Option<&at9068_client_assertion_validator>) -> Result<&ClientAssertionValidator> {
    Ok(&given("validator", validator)?.validator)
}

/// # Safety
/// As [`optional_text`].
unsafe fn options(require: *const c_char, require_len: usize, now: Option<&f64>) -> Result<ClientAssertionOptions> {
    // SAFETY: as this function demands.
    let require = unsafe { optional_text("require", require, require_len) }?;
    let options = require.map(ClientAssertionOptions::from_json).transpose()?.unwrap_or_default();
    Ok(match now {
        Some(seconds) => options.now(*seconds),
        None => options,
    })
}
