//! Keys that verify and keys that sign.

use at9068::{Algorithm, KeyOptions, SkippedKey};
use napi::Task;
use napi::bindgen_prelude::{AsyncTask, ClassInstance, Uint8Array};
use napi::{Env, Result as NapiResult};
use napi_derive::napi;

use crate::failure::{Fault, Outcome, guarded, outcome};

/// Keys that verify.
#[napi]
pub struct KeySet(pub(crate) at9068::KeySet);

/// An entry of a set that cannot be used.
#[napi(object)]
pub struct Skipped {
    /// The issuer whose set it is, where a validator reports.
    pub issuer: Option<String>,
    /// The place in the set.
    pub index: u32,
    /// The identifier.
    pub kid: Option<String>,
    /// What is wrong.
    pub code: String,
}

impl Skipped {
    pub(crate) fn of(issuer: Option<&str>, key: &SkippedKey) -> Self {
        Self {
            issuer: issuer.map(str::to_owned),
            index: u32::try_from(key.index).unwrap_or(u32::MAX),
            kid: key.kid.clone(),
            code: key.code.slug().to_owned(),
        }
    }
}

/// Reads a JWK set.
#[napi(catch_unwind)]
pub fn key_set_from_json(text: String) -> Outcome<KeySet> {
    outcome(at9068::KeySet::from_json(&text).map(KeySet))
}

/// Reads the one key of a PEM text.
#[napi(catch_unwind)]
pub fn key_set_from_pem(text: String, algorithm: Option<String>, kid: Option<String>) -> Outcome<KeySet> {
    outcome(options(algorithm, kid).and_then(|options| Ok(KeySet(at9068::KeySet::from_pem(&text, &options)?))))
}

/// The public halves of signing keys.
#[napi(catch_unwind)]
pub fn key_set_from_signing_keys(keys: Vec<ClassInstance<'_, SigningKey>>) -> Outcome<KeySet> {
    outcome(at9068::KeySet::from_signing_keys(keys.iter().map(|key| &key.0)).map(KeySet))
}

#[napi]
impl KeySet {
    /// The public keys as a JWK set.
    #[napi(catch_unwind)]
    pub fn to_json(&self) -> String {
        self.0.to_json()
    }

    /// How many keys are usable.
    #[napi(catch_unwind)]
    pub fn size(&self) -> u32 {
        u32::try_from(self.0.len()).unwrap_or(u32::MAX)
    }

    /// The identifiers of the usable keys.
    #[napi(catch_unwind)]
    pub fn kids(&self) -> Vec<String> {
        self.0.kids().map(str::to_owned).collect()
    }

    /// The entries that cannot be used.
    #[napi(catch_unwind)]
    pub fn skipped(&self) -> Vec<Skipped> {
        self.0.skipped().iter().map(|key| Skipped::of(None, key)).collect()
    }
}

/// A private key, ready to sign.
#[napi]
pub struct SigningKey(pub(crate) at9068::SigningKey);

/// Reads a private JWK.
#[napi(catch_unwind)]
pub fn signing_key_from_jwk(text: String) -> Outcome<SigningKey> {
    outcome(at9068::SigningKey::from_jwk(&text).map(SigningKey))
}

/// Reads a private key in PEM.
#[napi(catch_unwind)]
pub fn signing_key_from_pem(text: String, algorithm: Option<String>, kid: Option<String>) -> Outcome<SigningKey> {
    outcome(options(algorithm, kid).and_then(|options| Ok(SigningKey(at9068::SigningKey::from_pem(&text, &options)?))))
}

/// Generates a key while the caller waits.
#[napi(catch_unwind)]
pub fn signing_key_generate_sync(algorithm: String, bits: Option<f64>) -> Outcome<SigningKey> {
    outcome(generate(&algorithm, bits).map(SigningKey))
}

/// Generates a key on a thread of the pool.
#[napi(catch_unwind)]
pub fn signing_key_generate(algorithm: String, bits: Option<f64>) -> AsyncTask<Generation> {
    AsyncTask::new(Generation { algorithm, bits })
}

/// The generation of a key, which for RSA takes a while.
pub struct Generation {
    algorithm: String,
    bits: Option<f64>,
}

impl Task for Generation {
    type Output = Result<at9068::SigningKey, Fault>;
    type JsValue = Outcome<SigningKey>;

    fn compute(&mut self) -> NapiResult<Self::Output> {
        Ok(guarded(|| generate(&self.algorithm, self.bits)))
    }

    fn resolve(&mut self, _: Env, output: Self::Output) -> NapiResult<Self::JsValue> {
        Ok(outcome(output.map(SigningKey)))
    }
}

#[napi]
impl SigningKey {
    /// The identifier.
    #[napi(catch_unwind)]
    pub fn kid(&self) -> Option<String> {
        self.0.kid().map(str::to_owned)
    }

    /// The algorithm that the key is used with.
    #[napi(catch_unwind)]
    pub fn algorithm(&self) -> String {
        self.0.algorithm().as_str().to_owned()
    }

    /// The RFC 7638 thumbprint.
    #[napi(catch_unwind)]
    pub fn thumbprint(&self) -> Option<String> {
        self.0.thumbprint()
    }

    /// The public half as a JWK.
    #[napi(catch_unwind)]
    pub fn public_jwk(&self) -> Option<String> {
        self.0.public_jwk()
    }

    /// The public half as PEM.
    #[napi(catch_unwind)]
    pub fn public_pem(&self) -> Outcome<Option<String>> {
        outcome(self.0.public_pem())
    }

    /// The whole key as a JWK.
    #[napi(catch_unwind)]
    pub fn to_jwk(&self) -> String {
        self.0.to_jwk()
    }

    /// The whole key as PEM.
    #[napi(catch_unwind)]
    pub fn to_pem(&self) -> Outcome<String> {
        outcome(self.0.to_pem())
    }

    /// The set of this key's public half.
    #[napi(catch_unwind)]
    pub fn key_set(&self) -> Outcome<KeySet> {
        outcome(self.0.key_set().map(KeySet))
    }
}

/// The RFC 7638 thumbprint of a JWK.
#[napi(catch_unwind)]
pub fn thumbprint(jwk: String) -> Outcome<String> {
    outcome(at9068::thumbprint(&jwk))
}

/// The `x5t#S256` of a certificate.
#[napi(catch_unwind)]
pub fn certificate_sha256(certificate: Uint8Array) -> Outcome<String> {
    outcome(at9068::certificate_sha256(&certificate))
}

fn options(algorithm: Option<String>, kid: Option<String>) -> Result<KeyOptions, Fault> {
    let mut options = KeyOptions::default();
    options.algorithm = algorithm.as_deref().map(str::parse).transpose()?;
    options.kid = kid;
    Ok(options)
}

fn generate(algorithm: &str, bits: Option<f64>) -> Result<at9068::SigningKey, Fault> {
    let algorithm: Algorithm = algorithm.parse()?;
    Ok(match bits {
        None => at9068::SigningKey::generate(algorithm)?,
        Some(bits) => at9068::SigningKey::generate_rsa(algorithm, whole(bits, "bits")?)?,
    })
}

/// A JavaScript number that must be a whole one.
pub(crate) fn whole(number: f64, name: &'static str) -> Result<u32, Fault> {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "compared with the number afterwards")]
    let whole = number as u32;
    if f64::from(whole) == number { Ok(whole) } else { Err(Fault::NotWhole(name)) }
}
