//! `KeySet`.

use at9068::{ErrorCode, KeyOptions, KeySet as Core, SkippedKey};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyMapping, PyString, PyTuple};

use crate::error::guarded;
use crate::json::text_of;
use crate::signing_key::{SigningKey, key_options};
use crate::text::{pem_text, wrong_type};

/// Keys that verify, each ready for use. Immutable; may be shared between threads.
///
/// Its length is the number of usable keys.
#[pyclass(frozen, module = "at9068")]
pub(crate) struct KeySet(Core);

impl KeySet {
    pub(crate) fn new(core: Core) -> Self {
        Self(core)
    }

    pub(crate) fn core(&self) -> &Core {
        &self.0
    }
}

#[pymethods]
impl KeySet {
    /// Read a JWK set (RFC 7517 §5), as JSON text or as a mapping.
    ///
    /// An entry that cannot be used is skipped: see `skipped`. Of a private entry only the public
    /// half is kept; a symmetric entry is kept, and serves only validators that list its
    /// algorithm. A JWK without `kid` bears its RFC 7638 thumbprint.
    ///
    /// Raises:
    ///     KeySetError: `key_malformed` where it is no JWK set.
    #[staticmethod]
    #[pyo3(signature = (jwks, /))]
    fn from_json(py: Python<'_>, jwks: &Bound<'_, PyAny>) -> PyResult<Self> {
        let text = text_of("jwks", jwks, ErrorCode::KeyMalformed)?;
        guarded(py, || Core::from_json(&text)).map(Self)
    }

    /// Make a set of the one key of a PEM text.
    ///
    /// That is a `PUBLIC KEY`, an `RSA PUBLIC KEY`, a `CERTIFICATE`, or the public half of a
    /// private key. Of a certificate neither the dates nor the issuer are checked.
    ///
    /// Args:
    ///     pem: The text.
    ///     algorithm: The one algorithm that the key is used with. Default: an RSA key serves
    ///         RS256, others what their kind allows.
    ///     kid: The identifier of the key. Default: its RFC 7638 thumbprint.
    ///
    /// Raises:
    ///     KeySetError: `key_malformed`, `key_unsupported` or `key_too_weak`.
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
        let (pem, options): (_, KeyOptions) = (pem_text(pem)?, key_options(py, algorithm, kid)?);
        guarded(py, || Core::from_pem(&pem, &options)).map(Self)
    }

    /// Make a set of the public halves of signing keys.
    ///
    /// A symmetric key is its own public half here: such a set is a secret.
    #[staticmethod]
    #[pyo3(signature = (keys, /))]
    fn from_signing_keys(py: Python<'_>, keys: &Bound<'_, PyAny>) -> PyResult<Self> {
        let mut cores = Vec::new();
        for key in keys.try_iter()? {
            cores.push(key?.cast::<SigningKey>()?.get().core().clone());
        }
        guarded(py, || Core::from_signing_keys(&cores)).map(Self)
    }

    /// Give the public keys as a JWK set. Symmetric keys are left out.
    fn to_json(&self) -> String {
        self.0.to_json()
    }

    /// The identifiers of the usable keys.
    #[getter]
    fn kids<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, self.0.kids().collect::<Vec<_>>())
    }

    /// The entries that cannot be used, and why.
    #[getter]
    fn skipped<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        skipped_keys(py, self.0.skipped())
    }

    fn __len__(&self) -> usize {
        self.0.len()
    }

    fn __repr__(&self) -> String {
        format!("<at9068.KeySet keys={} skipped={}>", self.0.len(), self.0.skipped().len())
    }
}

/// The keys of an argument that is a handle, or else what `from_json` reads.
pub(crate) fn keys_of(keys: &Bound<'_, PyAny>) -> PyResult<Core> {
    if let Ok(set) = keys.cast::<KeySet>() {
        return Ok(set.get().core().clone());
    }
    if !keys.is_instance_of::<PyString>() && !keys.is_instance_of::<PyMapping>() {
        return Err(wrong_type("keys", "a KeySet, a mapping or JSON text", keys));
    }
    let text = text_of("keys", keys, ErrorCode::KeyMalformed)?;
    guarded(keys.py(), || Core::from_json(&text))
}

/// An entry that was skipped, as the class of the Python side.
fn skipped_key<'py>(py: Python<'py>, entry: &SkippedKey) -> PyResult<Bound<'py, PyAny>> {
    let class = py.import(intern!(py, "at9068._types"))?.getattr(intern!(py, "SkippedKey"))?;
    class.call1((entry.index, entry.kid.as_deref(), entry.code.slug()))
}

/// Several of them.
pub(crate) fn skipped_keys<'py>(py: Python<'py>, entries: &[SkippedKey]) -> PyResult<Bound<'py, PyTuple>> {
    let entries = entries.iter().map(|entry| skipped_key(py, entry));
    PyTuple::new(py, entries.collect::<PyResult<Vec<_>>>()?)
}

/// Several of them, each with whose it is.
pub(crate) fn skipped_keys_of<'py, 'a>(
    py: Python<'py>,
    entries: impl Iterator<Item = (&'a str, &'a SkippedKey)>,
) -> PyResult<Bound<'py, PyTuple>> {
    let entries = entries.map(|(whose, entry)| Ok((whose, skipped_key(py, entry)?)));
    PyTuple::new(py, entries.collect::<PyResult<Vec<_>>>()?)
}
