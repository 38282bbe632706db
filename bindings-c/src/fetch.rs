//! Documents of issuers on their way: what is wanted, and what came back.

use std::ffi::c_char;

use at9068_core::{FetchFailure, FetchRequest, FetchResponse};

use crate::bytes::at9068_bytes;
use crate::ffi::{octets, text};
use crate::guard::infallible;
use crate::strings::at9068_str;

/// How a fetch ended: AT9068_FETCH_OK, or why there is no answer.
pub type at9068_fetch_outcome = u32;

/// There is an answer. A response of any status is one.
pub const AT9068_FETCH_OK: at9068_fetch_outcome = 0;
/// The URL or the address that it leads to is not allowed.
pub const AT9068_FETCH_FORBIDDEN: at9068_fetch_outcome = 1;
/// The host has no address.
pub const AT9068_FETCH_RESOLVE: at9068_fetch_outcome = 2;
/// Nobody answers there.
pub const AT9068_FETCH_CONNECT: at9068_fetch_outcome = 3;
/// The server could not prove that it is who it should be.
pub const AT9068_FETCH_TLS: at9068_fetch_outcome = 4;
/// It took too long.
pub const AT9068_FETCH_TIMEOUT: at9068_fetch_outcome = 5;
/// The body is longer than allowed.
pub const AT9068_FETCH_TOO_LARGE: at9068_fetch_outcome = 6;
/// The response broke off, or is no HTTP.
pub const AT9068_FETCH_BROKEN: at9068_fetch_outcome = 7;

/// A request that is wanted: an HTTP `GET`, or a `POST` where there is a body. Whoever makes it follows
/// no redirect, sends nothing but the header fields and the body, verifies the server's certificate, and
/// keeps to the limits. Header fields and body may hold a token and the credentials of this server: not
/// for logs. Belongs to the library, with the texts of it.
pub struct at9068_fetch_request {
    request: FetchRequest,
}

/// What came back, as whoever fetches writes it down. Belongs to the library; one thread at a time.
pub struct at9068_fetch_response {
    response: FetchResponse,
    /// The longest body that is of use.
    most: usize,
}

/// Why there is no answer, by its number.
pub(crate) fn failure(outcome: at9068_fetch_outcome) -> Option<FetchFailure> {
    let place = usize::try_from(outcome).ok()?.checked_sub(1)?;
    FetchFailure::ALL.get(place).copied()
}

impl From<FetchRequest> for at9068_fetch_request {
    fn from(request: FetchRequest) -> Self {
        Self { request }
    }
}

impl at9068_fetch_response {
    /// An empty response to a request that wants no more than `most` octets.
    pub(crate) fn new(most: usize) -> Self {
        Self { response: FetchResponse::new(0, Vec::new()), most }
    }

    pub(crate) fn into_core(self) -> FetchResponse {
        self.response
    }
}

/// "GET", or "POST" where there is a body.
#[unsafe(no_mangle)]
pub extern "C" fn at9068_fetch_request_method(request: Option<&at9068_fetch_request>) -> at9068_str {
    infallible(at9068_str::NONE, || request.map(|request| request.request.method()).into())
}

/// The octets to post; none of a `GET`.
#[unsafe(no_mangle)]
pub extern "C" fn at9068_fetch_request_body(request: Option<&at9068_fetch_request>) -> at9068_bytes {
    let body = || request.and_then(|request| request.request.body.as_deref());
    infallible(at9068_bytes::NONE, || body().map_or(at9068_bytes::NONE, Into::into))
}

/// An absolute URL: https, unless http to loopback addresses was allowed by the configuration.
#[unsafe(no_mangle)]
pub extern "C" fn at9068_fetch_request_url(request: Option<&at9068_fetch_request>) -> at9068_str {
    infallible(at9068_str::NONE, || request.map(|request| request.request.url.as_str()).into())
}

/// How many header fields to send; 0 of NULL.
#[unsafe(no_mangle)]
pub extern "C" fn at9068_fetch_request_header_count(request: Option<&at9068_fetch_request>) -> usize {
    infallible(0, || request.map_or(0, |request| request.request.headers.len()))
}

/// The name of a header field to send, by index from 0; no text behind the last.
#[unsafe(no_mangle)]
pub extern "C" fn at9068_fetch_request_header_name_at(
    request: Option<&at9068_fetch_request>,
    index: usize,
) -> at9068_str {
    infallible(at9068_str::NONE, || header(request, index).map(|(name, _)| name.as_str()).into())
}

/// The value of a header field to send, by index from 0; no text behind the last.
#[unsafe(no_mangle)]
pub extern "C" fn at9068_fetch_request_header_value_at(
    request: Option<&at9068_fetch_request>,
    index: usize,
) -> at9068_str {
    infallible(at9068_str::NONE, || header(request, index).map(|(_, value)| value.as_str()).into())
}

fn header(request: Option<&at9068_fetch_request>, index: usize) -> Option<&(String, String)> {
    request.and_then(|request| request.request.headers.get(index))
}

