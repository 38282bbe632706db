//! `KeyFetcher`: what the validators of every kind of token have in common.

use std::sync::{Mutex, PoisonError};

use at9068::{
    ClientAssertionConfig, ClientAssertionValidator, Handles, IdTokenConfig, IdTokenValidator,
    IssuerCache as CoreCache, KeySteps, Ports, Progress, Result, Validator, ValidatorConfig,
};
use pyo3::PyClass;
use pyo3::exceptions::PyTypeError;
use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};

use crate::error::guarded;
use crate::host::{Given, Host};
use crate::issuer_cache::IssuerCache;
use crate::json;
use crate::text::json_text;
use crate::wait::{Call, patiently};

/// Keys that a validator fetches and keeps: what all validators have in common.
#[pyclass(frozen, subclass, module = "at9068._at9068")]
pub(crate) struct KeyFetcher {
    core: Box<dyn Fetching>,
    host: Py<Host>,
    /// The cache that was given, whose callables it keeps.
    cache: Option<Py<IssuerCache>>,
}

#[pymethods]
impl KeyFetcher {
    /// Fetch all keys that are not fresh, and wait for them.
    ///
    /// Best called when a server starts. Ctrl-C ends the waiting.
    ///
    /// Raises:
    ///     UndecidedError: `keys_unavailable` or `metadata_invalid` where somebody's keys cannot
    ///         be had; those of the others are there all the same.
    fn prefetch(&self, py: Python<'_>) -> PyResult<()> {
        patiently(py, in_steps(self.core.prefetch_steps()))
    }

    /// Fetch all keys that are not fresh, without blocking the loop.
    ///
    /// As `prefetch`.
    fn prefetch_async<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        Call::coroutine(slf, in_steps(slf.get().core.prefetch_steps()), |slf, ()| Ok(slf.py().None()))
    }

    /// Fetch all keys anew, however fresh they are, and wait for them.
    ///
    /// For the operator who knows that a key was taken back. Ctrl-C ends the waiting.
    ///
    /// Raises:
    ///     UndecidedError: As for `prefetch`; keys at hand are kept then.
    fn refresh(&self, py: Python<'_>) -> PyResult<()> {
        patiently(py, in_steps(self.core.refresh_steps()))
    }

    /// Fetch all keys anew, without blocking the loop.
    ///
    /// As `refresh`.
    fn refresh_async<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        Call::coroutine(slf, in_steps(slf.get().core.refresh_steps()), |slf, ()| Ok(slf.py().None()))
    }

    /// Tell of everyone whose keys are fetched, or who is asked about tokens, how that goes.
    fn status<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let text = guarded(py, || Ok(self.core.status_json()))?;
        json::read(py, &text)
    }

    /// The cache in which the validator's keys are kept, where it fetches any.
    #[getter]
    fn issuer_cache(&self, py: Python<'_>) -> PyResult<Option<Py<IssuerCache>>> {
        if let Some(given) = &self.cache {
            return Ok(Some(given.clone_ref(py)));
        }
        let own = self.core.cache().cloned();
        own.map(|core| Py::new(py, IssuerCache::new(core, self.host.clone_ref(py)))).transpose()
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> std::result::Result<(), PyTraverseError> {
        visit.call(&self.host)?;
        visit.call(&self.cache)
    }
}

impl KeyFetcher {
    /// A validator with this for its base, from keyword arguments.
    pub(crate) fn of_options<C: Fetches, V: PyClass<BaseType = Self>>(
        py: Python<'_>,
        options: Option<&Bound<'_, PyDict>>,
        issuer_cache: Option<&Bound<'_, PyAny>>,
        given: Given<'_, '_>,
        validator: impl FnOnce(C) -> V,
    ) -> PyResult<PyClassInitializer<V>> {
        let none = PyDict::new(py);
        let options = options.unwrap_or(&none);
        let cache = issuer_cache.and_then(|cache| cache.cast::<IssuerCache>().ok());
        if let (None, Some(given)) = (cache, issuer_cache) {
            options.set_item(intern!(py, "issuer_cache"), given)?;
        }
        let (text, handles) = json::write_config(options.as_mapping())?;
        Self::make(py, &text, &handles, cache, given, validator)
    }

