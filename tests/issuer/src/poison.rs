//! Entries of a key set that nobody can use, or that nobody should.

use at9068::{Algorithm, SigningKey};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::fault::Fault;
use crate::patch::patch;

/// The modulus of the test key rsa-1024. TEST ONLY.
const MODULUS_1024: &str = concat!(
    "7ntB5W1zuWbwmyzX8XpUDVwsfWCh4TXUyIwOo2cMDzZGOfpFcMNhUL3d0PH71esmYYQIZaVJNmtfSJNxIukeZD",
    "pkgsX_XQE4MU9X2rlizix643MJQiPJvDWiw8qKIffP8qZ9YglJKJCbpEKE2dSZVnWbghv4YttOJNEF5NzYo1s",
);

/// The modulus of the test key rsa-2048-a. TEST ONLY.
const MODULUS_2048: &str = concat!(
    "yOkfbQpfLwa8UlHvAlgC1IAbPNGwpEcITpGIH6OUEx6dN0qeRzJ9idqXgYcUXe0t70PPSRNubarys1MhdGjayM",
    "abIcgc4fWuT8IJSfaAIqbSzPCmOHs2HRDMufbzQo-",
    "MEAUqF_O70wBPFAVV1i84i5cNmf7IModB0KIocMB2r9OC4exuJrVk0g3k1lC4bB6XZuVlR-dV9fGLDcrbDiFkg",
    "lg9dDTd2EWY2njXcphLWdYYNU5mp5F870ZCvTIwuHVeQ2hG0dqY9VJtfqg85JHacQ7qwkzbzQW8Sh2Ln1RGNHO",
    "4dhGkjgVNvO1Bifzb81M4nppELB3FreIn22U6iKy2Gw",
);

/// 32 octets of zero.
const ZEROS: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// A key on P-256 that is no issuer's. What it signed is good for nobody.
pub(crate) struct Stranger {
    public: Map<String, Value>,
    private: Map<String, Value>,
}

/// What is wrong with an entry.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Poison {
    NotAnObject,
    Null,
    Empty,
    NoKty,
    UnknownKty,
    UnknownCrv,
    OffCurve,
    ZeroPoint,
    ShortCoordinate,
    BadBase64,
    SmallRsa,
    RsaExponentOne,
    Oct,
    PrivateMembers,
    X25519,
    UseEnc,
    KeyOps,
    WrongAlg,
    AlgNone,
    WrongTypes,
    DuplicateMember,
    /// The stranger's key, faultless but for the `kid`: that of the issuer's own.
    DuplicateKid,
}

impl Stranger {
    pub(crate) fn new() -> Result<Self, Fault> {
        let key = SigningKey::generate(Algorithm::ES256)?;
        let public = key.public_jwk().unwrap_or_default();
        Ok(Self { public: serde_json::from_str(&public)?, private: serde_json::from_str(&key.to_jwk())? })
    }

    /// Its public key under a `kid`, good for use.
    pub(crate) fn entry(&self, kid: &str) -> String {
        changed(&self.public, json!({"kid": kid}))
    }
}

impl Poison {
    /// Every kind.
    pub(crate) const ALL: [Self; 22] = [
        Self::NotAnObject,
        Self::Null,
        Self::Empty,
        Self::NoKty,
        Self::UnknownKty,
        Self::UnknownCrv,
        Self::OffCurve,
        Self::ZeroPoint,
        Self::ShortCoordinate,
        Self::BadBase64,
        Self::SmallRsa,
        Self::RsaExponentOne,
        Self::Oct,
        Self::PrivateMembers,
        Self::X25519,
        Self::UseEnc,
        Self::KeyOps,
        Self::WrongAlg,
        Self::AlgNone,
        Self::WrongTypes,
        Self::DuplicateMember,
        Self::DuplicateKid,
    ];

    /// The entry, as JSON text.
    pub(crate) fn entry(self, stranger: &Stranger, own_kid: &str) -> String {
        let mut public = stranger.public.clone();
        public.insert("kid".to_owned(), format!("poison-{}", json!(self).as_str().unwrap_or_default()).into());
        let x = public.get("x").cloned();
        let bare: Map<_, _> =
            public.iter().filter(|(name, _)| *name == "kid").map(|(n, v)| (n.clone(), v.clone())).collect();
        match self {
            Self::NotAnObject => "\"not an object\"".to_owned(),
            Self::Null => "null".to_owned(),
            Self::Empty => "{}".to_owned(),
            Self::NoKty => changed(&public, json!({"kty": null})),
            Self::UnknownKty => changed(&public, json!({"kty": "XYZ"})),
            Self::UnknownCrv => changed(&public, json!({"crv": "P-999"})),
            // For hardly any point of the curve the coordinates are equal.
            Self::OffCurve => changed(&public, json!({"y": x})),
            Self::ZeroPoint => changed(&public, json!({"x": ZEROS, "y": ZEROS})),
            Self::ShortCoordinate => changed(&public, json!({"y": "AQ"})),
            Self::BadBase64 => changed(&public, json!({"x": "this is not base64url!"})),
            Self::SmallRsa => changed(&bare, json!({"kty": "RSA", "n": MODULUS_1024, "e": "AQAB"})),
            Self::RsaExponentOne => changed(&bare, json!({"kty": "RSA", "n": MODULUS_2048, "e": "AQ"})),
            Self::Oct => changed(&bare, json!({"kty": "oct", "k": ZEROS})),
            Self::PrivateMembers => changed(&public, json!({"d": stranger.private.get("d")})),
            Self::X25519 => changed(&bare, json!({"kty": "OKP", "crv": "X25519", "x": x})),
            Self::UseEnc => changed(&public, json!({"use": "enc", "alg": null})),
            Self::KeyOps => changed(&public, json!({"key_ops": ["encrypt"], "use": null, "alg": null})),
            Self::WrongAlg => changed(&public, json!({"alg": "RS256"})),
            Self::AlgNone => changed(&public, json!({"alg": "none"})),
            Self::WrongTypes => changed(&public, json!({"kty": 5, "kid": {}, "alg": [], "use": true})),
            Self::DuplicateMember => changed(&public, json!({})).replacen('{', "{\"kty\":\"EC\",", 1),
            Self::DuplicateKid => changed(&public, json!({"kid": own_kid})),
        }
    }
}

/// An entry's text with members replaced; null removes.
fn changed(entry: &Map<String, Value>, changes: Value) -> String {
    let mut entry = entry.clone();
    if let Value::Object(changes) = changes {
        patch(&mut entry, changes);
    }
    Value::Object(entry).to_string()
}
