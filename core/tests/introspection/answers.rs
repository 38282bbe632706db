//! What counts as an answer, and what follows from it.

use at9068::{ErrorClass, FetchFailure, FetchResponse, Origin, Request, Require, Revocations, Revoked, Scheme};
use at9068::{Strategy, ValidateOptions, ValidatorConfig};
use serde_json::{Value, json};

use crate::desk::{Desk, answer, config, members, refusal, text, verdict, with};
use crate::world::{API, ISSUER, JWKS_URI, code};

#[test]
fn an_active_token_is_what_the_issuer_says_of_it() {
    let desk = Desk::new();
    let validator = desk.asking();
    desk.vouch("opaque-1", &members());
    let token = validator.validate("opaque-1", &ValidateOptions::default()).unwrap();
    assert_eq!((token.profile(), token.origin(), token.header_json()), (None, Origin::Introspection, "{}"));
    assert_eq!((token.iss(), token.sub(), token.client_id(), token.exp()), (ISSUER, "user", "client", 90_000));
    assert_eq!((token.scope(), token.jti(), token.would_break().len()), (Some("a b"), None, 0));
    assert_eq!(serde_json::from_str::<Value>(token.claims_json()).unwrap(), members());
    assert_eq!((token.claim_json("active"), token.claim_json("iss")), (None, None));
    assert!(token.require(&Require::new().scopes(["b"]).unwrap(), None).is_ok());
    assert_eq!(code(&token.require(&Require::new().scopes(["c"]).unwrap(), None)), "scope_insufficient");
    // Nothing but what the issuer says is known of it.
    desk.vouch("bare", &json!({"aud": [API]}));
    let token = validator.validate("bare", &ValidateOptions::default()).unwrap();
    assert_eq!((token.iss(), token.sub(), token.client_id(), token.exp(), token.iat()), (ISSUER, "", "", 0, 0));
    assert_eq!(format!("{token:?}"), "AccessToken { profile: None, .. }");
}

