//! The crate jsonwebtoken in the driver protocol: `info` and `validate`.
//!
//! An accepted token is `ok` true. A refusal has the code `refused`, whatever the crate calls it.

mod clock;
mod policy;

use std::io::{self, BufRead as _, Write as _};
use std::panic::{self, AssertUnwindSafe};

use base64::Engine as _;
use jsonwebtoken::errors::{Error, ErrorKind};
use jsonwebtoken::jwk::{Jwk, JwkSet};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use policy::{Policy, Profile, Skip};
use serde::Deserialize;
use serde_json::{Value, json};

/// The lock file that this program was built with, which names the crate's version.
const LOCK: &str = include_str!("../../../../Cargo.lock");

/// The claims of RFC 9068. A program says by its own type which claims it needs, and of which type.
#[derive(Deserialize)]
#[expect(dead_code, reason = "reading them is the check")]
struct Rfc9068Claims {
    iss: String,
    sub: String,
    aud: Value,
    client_id: String,
    exp: f64,
    iat: f64,
    jti: String,
}

/// The claims of Auth0's own profile.
#[derive(Deserialize)]
#[expect(dead_code, reason = "reading them is the check")]
struct Auth0Claims {
    iss: String,
    sub: String,
    aud: Value,
    azp: String,
    exp: f64,
    iat: f64,
}

fn main() -> io::Result<()> {
    let mut out = io::stdout().lock();
    for line in io::stdin().lock().lines() {
        let question: Value = serde_json::from_str(&line?).unwrap_or_default();
        let mut answer = answer(&question);
        if let Some(members) = answer.as_object_mut() {
            members.insert("id".to_owned(), question.get("id").cloned().unwrap_or_default());
        }
        writeln!(out, "{answer}")?;
        out.flush()?;
    }
    Ok(())
}

fn answer(question: &Value) -> Value {
    match question.get("op").and_then(Value::as_str) {
        Some("info") => json!({"ok": true, "name": "peer-jsonwebtoken-rs", "version": version("jsonwebtoken"),
            "runtime": format!("aws-lc-rs {}", version("aws-lc-rs")), "ops": ["info", "validate"], "codes": ["refused"]}),
        Some("validate") => match validate(question) {
            Ok(true) => json!({"ok": true}),
            Ok(false) => json!({"ok": false, "error": {"code": "refused"}}),
            Err(Skip(why)) => json!({"skip": why}),
        },
        _ => json!({"skip": "unknown operation"}),
    }
}

fn version(name: &str) -> &'static str {
    let line = format!("name = \"{name}\"\n");
    let package = LOCK.split("[[package]]").find(|package| package.contains(&line));
    package.and_then(|package| package.split("version = \"").nth(1)?.split('"').next()).unwrap_or("unknown")
}

fn validate(question: &Value) -> Result<bool, Skip> {
    let policy = policy::read(question.get("config").unwrap_or(&Value::Null))?;
    let token = token(question)?;
    if question.get("require").and_then(Value::as_object).is_some_and(|require| !require.is_empty()) {
        return Err(Skip("judges no such demand".to_owned()));
    }
    if let Some(alg) = stated(&token) {
        // An allowed algorithm that the library lacks is no verdict.
        if policy.algorithms.contains(&alg) && alg.parse::<Algorithm>().is_err() {
            return Err(Skip(format!("does not know {alg}")));
        }
    }
    clock::set(question.get("at").and_then(Value::as_f64).unwrap_or_default());
    // A panic is a refusal too.
    let verdict = panic::catch_unwind(AssertUnwindSafe(|| judge(&policy, &token)));
    Ok(matches!(verdict, Ok(Ok(()))))
}

fn token(question: &Value) -> Result<Vec<u8>, Skip> {
    if let Some(text) = question.get("token").and_then(Value::as_str) {
        return Ok(text.as_bytes().to_vec());
    }
    let encoded = question.get("token_b64").and_then(Value::as_str);
    let decoded = encoded.and_then(|text| base64::engine::general_purpose::STANDARD.decode(text).ok());
    decoded.ok_or_else(|| Skip("no token".to_owned()))
}

/// The algorithm that a token states, as far as it can be read.
fn stated(token: &[u8]) -> Option<String> {
    let head = token.split(|octet| *octet == b'.').next()?;
    let header = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(head).ok()?;
    let header: Value = serde_json::from_slice(&header).ok()?;
    Some(header.get("alg")?.as_str()?.to_owned())
}

/// The crate's own way: the header names the key, the key's entry narrows the algorithms, `decode` judges.
fn judge(policy: &Policy, token: &[u8]) -> Result<(), Error> {
    let keys: JwkSet = serde_json::from_value(policy.jwks.clone())?;
    let kid = decode_header(token)?.kid;
    let jwk = match (&kid, keys.keys.as_slice()) {
        (Some(kid), _) => keys.find(kid),
        (None, [only]) => Some(only),
        (None, _) => None,
    };
    let jwk = jwk.ok_or_else(|| Error::from(ErrorKind::InvalidKeyFormat))?;
    let key = DecodingKey::from_jwk(jwk)?;
    let mut validation = Validation::new_for_family(key.family());
    validation.algorithms.retain(|algorithm| allowed(*algorithm, jwk, policy));
    validation.set_issuer(&[&policy.issuer]);
    validation.set_audience(&policy.audience);
    validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
    validation.leeway = policy.leeway;
    validation.validate_nbf = true;
    match policy.profile {
        Profile::Rfc9068 => decode::<Rfc9068Claims>(token, &key, &validation).map(drop),
        Profile::Auth0 => decode::<Auth0Claims>(token, &key, &validation).map(drop),
    }
}

/// Whether the list and the key's own `alg`, where it states one, both name the algorithm.
fn allowed(algorithm: Algorithm, jwk: &Jwk, policy: &Policy) -> bool {
    let name = format!("{algorithm:?}");
    let stated = jwk.common.key_algorithm.map(|stated| stated.to_string());
    policy.algorithms.contains(&name) && stated.is_none_or(|stated| stated == name)
}
