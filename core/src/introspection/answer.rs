//! What an issuer says of a token (RFC 7662 §2.2, RFC 9701 §5).

use crate::sync::atomic::{AtomicBool, Ordering};

use super::Verification;
use super::failure::Failure;
use crate::claims::{Claim, Claims, Writer};
use crate::encoding::json::{Limits, Object, Value};
use crate::error::{Error, ErrorClass};
use crate::jws::Room;
use crate::jwt::Jwt;
use crate::key::Selection;
use crate::ports::{FetchFailure, FetchResponse};
use crate::profile::bare_media_type;
use crate::time::{Millis, Timestamp};
use crate::waiting::Wish;

/// The longest answer that is read, in octets.
pub(super) const LONGEST: usize = 64 * 1024;

/// The media type of signed answers, without `application/`.
pub(super) const SIGNED: &str = "token-introspection+jwt";

/// An answer of the right form.
pub(super) struct Answer {
    active: bool,
    /// The members of an active answer other than `active`, as a JSON object.
    members: String,
    signed: Option<Signed>,
}

/// A signature that may still have to be verified.
struct Signed {
    token: String,
    verified: AtomicBool,
    /// Whether it did not verify with the keys that were at hand.
    doubted: AtomicBool,
}

/// Why a signed answer does not count.
pub(super) enum Doubt {
    /// The keys cannot be had.
    Undecided(Error),
    Failed(Failure),
}

impl Answer {
    pub(super) fn read(response: &FetchResponse, signed: bool) -> Result<Self, Failure> {
        match response.status {
            200 => {}
            300..=399 => return Err(Failure::Redirect),
            status => return Err(Failure::Status(status)),
        }
        if response.body.len() > LONGEST {
            return Err(Failure::Fetch(FetchFailure::TooLarge));
        }
        let encoded = response.fields("content-encoding").any(|coding| !coding.eq_ignore_ascii_case("identity"));
        let media_type = media_type(response).filter(|_| !encoded).ok_or(Failure::ContentType)?;
        let text = std::str::from_utf8(&response.body).map_err(|_| Failure::Malformed)?;
        match (signed, media_type.as_str()) {
            (false, "application/json") => {
                let object = Object::parse(text, Limits::TOKEN).map_err(|_| Failure::Malformed)?;
                Self::of(Value::of_checked(object.text()), None)
            }
            (true, media_type) if bare_media_type(media_type) == SIGNED => {
                let mut room = Room::new();
                let jwt = Jwt::read(text.as_bytes(), LONGEST, &mut room).map_err(|_| Failure::Malformed)?;
                let said = jwt.claims.get("token_introspection").ok_or(Failure::Malformed)?;
                let token = text.to_owned();
                let signed = Signed { token, verified: AtomicBool::new(false), doubted: AtomicBool::new(false) };
                Self::of(said, Some(signed))
            }
            (true, "application/json") => Err(Failure::Unsigned),
            _ => Err(Failure::ContentType),
        }
    }

    fn of(said: Value<'_>, signed: Option<Signed>) -> Result<Self, Failure> {
        let active = said.member("active").and_then(Value::boolean).ok_or(Failure::Malformed)?;
        let mut members = Writer::new();
        // Of a token that is not active nothing is to be known (RFC 7662 §2.2).
        let others = said.members().into_iter().flatten().filter(|(name, _)| active && name != "active");
        others.for_each(|(name, value)| members.member(&name, value.text()));
        Ok(Self { active, members: members.finish(), signed })
    }

    pub(super) fn is_active(&self) -> bool {
        self.active
    }

    /// What it says of an active token.
    pub(super) fn claims(&self) -> Option<Claims> {
        Object::parse(self.members.as_str(), Limits::TOKEN).ok().map(Claims::new)
    }

    /// Octets that it takes.
    pub(super) fn size(&self) -> usize {
        self.members.len() + self.signed.as_ref().map_or(0, |signed| signed.token.len())
    }

    /// Whether nothing more has to be verified.
    pub(super) fn counts(&self) -> bool {
        self.signed.as_ref().is_none_or(|signed| signed.verified.load(Ordering::Acquire))
    }

    /// Whether it was doubted before.
    pub(super) fn doubt(&self) -> bool {
        self.signed.as_ref().is_some_and(|signed| signed.doubted.swap(true, Ordering::AcqRel))
    }

    /// Verifies a signed answer with the keys at hand: whether it is the first time. A wish is left
    /// where other keys might help.
    pub(super) fn verify(&self, by: &Verification<'_>, now: Millis, wish: &Wish) -> Result<bool, Doubt> {
        let Some(signed) = &self.signed else { return Ok(false) };
        let malformed = |_| Doubt::Failed(Failure::Malformed);
        let mut room = Room::new();
        let jwt = Jwt::read(signed.token.as_bytes(), LONGEST, &mut room).map_err(malformed)?;
        let claims = &jwt.claims;
        // RFC 9701 §5: from the issuer, for this server, with the time at which it was made.
        let typed = jwt.header.typ().is_some_and(|typ| bare_media_type(typ).eq_ignore_ascii_case(SIGNED));
        let from = claims.string(Claim::Iss) == Some(by.issuer);
        let meant = claims.strings(Claim::Aud).is_some_and(|aud| aud.iter().any(|aud| aud == by.client_id));
        let made = claims.date(Claim::Iat).and_then(Timestamp::as_milliseconds);
        let made = made.is_some_and(|made| made <= now.saturating_add(by.leeway * 1000));
        if !(typed && from && meant && made) {
            return Err(Doubt::Failed(Failure::Foreign));
        }
        let algorithm = jwt.header.algorithm(by.algorithms).map_err(|_| Doubt::Failed(Failure::Signature))?;
        let wanted = Selection { kid: jwt.header.kid(), algorithm, listed: by.listed, pinned: by.pinned };
        by.keys.verify(&jwt.parts, &wanted, wish).map_err(|error| match error.code().class() {
            ErrorClass::Undecided | ErrorClass::Internal => Doubt::Undecided(error),
            _ => Doubt::Failed(Failure::Signature),
        })?;
        Ok(!signed.verified.swap(true, Ordering::AcqRel))
    }
}

/// Whether what an issuer says speaks of another token than the one that it was asked about.
/// `client` is the claim in which the token names its client.
pub(super) fn contradicts(said: &Claims, token: &Claims, client: Claim) -> bool {
    let pairs =
        [(Claim::Iss, Claim::Iss), (Claim::Sub, Claim::Sub), (Claim::ClientId, client), (Claim::Jti, Claim::Jti)];
    let differs = |(one, other): (Claim, Claim)| {
        said.has_claim(one) && token.has_claim(other) && said.string(one) != token.string(other)
    };
    // An issuer may leave out the audiences that are not concerned.
    let shared = || {
        let (said, of_token) = (said.strings(Claim::Aud), token.strings(Claim::Aud));
        said.zip(of_token).is_some_and(|(said, of_token)| said.iter().any(|one| of_token.contains(one)))
    };
    let both = said.has_claim(Claim::Aud) && token.has_claim(Claim::Aud);
    pairs.into_iter().any(differs) || (both && !shared())
}

/// The one media type of a response, without parameters and in lower case.
fn media_type(response: &FetchResponse) -> Option<String> {
    let mut fields = response.fields("content-type");
    let first = fields.next().filter(|_| fields.next().is_none())?;
    Some(first.split(';').next().unwrap_or_default().trim().to_ascii_lowercase())
}
