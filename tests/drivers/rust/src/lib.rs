//! Answers the questions of the shared suite with the Rust crate.
//!
//! `tests/README.md` describes the protocol.

use std::fmt;

use at9068::{
    AccessToken, Algorithm, ClientAssertionConfig, ClientAssertionMinter, ClientAssertionMinterConfig,
    ClientAssertionOptions, ClientAssertionRequest, ClientAssertionValidator, Error, ErrorClass, ErrorCode,
    IdTokenChecks, IdTokenConfig, IdTokenRequest, IdTokenValidator, KeySet, MintRequest, MintedToken, Minter,
    MinterConfig, Origin, Ports, Profile, Request, Require, Revocations, Revoked, ValidateOptions, Validator,
    ValidatorConfig,
};
use base64::Engine as _;
use serde::de::{Deserializer, Visitor};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

const OPERATIONS: [&str; 15] = [
    "info",
    "authenticate",
    "validate",
    "mint",
    "thumbprint",
    "verify_jws",
    "explain",
    "mint_client_assertion",
    "validate_client_assertion",
    "validate_id_token",
    "mint_id_token",
    "introspection_response",
    "mint_introspection_response",
    "http_response",
    "protected_resource_metadata",
];

/// A line of input. Every member keeps its text until it is used.
#[derive(Deserialize)]
struct Question<'a> {
    #[serde(borrow)]
    id: &'a RawValue,
    #[serde(borrow)]
    op: Option<&'a RawValue>,
    #[serde(borrow)]
    config: Option<&'a RawValue>,
    #[serde(borrow)]
    validator: Option<&'a RawValue>,
    #[serde(borrow)]
    audience: Option<&'a RawValue>,
    #[serde(borrow)]
    token: Option<&'a RawValue>,
    #[serde(borrow)]
    token_b64: Option<&'a RawValue>,
    #[serde(borrow)]
    at: Option<&'a RawValue>,
    #[serde(borrow)]
    request: Option<&'a RawValue>,
    #[serde(borrow)]
    require: Option<&'a RawValue>,
    #[serde(borrow)]
    revocations: Option<Vec<&'a RawValue>>,
    #[serde(borrow)]
    before: Option<Vec<&'a RawValue>>,
    #[serde(borrow)]
    jti: Option<&'a RawValue>,
    #[serde(borrow)]
    jwk: Option<&'a RawValue>,
    #[serde(borrow)]
    keys: Option<&'a RawValue>,
    #[serde(borrow)]
    algorithms: Option<&'a RawValue>,
}

/// The octets of a JSON string; halves of surrogate pairs become octets that are no UTF-8.
struct Octets(Vec<u8>);

impl<'de> Deserialize<'de> for Octets {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OctetsVisitor;
        impl Visitor<'_> for OctetsVisitor {
            type Value = Octets;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }

            fn visit_bytes<E>(self, octets: &[u8]) -> Result<Octets, E> {
                Ok(Octets(octets.to_vec()))
            }
        }
        deserializer.deserialize_bytes(OctetsVisitor)
    }
}

/// Why a question gets no verdict.
enum Trouble {
    Refused(Error),
    Skipped(&'static str),
}

impl From<Error> for Trouble {
    fn from(error: Error) -> Self {
        Self::Refused(error)
    }
}

#[derive(Serialize)]
struct Failure<'a> {
    code: &'a str,
    number: u16,
    claim: Option<&'a str>,
    kind: Option<&'a str>,
    authenticated: bool,
    oauth: Option<&'a str>,
    status: Option<u16>,
    challenge: &'a [String],
    headers: &'a [(String, String)],
    retry_after: Option<u64>,
}

/// What a server sends back, as it is.
#[derive(Serialize)]
struct Sent<'a> {
    status: u16,
    headers: &'a [(String, String)],
    body: &'a str,
}

/// The answer to a question: one JSON object, without a line break.
#[must_use]
pub fn answer(question: &str) -> String {
    let (id, members) = match serde_json::from_str::<Question<'_>>(question) {
        Ok(question) => (question.id.get(), members(&question)),
        Err(_) => ("null", "\"skip\":\"not a question\"".to_owned()),
    };
    format!("{{\"id\":{id},{members}}}")
}

