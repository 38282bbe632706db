//! Many calls that are carried out together, and wait together.

use std::collections::VecDeque;

use crate::pool;
use crate::waiting::progress::fetch_meanwhile;
use crate::waiting::{Asked, LONGEST_WAIT, Progress, ROUNDS, Want};

/// What a call came to, and what it would rather have had.
type Attempt<T> = (T, Option<Box<dyn Want>>);

/// Calls, known by their places, and how far they have come.
pub(crate) struct Many<T> {
    outcomes: Vec<Option<T>>,
    /// Those to be carried out, once more or for the first time.
    open: Vec<usize>,
    /// What others want that were carried out, to be asked for one after the other.
    wanted: VecDeque<(usize, Box<dyn Want>)>,
    rounds: usize,
}

impl<T: Send> Many<T> {
    pub(crate) fn new(count: usize) -> Self {
        let outcomes = (0..count).map(|_| None).collect();
        Self { outcomes, open: (0..count).collect(), wanted: VecDeque::new(), rounds: 0 }
    }

    /// Carries them out, and again with what was fetched for them. `round` begins each round.
    pub(crate) fn patiently<A: Fn(usize) -> Attempt<T> + Sync>(mut self, round: impl Fn() -> A) -> Vec<T> {
        // Where only the host fetches, what is at hand has to do.
        let fetched = |want: &dyn Want| want.is_fetched();
        loop {
            match self.step(&round, fetched) {
                None => return self.finish(),
                Some(Asked::Yours(refresh)) => refresh.run(),
                Some(Asked::UnderWay(flight)) => {
                    let _over = flight.wait(LONGEST_WAIT);
                }
                Some(Asked::Settled | Asked::Renewed) => {}
            }
        }
    }

    /// Carries them out as far as they go without waiting.
    pub(crate) fn advance<A: Fn(usize) -> Attempt<T> + Sync>(&mut self, round: impl Fn() -> A) -> Progress<Vec<T>> {
        loop {
            match self.step(&round, |_| true) {
                None => return Progress::Done(Ok(std::mem::replace(self, Self::new(0)).finish())),
                Some(Asked::Yours(refresh)) => return Progress::Fetch(refresh),
                Some(Asked::UnderWay(flight)) => return Progress::Wait(flight),
                Some(Asked::Settled | Asked::Renewed) => {}
            }
        }
    }

    /// Asks for one thing that is wanted, or else carries out what is open; nothing when all is done.
    fn step<A: Fn(usize) -> Attempt<T> + Sync>(
        &mut self,
        round: impl Fn() -> A,
        may_ask: impl Fn(&dyn Want) -> bool + Sync,
    ) -> Option<Asked> {
        if let Some((place, want)) = self.wanted.pop_front() {
            let asked = want.ask();
            if !matches!(asked, Asked::Settled) {
                self.open.push(place);
            }
            return Some(asked);
        }
        if self.open.is_empty() {
            return None;
        }
        self.rounds += 1;
        let last = self.rounds > ROUNDS;
        let open = std::mem::take(&mut self.open);
        let attempt = round();
        let attempts = pool::each(&open, |place| {
            let (outcome, mut wanted) = attempt(*place);
            let stands = |want: &mut Box<dyn Want>| last || want.can_wait() || !may_ask(&**want);
            if let Some(wanted) = wanted.take_if(stands).filter(|_| !last) {
                fetch_meanwhile(&*wanted);
            }
            (outcome, wanted)
        });
        for (place, (outcome, wanted)) in open.into_iter().zip(attempts) {
            if let Some(slot) = self.outcomes.get_mut(place) {
                *slot = Some(outcome);
            }
            self.wanted.extend(wanted.map(|wanted| (place, wanted)));
        }
        Some(Asked::Renewed)
    }

    fn finish(self) -> Vec<T> {
        self.outcomes.into_iter().flatten().collect()
    }
}
