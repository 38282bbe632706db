//! The shared vectors, as calls of the crate.

#![allow(dead_code, reason = "each test uses its part")]

use std::collections::HashMap;
use std::path::Path;

use at9068::{
    AccessToken, ClientAssertion, ClientAssertionConfig, ClientAssertionMinter, ClientAssertionMinterConfig,
    ClientAssertionOptions, ClientAssertionRequest, ClientAssertionValidator, IdToken, IdTokenChecks, IdTokenConfig,
    IdTokenRequest, IdTokenValidator, MintRequest, MintedToken, Minter, MinterConfig, Ports, Request, Require, Result,
    Revocations, Revoked, ValidateOptions, Validator, ValidatorConfig, thumbprint,
};
use serde::Deserialize;
use serde::de::{Deserializer, Error as _, Visitor};
use serde_json::value::RawValue;

/// A vector file.
#[derive(Deserialize)]
struct File {
    #[serde(default)]
    configs: HashMap<String, Box<RawValue>>,
    #[serde(default)]
    cases: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    id: String,
    op: String,
    config: Option<String>,
    token: Option<Octets>,
    token_b64: Option<String>,
    at: Option<f64>,
    request: Option<Box<RawValue>>,
    require: Option<Box<RawValue>>,
    #[serde(default)]
    revocations: Vec<Box<RawValue>>,
    before: Option<Vec<String>>,
    jwk: Option<Box<RawValue>>,
    expect: Expect,
}

/// What the answer must be.
#[derive(Deserialize)]
pub(crate) struct Expect {
    pub ok: bool,
    pub code: Option<String>,
}

/// The octets of a JSON string; halves of surrogate pairs become octets that are no UTF-8.
struct Octets(Vec<u8>);

impl<'de> Deserialize<'de> for Octets {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        struct OctetsVisitor;
        impl Visitor<'_> for OctetsVisitor {
            type Value = Octets;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a string")
            }

            fn visit_bytes<E>(self, octets: &[u8]) -> std::result::Result<Octets, E> {
                Ok(Octets(octets.to_vec()))
            }
        }
        deserializer.deserialize_bytes(OctetsVisitor).map_err(D::Error::custom)
    }
}

/// One vector, its texts as they are sent.
pub(crate) struct Case {
    pub id: String,
    pub op: String,
    pub config: String,
    pub token: Vec<u8>,
    pub at: Option<f64>,
    pub request: Option<String>,
    pub require: Option<String>,
    pub revocations: Vec<String>,
    pub before: Vec<String>,
    pub jwk: String,
    pub expect: Expect,
}

/// What a call gives.
pub(crate) enum Answer {
    Token(Box<AccessToken>),
    IdToken(Box<IdToken>),
    Assertion(Box<ClientAssertion>),
    Minted(Box<MintedToken>),
    Thumbprint,
}

/// The operations that are the calls below.
const OPERATIONS: [&str; 8] = [
    "validate",
    "authenticate",
    "mint",
    "thumbprint",
    "validate_id_token",
    "mint_id_token",
    "validate_client_assertion",
    "mint_client_assertion",
];

/// Every vector that is one of the calls below.
pub(crate) fn cases() -> Vec<Case> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/vectors");
    let mut found = Vec::new();
    for path in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if path.extension().is_none_or(|extension| extension != "json") {
            continue;
        }
        let file: File = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
        for entry in file.cases {
            if OPERATIONS.contains(&entry.op.as_str()) {
                found.push(case(entry, &file.configs));
            }
        }
    }
    assert!(found.len() > 2000, "the vectors were not found");
    found
}

fn case(entry: Entry, configs: &HashMap<String, Box<RawValue>>) -> Case {
    Case {
        config: entry.config.map(|name| text(configs.get(&name).unwrap())).unwrap_or_default(),
        token: entry.token.map(|token| token.0).or(entry.token_b64.map(|text| decoded(&text))).unwrap_or_default(),
        request: entry.request.as_deref().map(text),
        require: entry.require.as_deref().map(text),
        revocations: entry.revocations.iter().map(|entry| entry.get().to_owned()).collect(),
        before: entry.before.unwrap_or_default(),
        jwk: entry.jwk.as_deref().map(text).unwrap_or_default(),
        id: entry.id,
        op: entry.op,
        at: entry.at,
        expect: entry.expect,
    }
}

/// A JSON string is text already; anything else is taken as it is spelled.
fn text(raw: &RawValue) -> String {
    if raw.get().starts_with('"') { serde_json::from_str(raw.get()).unwrap() } else { raw.get().to_owned() }
}