/// Seconds that are left for the whole exchange, from the first look-up of the host to the last
/// octet of the body, with a fraction; 0 of NULL.
#[unsafe(no_mangle)]
pub extern "C" fn at9068_fetch_request_timeout_seconds(request: Option<&at9068_fetch_request>) -> f64 {
    infallible(0.0, || request.map_or(0.0, |request| request.request.timeout.as_secs_f64()))
}

/// Seconds that connecting may take of these, with a fraction; 0 of NULL.
#[unsafe(no_mangle)]
pub extern "C" fn at9068_fetch_request_connect_timeout_seconds(request: Option<&at9068_fetch_request>) -> f64 {
    infallible(0.0, || request.map_or(0.0, |request| request.request.connect_timeout.as_secs_f64()))
}

/// The longest body that is read, in octets; a longer one is AT9068_FETCH_TOO_LARGE. 0 of NULL.
#[unsafe(no_mangle)]
pub extern "C" fn at9068_fetch_request_max_body_bytes(request: Option<&at9068_fetch_request>) -> usize {
    infallible(0, || request.map_or(0, |request| request.request.max_body_bytes))
}

/// Whether the operator vouches for the host, by having configured it. Where not, the URL was learned
/// from a document, and must not lead into the network of this server: every address that is
/// connected to must be a public one, or the fetch fails with AT9068_FETCH_FORBIDDEN. False of NULL.
#[unsafe(no_mangle)]
pub extern "C" fn at9068_fetch_request_trusted_host(request: Option<&at9068_fetch_request>) -> bool {
    infallible(false, || request.is_some_and(|request| request.request.trusted_host))
}

/// Notes the HTTP status. Returns false of NULL.
#[unsafe(no_mangle)]
pub extern "C" fn at9068_fetch_response_set_status(response: Option<&mut at9068_fetch_response>, status: u16) -> bool {
    infallible(false, || {
        let Some(response) = response else { return false };
        response.response.status = status;
        true
    })
}

/// Notes a header field; several of one name are several calls. Both texts are copied.
///
/// Returns false of NULL, and where one of them is not UTF-8: such a field is left out.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn at9068_fetch_response_add_header(
    response: Option<&mut at9068_fetch_response>,
    name: *const c_char,
    name_len: usize,
    value: *const c_char,
    value_len: usize,
) -> bool {
    infallible(false, || {
        // SAFETY: the caller's pointers, as the head of the header demands.
        let texts = unsafe { text("name", name, name_len).ok().zip(text("value", value, value_len).ok()) };
        let Some((response, (name, value))) = response.zip(texts) else { return false };
        response.response.headers.push((name.to_owned(), value.to_owned()));
        true
    })
}

/// Appends octets to the body; they are copied.
///
/// Returns whether more may follow: false once the body is longer than the request allows, so that
/// reading can end there, and of NULL. What is too much is not kept, and fails the fetch with
/// AT9068_FETCH_TOO_LARGE whatever else is reported.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn at9068_fetch_response_append_body(
    response: Option<&mut at9068_fetch_response>,
    body: *const u8,
    body_len: usize,
) -> bool {
    infallible(false, || {
        // SAFETY: the caller's pointer, as the head of the header demands.
        let more = unsafe { octets("body", body.cast(), body_len) };
        let Some((response, more)) = response.zip(more.ok()) else { return false };
        let body = &mut response.response.body;
        // One octet too many tells the core that there was more.
        let room = response.most.saturating_add(1).saturating_sub(body.len());
        body.extend(more.iter().take(room));
        body.len() <= response.most
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_failure_has_its_number() {
        let names = [
            (AT9068_FETCH_FORBIDDEN, "forbidden"),
            (AT9068_FETCH_RESOLVE, "resolve"),
            (AT9068_FETCH_CONNECT, "connect"),
            (AT9068_FETCH_TLS, "tls"),
            (AT9068_FETCH_TIMEOUT, "timeout"),
            (AT9068_FETCH_TOO_LARGE, "too_large"),
            (AT9068_FETCH_BROKEN, "broken"),
        ];
        assert_eq!(names.len(), FetchFailure::ALL.len());
        for (number, name) in names {
            assert_eq!(failure(number).map(FetchFailure::as_str), Some(name));
        }
        for number in [AT9068_FETCH_OK, 8, u32::MAX] {
            assert_eq!(failure(number), None, "{number}");
        }
    }

    #[test]
    fn a_body_is_kept_as_far_as_it_is_of_use() {
        let mut response = at9068_fetch_response::new(4);
        let mut append = |octets: &[u8]| {
            // SAFETY: as long as it says.
            unsafe { at9068_fetch_response_append_body(Some(&mut response), octets.as_ptr(), octets.len()) }
        };
        assert!(append(b"") && append(b"abc") && append(b"d"));
        assert!(!append(b"efgh") && !append(b"i") && !append(b""));
        assert_eq!(response.into_core().body, b"abcde");
    }
}
