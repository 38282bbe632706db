//! State behind a lock that survives `fork`.

use std::sync::{Arc, PoisonError};

use arc_swap::ArcSwap;

use crate::sync::Mutex;

/// State that belongs to one process. After `fork`, the lock may be held by a thread that is not
/// there any more: so a child begins anew with a state and a lock of its own.
pub(crate) struct PerProcess<T> {
    current: ArcSwap<Owned<T>>,
}

struct Owned<T> {
    process: u32,
    state: Mutex<T>,
}

impl<T: Default> PerProcess<T> {
    /// Acts under the lock, which is not to be held while anything waits.
    pub(crate) fn with<R>(&self, act: impl FnOnce(&mut T) -> R) -> R {
        let process = std::process::id();
        let mut current = self.current.load_full();
        if current.process != process {
            // Of several threads of a child, one sets up what all of them use.
            self.current.compare_and_swap(&current, Arc::new(Owned::new(process)));
            current = self.current.load_full();
        }
        act(&mut current.state.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl<T: Default> Default for PerProcess<T> {
    fn default() -> Self {
        Self { current: ArcSwap::from_pointee(Owned::new(std::process::id())) }
    }
}

impl<T: Default> Owned<T> {
    fn new(process: u32) -> Self {
        Self { process, state: Mutex::default() }
    }
}
