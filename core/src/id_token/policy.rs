//! The configuration of a validator of ID tokens, checked once and made ready for use.

use std::sync::Arc;

use crate::algorithm::AlgorithmSet;
use crate::claims::Times;
use crate::config::{IdTokenConfig, checks, invalid};
use crate::error::Result;
use crate::issuer::{IssuerCache, KeyConfig, Keys, RemoteKeys};
use crate::ports::Ports;

pub(super) struct Policy {
    pub(super) issuer: String,
    pub(super) client_id: String,
    pub(super) keys: Keys,
    /// Thumbprints of the only keys that count; all count where it is empty.
    pub(super) pinned: Vec<String>,
    pub(super) algorithms: AlgorithmSet,
    /// Whether the operator gave a list of algorithms.
    pub(super) listed: bool,
    pub(super) trusted_audiences: Vec<String>,
    pub(super) times: Times,
    pub(super) max_token_bytes: usize,
    pub(super) any_nonce: bool,
    pub(super) ports: Ports,
    /// Where keys are fetched, if they are.
    pub(super) cache: Option<IssuerCache>,
}

impl Policy {
    pub(super) fn new(mut config: IdTokenConfig, ports: Ports, cache: Option<&IssuerCache>) -> Result<Self> {
        if config.issuer.is_empty() {
            return Err(invalid("issuer is empty"));
        }
        if config.client_id.is_empty() {
            return Err(invalid("client_id is empty"));
        }
        let trusted_audiences = config.trusted_audiences.take().unwrap_or_default();
        if trusted_audiences.iter().any(String::is_empty) {
            return Err(invalid("trusted_audiences has an empty entry"));
        }
        let listed = checks::algorithms(config.algorithms.as_deref())?;
        let times = Times {
            leeway: checks::leeway(config.leeway_seconds)?.unwrap_or(checks::DEFAULT_LEEWAY),
            max_lifetime: checks::lifetime(config.max_lifetime_seconds)?,
        };
        let max_token_bytes = checks::token_bytes(config.max_token_bytes)?;
        let pinned = checks::thumbprints(config.key_thumbprints.as_deref())?;
        let cache = IssuerCache::choose(cache, config.issuer_cache.take(), config.jwks.is_none(), &ports)?;
        let key_config = KeyConfig {
            issuer: &config.issuer,
            jwks: config.jwks.as_ref(),
            jwks_uri: config.jwks_uri.as_deref(),
            discovery: config.discovery,
        };
        let keys = Keys::new(key_config, &config.handles, cache.as_ref(), true)?;
        Ok(Self {
            issuer: config.issuer,
            client_id: config.client_id,
            keys,
            pinned,
            algorithms: listed.unwrap_or_else(AlgorithmSet::asymmetric),
            listed: listed.is_some(),
            trusted_audiences,
            times,
            max_token_bytes,
            any_nonce: config.danger_any_nonce.unwrap_or(false),
            ports,
            cache,
        })
    }

    /// The keys that are fetched.
    pub(super) fn remote_keys(&self) -> Vec<Arc<RemoteKeys>> {
        self.keys.remote().cloned().into_iter().collect()
    }
}
