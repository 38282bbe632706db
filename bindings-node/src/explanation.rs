//! A verdict, and how it came about.

use napi_derive::napi;

use crate::access_token::text_apart;
use crate::failure::Failure;
use crate::signed::Text;

/// What a validator tells of a token: the steps, and what `validate` answers.
#[napi(object, object_from_js = false)]
pub struct Explanation {
    /// The steps as a JSON array.
    pub trace_json: String,
    /// The token, where it is good.
    pub token: Option<Text>,
    /// Why not, where it is not.
    pub error: Option<Failure>,
}

impl From<at9068::Explanation> for Explanation {
    fn from(explanation: at9068::Explanation) -> Self {
        let verdict = explanation.verdict();
        Self {
            trace_json: explanation.trace_json(),
            token: verdict.ok().map(text_apart),
            error: verdict.err().cloned().map(Failure::from),
        }
    }
}
