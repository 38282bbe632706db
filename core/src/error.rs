//! Errors: one table of codes, and the value that carries them.
//!
//! Every code has a number and a slug that are part of the API: neither is ever changed or used
//! again for something else. Numbers are grouped in bands by what they speak of; the gaps belong
//! to codes of features that are not in this version.

use std::borrow::Cow;
use std::fmt;

/// What a failed call reports.
///
/// Holds a stable [`code`](Self::code), the claim or member concerned, and, where a resource
/// server answers an HTTP request with it, that answer: status, OAuth error and
/// `WWW-Authenticate` values. Neither the message nor `Debug` ever holds anything taken from a
/// token or a key.
#[derive(Clone, PartialEq, Eq)]
pub struct Error(Box<Inner>);

#[derive(Clone, PartialEq, Eq)]
struct Inner {
    code: ErrorCode,
    message: Cow<'static, str>,
    claim: Option<Cow<'static, str>>,
    kind: Option<Kind>,
    authenticated: bool,
    answer: Option<Answer>,
    /// Where no verdict could be reached: in how many seconds one may be.
    retry_after: Option<u64>,
}

/// What a server sends back when it refuses a request because of an error.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) oauth: Option<&'static str>,
    pub(crate) status: Option<u16>,
    pub(crate) challenges: Vec<String>,
    pub(crate) headers: Vec<(String, String)>,
}

/// The result of every fallible function of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    pub(crate) fn new(code: ErrorCode) -> Self {
        Self(Box::new(Inner {
            code,
            message: Cow::Borrowed(code.message()),
            claim: None,
            kind: None,
            authenticated: false,
            answer: None,
            retry_after: None,
        }))
    }

    /// An error whose message adds `detail` to the code's fixed text.
    ///
    /// `detail` names members, kinds and limits; never a value that somebody else chose.
    pub(crate) fn with_detail(code: ErrorCode, detail: impl fmt::Display) -> Self {
        let mut error = Self::new(code);
        error.0.message = Cow::Owned(format!("{}: {detail}", code.message()));
        error
    }

    /// An error about one claim; `claim` comes from our own tables or from the configuration.
    pub(crate) fn of_claim(code: ErrorCode, claim: impl Into<Cow<'static, str>>) -> Self {
        let claim = claim.into();
        let mut error = Self::with_detail(code, &claim);
        error.0.claim = Some(claim);
        error
    }

    pub(crate) fn with_claim(mut self, claim: impl Into<Cow<'static, str>>) -> Self {
        self.0.claim = Some(claim.into());
        self
    }

    pub(crate) fn with_kind(mut self, kind: Option<Kind>) -> Self {
        self.0.kind = kind;
        self
    }

    pub(crate) fn authentic(mut self) -> Self {
        self.0.authenticated = true;
        self
    }

    pub(crate) fn with_retry_after(mut self, seconds: u64) -> Self {
        self.0.retry_after = Some(seconds);
        self
    }

    /// The error where nobody is answered over HTTP because of it: when to try again is told all the same.
    pub(crate) fn unanswered(self) -> Self {
        self.with_answer(Answer::default())
    }

    pub(crate) fn with_answer(mut self, answer: Answer) -> Self {
        self.0.answer = Some(answer);
        self
    }

    /// The stable code.
    #[must_use]
    pub fn code(&self) -> ErrorCode {
        self.0.code
    }

    /// A sentence for logs and developers. Its wording may change; the code does not.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The claim, or the member of a mint request, that is wrong, where it is one.
    #[must_use]
    pub fn claim(&self) -> Option<&str> {
        self.0.claim.as_deref()
    }

    /// What a refused token appears to be, where it is of another kind than was asked for.
    ///
    /// Judged by its type and telltale claims, and not to be trusted: before the signature
    /// is good anybody may have written them.
    #[must_use]
    pub fn kind(&self) -> Option<Kind> {
        self.0.kind
    }

    /// Whether the token's signature was good when this error arose, or its issuer had vouched for it.
    #[must_use]
    pub fn authenticated(&self) -> bool {
        self.0.authenticated
    }

    /// The OAuth error of RFC 6749, RFC 6750 or RFC 9470 that a server answers with.
    #[must_use]
    pub fn oauth(&self) -> Option<&'static str> {
        self.0.answer.as_ref().and_then(|answer| answer.oauth)
    }

    /// The HTTP status that a server answers with.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        self.0.answer.as_ref().and_then(|answer| answer.status)
    }

    /// Values of `WWW-Authenticate`, one header field each (RFC 6750 §3).
    #[must_use]
    pub fn challenges(&self) -> &[String] {
        self.0.answer.as_ref().map_or(&[], |answer| answer.challenges.as_slice())
    }

    /// Other header fields to send, as name and value.
    #[must_use]
    pub fn headers(&self) -> &[(String, String)] {
        self.0.answer.as_ref().map_or(&[], |answer| answer.headers.as_slice())
    }

    /// Seconds after which trying again makes sense, for errors that are nobody's fault.
    #[must_use]
    pub fn retry_after(&self) -> Option<u64> {
        self.0.answer.as_ref().and(self.0.retry_after)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code().slug(), self.message())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("code", &self.code().slug())
            .field("message", &self.message())
            .field("kind", &self.kind())
            .field("authenticated", &self.authenticated())
            .finish()
    }
}

