//! JOSE headers (RFC 7515 §4).

use crate::algorithm::{Algorithm, AlgorithmSet};
use crate::encoding::json::Object;
use crate::error::{Error, ErrorCode, Result};
use crate::jws::{LARGEST_HEADER, object};
use crate::key::LONGEST_KID;

/// What a type that is no string is taken for.
const NO_TYPE: &str = "";

/// A JOSE header that demands nothing that is not understood.
pub(crate) struct Header {
    object: Object,
    algorithm: Option<Algorithm>,
    // Most headers are read once and asked for every token.
    kid: Option<Box<str>>,
    typ: Option<Box<str>>,
}

impl Header {
    /// Reads a header: one object in which `alg`, `kid` and `crit` are as they may be.
    pub(crate) fn read(octets: Vec<u8>) -> Result<Self> {
        if octets.len() > LARGEST_HEADER {
            return Err(Error::new(ErrorCode::TokenTooLarge));
        }
        let object = object(octets)?;
        let named = !object.contains("kid") || object.string("kid").is_some_and(|kid| kid.len() <= LONGEST_KID);
        if object.string("alg").is_none() || !named {
            return Err(Error::new(ErrorCode::TokenMalformed));
        }
        // No extension is understood, so whatever is said to be critical is not (RFC 7515
        // §4.1.11); and an unencoded payload never is a JWT (RFC 7797 §7).
        let encoded = object.get("b64").is_none_or(|b64| b64.boolean() == Some(true));
        if object.contains("crit") || !encoded {
            return Err(Error::new(ErrorCode::CriticalHeaderUnsupported));
        }
        let algorithm = object.string("alg").and_then(Algorithm::from_name);
        let kid = object.string("kid").map(Into::into);
        let typ = object.contains("typ").then(|| object.string("typ").unwrap_or(NO_TYPE).into());
        Ok(Self { object, algorithm, kid, typ })
    }

    /// The algorithm, where it is one of those allowed.
    pub(crate) fn algorithm(&self, allowed: AlgorithmSet) -> Result<Algorithm> {
        let algorithm = self.algorithm.filter(|algorithm| allowed.contains(*algorithm));
        algorithm.ok_or_else(|| Error::new(ErrorCode::AlgorithmNotAllowed))
    }

    pub(crate) fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    /// The type, or nothing where the header states none. A type that is no string is none that
    /// anybody accepts.
    pub(crate) fn typ(&self) -> Option<&str> {
        self.typ.as_deref()
    }

    pub(crate) fn text(&self) -> &str {
        self.object.text()
    }
}
