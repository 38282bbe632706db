//! Validation of access tokens (RFC 9068 §4), in one order of checks for every caller.

mod access_token;
mod batch;
mod credentials;
mod inquiry;
mod judge;
mod migration;
mod policy;
mod recall;
mod request;
mod trace;
mod wait;

pub use access_token::{AccessToken, Origin};
pub use batch::Batch;
pub use credentials::Credential;
pub use migration::MigrationReport;
pub use request::{Request, Require, ValidateOptions};
pub use trace::{Explanation, Outcome, Step};

use std::fmt;
use std::sync::Arc;

use crate::binding::Presentation;
use crate::config::ValidatorConfig;
use crate::error::{Error, Result};
use crate::issuer::IssuerCache;
use crate::key::SkippedKey;
use crate::ports::Ports;
use crate::time::Timestamp;
use crate::waiting::{self, Want, Wish};
use judge::Circumstances;
use policy::{IssuerPolicy, Policy};
use trace::{Recorder, Silent};

/// Decides whether a token is a good access token for this API.
///
/// Immutable; cheap to clone; shared between threads. Keys that are not given are fetched from the
/// issuer when they are first needed, and kept as [`IssuerCache`] says.
#[derive(Clone)]
pub struct Validator {
    policy: Arc<Policy>,
}

impl Validator {
    /// A validator with the system's clock and the HTTP client of the feature `http`.
    ///
    /// # Errors
    /// `config_invalid`, naming what is wrong.
    pub fn new(config: ValidatorConfig) -> Result<Self> {
        Self::with_ports(config, Ports::default())
    }

    /// A validator with its own view of the outside world.
    ///
    /// # Errors
    /// `config_invalid`, naming what is wrong.
    pub fn with_ports(config: ValidatorConfig, ports: Ports) -> Result<Self> {
        Ok(Self { policy: Arc::new(Policy::new(config, ports, None)?) })
    }

    /// A validator that shares the keys of a cache with others. What is fetched, and when, follows
    /// the cache's configuration and ports.
    ///
    /// # Errors
    /// `config_invalid`, naming what is wrong.
    pub fn with_issuer_cache(config: ValidatorConfig, ports: Ports, cache: &IssuerCache) -> Result<Self> {
        Ok(Self { policy: Arc::new(Policy::new(config, ports, Some(cache))?) })
    }

    /// Validates a token that the caller took out of a request.
    ///
    /// Checks, and stops at the first that fails: size and shape; header; `iss`; type; algorithm;
    /// key; signature. Then, of an authentic token: the types of its claims; its kind; required
    /// claims; `aud`; `exp`, `nbf`, `iat` and lifetime; the sender constraint of `cnf`; where there is
    /// one, the [list of revocations](crate::Revocations); where its [`Strategy`](crate::Strategy)
    /// says so, whether the issuer still vouches for it; and what `options.require` demands. Where the
    /// strategy is to ask the issuer about every token, its answer stands in the place of what comes
    /// from the type to required claims (RFC 7662 §2.2).
    ///
    /// Waits only where keys must be fetched or the issuer must be asked: see
    /// [`validate_at_hand`](Self::validate_at_hand) and [`step`](Self::step) for callers that must not.
    ///
    /// It does **not** check whether the token was revoked, unless it is told so in one of these ways,
    /// whether the client or user still exists, or DPoP proofs: a token bound to a DPoP key is refused.
    ///
    /// # Errors
    /// A code of bands 3 to 7, or of band 2 where the token names an unusable key; with the
    /// answer to give. `keys_unavailable` or `metadata_invalid` where the issuer's keys cannot be
    /// had, `introspection_unavailable` where the issuer cannot be asked: no verdict, to be tried
    /// again. `argument_invalid` for a time that is none.
    pub fn validate(&self, token: impl AsRef<[u8]>, options: &ValidateOptions) -> Result<AccessToken> {
        self.patiently(Credential::Token(token.as_ref()), options)
    }

    /// Takes the credential out of a request's headers and validates it (RFC 6750 §2.1).
    ///
    /// Exactly one `Authorization` header with one token is accepted; tokens in a form body or
    /// a query are not. The client's certificate is taken from `request` too; `options.request`
    /// is not read.
    ///
    /// # Errors
    /// As [`validate`](Self::validate); `credentials_missing` where nothing is sent, or another
    /// scheme; `credentials_malformed` for bad syntax or more than one credential.
    pub fn authenticate(&self, request: &Request, options: &ValidateOptions) -> Result<AccessToken> {
        self.patiently(Credential::Request(request), options)
    }

