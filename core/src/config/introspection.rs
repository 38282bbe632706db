//! The configuration of introspection: how an issuer is asked about tokens, and when.

use std::fmt;

use serde::Deserialize;

use crate::algorithm::Algorithm;
use crate::config::{Handles, KeySource, Secret, read};
use crate::error::{ErrorCode, Result};
use crate::key::SigningKey;

/// How a token of an issuer is judged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Strategy {
    /// By its signature and claims. The issuer is not asked.
    #[default]
    Local,
    /// By what the issuer says of it (RFC 7662).
    Introspection,
    /// By its signature and claims; and again and again by what the issuer says of it, where it
    /// lives longer than `every_seconds`.
    LocalThenIntrospection,
}

impl Strategy {
    /// The name, as configuration has it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Local => "local",
            Self::Introspection => "introspection",
            Self::LocalThenIntrospection => "local_then_introspection",
        }
    }
}

impl fmt::Display for Strategy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// How this server authenticates at the issuer's introspection endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub(crate) enum ClientAuthentication {
    /// `client_id` and `client_secret` in the header `Authorization` (RFC 6749 §2.3.1).
    ClientSecretBasic,
    /// `client_id` and `client_secret` in the body (RFC 6749 §2.3.1).
    ClientSecretPost,
    /// An assertion that is signed with `keys` (RFC 7523 §2.2).
    PrivateKeyJwt,
    /// `bearer_token` in the header `Authorization` (RFC 6750 §2.1).
    Bearer,
}

/// How an issuer is asked about its tokens (RFC 7662), and how long its answers hold.
///
/// # Defaults
/// * `audience`: the issuer; `algorithm`: that of the first usable key
/// * `signed_response`: false
/// * `cache_seconds`: 30, from 1 to 3600; `every_seconds`: none, from 1 to 86400
/// * `cache_entries`: 10000, from 100 to 1000000
/// * `local_verdict_while_unavailable_seconds`: 0, and 86400 at most
/// * `opaque_tokens`: where the strategy is `introspection`
/// * `danger_audience_optional`: false
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct IntrospectionConfig {
    /// The URL of the issuer's introspection endpoint.
    pub(crate) endpoint: String,
    /// How this server authenticates there.
    pub(crate) authentication: ClientAuthentication,
    /// This server's identifier as a client of the issuer.
    pub(crate) client_id: Option<String>,
    /// This server's secret, for `client_secret_basic` and `client_secret_post`.
    pub(crate) client_secret: Option<Secret>,
    /// This server's signing keys as private JWKs, for `private_key_jwt`; the first usable one signs.
    pub(crate) keys: Option<KeySource>,
    /// The algorithm that assertions are signed with.
    pub(crate) algorithm: Option<Algorithm>,
    /// For whom assertions are meant.
    pub(crate) audience: Option<String>,
    /// The access token for `bearer`.
    pub(crate) bearer_token: Option<Secret>,
    /// Whether answers must be signed (RFC 9701).
    pub(crate) signed_response: Option<bool>,
    /// For how long an answer holds where the strategy is `introspection`, in seconds.
    pub(crate) cache_seconds: Option<u32>,
    /// How old an answer, or the token itself, may become until the issuer is asked where the
    /// strategy is `local_then_introspection`, in seconds.
    pub(crate) every_seconds: Option<u32>,
    /// The most answers that are kept at a time.
    pub(crate) cache_entries: Option<u32>,
    /// For how long the local verdict stands while the issuer cannot be asked, where the strategy
    /// is `local_then_introspection`, in seconds.
    pub(crate) local_verdict_while_unavailable_seconds: Option<u32>,
    /// Whether tokens that are no JWTs are this issuer's. Those of one issuer at most may be.
    pub(crate) opaque_tokens: Option<bool>,
    /// Whether answers that name no audience are accepted: tokens that a client got for another
    /// API are then accepted here.
    pub(crate) danger_audience_optional: Option<bool>,
}

impl IntrospectionConfig {
    /// Authenticates with a secret in the header `Authorization`.
    #[must_use]
    pub fn client_secret_basic(
        endpoint: impl Into<String>,
        client_id: impl Into<String>,
        client_secret: impl Into<String>,
    ) -> Self {
        let bare = Self::bare(endpoint, ClientAuthentication::ClientSecretBasic);
        Self { client_secret: Some(Secret::new(client_secret)), ..bare }.client_id(client_id)
    }

