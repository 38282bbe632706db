//! How issuers are reached.

use std::fmt;
use std::time::Duration;

/// A request that is wanted: an HTTP `GET`, or a `POST` where there is a body.
///
/// Whoever makes it follows no redirect, sends nothing but `headers` and `body`, gives up after `timeout`
/// (from the first look-up of the host to the last octet of the body) and reads no more than
/// `max_body_bytes`.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct FetchRequest {
    /// An absolute URL, https but where http to loopback was allowed.
    pub url: String,
    /// Header fields to send. They may hold the credentials of this server.
    pub headers: Vec<(String, String)>,
    /// What to post. It may hold a token and the credentials of this server.
    pub body: Option<Vec<u8>>,
    /// How long the whole exchange may take.
    pub timeout: Duration,
    /// How long it may take to be connected.
    pub connect_timeout: Duration,
    /// The longest body that is read, in octets; a longer one is [`FetchFailure::TooLarge`].
    pub max_body_bytes: usize,
    /// Whether the host is vouched for by the operator. The host of a URL that was learned from a
    /// document is not, unless it is also configured: it must not lead into the network of this
    /// server. Every address that is connected to must then be a public one, or the fetch fails
    /// with [`FetchFailure::Forbidden`].
    pub trusted_host: bool,
}

impl FetchRequest {
    /// Of a host that is vouched for; every field can be changed.
    ///
    /// # Defaults
    /// * `headers`, `body`: none
    /// * `timeout`: 5 seconds
    /// * `connect_timeout`: 3 seconds
    /// * `max_body_bytes`: 524288
    /// * `trusted_host`: true
    #[must_use]
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            headers: Vec::new(),
            body: None,
            timeout: Duration::from_secs(5),
            connect_timeout: Duration::from_secs(3),
            max_body_bytes: 512 * 1024,
            trusted_host: true,
        }
    }

    /// `GET`, or `POST` where there is a body.
    #[must_use]
    pub fn method(&self) -> &'static str {
        if self.body.is_some() { "POST" } else { "GET" }
    }
}

/// Says nothing of what is sent.
impl fmt::Debug for FetchRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FetchRequest").field("method", &self.method()).field("url", &self.url).finish_non_exhaustive()
    }
}

/// What came back.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct FetchResponse {
    /// The HTTP status.
    pub status: u16,
    /// Header fields as name and value, in their order.
    pub headers: Vec<(String, String)>,
    /// The body, as it was sent.
    pub body: Vec<u8>,
}

impl FetchResponse {
    /// A response without header fields.
    #[must_use]
    pub fn new(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self { status, headers: Vec::new(), body: body.into() }
    }

    /// Adds a header field.
    #[must_use]
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// The first field of a name, in whatever case it was written.
    pub(crate) fn field(&self, name: &str) -> Option<&str> {
        self.fields(name).next()
    }

    /// All fields of a name.
    pub(crate) fn fields(&self, name: &str) -> impl Iterator<Item = &str> {
        let named = self.headers.iter().filter(move |(given, _)| given.eq_ignore_ascii_case(name));
        named.map(|(_, value)| value.trim())
    }
}

/// Says nothing of what was sent.
impl fmt::Debug for FetchResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FetchResponse")
            .field("status", &self.status)
            .field("body_bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

/// Why nothing came back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FetchFailure {
    /// The URL or the address that it leads to is not allowed.
    Forbidden,
    /// The host has no address.
    Resolve,
    /// Nobody answers there.
    Connect,
    /// The server could not prove that it is who it should be.
    Tls,
    /// It took too long.
    Timeout,
    /// The body is longer than allowed.
    TooLarge,
    /// The response broke off, or is no HTTP.
    Broken,
}

impl FetchFailure {
    /// Every reason.
    pub const ALL: &'static [Self] =
        &[Self::Forbidden, Self::Resolve, Self::Connect, Self::Tls, Self::Timeout, Self::TooLarge, Self::Broken];

    /// The name, as status and events have it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Forbidden => "forbidden",
            Self::Resolve => "resolve",
            Self::Connect => "connect",
            Self::Tls => "tls",
            Self::Timeout => "timeout",
            Self::TooLarge => "too_large",
            Self::Broken => "broken",
        }
    }
}

impl fmt::Display for FetchFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl std::error::Error for FetchFailure {}

/// Fetches documents of issuers, and asks them about tokens.
pub trait Fetch: Send + Sync {
    /// Makes the request and waits for the answer.
    ///
    /// # Errors
    /// Why there is no answer. A response of any status is one.
    fn fetch(&self, request: &FetchRequest) -> Result<FetchResponse, FetchFailure>;
}
