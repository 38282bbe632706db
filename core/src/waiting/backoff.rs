//! When to try again whoever failed to answer.

use crate::crypto;
use crate::time::Millis;

/// How long after the first failure the next attempt is made, …
const FIRST: Millis = 1_000;
/// … and at the longest.
const LONGEST: Millis = 60_000;

/// Failures since the last success, each followed by a pause.
#[derive(Clone, Debug, Default)]
pub(crate) struct Backoff {
    failures: u32,
    /// When the pause is over.
    retry: Option<Millis>,
}

impl Backoff {
    pub(crate) fn failed(&mut self, now: Millis) {
        self.failures = self.failures.saturating_add(1);
        self.retry = Some(now.saturating_add(pause(self.failures)));
    }

    pub(crate) fn succeeded(&mut self) {
        *self = Self::default();
    }

    /// Whether the last attempt failed.
    pub(crate) fn is_failing(&self) -> bool {
        self.failures > 0
    }

    /// Whether nothing is to be tried yet. A clock that was set back holds nobody up.
    pub(crate) fn is_pausing(&self, now: Millis) -> bool {
        self.retry.is_some_and(|retry| now < retry && retry <= now.saturating_add(LONGEST))
    }

    /// In how many seconds trying makes sense, at least one.
    pub(crate) fn seconds(&self, now: Millis) -> u64 {
        let rest = self.retry.unwrap_or(now).saturating_sub(now);
        u64::try_from(rest).unwrap_or(0).div_ceil(1000).max(1)
    }
}

/// How long to wait after so many failures: twice as long after each, and of that between a half
/// and the whole, so that the servers of a fleet do not come back all at once.
fn pause(failures: u32) -> Millis {
    let whole = FIRST.checked_shl(failures.saturating_sub(1)).unwrap_or(LONGEST);
    let whole = if (1..LONGEST).contains(&whole) { whole } else { LONGEST };
    let mut random = [0; 1];
    let part = crypto::random_bytes(&mut random).map_or(0, |()| Millis::from(random[0]));
    whole / 2 + whole / 2 * part / 255
}
