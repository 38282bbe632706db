//! A header, octet by octet, under a good signature.
#![no_main]

use std::sync::LazyLock;

use at9068::{Algorithm, ErrorCode, Profile, ValidateOptions, Validator, verify_jws};
use at9068_fuzz::{API, ISSUER, Json, NOW, SECRET, SECRET_JWK, judge, read_object, signed, trace_is_json, validator};
use libfuzzer_sys::fuzz_target;

static VALIDATOR: LazyLock<Validator> = LazyLock::new(|| {
    validator(&format!(
        r#"{{"issuer":"{ISSUER}","audience":"{API}","jwks":{{"keys":[{SECRET_JWK}]}},"algorithms":["HS256","ES256"],"profiles":["rfc9068","auth0","okta"]}}"#
    ))
});
/// Good under one profile of each type that there is, and of none.
const CLAIMS: &str = r#"{"iss":"https://as.example/","sub":"u","aud":"https://api.example/","client_id":"c","azp":"c","cid":"c","exp":1700003600,"iat":1700000000,"jti":"j"}"#;

fuzz_target!(|header: &[u8]| {
    let token = signed(header, CLAIMS.as_bytes());
    let options = ValidateOptions::default().now(NOW);
    let judged = judge(&VALIDATOR, token.as_bytes(), &options);
    trace_is_json(&VALIDATOR, token.as_bytes(), &options);
    let verified = verify_jws(&token, &SECRET, &[Algorithm::HS256]);
    if let Ok(payload) = &verified {
        assert_eq!(payload, CLAIMS.as_bytes());
        let members = std::str::from_utf8(header).ok().and_then(read_object);
        let members = members.expect("what we accept, serde_json reads too, without duplicates");
        assert_eq!(members.get("alg").and_then(Json::text), Some("HS256"));
        assert!(members.get("kid").is_none_or(|kid| kid.text() == Some("hs256")), "another key");
        assert!(!members.contains_key("crit"), "a demand that is not understood");
        assert!(members.get("b64").is_none_or(|b64| *b64 == Json::Boolean(true)), "a payload that is not encoded");
    }
    match judged {
        Ok(good) => {
            assert!(verified.is_ok());
            assert_eq!(good.header_json().as_bytes(), header);
            let typ = read_object(good.header_json()).and_then(|members| members.get("typ").cloned());
            let typ = typ.map(|typ| typ.text().expect("a type that is a string").to_ascii_lowercase());
            let expected: &[Option<&str>] = match good.profile() {
                Some(Profile::Rfc9068) => &[Some("at+jwt"), Some("application/at+jwt")],
                Some(Profile::Auth0) => &[Some("jwt"), Some("application/jwt")],
                _ => &[None],
            };
            assert!(expected.contains(&typ.as_deref()), "type {typ:?} under {:?}", good.profile());
        }
        // The signature is good, so that nobody may say that it is not; and the claims are.
        Err(error) => {
            assert_ne!(error.code(), ErrorCode::SignatureInvalid);
            assert!(!error.authenticated(), "{}", error.message());
        }
    }
});
