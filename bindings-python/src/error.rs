//! The one way from an error of the core to a Python exception.

use std::panic::{AssertUnwindSafe, catch_unwind};

use at9068::{Error, ErrorClass, ErrorCode, HttpResponse, Kind, Result};
use pyo3::exceptions::PyException;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyTuple};

use crate::host;

/// Runs a call of the core with the interpreter released: for work that takes long enough for
/// other threads to want it.
pub(crate) fn detached<T: Send>(py: Python<'_>, call: impl FnOnce() -> Result<T> + Send) -> PyResult<T> {
    guarded(py, || py.detach(call))
}

/// Runs a call of the core. A panic, which would be a fault of ours, is the code `internal`.
pub(crate) fn guarded<T>(py: Python<'_>, call: impl FnOnce() -> Result<T>) -> PyResult<T> {
    let (outcome, failure) = host::calling(|| catch_unwind(AssertUnwindSafe(call)));
    match (outcome.unwrap_or_else(|_| Err(ErrorCode::Internal.into())), failure) {
        // Ctrl-C and the like are meant for the program, not for whoever validates a token.
        (_, Some(cause)) if !cause.is_instance_of::<PyException>(py) => Err(cause),
        (Ok(value), failure) => {
            if let Some(failure) = failure {
                failure.write_unraisable(py, None);
            }
            Ok(value)
        }
        (Err(error), cause) => {
            let raised = raise(py, &error);
            if cause.is_some() {
                raised.set_cause(py, cause);
            }
            Err(raised)
        }
    }
}

/// The exception of an error.
pub(crate) fn raise(py: Python<'_>, error: &Error) -> PyErr {
    exception(py, error).map_or_else(|failure| failure, PyErr::from_value)
}

/// The same as an object, for whoever shows it rather than raises it.
pub(crate) fn exception<'py>(py: Python<'py>, error: &Error) -> PyResult<Bound<'py, PyAny>> {
    build(py, error, error.message())
}

/// An exception for what is wrong before the core is reached; `detail` never holds a value.
pub(crate) fn refuse(py: Python<'_>, code: ErrorCode, detail: &str) -> PyErr {
    let exception = build(py, &code.into(), &format!("{}: {detail}", code.message()));
    exception.map_or_else(|failure| failure, PyErr::from_value)
}

fn build<'py>(py: Python<'py>, error: &Error, message: &str) -> PyResult<Bound<'py, PyAny>> {
    let code = error.code();
    let fields = PyDict::new(py);
    fields.set_item(intern!(py, "code"), code.slug())?;
    fields.set_item(intern!(py, "number"), code.number())?;
    fields.set_item(intern!(py, "claim"), error.claim())?;
    fields.set_item(intern!(py, "kind"), error.kind().map(Kind::as_str))?;
    fields.set_item(intern!(py, "authenticated"), error.authenticated())?;
    fields.set_item(intern!(py, "oauth"), error.oauth())?;
    fields.set_item(intern!(py, "status"), error.status())?;
    fields.set_item(intern!(py, "challenge"), PyTuple::new(py, error.challenges())?)?;
    fields.set_item(intern!(py, "headers"), PyTuple::new(py, error.headers())?)?;
    fields.set_item(intern!(py, "retry_after"), error.retry_after())?;
    if let Some(response) = error.http_response() {
        fields.set_item(intern!(py, "http_response"), http_response(py, &response)?)?;
    }
    class(py, code)?.call((message,), Some(&fields))
}

/// The answer of a server, as the class of the Python side.
fn http_response<'py>(py: Python<'py>, response: &HttpResponse) -> PyResult<Bound<'py, PyAny>> {
    let class = py.import(intern!(py, "at9068._errors"))?.getattr(intern!(py, "HttpResponse"))?;
    let body = PyBytes::new(py, response.body().as_bytes());
    class.call1((response.status(), PyTuple::new(py, response.headers())?, body))
}

/// The Python class for a code, which the family of the code decides.
pub(crate) fn class<'py>(py: Python<'py>, code: ErrorCode) -> PyResult<Bound<'py, PyAny>> {
    let name = match code.class() {
        ErrorClass::Config => intern!(py, "ConfigError"),
        ErrorClass::KeySet => intern!(py, "KeySetError"),
        ErrorClass::Token => intern!(py, "TokenError"),
        ErrorClass::Demand => intern!(py, "DemandError"),
        ErrorClass::Mint => intern!(py, "MintError"),
        ErrorClass::Undecided => intern!(py, "UndecidedError"),
        _ => intern!(py, "At9068Error"),
    };
    py.import(intern!(py, "at9068._errors"))?.getattr(name)
}
