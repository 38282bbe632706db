//! Validation of ID tokens, for callers that wait and for those that must not.

use std::fmt;
use std::sync::Arc;

use super::checks::IdTokenChecks;
use super::judge::judge;
use super::policy::Policy;
use super::token::IdToken;
use crate::config::IdTokenConfig;
use crate::error::{Error, Result};
use crate::issuer::{IssuerCache, KeySteps, due_refresh, status_json};
use crate::key::SkippedKey;
use crate::ports::Ports;
use crate::waiting::{self, Progress, Refresh, Want, Wish};

/// Decides whether a token is a good ID token for this client, and of this login
/// (OpenID Connect Core §3.1.3.7).
///
/// Immutable; cheap to clone; shared between threads. Keys that are not given are fetched from the
/// issuer when they are first needed, and kept as [`IssuerCache`] says.
///
/// Errors are those of access tokens, without an answer over HTTP: a client that refuses an ID token
/// has nobody to answer. `retry_after` is told where no verdict could be reached.
#[derive(Clone)]
pub struct IdTokenValidator {
    policy: Arc<Policy>,
}

impl IdTokenValidator {
    /// How often a token is judged anew because of keys that were fetched for it. A host that
    /// has waited so often for one token ends with [`validate_at_hand`](Self::validate_at_hand).
    pub const ROUNDS: usize = waiting::ROUNDS;

    /// A validator with the system's clock and the HTTP client of the feature `http`.
    ///
    /// # Errors
    /// `config_invalid`, naming what is wrong.
    pub fn new(config: IdTokenConfig) -> Result<Self> {
        Self::with_ports(config, Ports::default())
    }

    /// A validator with its own view of the outside world: clock, fetch and events.
    ///
    /// # Errors
    /// `config_invalid`, naming what is wrong.
    pub fn with_ports(config: IdTokenConfig, ports: Ports) -> Result<Self> {
        Ok(Self { policy: Arc::new(Policy::new(config, ports, None)?) })
    }

    /// A validator that shares the keys of a cache with others, also with those of access tokens.
    /// What is fetched, and when, follows the cache's configuration and ports.
    ///
    /// # Errors
    /// `config_invalid`, naming what is wrong.
    pub fn with_issuer_cache(config: IdTokenConfig, ports: Ports, cache: &IssuerCache) -> Result<Self> {
        Ok(Self { policy: Arc::new(Policy::new(config, ports, Some(cache))?) })
    }

    /// Validates an ID token. The time is the clock's unless given, in seconds since the epoch.
    ///
    /// Checks, and stops at the first that fails: size and shape; header; `iss`; type, which is
    /// `JWT` or absent; algorithm; key; signature. Then, of an authentic token: the types of its
    /// claims; its kind; that `iss`, `sub`, `aud`, `exp` and `iat` are there; that `aud` holds the
    /// client and nobody who is not trusted; `azp`; `exp`, `nbf`, `iat` and lifetime; `nonce`;
    /// `auth_time` and `acr`; `at_hash`, `c_hash` and `s_hash`.
    ///
    /// Waits only where keys must be fetched: see [`validate_at_hand`](Self::validate_at_hand) and
    /// [`step`](Self::step) for callers that must not.
    ///
    /// It does **not** check whether a token comes for the second time: a nonce is to be dropped
    /// from the session with the first. Nor whether the user is who was expected, or the one of the
    /// token before a refresh (§12.2): compare `sub`. It does not decrypt, and knows neither
    /// self-issued tokens (§7) nor claims of distributed or aggregated sources (§5.6.2).
    ///
    /// # Errors
    /// A code of bands 3 to 6, `authentication_insufficient`, or a code of band 2 where the token
    /// names an unusable key. `keys_unavailable` or `metadata_invalid` where the issuer's keys
    /// cannot be had: no verdict, to be tried again. `argument_invalid` for a time that is none, or
    /// a check that is empty.
    pub fn validate(&self, token: impl AsRef<[u8]>, checks: &IdTokenChecks, now: Option<f64>) -> Result<IdToken> {
        let token = token.as_ref();
        waiting::patiently(|| self.attempt(token, checks, now)).map_err(Error::unanswered)
    }

