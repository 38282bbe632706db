//! One refresh of an issuer's keys, as steps: which document is wanted next, and what came back.
//!
//! Nothing here waits or reaches outside. A caller that may block lets [`Refresh::run`] fetch; a
//! host with a loop of its own asks [`Refresh::request`] and gives [`Refresh::answer`].

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Instant;

use crate::config::Discovery;
use crate::error::ErrorCode;
use crate::issuer::document::{self, Metadata};
use crate::issuer::failure::Failure;
use crate::issuer::flight::Flight;
use crate::issuer::freshness;
use crate::issuer::lifecycle::{Fetched, RemoteKeys};
use crate::issuer::settings::Millis;
use crate::issuer::source::Place;
use crate::issuer::url::Url;
use crate::key::KeySet;
use crate::ports::{FetchFailure, FetchRequest, FetchResponse};

/// The longest document that is read, in octets.
const LONGEST_DOCUMENT: usize = 512 * 1024;

/// A refresh that whoever holds it must carry out: the only one of its issuer at a time. Dropped
/// unfinished, it counts as failed.
pub struct Refresh {
    keys: Arc<RemoteKeys>,
    flight: Flight,
    began: Instant,
    step: Step,
}

enum Step {
    /// Metadata documents that are still to be asked, and what the first said.
    Metadata {
        wanted: VecDeque<String>,
        found: Option<Metadata>,
        shortest: u64,
    },
    /// For how long the metadata holds that was just read, where any was.
    Keys {
        place: KeyPlace,
        holds: Option<Millis>,
    },
    Over,
}

/// Where a key set lies.
#[derive(Clone, Debug)]
pub(super) struct KeyPlace {
    pub(super) url: Url,
    pub(super) trusted: bool,
    /// What the server called the version that is at hand.
    pub(super) etag: Option<String>,
}

impl Refresh {
    pub(super) fn new(keys: Arc<RemoteKeys>, flight: Flight, known: Option<KeyPlace>) -> Self {
        let step = match (known, &keys.source().place) {
            (Some(place), _) => Step::Keys { place, holds: None },
            (None, Place::JwksUri(url)) => {
                let (trusted, etag) = (keys.source().trusted, keys.etag_of(url));
                Step::Keys { place: KeyPlace { url: url.clone(), trusted, etag }, holds: None }
            }
            (None, Place::Metadata(mode, issuer)) => {
                let (oauth, openid) = (issuer.oauth_metadata(), issuer.openid_metadata());
                let wanted = match mode {
                    Discovery::Auto => [oauth, openid].into(),
                    Discovery::Oauth => [oauth].into(),
                    Discovery::Openid => [openid].into(),
                };
                Step::Metadata { wanted, found: None, shortest: u64::MAX }
            }
        };
        Self { keys, flight, began: Instant::now(), step }
    }

