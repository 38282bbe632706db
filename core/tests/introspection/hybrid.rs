//! Tokens that are judged here, and that the issuer is asked about every so often.

use at9068::{
    ApiConfig, Dialect, FetchFailure, FetchResponse, MintRequest, Minter, MinterConfig, Origin, Require, SigningKey,
    Strategy, ValidateOptions, Validator,
};
use serde_json::{Value, json};

use crate::desk::{Desk, config, refusal, settle, status, verdict};
use crate::world::{API, ISSUER, code};

fn origin(validator: &Validator, token: &str) -> Origin {
    validator.validate(token, &ValidateOptions::default()).unwrap().origin()
}

/// A token of now that lives so long.
fn short(desk: &Desk, key: &SigningKey, seconds: u32) -> String {
    let api = ApiConfig::new(API, Dialect::Rfc9068Profile).lifetime_seconds(seconds);
    let minter = Minter::new(MinterConfig::new(ISSUER, [key.clone()], [api]).default_audience(API)).unwrap();
    minter.mint(&MintRequest::new("client_credentials", "client"), Some(desk.world.seconds())).unwrap().into_token()
}

#[test]
fn a_token_is_asked_about_when_its_word_is_too_old() {
    let desk = Desk::new();
    let (_, token) = desk.token();
    let validator = desk.hybrid();
    desk.vouch(&token, &json!({}));
    // It is the issuer's word itself, and young.
    assert_eq!((origin(&validator, &token), desk.asked()), (Origin::Local, 0));
    desk.world.pass_millis(479_999);
    assert_eq!((origin(&validator, &token), desk.asked()), (Origin::Local, 0));
    // From 0.8 of the time on it is asked about while it is good.
    desk.world.pass_millis(1);
    assert_eq!(origin(&validator, &token), Origin::Local);
    settle(&desk, 1);
    let vouched = validator.validate(&token, &ValidateOptions::default()).unwrap();
    assert_eq!((vouched.origin(), vouched.profile().is_some(), desk.asked()), (Origin::LocalAndIntrospection, true, 1));
    assert_eq!((vouched.sub(), vouched.header_json().contains("at+jwt")), ("user", true));
    // And so again and again.
    desk.world.pass_millis(479_999);
    assert_eq!((origin(&validator, &token), desk.asked()), (Origin::LocalAndIntrospection, 0));
    desk.world.pass_millis(1);
    assert_eq!(origin(&validator, &token), Origin::LocalAndIntrospection);
    settle(&desk, 1);
    assert_eq!((origin(&validator, &token), desk.asked()), (Origin::LocalAndIntrospection, 1));
    // Whoever comes too late waits.
    desk.world.pass(600);
    assert_eq!((origin(&validator, &token), desk.asked()), (Origin::LocalAndIntrospection, 1));
}

#[test]
fn a_revoked_token_is_refused_within_the_time() {
    let desk = Desk::new();
    let (_, token) = desk.token();
    let validator = desk.hybrid();
    desk.vouch(&token, &json!({}));
    desk.world.pass(600);
    assert_eq!((verdict(&validator, &token), desk.asked()), ("ok", 1));
    desk.deny(&token);
    desk.world.pass(479);
    assert_eq!((verdict(&validator, &token), desk.asked()), ("ok", 0));
    desk.world.pass(121);
    let refused = refusal(&validator, &token);
    assert_eq!((refused.code().slug(), refused.status(), refused.authenticated()), ("token_inactive", Some(401), true));
    assert_eq!(desk.asked(), 1);
    // That it is not active is known as long.
    desk.vouch(&token, &json!({}));
    desk.world.pass(599);
    assert_eq!((verdict(&validator, &token), desk.asked()), ("token_inactive", 0));
    desk.world.pass(1);
    assert_eq!((verdict(&validator, &token), desk.asked()), ("ok", 1));
}

#[test]
fn a_token_that_does_not_live_long_is_never_asked_about() {
    let desk = Desk::new();
    let (key, _) = desk.token();
    let validator = desk.hybrid();
    let (brief, longer) = (short(&desk, &key, 600), short(&desk, &key, 601));
    desk.world.pass(599);
    assert_eq!((verdict(&validator, &brief), desk.asked()), ("ok", 0));
    // Not even within the leeway behind its end.
    desk.world.pass(30);
    assert_eq!((verdict(&validator, &brief), desk.asked()), ("ok", 0));
    assert_eq!((verdict(&validator, &longer), desk.asked()), ("token_inactive", 1));
    desk.world.pass(1);
    assert_eq!((verdict(&validator, &brief), desk.asked()), ("token_expired", 0));
}

