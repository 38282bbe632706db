//! The keys that a token is judged with: given, or fetched from its issuer.

use std::sync::Arc;

use crate::config::{Discovery, Handles, KeySource, invalid};
use crate::error::{Error, ErrorCode, Result};
use crate::issuer::lifecycle::Age;
use crate::issuer::source::Source;
use crate::issuer::{IssuerCache, Reason, RemoteKeys};
use crate::jws::Parts;
use crate::key::{KeySet, Selection, SetBuilder, SkippedKey};
use crate::waiting::{Asked, Want, Wish};

/// The keys of one issuer.
pub(crate) enum Keys {
    Given(KeySet),
    Fetched(Arc<RemoteKeys>),
}

/// Where a configuration says that keys are.
#[derive(Clone, Copy)]
pub(crate) struct KeyConfig<'a> {
    pub(crate) issuer: &'a str,
    pub(crate) jwks: Option<&'a KeySource>,
    pub(crate) jwks_uri: Option<&'a str>,
    pub(crate) discovery: Option<Discovery>,
}

/// Keys that a judgement would rather have had.
pub(crate) struct KeyWant {
    keys: Arc<RemoteKeys>,
    reason: Reason,
    now: i64,
}

impl KeyConfig<'_> {
    /// `trusted` is whether the operator vouches for the issuer's host.
    fn source(&self, trusted: bool, cache: &IssuerCache) -> Result<Source> {
        Source::new(self.issuer, self.jwks_uri, self.discovery, trusted, cache.settings())
    }
}

impl KeyWant {
    pub(crate) fn new(keys: &Arc<RemoteKeys>, reason: Reason) -> Result<Self> {
        Ok(Self { keys: Arc::clone(keys), reason, now: keys.now()? })
    }
}

impl Want for KeyWant {
    fn can_wait(&self) -> bool {
        matches!(self.reason, Reason::Due)
    }

    fn is_fetched(&self) -> bool {
        self.keys.fetches()
    }

    fn ask(&self) -> Asked {
        self.keys.ask(self.reason, self.now)
    }
}

impl Keys {
    /// Keys that are given, or that the cache fetches. `trusted` is whether the operator vouches
    /// for the issuer's host.
    pub(crate) fn new(
        config: KeyConfig<'_>,
        handles: &Handles,
        cache: Option<&IssuerCache>,
        trusted: bool,
    ) -> Result<Self> {
        if let Some(given) = config.jwks {
            if config.jwks_uri.is_some() || config.discovery.is_some() {
                return Err(invalid("jwks beside jwks_uri or discovery"));
            }
            return Ok(Self::Given(given.key_set(handles)?));
        }
        let cache = cache.ok_or_else(|| Error::new(ErrorCode::Internal))?;
        Ok(Self::Fetched(cache.keys(&config.source(trusted, cache)?)))
    }

    /// No keys, of an issuer of which nothing is verified: whatever is signed fits none.
    pub(crate) fn none() -> Self {
        Self::Given(SetBuilder::default().build())
    }

    /// Keys that nobody else sees, to find what is wrong with where they are said to be.
    pub(crate) fn unshared(config: KeyConfig<'_>, cache: &IssuerCache) -> Result<Self> {
        Ok(Self::Fetched(cache.unshared(config.source(false, cache)?)))
    }

    /// Entries of a given set that cannot be used.
    pub(crate) fn skipped(&self) -> &[SkippedKey] {
        match self {
            Self::Given(keys) => keys.skipped(),
            Self::Fetched(_) => &[],
        }
    }

    /// Keys that are fetched, where these are.
    pub(crate) fn remote(&self) -> Option<&Arc<RemoteKeys>> {
        match self {
            Self::Given(_) => None,
            Self::Fetched(keys) => Some(keys),
        }
    }

    /// What tells the keys at hand from others before and after them; nothing where there are none
    /// that may simply be used.
    pub(crate) fn generation(&self, wish: &Wish) -> Option<u64> {
        let remote = match self {
            Self::Given(_) => return Some(0),
            Self::Fetched(remote) => remote,
        };
        let now = remote.now().ok()?;
        let (held, age) = remote.at_hand(now)?;
        if age == Age::Due {
            wish.leave(KeyWant { keys: Arc::clone(remote), reason: Reason::Due, now });
        }
        matches!(age, Age::Fresh | Age::Due).then_some(held.generation)
    }

    /// Verifies a signature with the keys at hand, and tells their generation. A wish is left where others might change the
    /// verdict, or will soon be needed.
    pub(crate) fn verify(&self, parts: &Parts<'_>, wanted: &Selection<'_>, wish: &Wish) -> Result<u64> {
        let remote = match self {
            Self::Given(keys) => return parts.verify(keys, wanted).map(|()| 0),
            Self::Fetched(remote) => remote,
        };
        let now = remote.now()?;
        let want = |reason| wish.leave(KeyWant { keys: Arc::clone(remote), reason, now });
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
        verified.map(|()| generation)
    }
}
