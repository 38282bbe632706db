//! The life of fetched keys, told by a clock that the tests move.

#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_in_result,
    clippy::unwrap_used,
    reason = "a test that meets the unexpected fails, and should"
)]

mod world;

use std::sync::Arc;
use std::time::Duration;

use at9068::{
    Explanation, FetchFailure, FetchResponse, IssuerCache, IssuerCacheConfig, Ports, Progress, ValidateOptions,
    Validator, ValidatorConfig,
};
use world::{API, ISSUER, JWKS_URI, World, code, json, jwks, key};

fn state(validator: &Validator) -> String {
    let status: serde_json::Value = serde_json::from_str(&validator.status_json()).unwrap();
    status["issuers"][0]["state"].as_str().unwrap().to_owned()
}

/// Waits for a refresh that was begun on a thread.
fn settle(validator: &Validator) {
    for _ in 0..2000 {
        let status: serde_json::Value = serde_json::from_str(&validator.status_json()).unwrap();
        if status["issuers"][0]["refreshing"] == false {
            return;
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    panic!("a refresh does not end");
}

#[test]
fn nothing_is_fetched_before_it_is_needed_and_then_once() {
    let (world, key) = (World::new(), key());
    world.publish(&[&key]);
    let validator = world.validator();
    assert_eq!((world.fetched(), state(&validator).as_str()), (0, "empty"));
    for _ in 0..3 {
        assert_eq!(world.verdict(&validator, &world.mint(&key)), "ok");
    }
    assert_eq!((world.fetched(), state(&validator).as_str()), (1, "fresh"));
    assert_eq!(
        world.told(),
        [format!("{{\"event\":\"refreshed\",\"issuer\":\"{ISSUER}\",\"keys\":1,\"changed\":true}}")]
    );
}

#[test]
fn what_needs_no_key_fetches_none() {
    let (world, key) = (World::new(), key());
    let validator = world.validator();
    let foreign = world.mint_for("https://evil.example/", &key);
    assert_eq!(world.verdict(&validator, &foreign), "issuer_unknown");
    assert_eq!(world.verdict(&validator, "a.b.c"), "token_malformed");
    let listed = ValidatorConfig::new(ISSUER, API).jwks_uri(JWKS_URI).algorithms([at9068::Algorithm::RS256]);
    assert_eq!(world.verdict(&world.validator_of(listed), &world.mint(&key)), "algorithm_not_allowed");
    assert_eq!(world.fetched(), 0);
}

#[test]
fn keys_that_are_due_are_refreshed_while_they_serve() {
    let (world, old, new) = (World::new(), key(), key());
    world.publish(&[&old]);
    let validator = world.validator();
    assert_eq!(world.verdict(&validator, &world.mint(&old)), "ok");
    world.pass(479);
    assert_eq!((world.verdict(&validator, &world.mint(&old)), world.fetched()), ("ok", 1));
    world.publish(&[&new]);
    world.pass(1);
    assert_eq!(state(&validator), "due");
    // Whoever finds them due goes on with them.
    assert_eq!(world.verdict(&validator, &world.mint(&old)), "ok");
    settle(&validator);
    assert_eq!((world.fetched(), state(&validator).as_str()), (1, "fresh"));
    assert_eq!(world.verdict(&validator, &world.mint(&new)), "ok");
    assert_eq!(world.verdict(&validator, &world.mint(&old)), "key_not_found");
    assert_eq!(world.fetched(), 0);
}

#[test]
fn stale_keys_serve_only_while_none_can_be_fetched() {
    let (world, old, new) = (World::new(), key(), key());
    world.publish(&[&old]);
    let validator = world.validator();
    let token = world.mint(&old);
    assert_eq!(world.verdict(&validator, &token), "ok");
    world.pass(600);
    world.answer(JWKS_URI, Err(FetchFailure::Timeout));
    assert_eq!((world.verdict(&validator, &token), state(&validator).as_str()), ("ok", "stale"));
    assert_eq!(world.fetched(), 2);
    // Within the pause nobody waits for another attempt.
    assert_eq!((world.verdict(&validator, &token), world.fetched()), ("ok", 0));
    world.pass(3599);
    assert_eq!((world.verdict(&validator, &token), world.fetched()), ("ok", 1));
    world.pass(1);
    let refused = validator.validate(&token, &ValidateOptions::default()).unwrap_err();
    assert_eq!(
        (refused.code().slug(), refused.status(), state(&validator).as_str()),
        ("keys_unavailable", Some(503), "expired")
    );
    assert!(refused.challenges().is_empty() && refused.oauth().is_none() && !refused.authenticated());
    assert!((1..=60).contains(&refused.retry_after().unwrap()));
    // A key that was taken back is gone with the first fetch that succeeds.
    world.publish(&[&new]);
    world.pass(60);
    assert_eq!(world.verdict(&validator, &token), "key_not_found");
    assert_eq!(world.verdict(&validator, &world.mint(&new)), "ok");
}

#[test]
fn a_stale_key_that_was_taken_back_is_never_used_once_it_can_be_known() {
    let (world, old, new) = (World::new(), key(), key());
    world.publish(&[&old]);
    let validator = world.validator();
    let token = world.mint(&old);
    assert_eq!(world.verdict(&validator, &token), "ok");
    world.publish(&[&new]);
    world.pass(600);
    assert_eq!(world.verdict(&validator, &token), "key_not_found");
}

#[test]
fn an_outage_from_the_start_is_undecided_and_tried_again_after_a_pause() {
    let (world, key) = (World::new(), key());
    world.answer(JWKS_URI, Ok(FetchResponse::new(500, "")));
    let validator = world.validator();
    let token = world.mint(&key);
    let mut longest = 0;
    for _ in 0..12 {
        let refused = validator.validate(&token, &ValidateOptions::default()).unwrap_err();
        assert_eq!((refused.code().slug(), world.fetched()), ("keys_unavailable", 1));
        assert_eq!((world.verdict(&validator, &token), world.fetched()), ("keys_unavailable", 0));
        let pause = i64::try_from(refused.retry_after().unwrap()).unwrap();
        longest = longest.max(pause);
        world.pass(pause);
    }
    assert!((30..=60).contains(&longest), "{longest}");
    world.publish(&[&key]);
    assert_eq!(world.verdict(&validator, &token), "ok");
}

#[test]
fn an_unknown_kid_fetches_once_in_a_cooldown_and_the_same_request_is_judged_anew() {
    let (world, old, new) = (World::new(), key(), key());
    world.publish(&[&old]);
    let validator = world.validator();
    assert_eq!(world.verdict(&validator, &world.mint(&old)), "ok");
    world.pass(30);
    world.publish(&[&old, &new]);
    assert_eq!((world.verdict(&validator, &world.mint(&new)), world.fetched()), ("ok", 2));
    let stranger = key_token(&world);
    for _ in 0..5 {
        assert_eq!((world.verdict(&validator, &stranger), world.fetched()), ("key_not_found", 0));
    }
    // A known key is never held back.
    assert_eq!(world.verdict(&validator, &world.mint(&old)), "ok");
    world.pass(30);
    assert_eq!((world.verdict(&validator, &stranger), world.fetched()), ("key_not_found", 1));
    let unknown = world.told().into_iter().filter(|event| event.contains("unknown_kid")).count();
    assert_eq!(unknown, 3, "once in each cooldown: the new key, the stranger twice");
}

fn key_token(world: &World) -> String {
    world.mint(&key())
}

#[test]
fn a_bad_signature_under_a_known_kid_fetches_once_in_a_cooldown() {
    let world = World::new();
    let named = |_| {
        let jwk = key().to_jwk();
        let mut value: serde_json::Value = serde_json::from_str(&jwk).unwrap();
        value["kid"] = "one".into();
        at9068::SigningKey::from_jwk(&value.to_string()).unwrap()
    };
    let (old, new) = (named(1), named(2));
    world.publish(&[&old]);
    let validator = world.validator();
    assert_eq!(world.verdict(&validator, &world.mint(&old)), "ok");
    world.publish(&[&new]);
    assert_eq!((world.verdict(&validator, &world.mint(&new)), world.fetched()), ("signature_invalid", 1));
    world.pass(30);
    assert_eq!((world.verdict(&validator, &world.mint(&new)), world.fetched()), ("ok", 1));
    assert_eq!((world.verdict(&validator, &world.mint(&old)), world.fetched()), ("signature_invalid", 0));
}

#[test]
fn a_flood_of_unknown_kids_fetches_three_times_in_a_minute() {
    let (world, key) = (World::new(), key());
    world.publish(&[&key]);
    let validator = world.validator();
    let good = world.mint(&key);
    let (header, rest) = good.split_once('.').unwrap();
    let header = String::from_utf8(decode(header)).unwrap();
    let kid = key.kid().unwrap();
    for index in 0..1_000_000_u32 {
        let forged = header.replace(kid, &format!("k{index}"));
        let token = format!("{}.{rest}", encode(&forged));
        assert_eq!(world.verdict(&validator, &token), "key_not_found");
        if index % 1000 == 999 {
            world.pass_millis(60);
            assert_eq!(world.verdict(&validator, &good), "ok");
        }
    }
    assert!(world.fetched() <= 3);
    let told = world.told().len();
    assert!(told <= 3 * 1024 + 3, "{told}");
}

fn encode(text: &str) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(text)
}

fn decode(text: &str) -> Vec<u8> {
    use base64::Engine as _;
    base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(text).unwrap()
}

#[test]
fn what_has_not_changed_is_not_sent_again() {
    let (world, key) = (World::new(), key());
    world.answer(JWKS_URI, Ok(json(&jwks(&[&key])).header("ETag", "\"v1\"").header("Cache-Control", "max-age=60")));
    let validator = world.validator();
    let token = world.mint(&key);
    assert_eq!(world.verdict(&validator, &token), "ok");
    world.pass(60);
    assert_eq!(world.verdict(&validator, &token), "ok");
    assert_eq!(state(&validator), "fresh");
    let requests = world.requested();
    let sent: Vec<_> = requests.iter().map(|r| r.headers.iter().any(|(name, _)| name == "If-None-Match")).collect();
    assert_eq!(sent, [false, true]);
    assert!(world.told().pop().unwrap().contains("\"changed\":false"));
    // Who says that nothing has changed without being asked has said nothing.
    let lone = World::new();
    lone.answer(JWKS_URI, Ok(FetchResponse::new(304, "")));
    assert_eq!(lone.verdict(&lone.validator(), &lone.mint(&key)), "keys_unavailable");
}

#[test]
fn a_clock_that_is_set_back_holds_nobody_up() {
    let (world, old, new) = (World::new(), key(), key());
    world.publish(&[&old]);
    let validator = world.validator();
    world.pass(1_000_000);
    assert_eq!(world.verdict(&validator, &world.mint(&old)), "ok");
    world.pass(-900_000);
    world.publish(&[&old, &new]);
    assert_eq!(world.verdict(&validator, &world.mint(&old)), "ok");
    settle(&validator);
    assert_eq!(world.verdict(&validator, &world.mint(&new)), "ok");
    assert_eq!(state(&validator), "fresh");
}

#[test]
fn validators_with_one_cache_share_keys_and_those_with_their_own_do_not() {
    let (world, key) = (World::new(), key());
    world.publish(&[&key]);
    let cache = IssuerCache::with_ports(IssuerCacheConfig::new(), world.ports()).unwrap();
    let config = || ValidatorConfig::new(ISSUER, API).jwks_uri(JWKS_URI);
    let shared =
        || Validator::with_issuer_cache(config(), Ports::default().clock(Arc::clone(&world) as _), &cache).unwrap();
    let token = world.mint(&key);
    assert_eq!((world.verdict(&shared(), &token), world.verdict(&shared(), &token), world.fetched()), ("ok", "ok", 1));
    assert_eq!((world.verdict(&world.validator(), &token), world.fetched()), ("ok", 1));
    // Another issuer's keys lie at the same place: they are another's all the same.
    let other = ValidatorConfig::new("https://other.example/", API).jwks_uri(JWKS_URI);
    let other = Validator::with_issuer_cache(other, Ports::default().clock(Arc::clone(&world) as _), &cache).unwrap();
    assert_eq!(world.verdict(&other, &world.mint_for("https://other.example/", &key)), "ok");
    assert_eq!(world.fetched(), 1);
    assert_eq!(cache.status_json().matches("\"issuer\":").count(), 2);
}

#[test]
fn a_snapshot_carries_a_cold_start_through_an_outage() {
    let (world, key) = (World::new(), key());
    world.publish(&[&key]);
    let first = world.validator();
    let token = world.mint(&key);
    assert_eq!(world.verdict(&first, &token), "ok");
    let snapshot = first.issuer_cache().unwrap().snapshot();
    world.answer(JWKS_URI, Err(FetchFailure::Connect));
    world.pass(700);
    for early in [true, false] {
        let cache = IssuerCache::with_ports(IssuerCacheConfig::new(), world.ports()).unwrap();
        let config = ValidatorConfig::new(ISSUER, API).jwks_uri(JWKS_URI);
        if early {
            cache.restore(&snapshot).unwrap();
        }
        let second = Validator::with_issuer_cache(config, world.ports(), &cache).unwrap();
        if !early {
            assert_eq!(world.verdict(&second, &token), "keys_unavailable");
            cache.restore(&snapshot).unwrap();
        }
        assert_eq!((world.verdict(&second, &token), state(&second).as_str()), ("ok", "stale"));
        // It ages from when it was fetched.
        world.pass(3500);
        assert_eq!(world.verdict(&second, &token), "keys_unavailable");
        world.pass(-3500);
        for wrong in ["", "{}", "[]", "{\"version\":2,\"issuers\":[]}", "{\"version\":1,\"issuers\":[[]]}"] {
            assert_eq!(cache.restore(wrong).unwrap_err().code().slug(), "argument_invalid");
        }
    }
    let elsewhere = ValidatorConfig::new(ISSUER, API).jwks_uri("https://as.example/other");
    let cache = IssuerCache::with_ports(IssuerCacheConfig::new(), world.ports()).unwrap();
    cache.restore(&snapshot).unwrap();
    let other = Validator::with_issuer_cache(elsewhere, world.ports(), &cache).unwrap();
    assert_eq!(world.verdict(&other, &token), "keys_unavailable", "keys belong to where they came from");
}

#[test]
fn the_operator_may_fetch_ahead_and_anew() {
    let (world, old, new) = (World::new(), key(), key());
    world.publish(&[&old]);
    let validator = world.validator();
    validator.prefetch().unwrap();
    validator.prefetch().unwrap();
    assert_eq!((world.fetched(), state(&validator).as_str()), (1, "fresh"));
    world.publish(&[&new]);
    validator.refresh().unwrap();
    assert_eq!(world.verdict(&validator, &world.mint(&old)), "key_not_found");
    assert_eq!(world.verdict(&validator, &world.mint(&new)), "ok");
    assert_eq!(world.fetched(), 1);
    world.answer(JWKS_URI, Ok(json("{\"keys\":[]}")));
    assert_eq!(code(&validator.refresh()), "keys_unavailable");
    assert_eq!(world.verdict(&validator, &world.mint(&new)), "ok", "a failure takes no key away");
}

#[test]
fn a_host_that_fetches_itself_is_told_what_to_fetch() {
    let (world, key) = (World::new(), key());
    world.describe();
    world.publish(&[&key]);
    let ports = Ports::default().clock(Arc::clone(&world) as _).host_fetches();
    let validator = Validator::with_ports(ValidatorConfig::new(ISSUER, API), ports).unwrap();
    let (token, options) = (world.mint(&key), ValidateOptions::default());
    assert_eq!(code(&validator.validate(&token, &options)), "keys_unavailable");
    let Progress::Fetch(mut refresh) = validator.step(token.as_str(), &options) else { panic!("nothing to fetch") };
    assert!(matches!(validator.step(token.as_str(), &options), Progress::Wait(_)));
    let mut asked = Vec::new();
    while let Some(request) = refresh.request() {
        refresh.answer(at9068::Fetch::fetch(&*world, &request));
        asked.push(request.url);
    }
    assert_eq!(asked, [world::OAUTH, world::OPENID, JWKS_URI]);
    assert!(refresh.flight().is_over());
    assert!(matches!(validator.step(token.as_str(), &options), Progress::Done(Ok(_))));
    assert!(validator.due_refresh().is_none());
    world.pass(480);
    assert!(matches!(validator.step(token.as_str(), &options), Progress::Done(Ok(_))));
    let mut due = validator.due_refresh().unwrap();
    assert!(validator.due_refresh().is_none());
    assert_eq!(due.request().unwrap().url, JWKS_URI, "metadata is fresh, too");
    due.answer(Err(FetchFailure::Connect));
    assert!(due.request().is_none());
    assert!(matches!(validator.step(token.as_str(), &options), Progress::Done(Ok(_))));
}

#[test]
fn an_answer_that_comes_too_late_changes_nothing() {
    let (world, old, new) = (World::new(), key(), key());
    world.publish(&[&old]);
    let cache = IssuerCacheConfig::new().timeout_seconds(0.05);
    let ports = Ports::default().clock(Arc::clone(&world) as _).host_fetches();
    let config = ValidatorConfig::new(ISSUER, API).jwks_uri(JWKS_URI).issuer_cache(cache);
    let validator = Validator::with_ports(config, ports).unwrap();
    let (token, options) = (world.mint(&new), ValidateOptions::default());
    let Progress::Fetch(mut slow) = validator.step(token.as_str(), &options) else { panic!("nothing to fetch") };
    std::thread::sleep(Duration::from_millis(600));
    assert_eq!(slow.flight().remaining(), Duration::ZERO);
    // Whoever does not come back has failed, so that no other is sent after it at once.
    assert_eq!(code(&validator.validate_at_hand(token.as_str(), &options)), "keys_unavailable");
    assert!(matches!(validator.step(token.as_str(), &options), Progress::Done(Err(_))));
    assert!(validator.status_json().contains("\"reason\":\"timeout\""));
    world.pass(1);
    let Progress::Fetch(mut fast) = validator.step(token.as_str(), &options) else { panic!("nothing to fetch") };
    fast.answer(Ok(json(&jwks(&[&new]))));
    slow.answer(Ok(json(&jwks(&[&old]))));
    assert!(matches!(validator.step(token.as_str(), &options), Progress::Done(Ok(_))));
}

#[test]
fn prefetching_and_explaining_never_wait_by_themselves_where_the_host_fetches() {
    let (world, old, new) = (World::new(), key(), key());
    world.publish(&[&old]);
    let ports = Ports::default().clock(Arc::clone(&world) as _).host_fetches();
    let validator = Validator::with_ports(ValidatorConfig::new(ISSUER, API).jwks_uri(JWKS_URI), ports).unwrap();
    let (token, options) = (world.mint(&new), ValidateOptions::default());
    let outcome = |explained: &Explanation| explained.verdict().map_or_else(|error| error.code().slug(), |_| "ok");
    assert_eq!(code(&validator.prefetch()), "keys_unavailable", "nothing is fetched behind the host's back");
    assert_eq!(outcome(&validator.explain_at_hand(&token, &options).unwrap()), "keys_unavailable");

    let mut steps = validator.prefetch_steps();
    let Progress::Fetch(mut refresh) = steps.step() else { panic!("nothing to fetch") };
    let mut meanwhile = validator.prefetch_steps();
    assert!(matches!(meanwhile.step(), Progress::Wait(_)));
    refresh.answer(Ok(json(&jwks(&[&old]))));
    assert!(matches!(steps.step(), Progress::Done(Ok(()))));
    assert!(matches!(meanwhile.step(), Progress::Done(Ok(()))));
    assert!(matches!(validator.prefetch_steps().step(), Progress::Done(Ok(()))), "what is fresh is not fetched");

    world.pass(30);
    let Progress::Fetch(mut refresh) = validator.explain_step(&token, &options) else { panic!("nothing to fetch") };
    assert!(matches!(validator.explain_step(&token, &options), Progress::Wait(_)));
    refresh.answer(Ok(json(&jwks(&[&new]))));
    let Progress::Done(Ok(explained)) = validator.explain_step(&token, &options) else { panic!("not over") };
    assert_eq!(outcome(&explained), "ok");

    let mut steps = validator.refresh_steps();
    let Progress::Fetch(mut refresh) = steps.step() else { panic!("nothing to fetch") };
    refresh.answer(Err(FetchFailure::Connect));
    let Progress::Done(failed) = steps.step() else { panic!("not over") };
    assert_eq!(code(&failed), "keys_unavailable");
    assert!(matches!(validator.step(token.as_str(), &options), Progress::Done(Ok(_))), "keys at hand are kept");
}

#[test]
fn a_host_prepares_the_thread_that_fetches() {
    let (world, key) = (World::new(), key());
    world.publish(&[&key]);
    let validator = world.validator();
    let (token, options) = (world.mint(&key), ValidateOptions::default());
    let Progress::Fetch(refresh) = validator.step(token.as_str(), &options) else { panic!("nothing to fetch") };
    let (tell, told) = std::sync::mpsc::channel();
    let flight = refresh.flight();
    assert!(flight.remaining() > Duration::from_secs(4) && flight.remaining() < Duration::from_secs(6));
    let fetched = Arc::clone(&world);
    let prepare = move || tell.send((std::thread::current().name().map(str::to_owned), fetched.fetched())).unwrap();
    assert!(refresh.spawn_after(prepare).unwrap().wait(Duration::from_secs(5)));
    assert_eq!(told.recv().unwrap(), (Some("at9068-refresh".to_owned()), 0));
    assert!(matches!(validator.step(token.as_str(), &options), Progress::Done(Ok(_))));
}
