//! The life of an issuer's keys.
//!
//! ```text
//!            fetched                    0.8 of the lifetime        lifetime             + max_stale
//!   empty ─────────────▶ fresh ─────────────────────▶ due ───────────▶ stale ────────────▶ expired
//!                          ▲                           │                 │                    │
//!                          └────────── fetched ────────┴─────────────────┴────────────────────┘
//! ```
//!
//! * **fresh**: keys are used. A `kid` that no key bears, and a signature that is wrong under one
//!   that is known, may lead to a fetch, but to one in a cooldown at most.
//! * **due**: one caller starts a refresh; everybody goes on with the keys at hand.
//! * **stale**: a refresh is tried first; while none succeeds, the keys are used, since an outage
//!   is nobody's fault.
//! * **expired**, **empty**: without a refresh there is no verdict, and a failure is answered with
//!   `keys_unavailable` or `metadata_invalid`.
//!
//! A failed refresh takes no key away. The next is tried after a while that doubles with every
//! failure. The cooldown is stamped before a fetch begins, whatever brought it about: so whoever
//! floods a validator with unknown keys gains nothing, and a key that was published one cooldown
//! before its use is never missed.
//!
//! What is read for every token lies behind one atomic pointer. What decides about fetching lies
//! behind a lock that is never held while anything waits. A process made by `fork` may find that
//! lock held by a thread that is not there any more: so it belongs to a process, and a child makes
//! its own, keeping the keys.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;

use arc_swap::ArcSwapOption;

use crate::error::{Error, ErrorCode};
use crate::issuer::failure::Failure;
use crate::issuer::outside::Outside;
use crate::issuer::refresh::{KeyPlace, KeyRefresh};
use crate::issuer::settings::Settings;
use crate::issuer::source::Source;
use crate::issuer::url::Url;
use crate::key::KeySet;
use crate::ports::{Event, EventKind, FetchFailure, FetchRequest, FetchResponse};
use crate::process::PerProcess;
use crate::sync::atomic::{AtomicU64, Ordering};
use crate::time::Millis;
use crate::waiting::{Asked, Backoff, Flight, Refresh};

/// Unknown identifiers that are remembered at a time.
const MOST_UNKNOWN: usize = 1024;

/// The keys of one issuer from one source.
pub(crate) struct RemoteKeys {
    source: Source,
    settings: Arc<Settings>,
    outside: Arc<Outside>,
    held: ArcSwapOption<Held>,
    /// What decides about fetching.
    state: PerProcess<State>,
    hasher: RandomState,
    pub(super) counters: Counters,
}

/// Keys at hand, with the times of their life.
#[derive(Clone)]
pub(crate) struct Held {
    pub(crate) keys: KeySet,
    /// Rises whenever the keys are others than before.
    pub(crate) generation: u64,
    pub(super) fetched: Millis,
    pub(super) due: Millis,
    pub(super) stale: Millis,
    pub(super) expires: Millis,
    pub(super) url: Url,
    pub(super) etag: Option<String>,
}

/// Where the keys at hand are in their life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Age {
    Fresh,
    Due,
    Stale,
    Expired,
}

impl Age {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Fresh => "fresh",
            Self::Due => "due",
            Self::Stale => "stale",
            Self::Expired => "expired",
        }
    }
}

#[derive(Default)]
pub(super) struct State {
    flight: Option<Flight>,
    /// When a fetch last began.
    asked: Option<Millis>,
    backoff: Backoff,
    pub(super) last_error: Option<(Failure, Millis)>,
    /// Where metadata says that the keys lie, and until when that holds; noted once they were there.
    place: Option<(KeyPlace, Millis)>,
    /// Digests of identifiers that no key bears, and when each was asked for.
    unknown: HashMap<u64, Millis>,
}

