//! The configuration of what a resource publishes about itself.

use serde::Deserialize;

/// What the metadata of the protected resource says beyond what the validator knows (RFC 9728 §2).
///
/// # Defaults
/// Of what is left out the metadata says nothing.
#[derive(Clone, Debug, Default, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ProtectedResourceConfig {
    /// The resource identifier: the `https` URL, without fragment, by which clients know this API.
    pub(crate) resource: String,
    /// Scopes that clients may ask for.
    pub(crate) scopes_supported: Option<Vec<String>>,
    /// The name to show to end users.
    pub(crate) resource_name: Option<String>,
    /// `https` URL of a page for developers.
    pub(crate) resource_documentation: Option<String>,
    /// `https` URL of a page on how clients may use the data.
    pub(crate) resource_policy_uri: Option<String>,
    /// `https` URL of the terms of service.
    pub(crate) resource_tos_uri: Option<String>,
    /// Whether access tokens that are bound to a client certificate are supported (RFC 8705).
    pub(crate) tls_client_certificate_bound_access_tokens: Option<bool>,
}

impl ProtectedResourceConfig {
    /// A resource by its identifier.
    #[must_use]
    pub fn new(resource: impl Into<String>) -> Self {
        Self { resource: resource.into(), ..Self::default() }
    }

    /// Scopes that clients may ask for.
    #[must_use]
    pub fn scopes_supported<T: Into<String>>(mut self, scopes: impl IntoIterator<Item = T>) -> Self {
        self.scopes_supported = Some(scopes.into_iter().map(Into::into).collect());
        self
    }

    /// The name to show to end users.
    #[must_use]
    pub fn resource_name(mut self, name: impl Into<String>) -> Self {
        self.resource_name = Some(name.into());
        self
    }

    /// URL of a page for developers.
    #[must_use]
    pub fn resource_documentation(mut self, url: impl Into<String>) -> Self {
        self.resource_documentation = Some(url.into());
        self
    }

    /// URL of a page on how clients may use the data.
    #[must_use]
    pub fn resource_policy_uri(mut self, url: impl Into<String>) -> Self {
        self.resource_policy_uri = Some(url.into());
        self
    }

    /// URL of the terms of service.
    #[must_use]
    pub fn resource_tos_uri(mut self, url: impl Into<String>) -> Self {
        self.resource_tos_uri = Some(url.into());
        self
    }

    /// Whether access tokens that are bound to a client certificate are supported.
    #[must_use]
    pub fn tls_client_certificate_bound_access_tokens(mut self, supported: bool) -> Self {
        self.tls_client_certificate_bound_access_tokens = Some(supported);
        self
    }
}
