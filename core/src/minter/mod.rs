//! Minting of access tokens (RFC 9068 §2, §3), in one form per API.

mod audience;
mod claim_set;
mod grant;
mod policy;
mod request;

pub use request::MintRequest;

use std::fmt;
use std::sync::Arc;

use crate::algorithm::Algorithm;
use crate::config::MinterConfig;
use crate::error::{Error, ErrorCode, Result};
use crate::jwt;
use crate::key::SkippedKey;
use crate::pool;
use crate::ports::Ports;
use crate::time::{LAST_SECOND, Timestamp};
use policy::{Policy, Signing};

/// Turns what an authorization server grants into access tokens.
///
/// Immutable; cheap to clone; shared between threads.
#[derive(Clone)]
pub struct Minter {
    policy: Arc<Policy>,
    ports: Ports,
}

/// A token that was minted. Its `Debug` output holds nothing of it.
#[derive(Clone)]
pub struct MintedToken {
    token: String,
    claims: String,
    header: String,
    expires_in: u64,
}

impl Minter {
    /// A minter with the system's clock.
    ///
    /// # Errors
    /// `config_invalid`, naming what is wrong.
    pub fn new(config: MinterConfig) -> Result<Self> {
        Self::with_ports(config, Ports::default())
    }

    /// A minter with its own view of the outside world.
    ///
    /// # Errors
    /// `config_invalid`, naming what is wrong.
    pub fn with_ports(config: MinterConfig, ports: Ports) -> Result<Self> {
        Ok(Self { policy: Arc::new(Policy::new(config)?), ports })
    }

    /// Entries of the configured keys that cannot sign.
    #[must_use]
    pub fn skipped_keys(&self) -> &[SkippedKey] {
        &self.policy.skipped
    }

    /// Mints an access token. The time is the clock's unless given, in seconds since the epoch.
    ///
    /// The audience is what the request names, or what its scopes point at, or the default; a
    /// token whose scopes could be taken for more than was granted is not issued (RFC 9068 §5).
    ///
    /// It does **not** decide whether the client may have the grant, the resource or the scope:
    /// that was granted before.
    ///
    /// # Errors
    /// `argument_invalid` with the claim concerned; `invalid_target`, `invalid_scope` and
    /// `grant_ambiguous`, with what a token endpoint answers; `claim_reserved`;
    /// `subject_collision`; `signing_failed`.
    pub fn mint(&self, request: &MintRequest, now: Option<f64>) -> Result<MintedToken> {
        let now = self.ports.now(now)?;
        self.mint_at(request, now).map_err(policy::answer)
    }

    /// Mints many access tokens, each as [`mint`](Self::mint) does: what comes of the requests, in
    /// their order. One that is refused changes nothing for the others.
    ///
    /// All are issued at one time; the work is spread over threads as
    /// [`Validator::validate_many`](crate::Validator::validate_many) does.
    pub fn mint_many(&self, requests: &[MintRequest], now: Option<f64>) -> Vec<Result<MintedToken>> {
        let now = self.ports.now(now);
        let mint = |request: &MintRequest| self.mint_at(request, now.clone()?).map_err(policy::answer);
        pool::each(requests, mint)
    }

    fn mint_at(&self, request: &MintRequest, now: Timestamp) -> Result<MintedToken> {
        let policy = &*self.policy;
        let subject = grant::subject(request, &policy.client_suffix)?;
        let target = audience::target(policy, request, &subject)?;
        let (issued, expires) = span(now, target.lifetime_seconds)?;
        let generated = if request.jti.is_none() { jwt::identifier()? } else { String::new() };
        let claims = claim_set::write(&claim_set::Facts {
            issuer: &policy.issuer,
            subject: &subject.name,
            target: &target,
            issued,
            expires,
            identifier: request.jti.as_deref().unwrap_or(&generated),
            request,
        })?;
        self.sign(&target.api.signing, claims, target.lifetime_seconds)
    }

    /// Mints an ID token, whose claims are made of when it is issued and when it expires.
    pub(crate) fn mint_as_id_token(
        &self,
        now: Option<f64>,
        claims: impl FnOnce(Algorithm, i64, i64) -> Result<String>,
    ) -> Result<MintedToken> {
        let signing = &self.policy.id_tokens;
        let (issued, expires) = span(self.ports.now(now)?, signing.lifetime_seconds)?;
        self.sign(signing, claims(signing.algorithm, issued, expires)?, signing.lifetime_seconds)
    }

    /// Mints a JWT of another type, which does not expire, signed as ID tokens are. Its claims are
    /// made of when it is issued.
    pub(crate) fn mint_of_type(
        &self,
        typ: &str,
        now: Option<f64>,
        claims: impl FnOnce(i64) -> String,
    ) -> Result<MintedToken> {
        let signing = &self.policy.id_tokens;
        let (issued, _) = span(self.ports.now(now)?, 0)?;
        let (key, claims) = (self.policy.key_for(signing), claims(issued));
        let header = jwt::header(typ, signing.algorithm, key);
        let token = jwt::sign(&header, signing.algorithm, key, &claims)?;
        Ok(MintedToken::new(token, claims, header, 0))
    }

    pub(crate) fn issuer(&self) -> &str {
        &self.policy.issuer
    }

    /// Whether a subject could be taken for a client.
    pub(crate) fn is_of_client(&self, subject: &str) -> bool {
        grant::is_of_client(subject, &self.policy.client_suffix)
    }

    fn sign(&self, signing: &Signing, claims: String, lifetime_seconds: u32) -> Result<MintedToken> {
        let token = jwt::sign(&signing.header, signing.algorithm, self.policy.key_for(signing), &claims)?;
        Ok(MintedToken::new(token, claims, signing.header.clone(), u64::from(lifetime_seconds)))
    }
}

/// When a token is issued, and when it expires.
pub(crate) fn span(now: Timestamp, lifetime_seconds: u32) -> Result<(i64, i64)> {
    let issued = now.floor();
    let expires = issued.saturating_add(i64::from(lifetime_seconds));
    if issued < 0 || expires > LAST_SECOND {
        return Err(Error::with_detail(ErrorCode::ArgumentInvalid, "now is not a time that tokens can carry"));
    }
    Ok((issued, expires))
}

impl fmt::Debug for Minter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Minter").field("apis", &self.policy.apis.len()).finish_non_exhaustive()
    }
}

impl MintedToken {
    pub(crate) fn new(token: String, claims: String, header: String, expires_in: u64) -> Self {
        Self { token, claims, header, expires_in }
    }

    /// The token in compact serialization.
    #[must_use]
    pub fn token(&self) -> &str {
        &self.token
    }

    /// The claims, as the text that was signed.
    #[must_use]
    pub fn claims_json(&self) -> &str {
        &self.claims
    }

    /// The header, as the text that was signed.
    #[must_use]
    pub fn header_json(&self) -> &str {
        &self.header
    }

    /// The token alone.
    #[must_use]
    pub fn into_token(self) -> String {
        self.token
    }

    /// Seconds until the token expires, as a token response has it (RFC 6749 §5.1).
    #[must_use]
    pub fn expires_in(&self) -> u64 {
        self.expires_in
    }
}

impl fmt::Debug for MintedToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MintedToken").field("expires_in", &self.expires_in).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
