//! Certificate-bound tokens (RFC 8705 §3).

use crate::crypto;
use crate::error::ErrorCode;

/// Compares the thumbprint that the token names with that of the caller's certificate.
pub(super) fn judge(thumbprint: &str, certificate: Option<&str>) -> Result<(), ErrorCode> {
    let certificate = certificate.ok_or(ErrorCode::BindingMissing)?;
    if crypto::equal(thumbprint.as_bytes(), certificate.as_bytes()) { Ok(()) } else { Err(ErrorCode::BindingMismatch) }
}
