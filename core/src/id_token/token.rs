//! A validated ID token.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use crate::claims::{Claim, Claims};
use crate::encoding::json;
use crate::jws;
use crate::time::Timestamp;

/// The claims of an ID token that an [`IdTokenValidator`](crate::IdTokenValidator) found good.
/// Nothing else makes one, and it is never an access token: it says who logged in, not what may be
/// done.
///
/// Cheap to clone; shared between threads. Times are seconds since the epoch, rounded down.
#[derive(Clone)]
pub struct IdToken {
    inner: Arc<Inner>,
}

struct Inner {
    claims: Claims,
    header: Arc<jws::Header>,
}

impl IdToken {
    pub(super) fn new(claims: Claims, header: Arc<jws::Header>) -> Self {
        Self { inner: Arc::new(Inner { claims, header }) }
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

    /// The JSON text of any claim, such as those of the user (OpenID Connect Core §5.1). Only the
    /// claims that have an accessor here were judged.
    #[must_use]
    pub fn claim_json(&self, name: &str) -> Option<&str> {
        self.inner.claims.get(name).map(json::Value::text)
    }

    /// `iss`: who issued the token.
    #[must_use]
    pub fn iss(&self) -> &str {
        self.text(Claim::Iss).unwrap_or_default()
    }

    /// `sub`: who logged in. Unique together with the issuer only.
    #[must_use]
    pub fn sub(&self) -> &str {
        self.text(Claim::Sub).unwrap_or_default()
    }

    /// `aud`: for whom the token is meant, always as a list; the client is one of them.
    #[must_use]
    pub fn aud(&self) -> Vec<Cow<'_, str>> {
        self.inner.claims.strings(Claim::Aud).unwrap_or_default()
    }

    /// `azp`: the client that the token was issued to, where the token says it.
    #[must_use]
    pub fn azp(&self) -> Option<&str> {
        self.text(Claim::Azp)
    }

    /// `exp`: until when the token may be accepted. It does not end the user's session.
    #[must_use]
    pub fn exp(&self) -> i64 {
        self.date(Claim::Exp).unwrap_or_default()
    }

    /// `iat`: when the token was issued.
    #[must_use]
    pub fn iat(&self) -> i64 {
        self.date(Claim::Iat).unwrap_or_default()
    }

    /// `nbf`: when the token becomes valid.
    #[must_use]
    pub fn nbf(&self) -> Option<i64> {
        self.date(Claim::Nbf)
    }

    /// `auth_time`: when the user authenticated.
    #[must_use]
    pub fn auth_time(&self) -> Option<i64> {
        self.date(Claim::AuthTime)
    }

    /// `nonce`: that of the request.
    #[must_use]
    pub fn nonce(&self) -> Option<&str> {
        self.text(Claim::Nonce)
    }

    /// `acr`: the context in which the user authenticated.
    #[must_use]
    pub fn acr(&self) -> Option<&str> {
        self.text(Claim::Acr)
    }

    /// `amr`: the methods by which the user authenticated.
    #[must_use]
    pub fn amr(&self) -> Option<Vec<Cow<'_, str>>> {
        self.inner.claims.strings(Claim::Amr)
    }

    /// `sid`: the session at the issuer, by which logout tokens name it.
    #[must_use]
    pub fn sid(&self) -> Option<&str> {
        self.text(Claim::Sid)
    }

    /// `at_hash`: half of the hash of the access token.
    #[must_use]
    pub fn at_hash(&self) -> Option<&str> {
        self.text(Claim::AtHash)
    }

    /// `c_hash`: half of the hash of the authorization code.
    #[must_use]
    pub fn c_hash(&self) -> Option<&str> {
        self.text(Claim::CHash)
    }

    /// `s_hash`: half of the hash of the request's state.
    #[must_use]
    pub fn s_hash(&self) -> Option<&str> {
        self.text(Claim::SHash)
    }

    fn text(&self, claim: Claim) -> Option<&str> {
        self.inner.claims.string(claim)
    }

    fn date(&self, claim: Claim) -> Option<i64> {
        self.inner.claims.date(claim).map(Timestamp::floor)
    }
}

/// Says nothing: claims are personal data.
impl fmt::Debug for IdToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IdToken").finish_non_exhaustive()
    }
}
