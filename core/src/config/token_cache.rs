//! The configuration of the cache of verified tokens.

use serde::Deserialize;

use crate::config::invalid;
use crate::error::Result;

const MOST_ENTRIES: u32 = 1_000_000;
const MOST_BYTES: u32 = 1 << 30;

/// How many verified tokens a validator remembers, so that a token is verified once and not with
/// every request.
///
/// What depends on time and request is judged every time: whether a token has expired, its sender,
/// revocation, demands. Keys that change end what was verified with them. Neither tokens nor
/// signatures are kept.
///
/// # Defaults
/// * `max_entries`: 1000
/// * `max_bytes`: 8388608
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct TokenCacheConfig {
    /// How many tokens, 1000000 at most; 0 turns it off.
    pub(crate) max_entries: Option<u32>,
    /// How much memory they may take, in octets, about; 1073741824 at most.
    pub(crate) max_bytes: Option<u32>,
}

impl TokenCacheConfig {
    /// The usual size.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// How many tokens; 0 turns it off.
    #[must_use]
    pub fn max_entries(mut self, entries: u32) -> Self {
        self.max_entries = Some(entries);
        self
    }

    /// How much memory they may take, in octets.
    #[must_use]
    pub fn max_bytes(mut self, bytes: u32) -> Self {
        self.max_bytes = Some(bytes);
        self
    }

    /// Entries and octets.
    pub(crate) fn checked(self) -> Result<(usize, usize)> {
        let (entries, bytes) = (self.max_entries.unwrap_or(1000), self.max_bytes.unwrap_or(8 << 20));
        if entries > MOST_ENTRIES {
            return Err(invalid("token_cache.max_entries is more than 1000000"));
        }
        if bytes > MOST_BYTES {
            return Err(invalid("token_cache.max_bytes is more than 1073741824"));
        }
        Ok((entries as usize, bytes as usize))
    }
}
