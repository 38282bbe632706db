//! What is told of a refusal holds no part of the token, of a key or of a claim's value (T226).

#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that meets the unexpected fails, and should"
)]

mod corpus;

use std::collections::HashSet;
use std::error::Error as _;

use at9068::{
    ClientAssertionConfig, ClientAssertionMinter, ClientAssertionMinterConfig, Error, ErrorCode, IdTokenConfig,
    IdTokenRequest, KeySet, MintRequest, Minter, MinterConfig, Request, ValidatorConfig,
};
use corpus::{Answer, Case, cases, decoded};
use serde_json::Value;

/// So many octets in a row are no coincidence.
const LENGTH: usize = 20;

/// Every text within a JSON value that is a value, not a name.
fn texts(value: &Value, found: &mut Vec<Vec<u8>>) {
    match value {
        Value::String(text) => found.push(text.as_bytes().to_vec()),
        Value::Array(items) => items.iter().for_each(|item| texts(item, found)),
        Value::Object(members) => members.values().for_each(|item| texts(item, found)),
        _ => {}
    }
}

/// The same of JSON text; what is none is taken whole.
fn values(text: &str) -> Vec<Vec<u8>> {
    let mut found = Vec::new();
    match serde_json::from_str(text) {
        Ok(value) => texts(&value, &mut found),
        Err(_) => found.push(text.as_bytes().to_vec()),
    }
    found
}

/// Everything that must not be told: what is secret as it stands, and what is within it.
fn hidden(case: &Case) -> HashSet<Vec<u8>> {
    let mut found = vec![case.token.clone()];
    for text in [Some(&case.config), case.request.as_ref(), Some(&case.jwk)].into_iter().flatten() {
        // What is no JSON has names in it as well, and names may be told.
        if serde_json::from_str::<Value>(text).is_ok() {
            found.extend(values(text));
        }
    }
    for text in found.clone() {
        let text = String::from_utf8_lossy(&text).into_owned();
        let text = text.strip_prefix("Bearer ").unwrap_or(&text);
        for part in text.split('.').filter(|part| part.len() >= LENGTH && !part.contains([' ', '/'])) {
            let octets = decoded(part);
            found.push(octets.iter().flat_map(|octet| format!("{octet:02x}").into_bytes()).collect());
            found.push(format!("{octets:?}").into_bytes());
            // Claims: their values only, since errors name claims.
            match serde_json::from_slice(&octets) {
                Ok(value) => texts(&value, &mut found),
                Err(_) => found.push(octets),
            }
        }
    }
    found.iter().flat_map(|text| runs(text)).collect()
}

fn runs(text: &[u8]) -> impl Iterator<Item = Vec<u8>> {
    text.windows(LENGTH).map(<[u8]>::to_vec)
}

/// What may be told although it stands in a configuration or a demand: the API's own words.
fn open(case: &Case) -> Vec<String> {
    let mut found: Vec<String> = ErrorCode::ALL.iter().map(|code| code.message().to_owned()).collect();
    let config: Value = serde_json::from_str(&case.config).unwrap_or_default();
    let demands: Value = serde_json::from_str(case.require.as_deref().unwrap_or("null")).unwrap_or_default();
    for part in [&config["realm"], &config["resource_metadata"], &config["required_claims"], &demands] {
        let mut own = Vec::new();
        texts(part, &mut own);
        found.extend(own.into_iter().map(|text| format!("\"{}\"", String::from_utf8(text).unwrap())));
    }
    found
}

fn leaks(told: &str, hidden: &HashSet<Vec<u8>>, open: &[String]) -> Vec<String> {
    runs(told.as_bytes())
        .filter(|run| hidden.contains(run))
        .map(|run| String::from_utf8_lossy(&run).into_owned())
        .filter(|run| !open.iter().any(|text| text.contains(run.as_str())))
        .collect()
}

/// Everything that a program could print of an error.
fn shown(error: &Error) -> String {
    let mut told = format!("{error} {error:?} {error:#?} {:?} {:?}", error.challenges(), error.headers());
    let mut cause = error.source();
    while let Some(error) = cause {
        told += &format!(" {error} {error:?}");
        cause = error.source();
    }
    told
}

#[test]
fn no_error_tells_a_secret() {
    let (mut refused, mut found) = (0, Vec::new());
    for case in cases().iter().filter(|case| !case.expect.ok) {
        let Err(error) = case.ask() else { panic!("{} is not refused", case.id) };
        assert_eq!(Some(error.code().slug()), case.expect.code.as_deref(), "{}", case.id);
        refused += 1;
        found.extend(leaks(&shown(&error), &hidden(case), &open(case)).into_iter().map(|run| (case.id.clone(), run)));
    }
    assert_eq!(found, []);
    assert!(refused > 1200, "{refused} refused");
}

