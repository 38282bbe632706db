//! JSON as serde_json reads it, with numbers as they are written and duplicate members refused.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::value::RawValue;

/// A JSON value. Numbers keep their text: to read 1e999 is a matter of taste, to skip it is not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Json {
    Null,
    Boolean(bool),
    Number(String),
    String(String),
    Array(Vec<Json>),
    Object(BTreeMap<String, Json>),
}

impl Json {
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        if let Self::String(text) = self { Some(text) } else { None }
    }

    #[must_use]
    pub fn member(&self, name: &str) -> Option<&Self> {
        if let Self::Object(members) = self { members.get(name) } else { None }
    }
}

/// Reads a text; `None` where serde_json refuses it, or where an object has a name twice.
#[must_use]
pub fn read(text: &str) -> Option<Json> {
    value(serde_json::from_str::<&RawValue>(text).ok()?)
}

/// Reads a text that must be an object.
#[must_use]
pub fn read_object(text: &str) -> Option<BTreeMap<String, Json>> {
    if let Json::Object(members) = read(text)? { Some(members) } else { None }
}

fn value(raw: &RawValue) -> Option<Json> {
    let text = raw.get();
    Some(match text.as_bytes().first()? {
        b'n' => Json::Null,
        b't' => Json::Boolean(true),
        b'f' => Json::Boolean(false),
        b'"' => Json::String(serde_json::from_str(text).ok()?),
        b'[' => {
            let elements: Vec<&RawValue> = serde_json::from_str(text).ok()?;
            Json::Array(elements.into_iter().map(value).collect::<Option<_>>()?)
        }
        b'{' => {
            let Members(members) = serde_json::from_str(text).ok()?;
            let mut known = BTreeMap::new();
            for (name, raw) in members {
                if known.insert(name, value(&raw)?).is_some() {
                    return None;
                }
            }
            Json::Object(known)
        }
        _ => Json::Number(text.to_owned()),
    })
}

/// The members of an object in their order, duplicates included.
struct Members(Vec<(String, Box<RawValue>)>);

impl<'de> serde::Deserialize<'de> for Members {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;

        impl<'de> serde::de::Visitor<'de> for Visitor {
            type Value = Members;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: serde::de::MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }

        deserializer.deserialize_map(Visitor)
    }
}
