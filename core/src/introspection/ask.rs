//! Asking an issuer about a token, one caller at a time.

use crate::sync::atomic::Ordering;
use std::sync::Arc;
use std::time::Instant;

use zeroize::Zeroizing;

use super::answer::{self, Answer};
use super::failure::Failure;
use super::store::{Digest, Entry, Failing, Said};
use super::{Introspection, State};
use crate::claims::Claim;
use crate::encoding::form;
use crate::ports::{Event, EventKind, FetchFailure, FetchRequest, FetchResponse};
use crate::time::{Millis, Timestamp};
use crate::waiting::{Asked, Backoff, Errand, Flight, Refresh, Want};

/// The most threads that ask at a time while nobody waits for them.
const MOST_MEANWHILE: usize = 16;
/// For how long an answer holds at the least, so that whoever waited for it can go by it.
const SHORTEST: Millis = 1000;
/// For how much longer than a token lives it is remembered.
const AFTERLIFE: Millis = 300_000;

/// An answer that a judgement would rather have had.
#[derive(Clone)]
pub(super) struct AnswerWant {
    pub(super) introspection: Arc<Introspection>,
    pub(super) token: Arc<[u8]>,
    pub(super) digest: Digest,
    /// When the token expires, where its signature was verified here.
    pub(super) authentic: Option<Millis>,
    /// What was known of the token when it was judged, by when it was written down.
    pub(super) seen: Option<u64>,
    pub(super) can_wait: bool,
}

impl Want for AnswerWant {
    fn can_wait(&self) -> bool {
        self.can_wait
    }

    fn is_fetched(&self) -> bool {
        self.introspection.outside.fetches()
    }

    fn ask(&self) -> Asked {
        Introspection::ask(self, usize::MAX)
    }

    fn ask_meanwhile(&self) -> Vec<Asked> {
        vec![Introspection::ask(self, MOST_MEANWHILE)]
    }
}

/// Why there is no answer that counts.
pub(super) struct Failed {
    pub(super) failure: Failure,
    /// When somebody asked for it.
    pub(super) asked: Option<Millis>,
    /// When the token expires, where its signature was verified here.
    pub(super) authentic: Option<Millis>,
}

/// One question to an issuer.
struct Inquiry {
    want: AnswerWant,
    flight: Flight,
    began: Instant,
    /// The same by the clock that answers age by.
    asked: Millis,
    /// None when it is over.
    request: Option<FetchRequest>,
}

impl Introspection {
    /// Asks about a token. Whoever gets a refresh is the only one who asks about it. `most` is how
    /// many may be asked about at a time.
    fn ask(want: &AnswerWant, most: usize) -> Asked {
        let this = &want.introspection;
        let Ok(now) = this.outside.now() else { return Asked::Settled };
        let mut events = Vec::new();
        let decided = this.state.with(|state| this.decide(state, want, most, now, &mut events));
        this.tell(events);
        let flight = match decided {
            Ok(asked) => return asked,
            Err(flight) => flight,
        };
        let mut inquiry = Inquiry { want: want.clone(), flight, began: Instant::now(), asked: now, request: None };
        let Some(request) = this.request(&want.token) else {
            inquiry.end(Err(Failure::Assertion));
            return Asked::Renewed;
        };
        this.counters.asked.fetch_add(1, Ordering::Relaxed);
        inquiry.request = Some(request);
        Asked::Yours(Refresh::new(inquiry))
    }

