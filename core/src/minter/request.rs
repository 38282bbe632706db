//! What an authorization server knows when it issues a token.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::value::{RawValue, to_raw_value};

use crate::config::{raw, read};
use crate::error::{ErrorCode, Result};

/// A request to mint: what was granted, to whom, for which client.
///
/// What the API's dialect does not carry is left out of the token.
#[derive(Clone, Default, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct MintRequest {
    /// The grant: one of RFC 6749 by name, or the URI of an extension grant.
    pub(crate) grant_type: String,
    /// The client that the token is issued to.
    pub(crate) client_id: String,
    /// The resource owner's identifier; none for a client's own token.
    #[serde(default)]
    pub(crate) subject: Option<String>,
    /// Resources that the token is for, as absolute URIs (RFC 8707 §2).
    #[serde(default)]
    pub(crate) resource: Option<Vec<String>>,
    /// APIs that the token is for, by their logical names.
    #[serde(default)]
    pub(crate) audience: Option<Vec<String>>,
    /// The scope that was granted.
    #[serde(default)]
    pub(crate) scope: Option<String>,
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
    /// The permissions at the API.
    #[serde(default)]
    pub(crate) permissions: Option<Vec<String>>,
    /// Strings or SCIM values (RFC 9068 §2.2.3.1).
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(with = "Option<Vec<serde_json::Value>>"))]
    pub(crate) roles: Option<Box<RawValue>>,
    /// Strings or SCIM values (RFC 9068 §2.2.3.1).
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(with = "Option<Vec<serde_json::Value>>"))]
    pub(crate) groups: Option<Box<RawValue>>,
    /// Strings or SCIM values (RFC 9068 §2.2.3.1).
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(with = "Option<Vec<serde_json::Value>>"))]
    pub(crate) entitlements: Option<Box<RawValue>>,
    /// The organization that the user acts for.
    #[serde(default)]
    pub(crate) org_id: Option<String>,
    /// The name of that organization.
    #[serde(default)]
    pub(crate) org_name: Option<String>,
    /// Objects with a `type` (RFC 9396 §2).
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(with = "Option<Vec<serde_json::Map<String, serde_json::Value>>>"))]
    pub(crate) authorization_details: Option<Box<RawValue>>,
    /// What the token is bound to (RFC 7800 §3.1).
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(with = "Option<serde_json::Map<String, serde_json::Value>>"))]
    pub(crate) cnf: Option<Box<RawValue>>,
    /// Who acts for the subject (RFC 8693 §4.1).
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(with = "Option<serde_json::Map<String, serde_json::Value>>"))]
    pub(crate) act: Option<Box<RawValue>>,
    /// Custom claims, none by a name of the profiles'.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(with = "Option<serde_json::Map<String, serde_json::Value>>"))]
    pub(crate) claims: Option<Box<RawValue>>,
    /// The token's identifier, instead of a random one.
    #[serde(default)]
    pub(crate) jti: Option<String>,
}

impl MintRequest {
    /// A grant of a client: `authorization_code`, `client_credentials` or another of RFC 6749,
    /// or the URI of an extension grant.
    #[must_use]
    pub fn new(grant_type: impl Into<String>, client_id: impl Into<String>) -> Self {
        Self { grant_type: grant_type.into(), client_id: client_id.into(), ..Self::default() }
    }

    /// Reads a JSON text. Structured values and custom claims keep their text.
    ///
    /// # Errors
    /// `argument_invalid`, naming the member that is unknown or wrong.
    pub fn from_json(text: &str) -> Result<Self> {
        read(text, ErrorCode::ArgumentInvalid)
    }

    /// The resource owner's identifier.
    #[must_use]
    pub fn subject(mut self, subject: impl Into<String>) -> Self {
        self.subject = Some(subject.into());
        self
    }

    /// Adds a resource that the token is for, an absolute URI (RFC 8707 §2).
    #[must_use]
    pub fn resource(mut self, uri: impl Into<String>) -> Self {
        self.resource.get_or_insert_default().push(uri.into());
        self
    }

