//! The outside world as JavaScript tells it.
//!
//! The core asks its ports on threads that know no JavaScript. So what only JavaScript knows, the
//! time and the options of an issuer, is told before the core is called, and called again where
//! it turns out that something was missing.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use at9068::{Clock, Error, ErrorCode, IssuerConfig, Resolver, Timestamp};
use napi::bindgen_prelude::ClassInstance;
use napi_derive::napi;

use crate::channel::Channel;
use crate::failure::{Outcome, outcome};
use crate::key::{KeySet, SigningKey};
use crate::validator::handles;

/// The ports of a validator or a cache.
#[napi]
pub struct Ports {
    core: at9068::Ports,
    time: Arc<ToldTime>,
    issuers: Arc<ToldIssuers>,
}

/// Makes ports, of which those that are named are plugged in; events go to `id`.
#[napi(catch_unwind)]
pub fn new_ports(
    channel: ClassInstance<'_, Channel>,
    id: u32,
    clock: bool,
    host_fetches: bool,
    resolver: bool,
) -> Ports {
    let (time, issuers) = (Arc::new(ToldTime::default()), Arc::new(ToldIssuers::default()));
    let mut core = at9068::Ports::default().events(Arc::new(channel.listener(id)));
    if clock {
        core = core.clock(Arc::clone(&time) as _);
    }
    if host_fetches {
        core = core.host_fetches();
    }
    if resolver {
        core = core.resolver(Arc::clone(&issuers) as _);
    }
    Ports { core, time, issuers }
}

#[napi]
impl Ports {
    /// Tells the time.
    #[napi(catch_unwind)]
    pub fn tell_time(&self, seconds: f64) {
        self.time.0.store(seconds.to_bits(), Ordering::Relaxed);
    }

    /// The issuer that was asked about in vain; from then on nothing is told of any.
    #[napi(catch_unwind)]
    pub fn asked(&self) -> Option<String> {
        std::mem::take(&mut *self.issuers.state()).asked
    }

    /// Tells the options of an issuer and the handles that they refer to, or that it is not known.
    #[napi(catch_unwind)]
    pub fn tell_issuer(
        &self,
        issuer: String,
        config: Option<String>,
        key_sets: Vec<ClassInstance<'_, KeySet>>,
        signing_keys: Vec<ClassInstance<'_, SigningKey>>,
    ) -> Outcome<()> {
        let handles = handles(&key_sets, &signing_keys);
        let config = config.map(|config| IssuerConfig::from_json_with(&config, &handles)).transpose();
        outcome(config.map(|config| self.issuers.state().told = Some((issuer, config))))
    }
}

impl Ports {
    pub(crate) fn core(&self) -> at9068::Ports {
        self.core.clone()
    }
}

/// The time that was told last.
#[derive(Default)]
struct ToldTime(AtomicU64);

impl Clock for ToldTime {
    fn now(&self) -> at9068::Result<Timestamp> {
        Timestamp::from_seconds(f64::from_bits(self.0.load(Ordering::Relaxed)))
    }
}

/// What was told of an issuer, and which one was asked about in vain.
#[derive(Default)]
struct ToldIssuers(Mutex<Told>);

#[derive(Default)]
struct Told {
    asked: Option<String>,
    told: Option<(String, Option<IssuerConfig>)>,
}

impl ToldIssuers {
    fn state(&self) -> MutexGuard<'_, Told> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Resolver for ToldIssuers {
    fn resolve(&self, issuer: &str) -> at9068::Result<Option<IssuerConfig>> {
        let mut state = self.state();
        match &state.told {
            Some((told, config)) if told == issuer => Ok(config.clone()),
            _ => {
                state.asked = Some(issuer.to_owned());
                Err(Error::from(ErrorCode::KeysUnavailable))
            }
        }
    }
}
