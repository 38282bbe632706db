//! Minting of access tokens (RFC 9068 §2, §3), in one form per API.

mod audience;
mod claim_set;
mod grant;
mod policy;
mod request;

pub use request::MintRequest;

use std::fmt;
use std::sync::Arc;

use crate::config::MinterConfig;
use crate::error::{Error, ErrorCode, Result};
use crate::jwt;
use crate::key::SkippedKey;
use crate::ports::Ports;
use crate::time::LAST_SECOND;
use policy::Policy;

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
        let issued = self.ports.now(now)?.floor();
        self.mint_at(request, issued).map_err(policy::answer)
    }

    fn mint_at(&self, request: &MintRequest, issued: i64) -> Result<MintedToken> {
        let policy = &*self.policy;
        let subject = grant::subject(request, &policy.client_suffix)?;
        let target = audience::target(policy, request, &subject)?;
        let expires = issued.saturating_add(i64::from(target.lifetime_seconds));
        if issued < 0 || expires > LAST_SECOND {
            return Err(Error::with_detail(ErrorCode::ArgumentInvalid, "now is not a time that tokens can carry"));
        }
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
        let key = policy.key_for(target.api);
        let token = jwt::sign(&target.api.header, target.api.algorithm, key, &claims)?;
        let header = target.api.header.clone();
        let expires_in = u64::from(target.lifetime_seconds);
        Ok(MintedToken::new(token, claims, header, expires_in))
    }
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
