//! `IssuerCache`.

use at9068::{IssuerCache as Core, IssuerCacheConfig, Result};
use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};

use crate::error::guarded;
use crate::host::{Given, Host};
use crate::json;
use crate::text::json_text;

/// Keys of issuers, fetched and kept, for the validators that are given the cache.
///
/// Fetches when keys are first needed, and again before their time is over, on a thread that ends
/// with it. Validators with the same cache share its keys; keys are told apart by issuer and by
/// where they come from. May be shared between threads, and used after a fork.
///
/// Args:
///     max_issuers: The most issuers whose keys are kept at a time, 1 to 100000. Default: 256.
///     max_stale_seconds: For how long keys whose time is over are still used while none can be
///         fetched, 0 to 86400. Default: 3600.
///     cooldown_seconds: The least time between a fetch and the next one that an unknown `kid` or
///         a bad signature brings about, 1 to 3600. Default: 30.
///     timeout_seconds: How long a refresh may take in all, 0.001 to 60. Default: 5.
///     connect_timeout_seconds: How long it may take to be connected, 0.001 to 60. Default: 2.
///     ca_bundle: Certificates in PEM that are trusted instead of the system's.
///     proxy: The URL of an HTTP proxy. Default: none; the environment is not asked.
///     same_origin: Whether `jwks_uri` must have the origin of the issuer. Default: False.
///     trusted_hosts: Hosts that may be anywhere, even where their names are learned from
///         documents. Default: none but those that are configured.
///     danger_http_loopback: Whether http, without TLS, is allowed to loopback addresses. For
///         tests only. Default: False.
///     clock: A callable that returns seconds since the epoch. Default: the system's clock.
///     fetch: A callable that makes a `FetchRequest` and returns a `FetchResponse`, instead of
///         the client that is built in. Whatever it raises means that there is no answer, and is
///         the `__cause__` of what the calls raise that wait for one.
///     events: A callable that is given an `IssuerEvent`. Default: events go to the logger
///         `at9068`, keys that were refreshed as INFO, everything else as WARNING. What it raises
///         goes to `sys.unraisablehook`.
///
/// Raises:
///     ConfigError: `config_invalid`, naming the option that is unknown or wrong.
///     TypeError: An option is of a wrong type.
#[pyclass(frozen, module = "at9068")]
pub(crate) struct IssuerCache {
    core: Core,
    host: Py<Host>,
}

impl IssuerCache {
    pub(crate) fn new(core: Core, host: Py<Host>) -> Self {
        Self { core, host }
    }

    pub(crate) fn core(&self) -> &Core {
        &self.core
    }

    fn make(
        py: Python<'_>,
        given: Given<'_, '_>,
        config: impl FnOnce() -> Result<IssuerCacheConfig>,
    ) -> PyResult<Self> {
        let host = Host::logging(py, given)?;
        let ports = Host::ports(host.bind(py))?;
        let core = guarded(py, || Core::with_ports(config()?, ports))?;
        Ok(Self { core, host })
    }
}

#[pymethods]
impl IssuerCache {
    #[new]
    #[pyo3(signature = (*, clock = None, fetch = None, events = None, **options))]
    fn py_new(
        py: Python<'_>,
        clock: Option<&Bound<'_, PyAny>>,
        fetch: Option<&Bound<'_, PyAny>>,
        events: Option<&Bound<'_, PyAny>>,
        options: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<Self> {
        let none = PyDict::new(py);
        let (text, _) = json::write_config(options.unwrap_or(&none).as_mapping())?;
        let given = Given { clock, fetch, events, ..Given::default() };
        Self::make(py, given, || IssuerCacheConfig::from_json(&text))
    }

    /// Read the same options from JSON text, as every language has them.
    ///
    /// Raises:
    ///     ConfigError: `config_invalid`, naming the member that is unknown or wrong.
    #[staticmethod]
    #[pyo3(signature = (text, /, *, clock = None, fetch = None, events = None))]
    fn from_json(
        py: Python<'_>,
        text: &Bound<'_, PyString>,
        clock: Option<&Bound<'_, PyAny>>,
        fetch: Option<&Bound<'_, PyAny>>,
        events: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Self> {
        let text = json_text(text)?;
        let given = Given { clock, fetch, events, ..Given::default() };
        Self::make(py, given, || IssuerCacheConfig::from_json(&text))
    }

    /// Tell of every issuer where its keys are in their life.
    fn status<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let text = guarded(py, || Ok(self.core.status_json()))?;
        json::read(py, &text)
    }

    /// Give the keys at hand as text, so that a process that starts in an outage can restore them.
    ///
    /// It holds public keys only; whoever can change it chooses whom the API trusts.
    fn snapshot(&self, py: Python<'_>) -> PyResult<String> {
        guarded(py, || Ok(self.core.snapshot()))
    }

    /// Take keys from a snapshot, for issuers that have none yet.
    ///
    /// They age from when they were fetched: what is stale is tried to be refreshed first, what
    /// has expired is of no use.
    ///
    /// Raises:
    ///     ConfigError: `argument_invalid` where the text is no snapshot; nothing is taken then.
    #[pyo3(signature = (text, /))]
    fn restore(&self, py: Python<'_>, text: &Bound<'_, PyString>) -> PyResult<()> {
        let text = json_text(text)?;
        guarded(py, || self.core.restore(&text))
    }

    fn __repr__(&self) -> &'static str {
        "<at9068.IssuerCache>"
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> std::result::Result<(), PyTraverseError> {
        visit.call(&self.host)
    }
}
