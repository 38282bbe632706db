//! The one place that names the cryptography crates.
//!
//! Keys are parsed once into a [`Verifier`] or a [`Signer`]; what cannot be parsed is
//! [`Rejected`] without a word of why, since callers have judged size and shape before.

mod edwards;
mod mac;
mod random;
mod sign;
mod verify;

pub(crate) use edwards::is_sound_point;
pub(crate) use mac::Mac;
pub(crate) use random::fill as random_bytes;
pub(crate) use sign::{RsaParts, Signer, ec_from_der, ed25519_from_seed, generate_ec, generate_ed25519, generate_rsa};
pub(crate) use verify::Verifier;

use aws_lc_rs::digest;

use crate::algorithm::Algorithm;

/// The cryptography library does not take this key, or could not do what was asked.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rejected;

impl From<aws_lc_rs::error::Unspecified> for Rejected {
    fn from(_: aws_lc_rs::error::Unspecified) -> Self {
        Self
    }
}

impl From<aws_lc_rs::error::KeyRejected> for Rejected {
    fn from(_: aws_lc_rs::error::KeyRejected) -> Self {
        Self
    }
}

/// SHA-256.
pub(crate) fn sha256(bytes: &[u8]) -> [u8; 32] {
    let hash = digest::digest(&digest::SHA256, bytes);
    let mut out = [0; 32];
    out.copy_from_slice(hash.as_ref());
    out
}

/// The left half of a hash, by the hash function of a signature algorithm; Ed25519 has SHA-512 in
/// it (RFC 8032 §5.1).
pub(crate) fn left_half_of_hash(algorithm: Algorithm, octets: &[u8]) -> Vec<u8> {
    let function = match algorithm {
        Algorithm::RS256 | Algorithm::PS256 | Algorithm::ES256 | Algorithm::HS256 => &digest::SHA256,
        Algorithm::RS384 | Algorithm::PS384 | Algorithm::ES384 | Algorithm::HS384 => &digest::SHA384,
        Algorithm::RS512 | Algorithm::PS512 | Algorithm::ES512 | Algorithm::HS512 => &digest::SHA512,
        Algorithm::EdDSA | Algorithm::Ed25519 => &digest::SHA512,
    };
    let hash = digest::digest(function, octets);
    hash.as_ref().iter().take(function.output_len() / 2).copied().collect()
}

/// The first half of a SHA-256, as a number.
pub(crate) fn half_sha256(bytes: &[u8]) -> u128 {
    u128::from_be_bytes(sha256(bytes).first_chunk().copied().unwrap_or_default())
}

/// Compares in a time that does not depend on where the texts differ.
pub(crate) fn equal(a: &[u8], b: &[u8]) -> bool {
    aws_lc_rs::constant_time::verify_slices_are_equal(a, b).is_ok()
}
