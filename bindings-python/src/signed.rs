//! `Signed`: what tokens of every kind have in common.

use std::sync::OnceLock;

use at9068::{AccessToken, ClientAssertion, IdToken, MintedToken};
use pyo3::PyClass;
use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::prelude::*;

use crate::json;

/// The claims and the header of a token: what tokens of every kind have in common.
#[pyclass(frozen, subclass, module = "at9068._at9068")]
pub(crate) struct Signed {
    texts: Box<dyn Texts>,
    claims: Lazy,
    header: Lazy,
}

#[pymethods]
impl Signed {
    /// All claims. Read when first asked for, then kept; changing it changes nothing else.
    ///
    /// Integers of more than 4300 digits are read as floats; `claims_json` has them exactly.
    #[getter]
    fn claims<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.claims.get(py, || json::read(py, self.texts.claims()))
    }

    /// The claims, as the text that was signed.
    #[getter]
    fn claims_json(&self) -> &str {
        self.texts.claims()
    }

    /// The header; empty where nothing was verified here. Read when first asked for, then kept.
    #[getter]
    fn header<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.header.get(py, || json::read(py, self.texts.header()))
    }

    /// The header, as the text that was signed.
    #[getter]
    fn header_json(&self) -> &str {
        self.texts.header()
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        self.claims.traverse(&visit)?;
        self.header.traverse(&visit)
    }
}

impl Signed {
    /// A token with this for its base.
    pub(crate) fn token<T: PyClass<BaseType = Self>>(
        py: Python<'_>,
        texts: impl Texts + 'static,
        token: T,
    ) -> PyResult<Py<T>> {
        let base = Self { texts: Box::new(texts), claims: Lazy::default(), header: Lazy::default() };
        Py::new(py, PyClassInitializer::from(base).add_subclass(token))
    }
}

/// A token of the core, as far as its texts go.
pub(crate) trait Texts: Send + Sync {
    fn claims(&self) -> &str;
    fn header(&self) -> &str;
}

macro_rules! texts {
    ($($token:ty),*) => {$(
        impl Texts for $token {
            fn claims(&self) -> &str {
                self.claims_json()
            }

            fn header(&self) -> &str {
                self.header_json()
            }
        }
    )*};
}

texts! { AccessToken, IdToken, ClientAssertion, MintedToken }

/// A Python object that is made when it is first asked for, and then kept.
#[derive(Default)]
pub(crate) struct Lazy(OnceLock<Py<PyAny>>);

impl Lazy {
    pub(crate) fn get<'py>(
        &self,
        py: Python<'py>,
        make: impl FnOnce() -> PyResult<Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        if let Some(object) = self.0.get() {
            return Ok(object.bind(py).clone());
        }
        // Made outside of the lock: no thread may wait here while another one runs Python.
        let object = make()?.unbind();
        Ok(self.0.get_or_init(|| object).bind(py).clone())
    }

    pub(crate) fn traverse(&self, visit: &PyVisit<'_>) -> Result<(), PyTraverseError> {
        self.0.get().map_or(Ok(()), |object| visit.call(object))
    }
}
