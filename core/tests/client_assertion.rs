//! Client assertions: what clients make, and what an authorization server accepts.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that meets the unexpected fails, and should")]

use at9068::{
    Algorithm, ClientAssertionMinter, ClientAssertionMinterConfig, ClientAssertionRequest, ErrorCode, Handles, KeySet,
    SigningKey, verify_jws,
};
use serde_json::{Value, json};

const ISSUER: &str = "https://as.example/";
const NOW: f64 = 1_700_000_000.5;
const SECRET: &str = "a secret of 64 octets, which is enough for every algorithm: 0123";

fn secret_set(secret: &str) -> KeySet {
    use base64::Engine as _;
    let k = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(secret);
    KeySet::from_json(&json!({"keys": [{"kty": "oct", "k": k}]}).to_string()).unwrap()
}

fn minted(config: ClientAssertionMinterConfig, request: &ClientAssertionRequest) -> (String, Value, Value) {
    let minted = ClientAssertionMinter::new(config).unwrap().mint(request, Some(NOW)).unwrap();
    let claims = serde_json::from_str(minted.claims_json()).unwrap();
    let header = serde_json::from_str(minted.header_json()).unwrap();
    (minted.into_token(), header, claims)
}

#[test]
fn an_assertion_says_who_speaks_to_whom_for_how_long() {
    let key = SigningKey::generate(Algorithm::ES256).unwrap();
    let config = ClientAssertionMinterConfig::new("c", ISSUER, [key.clone()]).lifetime_seconds(5);
    let (token, header, claims) = minted(config, &ClientAssertionRequest::new().jti("one"));
    assert_eq!(header, json!({"typ": "client-authentication+jwt", "alg": "ES256", "kid": key.kid().unwrap()}));
    let expected =
        json!({"iss": "c", "sub": "c", "aud": ISSUER, "exp": 1_700_000_005, "iat": 1_700_000_000, "jti": "one"});
    assert_eq!(claims, expected);
    let payload = verify_jws(token, &key.key_set().unwrap(), &[Algorithm::ES256]).unwrap();
    assert_eq!(serde_json::from_slice::<Value>(&payload).unwrap(), expected);
}

#[test]
fn a_secret_is_the_key_of_its_octets() {
    for algorithm in [None, Some(Algorithm::HS384), Some(Algorithm::HS512)] {
        let config = ClientAssertionMinterConfig::with_secret("c", ISSUER, SECRET);
        let config = algorithm.map_or(config.clone(), |algorithm| config.algorithm(algorithm));
        let (token, header, claims) = minted(config, &ClientAssertionRequest::new());
        let algorithm = algorithm.unwrap_or(Algorithm::HS256);
        assert_eq!(header, json!({"typ": "client-authentication+jwt", "alg": algorithm.as_str()}));
        assert_eq!(claims["exp"], 1_700_000_060);
        assert!(verify_jws(token, &secret_set(SECRET), &[algorithm]).is_ok());
    }
}

#[test]
fn identifiers_differ_unless_they_are_given() {
    let key = SigningKey::generate(Algorithm::EdDSA).unwrap();
    let minter = ClientAssertionMinter::new(ClientAssertionMinterConfig::new("c", ISSUER, [key])).unwrap();
    let jti = || {
        let minted = minter.mint(&ClientAssertionRequest::new(), Some(NOW)).unwrap();
        serde_json::from_str::<Value>(minted.claims_json()).unwrap()["jti"].as_str().unwrap().to_owned()
    };
    assert_eq!(jti().len(), 22);
    assert_ne!(jti(), jti());
    let refused = |request: &ClientAssertionRequest, now| minter.mint(request, Some(now)).unwrap_err();
    let error = refused(&ClientAssertionRequest::new().jti(""), NOW);
    assert_eq!((error.code(), error.claim(), error.status()), (ErrorCode::ArgumentInvalid, Some("jti"), None));
    for now in [-1.0, f64::NAN, 253_402_300_799.0] {
        assert_eq!(refused(&ClientAssertionRequest::new(), now).code(), ErrorCode::ArgumentInvalid);
    }
    let error = refused(&ClientAssertionRequest::new().jti("x".repeat(20_000)), NOW);
    assert_eq!(error.code(), ErrorCode::ArgumentInvalid);
    assert_eq!(ClientAssertionRequest::from_json("{\"jit\":\"a\"}").unwrap_err().code(), ErrorCode::ArgumentInvalid);
}

