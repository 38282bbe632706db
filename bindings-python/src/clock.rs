//! The `clock` port: time as a Python callable tells it.

use std::cell::RefCell;
use std::sync::Arc;

use at9068::{Clock, Error, ErrorCode, Ports, Timestamp};
use pyo3::exceptions::PyReferenceError;
use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::prelude::*;
use pyo3::types::PyWeakrefReference;

use crate::error::raise;
use crate::text::{seconds, wrong_type};

thread_local! {
    // The core calls a clock on the thread that called the core, so the exception waits here for
    // the way back, where it becomes the `__cause__`.
    static FAILURE: RefCell<Option<PyErr>> = const { RefCell::new(None) };
}

/// Keeps a Python callable without arguments that returns seconds since the epoch.
///
/// Every object that may ask the clock owns this one and shows it to the garbage collector, since
/// a clock may well refer to what owns them. The core, whose references the collector cannot see,
/// has only a weak one.
#[pyclass(frozen, weakref, module = "at9068._at9068")]
pub(crate) struct ClockHolder(Py<PyAny>);

#[pymethods]
impl ClockHolder {
    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&self.0)
    }
}

impl ClockHolder {
    /// The callable, unless `None` stands for the system's clock.
    pub(crate) fn new(callable: Option<&Bound<'_, PyAny>>) -> PyResult<Option<Py<Self>>> {
        let Some(callable) = callable else { return Ok(None) };
        if !callable.is_callable() {
            return Err(wrong_type("clock", "callable", callable));
        }
        Py::new(callable.py(), Self(callable.clone().unbind())).map(Some)
    }
}

/// The core's view of a clock.
struct PyClock(Py<PyWeakrefReference>);

impl PyClock {
    fn read(&self, py: Python<'_>) -> PyResult<Timestamp> {
        let gone = || PyReferenceError::new_err("the clock is gone");
        let holder = self.0.bind(py).upgrade().ok_or_else(gone)?;
        let told = holder.cast::<ClockHolder>()?.get().0.bind(py).call0()?;
        Timestamp::from_seconds(seconds("the clock's time", &told)?).map_err(|error| raise(py, &error))
    }
}

impl Clock for PyClock {
    fn now(&self) -> Result<Timestamp, Error> {
        Python::attach(|py| self.read(py)).map_err(|failure| {
            FAILURE.set(Some(failure));
            ErrorCode::Internal.into()
        })
    }
}

/// The ports of a validator or a minter.
pub(crate) fn ports(py: Python<'_>, clock: Option<&Py<ClockHolder>>) -> PyResult<Ports> {
    Ok(match clock {
        Some(clock) => {
            let weak = PyWeakrefReference::new(clock.bind(py).as_any())?;
            Ports::default().clock(Arc::new(PyClock(weak.unbind())))
        }
        None => Ports::default(),
    })
}

/// Shows a clock to the garbage collector.
pub(crate) fn traverse(clock: Option<&Py<ClockHolder>>, visit: &PyVisit<'_>) -> Result<(), PyTraverseError> {
    clock.map_or(Ok(()), |clock| visit.call(clock))
}

/// What the clock raised in the call that just failed on this thread.
pub(crate) fn take_failure() -> Option<PyErr> {
    FAILURE.take()
}
