//! What threads share, under orders of events that a machine seldom brings about.
//!
//! Built only with `--cfg shuttle`, which replaces locks, atomics and threads by those of a scheduler that chooses at
//! random who goes on after each of their steps: `make models`.

#![cfg(shuttle)]
#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that meets the unexpected fails, and should"
)]

use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use at9068::{
    Algorithm, ApiConfig, Clock, Dialect, ErrorCode, Fetch, FetchFailure, FetchRequest, FetchResponse, IssuerCache,
    IssuerCacheConfig, MemoryReplayStore, MintRequest, Minter, MinterConfig, Ports, Progress, ReplayStore, Result,
    Revocations, Revoked, SigningKey, Timestamp, ValidateOptions, Validator, ValidatorConfig,
};
use shuttle::thread;

const ISSUER: &str = "https://as.example/";
const API: &str = "https://api.example/";
const LATER: i64 = 100_000;
const ORDERS: usize = 2_000;

/// A key, and a token that it signed at 1000. Made once: what is not shared needs no model.
fn signed() -> &'static (SigningKey, String) {
    static SIGNED: OnceLock<(SigningKey, String)> = OnceLock::new();
    SIGNED.get_or_init(|| {
        let key = SigningKey::generate(Algorithm::EdDSA).unwrap();
        let api = ApiConfig::new(API, Dialect::Rfc9068Profile);
        let minter = Minter::new(MinterConfig::new(ISSUER, [key.clone()], [api]).default_audience(API)).unwrap();
        let request = MintRequest::new("authorization_code", "client").subject("user").jti("one");
        let token = minter.mint(&request, Some(1000.0)).unwrap().into_token();
        (key, token)
    })
}

struct Hand(AtomicI64);

impl Clock for Hand {
    fn now(&self) -> Result<Timestamp> {
        Ok(Timestamp::from_whole_seconds(self.0.load(Ordering::Relaxed)))
    }
}

fn hand(now: i64) -> Arc<Hand> {
    Arc::new(Hand(AtomicI64::new(now)))
}

/// An issuer that counts who comes, and lets others go first before it answers.
struct Counting {
    came: AtomicUsize,
    there: AtomicUsize,
    fails: bool,
}

impl Counting {
    fn new(fails: bool) -> Arc<Self> {
        Arc::new(Self { came: AtomicUsize::new(0), there: AtomicUsize::new(0), fails })
    }
}

impl Fetch for Counting {
    fn fetch(&self, _: &FetchRequest) -> Result<FetchResponse, FetchFailure> {
        self.came.fetch_add(1, Ordering::SeqCst);
        assert_eq!(self.there.fetch_add(1, Ordering::SeqCst), 0, "two at a time");
        thread::yield_now();
        self.there.fetch_sub(1, Ordering::SeqCst);
        if self.fails {
            return Err(FetchFailure::Connect);
        }
        let keys = signed().0.key_set().unwrap().to_json();
        Ok(FetchResponse::new(200, keys).header("Content-Type", "application/json"))
    }
}

fn validator(fetch: &Arc<Counting>, clock: &Arc<Hand>) -> Validator {
    let config = ValidatorConfig::new(ISSUER, API).jwks_uri("https://as.example/keys");
    Validator::with_ports(config, Ports::default().fetch(fetch.clone()).clock(clock.clone())).unwrap()
}

fn code(validator: &Validator, token: &str) -> Option<ErrorCode> {
    validator.validate(token, &ValidateOptions::default().now(1001.0)).err().map(|error| error.code())
}

#[test]
fn first_calls_share_one_fetch() {
    shuttle::check_random(
        || {
            let fetch = Counting::new(false);
            let validator = validator(&fetch, &hand(1001));
            let calls: Vec<_> = (0..3)
                .map(|_| {
                    let validator = validator.clone();
                    thread::spawn(move || assert_eq!(code(&validator, &signed().1), None))
                })
                .collect();
            calls.into_iter().for_each(|call| call.join().unwrap());
            assert_eq!(fetch.came.load(Ordering::SeqCst), 1);
        },
        ORDERS,
    );
}

#[test]
fn whoever_waits_for_a_fetch_that_fails_is_told() {
    shuttle::check_random(
        || {
            let fetch = Counting::new(true);
            let validator = validator(&fetch, &hand(1001));
            let calls: Vec<_> = (0..3)
                .map(|_| {
                    let validator = validator.clone();
                    thread::spawn(move || assert_eq!(code(&validator, &signed().1), Some(ErrorCode::KeysUnavailable)))
                })
                .collect();
            calls.into_iter().for_each(|call| call.join().unwrap());
            assert_eq!(fetch.came.load(Ordering::SeqCst), 1, "the pause after a failure begins with it");
        },
        ORDERS,
    );
}