/// The members of an answer, after its `id`.
fn members(question: &Question<'_>) -> String {
    let op: String = question.op.and_then(|op| serde_json::from_str(op.get()).ok()).unwrap_or_default();
    let result = match op.as_str() {
        "info" => Ok(info()),
        "validate" => validate(question).map(|token| validated(&token)),
        "authenticate" => authenticate(question).map(|token| validated(&token)),
        "mint" => mint(question),
        "mint_client_assertion" => mint_client_assertion(question),
        "validate_client_assertion" => validate_client_assertion(question),
        "validate_id_token" => validate_id_token(question),
        "mint_id_token" => mint_id_token(question),
        "introspection_response" => introspection_response(question),
        "mint_introspection_response" => mint_introspection_response(question),
        "http_response" => http_response(question),
        "protected_resource_metadata" => protected_resource_metadata(question),
        "thumbprint" => thumbprint(question),
        "verify_jws" => verify_jws(question),
        "explain" => explain(question),
        _ => Err(Trouble::Skipped("unknown operation")),
    };
    match result {
        Ok(answer) => answer,
        Err(Trouble::Refused(error)) => refused(&error),
        Err(Trouble::Skipped(why)) => format!("\"skip\":\"{why}\""),
    }
}

fn info() -> String {
    let codes: Vec<&str> = ErrorCode::ALL.iter().map(|code| code.slug()).collect();
    format!(
        "\"ok\":true,\"name\":\"rust\",\"version\":\"{}\",\"ops\":{},\"codes\":{}",
        at9068::VERSION,
        json(&OPERATIONS),
        json(&codes)
    )
}

fn validator(question: &Question<'_>) -> Result<Validator, Trouble> {
    let config = ValidatorConfig::from_json(text(question.config))?;
    let Some(entries) = &question.revocations else { return Ok(Validator::new(config)?) };
    let list = Revocations::new();
    for entry in entries {
        list.revoke(&Revoked::from_json(entry.get())?)?;
    }
    Ok(Validator::with_ports(config, Ports::default().revocations(&list))?)
}

fn validate(question: &Question<'_>) -> Result<AccessToken, Trouble> {
    let validator = validator(question)?;
    Ok(validator.validate(token(question)?, &options_with_request(question)?)?)
}

/// The token that an introspection endpoint tells of; none where it is refused.
fn introspected(question: &Question<'_>, config: Option<&RawValue>) -> Result<Option<AccessToken>, Trouble> {
    let validator = Validator::new(ValidatorConfig::from_json(text(config))?)?;
    match validator.validate(token(question)?, &options(question)?) {
        Ok(token) => Ok(Some(token)),
        Err(error) => match error.code().class() {
            ErrorClass::Config | ErrorClass::Undecided | ErrorClass::Internal => Err(error.into()),
            _ => Ok(None),
        },
    }
}

fn introspection_response(question: &Question<'_>) -> Result<String, Trouble> {
    let token = introspected(question, question.config)?;
    Ok(format!("\"ok\":true,\"response\":{}", one_line(&at9068::introspection_response(token.as_ref()))))
}

fn mint_introspection_response(question: &Question<'_>) -> Result<String, Trouble> {
    let minter = Minter::new(MinterConfig::from_json(text(question.config))?)?;
    let token = introspected(question, question.validator)?;
    let audience: String =
        serde_json::from_str(text(question.audience)).map_err(|_| Trouble::Skipped("no audience"))?;
    Ok(minted(&minter.mint_introspection_response(token.as_ref(), &audience, now(question)?)?))
}

fn explain(question: &Question<'_>) -> Result<String, Trouble> {
    let validator = validator(question)?;
    let explanation = validator.explain(token(question)?, &options_with_request(question)?)?;
    let verdict = match explanation.verdict() {
        Ok(token) => validated(token),
        Err(error) => refused(error),
    };
    Ok(format!("\"ok\":true,\"trace\":{},\"verdict\":{{{verdict}}}", explanation.trace_json()))
}

