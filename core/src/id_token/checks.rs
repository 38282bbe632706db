//! What one authentication expects of its ID token.

use std::fmt;

use serde::Deserialize;

use crate::config::read;
use crate::error::{Error, ErrorCode, Result};

/// What one authentication expects of its ID token: what the client sent with its request, and what
/// came back beside the token.
///
/// # Defaults
/// Nothing is expected; a token with a `nonce` is then refused, since nobody here asked for it.
#[derive(Clone, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct IdTokenChecks {
    /// The nonce of the request, kept in the user's session.
    pub(crate) nonce: Option<String>,
    /// The longest time since the user authenticated, in seconds, as the request asked for it.
    pub(crate) max_age: Option<u32>,
    /// One of these, as the request asked for them.
    pub(crate) acr_values: Option<Vec<String>>,
    /// The access token that came with the ID token, to be compared with `at_hash`.
    pub(crate) access_token: Option<String>,
    /// The authorization code that came with the ID token, to be compared with `c_hash`.
    pub(crate) code: Option<String>,
    /// The `state` of the request, to be compared with `s_hash`.
    pub(crate) state: Option<String>,
    /// Whether the hash must be there of each of these three that is given.
    pub(crate) require_hashes: Option<bool>,
    /// Whether the token came of a refresh, so that it may have no `nonce` any more.
    pub(crate) refreshed: Option<bool>,
}

impl IdTokenChecks {
    /// Nothing is expected.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads a JSON text.
    ///
    /// # Errors
    /// `argument_invalid`, naming the member that is unknown or wrong.
    pub fn from_json(text: &str) -> Result<Self> {
        read(text, ErrorCode::ArgumentInvalid)
    }

    /// The nonce of the request, kept in the user's session (OpenID Connect Core §3.1.2.1). The
    /// token's must be the same.
    #[must_use]
    pub fn nonce(mut self, nonce: impl Into<String>) -> Self {
        self.nonce = Some(nonce.into());
        self
    }

    /// The longest time since the user authenticated, in seconds, as the request asked for it.
    #[must_use]
    pub fn max_age(mut self, seconds: u32) -> Self {
        self.max_age = Some(seconds);
        self
    }

    /// One of these authentication contexts, as the request asked for them.
    #[must_use]
    pub fn acr_values<T: Into<String>>(mut self, acr_values: impl IntoIterator<Item = T>) -> Self {
        self.acr_values = Some(acr_values.into_iter().map(Into::into).collect());
        self
    }

    /// The access token that came with the ID token; `at_hash`, where it is there, must be of it
    /// (OpenID Connect Core §3.1.3.8, §3.2.2.9).
    #[must_use]
    pub fn access_token(mut self, token: impl Into<String>) -> Self {
        self.access_token = Some(token.into());
        self
    }

    /// The authorization code that came with the ID token; `c_hash`, where it is there, must be of
    /// it (OpenID Connect Core §3.3.2.10).
    #[must_use]
    pub fn code(mut self, code: impl Into<String>) -> Self {
        self.code = Some(code.into());
        self
    }

    /// The `state` of the request; `s_hash`, where it is there, must be of it (FAPI 1.0 Part 2
    /// §5.1.1).
    #[must_use]
    pub fn state(mut self, state: impl Into<String>) -> Self {
        self.state = Some(state.into());
        self
    }

    /// Whether the hash must be there of each of the three values that is given. To be asked of
    /// tokens out of the authorization endpoint, which travel through the browser: there `at_hash`
    /// is required beside an access token (OpenID Connect Core §3.2.2.10), `c_hash` beside a code
    /// (§3.3.2.11), and under FAPI 1.0 Part 2 `s_hash` beside a state. Out of the token endpoint
    /// all of them are optional (§3.1.3.6).
    #[must_use]
    pub fn require_hashes(mut self, required: bool) -> Self {
        self.require_hashes = Some(required);
        self
    }

    /// Whether the token came of a refresh (OpenID Connect Core §12.2). It may have no `nonce` then;
    /// where it has one, it must be that of the original request all the same.
    #[must_use]
    pub fn refreshed(mut self, refreshed: bool) -> Self {
        self.refreshed = Some(refreshed);
        self
    }

    /// An empty text was never sent: it stands for a session that is lost.
    pub(super) fn check(&self) -> Result<()> {
        let values = [
            ("nonce", &self.nonce),
            ("access_token", &self.access_token),
            ("code", &self.code),
            ("state", &self.state),
        ];
        match values.into_iter().find(|(_, value)| value.as_deref() == Some("")) {
            Some((name, _)) => Err(Error::with_detail(ErrorCode::ArgumentInvalid, format_args!("{name} is empty"))),
            None => Ok(()),
        }
    }
}

/// Says what is expected, and nothing of it: all of it is secret until the user is logged in.
impl fmt::Debug for IdTokenChecks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IdTokenChecks")
            .field("nonce", &self.nonce.is_some())
            .field("max_age", &self.max_age)
            .field("acr_values", &self.acr_values)
            .field("access_token", &self.access_token.is_some())
            .field("code", &self.code.is_some())
            .field("state", &self.state.is_some())
            .field("require_hashes", &self.require_hashes)
            .field("refreshed", &self.refreshed)
            .finish()
    }
}
