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

/// What is known of a token when its issuer begins to answer wrongly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    /// The issuer is asked about every token, and was never asked about this one.
    Never,
    /// It said a moment ago that the token is active.
    Fresh,
    /// It said so too long ago.
    Over,
    /// It is asked every so often, and soon has to be.
    Due,
    /// It has to be now.
    Overdue,
    /// It has to be, was found down a minute ago, and the local verdict may stand for a while.
    Down,
}

impl Stage {
    pub(crate) const ALL: [Self; 6] = [Self::Never, Self::Fresh, Self::Over, Self::Due, Self::Overdue, Self::Down];

    /// The name in the page's head.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Never => "never asked",
            Self::Fresh => "fresh answer",
            Self::Over => "answer too old",
            Self::Due => "due",
            Self::Overdue => "overdue",
            Self::Down => "down, local verdict",
        }
    }

    /// Whether the issuer's tokens are judged here, and asked about every so often.
    pub(crate) fn is_hybrid(self) -> bool {
        matches!(self, Self::Due | Self::Overdue | Self::Down)
    }
}

/// What an issuer does wrong.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Fault {
    pub(crate) id: String,
    pub(crate) what: String,
    /// The document that is wrong, `introspection` for what is said of tokens; or `tls` and
    /// `introspection_tls` for the connection.
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
    /// Whether answers must be signed.
    #[serde(default)]
    pub(crate) signed: bool,
    /// Whether the answer speaks of another token, where it can be held against one.
    #[serde(default)]
    pub(crate) contradicts: bool,
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

    /// Whether it is about what is said of tokens.
    pub(crate) fn is_of_introspection(&self) -> bool {
        self.document.starts_with("introspection")
    }

    /// What the rules of introspection say.
    pub(crate) fn expected_of(&self, stage: Stage) -> Outcome {
        let (code, reason) = match stage {
            Stage::Fresh => return Outcome { verdict: "ok".to_owned(), reason: None, asked: false },
            _ if stage.is_hybrid() && self.contradicts => ("introspection_unavailable", Some("other_token".to_owned())),
            // The word before still holds, or the local verdict stands, unless the issuer says otherwise.
            Stage::Due | Stage::Down if self.code == "introspection_unavailable" => ("ok", self.reason.clone()),
            _ => (self.code.as_str(), self.reason.clone()),
        };
        Outcome { verdict: code.to_owned(), reason, asked: true }
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
