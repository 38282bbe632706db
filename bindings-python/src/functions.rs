//! Functions of the module.

use at9068::ErrorCode;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::PyTuple;

use crate::error::{class, guarded};
use crate::json::text_of;
use crate::text::octets;

/// Give the RFC 7638 thumbprint (SHA-256, base64url) of a JWK.
///
/// Args:
///     jwk: The key, public, private or symmetric, as JSON text or as a mapping.
///
/// Raises:
///     KeySetError: `key_malformed`, `key_unsupported` or `key_too_weak`.
#[pyfunction]
#[pyo3(signature = (jwk, /))]
pub(crate) fn thumbprint(py: Python<'_>, jwk: &Bound<'_, PyAny>) -> PyResult<String> {
    let text = text_of("jwk", jwk, ErrorCode::KeyMalformed)?;
    guarded(py, || at9068::thumbprint(&text))
}

/// Give the SHA-256 of a certificate's DER in base64url, as `x5t#S256` has it (RFC 8705 §3.1).
///
/// The certificate is not validated.
///
/// Args:
///     certificate: The DER, or a PEM text with one certificate.
///
/// Raises:
///     ConfigError: `argument_invalid` where it is no X.509 certificate.
#[pyfunction]
#[pyo3(signature = (certificate, /))]
pub(crate) fn certificate_sha256(py: Python<'_>, certificate: &Bound<'_, PyAny>) -> PyResult<String> {
    let octets = octets("certificate", certificate)?;
    guarded(py, || at9068::certificate_sha256(&octets))
}

/// Give every error code of this version, in order of number.
#[pyfunction]
pub(crate) fn error_codes(py: Python<'_>) -> PyResult<Bound<'_, PyTuple>> {
    let row = py.import(intern!(py, "at9068._errors"))?.getattr(intern!(py, "ErrorCodeInfo"))?;
    let rows = ErrorCode::ALL.iter().map(|code| {
        let fixed = (code.slug(), code.number(), code.message(), code.oauth(), code.status());
        row.call1((fixed.0, fixed.1, fixed.2, fixed.3, fixed.4, code.source_section(), class(py, *code)?))
    });
    PyTuple::new(py, rows.collect::<PyResult<Vec<_>>>()?)
}
