//! Minting.

use at9068::{AccessToken, Error, IdTokenRequest, MintRequest, MintedToken, MinterConfig};
use napi::Task;
use napi::bindgen_prelude::{AsyncTask, ClassInstance};
use napi::{Env, Result as NapiResult};
use napi_derive::napi;

use crate::batch::MintBatch;
use crate::failure::{Outcome, guarded, outcome};
use crate::key::{KeySet, SigningKey, Skipped};
use crate::signed::{Text, signed};
use crate::validator::{Validator, handles};

/// Mints tokens.
#[napi]
pub struct Minter(at9068::Minter);

/// What was minted: the number is that of the seconds until it expires, the rest is the token.
pub(crate) fn minted(minted: &MintedToken) -> Text {
    signed(minted.header_json(), minted.claims_json(), minted.expires_in(), &[minted.token()])
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
    pub fn mint_sync(&self, request: String, now: Option<f64>) -> Outcome<Text> {
        outcome(mint(&self.0, &request, now).map(|token| minted(&token)))
    }

    /// Mints an access token on a thread of the pool.
    #[napi(catch_unwind)]
    pub fn mint(&self, request: String, now: Option<f64>) -> AsyncTask<Minting> {
        let minter = self.0.clone();
        Minting::new(move || mint(&minter, &request, now))
    }

    /// Place for requests that are to be minted together.
    #[napi(catch_unwind)]
    pub fn batch(&self) -> MintBatch {
        MintBatch::new(self.0.clone())
    }

    /// Mints an ID token while the caller waits.
    #[napi(catch_unwind)]
    pub fn mint_id_token_sync(&self, request: String, now: Option<f64>) -> Outcome<Text> {
        outcome(mint_id_token(&self.0, &request, now).map(|token| minted(&token)))
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
        token: Option<String>,
        validator: Option<ClassInstance<'_, Validator>>,
        audience: String,
        now: Option<f64>,
    ) -> Outcome<Text> {
        let token = introspected(token.as_deref(), validator);
        let made = token.and_then(|token| self.0.mint_introspection_response(token.as_ref(), &audience, now));
        outcome(made.map(|token| minted(&token)))
    }

    /// Does the same on a thread of the pool.
    #[napi(catch_unwind)]
    pub fn mint_introspection_response(
        &self,
        token: Option<String>,
        validator: Option<ClassInstance<'_, Validator>>,
        audience: String,
        now: Option<f64>,
    ) -> AsyncTask<Minting> {
        let token = introspected(token.as_deref(), validator);
        let minter = self.0.clone();
        Minting::new(move || minter.mint_introspection_response(token.clone()?.as_ref(), &audience, now))
    }
}

/// What an introspection endpoint was asked about: a token, again, of whoever found it good; or nothing.
fn introspected(
    token: Option<&str>,
    validator: Option<ClassInstance<'_, Validator>>,
) -> Result<Option<AccessToken>, Error> {
    token.zip(validator).map(|(token, validator)| validator.recall(token)).transpose()
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
    type JsValue = Outcome<Text>;

    fn compute(&mut self) -> NapiResult<Self::Output> {
        Ok(guarded(&self.0))
    }

    fn resolve(&mut self, _: Env, output: Self::Output) -> NapiResult<Self::JsValue> {
        Ok(outcome(output.map(|token| minted(&token))))
    }
}
