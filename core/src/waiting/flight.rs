//! One fetch at a time: whoever else needs its outcome waits for it.

use std::fmt;
use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

#[cfg(feature = "async")]
use std::{
    pin::Pin,
    task::{Context, Poll, Waker},
};

use crate::sync::{Condvar, Mutex, MutexGuard};

/// How much longer than its fetch may take a flight is waited for.
const GRACE: Duration = Duration::from_millis(500);

/// An errand that is under way, to be waited for. Cheap to clone.
#[derive(Clone)]
pub struct Flight {
    inner: Arc<Inner>,
}

struct Inner {
    /// When it is given up, should whoever fetches never come back.
    deadline: Instant,
    state: Mutex<State>,
    landed: Condvar,
}

#[derive(Default)]
struct State {
    landed: bool,
    callbacks: Vec<Box<dyn FnOnce() + Send>>,
}

impl Flight {
    /// A flight whose fetch may take so long. It is waited for a little longer.
    pub(crate) fn of_fetch(timeout: Duration) -> Self {
        let deadline = Instant::now() + timeout + GRACE;
        Self { inner: Arc::new(Inner { deadline, state: Mutex::default(), landed: Condvar::new() }) }
    }

    /// Whether it is over, well or not.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.state().landed || Instant::now() >= self.inner.deadline
    }

    /// For how long it is waited for at the longest.
    #[must_use]
    pub fn remaining(&self) -> Duration {
        self.inner.deadline.saturating_duration_since(Instant::now())
    }

    /// Waits until it is over, or for `longest`; tells whether it is over.
    #[must_use]
    pub fn wait(&self, longest: Duration) -> bool {
        let until = Instant::now() + longest;
        let mut state = self.state();
        while !state.landed {
            let now = Instant::now();
            if now >= self.inner.deadline {
                return true;
            }
            if now >= until {
                return false;
            }
            let rest = until.min(self.inner.deadline) - now;
            let waited = self.inner.landed.wait_timeout(state, rest);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        true
    }

    /// Calls back once when whoever fetches is done: at once where it is over, else on the thread
    /// that fetches. The callback should return at once.
    pub fn on_over(&self, callback: impl FnOnce() + Send + 'static) {
        let mut state = self.state();
        if state.landed {
            drop(state);
            callback();
        } else {
            state.callbacks.push(Box::new(callback));
        }
    }

    /// Ends when whoever fetches is done.
    #[cfg(feature = "async")]
    pub fn over(&self) -> impl Future<Output = ()> + Send + 'static {
        Over { flight: self.clone(), waker: None }
    }

    pub(crate) fn land(&self) {
        let mut state = self.state();
        state.landed = true;
        let callbacks = std::mem::take(&mut state.callbacks);
        drop(state);
        self.inner.landed.notify_all();
        for callback in callbacks {
            callback();
        }
    }

    pub(crate) fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.inner, &other.inner)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.inner.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(feature = "async")]
struct Over {
    flight: Flight,
    /// What the flight wakes; replaced in place where the future moves to another task.
    waker: Option<Arc<Mutex<Waker>>>,
}

#[cfg(feature = "async")]
impl Future for Over {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if self.flight.state().landed {
            return Poll::Ready(());
        }
        if let Some(waker) = &self.waker {
            waker.lock().unwrap_or_else(PoisonError::into_inner).clone_from(context.waker());
            // It may have landed before the new waker was there.
            return if self.flight.state().landed { Poll::Ready(()) } else { Poll::Pending };
        }
        let waker = Arc::new(Mutex::new(context.waker().clone()));
        self.waker = Some(Arc::clone(&waker));
        self.flight.on_over(move || {
            let waker = waker.lock().unwrap_or_else(PoisonError::into_inner).clone();
            waker.wake();
        });
        Poll::Pending
    }
}

impl fmt::Debug for Flight {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Flight").field("over", &self.is_over()).finish_non_exhaustive()
    }
}
