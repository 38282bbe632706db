//! What every function needs at the border, the error's own accessors included: no panic gets past
//! it, and values are written to C's pointers.

use std::panic::{AssertUnwindSafe, catch_unwind};

#[cfg(test)]
pub(crate) use crate::injection::may_panic;

/// A place where tests let a panic arise. Nothing at all in what is built for use.
#[cfg(not(test))]
#[inline]
pub(crate) fn may_panic() {}

/// Runs the body of a function. Every function of the border goes through here; none is known to panic.
pub(crate) fn caught<T>(body: impl FnOnce() -> T) -> Option<T> {
    let body = || {
        may_panic();
        body()
    };
    catch_unwind(AssertUnwindSafe(body)).ok()
}

/// Runs what cannot fail. A panic gives `fallback`.
pub(crate) fn infallible<T>(fallback: T, body: impl FnOnce() -> T) -> T {
    caught(body).unwrap_or(fallback)
}

/// Writes to a pointer that may be NULL.
///
/// # Safety
/// `out` is NULL or can be written to.
pub(crate) unsafe fn write<T>(out: *mut T, value: T) {
    if !out.is_null() {
        // SAFETY: as this function demands. Nothing is read or dropped: C may not have set it.
        unsafe { out.write(value) };
    }
}

/// Writes a value that may be absent, and says whether it is there.
///
/// # Safety
/// `out` is NULL or can be written to.
pub(crate) unsafe fn write_optional<T>(found: Option<T>, out: *mut T) -> bool {
    let Some(value) = found else { return false };
    // SAFETY: as this function demands.
    unsafe { write(out, value) };
    true
}
