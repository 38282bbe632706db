//! A strict reader of JSON (RFC 8259) for headers, claims, keys and configuration.
//!
//! One pass without recursion checks the grammar, the bounds and that no object at any depth has
//! two members of one name; it then knows where each member of the outermost object lies.
//! What lies deeper is read on demand through [`Value`], from the same text that was checked.

mod plain;
mod scan;
mod value;
mod write;

pub(crate) use scan::Mark;
pub(crate) use value::Value;
pub(crate) use write::{write_string, write_strings};

use zeroize::Zeroize as _;

use scan::{Content, Member, Scanner};
use value::Known;

/// Members for which room is made at once.
const USUAL_MEMBERS: usize = 20;

/// Bounds on a text.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// Containers within one another, the outermost included; 64 at most.
    pub(crate) depth: usize,
    /// Members of one object.
    pub(crate) members: usize,
}

impl Limits {
    /// For what strangers send.
    pub(crate) const TOKEN: Self = Self { depth: 32, members: 256 };
    /// For what the operator configures.
    pub(crate) const CONFIG: Self = Self { depth: 64, members: 4096 };
}

/// Why a text is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    Malformed,
    TooLarge,
}

/// What a JSON value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Null,
    Boolean,
    Number,
    String,
    Array,
    Object,
}

impl Kind {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Boolean => "boolean",
            Self::Number => "number",
            Self::String => "string",
            Self::Array => "array",
            Self::Object => "object",
        }
    }
}

/// An object whose text has been checked, with a table of its members.
pub(crate) struct Object {
    text: String,
    /// Names and string values that were written with escapes, decoded.
    decoded: String,
    members: Vec<Member>,
}

impl Object {
    /// Reads a text that must be exactly one object.
    pub(crate) fn parse(text: impl Into<String>, limits: Limits) -> Result<Self, Fault> {
        let text = text.into();
        let mut scanner = Scanner::new(&text, limits);
        scanner.members = Vec::with_capacity(USUAL_MEMBERS);
        if scanner.document()? != Kind::Object {
            return Err(Fault::Malformed);
        }
        let (decoded, members) = (scanner.decoded, scanner.members);
        Ok(Self { text, decoded, members })
    }

    /// Overwrites everything read, for texts that hold secrets.
    pub(crate) fn wipe(&mut self) {
        self.text.zeroize();
        self.decoded.zeroize();
        self.members.clear();
    }

    /// The text as it was given.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    pub(crate) fn get(&self, name: &str) -> Option<Value<'_>> {
        self.member(name).and_then(|member| self.value(member))
    }

    pub(crate) fn contains(&self, name: &str) -> bool {
        self.member(name).is_some()
    }

    /// The value of a member that is a string, without a copy.
    pub(crate) fn string(&self, name: &str) -> Option<&str> {
        self.inside(self.member(name)?)
    }

    /// The marks of the names of members in the order of the text.
    pub(crate) fn marks(&self) -> impl Iterator<Item = Mark> {
        self.members.iter().map(|member| member.name.mark())
    }

    /// The name of the member at a place in that order.
    pub(crate) fn name_at(&self, place: usize) -> Option<&str> {
        Some(self.members.get(place)?.name.of(&self.text, &self.decoded))
    }

    /// Its value.
    pub(crate) fn at(&self, place: usize) -> Option<Value<'_>> {
        self.value(self.members.get(place)?)
    }

    /// The same, where that value is a string.
    pub(crate) fn string_at(&self, place: usize) -> Option<&str> {
        self.inside(self.members.get(place)?)
    }

    fn member(&self, name: &str) -> Option<&Member> {
        let mark = Mark::of(name);
        self.members.iter().find(|member| member.name.is(name, mark, &self.text, &self.decoded))
    }

    #[inline]
    fn value(&self, member: &Member) -> Option<Value<'_>> {
        let known = match member.content {
            Content::String(span) if span.is_decoded() => Known::Decoded(span.of(&self.text, &self.decoded)),
            Content::String(_) => Known::AsWritten,
            Content::Strings(count) => Known::Strings(count),
            Content::Other => Known::Nothing,
        };
        Some(Value::exact(member.value.of(&self.text, ""), known))
    }

    #[inline]
    fn inside(&self, member: &Member) -> Option<&str> {
        match member.content {
            Content::String(span) => Some(span.of(&self.text, &self.decoded)),
            _ => None,
        }
    }
}

/// Checks that a text is one JSON value within the limits.
pub(crate) fn check(text: &str, limits: Limits) -> Result<Kind, Fault> {
    Scanner::new(text, limits).document()
}

#[cfg(test)]
mod tests;
