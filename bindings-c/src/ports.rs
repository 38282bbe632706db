//! What reaches outside: tables of the host's functions.

use std::ffi::{c_char, c_int, c_void};
use std::mem::offset_of;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use at9068_core::{
    Clock, Error, ErrorCode, Event, Events, Fetch, FetchFailure, FetchRequest, FetchResponse, IssuerConfig, Ports,
    ReplayStore, Resolver, Timestamp,
};

use crate::error::{Result, at9068_error};
use crate::fetch::{AT9068_FETCH_OK, at9068_fetch_outcome, at9068_fetch_request, at9068_fetch_response, failure};
use crate::ffi::{Versioned, table, text};
use crate::guard::{infallible, may_panic};
use crate::replay_store::at9068_memory_replay_store;
use crate::revocations::at9068_revocations;
use crate::strings::at9068_str;

/// A source of time. Its functions are called from whatever thread validates, mints or fetches, from
/// several at once, and must not throw, unwind or jump out.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct at9068_clock {
    /// Passed to both functions; may be NULL.
    pub context: *mut c_void,
    /// Writes the time, in seconds since the epoch, which may have a fraction, to `out` and returns
    /// 0. Anything else, and a time that is not finite, fails the call that asked with
    /// AT9068_CODE_INTERNAL. NULL where the system's clock is to be used; the other members mean
    /// nothing then.
    pub now: Option<unsafe extern "C" fn(context: *mut c_void, out: *mut f64) -> c_int>,
    /// Called once with `context` when the last handle that asks this clock is freed: the one that was
    /// made with it, or, for a validator, an access token of it, its cache of keys, or a refresh; on
    /// the thread that frees it, which is one of the library's where that fetches in the background.
    /// May be NULL. Where making the handle fails, it is not called, and `context` stays the caller's.
    pub drop: Option<unsafe extern "C" fn(context: *mut c_void)>,
}

/// Makes requests to issuers, instead of the client that is built in. Its functions are called from
/// whatever thread validates, and from threads of the library, from several at once; they must not
/// throw, unwind or jump out.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct at9068_fetch {
    /// Passed to both functions; may be NULL.
    pub context: *mut c_void,
    /// Makes the request, waits for the answer and writes it to `response`; returns AT9068_FETCH_OK, or
    /// why there is none. Any other number is AT9068_FETCH_BROKEN. Both pointers are good during the
    /// call only. No lock is held meanwhile; the keys of each issuer are asked for by one such call at a
    /// time, and so is its word about each token. NULL where the client that is built in is to be used;
    /// the other members mean nothing then.
    pub fetch: Option<
        unsafe extern "C" fn(
            context: *mut c_void,
            request: *const at9068_fetch_request,
            response: *mut at9068_fetch_response,
        ) -> at9068_fetch_outcome,
    >,
    /// As the clock's.
    pub drop: Option<unsafe extern "C" fn(context: *mut c_void)>,
}

/// Hears of what happens to the keys of issuers, and to questions about tokens. Its functions are called
/// where it happens, be it on a thread of the library, from several at once; they must not throw, unwind
/// or jump out.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct at9068_events {
    /// Passed to both functions; may be NULL.
    pub context: *mut c_void,
    /// Is told of one event, a JSON object, equal in every language, which is good during the call only:
    /// `event` is "refreshed" (with `keys`, `changed`), "refresh_failed" or "introspection_failed" (`code`,
    /// `reason`), "unknown_kid" or "entry_dropped" (`index`, `code`), and `issuer` the issuer concerned.
    /// Nothing in it is taken from a token. No lock is held meanwhile; it should return at once. NULL
    /// where nobody wants to hear; the other members mean nothing then.
    pub event: Option<unsafe extern "C" fn(context: *mut c_void, event: at9068_str)>,
    /// As the clock's.
    pub drop: Option<unsafe extern "C" fn(context: *mut c_void)>,
}