    /// The same, from JSON text.
    pub(crate) fn of_json<C: Fetches, V: PyClass<BaseType = Self>>(
        text: &Bound<'_, PyString>,
        issuer_cache: Option<&Bound<'_, IssuerCache>>,
        given: Given<'_, '_>,
        validator: impl FnOnce(C) -> V,
    ) -> PyResult<PyClassInitializer<V>> {
        Self::make(text.py(), &json_text(text)?, &Handles::default(), issuer_cache, given, validator)
    }

    fn make<C: Fetches, V: PyClass<BaseType = Self>>(
        py: Python<'_>,
        text: &str,
        handles: &Handles,
        cache: Option<&Bound<'_, IssuerCache>>,
        given: Given<'_, '_>,
        validator: impl FnOnce(C) -> V,
    ) -> PyResult<PyClassInitializer<V>> {
        let host = match cache {
            None => Host::logging(py, given)?,
            Some(_) if given.fetch.is_some() || given.events.is_some() => {
                return Err(PyTypeError::new_err("fetch and events are given to the IssuerCache, not beside it"));
            }
            Some(_) => Host::new(py, given)?,
        };
        let ports = Host::ports(host.bind(py))?;
        let core = guarded(py, || C::make(text, handles, ports, cache.map(|cache| cache.get().core())))?;
        let base = Self { core: Box::new(core.clone()), host, cache: cache.map(|cache| cache.clone().unbind()) };
        Ok(PyClassInitializer::from(base).add_subclass(validator(core)))
    }

    pub(crate) fn host(&self) -> &Py<Host> {
        &self.host
    }
}

/// The base of a validator.
pub(crate) fn base<'a, V: PyClass<BaseType = KeyFetcher>>(validator: &'a Bound<'_, V>) -> &'a KeyFetcher {
    validator.as_super().get()
}

/// A validator of the core, as far as it fetches keys.
pub(crate) trait Fetching: Send + Sync {
    fn prefetch_steps(&self) -> KeySteps;
    fn refresh_steps(&self) -> KeySteps;
    fn status_json(&self) -> String;
    fn cache(&self) -> Option<&CoreCache>;
}

/// The same with how it is made.
pub(crate) trait Fetches: Fetching + Clone + 'static {
    fn make(text: &str, handles: &Handles, ports: Ports, cache: Option<&CoreCache>) -> Result<Self>;
}

macro_rules! fetches {
    ($($core:ty, $config:ty;)*) => {$(
        impl Fetching for $core {
            fn prefetch_steps(&self) -> KeySteps {
                self.prefetch_steps()
            }

            fn refresh_steps(&self) -> KeySteps {
                self.refresh_steps()
            }

            fn status_json(&self) -> String {
                self.status_json()
            }

            fn cache(&self) -> Option<&CoreCache> {
                self.issuer_cache()
            }
        }

        impl Fetches for $core {
            fn make(text: &str, handles: &Handles, ports: Ports, cache: Option<&CoreCache>) -> Result<Self> {
                let config = <$config>::from_json_with(text, handles)?;
                match cache {
                    None => Self::with_ports(config, ports),
                    Some(cache) => Self::with_issuer_cache(config, ports, cache),
                }
            }
        }
    )*};
}

fetches! {
    Validator, ValidatorConfig;
    IdTokenValidator, IdTokenConfig;
    ClientAssertionValidator, ClientAssertionConfig;
}

/// What fetches every key that is to be fetched.
fn in_steps(steps: KeySteps) -> impl Fn(usize) -> Progress<()> + Send + Sync + 'static {
    let steps = Mutex::new(steps);
    move |_| steps.lock().unwrap_or_else(PoisonError::into_inner).step()
}
