//! What the targets share: keys, tokens signed by hand, and an oracle that reads JSON without us.
//!
//! A target panics where a property does not hold, and libFuzzer keeps the input.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use at9068::{AccessToken, Algorithm, Error, KeySet, Outcome, Result, ValidateOptions, Validator};
use aws_lc_rs::hmac;
use base64_simd::URL_SAFE_NO_PAD;

mod oracle;
mod profiles;

pub use oracle::{Json, read, read_object};
pub use profiles::{CLIENT, WANTED, Wanted, texts};

pub const ISSUER: &str = "https://as.example/";
pub const API: &str = "https://api.example/";
/// The time that the shared vectors are judged at.
pub const NOW: f64 = 1_700_000_100.0;
/// TEST ONLY: the secret of HS256 in the shared vectors.
pub const SECRET_JWK: &str =
    r#"{"kty":"oct","k":"DQjmc0DD_7S32VhlcjxItGRq8ZCBk-NQfLz6GYWbh4Q","kid":"hs256","alg":"HS256"}"#;

/// The set with that secret alone.
pub static SECRET: LazyLock<KeySet> =
    LazyLock::new(|| KeySet::from_json(&format!("{{\"keys\":[{SECRET_JWK}]}}")).expect("the secret is a key"));

/// A validator of tokens signed with that secret, for one profile.
#[must_use]
pub fn symmetric_validator(wanted: &Wanted) -> Validator {
    let profile = wanted.profile.as_str();
    let clients = if wanted.without_audience() { format!(r#","client_ids":["{CLIENT}"]"#) } else { String::new() };
    let config = format!(
        r#"{{"issuer":"{ISSUER}","audience":"{API}","jwks":{{"keys":[{SECRET_JWK}]}},"algorithms":["HS256"],"profiles":["{profile}"]{clients}}}"#
    );
    validator(&config)
}

/// A validator with a configuration that is known to be good.
#[must_use]
pub fn validator(config: &str) -> Validator {
    let config = at9068::ValidatorConfig::from_json(config).expect("the configuration is good");
    Validator::new(config).expect("the configuration is good")
}

#[must_use]
pub fn base64url(octets: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode_to_string(octets)
}

/// A token with this header and these claims, whatever they are, and a good signature over them.
#[must_use]
pub fn signed(header: &[u8], claims: &[u8]) -> String {
    static KEY: LazyLock<hmac::Key> = LazyLock::new(|| {
        let secret = URL_SAFE_NO_PAD.decode_to_vec("DQjmc0DD_7S32VhlcjxItGRq8ZCBk-NQfLz6GYWbh4Q");
        hmac::Key::new(hmac::HMAC_SHA256, &secret.expect("the secret is base64url"))
    });
    let input = format!("{}.{}", base64url(header), base64url(claims));
    let tag = hmac::sign(&KEY, input.as_bytes());
    format!("{input}.{}", base64url(tag.as_ref()))
}

/// Judges a token twice, plainly and with a trace, and holds the two verdicts against each other.
///
/// # Panics
/// Where they differ, or where the trace tells another story than the verdict.
pub fn judge(validator: &Validator, token: &[u8], options: &ValidateOptions) -> Result<AccessToken> {
    let plain = validator.validate(token, options);
    let explained = validator.explain(token, options).expect("the time is one");
    let failures = || explained.steps().iter().filter(|step| step.outcome() == Outcome::Fail);
    match (&plain, explained.verdict()) {
        (Ok(plain), Ok(explained)) => {
            assert_eq!(plain.claims_json(), explained.claims_json());
            assert_eq!(plain.header_json(), explained.header_json());
            assert_eq!(plain.profile(), explained.profile());
            assert_eq!(failures().count(), 0, "a good token that breaks a rule");
        }
        (Err(plain), Err(explained)) => {
            assert_eq!(plain, explained);
            assert_eq!(facts(plain), facts(explained));
            let first = failures().next().expect("a refused token breaks a rule");
            assert_eq!(first.code(), Some(plain.code()), "the first failure is the verdict");
        }
        (plain, explained) => panic!("validate: {:?}, explain: {:?}", plain.is_ok(), explained.is_ok()),
    }
    for step in explained.steps() {
        assert_eq!(step.code().is_some(), step.outcome() == Outcome::Fail);
    }
    plain
}

/// The trace as text is JSON, with an object for each step. Slow, so not part of [`judge`].
///
/// # Panics
/// Where it is not.
pub fn trace_is_json(validator: &Validator, token: &[u8], options: &ValidateOptions) {
    let explained = validator.explain(token, options).expect("the time is one");
    let Some(Json::Array(steps)) = read(&explained.trace_json()) else { panic!("the trace is no JSON array") };
    assert_eq!(steps.len(), explained.steps().len());
    for (told, step) in steps.iter().zip(explained.steps()) {
        let member = |name| told.member(name).and_then(Json::text);
        assert_eq!(member("rule"), Some(step.rule()));
        assert_eq!(member("outcome"), Some(step.outcome().as_str()));
        assert_eq!(member("claim"), step.claim());
        assert_eq!(member("found"), step.found());
        assert_eq!(member("code"), step.code().map(|code| code.slug()));
    }
}

fn facts(error: &Error) -> (u16, Option<&str>, bool, Option<u16>, &[String]) {
    (error.code().number(), error.claim(), error.authenticated(), error.status(), error.challenges())
}

/// Every algorithm that is not symmetric.
#[must_use]
pub fn asymmetric() -> Vec<Algorithm> {
    Algorithm::ALL.iter().copied().filter(|algorithm| !algorithm.is_symmetric()).collect()
}

/// Holds an accepted token against the oracle: one object without duplicates, every claim that we
/// give out is the one that the oracle reads, and they are what the token's profile wants.
///
/// # Panics
/// Where they differ.
pub fn same_claims(token: &AccessToken) -> BTreeMap<String, Json> {
    let text = token.claims_json();
    let members = read_object(text).expect("what we accept, serde_json reads too, without duplicates");
    for (name, value) in &members {
        let ours = token.claim_json(name).expect("a claim that serde_json finds");
        assert_eq!(read(ours).as_ref(), Some(value), "another value of a claim");
    }
    assert_eq!(token.claim_json("no such claim \u{0}"), members.get("no such claim \u{0}").map(|_| ""));
    let text_of = |name: &str| match members.get(name) {
        Some(Json::String(text)) => Some(text.as_str()),
        Some(_) => panic!("{name} is no string"),
        None => None,
    };
    assert_eq!(text_of("iss"), Some(token.iss()));
    assert_eq!(text_of("sub"), Some(token.sub()));
    assert_eq!(text_of("jti"), token.jti());
    assert_eq!(text_of("acr"), token.acr());
    assert_eq!(text_of("org_id"), token.org_id());
    assert_eq!(text_of("org_name"), token.org_name());
    assert_eq!(token.aud(), members.get("aud").map(texts).unwrap_or_default());
    let date = |name: &str, ours: Option<i64>| match (members.get(name), ours) {
        (Some(Json::Number(theirs)), Some(ours)) => same_second(theirs, ours),
        (None, None) => {}
        (theirs, ours) => panic!("{name}: {theirs:?} and {ours:?}"),
    };
    date("exp", Some(token.exp()));
    date("iat", Some(token.iat()));
    date("nbf", token.nbf());
    date("auth_time", token.auth_time());
    profiles::wanted(token).holds(token, &members);
    accessors(token);
    members
}

/// A double holds these times to a few millionths of a second, so the whole second may differ by
/// one beside a fraction, and not at all without one.
fn same_second(theirs: &str, ours: i64) {
    match theirs.parse::<i64>() {
        Ok(theirs) => assert_eq!(theirs, ours),
        Err(_) => {
            let theirs: f64 = theirs.parse().expect("a number");
            let difference = theirs - ours as f64;
            assert!((-0.001..=1.001).contains(&difference), "{theirs} and {ours}");
        }
    }
}

/// Asks for everything that a token can give; what it gives as JSON is JSON.
fn accessors(token: &AccessToken) {
    let names = [
        "aud",
        "scopes",
        "permissions",
        "amr",
        "roles",
        "groups",
        "entitlements",
        "authorization_details",
        "gty",
        "cnf",
        "act",
        "exp",
        "",
    ];
    for name in names {
        if let Ok(Some(text)) = token.accessor_json(name) {
            assert!(matches!(read(&text), Some(Json::Array(_) | Json::Object(_))), "{name} is no JSON");
        }
    }
    let _ = (token.permissions(), token.amr(), token.cnf().is_some(), token.act().is_some());
    let _ = (token.roles().is_ok(), token.groups().is_ok(), token.entitlements().is_ok(), token.gty().is_ok());
    let _ = token.authorization_details().is_ok();
    // Exactly this: any claim in it would be one too many.
    assert_eq!(format!("{token:?}"), format!("AccessToken {{ profile: {:?}, .. }}", token.profile()));
}
