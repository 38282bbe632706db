//! Keys in a configuration: JWK JSON, or handles that are given beside the text.

use std::fmt;

use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;
use zeroize::Zeroizing;

use crate::config::invalid;
use crate::encoding::json::{Kind, Value};
use crate::error::Result;
use crate::key::{KeySet, SecretObject, SetBuilder, SigningKey, SkippedKey, parse_jwk};

/// Handles that a configuration in JSON refers to by their place in these lists:
/// `{"$key_set": 0}` and `{"$signing_key": 0}`, wherever JWK JSON may stand.
#[derive(Clone, Debug, Default)]
pub struct Handles {
    /// Key sets, for `jwks`.
    pub key_sets: Vec<KeySet>,
    /// Signing keys: for a minter's `keys`, or as an entry of `keys` in a set.
    pub signing_keys: Vec<SigningKey>,
}

/// Where the keys of a validator or minter come from.
#[derive(Clone)]
pub(crate) enum KeySource {
    Json(Zeroizing<String>),
    Set(KeySet),
    Signing(Vec<SigningKey>),
}

const KEY_SET: &str = "$key_set";
const SIGNING_KEY: &str = "$signing_key";

impl KeySource {
    /// The keys to verify with. A set that is none, or in which nothing is usable, is an error.
    pub(crate) fn key_set(&self, handles: &Handles) -> Result<KeySet> {
        let set = match self {
            Self::Set(set) => set.clone(),
            Self::Signing(keys) => KeySet::from_signing_keys(keys)?,
            Self::Json(text) => {
                let object = parse(text)?;
                let whole = Value::of_checked(object.text());
                if let Some(index) = reference(whole, KEY_SET)? {
                    handle(&handles.key_sets, index)?.clone()
                } else {
                    let mut builder = SetBuilder::default();
                    for entry in entries(whole)? {
                        match reference(entry, SIGNING_KEY)? {
                            Some(index) => builder.add_signing_key(handle(&handles.signing_keys, index)?)?,
                            None => builder.add_json(entry.text()),
                        }
                    }
                    builder.build()
                }
            }
        };
        if set.is_empty() {
            return Err(invalid("no key is usable"));
        }
        Ok(set)
    }

    /// The keys to sign with, and the entries that cannot be used.
    pub(crate) fn signing_keys(&self, handles: &Handles) -> Result<(Vec<SigningKey>, Vec<SkippedKey>)> {
        let (mut keys, mut skipped) = (Vec::new(), Vec::new());
        match self {
            Self::Set(_) => return Err(invalid("keys: a key set cannot sign")),
            Self::Signing(given) => keys.clone_from(given),
            Self::Json(text) => {
                let object = parse(text)?;
                for (index, entry) in entries(Value::of_checked(object.text()))?.into_iter().enumerate() {
                    if let Some(index) = reference(entry, SIGNING_KEY)? {
                        keys.push(handle(&handles.signing_keys, index)?.clone());
                        continue;
                    }
                    match SigningKey::from_jwk(entry.text()) {
                        Ok(key) => keys.push(key),
                        Err(error) => skipped.push(SkippedKey::new(index, entry.text(), error.code())),
                    }
                }
            }
        }
        if keys.is_empty() {
            return Err(invalid("no key is usable"));
        }
        Ok((keys, skipped))
    }
}

fn parse(text: &str) -> Result<SecretObject> {
    parse_jwk(text).map_err(|_| invalid("keys are no JWK set"))
}

/// The entries of a JWK set; a reference to a signing key is a set of one.
fn entries(whole: Value<'_>) -> Result<Vec<Value<'_>>> {
    if reference(whole, SIGNING_KEY)?.is_some() {
        return Ok(vec![whole]);
    }
    let keys = whole.member("keys").and_then(Value::elements);
    Ok(keys.ok_or_else(|| invalid("keys are no JWK set"))?.collect())
}

/// The place that a reference names. An object with its member is a reference and nothing else:
/// a set from elsewhere cannot slip one in between the members of a key.
fn reference(object: Value<'_>, name: &str) -> Result<Option<usize>> {
    if object.kind() != Kind::Object {
        return Ok(None);
    }
    let Some(place) = object.member(name) else { return Ok(None) };
    let alone = object.members().is_some_and(|members| members.count() == 1);
    let place = place.number().and_then(|number| number.parse().ok()).filter(|_| alone);
    place.map(Some).ok_or_else(|| invalid("a reference to a handle is malformed"))
}

fn handle<T>(handles: &[T], index: usize) -> Result<&T> {
    handles.get(index).ok_or_else(|| invalid("a reference to a handle that was not given"))
}

impl<'de> Deserialize<'de> for KeySource {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw: Box<str> = Box::<RawValue>::deserialize(deserializer)?.into();
        Ok(Self::Json(Zeroizing::new(raw.into_string())))
    }
}

impl fmt::Debug for KeySource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeySource")
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for KeySource {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "JwkSet".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "description": "A JWK set (RFC 7517 §5), whose unusable entries are skipped; or a reference to a handle.",
            "type": "object",
            "anyOf": [{"required": ["keys"]}, {"required": ["$key_set"]}, {"required": ["$signing_key"]}],
            "properties": {
                "keys": {"type": "array", "items": {"type": "object"}},
                "$key_set": {"type": "integer", "minimum": 0},
                "$signing_key": {"type": "integer", "minimum": 0}
            }
        })
    }
}
