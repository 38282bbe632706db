//! The text of a claims set that is being made.

use crate::claims::Claim;
use crate::encoding::json;

/// Writes the claims of a token, in the order in which they are given.
#[derive(Default)]
pub(crate) struct Writer {
    text: String,
}

impl Writer {
    fn name(&mut self, name: &str) {
        self.text.push(if self.text.is_empty() { '{' } else { ',' });
        json::write_string(name, &mut self.text);
        self.text.push(':');
    }

    pub(crate) fn string(&mut self, claim: Claim, value: &str) {
        self.name(claim.name());
        json::write_string(value, &mut self.text);
    }

    /// A claim that may be left out.
    pub(crate) fn optional(&mut self, claim: Claim, value: Option<&str>) {
        if let Some(value) = value {
            self.string(claim, value);
        }
    }

    pub(crate) fn strings<T: AsRef<str>>(&mut self, claim: Claim, values: &[T]) {
        self.name(claim.name());
        json::write_strings(values, &mut self.text);
    }

    pub(crate) fn number(&mut self, claim: Claim, value: i64) {
        self.name(claim.name());
        self.text.push_str(&value.to_string());
    }

    /// A member whose value is JSON text.
    pub(crate) fn member(&mut self, name: &str, text: &str) {
        self.name(name);
        self.text.push_str(text);
    }

    pub(crate) fn finish(mut self) -> String {
        self.text.push_str(if self.text.is_empty() { "{}" } else { "}" });
        self.text
    }
}
