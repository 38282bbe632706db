//! What reaches outside: tables of the host's functions.

use std::ffi::{c_int, c_void};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use at9068_core::{Clock, Error, ErrorCode, Ports, Timestamp};

use crate::error::Result;
use crate::ffi::{Versioned, table};
use crate::guard::may_panic;

/// A source of time. Its functions are called from whatever thread validates or mints, from
/// several at once, and must not throw, unwind or jump out.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct at9068_clock {
    /// Passed to both functions; may be NULL.
    pub context: *mut c_void,
    /// Writes the time, in seconds since the epoch, which may have a fraction, to `out` and returns
    /// 0. Anything else, and a time that is not finite, fails the call that asked with
    /// AT9068_CODE_INTERNAL. NULL where the system's clock is to be used; the other members mean
    /// nothing then.
    pub now: Option<unsafe extern "C" fn(context: *mut c_void, out: *mut f64) -> c_int>,
    /// Called once with `context` when the last handle that asks this clock is freed: the one that was
    /// made with it, or, for a validator, an access token of it. May be NULL. Where making the
    /// handle fails, it is not called, and `context` stays the caller's.
    pub drop: Option<unsafe extern "C" fn(context: *mut c_void)>,
}

/// How a validator or minter reaches outside of the library. NULL in its place: the system's clock.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct at9068_ports {
    /// `sizeof(at9068_ports)`.
    pub size: usize,
    /// The time of calls that do not name one themselves.
    pub clock: at9068_clock,
}

// SAFETY: begins with its size; zero octets are no size and a clock that is not given.
unsafe impl Versioned for at9068_ports {
    const SIZES: &'static [usize] = &[size_of::<Self>()];
}

/// Ports on their way into a handle, which owns their contexts only once it is made.
pub(crate) struct HostPorts {
    clock: Option<Arc<HostClock>>,
}

/// # Safety
/// As [`table`]; its functions keep to what the members' comments say.
pub(crate) unsafe fn host_ports(ports: *const at9068_ports) -> Result<HostPorts> {
    // SAFETY: as this function demands.
    let known = unsafe { table("ports", ports) }?;
    let clock = known.and_then(|ports| {
        let at9068_clock { context, now, drop } = ports.clock;
        Some(Arc::new(HostClock { context, now: now?, drop, owned: AtomicBool::new(false) }))
    });
    Ok(HostPorts { clock })
}

impl HostPorts {
    pub(crate) fn to_core(&self) -> Ports {
        match &self.clock {
            Some(clock) => Ports::default().clock(Arc::<HostClock>::clone(clock)),
            None => Ports::default(),
        }
    }

    /// The handle is made: from now on its end is the end of the contexts.
    pub(crate) fn hand_over(self) {
        if let Some(clock) = &self.clock {
            clock.owned.store(true, Ordering::Release);
        }
    }
}

struct HostClock {
    context: *mut c_void,
    now: unsafe extern "C" fn(context: *mut c_void, out: *mut f64) -> c_int,
    drop: Option<unsafe extern "C" fn(context: *mut c_void)>,
    owned: AtomicBool,
}

// SAFETY: the host promises that its functions may be called from any thread, several at once;
// nothing else touches the context.
unsafe impl Send for HostClock {}
// SAFETY: as above.
unsafe impl Sync for HostClock {}

impl Clock for HostClock {
    fn now(&self) -> at9068_core::Result<Timestamp> {
        may_panic();
        let mut seconds = f64::NAN;
        // SAFETY: the host's function with its own context, which lives until `drop`.
        let outcome = unsafe { (self.now)(self.context, &raw mut seconds) };
        let told = if outcome == 0 { Timestamp::from_seconds(seconds).ok() } else { None };
        told.ok_or_else(|| Error::from(ErrorCode::Internal))
    }
}

impl Drop for HostClock {
    fn drop(&mut self) {
        if let (Some(drop), true) = (self.drop, self.owned.load(Ordering::Acquire)) {
            // SAFETY: the host's function with its own context, called this once.
            unsafe { drop(self.context) };
        }
    }
}
