//! How a call goes on that would rather have had something else.

use std::cell::Cell;
use std::fmt;
use std::time::Duration;

use crate::error::Result;
use crate::waiting::{Flight, Refresh};

/// Longer than any flight: those end by themselves.
pub(crate) const LONGEST_WAIT: Duration = Duration::from_secs(120);

/// How often a call is carried out anew because of what was fetched for it: keys, the answer of
/// the issuer, and other keys because of that.
pub(crate) const ROUNDS: usize = 3;

/// How far a call has come that does not wait by itself.
#[non_exhaustive]
pub enum Progress<T> {
    /// The outcome: of a validation the verdict.
    Done(Result<T>),
    /// The caller is the one to make requests; then it asks again.
    Fetch(Refresh),
    /// Somebody else makes them; when that is over, the caller asks again.
    Wait(Flight),
}

/// What comes of asking for something that is wanted.
pub(crate) enum Asked {
    /// Nothing: what is at hand has to do.
    Settled,
    /// There is something else meanwhile.
    Renewed,
    /// Somebody is about it already.
    UnderWay(Flight),
    /// The caller is the one to do it.
    Yours(Refresh),
}

/// Something that a call would rather have had.
pub(crate) trait Want: Send {
    /// Whether the outcome stands all the same.
    fn can_wait(&self) -> bool;

    /// Whether the library makes requests by itself; otherwise only the host does.
    fn is_fetched(&self) -> bool;

    fn ask(&self) -> Asked;

    /// Asks on behalf of nobody who waits, for all of what is wanted.
    fn ask_meanwhile(&self) -> Vec<Asked> {
        vec![self.ask()]
    }
}

/// Where a judgement leaves what it would rather have had.
#[derive(Default)]
pub(crate) struct Wish(Cell<Vec<Box<dyn Want>>>);

impl Wish {
    pub(crate) fn leave(&self, want: impl Want + 'static) {
        self.leave_all([Box::new(want) as _]);
    }

    pub(crate) fn leave_all(&self, wants: impl IntoIterator<Item = Box<dyn Want>>) {
        let mut left = self.0.take();
        left.extend(wants);
        self.0.set(left);
    }

    pub(crate) fn into_list(self) -> Vec<Box<dyn Want>> {
        self.0.into_inner()
    }

    pub(crate) fn into_inner(self) -> Option<Box<dyn Want>> {
        let mut left = self.into_list();
        // What the outcome does not stand without is asked for alone.
        if left.iter().any(|want| !want.can_wait()) {
            left.retain(|want| !want.can_wait());
        }
        if left.len() > 1 { Some(Box::new(Several(left))) } else { left.pop() }
    }
}

/// Several things that are wanted, each as much as the others.
struct Several(Vec<Box<dyn Want>>);

impl Want for Several {
    fn can_wait(&self) -> bool {
        self.0.iter().all(|want| want.can_wait())
    }

    fn is_fetched(&self) -> bool {
        self.0.iter().any(|want| want.is_fetched())
    }

    /// Asks for the first of them of which anything comes.
    fn ask(&self) -> Asked {
        let mut asked = self.0.iter().map(|want| want.ask());
        asked.find(|asked| !matches!(asked, Asked::Settled)).unwrap_or(Asked::Settled)
    }

    fn ask_meanwhile(&self) -> Vec<Asked> {
        self.0.iter().flat_map(|want| want.ask_meanwhile()).collect()
    }
}

/// Carries a call out, and again with what was fetched for it.
pub(crate) fn patiently<T>(attempt: impl Fn() -> (T, Option<Box<dyn Want>>)) -> T {
    for _ in 0..ROUNDS {
        let (outcome, wanted) = attempt();
        let Some(wanted) = wanted else { return outcome };
        if wanted.can_wait() || !wanted.is_fetched() {
            fetch_meanwhile(&*wanted);
            return outcome;
        }
        match wanted.ask() {
            Asked::Settled => return outcome,
            Asked::Renewed => {}
            Asked::UnderWay(flight) => {
                let _over = flight.wait(LONGEST_WAIT);
            }
            Asked::Yours(refresh) => refresh.run(),
        }
    }
    attempt().0
}

/// Carries a call out with what is at hand, and has fetched what later calls will want.
pub(crate) fn at_hand<T>(attempt: impl FnOnce() -> (T, Option<Box<dyn Want>>)) -> T {
    let (outcome, wanted) = attempt();
    if let Some(wanted) = wanted {
        fetch_meanwhile(&*wanted);
    }
    outcome
}

/// Carries a call out as far as it goes without waiting.
pub(crate) fn advance<T>(attempt: impl Fn() -> (Result<T>, Option<Box<dyn Want>>)) -> Progress<T> {
    for _ in 0..ROUNDS {
        let (outcome, wanted) = attempt();
        let Some(wanted) = wanted else { return Progress::Done(outcome) };
        if wanted.can_wait() {
            fetch_meanwhile(&*wanted);
            return Progress::Done(outcome);
        }
        match wanted.ask() {
            Asked::Settled => return Progress::Done(outcome),
            Asked::Renewed => {}
            Asked::UnderWay(flight) => return Progress::Wait(flight),
            Asked::Yours(refresh) => return Progress::Fetch(refresh),
        }
    }
    Progress::Done(attempt().0)
}

/// Carries a call out without blocking the thread that polls it: requests are made on a thread
/// that ends with them. No runtime is needed.
#[cfg(feature = "async")]
pub(crate) async fn eventually<T>(attempt: impl Fn() -> (Result<T>, Option<Box<dyn Want>>)) -> Result<T> {
    for _ in 0..ROUNDS {
        match advance(&attempt) {
            Progress::Done(outcome) => return outcome,
            Progress::Wait(flight) => flight.over().await,
            // Without a thread the requests have to be waited for here.
            Progress::Fetch(refresh) => match refresh.spawn() {
                Ok(flight) => flight.over().await,
                Err(refresh) => refresh.run(),
            },
        }
    }
    attempt().0
}

/// Fetches what later calls will want, unless the host does that.
pub(super) fn fetch_meanwhile(wanted: &dyn Want) {
    for asked in if wanted.is_fetched() { wanted.ask_meanwhile() } else { Vec::new() } {
        if let Asked::Yours(refresh) = asked {
            // Without a thread it is left to a later call.
            drop(refresh.spawn());
        }
    }
}

impl<T> Progress<T> {
    /// The same, with the outcome as its caller gets it.
    pub(crate) fn map<U>(self, outcome: impl FnOnce(Result<T>) -> Result<U>) -> Progress<U> {
        match self {
            Self::Done(done) => Progress::Done(outcome(done)),
            Self::Fetch(refresh) => Progress::Fetch(refresh),
            Self::Wait(flight) => Progress::Wait(flight),
        }
    }
}

impl<T> fmt::Debug for Progress<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Done(Ok(_)) => "Done(Ok)",
            Self::Done(Err(_)) => "Done(Err)",
            Self::Fetch(_) => "Fetch",
            Self::Wait(_) => "Wait",
        })
    }
}
