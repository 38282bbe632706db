//! Reads configuration and arguments from JSON text, and says what is wrong without its value.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::encoding::json::{self, Limits};
use crate::error::{Error, ErrorCode, Result};

/// Reads a text that must be strict JSON of the structure's form.
pub(crate) fn read<T: DeserializeOwned>(text: &str, code: ErrorCode) -> Result<T> {
    if json::check(text, Limits::CONFIG).is_err() {
        return Err(Error::with_detail(code, "not a strict JSON text, or one with duplicate members"));
    }
    let mut reader = serde_json::Deserializer::from_str(text);
    serde_path_to_error::deserialize(&mut reader).map_err(|error| {
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

/// A configuration error; `detail` names members only.
pub(crate) fn invalid(detail: impl std::fmt::Display) -> Error {
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
