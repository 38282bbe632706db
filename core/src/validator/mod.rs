//! Validation of access tokens (RFC 9068 §4), in one order of checks for every caller.

mod access_token;
mod credentials;
mod judge;
mod migration;
mod policy;
mod request;
mod trace;

pub use access_token::AccessToken;
pub use migration::MigrationReport;
pub use request::{Request, Require, ValidateOptions};
pub use trace::{Explanation, Outcome, Step};

use std::fmt;
use std::sync::Arc;

use crate::binding::Presentation;
use crate::config::ValidatorConfig;
use crate::error::{Error, Result};
use crate::key::SkippedKey;
use crate::ports::Ports;
use judge::Circumstances;
use policy::Policy;
use trace::{Recorder, Silent};

/// Decides whether a token is a good access token for this API.
///
/// Immutable; cheap to clone; shared between threads.
#[derive(Clone)]
pub struct Validator {
    policy: Arc<Policy>,
}

impl Validator {
    /// A validator with the system's clock.
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
        Ok(Self { policy: Arc::new(Policy::new(config, ports)?) })
    }

    /// Validates a token that the caller took out of a request.
    ///
    /// Checks, and stops at the first that fails: size and shape; header; `iss`; type; algorithm;
    /// key; signature. Then, of an authentic token: the types of its claims; its kind; required
    /// claims; `aud`; `exp`, `nbf`, `iat` and lifetime; the sender constraint of `cnf`; and what
    /// `options.require` demands.
    ///
    /// It does **not** check whether the token was revoked, whether the client or user still
    /// exists, or DPoP proofs: a token bound to a DPoP key is refused.
    ///
    /// # Errors
    /// A code of bands 3 to 7, or of band 2 where the token names an unusable key; with the
    /// answer to give. `argument_invalid` for a time that is none.
    pub fn validate(&self, token: impl AsRef<[u8]>, options: &ValidateOptions) -> Result<AccessToken> {
        let request = options.request.as_ref();
        let sent = request.map(Request::presentation).unwrap_or_default();
        self.judge(token.as_ref(), sent, options).map_err(|error| self.answer(error, options))
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
        let found = credentials::take(request);
        found
            .and_then(|(token, sent)| self.judge(token.as_bytes(), sent, options))
            .map_err(|error| self.answer(error, options))
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
        let sent = options.request.as_ref().map(Request::presentation).unwrap_or_default();
        let now = self.policy.ports.now(options.now).map_err(|error| self.answer(error, options))?;
        let given = Circumstances { sent, require: options.require.as_ref(), now };
        let mut recorder = Recorder::default();
        let judged = judge::judge(&self.policy, token.as_ref(), &given, &mut recorder);
        let (steps, first) = recorder.finish();
        let verdict = match first {
            Some(error) => Err(self.answer(error, options)),
            None => judged,
        };
        Ok(Explanation { steps, verdict })
    }

    /// Entries of the configured key sets that cannot be used, with their issuers.
    pub fn skipped_keys(&self) -> impl Iterator<Item = (&str, &SkippedKey)> {
        let issuers = self.policy.issuers.iter();
        issuers.flat_map(|issuer| issuer.keys.skipped().iter().map(|key| (issuer.issuer.as_str(), key)))
    }

    /// Of every issuer with `migrate_from`, how far its tokens have moved. An explanation is no
    /// validation and counts for nothing.
    pub fn migrations(&self) -> impl Iterator<Item = MigrationReport> {
        let issuers = self.policy.issuers.iter();
        issuers.filter_map(|issuer| issuer.migration.as_ref().map(|migration| migration.report(&issuer.issuer)))
    }

    fn answer(&self, error: Error, options: &ValidateOptions) -> Error {
        let demands = options.require.as_ref().map(Require::for_challenge).unwrap_or_default();
        self.policy.challenge.answer(error, demands)
    }

    fn judge(&self, token: &[u8], sent: Presentation<'_>, options: &ValidateOptions) -> Result<AccessToken> {
        let now = self.policy.ports.now(options.now)?;
        let given = Circumstances { sent, require: options.require.as_ref(), now };
        let token = judge::judge(&self.policy, token, &given, &mut Silent)?;
        self.policy.count(&token);
        Ok(token)
    }
}

impl fmt::Debug for Validator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Validator").field("issuers", &self.policy.issuers.len()).finish_non_exhaustive()
    }
}
