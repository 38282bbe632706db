//! How an error of the core reaches JavaScript: as a value that the package turns into its exception.

use std::panic::{AssertUnwindSafe, catch_unwind};

use at9068::{Error, ErrorClass, ErrorCode};
use napi::bindgen_prelude::Either;
use napi_derive::napi;
use serde::Serialize;

use crate::signed::{Text, text_of};

/// Either what was asked for, or why not. Nothing here throws, so that one place in the package
/// makes every exception, and whatever is thrown nevertheless is known to be a fault.
pub type Outcome<T> = Either<T, Failure>;

/// The members of an error, as the package's exception has them.
#[napi(object)]
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Failure {
    /// Always true: tells this object from a result.
    pub failed: bool,
    /// The stable slug.
    pub code: String,
    /// The number of the code.
    pub number: u32,
    /// A sentence for developers.
    pub message: String,
    /// The claim concerned.
    pub claim: Option<String>,
    /// What the token appears to be.
    pub kind: Option<String>,
    /// Whether the signature was good.
    pub authenticated: bool,
    /// The OAuth error to answer with.
    pub oauth: Option<String>,
    /// The HTTP status to answer with.
    pub status: Option<u32>,
    /// Values of `WWW-Authenticate`.
    pub challenge: Vec<String>,
    /// Other header fields, each a name and a value.
    pub headers: Vec<Vec<String>>,
    /// Seconds after which to try again.
    pub retry_after: Option<f64>,
    /// The whole answer.
    pub http_response: Option<HttpResponse>,
}

/// The answer of a server.
#[napi(object)]
#[derive(Serialize)]
pub struct HttpResponse {
    /// The status.
    pub status: u32,
    /// The header fields, each a name and a value.
    pub headers: Vec<Vec<String>>,
    /// The body.
    pub body: String,
}

impl From<at9068::HttpResponse> for HttpResponse {
    fn from(response: at9068::HttpResponse) -> Self {
        Self { status: response.status().into(), headers: pairs(response.headers()), body: response.body().to_owned() }
    }
}

fn pairs(headers: &[(String, String)]) -> Vec<Vec<String>> {
    headers.iter().map(|(name, value)| vec![name.clone(), value.clone()]).collect()
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let owned = |text: &str| text.to_owned();
        Self {
            failed: true,
            code: owned(error.code().slug()),
            number: error.code().number().into(),
            message: owned(error.message()),
            claim: error.claim().map(owned),
            kind: error.kind().map(|kind| owned(kind.as_str())),
            authenticated: error.authenticated(),
            oauth: error.oauth().map(owned),
            status: error.status().map(u32::from),
            challenge: error.challenges().to_vec(),
            headers: pairs(error.headers()),
            #[expect(clippy::cast_precision_loss, reason = "a waiting time is far below 2^53 seconds")]
            retry_after: error.retry_after().map(|seconds| seconds as f64),
            http_response: error.http_response().map(HttpResponse::from),
        }
    }
}

impl Failure {
    /// The same members as the text of a JSON object, which costs less than the object. What else is a
    /// text where it stands begins with a digit.
    pub(crate) fn to_text(&self) -> Text {
        text_of(serde_json::to_string(self).unwrap_or_default())
    }
}

/// A row of the table of error codes.
#[napi(object)]
pub struct CodeRow {
    /// The stable slug.
    pub code: String,
    /// The number of the code.
    pub number: u32,
    /// The fixed message.
    pub message: String,
    /// The family: what kind of thing went wrong.
    pub family: String,
    /// The OAuth error to answer with.
    pub oauth: Option<String>,
    /// The HTTP status to answer with.
    pub status: Option<u32>,
    /// The document and section that the code comes from.
    pub source: String,
}

impl From<ErrorCode> for CodeRow {
    fn from(code: ErrorCode) -> Self {
        Self {
            code: code.slug().to_owned(),
            number: code.number().into(),
            message: code.message().to_owned(),
            family: family(code.class()).to_owned(),
            oauth: code.oauth().map(str::to_owned),
            status: code.status().map(u32::from),
            source: code.source_section().to_owned(),
        }
    }
}

fn family(class: ErrorClass) -> &'static str {
    match class {
        ErrorClass::Config => "config",
        ErrorClass::KeySet => "key_set",
        ErrorClass::Token => "token",
        ErrorClass::Demand => "demand",
        ErrorClass::Mint => "mint",
        ErrorClass::Undecided => "undecided",
        _ => "internal",
    }
}

/// Why something failed, before it crosses over.
pub enum Fault {
    /// The core says so.
    Core(Error),
    /// An argument by this name is not a whole number, which the core's own types rule out.
    NotWhole(&'static str),
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        Self::Core(error)
    }
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Core(error) => error.into(),
            Fault::NotWhole(name) => {
                let failure = Self::from(Error::from(ErrorCode::ArgumentInvalid));
                Self { message: format!("{}: {name} is not a whole number", failure.message), ..failure }
            }
        }
    }
}

/// The outcome of a call of the core.
pub fn outcome<T>(result: Result<T, impl Into<Failure>>) -> Outcome<T> {
    match result {
        Ok(value) => Either::A(value),
        Err(error) => Either::B(error.into()),
    }
}

/// Runs work on a thread of the pool, where Node-API does not catch a panic.
///
/// # Errors
/// Those of the work; `internal` where it panics.
pub fn guarded<T, E: From<Error>>(work: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| Err(Error::from(ErrorCode::Internal).into()))
}
