//! Validation.

use std::borrow::Cow;

use at9068::{Error, Handles, MigrationReport, Request, Require, ValidateOptions, ValidatorConfig};
use napi::bindgen_prelude::{ClassInstance, Either, Uint8Array};
use napi_derive::napi;

use crate::access_token::AccessToken;
use crate::explanation::Explanation;
use crate::failure::{Outcome, outcome};
use crate::issuer_cache::IssuerCache;
use crate::issuer_keys::IssuerKeys;
use crate::key::{KeySet, SigningKey, Skipped};
use crate::ports::Ports;
use crate::refresh::{Stage, stage};

/// Decides whether tokens are good.
#[napi]
pub struct Validator(pub(crate) at9068::Validator);

/// Makes a validator from configuration JSON, the handles that it refers to, and the cache that it
/// shares with others, where it does.
#[napi(catch_unwind)]
pub fn new_validator(
    config: String,
    key_sets: Vec<ClassInstance<'_, KeySet>>,
    signing_keys: Vec<ClassInstance<'_, SigningKey>>,
    ports: ClassInstance<'_, Ports>,
    cache: Option<ClassInstance<'_, IssuerCache>>,
) -> Outcome<Validator> {
    let config = ValidatorConfig::from_json_with(&config, &handles(&key_sets, &signing_keys));
    let made = config.and_then(|config| match cache {
        Some(cache) => at9068::Validator::with_issuer_cache(config, ports.core(), &cache.0),
        None => at9068::Validator::with_ports(config, ports.core()),
    });
    outcome(made.map(Validator))
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
    /// Validates a token as far as that goes without waiting.
    #[napi(catch_unwind)]
    pub fn step(
        &self,
        token: Either<String, Uint8Array>,
        now: Option<f64>,
        request: Option<String>,
        require: Option<String>,
    ) -> Stage<AccessToken> {
        let options = options_with_request(now, request, require);
        stage(options.map(|options| self.0.step(octets(&token), &options)), AccessToken::from)
    }

    /// Validates a token with the keys at hand.
    #[napi(catch_unwind)]
    pub fn validate_at_hand(
        &self,
        token: Either<String, Uint8Array>,
        now: Option<f64>,
        request: Option<String>,
        require: Option<String>,
    ) -> Outcome<AccessToken> {
        let options = options_with_request(now, request, require);
        outcome(options.and_then(|options| self.0.validate_at_hand(octets(&token), &options)).map(AccessToken::from))
    }

    /// Tells of every rule how a token met it, as far as that goes without waiting.
    #[napi(catch_unwind)]
    pub fn explain_step(
        &self,
        token: Either<String, Uint8Array>,
        now: Option<f64>,
        request: Option<String>,
        require: Option<String>,
    ) -> Stage<Explanation> {
        let options = options_with_request(now, request, require);
        stage(options.map(|options| self.0.explain_step(octets(&token), &options)), Explanation::from)
    }

    /// Tells of every rule how a token met it, with the keys at hand.
    #[napi(catch_unwind)]
    pub fn explain_at_hand(
        &self,
        token: Either<String, Uint8Array>,
        now: Option<f64>,
        request: Option<String>,
        require: Option<String>,
    ) -> Outcome<Explanation> {
        let options = options_with_request(now, request, require);
        outcome(options.and_then(|options| self.0.explain_at_hand(octets(&token), &options)).map(Explanation::from))
    }

    /// Validates the token that a request carries, as far as that goes without waiting.
    #[napi(catch_unwind)]
    pub fn authenticate_step(&self, request: String, now: Option<f64>, require: Option<String>) -> Stage<AccessToken> {
        let given = Request::from_json(&request).and_then(|request| Ok((request, options(now, require)?)));
        stage(given.map(|(request, options)| self.0.step(&request, &options)), AccessToken::from)
    }

    /// Validates the token that a request carries with the keys at hand.
    #[napi(catch_unwind)]
    pub fn authenticate_at_hand(
        &self,
        request: String,
        now: Option<f64>,
        require: Option<String>,
    ) -> Outcome<AccessToken> {
        let given = Request::from_json(&request).and_then(|request| Ok((request, options(now, require)?)));
        outcome(given.and_then(|(request, options)| self.0.validate_at_hand(&request, &options)).map(AccessToken::from))
    }

    /// Asks whether a token that it found good is enough for an endpoint.
    #[napi(catch_unwind)]
    pub fn require(&self, token: AccessToken, demands: String, now: Option<f64>) -> Outcome<()> {
        let demands = Require::from_json(&demands);
        outcome(demands.and_then(|demands| token.recall(&self.0)?.require(&demands, now)))
    }

    /// The JSON text of a structured claim of a token that it found good, in its one form.
    #[napi(catch_unwind)]
    pub fn structured(&self, token: AccessToken, name: String) -> Outcome<Option<String>> {
        let text = |token: at9068::AccessToken| Ok(token.accessor_json(&name)?.map(Cow::into_owned));
        outcome(token.recall(&self.0).and_then(text))
    }

    /// What an introspection endpoint answers about a token that it found good.
    #[napi(catch_unwind)]
    pub fn introspection_response(&self, token: AccessToken) -> Outcome<String> {
        outcome(token.recall(&self.0).map(|token| at9068::introspection_response(Some(&token))))
    }

    /// The keys that it fetches.
    #[napi(catch_unwind)]
    pub fn keys(&self) -> IssuerKeys {
        IssuerKeys::of(self.0.clone())
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

/// What an introspection endpoint answers about a token that was refused.
#[napi(catch_unwind)]
pub fn inactive_response() -> String {
    at9068::introspection_response(None)
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
