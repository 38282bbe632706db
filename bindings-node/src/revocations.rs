//! Tokens that are no longer good.

use std::sync::Arc;

use at9068::Revoked;
use napi_derive::napi;

use crate::failure::{Outcome, outcome};
use crate::told::ToldTime;

/// A list of revoked tokens.
#[napi]
pub struct Revocations {
    core: at9068::Revocations,
    time: Arc<ToldTime>,
}

/// Makes an empty list, which forgets by the system's clock, or by the time that is told.
#[napi(catch_unwind)]
pub fn new_revocations(clock: bool) -> Revocations {
    let time = Arc::<ToldTime>::default();
    let core = if clock { at9068::Revocations::with_clock(Arc::clone(&time) as _) } else { at9068::Revocations::new() };
    Revocations { core, time }
}

#[napi]
impl Revocations {
    /// Tells the time.
    #[napi(catch_unwind)]
    pub fn tell_time(&self, seconds: f64) {
        self.time.tell(seconds);
    }

    /// Adds an entry.
    #[napi(catch_unwind)]
    pub fn revoke(&self, entry: String) -> Outcome<()> {
        outcome(Revoked::from_json(&entry).and_then(|entry| self.core.revoke(&entry)))
    }

    /// How many entries there are.
    #[napi(catch_unwind)]
    pub fn size(&self) -> u32 {
        u32::try_from(self.core.len()).unwrap_or(u32::MAX)
    }

    /// Forgets the entries that are over.
    #[napi(catch_unwind)]
    pub fn sweep(&self) -> Outcome<()> {
        outcome(self.core.sweep())
    }

    /// The list as a JSON text.
    #[napi(catch_unwind)]
    pub fn snapshot(&self) -> String {
        self.core.snapshot()
    }

    /// Adds the entries of a snapshot.
    #[napi(catch_unwind)]
    pub fn restore(&self, text: String) -> Outcome<()> {
        outcome(self.core.restore(&text))
    }
}

impl Revocations {
    pub(crate) fn core(&self) -> &at9068::Revocations {
        &self.core
    }
}
