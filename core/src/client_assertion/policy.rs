//! A validator's configuration, checked once and made ready for use.

use std::sync::Arc;

use crate::algorithm::{Algorithm, AlgorithmSet};
use crate::claims::Times;
use crate::config::{ClientAssertionConfig, ClientConfig, Handles, checks, invalid};
use crate::error::{Error, ErrorCode, Kind, Result};
use crate::issuer::{IssuerCache, KeyConfig, Keys, RemoteKeys};
use crate::key::{KeySet, SigningKey};
use crate::ports::Ports;
use crate::replay::SingleUse;

const DEFAULT_LIFETIME: i64 = 300;

pub(super) struct Policy {
    pub(super) issuer: String,
    /// What the one audience may be.
    pub(super) audiences: Vec<String>,
    /// In the order of their identifiers.
    pub(super) clients: Vec<Client>,
    pub(super) any_jwt: bool,
    pub(super) times: Times,
    pub(super) max_lifetime: i64,
    pub(super) max_token_bytes: usize,
    pub(super) ports: Ports,
    /// Where keys are fetched, for whom any are.
    pub(super) cache: Option<IssuerCache>,
    pub(super) uses: SingleUse,
}

/// A client. Its keys verify its assertions and no others.
pub(super) struct Client {
    pub(super) client_id: String,
    pub(super) keys: Keys,
    pub(super) algorithms: AlgorithmSet,
    /// Whether the operator gave a list of algorithms.
    pub(super) listed: bool,
    /// Thumbprints of the only keys that count; all count where it is empty.
    pub(super) pinned: Vec<String>,
}

impl Policy {
    pub(super) fn new(mut config: ClientAssertionConfig, ports: Ports, cache: Option<&IssuerCache>) -> Result<Self> {
        if config.issuer.is_empty() {
            return Err(invalid("issuer is empty"));
        }
        let mut audiences = config.danger_token_endpoint_audience.take().unwrap_or_default();
        if audiences.iter().any(String::is_empty) {
            return Err(invalid("danger_token_endpoint_audience has an empty entry"));
        }
        audiences.insert(0, config.issuer.clone());
        let fetched = config.clients.iter().any(|client| client.jwks_uri.is_some());
        let cache = IssuerCache::choose(cache, config.issuer_cache.take(), fetched, &ports)?;
        let client = |client| Client::new(client, &config.handles, cache.as_ref());
        let mut clients = config.clients.iter().map(client).collect::<Result<Vec<_>>>()?;
        clients.sort_by(|one, other| one.client_id.cmp(&other.client_id));
        if clients.is_empty() {
            return Err(invalid("clients is empty"));
        }
        if clients.windows(2).any(|pair| matches!(pair, [one, other] if one.client_id == other.client_id)) {
            return Err(invalid("clients has a client_id twice"));
        }
        let max_lifetime = checks::lifetime(config.max_lifetime_seconds)?.unwrap_or(DEFAULT_LIFETIME);
        let leeway = checks::leeway(config.leeway_seconds)?.unwrap_or(checks::DEFAULT_LEEWAY);
        Ok(Self {
            audiences,
            clients,
            any_jwt: config.danger_jwt_type.unwrap_or(false),
            times: Times { leeway, max_lifetime: Some(max_lifetime) },
            max_lifetime,
            max_token_bytes: checks::token_bytes(config.max_token_bytes)?,
            uses: SingleUse::new(Kind::ClientAssertion, &ports),
            issuer: config.issuer,
            ports,
            cache,
        })
    }

    /// The client that an assertion says it is from.
    pub(super) fn client(&self, iss: &str) -> Result<&Client> {
        let place = self.clients.binary_search_by(|client| client.client_id.as_str().cmp(iss)).ok();
        let client = place.and_then(|place| self.clients.get(place));
        client.ok_or_else(|| Error::new(ErrorCode::IssuerUnknown).with_claim("iss"))
    }

    pub(super) fn remote_keys(&self) -> Vec<Arc<RemoteKeys>> {
        self.clients.iter().filter_map(|client| client.keys.remote()).cloned().collect()
    }
}

impl Client {
    fn new(config: &ClientConfig, handles: &Handles, cache: Option<&IssuerCache>) -> Result<Self> {
        if config.client_id.is_empty() {
            return Err(invalid("clients has an empty client_id"));
        }
        let sources = [config.jwks.is_some(), config.jwks_uri.is_some(), config.client_secret.is_some()];
        if sources.into_iter().filter(|given| *given).count() != 1 {
            return Err(invalid("a client has exactly one of jwks, jwks_uri and client_secret"));
        }
        let given = config.algorithms.as_deref();
        let listed = checks::algorithms(given)?;
        let secret = config.client_secret.as_ref();
        if given.unwrap_or_default().iter().any(|algorithm| algorithm.is_symmetric() != secret.is_some()) {
            return Err(invalid("algorithms has one that is not for what the client authenticates with"));
        }
        let (keys, usual) = match secret {
            Some(secret) => {
                let key = SigningKey::of_secret(secret.as_str().as_bytes());
                let key = key.map_err(|_| invalid("client_secret is shorter than 32 octets, or a key's text"))?;
                if !given.unwrap_or_default().iter().all(|algorithm| key.serves(*algorithm)) {
                    return Err(invalid("client_secret is too short for its algorithms"));
                }
                if config.key_thumbprints.is_some() {
                    return Err(invalid("key_thumbprints beside client_secret, which has none"));
                }
                let usual = Algorithm::ALL.iter().copied().filter(|algorithm| key.serves(*algorithm)).collect();
                (Keys::Given(KeySet::from_signing_keys([&key])?), usual)
            }
            None => {
                let keys = KeyConfig {
                    issuer: &config.client_id,
                    jwks: config.jwks.as_ref(),
                    jwks_uri: config.jwks_uri.as_deref(),
                    discovery: None,
                };
                (Keys::new(keys, handles, cache, false)?, AlgorithmSet::asymmetric())
            }
        };
        Ok(Self {
            client_id: config.client_id.clone(),
            keys,
            algorithms: listed.unwrap_or(usual),
            listed: listed.is_some(),
            pinned: checks::thumbprints(config.key_thumbprints.as_deref())?,
        })
    }
}
