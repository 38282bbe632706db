//! Prepared signing keys, and how they are generated and read.

use aws_lc_rs::encoding::{AsBigEndian, AsDer, EcPrivateKeyBin, Pkcs8V1Der};
use aws_lc_rs::hmac;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPairComponents, KeySize};
use aws_lc_rs::signature::{
    self, EcdsaKeyPair, EcdsaSigningAlgorithm, Ed25519KeyPair, KeyPair as _, RsaEncoding, RsaKeyPair,
    RsaPublicKeyComponents,
};
use zeroize::Zeroizing;

use super::{Rejected, verify::hmac_key};
use crate::algorithm::{Algorithm, Family};

/// A key, parsed and ready to sign. The library that holds it wipes it when it is dropped.
pub(crate) enum Signer {
    /// Signs under any RSA algorithm.
    Rsa(Box<RsaKeyPair>),
    Ec(Box<EcdsaKeyPair>),
    Ed25519(Box<Ed25519KeyPair>),
    /// One prepared key for each algorithm that the secret is long enough for.
    Hmac(Vec<(Algorithm, hmac::Key)>),
}

/// The members of an RSA private key, big-endian.
pub(crate) struct RsaParts<'a> {
    pub(crate) n: &'a [u8],
    pub(crate) e: &'a [u8],
    pub(crate) d: &'a [u8],
    pub(crate) p: &'a [u8],
    pub(crate) q: &'a [u8],
    pub(crate) dp: &'a [u8],
    pub(crate) dq: &'a [u8],
    pub(crate) qi: &'a [u8],
}

/// What an EC or Ed25519 private key consists of.
pub(crate) struct EcParts {
    pub(crate) private: Zeroizing<Vec<u8>>,
    /// The uncompressed point, or the 32 octets of an Ed25519 key.
    pub(crate) public: Vec<u8>,
}

impl Signer {
    /// Checks that the members belong together.
    pub(crate) fn rsa(parts: &RsaParts<'_>) -> Result<Self, Rejected> {
        let pair = RsaKeyPair::from_components(&KeyPairComponents {
            public_key: RsaPublicKeyComponents { n: parts.n, e: parts.e },
            d: parts.d,
            p: parts.p,
            q: parts.q,
            dP: parts.dp,
            dQ: parts.dq,
            qInv: parts.qi,
        })?;
        Ok(Self::Rsa(Box::new(pair)))
    }

    /// Checks that the private and the public half belong together.
    pub(crate) fn ec(family: Family, private: &[u8], point: &[u8]) -> Result<Self, Rejected> {
        let algorithm = ec_algorithm(family)?;
        let pair = EcdsaKeyPair::from_private_key_and_public_key(algorithm, private, point)?;
        Ok(Self::Ec(Box::new(pair)))
    }

    /// Checks that the private and the public half belong together.
    pub(crate) fn ed25519(seed: &[u8], public: &[u8]) -> Result<Self, Rejected> {
        Ok(Self::Ed25519(Box::new(Ed25519KeyPair::from_seed_and_public_key(seed, public)?)))
    }

    pub(crate) fn hmac(secret: &[u8]) -> Result<Self, Rejected> {
        let fitting = Family::Hmac.algorithms().filter(|a| a.least_secret().is_some_and(|least| secret.len() >= least));
        let keys = fitting.map(|algorithm| Ok((algorithm, hmac_key(algorithm, secret)?)));
        Ok(Self::Hmac(keys.collect::<Result<_, Rejected>>()?))
    }

    /// The private key as PKCS#8.
    pub(crate) fn to_pkcs8(&self) -> Result<Zeroizing<Vec<u8>>, Rejected> {
        match self {
            Self::Rsa(pair) => pkcs8_of_rsa(pair),
            Self::Ec(pair) => Ok(Zeroizing::new(pair.to_pkcs8v1()?.as_ref().to_vec())),
            Self::Ed25519(pair) => Ok(Zeroizing::new(pair.to_pkcs8v1()?.as_ref().to_vec())),
            Self::Hmac(_) => Err(Rejected),
        }
    }

