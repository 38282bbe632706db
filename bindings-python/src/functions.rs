//! Functions of the module.

use at9068::ErrorCode;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyString, PyTuple};

use crate::access_token::AccessToken;
use crate::error::{class, detached, guarded};
use crate::json::text_of;
use crate::key_set::keys_of;
use crate::signing_key::algorithm_of;
use crate::text::{octets, wrong_type};

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

/// Verify a JWS in compact serialization and give its payload (RFC 7515 §5.2).
///
/// For JWTs and other content that is no access token; an access token is a `Validator`'s to
/// judge. Checks size (64 KiB at most), shape, canonical base64url, the header with `crit`, the
/// algorithm against the list, the choice of the key and the signature. Other threads run
/// meanwhile.
///
/// It does not look at the payload, at `typ` or at any claim: neither at who issued it, nor for
/// whom, nor until when.
///
/// Args:
///     token: The JWS, as text or octets.
///     keys: The keys of whoever signed: a `KeySet`, or a JWK set as a mapping or JSON text.
///     algorithms: The algorithms accepted, at least one; HMAC only where it is listed here.
///
/// Raises:
///     TokenError: `token_too_large`, `token_malformed`, `decryption_failed`,
///         `critical_header_unsupported`, `algorithm_not_allowed`, `key_not_found`,
///         `key_mismatch`, `key_ambiguous`, `signature_invalid`.
///     KeySetError: `key_malformed` where the keys are no JWK set; or what is wrong with the key
///         that the JWS names.
///     ConfigError: `argument_invalid` for no algorithm, or one that is unknown.
///     TypeError: An argument is of a wrong type.
#[pyfunction]
#[pyo3(signature = (token, /, keys, algorithms))]
pub(crate) fn verify_jws<'py>(
    py: Python<'py>,
    token: &Bound<'py, PyAny>,
    keys: &Bound<'py, PyAny>,
    algorithms: &Bound<'py, PyAny>,
) -> PyResult<Bound<'py, PyBytes>> {
    let token = octets("token", token)?;
    let keys = keys_of(keys)?;
    // A text would be a list of letters.
    if algorithms.is_instance_of::<PyString>() {
        return Err(wrong_type("algorithms", "several str", algorithms));
    }
    let names = algorithms.try_iter().map_err(|_| wrong_type("algorithms", "several str", algorithms))?;
    let algorithms = names.map(|name| algorithm_of(py, &name?)).collect::<PyResult<Vec<_>>>()?;
    let payload = detached(py, || at9068::verify_jws(&token, &keys, &algorithms))?;
    Ok(PyBytes::new(py, &payload))
}

/// Give the answer of an introspection endpoint about a token, as JSON text (RFC 7662 §2.2).
///
/// For a token that a validator found good: `active`, which is true, and the token's claims, with
/// `exp`, `iat` and `nbf` in whole seconds, and with `client_id`, `scope` and `token_type` whatever
/// the token's profile calls them. For every token that was refused, whatever the reason, it is
/// given None, and the answer is `{"active":false}` and nothing else. Where no verdict could be
/// reached, there is no answer: the endpoint sends the error's status instead.
///
/// It does not decide who may ask (RFC 7662 §2.1), nor what of a token they may see (§5): whoever
/// should not learn of a token is answered as if there were none.
///
/// Args:
///     token: The token, or None.
#[pyfunction]
#[pyo3(signature = (token, /))]
pub(crate) fn introspection_response(py: Python<'_>, token: Option<&Bound<'_, AccessToken>>) -> PyResult<String> {
    guarded(py, || Ok(at9068::introspection_response(token.map(|token| token.get().core()))))
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