#[test]
fn what_is_refused_here_is_not_asked_about() {
    let desk = Desk::new();
    let (_, token) = desk.token();
    let validator = desk.hybrid();
    desk.world.pass(700);
    let stranger = desk.world.mint(&crate::world::key());
    assert_eq!((verdict(&validator, &stranger), desk.asked()), ("key_not_found", 0));
    assert_eq!((verdict(&validator, "opaque"), desk.asked()), ("token_malformed", 0));
    let other = desk.validator_of(
        at9068::ValidatorConfig::new(ISSUER, "https://other.example/")
            .jwks_uri(crate::world::JWKS_URI)
            .introspection(Strategy::LocalThenIntrospection, config().every_seconds(600)),
    );
    assert_eq!((verdict(&other, &token), desk.asked()), ("audience_mismatch", 0));
    // Nor is it for an explanation, which goes on behind a failure.
    let explanation = other.explain(&token, &ValidateOptions::default()).unwrap();
    let step = explanation.steps().iter().find(|step| step.rule() == "INTRO-1").unwrap();
    assert_eq!((step.outcome().as_str(), desk.asked()), ("not_reached", 0));
    // What the endpoint demands is judged afterwards.
    let demanding = ValidateOptions::default().require(Require::new().scopes(["z"]).unwrap());
    assert_eq!((code(&validator.validate(&token, &demanding)), desk.asked()), ("token_inactive", 1));
    desk.vouch(&token, &json!({}));
    desk.world.pass(600);
    assert_eq!((code(&validator.validate(&token, &demanding)), desk.asked()), ("scope_insufficient", 1));
    let explanation = validator.explain(&token, &ValidateOptions::default()).unwrap();
    let step = explanation.steps().iter().find(|step| step.rule() == "INTRO-1").unwrap();
    assert_eq!((step.outcome().as_str(), explanation.verdict().is_ok()), ("pass", true));
}

#[test]
fn a_token_that_claims_to_be_of_the_future_is_of_now() {
    let desk = Desk::new();
    let (key, _) = desk.token();
    let validator = desk.hybrid();
    desk.world.pass(30);
    let early = desk.world.mint(&key);
    desk.world.pass(-30);
    assert_eq!((verdict(&validator, &early), desk.asked()), ("ok", 0));
    desk.world.pass(30 + 480);
    assert_eq!(verdict(&validator, &early), "ok");
    settle(&desk, 1);
    assert_eq!((verdict(&validator, &early), desk.asked()), ("token_inactive", 1));
}

#[test]
fn an_answer_about_another_token_is_none() {
    for (name, value, contradicts) in [
        ("iss", json!("https://other.example/"), true),
        ("sub", json!("somebody"), true),
        ("sub", json!(1), true),
        ("client_id", json!("other"), true),
        ("jti", json!("other"), true),
        ("aud", json!("https://other.example/"), true),
        ("aud", json!([]), true),
        ("aud", json!({}), true),
        ("iss", json!(ISSUER), false),
        ("sub", json!("user"), false),
        ("client_id", json!("client"), false),
        ("aud", json!([API, "https://other.example/"]), false),
        ("azp", json!("other"), false),
        ("username", json!("other"), false),
    ] {
        let desk = Desk::new();
        let (_, token) = desk.token();
        let validator = desk.validator(
            Strategy::LocalThenIntrospection,
            config().every_seconds(600).local_verdict_while_unavailable_seconds(3600),
        );
        let members: Value = [(name.to_owned(), value.clone())].into_iter().collect::<serde_json::Map<_, _>>().into();
        desk.vouch(&token, &members);
        desk.world.pass(600);
        let expected = if contradicts { "introspection_unavailable" } else { "ok" };
        assert_eq!(verdict(&validator, &token), expected, "{name}: {value}");
        let told = desk.world.told().into_iter().filter(|event| event.contains("other_token")).count();
        assert_eq!((told, desk.asked()), (usize::from(contradicts), 1), "{name}: {value}");
        if contradicts {
            assert!(refusal(&validator, &token).authenticated());
            // It holds nobody else up.
            let (_, other) = desk.token();
            desk.world.pass(600);
            desk.vouch(&other, &json!({}));
            assert_eq!(verdict(&validator, &other), "ok");
            assert_eq!(status(&validator)["available"], true);
        }
    }
}

#[test]
fn without_an_answer_there_is_no_verdict_unless_the_operator_says_so() {
    let desk = Desk::new();
    let (_, token) = desk.token();
    let validator = desk.hybrid();
    desk.vouch(&token, &json!({}));
    desk.world.pass(600);
    assert_eq!(verdict(&validator, &token), "ok");
    desk.fail(Err(FetchFailure::Timeout));
    // While the word is young enough, an outage changes nothing.
    desk.world.pass(599);
    assert_eq!(verdict(&validator, &token), "ok");
    settle(&desk, 2);
    assert_eq!(verdict(&validator, &token), "ok");
    desk.world.pass(1);
    let refused = refusal(&validator, &token);
    assert_eq!((refused.code().slug(), refused.status()), ("introspection_unavailable", Some(503)));
    assert!(refused.challenges().is_empty() && refused.authenticated() && refused.retry_after().is_some());
    assert_eq!(status(&validator)["available"], false);
}

