//! The error that a failed call hands over.

use std::sync::OnceLock;

use at9068_core::{Error, ErrorCode, HttpResponse, Kind};

use crate::code::{AT9068_CODE_OK, at9068_code, number};
use crate::guard::{infallible, write};
use crate::strings::at9068_str;

/// Why a call failed, and what a server answers with. Belongs to the caller, who frees it with
/// at9068_error_free(). Never holds anything of a token or a key.
pub struct at9068_error {
    error: Error,
    /// Says more than the core's own message, where this side of the border found the fault.
    message: Option<String>,
    /// The whole answer, made when it is first asked for.
    response: OnceLock<Option<HttpResponse>>,
}

/// What a body behind the border returns.
pub(crate) type Result<T> = std::result::Result<T, at9068_error>;

impl at9068_error {
    /// A fault of the caller's, found before the core was asked.
    pub(crate) fn of_use(code: ErrorCode, detail: impl std::fmt::Display) -> Self {
        let message = Some(format!("{}: {detail}", code.message()));
        Self { message, ..Error::from(code).into() }
    }

    pub(crate) fn number(&self) -> at9068_code {
        number(self.error.code())
    }

    fn response(&self) -> Option<&HttpResponse> {
        self.response.get_or_init(|| self.error.http_response()).as_ref()
    }
}

impl From<Error> for at9068_error {
    fn from(error: Error) -> Self {
        Self { error, message: None, response: OnceLock::new() }
    }
}

impl From<ErrorCode> for at9068_error {
    fn from(code: ErrorCode) -> Self {
        Error::from(code).into()
    }
}

/// Text of an error, or none of NULL.
fn text<'a, T: Into<at9068_str>>(
    error: Option<&'a at9068_error>,
    of: impl FnOnce(&'a at9068_error) -> T,
) -> at9068_str {
    infallible(at9068_str::NONE, || error.map_or(at9068_str::NONE, |error| of(error).into()))
}

/// The number, the same that the failed call returned; AT9068_CODE_OK of NULL.
#[unsafe(no_mangle)]
pub extern "C" fn at9068_error_code(error: Option<&at9068_error>) -> at9068_code {
    infallible(AT9068_CODE_OK, || error.map_or(AT9068_CODE_OK, at9068_error::number))
}

/// The slug, as in "audience_mismatch".
#[unsafe(no_mangle)]
pub extern "C" fn at9068_error_slug(error: Option<&at9068_error>) -> at9068_str {
    text(error, |error| error.error.code().slug())
}

/// A sentence for logs and developers. Its wording may change; the code does not. Good for logs:
/// it names claims and members, never their values.
#[unsafe(no_mangle)]
pub extern "C" fn at9068_error_message(error: Option<&at9068_error>) -> at9068_str {
    text(error, |error| error.message.as_deref().unwrap_or_else(|| error.error.message()))
}

/// The claim, or the member of a mint request, that is wrong, where it is one.
#[unsafe(no_mangle)]
pub extern "C" fn at9068_error_claim(error: Option<&at9068_error>) -> at9068_str {
    text(error, |error| error.error.claim())
}

/// What a refused token appears to be where it is no access token: "id_token", "logout_token",
/// "dpop_proof", "client_assertion", "introspection_response", "security_event" or
/// "request_object". A hint for developers, not to be trusted.
#[unsafe(no_mangle)]
pub extern "C" fn at9068_error_kind(error: Option<&at9068_error>) -> at9068_str {
    text(error, |error| error.error.kind().map(Kind::as_str))
}

/// Whether the token's signature was good when the error arose. False of NULL.
#[unsafe(no_mangle)]
pub extern "C" fn at9068_error_authenticated(error: Option<&at9068_error>) -> bool {
    infallible(false, || error.is_some_and(|error| error.error.authenticated()))
}

/// The OAuth error to answer with, as in "invalid_token" (RFC 6749, RFC 6750, RFC 9470).
#[unsafe(no_mangle)]
pub extern "C" fn at9068_error_oauth(error: Option<&at9068_error>) -> at9068_str {
    text(error, |error| error.error.oauth())
}

