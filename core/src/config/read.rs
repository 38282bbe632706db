//! Reads configuration and arguments from JSON text, and says what is wrong without its value.

use std::fmt;
use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{DeserializeOwned, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::value::{RawValue, to_raw_value};

use crate::encoding::json::{self, Limits};
use crate::error::{Error, ErrorCode, Result};

/// Reads a text that must be strict JSON of the structure's form.
pub(crate) fn read<T: DeserializeOwned>(text: &str, code: ErrorCode) -> Result<T> {
    if json::check(text, Limits::CONFIG).is_err() {
        return Err(Error::with_detail(code, "not a strict JSON text, or one with duplicate members"));
    }
    let mut reader = serde_json::Deserializer::from_str(text);
    let read: Result<Mapped<T>, _> = serde_path_to_error::deserialize(&mut reader);
    read.map(|Mapped(value)| value).map_err(|error| {
        let path = error.path().to_string();
        let reason = error.into_inner().to_string();
        // The reader's own words may quote a value, so only those that quote a name are passed on.
        let named = ["unknown field ", "missing field "].iter().any(|start| reason.starts_with(start));
        let words = reason.split(" at line ").next().unwrap_or_default();
        let words = words.split(", expected").next().unwrap_or_default();
        let words = if named { words } else { "wrong type or value" };
        let place = if path == "." { String::new() } else { format!("{path}: ") };
        // A name is the caller's: it must not break the line of a log.
        Error::with_detail(code, format!("{place}{words}").replace(char::is_control, ""))
    })
}

/// A structure that was written as an object. Left to itself, the reader would also take an array
/// of its members in their order.
struct Mapped<T>(T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Mapped<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(MapVisitor(PhantomData))
    }
}

struct MapVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for MapVisitor<T> {
    type Value = Mapped<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<Self::Value, A::Error> {
        T::deserialize(MapAccessDeserializer::new(members)).map(Mapped)
    }
}

/// An array of structures, each written as an object.
pub(crate) fn objects<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Vec<T>, D::Error> {
    Ok(optional_objects(deserializer)?.unwrap_or_default())
}

/// The same, or `null`.
pub(crate) fn optional_objects<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Option<Vec<T>>, D::Error> {
    let mapped = Option::<Vec<Mapped<T>>>::deserialize(deserializer)?;
    Ok(mapped.map(|mapped| mapped.into_iter().map(|Mapped(value)| value).collect()))
}

/// A structure that is written as an object, or `null`.
pub(crate) fn optional_object<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    Ok(Option::<Mapped<T>>::deserialize(deserializer)?.map(|Mapped(value)| value))
}

/// The JSON text of a value that a caller made and that must itself be strict JSON.
pub(crate) fn raw(name: &'static str, value: &impl Serialize) -> Result<Box<RawValue>> {
    let invalid = || Error::of_claim(ErrorCode::ArgumentInvalid, name);
    let raw = to_raw_value(value).map_err(|_| invalid())?;
    json::check(raw.get(), Limits::CONFIG).map_err(|_| invalid())?;
    Ok(raw)
}

/// A configuration error; `detail` names members only.
pub(crate) fn invalid(detail: impl fmt::Display) -> Error {
    Error::with_detail(ErrorCode::ConfigInvalid, detail)
}

/// A string where several may stand.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(untagged)]
pub(crate) enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

impl OneOrMany {
    pub(crate) fn into_vec(self) -> Vec<String> {
        match self {
            Self::One(one) => vec![one],
            Self::Many(many) => many,
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::config::ValidatorConfig;

    #[test]
    fn a_name_is_told_and_a_value_is_not() {
        let message = |text: &str| ValidatorConfig::from_json(text).unwrap_err().message().to_owned();
        assert!(message(r#"{"isuer":"secret"}"#).contains("unknown field `isuer`"));
        assert!(message(r#"{"issuer":["secret"]}"#).ends_with("issuer: wrong type or value"));
        assert!(message(r#"{"profiles":["secret"]}"#).ends_with("profiles[0]: wrong type or value"));
        assert!(message(r#"{"issuers":[{"isuer":"secret"}]}"#).contains("issuers[0].isuer: unknown field `isuer`"));
        for text in [r#"{"\n":1}"#, "{\"a\u{7f}\":1}", r#"{"a\u001b[31m":1}"#, r#"{"issuers":[{"\r\n":1}]}"#] {
            assert!(!message(text).contains(char::is_control), "{text:?}");
        }
        for text in [r#"{"issuer":"secret","issuer":"b"}"#, "[]", "{", r#""secret""#, "nul"] {
            assert!(!message(text).contains("secret"), "{text}");
        }
    }
}
