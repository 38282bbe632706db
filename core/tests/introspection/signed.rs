//! Signed answers (RFC 9701).

use at9068::{FetchResponse, SigningKey, Strategy, ValidateOptions, Validator, ValidatorConfig};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{EncodingKey, Header};
use serde_json::{Value, json};
use std::sync::Arc;

use crate::desk::{Answer, Desk, answer, config, header, status, verdict};
use crate::world::{API, ISSUER, JWKS_URI, key};

fn validator(desk: &Arc<Desk>) -> Validator {
    desk.validator(Strategy::Introspection, config().signed_response(true))
}

fn claims() -> Value {
    json!({"iss": ISSUER, "aud": "api", "iat": 3_600, "token_introspection": {"active": true, "aud": API, "sub": "user"}})
}

fn jwt(key: &SigningKey, typ: Option<&str>, claims: &Value) -> String {
    let mut header = Header::new(jsonwebtoken::Algorithm::ES256);
    (header.typ, header.kid) = (typ.map(str::to_owned), key.kid().map(str::to_owned));
    let signer = EncodingKey::from_ec_pem(key.to_pem().unwrap().as_bytes()).unwrap();
    jsonwebtoken::encode(&header, claims, &signer).unwrap()
}

fn sent(body: impl Into<Vec<u8>>) -> Answer {
    Ok(FetchResponse::new(200, body).header("Content-Type", "application/token-introspection+jwt"))
}

fn good(key: &SigningKey, claims: &Value) -> Answer {
    sent(jwt(key, Some("token-introspection+jwt"), claims))
}

#[test]
fn a_signed_answer_is_verified_with_the_issuers_keys() {
    let (desk, signer) = (Desk::new(), key());
    desk.world.publish(&[&signer]);
    let validator = validator(&desk);
    desk.say("opaque", good(&signer, &claims()));
    let token = validator.validate("opaque", &ValidateOptions::default()).unwrap();
    assert_eq!((token.sub(), token.header_json(), token.profile()), ("user", "{}", None));
    let requests = desk.requests();
    assert_eq!(header(&requests[0], "Accept"), Some("application/token-introspection+jwt"));
    assert_eq!((requests.len(), desk.world.fetched()), (1, 1), "the answer, and then the keys for it");
    assert_eq!((verdict(&validator, "opaque"), desk.asked(), desk.world.fetched()), ("ok", 0, 0));
    let mut inactive = claims();
    inactive["token_introspection"] = json!({"active": false});
    desk.say("other", good(&signer, &inactive));
    assert_eq!(verdict(&validator, "other"), "token_inactive");
    let counted = status(&validator);
    assert_eq!((counted["answered"].as_u64(), counted["inactive"].as_u64()), (Some(2), Some(1)));
}

