//! A good token, as JavaScript is given it.

use napi_derive::napi;
use serde::Serialize;

/// What a good token says, as texts that JavaScript's own memory holds: of a native object the
/// memory would be freed only once the event loop turns.
#[napi(object, object_from_js = false)]
pub struct Verified {
    /// The claims as they were signed.
    pub claims_json: String,
    /// The header as it was signed.
    pub header_json: String,
    /// What the core reads in them, by the names of the accessors, as a JSON object.
    pub facts_json: String,
}

impl Verified {
    pub(crate) fn new(claims: &str, header: &str, facts: &impl Serialize) -> Self {
        Self { claims_json: claims.to_owned(), header_json: header.to_owned(), facts_json: facts_json(facts) }
    }
}

/// The JSON text of facts, which have one: they are texts, numbers and lists of texts.
pub(crate) fn facts_json(facts: &impl Serialize) -> String {
    serde_json::to_string(facts).unwrap_or_default()
}