    /// Validates with the keys at hand and never waits. Where others are wanted, they are fetched
    /// on a thread that ends with it, for later calls.
    ///
    /// # Errors
    /// As [`validate`](Self::validate); `keys_unavailable` until keys have been fetched.
    pub fn validate_at_hand(
        &self,
        token: impl AsRef<[u8]>,
        checks: &IdTokenChecks,
        now: Option<f64>,
    ) -> Result<IdToken> {
        waiting::at_hand(|| self.attempt(token.as_ref(), checks, now)).map_err(Error::unanswered)
    }

    /// Validates as far as it can without waiting, for hosts with a loop of their own, as
    /// [`Validator::step`](crate::Validator::step) does.
    pub fn step(&self, token: impl AsRef<[u8]>, checks: &IdTokenChecks, now: Option<f64>) -> Progress<IdToken> {
        let token = token.as_ref();
        waiting::advance(|| self.attempt(token, checks, now)).map(|verdict| verdict.map_err(Error::unanswered))
    }

    /// Validates without blocking the thread that polls it: keys are fetched on a thread that ends
    /// with it. No runtime is needed.
    ///
    /// # Errors
    /// As [`validate`](Self::validate).
    #[cfg(feature = "async")]
    pub async fn validate_async(
        &self,
        token: impl AsRef<[u8]>,
        checks: &IdTokenChecks,
        now: Option<f64>,
    ) -> Result<IdToken> {
        let token = token.as_ref();
        waiting::eventually(|| self.attempt(token, checks, now)).await.map_err(Error::unanswered)
    }

    /// Fetches the issuer's keys where they are not fresh, and waits for them. Best called when a
    /// server starts.
    ///
    /// # Errors
    /// `keys_unavailable` or `metadata_invalid` where they cannot be had.
    pub fn prefetch(&self) -> Result<()> {
        self.prefetch_steps().run()
    }

    /// [`prefetch`](Self::prefetch) for hosts with a loop of their own.
    #[must_use]
    pub fn prefetch_steps(&self) -> KeySteps {
        KeySteps::prefetch(self.policy.remote_keys(), Error::unanswered)
    }

    /// Fetches the issuer's keys anew, however fresh they are, and waits for them: for the operator
    /// who knows that a key was taken back.
    ///
    /// # Errors
    /// As [`prefetch`](Self::prefetch); keys at hand are kept then.
    pub fn refresh(&self) -> Result<()> {
        self.refresh_steps().run()
    }

    /// [`refresh`](Self::refresh) for hosts with a loop of their own.
    #[must_use]
    pub fn refresh_steps(&self) -> KeySteps {
        KeySteps::refresh(self.policy.remote_keys(), Error::unanswered)
    }

    /// A refresh of keys that are due, or that nobody has fetched yet; nothing where none is, or
    /// where somebody fetches already. For hosts that call [`step`](Self::step), every second or so.
    #[must_use]
    pub fn due_refresh(&self) -> Option<Refresh> {
        due_refresh(self.policy.remote_keys())
    }

    /// Entries of the configured key set that cannot be used. Those of a fetched set are in
    /// [`status_json`](Self::status_json).
    #[must_use]
    pub fn skipped_keys(&self) -> &[SkippedKey] {
        self.policy.keys.skipped()
    }

    /// Where the issuer's keys are in their life, as [`IssuerCache::status_json`] says; none
    /// where they are given.
    #[must_use]
    pub fn status_json(&self) -> String {
        status_json(&self.policy.remote_keys())
    }

    /// The cache in which the issuer's keys are kept, where they are fetched.
    #[must_use]
    pub fn issuer_cache(&self) -> Option<&IssuerCache> {
        self.policy.cache.as_ref()
    }

    /// Judges with the keys at hand, and tells which others would be better.
    fn attempt(
        &self,
        token: &[u8],
        checks: &IdTokenChecks,
        now: Option<f64>,
    ) -> (Result<IdToken>, Option<Box<dyn Want>>) {
        let wish = Wish::default();
        let verdict = checks
            .check()
            .and_then(|()| self.policy.ports.now(now))
            .and_then(|now| judge(&self.policy, token, checks, now, &wish));
        (verdict, wish.into_inner())
    }
}

impl fmt::Debug for IdTokenValidator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IdTokenValidator").finish_non_exhaustive()
    }
}
