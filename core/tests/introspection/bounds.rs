//! For how long answers are gone by, and how many are kept.

use at9068::{FetchFailure, Strategy, ValidateOptions};
use serde_json::json;

use crate::desk::{Desk, config, members, status, verdict, with};
use crate::world::{API, code};

#[test]
fn an_answer_holds_for_its_time_and_no_longer() {
    let desk = Desk::new();
    let validator = desk.asking();
    desk.vouch("active", &members());
    assert_eq!(
        (verdict(&validator, "active"), verdict(&validator, "other"), desk.asked()),
        ("ok", "token_inactive", 2)
    );
    desk.deny("active");
    desk.vouch("other", &members());
    desk.world.pass_millis(29_999);
    assert_eq!(
        (verdict(&validator, "active"), verdict(&validator, "other"), desk.asked()),
        ("ok", "token_inactive", 0)
    );
    desk.world.pass_millis(1);
    assert_eq!(
        (verdict(&validator, "active"), verdict(&validator, "other"), desk.asked()),
        ("token_inactive", "ok", 2)
    );
    let short = desk.validator(Strategy::Introspection, config().cache_seconds(1));
    assert_eq!((verdict(&short, "other"), verdict(&short, "other"), desk.asked()), ("ok", "ok", 1));
    desk.world.pass(1);
    assert_eq!((verdict(&short, "other"), desk.asked()), ("ok", 1));
}

#[test]
fn an_answer_never_holds_past_the_expiry_of_its_token() {
    let desk = Desk::new();
    let validator = desk.validator(Strategy::Introspection, config().cache_seconds(3600));
    desk.vouch("opaque", &with("exp", json!(3_610)));
    assert_eq!((verdict(&validator, "opaque"), desk.asked()), ("ok", 1));
    desk.world.pass_millis(9_999);
    assert_eq!((verdict(&validator, "opaque"), desk.asked()), ("ok", 0));
    // By the issuer's clock it may still be good: that is the issuer's to say.
    desk.world.pass_millis(1);
    assert_eq!((verdict(&validator, "opaque"), desk.asked()), ("ok", 1));
    desk.deny("opaque");
    desk.world.pass(1);
    assert_eq!((verdict(&validator, "opaque"), desk.asked()), ("token_inactive", 1));
    // And beyond the leeway nobody's word counts.
    desk.vouch("late", &with("exp", json!(3_580)));
    assert_eq!((verdict(&validator, "late"), desk.asked()), ("token_expired", 1));
    // The time that a caller names is judged by as well.
    desk.vouch("named", &with("exp", json!(4_000)));
    assert_eq!(verdict(&validator, "named"), "ok");
    let later = ValidateOptions::default().now(4_030.0);
    assert_eq!(code(&validator.validate("named", &later)), "token_expired");
}

#[test]
fn a_clock_that_is_set_back_holds_no_answer_alive() {
    let desk = Desk::new();
    let validator = desk.asking();
    desk.vouch("opaque", &members());
    desk.world.pass(3_600);
    assert_eq!((verdict(&validator, "opaque"), desk.asked()), ("ok", 1));
    desk.deny("opaque");
    desk.world.pass(-3_600);
    assert_eq!((verdict(&validator, "opaque"), desk.asked()), ("token_inactive", 1));
}

#[test]
fn what_strangers_send_neither_grows_memory_nor_evicts_active_answers() {
    let desk = Desk::new();
    let validator = desk.validator(Strategy::Introspection, config().cache_entries(100).cache_seconds(3600));
    for index in 0..80 {
        let token = format!("good-{index}");
        desk.vouch(&token, &members());
        assert_eq!(verdict(&validator, &token), "ok");
    }
    desk.requests();
    for index in 0..2_000 {
        assert_eq!(verdict(&validator, &format!("garbage-{index}")), "token_inactive");
    }
    assert_eq!((status(&validator)["entries"].as_u64(), desk.asked()), (Some(100), 2_000));
    for index in 0..80 {
        assert_eq!(verdict(&validator, &format!("good-{index}")), "ok");
    }
    assert_eq!(desk.asked(), 0, "all of them are still known");
    // Even where there is no room but for active ones, garbage is asked about once.
    for index in 80..500 {
        let token = format!("good-{index}");
        desk.vouch(&token, &members());
        assert_eq!(verdict(&validator, &token), "ok");
    }
    assert_eq!(
        (desk.asked(), verdict(&validator, "more"), verdict(&validator, "more")),
        (420, "token_inactive", "token_inactive")
    );
    assert_eq!((desk.asked(), status(&validator)["entries"].as_u64()), (1, Some(100)));
    assert_eq!((verdict(&validator, "good-499"), desk.asked()), ("ok", 0), "the latest are known");
    assert_eq!((verdict(&validator, "good-100"), desk.asked()), ("ok", 1), "the oldest are not");
}

#[test]
fn long_answers_leave_room_for_fewer() {
    let desk = Desk::new();
    let validator = desk.validator(Strategy::Introspection, config().cache_entries(100));
    for index in 0..60 {
        let token = format!("long-{index}");
        desk.vouch(&token, &with("pad", json!("x".repeat(60_000))));
        assert_eq!(verdict(&validator, &token), "ok");
    }
    let entries = status(&validator)["entries"].as_u64().unwrap();
    assert!((5..=7).contains(&entries), "{entries} of 60 KB within 400 KiB");
    assert_eq!((verdict(&validator, "long-59"), desk.asked()), ("ok", 60));
}

#[test]
fn what_is_over_is_forgotten_as_others_are_added() {
    let desk = Desk::new();
    let validator = desk.asking();
    for index in 0..200 {
        verdict(&validator, &format!("early-{index}"));
    }
    desk.world.pass(30);
    for index in 0..200 {
        verdict(&validator, &format!("late-{index}"));
    }
    assert_eq!(status(&validator)["entries"], 200);
}

#[test]
fn neither_tokens_nor_secrets_are_shown() {
    let desk = Desk::new();
    let validator = desk.asking();
    desk.vouch("very-secret-token", &json!({"aud": API, "sub": "somebody"}));
    desk.say("other-secret-token", Err(FetchFailure::Timeout));
    verdict(&validator, "very-secret-token");
    let refused = crate::desk::refusal(&validator, "other-secret-token");
    let events = desk.world.told().join("");
    let shown = format!("{validator:?} {} {refused:?} {refused} {events} {:?}", validator.status_json(), config());
    for secret in ["secret-token", "hush", "somebody", "aHVzaA"] {
        assert!(!shown.contains(secret), "{secret}: {shown}");
    }
}

#[test]
fn status_counts_what_has_happened() {
    let desk = Desk::new();
    let validator = desk.asking();
    let fresh = json!({"asked": 0, "answered": 0, "inactive": 0, "failures": 0, "entries": 0, "last_error": null,
        "available": true});
    assert_eq!(status(&validator), fresh);
    desk.vouch("good", &members());
    desk.say("bad", Err(FetchFailure::Timeout));
    for token in ["good", "good", "other", "bad", "bad"] {
        verdict(&validator, token);
    }
    desk.world.pass(3);
    let expected = json!({"asked": 3, "answered": 2, "inactive": 1, "failures": 1, "entries": 3,
        "last_error": {"code": "introspection_unavailable", "reason": "timeout", "age_seconds": 3}, "available": true});
    let mut found = status(&validator);
    // Another question was answered since that one was asked.
    assert!(found["available"].is_boolean());
    found["available"] = true.into();
    assert_eq!(found, expected);
    verdict(&validator, "another");
    assert_eq!((status(&validator)["last_error"].is_null(), status(&validator)["available"] == true), (true, true));
}
