//! Tokens that are no longer good although they have not expired, known without asking anybody.

mod revoked;
mod snapshot;
mod table;

pub use revoked::Revoked;

use std::fmt;
use std::sync::Arc;

use crate::claims::{Claim, Claims};
use crate::crypto;
use crate::error::{Error, ErrorCode, Result};
use crate::sync::atomic::{AtomicU8, Ordering};
use crate::time::{Clock, Timestamp};
use revoked::Whose;
use table::{Digest, Table};

/// A list of revoked tokens, shared by the validators that are given it
/// ([`Ports::revocations`](crate::Ports::revocations)). Cheap to clone; shared between threads;
/// usable after `fork`, though a child does not see what is revoked in its parent afterwards.
///
/// It takes what the application learns, be it from a logout, a security event or an administrator:
/// single tokens by issuer and `jti`, and everything of a subject, client or session that was
/// issued before an instant. Every validation asks it; a token on it is `token_revoked`. Reading
/// never waits.
///
/// An entry costs 32 to 64 octets and is forgotten once no token that it concerns can be alive: whoever
/// revokes says when that is. Identifiers are kept as 128 bits of their SHA-256.
#[derive(Clone)]
pub struct Revocations {
    inner: Arc<Inner>,
}

struct Inner {
    table: Table,
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
        self.inner.table.add(&[entry], self.now()?);
        self.inner.present.fetch_or(whose.bit(), Ordering::Release);
        Ok(())
    }

    /// How many entries there are, those included that are over but have not been forgotten yet.
    #[must_use]
    pub fn len(&self) -> usize {
        self.inner.table.len()
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
        self.inner.table.sweep(self.now()?);
        Ok(())
    }

    /// The list as a JSON text, from which another process, or this one after a restart, can
    /// [`restore`](Self::restore) it. It holds digests, from which identifiers that can be guessed
    /// can be confirmed.
    #[must_use]
    pub fn snapshot(&self) -> String {
        snapshot::write(&self.inner.table, self.inner.present.load(Ordering::Relaxed))
    }

    /// Adds the entries of a [`snapshot`](Self::snapshot) to those that are there.
    ///
    /// # Errors
    /// `argument_invalid` where the text is no snapshot, `internal` where the clock fails; nothing
    /// is added then.
    pub fn restore(&self, text: &str) -> Result<()> {
        let (present, entries) = snapshot::read(text)?;
        let now = self.now()?;
        self.inner.table.add(&entries, now);
        self.inner.present.fetch_or(present, Ordering::Release);
        Ok(())
    }

    /// The claim on whose account a token of an issuer is revoked. `client` is the claim that names
    /// its client.
    pub(crate) fn find(&self, issuer: &IssuerDigest, claims: &Claims, client: Claim) -> Option<Claim> {
        let present = self.inner.present.load(Ordering::Acquire);
        if present == 0 {
            return None;
        }
        let issued = claims.date(Claim::Iat);
        // Without a time of issue it cannot be shown to be late enough.
        let is_early = |before: i64| issued.is_none_or(|issued| issued < Timestamp::from_whole_seconds(before));
        let names = Whose::ALL.map(|whose| {
            let claim = Some(whose.claim(client)).filter(|_| present & whose.bit() != 0)?;
            claims.string(claim).map(|name| (claim, digest(whose, issuer, name)))
        });
        let found = self.inner.table.find(names.map(|name| name.map(|(_, digest)| digest)));
        let mut found = names.into_iter().zip(found);
        found.find_map(|(name, before)| before.filter(|before| is_early(*before)).and(name).map(|(claim, _)| claim))
    }

    fn build(clock: Option<Arc<dyn Clock>>) -> Self {
        Self { inner: Arc::new(Inner { table: Table::new(), present: AtomicU8::new(0), clock }) }
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

/// What stands for an issuer: it is hashed once, so that identifiers of usual length take one block.
#[derive(Clone, Copy)]
pub(crate) struct IssuerDigest(Digest);

impl IssuerDigest {
    pub(crate) fn new(issuer: &str) -> Self {
        Self(crypto::half_sha256(issuer.as_bytes()))
    }
}

fn digest(whose: Whose, issuer: &IssuerDigest, identifier: &str) -> Digest {
    let (bit, issuer) = ([whose.bit()], issuer.0.to_be_bytes());
    let parts = [&bit, issuer.as_slice(), identifier.as_bytes()];
    let mut near = [0; 256];
    let mut length = 0;
    for part in parts {
        let Some(room) = near.get_mut(length..length + part.len()) else {
            return crypto::half_sha256(&parts.concat());
        };
        room.copy_from_slice(part);
        length += part.len();
    }
    crypto::half_sha256(near.get(..length).unwrap_or_default())
}
