//! What the asker of a control question is told where it cannot be answered.

use std::fmt;

use serde_json::{Value, json};

/// Why nothing was started.
pub type Unstarted = Box<dyn std::error::Error + Send + Sync>;

/// Why a question has no answer.
#[derive(Debug)]
pub(crate) struct Fault {
    message: String,
    /// The core's code and claim, where it was the core that refused.
    code: Option<&'static str>,
    claim: Option<String>,
}

impl Fault {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), code: None, claim: None }
    }

    pub(crate) fn to_json(&self) -> Value {
        json!({"error": self.message, "code": self.code, "claim": self.claim})
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Fault {}

impl From<at9068::Error> for Fault {
    fn from(error: at9068::Error) -> Self {
        Self { message: error.to_string(), code: Some(error.code().slug()), claim: error.claim().map(str::to_owned) }
    }
}

impl From<serde_json::Error> for Fault {
    fn from(error: serde_json::Error) -> Self {
        Self::new(error.to_string())
    }
}
