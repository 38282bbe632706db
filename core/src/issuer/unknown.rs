//! Issuers that nobody configured.

use crate::error::{Error, ErrorCode};

/// The error of an issuer that is none of those known.
pub(crate) fn unknown_issuer<'a>(iss: &str, known: impl IntoIterator<Item = &'a str>) -> Error {
    // The hint names nothing of the token: it holds the operator's value against itself.
    let trimmed = iss.trim_end_matches('/');
    let error = if known.into_iter().any(|issuer| issuer.trim_end_matches('/') == trimmed) {
        Error::with_detail(ErrorCode::IssuerUnknown, "it differs from a configured one only by a trailing slash")
    } else {
        Error::new(ErrorCode::IssuerUnknown)
    };
    error.with_claim("iss")
}
