//! The HTTP client, against servers that behave and servers that do not (T155 to T160, T169 to T172, T219).
//! All of them listen on loopback.

#![allow(clippy::unwrap_used, reason = "a test that meets the unexpected fails, and should")]

mod authority;
mod faults;
mod options;
mod plain;
mod process;
mod proxies;
mod server;
mod tls;

use std::time::{Duration, Instant};

use at9068::{Fetch as _, FetchFailure, FetchRequest, FetchResponse, HttpFetch, HttpOptions};

type Fetched = Result<FetchResponse, FetchFailure>;

/// What tests wait at most for a server that keeps them waiting.
const SHORT: Duration = Duration::from_millis(400);

fn client() -> HttpFetch {
    HttpFetch::new(HttpOptions::new()).unwrap()
}

fn fetch(url: &str) -> Fetched {
    client().fetch(&FetchRequest::new(url))
}

/// With little patience.
fn fetch_soon(url: &str) -> Fetched {
    let mut request = FetchRequest::new(url);
    request.timeout = SHORT;
    client().fetch(&request)
}

/// How a fetch ended, and that it did so about when it should: not before the first moment, but for the
/// grain of the system's timers, and not long after the second.
fn timed(from: Duration, to: Duration, fetch: impl FnOnce() -> Fetched) -> Fetched {
    let started = Instant::now();
    let fetched = fetch();
    let took = started.elapsed();
    assert!(from <= took + Duration::from_millis(10) && took < to + Duration::from_secs(2), "took {took:?}");
    fetched
}
