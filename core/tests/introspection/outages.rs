//! When the issuer cannot be asked: what waits for what, and whom one failure concerns.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Barrier};
use std::thread;
use std::time::Duration;

use at9068::{Fetch, FetchFailure, FetchRequest, FetchResponse, Ports, Strategy, Validator, ValidatorConfig};
use serde_json::json;

use crate::desk::{Desk, answer, config, form, members, refusal, status, text, verdict};
use crate::world::{API, ISSUER};

#[test]
fn an_outage_is_tried_again_after_pauses_that_double() {
    let desk = Desk::new();
    desk.say_otherwise(Err(FetchFailure::Connect));
    let validator = desk.asking();
    let mut longest = 0;
    for _ in 0..12 {
        let refused = refusal(&validator, "opaque");
        assert_eq!((refused.code().slug(), desk.asked()), ("introspection_unavailable", 1));
        // Whatever else is asked about has to wait, too.
        assert_eq!((verdict(&validator, "another"), desk.asked()), ("introspection_unavailable", 0));
        let pause = i64::try_from(refused.retry_after().unwrap()).unwrap();
        longest = longest.max(pause);
        desk.world.pass(pause);
    }
    assert!((30..=60).contains(&longest), "{longest}");
    assert_eq!(status(&validator)["available"], false);
    desk.vouch("opaque", &members());
    assert_eq!((verdict(&validator, "opaque"), status(&validator)["available"] == true), ("ok", true));
}

#[test]
fn whoever_sends_tokens_that_an_issuer_chokes_on_harms_nobody_else() {
    for (said, asked) in [
        (Ok(FetchResponse::new(400, "")), 1),
        (Ok(FetchResponse::new(403, "")), 1),
        (Ok(FetchResponse::new(500, "")), 1),
        (Ok(text("<html>")), 1),
        (Err(FetchFailure::Broken), 1),
        (Err(FetchFailure::TooLarge), 1),
        // These tell of the endpoint.
        (Ok(FetchResponse::new(401, "")), 0),
        (Ok(FetchResponse::new(429, "")), 0),
        (Ok(FetchResponse::new(503, "")), 0),
        (Err(FetchFailure::Timeout), 0),
        (Err(FetchFailure::Tls), 0),
    ] {
        let desk = Desk::new();
        let validator = desk.asking();
        desk.say_otherwise(said.clone());
        for index in 0..20 {
            assert_eq!(verdict(&validator, &format!("garbage-{index}")), "introspection_unavailable");
        }
        desk.requests();
        desk.vouch("good", &members());
        let expected = if asked == 1 { "ok" } else { "introspection_unavailable" };
        assert_eq!((verdict(&validator, "good"), desk.asked()), (expected, asked), "{said:?}");
        // The token itself is held back all the same.
        assert_eq!((verdict(&validator, "garbage-0"), desk.asked()), ("introspection_unavailable", 0), "{said:?}");
    }
}

/// An issuer that never answers about some tokens.
struct Tarpit {
    answers: Arc<Barrier>,
    stuck: AtomicBool,
}

impl Fetch for Tarpit {
    fn fetch(&self, request: &FetchRequest) -> Result<FetchResponse, FetchFailure> {
        if form(request)["token"].starts_with("tar") {
            self.stuck.store(true, Ordering::SeqCst);
            self.answers.wait();
            return Err(FetchFailure::Timeout);
        }
        Ok(answer(&json!({"active": true, "aud": API})))
    }
}