    /// Authenticates with a secret in the body.
    #[must_use]
    pub fn client_secret_post(
        endpoint: impl Into<String>,
        client_id: impl Into<String>,
        client_secret: impl Into<String>,
    ) -> Self {
        let bare = Self::bare(endpoint, ClientAuthentication::ClientSecretPost);
        Self { client_secret: Some(Secret::new(client_secret)), ..bare }.client_id(client_id)
    }

    /// Authenticates with assertions that these keys sign.
    #[must_use]
    pub fn private_key_jwt(
        endpoint: impl Into<String>,
        client_id: impl Into<String>,
        keys: impl IntoIterator<Item = SigningKey>,
    ) -> Self {
        let bare = Self::bare(endpoint, ClientAuthentication::PrivateKeyJwt);
        Self { keys: Some(KeySource::Signing(keys.into_iter().collect())), ..bare }.client_id(client_id)
    }

    /// Authenticates with an access token.
    #[must_use]
    pub fn bearer(endpoint: impl Into<String>, token: impl Into<String>) -> Self {
        Self { bearer_token: Some(Secret::new(token)), ..Self::bare(endpoint, ClientAuthentication::Bearer) }
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
        read::<Self>(text, ErrorCode::ConfigInvalid)?.resolved(handles)
    }

    /// The same with its references to handles followed.
    pub(crate) fn resolved(self, handles: &Handles) -> Result<Self> {
        let keys = self.keys.map(|keys| keys.signing_keys(handles).map(|(keys, _)| KeySource::Signing(keys)));
        Ok(Self { keys: keys.transpose()?, ..self })
    }

    /// This server's identifier as a client of the issuer.
    #[must_use]
    pub fn client_id(mut self, client_id: impl Into<String>) -> Self {
        self.client_id = Some(client_id.into());
        self
    }

    /// The algorithm that assertions are signed with.
    #[must_use]
    pub fn algorithm(mut self, algorithm: Algorithm) -> Self {
        self.algorithm = Some(algorithm);
        self
    }

    /// For whom assertions are meant, instead of the issuer.
    #[must_use]
    pub fn audience(mut self, audience: impl Into<String>) -> Self {
        self.audience = Some(audience.into());
        self
    }

    /// Whether answers must be signed (RFC 9701).
    #[must_use]
    pub fn signed_response(mut self, signed: bool) -> Self {
        self.signed_response = Some(signed);
        self
    }

    /// For how long an answer holds where the strategy is `introspection`, 1 to 3600.
    #[must_use]
    pub fn cache_seconds(mut self, seconds: u32) -> Self {
        self.cache_seconds = Some(seconds);
        self
    }

    /// After how long the issuer is asked again where the strategy is `local_then_introspection`,
    /// 1 to 86400.
    #[must_use]
    pub fn every_seconds(mut self, seconds: u32) -> Self {
        self.every_seconds = Some(seconds);
        self
    }

    /// The most answers that are kept at a time, 100 to 1000000.
    #[must_use]
    pub fn cache_entries(mut self, most: u32) -> Self {
        self.cache_entries = Some(most);
        self
    }

    /// For how long the local verdict stands while the issuer cannot be asked.
    #[must_use]
    pub fn local_verdict_while_unavailable_seconds(mut self, seconds: u32) -> Self {
        self.local_verdict_while_unavailable_seconds = Some(seconds);
        self
    }

    /// Whether tokens that are no JWTs are this issuer's.
    #[must_use]
    pub fn opaque_tokens(mut self, opaque: bool) -> Self {
        self.opaque_tokens = Some(opaque);
        self
    }

    /// Whether answers that name no audience are accepted.
    #[must_use]
    pub fn danger_audience_optional(mut self, optional: bool) -> Self {
        self.danger_audience_optional = Some(optional);
        self
    }

    fn bare(endpoint: impl Into<String>, authentication: ClientAuthentication) -> Self {
        Self {
            endpoint: endpoint.into(),
            authentication,
            client_id: None,
            client_secret: None,
            keys: None,
            algorithm: None,
            audience: None,
            bearer_token: None,
            signed_response: None,
            cache_seconds: None,
            every_seconds: None,
            cache_entries: None,
            local_verdict_while_unavailable_seconds: None,
            opaque_tokens: None,
            danger_audience_optional: None,
        }
    }
}
