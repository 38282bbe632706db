//! The claims of a token: their registered names, their types, and how they are read.

mod registered;
mod times;
mod types;
mod values;
mod writer;

pub(crate) use registered::{Claim, Forms};
pub(crate) use times::Times;
pub(crate) use types::{MOST_AUDIENCES, MOST_SCOPES, Type, is_scope_token, scope_tokens};
pub(crate) use writer::Writer;

pub use values::{Actor, Attribute, AuthorizationDetail, Confirmation};

use std::borrow::Cow;

use crate::encoding::json::{Kind, Object, Value};
use crate::error::{Error, ErrorCode, Result};
use crate::time::Timestamp;

/// A claims set whose text is strict JSON; what its claims mean is judged claim by claim.
pub(crate) struct Claims {
    object: Object,
    /// Where in the object each registered claim is.
    places: [u16; Claim::COUNT],
}

/// The place of a claim that is not there.
const NOWHERE: u16 = u16::MAX;

impl Claims {
    pub(crate) fn new(object: Object) -> Self {
        let mut places = [NOWHERE; Claim::COUNT];
        for (place, mark) in object.marks().enumerate() {
            let claim = Claim::of_mark(mark, || object.name_at(place));
            let slot = claim.and_then(|claim| places.get_mut(claim as usize));
            if let (Some(slot), Ok(place)) = (slot, u16::try_from(place)) {
                *slot = place;
            }
        }
        Self { object, places }
    }

    /// The text that was signed.
    pub(crate) fn text(&self) -> &str {
        self.object.text()
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.object.contains(name)
    }

    /// Whether a claim is there, and is not `null`.
    pub(crate) fn has_value(&self, name: &str) -> bool {
        self.get(name).is_some_and(|value| value.kind() != Kind::Null)
    }

    pub(crate) fn get(&self, name: &str) -> Option<Value<'_>> {
        self.object.get(name)
    }

    pub(crate) fn has_claim(&self, claim: Claim) -> bool {
        self.place(claim).is_some()
    }

    pub(crate) fn claim(&self, claim: Claim) -> Option<Value<'_>> {
        self.object.at(self.place(claim)?)
    }

    /// A claim that is a string.
    pub(crate) fn string(&self, claim: Claim) -> Option<&str> {
        self.object.string_at(self.place(claim)?)
    }

    fn place(&self, claim: Claim) -> Option<usize> {
        self.places.get(claim as usize).filter(|place| **place != NOWHERE).map(|place| usize::from(*place))
    }

    /// A claim that is a date.
    pub(crate) fn date(&self, claim: Claim) -> Option<Timestamp> {
        self.claim(claim)?.number().and_then(Timestamp::from_json_number)
    }

    /// A claim that is an array of strings, or one string.
    pub(crate) fn strings(&self, claim: Claim) -> Option<Vec<Cow<'_, str>>> {
        let value = self.claim(claim)?;
        match value.elements() {
            Some(elements) => elements.map(Value::string).collect(),
            None => value.string().map(|one| vec![one]),
        }
    }

    /// Judges the type of one claim, where it is there.
    pub(crate) fn judge(&self, claim: Claim, kind: Type) -> Result<()> {
        let Some(value) = self.claim(claim) else { return Ok(()) };
        kind.judge(value).map_err(|code| Error::of_claim(code, claim.name()))
    }

    /// The scopes of a claim, a string or an array, in their order and without repetition.
    pub(crate) fn scopes(&self, claim: Claim) -> Vec<Cow<'_, str>> {
        let listed = self.claim(claim).and_then(Value::elements).into_iter().flatten().filter_map(Value::string);
        let spaced = self.string(claim).map(scope_tokens).into_iter().flatten().map(Cow::Borrowed);
        let mut scopes: Vec<Cow<'_, str>> = Vec::new();
        for scope in spaced.chain(listed) {
            if !scopes.contains(&scope) {
                scopes.push(scope);
            }
        }
        scopes
    }

    /// The confirmation of RFC 7800, as far as it is understood.
    pub(crate) fn confirmation(&self) -> Option<Confirmation<'_>> {
        self.claim(Claim::Cnf).map(Confirmation::read)
    }

    /// Whether `aud` names one of these.
    pub(crate) fn is_meant_for(&self, expected: &[String]) -> bool {
        let named = |audience: Value<'_>| audience.string().is_some_and(|name| expected.iter().any(|one| *one == name));
        let Some(audience) = self.claim(Claim::Aud) else { return false };
        match audience.elements() {
            Some(mut elements) => elements.any(named),
            None => named(audience),
        }
    }

    /// Whether the audience is the client itself and nobody else, as in an ID token.
    pub(crate) fn is_meant_for_client(&self, client: Claim) -> bool {
        let audience = self.strings(Claim::Aud).unwrap_or_default();
        let is_client = |client: &str| !audience.is_empty() && audience.iter().all(|named| named == client);
        self.string(client).is_some_and(is_client)
    }

    /// Whether issuer and subject are one, as in a client assertion.
    pub(crate) fn speaks_of_itself(&self) -> bool {
        matches!((self.string(Claim::Iss), self.string(Claim::Sub)), (Some(iss), Some(sub)) if iss == sub)
    }

    /// The issuer, which alone is read before the signature is good.
    pub(crate) fn issuer(&self) -> Result<&str> {
        let code = if self.has_claim(Claim::Iss) { ErrorCode::ClaimMalformed } else { ErrorCode::ClaimMissing };
        self.string(Claim::Iss).ok_or_else(|| Error::of_claim(code, Claim::Iss.name()))
    }
}
