//! The limit: the bare signature, by the backend that the core uses, with keys that are parsed beforehand.

use at9068::Algorithm;
use aws_lc_rs::hmac;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    self, EcdsaKeyPair, Ed25519KeyPair, ParsedPublicKey, RsaEncoding, RsaKeyPair, VerificationAlgorithm,
};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::Value;

/// A key that verifies.
#[expect(clippy::large_enum_variant, reason = "there are few of them, and a box would be one step more to the limit")]
pub enum Verifier {
    /// Of a public key.
    Public(ParsedPublicKey),
    /// Of a secret.
    Secret(hmac::Key),
}

/// A key that signs.
#[expect(clippy::large_enum_variant, reason = "there are few of them, and a box would be one step more to the limit")]
pub enum Signer {
    /// RSA.
    Rsa(RsaKeyPair, &'static dyn RsaEncoding),
    /// ECDSA on P-256.
    Ecdsa(EcdsaKeyPair),
    /// Ed25519.
    Ed25519(Ed25519KeyPair),
    /// HMAC.
    Secret(hmac::Key),
}

/// A token in the two parts that a signature is about.
pub struct Parts {
    /// What is signed.
    pub input: Vec<u8>,
    /// The signature.
    pub signature: Vec<u8>,
}

impl Verifier {
    /// From PEM, or from a JWK for HMAC.
    pub fn new(algorithm: Algorithm, jwk: &Value, pem: Option<&str>) -> Self {
        let parameters: &'static dyn VerificationAlgorithm = match algorithm {
            Algorithm::RS256 => &signature::RSA_PKCS1_2048_8192_SHA256,
            Algorithm::PS256 => &signature::RSA_PSS_2048_8192_SHA256,
            Algorithm::ES256 => &signature::ECDSA_P256_SHA256_FIXED,
            Algorithm::EdDSA => &signature::ED25519,
            _ => return Self::Secret(hmac::Key::new(hmac::HMAC_SHA256, &secret(jwk))),
        };
        Self::Public(ParsedPublicKey::new(parameters, der(pem.unwrap())).unwrap())
    }

    /// Whether the signature is good.
    pub fn verify(&self, parts: &Parts) -> bool {
        match self {
            Self::Public(key) => key.verify_sig(&parts.input, &parts.signature).is_ok(),
            Self::Secret(key) => hmac::verify(key, &parts.input, &parts.signature).is_ok(),
        }
    }
}

impl Signer {
    /// From PKCS#8 in PEM, or from a JWK for HMAC.
    pub fn new(algorithm: Algorithm, jwk: &Value, pem: Option<&str>) -> Self {
        let rsa = |encoding| Self::Rsa(RsaKeyPair::from_pkcs8(&der(pem.unwrap())).unwrap(), encoding);
        match algorithm {
            Algorithm::RS256 => rsa(&signature::RSA_PKCS1_SHA256),
            Algorithm::PS256 => rsa(&signature::RSA_PSS_SHA256),
            Algorithm::ES256 => {
                let parameters = &signature::ECDSA_P256_SHA256_FIXED_SIGNING;
                Self::Ecdsa(EcdsaKeyPair::from_pkcs8(parameters, &der(pem.unwrap())).unwrap())
            }
            Algorithm::EdDSA => Self::Ed25519(Ed25519KeyPair::from_pkcs8_maybe_unchecked(&der(pem.unwrap())).unwrap()),
            _ => Self::Secret(hmac::Key::new(hmac::HMAC_SHA256, &secret(jwk))),
        }
    }

    /// The signature of a message.
    pub fn sign(&self, message: &[u8]) -> Vec<u8> {
        match self {
            Self::Rsa(key, encoding) => {
                let mut signature = vec![0; key.public_modulus_len()];
                key.sign(*encoding, &SystemRandom::new(), message, &mut signature).unwrap();
                signature
            }
            Self::Ecdsa(key) => key.sign(&SystemRandom::new(), message).unwrap().as_ref().to_vec(),
            Self::Ed25519(key) => key.sign(message).as_ref().to_vec(),
            Self::Secret(key) => hmac::sign(key, message).as_ref().to_vec(),
        }
    }
}

impl Parts {
    /// Takes a token apart.
    pub fn of(token: &str) -> Self {
        let (input, signature) = token.rsplit_once('.').unwrap();
        Self { input: input.as_bytes().to_vec(), signature: URL_SAFE_NO_PAD.decode(signature).unwrap() }
    }
}

/// The octets of a symmetric key.
pub fn secret(jwk: &Value) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(jwk["k"].as_str().unwrap()).unwrap()
}

fn der(pem: &str) -> Vec<u8> {
    let text: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
    STANDARD.decode(text).unwrap()
}
