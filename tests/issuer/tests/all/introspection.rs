//! What it says of tokens when it is asked.

use at9068::{ClientAssertionMinter, ClientAssertionMinterConfig, ClientAssertionRequest, SigningKey};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use crate::common::{Answer, Case, converse, program};

/// The answer to a form, with these header fields.
fn post(case: &Case<'_>, form: &str, fields: &[(&str, &str)]) -> Answer {
    let fields: String = fields.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    let head = format!("POST {}/introspect HTTP/1.1\r\nHost: test\r\nConnection: close\r\n{fields}", case.path);
    let request = format!("{head}Content-Length: {}\r\n\r\n{form}", form.len());
    Answer::of(&converse(case.program.text("issuer"), &request))
}

fn said(case: &Case<'_>, token: &str) -> Value {
    let answer = post(case, &format!("token={token}&token_type_hint=access_token"), &[]);
    assert_eq!((answer.status, answer.field("Content-Type")), (200, Some("application/json")));
    assert_eq!((answer.field("Cache-Control"), answer.field("ETag").is_some()), (Some("no-store"), true));
    answer.json()
}

fn mint(case: &Case<'_>, members: Value) -> String {
    let mut question = members;
    question["op"] = "mint".into();
    case.ask(question)["token"].as_str().unwrap().to_owned()
}

fn told(case: &Case<'_>, mut members: Value) -> String {
    members["op"] = "token".into();
    case.ask(members)["token"].as_str().unwrap().to_owned()
}

#[test]
fn its_own_tokens_are_active_until_they_expire_or_are_revoked() {
    let case = program().case("introspect-own");
    let token = mint(&case, json!({"subject": "user-1", "scope": "read"}));
    let answer = said(&case, &token);
    assert_eq!(
        (&answer["active"], &answer["sub"], &answer["iss"]),
        (&true.into(), &"user-1".into(), &case.issuer().into())
    );
    case.ask(json!({"op": "keys", "withdraw_all": true}));
    assert_eq!(said(&case, &token)["active"], true, "its keys are its own, published or not");
    for stranger in
        [mint(&case, json!({"now": 1_000_000})), mint(&program().case("introspect-other"), json!({})), "x".into()]
    {
        assert_eq!(said(&case, &stranger), json!({"active": false}));
    }
    case.ask(json!({"op": "revoke", "token": token}));
    assert_eq!(said(&case, &token), json!({"active": false}));
    case.ask(json!({"op": "reset", "only": "tokens"}));
    assert_eq!(said(&case, &token)["active"], true);
    assert_eq!(case.get("oauth").json()["introspection_endpoint"], format!("{}/introspect", case.issuer()));
    let asked = case.requests();
    assert_eq!(asked["documents"]["introspection"], 7);
    assert_eq!(asked["requests"][0]["body"], format!("token={token}&token_type_hint=access_token"));
}

#[test]
fn what_was_told_of_a_token_is_said() {
    let case = program().case("introspect-told");
    let opaque = told(&case, json!({"members": {"aud": "https://api.example/", "sub": "a"}}));
    assert_eq!((opaque.len(), opaque.contains('.')), (32, false));
    assert_eq!(said(&case, &opaque), json!({"active": true, "aud": "https://api.example/", "sub": "a"}));
    assert_eq!(told(&case, json!({"token": "b", "members": {}})), "b");
    assert_eq!(said(&case, "b"), json!({"active": true}));
    told(&case, json!({"token": "b", "active": false, "members": {"sub": "a"}}));
    assert_eq!(said(&case, "b"), json!({"active": false}));
    let token = mint(&case, json!({}));
    told(&case, json!({"token": token}));
    assert_eq!(said(&case, &token)["client_id"], "test-client", "without members, its claims");
    assert_eq!(post(&case, "x=y", &[]).status, 400);
    let get = case.get("introspect");
    assert_eq!((get.status, get.field("Allow")), (405, Some("POST")));
}

#[test]
fn only_the_client_that_was_named_may_ask() {
    let case = program().case("introspect-clients");
    let basic = |text: &str| format!("Basic {}", STANDARD.encode(text));
    let status = |form: &str, fields: &[(&str, &str)]| post(&case, &format!("token=x{form}"), fields).status;
    case.ask(
        json!({"op": "client", "authentication": "client_secret_basic", "client_id": "a:b", "client_secret": "c d"}),
    );
    assert_eq!(status("", &[("Authorization", &basic("a%3Ab:c+d"))]), 200);
    for wrong in [basic("a:b:c d"), basic("a%3Ab:c"), basic("a%3Ab"), "Bearer c+d".to_owned()] {
        assert_eq!(status("", &[("Authorization", &wrong)]), 401, "{wrong}");
    }
    assert_eq!(status("&client_id=a%3Ab&client_secret=c+d", &[]), 401);
    case.ask(json!({"op": "client", "authentication": "client_secret_post", "client_id": "a", "client_secret": "s"}));
    assert_eq!((status("&client_id=a&client_secret=s", &[]), status("&client_id=a&client_secret=t", &[])), (200, 401));
    assert_eq!(status("", &[("Authorization", &basic("a:s"))]), 401);
    case.ask(json!({"op": "client", "authentication": "bearer", "bearer_token": "t"}));
    assert_eq!(
        (status("", &[("Authorization", "Bearer t")]), status("", &[("Authorization", "Bearer u")])),
        (200, 401)
    );

    let key = SigningKey::generate(at9068::Algorithm::ES256).unwrap();
    let keys: Value = serde_json::from_str(&key.key_set().unwrap().to_json()).unwrap();
    case.ask(json!({"op": "client", "authentication": "private_key_jwt", "client_id": "a", "keys": keys}));
    let assertion = |audience: &str| {
        let config = ClientAssertionMinterConfig::new("a", audience, [key.clone()]);
        let minted = ClientAssertionMinter::new(config).unwrap().mint(&ClientAssertionRequest::new(), None).unwrap();
        let kind = "urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer";
        format!("&client_assertion_type={kind}&client_assertion={}", minted.token())
    };
    let good = assertion(&case.issuer());
    assert_eq!((status(&good, &[]), status(&good, &[])), (200, 401), "once");
    assert_eq!((status(&assertion("https://other.example/"), &[]), status("", &[])), (401, 401));
    case.ask(json!({"op": "client"}));
    assert_eq!(status("", &[]), 200);
    let (refused, fault) = program().ask(&case.path, &json!({"op": "client", "authentication": "none"}));
    assert_eq!((refused, fault["error"].is_string()), (400, true));
}

