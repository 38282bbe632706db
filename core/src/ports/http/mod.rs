//! The fetcher for those who have none of their own: HTTP/1.1 as the `ureq` crate speaks it, over
//! connections of ours.

mod address;
mod agent;
mod connection;
mod tls;

use std::fmt;
use std::io::Read as _;
use std::time::{Duration, Instant};

use serde::Deserialize;
use ureq::Error;
use ureq::config::Config;
use ureq::http::{Request as Wanted, Uri};

use super::{Fetch, FetchFailure, FetchRequest, FetchResponse};
use crate::config::{invalid, read};
use crate::error::{ErrorCode, Result};
use address::Target;
use agent::Way;
use tls::Roots;

/// How [`HttpFetch`] reaches servers.
///
/// # Defaults
/// * `ca_bundle`: the authorities that the system trusts, as `SSL_CERT_FILE` and `SSL_CERT_DIR` name
///   them or as they are installed
/// * `proxy`: none
#[derive(Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HttpOptions {
    /// The certificates, in PEM, of the only authorities that are trusted.
    pub(crate) ca_bundle: Option<String>,
    /// The URL of the proxy through which https servers are reached.
    pub(crate) proxy: Option<String>,
}

impl HttpOptions {
    /// The system's authorities and no proxy.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads a JSON text.
    ///
    /// # Errors
    /// `config_invalid`, naming the member that is unknown or wrong.
    pub fn from_json(text: &str) -> Result<Self> {
        read(text, ErrorCode::ConfigInvalid)
    }

    /// Trusts these authorities and no others: a PEM text of one or more certificates.
    #[must_use]
    pub fn ca_bundle(mut self, pem: impl Into<String>) -> Self {
        self.ca_bundle = Some(pem.into());
        self
    }

    /// Reaches https servers through this proxy, by `CONNECT`: `http://` or `https://`, with user and
    /// password where it wants them (percent-encoded).
    #[must_use]
    pub fn proxy(mut self, url: impl Into<String>) -> Self {
        self.proxy = Some(url.into());
        self
    }
}

/// Tells which were given; the URL of a proxy may hold a password.
impl fmt::Debug for HttpOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpOptions")
            .field("ca_bundle", &self.ca_bundle.is_some())
            .field("proxy", &self.proxy.is_some())
            .finish()
    }
}

/// Fetches documents with `GET`, and asks with `POST`, over HTTP/1.1.
///
/// * TLS 1.2 and 1.3 only, and certificates are always verified; whether one was revoked is not asked.
/// * Plain http reaches loopback addresses only, whatever name led there.
/// * A host that is not vouched for ([`FetchRequest::trusted_host`]) must have public addresses and no
///   others. Connected to are the addresses that were judged, and no later answer of DNS.
/// * Neither a redirect nor a proxy of the environment (`HTTPS_PROXY` and the like) is followed.
/// * A configured proxy looks up the hosts that are vouched for. One that is not is looked up and judged
///   here, and the proxy is asked for its address: where this server cannot look up names, or the proxy
///   takes no addresses, such a host cannot be reached.
/// * Nothing is kept from one fetch to the next, and nothing is shared: it may be used by any number of
///   threads, and after a fork. The calling thread does all the work but for the look-up of a name, which
///   has a thread of its own. That is gone when the look-up is, at the latest when the system gives it up.
pub struct HttpFetch {
    roots: Roots,
    proxy: Option<Proxy>,
    config: Config,
}

impl HttpFetch {
    /// Opens nothing and connects to nothing yet.
    ///
    /// # Errors
    /// `config_invalid` naming `ca_bundle`, where that is no PEM text of certificates that can be an
    /// authority's, or `proxy`, where that is no URL of a proxy.
    pub fn new(options: HttpOptions) -> Result<Self> {
        let roots = match options.ca_bundle {
            Some(pem) => Roots::from_pem(&pem).ok_or_else(|| invalid("ca_bundle: not certificates in PEM"))?,
            None => Roots::System,
        };
        let proxy = match options.proxy {
            Some(url) => Some(Proxy::of(&url).ok_or_else(|| invalid("proxy: not an http or https URL of a host"))?),
            None => None,
        };
        Ok(Self { roots, proxy, config: agent::config() })
    }
}