/// Knows issuers that no configuration lists, such as the tenants of a service. Its functions are
/// called from whatever thread validates, from several at once, and must not throw, unwind or jump
/// out.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct at9068_resolver {
    /// Passed to both functions; may be NULL.
    pub context: *mut c_void,
    /// Tells what is accepted of `issuer`, with at9068_resolution_set_json(), and returns 0; without
    /// that, the issuer is not to be trusted. Anything else where it cannot tell now: the call that
    /// asked fails with AT9068_CODE_KEYS_UNAVAILABLE.
    ///
    /// It is asked before any signature is verified, about whatever tokens claim: it must only say yes
    /// to issuers that it knows, and at once. An answer is kept until too many others are. Both
    /// arguments are good during the call only. NULL where only configured issuers are accepted; the
    /// other members mean nothing then.
    pub resolve: Option<
        unsafe extern "C" fn(context: *mut c_void, issuer: at9068_str, resolution: *mut at9068_resolution) -> c_int,
    >,
    /// As the clock's.
    pub drop: Option<unsafe extern "C" fn(context: *mut c_void)>,
}

/// Remembers which tokens of single use were used, such as client assertions. Servers of one service must
/// share one store: what each of them remembers alone can be replayed at the others. Its functions are
/// called from whatever thread validates, from several at once, and must not throw, unwind or jump out.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct at9068_replay_store {
    /// Passed to both functions; may be NULL.
    pub context: *mut c_void,
    /// Notes a use, and returns 1 where it is the first one of this key, 0 where it is not: of several
    /// callers at once, in whatever process, exactly one is told 1. Anything else where that cannot be
    /// told: the token is refused with AT9068_CODE_INTERNAL then.
    ///
    /// `key` is printable ASCII of at most 80 octets, equal for equal tokens and for no others; it holds
    /// nothing of a token but a digest, and is good during the call only. It must be remembered while the
    /// time is less than `until`, in seconds since the epoch; that is a minute later than the token is
    /// good, so that clocks may differ. `now` is the time by which the token was judged, for stores
    /// without a clock of their own. NULL where another store is given, or none; the other members mean
    /// nothing then.
    pub first_use: Option<unsafe extern "C" fn(context: *mut c_void, key: at9068_str, until: i64, now: i64) -> c_int>,
    /// As the clock's.
    pub drop: Option<unsafe extern "C" fn(context: *mut c_void)>,
}

/// How a validator, a minter or a cache of keys reaches outside of the library. NULL in its place: the
/// system's clock, and the HTTP client that is built in. A minter only asks the clock.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct at9068_ports {
    /// `sizeof(at9068_ports)`.
    pub size: usize,
    /// The time of calls that do not name one themselves, and of the life of keys.
    pub clock: at9068_clock,
    /// How requests to issuers are made.
    pub fetch: at9068_fetch,
    /// Who hears of what happens.
    pub events: at9068_events,
    /// Who knows issuers that are not configured.
    pub resolver: at9068_resolver,
    /// Not 0 where the library fetches nothing: the host does, with at9068_validator_step() and
    /// at9068_validator_due_refresh(). No socket is ever opened then and no thread begun, but those of
    /// at9068_validator_validate_many(); and calls that could wait answer with the keys at hand.
    pub host_fetches: c_int,
    /// The list of access tokens that a validator of these refuses, or NULL. It stays the caller's, and
    /// may be freed after the call.
    pub revocations: *const at9068_revocations,
    /// Where it is remembered which tokens of single use were used.
    pub replay_store: at9068_replay_store,
    /// The same in memory, or NULL. It stays the caller's, and may be freed after the call. With neither,
    /// a validator remembers in a memory of its own.
    pub memory_replay_store: *const at9068_memory_replay_store,
}

// SAFETY: begins with its size; zero octets are no size and ports that are not given; the first size is
// that of a table of nothing but a clock, the second that of one without what is known of tokens.
unsafe impl Versioned for at9068_ports {
    const SIZES: &'static [usize] = &[offset_of!(Self, fetch), offset_of!(Self, revocations), size_of::<Self>()];
}

