//! A trace says of every rule how it was met, and its verdict is that of `validate`.

#![allow(clippy::unwrap_used, reason = "a test that meets the unexpected fails, and should")]

use at9068::{
    Algorithm, ApiConfig, Dialect, ErrorCode, Explanation, MintRequest, Minter, MinterConfig, Outcome, Require,
    SigningKey, ValidateOptions, Validator, ValidatorConfig,
};

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
    let trace: serde_json::Value = serde_json::from_str(&explanation.trace_json()).unwrap();
    assert_eq!(trace.as_array().unwrap().len(), explanation.steps().len());
    assert_eq!(trace.pointer("/0/rule").unwrap(), "JOSE-4");
    let shown = format!("{explanation:?} {trace}");
    assert!(!shown.contains("secretish") && !shown.contains(token.split('.').next().unwrap()));
}