    /// Decides under the lock. An error is a flight that the caller has to make.
    fn decide(
        &self,
        state: &mut State,
        want: &AnswerWant,
        most: usize,
        now: Millis,
        events: &mut Vec<EventKind>,
    ) -> Result<Asked, Flight> {
        let entry = state.store.get(&want.digest);
        if entry.map(|entry| entry.written) != want.seen {
            return Ok(Asked::Renewed);
        }
        let pausing = entry.and_then(|entry| entry.failing.as_ref()).is_some_and(|it| it.backoff.is_pausing(now));
        match state.flights.get(&want.digest) {
            Some(flight) if !flight.is_over() => return Ok(Asked::UnderWay(flight.clone())),
            // Whoever asks does not come back: a host's client that hangs.
            Some(_) => {
                state.flights.remove(&want.digest);
                let known = state.store.get(&want.digest).cloned().unwrap_or_default();
                let failure = Failure::Fetch(FetchFailure::Timeout);
                let failed = Failed { failure, asked: None, authentic: want.authentic };
                self.failed(state, &want.digest, known, failed, now, events);
                return Ok(Asked::Renewed);
            }
            None => {}
        }
        if pausing || state.backoff.is_pausing(now) {
            return Ok(Asked::Settled);
        }
        // Of an endpoint that failed, one caller finds out whether it is back.
        let probe = state.probe.take().filter(|probe| state.backoff.is_failing() && !probe.is_over());
        if let Some(probe) = probe {
            state.probe = Some(probe.clone());
            return Ok(Asked::UnderWay(probe));
        }
        if state.flights.len() >= most.min(self.most) {
            state.flights.retain(|_, flight| !flight.is_over());
            if state.flights.len() >= most.min(self.most) {
                return Ok(Asked::Settled);
            }
        }
        let flight = Flight::of_fetch(self.settings.timeout);
        state.flights.insert(want.digest, flight.clone());
        state.probe = state.backoff.is_failing().then(|| flight.clone());
        Err(flight)
    }

    /// The request (RFC 7662 §2.1). The token stands in the body and nowhere else.
    fn request(&self, token: &[u8]) -> Option<FetchRequest> {
        let mut body = Zeroizing::new(String::new());
        form::push("token", std::str::from_utf8(token).ok()?, &mut body);
        form::push("token_type_hint", "access_token", &mut body);
        let accept = if self.signed { "application/token-introspection+jwt" } else { "application/json" };
        let mut request = FetchRequest::new(self.endpoint.as_str());
        request.headers = vec![
            ("Accept".to_owned(), accept.to_owned()),
            ("Content-Type".to_owned(), "application/x-www-form-urlencoded".to_owned()),
        ];
        request.timeout = self.settings.timeout;
        request.connect_timeout = self.settings.connect_timeout;
        request.max_body_bytes = answer::LONGEST;
        request.trusted_host = self.trusted;
        self.credentials.add(&mut request, &mut body).ok()?;
        request.body = Some(body.as_bytes().to_vec());
        Some(request)
    }

    /// Takes over what came back, unless somebody else was sent since.
    fn landed(&self, inquiry: &Inquiry, outcome: Result<Answer, Failure>) {
        let (want, now, mut events) = (&inquiry.want, self.outside.now(), Vec::new());
        self.state.with(|state| {
            if !state.flights.get(&want.digest).is_some_and(|flight| flight.is(&inquiry.flight)) {
                return;
            }
            state.flights.remove(&want.digest);
            match (outcome, now) {
                (Ok(answer), Ok(now)) => self.keep(state, want, answer, now),
                // Nobody's fault, and nothing is known.
                (Err(Failure::Abandoned), _) | (_, Err(_)) => {}
                (Err(failure), Ok(now)) => {
                    let known = state.store.get(&want.digest).cloned().unwrap_or_default();
                    let failed = Failed { failure, asked: Some(inquiry.asked), authentic: want.authentic };
                    self.failed(state, &want.digest, known, failed, now, &mut events);
                }
            }
        });
        self.tell(events);
        inquiry.flight.land();
    }

    fn keep(&self, state: &mut State, want: &AnswerWant, answer: Answer, now: Millis) {
        let mut until = now.saturating_add(self.span);
        if want.authentic.is_none() {
            let expires = answer.claims().and_then(|claims| claims.date(Claim::Exp));
            let expires = expires.and_then(Timestamp::as_milliseconds).unwrap_or(Millis::MAX);
            until = until.min(expires).max(now.saturating_add(SHORTEST));
        }
        let over = want.authentic.map_or(until, |expires| expires.saturating_add(AFTERLIFE));
        let said = Said { answer: Arc::new(answer), at: now, until };
        if said.answer.counts() {
            return self.heard(state, want.digest, said, over, want.authentic.is_some(), now);
        }
        let before = state.store.get(&want.digest).cloned().unwrap_or_default();
        let entry = Entry { pending: Some(said), over: over.max(before.over), ..before };
        self.put(state, want.digest, entry, want.authentic.is_some(), now);
    }