/// Base64 of either alphabet; what is no letter of it is left out.
pub(crate) fn decoded(text: &str) -> Vec<u8> {
    let mut octets = Vec::new();
    let (mut bits, mut held) = (0_u32, 0_u32);
    for letter in text.bytes() {
        let value = match letter {
            b'A'..=b'Z' => letter - b'A',
            b'a'..=b'z' => letter - b'a' + 26,
            b'0'..=b'9' => letter - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => continue,
        };
        (bits, held) = ((bits & 0xff) << 6 | u32::from(value), held + 6);
        if held >= 8 {
            held -= 8;
            octets.push((bits >> held & 0xff) as u8);
        }
    }
    octets
}

impl Case {
    /// The options of a validation.
    pub(crate) fn options(&self) -> Result<ValidateOptions> {
        let mut options = ValidateOptions::default();
        if let Some(at) = self.at {
            options = options.now(at);
        }
        if let Some(text) = &self.require {
            options = options.require(Require::from_json(text)?);
        }
        if let (Some(text), "validate") = (&self.request, self.op.as_str()) {
            options = options.request(Request::from_json(text)?);
        }
        Ok(options)
    }

    /// The validator of the case.
    pub(crate) fn validator(&self) -> Result<Validator> {
        let revocations = Revocations::new();
        for entry in &self.revocations {
            revocations.revoke(&Revoked::from_json(entry)?)?;
        }
        let ports = Ports::default();
        let ports = if self.revocations.is_empty() { ports } else { ports.revocations(&revocations) };
        Validator::with_ports(ValidatorConfig::from_json(&self.config)?, ports)
    }

    /// The validator of ID tokens of the case.
    pub(crate) fn id_token_validator(&self) -> Result<IdTokenValidator> {
        IdTokenValidator::new(IdTokenConfig::from_json(&self.config)?)
    }

    /// What its login expects.
    pub(crate) fn checks(&self) -> Result<IdTokenChecks> {
        IdTokenChecks::from_json(self.require.as_deref().unwrap_or("{}"))
    }

    /// The validator of client assertions of the case.
    pub(crate) fn assertion_validator(&self) -> Result<ClientAssertionValidator> {
        ClientAssertionValidator::new(ClientAssertionConfig::from_json(&self.config)?)
    }

    /// The arguments of its validation.
    fn assertion_options(&self) -> Result<ClientAssertionOptions> {
        let mut options = ClientAssertionOptions::from_json(self.require.as_deref().unwrap_or("{}"))?;
        options.now = self.at;
        Ok(options)
    }

    /// Makes the call.
    pub(crate) fn ask(&self) -> Result<Answer> {
        let request = self.request.as_deref().unwrap_or("{}");
        match self.op.as_str() {
            "validate" => Ok(Answer::Token(Box::new(self.validator()?.validate(&self.token, &self.options()?)?))),
            "authenticate" => {
                let request = Request::from_json(request)?;
                Ok(Answer::Token(Box::new(self.validator()?.authenticate(&request, &self.options()?)?)))
            }
            "mint" => {
                let minter = Minter::new(MinterConfig::from_json(&self.config)?)?;
                Ok(Answer::Minted(Box::new(minter.mint(&MintRequest::from_json(request)?, self.at)?)))
            }
            "validate_id_token" => {
                let validated = self.id_token_validator()?.validate(&self.token, &self.checks()?, self.at)?;
                Ok(Answer::IdToken(Box::new(validated)))
            }
            "mint_id_token" => {
                let minter = Minter::new(MinterConfig::from_json(&self.config)?)?;
                Ok(Answer::Minted(Box::new(minter.mint_id_token(&IdTokenRequest::from_json(request)?, self.at)?)))
            }
            "validate_client_assertion" => {
                let (validator, options) = (self.assertion_validator()?, self.assertion_options()?);
                for token in &self.before {
                    drop(validator.validate(token, &options));
                }
                Ok(Answer::Assertion(Box::new(validator.validate(&self.token, &options)?)))
            }
            "mint_client_assertion" => {
                let minter = ClientAssertionMinter::new(ClientAssertionMinterConfig::from_json(&self.config)?)?;
                Ok(Answer::Minted(Box::new(minter.mint(&ClientAssertionRequest::from_json(request)?, self.at)?)))
            }
            _ => thumbprint(&self.jwk).map(|_| Answer::Thumbprint),
        }
    }
}
