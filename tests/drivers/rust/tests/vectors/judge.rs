//! The comparison: an answer against its vector, and an explanation against its verdict.

use std::collections::HashMap;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use crate::suite::{Case, numbers};

/// Nothing, or what differs.
pub(crate) type Judged = Result<(), String>;

const ERROR_MEMBERS: [&str; 10] =
    ["authenticated", "challenge", "claim", "code", "headers", "kind", "number", "oauth", "retry_after", "status"];

/// An answer, taken apart: the texts of the product's own as they are, nothing that the protocol does not know.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Answer<'a> {
    id: String,
    ok: bool,
    #[serde(borrow)]
    claims: Option<&'a RawValue>,
    #[serde(borrow)]
    header: Option<&'a RawValue>,
    #[serde(borrow)]
    trace: Option<&'a RawValue>,
    #[serde(borrow)]
    verdict: Option<&'a RawValue>,
    #[serde(borrow)]
    response: Option<&'a RawValue>,
    profile: Option<String>,
    method: Option<String>,
    would_break: Option<Value>,
    token: Option<String>,
    thumbprint: Option<String>,
    payload_b64: Option<String>,
    #[serde(default, deserialize_with = "there")]
    http_response: Option<Value>,
    #[serde(borrow, default, deserialize_with = "there")]
    metadata: Option<&'a RawValue>,
    path: Option<String>,
    error: Option<Map<String, Value>>,
}

/// A member that is there, be it null.
fn there<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

#[derive(Deserialize)]
struct Step {
    rule: String,
    outcome: String,
    code: Option<String>,
}

impl<'a> Answer<'a> {
    pub(crate) fn read(line: &'a str, id: &str) -> Result<Self, String> {
        let answer: Self = serde_json::from_str(line).map_err(|error| error.to_string())?;
        equal("id", &answer.id.as_str(), &id)?;
        Ok(answer)
    }

    /// The token that was minted.
    pub(crate) fn minted(&self) -> Result<&str, String> {
        self.token.as_deref().ok_or_else(|| "nothing was minted".to_owned())
    }

    /// The members that a success may have beside `ok`, as texts.
    fn members(&self) -> [(&'static str, Option<&str>); 10] {
        [
            ("profile", self.profile.as_deref()),
            ("method", self.method.as_deref()),
            ("response", self.response.map(RawValue::get)),
            ("header", self.header.map(RawValue::get)),
            ("claims", self.claims.map(RawValue::get)),
            ("token", self.token.as_deref()),
            ("thumbprint", self.thumbprint.as_deref()),
            ("payload_b64", self.payload_b64.as_deref()),
            ("metadata", self.metadata.map(RawValue::get)),
            ("path", self.path.as_deref()),
        ]
    }
}

/// Remembers the message of each code, which must be one fixed text.
pub(crate) struct Judge {
    numbers: HashMap<String, u64>,
    messages: HashMap<String, String>,
}

impl Judge {
    pub(crate) fn new() -> Self {
        Self { numbers: numbers(), messages: HashMap::new() }
    }

    /// The answer to a case's question.
    pub(crate) fn against_vector(&mut self, case: &Case, answer: &Answer<'_>) -> Judged {
        equal("ok", &case.expects_success(), &answer.ok)?;
        match &answer.error {
            Some(error) if !answer.ok => self.error(&case.expect, error),
            None if answer.ok && case.mints() => minted(&case.expect, answer),
            None if answer.ok => {
                self.http_response(&case.expect, answer)?;
                held(&case.expect, answer)
            }
            _ => Err("an error belongs to a refusal".to_owned()),
        }
    }

    /// What a server sends back, to the byte but for the code's message.
    fn http_response(&mut self, expect: &Map<String, Value>, answer: &Answer<'_>) -> Judged {
        let (wanted, got) = (expect.get("http_response").cloned(), answer.http_response.as_ref());
        let parsed = |body: &Value| serde_json::from_str::<Map<String, Value>>(body.as_str().unwrap_or_default()).ok();
        let member = |name| parsed(got?.get("body")?)?.get(name)?.as_str().map(str::to_owned);
        let (Some(code), Some(message)) = (member("code"), member("detail")) else {
            return equal("http_response", &wanted.as_ref(), &got);
        };
        let message = self.messages.entry(code).or_insert(message);
        let wanted = wanted.map(|wanted| wanted.to_string().replace("{message}", message));
        equal("http_response", &wanted, &got.map(Value::to_string))
    }

