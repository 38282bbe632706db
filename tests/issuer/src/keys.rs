//! The keys of an issuer: which exist, which are published, which one signs.

use at9068::{Algorithm, KeyOptions, SigningKey};
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use crate::fault::Fault;

/// The name of the key that an issuer begins with.
const FIRST: &str = "first";

/// The keys of one issuer, in the order of their making.
pub(crate) struct Keys {
    all: Vec<Named>,
    signing: String,
}

struct Named {
    name: String,
    key: SigningKey,
    published: bool,
}

/// Changes to keys, made together and in this order. Nobody sees the keys in between.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Changes {
    generate: Vec<Generate>,
    /// New material under the old name and `kid`.
    replace: Vec<String>,
    publish: Vec<String>,
    withdraw: Vec<String>,
    withdraw_all: bool,
    sign_with: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Generate {
    key: String,
    #[serde(default)]
    algorithm: Option<Algorithm>,
    /// The size of an RSA key.
    #[serde(default)]
    bits: Option<u32>,
    #[serde(default)]
    kid: Option<String>,
    /// A private JWK in the place of a generated key.
    #[serde(default)]
    jwk: Option<Box<RawValue>>,
}

impl Keys {
    /// One ES256 key, published and signing.
    pub(crate) fn new() -> Result<Self, Fault> {
        let key = SigningKey::generate(Algorithm::ES256)?;
        let first = Named { name: FIRST.to_owned(), key, published: true };
        Ok(Self { all: vec![first], signing: FIRST.to_owned() })
    }

    /// Makes all changes, or none where one of them cannot be made.
    pub(crate) fn change(&mut self, changes: Changes) -> Result<(), Fault> {
        let mut changed = Self { all: self.all.iter().map(Named::copy).collect(), signing: self.signing.clone() };
        for wanted in changes.generate {
            if changed.all.iter().any(|named| named.name == wanted.key) {
                return Err(Fault::new("generate: there is a key of that name"));
            }
            changed.all.push(Named { key: wanted.key()?, name: wanted.key, published: false });
        }
        for name in changes.replace {
            let named = changed.named(&name)?;
            named.key = renewed(&named.key)?;
        }
        for name in changes.publish {
            changed.named(&name)?.published = true;
        }
        for name in changes.withdraw {
            changed.named(&name)?.published = false;
        }
        if changes.withdraw_all {
            changed.all.iter_mut().for_each(|named| named.published = false);
        }
        if let Some(name) = changes.sign_with {
            changed.named(&name)?;
            changed.signing = name;
        }
        *self = changed;
        Ok(())
    }

    /// A key by its name, or else the one that signs.
    pub(crate) fn get(&self, name: Option<&str>) -> Result<&SigningKey, Fault> {
        let name = name.unwrap_or(&self.signing);
        let found = self.all.iter().find(|named| named.name == name);
        found.map(|named| &named.key).ok_or_else(|| Fault::new("there is no key of that name"))
    }

    /// The published keys as JWK texts.
    pub(crate) fn published(&self) -> impl Iterator<Item = String> {
        self.all.iter().filter(|named| named.published).filter_map(|named| named.key.public_jwk())
    }

    /// All keys, published or not, as a JWK set.
    pub(crate) fn every(&self) -> String {
        let all: Vec<String> = self.all.iter().filter_map(|named| named.key.public_jwk()).collect();
        format!("{{\"keys\":[{}]}}", all.join(","))
    }

    /// What there is.
    pub(crate) fn to_json(&self) -> Value {
        let described = self.all.iter().map(|named| {
            let jwk = named.key.public_jwk().and_then(|text| serde_json::from_str::<Value>(&text).ok());
            json!({
                "key": named.name,
                "kid": named.key.kid(),
                "algorithm": named.key.algorithm().as_str(),
                "published": named.published,
                "signs": named.name == self.signing,
                "jwk": jwk,
            })
        });
        described.collect()
    }

    fn named(&mut self, name: &str) -> Result<&mut Named, Fault> {
        let found = self.all.iter_mut().find(|named| named.name == name);
        found.ok_or_else(|| Fault::new(format!("there is no key named {name}")))
    }
}

impl Named {
    fn copy(&self) -> Self {
        Self { name: self.name.clone(), key: self.key.clone(), published: self.published }
    }
}

impl Generate {
    fn key(&self) -> Result<SigningKey, Fault> {
        if let Some(jwk) = &self.jwk {
            if self.algorithm.is_some() || self.bits.is_some() || self.kid.is_some() {
                return Err(Fault::new("generate: a jwk says its algorithm, size and kid itself"));
            }
            let key = SigningKey::from_jwk(jwk.get())?;
            let asymmetric = key.public_jwk().is_some();
            return asymmetric.then_some(key).ok_or_else(|| Fault::new("generate: a symmetric key is not published"));
        }
        let algorithm = self.algorithm.unwrap_or(Algorithm::ES256);
        let key = match self.bits {
            Some(bits) => SigningKey::generate_rsa(algorithm, bits)?,
            None => SigningKey::generate(algorithm)?,
        };
        match &self.kid {
            Some(kid) => under(&key, kid),
            None => Ok(key),
        }
    }
}

/// The same key under another `kid`.
pub(crate) fn under(key: &SigningKey, kid: &str) -> Result<SigningKey, Fault> {
    let options = KeyOptions::default().algorithm(key.algorithm()).kid(kid);
    Ok(SigningKey::from_pem(&key.to_pem()?, &options)?)
}

/// Another key of the same algorithm under the same `kid`.
fn renewed(key: &SigningKey) -> Result<SigningKey, Fault> {
    let new = SigningKey::generate(key.algorithm())?;
    under(&new, key.kid().unwrap_or_default())
}