#[test]
fn answers_are_signed_for_whoever_wants_that() {
    let case = program().case("introspect-signed");
    let token = told(&case, json!({"members": {"sub": "a"}}));
    let wanted = [("Accept", "application/token-introspection+jwt")];
    let answer = |form: &str| post(&case, &format!("token={token}{form}"), &wanted);
    let parts = |answer: &Answer| -> [Value; 2] {
        assert_eq!(answer.field("Content-Type"), Some("application/token-introspection+jwt"));
        let text = std::str::from_utf8(&answer.body).unwrap();
        let mut parts = text.split('.').map(|part| URL_SAFE_NO_PAD.decode(part).unwrap());
        [(); 2].map(|()| serde_json::from_slice(&parts.next().unwrap()).unwrap())
    };
    let verifies = |answer: &Answer| {
        let keys = at9068::KeySet::from_json(&case.get("jwks").json().to_string()).unwrap();
        at9068::verify_jws(&answer.body, &keys, &[at9068::Algorithm::ES256]).is_ok()
    };
    let good = answer("&client_id=api");
    let [header, claims] = parts(&good);
    assert_eq!(header["typ"], "token-introspection+jwt");
    assert_eq!((&claims["iss"], &claims["aud"]), (&case.issuer().into(), &"api".into()));
    assert_eq!(claims["token_introspection"], json!({"active": true, "sub": "a"}));
    assert!(claims["iat"].is_u64() && claims["exp"].is_null() && verifies(&good));

    case.behave_of("introspection", json!({"response": {"iss": "https://evil.example/", "iat": null}, "times": 1}));
    let [_, claims] = parts(&answer(""));
    assert_eq!(
        (&claims["iss"], &claims["iat"], &claims["aud"]),
        (&"https://evil.example/".into(), &Value::Null, &"nobody".into())
    );
    case.behave_of("introspection", json!({"response_header": {"typ": "JWT", "alg": "none"}, "times": 1}));
    let [header, _] = parts(&answer(""));
    assert_eq!((&header["typ"], &header["alg"]), (&"JWT".into(), &"none".into()));
    case.ask(json!({"op": "keys", "generate": [{"key": "other"}]}));
    case.behave_of("introspection", json!({"sign_with": "other", "times": 1}));
    let forged = answer("");
    let [forged_header, _] = parts(&forged);
    let [header, _] = parts(&good);
    assert_eq!(
        (&forged_header["kid"], verifies(&forged)),
        (&header["kid"], false),
        "another key's, under the same kid"
    );
    case.behave_of("introspection", json!({"plain": true, "times": 1}));
    assert_eq!(answer("").json(), json!({"active": true, "sub": "a"}));
}

#[test]
fn what_is_said_goes_wrong_as_it_is_told() {
    let case = program().case("introspect-wrong");
    let token = told(&case, json!({"members": {"sub": "a"}}));
    case.behave_of("introspection", json!({"answer": {"active": "true", "sub": null, "jti": "b"}, "times": 1}));
    assert_eq!(said(&case, &token), json!({"active": "true", "jti": "b"}));
    case.behave_of("introspection", json!({"status": 503, "times": 1}));
    assert_eq!(post(&case, "token=x", &[]).status, 503);
    case.behave_of("introspection", json!({"captive_portal": true, "times": 1}));
    assert_eq!(post(&case, "token=x", &[]).field("Content-Type"), Some("text/html"));
    case.behave_of("introspection", json!({"redirect": "{elsewhere}{target}", "times": 1}));
    let redirected = post(&case, "token=x", &[]);
    assert_eq!((redirected.status, redirected.field("Location").is_some()), (302, true));
    assert_eq!(said(&case, &token)["active"], true, "and then it is good again");
    for (document, wrong) in [
        ("jwks", json!({"answer": {"active": true}})),
        ("all", json!({"plain": true})),
        ("introspection", json!({"keys_before": 1})),
        ("introspection", json!({"metadata": {"issuer": "x"}})),
        ("introspection", json!({"answer": {"active": 1}, "body_text": ""})),
    ] {
        let mut question = wrong;
        (question["op"], question["document"]) = ("behave".into(), document.into());
        assert_eq!(program().ask(&case.path, &question).0, 400, "{question}");
    }
}