impl fmt::Debug for HttpFetch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpFetch").field("proxy", &self.proxy.is_some()).finish_non_exhaustive()
    }
}

impl Fetch for HttpFetch {
    fn fetch(&self, request: &FetchRequest) -> Result<FetchResponse, FetchFailure> {
        let deadline = Instant::now() + request.timeout.min(LONGEST);
        let (uri, target) = server(&request.url).ok_or(FetchFailure::Forbidden)?;
        let way = Way {
            deadline,
            connect_timeout: request.connect_timeout.min(LONGEST),
            longest: request.max_body_bytes,
            trusted_host: request.trusted_host,
            // What is reached over plain http is on this machine.
            proxy: self.proxy.clone().filter(|_| target.tls),
            target,
            roots: self.roots.clone(),
        };

        // Whoever keeps no connection has to say so (RFC 9112 §9.3).
        let mut wanted = Wanted::builder().method(request.method()).uri(uri).header("connection", "close");
        for (name, value) in &request.headers {
            wanted = wanted.header(name, value);
        }
        let agent = way.agent(self.config.clone());
        let response = match &request.body {
            None => agent.run(wanted.body(()).map_err(|_| FetchFailure::Forbidden)?),
            Some(body) => agent.run(wanted.body(body.as_slice()).map_err(|_| FetchFailure::Forbidden)?),
        };
        let response = response.map_err(|error| reason(&error))?;

        let longest = request.max_body_bytes as u64;
        if response.body().content_length().is_some_and(|length| length > longest) {
            return Err(FetchFailure::TooLarge);
        }
        let mut fetched = FetchResponse::new(response.status().as_u16(), Vec::new());
        for (name, value) in response.headers() {
            // What is no text is nothing that anybody asks for.
            if let Ok(value) = value.to_str() {
                fetched = fetched.header(name.as_str(), value);
            }
        }
        let mut body = response.into_body().into_with_config().limit(longest).reader();
        body.read_to_end(&mut fetched.body).map_err(|error| reason(&Error::from(error)))?;
        Ok(fetched)
    }
}

/// The server of a URL that holds no credentials.
fn server(url: &str) -> Option<(Uri, Target)> {
    let uri: Uri = url.parse().ok()?;
    let target = Target::of(&uri)?;
    (!uri.authority()?.as_str().contains('@')).then_some((uri, target))
}

/// Why an exchange failed: what our connection said, or else what `ureq` made of it.
fn reason(error: &Error) -> FetchFailure {
    match error {
        Error::Other(told) => told.downcast_ref().copied().unwrap_or(FetchFailure::Broken),
        Error::BodyExceedsLimit(_) => FetchFailure::TooLarge,
        // The URL was good, so it is a header field that cannot be sent.
        Error::Http(_) => FetchFailure::Forbidden,
        _ => FetchFailure::Broken,
    }
}

/// The proxy through which servers are reached.
#[derive(Clone)]
struct Proxy {
    target: Target,
    /// User and password as `Proxy-Authorization` has them (RFC 7617 §2).
    credentials: Option<String>,
}

impl Proxy {
    fn of(url: &str) -> Option<Self> {
        let uri: Uri = url.parse().ok()?;
        let target = Target::of(&uri)?;
        if !matches!(uri.path(), "" | "/") || uri.query().is_some() {
            return None;
        }
        // It decodes user and password.
        let given = ureq::Proxy::new(url).ok()?;
        let credentials = given.username().map(|user| {
            base64_simd::STANDARD.encode_to_string(format!("{user}:{}", given.password().unwrap_or_default()))
        });
        Some(Self { target, credentials })
    }
}

/// Longer than anybody waits, and short enough for every clock.
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);
