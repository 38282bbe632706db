//! State behind a lock that survives `fork`.

use std::sync::{Arc, PoisonError};

use arc_swap::ArcSwapOption;

use crate::sync::Mutex;

/// State that belongs to one process. After `fork`, the lock may be held by a thread that is not
/// there any more: so a child begins anew with a state and a lock of its own.
pub(crate) struct PerProcess<T> {
    current: ArcSwapOption<Owned<T>>,
}

struct Owned<T> {
    process: u32,
    state: Mutex<T>,
}

impl<T: Default> PerProcess<T> {
    /// Acts under the lock, which is not to be held while anything waits.
    pub(crate) fn with<R>(&self, act: impl FnOnce(&mut T) -> R) -> R {
        let process = std::process::id();
        loop {
            let current = self.current.load_full();
            match &current {
                Some(owned) if owned.process == process => {
                    return act(&mut owned.state.lock().unwrap_or_else(PoisonError::into_inner));
                }
                // Of several threads, one sets up what all of them use.
                _ => self.current.compare_and_swap(&current, Some(Arc::new(Owned::new(process)))),
            };
        }
    }
}

impl<T> PerProcess<T> {
    /// Nothing yet: a state is made when one is first needed.
    pub(crate) const fn new() -> Self {
        Self { current: ArcSwapOption::const_empty() }
    }
}

impl<T: Default> Owned<T> {
    fn new(process: u32) -> Self {
        Self { process, state: Mutex::default() }
    }
}
