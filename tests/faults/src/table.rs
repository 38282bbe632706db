//! The table of faults, and what each must lead to.

use serde::Deserialize;
use serde_json::Value;

/// Where the cache is in its life when the issuer begins to fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    Empty,
    Fresh,
    Unknown,
    Due,
    Stale,
    Expired,
}

impl State {
    pub(crate) const ALL: [Self; 6] = [Self::Empty, Self::Fresh, Self::Unknown, Self::Due, Self::Stale, Self::Expired];

    /// The name in the page's head.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::Fresh => "fresh",
            Self::Unknown => "fresh, unknown `kid`",
            Self::Due => "due",
            Self::Stale => "stale",
            Self::Expired => "expired",
        }
    }
}

/// What an issuer does wrong.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Fault {
    pub(crate) id: String,
    pub(crate) what: String,
    /// The document that is wrong, or `tls` for the connection.
    pub(crate) document: String,
    /// What the test issuer is told, or the name of the port for `tls`.
    pub(crate) behaviour: Value,
    /// The verdict where there are no keys; `ok` where the fault does no harm.
    pub(crate) code: String,
    /// Why the refresh fails.
    pub(crate) reason: Option<String>,
    /// The threats that it stands for.
    pub(crate) threats: Vec<String>,
    /// Whether it is only over when time is.
    #[serde(default)]
    pub(crate) slow: bool,
}

/// What must come of a token, and of the refresh that it may bring about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Outcome {
    pub(crate) verdict: String,
    /// The reason of the last error; none where no refresh failed.
    pub(crate) reason: Option<String>,
    /// Whether anything was asked of the issuer.
    pub(crate) asked: bool,
}

impl Fault {
    pub(crate) fn all(text: &str) -> Result<Vec<Self>, serde_json::Error> {
        serde_json::from_str(text)
    }

    /// What the rules of the key cache say.
    pub(crate) fn expected(&self, state: State) -> Outcome {
        let harmless = self.code == "ok";
        // Metadata is fresh as long as keys are, and is asked for again only after that. What cannot
        // be had of it then leaves the keys where they were; what it says wrongly does not.
        let of_metadata = matches!(self.document.as_str(), "metadata" | "oauth" | "openid");
        let learned = matches!(self.reason.as_deref(), Some("forbidden"));
        let skipped = of_metadata
            && match state {
                State::Unknown | State::Due => true,
                State::Stale => self.code == "keys_unavailable" && !self.slow && !learned,
                State::Empty | State::Fresh | State::Expired => false,
            };
        let fails = !harmless && !skipped && state != State::Fresh;
        let verdict = match state {
            State::Unknown => "key_not_found",
            State::Fresh | State::Due | State::Stale => "ok",
            State::Empty | State::Expired => &self.code,
        };
        Outcome {
            verdict: verdict.to_owned(),
            reason: self.reason.clone().filter(|_| fails),
            asked: state != State::Fresh,
        }
    }
}
