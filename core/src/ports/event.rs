//! What happens to the keys of issuers, and when they are asked, for whoever watches.

use crate::encoding::json;
use crate::error::ErrorCode;

/// Something that happened to the keys of an issuer, or when it was asked about a token. Nothing in it is taken from a token.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Event {
    /// What happened.
    pub kind: EventKind,
    /// The issuer that it happened to.
    pub issuer: String,
}

/// What happened to the keys of an issuer, or when it was asked about a token.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum EventKind {
    /// Keys were fetched, or found unchanged.
    Refreshed {
        /// How many keys are usable.
        keys: usize,
        /// Whether they are others than before.
        changed: bool,
    },
    /// Keys could not be fetched. Those at hand are kept.
    RefreshFailed {
        /// `keys_unavailable` or `metadata_invalid`.
        code: ErrorCode,
        /// Why, as one word.
        reason: &'static str,
    },
    /// The issuer could not be asked about a token, or its answer does not count.
    IntrospectionFailed {
        /// `introspection_unavailable`.
        code: ErrorCode,
        /// Why, as one word.
        reason: &'static str,
    },
    /// A token named a `kid` that no key bears. Told once for each `kid` within a cooldown.
    UnknownKid,
    /// An entry of the fetched set cannot be used.
    EntryDropped {
        /// Its place in the set, from 0.
        index: usize,
        /// What is wrong with it.
        code: ErrorCode,
    },
}

impl Event {
    /// The name: `refreshed`, `refresh_failed`, `introspection_failed`, `unknown_kid`,
    /// `entry_dropped`.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self.kind {
            EventKind::Refreshed { .. } => "refreshed",
            EventKind::RefreshFailed { .. } => "refresh_failed",
            EventKind::IntrospectionFailed { .. } => "introspection_failed",
            EventKind::UnknownKid => "unknown_kid",
            EventKind::EntryDropped { .. } => "entry_dropped",
        }
    }

    /// The event as a JSON object, equal in every language.
    #[must_use]
    pub fn to_json(&self) -> String {
        let mut out = format!("{{\"event\":\"{}\",\"issuer\":", self.name());
        json::write_string(&self.issuer, &mut out);
        match &self.kind {
            EventKind::Refreshed { keys, changed } => {
                out.push_str(&format!(",\"keys\":{keys},\"changed\":{changed}}}"));
            }
            EventKind::RefreshFailed { code, reason } | EventKind::IntrospectionFailed { code, reason } => {
                out.push_str(&format!(",\"code\":\"{code}\",\"reason\":\"{reason}\"}}"));
            }
            EventKind::UnknownKid => out.push('}'),
            EventKind::EntryDropped { index, code } => {
                out.push_str(&format!(",\"index\":{index},\"code\":\"{code}\"}}"));
            }
        }
        out
    }
}

/// Hears of what happens to the keys of issuers, and when they are asked about tokens.
pub trait Events: Send + Sync {
    /// Called where it happens, be it on a thread that fetches; no lock is held. It should return
    /// at once.
    fn event(&self, event: &Event);
}