/// What has happened since the keys were first asked for.
#[derive(Default)]
pub(super) struct Counters {
    pub(super) fetches: AtomicU64,
    pub(super) refreshes: AtomicU64,
    pub(super) unchanged: AtomicU64,
    pub(super) failures: AtomicU64,
    pub(super) unknown_kids: AtomicU64,
    pub(super) bad_signatures: AtomicU64,
    pub(super) held_back: AtomicU64,
    pub(super) served_stale: AtomicU64,
}

/// Why keys are asked for.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Reason {
    /// Those at hand are due.
    Due,
    /// Those at hand are stale, expired or not there.
    Lacking,
    /// The operator wants them anew, whatever is at hand.
    Forced,
    /// They do not fit the token: its `kid`, digested, where no key bears it.
    Unfit { generation: u64, unknown: Option<u64> },
}

/// What a refresh brought.
pub(super) struct Fetched {
    pub(super) url: Url,
    /// None where those at hand are still the current ones.
    pub(super) keys: Option<KeySet>,
    pub(super) etag: Option<String>,
    pub(super) lifetime: Millis,
    /// Where metadata that was read for it says that they lie, and for how long.
    pub(super) learned: Option<(KeyPlace, Millis)>,
}

impl RemoteKeys {
    pub(crate) fn new(source: Source, settings: Arc<Settings>, outside: Arc<Outside>) -> Arc<Self> {
        Arc::new(Self {
            source,
            settings,
            outside,
            held: ArcSwapOption::empty(),
            state: PerProcess::new(),
            hasher: RandomState::new(),
            counters: Counters::default(),
        })
    }

    pub(crate) fn source(&self) -> &Source {
        &self.source
    }

    pub(super) fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The time by which keys age.
    pub(crate) fn now(&self) -> Result<Millis, Error> {
        self.outside.now()
    }

    /// Whether anything is fetched unless the host does it.
    pub(crate) fn fetches(&self) -> bool {
        self.outside.fetches()
    }

    /// Keys that may be used now, and where they are in their life.
    pub(crate) fn at_hand(&self, now: Millis) -> Option<(Arc<Held>, Age)> {
        let held = self.held.load_full()?;
        let age = held.age(now);
        (age != Age::Expired).then_some((held, age))
    }

    pub(super) fn held(&self) -> Option<Arc<Held>> {
        self.held.load_full()
    }

    pub(crate) fn digest(&self, kid: &str) -> u64 {
        self.hasher.hash_one(kid)
    }

    /// Why there is no verdict, and when there may be one.
    pub(crate) fn unavailable(&self, now: Millis) -> Error {
        let (code, seconds) = self.with_state(|state| {
            let code = state.last_error.map_or(ErrorCode::KeysUnavailable, |(failure, _)| failure.code());
            (code, state.backoff.seconds(now))
        });
        Error::new(code).with_retry_after(seconds)
    }

    /// Why the last attempt failed, where none succeeded since.
    pub(crate) fn last_failure(&self) -> Option<Error> {
        let now = self.now().ok()?;
        self.with_state(|state| state.last_error).map(|_| self.unavailable(now))
    }

    /// Asks for keys. Whoever gets a refresh is the only one.
    pub(crate) fn ask(self: &Arc<Self>, reason: Reason, now: Millis) -> Asked {
        let mut events = Vec::new();
        let asked = self.with_state(|state| self.decide(state, reason, now, &mut events));
        self.tell(events);
        match asked {
            Ok(asked) => asked,
            Err((flight, known)) => Asked::Yours(Refresh::new(KeyRefresh::new(Arc::clone(self), flight, known))),
        }
    }

