//! The process's clock, which jsonwebtoken reads and cannot be given otherwise.
//!
//! `SystemTime::now` asks the C library's `clock_gettime`. A function of that name in the program itself is found
//! first, and answers with the time of the question.

use std::sync::atomic::{AtomicI64, Ordering};

static SECONDS: AtomicI64 = AtomicI64::new(0);
static NANOSECONDS: AtomicI64 = AtomicI64::new(0);

/// Sets the time that the process sees.
#[expect(clippy::cast_possible_truncation, reason = "questions stay far within the range")]
pub(crate) fn set(at: f64) {
    SECONDS.store(at.floor() as i64, Ordering::Relaxed);
    NANOSECONDS.store(((at - at.floor()) * 1e9) as i64, Ordering::Relaxed);
}

/// Takes the place of the C library's function, for every clock.
#[unsafe(no_mangle)]
pub(crate) extern "C" fn clock_gettime(_: libc::clockid_t, time: *mut libc::timespec) -> libc::c_int {
    // SAFETY: callers of clock_gettime pass a place for the answer, or none.
    if let Some(time) = unsafe { time.as_mut() } {
        time.tv_sec = SECONDS.load(Ordering::Relaxed);
        time.tv_nsec = NANOSECONDS.load(Ordering::Relaxed);
    }
    0
}
