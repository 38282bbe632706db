//! JWK sets (RFC 7517 §5) and the choice of the key for a token.

use std::fmt;
use std::sync::Arc;

use zeroize::Zeroizing;

use crate::algorithm::{Algorithm, Family};
use crate::crypto::Verifier;
use crate::encoding::json::{Object, Value};
use crate::error::{Error, ErrorCode, Result};
use crate::key::jwk::{self, Material, Purpose};
use crate::key::material::PublicKey;
use crate::key::{KeyOptions, SigningKey, check_kid, mismatch, pem};

/// Members that only private and symmetric keys have (RFC 7518 §6).
const PRIVATE_MEMBERS: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

/// Keys that verify, each ready for use. Cheap to clone; shared between threads.
#[derive(Clone)]
pub struct KeySet {
    inner: Arc<Inner>,
}

#[derive(Default)]
struct Inner {
    keys: Vec<VerifyingKey>,
    skipped: Vec<SkippedKey>,
}

/// An entry of a set that cannot be used, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SkippedKey {
    /// The entry's place in the set, from 0.
    pub index: usize,
    /// Its identifier, where it has one.
    pub kid: Option<String>,
    /// What is wrong with it: `key_malformed`, `key_unsupported`, `key_too_weak`, or
    /// `key_mismatch` for one that is not meant to verify.
    pub code: ErrorCode,
}

impl SkippedKey {
    pub(crate) fn new(index: usize, jwk: &str, code: ErrorCode) -> Self {
        let object = jwk::parse(jwk).ok();
        Self { index, kid: object.as_deref().and_then(jwk::kid).map(str::to_owned), code }
    }
}

/// A key that verifies.
pub(crate) struct VerifyingKey {
    /// `None` for a symmetric key.
    public: Option<PublicKey>,
    kid: Option<String>,
    /// The algorithm that the key states.
    stated: Option<Algorithm>,
    /// Prepared for each algorithm that the key may serve.
    verifiers: Vec<(Algorithm, Verifier)>,
}

/// What a validator asks a set for.
pub(crate) struct Selection<'a> {
    pub(crate) kid: Option<&'a str>,
    pub(crate) algorithm: Algorithm,
    /// Whether the operator gave a list of algorithms; without, an RSA key that states no
    /// algorithm serves RS256 only.
    pub(crate) listed: bool,
    /// RFC 7638 thumbprints of the only keys that count; all count where it is empty.
    pub(crate) pinned: &'a [String],
}

impl KeySet {
    /// Reads a JWK set, `{"keys": […]}`.
    ///
    /// An entry that cannot be used is skipped: see [`skipped`](Self::skipped). Of a private
    /// entry only the public half is kept; a symmetric entry is kept, and serves only validators
    /// that list its algorithm. A JWK without `kid` bears its RFC 7638 thumbprint.
    ///
    /// # Errors
    /// `key_malformed` where the text is not a JWK set.
    pub fn from_json(text: &str) -> Result<Self> {
        let whole = jwk::parse(text)?;
        let entries = whole.get("keys").and_then(Value::elements);
        let entries = entries.ok_or_else(|| super::malformed("keys is missing or no array"))?;
        let mut builder = SetBuilder::default();
        for entry in entries {
            builder.add_json(entry.text());
        }
        Ok(builder.build())
    }

    /// Reads a set that was fetched, of `most` entries; nothing where there are more. Private and
    /// symmetric entries, which nobody should publish, are dropped whole.
    pub(crate) fn from_fetched(text: &str, most: usize) -> Result<Option<Self>> {
        let whole = jwk::parse(text)?;
        let entries = whole.get("keys").and_then(Value::elements);
        let entries = entries.ok_or_else(|| super::malformed("keys is missing or no array"))?;
        let mut inner = Inner::default();
        for (index, entry) in entries.enumerate() {
            if index == most {
                return Ok(None);
            }
            match VerifyingKey::from_published(entry.text()) {
                Ok(key) => inner.keys.push(key),
                Err(error) => inner.skipped.push(SkippedKey::new(index, entry.text(), error.code())),
            }
        }
        Ok(Some(Self::from(inner)))
    }

