//! Minting.

use at9068::{Error, IdTokenRequest, MintRequest, MintedToken, MinterConfig};
use napi::Task;
use napi::bindgen_prelude::{AsyncTask, ClassInstance};
use napi::{Env, Result as NapiResult};
use napi_derive::napi;

use crate::access_token::AccessToken;
use crate::failure::{Outcome, guarded, outcome};
use crate::key::{KeySet, SigningKey, Skipped};
use crate::validator::{Validator, handles};

/// Mints tokens.
#[napi]
pub struct Minter(at9068::Minter);

/// What was minted.
#[napi(object)]
pub struct Minted {
    /// The token.
    pub token: String,
    /// The claims as they were signed.
    pub claims_json: String,
    /// The header as it was signed.
    pub header_json: String,
    /// Seconds until it expires.
    pub expires_in: f64,
}

impl From<MintedToken> for Minted {
    fn from(minted: MintedToken) -> Self {
        Self {
            token: minted.token().to_owned(),
            claims_json: minted.claims_json().to_owned(),
            header_json: minted.header_json().to_owned(),
            #[expect(clippy::cast_precision_loss, reason = "lifetimes are far below 2^53 seconds")]
            expires_in: minted.expires_in() as f64,
        }
    }
}

/// Makes a minter from configuration JSON and the handles that it refers to.
#[napi(catch_unwind)]
pub fn new_minter(
    config: String,
    key_sets: Vec<ClassInstance<'_, KeySet>>,
    signing_keys: Vec<ClassInstance<'_, SigningKey>>,
) -> Outcome<Minter> {
    let config = MinterConfig::from_json_with(&config, &handles(&key_sets, &signing_keys));
    outcome(config.and_then(at9068::Minter::new).map(Minter))
}

#[napi]
impl Minter {
    /// The entries of the configured keys that cannot sign.
    #[napi(catch_unwind)]
    pub fn skipped_keys(&self) -> Vec<Skipped> {
        self.0.skipped_keys().iter().map(|key| Skipped::of(None, key)).collect()
    }

    /// Mints an access token while the caller waits.
    #[napi(catch_unwind)]
    pub fn mint_sync(&self, request: String, now: Option<f64>) -> Outcome<Minted> {
        outcome(mint(&self.0, &request, now).map(Minted::from))
    }

    /// Mints an access token on a thread of the pool.
    #[napi(catch_unwind)]
    pub fn mint(&self, request: String, now: Option<f64>) -> AsyncTask<Minting> {
        let minter = self.0.clone();
        Minting::new(move || mint(&minter, &request, now))
    }

    /// Mints an ID token while the caller waits.
    #[napi(catch_unwind)]
    pub fn mint_id_token_sync(&self, request: String, now: Option<f64>) -> Outcome<Minted> {
        outcome(mint_id_token(&self.0, &request, now).map(Minted::from))
    }

    /// Mints an ID token on a thread of the pool.
    #[napi(catch_unwind)]
    pub fn mint_id_token(&self, request: String, now: Option<f64>) -> AsyncTask<Minting> {
        let minter = self.0.clone();
        Minting::new(move || mint_id_token(&minter, &request, now))
    }

    /// Mints the answer of an introspection endpoint about a token and its validator, or about one
    /// that was refused, while the caller waits.
    #[napi(catch_unwind)]
    pub fn mint_introspection_response_sync(
        &self,
        token: Option<AccessToken>,
        validator: Option<ClassInstance<'_, Validator>>,
        audience: String,
        now: Option<f64>,
    ) -> Outcome<Minted> {
        let introspected = Introspected { token, validator: validator.map(|validator| validator.0.clone()) };
        outcome(introspected.mint(&self.0, &audience, now).map(Minted::from))
    }

    /// Does the same on a thread of the pool.
    #[napi(catch_unwind)]
    pub fn mint_introspection_response(
        &self,
        token: Option<AccessToken>,
        validator: Option<ClassInstance<'_, Validator>>,
        audience: String,
        now: Option<f64>,
    ) -> AsyncTask<Minting> {
        let introspected = Introspected { token, validator: validator.map(|validator| validator.0.clone()) };
        let minter = self.0.clone();
        Minting::new(move || introspected.mint(&minter, &audience, now))
    }
}

/// What an introspection endpoint was asked about: a token and who found it good, or nothing.
struct Introspected {
    token: Option<AccessToken>,
    validator: Option<at9068::Validator>,
}

impl Introspected {
    fn mint(&self, minter: &at9068::Minter, audience: &str, now: Option<f64>) -> Result<MintedToken, Error> {
        let both = self.token.as_ref().zip(self.validator.as_ref());
        let token = both.map(|(token, validator)| token.recall(validator)).transpose()?;
        minter.mint_introspection_response(token.as_ref(), audience, now)
    }
}

fn mint(minter: &at9068::Minter, request: &str, now: Option<f64>) -> Result<MintedToken, Error> {
    minter.mint(&MintRequest::from_json(request)?, now)
}

fn mint_id_token(minter: &at9068::Minter, request: &str, now: Option<f64>) -> Result<MintedToken, Error> {
    minter.mint_id_token(&IdTokenRequest::from_json(request)?, now)
}

/// A minting under way: an RSA signature takes about a millisecond.
pub struct Minting(Box<dyn Fn() -> Result<MintedToken, Error> + Send>);

impl Minting {
    pub(crate) fn new(mint: impl Fn() -> Result<MintedToken, Error> + Send + 'static) -> AsyncTask<Self> {
        AsyncTask::new(Self(Box::new(mint)))
    }
}

impl Task for Minting {
    type Output = Result<MintedToken, Error>;
    type JsValue = Outcome<Minted>;

    fn compute(&mut self) -> NapiResult<Self::Output> {
        Ok(guarded(&self.0))
    }

    fn resolve(&mut self, _: Env, output: Self::Output) -> NapiResult<Self::JsValue> {
        Ok(outcome(output.map(Minted::from)))
    }
}