fn authenticate(question: &Question<'_>) -> Result<AccessToken, Trouble> {
    let validator = validator(question)?;
    let request = Request::from_json(question.request.map_or("{}", RawValue::get))?;
    Ok(validator.authenticate(&request, &options(question)?)?)
}

/// What a server sends back; an error that is no answer to anybody is this question's own.
fn http_response(question: &Question<'_>) -> Result<String, Trouble> {
    let response = match authenticate(question) {
        Ok(_) => None,
        Err(Trouble::Refused(error)) => Some(error.http_response().ok_or(error)?),
        Err(trouble) => return Err(trouble),
    };
    let sent = response.as_ref().map(|it| Sent { status: it.status(), headers: it.headers(), body: it.body() });
    Ok(format!("\"ok\":true,\"http_response\":{}", json(&sent)))
}

fn protected_resource_metadata(question: &Question<'_>) -> Result<String, Trouble> {
    let validator = validator(question)?;
    let document = validator.protected_resource_metadata().unwrap_or("null");
    let path = validator.protected_resource_metadata_path();
    Ok(format!("\"ok\":true,\"metadata\":{},\"path\":{}", one_line(document), json(&path)))
}

fn mint(question: &Question<'_>) -> Result<String, Trouble> {
    let minter = Minter::new(MinterConfig::from_json(text(question.config))?)?;
    let mut request = text(question.request).trim().to_owned();
    if let (Some(jti), Some(rest)) = (question.jti, request.strip_prefix('{')) {
        let comma = if rest.trim_start().starts_with('}') { "" } else { "," };
        request = format!("{{\"jti\":{jti}{comma}{rest}");
    }
    Ok(minted(&minter.mint(&MintRequest::from_json(&request)?, now(question)?)?))
}

fn mint_client_assertion(question: &Question<'_>) -> Result<String, Trouble> {
    let minter = ClientAssertionMinter::new(ClientAssertionMinterConfig::from_json(text(question.config))?)?;
    let request = ClientAssertionRequest::from_json(question.request.map_or("{}", RawValue::get))?;
    Ok(minted(&minter.mint(&request, now(question)?)?))
}

fn validate_client_assertion(question: &Question<'_>) -> Result<String, Trouble> {
    let validator = ClientAssertionValidator::new(ClientAssertionConfig::from_json(text(question.config))?)?;
    let mut options = ClientAssertionOptions::from_json(question.require.map_or("{}", RawValue::get))?;
    options.now = now(question)?;
    for before in question.before.iter().flatten() {
        drop(validator.validate(octets(before)?, &options));
    }
    let assertion = validator.validate(token(question)?, &options)?;
    let (claims, header) = (one_line(assertion.claims_json()), one_line(assertion.header_json()));
    Ok(format!("\"ok\":true,\"claims\":{claims},\"header\":{header},\"method\":\"{}\"", assertion.method()))
}

fn validate_id_token(question: &Question<'_>) -> Result<String, Trouble> {
    let validator = IdTokenValidator::new(IdTokenConfig::from_json(text(question.config))?)?;
    let checks = IdTokenChecks::from_json(question.require.map_or("{}", RawValue::get))?;
    let token = validator.validate(token(question)?, &checks, now(question)?)?;
    let (claims, header) = (one_line(token.claims_json()), one_line(token.header_json()));
    Ok(format!("\"ok\":true,\"claims\":{claims},\"header\":{header}"))
}

fn mint_id_token(question: &Question<'_>) -> Result<String, Trouble> {
    let minter = Minter::new(MinterConfig::from_json(text(question.config))?)?;
    let request = IdTokenRequest::from_json(text(question.request))?;
    Ok(minted(&minter.mint_id_token(&request, now(question)?)?))
}

fn thumbprint(question: &Question<'_>) -> Result<String, Trouble> {
    let found = at9068::thumbprint(text(question.jwk))?;
    Ok(format!("\"ok\":true,\"thumbprint\":\"{found}\""))
}

