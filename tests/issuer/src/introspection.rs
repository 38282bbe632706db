//! What is said of tokens (RFC 7662), plainly or signed (RFC 9701).

use std::collections::HashMap;
use std::time::{SystemTime, UNIX_EPOCH};

use at9068::{Algorithm, KeySet, verify_jws};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::behaviour::Behaviour;
use crate::clients::{Client, Wanted, claimed, form};
use crate::fault::Fault;
use crate::http::Request;
use crate::keys::Keys;
use crate::patch::patch;
use crate::place::Place;
use crate::signature::sign;

const JSON: &str = "application/json";
const SIGNED: &str = "application/token-introspection+jwt";
/// Whom signed answers are for where nobody says who asks.
const NOBODY: &str = "nobody";
/// Octets of a made-up token.
const TOKEN_OCTETS: usize = 24;

/// What an issuer was told to say of tokens, and to whom.
#[derive(Default)]
pub(crate) struct Introspection {
    told: HashMap<String, Told>,
    client: Option<Client>,
}

/// What is said of one token.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Told {
    /// The token; one is made up where it is left out.
    token: Option<String>,
    #[serde(default = "yes")]
    active: bool,
    /// What is said of it while it is active, in the place of its claims.
    members: Option<Map<String, Value>>,
}

/// What is answered.
pub(crate) struct Said {
    pub(crate) status: u16,
    pub(crate) content_type: &'static str,
    pub(crate) text: String,
}

impl Said {
    /// A document of JSON.
    pub(crate) fn json(text: String) -> Self {
        Self { status: 200, content_type: JSON, text }
    }
}

fn yes() -> bool {
    true
}

impl Introspection {
    /// Notes what is said of a token.
    pub(crate) fn tell(&mut self, told: Told) -> Result<Value, Fault> {
        let token = told.token.clone().map_or_else(made_up, Ok)?;
        self.told.insert(token.clone(), told);
        Ok(json!({"token": token}))
    }

    /// Says of a token from now on that it is not active.
    pub(crate) fn revoke(&mut self, token: String) {
        self.told.insert(token.clone(), Told { token: Some(token), active: false, members: None });
    }

    /// Lets only this client ask; anybody may where it is none.
    pub(crate) fn admit(&mut self, wanted: Option<Wanted>, issuer: &str) -> Result<(), Fault> {
        self.client = wanted.map(|wanted| Client::new(wanted, issuer)).transpose()?;
        Ok(())
    }

    /// The answer to a request, with what the behaviour changes of it.
    pub(crate) fn answer(
        &self,
        request: &Request,
        keys: &Keys,
        place: &Place<'_>,
        behaviour: &Behaviour,
    ) -> Result<Said, Fault> {
        let form = form(&request.body);
        if self.client.as_ref().is_some_and(|client| !client.sent(request, &form)) {
            return Ok(Said { status: 401, ..Said::json(json!({"error": "invalid_client"}).to_string()) });
        }
        let Some(token) = form.get("token") else {
            return Ok(Said { status: 400, ..Said::json(json!({"error": "invalid_request"}).to_string()) });
        };
        let mut said = self.said_of(token, keys, &place.issuer());
        patch(&mut said, behaviour.answer.clone());
        let wants_signed = request.field("accept").is_some_and(|accept| accept.contains(SIGNED));
        if behaviour.plain || !wants_signed {
            return Ok(Said::json(Value::Object(said).to_string()));
        }
        let asker = claimed(request, &form).unwrap_or_else(|| NOBODY.to_owned());
        let text = signed(said, &asker, keys, &place.issuer(), behaviour)?;
        Ok(Said { status: 200, content_type: SIGNED, text })
    }

    /// What is told of a token; without that, whether it is one of the issuer's own and has not expired.
    fn said_of(&self, token: &str, keys: &Keys, issuer: &str) -> Map<String, Value> {
        let inactive = || Map::from_iter([("active".to_owned(), false.into())]);
        let told = self.told.get(token);
        if told.is_some_and(|told| !told.active) {
            return inactive();
        }
        let members = told.and_then(|told| told.members.clone());
        let members = members.or_else(|| claims_of(token, keys, issuer)).or_else(|| told.map(|_| Map::new()));
        let Some(members) = members else { return inactive() };
        Map::from_iter([("active".to_owned(), true.into())]).into_iter().chain(members).collect()
    }
}

/// The claims of a token that the issuer signed, while it lives.
fn claims_of(token: &str, keys: &Keys, issuer: &str) -> Option<Map<String, Value>> {
    let own = KeySet::from_json(&keys.every()).ok()?;
    let asymmetric = Algorithm::ALL.iter().copied().filter(|algorithm| !algorithm.as_str().starts_with("HS"));
    let payload = verify_jws(token, &own, &asymmetric.collect::<Vec<_>>()).ok()?;
    let claims: Map<String, Value> = serde_json::from_slice(&payload).ok()?;
    let lives = claims.get("exp").and_then(Value::as_f64).is_some_and(|exp| exp > now() as f64);
    (lives && claims.get("iss").and_then(Value::as_str) == Some(issuer)).then_some(claims)
}

fn signed(
    said: Map<String, Value>,
    asker: &str,
    keys: &Keys,
    issuer: &str,
    behaviour: &Behaviour,
) -> Result<String, Fault> {
    let key = keys.get(behaviour.sign_with.as_deref())?;
    let members = |value: Value| if let Value::Object(members) = value { members } else { Map::new() };
    let kid = keys.get(None)?.kid();
    let typ = "token-introspection+jwt";
    let mut header = members(json!({"typ": typ, "alg": key.algorithm().as_str(), "kid": kid}));
    let mut claims = members(json!({"iss": issuer, "aud": asker, "iat": now(), "token_introspection": said}));
    patch(&mut header, behaviour.response_header.clone());
    patch(&mut claims, behaviour.response.clone());
    let algorithm = header.get("alg").and_then(Value::as_str).unwrap_or_default().to_owned();
    let parts = [header, claims].map(|part| URL_SAFE_NO_PAD.encode(Value::Object(part).to_string()));
    let mut token = parts.join(".");
    let signature = sign(key, &algorithm, token.as_bytes())?;
    token.push('.');
    token.push_str(&URL_SAFE_NO_PAD.encode(signature));
    Ok(token)
}

fn made_up() -> Result<String, Fault> {
    let mut octets = [0; TOKEN_OCTETS];
    aws_lc_rs::rand::fill(&mut octets).map_err(|_| Fault::new("no randomness"))?;
    Ok(URL_SAFE_NO_PAD.encode(octets))
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |elapsed| elapsed.as_secs())
}
