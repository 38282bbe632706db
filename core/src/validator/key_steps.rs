//! The fetching of every issuer's keys, for hosts that do the waiting.

use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;

use crate::error::{Error, Result};
use crate::issuer::{KeyWant, Reason, RemoteKeys};
use crate::validator::{ValidateOptions, Validator};
use crate::waiting::{Asked, Progress, Want as _};

/// What [`prefetch`](Validator::prefetch) or [`refresh`](Validator::refresh) does, as steps.
pub struct KeySteps {
    validator: Validator,
    /// Whose keys are still to be had, and for which reasons they are asked for.
    rest: VecDeque<(Arc<RemoteKeys>, &'static [Reason])>,
    /// Whether a fetch of the first of them was begun.
    begun: bool,
    /// What came of the first of them.
    failure: Option<Error>,
    /// What went wrong first.
    failed: Option<Error>,
    /// Whether nothing is fetched where the host would have to do it.
    unless_hosted: bool,
}

impl KeySteps {
    pub(super) fn new(validator: Validator, reasons: &'static [Reason]) -> Self {
        let rest = validator.policy.remote_keys().into_iter().map(|keys| (keys, reasons)).collect();
        Self { validator, rest, begun: false, failure: None, failed: None, unless_hosted: false }
    }

    pub(super) fn unless_hosted(self) -> Self {
        Self { unless_hosted: true, ..self }
    }

    /// Goes on as far as possible without waiting. Whoever gets [`Progress::Fetch`] makes the
    /// requests of the refresh; whoever gets [`Progress::Wait`] waits for the flight. Both then
    /// ask again. After [`Progress::Done`] there is nothing more to do.
    ///
    /// The outcome is that of [`Validator::prefetch`].
    pub fn step(&mut self) -> Progress<()> {
        match self.advance() {
            Ok(Some(waiting)) => waiting,
            Ok(None) => Progress::Done(self.failed.take().map_or(Ok(()), |error| Err(self.answer(error)))),
            Err(error) => {
                self.rest.clear();
                Progress::Done(Err(self.answer(error)))
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

    fn answer(&self, error: Error) -> Error {
        self.validator.answer(error, &ValidateOptions::default())
    }
}

impl fmt::Debug for KeySteps {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeySteps").field("issuers", &self.rest.len()).finish_non_exhaustive()
    }
}
