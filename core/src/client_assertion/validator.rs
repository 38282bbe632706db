//! Assertions of clients, accepted by an authorization server.

use std::fmt;
use std::sync::Arc;

use serde::Deserialize;

use super::assertion::ClientAssertion;
use super::judge::{Judged, judge};
use super::policy::Policy;
use crate::claims::Claim;
use crate::config::{ClientAssertionConfig, read};
use crate::error::{Answer, Error, ErrorClass, ErrorCode, Result};
use crate::issuer::{self, IssuerCache, KeySteps, status_json};
use crate::key::SkippedKey;
use crate::ports::Ports;
use crate::waiting::{self, Progress, Refresh, Want, Wish};

/// Decides whether a client is who it says, by the assertion that it sends to the authorization
/// server's endpoints as `client_assertion` (RFC 7521 §4.2, RFC 7523 §3).
///
/// Cheap to clone; shared between threads. Immutable but for what was used: whoever makes a new
/// one, because clients have changed, gives both the same [store](Ports::replay_store) and the same
/// [cache of keys](IssuerCache).
#[derive(Clone)]
pub struct ClientAssertionValidator {
    policy: Arc<Policy>,
}

/// Arguments of one validation.
///
/// # Defaults
/// The clock's time; no `client_id` was sent beside the assertion.
#[derive(Clone, Debug, Default, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct ClientAssertionOptions {
    /// The time to judge by, in seconds since the epoch, instead of the clock's.
    #[serde(skip)]
    pub now: Option<f64>,
    /// The parameter `client_id` that was sent beside the assertion; it must name the same client
    /// (RFC 7521 §4.2).
    pub client_id: Option<String>,
}

impl ClientAssertionOptions {
    /// Reads the JSON text of what is required of the assertion: an object that may have `client_id`.
    ///
    /// # Errors
    /// `argument_invalid`, naming the member that is unknown or wrong.
    pub fn from_json(text: &str) -> Result<Self> {
        read(text, ErrorCode::ArgumentInvalid)
    }

    /// Judges by this time instead of the clock's.
    #[must_use]
    pub fn now(mut self, seconds: f64) -> Self {
        self.now = Some(seconds);
        self
    }

    /// The parameter `client_id` that was sent beside the assertion.
    #[must_use]
    pub fn client_id(mut self, client_id: impl Into<String>) -> Self {
        self.client_id = Some(client_id.into());
        self
    }
}

impl ClientAssertionValidator {
    /// How often an assertion is judged anew because of keys that were fetched for it. A host that
    /// has waited so often for one ends with [`validate_at_hand`](Self::validate_at_hand).
    pub const ROUNDS: usize = waiting::ROUNDS;

    /// A validator with the system's clock, the HTTP client of the feature `http`, and a
    /// [`MemoryReplayStore`](crate::MemoryReplayStore) of its own, which is enough only where one
    /// process is all there is.
    ///
    /// # Errors
    /// `config_invalid`, naming what is wrong.
    pub fn new(config: ClientAssertionConfig) -> Result<Self> {
        Self::with_ports(config, Ports::default())
    }

    /// A validator with its own view of the outside world.
    ///
    /// # Errors
    /// `config_invalid`, naming what is wrong.
    pub fn with_ports(config: ClientAssertionConfig, ports: Ports) -> Result<Self> {
        Ok(Self { policy: Arc::new(Policy::new(config, ports, None)?) })
    }

    /// A validator that shares the keys of a cache with others. What is fetched, and when, follows
    /// the cache's configuration and ports.
    ///
    /// # Errors
    /// `config_invalid`, naming what is wrong.
    pub fn with_issuer_cache(config: ClientAssertionConfig, ports: Ports, cache: &IssuerCache) -> Result<Self> {
        Ok(Self { policy: Arc::new(Policy::new(config, ports, Some(cache))?) })
    }

    /// Validates an assertion, once: a second time it is `token_replayed`.
    ///
    /// Checks, and stops at the first that fails: size and shape; header; `iss`, which names the
    /// client; type (`client-authentication+jwt`, or none); algorithm; key; signature. Then, of an
    /// authentic assertion: the types of its claims; its kind, where it has no type; that `iss`,
    /// `sub`, `aud`, `exp` and `jti` are there; `sub`, which is the client as well; `client_id`;
    /// `aud`, which is this server and nobody else; `exp`, `nbf`, `iat`, and that `exp` is near; and
    /// last, that the client has not used its `jti` before. Only an assertion that is good in all
    /// else is remembered as used.
    ///
    /// Waits only where a client's keys must be fetched: see [`step`](Self::step) and
    /// [`validate_at_hand`](Self::validate_at_hand) for callers that must not.
    ///
    /// It does **not** look at the request: that `client_assertion_type` is
    /// `urn:ietf:params:oauth:client-assertion-type:jwt-bearer`, and that the client authenticates
    /// in no other way at the same time (RFC 6749 §2.3), is the caller's to check; so is what the
    /// client may do. `private_key_jwt` and `client_secret_jwt` are told apart by the client's
    /// configuration, not by the caller.
    ///
    /// # Errors
    /// A code of bands 3 to 7, or of band 2 where the assertion names an unusable key, all answered
    /// with `invalid_client` and 401, without challenge (RFC 6749 §5.2). `keys_unavailable` where
    /// the client's keys cannot be had: no verdict, to be tried again. `internal` where the replay
    /// store fails. `argument_invalid` for a time that is none.
    pub fn validate(&self, token: impl AsRef<[u8]>, options: &ClientAssertionOptions) -> Result<ClientAssertion> {
        self.accept(waiting::patiently(|| self.attempt(token.as_ref(), options)))
    }

