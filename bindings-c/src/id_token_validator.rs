//! Validation of ID tokens.

use std::ffi::c_char;

use at9068_core::{IdTokenChecks, IdTokenConfig, IdTokenValidator};

use crate::code::at9068_code;
use crate::configured::configured;
use crate::error::{Result, at9068_error};
use crate::ffi::{call, given, make, make_optional, octets, optional_text};
use crate::flight::at9068_flight;
use crate::guard::infallible;
use crate::handles::at9068_handles;
use crate::id_token::at9068_id_token;
use crate::issuer_cache::at9068_issuer_cache;
use crate::key_set::write_skipped;
use crate::key_steps::at9068_key_steps;
use crate::ports::at9068_ports;
use crate::refresh::at9068_refresh;
use crate::strings::{at9068_str, at9068_string};
use crate::wait::make_step;

/// Decides whether a token is a good ID token for this client, and of this login (OpenID Connect Core
/// §3.1.3.7). Immutable; shared between threads.
pub struct at9068_id_token_validator {
    validator: IdTokenValidator,
}

/// Makes a validator from its configuration, a JSON object. Required: `issuer`; `client_id`, the
/// client's own identifier. Defaults: `algorithms` every asymmetric one; no `trusted_audiences`, so that
/// a token is for this client only; `leeway_seconds` 30, and 300 at most; no `max_lifetime_seconds`;
/// `max_token_bytes` 16384; `danger_any_nonce` false. Keys are given or fetched as
/// at9068_validator_new() has it. `handles` and `ports` may be NULL; of these, clock, fetch and events
/// are asked.
///
/// Returns AT9068_CODE_CONFIG_INVALID, with a message that names what is wrong. The caller frees
/// `*out` with at9068_id_token_validator_free().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn at9068_id_token_validator_new(
    config: *const c_char,
    config_len: usize,
    handles: *const at9068_handles,
    ports: *const at9068_ports,
    out: *mut *mut at9068_id_token_validator,
    error: *mut *mut at9068_error,
) -> at9068_code {
    // SAFETY: the caller's pointers, as the head of the header demands.
    unsafe {
        make(out, error, || {
            configured(config, config_len, handles, ports, |config, handles, ports| {
                let config = IdTokenConfig::from_json_with(config, handles)?;
                Ok(at9068_id_token_validator { validator: IdTokenValidator::with_ports(config, ports)? })
            })
        })
    }
}

/// Makes a validator that shares the keys of a cache with others, also with those of access tokens:
/// see at9068_validator_new_with_cache(). Otherwise as at9068_id_token_validator_new().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn at9068_id_token_validator_new_with_cache(
    config: *const c_char,
    config_len: usize,
    handles: *const at9068_handles,
    ports: *const at9068_ports,
    cache: Option<&at9068_issuer_cache>,
    out: *mut *mut at9068_id_token_validator,
    error: *mut *mut at9068_error,
) -> at9068_code {
    // SAFETY: the caller's pointers, as the head of the header demands.
    unsafe {
        make(out, error, || {
            configured(config, config_len, handles, ports, |config, handles, ports| {
                let config = IdTokenConfig::from_json_with(config, handles)?;
                let cache = &given("cache", cache)?.cache;
                Ok(at9068_id_token_validator { validator: IdTokenValidator::with_issuer_cache(config, ports, cache)? })
            })
        })
    }
}

