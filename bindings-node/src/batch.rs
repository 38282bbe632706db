//! Many tokens that are validated together, and many that are minted together.
//!
//! What goes in and what comes out crosses over by and by, so that the event loop can turn between;
//! the work itself is one call on a thread of Node's pool, and from there on those of the core.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::{mem, vec};

use at9068::{Error, ErrorCode, MintRequest, Progress, ValidateOptions};
use napi::bindgen_prelude::AsyncTask;
use napi::{Env, Result as NapiResult, Task};
use napi_derive::napi;

use crate::access_token;
use crate::failure::{Failure, Outcome, guarded, outcome};
use crate::given::{Given, octets};
use crate::minter::minted;
use crate::refresh::{Stage, stage};
use crate::signed::Text;
use crate::validator::options_with_request;

/// What came of a batch, not yet taken: texts of tokens, which begin with a digit, and of errors, which
/// are JSON objects.
type Outcomes = vec::IntoIter<Text>;

fn take(outcomes: &mut Outcomes, count: u32) -> Vec<Text> {
    let taken = outcomes.take(usize::try_from(count).unwrap_or(usize::MAX)).collect();
    if outcomes.len() == 0 {
        // The object itself may live until the event loop turns.
        *outcomes = Outcomes::default();
    }
    taken
}

/// The text of a verdict; made where the token is judged.
fn verdict(verdict: at9068::Result<at9068::AccessToken>) -> Text {
    verdict.map_or_else(refused, |token| access_token::text_apart(&token))
}

fn refused(error: Error) -> Text {
    Failure::from(error).to_text()
}

fn locked<T>(state: &Mutex<T>) -> MutexGuard<'_, T> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Tokens that are validated together.
#[napi]
pub struct TokenBatch(Arc<Mutex<Tokens>>);

struct Tokens {
    validator: at9068::Validator,
    options: ValidateOptions,
    given: Vec<Arc<[u8]>>,
    /// What of them is under way.
    batch: Option<at9068::Batch<Arc<[u8]>, Text>>,
    outcomes: Outcomes,
}

impl TokenBatch {
    pub(crate) fn new(validator: at9068::Validator) -> Self {
        let options = ValidateOptions::default();
        let tokens = Tokens { validator, options, given: Vec::new(), batch: None, outcomes: Outcomes::default() };
        Self(Arc::new(Mutex::new(tokens)))
    }
}

#[napi]
impl TokenBatch {
    /// Begins anew, without tokens, and with what each of them is held to.
    #[napi(catch_unwind)]
    pub fn begin(&self, now: Option<f64>, request: Option<String>, require: Option<String>) -> Outcome<()> {
        let options = options_with_request(now, request, require);
        outcome(options.map(|options| locked(&self.0).begin(options)))
    }

    /// Adds tokens behind those that are there.
    ///
    /// # Errors
    /// As [`octets`].
    #[napi(catch_unwind)]
    pub fn add(&self, tokens: Vec<Given<'_>>) -> NapiResult<()> {
        let given = &mut locked(&self.0).given;
        for token in tokens {
            given.push(octets(token)?);
        }
        Ok(())
    }

    /// Validates them as far as that goes without waiting for anybody outside.
    #[napi(catch_unwind)]
    pub fn advance_sync(&self) -> Stage<()> {
        stage(Ok(locked(&self.0).advance()), |()| ())
    }

    /// Does the same on a thread of the pool.
    #[napi(catch_unwind)]
    pub fn advance(&self) -> AsyncTask<Advance> {
        AsyncTask::new(Advance(Arc::clone(&self.0)))
    }

    /// Validates them with the keys at hand.
    #[napi(catch_unwind)]
    pub fn finish_at_hand(&self) {
        locked(&self.0).finish_at_hand();
    }

    /// The next verdicts, in the order of the tokens.
    #[napi(catch_unwind)]
    pub fn take(&self, count: u32) -> Vec<Text> {
        take(&mut locked(&self.0).outcomes, count)
    }
}

impl Tokens {
    fn begin(&mut self, options: ValidateOptions) {
        self.options = options;
        self.end(Vec::new());
    }

