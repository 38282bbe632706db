//! Tokens: the good ones and the forged.

use at9068::Algorithm;
use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use crate::common::{Case, program};

fn forge(case: &Case<'_>, mut question: Value) -> Value {
    question["op"] = "forge".into();
    case.ask(question)["token"].clone()
}

fn parts(token: &Value) -> [String; 2] {
    let mut parts = token.as_str().unwrap().split('.').map(|part| URL_SAFE_NO_PAD.decode(part).unwrap());
    [(); 2].map(|()| String::from_utf8(parts.next().unwrap()).unwrap())
}

#[test]
fn good_ones_carry_what_was_granted() {
    let case = program().case("mint");
    let minted = case.ask(json!({
        "op": "mint", "subject": "user-1", "client_id": "app", "audience": ["https://a.example/", "https://b.example/"],
        "scope": "openid read write", "lifetime_seconds": 60, "dialect": "rfc9068_profile_authz", "permissions": ["p"],
        "claims": {"tenant": "blue"}, "now": 1_700_000_000, "jti": "id-1",
    }));
    assert_eq!(minted["header"]["typ"], "at+jwt");
    assert_eq!(
        minted["claims"],
        json!({
            "iss": case.issuer(), "sub": "user-1", "client_id": "app", "aud": ["https://a.example/", "https://b.example/"],
            "scope": "openid read write", "permissions": ["p"], "tenant": "blue", "jti": "id-1",
            "iat": 1_700_000_000, "exp": 1_700_000_060,
        })
    );
    assert_eq!(minted["expires_in"], 60);
    let [header, claims] = parts(&minted["token"]);
    assert_eq!(serde_json::from_str::<Value>(&header).unwrap(), minted["header"]);
    assert_eq!(serde_json::from_str::<Value>(&claims).unwrap(), minted["claims"]);

    let usual = case.ask(json!({"op": "mint"}));
    assert_eq!(
        (&usual["claims"]["aud"], &usual["claims"]["sub"]),
        (&"https://api.example/".into(), &"test-client@clients".into())
    );
    assert_eq!(case.verdict(&usual["token"]), Ok(()));
    let other = case.ask(json!({"op": "mint", "dialect": "access_token", "issuer": "https://other.example/"}));
    assert_eq!((&other["header"]["typ"], &other["claims"]["iss"]), (&"JWT".into(), &"https://other.example/".into()));
}

#[test]
fn the_core_refuses_what_is_no_good_token() {
    let case = program().case("mint-refused");
    for (question, code, claim) in [
        (json!({"claims": {"exp": 1}}), "claim_reserved", json!("exp")),
        (json!({"grant_type": "authorization_code"}), "argument_invalid", json!("sub")),
        (json!({"lifetime_seconds": 0}), "config_invalid", Value::Null),
        (json!({"unknown": 1}), "argument_invalid", Value::Null),
    ] {
        let mut question = question;
        question["op"] = "mint".into();
        let (status, answer) = program().ask(&case.path, &question);
        assert_eq!((status, &answer["code"], &answer["claim"]), (400, &code.into(), &claim), "{question}");
    }
    for question in [json!({"key": "nobody"}), json!({"dialect": "other"}), json!({"audience": 5})] {
        let mut question = question;
        question["op"] = "mint".into();
        assert_eq!(program().ask(&case.path, &question).0, 400, "{question}");
    }
}

#[test]
fn keys_and_identifiers_are_at_choice() {
    let case = program().case("kids");
    let made = case.ask(json!({"op": "keys", "generate": [{"key": "evil"}, {"key": "rsa", "algorithm": "RS256"}]}));
    let kid = &made["keys"][0]["kid"];
    let mint = |members: Value| {
        let mut question = members;
        question["op"] = "mint".into();
        case.ask(question)["token"].clone()
    };
    assert_eq!(case.verdict(&mint(json!({"key": "evil"}))), Err("key_not_found"), "it was not published");
    assert_eq!(case.verdict(&mint(json!({"kid": "unknown"}))), Err("key_not_found"));
    assert_eq!(case.verdict(&mint(json!({"key": "evil", "kid": kid}))), Err("signature_invalid"));
    assert_eq!(case.verdict(&mint(json!({"key": "rsa", "kid": kid}))), Err("key_mismatch"));
    assert_eq!(case.verdict(&mint(json!({"key": "first"}))), Ok(()));
}

