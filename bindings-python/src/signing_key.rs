//! `SigningKey`.

use at9068::{Algorithm, ErrorCode, KeyOptions, SigningKey as Core};
use pyo3::exceptions::PyOverflowError;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyInt, PyString};

use crate::error::{detached, guarded, refuse};
use crate::json::text_of;
use crate::key_set::KeySet;
use crate::text::{pem_text, text, wrong_type};

/// A private key, ready to sign. Immutable; may be shared between threads.
///
/// Wiped from memory when the last use of it ends. What shows it as text shows nothing of it.
#[pyclass(frozen, module = "at9068")]
pub(crate) struct SigningKey(Core);

impl SigningKey {
    pub(crate) fn core(&self) -> &Core {
        &self.0
    }
}

#[pymethods]
impl SigningKey {
    /// Generate a key for an asymmetric algorithm, bound to it. Other threads run meanwhile.
    ///
    /// Args:
    ///     algorithm: The algorithm.
    ///     bits: For RSA: 2048, 3072 or 4096. Default: 2048.
    ///
    /// Raises:
    ///     KeySetError: `key_unsupported` for HMAC algorithms, other sizes, and a size for an
    ///         algorithm that is not of RSA.
    ///     ConfigError: `argument_invalid` for an unknown algorithm.
    #[staticmethod]
    #[pyo3(signature = (algorithm, /, *, bits = None))]
    fn generate(py: Python<'_>, algorithm: &Bound<'_, PyAny>, bits: Option<&Bound<'_, PyAny>>) -> PyResult<Self> {
        let algorithm = algorithm_of(py, algorithm)?;
        let bits = bits.map(size).transpose()?;
        let generate = || bits.map_or_else(|| Core::generate(algorithm), |bits| Core::generate_rsa(algorithm, bits));
        detached(py, generate).map(Self)
    }

    /// Read a private JWK, or a symmetric one, as JSON text or as a mapping (RFC 7517 §4).
    ///
    /// Raises:
    ///     KeySetError: `key_malformed`, `key_unsupported` or `key_too_weak`.
    ///     TokenError: `key_mismatch` where `alg`, `use` or `key_ops` do not permit signing.
    #[staticmethod]
    #[pyo3(signature = (jwk, /))]
    fn from_jwk(py: Python<'_>, jwk: &Bound<'_, PyAny>) -> PyResult<Self> {
        let text = text_of("jwk", jwk, ErrorCode::KeyMalformed)?;
        guarded(py, || Core::from_jwk(&text)).map(Self)
    }

    /// Read a PEM text: PKCS#8, PKCS#1 or SEC1, not encrypted.
    ///
    /// Args:
    ///     pem: The text.
    ///     algorithm: The one algorithm that the key is used with. Default: RS256 for an RSA
    ///         key, for others that of their kind.
    ///     kid: The identifier of the key. Default: its RFC 7638 thumbprint.
    ///
    /// Raises:
    ///     KeySetError: `key_malformed`, `key_unsupported` (encrypted keys among others) or
    ///         `key_too_weak`.
    ///     TokenError: `key_mismatch` where the algorithm does not fit the key.
    ///     ConfigError: `argument_invalid` for an unknown algorithm.
    #[staticmethod]
    #[pyo3(signature = (pem, /, *, algorithm = None, kid = None))]
    fn from_pem(
        py: Python<'_>,
        pem: &Bound<'_, PyAny>,
        algorithm: Option<&Bound<'_, PyAny>>,
        kid: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Self> {
        let (pem, options) = (pem_text(pem)?, key_options(py, algorithm, kid)?);
        guarded(py, || Core::from_pem(&pem, &options)).map(Self)
    }

    /// The identifier. A symmetric key has only the one that it was given.
    #[getter]
    fn kid(&self) -> Option<&str> {
        self.0.kid()
    }

    /// The algorithm that the key is bound to, or else the usual one of its kind.
    #[getter]
    fn algorithm(&self) -> &'static str {
        self.0.algorithm().as_str()
    }

    /// The RFC 7638 thumbprint; none for a symmetric key.
    #[getter]
    fn thumbprint(&self) -> Option<String> {
        self.0.thumbprint()
    }

    /// Give the public half as the JSON text of a JWK; none for a symmetric key.
    fn public_jwk(&self) -> Option<String> {
        self.0.public_jwk()
    }

    /// Give the public half as PEM (SPKI); none for a symmetric key.
    fn public_pem(&self, py: Python<'_>) -> PyResult<Option<String>> {
        guarded(py, || self.0.public_pem())
    }

    /// Give the whole key as the JSON text of a JWK. The text is a secret.
    fn to_jwk(&self) -> String {
        self.0.to_jwk()
    }

    /// Give the whole key as PEM (PKCS#8). The text is a secret.
    ///
    /// Raises:
    ///     KeySetError: `key_unsupported` for a symmetric key.
    fn to_pem(&self, py: Python<'_>) -> PyResult<String> {
        guarded(py, || self.0.to_pem())
    }

    /// Make a set of this key's public half, for a `Validator`.
    fn key_set(&self, py: Python<'_>) -> PyResult<KeySet> {
        guarded(py, || self.0.key_set()).map(KeySet::new)
    }

    fn __repr__(&self) -> String {
        format!("<at9068.SigningKey algorithm={}>", self.0.algorithm())
    }
}

/// What a PEM text does not say about its key.
pub(crate) fn key_options(
    py: Python<'_>,
    algorithm: Option<&Bound<'_, PyAny>>,
    kid: Option<&Bound<'_, PyAny>>,
) -> PyResult<KeyOptions> {
    let mut options = KeyOptions::default();
    if let Some(algorithm) = algorithm {
        options = options.algorithm(algorithm_of(py, algorithm)?);
    }
    if let Some(kid) = kid {
        options = options.kid(text("kid", kid)?);
    }
    Ok(options)
}

/// An algorithm by its name in `alg`.
pub(crate) fn algorithm_of(py: Python<'_>, name: &Bound<'_, PyAny>) -> PyResult<Algorithm> {
    let text = name.cast::<PyString>().map_err(|_| wrong_type("algorithm", "str", name))?;
    let found = text.to_str().ok().and_then(Algorithm::from_name);
    found.ok_or_else(|| refuse(py, ErrorCode::ArgumentInvalid, "algorithm is not one that is known"))
}

/// A size in bits. What is out of range becomes zero, a size that the core refuses.
fn size(bits: &Bound<'_, PyAny>) -> PyResult<u32> {
    if bits.is_instance_of::<PyBool>() || !bits.is_instance_of::<PyInt>() {
        return Err(wrong_type("bits", "int", bits));
    }
    bits.extract::<u32>()
        .or_else(|failure| if failure.is_instance_of::<PyOverflowError>(bits.py()) { Ok(0) } else { Err(failure) })
}
