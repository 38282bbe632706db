//! The configuration of client assertions: of clients that make them, and of the authorization
//! server that accepts them.

use serde::Deserialize;

use crate::algorithm::Algorithm;
use crate::config::{Handles, IssuerCacheConfig, KeySource, Secret, objects, optional_object, read};
use crate::error::{ErrorCode, Result};
use crate::key::{KeySet, SigningKey};

/// How a client authenticates by assertions: `private_key_jwt` with `keys`, `client_secret_jwt`
/// with `client_secret` (OpenID Connect Core §9).
///
/// # Defaults
/// * `algorithm`: that of the first usable key; HS256 for a secret
/// * `lifetime_seconds`: 60, and 300 at most
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ClientAssertionMinterConfig {
    /// The client's identifier, which is issuer and subject of its assertions.
    pub(crate) client_id: String,
    /// The issuer identifier of the authorization server, which alone the assertions are meant for.
    pub(crate) audience: String,
    /// The client's signing keys as private JWKs, never symmetric ones; the first that serves the
    /// algorithm signs.
    pub(crate) keys: Option<KeySource>,
    /// The client's secret, whose UTF-8 octets are the key of HMAC; at least as long as its hash
    /// (RFC 7518 §3.2).
    pub(crate) client_secret: Option<Secret>,
    /// The algorithm that assertions are signed with.
    pub(crate) algorithm: Option<Algorithm>,
    /// The time from `iat` to `exp`, in seconds, 1 to 300.
    pub(crate) lifetime_seconds: Option<u32>,
    /// What references in JSON mean.
    #[serde(skip)]
    pub(crate) handles: Handles,
}

impl ClientAssertionMinterConfig {
    /// A client with its signing keys, and the issuer identifier of the authorization server:
    /// `private_key_jwt`.
    #[must_use]
    pub fn new(
        client_id: impl Into<String>,
        audience: impl Into<String>,
        keys: impl IntoIterator<Item = SigningKey>,
    ) -> Self {
        Self { keys: Some(KeySource::Signing(keys.into_iter().collect())), ..Self::bare(client_id, audience) }
    }

    /// A client with its secret, and the issuer identifier of the authorization server:
    /// `client_secret_jwt`.
    #[must_use]
    pub fn with_secret(
        client_id: impl Into<String>,
        audience: impl Into<String>,
        client_secret: impl Into<String>,
    ) -> Self {
        Self { client_secret: Some(Secret::new(client_secret)), ..Self::bare(client_id, audience) }
    }

    fn bare(client_id: impl Into<String>, audience: impl Into<String>) -> Self {
        Self {
            client_id: client_id.into(),
            audience: audience.into(),
            keys: None,
            client_secret: None,
            algorithm: None,
            lifetime_seconds: None,
            handles: Handles::default(),
        }
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

    /// The algorithm that assertions are signed with.
    #[must_use]
    pub fn algorithm(mut self, algorithm: Algorithm) -> Self {
        self.algorithm = Some(algorithm);
        self
    }

    /// The time from `iat` to `exp`, in seconds, 1 to 300.
    #[must_use]
    pub fn lifetime_seconds(mut self, seconds: u32) -> Self {
        self.lifetime_seconds = Some(seconds);
        self
    }
}

/// Which client assertions an authorization server accepts.
///
/// # Defaults
/// * `danger_token_endpoint_audience`: none
/// * `danger_jwt_type`: false
/// * `leeway_seconds`: 30, and 300 at most
/// * `max_lifetime_seconds`: 300
/// * `max_token_bytes`: 16384, and 65536 at most
#[derive(Clone, Debug, Default, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ClientAssertionConfig {
    /// The issuer identifier of this authorization server, which must be the one audience of an
    /// assertion, to the letter (draft-ietf-oauth-rfc7523bis).
    pub(crate) issuer: String,
    /// The clients, each with its own keys or secret.
    #[serde(deserialize_with = "objects")]
    pub(crate) clients: Vec<ClientConfig>,
    /// URLs of this server that are accepted as the one audience as well, such as that of the token
    /// endpoint (RFC 7523 §3). A client that can be made to send an assertion to another server that
    /// names these URLs as its own can be impersonated here.
    pub(crate) danger_token_endpoint_audience: Option<Vec<String>>,
    /// Whether the type `JWT` is accepted too, which says nothing about what a token is for.
    pub(crate) danger_jwt_type: Option<bool>,
    /// Seconds by which clocks may differ, 0 to 300.
    pub(crate) leeway_seconds: Option<u32>,
    /// The longest time from now to `exp`, to which the leeway is added, and from `iat` to `exp`, to
    /// which it is not, in seconds.
    pub(crate) max_lifetime_seconds: Option<u32>,
    /// The largest assertion that is looked at, in octets.
    pub(crate) max_token_bytes: Option<u32>,
    /// How keys are fetched and kept, where the validator is not given a cache.
    #[serde(default, deserialize_with = "optional_object")]
    pub(crate) issuer_cache: Option<IssuerCacheConfig>,
    /// What references in JSON mean.
    #[serde(skip)]
    pub(crate) handles: Handles,
}