#[test]
fn a_signed_answer_that_is_not_what_it_should_be_is_none() {
    let signer = key();
    let typed = |typ| sent(jwt(&signer, typ, &claims()));
    let changed = |name: &str, value: Value| {
        let mut claims = claims();
        if value.is_null() {
            claims.as_object_mut().unwrap().remove(name);
        } else {
            claims[name] = value;
        }
        good(&signer, &claims)
    };
    let said = |value: Value| changed("token_introspection", value);
    let whole = jwt(&signer, Some("token-introspection+jwt"), &claims());
    let (signed, signature) = whole.rsplit_once('.').unwrap();
    let mut forged = URL_SAFE_NO_PAD.decode(signature).unwrap();
    forged[5] ^= 1;
    let forged = format!("{signed}.{}", URL_SAFE_NO_PAD.encode(forged));
    let none = format!(
        "{}.{}.",
        URL_SAFE_NO_PAD.encode(r#"{"alg":"none","typ":"token-introspection+jwt"}"#),
        URL_SAFE_NO_PAD.encode(claims().to_string())
    );
    let plain = json!({"active": true, "aud": API});
    for (reason, said) in [
        ("ok", typed(Some("application/Token-Introspection+JWT"))),
        ("ok", changed("aud", json!(["other", "api"]))),
        ("ok", changed("iat", json!(3_630))),
        (
            "ok",
            Ok(FetchResponse::new(200, whole.as_str())
                .header("Content-Type", "Application/token-introspection+jwt; a=b")),
        ),
        ("answer_foreign", typed(Some("JWT"))),
        ("answer_foreign", typed(Some("at+jwt"))),
        ("answer_foreign", typed(None)),
        ("answer_foreign", changed("iss", json!("https://as.example"))),
        ("answer_foreign", changed("iss", Value::Null)),
        ("answer_foreign", changed("aud", json!("other"))),
        ("answer_foreign", changed("aud", json!(API))),
        ("answer_foreign", changed("aud", json!([]))),
        ("answer_foreign", changed("aud", Value::Null)),
        ("answer_foreign", changed("iat", json!(3_631))),
        ("answer_foreign", changed("iat", json!("3600"))),
        ("answer_foreign", changed("iat", Value::Null)),
        ("answer_malformed", said(Value::Null)),
        ("answer_malformed", said(json!("active"))),
        ("answer_malformed", said(json!({}))),
        ("answer_malformed", said(json!({"active": "true"}))),
        ("answer_malformed", said(json!({"active": 1}))),
        ("answer_malformed", changed("token_introspection", json!([{"active": true}]))),
        ("answer_malformed", sent(plain.to_string())),
        ("answer_malformed", sent("")),
        ("answer_malformed", sent(format!("{whole}\n"))),
        ("answer_malformed", sent(format!("{whole}."))),
        ("signature", sent(forged)),
        ("signature", sent(none)),
        ("signature", good(&key(), &claims())),
        ("unsigned", Ok(answer(&plain))),
        ("content_type", Ok(FetchResponse::new(200, whole.as_str()).header("Content-Type", "application/jwt"))),
    ] {
        let desk = Desk::new();
        desk.world.publish(&[&signer]);
        let validator = validator(&desk);
        desk.say("opaque", said.clone());
        let code = verdict(&validator, "opaque");
        let told: Vec<String> = desk.world.told().into_iter().filter(|event| event.contains("introspection")).collect();
        if reason == "ok" {
            assert_eq!((code, told.len()), ("ok", 0), "{said:?}");
            continue;
        }
        assert_eq!(code, "introspection_unavailable", "{reason}");
        // A key that nobody knows may become known: in a cooldown that takes a second look.
        let again = verdict(&validator, "opaque");
        let later = desk.world.told().into_iter().filter(|event| event.contains("introspection"));
        let told: Vec<String> = told.into_iter().chain(later).collect();
        assert!(told.len() == 1 && told[0].contains(&format!("\"reason\":\"{reason}\"")), "{reason}: {told:?}");
        assert_eq!((again, desk.asked()), ("introspection_unavailable", 1), "{reason}");
        desk.say("opaque", good(&signer, &claims()));
        desk.world.pass(1);
        assert_eq!(verdict(&validator, "opaque"), "ok", "{reason}");
    }
}

#[test]
fn a_signed_answer_is_none_where_none_was_asked_for() {
    let (desk, signer) = (Desk::new(), key());
    desk.say("opaque", good(&signer, &claims()));
    assert_eq!(verdict(&desk.asking(), "opaque"), "introspection_unavailable");
}

#[test]
fn a_key_that_is_new_is_fetched_for_the_same_call() {
    let (desk, old, new) = (Desk::new(), key(), key());
    desk.world.publish(&[&old]);
    let validator = validator(&desk);
    desk.say("one", good(&old, &claims()));
    assert_eq!(verdict(&validator, "one"), "ok");
    desk.world.pass(31);
    desk.world.publish(&[&new]);
    desk.say("two", good(&new, &claims()));
    assert_eq!((verdict(&validator, "two"), desk.asked(), desk.world.fetched()), ("ok", 2, 2));
    assert!(!desk.world.told().iter().any(|event| event.contains("introspection_failed")), "nothing has failed");
}

#[test]
fn without_keys_there_is_no_verdict_and_the_answer_is_kept() {
    let (desk, signer) = (Desk::new(), key());
    desk.world.answer(JWKS_URI, Err(at9068::FetchFailure::Timeout));
    let validator = validator(&desk);
    desk.say("opaque", good(&signer, &claims()));
    assert_eq!((verdict(&validator, "opaque"), desk.asked()), ("keys_unavailable", 1));
    desk.world.publish(&[&signer]);
    desk.world.pass(1);
    assert_eq!((verdict(&validator, "opaque"), desk.asked()), ("ok", 0));
}

#[test]
fn keys_algorithms_and_thumbprints_are_those_of_the_issuer() {
    let (desk, signer) = (Desk::new(), key());
    desk.world.publish(&[&signer]);
    desk.say("opaque", good(&signer, &claims()));
    let config = || {
        let introspection = config().signed_response(true);
        ValidatorConfig::new(ISSUER, API).jwks_uri(JWKS_URI).introspection(Strategy::Introspection, introspection)
    };
    let verdict = |config| verdict(&desk.validator_of(config), "opaque");
    assert_eq!(verdict(config().algorithms([at9068::Algorithm::ES256])), "ok");
    assert_eq!(verdict(config().algorithms([at9068::Algorithm::RS256])), "introspection_unavailable");
    assert_eq!(verdict(config().key_thumbprints([signer.thumbprint().unwrap()])), "ok");
    assert_eq!(verdict(config().key_thumbprints(["A".repeat(43)])), "introspection_unavailable");
}

#[test]
fn hybrid_answers_are_verified_with_the_keys_at_hand() {
    let desk = Desk::new();
    let (signer, token) = desk.token();
    let config = config().every_seconds(600).signed_response(true).local_verdict_while_unavailable_seconds(60);
    let validator = desk.validator(Strategy::LocalThenIntrospection, config);
    let mut said = claims();
    said["token_introspection"] = json!({"active": true});
    desk.say(&token, good(&signer, &said));
    desk.world.pass(600);
    assert_eq!((verdict(&validator, &token), desk.asked()), ("ok", 1));
    said["token_introspection"] = json!({"active": false});
    desk.say(&token, good(&signer, &said));
    desk.world.pass(600);
    assert_eq!((verdict(&validator, &token), desk.asked()), ("token_inactive", 1));
    // What anybody else signed says nothing, neither good nor bad.
    let (_, second) = (0, desk.world.mint(&signer));
    desk.say(&second, good(&key(), &said));
    desk.world.pass(600);
    assert_eq!(verdict(&validator, &second), "introspection_unavailable");
}

#[test]
fn what_a_server_of_ours_answers_is_an_answer() {
    let desk = Desk::new();
    let (signer, token) = desk.token();
    let local = desk.world.validator();
    let good = local.validate(&token, &ValidateOptions::default()).unwrap();
    let apis = [at9068::ApiConfig::new(API, at9068::Dialect::Rfc9068Profile)];
    let minter = at9068::Minter::new(at9068::MinterConfig::new(ISSUER, [signer], apis)).unwrap();
    let plain = |found| Ok(crate::desk::text(&at9068::introspection_response(found)));
    let signed =
        |found| sent(minter.mint_introspection_response(found, "api", Some(desk.world.seconds())).unwrap().token());
    for (answers, none, config) in [
        (plain(Some(&good)), plain(None), config()),
        (signed(Some(&good)), signed(None), config().signed_response(true)),
    ] {
        let validator = desk.validator(Strategy::Introspection, config);
        desk.say(&token, answers);
        desk.say("other", none);
        let asked = validator.validate(&token, &ValidateOptions::default()).unwrap();
        assert_eq!((asked.sub(), asked.client_id(), asked.jti()), (good.sub(), good.client_id(), good.jti()));
        assert_eq!((asked.scope(), asked.exp(), asked.aud()), (good.scope(), good.exp(), good.aud()));
        assert_eq!(verdict(&validator, "other"), "token_inactive");
    }
}

#[test]
fn what_was_said_before_holds_while_a_later_answer_does_not_count() {
    let desk = Desk::new();
    let (signer, token) = desk.token();
    let validator = desk.validator(Strategy::LocalThenIntrospection, config().every_seconds(600).signed_response(true));
    let mut said = claims();
    said["token_introspection"] = json!({"active": true});
    desk.say(&token, good(&signer, &said));
    desk.world.pass(600);
    assert_eq!((verdict(&validator, &token), desk.asked()), ("ok", 1));
    desk.say(&token, good(&key(), &said));
    desk.world.pass(500);
    assert_eq!(verdict(&validator, &token), "ok");
    crate::desk::settle(&desk, 1);
    for _ in 0..3 {
        assert_eq!(verdict(&validator, &token), "ok");
    }
    assert!(desk.world.told().iter().any(|event| event.contains("\"signature\"")));
    desk.world.pass(99);
    assert_eq!(verdict(&validator, &token), "ok");
    desk.world.pass(1);
    assert_eq!(verdict(&validator, &token), "introspection_unavailable");
}
