//! Access tokens that a package keeps as texts.
//!
//! Not every language frees in time what is not its own: Node frees native objects only when its
//! event loop turns, however many there are. Its texts it frees like everything else.

use std::sync::Arc;

use crate::claims::Claims;
use crate::error::{Error, ErrorCode, Result};
use crate::jws;
use crate::profile::Profile;
use crate::validator::access_token::Verified;
use crate::validator::{AccessToken, Origin, Validator};

impl AccessToken {
    /// Appends what the token is besides its claims and its header, as a text for
    /// [`Validator::recall`].
    #[doc(hidden)]
    pub fn write_standing(&self, out: &mut String) {
        out.push_str(itoa::Buffer::new().format(self.leeway()));
        let last = match self.profile() {
            Some(profile) => profile.as_str(),
            None => self.iss(),
        };
        for word in [self.origin().as_str(), last] {
            out.push(' ');
            out.push_str(word);
        }
    }

    /// A number that no other token of its validator has that was verified: the same with every hit,
    /// for packages that keep what they made of the token.
    #[doc(hidden)]
    #[must_use]
    pub fn serial(&self) -> Option<u64> {
        self.verified().serial()
    }
}

impl Validator {
    /// A token that this validator found good, again, of its texts; without what it would break.
    ///
    /// **Judges nothing.** Only for packages over this crate, which see to it that these are the
    /// texts of such a token and that nobody could change them.
    ///
    /// # Errors
    /// `internal` for what are no such texts.
    #[doc(hidden)]
    pub fn recall(&self, claims_json: &str, header_json: &str, standing: &str) -> Result<AccessToken> {
        self.recalled(claims_json, header_json, standing).ok_or_else(|| Error::new(ErrorCode::Internal))
    }

    fn recalled(&self, claims_json: &str, header_json: &str, standing: &str) -> Option<AccessToken> {
        let claims = Claims::new(jws::object(claims_json.into()).ok()?);
        let common = Arc::clone(&self.policy.common);
        let mut words = standing.splitn(3, ' ');
        let (leeway, origin, last) = (words.next()?.parse().ok()?, words.next()?, words.next()?);
        if origin == Origin::Introspection.as_str() {
            return Some(AccessToken::introspected(claims, last, leeway, common));
        }
        let header = jws::Header::read(header_json.into()).ok()?;
        let profile = Profile::ALL.iter().find(|profile| profile.as_str() == last)?;
        let mut token = AccessToken::new(Verified::new(claims, Arc::new(header), *profile, leeway, common));
        if origin == Origin::LocalAndIntrospection.as_str() {
            token.set_vouched();
        }
        Some(token)
    }
}