/// The HTTP status to answer with; 0 where no HTTP answer belongs to the error.
#[unsafe(no_mangle)]
pub extern "C" fn at9068_error_status(error: Option<&at9068_error>) -> u16 {
    infallible(0, || error.and_then(|error| error.error.status()).unwrap_or(0))
}

/// How many WWW-Authenticate header fields to answer with.
#[unsafe(no_mangle)]
pub extern "C" fn at9068_error_challenge_count(error: Option<&at9068_error>) -> usize {
    infallible(0, || error.map_or(0, |error| error.error.challenges().len()))
}

/// The value of one WWW-Authenticate header field, by index from 0; no text behind the last.
/// (RFC 6750 §3, RFC 9470 §3, RFC 9728 §5.1)
#[unsafe(no_mangle)]
pub extern "C" fn at9068_error_challenge_at(error: Option<&at9068_error>, index: usize) -> at9068_str {
    text(error, |error| error.error.challenges().get(index).map(String::as_str))
}

/// How many other header fields to answer with.
#[unsafe(no_mangle)]
pub extern "C" fn at9068_error_header_count(error: Option<&at9068_error>) -> usize {
    infallible(0, || error.map_or(0, |error| error.error.headers().len()))
}

/// The name of one of the other header fields, by index from 0; no text behind the last.
#[unsafe(no_mangle)]
pub extern "C" fn at9068_error_header_name_at(error: Option<&at9068_error>, index: usize) -> at9068_str {
    text(error, |error| error.error.headers().get(index).map(|(name, _)| name.as_str()))
}

/// The value of one of the other header fields, by index from 0; no text behind the last.
#[unsafe(no_mangle)]
pub extern "C" fn at9068_error_header_value_at(error: Option<&at9068_error>, index: usize) -> at9068_str {
    text(error, |error| error.error.headers().get(index).map(|(_, value)| value.as_str()))
}

/// Seconds after which trying again makes sense (Retry-After), for errors that are nobody's fault.
/// Returns whether there is such a time; writes to `seconds`, which may be NULL, only then.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn at9068_error_retry_after(error: Option<&at9068_error>, seconds: *mut u64) -> bool {
    let found = infallible(None, || error.and_then(|error| error.error.retry_after()));
    // SAFETY: the caller's pointer, as the head of the header demands.
    unsafe { crate::guard::write_optional(found, seconds) }
}

/// How many header fields the whole answer has, which at9068_error_http_header() tells; 0 where no HTTP
/// answer belongs to the error. The same answer in every language: its status is at9068_error_status().
#[unsafe(no_mangle)]
pub extern "C" fn at9068_error_http_header_count(error: Option<&at9068_error>) -> usize {
    infallible(0, || error.and_then(at9068_error::response).map_or(0, |response| response.headers().len()))
}

/// One header field of the whole answer, by index from 0, in the order in which they are to be sent: a
/// WWW-Authenticate for each challenge, Retry-After and others where there are any, Content-Type and
/// Cache-Control. Returns whether there is one; writes to `name` and `value`, each of which may be NULL,
/// only then.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn at9068_error_http_header(
    error: Option<&at9068_error>,
    index: usize,
    name: *mut at9068_str,
    value: *mut at9068_str,
) -> bool {
    let field = || error.and_then(at9068_error::response).and_then(|response| response.headers().get(index));
    let Some((known, text)) = infallible(None, field) else { return false };
    // SAFETY: the caller's pointers, as the head of the header demands.
    unsafe {
        write(name, known.as_str().into());
        write(value, text.as_str().into());
    }
    true
}

/// The body of the whole answer, a JSON text: problem details (RFC 9457), or the error of a token endpoint
/// (RFC 6749 §5.2). No text where no HTTP answer belongs to the error. The answer to a HEAD request has
/// no body.
#[unsafe(no_mangle)]
pub extern "C" fn at9068_error_http_body(error: Option<&at9068_error>) -> at9068_str {
    text(error, |error| error.response().map(HttpResponse::body))
}

/// Frees an error. NULL is fine.
#[unsafe(no_mangle)]
pub extern "C" fn at9068_error_free(error: Option<Box<at9068_error>>) {
    infallible((), || drop(error));
}
