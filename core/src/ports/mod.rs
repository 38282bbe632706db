//! What reaches outside: traits that a host may implement itself.
//!
//! All ports are optional and given at construction. No lock is held while a port is called.

mod event;
mod fetch;
#[cfg(feature = "http")]
mod http;
mod replay;

pub use event::{Event, EventKind, Events};
pub use fetch::{Fetch, FetchFailure, FetchRequest, FetchResponse};
#[cfg(feature = "http")]
pub use http::{HttpFetch, HttpOptions};
pub use replay::ReplayStore;

use std::fmt;
use std::sync::Arc;

use crate::config::IssuerConfig;
use crate::error::{Error, ErrorCode, Result};
use crate::revocation::Revocations;
use crate::time::{Clock, Timestamp};

/// The outside world of a validator or a minter.
///
/// # Defaults
/// The system's clock; the HTTP client of the feature `http`; nobody hears of events; a
/// [`MemoryReplayStore`](crate::MemoryReplayStore) of its own for each validator that needs one.
#[derive(Clone, Default)]
#[non_exhaustive]
pub struct Ports {
    clock: Option<Arc<dyn Clock>>,
    pub(crate) fetch: Option<Arc<dyn Fetch>>,
    pub(crate) host_fetches: bool,
    pub(crate) events: Option<Arc<dyn Events>>,
    pub(crate) resolver: Option<Arc<dyn Resolver>>,
    pub(crate) revocations: Option<Revocations>,
    pub(crate) replay_store: Option<Arc<dyn ReplayStore>>,
}

impl Ports {
    /// Reads time from this clock.
    #[must_use]
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = Some(clock);
        self
    }

    /// Fetches documents of issuers with this, instead of the client that is built in.
    #[must_use]
    pub fn fetch(mut self, fetch: Arc<dyn Fetch>) -> Self {
        self.fetch = Some(fetch);
        self
    }

    /// Fetches nothing: the host does, step by step, with [`Validator::step`](crate::Validator::step)
    /// and [`Validator::due_refresh`](crate::Validator::due_refresh). Neither a thread nor a socket is
    /// ever opened then but the threads of [batches](crate::Validator::validate_many), and calls that
    /// could wait answer with the keys at hand.
    #[must_use]
    pub fn host_fetches(mut self) -> Self {
        self.host_fetches = true;
        self
    }

    /// Tells this of what happens to the keys of issuers.
    #[must_use]
    pub fn events(mut self, events: Arc<dyn Events>) -> Self {
        self.events = Some(events);
        self
    }

    /// Asks this about issuers that are not configured.
    #[must_use]
    pub fn resolver(mut self, resolver: Arc<dyn Resolver>) -> Self {
        self.resolver = Some(resolver);
        self
    }

    /// Refuses the access tokens on this list.
    #[must_use]
    pub fn revocations(mut self, revocations: &Revocations) -> Self {
        self.revocations = Some(revocations.clone());
        self
    }

    /// Remembers here which tokens of single use were used.
    #[must_use]
    pub fn replay_store(mut self, store: Arc<dyn ReplayStore>) -> Self {
        self.replay_store = Some(store);
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
        f.debug_struct("Ports")
            .field("clock", &self.clock.is_some())
            .field("fetch", &self.fetch.is_some())
            .field("host_fetches", &self.host_fetches)
            .field("events", &self.events.is_some())
            .field("resolver", &self.resolver.is_some())
            .field("revocations", &self.revocations.is_some())
            .field("replay_store", &self.replay_store.is_some())
            .finish()
    }
}

/// Knows issuers that no configuration lists, such as the tenants of a service.
pub trait Resolver: Send + Sync {
    /// What is accepted of an issuer; nothing where it is not to be trusted. Asked before any
    /// signature is verified, about whatever tokens claim: it must only say yes to issuers that it
    /// knows, and at once. An answer is kept until too many others are.
    ///
    /// # Errors
    /// Any, where it cannot tell now; the call that asked fails with `keys_unavailable`.
    fn resolve(&self, issuer: &str) -> Result<Option<IssuerConfig>>;
}
