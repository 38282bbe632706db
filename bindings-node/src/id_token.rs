//! ID tokens.

use std::borrow::Cow;

use at9068::{Error, IdToken, IdTokenChecks, IdTokenConfig};
use napi::bindgen_prelude::{ClassInstance, Either, Uint8Array};
use napi_derive::napi;
use serde::Serialize;

use crate::failure::{Outcome, outcome};
use crate::issuer_cache::IssuerCache;
use crate::issuer_keys::IssuerKeys;
use crate::key::{KeySet, SigningKey, Skipped};
use crate::ports::Ports;
use crate::refresh::{Stage, stage};
use crate::signed::{self, Text};
use crate::validator::{handles, octets};

/// Decides whether ID tokens are good.
#[napi]
pub struct IdTokenValidator(at9068::IdTokenValidator);

/// Makes a validator, as that of access tokens is made.
#[napi(catch_unwind)]
pub fn new_id_token_validator(
    config: String,
    key_sets: Vec<ClassInstance<'_, KeySet>>,
    signing_keys: Vec<ClassInstance<'_, SigningKey>>,
    ports: ClassInstance<'_, Ports>,
    cache: Option<ClassInstance<'_, IssuerCache>>,
) -> Outcome<IdTokenValidator> {
    let config = IdTokenConfig::from_json_with(&config, &handles(&key_sets, &signing_keys));
    let made = config.and_then(|config| match cache {
        Some(cache) => at9068::IdTokenValidator::with_issuer_cache(config, ports.core(), &cache.0),
        None => at9068::IdTokenValidator::with_ports(config, ports.core()),
    });
    outcome(made.map(IdTokenValidator))
}

#[napi]
impl IdTokenValidator {
    /// Validates a token as far as that goes without waiting.
    #[napi(catch_unwind)]
    pub fn step(&self, token: Either<String, Uint8Array>, now: Option<f64>, checks: Option<String>) -> Stage<Text> {
        let checks = checks_of(checks);
        stage(checks.map(|checks| self.0.step(octets(&token), &checks, now)), |token| verified(&token))
    }

    /// Validates a token with the keys at hand.
    #[napi(catch_unwind)]
    pub fn validate_at_hand(
        &self,
        token: Either<String, Uint8Array>,
        now: Option<f64>,
        checks: Option<String>,
    ) -> Outcome<Text> {
        let checks = checks_of(checks);
        let verdict = checks.and_then(|checks| self.0.validate_at_hand(octets(&token), &checks, now));
        outcome(verdict.map(|token| verified(&token)))
    }

    /// The keys that it fetches.
    #[napi(catch_unwind)]
    pub fn keys(&self) -> IssuerKeys {
        IssuerKeys::of(self.0.clone())
    }

    /// The entries of the configured key set that cannot be used.
    #[napi(catch_unwind)]
    pub fn skipped_keys(&self) -> Vec<Skipped> {
        self.0.skipped_keys().iter().map(|key| Skipped::of(None, key)).collect()
    }
}

fn checks_of(text: Option<String>) -> Result<IdTokenChecks, Error> {
    text.map_or_else(|| Ok(IdTokenChecks::default()), |text| IdTokenChecks::from_json(&text))
}

#[derive(Serialize)]
struct Facts<'a> {
    iss: &'a str,
    sub: &'a str,
    aud: Vec<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    azp: Option<&'a str>,
    exp: i64,
    iat: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    nbf: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    auth_time: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    nonce: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    acr: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    amr: Option<Vec<Cow<'a, str>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sid: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    at_hash: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    c_hash: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    s_hash: Option<&'a str>,
}

fn verified(token: &IdToken) -> Text {
    let facts = Facts {
        iss: token.iss(),
        sub: token.sub(),
        aud: token.aud(),
        azp: token.azp(),
        exp: token.exp(),
        iat: token.iat(),
        nbf: token.nbf(),
        auth_time: token.auth_time(),
        nonce: token.nonce(),
        acr: token.acr(),
        amr: token.amr(),
        sid: token.sid(),
        at_hash: token.at_hash(),
        c_hash: token.c_hash(),
        s_hash: token.s_hash(),
    };
    signed::verified(token.header_json(), token.claims_json(), &facts)
}
