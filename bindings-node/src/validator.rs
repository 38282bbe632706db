//! Validation.

use at9068::{Error, Handles, MigrationReport, Request, Require, ValidateOptions, ValidatorConfig};
use napi::bindgen_prelude::{ClassInstance, Either, Uint8Array};
use napi_derive::napi;

use crate::access_token::AccessToken;
use crate::explanation::Explanation;
use crate::failure::{Outcome, outcome};
use crate::key::{KeySet, SigningKey, Skipped};

/// Decides whether tokens are good.
#[napi]
pub struct Validator(at9068::Validator);

/// Makes a validator from configuration JSON and the handles that it refers to.
#[napi(catch_unwind)]
pub fn new_validator(
    config: String,
    key_sets: Vec<ClassInstance<'_, KeySet>>,
    signing_keys: Vec<ClassInstance<'_, SigningKey>>,
) -> Outcome<Validator> {
    let config = ValidatorConfig::from_json_with(&config, &handles(&key_sets, &signing_keys));
    outcome(config.and_then(at9068::Validator::new).map(Validator))
}

pub(crate) fn handles(
    key_sets: &[ClassInstance<'_, KeySet>],
    signing_keys: &[ClassInstance<'_, SigningKey>],
) -> Handles {
    Handles {
        key_sets: key_sets.iter().map(|set| set.0.clone()).collect(),
        signing_keys: signing_keys.iter().map(|key| key.0.clone()).collect(),
    }
}

#[napi]
impl Validator {
    /// Validates a token.
    #[napi(catch_unwind)]
    pub fn validate(
        &self,
        token: Either<String, Uint8Array>,
        now: Option<f64>,
        request: Option<String>,
        require: Option<String>,
    ) -> Outcome<AccessToken> {
        let options = options_with_request(now, request, require);
        outcome(options.and_then(|options| self.0.validate(octets(&token), &options)).map(AccessToken))
    }

    /// Tells of every rule how a token met it.
    #[napi(catch_unwind)]
    pub fn explain(
        &self,
        token: Either<String, Uint8Array>,
        now: Option<f64>,
        request: Option<String>,
        require: Option<String>,
    ) -> Outcome<Explanation> {
        let options = options_with_request(now, request, require);
        outcome(options.and_then(|options| self.0.explain(octets(&token), &options)).map(Explanation))
    }

    /// Validates the token that a request carries.
    #[napi(catch_unwind)]
    pub fn authenticate(&self, request: String, now: Option<f64>, require: Option<String>) -> Outcome<AccessToken> {
        let token =
            Request::from_json(&request).and_then(|request| self.0.authenticate(&request, &options(now, require)?));
        outcome(token.map(AccessToken))
    }

    /// The entries of the configured key sets that cannot be used.
    #[napi(catch_unwind)]
    pub fn skipped_keys(&self) -> Vec<Skipped> {
        self.0.skipped_keys().map(|(issuer, key)| Skipped::of(Some(issuer), key)).collect()
    }

    /// How far the issuers' tokens have moved, as a JSON array.
    #[napi(catch_unwind)]
    pub fn migrations_json(&self) -> String {
        MigrationReport::array_json(&self.0.migrations().collect::<Vec<_>>())
    }
}

/// The octets of a token, which is text or bytes.
pub(crate) fn octets(token: &Either<String, Uint8Array>) -> &[u8] {
    match token {
        Either::A(text) => text.as_bytes(),
        Either::B(bytes) => bytes,
    }
}

fn options_with_request(
    now: Option<f64>,
    request: Option<String>,
    require: Option<String>,
) -> Result<ValidateOptions, Error> {
    let options = options(now, require)?;
    match request {
        Some(request) => Ok(options.request(Request::from_json(&request)?)),
        None => Ok(options),
    }
}

fn options(now: Option<f64>, require: Option<String>) -> Result<ValidateOptions, Error> {
    let mut options = ValidateOptions::default();
    options.now = now;
    options.require = require.as_deref().map(Require::from_json).transpose()?;
    Ok(options)
}
