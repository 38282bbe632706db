//! The configuration of client assertions: of clients that make them, and of the authorization
//! server that accepts them.

use serde::Deserialize;

use crate::algorithm::Algorithm;
use crate::config::{Handles, KeySource, Secret, read};
use crate::error::{ErrorCode, Result};
use crate::key::SigningKey;

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
