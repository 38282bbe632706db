//! The configuration of a minter.

use std::fmt;

use serde::Deserialize;

use crate::algorithm::Algorithm;
use crate::config::{Handles, KeySource, objects, optional_object, read};
use crate::error::{ErrorCode, Result};
use crate::key::SigningKey;
use crate::profile::Profile;

/// What an authorization server mints.
///
/// # Defaults
/// * `default_audience`, `userinfo_audience`: none
/// * `client_subject_suffix`: `@clients`
/// * `id_tokens`: all defaults
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct MinterConfig {
    /// The issuer identifier.
    pub(crate) issuer: String,
    /// The signing keys as private JWKs; the first usable one signs.
    pub(crate) keys: KeySource,
    /// The APIs that tokens are minted for.
    #[serde(deserialize_with = "objects")]
    pub(crate) apis: Vec<ApiConfig>,
    /// The API of requests that name none and whose scopes point at none.
    pub(crate) default_audience: Option<String>,
    /// Added to the audience where a user granted `openid`.
    pub(crate) userinfo_audience: Option<String>,
    /// What follows the client's identifier in the subject of its own tokens; never empty.
    pub(crate) client_subject_suffix: Option<String>,
    /// How ID tokens are minted.
    #[serde(default, deserialize_with = "optional_object")]
    pub(crate) id_tokens: Option<IdTokenMinterConfig>,
    /// What references in JSON mean.
    #[serde(skip)]
    pub(crate) handles: Handles,
}

/// An API that tokens are minted for.
///
/// # Defaults
/// * `algorithm`: that of the first usable key
/// * `scopes`: none
/// * `lifetime_seconds`: 3600
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ApiConfig {
    /// The identifier of the API, as `aud` has it.
    pub(crate) audience: String,
    /// The form of its tokens.
    pub(crate) dialect: Dialect,
    /// The algorithm that its tokens are signed with.
    pub(crate) algorithm: Option<Algorithm>,
    /// The scopes that mean something to it.
    pub(crate) scopes: Option<Vec<String>>,
    /// The time from `iat` to `exp`, in seconds, ten years at most.
    pub(crate) lifetime_seconds: Option<u32>,
}

/// How an issuer's ID tokens are minted.
///
/// # Defaults
/// * `algorithm`: that which the first usable key has among the APIs, else the key's own
/// * `lifetime_seconds`: 3600
#[derive(Clone, Debug, Default, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct IdTokenMinterConfig {
    /// The algorithm that ID tokens are signed with. A key has one only, for whatever it signs.
    pub(crate) algorithm: Option<Algorithm>,
    /// The time from `iat` to `exp`, in seconds, ten years at most.
    pub(crate) lifetime_seconds: Option<u32>,
}

/// The form of an API's tokens: a profile, with or without `permissions`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Dialect {
    /// The `auth0` profile.
    AccessToken,
    /// The `auth0` profile with `permissions`.
    AccessTokenAuthz,
    /// The `rfc9068` profile.
    Rfc9068Profile,
    /// The `rfc9068` profile with `permissions`.
    Rfc9068ProfileAuthz,
}

impl Dialect {
    /// The name, as configuration has it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AccessToken => "access_token",
            Self::AccessTokenAuthz => "access_token_authz",
            Self::Rfc9068Profile => "rfc9068_profile",
            Self::Rfc9068ProfileAuthz => "rfc9068_profile_authz",
        }
    }

    /// The profile that its tokens follow.
    #[must_use]
    pub fn profile(self) -> Profile {
        match self {
            Self::AccessToken | Self::AccessTokenAuthz => Profile::Auth0,
            Self::Rfc9068Profile | Self::Rfc9068ProfileAuthz => Profile::Rfc9068,
        }
    }

    /// `typ` in the header of its tokens.
    pub(crate) fn token_type(self) -> &'static str {
        match self {
            Self::AccessToken | Self::AccessTokenAuthz => "JWT",
            Self::Rfc9068Profile | Self::Rfc9068ProfileAuthz => "at+jwt",
        }
    }

    /// Whether its tokens carry `permissions`, be it an empty list.
    #[must_use]
    pub fn carries_permissions(self) -> bool {
        matches!(self, Self::AccessTokenAuthz | Self::Rfc9068ProfileAuthz)
    }
}

impl fmt::Display for Dialect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl MinterConfig {
    /// An issuer with its signing keys and APIs.
    #[must_use]
    pub fn new(
        issuer: impl Into<String>,
        keys: impl IntoIterator<Item = SigningKey>,
        apis: impl IntoIterator<Item = ApiConfig>,
    ) -> Self {
        Self {
            issuer: issuer.into(),
            keys: KeySource::Signing(keys.into_iter().collect()),
            apis: apis.into_iter().collect(),
            default_audience: None,
            userinfo_audience: None,
            client_subject_suffix: None,
            id_tokens: None,
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

    /// The API of requests that name none and whose scopes point at none.
    #[must_use]
    pub fn default_audience(mut self, audience: impl Into<String>) -> Self {
        self.default_audience = Some(audience.into());
        self
    }

    /// Added to the audience where a user granted `openid`.
    #[must_use]
    pub fn userinfo_audience(mut self, audience: impl Into<String>) -> Self {
        self.userinfo_audience = Some(audience.into());
        self
    }

    /// What follows the client's identifier in the subject of its own tokens.
    #[must_use]
    pub fn client_subject_suffix(mut self, suffix: impl Into<String>) -> Self {
        self.client_subject_suffix = Some(suffix.into());
        self
    }

    /// How ID tokens are minted.
    #[must_use]
    pub fn id_tokens(mut self, config: IdTokenMinterConfig) -> Self {
        self.id_tokens = Some(config);
        self
    }
}

impl IdTokenMinterConfig {
    /// All defaults.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The algorithm that ID tokens are signed with.
    #[must_use]
    pub fn algorithm(mut self, algorithm: Algorithm) -> Self {
        self.algorithm = Some(algorithm);
        self
    }

    /// The time from `iat` to `exp`, in seconds.
    #[must_use]
    pub fn lifetime_seconds(mut self, seconds: u32) -> Self {
        self.lifetime_seconds = Some(seconds);
        self
    }
}

impl ApiConfig {
    /// An API and the form of its tokens.
    #[must_use]
    pub fn new(audience: impl Into<String>, dialect: Dialect) -> Self {
        Self { audience: audience.into(), dialect, algorithm: None, scopes: None, lifetime_seconds: None }
    }

    /// The algorithm that its tokens are signed with.
    #[must_use]
    pub fn algorithm(mut self, algorithm: Algorithm) -> Self {
        self.algorithm = Some(algorithm);
        self
    }

    /// The scopes that mean something to it.
    #[must_use]
    pub fn scopes<T: Into<String>>(mut self, scopes: impl IntoIterator<Item = T>) -> Self {
        self.scopes = Some(scopes.into_iter().map(Into::into).collect());
        self
    }

    /// The time from `iat` to `exp`, in seconds.
    #[must_use]
    pub fn lifetime_seconds(mut self, seconds: u32) -> Self {
        self.lifetime_seconds = Some(seconds);
        self
    }
}