    /// Notes that the issuer has said something that counts.
    pub(super) fn heard(
        &self,
        state: &mut State,
        digest: Digest,
        said: Said,
        over: Millis,
        authentic: bool,
        now: Millis,
    ) {
        state.backoff.succeeded();
        (state.probe, state.down_since, state.last_error, state.answered) = (None, None, None, Some(now));
        let active = said.answer.is_active();
        let entry = Entry { answer: Some(said), denied: !active, over, ..Entry::default() };
        self.put(state, digest, entry, authentic, now);
        self.counters.answered.fetch_add(1, Ordering::Relaxed);
        if !active {
            self.counters.inactive.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Notes that there is no answer that counts. `entry` is what is known of the token.
    pub(super) fn failed(
        &self,
        state: &mut State,
        digest: &Digest,
        mut entry: Entry,
        failed: Failed,
        now: Millis,
        events: &mut Vec<EventKind>,
    ) {
        let Failed { failure, asked, authentic } = failed;
        self.counters.failures.fetch_add(1, Ordering::Relaxed);
        let failing = entry.failing.get_or_insert(Failing { since: now, backoff: Backoff::default() });
        failing.backoff.failed(now);
        entry.denied |= failure == Failure::OtherToken;
        entry.over = entry.over.max(now).max(authentic.unwrap_or(0)).saturating_add(AFTERLIFE);
        self.put(state, *digest, entry, authentic.is_some(), now);
        // Whoever has answered somebody else meanwhile is not down.
        let answers = state.answered.zip(asked).is_some_and(|(answered, asked)| answered > asked);
        if failure.is_of_endpoint(authentic.is_some()) && !answers {
            state.backoff.failed(now);
            state.down_since.get_or_insert(now);
        }
        state.last_error = Some((failure, now));
        events.push(EventKind::IntrospectionFailed { code: Failure::CODE, reason: failure.as_str() });
    }

    /// What anybody can bring about is not kept in preference: where anybody's tokens are asked
    /// about, that they are not active; where only the issuer's are, that they are.
    fn put(&self, state: &mut State, digest: Digest, entry: Entry, authentic: bool, now: Millis) {
        let refused = entry.denied || entry.failing.is_some();
        let active = entry.answer.as_ref().is_some_and(|said| said.answer.is_active());
        let preferred = if authentic { refused } else { active && !refused };
        state.store.put(digest, entry, preferred, now, self.most);
    }

    pub(super) fn tell(&self, events: Vec<EventKind>) {
        for kind in events {
            self.outside.tell(&Event { kind, issuer: self.issuer.clone() });
        }
    }
}

impl Inquiry {
    fn end(&mut self, outcome: Result<Answer, Failure>) {
        self.request = None;
        self.want.introspection.landed(self, outcome);
    }
}

impl Errand for Inquiry {
    fn issuer(&self) -> &str {
        &self.want.introspection.issuer
    }

    fn request(&self) -> Option<FetchRequest> {
        let mut request = self.request.clone()?;
        request.timeout = request.timeout.saturating_sub(self.began.elapsed());
        request.connect_timeout = request.connect_timeout.min(request.timeout);
        Some(request)
    }

    fn answer(&mut self, answer: Result<FetchResponse, FetchFailure>) {
        if self.request.is_some() {
            let signed = self.want.introspection.signed;
            self.end(answer.map_err(Failure::Fetch).and_then(|response| Answer::read(&response, signed)));
        }
    }

    fn fetch(&self, request: &FetchRequest) -> Result<FetchResponse, FetchFailure> {
        self.want.introspection.outside.fetch(request)
    }

    fn flight(&self) -> &Flight {
        &self.flight
    }
}

impl Drop for Inquiry {
    fn drop(&mut self) {
        if self.request.is_some() {
            self.end(Err(Failure::Abandoned));
        }
    }
}