    /// Adds an API that the token is for, by its logical name.
    #[must_use]
    pub fn audience(mut self, name: impl Into<String>) -> Self {
        self.audience.get_or_insert_default().push(name.into());
        self
    }

    /// The scope that was granted, not the one that was asked for.
    #[must_use]
    pub fn scope(mut self, scope: impl Into<String>) -> Self {
        self.scope = Some(scope.into());
        self
    }

    /// When the user authenticated; the same in every token of one authorization.
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

    /// The permissions that the user or client has at the API.
    #[must_use]
    pub fn permissions<T: Into<String>>(mut self, permissions: impl IntoIterator<Item = T>) -> Self {
        self.permissions = Some(permissions.into_iter().map(Into::into).collect());
        self
    }

    /// Roles: strings or SCIM values (RFC 9068 §2.2.3.1).
    ///
    /// # Errors
    /// `argument_invalid` where they cannot be written as JSON.
    pub fn roles(mut self, roles: &impl Serialize) -> Result<Self> {
        self.roles = Some(raw("roles", roles)?);
        Ok(self)
    }

    /// Groups: strings or SCIM values (RFC 9068 §2.2.3.1).
    ///
    /// # Errors
    /// `argument_invalid` where they cannot be written as JSON.
    pub fn groups(mut self, groups: &impl Serialize) -> Result<Self> {
        self.groups = Some(raw("groups", groups)?);
        Ok(self)
    }

    /// Entitlements: strings or SCIM values (RFC 9068 §2.2.3.1).
    ///
    /// # Errors
    /// `argument_invalid` where they cannot be written as JSON.
    pub fn entitlements(mut self, entitlements: &impl Serialize) -> Result<Self> {
        self.entitlements = Some(raw("entitlements", entitlements)?);
        Ok(self)
    }

    /// The organization that the user acts for.
    #[must_use]
    pub fn org_id(mut self, org_id: impl Into<String>) -> Self {
        self.org_id = Some(org_id.into());
        self
    }

    /// The name of that organization.
    #[must_use]
    pub fn org_name(mut self, org_name: impl Into<String>) -> Self {
        self.org_name = Some(org_name.into());
        self
    }

    /// What was authorized in detail: an array of objects with a `type` (RFC 9396 §2).
    ///
    /// # Errors
    /// `argument_invalid` where they cannot be written as JSON.
    pub fn authorization_details(mut self, details: &impl Serialize) -> Result<Self> {
        self.authorization_details = Some(raw("authorization_details", details)?);
        Ok(self)
    }

    /// What the token is bound to: `x5t#S256` (RFC 8705 §3.1) or `jkt` (RFC 9449 §6.1).
    ///
    /// # Errors
    /// `argument_invalid` where it cannot be written as JSON.
    pub fn cnf(mut self, cnf: &impl Serialize) -> Result<Self> {
        self.cnf = Some(raw("cnf", cnf)?);
        Ok(self)
    }

    /// Who acts for the subject (RFC 8693 §4.1).
    ///
    /// # Errors
    /// `argument_invalid` where it cannot be written as JSON.
    pub fn act(mut self, act: &impl Serialize) -> Result<Self> {
        self.act = Some(raw("act", act)?);
        Ok(self)
    }

    /// Custom claims: an object none of whose names is one of the profiles'.
    ///
    /// # Errors
    /// `argument_invalid` where they cannot be written as JSON.
    pub fn claims(mut self, claims: &impl Serialize) -> Result<Self> {
        self.claims = Some(raw("claims", claims)?);
        Ok(self)
    }

    /// The token's identifier, instead of a random one of 128 bits.
    #[must_use]
    pub fn jti(mut self, jti: impl Into<String>) -> Self {
        self.jti = Some(jti.into());
        self
    }
}

impl fmt::Debug for MintRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MintRequest").field("grant_type", &self.grant_type).finish_non_exhaustive()
    }
}
