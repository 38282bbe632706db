//! A validated token.

use at9068::{Profile, Require};
use napi::bindgen_prelude::ClassInstance;
use napi_derive::napi;

use crate::failure::{Outcome, outcome};

/// A validated token; its claims cross over when asked for.
#[napi]
pub struct AccessToken(pub(crate) at9068::AccessToken);

#[napi]
impl AccessToken {
    /// `iss`.
    #[napi(catch_unwind)]
    pub fn iss(&self) -> &str {
        self.0.iss()
    }

    /// `sub`.
    #[napi(catch_unwind)]
    pub fn sub(&self) -> &str {
        self.0.sub()
    }

    /// The client, whatever the profile calls it.
    #[napi(catch_unwind)]
    pub fn client_id(&self) -> &str {
        self.0.client_id()
    }

    /// `exp`, rounded down.
    #[napi(catch_unwind)]
    pub fn exp(&self) -> i64 {
        self.0.exp()
    }

    /// `iat`, rounded down.
    #[napi(catch_unwind)]
    pub fn iat(&self) -> i64 {
        self.0.iat()
    }

    /// `nbf`, rounded down.
    #[napi(catch_unwind)]
    pub fn nbf(&self) -> Option<i64> {
        self.0.nbf()
    }

    /// `auth_time`, rounded down.
    #[napi(catch_unwind)]
    pub fn auth_time(&self) -> Option<i64> {
        self.0.auth_time()
    }

    /// `jti`.
    #[napi(catch_unwind)]
    pub fn jti(&self) -> Option<&str> {
        self.0.jti()
    }

    /// `scope`.
    #[napi(catch_unwind)]
    pub fn scope(&self) -> Option<&str> {
        self.0.scope()
    }

    /// `acr`.
    #[napi(catch_unwind)]
    pub fn acr(&self) -> Option<&str> {
        self.0.acr()
    }

    /// `org_id`.
    #[napi(catch_unwind)]
    pub fn org_id(&self) -> Option<&str> {
        self.0.org_id()
    }

    /// `org_name`.
    #[napi(catch_unwind)]
    pub fn org_name(&self) -> Option<&str> {
        self.0.org_name()
    }

    /// The profile that the token follows.
    #[napi(catch_unwind)]
    pub fn profile(&self) -> Option<&'static str> {
        self.0.profile().map(Profile::as_str)
    }

    /// Who vouches for the token.
    #[napi(catch_unwind)]
    pub fn origin(&self) -> &'static str {
        self.0.origin().as_str()
    }

    /// The codes under which the token will be refused once the migration ends.
    #[napi(catch_unwind)]
    pub fn would_break(&self) -> Vec<&'static str> {
        self.0.would_break().iter().map(|code| code.slug()).collect()
    }

    /// The claims as they were signed.
    #[napi(catch_unwind)]
    pub fn claims_json(&self) -> &str {
        self.0.claims_json()
    }

    /// The header as it was signed.
    #[napi(catch_unwind)]
    pub fn header_json(&self) -> &str {
        self.0.header_json()
    }

    /// The JSON text of a structured claim, in its one form.
    #[napi(catch_unwind)]
    pub fn structured(&self, name: String) -> Outcome<Option<String>> {
        outcome(self.0.accessor_json(&name).map(|text| text.map(std::borrow::Cow::into_owned)))
    }

    /// Asks whether the token is enough for an endpoint.
    #[napi(catch_unwind)]
    pub fn require(&self, demands: String, now: Option<f64>) -> Outcome<()> {
        outcome(Require::from_json(&demands).and_then(|demands| self.0.require(&demands, now)))
    }
}

/// What an introspection endpoint answers about a token, or about one that was refused.
#[napi(catch_unwind)]
pub fn introspection_response(token: Option<ClassInstance<'_, AccessToken>>) -> String {
    at9068::introspection_response(token.as_ref().map(|token| &token.0))
}
