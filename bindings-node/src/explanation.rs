//! A verdict, and how it came about.

use napi_derive::napi;

use crate::access_token::AccessToken;
use crate::failure::{Outcome, outcome};

/// What a validator tells of a token; its parts cross over when asked for.
#[napi]
pub struct Explanation(pub(crate) at9068::Explanation);

#[napi]
impl Explanation {
    /// The steps as a JSON array.
    #[napi(catch_unwind)]
    pub fn trace_json(&self) -> String {
        self.0.trace_json()
    }

    /// What `validate` answers.
    #[napi(catch_unwind)]
    pub fn verdict(&self) -> Outcome<AccessToken> {
        outcome(self.0.verdict().map(|token| AccessToken(token.clone())).map_err(Clone::clone))
    }
}