#[test]
fn forged_ones_say_whatever_they_are_to_say() {
    let case = program().case("forge");
    assert_eq!(case.verdict(&forge(&case, json!({}))), Ok(()), "unless told otherwise a forged one is good");
    for (question, code) in [
        (json!({"claims": {"exp": 1}}), "token_expired"),
        (json!({"claims": {"jti": null}}), "claim_missing"),
        (json!({"claims": {"aud": 5}}), "claim_malformed"),
        (json!({"claims": {"iss": "https://evil.example/"}}), "issuer_unknown"),
        (json!({"header": {"typ": "JWT"}}), "type_mismatch"),
        (json!({"header": {"kid": "unknown"}}), "key_not_found"),
        (json!({"header": {"crit": ["x"], "x": 1}}), "critical_header_unsupported"),
        (json!({"header": {"alg": "none"}}), "algorithm_not_allowed"),
        (json!({"header": {"alg": "HS256"}}), "algorithm_not_allowed"),
        (json!({"signature": "AAAA"}), "signature_invalid"),
        (json!({"signature": ""}), "token_malformed"),
        (json!({"claims_text": "not JSON"}), "token_malformed"),
    ] {
        assert_eq!(case.verdict(&forge(&case, question.clone())), Err(code), "{question}");
    }
    let none = forge(&case, json!({"header": {"alg": "none"}}));
    assert!(none.as_str().unwrap().ends_with('.'), "and the signature is empty");

    let texts = ["{\"alg\":\"ES256\", \"x\":1e2,\"x\":2}", " {\"iss\" : 1} "];
    let exact = forge(&case, json!({"header_text": texts[0], "claims_text": texts[1]}));
    assert_eq!(parts(&exact), texts);
}

#[test]
fn signatures_are_good_under_every_algorithm() {
    let case = program().case("algorithms");
    for algorithm in Algorithm::ALL.iter().filter(|algorithm| !algorithm.is_symmetric()) {
        let name = algorithm.as_str();
        case.ask(json!({"op": "keys", "generate": [{"key": name, "algorithm": name, "kid": name}], "publish": [name]}));
        for op in ["mint", "forge"] {
            let token = case.ask(json!({"op": op, "key": name}))["token"].clone();
            assert_eq!(case.verdict(&token), Ok(()), "{op} {name}");
        }
        let unknown = forge(&case, json!({"key": name, "header": {"alg": "unknown"}}));
        assert!(unknown.as_str().unwrap().len() > 200, "the key's own algorithm signs");
    }
    // The classic: the public key, which everybody has, as the secret.
    let confused = forge(&case, json!({"header": {"alg": "HS256", "kid": null}}));
    let public = pem(&case.get("jwks").json()["keys"][0]);
    let (message, signature) = confused.as_str().unwrap().rsplit_once('.').unwrap();
    let secret = hmac::Key::new(hmac::HMAC_SHA256, public.as_bytes());
    hmac::verify(&secret, message.as_bytes(), &URL_SAFE_NO_PAD.decode(signature).unwrap()).unwrap();
    let refused = json!({"op": "forge", "key": "RS256", "header": {"alg": "ES256"}});
    let (status, answer) = program().ask(&case.path, &refused);
    assert_eq!((status, &answer["error"]), (400, &"the key cannot sign under ES256".into()));
}

/// The PEM text of a P-256 key, put together by hand.
fn pem(jwk: &Value) -> String {
    let mut der =
        b"\x30\x59\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07\x03\x42\0\x04"
            .to_vec();
    for name in ["x", "y"] {
        der.extend(URL_SAFE_NO_PAD.decode(jwk[name].as_str().unwrap()).unwrap());
    }
    let text = STANDARD.encode(der);
    format!("-----BEGIN PUBLIC KEY-----\n{}\n{}\n-----END PUBLIC KEY-----\n", &text[..64], &text[64..])
}
