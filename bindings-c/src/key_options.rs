//! What a PEM text does not say about its key.

use at9068_core::{Algorithm, ErrorCode, KeyOptions};

use crate::error::{Result, at9068_error};
use crate::ffi::{Versioned, optional_text, table};
use crate::strings::at9068_str;

/// What a PEM text does not say about its key. Texts whose `ptr` is NULL are not given.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct at9068_key_options {
    /// `sizeof(at9068_key_options)`.
    pub size: usize,
    /// The one algorithm that the key is used with, as in "PS256". Not given, an RSA key serves
    /// RS256 and an elliptic-curve key the algorithm of its curve.
    pub algorithm: at9068_str,
    /// The identifier of the key. Not given, it is the RFC 7638 thumbprint.
    pub kid: at9068_str,
}

// SAFETY: begins with its size; zero octets are no size and texts that are not given.
unsafe impl Versioned for at9068_key_options {
    const SIZES: &'static [usize] = &[size_of::<Self>()];
}

/// # Safety
/// As [`table`], and the texts in it as [`text`].
pub(crate) unsafe fn key_options(options: *const at9068_key_options) -> Result<KeyOptions> {
    let mut known = KeyOptions::default();
    // SAFETY: as this function demands.
    if let Some(at9068_key_options { algorithm: name, kid, .. }) = unsafe { table("options", options) }? {
        // SAFETY: as this function demands.
        let (name, kid) =
            unsafe { (optional_text("algorithm", name.ptr, name.len)?, optional_text("kid", kid.ptr, kid.len)?) };
        known.algorithm = name.map(algorithm).transpose()?;
        known.kid = kid.map(str::to_owned);
    }
    Ok(known)
}

pub(crate) fn algorithm(name: &str) -> Result<Algorithm> {
    Algorithm::from_name(name)
        .ok_or_else(|| at9068_error::of_use(ErrorCode::ArgumentInvalid, "not the name of an algorithm"))
}
