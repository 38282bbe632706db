//! What a caller does while keys are fetched, or an issuer is asked: wait, go on without, or do it itself.

use std::ffi::c_char;

use at9068_core::{Credential, ErrorCode, Progress, Validator};

use crate::access_token::at9068_access_token;
use crate::code::at9068_code;
use crate::error::{Result, at9068_error};
use crate::explanation::at9068_explanation;
use crate::ffi::{call, given, make, make_optional, octets, required};
use crate::flight::at9068_flight;
use crate::guard::write;
use crate::issuer_cache::at9068_issuer_cache;
use crate::refresh::at9068_refresh;
use crate::strings::at9068_string;
use crate::validator::{at9068_validate_options, at9068_validator, authenticated, validate_options};

/// How often a request is judged anew because of what was fetched for it.
pub const AT9068_ROUNDS: u32 = 3;

/// Validates as at9068_validator_validate() does, with the keys and answers at hand, and never waits.
/// Where others are wanted, they are fetched on a thread that ends with it, for later calls.
///
/// Keys whose time is over are used here while none others can be had, for `max_stale_seconds` at
/// most, be it that their refresh is only being tried.
///
/// Returns what that returns, AT9068_CODE_KEYS_UNAVAILABLE until keys have been fetched, and
/// _INTROSPECTION_UNAVAILABLE until the issuer has answered where it must be asked. The caller frees
/// `*out` with at9068_access_token_free().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn at9068_validator_validate_at_hand(
    validator: Option<&at9068_validator>,
    token: *const c_char,
    token_len: usize,
    options: *const at9068_validate_options,
    out: *mut *mut at9068_access_token,
    error: *mut *mut at9068_error,
) -> at9068_code {
    // SAFETY: the caller's pointers, as the head of the header demands.
    unsafe {
        make(out, error, || {
            let token = octets("token", token, token_len)?;
            let options = validate_options(options)?;
            Ok(core_of(validator)?.validate_at_hand(token, &options)?.into())
        })
    }
}

/// The same for a request, as at9068_validator_authenticate() takes it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn at9068_validator_authenticate_at_hand(
    validator: Option<&at9068_validator>,
    request: *const c_char,
    request_len: usize,
    options: *const at9068_validate_options,
    out: *mut *mut at9068_access_token,
    error: *mut *mut at9068_error,
) -> at9068_code {
    // SAFETY: the caller's pointers, as the head of the header demands.
    unsafe {
        make(out, error, || {
            let (request, options) = authenticated(request, request_len, options)?;
            Ok(core_of(validator)?.validate_at_hand(&request, &options)?.into())
        })
    }
}

/// Validates as far as it can without waiting, for hosts with a loop of their own. The arguments are
/// those of at9068_validator_validate(); `refresh` and `flight` must not be NULL.
///
/// AT9068_CODE_OK says that the token is good, and `*out` is it: the caller frees it with
/// at9068_access_token_free(). AT9068_CODE_KEYS_UNAVAILABLE says that there is no verdict, and one of
/// these is set where that can be helped:
///
/// - `*refresh`: the caller is the one to fetch keys, or to ask the issuer. It answers what
///   at9068_refresh_request() wants until nothing is wanted, frees it with at9068_refresh_free(), and asks
///   again.
/// - `*flight`: somebody else does. The caller waits until that is over, frees it with
///   at9068_flight_free(), and asks again.
///
/// The error says nothing of an answer then. Both are NULL with any other code, and where no attempt
/// is to be made now. Keys are fetched at most once in a cooldown for one request, so that this
/// ends, unless fetches take longer than a cooldown: who has waited AT9068_ROUNDS times for one request
/// ends with at9068_validator_validate_at_hand().
///
/// Keys that are due are fetched on a thread that ends with it; where the host fetches, they are left
/// to at9068_validator_due_refresh(), and no thread is started.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn at9068_validator_step(
    validator: Option<&at9068_validator>,
    token: *const c_char,
    token_len: usize,
    options: *const at9068_validate_options,
    refresh: *mut *mut at9068_refresh,
    flight: *mut *mut at9068_flight,
    out: *mut *mut at9068_access_token,
    error: *mut *mut at9068_error,
) -> at9068_code {
    // SAFETY: the caller's pointers, as the head of the header demands.
    unsafe {
        make_step(refresh, flight, out, error, || {
            let token = octets("token", token, token_len)?;
            let options = validate_options(options)?;
            Ok(core_of(validator)?.step(token, &options))
        })
    }
}

