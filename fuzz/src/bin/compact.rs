//! A token as it comes in, octet by octet.
#![no_main]

use std::sync::LazyLock;

use at9068::{Algorithm, KeySet, Request, ValidateOptions, Validator, verify_jws};
use at9068_fuzz::{Json, NOW, asymmetric, judge, read_object, same_claims, validator};
use libfuzzer_sys::fuzz_target;

/// With a key of every algorithm.
const CONFIG: &str = include_str!("../validator.json");

struct Fixed {
    validator: Validator,
    keys: KeySet,
    algorithms: Vec<Algorithm>,
}

static FIXED: LazyLock<Fixed> = LazyLock::new(|| {
    let members = serde_json::from_str::<serde_json::Value>(CONFIG).expect("JSON");
    let keys = KeySet::from_json(&members["jwks"].to_string()).expect("a JWK set");
    Fixed { validator: validator(CONFIG), keys, algorithms: asymmetric() }
});

fuzz_target!(|token: &[u8]| {
    let Fixed { validator, keys, algorithms } = &*FIXED;
    let options = ValidateOptions::default().now(NOW);
    let judged = judge(validator, token, &options);
    let verified = verify_jws(token, keys, algorithms);

    match &judged {
        Ok(good) => {
            same_claims(good);
            assert_eq!(verified.as_deref().ok(), Some(good.claims_json().as_bytes()), "another payload");
            let header = read_object(good.header_json()).expect("a header that serde_json reads too");
            let named = header.get("alg").and_then(Json::text).and_then(Algorithm::from_name);
            assert!(named.is_some_and(|algorithm| algorithms.contains(&algorithm)));
            assert!(!header.contains_key("crit"));
            // No other octets are the same token.
            for extended in
                [[token, b"A"].concat(), [token, b"="].concat(), [token, b"\n"].concat(), [b" ", token].concat()]
            {
                assert!(validator.validate(&extended, &options).is_err(), "octets too many");
            }
        }
        // What is authentic to one is authentic to the other.
        Err(error) if error.authenticated() => assert!(verified.is_ok()),
        Err(_) => {}
    }
    if let Ok(payload) = verified {
        let segment = token.split(|octet| *octet == b'.').nth(1).expect("three parts");
        assert_eq!(at9068_fuzz::base64url(&payload).as_bytes(), segment, "not canonical");
    }

    // By way of a header, the same verdict; whatever is no token68 does not come that far.
    // White space around a field's value is no part of it (RFC 9110 §5.5).
    let text = std::str::from_utf8(token).ok();
    if let Some(text) = text.filter(|text| text.trim_matches([' ', '\t']).len() == text.len()) {
        let request = Request::new().header("Authorization", format!("Bearer {text}"));
        match (validator.authenticate(&request, &options), &judged) {
            (Ok(one), Ok(other)) => assert_eq!(one.claims_json(), other.claims_json()),
            (Ok(_), Err(_)) => panic!("a credential is taken that is no good token"),
            (Err(error), Ok(_)) => panic!("a good token is refused in a header: {}", error.message()),
            (Err(_), Err(_)) => {}
        }
    }
});
