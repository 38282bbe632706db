//! Why keys could not be had.

use crate::error::ErrorCode;
use crate::ports::FetchFailure;

/// Why a refresh failed. An outage never says anything about a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    /// Nothing came back.
    Fetch(FetchFailure),
    /// The status is not 200.
    Status,
    /// It is redirected, which is never followed.
    Redirect,
    /// The type is not JSON, or the body is compressed.
    ContentType,
    /// The metadata is not one strict JSON object with what is needed of it.
    MetadataMalformed,
    /// Neither of the documents is there.
    MetadataMissing,
    /// The metadata speaks of another issuer.
    IssuerDiffers,
    /// The two kinds of metadata do not agree.
    MetadataDisagrees,
    /// `jwks_uri` is not a URL that may be fetched from.
    JwksUriForbidden,
    /// The body is not a JWK set.
    KeysMalformed,
    /// There are more keys than anybody needs.
    TooManyKeys,
    /// No key in the set can be used.
    NoUsableKey,
    /// Whoever fetched gave up without an answer.
    Abandoned,
}

impl Failure {
    pub(crate) fn code(self) -> ErrorCode {
        match self {
            Self::MetadataMalformed
            | Self::MetadataMissing
            | Self::IssuerDiffers
            | Self::MetadataDisagrees
            | Self::JwksUriForbidden => ErrorCode::MetadataInvalid,
            _ => ErrorCode::KeysUnavailable,
        }
    }

    /// The name, as status and events have it.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Fetch(failure) => failure.as_str(),
            Self::Status => "status",
            Self::Redirect => "redirect",
            Self::ContentType => "content_type",
            Self::MetadataMalformed => "metadata_malformed",
            Self::MetadataMissing => "metadata_missing",
            Self::IssuerDiffers => "issuer_differs",
            Self::MetadataDisagrees => "metadata_disagrees",
            Self::JwksUriForbidden => "jwks_uri_forbidden",
            Self::KeysMalformed => "keys_malformed",
            Self::TooManyKeys => "too_many_keys",
            Self::NoUsableKey => "no_usable_key",
            Self::Abandoned => "abandoned",
        }
    }
}