    /// The signature in the form of JWS: fixed width for ECDSA (RFC 7518 §3.4).
    pub(crate) fn sign(&self, algorithm: Algorithm, message: &[u8]) -> Result<Vec<u8>, Rejected> {
        match self {
            Self::Rsa(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(rsa_encoding(algorithm)?, &SystemRandom::new(), message, &mut signature)?;
                Ok(signature)
            }
            Self::Ec(pair) if ec_algorithm(algorithm.family())? == pair.algorithm() => {
                Ok(pair.sign(&SystemRandom::new(), message)?.as_ref().to_vec())
            }
            Self::Ed25519(pair) if algorithm.family() == Family::Ed25519 => {
                Ok(pair.try_sign(message)?.as_ref().to_vec())
            }
            Self::Hmac(keys) => {
                let (_, key) = keys.iter().find(|(of, _)| *of == algorithm).ok_or(Rejected)?;
                Ok(hmac::sign(key, message).as_ref().to_vec())
            }
            Self::Ec(_) | Self::Ed25519(_) => Err(Rejected),
        }
    }
}

/// A new RSA key, as PKCS#8.
pub(crate) fn generate_rsa(bits: u32) -> Result<Zeroizing<Vec<u8>>, Rejected> {
    let size = match bits {
        2048 => KeySize::Rsa2048,
        3072 => KeySize::Rsa3072,
        4096 => KeySize::Rsa4096,
        _ => return Err(Rejected),
    };
    pkcs8_of_rsa(&RsaKeyPair::generate(size)?)
}

fn pkcs8_of_rsa(pair: &RsaKeyPair) -> Result<Zeroizing<Vec<u8>>, Rejected> {
    let der: Pkcs8V1Der<'_> = pair.as_der()?;
    Ok(Zeroizing::new(der.as_ref().to_vec()))
}

pub(crate) fn generate_ec(family: Family) -> Result<EcParts, Rejected> {
    ec_parts(&EcdsaKeyPair::generate(ec_algorithm(family)?)?)
}

pub(crate) fn generate_ed25519() -> Result<EcParts, Rejected> {
    let mut seed = Zeroizing::new(vec![0; 32]);
    super::random_bytes(&mut seed)?;
    ed25519_from_seed(&seed)
}

/// The key of a seed of 32 octets.
pub(crate) fn ed25519_from_seed(seed: &[u8]) -> Result<EcParts, Rejected> {
    if seed.len() != 32 {
        return Err(Rejected);
    }
    let pair = Ed25519KeyPair::from_seed_unchecked(seed)?;
    Ok(EcParts { private: Zeroizing::new(seed.to_vec()), public: pair.public_key().as_ref().to_vec() })
}

/// Reads a PKCS#8 or SEC1 structure, where it holds a key of this curve.
pub(crate) fn ec_from_der(family: Family, der: &[u8]) -> Result<EcParts, Rejected> {
    ec_parts(&EcdsaKeyPair::from_private_key_der(ec_algorithm(family)?, der)?)
}

fn ec_parts(pair: &EcdsaKeyPair) -> Result<EcParts, Rejected> {
    let private: EcPrivateKeyBin<'_> = pair.private_key().as_be_bytes()?;
    Ok(EcParts { private: Zeroizing::new(private.as_ref().to_vec()), public: pair.public_key().as_ref().to_vec() })
}

fn ec_algorithm(family: Family) -> Result<&'static EcdsaSigningAlgorithm, Rejected> {
    match family {
        Family::P256 => Ok(&signature::ECDSA_P256_SHA256_FIXED_SIGNING),
        Family::P384 => Ok(&signature::ECDSA_P384_SHA384_FIXED_SIGNING),
        Family::P521 => Ok(&signature::ECDSA_P521_SHA512_FIXED_SIGNING),
        _ => Err(Rejected),
    }
}

fn rsa_encoding(algorithm: Algorithm) -> Result<&'static dyn RsaEncoding, Rejected> {
    Ok(match algorithm {
        Algorithm::RS256 => &signature::RSA_PKCS1_SHA256,
        Algorithm::RS384 => &signature::RSA_PKCS1_SHA384,
        Algorithm::RS512 => &signature::RSA_PKCS1_SHA512,
        Algorithm::PS256 => &signature::RSA_PSS_SHA256,
        Algorithm::PS384 => &signature::RSA_PSS_SHA384,
        Algorithm::PS512 => &signature::RSA_PSS_SHA512,
        _ => return Err(Rejected),
    })
}
