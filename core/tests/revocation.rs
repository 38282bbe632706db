//! Tokens that are taken back are refused by every validator that is given the list.

#![allow(clippy::indexing_slicing, clippy::unwrap_used, reason = "a test that meets the unexpected fails, and should")]

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::thread;

use at9068::{
    Algorithm, ApiConfig, Clock, Dialect, ErrorCode, MintRequest, Minter, MinterConfig, Ports, Require, Result,
    Revocations, Revoked, SigningKey, Timestamp, ValidateOptions, Validator, ValidatorConfig,
};

const ISSUER: &str = "https://as.example/";
const API: &str = "https://api.example/";
const LATER: i64 = 10_000;

struct Hand(AtomicI64);

impl Clock for Hand {
    fn now(&self) -> Result<Timestamp> {
        Ok(Timestamp::from_whole_seconds(self.0.load(Ordering::Relaxed)))
    }
}

fn list(now: i64) -> (Revocations, Arc<Hand>) {
    let hand = Arc::new(Hand(AtomicI64::new(now)));
    (Revocations::with_clock(hand.clone()), hand)
}

/// A validator with a list, and a token issued at 1000.
fn guarded(list: &Revocations) -> (Validator, String) {
    let key = SigningKey::generate(Algorithm::ES256).unwrap();
    let minter = Minter::new(MinterConfig::new(
        ISSUER,
        [key.clone()],
        [ApiConfig::new(API, Dialect::Rfc9068Profile).scopes(["a"])],
    ));
    let request = MintRequest::new("authorization_code", "client")
        .subject("user")
        .scope("a")
        .jti("one")
        .claims(&serde_json::json!({"sid": "session"}))
        .unwrap();
    let token = minter.unwrap().mint(&request, Some(1000.0)).unwrap().into_token();
    let config = ValidatorConfig::new(ISSUER, API).keys(&key.key_set().unwrap());
    (Validator::with_ports(config, Ports::default().revocations(list)).unwrap(), token)
}

fn verdict(validator: &Validator, token: &str) -> Result<(), (ErrorCode, String)> {
    let judged = validator.validate(token, &ValidateOptions::default().now(1001.0));
    judged.map(drop).map_err(|error| (error.code(), error.claim().unwrap_or_default().to_owned()))
}

#[test]
fn a_token_is_revoked_by_what_it_names() {
    for (revoked, claim) in [
        (Revoked::token(ISSUER, "one", LATER), Some("jti")),
        (Revoked::token(ISSUER, "two", LATER), None),
        (Revoked::token("https://other.example/", "one", LATER), None),
        (Revoked::subject(ISSUER, "user", 1001, LATER), Some("sub")),
        (Revoked::subject(ISSUER, "user", 1000, LATER), None),
        (Revoked::subject(ISSUER, "client", 1001, LATER), None),
        (Revoked::client(ISSUER, "client", 1001, LATER), Some("client_id")),
        (Revoked::session(ISSUER, "session", 1001, LATER), Some("sid")),
        (Revoked::session(ISSUER, "user", 1001, LATER), None),
    ] {
        let (list, _) = list(1000);
        let (validator, token) = guarded(&list);
        assert_eq!(verdict(&validator, &token), Ok(()));
        list.revoke(&revoked).unwrap();
        let expected = claim.map_or(Ok(()), |claim| Err((ErrorCode::TokenRevoked, claim.to_owned())));
        assert_eq!(verdict(&validator, &token), expected);
        // A demand that is not met does not hide it.
        let options = ValidateOptions::default().now(1001.0).require(Require::new().scopes(["b"]).unwrap());
        let code = validator.validate(&token, &options).unwrap_err().code();
        let expected = if claim.is_some() { ErrorCode::TokenRevoked } else { ErrorCode::ScopeInsufficient };
        assert_eq!(code, expected);
    }
}

#[test]
fn a_refusal_is_authentic_and_challenged() {
    let (list, _) = list(1000);
    let (validator, token) = guarded(&list);
    list.revoke(&Revoked::token(ISSUER, "one", LATER)).unwrap();
    let error = validator.validate(&token, &ValidateOptions::default().now(1001.0)).unwrap_err();
    assert!(error.authenticated());
    assert_eq!((error.oauth(), error.status()), (Some("invalid_token"), Some(401)));
    let explained = validator.explain(&token, &ValidateOptions::default().now(1001.0)).unwrap();
    let step = explained.steps().iter().find(|step| step.rule() == "REVOKE-1").unwrap();
    assert_eq!(step.code(), Some(ErrorCode::TokenRevoked));
}

