//! Client assertions: accepted, and made.

use at9068::{
    ClientAssertion, ClientAssertionConfig, ClientAssertionMinterConfig, ClientAssertionOptions,
    ClientAssertionRequest, Error, MintedToken,
};
use napi::bindgen_prelude::{AsyncTask, ClassInstance, Either, Uint8Array};
use napi_derive::napi;
use serde::Serialize;

use crate::failure::{Outcome, outcome};
use crate::issuer_cache::IssuerCache;
use crate::issuer_keys::IssuerKeys;
use crate::key::{KeySet, SigningKey, Skipped};
use crate::minter::{Minting, minted};
use crate::ports::Ports;
use crate::refresh::{Stage, stage};
use crate::signed::{self, Text};
use crate::validator::{handles, octets};

/// Decides whether clients are who they say.
#[napi]
pub struct ClientAssertionValidator(at9068::ClientAssertionValidator);

/// Makes a validator, as that of access tokens is made.
#[napi(catch_unwind)]
pub fn new_client_assertion_validator(
    config: String,
    key_sets: Vec<ClassInstance<'_, KeySet>>,
    signing_keys: Vec<ClassInstance<'_, SigningKey>>,
    ports: ClassInstance<'_, Ports>,
    cache: Option<ClassInstance<'_, IssuerCache>>,
) -> Outcome<ClientAssertionValidator> {
    let config = ClientAssertionConfig::from_json_with(&config, &handles(&key_sets, &signing_keys));
    let made = config.and_then(|config| match cache {
        Some(cache) => at9068::ClientAssertionValidator::with_issuer_cache(config, ports.core(), &cache.0),
        None => at9068::ClientAssertionValidator::with_ports(config, ports.core()),
    });
    outcome(made.map(ClientAssertionValidator))
}

#[napi]
impl ClientAssertionValidator {
    /// Validates an assertion as far as that goes without waiting.
    #[napi(catch_unwind)]
    pub fn step(&self, token: Either<String, Uint8Array>, now: Option<f64>, require: Option<String>) -> Stage<Text> {
        let options = options(now, require);
        stage(options.map(|options| self.0.step(octets(&token), &options)), |assertion| verified(&assertion))
    }

    /// Validates an assertion with the keys at hand.
    #[napi(catch_unwind)]
    pub fn validate_at_hand(
        &self,
        token: Either<String, Uint8Array>,
        now: Option<f64>,
        require: Option<String>,
    ) -> Outcome<Text> {
        let verdict = options(now, require).and_then(|options| self.0.validate_at_hand(octets(&token), &options));
        outcome(verdict.map(|assertion| verified(&assertion)))
    }

    /// The keys that it fetches.
    #[napi(catch_unwind)]
    pub fn keys(&self) -> IssuerKeys {
        IssuerKeys::of(self.0.clone())
    }

    /// The entries of the configured key sets that cannot be used, the clients in place of issuers.
    #[napi(catch_unwind)]
    pub fn skipped_keys(&self) -> Vec<Skipped> {
        self.0.skipped_keys().map(|(client, key)| Skipped::of(Some(client), key)).collect()
    }
}

fn options(now: Option<f64>, require: Option<String>) -> Result<ClientAssertionOptions, Error> {
    let mut options = require
        .map_or_else(|| Ok(ClientAssertionOptions::default()), |require| ClientAssertionOptions::from_json(&require))?;
    options.now = now;
    Ok(options)
}

#[derive(Serialize)]
struct Facts<'a> {
    client_id: &'a str,
    jti: &'a str,
    aud: &'a str,
    exp: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    iat: Option<i64>,
    method: &'static str,
}

fn verified(assertion: &ClientAssertion) -> Text {
    let facts = Facts {
        client_id: assertion.client_id(),
        jti: assertion.jti(),
        aud: assertion.aud(),
        exp: assertion.exp(),
        iat: assertion.iat(),
        method: assertion.method().as_str(),
    };
    signed::verified(assertion.header_json(), assertion.claims_json(), &facts)
}

/// Makes assertions of one client.
#[napi]
pub struct ClientAssertionMinter(at9068::ClientAssertionMinter);

/// Makes a minter from configuration JSON and the handles that it refers to.
#[napi(catch_unwind)]
pub fn new_client_assertion_minter(
    config: String,
    key_sets: Vec<ClassInstance<'_, KeySet>>,
    signing_keys: Vec<ClassInstance<'_, SigningKey>>,
) -> Outcome<ClientAssertionMinter> {
    let config = ClientAssertionMinterConfig::from_json_with(&config, &handles(&key_sets, &signing_keys));
    outcome(config.and_then(at9068::ClientAssertionMinter::new).map(ClientAssertionMinter))
}

#[napi]
impl ClientAssertionMinter {
    /// The entries of the configured keys that cannot sign.
    #[napi(catch_unwind)]
    pub fn skipped_keys(&self) -> Vec<Skipped> {
        self.0.skipped_keys().iter().map(|key| Skipped::of(None, key)).collect()
    }

    /// Mints while the caller waits.
    #[napi(catch_unwind)]
    pub fn mint_sync(&self, request: Option<String>, now: Option<f64>) -> Outcome<Text> {
        outcome(mint(&self.0, request.as_deref(), now).map(|token| minted(&token)))
    }

    /// Mints on a thread of the pool.
    #[napi(catch_unwind)]
    pub fn mint(&self, request: Option<String>, now: Option<f64>) -> AsyncTask<Minting> {
        let minter = self.0.clone();
        Minting::new(move || mint(&minter, request.as_deref(), now))
    }
}

fn mint(minter: &at9068::ClientAssertionMinter, request: Option<&str>, now: Option<f64>) -> Result<MintedToken, Error> {
    let request = request.map(ClientAssertionRequest::from_json).transpose()?.unwrap_or_default();
    minter.mint(&request, now)
}