/// Validates an ID token.
///
/// `checks` is what this login expects, a JSON object: `nonce`, that of the request, kept in the user's
/// session; `max_age` and `acr_values`, as the request asked for them; `access_token`, `code` and
/// `state`, which came beside the token, to be compared with its hashes; `require_hashes`, whether the
/// hash must be there of each of these three that is given; `refreshed`, whether the token came of a
/// refresh. NULL: nothing is expected, and a token with a nonce is refused, since nobody here asked for
/// it. `now` is the time in seconds since the epoch, or NULL for the clock's.
///
/// Checks, and stops at the first that fails: size and shape; header; `iss`; type, which is JWT or
/// absent; algorithm; key; signature. Then, of an authentic token: the types of its claims; its kind;
/// that `iss`, `sub`, `aud`, `exp` and `iat` are there; that `aud` holds the client and nobody who is
/// not trusted; `azp`; `exp`, `nbf`, `iat` and lifetime; `nonce`; `auth_time` and `acr`; the hashes.
///
/// It does **not** check whether a token comes for the second time: a nonce is to be dropped from the
/// session with the first. Nor whether the user is who was expected, or the one of the token before a
/// refresh (§12.2): compare `sub`.
///
/// It waits only where keys must be fetched: see at9068_id_token_validator_validate_at_hand() and
/// at9068_id_token_validator_step() for callers that must not.
///
/// Returns a code of bands 3xx to 6xx, AT9068_CODE_AUTHENTICATION_INSUFFICIENT, or one of 2xx where the
/// token names an unusable key; none has an HTTP answer. AT9068_CODE_KEYS_UNAVAILABLE or
/// _METADATA_INVALID where the issuer's keys cannot be had, which says nothing of the token, to be tried
/// again after at9068_error_retry_after(); _ARGUMENT_INVALID for checks or a time that are none. The
/// caller frees `*out` with at9068_id_token_free(); it may outlive the validator.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn at9068_id_token_validator_validate(
    validator: Option<&at9068_id_token_validator>,
    token: *const c_char,
    token_len: usize,
    checks: *const c_char,
    checks_len: usize,
    now: Option<&f64>,
    out: *mut *mut at9068_id_token,
    error: *mut *mut at9068_error,
) -> at9068_code {
    // SAFETY: the caller's pointers, as the head of the header demands.
    unsafe {
        make(out, error, || {
            let (token, checks) = (octets("token", token, token_len)?, id_token_checks(checks, checks_len)?);
            Ok(core_of(validator)?.validate(token, &checks, now.copied())?.into())
        })
    }
}

/// Validates with the keys at hand and never waits. Where others are wanted, they are fetched on a thread
/// that ends with it, for later calls.
///
/// Returns what at9068_id_token_validator_validate() returns, AT9068_CODE_KEYS_UNAVAILABLE until keys
/// have been fetched. The caller frees `*out` with at9068_id_token_free().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn at9068_id_token_validator_validate_at_hand(
    validator: Option<&at9068_id_token_validator>,
    token: *const c_char,
    token_len: usize,
    checks: *const c_char,
    checks_len: usize,
    now: Option<&f64>,
    out: *mut *mut at9068_id_token,
    error: *mut *mut at9068_error,
) -> at9068_code {
    // SAFETY: the caller's pointers, as the head of the header demands.
    unsafe {
        make(out, error, || {
            let (token, checks) = (octets("token", token, token_len)?, id_token_checks(checks, checks_len)?);
            Ok(core_of(validator)?.validate_at_hand(token, &checks, now.copied())?.into())
        })
    }
}

/// Validates as far as it can without waiting: `refresh`, `flight` and AT9068_CODE_KEYS_UNAVAILABLE are
/// as at9068_validator_step() has them, and so is how it goes on. Otherwise as
/// at9068_id_token_validator_validate().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn at9068_id_token_validator_step(
    validator: Option<&at9068_id_token_validator>,
    token: *const c_char,
    token_len: usize,
    checks: *const c_char,
    checks_len: usize,
    now: Option<&f64>,
    refresh: *mut *mut at9068_refresh,
    flight: *mut *mut at9068_flight,
    out: *mut *mut at9068_id_token,
    error: *mut *mut at9068_error,
) -> at9068_code {
    // SAFETY: the caller's pointers, as the head of the header demands.
    unsafe {
        make_step(refresh, flight, out, error, || {
            let (token, checks) = (octets("token", token, token_len)?, id_token_checks(checks, checks_len)?);
            Ok(core_of(validator)?.step(token, &checks, now.copied()))
        })
    }
}

/// A refresh of keys that are due, as at9068_validator_due_refresh() has it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn at9068_id_token_validator_due_refresh(
    validator: Option<&at9068_id_token_validator>,
    out: *mut *mut at9068_refresh,
    error: *mut *mut at9068_error,
) -> at9068_code {
    // SAFETY: the caller's pointers, as the head of the header demands.
    unsafe { make_optional(out, error, || Ok(core_of(validator)?.due_refresh().map(Into::into))) }
}

/// Fetches the issuer's keys where they are not fresh, and waits for them. Best called when a server
/// starts.
///
/// Returns AT9068_CODE_KEYS_UNAVAILABLE or _METADATA_INVALID where they cannot be had.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn at9068_id_token_validator_prefetch(
    validator: Option<&at9068_id_token_validator>,
    error: *mut *mut at9068_error,
) -> at9068_code {
    // SAFETY: the caller's pointers, as the head of the header demands.
    unsafe { call(error, || Ok(core_of(validator)?.prefetch()?)) }
}

