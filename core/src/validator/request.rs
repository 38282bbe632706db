//! Arguments of a validation: the HTTP request as far as it matters, and what is demanded.

use std::fmt;

use serde::Deserialize;

use crate::binding::{Presentation, Scheme};
use crate::challenge::{Demands, is_quotable};
use crate::claims::{Claim, is_scope_token};
use crate::config::{OneOrMany, read};
use crate::encoding::base64url;
use crate::error::{Error, ErrorCode, Result};

/// Arguments of one validation.
///
/// # Defaults
/// The clock's time; a bearer token without client certificate; nothing demanded.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct ValidateOptions {
    /// The time to judge by, in seconds since the epoch, instead of the clock's.
    pub now: Option<f64>,
    /// The request that the token came with.
    pub request: Option<Request>,
    /// What the endpoint demands.
    pub require: Option<Require>,
}

impl ValidateOptions {
    /// Judges by this time instead of the clock's.
    #[must_use]
    pub fn now(mut self, seconds: f64) -> Self {
        self.now = Some(seconds);
        self
    }

    /// The request that the token came with.
    #[must_use]
    pub fn request(mut self, request: Request) -> Self {
        self.request = Some(request);
        self
    }

    /// What the endpoint demands.
    #[must_use]
    pub fn require(mut self, require: Require) -> Self {
        self.require = Some(require);
        self
    }
}

/// What the server knows of an HTTP request.
///
/// `headers` is read by `authenticate` only; `scheme` and `dpop` by `validate` only, where the
/// caller has taken the credential out itself. The certificate must come from the TLS layer:
/// a header that a client can set proves nothing.
#[derive(Clone, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Request {
    /// Header fields as name and value, in their order.
    pub(crate) headers: Vec<(String, String)>,
    /// The scheme under which the token was sent; `Bearer` when absent.
    pub(crate) scheme: Option<Scheme>,
    /// The HTTP method.
    pub(crate) method: Option<String>,
    /// The URL as the client sent it.
    pub(crate) url: Option<String>,
    /// The DPoP proof, or all of several.
    pub(crate) dpop: Option<OneOrMany>,
    /// SHA-256 of the client certificate's DER, in base64url without padding.
    pub(crate) client_certificate_sha256: Option<String>,
}

impl Request {
    /// A request of which nothing is known.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads a JSON text.
    ///
    /// # Errors
    /// `argument_invalid`, naming the member that is unknown or wrong.
    pub fn from_json(text: &str) -> Result<Self> {
        read::<Self>(text, ErrorCode::ArgumentInvalid)?.checked()
    }

    fn checked(self) -> Result<Self> {
        match &self.client_certificate_sha256 {
            Some(sha256) if !base64url::is_canonical(sha256, 32) => Err(Error::with_detail(
                ErrorCode::ArgumentInvalid,
                "client_certificate_sha256 is not base64url of 32 octets",
            )),
            _ => Ok(self),
        }
    }

    /// Adds a header field; several of one name are several calls.
    #[must_use]
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// The scheme under which a token was sent that the caller took out itself.
    #[must_use]
    pub fn scheme(mut self, scheme: Scheme) -> Self {
        self.scheme = Some(scheme);
        self
    }

    /// The HTTP method.
    #[must_use]
    pub fn method(mut self, method: impl Into<String>) -> Self {
        self.method = Some(method.into());
        self
    }

    /// The URL as the client sent it.
    #[must_use]
    pub fn url(mut self, url: impl Into<String>) -> Self {
        self.url = Some(url.into());
        self
    }

    /// A DPoP proof that came along.
    #[must_use]
    pub fn dpop(mut self, proof: impl Into<String>) -> Self {
        let mut proofs = self.dpop.map(OneOrMany::into_vec).unwrap_or_default();
        proofs.push(proof.into());
        self.dpop = Some(OneOrMany::Many(proofs));
        self
    }

    /// SHA-256 of the client certificate's DER, in base64url without padding.
    ///
    /// # Errors
    /// `argument_invalid` where it is not the text of 32 octets.
    pub fn client_certificate_sha256(mut self, sha256: impl Into<String>) -> Result<Self> {
        self.client_certificate_sha256 = Some(sha256.into());
        self.checked()
    }

    /// How the token was presented, as the caller says.
    pub(crate) fn presentation(&self) -> Presentation<'_> {
        let proof = match &self.dpop {
            None => false,
            Some(OneOrMany::One(_)) => true,
            Some(OneOrMany::Many(proofs)) => !proofs.is_empty(),
        };
        Presentation {
            scheme: self.scheme.unwrap_or_default(),
            proof,
            certificate: self.client_certificate_sha256.as_deref(),
        }
    }
}