    /// Decides under the lock. An error is a flight that the caller has to make.
    fn decide(
        &self,
        state: &mut State,
        reason: Reason,
        now: Millis,
        events: &mut Vec<EventKind>,
    ) -> Result<Asked, (Flight, Option<KeyPlace>)> {
        let held = self.held.load_full();
        // A clock that was set back makes times of the future; they hold nobody up.
        let passed = |since: Millis, span: Millis| now < since || now >= since.saturating_add(span);
        if let Reason::Unfit { generation, unknown } = reason {
            if held.as_ref().is_some_and(|held| held.generation != generation) {
                return Ok(Asked::Renewed);
            }
            let counter = if unknown.is_some() { &self.counters.unknown_kids } else { &self.counters.bad_signatures };
            counter.fetch_add(1, Ordering::Relaxed);
            if let Some(digest) = unknown {
                let known = state.unknown.get(&digest).is_some_and(|since| !passed(*since, self.settings.cooldown));
                if !known {
                    if state.unknown.len() >= MOST_UNKNOWN {
                        state.unknown.retain(|_, since| !passed(*since, self.settings.cooldown));
                    }
                    if state.unknown.len() < MOST_UNKNOWN {
                        state.unknown.insert(digest, now);
                        events.push(EventKind::UnknownKid);
                    }
                }
            }
        }
        match &state.flight {
            Some(flight) if !flight.is_over() => {
                return Ok(if matches!(reason, Reason::Due) {
                    Asked::Settled
                } else {
                    Asked::UnderWay(flight.clone())
                });
            }
            // Whoever fetches does not come back: a host's client that hangs.
            Some(_) => self.failed(state, Failure::Fetch(FetchFailure::Timeout), now, events),
            None => {}
        }
        let pausing = state.backoff.is_pausing(now);
        let allowed = match reason {
            Reason::Due => held.is_none_or(|held| held.age(now) != Age::Fresh) && !pausing,
            Reason::Lacking => {
                if held.is_some_and(|held| matches!(held.age(now), Age::Fresh | Age::Due)) {
                    return Ok(Asked::Renewed);
                }
                !pausing
            }
            Reason::Forced => true,
            Reason::Unfit { .. } => !pausing && state.asked.is_none_or(|asked| passed(asked, self.settings.cooldown)),
        };
        if !allowed {
            self.counters.held_back.fetch_add(1, Ordering::Relaxed);
            if matches!(reason, Reason::Lacking) && self.at_hand(now).is_some() {
                self.counters.served_stale.fetch_add(1, Ordering::Relaxed);
            }
            return Ok(Asked::Settled);
        }
        let flight = Flight::of_fetch(self.settings.timeout);
        state.flight = Some(flight.clone());
        state.asked = Some(now);
        let known = state.place.as_ref().filter(|(_, until)| now < *until).map(|(place, _)| place.clone());
        let known = known.map(|place| KeyPlace { etag: self.etag_of(&place.url), ..place });
        Err((flight, known))
    }

    /// What the server called the version at hand, where it came from this URL.
    pub(super) fn etag_of(&self, url: &Url) -> Option<String> {
        let held = self.held.load_full()?;
        if held.url == *url { held.etag.clone() } else { None }
    }

    /// Where the keys lay when metadata was last read, be it a while ago.
    pub(super) fn former_place(&self) -> Option<KeyPlace> {
        let now = self.now().ok()?;
        let place = self.with_state(|state| state.place.clone());
        let (place, until) = place?;
        let place = (now < until.saturating_add(self.settings.max_stale)).then_some(place)?;
        Some(KeyPlace { etag: self.etag_of(&place.url), ..place })
    }

    pub(super) fn fetch(&self, request: &FetchRequest) -> Result<FetchResponse, FetchFailure> {
        self.counters.fetches.fetch_add(1, Ordering::Relaxed);
        self.outside.fetch(request)
    }

    /// Takes over what a refresh brought, unless a later one was begun since.
    pub(super) fn landed(&self, flight: &Flight, outcome: Result<Fetched, Failure>) {
        let mut events = Vec::new();
        let now = self.now().ok();
        self.with_state(|state| {
            if !state.flight.as_ref().is_some_and(|current| current.is(flight)) {
                return;
            }
            let outcome = match now {
                Some(now) => outcome.and_then(|mut fetched| {
                    let learned = fetched.learned.take();
                    self.take_over(fetched, now, &mut events)?;
                    state.place =
                        learned.map(|(place, holds)| (place, now.saturating_add(holds))).or(state.place.take());
                    Ok(())
                }),
                None => Err(Failure::Abandoned),
            };
            match outcome {
                Ok(()) => {
                    self.counters.refreshes.fetch_add(1, Ordering::Relaxed);
                    state.backoff.succeeded();
                    (state.flight, state.last_error) = (None, None);
                }
                Err(failure) => self.failed(state, failure, now.unwrap_or_default(), &mut events),
            }
        });
        self.tell(events);
        flight.land();
    }

