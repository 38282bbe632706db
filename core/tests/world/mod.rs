//! A world in which time stands still unless it is moved, and issuers answer what they are told.

#![allow(clippy::unwrap_used, dead_code, reason = "a test that meets the unexpected fails, and should")]

use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use at9068::{
    Algorithm, ApiConfig, Clock, Dialect, Error, Event, Events, Fetch, FetchFailure, FetchRequest, FetchResponse,
    IssuerCacheConfig, MintRequest, Minter, MinterConfig, Ports, Result, SigningKey, Timestamp, ValidateOptions,
    Validator, ValidatorConfig,
};

pub(crate) const ISSUER: &str = "https://as.example/";
pub(crate) const API: &str = "https://api.example/";
pub(crate) const JWKS_URI: &str = "https://as.example/jwks";
pub(crate) const OAUTH: &str = "https://as.example/.well-known/oauth-authorization-server";
pub(crate) const OPENID: &str = "https://as.example/.well-known/openid-configuration";

/// What a URL answers.
type Answer = Result<FetchResponse, FetchFailure>;

#[derive(Default)]
pub(crate) struct World {
    millis: AtomicI64,
    answers: Mutex<HashMap<String, Answer>>,
    requests: Mutex<Vec<FetchRequest>>,
    pub(crate) fetches: AtomicUsize,
    pub(crate) events: Mutex<Vec<String>>,
}

impl Clock for World {
    fn now(&self) -> Result<Timestamp> {
        Timestamp::from_seconds(self.seconds())
    }
}

impl Fetch for World {
    fn fetch(&self, request: &FetchRequest) -> Answer {
        self.fetches.fetch_add(1, Ordering::SeqCst);
        self.requests.lock().unwrap().push(request.clone());
        let answers = self.answers.lock().unwrap();
        let answer = answers.get(&request.url).cloned().unwrap_or_else(|| Ok(FetchResponse::new(404, "")));
        let sent = request.headers.iter().find(|(name, _)| name == "If-None-Match").map(|(_, value)| value.clone());
        match answer {
            Ok(response) if sent.is_some() && field(&response, "ETag") == sent => {
                let mut unchanged = response;
                (unchanged.status, unchanged.body) = (304, Vec::new());
                Ok(unchanged)
            }
            answer => answer,
        }
    }
}

impl Events for World {
    fn event(&self, event: &Event) {
        self.events.lock().unwrap().push(event.to_json());
    }
}

fn field(response: &FetchResponse, name: &str) -> Option<String> {
    response.headers.iter().find(|(given, _)| given == name).map(|(_, value)| value.clone())
}

impl World {
    /// A world at an hour after the epoch.
    pub(crate) fn new() -> Arc<Self> {
        let world = Self::default();
        world.millis.store(3_600_000, Ordering::SeqCst);
        Arc::new(world)
    }

    pub(crate) fn seconds(&self) -> f64 {
        self.millis.load(Ordering::SeqCst) as f64 / 1000.0
    }

    pub(crate) fn pass(&self, seconds: i64) {
        self.millis.fetch_add(seconds * 1000, Ordering::SeqCst);
    }

    pub(crate) fn pass_millis(&self, millis: i64) {
        self.millis.fetch_add(millis, Ordering::SeqCst);
    }

    pub(crate) fn answer(&self, url: &str, answer: Answer) {
        self.answers.lock().unwrap().insert(url.to_owned(), answer);
    }

    /// Publishes keys under the usual URL.
    pub(crate) fn publish(&self, keys: &[&SigningKey]) {
        self.answer(JWKS_URI, Ok(json(&jwks(keys))));
    }

    /// Both kinds of metadata, which agree.
    pub(crate) fn describe(&self) {
        for url in [OAUTH, OPENID] {
            self.answer(url, Ok(metadata(ISSUER, JWKS_URI)));
        }
    }

    pub(crate) fn fetched(&self) -> usize {
        self.fetches.swap(0, Ordering::SeqCst)
    }

    pub(crate) fn requested(&self) -> Vec<FetchRequest> {
        std::mem::take(&mut *self.requests.lock().unwrap())
    }

    pub(crate) fn told(&self) -> Vec<String> {
        std::mem::take(&mut *self.events.lock().unwrap())
    }

    pub(crate) fn ports(self: &Arc<Self>) -> Ports {
        Ports::default().clock(Arc::clone(self) as _).fetch(Arc::clone(self) as _).events(Arc::clone(self) as _)
    }

    /// A validator that knows where the keys are.
    pub(crate) fn validator(self: &Arc<Self>) -> Validator {
        self.validator_of(ValidatorConfig::new(ISSUER, API).jwks_uri(JWKS_URI))
    }

    pub(crate) fn validator_of(self: &Arc<Self>, config: ValidatorConfig) -> Validator {
        Validator::with_ports(config, self.ports()).unwrap()
    }

    pub(crate) fn validator_with(self: &Arc<Self>, cache: IssuerCacheConfig) -> Validator {
        self.validator_of(ValidatorConfig::new(ISSUER, API).jwks_uri(JWKS_URI).issuer_cache(cache))
    }

    /// A token of now, for a day.
    pub(crate) fn mint(&self, key: &SigningKey) -> String {
        self.mint_for(ISSUER, key)
    }

    pub(crate) fn mint_for(&self, issuer: &str, key: &SigningKey) -> String {
        let api = ApiConfig::new(API, Dialect::Rfc9068Profile).lifetime_seconds(86_400).scopes(["a"]);
        let minter = Minter::new(MinterConfig::new(issuer, [key.clone()], [api])).unwrap();
        let request = MintRequest::new("authorization_code", "client").subject("user").scope("a");
        minter.mint(&request, Some(self.seconds())).unwrap().into_token()
    }

    /// The code of the verdict, or `ok`.
    pub(crate) fn verdict(&self, validator: &Validator, token: &str) -> &'static str {
        code(&validator.validate(token, &ValidateOptions::default()))
    }
}

pub(crate) fn code<T>(verdict: &Result<T, Error>) -> &'static str {
    verdict.as_ref().map_or_else(|error| error.code().slug(), |_| "ok")
}

pub(crate) fn key() -> SigningKey {
    SigningKey::generate(Algorithm::ES256).unwrap()
}

pub(crate) fn jwks(keys: &[&SigningKey]) -> String {
    at9068::KeySet::from_signing_keys(keys.iter().copied()).unwrap().to_json()
}

pub(crate) fn json(text: &str) -> FetchResponse {
    FetchResponse::new(200, text).header("Content-Type", "application/json")
}

pub(crate) fn metadata(issuer: &str, jwks_uri: &str) -> FetchResponse {
    json(&format!("{{\"issuer\":\"{issuer}\",\"jwks_uri\":\"{jwks_uri}\",\"other\":[1]}}"))
}