#[test]
fn entries_are_forgotten_once_no_token_lives() {
    let (list, hand) = list(1000);
    let (validator, token) = guarded(&list);
    list.revoke(&Revoked::token(ISSUER, "one", 2000)).unwrap();
    hand.0.store(2299, Ordering::Relaxed);
    list.sweep().unwrap();
    assert_eq!(verdict(&validator, &token), Err((ErrorCode::TokenRevoked, "jti".to_owned())), "leeway is added");
    hand.0.store(2300, Ordering::Relaxed);
    list.sweep().unwrap();
    assert!(list.is_empty());
    list.revoke(&Revoked::token(ISSUER, "one", 1999)).unwrap();
    assert!(list.is_empty(), "what is over is not taken");
}

#[test]
fn memory_follows_what_lives() {
    let (list, hand) = list(0);
    for number in 0..40_000_i64 {
        hand.0.store(number, Ordering::Relaxed);
        list.revoke(&Revoked::token(ISSUER, number.to_string(), number)).unwrap();
    }
    // Each lives for 300 s; a shard forgets when something is added to it, which is every 4096 s here.
    assert!(list.len() < 9_000, "{}", list.len());
}

#[test]
fn another_process_starts_from_a_snapshot() {
    let (first, _) = list(1000);
    first.revoke(&Revoked::token(ISSUER, "one", LATER)).unwrap();
    first.revoke(&Revoked::subject(ISSUER, "somebody", 500, 1500)).unwrap();
    let text = first.snapshot();
    assert!(!text.contains("one") && !text.contains("somebody"));

    let (second, _) = list(1800);
    second.revoke(&Revoked::token(ISSUER, "other", LATER)).unwrap();
    second.restore(&text).unwrap();
    assert_eq!(second.len(), 2, "what is over is left out");
    let (validator, token) = guarded(&second);
    assert_eq!(verdict(&validator, &token), Err((ErrorCode::TokenRevoked, "jti".to_owned())));

    for wrong in ["", "{}", "[]", &text.replace("\"version\":1", "\"version\":2"), &text.replace("\"}", "A\"}")] {
        assert_eq!(second.restore(wrong).unwrap_err().code(), ErrorCode::ArgumentInvalid);
    }
    assert_eq!(second.len(), 2);
}

#[test]
fn what_is_no_revocation_is_refused() {
    for wrong in [
        r#"{"issuer":"i","until":1}"#,
        r#"{"issuer":"i","jti":"a","sub":"b","until":1}"#,
        r#"{"issuer":"i","jti":"a","issued_before":1,"until":1}"#,
        r#"{"issuer":"i","sub":"a","until":1}"#,
        r#"{"issuer":"","jti":"a","until":1}"#,
        r#"{"issuer":"i","jti":"","until":1}"#,
        r#"{"issuer":"i","jti":"a","until":-1}"#,
        r#"{"issuer":"i","jti":"a"}"#,
        r#"{"issuer":"i","jti":"a","until":1,"reason":"x"}"#,
    ] {
        assert_eq!(Revoked::from_json(wrong).unwrap_err().code(), ErrorCode::ArgumentInvalid, "{wrong}");
    }
    assert_eq!(format!("{:?}", Revoked::token(ISSUER, "one", 5)), "Revoked { until: 5, .. }");
}

#[test]
fn many_threads_add_and_ask() {
    let (list, _) = list(0);
    let (validator, token) = guarded(&list);
    thread::scope(|scope| {
        for first in 0..4 {
            let list = &list;
            scope.spawn(move || {
                for number in 0..2_000 {
                    list.revoke(&Revoked::token(ISSUER, format!("{first}-{number}"), LATER)).unwrap();
                }
            });
        }
        for _ in 0..200 {
            assert_eq!(verdict(&validator, &token), Ok(()));
        }
    });
    assert_eq!(list.len(), 8_000, "nobody's entry is lost");
}
