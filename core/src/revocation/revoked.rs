//! What is revoked.

use std::fmt;

use serde::Deserialize;

use crate::claims::Claim;
use crate::config::read;
use crate::error::{Error, ErrorCode, Result};
use crate::revocation::table::Entry;
use crate::revocation::{IssuerDigest, digest};
use crate::time::LAST_SECOND;

/// The longest identifier, in octets: longer than any token that is accepted could hold.
const LONGEST: usize = 65_536;

/// One token, or all tokens of a subject, client or session that were issued before an instant.
///
/// As JSON: `issuer`, `until`, and either `jti`, or one of `sub`, `client_id` and `sid` with
/// `issued_before`. Times are seconds since the epoch.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Revoked {
    /// The issuer of the tokens.
    issuer: String,
    /// A token.
    jti: Option<String>,
    /// A subject.
    sub: Option<String>,
    /// A client.
    client_id: Option<String>,
    /// A session (OpenID Connect Front-Channel Logout §3).
    sid: Option<String>,
    /// Tokens that were issued at this time or later are not concerned.
    issued_before: Option<i64>,
    /// When the last of the tokens concerned has expired: the entry is forgotten then. Leeway is
    /// added to it.
    until: i64,
}

/// What an identifier stands for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Whose {
    Token,
    Subject,
    Client,
    Session,
}

impl Whose {
    pub(super) const ALL: [Self; 4] = [Self::Token, Self::Subject, Self::Client, Self::Session];

    pub(super) fn bit(self) -> u8 {
        1 << self as u8
    }

    /// The claim that bears the identifier, where `client` bears the client's.
    pub(super) fn claim(self, client: Claim) -> Claim {
        match self {
            Self::Token => Claim::Jti,
            Self::Subject => Claim::Sub,
            Self::Client => client,
            Self::Session => Claim::Sid,
        }
    }
}

impl Revoked {
    /// One token by its `jti`; `until` is its `exp`.
    #[must_use]
    pub fn token(issuer: impl Into<String>, jti: impl Into<String>, until: i64) -> Self {
        Self { jti: Some(jti.into()), ..Self::of(issuer.into(), None, until) }
    }

    /// All tokens of a subject that were issued before an instant. `until` is when the last of
    /// them has expired.
    #[must_use]
    pub fn subject(issuer: impl Into<String>, sub: impl Into<String>, issued_before: i64, until: i64) -> Self {
        Self { sub: Some(sub.into()), ..Self::of(issuer.into(), Some(issued_before), until) }
    }

    /// The same of a client, by what the token's profile names it in.
    #[must_use]
    pub fn client(issuer: impl Into<String>, client_id: impl Into<String>, issued_before: i64, until: i64) -> Self {
        Self { client_id: Some(client_id.into()), ..Self::of(issuer.into(), Some(issued_before), until) }
    }

    /// The same of a session, by `sid`.
    #[must_use]
    pub fn session(issuer: impl Into<String>, sid: impl Into<String>, issued_before: i64, until: i64) -> Self {
        Self { sid: Some(sid.into()), ..Self::of(issuer.into(), Some(issued_before), until) }
    }

    /// Reads a JSON text.
    ///
    /// # Errors
    /// `argument_invalid`, naming the member that is unknown or wrong.
    pub fn from_json(text: &str) -> Result<Self> {
        let revoked: Self = read(text, ErrorCode::ArgumentInvalid)?;
        revoked.entry()?;
        Ok(revoked)
    }

    pub(super) fn entry(&self) -> Result<(Whose, Entry)> {
        let invalid = |detail: &'static str| Error::with_detail(ErrorCode::ArgumentInvalid, detail);
        let named = [
            (Whose::Token, &self.jti),
            (Whose::Subject, &self.sub),
            (Whose::Client, &self.client_id),
            (Whose::Session, &self.sid),
        ];
        let mut named = named.into_iter().filter_map(|(whose, name)| Some((whose, name.as_deref()?)));
        let (Some((whose, identifier)), None) = (named.next(), named.next()) else {
            return Err(invalid("exactly one of jti, sub, client_id and sid is revoked"));
        };
        if [identifier, &self.issuer].iter().any(|text| text.is_empty() || text.len() > LONGEST) {
            return Err(invalid("an identifier or issuer that is revoked is empty or too long"));
        }
        // Of a single token, the time of its issue makes no difference.
        let before = match (whose, self.issued_before) {
            (Whose::Token, None) => i64::MAX,
            (Whose::Token, Some(_)) => return Err(invalid("issued_before beside jti")),
            (_, Some(before)) => before,
            (_, None) => return Err(invalid("issued_before is missing")),
        };
        let is_time = |time: i64| (0..=LAST_SECOND).contains(&time);
        if !is_time(self.until) || self.issued_before.is_some_and(|before| !is_time(before)) {
            return Err(invalid("issued_before or until is not a time"));
        }
        let until = self.until + MOST_LEEWAY;
        Ok((whose, Entry { digest: digest(whose, &IssuerDigest::new(&self.issuer), identifier), before, until }))
    }

    fn of(issuer: String, issued_before: Option<i64>, until: i64) -> Self {
        Self { issuer, jti: None, sub: None, client_id: None, sid: None, issued_before, until }
    }
}

/// The most that a validator lets a token live beyond its expiry, in seconds.
const MOST_LEEWAY: i64 = 300;

/// Says nothing of whom it concerns.
impl fmt::Debug for Revoked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Revoked").field("until", &self.until).finish_non_exhaustive()
    }
}
