use super::*;
use crate::algorithm::Algorithm;
use crate::config::{ApiConfig, Dialect};
use crate::encoding::base64url;
use crate::key::SigningKey;

fn config(key: SigningKey) -> MinterConfig {
    let api = ApiConfig::new("https://api.example/", Dialect::Rfc9068Profile);
    MinterConfig::new("https://as.example/", [key], [api]).default_audience("https://api.example/")
}

#[test]
fn signing_failed_is_reported_when_the_signer_fails() {
    let key = SigningKey::generate(Algorithm::ES256).unwrap().failing();
    let minter = Minter::new(config(key)).unwrap();
    let error = minter.mint(&MintRequest::new("client_credentials", "c"), Some(1.7e9)).unwrap_err();
    assert_eq!(error.code(), ErrorCode::SigningFailed);
    assert_eq!(error.status(), None);
}

#[test]
fn generated_identifiers_have_128_bits_and_differ() {
    let mut seen = std::collections::BTreeSet::new();
    for _ in 0..1000 {
        let identifier = jwt::identifier().unwrap();
        assert!(base64url::is_canonical(&identifier, 16));
        assert!(seen.insert(identifier));
    }
}

#[test]
fn a_token_that_no_validator_would_take_is_not_minted() {
    let minter = Minter::new(config(SigningKey::generate(Algorithm::EdDSA).unwrap())).unwrap();
    let mint = |claims: &serde_json::Value, now: f64| {
        let request = MintRequest::new("client_credentials", "c").claims(claims).unwrap();
        minter.mint(&request, Some(now)).map(|_| ()).map_err(|error| error.code())
    };
    let refused = Err(ErrorCode::ArgumentInvalid);
    assert_eq!(mint(&serde_json::json!({"x": "y".repeat(10_000)}), 1.7e9), Ok(()));
    assert_eq!(mint(&serde_json::json!({"x": "y".repeat(16_000)}), 1.7e9), refused);
    let wide: serde_json::Map<_, _> = (0..300).map(|n| (format!("n{n}"), n.into())).collect();
    assert_eq!(mint(&wide.into(), 1.7e9), refused);
    let deep = (0..40).fold(serde_json::json!(1), |inner, _| serde_json::json!([inner]));
    assert_eq!(mint(&serde_json::json!({"x": deep}), 1.7e9), refused);
    assert_eq!(mint(&serde_json::json!({}), -1.0), refused);
    assert_eq!(mint(&serde_json::json!({}), 253_402_300_799.0), refused);
}
