//! Access tokens that were found good.

use std::borrow::Cow;

use at9068::Profile;
use napi_derive::napi;
use serde::Serialize;

use crate::verified::facts_json;

/// An access token, as JavaScript keeps it: as texts, which its own memory holds. Of a native object
/// the memory would be freed only once the event loop turns. Where the core is needed again, it is
/// given the texts.
#[napi(object)]
pub struct AccessToken {
    /// The claims as they were signed.
    pub claims_json: String,
    /// The header as it was signed.
    pub header_json: String,
    /// What the token is besides, for the core.
    pub standing: String,
    /// What the core reads in it, by the names of the accessors, as a JSON object.
    pub facts_json: String,
}

#[derive(Serialize)]
struct Facts<'a> {
    iss: &'a str,
    sub: &'a str,
    aud: Vec<Cow<'a, str>>,
    client_id: &'a str,
    exp: i64,
    iat: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    nbf: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    jti: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    scope: Option<&'a str>,
    scopes: Vec<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    permissions: Option<Vec<Cow<'a, str>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    auth_time: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    acr: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    amr: Option<Vec<Cow<'a, str>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    org_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    org_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    profile: Option<&'static str>,
    origin: &'static str,
    #[serde(rename = "wouldBreak")]
    would_break: Vec<&'static str>,
}

impl From<at9068::AccessToken> for AccessToken {
    fn from(token: at9068::AccessToken) -> Self {
        let facts = Facts {
            iss: token.iss(),
            sub: token.sub(),
            aud: token.aud(),
            client_id: token.client_id(),
            exp: token.exp(),
            iat: token.iat(),
            nbf: token.nbf(),
            jti: token.jti(),
            scope: token.scope(),
            scopes: token.scopes(),
            permissions: token.permissions(),
            auth_time: token.auth_time(),
            acr: token.acr(),
            amr: token.amr(),
            org_id: token.org_id(),
            org_name: token.org_name(),
            profile: token.profile().map(Profile::as_str),
            origin: token.origin().as_str(),
            would_break: token.would_break().iter().map(|code| code.slug()).collect(),
        };
        Self {
            claims_json: token.claims_json().to_owned(),
            header_json: token.header_json().to_owned(),
            standing: token.standing(),
            facts_json: facts_json(&facts),
        }
    }
}

impl AccessToken {
    /// The token again, of the validator that found it good.
    pub(crate) fn recall(&self, validator: &at9068::Validator) -> at9068::Result<at9068::AccessToken> {
        validator.recall(&self.claims_json, &self.header_json, &self.standing)
    }
}
