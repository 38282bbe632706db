//! The Rust face of the shared suite: one question a line, one answer a line.
//!
//! `tests/README.md` describes the protocol.

use std::io::{self, BufRead as _, Write as _};

use at9068::{
    AccessToken, Error, ErrorCode, MintRequest, Minter, MinterConfig, Request, Require, Result, ValidateOptions,
    Validator, ValidatorConfig,
};
use base64::Engine as _;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

const OPERATIONS: [&str; 5] = ["info", "authenticate", "validate", "mint", "thumbprint"];

/// A line of input. Configuration, requests and claims keep their text.
#[derive(Deserialize)]
struct Question<'a> {
    #[serde(borrow)]
    id: &'a RawValue,
    op: String,
    #[serde(borrow)]
    config: Option<&'a RawValue>,
    token: Option<String>,
    token_b64: Option<String>,
    at: Option<f64>,
    #[serde(borrow)]
    request: Option<&'a RawValue>,
    #[serde(borrow)]
    require: Option<&'a RawValue>,
    #[serde(borrow)]
    jti: Option<&'a RawValue>,
    #[serde(borrow)]
    jwk: Option<&'a RawValue>,
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

fn main() -> io::Result<()> {
    let mut out = io::stdout().lock();
    for line in io::stdin().lock().lines() {
        let line = line?;
        let question: Question<'_> = serde_json::from_str(&line)?;
        writeln!(out, "{{\"id\":{},{}}}", question.id, answer(&question)?)?;
        out.flush()?;
    }
    Ok(())
}

/// The members of an answer, after its `id`.
fn answer(question: &Question<'_>) -> io::Result<String> {
    let result = match question.op.as_str() {
        "info" => Ok(info()?),
        "validate" => validate(question).map(|token| validated(&token)),
        "authenticate" => authenticate(question).map(|token| validated(&token)),
        "mint" => mint(question),
        "thumbprint" => {
            at9068::thumbprint(text(question.jwk)).map(|found| format!("\"ok\":true,\"thumbprint\":\"{found}\""))
        }
        _ => return Ok("\"skip\":\"unknown operation\"".to_owned()),
    };
    match result {
        Ok(answer) => Ok(answer),
        Err(error) => Ok(format!("\"ok\":false,\"error\":{}", serde_json::to_string(&failure(&error))?)),
    }
}

fn info() -> io::Result<String> {
    let codes: Vec<&str> = ErrorCode::ALL.iter().map(|code| code.slug()).collect();
    Ok(format!(
        "\"ok\":true,\"name\":\"rust\",\"version\":\"{}\",\"ops\":{},\"codes\":{}",
        at9068::VERSION,
        serde_json::to_string(&OPERATIONS)?,
        serde_json::to_string(&codes)?
    ))
}

fn validate(question: &Question<'_>) -> Result<AccessToken> {
    let validator = Validator::new(ValidatorConfig::from_json(text(question.config))?)?;
    let mut options = options(question)?;
    if let Some(request) = question.request {
        options = options.request(Request::from_json(request.get())?);
    }
    let token = match (&question.token, &question.token_b64) {
        (Some(token), _) => token.as_bytes().to_vec(),
        (None, Some(octets)) => base64::engine::general_purpose::STANDARD.decode(octets).unwrap_or_default(),
        (None, None) => Vec::new(),
    };
    validator.validate(&token, &options)
}

fn authenticate(question: &Question<'_>) -> Result<AccessToken> {
    let validator = Validator::new(ValidatorConfig::from_json(text(question.config))?)?;
    let request = Request::from_json(question.request.map_or("{}", RawValue::get))?;
    validator.authenticate(&request, &options(question)?)
}

fn options(question: &Question<'_>) -> Result<ValidateOptions> {
    let mut options = ValidateOptions::default();
    options.now = question.at;
    if let Some(require) = question.require {
        options = options.require(Require::from_json(require.get())?);
    }
    Ok(options)
}

fn mint(question: &Question<'_>) -> Result<String> {
    let minter = Minter::new(MinterConfig::from_json(text(question.config))?)?;
    let mut request = text(question.request).trim().to_owned();
    if let (Some(jti), Some(rest)) = (question.jti, request.strip_prefix('{')) {
        let comma = if rest.trim_start().starts_with('}') { "" } else { "," };
        request = format!("{{\"jti\":{jti}{comma}{rest}");
    }
    let minted = minter.mint(&MintRequest::from_json(&request)?, question.at)?;
    Ok(format!("\"ok\":true,\"token\":\"{}\",\"claims\":{}", minted.token(), one_line(minted.claims_json())))
}

fn validated(token: &AccessToken) -> String {
    format!(
        "\"ok\":true,\"claims\":{},\"header\":{},\"profile\":\"{}\"",
        one_line(token.claims_json()),
        one_line(token.header_json()),
        token.profile().as_str()
    )
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
