//! What a question asks: our validator configuration, as far as jsonwebtoken can be told of it.

use serde_json::{Map, Value};

const ASYMMETRIC: [&str; 11] =
    ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519"];
/// `realm` and `resource_metadata` only shape the challenge.
const KNOWN: [&str; 11] = [
    "issuer",
    "audience",
    "jwks",
    "profiles",
    "algorithms",
    "leeway_seconds",
    "max_lifetime_seconds",
    "max_token_bytes",
    "required_claims",
    "realm",
    "resource_metadata",
];

/// What the library cannot be told or asked.
pub(crate) struct Skip(pub(crate) String);

pub(crate) enum Profile {
    Rfc9068,
    Auth0,
}

/// One issuer, one profile, and what is expected of its tokens.
pub(crate) struct Policy {
    pub(crate) issuer: String,
    pub(crate) audience: Vec<String>,
    pub(crate) jwks: Value,
    pub(crate) profile: Profile,
    pub(crate) algorithms: Vec<String>,
    pub(crate) leeway: u64,
}

/// Reads a configuration; what no library could be told is a `Skip`.
pub(crate) fn read(config: &Value) -> Result<Policy, Skip> {
    let skip = |why: &str| Skip(why.to_owned());
    let form = || skip("a configuration of another form");
    let members = config.as_object().filter(|members| members.keys().all(|name| KNOWN.contains(&name.as_str())));
    let members = members.ok_or_else(|| skip("several issuers, or an option of ours alone"))?;
    let profile = match members.get("profiles") {
        None => Profile::Rfc9068,
        Some(Value::Array(names)) if names.as_slice() == ["rfc9068"] => Profile::Rfc9068,
        Some(Value::Array(names)) if names.as_slice() == ["auth0"] => Profile::Auth0,
        Some(Value::Array(names)) if names.len() == 1 => return Err(skip("knows no vendor's profile")),
        Some(_) => return Err(skip("knows one type at a time")),
    };
    if members.get("max_token_bytes").is_some_and(|bytes| *bytes != 16384) {
        return Err(skip("bounds no size"));
    }
    if members.get("max_lifetime_seconds").is_some_and(|bound| !bound.is_null()) {
        return Err(skip("bounds no lifetime"));
    }
    if members.get("required_claims").is_some_and(|claims| *claims != Value::Array(Vec::new())) {
        return Err(skip("requires no claims by name"));
    }
    let algorithms = match members.get("algorithms") {
        None => ASYMMETRIC.map(str::to_owned).to_vec(),
        Some(Value::Array(names)) => texts(names).ok_or_else(form)?,
        Some(_) => return Err(form()),
    };
    Ok(Policy {
        issuer: members.get("issuer").and_then(Value::as_str).ok_or_else(form)?.to_owned(),
        audience: audience(members).ok_or_else(form)?,
        jwks: members.get("jwks").cloned().unwrap_or_default(),
        profile,
        algorithms,
        leeway: members.get("leeway_seconds").map_or(Some(30), Value::as_u64).ok_or_else(form)?,
    })
}

fn audience(members: &Map<String, Value>) -> Option<Vec<String>> {
    match members.get("audience")? {
        Value::String(one) => Some(vec![one.clone()]),
        Value::Array(several) => texts(several),
        _ => None,
    }
}

fn texts(values: &[Value]) -> Option<Vec<String>> {
    values.iter().map(|value| value.as_str().map(str::to_owned)).collect()
}
