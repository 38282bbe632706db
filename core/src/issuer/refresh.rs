//! One refresh of an issuer's keys, as steps: which document is wanted next, and what came back.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Instant;

use crate::config::Discovery;
use crate::error::ErrorCode;
use crate::issuer::document::{self, Metadata};
use crate::issuer::failure::Failure;
use crate::issuer::freshness;
use crate::issuer::lifecycle::{Fetched, RemoteKeys};
use crate::issuer::source::Place;
use crate::issuer::url::Url;
use crate::key::KeySet;
use crate::ports::{FetchFailure, FetchRequest, FetchResponse};
use crate::time::Millis;
use crate::waiting::{Errand, Flight};

/// The longest document that is read, in octets.
const LONGEST_DOCUMENT: usize = 512 * 1024;

/// A refresh of the keys of one issuer: the only one at a time.
pub(super) struct KeyRefresh {
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

impl KeyRefresh {
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

impl Errand for KeyRefresh {
    fn issuer(&self) -> &str {
        &self.keys.source().issuer
    }

    fn request(&self) -> Option<FetchRequest> {
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
            body: None,
            timeout,
            connect_timeout: settings.connect_timeout.min(timeout),
            max_body_bytes: LONGEST_DOCUMENT,
            trusted_host: trusted,
        })
    }

    fn answer(&mut self, answer: Result<FetchResponse, FetchFailure>) {
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

    fn fetch(&self, request: &FetchRequest) -> Result<FetchResponse, FetchFailure> {
        self.keys.fetch(request)
    }

    fn flight(&self) -> &Flight {
        &self.flight
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

impl Drop for KeyRefresh {
    fn drop(&mut self) {
        if !matches!(self.step, Step::Over) {
            self.end(Err(Failure::Abandoned));
        }
    }
}
