//! Keys that must be fetched before a call can go on.

use at9068::{Error, ErrorCode, FetchFailure, FetchResponse, Progress};
use napi::bindgen_prelude::{Buffer, ClassInstance, Either3, Uint8Array};
use napi_derive::napi;

use crate::channel::Channel;
use crate::failure::Failure;

/// How far a call has come: its result, its failure, or what it waits for.
pub type Stage<T> = Either3<T, Failure, Pending>;

/// What a call waits for: one of the two.
#[napi(object, object_from_js = false)]
pub struct Pending {
    /// Always true: tells this object from a result.
    pub pending: bool,
    /// Keys that the caller is to fetch.
    pub refresh: Option<Refresh>,
    /// Keys that somebody else fetches.
    pub flight: Option<Flight>,
}

/// How far a call of the core has come.
pub fn stage<T, U>(progress: Result<Progress<T>, Error>, convert: impl FnOnce(T) -> U) -> Stage<U> {
    let pending = |refresh, flight| Either3::C(Pending { pending: true, refresh, flight });
    match progress {
        Ok(Progress::Done(Ok(value))) => Either3::A(convert(value)),
        Ok(Progress::Done(Err(error))) | Err(error) => Either3::B(error.into()),
        Ok(Progress::Fetch(refresh)) => pending(Some(Refresh(Some(refresh))), None),
        Ok(Progress::Wait(flight)) => pending(None, Some(Flight(flight))),
        Ok(_) => Either3::B(Error::from(ErrorCode::Internal).into()),
    }
}

/// How often a call waits before it makes do with the keys at hand.
#[napi(catch_unwind)]
pub fn rounds() -> u32 {
    u32::try_from(at9068::Validator::ROUNDS).unwrap_or(u32::MAX)
}

/// A refresh of keys under way.
#[napi]
pub struct Flight(at9068::Flight);

#[napi]
impl Flight {
    /// Whether it is over.
    #[napi(catch_unwind)]
    pub fn is_over(&self) -> bool {
        self.0.is_over()
    }

    /// Calls `id` once when it is over.
    #[napi(catch_unwind)]
    pub fn on_over(&self, channel: ClassInstance<'_, Channel>, id: u32) {
        let listener = channel.listener(id);
        self.0.on_over(move || listener.call(None));
    }
}

/// Keys to be fetched by whoever holds this.
#[napi]
pub struct Refresh(pub(crate) Option<at9068::Refresh>);

/// A document that is wanted.
#[napi(object, object_from_js = false)]
pub struct FetchRequest {
    /// How it is asked for.
    pub method: &'static str,
    /// Where it lies.
    pub url: String,
    /// Header fields to send, each a name and a value.
    pub headers: Vec<Vec<String>>,
    /// What to post.
    pub body: Option<Buffer>,
    /// How long the whole exchange may take.
    pub timeout_seconds: f64,
    /// How long it may take to be connected.
    pub connect_timeout_seconds: f64,
    /// The longest body that is read.
    pub max_body_bytes: u32,
    /// Whether the operator vouches for the host.
    pub trusted_host: bool,
}

impl From<at9068::FetchRequest> for FetchRequest {
    fn from(request: at9068::FetchRequest) -> Self {
        Self {
            method: request.method(),
            url: request.url,
            headers: request.headers.into_iter().map(|(name, value)| vec![name, value]).collect(),
            body: request.body.map(Buffer::from),
            timeout_seconds: request.timeout.as_secs_f64(),
            connect_timeout_seconds: request.connect_timeout.as_secs_f64(),
            max_body_bytes: u32::try_from(request.max_body_bytes).unwrap_or(u32::MAX),
            trusted_host: request.trusted_host,
        }
    }
}

#[napi]
impl Refresh {
    /// Fetches on a thread of the core; nothing where there is none to be had.
    #[napi(catch_unwind)]
    pub fn spawn(&mut self) -> Option<Flight> {
        self.0.take().and_then(|refresh| refresh.spawn().ok()).map(Flight)
    }

    /// The document that is wanted now; nothing when the refresh is over.
    #[napi(catch_unwind)]
    pub fn request(&self) -> Option<FetchRequest> {
        self.0.as_ref().and_then(at9068::Refresh::request).map(FetchRequest::from)
    }

    /// What came back.
    #[napi(catch_unwind)]
    pub fn answer(&mut self, status: u16, headers: Vec<Vec<String>>, body: Uint8Array) {
        let pairs = headers.into_iter().map(Vec::into_iter);
        let pairs = pairs.filter_map(|mut pair| Some((pair.next()?, pair.next()?)));
        let response = pairs
            .fold(FetchResponse::new(status, body.to_vec()), |response, (name, value)| response.header(name, value));
        self.end(Ok(response));
    }

    /// Why nothing came back, by the name that status and events have for it.
    #[napi(catch_unwind)]
    pub fn fail(&mut self, reason: String) {
        let named = FetchFailure::ALL.iter().find(|failure| failure.as_str() == reason);
        self.end(Err(named.copied().unwrap_or(FetchFailure::Broken)));
    }
}

impl Refresh {
    fn end(&mut self, answer: Result<FetchResponse, FetchFailure>) {
        if let Some(refresh) = &mut self.0 {
            refresh.answer(answer);
        }
    }
}

/// The fetching of every issuer's keys.
#[napi]
pub struct KeySteps(pub(crate) at9068::KeySteps);

#[napi]
impl KeySteps {
    /// Goes on as far as it can without waiting.
    #[napi(catch_unwind)]
    pub fn step(&mut self) -> Stage<()> {
        stage(Ok(self.0.step()), |()| ())
    }
}