#[test]
fn an_inactive_token_is_refused_without_a_signature() {
    let desk = Desk::new();
    let refused = refusal(&desk.asking(), "opaque-1");
    assert_eq!(
        (refused.code().slug(), refused.status(), refused.oauth()),
        ("token_inactive", Some(401), Some("invalid_token"))
    );
    assert!(!refused.authenticated() && refused.retry_after().is_none());
    // Whatever stands beside it is not gone by.
    desk.say("opaque-2", Ok(text(r#"{"active":false,"aud":"https://api.example/","exp":90000}"#)));
    assert_eq!(verdict(&desk.asking(), "opaque-2"), "token_inactive");
}

#[test]
fn what_is_no_good_answer_says_nothing_of_the_token() {
    let good = answer(&json!({"active": true, "aud": API}));
    let of_type = |kind: &str| FetchResponse::new(200, good.body.clone()).header("Content-Type", kind);
    let status = |status| FetchResponse::new(status, good.body.clone()).header("Content-Type", "application/json");
    let mut long = json!({"active": true, "aud": API});
    long["pad"] = "x".repeat(64 * 1024).into();
    for (reason, said) in [
        ("status", Ok(status(500))),
        ("status", Ok(status(503))),
        ("status", Ok(status(403))),
        ("status", Ok(status(404))),
        ("status", Ok(status(201))),
        ("status", Ok(status(204))),
        ("credentials", Ok(status(401))),
        ("redirect", Ok(status(302).header("Location", "https://as.example/other"))),
        ("redirect", Ok(status(307))),
        ("content_type", Ok(of_type("text/html; charset=utf-8"))),
        ("content_type", Ok(of_type("text/plain"))),
        ("content_type", Ok(of_type("application/jwt"))),
        ("content_type", Ok(of_type("application/token-introspection+jwt"))),
        ("content_type", Ok(FetchResponse::new(200, good.body.clone()))),
        ("content_type", Ok(of_type("application/json").header("Content-Type", "text/html"))),
        ("content_type", Ok(of_type("application/json").header("Content-Encoding", "gzip"))),
        ("answer_malformed", Ok(text(""))),
        ("answer_malformed", Ok(text("{}"))),
        ("answer_malformed", Ok(text("[]"))),
        ("answer_malformed", Ok(text("true"))),
        ("answer_malformed", Ok(text(r#"{"active":"true"}"#))),
        ("answer_malformed", Ok(text(r#"{"active":1}"#))),
        ("answer_malformed", Ok(text(r#"{"active":null}"#))),
        ("answer_malformed", Ok(text(r#"{"active":[true]}"#))),
        ("answer_malformed", Ok(text(r#"{"Active":true}"#))),
        ("answer_malformed", Ok(text(r#"{"active":false,"active":true}"#))),
        ("answer_malformed", Ok(text(r#"{"active":true"#))),
        ("answer_malformed", Ok(text("{\"active\":true}\u{0}"))),
        ("answer_malformed", Ok(text("\u{feff}{\"active\":true}"))),
        ("answer_malformed", Ok(FetchResponse::new(200, vec![0xff]).header("Content-Type", "application/json"))),
        ("too_large", Ok(answer(&long))),
        ("too_large", Err(FetchFailure::TooLarge)),
        ("timeout", Err(FetchFailure::Timeout)),
        ("connect", Err(FetchFailure::Connect)),
        ("tls", Err(FetchFailure::Tls)),
        ("broken", Err(FetchFailure::Broken)),
        ("forbidden", Err(FetchFailure::Forbidden)),
    ] {
        let desk = Desk::new();
        let validator = desk.asking();
        desk.say("opaque", said.clone());
        let refused = refusal(&validator, "opaque");
        assert_eq!(refused.code().slug(), "introspection_unavailable", "{reason}: {said:?}");
        assert_eq!((refused.code().class(), refused.status()), (ErrorClass::Undecided, Some(503)));
        assert!(refused.challenges().is_empty() && refused.oauth().is_none() && !refused.authenticated());
        assert_eq!(refused.retry_after(), Some(1));
        let event = format!(
            "{{\"event\":\"introspection_failed\",\"issuer\":\"{ISSUER}\",\"code\":\"introspection_unavailable\",\
             \"reason\":\"{reason}\"}}"
        );
        assert_eq!((desk.world.told(), desk.asked()), (vec![event], 1), "{said:?}");
        // A moment later it is asked again, and nothing of the failure is left.
        desk.vouch("opaque", &json!({"aud": API}));
        assert_eq!((verdict(&validator, "opaque"), desk.asked()), ("introspection_unavailable", 0), "{said:?}");
        desk.world.pass(1);
        assert_eq!((verdict(&validator, "opaque"), desk.asked()), ("ok", 1), "{said:?}");
    }
}

#[test]
fn answers_of_json_may_say_their_charset() {
    let desk = Desk::new();
    let body = json!({"active": true, "aud": API}).to_string();
    for kind in ["application/json;charset=UTF-8", "Application/JSON ; charset=utf-8"] {
        desk.say("opaque", Ok(FetchResponse::new(200, body.as_str()).header("Content-Type", kind)));
        assert_eq!(verdict(&desk.asking(), "opaque"), "ok", "{kind}");
    }
}

#[test]
fn an_active_answer_is_judged_as_a_token_is() {
    for (name, value, expected) in [
        ("aud", json!("https://other.example/"), "audience_mismatch"),
        ("aud", json!([]), "audience_mismatch"),
        ("aud", json!(1), "claim_malformed"),
        ("aud", json!(["https://other.example/", API]), "ok"),
        ("iss", json!(ISSUER), "ok"),
        ("iss", json!("https://as.example"), "issuer_unknown"),
        ("iss", json!("https://evil.example/"), "issuer_unknown"),
        ("iss", json!(1), "claim_malformed"),
        ("exp", json!(3_600), "ok"),
        ("exp", json!(3_571), "ok"),
        ("exp", json!(3_570), "token_expired"),
        ("exp", json!("90000"), "claim_malformed"),
        ("nbf", json!(3_630), "ok"),
        ("nbf", json!(3_631), "token_not_yet_valid"),
        ("iat", json!(3_630), "ok"),
        ("iat", json!(3_631), "token_issued_in_future"),
        ("scope", json!("a  b"), "claim_malformed"),
        ("sub", json!(""), "claim_malformed"),
        ("client_id", json!(7), "claim_malformed"),
        ("token_type", json!("Bearer"), "ok"),
        ("token_type", json!("bearer"), "ok"),
        ("token_type", json!("DPoP"), "scheme_mismatch"),
        ("token_type", json!("mac"), "binding_unsupported"),
        ("token_type", json!("refresh_token"), "kind_mismatch"),
        ("token_type", json!(1), "claim_malformed"),
        ("token_use", json!("access_token"), "ok"),
        ("token_use", json!("refresh_token"), "kind_mismatch"),
        ("typ", json!("Bearer"), "ok"),
        ("typ", json!("Refresh"), "kind_mismatch"),
        ("typ", json!("ID"), "kind_mismatch"),
        ("cnf", json!({"x5t#S256": "a".repeat(43)}), "binding_missing"),
        ("cnf", json!({"jkt": "a".repeat(43)}), "binding_missing"),
        ("cnf", json!({}), "claim_malformed"),
    ] {
        let desk = Desk::new();
        desk.vouch("opaque", &with(name, value.clone()));
        assert_eq!(verdict(&desk.asking(), "opaque"), expected, "{name}: {value}");
    }
    for (name, expected) in [("aud", "claim_missing"), ("exp", "ok"), ("iat", "ok"), ("sub", "ok"), ("scope", "ok")] {
        let desk = Desk::new();
        desk.vouch("opaque", &with(name, Value::Null));
        assert_eq!(verdict(&desk.asking(), "opaque"), expected, "{name}");
    }
    let desk = Desk::new();
    desk.vouch("opaque", &with("aud", json!("https://other.example/")));
    assert!(refusal(&desk.asking(), "opaque").authenticated(), "the issuer has vouched for it");
}

#[test]
fn an_audience_is_optional_only_where_that_is_said() {
    let desk = Desk::new();
    let validator = desk.validator(Strategy::Introspection, config().danger_audience_optional(true));
    desk.vouch("without", &with("aud", Value::Null));
    desk.vouch("other", &with("aud", json!("https://other.example/")));
    assert_eq!((verdict(&validator, "without"), verdict(&validator, "other")), ("ok", "audience_mismatch"));
}

#[test]
fn a_bound_token_needs_its_sender() {
    let desk = Desk::new();
    let (ours, theirs) = ("a".repeat(43).replace('a', "A"), format!("B{}", "A".repeat(42)));
    desk.vouch("bound", &with("cnf", json!({"x5t#S256": ours})));
    let with_certificate = |sha256: &str| {
        let request = Request::new().client_certificate_sha256(sha256).unwrap();
        code(&desk.asking().validate("bound", &ValidateOptions::default().request(request)))
    };
    assert_eq!((with_certificate(&ours), with_certificate(&theirs)), ("ok", "binding_mismatch"));
    desk.vouch("plain", &members());
    let dpop = ValidateOptions::default().request(Request::new().scheme(Scheme::Dpop).dpop("proof"));
    assert_eq!(code(&desk.asking().validate("plain", &dpop)), "scheme_mismatch");
}

#[test]
fn what_the_operator_demands_is_demanded_of_answers_too() {
    let desk = Desk::new();
    desk.vouch("opaque", &members());
    let required = ValidatorConfig::new(ISSUER, API).introspection(Strategy::Introspection, config());
    let validator = desk.validator_of(required.clone().required_claims(["org_id"]));
    assert_eq!(refusal(&validator, "opaque").claim(), Some("org_id"));
    let validator = desk.validator_of(required.clone().max_lifetime_seconds(86_399));
    assert_eq!(verdict(&validator, "opaque"), "lifetime_exceeded");
    assert_eq!(verdict(&desk.validator_of(required.max_lifetime_seconds(86_400)), "opaque"), "ok");
    let scopes = Require::new().scopes(["c"]).unwrap();
    let demanding = ValidateOptions::default().require(scopes);
    let refused = desk.asking().validate("opaque", &demanding).unwrap_err();
    assert_eq!((refused.code().slug(), refused.status()), ("scope_insufficient", Some(403)));
}

#[test]
fn revoked_tokens_are_refused_although_the_issuer_vouches_for_them() {
    let desk = Desk::new();
    let revocations = Revocations::new();
    revocations.revoke(&Revoked::subject(ISSUER, "user", 3_601, 253_402_300_000)).unwrap();
    let config = ValidatorConfig::new(ISSUER, API).introspection(Strategy::Introspection, config());
    let validator = at9068::Validator::with_ports(config, desk.ports().revocations(&revocations)).unwrap();
    desk.vouch("early", &members());
    desk.vouch("late", &with("iat", json!(3_601)));
    assert_eq!((verdict(&validator, "early"), verdict(&validator, "late")), ("token_revoked", "ok"));
}

#[test]
fn jwts_are_asked_about_without_their_keys() {
    let desk = Desk::new();
    let (key, token) = desk.token();
    let validator = desk.asking();
    desk.vouch(&token, &members());
    assert_eq!((verdict(&validator, &token), desk.asked(), desk.world.fetched()), ("ok", 1, 0));
    // Only the issuer is read of them.
    let foreign = desk.world.mint_for("https://evil.example/", &key);
    assert_eq!((verdict(&validator, &foreign), desk.asked()), ("issuer_unknown", 0));
    for garbage in ["a.b.c", "e30.e30.", "..", "a.b.c.d.e", "a b", "", "=", "é", "a.b.c.d.e.f g"] {
        assert_eq!((verdict(&validator, garbage), desk.asked()), ("token_malformed", 0), "{garbage}");
    }
    for opaque in ["a", "a.b", "a.b.c.d", "a.b.c.d.e.f", "-._~+/==", "..."] {
        assert_eq!((verdict(&validator, opaque), desk.asked()), ("token_inactive", 1), "{opaque}");
    }
    let long = "a".repeat(16_385);
    assert_eq!((verdict(&validator, &long), desk.asked()), ("token_too_large", 0));
    // Whoever sent them as a header field gets the same.
    let request = Request::new().header("Authorization", "Bearer opaque-1");
    desk.vouch("opaque-1", &members());
    assert_eq!(code(&validator.authenticate(&request, &ValidateOptions::default())), "ok");
}

#[test]
fn opaque_tokens_are_those_of_the_issuer_that_is_said_to_have_them() {
    let desk = Desk::new();
    let (key, token) = desk.token();
    let only_jwts = desk.validator(Strategy::Introspection, config().opaque_tokens(false));
    assert_eq!((verdict(&only_jwts, "opaque"), desk.asked()), ("token_malformed", 0));
    let other = "https://other.example/";
    let asked = at9068::IssuerConfig::discovered(other).introspection(Strategy::Introspection, config());
    let local = at9068::IssuerConfig::discovered(ISSUER).jwks_uri(JWKS_URI);
    let validator = desk.validator_of(ValidatorConfig::with_issuers([local, asked]).audience([API]));
    desk.vouch("opaque", &members());
    let opaque = validator.validate("opaque", &ValidateOptions::default()).unwrap();
    assert_eq!((opaque.iss(), opaque.origin(), desk.asked()), (other, Origin::Introspection, 1));
    let local = validator.validate(&token, &ValidateOptions::default()).unwrap();
    assert_eq!((local.iss(), local.origin(), desk.asked()), (ISSUER, Origin::Local, 0));
    let jwt = desk.world.mint_for(other, &key);
    assert_eq!((verdict(&validator, &jwt), desk.asked()), ("token_inactive", 1));
    let status: Value = serde_json::from_str(&validator.status_json()).unwrap();
    let status = &status["issuers"];
    assert_eq!(status.as_array().unwrap().len(), 2);
    assert!(status[0]["introspection"].is_null() && status[0]["state"] == "fresh");
    assert_eq!(status[1].as_object().unwrap().keys().collect::<Vec<_>>(), ["introspection", "issuer"]);
}

#[test]
fn an_explanation_tells_what_was_asked_and_nothing_of_the_token() {
    let desk = Desk::new();
    let validator = desk.asking();
    let rules = |token: &str| -> Vec<(String, String)> {
        let explanation = validator.explain(token, &ValidateOptions::default()).unwrap();
        let trace: Value = serde_json::from_str(&explanation.trace_json()).unwrap();
        assert!(!explanation.trace_json().contains("opaque-"));
        let text = |step: &Value, name: &str| step[name].as_str().unwrap_or("").to_owned();
        let steps = trace.as_array().unwrap().iter();
        steps.map(|step| (text(step, "rule") + &text(step, "claim"), text(step, "outcome"))).collect()
    };
    desk.vouch("opaque-1", &json!({"aud": API, "scope": "a"}));
    let good = rules("opaque-1");
    assert!(good.iter().all(|(_, outcome)| outcome == "pass"), "{good:?}");
    let names: Vec<&str> = good.iter().map(|(rule, _)| rule.as_str()).collect();
    assert_eq!(
        names,
        [
            "INTRO-1",
            "INTRO-1",
            "AT-CLM-1aud",
            "AT-CLM-1scope",
            "INTRO-1iss",
            "KIND-1",
            "AT-CLM-1aud",
            "AT-VAL-4aud",
            "AT-VAL-6exp",
            "AT-VAL-6nbf",
            "AT-VAL-6iat",
            "INTRO-1",
            "CNF-1cnf"
        ]
    );
    let refused = rules("opaque-2");
    assert_eq!(refused.iter().filter(|(_, outcome)| outcome == "fail").count(), 1);
    assert_eq!((refused[0].1.as_str(), refused[1].1.as_str(), refused[2].1.as_str()), ("pass", "fail", "not_reached"));
    // Of a JWT nothing but its shape and issuer is asked besides.
    let (_, token) = desk.token();
    desk.vouch(&token, &json!({"aud": API}));
    let jwt = rules(&token);
    assert!(jwt.iter().all(|(_, outcome)| outcome == "pass"), "{jwt:?}");
    let names: Vec<&str> = jwt.iter().take(5).map(|(rule, _)| rule.as_str()).collect();
    assert_eq!(names, ["JOSE-4", "JOSE-5", "JOSE-5", "AT-VAL-3iss", "INTRO-1"]);
    assert!(!jwt.iter().any(|(rule, _)| rule == "AT-VAL-5" || rule == "AT-VAL-1"));
}
