//! Keys fetched beforehand, by hosts that do the waiting.

use at9068_core::{ErrorCode, KeySteps};

use crate::code::at9068_code;
use crate::error::at9068_error;
use crate::ffi::{call, make, required};
use crate::flight::at9068_flight;
use crate::guard::{infallible, write};
use crate::refresh::at9068_refresh;
use crate::validator::at9068_validator;
use crate::wait::{both_given, core_of, told};

/// What is left to do of at9068_validator_prefetch() or at9068_validator_refresh(), or of those of another
/// kind of validator, step by step. Used by one thread at a time, whichever.
pub struct at9068_key_steps {
    steps: KeySteps,
}

impl From<KeySteps> for at9068_key_steps {
    fn from(steps: KeySteps) -> Self {
        Self { steps }
    }
}

/// at9068_validator_prefetch() for hosts with a loop of their own.
///
/// Returns AT9068_CODE_ARGUMENT_INVALID for NULL. The caller frees `*out` with
/// at9068_key_steps_free(); it may outlive the validator.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn at9068_validator_prefetch_steps(
    validator: Option<&at9068_validator>,
    out: *mut *mut at9068_key_steps,
    error: *mut *mut at9068_error,
) -> at9068_code {
    // SAFETY: the caller's pointers, as the head of the header demands.
    unsafe { make(out, error, || Ok(core_of(validator)?.prefetch_steps().into())) }
}

/// at9068_validator_refresh() for hosts with a loop of their own; otherwise as
/// at9068_validator_prefetch_steps().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn at9068_validator_refresh_steps(
    validator: Option<&at9068_validator>,
    out: *mut *mut at9068_key_steps,
    error: *mut *mut at9068_error,
) -> at9068_code {
    // SAFETY: the caller's pointers, as the head of the header demands.
    unsafe { make(out, error, || Ok(core_of(validator)?.refresh_steps().into())) }
}

/// Goes on as far as that goes without waiting. AT9068_CODE_KEYS_UNAVAILABLE with `*refresh` or `*flight`
/// says what is to be done before the next call, as at9068_validator_step() has it; neither may be
/// NULL. With any other code, or with neither set, nothing is left to do, and the code is that of
/// at9068_validator_prefetch().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn at9068_key_steps_step(
    steps: Option<&mut at9068_key_steps>,
    refresh: *mut *mut at9068_refresh,
    flight: *mut *mut at9068_flight,
    error: *mut *mut at9068_error,
) -> at9068_code {
    // SAFETY: the caller's pointers, as the head of the header demands.
    unsafe {
        write(refresh, std::ptr::null_mut());
        write(flight, std::ptr::null_mut());
        call(error, || {
            both_given(refresh, flight)?;
            required("steps", steps.is_none())?;
            let steps = steps.ok_or(ErrorCode::ArgumentInvalid)?;
            told(steps.steps.step(), refresh, flight)
        })
    }
}

/// Frees steps, whether they are all made or not. NULL is fine.
#[unsafe(no_mangle)]
pub extern "C" fn at9068_key_steps_free(steps: Option<Box<at9068_key_steps>>) {
    infallible((), || drop(steps));
}
