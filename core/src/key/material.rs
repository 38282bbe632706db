//! What keys consist of, apart from how they are written.

use zeroize::Zeroizing;

use crate::algorithm::{Algorithm, Family};
use crate::crypto::{RsaParts, Signer, Verifier, sha256};
use crate::encoding::base64url;
use crate::error::{Error, ErrorCode, Result};
use crate::key::{judge, malformed};

/// A public key.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum PublicKey {
    /// Big-endian, without leading zeros.
    Rsa {
        n: Vec<u8>,
        e: Vec<u8>,
    },
    /// An uncompressed point.
    Ec {
        family: Family,
        point: Vec<u8>,
    },
    Ed25519 {
        x: Vec<u8>,
    },
}

/// A private key, wiped when it is dropped.
pub(crate) enum PrivateKey {
    Rsa(Box<RsaNumbers>),
    Ec(Zeroizing<Vec<u8>>),
    Ed25519(Zeroizing<Vec<u8>>),
    Secret(Zeroizing<Vec<u8>>),
}

pub(crate) struct RsaNumbers {
    pub(crate) d: Zeroizing<Vec<u8>>,
    pub(crate) p: Zeroizing<Vec<u8>>,
    pub(crate) q: Zeroizing<Vec<u8>>,
    pub(crate) dp: Zeroizing<Vec<u8>>,
    pub(crate) dq: Zeroizing<Vec<u8>>,
    pub(crate) qi: Zeroizing<Vec<u8>>,
}

impl PublicKey {
    /// Judges the key: nothing weak, malformed or forgeable gets past here.
    pub(crate) fn judged(self) -> Result<Self> {
        match &self {
            Self::Rsa { n, e } => judge::rsa(n, e)?,
            Self::Ec { .. } => {
                self.verifier(self.usual_algorithm()).map_err(|_| malformed("the point is not on the curve"))?;
            }
            Self::Ed25519 { x } => judge::ed25519(x)?,
        }
        Ok(self)
    }

    pub(crate) fn family(&self) -> Family {
        match self {
            Self::Rsa { .. } => Family::Rsa,
            Self::Ec { family, .. } => *family,
            Self::Ed25519 { .. } => Family::Ed25519,
        }
    }

    /// The algorithm that a key of this kind serves where nothing else is said.
    pub(crate) fn usual_algorithm(&self) -> Algorithm {
        match self.family() {
            Family::P256 => Algorithm::ES256,
            Family::P384 => Algorithm::ES384,
            Family::P521 => Algorithm::ES512,
            Family::Ed25519 => Algorithm::EdDSA,
            Family::Rsa | Family::Hmac => Algorithm::RS256,
        }
    }

    pub(crate) fn verifier(&self, algorithm: Algorithm) -> Result<Verifier> {
        match self {
            Self::Rsa { n, e } => Verifier::rsa(algorithm, n, e),
            Self::Ec { point, .. } => Verifier::ec(algorithm, point),
            Self::Ed25519 { x } => Verifier::ed25519(x),
        }
        .map_err(|_| Error::new(ErrorCode::KeyMalformed))
    }

    /// The members of the JWK in the order of RFC 7638 §3.2, as name and base64url text or word.
    pub(crate) fn members(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::Rsa { n, e } => {
                vec![("e", base64url::encode(e)), ("kty", "RSA".into()), ("n", base64url::encode(n))]
            }
            Self::Ec { family, point } => {
                let (x, y) = coordinates(point);
                vec![
                    ("crv", curve_name(*family).into()),
                    ("kty", "EC".into()),
                    ("x", base64url::encode(x)),
                    ("y", base64url::encode(y)),
                ]
            }
            Self::Ed25519 { x } => {
                vec![("crv", "Ed25519".into()), ("kty", "OKP".into()), ("x", base64url::encode(x))]
            }
        }
    }

    pub(crate) fn thumbprint(&self) -> String {
        let members = self.members();
        let borrowed: Vec<(&str, &str)> = members.iter().map(|(name, value)| (*name, value.as_str())).collect();
        thumbprint_of(&borrowed)
    }
}

impl PrivateKey {
    /// The prepared signer; fails where private and public half do not belong together.
    pub(crate) fn signer(&self, public: Option<&PublicKey>) -> Result<Signer> {
        let signer = match (self, public) {
            (Self::Rsa(numbers), Some(PublicKey::Rsa { n, e })) => Signer::rsa(&RsaParts {
                n,
                e,
                d: &numbers.d,
                p: &numbers.p,
                q: &numbers.q,
                dp: &numbers.dp,
                dq: &numbers.dq,
                qi: &numbers.qi,
            }),
            (Self::Ec(d), Some(PublicKey::Ec { family, point })) => Signer::ec(*family, d, point),
            (Self::Ed25519(seed), Some(PublicKey::Ed25519 { x })) => Signer::ed25519(seed, x),
            (Self::Secret(secret), None) => Signer::hmac(secret),
            _ => return Err(Error::new(ErrorCode::Internal)),
        };
        signer.map_err(|_| malformed("the private and the public half do not belong together"))
    }

    /// The private members of the JWK, as name and base64url text.
    pub(crate) fn members(&self) -> Vec<(&'static str, Zeroizing<String>)> {
        let text = |bytes: &[u8]| Zeroizing::new(base64url::encode(bytes));
        match self {
            Self::Rsa(numbers) => vec![
                ("d", text(&numbers.d)),
                ("p", text(&numbers.p)),
                ("q", text(&numbers.q)),
                ("dp", text(&numbers.dp)),
                ("dq", text(&numbers.dq)),
                ("qi", text(&numbers.qi)),
            ],
            Self::Ec(d) | Self::Ed25519(d) => vec![("d", text(d))],
            Self::Secret(k) => vec![("k", text(k))],
        }
    }
}

/// SHA-256 over the members as a JSON object without white space (RFC 7638 §3).
pub(crate) fn thumbprint_of(members: &[(&str, &str)]) -> String {
    let length = members.iter().map(|(name, value)| name.len() + value.len() + 6).sum::<usize>() + 2;
    let mut text = Zeroizing::new(String::with_capacity(length));
    for (name, value) in members {
        let before = if text.is_empty() { "{" } else { "," };
        text.extend([before, "\"", name, "\":\"", value, "\""]);
    }
    text.push('}');
    base64url::encode(sha256(text.as_bytes()))
}

/// The two halves of an uncompressed point, after its first octet.
fn coordinates(point: &[u8]) -> (&[u8], &[u8]) {
    let both = point.get(1..).unwrap_or_default();
    both.split_at_checked(both.len() / 2).unwrap_or_default()
}

/// The octets of a coordinate of the curve.
pub(crate) fn coordinate_width(family: Family) -> usize {
    match family {
        Family::P256 => 32,
        Family::P384 => 48,
        _ => 66,
    }
}

pub(crate) fn curve_of_name(name: &str) -> Option<Family> {
    [Family::P256, Family::P384, Family::P521].into_iter().find(|family| curve_name(*family) == name)
}

fn curve_name(family: Family) -> &'static str {
    match family {
        Family::P256 => "P-256",
        Family::P384 => "P-384",
        _ => "P-521",
    }
}

/// A big-endian number without its leading zeros.
pub(crate) fn without_leading_zeros(mut number: &[u8]) -> &[u8] {
    while let Some((0, rest)) = number.split_first() {
        number = rest;
    }
    number
}
