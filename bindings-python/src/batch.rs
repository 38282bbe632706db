//! Many arguments at once, and a list of what came of each.

use std::borrow::Cow;

use at9068::{Error, ErrorClass, ErrorCode};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyByteArray, PyBytes, PyMapping, PyString};

use crate::error::{class, exception};
use crate::text::{octets, wrong_type};

/// What an iterable gives. One text is no iterable of texts, although Python takes it for one, and
/// one mapping none of mappings.
pub(crate) fn listed<'py>(name: &str, given: &Bound<'py, PyAny>) -> PyResult<Vec<Bound<'py, PyAny>>> {
    let is_one = given.is_instance_of::<PyString>()
        || given.is_instance_of::<PyBytes>()
        || given.is_instance_of::<PyByteArray>()
        || given.cast::<PyMapping>().is_ok();
    let items = if is_one { None } else { given.try_iter().ok() };
    items.ok_or_else(|| wrong_type(name, "an iterable", given))?.collect()
}

/// The octets of every token, borrowed where they can be.
pub(crate) fn tokens<'a>(given: &'a [Bound<'_, PyAny>]) -> PyResult<Vec<Cow<'a, [u8]>>> {
    let token = |(place, token)| octets("token", token).map_err(|failure| failure_at(token.py(), place, failure));
    given.iter().enumerate().map(token).collect()
}

/// What is made of every argument: a failure that is one of ours is an outcome, every other one
/// ends the call.
pub(crate) fn made<'py, T>(
    given: &[Bound<'py, PyAny>],
    make: impl Fn(&Bound<'py, PyAny>) -> PyResult<T>,
) -> PyResult<(Vec<T>, Vec<Option<PyErr>>)> {
    let (mut done, mut refused) = (Vec::new(), Vec::new());
    for (place, argument) in given.iter().enumerate() {
        let py = argument.py();
        match make(argument) {
            Ok(made) => {
                done.push(made);
                refused.push(None);
            }
            Err(failure) if failure.is_instance(py, &class(py, ErrorCode::Internal)?) => refused.push(Some(failure)),
            Err(failure) => return Err(failure_at(py, place, failure)),
        }
    }
    Ok((done, refused))
}

/// What came of each thing, for Python: an object, or the exception that a call about it alone would
/// have raised. `cause` is why keys could not be had.
pub(crate) fn outcomes<T, O>(
    py: Python<'_>,
    outcomes: Vec<Result<T, Error>>,
    cause: Option<&PyErr>,
    give: impl Fn(T) -> PyResult<Py<O>>,
) -> PyResult<Vec<Py<PyAny>>> {
    let outcome = |outcome: Result<T, Error>| match outcome {
        Ok(outcome) => Ok(give(outcome)?.into_any()),
        Err(error) => {
            let raised = exception(py, &error)?;
            if let Some(cause) = cause.filter(|_| error.code().class() == ErrorClass::Undecided) {
                PyErr::from_value(raised.clone()).set_cause(py, Some(cause.clone_ref(py)));
            }
            Ok(raised.unbind())
        }
    };
    outcomes.into_iter().map(outcome).collect()
}

/// Tells of a wrong type where the argument is that has it.
fn failure_at(py: Python<'_>, place: usize, failure: PyErr) -> PyErr {
    if !failure.is_instance_of::<PyTypeError>(py) {
        return failure;
    }
    PyTypeError::new_err(format!("at index {place}: {}", failure.value(py)))
}