    /// Whether the usable keys are the same, in the same order.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        let same = |(one, other): (&VerifyingKey, &VerifyingKey)| {
            one.kid == other.kid && one.stated == other.stated && one.public == other.public
        };
        self.len() == other.len() && self.inner.keys.iter().zip(&other.inner.keys).all(same)
    }

    /// A set of the one key of a PEM text: `PUBLIC KEY`, `RSA PUBLIC KEY`, `CERTIFICATE`, or the
    /// public half of `PRIVATE KEY`, `RSA PRIVATE KEY`, `EC PRIVATE KEY`.
    ///
    /// Of a certificate the public key is taken; neither its dates nor its issuer are checked.
    ///
    /// # Errors
    /// `key_malformed`, `key_unsupported`, `key_too_weak`; `key_mismatch` where the algorithm
    /// does not fit the key.
    pub fn from_pem(text: &str, options: &KeyOptions) -> Result<Self> {
        let key = VerifyingKey::new(pem::public_key(text)?, options.kid.clone(), options.algorithm)?;
        Ok(Self::from(Inner { keys: vec![key], skipped: Vec::new() }))
    }

    /// A set of the public halves of signing keys. A symmetric key is its own public half here:
    /// such a set is a secret.
    ///
    /// # Errors
    /// `internal`, never in practice.
    pub fn from_signing_keys<'a>(keys: impl IntoIterator<Item = &'a SigningKey>) -> Result<Self> {
        let mut inner = Inner::default();
        for key in keys {
            inner.keys.push(key.verifying_key()?);
        }
        Ok(Self::from(inner))
    }

    /// The public keys as a JWK set. Symmetric keys are left out.
    #[must_use]
    pub fn to_json(&self) -> String {
        let jwks: Vec<String> = self
            .inner
            .keys
            .iter()
            .filter_map(|key| Some(jwk::write_public(key.public.as_ref()?, key.kid.as_deref(), key.stated)))
            .collect();
        format!("{{\"keys\":[{}]}}", jwks.join(","))
    }

    /// How many keys are usable.
    #[must_use]
    pub fn len(&self) -> usize {
        self.inner.keys.len()
    }

    /// Whether no key is usable.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The entries that were skipped.
    #[must_use]
    pub fn skipped(&self) -> &[SkippedKey] {
        &self.inner.skipped
    }

    /// The identifiers of the usable keys.
    pub fn kids(&self) -> impl Iterator<Item = &str> {
        self.inner.keys.iter().filter_map(|key| key.kid.as_deref())
    }

    /// The one key for a token (RFC 7515 §6): by its `kid` where the token names one, and never
    /// another then; without, only where exactly one key fits.
    pub(crate) fn select(&self, wanted: &Selection<'_>) -> Result<&Verifier, ErrorCode> {
        let counts = |key: &&VerifyingKey| wanted.pinned.is_empty() || key.has_thumbprint(wanted.pinned);
        let borne = |key: &&VerifyingKey| wanted.kid.is_none_or(|kid| key.kid.as_deref() == Some(kid));
        let mut fitting = self.inner.keys.iter().filter(counts).filter(borne).filter_map(|key| key.verifier(wanted));
        match (fitting.next(), fitting.next()) {
            (Some(verifier), None) => return Ok(verifier),
            (Some(_), Some(_)) => return Err(ErrorCode::KeyAmbiguous),
            (None, _) => {}
        }
        let Some(kid) = wanted.kid else { return Err(ErrorCode::KeyNotFound) };
        if self.inner.keys.iter().filter(counts).any(|key| key.kid.as_deref() == Some(kid)) {
            return Err(ErrorCode::KeyMismatch);
        }
        let skipped = self.inner.skipped.iter().find(|entry| entry.kid.as_deref() == Some(kid));
        Err(skipped.map_or(ErrorCode::KeyNotFound, |entry| entry.code))
    }
}

impl From<Inner> for KeySet {
    fn from(inner: Inner) -> Self {
        Self { inner: Arc::new(inner) }
    }
}

impl fmt::Debug for KeySet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeySet").field("keys", &self.len()).field("skipped", &self.skipped().len()).finish()
    }
}