#[test]
fn a_refresh_that_is_let_go_leaves_nobody_waiting() {
    shuttle::check_random(
        || {
            let fetch = Counting::new(false);
            let validator = validator(&fetch, &hand(1001));
            let options = ValidateOptions::default().now(1001.0);
            let Progress::Fetch(refresh) = validator.step(signed().1.as_str(), &options) else {
                panic!("not the first")
            };
            let waiting = {
                let validator = validator.clone();
                thread::spawn(move || code(&validator, &signed().1))
            };
            drop(refresh);
            let told = waiting.join().unwrap();
            assert!(told.is_none() || told == Some(ErrorCode::KeysUnavailable), "{told:?}");
        },
        ORDERS,
    );
}

#[test]
fn keys_are_renewed_while_they_are_used() {
    shuttle::check_random(
        || {
            let (fetch, clock) = (Counting::new(false), hand(1001));
            let validator = validator(&fetch, &clock);
            assert_eq!(code(&validator, &signed().1), None);
            // Due: ten minutes are the lifetime of an answer that states none.
            clock.0.store(1001 + 500, Ordering::Relaxed);
            let calls: Vec<_> = (0..3)
                .map(|_| {
                    let validator = validator.clone();
                    thread::spawn(move || assert_eq!(code(&validator, &signed().1), None))
                })
                .collect();
            calls.into_iter().for_each(|call| call.join().unwrap());
            assert!(fetch.came.load(Ordering::SeqCst) <= 2);
        },
        ORDERS,
    );
}

#[test]
fn a_cache_is_shared_by_validators_that_are_made_at_once() {
    shuttle::check_random(
        || {
            let fetch = Counting::new(false);
            let ports = || Ports::default().fetch(fetch.clone()).clock(hand(1001));
            let cache = IssuerCache::with_ports(IssuerCacheConfig::default(), ports()).unwrap();
            let calls: Vec<_> = (0..2)
                .map(|_| {
                    let (cache, ports) = (cache.clone(), ports());
                    thread::spawn(move || {
                        let config = ValidatorConfig::new(ISSUER, API).jwks_uri("https://as.example/keys");
                        let validator = Validator::with_issuer_cache(config, ports, &cache).unwrap();
                        assert_eq!(code(&validator, &signed().1), None);
                    })
                })
                .collect();
            calls.into_iter().for_each(|call| call.join().unwrap());
            assert_eq!(fetch.came.load(Ordering::SeqCst), 1);
        },
        ORDERS,
    );
}

#[test]
fn what_was_revoked_stays_revoked_while_the_list_grows() {
    shuttle::check_random(
        || {
            let list = Revocations::with_clock(hand(1001));
            let key = signed().0.key_set().unwrap();
            let config = ValidatorConfig::new(ISSUER, API).keys(&key);
            let validator = Validator::with_ports(config, Ports::default().revocations(&list)).unwrap();
            list.revoke(&Revoked::token(ISSUER, "one", LATER)).unwrap();
            // Enough for the table to be replaced by a larger one.
            let writers: Vec<_> = (0..2)
                .map(|writer| {
                    let list = list.clone();
                    thread::spawn(move || {
                        for number in 0..40 {
                            list.revoke(&Revoked::token(ISSUER, format!("{writer}-{number}"), LATER)).unwrap();
                        }
                    })
                })
                .collect();
            for _ in 0..5 {
                assert_eq!(code(&validator, &signed().1), Some(ErrorCode::TokenRevoked));
            }
            writers.into_iter().for_each(|writer| writer.join().unwrap());
            assert_eq!(list.len(), 81);
        },
        ORDERS / 10,
    );
}

#[test]
fn of_two_that_use_one_name_one_is_first() {
    shuttle::check_random(
        || {
            let store = Arc::new(MemoryReplayStore::with_capacity(4));
            let uses: Vec<_> = (0..3)
                .map(|_| {
                    let store = Arc::clone(&store);
                    thread::spawn(move || usize::from(store.first_use("one", LATER, 1001).unwrap()))
                })
                .collect();
            assert_eq!(uses.into_iter().map(|using| using.join().unwrap()).sum::<usize>(), 1);
        },
        ORDERS,
    );
}
