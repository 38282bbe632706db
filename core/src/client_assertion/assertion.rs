//! A validated client assertion, and how clients authenticate with one.

use std::fmt;
use std::sync::Arc;

use crate::algorithm::Algorithm;
use crate::claims::{Claim, Claims};
use crate::jws::Header;
use crate::time::Timestamp;

/// The claims of an assertion that a [`ClientAssertionValidator`](crate::ClientAssertionValidator)
/// found good: the client is who it says. Nothing else makes one.
///
/// Cheap to clone; shared between threads. Times are seconds since the epoch, rounded down.
#[derive(Clone)]
pub struct ClientAssertion {
    inner: Arc<Inner>,
}

struct Inner {
    claims: Claims,
    header: Arc<Header>,
    audience: String,
    method: ClientAuthMethod,
}

/// How a client authenticated, by the names of OpenID Connect Core §9.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ClientAuthMethod {
    /// `private_key_jwt`: by a signature under a key of its own.
    PrivateKeyJwt,
    /// `client_secret_jwt`: by a MAC under the secret that it shares with the server.
    ClientSecretJwt,
}

impl ClientAssertion {
    pub(super) fn new(claims: Claims, header: Arc<Header>, audience: String, algorithm: Algorithm) -> Self {
        let method =
            if algorithm.is_symmetric() { ClientAuthMethod::ClientSecretJwt } else { ClientAuthMethod::PrivateKeyJwt };
        Self { inner: Arc::new(Inner { claims, header, audience, method }) }
    }

    /// The client, which is `iss` and `sub` at once (RFC 7523 §3).
    #[must_use]
    pub fn client_id(&self) -> &str {
        self.text(Claim::Iss)
    }

    /// `jti`: the identifier of the assertion, which the client never used before.
    #[must_use]
    pub fn jti(&self) -> &str {
        self.text(Claim::Jti)
    }

    /// `aud`: the one audience, the issuer identifier of the authorization server, or what else it
    /// accepts.
    #[must_use]
    pub fn aud(&self) -> &str {
        &self.inner.audience
    }

    /// `exp`: when the assertion expires.
    #[must_use]
    pub fn exp(&self) -> i64 {
        self.inner.claims.date(Claim::Exp).map(Timestamp::floor).unwrap_or_default()
    }

    /// `iat`: when it was made, where it says so.
    #[must_use]
    pub fn iat(&self) -> Option<i64> {
        self.inner.claims.date(Claim::Iat).map(Timestamp::floor)
    }

    /// How the client authenticated.
    #[must_use]
    pub fn method(&self) -> ClientAuthMethod {
        self.inner.method
    }

    /// The header, as the text that was signed.
    #[must_use]
    pub fn header_json(&self) -> &str {
        self.inner.header.text()
    }

    /// The claims, as the text that was signed.
    #[must_use]
    pub fn claims_json(&self) -> &str {
        self.inner.claims.text()
    }

    pub(super) fn claims(&self) -> &Claims {
        &self.inner.claims
    }

    fn text(&self, claim: Claim) -> &str {
        self.inner.claims.string(claim).unwrap_or_default()
    }
}

/// Says only how the client authenticated.
impl fmt::Debug for ClientAssertion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientAssertion").field("method", &self.method()).finish_non_exhaustive()
    }
}

impl ClientAuthMethod {
    /// The name, as in `token_endpoint_auth_method` (RFC 7591 §2).
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::PrivateKeyJwt => "private_key_jwt",
            Self::ClientSecretJwt => "client_secret_jwt",
        }
    }
}

impl fmt::Display for ClientAuthMethod {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
