//! Who may ask about tokens, and how they show who they are.

use std::collections::HashMap;

use at9068::{ClientAssertionConfig, ClientAssertionOptions, ClientAssertionValidator, ClientConfig, KeySet};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde::Deserialize;
use serde_json::Value;

use crate::fault::Fault;
use crate::http::Request;

/// The type that an assertion is sent with (RFC 7523 §2.2).
const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// The one client that may ask, in its one way.
#[derive(Deserialize)]
#[serde(tag = "authentication", rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum Wanted {
    ClientSecretBasic {
        client_id: String,
        client_secret: String,
    },
    ClientSecretPost {
        client_id: String,
        client_secret: String,
    },
    /// `keys` are the public ones, as a JWK set.
    PrivateKeyJwt {
        client_id: String,
        keys: Value,
    },
    Bearer {
        bearer_token: String,
    },
}

/// The same, ready to judge.
pub(crate) enum Client {
    Basic(String, String),
    Post(String, String),
    Assertion(Box<ClientAssertionValidator>),
    Bearer(String),
}

impl Client {
    pub(crate) fn new(wanted: Wanted, issuer: &str) -> Result<Self, Fault> {
        Ok(match wanted {
            Wanted::ClientSecretBasic { client_id, client_secret } => Self::Basic(client_id, client_secret),
            Wanted::ClientSecretPost { client_id, client_secret } => Self::Post(client_id, client_secret),
            Wanted::Bearer { bearer_token } => Self::Bearer(bearer_token),
            Wanted::PrivateKeyJwt { client_id, keys } => {
                let client = ClientConfig::new(client_id, &KeySet::from_json(&keys.to_string())?);
                let validator = ClientAssertionValidator::new(ClientAssertionConfig::new(issuer, [client]))?;
                Self::Assertion(Box::new(validator))
            }
        })
    }

    /// Whether a request is from this client.
    pub(crate) fn sent(&self, request: &Request, form: &HashMap<String, String>) -> bool {
        let of_form = |name: &str, value: &str| form.get(name).is_some_and(|given| given == value);
        match self {
            Self::Basic(id, secret) => basic(request) == Some((id.clone(), secret.clone())),
            Self::Post(id, secret) => of_form("client_id", id) && of_form("client_secret", secret),
            Self::Bearer(token) => request.field("authorization") == Some(format!("Bearer {token}").as_str()),
            Self::Assertion(validator) => {
                let assertion = form.get("client_assertion").map(String::as_str).unwrap_or_default();
                let options = ClientAssertionOptions::default();
                of_form("client_assertion_type", ASSERTION_TYPE) && validator.validate(assertion, &options).is_ok()
            }
        }
    }
}

/// Whom a request says it is from, whether or not it can show that.
pub(crate) fn claimed(request: &Request, form: &HashMap<String, String>) -> Option<String> {
    let assertion = form.get("client_assertion").and_then(|assertion| assertion.split('.').nth(1));
    let claims = assertion.and_then(|part| URL_SAFE_NO_PAD.decode(part).ok());
    let claims = claims.and_then(|claims| serde_json::from_slice::<Value>(&claims).ok());
    let of_assertion = claims.and_then(|claims| claims.get("sub")?.as_str().map(str::to_owned));
    basic(request).map(|(id, _)| id).or_else(|| form.get("client_id").cloned()).or(of_assertion)
}

/// Identifier and secret of the header `Authorization` (RFC 6749 §2.3.1).
fn basic(request: &Request) -> Option<(String, String)> {
    let encoded = request.field("authorization")?.strip_prefix("Basic ")?;
    let pair = String::from_utf8(STANDARD.decode(encoded).ok()?).ok()?;
    let (id, secret) = pair.split_once(':')?;
    Some((decoded(id)?, decoded(secret)?))
}

/// The names and values of a form (RFC 6749 Appendix B).
pub(crate) fn form(body: &[u8]) -> HashMap<String, String> {
    let text = std::str::from_utf8(body).unwrap_or_default();
    let pairs = text.split('&').filter_map(|pair| pair.split_once('='));
    pairs.filter_map(|(name, value)| Some((decoded(name)?, decoded(value)?))).collect()
}

fn decoded(text: &str) -> Option<String> {
    let mut octets = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(octet) = rest.next() {
        octets.push(match octet {
            b'+' => b' ',
            b'%' => {
                let digits = [rest.next()?, rest.next()?];
                u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?
            }
            octet => octet,
        });
    }
    String::from_utf8(octets).ok()
}
