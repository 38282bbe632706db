//! Keys of issuers, shared by validators.

use at9068::IssuerCacheConfig;
use napi::bindgen_prelude::ClassInstance;
use napi_derive::napi;

use crate::failure::{Outcome, outcome};
use crate::ports::Ports;

/// Keeps the keys of issuers.
#[napi]
pub struct IssuerCache(pub(crate) at9068::IssuerCache);

/// Makes a cache from configuration JSON.
#[napi(catch_unwind)]
pub fn new_issuer_cache(config: String, ports: ClassInstance<'_, Ports>) -> Outcome<IssuerCache> {
    let config = IssuerCacheConfig::from_json(&config);
    outcome(config.and_then(|config| at9068::IssuerCache::with_ports(config, ports.core())).map(IssuerCache))
}

#[napi]
impl IssuerCache {
    /// Where the keys of each issuer are in their life, as a JSON array.
    #[napi(catch_unwind)]
    pub fn status_json(&self) -> String {
        self.0.status_json()
    }

    /// The keys at hand, as a JSON text.
    #[napi(catch_unwind)]
    pub fn snapshot(&self) -> String {
        self.0.snapshot()
    }

    /// Takes keys from a snapshot.
    #[napi(catch_unwind)]
    pub fn restore(&self, text: String) -> Outcome<()> {
        outcome(self.0.restore(&text))
    }
}