fn verify_jws(question: &Question<'_>) -> Result<String, Trouble> {
    let keys = KeySet::from_json(text(question.keys))?;
    let names: Vec<String> = serde_json::from_str(question.algorithms.map_or("[]", RawValue::get))
        .map_err(|_| Error::from(ErrorCode::ArgumentInvalid))?;
    let algorithms = names.iter().map(|name| name.parse()).collect::<Result<Vec<Algorithm>, Error>>()?;
    let payload = at9068::verify_jws(token(question)?, &keys, &algorithms)?;
    let payload = base64::engine::general_purpose::STANDARD.encode(payload);
    Ok(format!("\"ok\":true,\"payload_b64\":\"{payload}\""))
}

fn token(question: &Question<'_>) -> Result<Vec<u8>, Trouble> {
    let (given, encoded) = match (question.token, question.token_b64) {
        (Some(token), _) => (token, false),
        (None, Some(token)) => (token, true),
        (None, None) => return Err(Trouble::Skipped("no token")),
    };
    let octets = octets(given)?;
    if !encoded {
        return Ok(octets);
    }
    let decoded = base64::engine::general_purpose::STANDARD.decode(octets);
    decoded.map_err(|_| Trouble::Skipped("the token is no base64"))
}

fn octets(token: &RawValue) -> Result<Vec<u8>, Trouble> {
    let Octets(octets) = serde_json::from_str(token.get()).map_err(|_| Trouble::Skipped("the token is no string"))?;
    Ok(octets)
}

fn options(question: &Question<'_>) -> Result<ValidateOptions, Trouble> {
    let mut options = ValidateOptions::default();
    options.now = now(question)?;
    if let Some(require) = question.require {
        options = options.require(Require::from_json(require.get())?);
    }
    Ok(options)
}

fn options_with_request(question: &Question<'_>) -> Result<ValidateOptions, Trouble> {
    let options = options(question)?;
    match question.request {
        Some(request) => Ok(options.request(Request::from_json(request.get())?)),
        None => Ok(options),
    }
}

/// A number however large: what is out of range becomes infinite, and is the package's to refuse.
fn now(question: &Question<'_>) -> Result<Option<f64>, Trouble> {
    let Some(at) = question.at else { return Ok(None) };
    at.get().parse().map(Some).map_err(|_| Trouble::Skipped("at is no number"))
}

fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

fn minted(minted: &MintedToken) -> String {
    format!("\"ok\":true,\"token\":\"{}\",\"claims\":{}", minted.token(), one_line(minted.claims_json()))
}

fn validated(token: &AccessToken) -> String {
    let breaks: Vec<&str> = token.would_break().iter().map(|code| code.slug()).collect();
    let breaks = if breaks.is_empty() { String::new() } else { format!(",\"would_break\":{}", json(&breaks)) };
    let origin = match token.origin() {
        Origin::Local => String::new(),
        origin => format!(",\"origin\":\"{origin}\""),
    };
    format!(
        "\"ok\":true,\"claims\":{},\"header\":{},\"profile\":{}{origin}{breaks}",
        one_line(token.claims_json()),
        one_line(token.header_json()),
        json(&token.profile().map(Profile::as_str)),
    )
}

fn refused(error: &Error) -> String {
    format!("\"ok\":false,\"error\":{}", json(&failure(error)))
}

/// Line breaks between members, which JSON allows, would end the answer.
fn one_line(json: &str) -> String {
    json.replace(['\r', '\n'], " ")
}

fn failure(error: &Error) -> Failure<'_> {
    Failure {
        code: error.code().slug(),
        number: error.code().number(),
        claim: error.claim(),
        kind: error.kind().map(at9068::Kind::as_str),
        authenticated: error.authenticated(),
        oauth: error.oauth(),
        status: error.status(),
        challenge: error.challenges(),
        headers: error.headers(),
        retry_after: error.retry_after(),
    }
}

fn text(value: Option<&RawValue>) -> &str {
    value.map_or("", RawValue::get)
}