    /// The issuer whose keys are refreshed.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.keys.source().issuer
    }

    /// The document that is wanted now; nothing when the refresh is over.
    #[must_use]
    pub fn request(&self) -> Option<FetchRequest> {
        let (url, trusted, etag) = match &self.step {
            Step::Metadata { wanted, .. } => (wanted.front()?.as_str(), self.keys.source().trusted, None),
            Step::Keys { place, .. } => (place.url.as_str(), place.trusted, place.etag.as_deref()),
            Step::Over => return None,
        };
        let accept = "application/json, application/jwk-set+json".to_owned();
        let mut headers = vec![("Accept".to_owned(), accept)];
        headers.extend(etag.map(|etag| ("If-None-Match".to_owned(), etag.to_owned())));
        let settings = self.keys.settings();
        let timeout = settings.timeout.saturating_sub(self.began.elapsed());
        Some(FetchRequest {
            url: url.to_owned(),
            headers,
            timeout,
            connect_timeout: settings.connect_timeout.min(timeout),
            max_body_bytes: LONGEST_DOCUMENT,
            trusted_host: trusted,
        })
    }

    /// What came back of the request, or why nothing did. Does nothing when the refresh is over.
    pub fn answer(&mut self, answer: Result<FetchResponse, FetchFailure>) {
        let answer = answer.map_err(Failure::Fetch).and_then(|response| {
            let long = response.body.len() > LONGEST_DOCUMENT;
            if long { Err(Failure::Fetch(FetchFailure::TooLarge)) } else { Ok(response) }
        });
        let next = match std::mem::replace(&mut self.step, Step::Over) {
            Step::Over => return,
            Step::Metadata { wanted, found, shortest } => {
                answer.and_then(|response| self.after_metadata(wanted, found, shortest, &response))
            }
            Step::Keys { place, holds } => {
                self.end(answer.and_then(|response| read_keys(place, holds, &response)));
                return;
            }
        };
        match next {
            Ok(step) => self.step = step,
            // Metadata that cannot be had leaves the keys where they were.
            Err(failure) => match self.keys.former_place().filter(|_| failure.code() == ErrorCode::KeysUnavailable) {
                Some(place) => self.step = Step::Keys { place, holds: None },
                None => self.end(Err(failure)),
            },
        }
    }

    /// Fetches what is wanted, one document after the other, and waits for it.
    pub fn run(mut self) {
        while let Some(request) = self.request() {
            let answer = if request.timeout.is_zero() { Err(FetchFailure::Timeout) } else { self.keys.fetch(&request) };
            self.answer(answer);
        }
    }

    /// Does the same on a thread that ends with it.
    ///
    /// # Errors
    /// The refresh itself, where no thread can be had.
    #[expect(clippy::result_large_err, reason = "what could not be begun is the caller's again")]
    pub fn spawn(self) -> Result<Flight, Self> {
        self.spawn_after(|| ())
    }

    /// The same, for a host that prepares that thread first.
    ///
    /// # Errors
    /// The refresh itself, where no thread can be had.
    #[expect(clippy::result_large_err, reason = "what could not be begun is the caller's again")]
    pub fn spawn_after(self, prepare: impl FnOnce() + Send + 'static) -> Result<Flight, Self> {
        let flight = self.flight.clone();
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
        self.flight.clone()
    }

    fn after_metadata(
        &self,
        mut wanted: VecDeque<String>,
        found: Option<Metadata>,
        shortest: u64,
        response: &FetchResponse,
    ) -> Result<Step, Failure> {
        wanted.pop_front();
        let source = self.keys.source();
        let read = document::metadata(response)?;
        if read.as_ref().is_some_and(|metadata| metadata.issuer != source.issuer) {
            return Err(Failure::IssuerDiffers);
        }
        let shortest = if read.is_some() { shortest.min(freshness::lifetime(response)) } else { shortest };
        let found = match (found, read) {
            (Some(one), Some(other)) if one != other => return Err(Failure::MetadataDisagrees),
            (one, other) => one.or(other),
        };
        if !wanted.is_empty() {
            return Ok(Step::Metadata { wanted, found, shortest });
        }
        let metadata = found.ok_or(Failure::MetadataMissing)?;
        let settings = self.keys.settings();
        let url = settings.url(&metadata.jwks_uri).ok_or(Failure::JwksUriForbidden)?;
        let issuer = source.place.url();
        if settings.same_origin && !url.has_origin_of(issuer) {
            return Err(Failure::JwksUriForbidden);
        }
        let trusted = settings.trusts(url.host()) || (source.trusted && url.host() == issuer.host());
        let etag = self.keys.etag_of(&url);
        let place = KeyPlace { url, trusted, etag };
        let lifetime = Millis::try_from(shortest.saturating_mul(1000)).unwrap_or(Millis::MAX);
        Ok(Step::Keys { place, holds: Some(lifetime) })
    }

    fn end(&mut self, outcome: Result<Fetched, Failure>) {
        self.step = Step::Over;
        self.keys.landed(&self.flight, outcome);
    }
}

fn read_keys(place: KeyPlace, holds: Option<Millis>, response: &FetchResponse) -> Result<Fetched, Failure> {
    let seconds = freshness::lifetime(response);
    let lifetime = Millis::try_from(seconds.saturating_mul(1000)).unwrap_or(Millis::MAX);
    let fresh: Option<KeySet> = match (response.status, &place.etag) {
        (304, Some(_)) => None,
        _ => Some(document::keys(response)?),
    };
    let etag = response.field("etag").map(str::to_owned);
    let etag = if fresh.is_some() { etag } else { etag.or_else(|| place.etag.clone()) };
    let url = place.url.clone();
    Ok(Fetched { url, keys: fresh, etag, lifetime, learned: holds.map(|holds| (place, holds)) })
}

impl Drop for Refresh {
    fn drop(&mut self) {
        if !matches!(self.step, Step::Over) {
            self.end(Err(Failure::Abandoned));
        }
    }
}

impl fmt::Debug for Refresh {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Refresh").field("over", &matches!(self.step, Step::Over)).finish_non_exhaustive()
    }
}
