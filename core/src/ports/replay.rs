//! Where it is kept which tokens of single use were used.

use crate::error::Result;

/// Remembers what may be used only once: client assertions (RFC 7523 §3).
///
/// Servers of one service must share one store: what each of them remembers alone can be replayed
/// at the others.
pub trait ReplayStore: Send + Sync {
    /// Notes a use, and tells whether it is the first one of this key. Of several callers at once,
    /// in whatever process, exactly one is told so.
    ///
    /// `key` is printable ASCII of at most 80 octets, equal for equal tokens and for no others; it
    /// holds nothing of a token but a digest. It must be remembered while the time is less than
    /// `until`, in whole seconds since the epoch, and may be forgotten then; that is a minute later
    /// than the token is good, so that clocks may differ. `now` is the time by which the token was
    /// judged, for stores without a clock of their own.
    ///
    /// # Errors
    /// Any, where the use cannot be noted or looked up; the token is refused with `internal` then.
    fn first_use(&self, key: &str, until: i64, now: i64) -> Result<bool>;
}
