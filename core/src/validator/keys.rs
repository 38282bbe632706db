//! The keys that a token is judged with: given, or fetched from its issuer.

use std::cell::Cell;
use std::sync::Arc;

use crate::error::{Error, ErrorCode, Result};
use crate::issuer::{Age, Asked, Reason, RemoteKeys};
use crate::jws::Parts;
use crate::key::{KeySet, Selection};

/// The keys of one issuer.
pub(crate) enum Keys {
    Given(KeySet),
    Fetched(Arc<RemoteKeys>),
}

/// Keys that a judgement would rather have had.
pub(crate) struct Wanted {
    keys: Arc<RemoteKeys>,
    reason: Reason,
    now: i64,
}

/// Where a judgement leaves what it would rather have had.
#[derive(Default)]
pub(super) struct Wish(Cell<Option<Wanted>>);

impl Wish {
    pub(super) fn into_inner(self) -> Option<Wanted> {
        self.0.into_inner()
    }
}

impl Wanted {
    pub(crate) fn new(keys: &Arc<RemoteKeys>, reason: Reason) -> Result<Self> {
        Ok(Self { keys: Arc::clone(keys), reason, now: keys.now()? })
    }

    /// Whether the verdict stands all the same.
    pub(crate) fn can_wait(&self) -> bool {
        matches!(self.reason, Reason::Due)
    }

    /// Whether the library fetches them by itself; otherwise only the host does.
    pub(crate) fn is_fetched(&self) -> bool {
        self.keys.fetches()
    }

    pub(crate) fn ask(&self) -> Asked {
        self.keys.ask(self.reason, self.now)
    }
}

impl Keys {
    /// Verifies a signature with the keys at hand. A wish is left where others might change the
    /// verdict, or will soon be needed.
    pub(super) fn verify(&self, parts: &Parts<'_>, wanted: &Selection<'_>, wish: &Wish) -> Result<()> {
        let remote = match self {
            Self::Given(keys) => return parts.verify(keys, wanted),
            Self::Fetched(remote) => remote,
        };
        let now = remote.now()?;
        let want = |reason| wish.0.set(Some(Wanted { keys: Arc::clone(remote), reason, now }));
        let Some((held, age)) = remote.at_hand(now) else {
            want(Reason::Lacking);
            return Err(remote.unavailable(now));
        };
        let verified = parts.verify(&held.keys, wanted);
        let generation = held.generation;
        match (age, verified.as_ref().map_err(Error::code)) {
            (Age::Stale | Age::Expired, _) => want(Reason::Lacking),
            (_, Err(ErrorCode::KeyNotFound)) => {
                let unknown = Some(remote.digest(wanted.kid.unwrap_or_default()));
                want(Reason::Unfit { generation, unknown });
            }
            (_, Err(ErrorCode::KeyMismatch | ErrorCode::SignatureInvalid)) => {
                want(Reason::Unfit { generation, unknown: None });
            }
            (Age::Due, _) => want(Reason::Due),
            (Age::Fresh, _) => {}
        }
        verified
    }
}
