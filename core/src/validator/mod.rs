//! Validation of access tokens (RFC 9068 §4), in one order of checks for every caller.

mod access_token;
mod credentials;
mod policy;
mod request;

pub use access_token::AccessToken;
pub use request::{Request, Require, ValidateOptions};

use std::fmt;
use std::sync::Arc;

use crate::algorithm::Algorithm;
use crate::binding;
use crate::claims::{Claim, Claims};
use crate::config::ValidatorConfig;
use crate::error::{Error, ErrorCode, Result};
use crate::jws::{self, Compact};
use crate::key::{Selection, SkippedKey};
use crate::ports::Ports;
use crate::profile::{self, Profile};
use crate::time::Timestamp;
use policy::{IssuerPolicy, Policy};

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

    /// Entries of the configured key sets that cannot be used, with their issuers.
    pub fn skipped_keys(&self) -> impl Iterator<Item = (&str, &SkippedKey)> {
        let issuers = self.policy.issuers.iter();
        issuers.flat_map(|issuer| issuer.keys.skipped().iter().map(|key| (issuer.issuer.as_str(), key)))
    }

    fn answer(&self, error: Error, options: &ValidateOptions) -> Error {
        let demands = options.require.as_ref().map(Require::for_challenge).unwrap_or_default();
        self.policy.challenge.answer(error, demands)
    }

    fn judge(&self, token: &[u8], sent: binding::Presentation<'_>, options: &ValidateOptions) -> Result<AccessToken> {
        let now = self.policy.ports.now(options.now)?;
        let Compact { header, payload, signing_input, signature } = jws::parse(token, self.policy.max_token_bytes)?;
        let claims = Claims::new(jws::object(payload)?);
        let issuer = self.policy.issuer(claims.issuer()?)?;
        let profile = accepted_profile(issuer, header.typ(), &claims)?;
        verify(issuer, &header, signing_input, &signature)?;

        let token = AccessToken::new(claims, header, profile, issuer.leeway, Arc::clone(&self.policy));
        judge_claims(issuer, profile, token.claim_set(), now)
            .and_then(|()| {
                let cnf = token.claim_set().confirmation();
                binding::judge(cnf.as_ref(), sent).map_err(|code| Error::of_claim(code, Claim::Cnf.name()))
            })
            .and_then(|()| options.require.as_ref().map_or(Ok(()), |require| token.judge_demands(require, now)))
            .map_err(Error::authentic)?;
        Ok(token)
    }
}

impl fmt::Debug for Validator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Validator").field("issuers", &self.policy.issuers.len()).finish_non_exhaustive()
    }
}

/// The one profile of the issuer that has the token's type.
fn accepted_profile(issuer: &IssuerPolicy, typ: Option<&str>, claims: &Claims) -> Result<Profile> {
    let fitting = typ.and_then(|typ| issuer.profiles.iter().find(|profile| profile.rules().has_type(typ)));
    fitting.copied().ok_or_else(|| Error::new(ErrorCode::TypeMismatch).with_kind(profile::apparent_kind(typ, claims)))
}

fn verify(issuer: &IssuerPolicy, header: &jws::Header, signing_input: &[u8], signature: &[u8]) -> Result<()> {
    let algorithm = Algorithm::from_name(header.alg())
        .filter(|algorithm| issuer.algorithms.contains(*algorithm))
        .ok_or_else(|| Error::new(ErrorCode::AlgorithmNotAllowed))?;
    let selection = Selection { kid: header.kid(), algorithm, listed: issuer.listed };
    let verifier = issuer.keys.select(&selection).map_err(Error::new)?;
    if signature.is_empty() {
        return Err(Error::new(ErrorCode::TokenMalformed));
    }
    if verifier.verify(signing_input, signature) { Ok(()) } else { Err(Error::new(ErrorCode::SignatureInvalid)) }
}

/// Everything that is asked of the claims of an authentic token, up to its lifetime.
fn judge_claims(issuer: &IssuerPolicy, profile: Profile, claims: &Claims, now: Timestamp) -> Result<()> {
    let rules = profile.rules();
    for claim in Claim::JUDGED.iter().chain(rules.own) {
        claims.judge(*claim, rules.single_detail)?;
    }
    if let Some(kind) = rules.other_kind(claims) {
        return Err(Error::new(ErrorCode::KindMismatch).with_kind(Some(kind)));
    }
    if let Some(missing) = rules.required.iter().find(|claim| !claims.has_claim(**claim)) {
        return Err(Error::of_claim(ErrorCode::ClaimMissing, missing.name()));
    }
    if let Some(missing) = issuer.required_claims.iter().find(|name| !claims.has_value(name)) {
        return Err(Error::of_claim(ErrorCode::ClaimMissing, missing.clone()));
    }
    if !claims.is_meant_for(&issuer.audience) {
        return Err(Error::of_claim(ErrorCode::AudienceMismatch, Claim::Aud.name()));
    }
    judge_times(issuer, claims, now)
}

fn judge_times(issuer: &IssuerPolicy, claims: &Claims, now: Timestamp) -> Result<()> {
    let refuse = |code, claim: Claim| Err(Error::of_claim(code, claim.name()));
    let (expires, issued) = (claims.date(Claim::Exp), claims.date(Claim::Iat));
    if expires.is_none_or(|exp| now >= exp.plus(issuer.leeway)) {
        return refuse(ErrorCode::TokenExpired, Claim::Exp);
    }
    if claims.date(Claim::Nbf).is_some_and(|nbf| now < nbf.plus(-issuer.leeway)) {
        return refuse(ErrorCode::TokenNotYetValid, Claim::Nbf);
    }
    if issued.is_some_and(|iat| iat > now.plus(issuer.leeway)) {
        return refuse(ErrorCode::TokenIssuedInFuture, Claim::Iat);
    }
    if let (Some(exp), Some(iat), Some(longest)) = (expires, issued, issuer.max_lifetime)
        && exp > iat.plus(longest)
    {
        return refuse(ErrorCode::LifetimeExceeded, Claim::Exp);
    }
    Ok(())
}