    fn advance(&mut self) -> Progress<()> {
        let begin = || at9068::Batch::new(self.given.clone(), self.options.clone());
        match self.validator.advance_many_as(self.batch.get_or_insert_with(begin), verdict) {
            Progress::Done(verdicts) => Progress::Done(verdicts.map(|verdicts| self.end(verdicts))),
            Progress::Fetch(refresh) => Progress::Fetch(refresh),
            Progress::Wait(flight) => Progress::Wait(flight),
            _ => Progress::Done(internal()),
        }
    }

    fn finish_at_hand(&mut self) {
        let verdicts = self.validator.validate_many_at_hand(&self.given, &self.options, verdict);
        self.end(verdicts);
    }

    /// Notes the verdicts. The tokens are needed no longer: they are credentials.
    fn end(&mut self, verdicts: Vec<Text>) {
        self.outcomes = verdicts.into_iter();
        self.given = Vec::new();
        self.batch = None;
    }
}

/// A step of a batch on a thread of the pool.
pub struct Advance(Arc<Mutex<Tokens>>);

impl Task for Advance {
    type Output = Result<Progress<()>, Error>;
    type JsValue = Stage<()>;

    fn compute(&mut self) -> NapiResult<Self::Output> {
        Ok(guarded(|| Ok(locked(&self.0).advance())))
    }

    fn resolve(&mut self, _: Env, output: Self::Output) -> NapiResult<Self::JsValue> {
        Ok(stage(output, |()| ()))
    }
}

/// Requests for tokens that are minted together.
#[napi]
pub struct MintBatch(Arc<Mutex<Requests>>);

struct Requests {
    minter: at9068::Minter,
    now: Option<f64>,
    given: Vec<String>,
    outcomes: Outcomes,
}

impl MintBatch {
    pub(crate) fn new(minter: at9068::Minter) -> Self {
        Self(Arc::new(Mutex::new(Requests { minter, now: None, given: Vec::new(), outcomes: Outcomes::default() })))
    }
}

#[napi]
impl MintBatch {
    /// Begins anew, without requests, and with the time of issue.
    #[napi(catch_unwind)]
    pub fn begin(&self, now: Option<f64>) {
        let mut requests = locked(&self.0);
        requests.now = now;
        requests.given = Vec::new();
        requests.outcomes = Outcomes::default();
    }

    /// Adds requests behind those that are there.
    #[napi(catch_unwind)]
    pub fn add(&self, requests: Vec<String>) {
        locked(&self.0).given.extend(requests);
    }

    /// Mints while the caller waits.
    #[napi(catch_unwind)]
    pub fn mint_sync(&self) {
        locked(&self.0).mint();
    }

    /// Does the same on a thread of the pool.
    #[napi(catch_unwind)]
    pub fn mint(&self) -> AsyncTask<MintMany> {
        AsyncTask::new(MintMany(Arc::clone(&self.0)))
    }

    /// What came of the next requests, in their order.
    #[napi(catch_unwind)]
    pub fn take(&self, count: u32) -> Vec<Text> {
        take(&mut locked(&self.0).outcomes, count)
    }
}

impl Requests {
    fn mint(&mut self) {
        let requests = mem::take(&mut self.given);
        let mut read: Vec<_> = requests.iter().map(|request| MintRequest::from_json(request).map(Some)).collect();
        // Those that can be read go to the core together, and come back to their places.
        let good: Vec<MintRequest> = read.iter_mut().filter_map(|request| request.as_mut().ok()?.take()).collect();
        let mut made = self.minter.mint_many(&good, self.now).into_iter();
        let made = read.into_iter().map(|request| request.and_then(|_| made.next().unwrap_or_else(internal)));
        let texts: Vec<_> = made.map(|made| made.map_or_else(refused, |token| minted(&token))).collect();
        self.outcomes = texts.into_iter();
    }
}

fn internal<T>() -> Result<T, Error> {
    Err(Error::from(ErrorCode::Internal))
}

/// The minting of a batch on a thread of the pool.
pub struct MintMany(Arc<Mutex<Requests>>);

impl Task for MintMany {
    type Output = Result<(), Error>;
    type JsValue = Outcome<()>;

    fn compute(&mut self) -> NapiResult<Self::Output> {
        Ok(guarded(|| {
            locked(&self.0).mint();
            Ok(())
        }))
    }

    fn resolve(&mut self, _: Env, output: Self::Output) -> NapiResult<Self::JsValue> {
        Ok(outcome(output))
    }
}
