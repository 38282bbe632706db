//! Prepared verification keys.

use aws_lc_rs::encoding::{AsDer as _, PublicKeyX509Der};
use aws_lc_rs::hmac;
use aws_lc_rs::signature::{self, ParsedPublicKey, RsaParameters, RsaPublicKeyComponents, VerificationAlgorithm};

use super::Rejected;
use crate::algorithm::Algorithm;

/// A key, parsed and ready to verify under one algorithm.
pub(crate) enum Verifier {
    PublicKey(Box<ParsedPublicKey>),
    Secret(Box<hmac::Key>),
}

impl Verifier {
    /// From modulus and exponent, big-endian without leading zeros.
    pub(crate) fn rsa(algorithm: Algorithm, n: &[u8], e: &[u8]) -> Result<Self, Rejected> {
        let parameters = rsa_parameters(algorithm).ok_or(Rejected)?;
        let key = RsaPublicKeyComponents { n, e }.to_parsed_public_key(parameters)?;
        Ok(Self::PublicKey(Box::new(key)))
    }

    /// From an uncompressed point, which must lie on the algorithm's curve.
    pub(crate) fn ec(algorithm: Algorithm, point: &[u8]) -> Result<Self, Rejected> {
        let parameters: &'static dyn VerificationAlgorithm = match algorithm {
            Algorithm::ES256 => &signature::ECDSA_P256_SHA256_FIXED,
            Algorithm::ES384 => &signature::ECDSA_P384_SHA384_FIXED,
            Algorithm::ES512 => &signature::ECDSA_P521_SHA512_FIXED,
            _ => return Err(Rejected),
        };
        Ok(Self::PublicKey(Box::new(ParsedPublicKey::new(parameters, point)?)))
    }

    /// From the 32 octets of a public key.
    pub(crate) fn ed25519(x: &[u8]) -> Result<Self, Rejected> {
        Ok(Self::PublicKey(Box::new(ParsedPublicKey::new(&signature::ED25519, x)?)))
    }

    pub(crate) fn hmac(algorithm: Algorithm, secret: &[u8]) -> Result<Self, Rejected> {
        Ok(Self::Secret(Box::new(hmac_key(algorithm, secret)?)))
    }

    /// The public key as SPKI.
    pub(crate) fn to_spki(&self) -> Result<Vec<u8>, Rejected> {
        match self {
            Self::PublicKey(key) => {
                let der: PublicKeyX509Der<'_> = key.as_der()?;
                Ok(der.as_ref().to_vec())
            }
            Self::Secret(_) => Err(Rejected),
        }
    }

    /// Whether the signature is that of the message. The secret's is compared in constant time.
    pub(crate) fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        match self {
            Self::PublicKey(key) => key.verify_sig(message, signature).is_ok(),
            Self::Secret(key) => hmac::verify(key, message, signature).is_ok(),
        }
    }
}

pub(super) fn hmac_key(algorithm: Algorithm, secret: &[u8]) -> Result<hmac::Key, Rejected> {
    let digest = match algorithm {
        Algorithm::HS256 => hmac::HMAC_SHA256,
        Algorithm::HS384 => hmac::HMAC_SHA384,
        Algorithm::HS512 => hmac::HMAC_SHA512,
        _ => return Err(Rejected),
    };
    Ok(hmac::Key::new(digest, secret))
}

fn rsa_parameters(algorithm: Algorithm) -> Option<&'static RsaParameters> {
    Some(match algorithm {
        Algorithm::RS256 => &signature::RSA_PKCS1_2048_8192_SHA256,
        Algorithm::RS384 => &signature::RSA_PKCS1_2048_8192_SHA384,
        Algorithm::RS512 => &signature::RSA_PKCS1_2048_8192_SHA512,
        Algorithm::PS256 => &signature::RSA_PSS_2048_8192_SHA256,
        Algorithm::PS384 => &signature::RSA_PSS_2048_8192_SHA384,
        Algorithm::PS512 => &signature::RSA_PSS_2048_8192_SHA512,
        _ => return None,
    })
}