    fn error(&mut self, expect: &Map<String, Value>, error: &Map<String, Value>) -> Judged {
        equal("members of the error", &ERROR_MEMBERS.to_vec(), &error.keys().map(String::as_str).collect())?;
        let code = error.get("code").and_then(Value::as_str).unwrap_or_default();
        // What a vector leaves out, no rule settles.
        for name in ["code", "claim", "kind", "authenticated", "oauth", "status"] {
            if let Some(wanted) = expect.get(name) {
                equal(name, &Some(wanted), &error.get(name))?;
            }
        }
        let or_else = |name, otherwise| Some(expect.get(name).cloned().unwrap_or(otherwise));
        equal("number", &self.numbers.get(code).map(|number| Value::from(*number)), &error.get("number").cloned())?;
        equal("headers", &or_else("headers", Value::Array(Vec::new())), &error.get("headers").cloned())?;
        equal("retry_after", &or_else("retry_after", Value::Null), &error.get("retry_after").cloned())?;
        match expect.get("challenge") {
            Some(wanted) => self.challenges(code, wanted, error.get("challenge").unwrap_or(&Value::Null)),
            None => Ok(()),
        }
    }

    /// Header values, to the byte but for the code's message.
    fn challenges(&mut self, code: &str, wanted: &Value, got: &Value) -> Judged {
        let differ = || format!("challenge\n  expected {wanted}\n  got      {got}");
        let (wanted, got) = (wanted.as_array().ok_or_else(differ)?, got.as_array().ok_or_else(differ)?);
        equal("challenges", &wanted.len(), &got.len())?;
        for (wanted, got) in wanted.iter().zip(got) {
            let (wanted, got) = (wanted.as_str().ok_or_else(differ)?, got.as_str().ok_or_else(differ)?);
            let Some((before, behind)) = wanted.split_once("{message}") else {
                equal("challenge", &wanted, &got)?;
                continue;
            };
            let message = got.strip_prefix(before).and_then(|rest| rest.strip_suffix(behind)).ok_or_else(differ)?;
            // What RFC 6750 section 3 allows in error_description.
            if message.is_empty() || !message.bytes().all(|b| matches!(b, b' '..=b'~') && b != b'"' && b != b'\\') {
                return Err(differ());
            }
            equal(
                "message",
                self.messages.entry(code.to_owned()).or_insert_with(|| message.to_owned()),
                &message.to_owned(),
            )?;
        }
        Ok(())
    }
}

/// A verdict's explanation: the verdict is the answer to `validate` to the byte, and the trace bears it out.
pub(crate) fn explained(asked: &Answer<'_>, line: &str, explanation: &Answer<'_>) -> Judged {
    let (Some(trace), Some(verdict)) = (explanation.trace, explanation.verdict) else {
        // A configuration or an argument that is refused is refused alike.
        return equal("error of explain", &asked.error, &explanation.error);
    };
    let plain = line.split_once(',').map(|(_, members)| format!("{{{members}")).unwrap_or_default();
    equal("verdict", &plain.as_str(), &verdict.get())?;
    let steps: Vec<Step> = serde_json::from_str(trace.get()).map_err(|error| error.to_string())?;
    let not_passed = steps.iter().find(|step| step.outcome != "pass").map(|step| step.rule.as_str());
    let first_failure = steps.iter().find(|step| step.outcome == "fail").and_then(|step| step.code.as_deref());
    match &asked.error {
        None => equal("rule that a good token does not pass", &None, &not_passed),
        Some(error) => equal("first failure", &error.get("code").and_then(Value::as_str), &first_failure),
    }
}

/// A token that holds, a payload or a thumbprint: all members, and no others.
fn held(expect: &Map<String, Value>, answer: &Answer<'_>) -> Judged {
    let members = answer.members();
    for (name, got) in members {
        // The token of a minting case is no member of the answer to its validation.
        let wanted = if name == "token" { None } else { expect.get(name).and_then(Value::as_str) };
        equal(name, &wanted, &got)?;
    }
    equal("would_break", &expect.get("would_break"), &answer.would_break.as_ref())
}

/// A minted token: the claims as text, the token's own segments, all of it where the algorithm allows.
fn minted(expect: &Map<String, Value>, answer: &Answer<'_>) -> Judged {
    let wanted = |name| expect.get(name).and_then(Value::as_str);
    let token = answer.minted()?;
    let segments: Vec<&str> = token.split('.').collect();
    let [header, claims, _] = segments.as_slice() else { return Err("the token is no compact JWS".to_owned()) };
    for (name, segment) in [("header", header), ("claims", claims)] {
        let text = URL_SAFE_NO_PAD.decode(segment).ok().and_then(|octets| String::from_utf8(octets).ok());
        equal(name, &wanted(name), &text.as_deref())?;
    }
    for (name, got) in answer.members() {
        match name {
            "token" if wanted(name).is_none() => {}
            "token" | "claims" => equal(name, &wanted(name), &got)?,
            _ => equal(name, &None, &got)?,
        }
    }
    equal("would_break", &None, &answer.would_break)
}

fn equal<T: PartialEq + std::fmt::Debug>(what: &str, wanted: &T, got: &T) -> Judged {
    if wanted == got { Ok(()) } else { Err(format!("{what}\n  expected {wanted:?}\n  got      {got:?}")) }
}
