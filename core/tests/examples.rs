//! The examples of the guides run, and come to the end of what they show.

#![allow(clippy::unwrap_used, reason = "a test that meets the unexpected fails, and should")]
#![allow(clippy::indexing_slicing, clippy::string_slice, reason = "the same")]

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::EncodingKey;
use serde_json::{Value, json};

#[path = "../examples/answer.rs"]
#[allow(dead_code, reason = "an example is a program")]
mod answer;
#[path = "../examples/client_assertions.rs"]
#[allow(dead_code, reason = "an example is a program")]
mod client_assertions;
#[path = "../examples/from_jsonwebtoken.rs"]
#[allow(dead_code, reason = "an example is a program")]
mod from_jsonwebtoken;
#[path = "../examples/id_tokens.rs"]
#[allow(dead_code, reason = "an example is a program")]
mod id_tokens;

#[test]
fn an_answer_is_that_of_the_error() {
    answer::main().unwrap();
}

#[test]
fn a_client_authenticates_once() {
    client_assertions::main().unwrap();
}

#[test]
fn an_id_token_is_minted_and_validated() {
    id_tokens::main().unwrap();
}

/// Tokens as a guide names them, each with what is changed of a good one.
const TOKENS: &str = include_str!("../../tests/docs/frames/lib/tokens.json");
const GUIDE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/from-jsonwebtoken.md");

/// The table in the guide is what both sides say; `UPDATE=1 cargo test` writes it anew.
#[test]
fn the_guide_from_jsonwebtoken_tells_what_is_so() {
    from_jsonwebtoken::main().unwrap();
    let key = at9068::SigningKey::generate(at9068::Algorithm::RS256).unwrap();
    let keys = key.key_set().unwrap();
    let set = serde_json::from_str(&keys.to_json()).unwrap();
    let validator = from_jsonwebtoken::after::validator(&keys).unwrap();
    let mut rows = String::new();
    for made in serde_json::from_str::<Vec<Value>>(TOKENS).unwrap() {
        let token = token(&key, &made);
        let before = if from_jsonwebtoken::before::validate(&token, &set).is_ok() { "accepted" } else { "refused" };
        let after = from_jsonwebtoken::after::validate(&token, &validator);
        let after = after.map_or_else(|error| format!("`{}`", error.code()), |_| "accepted".to_owned());
        let differs = (before == "accepted") != (after == "accepted");
        let before = if differs { format!("**{before}**") } else { before.to_owned() };
        rows += &format!("| {} | {before} | {after} |\n", made["token"].as_str().unwrap());
    }
    let guide = std::fs::read_to_string(GUIDE).unwrap();
    let start = guide.find("\n| token | ").unwrap();
    let start = start + guide[start..].find("| --- | --- | --- |\n").unwrap() + "| --- | --- | --- |\n".len();
    let end = start + guide[start..].find("\n\n").unwrap() + 1;
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(GUIDE, [&guide[..start], &rows, &guide[end..]].concat()).unwrap();
    } else {
        assert_eq!(&guide[start..end], rows, "write it anew with UPDATE=1");
    }
}

/// What is made of a good token: members of the header and the claims are replaced, or removed by null.
fn token(key: &at9068::SigningKey, made: &Value) -> String {
    let clock = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    let now = i64::try_from(clock.as_secs()).unwrap() + made["now"].as_i64().unwrap_or_default();
    let lifetime = made["mint"]["lifetime_seconds"].as_i64().unwrap_or(600);
    let kid = &serde_json::from_str::<Value>(&key.key_set().unwrap().to_json()).unwrap()["keys"][0]["kid"];
    let mut header = json!({"typ": "at+jwt", "alg": "RS256", "kid": kid});
    let mut claims = json!({
        "iss": "https://as.example/", "sub": "user-1", "aud": "https://api.example/", "client_id": "my-client",
        "exp": now + lifetime, "iat": now, "jti": "id-1", "scope": "read:patients",
    });
    replace(&mut header, &made["header"]);
    replace(&mut claims, &made["claims"]);
    for (name, off) in made["claims_now"].as_object().into_iter().flatten() {
        claims[name] = json!(now + off.as_i64().unwrap());
    }
    if let Some(count) = claims["x"].as_str().and_then(|text| text.parse().ok()) {
        claims["x"] = json!("x".repeat(count));
    }
    let mut text = claims.to_string();
    if let Some(twice) = made["twice"].as_str() {
        text.insert_str(1, &format!("\"{twice}\":\"admin\","));
    }
    let signed = [header.to_string(), text].map(|part| URL_SAFE_NO_PAD.encode(part)).join(".");
    let pem = |text: String| text.into_bytes();
    let signature = match header["alg"].as_str().unwrap() {
        "none" => String::new(),
        "HS256" => {
            let secret = EncodingKey::from_secret(key.key_set().unwrap().to_json().as_bytes());
            jsonwebtoken::crypto::sign(signed.as_bytes(), &secret, jsonwebtoken::Algorithm::HS256).unwrap()
        }
        _ => {
            let private = EncodingKey::from_rsa_pem(&pem(key.to_pem().unwrap().to_string())).unwrap();
            jsonwebtoken::crypto::sign(signed.as_bytes(), &private, jsonwebtoken::Algorithm::RS256).unwrap()
        }
    };
    format!("{signed}.{signature}")
}

fn replace(of: &mut Value, members: &Value) {
    for (name, value) in members.as_object().into_iter().flatten() {
        if value.is_null() {
            of.as_object_mut().unwrap().remove(name);
        } else {
            of[name] = value.clone();
        }
    }
}
