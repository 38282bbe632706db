//! Many tokens at once are judged as each of them alone would be.

#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_in_result,
    clippy::unwrap_used,
    reason = "a test that meets the unexpected fails, and should"
)]

mod world;

use std::sync::Arc;
use std::thread;

use at9068::{
    ApiConfig, Batch, Dialect, Error, FetchFailure, MintRequest, Minter, MinterConfig, Ports, Progress, Require,
    ValidateOptions, Validator, ValidatorConfig,
};
use serde_json::json;
use world::{API, ISSUER, JWKS_URI, World, code, jwks, key};

/// Good tokens, and between them some that are refused for different reasons.
fn mixture(world: &World, count: usize) -> (Vec<String>, Validator) {
    let (own, strange) = (key(), key());
    let make = |number: usize| match number % 5 {
        1 => world.mint(&strange),
        2 => "no token".to_owned(),
        3 => world.mint_for("https://other.example/", &own),
        _ => world.mint(&own),
    };
    let tokens = (0..count).map(make).collect();
    (tokens, Validator::new(ValidatorConfig::new(ISSUER, API).keys(&own.key_set().unwrap())).unwrap())
}

fn said(error: &Error) -> (&str, Option<u16>, &[String]) {
    (error.code().slug(), error.status(), error.challenges())
}

#[test]
fn verdicts_are_those_of_each_token_in_their_order() {
    let world = World::new();
    let require: Require = serde_json::from_value(json!({"scopes": ["a"]})).unwrap();
    let options = ValidateOptions::default().now(world.seconds()).require(require);
    for count in [0, 1, 3, 4, 5, 17, 200] {
        let (tokens, validator) = mixture(&world, count);
        let verdicts = validator.validate_many(&tokens, &options);
        assert_eq!(verdicts.len(), count);
        for (token, verdict) in tokens.iter().zip(&verdicts) {
            match (verdict, &validator.validate(token, &options)) {
                (Ok(one), Ok(other)) => assert_eq!(one.claims_json(), other.claims_json()),
                (Err(one), Err(other)) => assert_eq!(said(one), said(other)),
                (one, other) => panic!("{one:?} and {other:?}"),
            }
        }
    }
}

#[test]
fn one_request_serves_all_tokens_that_want_it() {
    let world = World::new();
    let (first, second) = (key(), key());
    world.publish(&[&first]);
    let validator = world.validator();
    let tokens: Vec<String> = (0..50).map(|number| world.mint([&first, &second][number % 2])).collect();
    let codes = |world: &World| -> Vec<_> {
        let verdicts = validator.validate_many(&tokens, &ValidateOptions::default().now(world.seconds()));
        verdicts.iter().map(code).collect()
    };
    assert!(codes(&world).iter().enumerate().all(|(at, code)| *code == ["ok", "key_not_found"][at % 2]));
    // The keys, and once more since some name a key that is not among them.
    assert!(world.fetched() <= 2);
    world.publish(&[&first, &second]);
    world.pass(31);
    assert_eq!(codes(&world), vec!["ok"; 50]);
    assert_eq!(world.fetched(), 1);
}

#[test]
fn an_outage_leaves_every_token_undecided_after_one_request() {
    let world = World::new();
    let key = key();
    world.answer(JWKS_URI, Err(FetchFailure::Timeout));
    let tokens: Vec<String> = (0..20).map(|_| world.mint(&key)).collect();
    let verdicts = world.validator().validate_many(&tokens, &ValidateOptions::default());
    assert!(verdicts.iter().all(|verdict| code(verdict) == "keys_unavailable"));
    assert_eq!(world.fetched(), 1);
}

#[test]
fn steps_leave_requests_to_the_host() {
    let world = World::new();
    let key = key();
    let ports = Ports::default().clock(Arc::clone(&world) as _).host_fetches();
    let config = ValidatorConfig::new(ISSUER, API).jwks_uri(JWKS_URI);
    let validator = Validator::with_ports(config, ports).unwrap();
    let tokens: Vec<String> = (0..10).map(|_| world.mint(&key)).collect();
    // Who does not ask step by step makes do with what is at hand.
    let at_once = validator.validate_many(&tokens, &ValidateOptions::default());
    assert!(at_once.iter().all(|verdict| code(verdict) == "keys_unavailable"));

    let mut batch = Batch::new(tokens, ValidateOptions::default());
    let mut requests = 0;
    let verdicts = loop {
        match validator.advance_many(&mut batch) {
            Progress::Done(verdicts) => break verdicts.unwrap(),
            Progress::Fetch(mut refresh) => {
                while let Some(request) = refresh.request() {
                    assert_eq!(request.url, JWKS_URI);
                    refresh.answer(Ok(world::json(&jwks(&[&key]))));
                    requests += 1;
                }
            }
            other => panic!("{other:?}"),
        }
    };
    assert_eq!((verdicts.len(), requests), (10, 1));
    assert!(verdicts.iter().all(Result::is_ok));
    assert!(matches!(validator.advance_many(&mut batch), Progress::Done(Ok(none)) if none.is_empty()));
}

#[test]
fn threads_share_the_pool() {
    let world = World::new();
    let (tokens, validator) = mixture(&world, 40);
    let options = ValidateOptions::default().now(world.seconds());
    let expected: Vec<_> = validator.validate_many(&tokens, &options).iter().map(code).collect();
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for _ in 0..5 {
                    let codes: Vec<_> = validator.validate_many(&tokens, &options).iter().map(code).collect();
                    assert_eq!(codes, expected);
                }
            });
        }
    });
}

#[test]
fn minted_together_they_are_as_minted_alone() {
    let api = ApiConfig::new(API, Dialect::Rfc9068Profile).scopes(["a"]);
    let minter = Minter::new(MinterConfig::new(ISSUER, [key()], [api])).unwrap();
    let request = |number: usize| {
        let scope = if number % 3 == 1 { "unknown" } else { "a" };
        MintRequest::new("client_credentials", format!("client-{number}")).scope(scope)
    };
    let requests: Vec<_> = (0..30).map(request).collect();
    let minted = minter.mint_many(&requests, Some(1000.0));
    assert_eq!(minted.len(), 30);
    for (number, minted) in minted.iter().enumerate() {
        match minted {
            Ok(minted) => assert!(minted.claims_json().contains(&format!("\"client_id\":\"client-{number}\""))),
            Err(error) => assert_eq!((number % 3, error.code().slug()), (1, "invalid_scope")),
        }
    }
    assert_eq!(minted.iter().filter(|minted| minted.is_ok()).count(), 20);
    assert!(minter.mint_many(&requests, Some(f64::NAN)).iter().all(|minted| code(minted) == "argument_invalid"));
}
