//! The fetching of every issuer's keys, for hosts that do the waiting.

use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;

use crate::error::{Error, Result};
use crate::issuer::{KeyWant, Reason, RemoteKeys};
use crate::waiting::{Asked, LONGEST_WAIT, Progress, Refresh, Want as _};

const PREFETCH: &[Reason] = &[Reason::Lacking, Reason::Due];
const REFRESH: &[Reason] = &[Reason::Forced];

/// What [`prefetch`](crate::Validator::prefetch) or [`refresh`](crate::Validator::refresh) does, as
/// steps.
pub struct KeySteps {
    /// Whose keys are still to be had, and for which reasons they are asked for.
    rest: VecDeque<(Arc<RemoteKeys>, &'static [Reason])>,
    /// Makes an error what its caller gets.
    answer: Answer,
    /// Whether a fetch of the first of them was begun.
    begun: bool,
    /// What came of the first of them.
    failure: Option<Error>,
    /// What went wrong first.
    failed: Option<Error>,
    /// Whether nothing is fetched where the host would have to do it.
    unless_hosted: bool,
}

type Answer = Box<dyn Fn(Error) -> Error + Send + Sync>;

impl KeySteps {
    /// Fetches the keys that are not fresh.
    pub(crate) fn prefetch(
        keys: Vec<Arc<RemoteKeys>>,
        answer: impl Fn(Error) -> Error + Send + Sync + 'static,
    ) -> Self {
        Self::new(keys, PREFETCH, Box::new(answer))
    }

    /// Fetches the keys anew, however fresh they are.
    pub(crate) fn refresh(keys: Vec<Arc<RemoteKeys>>, answer: impl Fn(Error) -> Error + Send + Sync + 'static) -> Self {
        Self::new(keys, REFRESH, Box::new(answer))
    }

    fn new(keys: Vec<Arc<RemoteKeys>>, reasons: &'static [Reason], answer: Answer) -> Self {
        let rest = keys.into_iter().map(|keys| (keys, reasons)).collect();
        Self { rest, answer, begun: false, failure: None, failed: None, unless_hosted: false }
    }

    /// Goes on as far as possible without waiting. Whoever gets [`Progress::Fetch`] makes the
    /// requests of the refresh; whoever gets [`Progress::Wait`] waits for the flight. Both then
    /// ask again. After [`Progress::Done`] there is nothing more to do.
    ///
    /// The outcome is that of [`Validator::prefetch`](crate::Validator::prefetch).
    pub fn step(&mut self) -> Progress<()> {
        match self.advance() {
            Ok(Some(waiting)) => waiting,
            Ok(None) => Progress::Done(self.failed.take().map_or(Ok(()), |error| Err((self.answer)(error)))),
            Err(error) => {
                self.rest.clear();
                Progress::Done(Err((self.answer)(error)))
            }
        }
    }

    /// Fetches all that is to be fetched, one after the other, unless the host fetches.
    pub(crate) fn run(self) -> Result<()> {
        let mut steps = Self { unless_hosted: true, ..self };
        loop {
            match steps.step() {
                Progress::Done(outcome) => return outcome,
                Progress::Fetch(refresh) => refresh.run(),
                Progress::Wait(flight) => {
                    let _over = flight.wait(LONGEST_WAIT);
                }
            }
        }
    }

    fn advance(&mut self) -> Result<Option<Progress<()>>> {
        while let Some((keys, reasons)) = self.rest.front_mut() {
            if std::mem::take(&mut self.begun) {
                self.failure = keys.last_failure();
            }
            let next = reasons.split_first();
            if let Some((reason, later)) = next {
                *reasons = later;
                let wanted = KeyWant::new(keys, *reason)?;
                if self.unless_hosted && !wanted.is_fetched() {
                    continue;
                }
                let waiting = match wanted.ask() {
                    Asked::Yours(refresh) => Progress::Fetch(refresh),
                    Asked::UnderWay(flight) => Progress::Wait(flight),
                    Asked::Settled | Asked::Renewed => continue,
                };
                self.begun = true;
                return Ok(Some(waiting));
            }
            let now = keys.now()?;
            if keys.at_hand(now).is_none() {
                self.failure = Some(keys.unavailable(now));
            }
            let failure = self.failure.take();
            self.failed = self.failed.take().or(failure);
            self.rest.pop_front();
        }
        Ok(None)
    }
}

/// A refresh of keys that are due, or that nobody has fetched yet.
pub(crate) fn due_refresh(keys: Vec<Arc<RemoteKeys>>) -> Option<Refresh> {
    keys.into_iter().find_map(|keys| match KeyWant::new(&keys, Reason::Due).ok()?.ask() {
        Asked::Yours(refresh) => Some(refresh),
        _ => None,
    })
}

impl fmt::Debug for KeySteps {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeySteps").field("issuers", &self.rest.len()).finish_non_exhaustive()
    }
}
