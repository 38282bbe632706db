//! PEM texts (RFC 7468) of public keys, private keys and certificates.

use pem_rfc7468::LineEnding;
use pkcs1::der::{Decode as _, asn1::ObjectIdentifier};
use pkcs1::{RsaPrivateKeyRef, RsaPublicKeyRef};
use pkcs8::PrivateKeyInfoRef;
use pkcs8::spki::{AlgorithmIdentifierRef, SubjectPublicKeyInfoRef};
use x509_cert::Certificate;
use zeroize::Zeroizing;

use crate::algorithm::Family;
use crate::crypto;
use crate::encoding::base64url;
use crate::error::{Error, ErrorCode, Result};
use crate::key::material::{PrivateKey, PublicKey, RsaNumbers, coordinate_width, without_leading_zeros};
use crate::key::{malformed, unsupported};

const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
const EC: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
const ED25519: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.112");
const CURVES: [(ObjectIdentifier, Family); 3] = [
    (ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7"), Family::P256),
    (ObjectIdentifier::new_unwrap("1.3.132.0.34"), Family::P384),
    (ObjectIdentifier::new_unwrap("1.3.132.0.35"), Family::P521),
];

/// The SHA-256 of a certificate's DER in base64url, as `x5t#S256` names it (RFC 8705 §3.1).
///
/// Takes the DER itself or a PEM text with one certificate. The certificate is not validated.
///
/// # Errors
/// `argument_invalid` where it is no X.509 certificate.
pub fn certificate_sha256(certificate: &[u8]) -> Result<String> {
    let invalid = || Error::with_detail(ErrorCode::ArgumentInvalid, "not an X.509 certificate in PEM or DER");
    let der = match std::str::from_utf8(certificate) {
        Ok(text) if text.contains("-----BEGIN") => {
            let (label, der) = open(text).map_err(|_| invalid())?;
            if label != "CERTIFICATE" {
                return Err(invalid());
            }
            der
        }
        _ => Zeroizing::new(certificate.to_vec()),
    };
    Certificate::from_der(&der).map_err(|_| invalid())?;
    Ok(base64url::encode(crypto::sha256(&der)))
}

/// The public key of any PEM text that holds one.
pub(super) fn public_key(text: &str) -> Result<PublicKey> {
    let (label, der) = open(text)?;
    let key = match label.as_str() {
        "PUBLIC KEY" => public_key_of_spki(&der)?,
        "RSA PUBLIC KEY" => public_key_of_pkcs1(&der)?,
        "CERTIFICATE" => {
            let certificate = Certificate::from_der(&der).map_err(|_| malformed("not an X.509 certificate"))?;
            let info = certificate.tbs_certificate().subject_public_key_info();
            let bits = info.subject_public_key.as_bytes().ok_or_else(|| malformed("the key of a certificate"))?;
            public_key_of_parts((&info.algorithm).into(), bits)?
        }
        _ => private_key_of(&label, &der)?.0,
    };
    key.judged()
}

/// The private key of a PEM text, with its public half.
pub(super) fn private_key(text: &str) -> Result<(PublicKey, PrivateKey)> {
    let (label, der) = open(text)?;
    private_key_of(&label, &der)
}

/// The private key of a PKCS#8 structure, with its public half.
pub(super) fn private_key_of_pkcs8(der: &[u8]) -> Result<(PublicKey, PrivateKey)> {
    let info = PrivateKeyInfoRef::try_from(der).map_err(|_| malformed("not a PKCS#8 structure"))?;
    match info.algorithm.oid {
        RSA => private_key_of_pkcs1(info.private_key.as_bytes()),
        EC => private_key_of_curve(curve(&info.algorithm)?, der),
        ED25519 => {
            // The seed is an OCTET STRING within the OCTET STRING (RFC 8410 §7).
            let seed = info.private_key.as_bytes().strip_prefix(&[4, 32]);
            let parts = seed.and_then(|seed| crypto::ed25519_from_seed(seed).ok());
            let parts = parts.ok_or_else(|| malformed("not an Ed25519 key"))?;
            if info.public_key.is_some_and(|key| key.as_bytes() != Some(parts.public.as_slice())) {
                return Err(malformed("the private and the public half do not belong together"));
            }
            Ok((PublicKey::Ed25519 { x: parts.public }, PrivateKey::Ed25519(parts.private)))
        }
        _ => Err(unsupported("the kind of the private key")),
    }
}

pub(super) fn write_public(key: &PublicKey) -> Result<String> {
    let verifier = key.verifier(key.usual_algorithm())?;
    let der = verifier.to_spki().map_err(|_| Error::new(ErrorCode::Internal))?;
    seal("PUBLIC KEY", &der)
}

pub(super) fn write_private(pkcs8: &[u8]) -> Result<String> {
    seal("PRIVATE KEY", pkcs8)
}

/// Whether bytes that are meant as a secret are an asymmetric key or a certificate in DER.
pub(super) fn is_der_of_a_key(bytes: &[u8]) -> bool {
    SubjectPublicKeyInfoRef::try_from(bytes).is_ok()
        || RsaPublicKeyRef::from_der(bytes).is_ok()
        || RsaPrivateKeyRef::from_der(bytes).is_ok()
        || CURVES.iter().any(|(_, family)| crypto::ec_from_der(*family, bytes).is_ok())
        || PrivateKeyInfoRef::try_from(bytes).is_ok()
        || Certificate::from_der(bytes).is_ok()
}

fn open(text: &str) -> Result<(String, Zeroizing<Vec<u8>>)> {
    let text = text.trim();
    if text.matches("-----BEGIN").count() != 1 {
        return Err(malformed("not exactly one PEM block"));
    }
    let (label, der) = pem_rfc7468::decode_vec(text.as_bytes()).map_err(|_| malformed("not a PEM text"))?;
    Ok((label.to_owned(), Zeroizing::new(der)))
}

fn seal(label: &str, der: &[u8]) -> Result<String> {
    pem_rfc7468::encode_string(label, LineEnding::LF, der).map_err(|_| Error::new(ErrorCode::Internal))
}

fn private_key_of(label: &str, der: &[u8]) -> Result<(PublicKey, PrivateKey)> {
    match label {
        "PRIVATE KEY" => private_key_of_pkcs8(der),
        "RSA PRIVATE KEY" => private_key_of_pkcs1(der),
        "EC PRIVATE KEY" => CURVES
            .iter()
            .find_map(|(_, family)| private_key_of_curve(*family, der).ok())
            .ok_or_else(|| malformed("not an EC key of a supported curve")),
        "ENCRYPTED PRIVATE KEY" => Err(unsupported("encrypted private keys")),
        _ => Err(unsupported("the kind of PEM block")),
    }
}

fn public_key_of_spki(der: &[u8]) -> Result<PublicKey> {
    let info = SubjectPublicKeyInfoRef::try_from(der).map_err(|_| malformed("not an SPKI structure"))?;
    let bits = info.subject_public_key.as_bytes().ok_or_else(|| malformed("not an SPKI structure"))?;
    public_key_of_parts(info.algorithm, bits)
}

fn public_key_of_parts(algorithm: AlgorithmIdentifierRef<'_>, bits: &[u8]) -> Result<PublicKey> {
    match algorithm.oid {
        RSA => public_key_of_pkcs1(bits),
        EC => {
            let family = curve(&algorithm)?;
            if bits.first() != Some(&4) || bits.len() != 1 + 2 * coordinate_width(family) {
                return Err(unsupported("points that are not uncompressed"));
            }
            Ok(PublicKey::Ec { family, point: bits.to_vec() })
        }
        ED25519 => Ok(PublicKey::Ed25519 { x: bits.to_vec() }),
        _ => Err(unsupported("the kind of the public key")),
    }
}

fn public_key_of_pkcs1(der: &[u8]) -> Result<PublicKey> {
    let key = RsaPublicKeyRef::from_der(der).map_err(|_| malformed("not an RSA public key"))?;
    Ok(rsa(key.modulus.as_bytes(), key.public_exponent.as_bytes()))
}

fn private_key_of_pkcs1(der: &[u8]) -> Result<(PublicKey, PrivateKey)> {
    let key = RsaPrivateKeyRef::from_der(der).map_err(|_| malformed("not an RSA private key"))?;
    if key.other_prime_infos.is_some() {
        return Err(unsupported("RSA keys of more than two primes"));
    }
    let number = |bytes: &[u8]| Zeroizing::new(bytes.to_vec());
    let private = PrivateKey::Rsa(Box::new(RsaNumbers {
        d: number(key.private_exponent.as_bytes()),
        p: number(key.prime1.as_bytes()),
        q: number(key.prime2.as_bytes()),
        dp: number(key.exponent1.as_bytes()),
        dq: number(key.exponent2.as_bytes()),
        qi: number(key.coefficient.as_bytes()),
    }));
    Ok((rsa(key.modulus.as_bytes(), key.public_exponent.as_bytes()), private))
}

fn private_key_of_curve(family: Family, der: &[u8]) -> Result<(PublicKey, PrivateKey)> {
    let parts = crypto::ec_from_der(family, der).map_err(|_| malformed("not an EC key of its curve"))?;
    Ok((PublicKey::Ec { family, point: parts.public }, PrivateKey::Ec(parts.private)))
}

fn rsa(n: &[u8], e: &[u8]) -> PublicKey {
    PublicKey::Rsa { n: without_leading_zeros(n).to_vec(), e: without_leading_zeros(e).to_vec() }
}

fn curve(algorithm: &AlgorithmIdentifierRef<'_>) -> Result<Family> {
    let oid = algorithm.parameters_oid().map_err(|_| malformed("the curve is not named"))?;
    let known = CURVES.iter().find(|(curve, _)| *curve == oid);
    known.map(|(_, family)| *family).ok_or_else(|| unsupported("the curve"))
}