    /// Notes that the flight brought nothing.
    fn failed(&self, state: &mut State, failure: Failure, now: Millis, events: &mut Vec<EventKind>) {
        self.counters.failures.fetch_add(1, Ordering::Relaxed);
        state.flight = None;
        state.backoff.failed(now);
        state.last_error = Some((failure, now));
        events.push(EventKind::RefreshFailed { code: failure.code(), reason: failure.as_str() });
    }

    fn take_over(&self, fetched: Fetched, now: Millis, events: &mut Vec<EventKind>) -> Result<(), Failure> {
        let before = self.held.load_full();
        let generation = before.as_ref().map_or(0, |held| held.generation);
        let (keys, changed) = match (fetched.keys, &before) {
            (Some(keys), Some(before)) => {
                let changed = !keys.is_same(&before.keys);
                (keys, changed)
            }
            (Some(keys), None) => (keys, true),
            (None, Some(before)) => {
                self.counters.unchanged.fetch_add(1, Ordering::Relaxed);
                (before.keys.clone(), false)
            }
            // Nobody asked whether anything had changed.
            (None, None) => return Err(Failure::Status),
        };
        if changed {
            let dropped = keys.skipped().iter();
            events.extend(dropped.map(|entry| EventKind::EntryDropped { index: entry.index, code: entry.code }));
        }
        events.insert(0, EventKind::Refreshed { keys: keys.len(), changed });
        let generation = generation + u64::from(changed);
        let held =
            Held::new(keys, generation, now, fetched.lifetime, self.settings.max_stale, fetched.url, fetched.etag);
        self.held.store(Some(Arc::new(held)));
        Ok(())
    }

    /// Keys from a snapshot, unless there are others already.
    pub(super) fn restore(&self, held: Held) -> bool {
        let nothing: Option<Arc<Held>> = None;
        let before = self.held.compare_and_swap(&nothing, Some(Arc::new(held)));
        before.is_none()
    }

    pub(super) fn is_refreshing(&self) -> bool {
        self.with_state(|state| state.flight.as_ref().is_some_and(|flight| !flight.is_over()))
    }

    pub(super) fn with_state<T>(&self, act: impl FnOnce(&mut State) -> T) -> T {
        self.state.with(act)
    }

    fn tell(&self, events: Vec<EventKind>) {
        for kind in events {
            self.outside.tell(&Event { kind, issuer: self.source.issuer.clone() });
        }
    }
}

impl Held {
    pub(super) fn new(
        keys: KeySet,
        generation: u64,
        fetched: Millis,
        lifetime: Millis,
        max_stale: Millis,
        url: Url,
        etag: Option<String>,
    ) -> Self {
        let stale = fetched.saturating_add(lifetime);
        let due = fetched.saturating_add(lifetime / 5 * 4);
        // One that could not be sent back, or is longer than any server needs, is forgotten.
        let etag = etag.filter(|etag| etag.len() <= 512 && etag.bytes().all(|b| (0x20..0x7f).contains(&b)));
        Self { keys, generation, fetched, due, stale, expires: stale.saturating_add(max_stale), url, etag }
    }

    pub(super) fn age(&self, now: Millis) -> Age {
        if now >= self.expires {
            Age::Expired
        } else if now >= self.stale {
            Age::Stale
        } else if now >= self.due || now < self.fetched {
            // A clock that was set back says nothing about the age of keys.
            Age::Due
        } else {
            Age::Fresh
        }
    }
}