/// The same for a request, as at9068_validator_authenticate() takes it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn at9068_validator_step_request(
    validator: Option<&at9068_validator>,
    request: *const c_char,
    request_len: usize,
    options: *const at9068_validate_options,
    refresh: *mut *mut at9068_refresh,
    flight: *mut *mut at9068_flight,
    out: *mut *mut at9068_access_token,
    error: *mut *mut at9068_error,
) -> at9068_code {
    // SAFETY: the caller's pointers, as the head of the header demands.
    unsafe {
        make_step(refresh, flight, out, error, || {
            let (request, options) = authenticated(request, request_len, options)?;
            Ok(core_of(validator)?.step(Credential::Request(&request), &options))
        })
    }
}

/// Explains as at9068_validator_explain() does, with the keys at hand, and never waits.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn at9068_validator_explain_at_hand(
    validator: Option<&at9068_validator>,
    token: *const c_char,
    token_len: usize,
    options: *const at9068_validate_options,
    out: *mut *mut at9068_explanation,
    error: *mut *mut at9068_error,
) -> at9068_code {
    // SAFETY: the caller's pointers, as the head of the header demands.
    unsafe {
        make(out, error, || {
            let token = octets("token", token, token_len)?;
            let options = validate_options(options)?;
            Ok(core_of(validator)?.explain_at_hand(token, &options)?.into())
        })
    }
}

/// Explains as at9068_validator_explain() does, as far as that goes without waiting: `refresh`, `flight`
/// and AT9068_CODE_KEYS_UNAVAILABLE are as at9068_validator_step() has them.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn at9068_validator_explain_step(
    validator: Option<&at9068_validator>,
    token: *const c_char,
    token_len: usize,
    options: *const at9068_validate_options,
    refresh: *mut *mut at9068_refresh,
    flight: *mut *mut at9068_flight,
    out: *mut *mut at9068_explanation,
    error: *mut *mut at9068_error,
) -> at9068_code {
    // SAFETY: the caller's pointers, as the head of the header demands.
    unsafe {
        make_step(refresh, flight, out, error, || {
            let token = octets("token", token, token_len)?;
            let options = validate_options(options)?;
            Ok(core_of(validator)?.explain_step(token, &options))
        })
    }
}

/// Runs the body of a function that takes a step: it yields a handle, or tells how to go on.
///
/// # Safety
/// Each pointer is NULL or can be written to.
pub(crate) unsafe fn make_step<T, H: From<T>>(
    refresh: *mut *mut at9068_refresh,
    flight: *mut *mut at9068_flight,
    out: *mut *mut H,
    error: *mut *mut at9068_error,
    body: impl FnOnce() -> Result<Progress<T>>,
) -> at9068_code {
    // SAFETY: as this function demands.
    unsafe {
        write(refresh, std::ptr::null_mut());
        write(flight, std::ptr::null_mut());
        make(out, error, || {
            both_given(refresh, flight)?;
            Ok(told(body()?, refresh, flight)?.into())
        })
    }
}

/// Outputs of a step, without which it could not be told how to go on.
pub(crate) fn both_given(refresh: *mut *mut at9068_refresh, flight: *mut *mut at9068_flight) -> Result<()> {
    required("refresh", refresh.is_null())?;
    required("flight", flight.is_null())
}

