//! `Revocations`.

use at9068::{Revocations as Core, Revoked};
use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};

use crate::error::guarded;
use crate::host::{Given, Host};
use crate::json;
use crate::text::json_text;

/// Tokens that are no longer good although they have not expired, known without asking anybody.
///
/// For the validators that are given the list. It takes what the application learns, be it from a
/// logout, a security event or an administrator. Its length is the number of entries, those
/// included that are over but have not been forgotten yet.
///
/// An entry costs 32 to 64 octets and is forgotten once no token that it concerns can be alive.
/// Identifiers are kept as 128 bits of their SHA-256. May be shared between threads, and used
/// after a fork, though a child does not see what is revoked in its parent afterwards.
///
/// Args:
///     clock: A callable that returns seconds since the epoch, by which entries are forgotten.
///         Default: the system's clock.
#[pyclass(frozen, module = "at9068")]
pub(crate) struct Revocations {
    core: Core,
    host: Py<Host>,
}

impl Revocations {
    pub(crate) fn core(&self) -> &Core {
        &self.core
    }

    fn revoke_text(&self, py: Python<'_>, text: &str) -> PyResult<()> {
        guarded(py, || self.core.revoke(&Revoked::from_json(text)?))
    }
}

#[pymethods]
impl Revocations {
    #[new]
    #[pyo3(signature = (*, clock = None))]
    fn new(py: Python<'_>, clock: Option<&Bound<'_, PyAny>>) -> PyResult<Self> {
        let host = Host::new(py, Given { clock, ..Given::default() })?;
        let clock = Host::clock(host.bind(py))?;
        let core = guarded(py, || Ok(clock.map_or_else(Core::new, Core::with_clock)))?;
        Ok(Self { core, host })
    }

    /// Add an entry. Of two for the same identifier, the later times count.
    ///
    /// The entry is one mapping, or its fields as keywords: `issuer`; the identifier; and `until`,
    /// when the last of the tokens concerned has expired. The identifier is either the `jti` of one
    /// token, or a `sub`, `client_id` or `sid` (a session), all of whose tokens are meant that were
    /// issued before `issued_before`. Times are whole seconds since the epoch.
    ///
    /// Args:
    ///     entry: The entry as a mapping.
    ///     **fields: The fields of the entry, instead of a mapping.
    ///
    /// Raises:
    ///     ConfigError: `argument_invalid`, naming what is unknown or wrong; nothing is added then.
    ///     TypeError: An entry and keywords are both given, or one is of a wrong type.
    #[pyo3(signature = (entry = None, /, **fields))]
    fn revoke(
        &self,
        py: Python<'_>,
        entry: Option<&Bound<'_, PyAny>>,
        fields: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<()> {
        self.revoke_text(py, &json::write_fields(py, "entry", entry, fields)?)
    }

    /// Add an entry in JSON text, as every language has it.
    ///
    /// Raises:
    ///     ConfigError: As for `revoke`.
    #[pyo3(signature = (text, /))]
    fn revoke_json(&self, py: Python<'_>, text: &Bound<'_, PyString>) -> PyResult<()> {
        self.revoke_text(py, &json_text(text)?)
    }

    /// Forget all entries that are over.
    ///
    /// They are also forgotten by and by as others are added; this is for lists to which nothing is
    /// added for long.
    fn sweep(&self, py: Python<'_>) -> PyResult<()> {
        guarded(py, || self.core.sweep())
    }

    /// Give the list as text, from which another process, or this one after a restart, restores it.
    ///
    /// It holds digests, from which identifiers that can be guessed can be confirmed.
    fn snapshot(&self, py: Python<'_>) -> PyResult<String> {
        guarded(py, || Ok(self.core.snapshot()))
    }

    /// Add the entries of a snapshot to those that are there.
    ///
    /// Raises:
    ///     ConfigError: `argument_invalid` where the text is no snapshot; nothing is added then.
    #[pyo3(signature = (text, /))]
    fn restore(&self, py: Python<'_>, text: &Bound<'_, PyString>) -> PyResult<()> {
        let text = json_text(text)?;
        guarded(py, || self.core.restore(&text))
    }

    fn __len__(&self) -> usize {
        self.core.len()
    }

    fn __repr__(&self) -> String {
        format!("<at9068.Revocations len={}>", self.core.len())
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&self.host)
    }
}
