//! What every function needs at the border, the error's own accessors included: no panic gets past
//! it, and values are written to C's pointers.

use std::panic::{AssertUnwindSafe, catch_unwind};

/// Runs what cannot fail. A panic, which nothing is known to raise, gives `fallback`.
pub(crate) fn infallible<T>(fallback: T, body: impl FnOnce() -> T) -> T {
    catch_unwind(AssertUnwindSafe(body)).unwrap_or(fallback)
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
