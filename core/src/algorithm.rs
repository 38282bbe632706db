//! The signature algorithms of JWS that this product knows (RFC 7518 §3.1, RFC 8037, RFC 9864).

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::error::{Error, ErrorCode, Result};

/// A signature algorithm. `none` is not one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub enum Algorithm {
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    RS256,
    /// RSASSA-PKCS1-v1_5 with SHA-384.
    RS384,
    /// RSASSA-PKCS1-v1_5 with SHA-512.
    RS512,
    /// RSASSA-PSS with SHA-256 and a salt of 32 octets.
    PS256,
    /// RSASSA-PSS with SHA-384 and a salt of 48 octets.
    PS384,
    /// RSASSA-PSS with SHA-512 and a salt of 64 octets.
    PS512,
    /// ECDSA on P-256 with SHA-256.
    ES256,
    /// ECDSA on P-384 with SHA-384.
    ES384,
    /// ECDSA on P-521 with SHA-512.
    ES512,
    /// EdDSA, which here is Ed25519 (RFC 8037).
    EdDSA,
    /// Ed25519 under its fully specified name (RFC 9864).
    Ed25519,
    /// HMAC with SHA-256; only with a configured key and allow-list.
    HS256,
    /// HMAC with SHA-384; only with a configured key and allow-list.
    HS384,
    /// HMAC with SHA-512; only with a configured key and allow-list.
    HS512,
}

/// Families of algorithms that share a kind of key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Family {
    Rsa,
    P256,
    P384,
    P521,
    Ed25519,
    Hmac,
}

impl Algorithm {
    /// Every algorithm.
    pub const ALL: &'static [Self] = &[
        Self::RS256,
        Self::RS384,
        Self::RS512,
        Self::PS256,
        Self::PS384,
        Self::PS512,
        Self::ES256,
        Self::ES384,
        Self::ES512,
        Self::EdDSA,
        Self::Ed25519,
        Self::HS256,
        Self::HS384,
        Self::HS512,
    ];

    /// The name as it stands in `alg`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::RS256 => "RS256",
            Self::RS384 => "RS384",
            Self::RS512 => "RS512",
            Self::PS256 => "PS256",
            Self::PS384 => "PS384",
            Self::PS512 => "PS512",
            Self::ES256 => "ES256",
            Self::ES384 => "ES384",
            Self::ES512 => "ES512",
            Self::EdDSA => "EdDSA",
            Self::Ed25519 => "Ed25519",
            Self::HS256 => "HS256",
            Self::HS384 => "HS384",
            Self::HS512 => "HS512",
        }
    }

    /// The algorithm of a name, which is compared to the letter.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|algorithm| algorithm.as_str() == name)
    }

    /// Whether the key that verifies is the secret that signs.
    #[must_use]
    pub fn is_symmetric(self) -> bool {
        self.family() == Family::Hmac
    }

    pub(crate) fn family(self) -> Family {
        match self {
            Self::RS256 | Self::RS384 | Self::RS512 | Self::PS256 | Self::PS384 | Self::PS512 => Family::Rsa,
            Self::ES256 => Family::P256,
            Self::ES384 => Family::P384,
            Self::ES512 => Family::P521,
            Self::EdDSA | Self::Ed25519 => Family::Ed25519,
            Self::HS256 | Self::HS384 | Self::HS512 => Family::Hmac,
        }
    }

    /// For HMAC, the octets of the hash: no secret may be shorter (RFC 7518 §3.2).
    pub(crate) fn least_secret(self) -> Option<usize> {
        match self {
            Self::HS256 => Some(32),
            Self::HS384 => Some(48),
            Self::HS512 => Some(64),
            _ => None,
        }
    }
}

impl Family {
    pub(crate) fn algorithms(self) -> impl Iterator<Item = Algorithm> {
        Algorithm::ALL.iter().copied().filter(move |algorithm| algorithm.family() == self)
    }
}

/// As [`Algorithm::from_name`]; a name that is not known is `argument_invalid`.
impl FromStr for Algorithm {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        let unknown = || Error::with_detail(ErrorCode::ArgumentInvalid, "not the name of an algorithm");
        Self::from_name(name).ok_or_else(unknown)
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A set of algorithms that is asked on every validation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct AlgorithmSet(u32);

impl AlgorithmSet {
    /// What a validator accepts that was given no list: everything asymmetric.
    pub(crate) fn asymmetric() -> Self {
        Algorithm::ALL.iter().copied().filter(|algorithm| !algorithm.is_symmetric()).collect()
    }

    pub(crate) fn contains(self, algorithm: Algorithm) -> bool {
        self.0 & (1 << algorithm as u32) != 0
    }
}

impl FromIterator<Algorithm> for AlgorithmSet {
    fn from_iter<T: IntoIterator<Item = Algorithm>>(algorithms: T) -> Self {
        Self(algorithms.into_iter().fold(0, |set, algorithm| set | 1 << algorithm as u32))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_compared_to_the_letter() {
        for algorithm in Algorithm::ALL {
            assert_eq!(Algorithm::from_name(algorithm.as_str()), Some(*algorithm));
            let named: Algorithm = serde_json::from_str(&format!("\"{algorithm}\"")).unwrap();
            assert_eq!(named, *algorithm);
        }
        for name in ["none", "None", "NONE", "rs256", "RS256 ", "", "ES256K", "HS1", "RS1", "ML-DSA-44"] {
            assert_eq!(Algorithm::from_name(name), None);
        }
    }

    #[test]
    fn the_default_set_is_everything_asymmetric() {
        let set = AlgorithmSet::asymmetric();
        for algorithm in Algorithm::ALL {
            assert_eq!(set.contains(*algorithm), !algorithm.is_symmetric());
        }
    }
}