    /// Validates a token and tells of every rule how it was met, instead of only the first that
    /// failed. For developers and operators; slower than [`validate`](Self::validate), whose
    /// verdict it gives too.
    ///
    /// Up to the signature every failure ends the judgement, since nothing after it could be
    /// believed; the rules that follow are then marked as not reached. The trace holds nothing
    /// of the token but the kinds of its values. Do not show it to clients all the same: it
    /// tells an attacker how far a forgery came.
    ///
    /// # Errors
    /// `argument_invalid` for a time that is none, `internal` for a clock that fails; a refused
    /// token is no error here.
    pub fn explain(&self, token: impl AsRef<[u8]>, options: &ValidateOptions) -> Result<Explanation> {
        let now = self.time(options)?;
        Ok(waiting::patiently(|| self.trace(token.as_ref(), options, now)))
    }

    /// Entries of the configured key sets that cannot be used, with their issuers. Those of
    /// fetched sets are in [`status_json`](Self::status_json).
    pub fn skipped_keys(&self) -> impl Iterator<Item = (&str, &SkippedKey)> {
        let issuers = self.policy.issuers.iter();
        issuers.flat_map(|issuer| issuer.keys.skipped().iter().map(|key| (issuer.issuer.as_str(), key)))
    }

    /// Of every issuer with `migrate_from`, how far its tokens have moved. An explanation is no
    /// validation and counts for nothing.
    pub fn migrations(&self) -> impl Iterator<Item = MigrationReport> {
        let configured = self.policy.issuers.iter();
        let learned = self.policy.learned();
        let report =
            |issuer: &IssuerPolicy| issuer.migration.as_ref().map(|migration| migration.report(&issuer.issuer));
        let learned: Vec<_> = learned.iter().filter_map(|issuer| report(issuer)).collect();
        configured.filter_map(report).chain(learned)
    }

    /// How the validator is, as a JSON object with two members.
    ///
    /// `issuers`: where their keys are in their life, as [`IssuerCache::status_json`] says; and
    /// `introspection` of issuers that are asked about their tokens: `asked`, `answered`,
    /// `inactive` and `failures` (counters), `entries` (how many tokens are remembered),
    /// `last_error` (`code`, `reason`, `age_seconds`) and `available`. Issuers whose keys are given
    /// and that are not asked are left out; of issuers whose keys are given or not used there is
    /// `introspection` only.
    ///
    /// `token_cache`: what is remembered of tokens that were verified: `entries`, `bytes` (about),
    /// `max_entries`, `max_bytes`, and the counters `hits` and `misses`. All are 0 where nothing is.
    #[must_use]
    pub fn status_json(&self) -> String {
        self.policy.status_json()
    }

    /// The metadata of the protected resource, a JSON document to be served with the media type
    /// `application/json`, to whoever asks and without a token, at
    /// [that path](Self::protected_resource_metadata_path) (RFC 9728 §3.2). Nothing where
    /// [`protected_resource`](ValidatorConfig::protected_resource) is not configured.
    ///
    /// Besides what is configured there it names the configured issuers that clients can find, as
    /// `authorization_servers`: those that are URLs, and of tenants those that are listed by name. It is
    /// made once, and never names an issuer that was met at run time.
    #[must_use]
    pub fn protected_resource_metadata(&self) -> Option<&str> {
        self.policy.metadata.as_ref().map(|metadata| metadata.document.as_str())
    }

    /// The path of the URL of that metadata, percent-encoded as there and without query, for routing.
    #[must_use]
    pub fn protected_resource_metadata_path(&self) -> Option<&str> {
        self.policy.metadata.as_ref().map(|metadata| metadata.path.as_str())
    }

    /// The cache in which the validator's keys are kept, where it fetches any.
    #[must_use]
    pub fn issuer_cache(&self) -> Option<&IssuerCache> {
        self.policy.cache.as_ref()
    }

    /// Judges with the keys at hand, and tells which others would be better.
    fn attempt(
        &self,
        credential: Credential<'_>,
        options: &ValidateOptions,
    ) -> (Result<AccessToken>, Option<Box<dyn Want>>) {
        self.attempt_at(credential, options, || self.policy.common.ports.now(options.now))
    }

