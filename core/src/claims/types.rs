//! The types of claims, and what each takes.

use crate::encoding::json::{Kind, Value};
use crate::error::ErrorCode;
use crate::time::Timestamp;

/// More audiences than any token needs.
pub(crate) const MOST_AUDIENCES: usize = 64;
/// More scopes than any token needs.
pub(crate) const MOST_SCOPES: usize = 1000;
/// Actors within one another (RFC 8693 §4.1).
const MOST_ACTORS: usize = 8;

/// What the value of a claim must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Type {
    /// A string.
    Text,
    /// A string that is not empty.
    Identifier,
    /// One string and no other.
    Exactly(&'static str),
    /// A number between 0 and the year 9999 (RFC 7519 §2).
    Date,
    /// A string or an array of strings (RFC 7519 §4.1.3).
    Audience,
    /// Scopes, single spaces between them (RFC 8693 §4.2); or the empty string.
    Scope,
    /// An array of scopes.
    ScopeList,
    /// An array of strings.
    Texts,
    /// A string or an array of strings.
    TextOrTexts,
    /// An array of strings or SCIM values (RFC 7643 §4.1.2, RFC 9068 §2.2.3.1).
    Attributes,
    /// An array of objects with a `type` (RFC 9396 §2), or one where `single` says so.
    Details { single: bool },
    /// An object, not empty, whose known members are strings (RFC 7800 §3.1).
    Confirmation,
    /// An object, perhaps with another such in its `act` (RFC 8693 §4.1).
    Actor,
}

impl Type {
    /// The type in words.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Text => "a string",
            Self::Identifier => "a string that is not empty",
            Self::Exactly(_) => "the one string that the profile knows",
            Self::Date => "a number of seconds since the epoch",
            Self::Audience | Self::TextOrTexts => "a string or an array of strings",
            Self::Scope => "scopes with single spaces between them",
            Self::ScopeList => "an array of scopes",
            Self::Texts => "an array of strings",
            Self::Attributes => "an array of strings or SCIM values",
            Self::Details { .. } => "an array of objects with a type",
            Self::Confirmation => "an object that binds the token",
            Self::Actor => "an object, with others of its kind at most 8 deep",
        }
    }

    pub(crate) fn judge(self, value: Value<'_>) -> Result<(), ErrorCode> {
        let good = match self {
            Self::Text => value.kind() == Kind::String,
            Self::Identifier => value.string().is_some_and(|text| !text.is_empty()),
            Self::Exactly(text) => value.string().is_some_and(|value| value == text),
            Self::Date => value.number().and_then(Timestamp::from_json_number).is_some(),
            Self::Audience => return within(MOST_AUDIENCES, value.kind() == Kind::String, value.count_strings()),
            Self::Scope => {
                let scopes = value.string().and_then(|text| count_scopes(&text));
                return within(MOST_SCOPES, false, scopes);
            }
            Self::ScopeList => {
                let scopes = value.elements().and_then(|mut scopes| {
                    scopes.try_fold(0, |count, scope| is_scope_token(&scope.string()?).then_some(count + 1))
                });
                return within(MOST_SCOPES, false, scopes);
            }
            Self::Texts => value.count_strings().is_some(),
            Self::TextOrTexts => value.kind() == Kind::String || value.count_strings().is_some(),
            Self::Attributes => value.elements().is_some_and(|mut entries| entries.all(is_attribute)),
            Self::Details { single } => match value.elements() {
                Some(mut details) => details.all(is_detail),
                None => single && is_detail(value),
            },
            Self::Confirmation => is_confirmation(value),
            Self::Actor => is_actor(value),
        };
        if good { Ok(()) } else { Err(ErrorCode::ClaimMalformed) }
    }
}

/// The members of a scope string; the empty string has none.
pub(crate) fn scope_tokens(scope: &str) -> impl Iterator<Item = &str> + Clone {
    let mut rest = Some(scope).filter(|scope| !scope.is_empty());
    std::iter::from_fn(move || {
        let text = rest?;
        let end = text.bytes().position(|octet| octet == b' ');
        let member;
        (member, rest) = match end.and_then(|end| text.split_at_checked(end)) {
            Some((member, behind)) => (member, behind.get(1..)),
            None => (text, None),
        };
        Some(member)
    })
}

/// How many members a scope string has that is well formed (RFC 6749 §3.3).
fn count_scopes(scope: &str) -> Option<usize> {
    let octets = scope.as_bytes();
    let (Some(first), Some(last)) = (octets.first(), octets.last()) else { return Some(0) };
    let is_space = |octet: u8| octet == b' ';
    // Without a branch for each octet, so that many are looked at together.
    let strange = octets.iter().fold(false, |strange, octet| strange | !(is_scope_octet(*octet) | is_space(*octet)));
    let behind = octets.iter().skip(1);
    let double =
        octets.iter().zip(behind).fold(false, |double, (one, next)| double | (is_space(*one) & is_space(*next)));
    let spaces = octets.iter().fold(0, |spaces, octet| spaces + usize::from(is_space(*octet)));
    (!strange && !double && !is_space(*first) && !is_space(*last)).then_some(spaces + 1)
}

/// Whether a text can stand between the spaces of a scope string (RFC 6749 §3.3).
pub(crate) fn is_scope_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(is_scope_octet)
}

fn is_scope_octet(octet: u8) -> bool {
    matches!(octet, 0x21 | 0x23..=0x5b | 0x5d..=0x7e)
}

fn within(most: usize, good: bool, count: Option<usize>) -> Result<(), ErrorCode> {
    match count {
        Some(count) if count > most => Err(ErrorCode::TokenTooLarge),
        Some(_) => Ok(()),
        None if good => Ok(()),
        None => Err(ErrorCode::ClaimMalformed),
    }
}

fn is_attribute(entry: Value<'_>) -> bool {
    let Some(members) = entry.members() else { return entry.kind() == Kind::String };
    let mut has_value = false;
    for (name, value) in members {
        let good = match name.as_ref() {
            "value" => {
                has_value = true;
                value.kind() == Kind::String
            }
            "display" | "type" | "$ref" => value.kind() == Kind::String,
            "primary" => value.kind() == Kind::Boolean,
            _ => true,
        };
        if !good {
            return false;
        }
    }
    has_value
}

fn is_detail(detail: Value<'_>) -> bool {
    detail.member("type").is_some_and(|name| name.string().is_some_and(|name| !name.is_empty()))
}

fn is_confirmation(value: Value<'_>) -> bool {
    let Some(members) = value.members() else { return false };
    let mut empty = true;
    for (name, member) in members {
        empty = false;
        if matches!(name.as_ref(), "jkt" | "x5t#S256") && member.kind() != Kind::String {
            return false;
        }
    }
    !empty
}

fn is_actor(value: Value<'_>) -> bool {
    let mut actor = value;
    for _ in 0..MOST_ACTORS {
        if actor.kind() != Kind::Object {
            return false;
        }
        match actor.member("act") {
            Some(inner) => actor = inner,
            None => return true,
        }
    }
    false
}
