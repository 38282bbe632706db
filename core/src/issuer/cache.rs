//! Keys of issuers, shared by the validators that are given the cache.

use std::fmt;
use std::sync::Arc;

use arc_swap::ArcSwap;

use crate::config::{IssuerCacheConfig, invalid};
use crate::error::Result;
use crate::issuer::lifecycle::RemoteKeys;
use crate::issuer::outside::Outside;
use crate::issuer::settings::Settings;
use crate::issuer::source::Source;
use crate::issuer::{snapshot, status};
use crate::ports::{Fetch, Ports};

/// Fetches the keys of issuers and keeps them. Validators that are given the same cache share its
/// keys; keys are told apart by issuer and by where they come from. Cheap to clone; shared between
/// threads; usable after `fork`.
#[derive(Clone)]
pub struct IssuerCache {
    inner: Arc<Inner>,
}

struct Inner {
    settings: Arc<Settings>,
    outside: Arc<Outside>,
    /// Changed only where validators are made or meet a tenant for the first time.
    entries: ArcSwap<Entries>,
}

#[derive(Clone, Default)]
struct Entries {
    /// In the order in which they were last asked for.
    list: Vec<Arc<RemoteKeys>>,
    /// Keys from a snapshot for which no validator has asked yet.
    restored: Vec<snapshot::Restored>,
}

impl IssuerCache {
    /// A cache that fetches with the default client, where the feature `http` is on.
    ///
    /// # Errors
    /// `config_invalid`, naming what is wrong.
    pub fn new(config: IssuerCacheConfig) -> Result<Self> {
        Self::with_ports(config, Ports::default())
    }

    /// A cache with its own view of the outside world: clock, fetch and events.
    ///
    /// # Errors
    /// `config_invalid`, naming what is wrong.
    pub fn with_ports(config: IssuerCacheConfig, ports: Ports) -> Result<Self> {
        let settings = Arc::new(Settings::new(&config)?);
        let outside = Arc::new(Outside::new(ports, usual_fetch(config)?));
        Ok(Self { inner: Arc::new(Inner { settings, outside, entries: ArcSwap::default() }) })
    }

    /// Where the keys of every issuer are in their life: a JSON object whose member `issuers` is an
    /// array, equal in every language.
    ///
    /// Each entry has `issuer`, `state` (`empty`, `fresh`, `due`, `stale`, `expired`), `keys`
    /// (how many are usable), `kids`, `skipped`, `jwks_uri`, `age_seconds`, `refresh_in_seconds`,
    /// `expires_in_seconds`, `refreshing`, `last_error` (`code`, `reason`, `age_seconds`) and
    /// `counters`.
    #[must_use]
    pub fn status_json(&self) -> String {
        status::object_json(&self.inner.entries.load().list)
    }

    /// The keys at hand as a JSON text, so that a process that starts in an outage can
    /// [`restore`](Self::restore) them. It holds public keys only; whoever can change it chooses
    /// whom the API trusts.
    #[must_use]
    pub fn snapshot(&self) -> String {
        snapshot::write(&self.inner.entries.load().list)
    }

    /// Takes keys from a [`snapshot`](Self::snapshot), for issuers that have none yet. They age
    /// from when they were fetched: what is stale is tried to be refreshed first, what has expired
    /// is of no use.
    ///
    /// # Errors
    /// `argument_invalid` where the text is no snapshot; nothing is taken then.
    pub fn restore(&self, text: &str) -> Result<()> {
        let restored = snapshot::read(text, &self.inner.settings)?;
        let most = self.inner.settings.max_issuers;
        self.change(|before| {
            let mut after = before.clone();
            for one in &restored {
                if let Some(keys) = after.list.iter().find(|keys| one.is_of(keys.source())) {
                    keys.restore(one.held.clone());
                } else if after.restored.len() < most {
                    after.restored.push(one.clone());
                }
            }
            (after, ())
        });
        Ok(())
    }

    /// The cache of somebody who needs keys: one that was given, or one of its own where keys are
    /// fetched or it was configured.
    pub(crate) fn choose(
        given: Option<&Self>,
        config: Option<IssuerCacheConfig>,
        fetched: bool,
        ports: &Ports,
    ) -> Result<Option<Self>> {
        match (given, config) {
            (Some(_), Some(_)) => Err(invalid("issuer_cache beside a cache that is given")),
            (Some(cache), None) => Ok(Some(cache.clone())),
            (None, None) if !fetched => Ok(None),
            (None, config) => Self::with_ports(config.unwrap_or_default(), ports.clone()).map(Some),
        }
    }

    pub(crate) fn settings(&self) -> &Settings {
        &self.inner.settings
    }

    /// What else of an issuer is fetched with.
    pub(crate) fn surroundings(&self) -> (Arc<Settings>, Arc<Outside>) {
        (Arc::clone(&self.inner.settings), Arc::clone(&self.inner.outside))
    }

    /// The keys of an issuer, shared with whoever asked for the same before. Where the cache is
    /// full, the issuer that was asked for longest ago is no longer shared; validators that have
    /// its keys go on with them.
    pub(crate) fn keys(&self, source: &Source) -> Arc<RemoteKeys> {
        self.change(|before| {
            let mut after = before.clone();
            let place = after.list.iter().position(|keys| keys.source() == source);
            let keys = match place {
                Some(place) => after.list.remove(place),
                None => {
                    let keys = self.unshared(source.clone());
                    if let Some(place) = after.restored.iter().position(|one| one.is_of(source)) {
                        keys.restore(after.restored.remove(place).held);
                    }
                    keys
                }
            };
            if after.list.len() >= self.inner.settings.max_issuers {
                after.list.remove(0);
            }
            after.list.push(Arc::clone(&keys));
            (after, keys)
        })
    }

    /// Keys of a source that nobody else sees.
    pub(crate) fn unshared(&self, source: Source) -> Arc<RemoteKeys> {
        RemoteKeys::new(source, Arc::clone(&self.inner.settings), Arc::clone(&self.inner.outside))
    }

    /// Changes the entries, again where somebody else did so meanwhile: without a lock, which a
    /// process made by `fork` might find held.
    fn change<T>(&self, change: impl Fn(&Entries) -> (Entries, T)) -> T {
        loop {
            let before = self.inner.entries.load_full();
            let (after, result) = change(&before);
            let found = self.inner.entries.compare_and_swap(&before, Arc::new(after));
            if Arc::ptr_eq(&found, &before) {
                return result;
            }
        }
    }
}

impl fmt::Debug for IssuerCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IssuerCache").field("issuers", &self.inner.entries.load().list.len()).finish_non_exhaustive()
    }
}

#[cfg(feature = "http")]
fn usual_fetch(config: IssuerCacheConfig) -> Result<Option<Arc<dyn Fetch>>> {
    let options = crate::ports::HttpOptions { ca_bundle: config.ca_bundle, proxy: config.proxy };
    Ok(Some(Arc::new(crate::ports::HttpFetch::new(options)?)))
}

#[cfg(not(feature = "http"))]
fn usual_fetch(config: IssuerCacheConfig) -> Result<Option<Arc<dyn Fetch>>> {
    if config.ca_bundle.is_some() || config.proxy.is_some() {
        return Err(invalid("ca_bundle and proxy are for the HTTP client, which is not built in"));
    }
    Ok(None)
}
