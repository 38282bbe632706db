//! What the suites of others share: a report that counts every test, and a way to the signature
//! path of the core for messages that are no tokens.
//!
//! Suites of signatures sign arbitrary octets, and the public interface takes tokens only. The
//! `jsonwebtoken` feature of the core verifies arbitrary octets, but that crate has no name for
//! ES512 and for `Ed25519`. For those the core's files are compiled here once more, and
//! [`RawVerifier`] opens the door that the core keeps shut. Where both ways exist, the suites take
//! both and compare.
// The core's files bring their unit tests along, which the core runs.
#![cfg(not(test))]
#![allow(
    dead_code,
    unexpected_cfgs,
    unreachable_pub,
    unused_imports,
    reason = "of the core's files only what leads to a signature is used here"
)]

// In the core's order of dependence. Nothing that follows there is needed.
#[path = "../../../core/src/error.rs"]
mod error;

#[path = "../../../core/src/algorithm.rs"]
mod algorithm;
#[path = "../../../core/src/encoding/mod.rs"]
mod encoding;

#[path = "../../../core/src/crypto/mod.rs"]
mod crypto;
#[path = "../../../core/src/key/mod.rs"]
mod key;

mod report;

pub use report::Report;

use algorithm::Algorithm;
use key::{KeyOptions, KeySet, Selection};

/// The one key of a set or of a PEM text, ready to verify any message under one algorithm.
pub struct RawVerifier {
    keys: KeySet,
    algorithm: Algorithm,
}

impl RawVerifier {
    /// From a JWK set, loaded as the core loads it.
    #[must_use]
    pub fn from_jwks(jwks: &str, algorithm: &str) -> Option<Self> {
        Self::new(KeySet::from_json(jwks).ok()?, algorithm)
    }

    /// From a PEM text, loaded as the core loads it.
    #[must_use]
    pub fn from_pem(pem: &str, algorithm: &str) -> Option<Self> {
        Self::new(KeySet::from_pem(pem, &KeyOptions::default()).ok()?, algorithm)
    }

    /// Whether the signature is that of the message.
    #[must_use]
    pub fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        let verifier = self.keys.select(&self.selection());
        verifier.is_ok_and(|verifier| verifier.verify(message, signature))
    }

    fn new(keys: KeySet, algorithm: &str) -> Option<Self> {
        let this = Self { keys, algorithm: Algorithm::from_name(algorithm)? };
        if this.keys.select(&this.selection()).is_ok() { Some(this) } else { None }
    }

    fn selection(&self) -> Selection<'_> {
        Selection { kid: None, algorithm: self.algorithm, listed: true, pinned: &[] }
    }
}
