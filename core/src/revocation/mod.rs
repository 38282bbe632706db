//! Tokens that are no longer good although they have not expired, known without asking anybody.

mod revoked;
mod shards;
mod snapshot;

pub use revoked::Revoked;

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use crate::claims::{Claim, Claims};
use crate::crypto;
use crate::error::{Error, ErrorCode, Result};
use crate::time::{Clock, Timestamp};
use revoked::Whose;
use shards::{Digest, Entry, Shards};

/// A list of revoked tokens, shared by the validators that are given it
/// ([`Ports::revocations`](crate::Ports::revocations)). Cheap to clone; shared between threads;
/// usable after `fork`, though a child does not see what is revoked in its parent afterwards.
///
/// It takes what the application learns, be it from a logout, a security event or an administrator:
/// single tokens by issuer and `jti`, and everything of a subject, client or session that was
/// issued before an instant. Every validation asks it; a token on it is `token_revoked`. Reading
/// never waits.
///
/// An entry costs 32 octets and is forgotten once no token that it concerns can be alive: whoever
/// revokes says when that is. Identifiers are kept as 128 bits of their SHA-256.
#[derive(Clone)]
pub struct Revocations {
    inner: Arc<Inner>,
}

struct Inner {
    shards: Shards,
    /// A bit for each of [`Whose::ALL`] of which anything was ever revoked, so that others need
    /// not be looked up.
    present: AtomicU8,
    clock: Option<Arc<dyn Clock>>,
}

impl Revocations {
    /// An empty list, which forgets by the system's clock.
    #[must_use]
    pub fn new() -> Self {
        Self::build(None)
    }

    /// An empty list with a clock of its own.
    #[must_use]
    pub fn with_clock(clock: Arc<dyn Clock>) -> Self {
        Self::build(Some(clock))
    }

    /// Adds an entry. Of two for the same identifier, the later times count.
    ///
    /// # Errors
    /// `argument_invalid` for an identifier that is empty or a time that is none; `internal` where
    /// the clock fails. Nothing is added then.
    pub fn revoke(&self, revoked: &Revoked) -> Result<()> {
        let (whose, entry) = revoked.entry()?;
        self.add(whose, entry, self.now()?);
        Ok(())
    }

    /// How many entries there are, those included that are over but have not been forgotten yet.
    #[must_use]
    pub fn len(&self) -> usize {
        self.inner.shards.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Forgets all entries that are over. Entries are also forgotten by and by as others are added;
    /// this is for lists to which nothing is added for long.
    ///
    /// # Errors
    /// `internal` where the clock fails.
    pub fn sweep(&self) -> Result<()> {
        self.inner.shards.sweep(self.now()?);
        Ok(())
    }

    /// The list as a JSON text, from which another process, or this one after a restart, can
    /// [`restore`](Self::restore) it. It holds digests, from which identifiers that can be guessed
    /// can be confirmed.
    #[must_use]
    pub fn snapshot(&self) -> String {
        snapshot::write(&self.inner.shards, self.inner.present.load(Ordering::Relaxed))
    }

    /// Adds the entries of a [`snapshot`](Self::snapshot) to those that are there.
    ///
    /// # Errors
    /// `argument_invalid` where the text is no snapshot, `internal` where the clock fails; nothing
    /// is added then.
    pub fn restore(&self, text: &str) -> Result<()> {
        let (present, entries) = snapshot::read(text)?;
        let now = self.now()?;
        for entry in entries.into_iter().filter(|entry| entry.until > now) {
            self.inner.shards.add(entry, now);
        }
        self.inner.present.fetch_or(present, Ordering::Release);
        Ok(())
    }

    /// The claim on whose account a token is revoked. `client` is the claim that names its client.
    pub(crate) fn find(&self, claims: &Claims, client: Claim) -> Option<Claim> {
        let present = self.inner.present.load(Ordering::Acquire);
        if present == 0 {
            return None;
        }
        let issuer = claims.string(Claim::Iss)?;
        let issued = claims.date(Claim::Iat);
        // Without a time of issue it cannot be shown to be late enough.
        let is_early = |before: i64| issued.is_none_or(|issued| issued < Timestamp::from_whole_seconds(before));
        let mut asked = Whose::ALL.into_iter().filter(|whose| present & whose.bit() != 0);
        asked.find_map(|whose| {
            let claim = whose.claim(client);
            let digest = digest(whose, issuer, claims.string(claim)?);
            self.inner.shards.find(&digest).filter(|before| is_early(*before)).map(|_| claim)
        })
    }

    fn build(clock: Option<Arc<dyn Clock>>) -> Self {
        Self { inner: Arc::new(Inner { shards: Shards::new(), present: AtomicU8::new(0), clock }) }
    }

    fn add(&self, whose: Whose, entry: Entry, now: i64) {
        if entry.until > now {
            self.inner.shards.add(entry, now);
            self.inner.present.fetch_or(whose.bit(), Ordering::Release);
        }
    }

    fn now(&self) -> Result<i64> {
        let now = match &self.inner.clock {
            Some(clock) => clock.now().map_err(|_| Error::new(ErrorCode::Internal))?,
            None => Timestamp::system()?,
        };
        Ok(now.floor())
    }
}

impl Default for Revocations {
    fn default() -> Self {
        Self::new()
    }
}

/// Says how long the list is, and nothing of what is on it.
impl fmt::Debug for Revocations {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Revocations").field("len", &self.len()).finish_non_exhaustive()
    }
}

/// Issuers and identifiers of any length: the first is told from the second by its length.
fn digest(whose: Whose, issuer: &str, identifier: &str) -> Digest {
    let mut text = Vec::with_capacity(issuer.len() + identifier.len() + 9);
    text.push(whose.bit());
    text.extend_from_slice(&(issuer.len() as u64).to_be_bytes());
    text.extend_from_slice(issuer.as_bytes());
    text.extend_from_slice(identifier.as_bytes());
    let whole = crypto::sha256(&text);
    let mut digest = Digest::default();
    digest.iter_mut().zip(whole).for_each(|(to, from)| *to = from);
    digest
}
