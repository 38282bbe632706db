//! The control protocol: one JSON object in, one out.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use crate::behaviour::{Behaviour, ChunkAbuse};
use crate::case::Case;
use crate::fault::Fault;
use crate::introspection::Introspection;
use crate::keys::Keys;
use crate::place::{Document, Place};
use crate::poison::Poison;
use crate::tls::Flaw;
use crate::token;

/// A question: its members as they were written, since some are passed on so.
struct Question(BTreeMap<String, Box<RawValue>>);

/// The documents that a behaviour is for.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Which {
    Oauth,
    Openid,
    Jwks,
    Introspection,
    /// Both forms of metadata.
    Metadata,
    All,
}

/// What is forgotten.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Part {
    Behaviour,
    Requests,
    Keys,
    /// What was told of tokens, and who may ask about them.
    Tokens,
}

impl Question {
    fn take<T: DeserializeOwned>(&mut self, name: &str) -> Result<Option<T>, Fault> {
        let Some(raw) = self.0.remove(name) else { return Ok(None) };
        serde_json::from_str(raw.get()).map_err(|error| Fault::new(format!("{name}: {error}")))
    }

    fn needed<T: DeserializeOwned>(&mut self, name: &str) -> Result<T, Fault> {
        self.take(name)?.ok_or_else(|| Fault::new(format!("{name} is missing")))
    }

    /// The members that are left; none may be unknown.
    fn rest<T: DeserializeOwned>(self) -> Result<T, Fault> {
        Ok(serde_json::from_str(&serde_json::to_string(&self.0)?)?)
    }

    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn nothing_else(self) -> Result<(), Fault> {
        match self.0.keys().next() {
            Some(name) => Err(Fault::new(format!("{name} is unknown here"))),
            None => Ok(()),
        }
    }
}

/// Answers a question about an issuer. `ports` says what happened at each port, whoever was asked for.
pub(crate) fn answer(
    text: &str,
    case: &mut Case,
    place: &Place<'_>,
    ports: impl FnOnce() -> Value,
) -> Result<Value, Fault> {
    let mut question = Question(serde_json::from_str(text)?);
    let op: String = question.needed("op")?;
    match op.as_str() {
        "issuer" => issuer(question, case, place),
        "mint" => token::mint(question.rest()?, &case.keys, &place.issuer()),
        "forge" => token::forge(question.rest()?, &case.keys, &place.issuer()),
        "keys" => {
            case.keys.change(question.rest()?)?;
            Ok(json!({"keys": case.keys.to_json()}))
        }
        "behave" => behave(question, case),
        "token" => case.introspection.tell(question.rest()?),
        "revoke" => {
            let token = question.needed("token")?;
            question.nothing_else()?;
            case.introspection.revoke(token);
            Ok(json!({}))
        }
        "client" => {
            let wanted = if question.is_empty() { None } else { Some(question.rest()?) };
            case.introspection.admit(wanted, &place.issuer())?;
            Ok(json!({}))
        }
        "requests" => {
            question.nothing_else()?;
            let mut requests = case.requests();
            if let Value::Object(members) = &mut requests {
                members.insert("ports".to_owned(), ports());
            }
            Ok(requests)
        }
        "reset" => reset(question, case),
        "kinds" => {
            question.nothing_else()?;
            Ok(json!({"poison": Poison::ALL, "chunk_abuse": ChunkAbuse::ALL, "tls_faults": Flaw::ALL}))
        }
        _ => Err(Fault::new(
            "op is none of issuer, mint, forge, keys, behave, token, revoke, client, requests, reset, kinds",
        )),
    }
}

fn issuer(mut question: Question, case: &mut Case, place: &Place<'_>) -> Result<Value, Fault> {
    let trailing_slash = question.take("trailing_slash")?.unwrap_or(case.trailing_slash);
    question.nothing_else()?;
    case.trailing_slash = trailing_slash;
    let place = Place { trailing_slash, ..*place };
    Ok(json!({
        "issuer": place.issuer(),
        "oauth": place.url(Document::Oauth),
        "openid": place.url(Document::Openid),
        "jwks": place.url(Document::Jwks),
        "introspection": place.url(Document::Introspection),
    }))
}

fn behave(mut question: Question, case: &mut Case) -> Result<Value, Fault> {
    let documents: &[Document] = match question.needed("document")? {
        Which::Oauth => &[Document::Oauth],
        Which::Openid => &[Document::Openid],
        Which::Jwks => &[Document::Jwks],
        Which::Introspection => &[Document::Introspection],
        Which::Metadata => &[Document::Oauth, Document::Openid],
        Which::All => &Document::ALL,
    };
    let append = question.take("append")?.unwrap_or_default();
    let behaviour: Behaviour = question.rest()?;
    behaviour.check(documents)?;
    case.tell(documents, behaviour, append);
    Ok(json!({}))
}

fn reset(mut question: Question, case: &mut Case) -> Result<Value, Fault> {
    let only: Option<Part> = question.take("only")?;
    question.nothing_else()?;
    match only {
        Some(Part::Keys) => case.keys = Keys::new()?,
        Some(Part::Behaviour) => case.forget_behaviour(),
        Some(Part::Requests) => case.forget_requests(),
        Some(Part::Tokens) => case.introspection = Introspection::default(),
        None => case.reset()?,
    }
    Ok(json!({}))
}