#[test]
fn an_endpoint_that_answers_others_meanwhile_is_not_down() {
    let desk = Desk::new();
    let tarpit = Arc::new(Tarpit { answers: Arc::new(Barrier::new(2)), stuck: AtomicBool::new(false) });
    let config = ValidatorConfig::new(ISSUER, API).introspection(Strategy::Introspection, config());
    let ports = Ports::default().clock(Arc::clone(&desk.world) as _).fetch(Arc::clone(&tarpit) as _);
    let validator = Validator::with_ports(config, ports).unwrap();
    let stuck = {
        let validator = validator.clone();
        thread::spawn(move || verdict(&validator, "tar"))
    };
    while !tarpit.stuck.load(Ordering::SeqCst) {
        thread::yield_now();
    }
    desk.world.pass_millis(10);
    assert_eq!(verdict(&validator, "good"), "ok");
    tarpit.answers.wait();
    assert_eq!(stuck.join().unwrap(), "introspection_unavailable");
    assert_eq!((verdict(&validator, "another"), status(&validator)["available"] == true), ("ok", true));
}

/// An issuer that is down until it is told to be back, and then answers late.
#[derive(Default)]
struct Down {
    back: AtomicBool,
    asked: AtomicUsize,
}

impl Fetch for Down {
    fn fetch(&self, _: &FetchRequest) -> Result<FetchResponse, FetchFailure> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        if !self.back.load(Ordering::SeqCst) {
            thread::sleep(Duration::from_millis(100));
            return Err(FetchFailure::Timeout);
        }
        Ok(answer(&json!({"active": true, "aud": API})))
    }
}

#[test]
fn of_an_endpoint_that_is_down_one_caller_finds_out_whether_it_is_back() {
    let desk = Desk::new();
    let down = Arc::new(Down::default());
    let config = ValidatorConfig::new(ISSUER, API).introspection(Strategy::Introspection, config());
    let ports = Ports::default().clock(Arc::clone(&desk.world) as _).fetch(Arc::clone(&down) as _);
    let validator = Validator::with_ports(config, ports).unwrap();
    assert_eq!(verdict(&validator, "first"), "introspection_unavailable");
    let all = |expected: &'static str| {
        desk.world.pass(60);
        down.asked.store(0, Ordering::SeqCst);
        let barrier = Arc::new(Barrier::new(50));
        let callers: Vec<_> = (0..50)
            .map(|index| {
                let (validator, barrier) = (validator.clone(), Arc::clone(&barrier));
                thread::spawn(move || {
                    barrier.wait();
                    verdict(&validator, &format!("opaque-{index}"))
                })
            })
            .collect();
        assert!(callers.into_iter().all(|caller| caller.join().unwrap() == expected));
        down.asked.load(Ordering::SeqCst)
    };
    assert_eq!(all("introspection_unavailable"), 1);
    down.back.store(true, Ordering::SeqCst);
    assert_eq!(all("ok"), 50);
}

#[test]
fn at_most_sixteen_threads_ask_while_nobody_waits() {
    /// Holds whoever asks until it is let go.
    struct Hold {
        asked: AtomicUsize,
        open: AtomicBool,
    }
    impl Fetch for Hold {
        fn fetch(&self, _: &FetchRequest) -> Result<FetchResponse, FetchFailure> {
            self.asked.fetch_add(1, Ordering::SeqCst);
            while !self.open.load(Ordering::SeqCst) {
                thread::sleep(Duration::from_millis(1));
            }
            Ok(answer(&json!({"active": true})))
        }
    }
    let desk = Desk::new();
    let (key, _) = desk.token();
    let tokens: Vec<String> = (0..40).map(|_| desk.world.mint(&key)).collect();
    let hold = Arc::new(Hold { asked: AtomicUsize::new(0), open: AtomicBool::new(false) });
    let config = ValidatorConfig::new(ISSUER, API)
        .keys(&key.key_set().unwrap())
        .introspection(Strategy::LocalThenIntrospection, config().every_seconds(600));
    let ports = Ports::default().clock(Arc::clone(&desk.world) as _).fetch(Arc::clone(&hold) as _);
    let validator = Validator::with_ports(config, ports).unwrap();
    desk.world.pass(500);
    assert!(tokens.iter().all(|token| verdict(&validator, token) == "ok"));
    thread::sleep(Duration::from_millis(100));
    assert_eq!(hold.asked.load(Ordering::SeqCst), 16);
    hold.open.store(true, Ordering::SeqCst);
}
