//! What only JavaScript knows, told before the core is called.
//!
//! The core asks its ports in the middle of a judgement, where no JavaScript can run. So a port
//! answers with what was told it; where that is not what was asked, it notes the question and
//! fails, JavaScript finds the answer, and the core is called again.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use at9068::{Clock, Timestamp};

/// An answer by what it belongs to, and the question that was asked in vain.
pub struct Told<Q, A>(Mutex<State<Q, A>>);

struct State<Q, A> {
    asked: Option<Q>,
    told: Option<(String, A)>,
}

impl<Q, A: Clone> Told<Q, A> {
    /// Notes the answer to whoever asks about `key`.
    pub(crate) fn tell(&self, key: String, answer: A) {
        self.state().told = Some((key, answer));
    }

    /// The answer, where it was told; the question is noted otherwise.
    pub(crate) fn answer(&self, key: &str, question: impl FnOnce() -> Q) -> Option<A> {
        let mut state = self.state();
        if let Some((_, answer)) = state.told.as_ref().filter(|(told, _)| told == key) {
            return Some(answer.clone());
        }
        state.asked = Some(question());
        None
    }

    /// The question that was asked in vain; from then on nothing is told.
    pub(crate) fn take_question(&self) -> Option<Q> {
        let mut state = self.state();
        state.told = None;
        state.asked.take()
    }

    fn state(&self) -> MutexGuard<'_, State<Q, A>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<Q, A> Default for Told<Q, A> {
    fn default() -> Self {
        Self(Mutex::new(State { asked: None, told: None }))
    }
}

/// The time that was told last.
#[derive(Default)]
pub struct ToldTime(AtomicU64);

impl ToldTime {
    pub(crate) fn tell(&self, seconds: f64) {
        self.0.store(seconds.to_bits(), Ordering::Relaxed);
    }
}

impl Clock for ToldTime {
    fn now(&self) -> at9068::Result<Timestamp> {
        Timestamp::from_seconds(f64::from_bits(self.0.load(Ordering::Relaxed)))
    }
}
