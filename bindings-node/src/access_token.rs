//! Access tokens that were found good.
//!
//! JavaScript keeps them as [texts](crate::signed). Where the core is needed again it is given the text.

use std::borrow::Cow;
use std::cell::RefCell;

use at9068::{Error, ErrorCode, Origin, Profile};
use napi::bindgen_prelude::Either;
use serde::Serialize;

use crate::signed::{Text, facts_json, parts, signed, text_of};

/// How many tokens are at hand.
const PLACES: usize = 8;

/// The number of those that are not.
const NOWHERE: u64 = 0;

/// A token that was found good: the number by which JavaScript may have its text already, or the text.
pub type Told = Either<f64, Text>;

/// The tokens that a validator found good last: what is asked of a token is mostly asked at once. The
/// others are recalled of their texts.
#[derive(Default)]
pub struct Recent(RefCell<Latest>);

#[derive(Default)]
struct Latest {
    /// The number of the last one.
    number: u64,
    places: [Option<(u64, at9068::AccessToken)>; PLACES],
    /// The core's number of the newest token that was looked at.
    newest: u64,
    /// The one of which only the core's number was told, if that was the last.
    told: Option<(u64, at9068::AccessToken)>,
}

impl Recent {
    /// The text of a token, which is at hand from now on.
    pub(crate) fn keep(&self, token: at9068::AccessToken) -> Text {
        let mut latest = self.0.borrow_mut();
        let number = latest.number.wrapping_add(1);
        let text = text(&token, number);
        latest.number = number;
        if let Some(place) = latest.places.get_mut(place(number)) {
            *place = Some((number, token));
        }
        text
    }

    /// The number that the core has for a token, where that is all there is to know: who else vouches
    /// for a token, and what it would break, may be another thing with every verdict. Otherwise its text;
    /// and so where the token is new, as numbers grow: what may never come again is not worth keeping.
    pub(crate) fn tell(&self, token: at9068::AccessToken) -> Told {
        if let Some(serial) = token.serial()
            && token.origin() == Origin::Local
            && token.would_break().is_empty()
        {
            let mut latest = self.0.borrow_mut();
            if serial <= latest.newest {
                latest.told = Some((serial, token));
                return Either::A(serial as f64);
            }
            latest.newest = serial;
        }
        Either::B(self.keep(token))
    }

    /// The text of the token of which this number was told just now.
    ///
    /// # Errors
    /// `internal` where it was not.
    pub(crate) fn told(&self, serial: u64) -> at9068::Result<Text> {
        let told = self.0.borrow_mut().told.take_if(|(told, _)| *told == serial);
        told.map(|(_, token)| self.keep(token)).ok_or_else(|| Error::from(ErrorCode::Internal))
    }

    /// What the core reads in a token, where it is at hand.
    pub(crate) fn facts(&self, number: u64) -> Option<Text> {
        self.at_hand(number).map(|token| facts(&token))
    }

    fn at_hand(&self, number: u64) -> Option<at9068::AccessToken> {
        let latest = self.0.borrow();
        let (_, token) = latest.places.get(place(number))?.as_ref().filter(|(held, _)| *held == number)?;
        Some(token.clone())
    }
}

fn place(number: u64) -> usize {
    usize::try_from(number).unwrap_or_default() % PLACES
}

/// A token that a validator found good, again.
///
/// # Errors
/// `internal` for what is not the text of one.
pub(crate) fn recall(
    validator: &at9068::Validator,
    recent: &Recent,
    text: &str,
) -> at9068::Result<at9068::AccessToken> {
    let (header, claims, number, rest) = parts(text).ok_or_else(|| Error::from(ErrorCode::Internal))?;
    let (_, standing) = rest.split_once('\n').ok_or_else(|| Error::from(ErrorCode::Internal))?;
    recent.at_hand(number).map_or_else(|| validator.recall(claims, header, standing), Ok)
}

/// The text of a token that is not at hand.
pub(crate) fn text_apart(token: &at9068::AccessToken) -> Text {
    text(token, NOWHERE)
}

/// The rest is what the token is besides: a line with the codes under which it will be refused, and
/// what the core wants to recall the rest.
fn text(token: &at9068::AccessToken, number: u64) -> Text {
    let mut standing = String::new();
    token.write_standing(&mut standing);
    let breaks = token.would_break();
    let codes = breaks.iter().map(|code| code.slug()).collect::<Vec<_>>().join(" ");
    signed(token.header_json(), token.claims_json(), number, &[&codes, "\n", &standing])
}

/// What the core reads in a token, as a JSON array.
pub(crate) fn facts(token: &at9068::AccessToken) -> Text {
    text_of(facts_json(&Facts(
        token.iss(),
        token.sub(),
        token.aud(),
        token.client_id(),
        token.exp(),
        token.iat(),
        token.nbf(),
        token.jti(),
        token.scope(),
        token.scopes(),
        token.permissions(),
        token.auth_time(),
        token.acr(),
        token.amr(),
        token.org_id(),
        token.org_name(),
        token.profile().map(Profile::as_str),
        token.origin().as_str(),
    )))
}

/// Without names, in the order in which `lib/access_token.cjs` has them.
#[derive(Serialize)]
struct Facts<'a>(
    &'a str,
    &'a str,
    Vec<Cow<'a, str>>,
    &'a str,
    i64,
    i64,
    Option<i64>,
    Option<&'a str>,
    Option<&'a str>,
    Vec<Cow<'a, str>>,
    Option<Vec<Cow<'a, str>>>,
    Option<i64>,
    Option<&'a str>,
    Option<Vec<Cow<'a, str>>>,
    Option<&'a str>,
    Option<&'a str>,
    Option<&'static str>,
    &'static str,
);
