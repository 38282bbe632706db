//! What an OpenID provider knows when it issues an ID token.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::value::{RawValue, to_raw_value};

use crate::config::{raw, read};
use crate::error::{ErrorCode, Result};

/// A request to mint an ID token: who logged in, at which client, and what goes out beside it.
#[derive(Clone, Default, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct IdTokenRequest {
    /// The client that the user logged in at.
    pub(crate) client_id: String,
    /// The user's identifier, 255 characters at most.
    pub(crate) subject: String,
    /// Others that the token is for besides the client.
    #[serde(default)]
    pub(crate) audience: Option<Vec<String>>,
    /// The nonce of the client's request, unchanged.
    #[serde(default)]
    pub(crate) nonce: Option<String>,
    /// When the user authenticated, in seconds since the epoch.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(with = "Option<f64>"))]
    pub(crate) auth_time: Option<Box<RawValue>>,
    /// The context in which the user authenticated.
    #[serde(default)]
    pub(crate) acr: Option<String>,
    /// The methods by which the user authenticated.
    #[serde(default)]
    pub(crate) amr: Option<Vec<String>>,
    /// The user's session.
    #[serde(default)]
    pub(crate) sid: Option<String>,
    /// The access token that goes out with the ID token, of which `at_hash` is made.
    #[serde(default)]
    pub(crate) access_token: Option<String>,
    /// The authorization code that goes out with the ID token, of which `c_hash` is made.
    #[serde(default)]
    pub(crate) code: Option<String>,
    /// The `state` of the client's request, of which `s_hash` is made.
    #[serde(default)]
    pub(crate) state: Option<String>,
    /// Claims of the user and others, none by a name that the token owns.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(with = "Option<serde_json::Map<String, serde_json::Value>>"))]
    pub(crate) claims: Option<Box<RawValue>>,
}

impl IdTokenRequest {
    /// A user who logged in at a client.
    #[must_use]
    pub fn new(client_id: impl Into<String>, subject: impl Into<String>) -> Self {
        Self { client_id: client_id.into(), subject: subject.into(), ..Self::default() }
    }

    /// Reads a JSON text. Custom claims keep their text.
    ///
    /// # Errors
    /// `argument_invalid`, naming the member that is unknown or wrong.
    pub fn from_json(text: &str) -> Result<Self> {
        read(text, ErrorCode::ArgumentInvalid)
    }

    /// Adds another that the token is for besides the client.
    #[must_use]
    pub fn audience(mut self, name: impl Into<String>) -> Self {
        self.audience.get_or_insert_default().push(name.into());
        self
    }

    /// The nonce of the client's request, unchanged.
    #[must_use]
    pub fn nonce(mut self, nonce: impl Into<String>) -> Self {
        self.nonce = Some(nonce.into());
        self
    }

    /// When the user authenticated.
    #[must_use]
    pub fn auth_time(mut self, seconds: i64) -> Self {
        self.auth_time = to_raw_value(&seconds).ok(); // a number always has a text
        self
    }

    /// The context in which the user authenticated.
    #[must_use]
    pub fn acr(mut self, acr: impl Into<String>) -> Self {
        self.acr = Some(acr.into());
        self
    }

    /// The methods by which the user authenticated.
    #[must_use]
    pub fn amr<T: Into<String>>(mut self, amr: impl IntoIterator<Item = T>) -> Self {
        self.amr = Some(amr.into_iter().map(Into::into).collect());
        self
    }

    /// The user's session.
    #[must_use]
    pub fn sid(mut self, sid: impl Into<String>) -> Self {
        self.sid = Some(sid.into());
        self
    }

    /// The access token that goes out with the ID token, of which `at_hash` is made.
    #[must_use]
    pub fn access_token(mut self, token: impl Into<String>) -> Self {
        self.access_token = Some(token.into());
        self
    }

    /// The authorization code that goes out with the ID token, of which `c_hash` is made.
    #[must_use]
    pub fn code(mut self, code: impl Into<String>) -> Self {
        self.code = Some(code.into());
        self
    }

    /// The `state` of the client's request, of which `s_hash` is made.
    #[must_use]
    pub fn state(mut self, state: impl Into<String>) -> Self {
        self.state = Some(state.into());
        self
    }

    /// Claims of the user (OpenID Connect Core §5.1) and others: an object none of whose names is
    /// one that the token owns.
    ///
    /// # Errors
    /// `argument_invalid` where they cannot be written as JSON.
    pub fn claims(mut self, claims: &impl Serialize) -> Result<Self> {
        self.claims = Some(raw("claims", claims)?);
        Ok(self)
    }
}

/// Says nothing: what is in it is personal data or secret.
impl fmt::Debug for IdTokenRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IdTokenRequest").finish_non_exhaustive()
    }
}