#[test]
fn a_minter_that_could_not_authenticate_is_not_made() {
    let key: Value = serde_json::from_str(&SigningKey::generate(Algorithm::ES256).unwrap().to_jwk()).unwrap();
    let keys = json!({"keys": [key]});
    let symmetric = json!({"keys": [{"kty": "oct", "k": "c2VjcmV0IG9mIDY0IG9jdGV0cywgd2hpY2ggaXMgZW5vdWdo"}]});
    let short = |octets| SECRET.get(..octets).unwrap();
    let wrong = [
        json!({"client_id": "", "audience": ISSUER, "keys": keys}),
        json!({"client_id": "c", "audience": "", "keys": keys}),
        json!({"client_id": "c", "keys": keys}),
        json!({"audience": ISSUER, "keys": keys}),
        json!({"client_id": "c", "audience": ISSUER}),
        json!({"client_id": "c", "audience": ISSUER, "keys": keys, "client_secret": SECRET}),
        json!({"client_id": "c", "audience": ISSUER, "keys": {"keys": []}}),
        json!({"client_id": "c", "audience": ISSUER, "keys": symmetric}),
        json!({"client_id": "c", "audience": ISSUER, "keys": keys, "algorithm": "RS256"}),
        json!({"client_id": "c", "audience": ISSUER, "keys": keys, "algorithm": "HS256"}),
        json!({"client_id": "c", "audience": ISSUER, "keys": keys, "lifetime_seconds": 0}),
        json!({"client_id": "c", "audience": ISSUER, "keys": keys, "lifetime_seconds": 301}),
        json!({"client_id": "c", "audience": ISSUER, "client_secret": short(31)}),
        json!({"client_id": "c", "audience": ISSUER, "client_secret": short(47), "algorithm": "HS384"}),
        json!({"client_id": "c", "audience": ISSUER, "client_secret": SECRET, "algorithm": "ES256"}),
        json!({"client_id": "c", "audience": ISSUER, "client_secret": "-----BEGIN PUBLIC KEY-----, or what follows it"}),
        json!({"client_id": "c", "audience": ISSUER, "keys": keys, "lifetime": 60}),
    ];
    for config in wrong {
        let made = ClientAssertionMinterConfig::from_json(&config.to_string()).and_then(ClientAssertionMinter::new);
        assert_eq!(made.unwrap_err().code(), ErrorCode::ConfigInvalid, "{config}");
    }
}

#[test]
fn handles_sign_too_and_what_cannot_is_told() {
    let key = SigningKey::generate(Algorithm::PS256).unwrap();
    let handles = Handles { signing_keys: vec![key.clone()], ..Handles::default() };
    let text = json!({"client_id": "c", "audience": ISSUER, "algorithm": "PS256",
                      "keys": {"keys": [{"kty": "EC", "kid": "bad"}, {"$signing_key": 0}]}});
    let config = ClientAssertionMinterConfig::from_json_with(&text.to_string(), &handles).unwrap();
    let minter = ClientAssertionMinter::new(config.clone()).unwrap();
    assert_eq!(minter.skipped_keys().len(), 1);
    let (token, _, _) = minted(config, &ClientAssertionRequest::new());
    assert!(verify_jws(token, &key.key_set().unwrap(), &[Algorithm::PS256]).is_ok());
}

#[test]
fn nothing_shows_a_secret() {
    let config = ClientAssertionMinterConfig::with_secret("c", ISSUER, SECRET);
    let shown = format!("{config:?}");
    let minter = ClientAssertionMinter::new(config).unwrap();
    let minted = minter.mint(&ClientAssertionRequest::new().jti("hidden"), Some(NOW)).unwrap();
    let shown = format!("{shown}{minter:?}{minted:?}{:?}", ClientAssertionRequest::new().jti("hidden"));
    for text in ["a secret", "hidden", minted.token()] {
        assert!(!shown.contains(text), "{shown}");
    }
}