/// Fetches the issuer's keys anew, however fresh they are, and waits for them: for the operator who knows
/// that a key was taken back. Returns what at9068_id_token_validator_prefetch() returns; keys at hand
/// are kept where that fails.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn at9068_id_token_validator_refresh(
    validator: Option<&at9068_id_token_validator>,
    error: *mut *mut at9068_error,
) -> at9068_code {
    // SAFETY: the caller's pointers, as the head of the header demands.
    unsafe { call(error, || Ok(core_of(validator)?.refresh()?)) }
}

/// at9068_id_token_validator_prefetch() for hosts with a loop of their own, as
/// at9068_validator_prefetch_steps() has it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn at9068_id_token_validator_prefetch_steps(
    validator: Option<&at9068_id_token_validator>,
    out: *mut *mut at9068_key_steps,
    error: *mut *mut at9068_error,
) -> at9068_code {
    // SAFETY: the caller's pointers, as the head of the header demands.
    unsafe { make(out, error, || Ok(core_of(validator)?.prefetch_steps().into())) }
}

/// at9068_id_token_validator_refresh() for hosts with a loop of their own, as
/// at9068_validator_prefetch_steps() has it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn at9068_id_token_validator_refresh_steps(
    validator: Option<&at9068_id_token_validator>,
    out: *mut *mut at9068_key_steps,
    error: *mut *mut at9068_error,
) -> at9068_code {
    // SAFETY: the caller's pointers, as the head of the header demands.
    unsafe { make(out, error, || Ok(core_of(validator)?.refresh_steps().into())) }
}

/// Where the issuer's keys are in their life, as at9068_issuer_cache_status_json() says; none where they
/// are given.
///
/// Returns AT9068_CODE_ARGUMENT_INVALID for NULL. The caller frees `*out` with
/// at9068_string_free().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn at9068_id_token_validator_status_json(
    validator: Option<&at9068_id_token_validator>,
    out: *mut *mut at9068_string,
    error: *mut *mut at9068_error,
) -> at9068_code {
    // SAFETY: the caller's pointers, as the head of the header demands.
    unsafe { make(out, error, || Ok(core_of(validator)?.status_json().into())) }
}

/// The cache in which the issuer's keys are kept, as at9068_validator_issuer_cache() has it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn at9068_id_token_validator_issuer_cache(
    validator: Option<&at9068_id_token_validator>,
    out: *mut *mut at9068_issuer_cache,
    error: *mut *mut at9068_error,
) -> at9068_code {
    // SAFETY: the caller's pointers, as the head of the header demands.
    unsafe { make_optional(out, error, || Ok(core_of(validator)?.issuer_cache().map(Into::into))) }
}

/// How many entries of the configured key set were skipped because they cannot be used; 0 of NULL.
#[unsafe(no_mangle)]
pub extern "C" fn at9068_id_token_validator_skipped_count(validator: Option<&at9068_id_token_validator>) -> usize {
    infallible(0, || validator.map_or(0, |validator| validator.validator.skipped_keys().len()))
}

/// One of the skipped entries, as at9068_key_set_skipped_at(). Each of `place`, `kid` and `code` may
/// be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn at9068_id_token_validator_skipped_at(
    validator: Option<&at9068_id_token_validator>,
    index: usize,
    place: *mut usize,
    kid: *mut at9068_str,
    code: *mut at9068_code,
) -> bool {
    let found = infallible(None, || validator.and_then(|known| known.validator.skipped_keys().get(index)));
    // SAFETY: the caller's pointers, as the head of the header demands.
    unsafe { write_skipped(found, place, kid, code) }
}

/// Frees a validator. ID tokens that it made live on. NULL is fine.
#[unsafe(no_mangle)]
pub extern "C" fn at9068_id_token_validator_free(validator: Option<Box<at9068_id_token_validator>>) {
    infallible((), || drop(validator));
}

fn core_of(validator: Option<&at9068_id_token_validator>) -> Result<&IdTokenValidator> {
    Ok(&given("validator", validator)?.validator)
}

/// What one login expects.
///
/// # Safety
/// As [`optional_text`].
unsafe fn id_token_checks(checks: *const c_char, checks_len: usize) -> Result<IdTokenChecks> {
    // SAFETY: as this function demands.
    let checks = unsafe { optional_text("checks", checks, checks_len) }?;
    Ok(checks.map(IdTokenChecks::from_json).transpose()?.unwrap_or_default())
}
