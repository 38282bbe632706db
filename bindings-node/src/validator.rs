//! Validation.

use std::borrow::Cow;
use std::rc::Rc;

use at9068::{Error, Handles, MigrationReport, Request, Require, ValidateOptions, ValidatorConfig};
use napi::Env;
use napi::bindgen_prelude::{ClassInstance, Either, Function, Uint8Array};
use napi_derive::napi;

use crate::access_token::{self, Recent, Told};
use crate::batch::TokenBatch;
use crate::explanation::Explanation;
use crate::failure::{Outcome, outcome};
use crate::issuer_cache::IssuerCache;
use crate::issuer_keys::IssuerKeys;
use crate::judge;
use crate::key::{KeySet, SigningKey, Skipped};
use crate::ports::Ports;
use crate::refresh::{Stage, stage};
use crate::signed::Text;

/// Decides whether tokens are good.
#[napi]
pub struct Validator {
    core: at9068::Validator,
    recent: Rc<Recent>,
}

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
    outcome(made.map(|core| Validator { core, recent: Rc::default() }))
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
    /// A function of a token's text, of whether the keys at hand have to do, and of the options without a
    /// request, which validates it. `by_number`: a token that came before is told by its number.
    ///
    /// # Errors
    /// Where there is no function to be had.
    #[napi(catch_unwind)]
    pub fn judge<'env>(&self, env: &'env Env, by_number: bool) -> napi::Result<Function<'env, (), Stage<Told>>> {
        judge::judge(env, self.core.clone(), Rc::clone(&self.recent), by_number)
    }

    /// A function of the number that was told last, which gives the text of the token.
    ///
    /// # Errors
    /// Where there is no function to be had.
    #[napi(catch_unwind)]
    pub fn told<'env>(&self, env: &'env Env) -> napi::Result<Function<'env, (), Outcome<Text>>> {
        judge::told(env, Rc::clone(&self.recent))
    }

    /// A function of the number of a token that it found good, which tells what the core reads in it, as
    /// a JSON array; or nothing, where it was too long ago.
    ///
    /// # Errors
    /// Where there is no function to be had.
    #[napi(catch_unwind)]
    pub fn recent_facts<'env>(&self, env: &'env Env) -> napi::Result<Function<'env, (), Option<Text>>> {
        judge::recent_facts(env, Rc::clone(&self.recent))
    }

    /// Validates a token as far as that goes without waiting.
    #[napi(catch_unwind)]
    pub fn step(
        &self,
        token: Either<String, Uint8Array>,
        now: Option<f64>,
        request: Option<String>,
        require: Option<String>,
    ) -> Stage<Text> {
        let options = options_with_request(now, request, require);
        stage(options.map(|options| self.core.step(octets(&token), &options)), |token| self.recent.keep(token))
    }

    /// Validates a token with the keys at hand.
    #[napi(catch_unwind)]
    pub fn validate_at_hand(
        &self,
        token: Either<String, Uint8Array>,
        now: Option<f64>,
        request: Option<String>,
        require: Option<String>,
    ) -> Outcome<Text> {
        let options = options_with_request(now, request, require);
        outcome(
            options
                .and_then(|options| self.core.validate_at_hand(octets(&token), &options))
                .map(|token| self.recent.keep(token)),
        )
    }

    /// Place for tokens that are to be validated together.
    #[napi(catch_unwind)]
    pub fn batch(&self) -> TokenBatch {
        TokenBatch::new(self.core.clone())
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
        stage(options.map(|options| self.core.explain_step(octets(&token), &options)), Explanation::from)
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
        outcome(options.and_then(|options| self.core.explain_at_hand(octets(&token), &options)).map(Explanation::from))
    }

    /// Validates the token that a request carries, as far as that goes without waiting.
    #[napi(catch_unwind)]
    pub fn authenticate_step(&self, request: String, now: Option<f64>, require: Option<String>) -> Stage<Text> {
        let given = Request::from_json(&request).and_then(|request| Ok((request, options(now, require)?)));
        stage(given.map(|(request, options)| self.core.step(&request, &options)), |token| self.recent.keep(token))
    }

    /// Validates the token that a request carries with the keys at hand.
    #[napi(catch_unwind)]
    pub fn authenticate_at_hand(&self, request: String, now: Option<f64>, require: Option<String>) -> Outcome<Text> {
        let given = Request::from_json(&request).and_then(|request| Ok((request, options(now, require)?)));
        outcome(
            given
                .and_then(|(request, options)| self.core.validate_at_hand(&request, &options))
                .map(|token| self.recent.keep(token)),
        )
    }

    /// Asks whether a token that it found good is enough for an endpoint.
    #[napi(catch_unwind)]
    pub fn require(&self, token: String, demands: String, now: Option<f64>) -> Outcome<()> {
        let demands = Require::from_json(&demands);
        outcome(demands.and_then(|demands| self.recall(&token)?.require(&demands, now)))
    }

    /// What the core reads in a token that it found good, as a JSON array.
    #[napi(catch_unwind)]
    pub fn facts(&self, token: String) -> Outcome<Text> {
        outcome(self.recall(&token).map(|token| access_token::facts(&token)))
    }

    /// The JSON text of a structured claim of a token that it found good, in its one form.
    #[napi(catch_unwind)]
    pub fn structured(&self, token: String, name: String) -> Outcome<Option<String>> {
        let text = |token: at9068::AccessToken| Ok(token.accessor_json(&name)?.map(Cow::into_owned));
        outcome(self.recall(&token).and_then(text))
    }

    /// What an introspection endpoint answers about a token that it found good.
    #[napi(catch_unwind)]
    pub fn introspection_response(&self, token: String) -> Outcome<String> {
        outcome(self.recall(&token).map(|token| at9068::introspection_response(Some(&token))))
    }

    /// The keys that it fetches.
    #[napi(catch_unwind)]
    pub fn keys(&self) -> IssuerKeys {
        IssuerKeys::of(self.core.clone())
    }

    /// The metadata of the protected resource.
    #[napi(catch_unwind)]
    pub fn protected_resource_metadata(&self) -> Option<&str> {
        self.core.protected_resource_metadata()
    }

    /// The path at which it is served.
    #[napi(catch_unwind)]
    pub fn protected_resource_metadata_path(&self) -> Option<&str> {
        self.core.protected_resource_metadata_path()
    }

    /// The entries of the configured key sets that cannot be used.
    #[napi(catch_unwind)]
    pub fn skipped_keys(&self) -> Vec<Skipped> {
        self.core.skipped_keys().map(|(issuer, key)| Skipped::of(Some(issuer), key)).collect()
    }

    /// How far the issuers' tokens have moved, as a JSON array.
    #[napi(catch_unwind)]
    pub fn migrations_json(&self) -> String {
        MigrationReport::array_json(&self.core.migrations().collect::<Vec<_>>())
    }
}

impl Validator {
    /// A token that it found good, again.
    pub(crate) fn recall(&self, token: &str) -> at9068::Result<at9068::AccessToken> {
        access_token::recall(&self.core, &self.recent, token)
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

pub(crate) fn options_with_request(
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

pub(crate) fn options(now: Option<f64>, require: Option<String>) -> Result<ValidateOptions, Error> {
    let mut options = ValidateOptions::default();
    options.now = now;
    options.require = require.as_deref().map(Require::from_json).transpose()?;
    Ok(options)
}
