//! The configuration of a validator of ID tokens.

use serde::Deserialize;

use crate::algorithm::Algorithm;
use crate::config::{Discovery, Handles, IssuerCacheConfig, KeySource, optional_object, read};
use crate::error::{ErrorCode, Result};
use crate::key::KeySet;

/// What a client (relying party) accepts of one OpenID provider.
///
/// Keys are given or fetched, exactly as for access tokens.
///
/// # Defaults
/// * `algorithms`: every asymmetric algorithm; HMAC only where listed here
/// * `trusted_audiences`: none, so that a token is for this client only
/// * `leeway_seconds`: 30, and 300 at most
/// * `max_lifetime_seconds`: none
/// * `max_token_bytes`: 16384, and 65536 at most
/// * `discovery`: both kinds of metadata, where neither `jwks` nor `jwks_uri` is given
/// * `danger_any_nonce`: false
#[derive(Clone, Debug, Default, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct IdTokenConfig {
    /// The issuer identifier, compared to the letter (OpenID Connect Core §3.1.3.7, item 2).
    pub(crate) issuer: String,
    /// The client's own identifier, which `aud` must contain.
    pub(crate) client_id: String,
    /// The issuer's keys, fixed.
    pub(crate) jwks: Option<KeySource>,
    /// Where the issuer's keys are fetched from. Without keys and without this, its metadata tells.
    pub(crate) jwks_uri: Option<String>,
    /// Which metadata documents are asked where neither keys nor `jwks_uri` are given.
    pub(crate) discovery: Option<Discovery>,
    /// RFC 7638 thumbprints of the only keys of the issuer that count.
    pub(crate) key_thumbprints: Option<Vec<String>>,
    /// How keys are fetched and kept, where the validator is not given a cache.
    #[serde(default, deserialize_with = "optional_object")]
    pub(crate) issuer_cache: Option<IssuerCacheConfig>,
    /// The algorithms accepted.
    pub(crate) algorithms: Option<Vec<Algorithm>>,
    /// Audiences that may stand beside the client; a token with any other is refused.
    pub(crate) trusted_audiences: Option<Vec<String>>,
    /// Seconds by which clocks may differ, 0 to 300.
    pub(crate) leeway_seconds: Option<u32>,
    /// The longest time from `iat` to `exp`, in seconds, to which no leeway is added.
    pub(crate) max_lifetime_seconds: Option<u32>,
    /// The largest token that is looked at, in octets.
    pub(crate) max_token_bytes: Option<u32>,
    /// Whether a token with a `nonce` is accepted where none is expected, so that one that was
    /// issued for another login is accepted too.
    pub(crate) danger_any_nonce: Option<bool>,
    /// What references in JSON mean.
    #[serde(skip)]
    pub(crate) handles: Handles,
}

impl IdTokenConfig {
    /// A provider, whose metadata tells where its keys are unless they are given, and the client.
    #[must_use]
    pub fn new(issuer: impl Into<String>, client_id: impl Into<String>) -> Self {
        Self { issuer: issuer.into(), client_id: client_id.into(), ..Self::default() }
    }

    /// Reads a JSON text.
    ///
    /// # Errors
    /// `config_invalid`, naming the member that is unknown or wrong.
    pub fn from_json(text: &str) -> Result<Self> {
        Self::from_json_with(text, &Handles::default())
    }

    /// Reads a JSON text that refers to handles.
    ///
    /// # Errors
    /// `config_invalid`, naming the member that is unknown or wrong.
    pub fn from_json_with(text: &str, handles: &Handles) -> Result<Self> {
        let config: Self = read(text, ErrorCode::ConfigInvalid)?;
        Ok(Self { handles: handles.clone(), ..config })
    }

    /// The issuer's keys.
    #[must_use]
    pub fn keys(mut self, keys: &KeySet) -> Self {
        self.jwks = Some(KeySource::Set(keys.clone()));
        self
    }

    /// Where the issuer's keys are fetched from.
    #[must_use]
    pub fn jwks_uri(mut self, url: impl Into<String>) -> Self {
        self.jwks_uri = Some(url.into());
        self
    }

    /// Which metadata documents are asked where neither keys nor `jwks_uri` are given.
    #[must_use]
    pub fn discovery(mut self, discovery: Discovery) -> Self {
        self.discovery = Some(discovery);
        self
    }

    /// RFC 7638 thumbprints of the only keys of the issuer that count.
    #[must_use]
    pub fn key_thumbprints<T: Into<String>>(mut self, thumbprints: impl IntoIterator<Item = T>) -> Self {
        self.key_thumbprints = Some(thumbprints.into_iter().map(Into::into).collect());
        self
    }

    /// How keys are fetched and kept, where the validator is not given a cache.
    #[must_use]
    pub fn issuer_cache(mut self, config: IssuerCacheConfig) -> Self {
        self.issuer_cache = Some(config);
        self
    }

    /// The algorithms accepted.
    #[must_use]
    pub fn algorithms(mut self, algorithms: impl IntoIterator<Item = Algorithm>) -> Self {
        self.algorithms = Some(algorithms.into_iter().collect());
        self
    }

    /// Audiences that may stand beside the client.
    #[must_use]
    pub fn trusted_audiences<T: Into<String>>(mut self, audiences: impl IntoIterator<Item = T>) -> Self {
        self.trusted_audiences = Some(audiences.into_iter().map(Into::into).collect());
        self
    }

    /// Seconds by which clocks may differ, 0 to 300.
    #[must_use]
    pub fn leeway_seconds(mut self, seconds: u32) -> Self {
        self.leeway_seconds = Some(seconds);
        self
    }

    /// The longest time from `iat` to `exp`, in seconds.
    #[must_use]
    pub fn max_lifetime_seconds(mut self, seconds: u32) -> Self {
        self.max_lifetime_seconds = Some(seconds);
        self
    }

    /// The largest token that is looked at, in octets.
    #[must_use]
    pub fn max_token_bytes(mut self, bytes: u32) -> Self {
        self.max_token_bytes = Some(bytes);
        self
    }

    /// Accepts a token with a `nonce` where none is expected: then one that was issued for another
    /// login, be it an attacker's, is accepted too.
    #[must_use]
    pub fn danger_any_nonce(mut self, accepted: bool) -> Self {
        self.danger_any_nonce = Some(accepted);
        self
    }
}
