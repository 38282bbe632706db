//! The `clock` port: time as a Python callable tells it.

use std::cell::RefCell;
use std::sync::Arc;

use at9068::{Clock, Error, ErrorCode, Ports, Timestamp};
use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::prelude::*;

use crate::error::raise;
use crate::text::seconds;

thread_local! {
    // The core calls a clock on the thread that called the core, so the exception waits here for
    // the way back, where it becomes the `__cause__`.
    static FAILURE: RefCell<Option<PyErr>> = const { RefCell::new(None) };
}

/// A Python callable without arguments that returns seconds since the epoch.
pub(crate) struct PyClock(Py<PyAny>);

impl PyClock {
    /// The callable, unless `None` stands for the system's clock.
    pub(crate) fn new(callable: Option<&Bound<'_, PyAny>>) -> PyResult<Option<Arc<Self>>> {
        let Some(callable) = callable else { return Ok(None) };
        if !callable.is_callable() {
            let name = callable.get_type().name()?;
            return Err(pyo3::exceptions::PyTypeError::new_err(format!("clock must be callable, not {name}")));
        }
        Ok(Some(Arc::new(Self(callable.clone().unbind()))))
    }

    /// For the garbage collector: a clock may well refer to what owns the validator.
    pub(crate) fn traverse(&self, visit: &PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&self.0)
    }

    fn read(&self, py: Python<'_>) -> PyResult<Timestamp> {
        let told = self.0.bind(py).call0()?;
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
pub(crate) fn ports(clock: Option<&Arc<PyClock>>) -> Ports {
    match clock {
        Some(clock) => Ports::default().clock(Arc::<PyClock>::clone(clock)),
        None => Ports::default(),
    }
}

/// What the clock raised in the call that just failed on this thread.
pub(crate) fn take_failure() -> Option<PyErr> {
    FAILURE.take()
}
