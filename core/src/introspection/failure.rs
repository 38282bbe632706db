//! Why an issuer has not said anything of a token that counts.

use crate::error::ErrorCode;
use crate::ports::FetchFailure;

/// Why there is no answer. It never says anything about the token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    /// Nothing came back.
    Fetch(FetchFailure),
    /// The status is not 200.
    Status(u16),
    /// It is redirected, which is never followed.
    Redirect,
    /// The type is not the one that was asked for, or the body is compressed.
    ContentType,
    /// An answer without a signature, where one is required.
    Unsigned,
    /// The answer is not one strict JSON object, or JWT, that says whether the token is active.
    Malformed,
    /// A signed answer that is of another type, or not from this issuer, for this server, or of now.
    Foreign,
    /// No key of the issuer made the signature.
    Signature,
    /// The answer speaks of another token.
    OtherToken,
    /// No assertion could be made to authenticate with.
    Assertion,
    /// Whoever asked gave up without an answer.
    Abandoned,
}

impl Failure {
    pub(crate) const CODE: ErrorCode = ErrorCode::IntrospectionUnavailable;

    /// The name, as status and events have it.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Fetch(failure) => failure.as_str(),
            Self::Status(401) => "credentials",
            Self::Status(_) => "status",
            Self::Redirect => "redirect",
            Self::ContentType => "content_type",
            Self::Unsigned => "unsigned",
            Self::Malformed => "answer_malformed",
            Self::Foreign => "answer_foreign",
            Self::Signature => "signature",
            Self::OtherToken => "other_token",
            Self::Assertion => "assertion",
            Self::Abandoned => "abandoned",
        }
    }

    /// Whether it tells of the endpoint, whatever the token is. Of tokens that anybody may have
    /// made up, what an endpoint fails at may be the token: whoever sends such tokens must not be
    /// able to keep the endpoint from being asked about others.
    pub(super) fn is_of_endpoint(self, authentic: bool) -> bool {
        match self {
            Self::OtherToken | Self::Abandoned => false,
            Self::Fetch(FetchFailure::Broken | FetchFailure::TooLarge) => authentic,
            Self::Fetch(_) | Self::Assertion | Self::Status(401 | 429 | 502..=504) => true,
            _ => authentic,
        }
    }
}
