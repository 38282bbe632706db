//! Keys: read from JWK, JWK sets and PEM, judged once, then held ready for use.
//!
//! An entry of a set that cannot be used never spoils the set: it is skipped and reported, and a
//! token that names it gets that entry's own error.

mod judge;
mod jwk;
mod material;
mod pem;
mod set;
mod signing;

pub use jwk::thumbprint;
pub(crate) use jwk::{SecretObject, parse as parse_jwk};
pub use pem::certificate_sha256;
pub use set::{KeySet, SkippedKey};
pub(crate) use set::{Selection, SetBuilder};
pub use signing::SigningKey;

use crate::algorithm::Algorithm;
use crate::error::{Error, ErrorCode, Result};

/// The longest `kid` that is looked at, in octets.
pub(crate) const LONGEST_KID: usize = 1024;

/// What a PEM text does not say about its key.
///
/// # Defaults
/// No algorithm: an RSA key then serves RS256, an elliptic-curve key the algorithm of its curve.
/// The key's RFC 7638 thumbprint as `kid`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct KeyOptions {
    /// The one algorithm that the key is used with.
    pub algorithm: Option<Algorithm>,
    /// The identifier of the key.
    pub kid: Option<String>,
}

impl KeyOptions {
    /// Binds the key to one algorithm.
    #[must_use]
    pub fn algorithm(mut self, algorithm: Algorithm) -> Self {
        self.algorithm = Some(algorithm);
        self
    }

    /// Names the key.
    #[must_use]
    pub fn kid(mut self, kid: impl Into<String>) -> Self {
        self.kid = Some(kid.into());
        self
    }
}

fn malformed(what: &'static str) -> Error {
    Error::with_detail(ErrorCode::KeyMalformed, what)
}

fn unsupported(what: &'static str) -> Error {
    Error::with_detail(ErrorCode::KeyUnsupported, what)
}

fn too_weak(what: &'static str) -> Error {
    Error::with_detail(ErrorCode::KeyTooWeak, what)
}

fn mismatch(what: &'static str) -> Error {
    Error::with_detail(ErrorCode::KeyMismatch, what)
}

/// Checks a `kid` that is about to be borne by a key.
fn check_kid(kid: &str) -> Result<()> {
    if kid.len() > LONGEST_KID { Err(malformed("kid is too long")) } else { Ok(()) }
}
