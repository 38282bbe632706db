//! The outside world as JavaScript tells it.

use std::sync::Arc;

use at9068::{Error, ErrorCode, IssuerConfig, ReplayStore, Resolver};
use napi::bindgen_prelude::ClassInstance;
use napi_derive::napi;

use crate::channel::Channel;
use crate::failure::{Outcome, outcome};
use crate::key::{KeySet, SigningKey};
use crate::replay::MemoryReplayStore;
use crate::revocations::Revocations;
use crate::told::{Told, ToldTime};
use crate::validator::handles;

/// The ports of a validator or a cache.
#[napi]
pub struct Ports {
    core: at9068::Ports,
    time: Arc<ToldTime>,
    issuers: Arc<ToldIssuers>,
    uses: Arc<ToldUses>,
}

/// Makes ports, of which events go to `id`. Nothing else is plugged in yet.
#[napi(catch_unwind)]
pub fn new_ports(channel: ClassInstance<'_, Channel>, id: u32) -> Ports {
    Ports {
        core: at9068::Ports::default().events(Arc::new(channel.listener(id))),
        time: Arc::default(),
        issuers: Arc::default(),
        uses: Arc::default(),
    }
}

#[napi]
impl Ports {
    /// Time is what is told.
    #[napi(catch_unwind)]
    pub fn plug_clock(&mut self) {
        let time = Arc::clone(&self.time);
        self.plug(|core| core.clock(time));
    }

    /// Documents are fetched step by step.
    #[napi(catch_unwind)]
    pub fn plug_fetch(&mut self) {
        self.plug(at9068::Ports::host_fetches);
    }

    /// Issuers are known that are told.
    #[napi(catch_unwind)]
    pub fn plug_resolver(&mut self) {
        let issuers = Arc::clone(&self.issuers);
        self.plug(|core| core.resolver(issuers));
    }

    /// Tokens on a list are refused.
    #[napi(catch_unwind)]
    pub fn plug_revocations(&mut self, list: ClassInstance<'_, Revocations>) {
        self.plug(|core| core.revocations(list.core()));
    }

    /// Uses are remembered in a store of the core's, or as it is told.
    #[napi(catch_unwind)]
    pub fn plug_replay_store(&mut self, store: Option<ClassInstance<'_, MemoryReplayStore>>) {
        let store: Arc<dyn ReplayStore> = match store {
            Some(store) => Arc::clone(&store.0) as _,
            None => Arc::clone(&self.uses) as _,
        };
        self.plug(|core| core.replay_store(store));
    }

    /// Tells the time.
    #[napi(catch_unwind)]
    pub fn tell_time(&self, seconds: f64) {
        self.time.tell(seconds);
    }

    /// The issuer that was asked about in vain; from then on nothing is told of any.
    #[napi(catch_unwind)]
    pub fn asked_issuer(&self) -> Option<String> {
        self.issuers.take_question()
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
        outcome(config.map(|config| self.issuers.tell(issuer, config)))
    }

    /// The use that was asked about in vain; from then on nothing is told of any.
    #[napi(catch_unwind)]
    pub fn asked_use(&self) -> Option<Use> {
        self.uses.take_question()
    }

    /// Tells whether a use was the first.
    #[napi(catch_unwind)]
    pub fn tell_use(&self, key: String, first: bool) {
        self.uses.tell(key, first);
    }
}

impl Ports {
    pub(crate) fn core(&self) -> at9068::Ports {
        self.core.clone()
    }

    fn plug(&mut self, plug: impl FnOnce(at9068::Ports) -> at9068::Ports) {
        self.core = plug(std::mem::take(&mut self.core));
    }
}

type ToldIssuers = Told<String, Option<IssuerConfig>>;
type ToldUses = Told<Use, bool>;

impl Resolver for ToldIssuers {
    fn resolve(&self, issuer: &str) -> at9068::Result<Option<IssuerConfig>> {
        let told = self.answer(issuer, || issuer.to_owned());
        told.ok_or_else(|| Error::from(ErrorCode::KeysUnavailable))
    }
}

/// A use of a token that may be used once.
#[napi(object, object_from_js = false)]
pub struct Use {
    /// What stands for the token.
    pub key: String,
    /// Until when it must be remembered.
    pub until: i64,
    /// The time by which the token was judged.
    pub now: i64,
}

impl ReplayStore for ToldUses {
    fn first_use(&self, key: &str, until: i64, now: i64) -> at9068::Result<bool> {
        let told = self.answer(key, || Use { key: key.to_owned(), until, now });
        told.ok_or_else(|| Error::from(ErrorCode::Internal))
    }
}