/// Collects entries of different origins: JWK texts and handles.
#[derive(Default)]
pub(crate) struct SetBuilder {
    inner: Inner,
    index: usize,
}

impl SetBuilder {
    pub(crate) fn add_json(&mut self, text: &str) {
        self.inner.add_json(self.index, text);
        self.index += 1;
    }

    pub(crate) fn add_signing_key(&mut self, key: &SigningKey) -> Result<()> {
        self.inner.keys.push(key.verifying_key()?);
        self.index += 1;
        Ok(())
    }

    pub(crate) fn build(self) -> KeySet {
        KeySet::from(self.inner)
    }
}

impl Inner {
    fn add_json(&mut self, index: usize, text: &str) {
        match jwk::parse(text).and_then(|object| VerifyingKey::from_jwk(&object)) {
            Ok(key) => self.keys.push(key),
            Err(error) => self.skipped.push(SkippedKey::new(index, text, error.code())),
        }
    }
}

impl VerifyingKey {
    /// A public key under the algorithm given, or under all that its kind allows.
    pub(crate) fn new(public: PublicKey, kid: Option<String>, stated: Option<Algorithm>) -> Result<Self> {
        if let Some(kid) = &kid {
            check_kid(kid)?;
        }
        if stated.is_some_and(|algorithm| algorithm.family() != public.family()) {
            return Err(mismatch("the algorithm does not fit the key"));
        }
        let served = public.family().algorithms().filter(|algorithm| stated.is_none_or(|only| only == *algorithm));
        let verifiers = served.map(|algorithm| Ok((algorithm, public.verifier(algorithm)?)));
        Ok(Self {
            verifiers: verifiers.collect::<Result<_>>()?,
            kid: kid.or_else(|| Some(public.thumbprint())),
            stated,
            public: Some(public),
        })
    }

    /// A symmetric key; it has no thumbprint as `kid`, which would tell of the secret.
    pub(crate) fn symmetric(
        secret: &Zeroizing<Vec<u8>>,
        kid: Option<String>,
        stated: Option<Algorithm>,
    ) -> Result<Self> {
        let served = Family::Hmac.algorithms().filter(|algorithm| {
            stated.is_none_or(|only| only == *algorithm)
                && algorithm.least_secret().is_some_and(|least| secret.len() >= least)
        });
        let verifiers = served.map(|algorithm| {
            let verifier = Verifier::hmac(algorithm, secret);
            Ok((algorithm, verifier.map_err(|_| Error::new(ErrorCode::KeyMalformed))?))
        });
        Ok(Self { verifiers: verifiers.collect::<Result<_>>()?, kid, stated, public: None })
    }

    fn from_jwk(object: &Object) -> Result<Self> {
        match jwk::read_material(object)? {
            Material::Public(key) => {
                let usage = jwk::read_usage(object, key.family(), Purpose::Verify)?;
                Self::new(key, usage.kid, usage.algorithm)
            }
            Material::Secret(secret) => {
                let usage = jwk::read_usage(object, Family::Hmac, Purpose::Verify)?;
                Self::symmetric(&secret, usage.kid, usage.algorithm)
            }
        }
    }

    /// A key of a set that everybody can read.
    fn from_published(text: &str) -> Result<Self> {
        let object = jwk::parse(text)?;
        if PRIVATE_MEMBERS.iter().any(|name| object.contains(name)) {
            return Err(super::unsupported("a private or symmetric key in a fetched set"));
        }
        Self::from_jwk(&object)
    }

    fn has_thumbprint(&self, listed: &[String]) -> bool {
        self.public.as_ref().map(PublicKey::thumbprint).is_some_and(|thumbprint| listed.contains(&thumbprint))
    }

    fn verifier(&self, wanted: &Selection<'_>) -> Option<&Verifier> {
        let unlisted_rsa = !wanted.listed && self.stated.is_none() && wanted.algorithm.family() == Family::Rsa;
        if unlisted_rsa && wanted.algorithm != Algorithm::RS256 {
            return None;
        }
        self.verifiers.iter().find(|(algorithm, _)| *algorithm == wanted.algorithm).map(|(_, verifier)| verifier)
    }
}