/// Hands out what a step came to.
///
/// # Safety
/// Both pointers can be written to.
pub(crate) unsafe fn told<T>(
    progress: Progress<T>,
    refresh: *mut *mut at9068_refresh,
    flight: *mut *mut at9068_flight,
) -> Result<T> {
    // SAFETY: as this function demands; the caller takes the boxes over.
    unsafe {
        match progress {
            Progress::Done(outcome) => return Ok(outcome?),
            Progress::Fetch(wanted) => write(refresh, Box::into_raw(Box::new(wanted.into()))),
            Progress::Wait(other) => write(flight, Box::into_raw(Box::new(other.into()))),
            _ => return Err(ErrorCode::Internal.into()),
        }
    }
    Err(at9068_error::of_use(ErrorCode::KeysUnavailable, "they have to be fetched first"))
}

/// A refresh of keys that are due, or that nobody has fetched yet; none, which is NULL and no failure,
/// where none is, or where somebody fetches already. For hosts that call at9068_validator_step(),
/// every second or so.
///
/// Returns AT9068_CODE_ARGUMENT_INVALID for NULL. The caller frees `*out` with
/// at9068_refresh_free().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn at9068_validator_due_refresh(
    validator: Option<&at9068_validator>,
    out: *mut *mut at9068_refresh,
    error: *mut *mut at9068_error,
) -> at9068_code {
    // SAFETY: the caller's pointers, as the head of the header demands.
    unsafe { make_optional(out, error, || Ok(core_of(validator)?.due_refresh().map(Into::into))) }
}

/// Fetches the keys of every configured issuer that are not fresh, and waits for them. Best called when
/// a server starts.
///
/// Returns AT9068_CODE_KEYS_UNAVAILABLE or _METADATA_INVALID where an issuer's keys cannot be had;
/// those of the others are there all the same.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn at9068_validator_prefetch(
    validator: Option<&at9068_validator>,
    error: *mut *mut at9068_error,
) -> at9068_code {
    // SAFETY: the caller's pointers, as the head of the header demands.
    unsafe { call(error, || Ok(core_of(validator)?.prefetch()?)) }
}

/// Fetches the keys of every issuer anew, however fresh they are, and waits for them: for the operator
/// who knows that a key was taken back. Returns what at9068_validator_prefetch() returns; keys at hand
/// are kept where that fails.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn at9068_validator_refresh(
    validator: Option<&at9068_validator>,
    error: *mut *mut at9068_error,
) -> at9068_code {
    // SAFETY: the caller's pointers, as the head of the header demands.
    unsafe { call(error, || Ok(core_of(validator)?.refresh()?)) }
}

/// How the validator is, as a JSON object: `issuers`, as at9068_issuer_cache_status_json() says; issuers
/// whose keys are given are left out. And `token_cache`, what is remembered of tokens that were verified:
/// `entries`, `bytes` (about), `max_entries`, `max_bytes`, and the counters `hits` and `misses`; all are 0
/// where nothing is.
///
/// Returns AT9068_CODE_ARGUMENT_INVALID for NULL. The caller frees `*out` with
/// at9068_string_free().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn at9068_validator_status_json(
    validator: Option<&at9068_validator>,
    out: *mut *mut at9068_string,
    error: *mut *mut at9068_error,
) -> at9068_code {
    // SAFETY: the caller's pointers, as the head of the header demands.
    unsafe { make(out, error, || Ok(core_of(validator)?.status_json().into())) }
}

/// The cache in which the validator's keys are kept: the one that it was made with, or its own. None,
/// which is NULL and no failure, where it fetches no keys.
///
/// Returns AT9068_CODE_ARGUMENT_INVALID for NULL. The caller frees `*out` with
/// at9068_issuer_cache_free(); the validator keeps its own hold of it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn at9068_validator_issuer_cache(
    validator: Option<&at9068_validator>,
    out: *mut *mut at9068_issuer_cache,
    error: *mut *mut at9068_error,
) -> at9068_code {
    // SAFETY: the caller's pointers, as the head of the header demands.
    unsafe { make_optional(out, error, || Ok(core_of(validator)?.issuer_cache().map(Into::into))) }
}

pub(crate) fn core_of(validator: Option<&at9068_validator>) -> Result<&Validator> {
    Ok(&given("validator", validator)?.validator)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounds_are_the_core_s() {
        assert_eq!(usize::try_from(AT9068_ROUNDS), Ok(Validator::ROUNDS));
    }
}