impl std::error::Error for Error {}

/// The bare error of a code: what a port reports when it fails.
impl From<ErrorCode> for Error {
    fn from(code: ErrorCode) -> Self {
        Self::new(code)
    }
}

/// The kinds of JWT that are told apart (RFC 8725 §3.11).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// An access token, of whatever profile.
    AccessToken,
    /// An OpenID Connect ID token.
    IdToken,
    /// An OpenID Connect back-channel logout token.
    LogoutToken,
    /// A DPoP proof (RFC 9449).
    DpopProof,
    /// A client's assertion for its own authentication (RFC 7523).
    ClientAssertion,
    /// A signed introspection response (RFC 9701).
    IntrospectionResponse,
    /// A security event token (RFC 8417).
    SecurityEvent,
    /// A request object (RFC 9101).
    RequestObject,
}

impl Kind {
    /// The name that errors carry in every language.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AccessToken => "access_token",
            Self::IdToken => "id_token",
            Self::LogoutToken => "logout_token",
            Self::DpopProof => "dpop_proof",
            Self::ClientAssertion => "client_assertion",
            Self::IntrospectionResponse => "introspection_response",
            Self::SecurityEvent => "security_event",
            Self::RequestObject => "request_object",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Families of codes, from which languages derive their classes of exceptions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorClass {
    /// The library was used wrongly: configuration or arguments.
    Config,
    /// A key is unusable.
    KeySet,
    /// Credentials or a token are refused.
    Token,
    /// The token is good, but is not enough for this endpoint or request.
    Demand,
    /// A token is not minted.
    Mint,
    /// No verdict could be reached; nobody's token is to blame.
    Undecided,
    /// A fault of this library or of what was plugged into it.
    Internal,
}

/// One row of the table below.
struct Row {
    slug: &'static str,
    class: ErrorClass,
    oauth: Option<&'static str>,
    status: Option<u16>,
    source: &'static str,
    message: &'static str,
}

macro_rules! codes {
    ($($variant:ident = $number:literal, $slug:literal, $class:ident, $oauth:expr, $status:expr,
       $source:literal, $message:literal;)*) => {
        /// The stable identity of an error: a number and a slug.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        #[repr(u16)]
        pub enum ErrorCode {
            $(#[doc = concat!("`", $slug, "` (", $source, "): ", $message, ".")] $variant = $number,)*
        }

        impl ErrorCode {
            /// Every code of this version, in order of number.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            fn row(self) -> Row {
                match self {
                    $(Self::$variant => Row {
                        slug: $slug, class: ErrorClass::$class, oauth: $oauth, status: $status,
                        source: $source, message: $message,
                    },)*
                }
            }
        }
    };
}

const REQUEST: Option<&str> = Some("invalid_request");
const TOKEN: Option<&str> = Some("invalid_token");
const SCOPE: Option<&str> = Some("insufficient_scope");

// number, slug, class, OAuth error, HTTP status, source, message.
// The two columns in the middle are what a resource server answers with (a token endpoint, for the
// 8xx band). The key codes have them only where a token names the key, never when a set is loaded.
codes! {
    ConfigInvalid = 101, "config_invalid", Config, None, None,
        "at9068", "the configuration is not valid";
    ArgumentInvalid = 102, "argument_invalid", Config, None, None,
        "at9068", "an argument is not valid";

    KeyMalformed = 201, "key_malformed", KeySet, TOKEN, Some(401),
        "RFC 7517 §4", "a key is malformed";
    KeyUnsupported = 202, "key_unsupported", KeySet, TOKEN, Some(401),
        "RFC 7518 §6", "a key is of a kind or size that is not supported";
    KeyTooWeak = 203, "key_too_weak", KeySet, TOKEN, Some(401),
        "RFC 7518 §3", "a key is too weak";
    KeysUnavailable = 204, "keys_unavailable", Undecided, None, Some(503),
        "at9068", "the issuer's keys are not available";
    MetadataInvalid = 205, "metadata_invalid", Undecided, None, Some(503),
        "RFC 8414 §3.3", "the issuer's metadata is not valid";

    CredentialsMissing = 301, "credentials_missing", Token, None, Some(401),
        "RFC 6750 §3.1", "the request carries no access token";
    CredentialsMalformed = 302, "credentials_malformed", Token, REQUEST, Some(400),
        "RFC 6750 §3.1", "the request's credentials are malformed or given more than once";
    TokenTooLarge = 303, "token_too_large", Token, TOKEN, Some(401),
        "at9068", "the token exceeds a limit of size";
    TokenMalformed = 304, "token_malformed", Token, TOKEN, Some(401),
        "RFC 7515 §5.2", "the token is malformed";
    DecryptionFailed = 306, "decryption_failed", Token, TOKEN, Some(401),
        "RFC 9068 §4", "the token cannot be decrypted";

    TypeMismatch = 401, "type_mismatch", Token, TOKEN, Some(401),
        "RFC 9068 §4", "the token is not of an accepted type";
    AlgorithmNotAllowed = 402, "algorithm_not_allowed", Token, TOKEN, Some(401),
        "RFC 8725 §3.1", "the token's algorithm is not allowed";
    CriticalHeaderUnsupported = 403, "critical_header_unsupported", Token, TOKEN, Some(401),
        "RFC 7515 §4.1.11", "the token demands a header extension that is not supported";
    IssuerUnknown = 404, "issuer_unknown", Token, TOKEN, Some(401),
        "RFC 9068 §4", "the token's issuer is not accepted";
    KeyNotFound = 405, "key_not_found", Token, TOKEN, Some(401),
        "RFC 7515 §4.1.4", "no key of the issuer fits the token";
    KeyMismatch = 406, "key_mismatch", Token, TOKEN, Some(401),
        "RFC 8725 §3.1", "the key may not be used with the token's algorithm";
    KeyAmbiguous = 407, "key_ambiguous", Token, TOKEN, Some(401),
        "RFC 7517 §4.5", "more than one key fits the token";

    SignatureInvalid = 501, "signature_invalid", Token, TOKEN, Some(401),
        "RFC 7515 §5.2", "the token's signature is not valid";

    ClaimMissing = 601, "claim_missing", Token, TOKEN, Some(401),
        "RFC 9068 §2.2", "a required claim is missing";
    ClaimMalformed = 602, "claim_malformed", Token, TOKEN, Some(401),
        "RFC 7519 §4.1", "a claim is malformed";
    KindMismatch = 603, "kind_mismatch", Token, TOKEN, Some(401),
        "RFC 8725 §3.12", "the token is of another kind";
    AudienceMismatch = 604, "audience_mismatch", Token, TOKEN, Some(401),
        "RFC 9068 §4", "the token is meant for another audience";
    TokenExpired = 605, "token_expired", Token, TOKEN, Some(401),
        "RFC 9068 §4", "the token has expired";
    TokenNotYetValid = 606, "token_not_yet_valid", Token, TOKEN, Some(401),
        "RFC 7519 §4.1.5", "the token is not valid yet";
    TokenIssuedInFuture = 607, "token_issued_in_future", Token, TOKEN, Some(401),
        "RFC 7519 §4.1.6", "the token was issued in the future";
    LifetimeExceeded = 608, "lifetime_exceeded", Token, TOKEN, Some(401),
        "at9068", "the token's lifetime is longer than allowed";
    ClaimMismatch = 609, "claim_mismatch", Token, TOKEN, Some(401),
        "OpenID Connect Core §3.1.3.7", "a claim does not have the value expected";

    ScopeInsufficient = 701, "scope_insufficient", Demand, SCOPE, Some(403),
        "RFC 6750 §3.1", "the token's scope is not sufficient";
    PermissionInsufficient = 702, "permission_insufficient", Demand, SCOPE, Some(403),
        "RFC 9068 §4", "the token's permissions are not sufficient";
    AuthenticationInsufficient = 703, "authentication_insufficient", Demand,
        Some("insufficient_user_authentication"), Some(401),
        "RFC 9470 §3", "the user's authentication is not sufficient";
    TokenRevoked = 704, "token_revoked", Token, TOKEN, Some(401),
        "RFC 6750 §3.1", "the token has been revoked";
    TokenInactive = 705, "token_inactive", Token, TOKEN, Some(401),
        "RFC 7662 §2.2", "the issuer says that the token is not active";
    IntrospectionUnavailable = 706, "introspection_unavailable", Undecided, None, Some(503),
        "at9068", "the issuer cannot be asked about the token";
    SchemeMismatch = 707, "scheme_mismatch", Demand, TOKEN, Some(401),
        "RFC 9449 §7", "the token was presented under the wrong scheme";
    BindingMissing = 708, "binding_missing", Demand, TOKEN, Some(401),
        "RFC 7800 §3.1", "the token is bound to its sender, and no proof was given";
    BindingMismatch = 709, "binding_mismatch", Demand, TOKEN, Some(401),
        "RFC 8705 §3", "the token is bound to another sender";
    BindingUnsupported = 710, "binding_unsupported", Demand, TOKEN, Some(401),
        "RFC 7800 §3.1", "the token is bound in a way that is not supported";
    DpopProofMissing = 711, "dpop_proof_missing", Demand, Some("invalid_dpop_proof"), Some(401),
        "RFC 9449 §7.1", "the request carries no DPoP proof";

    TokenReplayed = 715, "token_replayed", Token, TOKEN, Some(401),
        "RFC 7523 §3", "the token was used before";

    InvalidScope = 801, "invalid_scope", Mint, Some("invalid_scope"), Some(400),
        "RFC 9068 §3", "the scope is not valid for the resources asked for";
    InvalidTarget = 802, "invalid_target", Mint, Some("invalid_target"), Some(400),
        "RFC 8707 §2", "the resource asked for is not one that tokens are issued for";
    GrantAmbiguous = 803, "grant_ambiguous", Mint, Some("invalid_scope"), Some(400),
        "RFC 9068 §5", "a scope does not belong to exactly one of the resources asked for";
    ClaimReserved = 804, "claim_reserved", Mint, None, None,
        "RFC 9068 §2.2", "a custom claim has a name that the profiles own";
    SubjectCollision = 805, "subject_collision", Mint, None, None,
        "RFC 9068 §5", "the subject could be taken for a client";
    SigningFailed = 806, "signing_failed", Mint, None, None,
        "at9068", "the token could not be signed";

    Internal = 901, "internal", Internal, None, Some(500),
        "at9068", "an internal fault";
}

impl ErrorCode {
    /// The number: band times 100 and the position in it.
    #[must_use]
    pub fn number(self) -> u16 {
        self as u16
    }