/// A client and what it authenticates with: exactly one of `jwks`, `jwks_uri` and `client_secret`.
///
/// # Defaults
/// * `algorithms`: every asymmetric algorithm; with a secret, those of HMAC that it is long enough
///   for
#[derive(Clone, Debug, Default, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ClientConfig {
    /// The client's identifier, compared to the letter.
    pub(crate) client_id: String,
    /// The client's public keys, fixed.
    pub(crate) jwks: Option<KeySource>,
    /// Where the client's public keys are fetched from. Clients choose it when they register: so
    /// its host must have public addresses only, unless it is one of the cache's `trusted_hosts`.
    pub(crate) jwks_uri: Option<String>,
    /// The client's secret, whose UTF-8 octets are the key of HMAC; at least as long as its hash
    /// (RFC 7518 §3.2).
    pub(crate) client_secret: Option<Secret>,
    /// The algorithms accepted.
    pub(crate) algorithms: Option<Vec<Algorithm>>,
    /// RFC 7638 thumbprints of the only keys of the client that count.
    pub(crate) key_thumbprints: Option<Vec<String>>,
}

impl ClientAssertionConfig {
    /// An authorization server, by its issuer identifier, and its clients.
    #[must_use]
    pub fn new(issuer: impl Into<String>, clients: impl IntoIterator<Item = ClientConfig>) -> Self {
        Self { issuer: issuer.into(), clients: clients.into_iter().collect(), ..Self::default() }
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

    /// URLs of this server that are accepted as the one audience as well. A client that can be made
    /// to send an assertion to another server that names them as its own can be impersonated here.
    #[must_use]
    pub fn danger_token_endpoint_audience<T: Into<String>>(mut self, urls: impl IntoIterator<Item = T>) -> Self {
        self.danger_token_endpoint_audience = Some(urls.into_iter().map(Into::into).collect());
        self
    }

    /// Whether the type `JWT` is accepted too, which says nothing about what a token is for.
    #[must_use]
    pub fn danger_jwt_type(mut self, accepted: bool) -> Self {
        self.danger_jwt_type = Some(accepted);
        self
    }

    /// Seconds by which clocks may differ, 0 to 300.
    #[must_use]
    pub fn leeway_seconds(mut self, seconds: u32) -> Self {
        self.leeway_seconds = Some(seconds);
        self
    }

    /// The longest time from now to `exp`, and from `iat` to `exp`, in seconds.
    #[must_use]
    pub fn max_lifetime_seconds(mut self, seconds: u32) -> Self {
        self.max_lifetime_seconds = Some(seconds);
        self
    }

    /// The largest assertion that is looked at, in octets.
    #[must_use]
    pub fn max_token_bytes(mut self, bytes: u32) -> Self {
        self.max_token_bytes = Some(bytes);
        self
    }

    /// How keys are fetched and kept, where the validator is not given a cache.
    #[must_use]
    pub fn issuer_cache(mut self, config: IssuerCacheConfig) -> Self {
        self.issuer_cache = Some(config);
        self
    }
}

impl ClientConfig {
    /// A client with its public keys: `private_key_jwt`.
    #[must_use]
    pub fn new(client_id: impl Into<String>, keys: &KeySet) -> Self {
        Self { client_id: client_id.into(), jwks: Some(KeySource::Set(keys.clone())), ..Self::default() }
    }

    /// A client whose public keys are fetched: `private_key_jwt`.
    #[must_use]
    pub fn fetched(client_id: impl Into<String>, jwks_uri: impl Into<String>) -> Self {
        Self { client_id: client_id.into(), jwks_uri: Some(jwks_uri.into()), ..Self::default() }
    }

    /// A client with its secret: `client_secret_jwt`.
    #[must_use]
    pub fn with_secret(client_id: impl Into<String>, client_secret: impl Into<String>) -> Self {
        let client_secret = Some(Secret::new(client_secret));
        Self { client_id: client_id.into(), client_secret, ..Self::default() }
    }

    /// The algorithms accepted.
    #[must_use]
    pub fn algorithms(mut self, algorithms: impl IntoIterator<Item = Algorithm>) -> Self {
        self.algorithms = Some(algorithms.into_iter().collect());
        self
    }

    /// RFC 7638 thumbprints of the only keys of the client that count.
    #[must_use]
    pub fn key_thumbprints<T: Into<String>>(mut self, thumbprints: impl IntoIterator<Item = T>) -> Self {
        self.key_thumbprints = Some(thumbprints.into_iter().map(Into::into).collect());
        self
    }
}