/// Where a resolver puts what is accepted of an issuer. Belongs to the library.
#[derive(Default)]
pub struct at9068_resolution {
    json: Option<String>,
}

/// Says what is accepted of the issuer that a resolver was asked about: a JSON object, as an entry of
/// the member `issuers` of a validator's configuration. It is copied; a second call replaces the first.
///
/// Returns false of NULL, and where the text is not UTF-8. What is wrong otherwise fails the call that
/// asked with AT9068_CODE_KEYS_UNAVAILABLE.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn at9068_resolution_set_json(
    resolution: Option<&mut at9068_resolution>,
    json: *const c_char,
    json_len: usize,
) -> bool {
    infallible(false, || {
        // SAFETY: the caller's pointer, as the head of the header demands.
        let json = unsafe { text("json", json, json_len) };
        let Some((resolution, json)) = resolution.zip(json.ok()) else { return false };
        resolution.json = Some(json.to_owned());
        true
    })
}

/// Ports on their way into a handle, which owns their contexts only once it is made.
pub(crate) struct HostPorts {
    ports: Ports,
    clock: Option<Arc<dyn Clock>>,
    owned: Arc<AtomicBool>,
}

/// # Safety
/// As [`table`]; its functions keep to what the members' comments say, its handles are NULL or live.
pub(crate) unsafe fn host_ports(ports: *const at9068_ports) -> Result<HostPorts> {
    let owned = Arc::new(AtomicBool::new(false));
    // SAFETY: as this function demands.
    let Some(known) = (unsafe { table("ports", ports) })? else {
        return Ok(HostPorts { ports: Ports::default(), clock: None, owned });
    };
    // SAFETY: as this function demands.
    let (revocations, memory) = unsafe { (known.revocations.as_ref(), known.memory_replay_store.as_ref()) };
    if known.replay_store.first_use.is_some() && memory.is_some() {
        return Err(at9068_error::of_use(ErrorCode::ArgumentInvalid, "a replay store is given twice"));
    }
    let clock = known.clock.to_core(&owned);
    let mut ports = known.to_core(&owned);
    if let Some(clock) = &clock {
        ports = ports.clock(Arc::clone(clock));
    }
    if let Some(revocations) = revocations {
        ports = ports.revocations(&revocations.list);
    }
    if let Some(memory) = memory {
        ports = ports.replay_store(Arc::clone(&memory.store) as Arc<dyn ReplayStore>);
    }
    Ok(HostPorts { ports, clock, owned })
}

impl at9068_clock {
    fn to_core(self, owned: &Arc<AtomicBool>) -> Option<Arc<dyn Clock>> {
        let Self { context, now, drop } = self;
        Some(Host::shared(context, now?, drop, owned))
    }
}

impl at9068_ports {
    /// All but the clock and the handles.
    fn to_core(self, owned: &Arc<AtomicBool>) -> Ports {
        let Self { fetch, events, resolver, replay_store, host_fetches, .. } = self;
        let mut ports = Ports::default();
        if let Some(fetch_document) = fetch.fetch {
            ports = ports.fetch(Host::shared(fetch.context, fetch_document, fetch.drop, owned));
        }
        if let Some(event) = events.event {
            ports = ports.events(Host::shared(events.context, event, events.drop, owned));
        }
        if let Some(resolve) = resolver.resolve {
            ports = ports.resolver(Host::shared(resolver.context, resolve, resolver.drop, owned));
        }
        if let Some(first_use) = replay_store.first_use {
            ports = ports.replay_store(Host::shared(replay_store.context, first_use, replay_store.drop, owned));
        }
        if host_fetches == 0 { ports } else { ports.host_fetches() }
    }
}

impl HostPorts {
    pub(crate) fn to_core(&self) -> Ports {
        self.ports.clone()
    }

    pub(crate) fn clock(&self) -> Option<Arc<dyn Clock>> {
        self.clock.clone()
    }

    /// The handle is made: from now on its end is the end of the contexts.
    pub(crate) fn hand_over(self) {
        self.owned.store(true, Ordering::Release);
    }
}

