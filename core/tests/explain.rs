//! A trace says of every rule how it was met, and its verdict is that of `validate`.

#![allow(clippy::unwrap_used, reason = "a test that meets the unexpected fails, and should")]

use at9068::{
    Algorithm, ApiConfig, Dialect, ErrorCode, Explanation, MintRequest, Minter, MinterConfig, Outcome, Require,
    SigningKey, ValidateOptions, Validator, ValidatorConfig,
};
use serde_json::{Value, json};

const ISSUER: &str = "https://as.example/";
const API: &str = "https://api.example/";

fn token_and_validator() -> (String, Validator) {
    let key = SigningKey::generate(Algorithm::ES256).unwrap();
    let api = ApiConfig::new(API, Dialect::Rfc9068Profile).scopes(["a"]);
    let minter = Minter::new(MinterConfig::new(ISSUER, [key.clone()], [api])).unwrap();
    let request = MintRequest::new("authorization_code", "client-secretish").subject("user-secretish").scope("a");
    let token = minter.mint(&request, Some(1000.0)).unwrap().into_token();
    let config = ValidatorConfig::new(ISSUER, API).keys(&key.key_set().unwrap()).max_lifetime_seconds(3600);
    (token, Validator::new(config).unwrap())
}

fn outcomes(explanation: &Explanation, rule: &str) -> Vec<(Option<&'static str>, Outcome)> {
    let steps = explanation.steps().iter().filter(|step| step.rule() == rule);
    steps.map(|step| (step.claim(), step.outcome())).collect()
}

#[test]
fn a_good_token_passes_every_rule() {
    let (token, validator) = token_and_validator();
    let require = Require::new().scopes(["a"]).unwrap();
    let options = ValidateOptions::default().now(1001.0).require(require);
    let explanation = validator.explain(&token, &options).unwrap();
    assert!(explanation.verdict().is_ok());
    assert!(explanation.steps().len() >= 25, "{}", explanation.steps().len());
    for step in explanation.steps() {
        assert_eq!((step.outcome(), step.found(), step.code()), (Outcome::Pass, None, None), "{step:?}");
    }
    assert_eq!(outcomes(&explanation, "AT-VAL-9"), [(Some("scope"), Outcome::Pass)]);
}

#[test]
fn every_failure_after_the_signature_is_told() {
    let (token, validator) = token_and_validator();
    let require = Require::new().scopes(["b"]).unwrap().permissions(["p"]).max_age(5);
    let options = ValidateOptions::default().now(9000.0).require(require);
    let explanation = validator.explain(&token, &options).unwrap();
    let failed: Vec<_> = explanation.steps().iter().filter(|step| step.outcome() == Outcome::Fail).collect();
    let failed: Vec<_> = failed.iter().map(|step| (step.rule(), step.claim(), step.found())).collect();
    assert_eq!(
        failed,
        [
            ("AT-VAL-6", Some("exp"), None),
            ("STEP-1", Some("auth_time"), Some("absent")),
            ("AT-VAL-9", Some("scope"), None),
            ("AT-VAL-9", Some("permissions"), Some("absent")),
        ]
    );
    let verdict = explanation.verdict().unwrap_err();
    assert_eq!(*verdict, validator.validate(&token, &options).unwrap_err());
    assert_eq!((verdict.code(), verdict.authenticated()), (ErrorCode::TokenExpired, true));
}

#[test]
fn what_cannot_be_believed_is_not_asked() {
    let (token, validator) = token_and_validator();
    let forged = format!("{}{}", token.rsplit_once('.').unwrap().0, ".AAAA");
    for (token, rule, code) in [
        (forged.as_str(), "AT-VAL-5", ErrorCode::SignatureInvalid),
        ("no.token.at all", "JOSE-4", ErrorCode::TokenMalformed),
    ] {
        let options = ValidateOptions::default().now(1001.0);
        let explanation = validator.explain(token, &options).unwrap();
        assert_eq!(outcomes(&explanation, rule), [(None, Outcome::Fail)]);
        assert_eq!(outcomes(&explanation, "AT-VAL-4"), [(Some("aud"), Outcome::NotReached)]);
        assert_eq!(outcomes(&explanation, "CNF-1"), [(Some("cnf"), Outcome::NotReached)]);
        assert_eq!(explanation.verdict().unwrap_err().code(), code);
    }
}

#[test]
fn nothing_of_the_token_is_told() {
    let (token, validator) = token_and_validator();
    let explanation = validator.explain(&token, &ValidateOptions::default().now(1001.0)).unwrap();
    let trace: Value = serde_json::from_str(&explanation.trace_json()).unwrap();
    assert_eq!(trace.as_array().unwrap().len(), explanation.steps().len());
    assert_eq!(trace.pointer("/0/rule").unwrap(), "JOSE-4");
    let shown = format!("{explanation:?} {trace}");
    assert!(!shown.contains("secretish") && !shown.contains(token.split('.').next().unwrap()));
}

#[test]
fn a_trace_says_what_was_wanted_and_what_was_found() {
    let key = SigningKey::generate(Algorithm::ES256).unwrap();
    let mut header = jsonwebtoken::Header::new(jsonwebtoken::Algorithm::ES256);
    header.typ = Some("at+jwt".to_owned());
    let claims = json!({"iss": ISSUER, "sub": "u", "aud": API, "jti": "1", "iat": 1, "exp": 9, "nbf": "1", "scope": 5,
                        "acr": true, "amr": {}, "org_id": [], "act": null});
    let signer = jsonwebtoken::EncodingKey::from_ec_pem(key.to_pem().unwrap().as_bytes()).unwrap();
    let token = jsonwebtoken::encode(&header, &claims, &signer).unwrap();
    let validator = Validator::new(ValidatorConfig::new(ISSUER, API).keys(&key.key_set().unwrap())).unwrap();
    let explanation = validator.explain(&token, &ValidateOptions::default().now(5.0)).unwrap();
    let failed = explanation.steps().iter().filter(|step| step.outcome() == Outcome::Fail);
    let told: Vec<_> = failed.map(|step| (step.claim().unwrap(), step.expected(), step.found().unwrap())).collect();
    assert_eq!(
        told,
        [
            ("nbf", "a number of seconds since the epoch", "string"),
            ("scope", "scopes with single spaces between them", "number"),
            ("acr", "a string", "boolean"),
            ("amr", "an array of strings", "object"),
            ("org_id", "a string", "array"),
            ("act", "an object, with others of its kind at most 8 deep", "null"),
            ("client_id", "a claim that is there", "absent"),
        ]
    );
    let trace: Value = serde_json::from_str(&explanation.trace_json()).unwrap();
    for (step, told) in explanation.steps().iter().zip(trace.as_array().unwrap()) {
        let (outcome, code) = (step.outcome().to_string(), step.code().map(ErrorCode::slug));
        let said = json!({"rule": step.rule(), "section": step.section(), "outcome": outcome, "claim": step.claim(),
                          "expected": step.expected(), "found": step.found(), "code": code});
        assert_eq!(*told, said);
    }
    let nbf = json!({"rule": "AT-CLM-1", "section": "RFC 7519 §4.1", "outcome": "fail", "claim": "nbf",
                     "expected": "a number of seconds since the epoch", "found": "string", "code": "claim_malformed"});
    assert!(trace.as_array().unwrap().contains(&nbf));
}
