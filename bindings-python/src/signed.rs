//! `Signed`: what tokens of every kind have in common.

use std::sync::OnceLock;

use pyo3::PyClass;
use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::prelude::*;
use pyo3::pyclass::boolean_struct::True;

use crate::json;

/// The claims and the header of a token: what tokens of every kind have in common.
#[pyclass(frozen, subclass, module = "at9068._at9068")]
pub(crate) struct Signed {
    /// Finds the texts in the token that this is the base of.
    find: Find,
    claims: Lazy,
    header: Lazy,
}

#[pymethods]
impl Signed {
    /// All claims. Read when first asked for, then kept; changing it changes nothing else.
    ///
    /// Integers of more than 4300 digits are read as floats; `claims_json` has them exactly.
    #[getter]
    fn claims<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        let signed = slf.get();
        signed.claims.get(slf.py(), || json::read(slf.py(), (signed.find)(slf)?.claims))
    }

    /// The claims, as the text that was signed.
    #[getter]
    fn claims_json<'a>(slf: &'a Bound<'_, Self>) -> PyResult<&'a str> {
        Ok((slf.get().find)(slf)?.claims)
    }

    /// The header; empty where nothing was verified here. Read when first asked for, then kept.
    #[getter]
    fn header<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        let signed = slf.get();
        signed.header.get(slf.py(), || json::read(slf.py(), (signed.find)(slf)?.header))
    }

    /// The header, as the text that was signed.
    #[getter]
    fn header_json<'a>(slf: &'a Bound<'_, Self>) -> PyResult<&'a str> {
        Ok((slf.get().find)(slf)?.header)
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        self.claims.traverse(&visit)?;
        self.header.traverse(&visit)
    }
}

impl Signed {
    /// A token with this for its base.
    pub(crate) fn token<T: Token>(py: Python<'_>, token: T) -> PyResult<Py<T>> {
        let base = Self { find: texts_of::<T>, claims: Lazy::default(), header: Lazy::default() };
        Py::new(py, PyClassInitializer::from(base).add_subclass(token))
    }
}

/// A token that has texts.
pub(crate) trait Token: PyClass<BaseType = Signed, Frozen = True> + Sync {
    fn texts(&self) -> Texts<'_>;
}

/// The texts of a token, as they were signed.
pub(crate) struct Texts<'a> {
    pub(crate) claims: &'a str,
    pub(crate) header: &'a str,
}

type Find = for<'a> fn(&'a Bound<'_, Signed>) -> PyResult<Texts<'a>>;

fn texts_of<'a, T: Token>(signed: &'a Bound<'_, Signed>) -> PyResult<Texts<'a>> {
    Ok(signed.cast::<T>().map_err(PyErr::from)?.get().texts())
}

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