    /// The slug, as in `audience_mismatch`.
    #[must_use]
    pub fn slug(self) -> &'static str {
        self.row().slug
    }

    /// The fixed message, also used as `error_description`.
    #[must_use]
    pub fn message(self) -> &'static str {
        self.row().message
    }

    /// The family of the code.
    #[must_use]
    pub fn class(self) -> ErrorClass {
        self.row().class
    }

    /// The OAuth error that a server answers with, where it answers with this code at all.
    #[must_use]
    pub fn oauth(self) -> Option<&'static str> {
        self.row().oauth
    }

    /// The HTTP status that a server answers with, where it answers with this code at all.
    #[must_use]
    pub fn status(self) -> Option<u16> {
        self.row().status
    }

    /// The document and section that the code comes from.
    #[must_use]
    pub fn source_section(self) -> &'static str {
        self.row().source
    }

    /// The code of a slug.
    #[must_use]
    pub fn from_slug(slug: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|code| code.slug() == slug)
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.slug())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_rise_and_slugs_are_distinct() {
        let numbers: Vec<u16> = ErrorCode::ALL.iter().map(|code| code.number()).collect();
        let mut sorted = numbers.clone();
        sorted.sort_unstable();
        sorted.dedup();
        assert_eq!(numbers, sorted);
        for code in ErrorCode::ALL {
            assert_eq!(ErrorCode::from_slug(code.slug()), Some(*code));
            let slug = code.slug();
            assert!(slug.bytes().all(|b| b.is_ascii_lowercase() || b == b'_'), "{slug}");
        }
    }

    #[test]
    fn messages_fit_into_an_error_description() {
        for code in ErrorCode::ALL {
            assert!(code.message().bytes().all(|b| matches!(b, 0x20..=0x7e) && b != b'"' && b != b'\\'), "{code}");
        }
    }

    #[test]
    fn an_error_says_its_code_claim_and_message() {
        let error = Error::of_claim(ErrorCode::ClaimMissing, "jti").authentic();
        assert_eq!(error.to_string(), "claim_missing: a required claim is missing: jti");
        assert_eq!(error.claim(), Some("jti"));
        assert!(error.authenticated());
        assert_eq!(error.status(), None);
    }
}
