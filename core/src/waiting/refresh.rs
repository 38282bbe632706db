//! An errand outside, as steps: what is wanted next, and what came back.
//!
//! Nothing here waits or reaches outside by itself. A caller that may block lets [`Refresh::run`]
//! make the requests; a host with a loop of its own asks [`Refresh::request`] and gives
//! [`Refresh::answer`].

use std::fmt;
use std::sync::{Arc, PoisonError};

use crate::ports::{FetchFailure, FetchRequest, FetchResponse};
use crate::sync::{Mutex, thread};
use crate::waiting::Flight;

/// What a refresh does. Dropped unfinished, it counts as failed.
pub(crate) trait Errand: Send + Sync {
    /// The issuer that it concerns.
    fn issuer(&self) -> &str;

    /// The request to make now; nothing when the errand is over.
    fn request(&self) -> Option<FetchRequest>;

    /// What came back of the request, or why nothing did.
    fn answer(&mut self, answer: Result<FetchResponse, FetchFailure>);

    /// Makes a request and waits for the answer.
    fn fetch(&self, request: &FetchRequest) -> Result<FetchResponse, FetchFailure>;

    /// What others wait for.
    fn flight(&self) -> &Flight;
}

/// An errand that whoever holds it must carry out, the only one of its kind at a time: an issuer's
/// keys are fetched, or it is asked about a token. Dropped unfinished, it counts as failed.
pub struct Refresh {
    errand: Box<dyn Errand>,
}

impl Refresh {
    pub(crate) fn new(errand: impl Errand + 'static) -> Self {
        Self { errand: Box::new(errand) }
    }

    /// The issuer whose keys are refreshed, or that is asked.
    #[must_use]
    pub fn issuer(&self) -> &str {
        self.errand.issuer()
    }

    /// The request to make now; nothing when the refresh is over.
    #[must_use]
    pub fn request(&self) -> Option<FetchRequest> {
        self.errand.request()
    }

    /// What came back of the request, or why nothing did. Does nothing when the refresh is over.
    pub fn answer(&mut self, answer: Result<FetchResponse, FetchFailure>) {
        self.errand.answer(answer);
    }

    /// Makes what requests are wanted, one after the other, and waits for the answers.
    pub fn run(mut self) {
        while let Some(request) = self.request() {
            let answer =
                if request.timeout.is_zero() { Err(FetchFailure::Timeout) } else { self.errand.fetch(&request) };
            self.answer(answer);
        }
    }

    /// Does the same on a thread that ends with it.
    ///
    /// # Errors
    /// The refresh itself, where no thread can be had.
    pub fn spawn(self) -> Result<Flight, Self> {
        self.spawn_after(|| ())
    }

    /// The same, for a host that prepares that thread first.
    ///
    /// # Errors
    /// The refresh itself, where no thread can be had.
    pub fn spawn_after(self, prepare: impl FnOnce() + Send + 'static) -> Result<Flight, Self> {
        let flight = self.flight();
        let slot = Arc::new(Mutex::new(Some(self)));
        let given = Arc::clone(&slot);
        let taken = |slot: &Mutex<Option<Self>>| slot.lock().unwrap_or_else(PoisonError::into_inner).take();
        let thread = thread::Builder::new().name("at9068-refresh".to_owned());
        let work = move || {
            prepare();
            if let Some(refresh) = taken(&given) {
                refresh.run();
            }
        };
        match thread.spawn(work) {
            Ok(_) => Ok(flight),
            Err(_) => taken(&slot).map_or(Ok(flight), Err),
        }
    }

    /// What others wait for.
    #[must_use]
    pub fn flight(&self) -> Flight {
        self.errand.flight().clone()
    }
}

impl fmt::Debug for Refresh {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Refresh").field("over", &self.request().is_none()).finish_non_exhaustive()
    }
}