    /// The same at a time that is asked for once there is something to judge.
    fn attempt_at(
        &self,
        credential: Credential<'_>,
        options: &ValidateOptions,
        now: impl FnOnce() -> Result<Timestamp>,
    ) -> (Result<AccessToken>, Option<Box<dyn Want>>) {
        let judged = taken(credential, options).and_then(|(token, sent)| {
            let now = now()?;
            let given = Circumstances { sent, require: options.require.as_ref(), now, wish: Wish::default() };
            let policy = &self.policy;
            let mark = policy.tokens.as_ref().and_then(|tokens| tokens.mark(token));
            let known = mark.as_ref().and_then(|mark| {
                let known = policy.find(mark, &given.wish);
                policy.count_look(mark, known.is_some());
                known
            });
            let is_known = known.is_some();
            let judged = match known {
                Some(known) => judge::judge_known(policy, token, known, &given),
                None => judge::judge(policy, token, &given, &mut Silent),
            };
            if let (Ok(found), Some(mark), false) = (&judged, &mark, is_known) {
                policy.keep(mark, found, now);
            }
            Ok((judged, given.wish.into_inner()))
        });
        judged.unwrap_or_else(|error| (Err(error), None))
    }

    /// Judges with the keys at hand, and notes how every rule was met.
    fn trace(&self, token: &[u8], options: &ValidateOptions, now: Timestamp) -> (Explanation, Option<Box<dyn Want>>) {
        let sent = options.request.as_ref().map(Request::presentation).unwrap_or_default();
        let given = Circumstances { sent, require: options.require.as_ref(), now, wish: Wish::default() };
        let mut recorder = Recorder::default();
        let judged = judge::judge(&self.policy, token, &given, &mut recorder);
        let (steps, first) = recorder.finish();
        let verdict = match first {
            Some(error) => Err(self.answer(error, options)),
            None => judged,
        };
        (Explanation { steps, verdict }, given.wish.into_inner())
    }

    /// The time to judge by.
    fn time(&self, options: &ValidateOptions) -> Result<Timestamp> {
        self.policy.common.ports.now(options.now).map_err(|error| self.answer(error, options))
    }

    /// The verdict about a token that was verified before, where that is remembered and nothing need be
    /// fetched or asked: judged anew as every call judges, but within a fraction of a microsecond.
    /// Otherwise nothing, and [`validate`](Self::validate) has to verify it.
    ///
    /// For hosts that let go of something before they do what takes long, such as the lock of an
    /// interpreter.
    ///
    /// # Errors
    /// Within: as [`validate`](Self::validate).
    pub fn remembered<'a>(
        &self,
        credential: impl Into<Credential<'a>>,
        options: &ValidateOptions,
    ) -> Option<Result<AccessToken>> {
        let policy = &self.policy;
        let tokens = policy.tokens.as_ref()?;
        let (token, sent) = taken(credential.into(), options).ok()?;
        let mark = tokens.mark(token)?;
        let wish = Wish::default();
        let known = policy.find(&mark, &wish)?;
        let now = policy.common.ports.now(options.now).ok()?;
        let given = Circumstances { sent, require: options.require.as_ref(), now, wish };
        let verdict = judge::judge_known(policy, token, known, &given);
        if given.wish.into_inner().is_some() {
            return None;
        }
        policy.count_look(&mark, true);
        Some(self.accept(verdict, options))
    }

    /// The verdict as the caller gets it.
    fn accept(&self, verdict: Result<AccessToken>, options: &ValidateOptions) -> Result<AccessToken> {
        match verdict {
            Ok(token) => {
                self.policy.count(&token);
                Ok(token)
            }
            Err(error) => Err(self.answer(error, options)),
        }
    }

    fn answer(&self, error: Error, options: &ValidateOptions) -> Error {
        let demands = options.require.as_ref().map(Require::for_challenge).unwrap_or_default();
        self.policy.common.challenge.answer(error, demands)
    }
}

/// The token of a credential, and how it was sent.
fn taken<'a>(credential: Credential<'a>, options: &'a ValidateOptions) -> Result<(&'a [u8], Presentation<'a>)> {
    match credential {
        Credential::Token(token) => {
            Ok((token, options.request.as_ref().map(Request::presentation).unwrap_or_default()))
        }
        Credential::Request(request) => credentials::take(request).map(|(token, sent)| (token.as_bytes(), sent)),
    }
}

impl fmt::Debug for Validator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Validator").field("issuers", &self.policy.issuers.len()).finish_non_exhaustive()
    }
}
