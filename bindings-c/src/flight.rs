//! A refresh that somebody else carries out, to be waited for.

use std::ffi::c_void;
use std::time::Duration;

use at9068_core::Flight;

use crate::code::at9068_code;
use crate::error::at9068_error;
use crate::ffi::{call, given};
use crate::guard::infallible;

/// The longest time that is waited for at once, in seconds.
const LONGEST: f64 = 86_400.0;

/// A refresh that is under way, to be waited for. Shared between threads. It ends by itself, half a
/// second after the refresh's time is over, should whoever fetches never come back.
pub struct at9068_flight {
    flight: Flight,
}

impl From<Flight> for at9068_flight {
    fn from(flight: Flight) -> Self {
        Self { flight }
    }
}

/// Whether it is over, well or not. True of NULL: there is nothing to wait for.
#[unsafe(no_mangle)]
pub extern "C" fn at9068_flight_is_over(flight: Option<&at9068_flight>) -> bool {
    infallible(true, || flight.is_none_or(|flight| flight.flight.is_over()))
}

/// Seconds until it ends at the latest, with a fraction; 0 of NULL.
#[unsafe(no_mangle)]
pub extern "C" fn at9068_flight_remaining_seconds(flight: Option<&at9068_flight>) -> f64 {
    infallible(0.0, || flight.map_or(0.0, |flight| flight.flight.remaining().as_secs_f64()))
}

/// Blocks this thread until it is over, or for so many seconds, which may have a fraction; a day at
/// the longest, and not at all where it is no number or less than 0. Returns whether it is over; true
/// of NULL.
#[unsafe(no_mangle)]
pub extern "C" fn at9068_flight_wait(flight: Option<&at9068_flight>, seconds: f64) -> bool {
    infallible(true, || {
        let longest = if seconds > 0.0 { Duration::from_secs_f64(seconds.min(LONGEST)) } else { Duration::ZERO };
        flight.is_none_or(|flight| flight.flight.wait(longest))
    })
}

/// Calls `over` once with `context` when whoever fetches is done, well or not: at once, on this thread,
/// where it is over, else on the thread that fetches or answers. `over` should return at once, by
/// writing to a pipe or an eventfd for example, and must not throw, unwind or jump out. The flight may
/// be freed before.
///
/// Returns AT9068_CODE_ARGUMENT_INVALID where `flight` or `over` is NULL; it is never called then.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn at9068_flight_on_over(
    flight: Option<&at9068_flight>,
    over: Option<unsafe extern "C" fn(context: *mut c_void)>,
    context: *mut c_void,
    error: *mut *mut at9068_error,
) -> at9068_code {
    // SAFETY: the caller's pointer, as the head of the header demands.
    unsafe {
        call(error, || {
            let flight = given("flight", flight)?;
            let over = *given("over", over.as_ref())?;
            let callback = Callback { over, context };
            flight.flight.on_over(move || callback.call());
            Ok(())
        })
    }
}

/// A function of the host's, to be called once from whatever thread.
struct Callback {
    over: unsafe extern "C" fn(context: *mut c_void),
    context: *mut c_void,
}

// SAFETY: the host promises that its function may be called from any thread; nothing else touches the
// context.
unsafe impl Send for Callback {}

impl Callback {
    fn call(self) {
        // SAFETY: the host's function with its own context, called this once.
        unsafe { (self.over)(self.context) };
    }
}

/// Frees a flight; the refresh goes on. NULL is fine.
#[unsafe(no_mangle)]
pub extern "C" fn at9068_flight_free(flight: Option<Box<at9068_flight>>) {
    infallible((), || drop(flight));
}
