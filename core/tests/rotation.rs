//! Rotations of keys under traffic: 100,000 tokens in an hour for each way in which issuers do it, and
//! many callers at once.

#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_in_result,
    clippy::unwrap_used,
    reason = "a test that meets the unexpected fails, and should"
)]

mod world;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Barrier};
use std::thread;
use std::time::Duration;

use at9068::{
    Fetch, FetchFailure, FetchRequest, FetchResponse, Ports, SigningKey, ValidateOptions, Validator, ValidatorConfig,
};
use world::{API, ISSUER, World, code, key};

const TOKENS: u32 = 100_000;
const MILLIS: i64 = 36;
const COOLDOWN: i64 = 30_000;
/// When the rotation begins, in milliseconds from the start.
const ROTATION: i64 = 1_200_000;

/// What an issuer does at a time.
enum Act<'a> {
    Publish(&'a [&'a SigningKey]),
    SignWith(&'a SigningKey),
}

/// The codes of tokens that were refused, and when.
fn run(first: &SigningKey, acts: &[(i64, Act<'_>)]) -> Vec<(i64, &'static str)> {
    let world = World::new();
    world.publish(&[first]);
    let validator = world.validator();
    let (mut signer, mut lost, mut done) = (first, Vec::new(), 0);
    let mut token = world.mint(signer);
    for index in 0..TOKENS {
        let at = i64::from(index) * MILLIS;
        while let Some((_, act)) = acts.get(done).filter(|(when, _)| *when <= at) {
            match act {
                Act::Publish(keys) => world.publish(keys),
                Act::SignWith(key) => signer = key,
            }
            done += 1;
            token = world.mint(signer);
        }
        if index % 100 == 0 {
            token = world.mint(signer);
        }
        let verdict = world.verdict(&validator, &token);
        if verdict != "ok" {
            lost.push((at, verdict));
        }
        world.pass_millis(MILLIS);
    }
    assert_eq!(done, acts.len());
    let fetched = world.fetched();
    assert!(fetched <= 130, "{fetched} fetches in an hour");
    lost
}

fn twin(key: &SigningKey) -> SigningKey {
    let renamed = |key: &SigningKey| {
        let mut jwk: serde_json::Value = serde_json::from_str(&key.to_jwk()).unwrap();
        jwk["kid"] = "one".into();
        SigningKey::from_jwk(&jwk.to_string()).unwrap()
    };
    renamed(key)
}

#[test]
fn a_key_that_is_added_before_it_signs_loses_nothing() {
    let (old, new) = (key(), key());
    let acts = [
        (ROTATION, Act::Publish(&[&old, &new])),
        (ROTATION + COOLDOWN, Act::SignWith(&new)),
        (ROTATION + 900_000, Act::Publish(&[&new])),
    ];
    assert_eq!(run(&old, &acts), []);
}

#[test]
fn a_key_that_signs_before_it_is_published_loses_until_a_cooldown_after() {
    let (old, new) = (key(), key());
    let acts = [(ROTATION, Act::SignWith(&new)), (ROTATION + 20_000, Act::Publish(&[&old, &new]))];
    let lost = run(&old, &acts);
    assert!(!lost.is_empty());
    for (at, code) in lost {
        assert!((ROTATION..=ROTATION + 20_000 + COOLDOWN).contains(&at) && code == "key_not_found", "{at} {code}");
    }
}

#[test]
fn an_old_key_that_is_removed_early_loses_its_own_tokens_only() {
    let (old, new) = (key(), key());
    let acts = [
        (ROTATION, Act::Publish(&[&new])),
        (ROTATION + COOLDOWN, Act::SignWith(&new)),
        (ROTATION + 2 * COOLDOWN, Act::SignWith(&old)),
        (ROTATION + 3 * COOLDOWN, Act::SignWith(&new)),
    ];
    let lost = run(&old, &acts);
    assert!(!lost.is_empty());
    for (at, code) in lost {
        let old_signs = at < ROTATION + COOLDOWN || (2..3).contains(&((at - ROTATION) / COOLDOWN));
        assert!(old_signs && at >= ROTATION && code == "key_not_found", "{at} {code}");
    }
}

#[test]
fn a_set_that_is_replaced_loses_nothing_that_the_new_keys_sign() {
    let (old, one, two) = (key(), key(), key());
    let acts = [(ROTATION, Act::Publish(&[&one, &two])), (ROTATION + COOLDOWN, Act::SignWith(&two))];
    let lost = run(&old, &acts);
    assert!(lost.iter().all(|(at, _)| (ROTATION..ROTATION + COOLDOWN).contains(at)), "{lost:?}");
}

#[test]
fn a_new_key_under_the_same_kid_loses_nothing_that_it_signs() {
    let (old, new) = (twin(&key()), twin(&key()));
    let acts = [(ROTATION, Act::Publish(&[&new])), (ROTATION + COOLDOWN, Act::SignWith(&new))];
    let lost = run(&old, &acts);
    assert!(lost.iter().all(|(at, _)| (ROTATION..ROTATION + COOLDOWN).contains(at)), "{lost:?}");
}

/// A world whose issuers take their time.
struct Slow {
    world: Arc<World>,
    pending: AtomicUsize,
    most: AtomicUsize,
}

impl Fetch for Slow {
    fn fetch(&self, request: &FetchRequest) -> Result<FetchResponse, FetchFailure> {
        let pending = self.pending.fetch_add(1, Ordering::SeqCst) + 1;
        self.most.fetch_max(pending, Ordering::SeqCst);
        thread::sleep(Duration::from_millis(30));
        self.pending.fetch_sub(1, Ordering::SeqCst);
        self.world.fetch(request)
    }
}

#[test]
fn a_thousand_first_callers_ask_once_for_each_document() {
    let (world, key) = (World::new(), key());
    world.describe();
    world.publish(&[&key]);
    let slow = Arc::new(Slow { world: Arc::clone(&world), pending: 0.into(), most: 0.into() });
    let ports = Ports::default().clock(Arc::clone(&world) as _).fetch(Arc::clone(&slow) as _);
    let validator = Validator::with_ports(ValidatorConfig::new(ISSUER, API), ports).unwrap();
    let (token, barrier) = (world.mint(&key), Barrier::new(1000));
    thread::scope(|scope| {
        for _ in 0..1000 {
            thread::Builder::new()
                .stack_size(128 * 1024)
                .spawn_scoped(scope, || {
                    barrier.wait();
                    assert_eq!(code(&validator.validate(&token, &ValidateOptions::default())), "ok");
                })
                .unwrap();
        }
    });
    assert_eq!((world.fetched(), slow.most.load(Ordering::SeqCst)), (3, 1));
}

/// Panics where a document is asked for.
struct Broken;

impl Fetch for Broken {
    fn fetch(&self, _: &FetchRequest) -> Result<FetchResponse, FetchFailure> {
        panic!("a fetch of the host's own that breaks")
    }
}

#[test]
fn a_fetch_that_panics_on_its_thread_is_a_failure_and_no_more() {
    let (world, key) = (World::new(), key());
    let ports = Ports::default().clock(Arc::clone(&world) as _).fetch(Arc::new(Broken));
    let config = ValidatorConfig::new(ISSUER, API).jwks_uri(world::JWKS_URI);
    let validator = Validator::with_ports(config, ports).unwrap();
    let token = world.mint(&key);
    for _ in 0..3 {
        assert_eq!(code(&validator.validate_at_hand(token.as_str(), &ValidateOptions::default())), "keys_unavailable");
        for _ in 0..1000 {
            if validator.status_json().contains("\"refreshing\":false") {
                break;
            }
            thread::sleep(Duration::from_millis(1));
        }
        assert!(validator.status_json().contains("\"reason\":\"abandoned\""));
        world.pass(60);
    }
}

#[cfg(feature = "async")]
#[test]
fn a_thousand_tasks_of_one_thread_ask_once_for_each_document() {
    use std::pin::pin;
    use std::task::{Context, Poll, Wake, Waker};

    struct Unpark(thread::Thread);
    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }

    let (world, key) = (World::new(), key());
    world.describe();
    world.publish(&[&key]);
    let slow = Arc::new(Slow { world: Arc::clone(&world), pending: 0.into(), most: 0.into() });
    let ports = Ports::default().clock(Arc::clone(&world) as _).fetch(slow as _);
    let validator = Validator::with_ports(ValidatorConfig::new(ISSUER, API), ports).unwrap();
    let (token, options) = (world.mint(&key), ValidateOptions::default());
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut context = Context::from_waker(&waker);
    let mut tasks: Vec<_> = (0..1000).map(|_| Box::pin(validator.validate_async(token.as_str(), &options))).collect();
    let mut polls = 0;
    while !tasks.is_empty() {
        polls += 1;
        tasks.retain_mut(|task| match pin!(task).poll(&mut context) {
            Poll::Ready(verdict) => {
                assert_eq!(code(&verdict), "ok");
                false
            }
            Poll::Pending => true,
        });
        if !tasks.is_empty() {
            thread::park_timeout(Duration::from_secs(10));
        }
    }
    assert_eq!(world.fetched(), 3);
    assert!(polls > 1, "nothing was waited for");
}
