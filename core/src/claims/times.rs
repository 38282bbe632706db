//! Whether the times of an authentic token are such that it is good now (RFC 7519 §4.1.4 to §4.1.6).

use crate::claims::{Claim, Claims};
use crate::error::{Error, ErrorCode, Result};
use crate::time::Timestamp;

/// What is asked of the times of a token.
#[derive(Clone, Copy)]
pub(crate) struct Times {
    /// Seconds by which clocks may differ.
    pub(crate) leeway: i64,
    /// The longest time from `iat` to `exp`, in seconds, to which no leeway is added.
    pub(crate) max_lifetime: Option<i64>,
}

impl Times {
    /// All of it, in one order.
    pub(crate) fn judge(self, claims: &Claims, now: Timestamp) -> Result<()> {
        self.expiry(claims, now)?;
        self.start(claims, now)?;
        self.issue(claims, now)?;
        self.lifetime(claims)
    }

    /// `exp` has not come.
    pub(crate) fn expiry(self, claims: &Claims, now: Timestamp) -> Result<()> {
        let expired = claims.date(Claim::Exp).is_none_or(|exp| now >= exp.plus(self.leeway));
        refuse(expired, ErrorCode::TokenExpired, Claim::Exp)
    }

    /// `nbf` has come, where there is one.
    pub(crate) fn start(self, claims: &Claims, now: Timestamp) -> Result<()> {
        let early = claims.date(Claim::Nbf).is_some_and(|nbf| now < nbf.plus(-self.leeway));
        refuse(early, ErrorCode::TokenNotYetValid, Claim::Nbf)
    }

    /// `iat` has come, where there is one.
    pub(crate) fn issue(self, claims: &Claims, now: Timestamp) -> Result<()> {
        let future = claims.date(Claim::Iat).is_some_and(|iat| iat > now.plus(self.leeway));
        refuse(future, ErrorCode::TokenIssuedInFuture, Claim::Iat)
    }

    /// `exp` lies no farther behind `iat` than is allowed.
    pub(crate) fn lifetime(self, claims: &Claims) -> Result<()> {
        let (expires, issued) = (claims.date(Claim::Exp), claims.date(Claim::Iat));
        let long = matches!((expires, issued, self.max_lifetime),
            (Some(exp), Some(iat), Some(longest)) if exp > iat.plus(longest));
        refuse(long, ErrorCode::LifetimeExceeded, Claim::Exp)
    }
}

fn refuse(refused: bool, code: ErrorCode, claim: Claim) -> Result<()> {
    if refused { Err(Error::of_claim(code, claim.name())) } else { Ok(()) }
}
