//! The configuration of a cache of issuers' keys.

use serde::Deserialize;

use crate::config::read;
use crate::error::{ErrorCode, Result};

/// Which of an issuer's metadata documents are asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Discovery {
    /// Both; where both are there, they must agree.
    #[default]
    Auto,
    /// `/.well-known/oauth-authorization-server` (RFC 8414).
    Oauth,
    /// `/.well-known/openid-configuration` (OpenID Connect Discovery).
    Openid,
}

/// How the keys of issuers are fetched and kept.
///
/// # Defaults
/// * `max_issuers`: 256
/// * `max_stale_seconds`: 3600, and 86400 at most
/// * `cooldown_seconds`: 30, from 1 to 3600
/// * `timeout_seconds`: 5, and 60 at most; `connect_timeout_seconds`: 2
/// * `ca_bundle`: the system's trust roots
/// * `proxy`: none; the environment is not asked
/// * `same_origin`: false
/// * `trusted_hosts`: none
/// * `danger_http_loopback`: false
#[derive(Clone, Debug, Default, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct IssuerCacheConfig {
    /// The most issuers whose keys are kept at a time.
    pub(crate) max_issuers: Option<u32>,
    /// For how long keys whose time is over are still used while none can be fetched.
    pub(crate) max_stale_seconds: Option<u32>,
    /// The least time between a fetch and the next one that an unknown `kid` or a bad signature
    /// brings about.
    pub(crate) cooldown_seconds: Option<u32>,
    /// How long a refresh may take in all, in seconds, a fraction included.
    pub(crate) timeout_seconds: Option<f64>,
    /// How long it may take to be connected, in seconds, a fraction included.
    pub(crate) connect_timeout_seconds: Option<f64>,
    /// Certificates in PEM that are trusted instead of the system's.
    pub(crate) ca_bundle: Option<String>,
    /// The URL of an HTTP proxy.
    pub(crate) proxy: Option<String>,
    /// Whether `jwks_uri` must have the origin of the issuer (RFC 6454 §4).
    pub(crate) same_origin: Option<bool>,
    /// Hosts that may be anywhere, be it in this server's own network, even where their names are
    /// learned from documents. The hosts of configured issuers and `jwks_uri` always may.
    pub(crate) trusted_hosts: Option<Vec<String>>,
    /// Whether http, without TLS, is allowed to loopback addresses. For tests only.
    pub(crate) danger_http_loopback: Option<bool>,
}

impl IssuerCacheConfig {
    /// All defaults.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads a JSON text.
    ///
    /// # Errors
    /// `config_invalid`, naming the member that is unknown or wrong.
    pub fn from_json(text: &str) -> Result<Self> {
        read(text, ErrorCode::ConfigInvalid)
    }

    /// The most issuers whose keys are kept at a time, from 1 to 100000.
    #[must_use]
    pub fn max_issuers(mut self, most: u32) -> Self {
        self.max_issuers = Some(most);
        self
    }

    /// For how long keys whose time is over are still used while none can be fetched.
    #[must_use]
    pub fn max_stale_seconds(mut self, seconds: u32) -> Self {
        self.max_stale_seconds = Some(seconds);
        self
    }

    /// The least time between a fetch and the next one that an unknown `kid` or a bad signature
    /// brings about.
    #[must_use]
    pub fn cooldown_seconds(mut self, seconds: u32) -> Self {
        self.cooldown_seconds = Some(seconds);
        self
    }

    /// How long a refresh may take in all.
    #[must_use]
    pub fn timeout_seconds(mut self, seconds: f64) -> Self {
        self.timeout_seconds = Some(seconds);
        self
    }

    /// How long it may take to be connected.
    #[must_use]
    pub fn connect_timeout_seconds(mut self, seconds: f64) -> Self {
        self.connect_timeout_seconds = Some(seconds);
        self
    }

    /// Certificates in PEM that are trusted instead of the system's.
    #[must_use]
    pub fn ca_bundle(mut self, pem: impl Into<String>) -> Self {
        self.ca_bundle = Some(pem.into());
        self
    }

    /// The URL of an HTTP proxy.
    #[must_use]
    pub fn proxy(mut self, url: impl Into<String>) -> Self {
        self.proxy = Some(url.into());
        self
    }

    /// Whether `jwks_uri` must have the origin of the issuer.
    #[must_use]
    pub fn same_origin(mut self, same: bool) -> Self {
        self.same_origin = Some(same);
        self
    }

    /// Hosts that may be anywhere, even where their names are learned from documents.
    #[must_use]
    pub fn trusted_hosts<T: Into<String>>(mut self, hosts: impl IntoIterator<Item = T>) -> Self {
        self.trusted_hosts = Some(hosts.into_iter().map(Into::into).collect());
        self
    }

    /// Allows http, without TLS, to loopback addresses. For tests only.
    #[must_use]
    pub fn danger_http_loopback(mut self, allowed: bool) -> Self {
        self.danger_http_loopback = Some(allowed);
        self
    }
}
