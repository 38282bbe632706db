//! What reaches outside: traits that a host may implement itself.
//!
//! All ports are optional and given at construction. No lock is held while a port is called.

mod fetch;
#[cfg(feature = "http")]
mod http;

pub use fetch::{Fetch, FetchFailure, FetchRequest, FetchResponse};
#[cfg(feature = "http")]
pub use http::{HttpFetch, HttpOptions};

use std::fmt;
use std::sync::Arc;

use crate::error::{Error, ErrorCode, Result};
use crate::time::Timestamp;

/// The outside world of a validator or a minter.
///
/// # Defaults
/// The system's clock.
#[derive(Clone, Default)]
#[non_exhaustive]
pub struct Ports {
    clock: Option<Arc<dyn Clock>>,
}

impl Ports {
    /// Reads time from this clock.
    #[must_use]
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = Some(clock);
        self
    }

    /// The time that a call named, or else the clock's.
    pub(crate) fn now(&self, named: Option<f64>) -> Result<Timestamp> {
        match (named, &self.clock) {
            (Some(seconds), _) => Timestamp::from_seconds(seconds),
            // Whatever a clock reports, the token is not to blame.
            (None, Some(clock)) => clock.now().map_err(|_| Error::new(ErrorCode::Internal)),
            (None, None) => Timestamp::system(),
        }
    }
}

impl fmt::Debug for Ports {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ports").field("clock", &self.clock.is_some()).finish()
    }
}

/// A source of time.
pub trait Clock: Send + Sync {
    /// The time now, as wall clocks have it.
    ///
    /// # Errors
    /// Any, where no time can be told; the call that asked fails with `internal`.
    fn now(&self) -> Result<Timestamp>;
}