    /// Validates with the keys at hand and never waits. Where others are wanted, they are fetched
    /// on a thread that ends with it, for later calls.
    ///
    /// # Errors
    /// As [`validate`](Self::validate); `keys_unavailable` until keys have been fetched.
    pub fn validate_at_hand(
        &self,
        token: impl AsRef<[u8]>,
        options: &ClientAssertionOptions,
    ) -> Result<ClientAssertion> {
        self.accept(waiting::at_hand(|| self.attempt(token.as_ref(), options)))
    }

    /// Validates as far as it can without waiting, for hosts with a loop of their own, as
    /// [`Validator::step`](crate::Validator::step) does. Only the call that is
    /// [done](Progress::Done) notes the use.
    pub fn step(&self, token: impl AsRef<[u8]>, options: &ClientAssertionOptions) -> Progress<ClientAssertion> {
        waiting::advance(|| self.attempt(token.as_ref(), options)).map(|verdict| self.accept(verdict))
    }

    /// Validates without blocking the thread that polls it: keys are fetched on a thread that ends
    /// with it. No runtime is needed. The replay store is asked on the thread that polls.
    ///
    /// # Errors
    /// As [`validate`](Self::validate).
    #[cfg(feature = "async")]
    pub async fn validate_async(
        &self,
        token: impl AsRef<[u8]>,
        options: &ClientAssertionOptions,
    ) -> Result<ClientAssertion> {
        let token = token.as_ref();
        self.accept(waiting::eventually(|| self.attempt(token, options)).await)
    }

    /// Fetches the keys of every client that are not fresh, and waits for them. Best called when a
    /// server starts.
    ///
    /// # Errors
    /// `keys_unavailable` where a client's keys cannot be had; those of the others are there all the
    /// same.
    pub fn prefetch(&self) -> Result<()> {
        self.prefetch_steps().run()
    }

    /// [`prefetch`](Self::prefetch) for hosts with a loop of their own.
    #[must_use]
    pub fn prefetch_steps(&self) -> KeySteps {
        KeySteps::prefetch(self.policy.remote_keys(), answer)
    }

    /// Fetches the keys of every client anew, however fresh they are, and waits for them.
    ///
    /// # Errors
    /// As [`prefetch`](Self::prefetch); keys at hand are kept then.
    pub fn refresh(&self) -> Result<()> {
        self.refresh_steps().run()
    }

    /// [`refresh`](Self::refresh) for hosts with a loop of their own.
    #[must_use]
    pub fn refresh_steps(&self) -> KeySteps {
        KeySteps::refresh(self.policy.remote_keys(), answer)
    }

    /// A refresh of keys that are due, or that nobody has fetched yet; nothing where none is, or
    /// where somebody fetches already. For hosts that call [`step`](Self::step), every second or so.
    #[must_use]
    pub fn due_refresh(&self) -> Option<Refresh> {
        issuer::due_refresh(self.policy.remote_keys())
    }

    /// Where the keys of clients are in their life, as [`IssuerCache::status_json`] says, with the
    /// client in `issuer`; clients whose keys are given are left out.
    #[must_use]
    pub fn status_json(&self) -> String {
        status_json(&self.policy.remote_keys())
    }

    /// Entries of the configured key sets that cannot be used, with their clients. Those of fetched
    /// sets are in [`status_json`](Self::status_json).
    pub fn skipped_keys(&self) -> impl Iterator<Item = (&str, &SkippedKey)> {
        let clients = self.policy.clients.iter();
        clients.flat_map(|client| client.keys.skipped().iter().map(|key| (client.client_id.as_str(), key)))
    }

    /// The cache in which clients' keys are kept, where any are fetched.
    #[must_use]
    pub fn issuer_cache(&self) -> Option<&IssuerCache> {
        self.policy.cache.as_ref()
    }

    /// Judges with the keys at hand, and tells which others would be better. Notes no use.
    fn attempt(&self, token: &[u8], options: &ClientAssertionOptions) -> (Result<Judged>, Option<Box<dyn Want>>) {
        let wish = Wish::default();
        let now = self.policy.ports.now(options.now);
        let judged = now.and_then(|now| judge(&self.policy, token, options, now, &wish));
        (judged, wish.into_inner())
    }

    /// The verdict as the caller gets it: the first use of an assertion is noted, others are refused.
    fn accept(&self, verdict: Result<Judged>) -> Result<ClientAssertion> {
        let used = verdict.and_then(|Judged { assertion, now }| {
            let exp = assertion.claims().date(Claim::Exp).ok_or_else(|| Error::new(ErrorCode::Internal))?;
            let identity = [self.policy.issuer.as_str(), assertion.client_id(), assertion.jti()];
            let noted = self.policy.uses.note(&identity, exp.plus(self.policy.times.leeway), now);
            noted.map_err(Error::authentic).map(|()| assertion)
        });
        used.map_err(answer)
    }
}

/// Adds to an error what the endpoint answers with it (RFC 6749 §5.2); errors of use have no answer.
fn answer(error: Error) -> Error {
    let code = error.code();
    let answer = match code.class() {
        ErrorClass::Config => return error,
        ErrorClass::Undecided | ErrorClass::Internal => Answer { status: code.status(), ..Answer::default() },
        _ => Answer { oauth: Some("invalid_client"), status: Some(401), ..Answer::default() },
    };
    error.with_answer(answer)
}

impl fmt::Debug for ClientAssertionValidator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientAssertionValidator").field("clients", &self.policy.clients.len()).finish_non_exhaustive()
    }
}
