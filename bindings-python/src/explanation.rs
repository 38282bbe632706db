//! `Explanation`.

use at9068::Explanation as Core;
use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};

use crate::access_token::AccessToken;
use crate::error::exception;
use crate::host::Host;
use crate::json;
use crate::signed::Lazy;

/// A verdict, and how it came about. Only `Validator.explain` makes one.
///
/// Immutable; may be shared between threads. What shows it as text shows nothing of the token.
#[pyclass(frozen, module = "at9068")]
pub(crate) struct Explanation {
    token: Option<Py<AccessToken>>,
    error: Option<Py<PyAny>>,
    trace_json: String,
    trace: Lazy,
}

impl Explanation {
    pub(crate) fn new(py: Python<'_>, core: &Core, clock: Option<Py<Host>>) -> PyResult<Self> {
        let (token, error) = match core.verdict() {
            Ok(token) => (Some(AccessToken::new(py, token.clone(), clock)?), None),
            Err(error) => (None, Some(exception(py, error)?.unbind())),
        };
        Ok(Self { token, error, trace_json: core.trace_json(), trace: Lazy::default() })
    }
}

#[pymethods]
impl Explanation {
    /// The token, where it is good.
    #[getter]
    fn token(&self, py: Python<'_>) -> Option<Py<AccessToken>> {
        self.token.as_ref().map(|token| token.clone_ref(py))
    }

    /// What `validate` would have raised, where the token is refused; the same object each time.
    #[getter]
    fn error(&self, py: Python<'_>) -> Option<Py<PyAny>> {
        self.error.as_ref().map(|error| error.clone_ref(py))
    }

    /// Every rule in the order in which they are asked; at the end those that were not reached.
    ///
    /// Read when first asked for, then kept.
    #[getter]
    fn trace<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.trace.get(py, || steps(py, &self.trace_json))
    }

    /// The trace as a JSON array, equal in every language.
    #[getter]
    fn trace_json(&self) -> &str {
        &self.trace_json
    }

    fn __repr__(&self) -> &'static str {
        if self.token.is_some() { "<at9068.Explanation accepted>" } else { "<at9068.Explanation refused>" }
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&self.token)?;
        visit.call(&self.error)?;
        self.trace.traverse(&visit)
    }
}

/// The lines of a trace, as the class of the Python side.
fn steps<'py>(py: Python<'py>, trace: &str) -> PyResult<Bound<'py, PyAny>> {
    let class = py.import(intern!(py, "at9068._types"))?.getattr(intern!(py, "Step"))?;
    let lines = json::read(py, trace)?;
    let steps = lines.try_iter()?.map(|line| class.call((), Some(line?.cast::<PyDict>()?)));
    Ok(PyTuple::new(py, steps.collect::<PyResult<Vec<_>>>()?)?.into_any())
}
