//! `MemoryReplayStore`.

use std::sync::Arc;

use at9068::{MemoryReplayStore as Core, ReplayStore as _};
use pyo3::prelude::*;

use crate::error::guarded;

/// A `ReplayStore` in the memory of this process: what is used unless another one is given.
///
/// Each process has its own, also a child that `fork` made, which begins with an empty one. A
/// service of several processes or machines, where a token can be sent to each of them once, needs
/// a store that they share.
///
/// An entry costs some 100 octets and is forgotten when its time is over. A store that is full of
/// entries whose time is not over never forgets one: it fails, so that nothing is accepted, until
/// there is room again. Its length is the number of entries, those included that have not been
/// forgotten yet. May be shared between threads.
///
/// Args:
///     capacity: The most entries. A service that is sent `n` tokens per second holds `n` times
///         the seconds that each is good, and 60 more. Default: 100000.
///
/// Raises:
///     OverflowError: The capacity is negative, or more than can be counted.
#[pyclass(frozen, module = "at9068")]
pub(crate) struct MemoryReplayStore(Arc<Core>);

impl MemoryReplayStore {
    pub(crate) fn core(&self) -> &Arc<Core> {
        &self.0
    }
}

#[pymethods]
impl MemoryReplayStore {
    #[new]
    #[pyo3(signature = (*, capacity = None))]
    fn new(capacity: Option<usize>) -> Self {
        Self(Arc::new(capacity.map_or_else(Core::new, Core::with_capacity)))
    }

    /// Note a use, and tell whether it is the first one of this key.
    ///
    /// Args:
    ///     key: What stands for a token.
    ///     until: When it may be forgotten, in seconds since the epoch.
    ///     now: The time, in seconds since the epoch.
    ///
    /// Raises:
    ///     At9068Error: `internal` where the store is full.
    #[pyo3(signature = (key, until, now, /))]
    fn first_use(&self, py: Python<'_>, key: &str, until: i64, now: i64) -> PyResult<bool> {
        guarded(py, || self.0.first_use(key, until, now))
    }

    fn __len__(&self) -> usize {
        self.0.len()
    }

    fn __repr__(&self) -> String {
        format!("<at9068.MemoryReplayStore len={}>", self.0.len())
    }
}