#[test]
fn the_local_verdict_stands_for_so_long_and_never_against_the_issuers_word() {
    let desk = Desk::new();
    let (key, token) = desk.token();
    let denied = desk.world.mint(&key);
    let validator = desk.validator(
        Strategy::LocalThenIntrospection,
        config().every_seconds(600).local_verdict_while_unavailable_seconds(300),
    );
    desk.vouch(&token, &json!({}));
    desk.world.pass(600);
    assert_eq!((verdict(&validator, &token), verdict(&validator, &denied)), ("ok", "token_inactive"));
    desk.fail(Ok(FetchResponse::new(500, "")));
    desk.world.pass(600);
    // Found down now: 300 seconds from here.
    assert_eq!(origin(&validator, &token), Origin::Local);
    assert_eq!(verdict(&validator, &denied), "introspection_unavailable");
    desk.world.pass(150);
    assert_eq!(verdict(&validator, &token), "ok");
    settle(&desk, 4);
    desk.world.pass_millis(149_999);
    assert_eq!(verdict(&validator, &token), "ok");
    desk.world.pass_millis(1);
    assert_eq!(verdict(&validator, &token), "introspection_unavailable");
    assert_eq!(status(&validator)["available"], false);
    // With the first answer the count begins anew.
    desk.vouch(&token, &json!({}));
    desk.world.pass(60);
    assert_eq!(
        (origin(&validator, &token), status(&validator)["available"] == true),
        (Origin::LocalAndIntrospection, true)
    );
    desk.fail(Ok(FetchResponse::new(500, "")));
    desk.world.pass(600);
    assert_eq!(origin(&validator, &token), Origin::Local);
}

#[test]
fn a_token_of_which_alone_nothing_is_heard_does_not_outlive_the_time() {
    let desk = Desk::new();
    let (key, token) = desk.token();
    let other = desk.world.mint(&key);
    let validator = desk.validator(
        Strategy::LocalThenIntrospection,
        config().every_seconds(1).local_verdict_while_unavailable_seconds(300),
    );
    desk.vouch(&other, &json!({}));
    desk.say(&token, Ok(FetchResponse::new(500, "")));
    let (mut accepted, mut last) = (0, 0);
    for second in 2..1_000 {
        desk.world.pass(1);
        assert_ne!(verdict(&validator, &other), "token_inactive");
        if verdict(&validator, &token) == "ok" {
            (accepted, last) = (accepted + 1, second);
        }
    }
    assert!(accepted > 0 && last <= 2 + 300, "{accepted} times until {last}");
}

#[test]
fn opaque_tokens_of_such_an_issuer_are_asked_about() {
    let desk = Desk::new();
    let (_, token) = desk.token();
    let validator = desk.validator(Strategy::LocalThenIntrospection, config().every_seconds(600).opaque_tokens(true));
    desk.vouch("opaque", &json!({"aud": API}));
    assert_eq!((origin(&validator, "opaque"), desk.asked()), (Origin::Introspection, 1));
    assert_eq!((origin(&validator, &token), desk.asked()), (Origin::Local, 0));
    desk.deny("opaque");
    desk.world.pass(599);
    assert_eq!((verdict(&validator, "opaque"), desk.asked()), ("ok", 0));
    desk.world.pass(1);
    assert_eq!((verdict(&validator, "opaque"), desk.asked()), ("token_inactive", 1));
}

#[test]
fn stale_keys_do_not_keep_the_issuer_from_being_asked() {
    let desk = Desk::new();
    let (_, token) = desk.token();
    let validator = desk.hybrid();
    assert_eq!(verdict(&validator, &token), "ok");
    desk.world.answer(crate::world::JWKS_URI, Err(FetchFailure::Timeout));
    desk.vouch(&token, &json!({}));
    // Keys are stale from here on, and none can be had.
    desk.world.pass(700);
    assert_eq!((verdict(&validator, &token), desk.asked()), ("ok", 1));
    desk.world.pass(600);
    assert_eq!((verdict(&validator, &token), desk.asked()), ("ok", 1), "within the pause of the keys, too");
}

#[test]
fn keys_that_are_given_are_enough() {
    let desk = Desk::new();
    let (key, token) = desk.token();
    let validator = desk.validator_of(
        at9068::ValidatorConfig::new(ISSUER, API)
            .keys(&key.key_set().unwrap())
            .introspection(Strategy::LocalThenIntrospection, config().every_seconds(600)),
    );
    desk.vouch(&token, &json!({}));
    desk.world.pass(600);
    assert_eq!((origin(&validator, &token), desk.asked(), desk.world.fetched()), (Origin::LocalAndIntrospection, 1, 0));
    assert!(validator.issuer_cache().is_some());
    let status: Value = serde_json::from_str(&validator.status_json()).unwrap();
    assert_eq!(status["issuers"][0].as_object().unwrap().keys().collect::<Vec<_>>(), ["introspection", "issuer"]);
}