/// Says what came along, and nothing of it: headers and proofs are credentials.
impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("headers", &self.headers.len())
            .field("scheme", &self.scheme)
            .field("method", &self.method)
            .field("dpop", &self.dpop.is_some())
            .field("client_certificate_sha256", &self.client_certificate_sha256.is_some())
            .finish_non_exhaustive()
    }
}

/// What an endpoint demands of a token beyond its being good.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Require {
    /// All of these.
    pub(crate) scopes: Option<Vec<String>>,
    /// All of these.
    pub(crate) permissions: Option<Vec<String>>,
    /// All of these.
    pub(crate) roles: Option<Vec<String>>,
    /// All of these.
    pub(crate) groups: Option<Vec<String>>,
    /// All of these.
    pub(crate) entitlements: Option<Vec<String>>,
    /// One of these, in order of preference.
    pub(crate) acr_values: Option<Vec<String>>,
    /// The longest time since the user authenticated, in seconds.
    pub(crate) max_age: Option<u32>,
}

impl Require {
    /// Nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads a JSON text.
    ///
    /// # Errors
    /// `argument_invalid`, naming the member that is unknown or wrong.
    pub fn from_json(text: &str) -> Result<Self> {
        read::<Self>(text, ErrorCode::ArgumentInvalid)?.checked()
    }

    /// Scopes and contexts must be such that a challenge can name them.
    fn checked(self) -> Result<Self> {
        let invalid = |what| Err(Error::with_detail(ErrorCode::ArgumentInvalid, what));
        if !self.scopes.iter().flatten().all(|scope| is_scope_token(scope)) {
            return invalid("scopes has a member that is no scope");
        }
        let names_context = |acr: &String| !acr.is_empty() && is_quotable(acr) && !acr.contains(' ');
        if !self.acr_values.iter().flatten().all(names_context) {
            return invalid("acr_values has a member that a challenge cannot carry");
        }
        Ok(self)
    }

    /// Demands all of these scopes.
    ///
    /// # Errors
    /// `argument_invalid` for a text that is no scope (RFC 6749 §3.3).
    pub fn scopes<T: Into<String>>(mut self, scopes: impl IntoIterator<Item = T>) -> Result<Self> {
        self.scopes = Some(scopes.into_iter().map(Into::into).collect());
        self.checked()
    }

    /// Demands all of these permissions.
    #[must_use]
    pub fn permissions<T: Into<String>>(mut self, permissions: impl IntoIterator<Item = T>) -> Self {
        self.permissions = Some(permissions.into_iter().map(Into::into).collect());
        self
    }

    /// Demands all of these roles.
    #[must_use]
    pub fn roles<T: Into<String>>(mut self, roles: impl IntoIterator<Item = T>) -> Self {
        self.roles = Some(roles.into_iter().map(Into::into).collect());
        self
    }

    /// Demands all of these groups.
    #[must_use]
    pub fn groups<T: Into<String>>(mut self, groups: impl IntoIterator<Item = T>) -> Self {
        self.groups = Some(groups.into_iter().map(Into::into).collect());
        self
    }

    /// Demands all of these entitlements.
    #[must_use]
    pub fn entitlements<T: Into<String>>(mut self, entitlements: impl IntoIterator<Item = T>) -> Self {
        self.entitlements = Some(entitlements.into_iter().map(Into::into).collect());
        self
    }

    /// Demands one of these authentication contexts, in order of preference (RFC 9470 §3).
    ///
    /// # Errors
    /// `argument_invalid` for a text that a challenge cannot carry.
    pub fn acr_values<T: Into<String>>(mut self, acr_values: impl IntoIterator<Item = T>) -> Result<Self> {
        self.acr_values = Some(acr_values.into_iter().map(Into::into).collect());
        self.checked()
    }

    /// Demands that the user authenticated no longer ago than this, in seconds (RFC 9470 §3).
    #[must_use]
    pub fn max_age(mut self, seconds: u32) -> Self {
        self.max_age = Some(seconds);
        self
    }

    /// The attributes demanded, claim by claim, in the order in which they are asked.
    pub(crate) fn attributes(&self) -> impl Iterator<Item = (Claim, &[String])> {
        let demands = [
            (Claim::Permissions, &self.permissions),
            (Claim::Roles, &self.roles),
            (Claim::Groups, &self.groups),
            (Claim::Entitlements, &self.entitlements),
        ];
        let given = demands.into_iter().filter_map(|(claim, wanted)| Some((claim, wanted.as_deref()?)));
        given.filter(|(_, wanted)| !wanted.is_empty())
    }

    pub(crate) fn for_challenge(&self) -> Demands<'_> {
        Demands {
            scopes: self.scopes.as_deref().unwrap_or_default(),
            acr_values: self.acr_values.as_deref().unwrap_or_default(),
            max_age: self.max_age,
        }
    }
}
