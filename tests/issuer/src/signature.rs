//! Signatures over anything, under whatever algorithm a header names.

use at9068::SigningKey;
use aws_lc_rs::error::{KeyRejected, Unspecified};
use aws_lc_rs::hmac::{self, HMAC_SHA256, HMAC_SHA384, HMAC_SHA512};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, ECDSA_P521_SHA512_FIXED_SIGNING, EcdsaKeyPair,
    EcdsaSigningAlgorithm, Ed25519KeyPair, RSA_PKCS1_SHA256, RSA_PKCS1_SHA384, RSA_PKCS1_SHA512, RSA_PSS_SHA256,
    RSA_PSS_SHA384, RSA_PSS_SHA512, RsaEncoding, RsaKeyPair,
};
use rustls::pki_types::PrivatePkcs8KeyDer;
use rustls::pki_types::pem::PemObject as _;

use crate::fault::Fault;

struct Unfit;

impl From<Unspecified> for Unfit {
    fn from(_: Unspecified) -> Self {
        Self
    }
}

impl From<KeyRejected> for Unfit {
    fn from(_: KeyRejected) -> Self {
        Self
    }
}

/// The signature of a message. Under `none` it is empty; under an HMAC the secret is the public key's PEM text, by
/// which a validator that confuses keys can be deceived; under an unknown algorithm the key's own one signs.
pub(crate) fn sign(key: &SigningKey, algorithm: &str, message: &[u8]) -> Result<Vec<u8>, Fault> {
    if let Some(hash) = hmac_hash(algorithm) {
        let public = key.public_pem()?.unwrap_or_default();
        return Ok(hmac::sign(&hmac::Key::new(hash, public.as_bytes()), message).as_ref().to_vec());
    }
    let pem = key.to_pem()?;
    let der = PrivatePkcs8KeyDer::from_pem_slice(pem.as_bytes()).map_err(|error| Fault::new(error.to_string()))?;
    let der = der.secret_pkcs8_der();
    let named = if is_known(algorithm) { algorithm } else { key.algorithm().as_str() };
    let signature = match named {
        "none" => Ok(Vec::new()),
        "EdDSA" | "Ed25519" => with_ed25519(der, message),
        _ => match (rsa_encoding(named), ec_algorithm(named)) {
            (Some(encoding), _) => with_rsa(der, encoding, message),
            (None, Some(curve)) => with_ec(der, curve, message),
            (None, None) => Err(Unfit),
        },
    };
    signature.map_err(|Unfit| Fault::new(format!("the key cannot sign under {named}")))
}

fn is_known(algorithm: &str) -> bool {
    algorithm == "none" || at9068::Algorithm::from_name(algorithm).is_some()
}

fn hmac_hash(algorithm: &str) -> Option<hmac::Algorithm> {
    match algorithm {
        "HS256" => Some(HMAC_SHA256),
        "HS384" => Some(HMAC_SHA384),
        "HS512" => Some(HMAC_SHA512),
        _ => None,
    }
}

fn rsa_encoding(algorithm: &str) -> Option<&'static dyn RsaEncoding> {
    match algorithm {
        "RS256" => Some(&RSA_PKCS1_SHA256),
        "RS384" => Some(&RSA_PKCS1_SHA384),
        "RS512" => Some(&RSA_PKCS1_SHA512),
        "PS256" => Some(&RSA_PSS_SHA256),
        "PS384" => Some(&RSA_PSS_SHA384),
        "PS512" => Some(&RSA_PSS_SHA512),
        _ => None,
    }
}

fn ec_algorithm(algorithm: &str) -> Option<&'static EcdsaSigningAlgorithm> {
    match algorithm {
        "ES256" => Some(&ECDSA_P256_SHA256_FIXED_SIGNING),
        "ES384" => Some(&ECDSA_P384_SHA384_FIXED_SIGNING),
        "ES512" => Some(&ECDSA_P521_SHA512_FIXED_SIGNING),
        _ => None,
    }
}

fn with_rsa(der: &[u8], encoding: &'static dyn RsaEncoding, message: &[u8]) -> Result<Vec<u8>, Unfit> {
    let pair = RsaKeyPair::from_pkcs8(der)?;
    let mut signature = vec![0; pair.public_modulus_len()];
    pair.sign(encoding, &SystemRandom::new(), message, &mut signature)?;
    Ok(signature)
}

fn with_ec(der: &[u8], curve: &'static EcdsaSigningAlgorithm, message: &[u8]) -> Result<Vec<u8>, Unfit> {
    Ok(EcdsaKeyPair::from_pkcs8(curve, der)?.sign(&SystemRandom::new(), message)?.as_ref().to_vec())
}

fn with_ed25519(der: &[u8], message: &[u8]) -> Result<Vec<u8>, Unfit> {
    Ok(Ed25519KeyPair::from_pkcs8_maybe_unchecked(der)?.try_sign(message)?.as_ref().to_vec())
}