#[test]
fn no_debug_output_tells_a_secret() {
    let (mut printed, mut found) = (0, Vec::new());
    for case in &cases() {
        let mut told = String::new();
        match case.ask() {
            Ok(Answer::Token(token)) => told += &format!("{token:?} {token:#?}"),
            Ok(Answer::IdToken(token)) => told += &format!("{token:?} {token:#?}"),
            Ok(Answer::Assertion(token)) => told += &format!("{token:?} {token:#?}"),
            Ok(Answer::Minted(minted)) => told += &format!("{minted:?} {minted:#?}"),
            _ => {}
        }
        if let Ok(validator) = case.validator() {
            told += &format!(" {validator:?}");
            if let Ok(options) = case.options() {
                told += &format!(" {options:?}");
                if let Ok(explained) = validator.explain(&case.token, &options) {
                    told += &format!(" {explained:?} {} {:?}", explained.trace_json(), explained.steps());
                }
            }
        }
        if let Ok(validator) = case.id_token_validator() {
            told += &format!(" {validator:?} {:?}", case.checks().ok());
        }
        if let Ok(validator) = case.assertion_validator() {
            told += &format!(" {validator:?}");
        }
        if let Ok(minter) = ClientAssertionMinterConfig::from_json(&case.config).and_then(ClientAssertionMinter::new) {
            told += &format!(" {minter:?}");
        }
        if let Ok(minter) = MinterConfig::from_json(&case.config).and_then(Minter::new) {
            told += &format!(" {minter:?}");
        }
        if let Some(request) = &case.request {
            told += &format!(" {:?} {:?}", Request::from_json(request).ok(), MintRequest::from_json(request).ok());
            told += &format!(" {:?}", IdTokenRequest::from_json(request).ok());
        }
        printed += told.len();
        // What a validator is configured with is no secret, nor are the demands and the grant; keys and tokens are.
        let mut open = open(case);
        open.push(without_keys(&case.config));
        open.extend(case.require.clone());
        let asked: Value = serde_json::from_str(case.request.as_deref().unwrap_or("null")).unwrap_or_default();
        open.extend(asked["grant_type"].as_str().map(str::to_owned));
        found.extend(leaks(&told, &hidden(case), &open).into_iter().map(|run| (case.id.clone(), run)));
    }
    assert_eq!(found, []);
    assert!(printed > 1_000_000, "{printed} octets printed");
}

#[test]
fn no_key_is_printed() {
    let mut printed = 0;
    for case in &cases() {
        let config: Value = serde_json::from_str(&case.config).unwrap_or_default();
        let own = [&config["client_secret"], &config["clients"][0]["client_secret"]];
        for secret in own.into_iter().filter_map(Value::as_str).filter(|secret| secret.len() >= 8) {
            let server = ClientAssertionConfig::from_json(&case.config).ok();
            let client = ClientAssertionMinterConfig::from_json(&case.config).ok();
            printed += 1;
            assert!(!format!("{server:?} {client:?}").contains(secret), "{}", case.id);
        }
        for keys in [&config["jwks"], &config["keys"]] {
            let Ok(set) = KeySet::from_json(&keys.to_string()) else { continue };
            let told = format!(
                "{set:?} {set:#?} {:?} {:?} {:?} {:?}",
                ValidatorConfig::from_json(&case.config).ok(),
                IdTokenConfig::from_json(&case.config).ok(),
                MinterConfig::from_json(&case.config).ok(),
                ClientAssertionMinterConfig::from_json(&case.config).ok()
            );
            let secrets = ["k", "d", "p", "q", "dp", "dq", "qi"];
            for key in keys["keys"].as_array().unwrap() {
                for value in secrets.iter().filter_map(|name| key[*name].as_str()) {
                    printed += 1;
                    let octets = format!("{:?}", decoded(value));
                    let octets = octets.trim_matches(['[', ']']);
                    assert!(value.len() < 8 || !told.contains(value), "{}", case.id);
                    assert!(value.len() < 8 || !told.contains(octets), "{}", case.id);
                }
            }
        }
    }
    assert!(printed > 200, "{printed} secrets looked for");
}

/// The configuration without its keys.
fn without_keys(config: &str) -> String {
    fn strip(value: &mut Value) {
        if let Some(members) = value.as_object_mut() {
            members.remove("jwks");
            members.remove("keys");
            members.values_mut().for_each(strip);
        } else if let Some(items) = value.as_array_mut() {
            items.iter_mut().for_each(strip);
        }
    }
    let mut value = serde_json::from_str(config).unwrap_or_default();
    strip(&mut value);
    value.to_string()
}

#[test]
fn the_search_finds_what_it_is_for() {
    let all = cases();
    let case = all.iter().find(|case| case.id == "time/leeway-30-exp-reached").unwrap();
    let token = String::from_utf8(case.token.clone()).unwrap();
    let config: Value = serde_json::from_str(&case.config).unwrap();
    let x = config["jwks"]["keys"][0]["x"].as_str().unwrap();
    for leak in [token.get(30..60).unwrap(), x, "https://api.example/", &format!("{:?}", decoded(x))] {
        assert_ne!(
            leaks(&format!("the token {leak} is bad"), &hidden(case), &open(case)),
            Vec::<String>::new(),
            "{leak}"
        );
    }
    assert_eq!(leaks("the token is meant for another audience", &hidden(case), &open(case)), Vec::<String>::new());
}
