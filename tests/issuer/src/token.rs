//! Tokens: good ones, which the core mints, and any others.

use at9068::{ApiConfig, Dialect, MintRequest, Minter, MinterConfig, SigningKey};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::fault::Fault;
use crate::keys::{Keys, under};
use crate::patch::patch;
use crate::signature::sign;

/// The API that tokens are for where the question names none.
const API: &str = "https://api.example/";
const CLIENT: &str = "test-client";

/// What both kinds of questions have beside the members of a mint request.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Choice {
    /// The name of the key that signs.
    key: Option<String>,
    /// What the header says of it.
    kid: Option<String>,
    dialect: Option<Dialect>,
    lifetime_seconds: Option<u32>,
    /// The `iss` of the token.
    issuer: Option<String>,
    /// The time of its making.
    now: Option<f64>,
}

/// What a forged token has in the place of what a good one would have.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Forgery {
    #[serde(default)]
    header: Map<String, Value>,
    #[serde(default)]
    claims: Map<String, Value>,
    header_text: Option<String>,
    claims_text: Option<String>,
    signature: Option<String>,
}

struct Good {
    key: SigningKey,
    token: String,
    header: String,
    claims: String,
    expires_in: u64,
}

/// A token as the core mints it.
pub(crate) fn mint(members: Map<String, Value>, keys: &Keys, issuer: &str) -> Result<Value, Fault> {
    let good = good(members, keys, issuer)?;
    Ok(json!({
        "token": good.token,
        "header": serde_json::from_str::<Value>(&good.header)?,
        "claims": serde_json::from_str::<Value>(&good.claims)?,
        "expires_in": good.expires_in,
    }))
}

/// A token that the core would not mint: a good one with members of its header and claims replaced, or removed where
/// they are null, or with any text in the place of header, claims or signature.
pub(crate) fn forge(mut members: Map<String, Value>, keys: &Keys, issuer: &str) -> Result<Value, Fault> {
    let names = ["header", "claims", "header_text", "claims_text", "signature"];
    let forgery: Forgery = taken(&mut members, &names)?;
    let good = good(members, keys, issuer)?;
    let header = forgery.header_text.map_or_else(|| patched(&good.header, forgery.header), Ok)?;
    let claims = forgery.claims_text.map_or_else(|| patched(&good.claims, forgery.claims), Ok)?;
    let mut token = format!("{}.{}", URL_SAFE_NO_PAD.encode(&header), URL_SAFE_NO_PAD.encode(&claims));
    let signature = match forgery.signature {
        Some(text) => text,
        None => {
            let read: Option<Value> = serde_json::from_str(&header).ok();
            let named = read.as_ref().and_then(|header| header.get("alg")?.as_str()).unwrap_or_default();
            URL_SAFE_NO_PAD.encode(sign(&good.key, named, token.as_bytes())?)
        }
    };
    token.push('.');
    token.push_str(&signature);
    Ok(json!({"token": token, "header_text": header, "claims_text": claims}))
}

fn good(mut members: Map<String, Value>, keys: &Keys, issuer: &str) -> Result<Good, Fault> {
    let choice: Choice = taken(&mut members, &["key", "kid", "dialect", "lifetime_seconds", "issuer", "now"])?;
    let key = keys.get(choice.key.as_deref())?;
    let key = choice.kid.map_or_else(|| Ok(key.clone()), |kid| under(key, &kid))?;
    let (request, audiences) = request(members)?;
    let scope = request.get("scope").and_then(Value::as_str).unwrap_or_default().to_owned();
    let apis = audiences.iter().enumerate().map(|(index, audience)| {
        // The first API knows all scopes: a scope of several would be ambiguous.
        let scopes = scope.split(' ').filter(|token| index == 0 && !token.is_empty());
        let api = ApiConfig::new(audience, choice.dialect.unwrap_or(Dialect::Rfc9068Profile)).scopes(scopes);
        choice.lifetime_seconds.into_iter().fold(api, ApiConfig::lifetime_seconds)
    });
    let issuer = choice.issuer.as_deref().unwrap_or(issuer);
    let minter = Minter::new(MinterConfig::new(issuer, [key.clone()], apis))?;
    let minted = minter.mint(&MintRequest::from_json(&Value::Object(request).to_string())?, choice.now)?;
    Ok(Good {
        key,
        header: minted.header_json().to_owned(),
        claims: minted.claims_json().to_owned(),
        expires_in: minted.expires_in(),
        token: minted.into_token(),
    })
}

/// The mint request, completed, with the APIs that it names.
fn request(mut members: Map<String, Value>) -> Result<(Map<String, Value>, Vec<String>), Fault> {
    let audiences = match members.remove("audience") {
        None => vec![API.to_owned()],
        Some(Value::String(one)) => vec![one],
        Some(several) => serde_json::from_value(several)?,
    };
    let grant = if members.contains_key("subject") { "authorization_code" } else { "client_credentials" };
    members.entry("grant_type").or_insert_with(|| grant.into());
    members.entry("client_id").or_insert_with(|| CLIENT.into());
    members.insert("audience".to_owned(), audiences.clone().into());
    Ok((members, audiences))
}

/// Takes members out of a question.
fn taken<T: for<'de> Deserialize<'de>>(members: &mut Map<String, Value>, names: &[&str]) -> Result<T, Fault> {
    let taken = names.iter().filter_map(|name| members.remove_entry(*name)).collect();
    Ok(serde_json::from_value(Value::Object(taken))?)
}

/// An object's text with members replaced; null removes.
fn patched(text: &str, changes: Map<String, Value>) -> Result<String, Fault> {
    let mut object: Map<String, Value> = serde_json::from_str(text)?;
    patch(&mut object, changes);
    Ok(Value::Object(object).to_string())
}
