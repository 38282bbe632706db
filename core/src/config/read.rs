//! Reads configuration and arguments from JSON text, and says what is wrong without its value.

use std::fmt;
use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{DeserializeOwned, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

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
        let detail = if named {
            let words = reason.split(" at line ").next().unwrap_or_default();
            words.split(", expected").next().unwrap_or_default().replace(char::is_control, "")
        } else {
            "wrong type or value".to_owned()
        };
        if path == "." {
            Error::with_detail(code, detail)
        } else {
            Error::with_detail(code, format_args!("{path}: {detail}"))
        }
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
