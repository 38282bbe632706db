//! Assertions of a client, made.

use std::fmt;
use std::sync::Arc;

use serde::Deserialize;

use super::MEDIA_TYPE;
use crate::algorithm::Algorithm;
use crate::claims::{Claim, Writer};
use crate::config::{ClientAssertionMinterConfig, invalid, read};
use crate::error::{Error, ErrorCode, Result};
use crate::jws::LARGEST_HEADER;
use crate::jwt;
use crate::key::{SigningKey, SkippedKey};
use crate::minter::{MintedToken, span};
use crate::ports::Ports;

const DEFAULT_LIFETIME: u32 = 60;
const MOST_LIFETIME: u32 = 300;

/// Makes the assertions by which a client authenticates at one authorization server
/// (RFC 7523 §2.2).
///
/// Immutable; cheap to clone; shared between threads. What it signs with is wiped when its last
/// clone is dropped.
#[derive(Clone)]
pub struct ClientAssertionMinter {
    inner: Arc<Inner>,
    ports: Ports,
}

struct Inner {
    client_id: String,
    audience: String,
    key: SigningKey,
    algorithm: Algorithm,
    header: String,
    lifetime_seconds: u32,
    skipped: Vec<SkippedKey>,
}

/// What one assertion has of its own.
#[derive(Clone, Default, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct ClientAssertionRequest {
    /// The assertion's identifier, instead of a random one.
    pub(crate) jti: Option<String>,
}

impl ClientAssertionMinter {
    /// A minter with the system's clock.
    ///
    /// # Errors
    /// `config_invalid`, naming what is wrong.
    pub fn new(config: ClientAssertionMinterConfig) -> Result<Self> {
        Self::with_ports(config, Ports::default())
    }

    /// A minter with its own view of the outside world, of which it only asks the clock.
    ///
    /// # Errors
    /// `config_invalid`, naming what is wrong.
    pub fn with_ports(config: ClientAssertionMinterConfig, ports: Ports) -> Result<Self> {
        Ok(Self { inner: Arc::new(Inner::new(config)?), ports })
    }

    /// Entries of the configured keys that cannot sign.
    #[must_use]
    pub fn skipped_keys(&self) -> &[SkippedKey] {
        &self.inner.skipped
    }

    /// Makes an assertion, for one request: its header has `typ` `client-authentication+jwt`, its
    /// claims are `iss` and `sub` (the client), `aud` (the authorization server, as a string),
    /// `exp`, `iat` and `jti` (RFC 7523 §3). The time is the clock's unless given, in seconds since
    /// the epoch.
    ///
    /// # Errors
    /// `argument_invalid` for a `jti` that is empty, one that makes the assertion too large, or a
    /// time that is none; `signing_failed`; `internal` where the system gives no time or randomness.
    pub fn mint(&self, request: &ClientAssertionRequest, now: Option<f64>) -> Result<MintedToken> {
        let inner = &*self.inner;
        let (issued, expires) = span(self.ports.now(now)?, inner.lifetime_seconds)?;
        let jti = match &request.jti {
            Some(jti) if jti.is_empty() => return Err(Error::of_claim(ErrorCode::ArgumentInvalid, Claim::Jti.name())),
            Some(jti) => jti.clone(),
            None => jwt::identifier()?,
        };
        let mut claims = Writer::new();
        claims.string(Claim::Iss, &inner.client_id);
        claims.string(Claim::Sub, &inner.client_id);
        claims.string(Claim::Aud, &inner.audience);
        claims.number(Claim::Exp, expires);
        claims.number(Claim::Iat, issued);
        claims.string(Claim::Jti, &jti);
        let claims = claims.finish();
        let token = jwt::sign(&inner.header, inner.algorithm, &inner.key, &claims)?;
        Ok(MintedToken::new(token, claims, inner.header.clone(), u64::from(inner.lifetime_seconds)))
    }
}

impl Inner {
    fn new(config: ClientAssertionMinterConfig) -> Result<Self> {
        if config.client_id.is_empty() {
            return Err(invalid("client_id is empty"));
        }
        if config.audience.is_empty() {
            return Err(invalid("audience is empty"));
        }
        let lifetime_seconds = config.lifetime_seconds.unwrap_or(DEFAULT_LIFETIME);
        if !(1..=MOST_LIFETIME).contains(&lifetime_seconds) {
            return Err(invalid("lifetime_seconds is not within 1 to 300"));
        }
        let (key, algorithm, skipped) = match (&config.keys, &config.client_secret) {
            (Some(keys), None) => {
                let (keys, skipped) = keys.signing_keys(&config.handles)?;
                let usual = keys.first().map(SigningKey::algorithm);
                let algorithm = config.algorithm.or(usual).ok_or_else(|| invalid("no key is usable"))?;
                if algorithm.is_symmetric() {
                    return Err(invalid("keys has a symmetric key or algorithm: a secret is client_secret"));
                }
                let key = keys.into_iter().find(|key| key.serves(algorithm));
                (key.ok_or_else(|| invalid("algorithm is one that no key serves"))?, algorithm, skipped)
            }
            (None, Some(secret)) => {
                let algorithm = config.algorithm.unwrap_or(Algorithm::HS256);
                if !algorithm.is_symmetric() {
                    return Err(invalid("algorithm is not one of a secret"));
                }
                let key = SigningKey::of_secret(secret.as_str().as_bytes()).ok();
                let key = key.filter(|key| key.serves(algorithm));
                let key =
                    key.ok_or_else(|| invalid("client_secret is too short for its algorithm, or a key's text"))?;
                (key, algorithm, Vec::new())
            }
            _ => return Err(invalid("either keys or client_secret has to be given")),
        };
        let header = jwt::header(MEDIA_TYPE, algorithm, &key);
        if header.len() > LARGEST_HEADER {
            return Err(invalid("keys has a kid that makes headers too large"));
        }
        let (client_id, audience) = (config.client_id, config.audience);
        Ok(Self { client_id, audience, key, algorithm, header, lifetime_seconds, skipped })
    }
}

impl fmt::Debug for ClientAssertionMinter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientAssertionMinter").field("algorithm", &self.inner.algorithm).finish_non_exhaustive()
    }
}

impl ClientAssertionRequest {
    /// An assertion with a random identifier of 128 bits.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads a JSON text.
    ///
    /// # Errors
    /// `argument_invalid`, naming the member that is unknown or wrong.
    pub fn from_json(text: &str) -> Result<Self> {
        read(text, ErrorCode::ArgumentInvalid)
    }

    /// The assertion's identifier, instead of a random one. It must never have been used before.
    #[must_use]
    pub fn jti(mut self, jti: impl Into<String>) -> Self {
        self.jti = Some(jti.into());
        self
    }
}

impl fmt::Debug for ClientAssertionRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientAssertionRequest").finish_non_exhaustive()
    }
}