/// A function of the host's, with its context.
struct Host<F> {
    context: *mut c_void,
    function: F,
    drop: Option<unsafe extern "C" fn(context: *mut c_void)>,
    owned: Arc<AtomicBool>,
}

// SAFETY: the host promises that its functions may be called from any thread, several at once;
// nothing else touches the context.
unsafe impl<F> Send for Host<F> {}
// SAFETY: as above.
unsafe impl<F> Sync for Host<F> {}

impl<F> Host<F> {
    fn shared(
        context: *mut c_void,
        function: F,
        drop: Option<unsafe extern "C" fn(context: *mut c_void)>,
        owned: &Arc<AtomicBool>,
    ) -> Arc<Self> {
        Arc::new(Self { context, function, drop, owned: Arc::clone(owned) })
    }
}

impl<F> Drop for Host<F> {
    fn drop(&mut self) {
        if let (Some(drop), true) = (self.drop, self.owned.load(Ordering::Acquire)) {
            // SAFETY: the host's function with its own context, called this once.
            unsafe { drop(self.context) };
        }
    }
}

impl Clock for Host<unsafe extern "C" fn(*mut c_void, *mut f64) -> c_int> {
    fn now(&self) -> at9068_core::Result<Timestamp> {
        may_panic();
        let mut seconds = f64::NAN;
        // SAFETY: the host's function with its own context, which lives until `drop`.
        let outcome = unsafe { (self.function)(self.context, &raw mut seconds) };
        let told = if outcome == 0 { Timestamp::from_seconds(seconds).ok() } else { None };
        told.ok_or_else(|| Error::from(ErrorCode::Internal))
    }
}

type FetchDocument =
    unsafe extern "C" fn(*mut c_void, *const at9068_fetch_request, *mut at9068_fetch_response) -> at9068_fetch_outcome;

impl Fetch for Host<FetchDocument> {
    fn fetch(&self, request: &FetchRequest) -> std::result::Result<FetchResponse, FetchFailure> {
        may_panic();
        let mut response = at9068_fetch_response::new(request.max_body_bytes);
        let request = at9068_fetch_request::from(request.clone());
        // SAFETY: the host's function with its own context, which lives until `drop`; what the others
        // point to lives longer than the call.
        let outcome = unsafe { (self.function)(self.context, &raw const request, &raw mut response) };
        if outcome == AT9068_FETCH_OK {
            return Ok(response.into_core());
        }
        Err(failure(outcome).unwrap_or(FetchFailure::Broken))
    }
}

impl Events for Host<unsafe extern "C" fn(*mut c_void, at9068_str)> {
    fn event(&self, event: &Event) {
        may_panic();
        let event = event.to_json();
        // SAFETY: the host's function with its own context, which lives until `drop`.
        unsafe { (self.function)(self.context, event.as_str().into()) };
    }
}

impl Resolver for Host<unsafe extern "C" fn(*mut c_void, at9068_str, *mut at9068_resolution) -> c_int> {
    fn resolve(&self, issuer: &str) -> at9068_core::Result<Option<IssuerConfig>> {
        may_panic();
        let mut resolution = at9068_resolution::default();
        // SAFETY: the host's function with its own context, which lives until `drop`; what the others
        // point to lives longer than the call.
        let outcome = unsafe { (self.function)(self.context, issuer.into(), &raw mut resolution) };
        if outcome != 0 {
            return Err(ErrorCode::KeysUnavailable.into());
        }
        resolution.json.map(|json| IssuerConfig::from_json(&json)).transpose()
    }
}

impl ReplayStore for Host<unsafe extern "C" fn(*mut c_void, at9068_str, i64, i64) -> c_int> {
    fn first_use(&self, key: &str, until: i64, now: i64) -> at9068_core::Result<bool> {
        may_panic();
        // SAFETY: the host's function with its own context, which lives until `drop`; the key lives longer
        // than the call.
        match unsafe { (self.function)(self.context, key.into(), until, now) } {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(ErrorCode::Internal.into()),
        }
    }
}
