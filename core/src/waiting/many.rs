//! Many calls that are carried out together, and wait together.

use std::collections::VecDeque;

use crate::pool;
use crate::waiting::progress::fetch_meanwhile;
use crate::waiting::{Asked, LONGEST_WAIT, Progress, ROUNDS, Want};

/// What a call came to, and what it would rather have had.
type Attempt<T> = (T, Option<Box<dyn Want>>);

/// How far calls have come, known by their places.
pub(crate) struct Many<T, V> {
    /// What was made of the outcomes that stand.
    views: Vec<Option<V>>,
    /// Calls to be carried out, once more or for the first time.
    open: Vec<usize>,
    /// What others came to, and what they want, to be asked for one after the other.
    wanted: VecDeque<(usize, T, Box<dyn Want>)>,
    rounds: usize,
}

/// How calls are carried out.
pub(crate) struct Carrying<R, F> {
    /// Begins a round, and gives what carries one call out.
    pub(crate) round: R,
    /// Makes of an outcome that stands what its caller gets.
    pub(crate) view: F,
}

/// What an attempt leaves.
enum Left<T, V> {
    Done(V),
    Wanting(T, Box<dyn Want>),
}

impl<T: Send, V: Send> Many<T, V> {
    pub(crate) fn new(count: usize) -> Self {
        let views = (0..count).map(|_| None).collect();
        Self { views, open: (0..count).collect(), wanted: VecDeque::new(), rounds: 0 }
    }

    /// Carries them out, and again with what was fetched for them.
    pub(crate) fn patiently<A, R, F>(mut self, how: Carrying<R, F>) -> Vec<V>
    where
        A: Fn(usize) -> Attempt<T> + Sync,
        R: Fn() -> A,
        F: Fn(T) -> V + Sync,
    {
        // Where only the host fetches, what is at hand has to do.
        while let Some(asked) = self.step(&how, |want| want.is_fetched()) {
            match asked {
                Asked::Yours(refresh) => refresh.run(),
                Asked::UnderWay(flight) => {
                    let _over = flight.wait(LONGEST_WAIT);
                }
                Asked::Settled | Asked::Renewed => {}
            }
        }
        self.finish()
    }

    /// Carries them out with what is at hand, and has fetched what later calls will want.
    pub(crate) fn at_hand<A, R, F>(mut self, how: Carrying<R, F>) -> Vec<V>
    where
        A: Fn(usize) -> Attempt<T> + Sync,
        R: Fn() -> A,
        F: Fn(T) -> V + Sync,
    {
        while self.step(&how, |_| false).is_some() {}
        self.finish()
    }

    /// Carries them out as far as they go without waiting.
    pub(crate) fn advance<A, R, F>(&mut self, how: Carrying<R, F>) -> Progress<Vec<V>>
    where
        A: Fn(usize) -> Attempt<T> + Sync,
        R: Fn() -> A,
        F: Fn(T) -> V + Sync,
    {
        while let Some(asked) = self.step(&how, |_| true) {
            match asked {
                Asked::Yours(refresh) => return Progress::Fetch(refresh),
                Asked::UnderWay(flight) => return Progress::Wait(flight),
                Asked::Settled | Asked::Renewed => {}
            }
        }
        Progress::Done(Ok(std::mem::replace(self, Self::new(0)).finish()))
    }

    /// Asks for one thing that is wanted, or else carries out what is open; nothing when all is done.
    fn step<A, R, F>(&mut self, how: &Carrying<R, F>, may_ask: impl Fn(&dyn Want) -> bool + Sync) -> Option<Asked>
    where
        A: Fn(usize) -> Attempt<T> + Sync,
        R: Fn() -> A,
        F: Fn(T) -> V + Sync,
    {
        if let Some((place, outcome, want)) = self.wanted.pop_front() {
            let asked = want.ask();
            match asked {
                Asked::Settled => self.keep(place, (how.view)(outcome)),
                _ => self.open.push(place),
            }
            return Some(asked);
        }
        if self.open.is_empty() {
            return None;
        }
        self.rounds += 1;
        let last = self.rounds > ROUNDS;
        let (attempt, view) = ((how.round)(), &how.view);
        let open = std::mem::take(&mut self.open);
        let left = pool::each(&open, |place| match attempt(*place) {
            (outcome, Some(wanted)) if !(last || wanted.can_wait()) && may_ask(&*wanted) => {
                Left::Wanting(outcome, wanted)
            }
            (outcome, wanted) => {
                if let Some(wanted) = wanted.filter(|_| !last) {
                    fetch_meanwhile(&*wanted);
                }
                Left::Done(view(outcome))
            }
        });
        for (place, left) in open.into_iter().zip(left) {
            match left {
                Left::Done(view) => self.keep(place, view),
                Left::Wanting(outcome, wanted) => self.wanted.push_back((place, outcome, wanted)),
            }
        }
        Some(Asked::Renewed)
    }

    fn keep(&mut self, place: usize, view: V) {
        if let Some(slot) = self.views.get_mut(place) {
            *slot = Some(view);
        }
    }

    fn finish(self) -> Vec<V> {
        self.views.into_iter().flatten().collect()
    }
}
