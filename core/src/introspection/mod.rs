//! What issuers say of their tokens when they are asked (RFC 7662).
//!
//! A judgement never asks: it looks at what is known of the token, and leaves a wish where that is
//! not enough. Answers are kept under digests that only this store can make, for a bounded time
//! and in a bounded number. What goes wrong says nothing about a token.
//!
//! What is known lies behind a lock that is never held while anything waits.

mod answer;
mod ask;
mod credentials;
mod failure;
mod question;
mod store;

pub(crate) use question::{Dates, Question};

use crate::sync::atomic::{AtomicU64, Ordering};
use std::collections::HashMap;
use std::sync::Arc;

use crate::algorithm::AlgorithmSet;
use crate::config::{Handles, IntrospectionConfig, Strategy, invalid};
use crate::crypto::Mac;
use crate::encoding::json;
use crate::error::{Error, ErrorCode, Result};
use crate::issuer::{IssuerCache, Keys, Outside, Settings, Url};
use crate::process::PerProcess;
use crate::time::Millis;
use crate::waiting::{Backoff, Flight};
use credentials::Credentials;
use failure::Failure;
use store::{Digest, Store};

/// One issuer, as it is asked about its tokens.
pub(crate) struct Introspection {
    issuer: String,
    endpoint: Url,
    /// Whether the operator vouches for the endpoint's host.
    trusted: bool,
    credentials: Credentials,
    /// As whom it asks, as signed answers name it.
    client_id: String,
    /// Whether answers must be signed.
    signed: bool,
    /// How long an answer holds.
    span: Millis,
    /// For how long the local verdict stands while the endpoint is down.
    local_verdict: Millis,
    most: usize,
    opaque_tokens: bool,
    audience_optional: bool,
    settings: Arc<Settings>,
    outside: Arc<Outside>,
    mac: Mac,
    state: PerProcess<State>,
    counters: Counters,
}

/// With what signed answers of an issuer are verified.
pub(crate) struct Verification<'a> {
    pub(crate) issuer: &'a str,
    pub(crate) client_id: &'a str,
    pub(crate) keys: &'a Keys,
    pub(crate) algorithms: AlgorithmSet,
    pub(crate) listed: bool,
    pub(crate) pinned: &'a [String],
    pub(crate) leeway: i64,
}

#[derive(Default)]
struct State {
    store: Store,
    /// Whoever asks, by the token that is asked about.
    flights: HashMap<Digest, Flight>,
    /// While the endpoint fails: who asks next.
    probe: Option<Flight>,
    backoff: Backoff,
    /// When it was first found down since it last answered.
    down_since: Option<Millis>,
    answered: Option<Millis>,
    last_error: Option<(Failure, Millis)>,
}

/// What has happened since the issuer was first asked.
#[derive(Default)]
struct Counters {
    asked: AtomicU64,
    answered: AtomicU64,
    inactive: AtomicU64,
    failures: AtomicU64,
}

impl Introspection {
    /// `trusted` is whether the operator vouches for the endpoint's host.
    pub(crate) fn new(
        config: &IntrospectionConfig,
        strategy: Strategy,
        issuer: &str,
        handles: &Handles,
        cache: &IssuerCache,
        trusted: bool,
    ) -> Result<Self> {
        let asks_only = strategy == Strategy::Introspection;
        let within = |given: Option<u32>, usual: u32, least: u32, most: u32, words: &'static str| {
            let value = given.unwrap_or(usual);
            if (least..=most).contains(&value) { Ok(Millis::from(value)) } else { Err(invalid(words)) }
        };
        let span = match (asks_only, config.cache_seconds, config.every_seconds) {
            (true, given, None) => within(given, 30, 1, 3600, "introspection.cache_seconds is not within 1 to 3600")?,
            (false, None, Some(given)) => {
                within(Some(given), 0, 1, 86_400, "introspection.every_seconds is not within 1 to 86400")?
            }
            (true, ..) => return Err(invalid("introspection.every_seconds is not for this strategy")),
            (false, None, None) => return Err(invalid("introspection.every_seconds is missing")),
            (false, ..) => return Err(invalid("introspection.cache_seconds is not for this strategy")),
        };
        let most = within(
            config.cache_entries,
            10_000,
            100,
            1_000_000,
            "introspection.cache_entries is not within 100 to 1000000",
        )?;
        let local = within(
            config.local_verdict_while_unavailable_seconds,
            0,
            0,
            86_400,
            "introspection.local_verdict_while_unavailable_seconds is more than 86400",
        )?;
        if asks_only && local > 0 {
            return Err(invalid(
                "introspection.local_verdict_while_unavailable_seconds is not for this strategy: there is none",
            ));
        }
        let opaque_tokens = config.opaque_tokens.unwrap_or(asks_only);
        let audience_optional = config.danger_audience_optional.unwrap_or(false);
        if audience_optional && !asks_only && !opaque_tokens {
            return Err(invalid("introspection.danger_audience_optional is not for this strategy"));
        }
        let signed = config.signed_response.unwrap_or(false);
        let client_id = config.client_id.clone().unwrap_or_default();
        if signed && client_id.is_empty() {
            return Err(invalid("introspection.client_id is missing: signed answers name it"));
        }
        let (settings, outside) = cache.surroundings();
        let endpoint = settings.url(&config.endpoint);
        let endpoint = endpoint.ok_or_else(|| invalid("introspection.endpoint is no https URL without fragment"))?;
        Ok(Self {
            issuer: issuer.to_owned(),
            trusted: trusted || settings.trusts(endpoint.host()),
            endpoint,
            credentials: Credentials::new(config, issuer, handles, outside.ports())?,
            client_id,
            signed,
            span: span * 1000,
            local_verdict: local * 1000,
            most: usize::try_from(most).unwrap_or(usize::MAX),
            opaque_tokens,
            audience_optional,
            settings,
            outside,
            mac: Mac::generate().map_err(|_| Error::new(ErrorCode::Internal))?,
            state: PerProcess::new(),
            counters: Counters::default(),
        })
    }

    /// Whether answers must be signed, so that keys are needed.
    pub(crate) fn is_signed(&self) -> bool {
        self.signed
    }

    /// As whom it asks.
    pub(crate) fn client_id(&self) -> &str {
        &self.client_id
    }

    /// Whether tokens that are no JWTs are this issuer's.
    pub(crate) fn takes_opaque_tokens(&self) -> bool {
        self.opaque_tokens
    }

    /// Whether an answer need not name an audience.
    pub(crate) fn audience_is_optional(&self) -> bool {
        self.audience_optional
    }

    /// What has happened so far, as a JSON object.
    pub(crate) fn status_json(&self) -> String {
        let now = self.outside.now().ok();
        let (entries, last_error, available) =
            self.state.with(|state| (state.store.len(), state.last_error, state.down_since.is_none()));
        let count = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let counters = &self.counters;
        let mut out = format!(
            "{{\"asked\":{},\"answered\":{},\"inactive\":{},\"failures\":{},\"entries\":{entries},\"last_error\":",
            count(&counters.asked),
            count(&counters.answered),
            count(&counters.inactive),
            count(&counters.failures),
        );
        match last_error {
            Some((failure, at)) => {
                let age = now.map_or("null".to_owned(), |now| ((now - at).max(0) / 1000).to_string());
                out.push_str(&format!("{{\"code\":\"{}\",\"reason\":", Failure::CODE));
                json::write_string(failure.as_str(), &mut out);
                out.push_str(&format!(",\"age_seconds\":{age}}}"));
            }
            None => out.push_str("null"),
        }
        out.push_str(&format!(",\"available\":{available}}}"));
        out
    }
}
