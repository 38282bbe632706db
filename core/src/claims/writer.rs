//! The text of a claims set that is being made.

use crate::claims::Claim;
use crate::encoding::json;

/// Room that is made at once: more than the claims of most tokens take.
const USUAL_LENGTH: usize = 768;

/// Writes the claims of a token, in the order in which they are given.
pub(crate) struct Writer {
    text: String,
    members: usize,
}

impl Writer {
    pub(crate) fn new() -> Self {
        Self { text: String::with_capacity(USUAL_LENGTH), members: 0 }
    }

    /// How many claims there are by now.
    pub(crate) fn len(&self) -> usize {
        self.members
    }

    fn begin(&mut self) {
        self.members += 1;
        self.text.push(if self.text.is_empty() { '{' } else { ',' });
    }

    /// No registered name needs an escape.
    fn name(&mut self, claim: Claim) {
        self.begin();
        self.text.push('"');
        self.text.push_str(claim.name());
        self.text.push_str("\":");
    }

    pub(crate) fn string(&mut self, claim: Claim, value: &str) {
        self.name(claim);
        json::write_string(value, &mut self.text);
    }

    /// A claim that may be left out.
    pub(crate) fn optional(&mut self, claim: Claim, value: Option<&str>) {
        if let Some(value) = value {
            self.string(claim, value);
        }
    }

    pub(crate) fn strings<T: AsRef<str>>(&mut self, claim: Claim, values: &[T]) {
        self.name(claim);
        json::write_strings(values, &mut self.text);
    }

    pub(crate) fn number(&mut self, claim: Claim, value: i64) {
        self.name(claim);
        self.text.push_str(itoa::Buffer::new().format(value));
    }

    /// A member whose value is JSON text.
    pub(crate) fn member(&mut self, name: &str, text: &str) {
        self.begin();
        json::write_string(name, &mut self.text);
        self.text.push(':');
        self.text.push_str(text);
    }

    pub(crate) fn finish(mut self) -> String {
        self.text.push_str(if self.text.is_empty() { "{}" } else { "}" });
        self.text
    }
}
