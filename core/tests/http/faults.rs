//! Servers that are slow, endless, broken or silent.

use std::io::Write as _;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

use at9068::{Fetch as _, FetchFailure, FetchRequest};
use proptest::prelude::*;
use proptest::sample::select;

use crate::server::{Server, finish, repeat, request, response};
use crate::{Fetched, SHORT, client, fetch, fetch_soon, timed};

const EVERY: Duration = Duration::from_millis(20);

/// It took all the time that it was given, and not more.
fn times_out(serve: impl Fn(TcpStream) + Send + Sync + 'static) {
    let server = Server::start(serve);
    assert_eq!(timed(SHORT, SHORT, || fetch_soon(&server.url())), Err(FetchFailure::Timeout));
    assert_eq!(server.connections(), 1);
}

/// T157: each octet comes soon after the one before it, and the last never.
#[test]
fn the_deadline_is_for_everything_together() {
    times_out(|mut stream| {
        request(&mut stream);
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n");
        repeat(stream, b" ", EVERY);
    });
    times_out(|mut stream| {
        request(&mut stream);
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n");
        repeat(stream, b"X: y\r\n", EVERY);
    });
    times_out(|mut stream| {
        request(&mut stream);
        repeat(stream, b"H", Duration::from_secs(3));
    });
    times_out(|mut stream| {
        request(&mut stream);
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
        repeat(stream, b"1\r\n \r\n", EVERY);
    });
    times_out(|mut stream| {
        request(&mut stream);
        repeat(stream, b"HTTP/1.1 103 Early Hints\r\n\r\n", EVERY);
    });
}

#[test]
fn silence_ends_at_the_deadline() {
    // Nothing is said, before or after the head.
    times_out(|mut stream| {
        request(&mut stream);
        thread::sleep(Duration::from_secs(3));
    });
    times_out(|mut stream| {
        request(&mut stream);
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n");
        thread::sleep(Duration::from_secs(3));
    });
    // Nobody accepts: the system has, on behalf of the server.
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    assert_eq!(timed(SHORT, SHORT, || fetch_soon(&url)), Err(FetchFailure::Timeout));
}

/// The queue of a server that accepts nobody is full, so that the system answers no more.
#[test]
fn being_connected_has_a_deadline_of_its_own() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = listener.local_addr().unwrap();
    let mut queue = Vec::new();
    while let Ok(waiting) = TcpStream::connect_timeout(&address, Duration::from_millis(200)) {
        queue.push(waiting);
    }
    let mut request = FetchRequest::new(format!("http://{address}/"));
    request.connect_timeout = SHORT;
    request.timeout = Duration::from_secs(30);
    let fetcher = client();
    assert_eq!(timed(SHORT, SHORT, || fetcher.fetch(&request)), Err(FetchFailure::Timeout));
}

/// It is over when the connection is there, and what comes then has the rest of the time.
#[test]
fn a_response_may_take_longer_than_being_connected() {
    let server = Server::start(|mut stream| {
        request(&mut stream);
        thread::sleep(2 * SHORT);
        finish(stream, response("200 OK", "", "{}").as_bytes());
    });
    let mut request = FetchRequest::new(server.url());
    request.connect_timeout = SHORT;
    assert_eq!(client().fetch(&request).unwrap().body, b"{}");
}

#[test]
fn no_time_and_all_the_time_are_both_in_order() {
    let server = Server::saying(response("200 OK", "", "{}"));
    let fetcher = client();
    let mut request = FetchRequest::new(server.url());
    request.timeout = Duration::ZERO;
    assert_eq!(fetcher.fetch(&request), Err(FetchFailure::Timeout));
    (request.timeout, request.connect_timeout) = (Duration::MAX, Duration::ZERO);
    assert_eq!(fetcher.fetch(&request), Err(FetchFailure::Timeout));
    assert_eq!(server.connections(), 0);
    (request.timeout, request.connect_timeout) = (Duration::MAX, Duration::MAX);
    assert_eq!(fetcher.fetch(&request).unwrap().body, b"{}");
}

fn fetch_at_most(url: &str, octets: usize) -> Fetched {
    let mut request = FetchRequest::new(url);
    request.max_body_bytes = octets;
    client().fetch(&request)
}

/// T156: on both sides of the limit, in each way to end a body.
#[test]
fn a_body_that_is_too_long_is_not_read() {
    let whole = [
        "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n".to_owned() + &" ".repeat(1000),
        "HTTP/1.1 200 OK\r\n\r\n".to_owned() + &" ".repeat(1000),
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".to_owned()
            + &format!("1f4\r\n{0}\r\n1f4\r\n{0}\r\n0\r\n\r\n", " ".repeat(500)),
    ];
    for said in whole {
        let server = Server::saying(said);
        assert_eq!(fetch_at_most(&server.url(), 1000).unwrap().body.len(), 1000);
        assert_eq!(fetch_at_most(&server.url(), 999), Err(FetchFailure::TooLarge));
        assert_eq!(fetch_at_most(&server.url(), 0), Err(FetchFailure::TooLarge));
    }
}

/// What is announced is believed at once: nothing of it needs to be sent.
#[test]
fn an_announced_length_is_enough() {
    for length in ["524289", "1000000000000", "18446744073709551615"] {
        let server = Server::start(move |mut stream| {
            request(&mut stream);
            let _ = stream.write_all(format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n").as_bytes());
            thread::sleep(Duration::from_secs(3));
        });
        let fetched = timed(Duration::ZERO, Duration::ZERO, || fetch(&server.url()));
        assert_eq!(fetched, Err(FetchFailure::TooLarge), "{length}");
    }
}

/// T155, T171: what never ends is too large long before the deadline.
#[test]
fn what_never_ends_is_too_large() {
    const PAGE: [u8; 4096] = [b' '; 4096];
    let endless = |head: &'static str, more: &'static [u8]| {
        let server = Server::start(move |mut stream| {
            request(&mut stream);
            let _ = stream.write_all(head.as_bytes());
            repeat(stream, more, Duration::ZERO);
        });
        timed(Duration::ZERO, Duration::from_secs(2), || fetch(&server.url()))
    };
    assert_eq!(endless("HTTP/1.1 200 OK\r\n\r\n", &PAGE), Err(FetchFailure::TooLarge));
    let chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    assert_eq!(endless(chunked, b"1\r\n \r\n"), Err(FetchFailure::TooLarge));
    assert_eq!(endless(chunked, b"1;extension=1234\r\n \r\n"), Err(FetchFailure::TooLarge));
    let trailing = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n";
    assert_eq!(endless(trailing, b"X: y\r\n"), Err(FetchFailure::TooLarge));
    // Responses before the response: too many at once to be its head, or too many all together.
    for interim in ["HTTP/1.1 103 Early Hints\r\nX: y\r\n\r\n", "HTTP/1.1 100 Continue\r\n\r\n"] {
        let fetched = endless("", interim.as_bytes());
        assert!(matches!(fetched, Err(FetchFailure::TooLarge | FetchFailure::Broken)), "{fetched:?}");
    }
}

fn is_broken(said: impl Into<Vec<u8>>) {
    let said = said.into();
    let shown = String::from_utf8_lossy(said.get(..80).unwrap_or(&said)).into_owned();
    let server = Server::saying(said);
    assert_eq!(fetch(&server.url()), Err(FetchFailure::Broken), "{shown}");
}

#[test]
fn a_response_that_breaks_off_is_broken() {
    is_broken("");
    is_broken("HTTP/1.1 200 OK\r\n");
    is_broken("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n");
    is_broken("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n{}");
    is_broken("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n");
    let chunked = |body: &str| is_broken(format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{body}"));
    chunked("");
    chunked("2");
    chunked("2\r\n{");
    chunked("2\r\n{}");
    chunked("2\r\n{}\r\n");
    chunked("2\r\n{}\r\n0");
    // Broken where the client can tell.
    chunked("2\r\n{}and more\r\n0\r\n\r\n");
    chunked("x\r\n{}\r\n0\r\n\r\n");
    chunked("-2\r\n{}\r\n0\r\n\r\n");
    chunked("\r\n{}\r\n0\r\n\r\n");
    chunked("fffffffffffffffff\r\n{}\r\n0\r\n\r\n");
    chunked(&format!("2;{}\r\n{{}}\r\n0\r\n\r\n", "x".repeat(100_000)));
    chunked(&"0".repeat(100_000));
    is_broken("HTTP/1.1 103 Early Hints\r\n\r\n");
}

#[test]
fn what_is_no_http_is_broken() {
    is_broken("{\"keys\":[]}\r\n\r\n");
    is_broken("<html>\r\n\r\n");
    is_broken("HTTP/2 200\r\n\r\n");
    is_broken("HTTP/1.1 99 Low\r\n\r\n");
    is_broken("HTTP/1.1 2000 High\r\n\r\n");
    is_broken("HTTP/1.1 200 OK\r\nno colon\r\n\r\n");
    is_broken("HTTP/1.1 200 OK\r\nA B: c\r\n\r\n");
    is_broken("HTTP/1.1 200 OK\r\nA: b\r\n c\r\n\r\n");
    is_broken("HTTP/1.1 200 OK\r\nA: \0\r\n\r\n");
    is_broken("HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n");
    is_broken("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n");
    is_broken("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n{}");
    is_broken("HTTP/1.1 200 OK\r\nContent-Length: 18446744073709551616\r\n\r\n");
    is_broken([0_u8; 64 * 1024]);
    is_broken([0xff_u8; 64]);
}

/// T171.
#[test]
fn a_head_has_bounds() {
    let head = |fields: &str| format!("HTTP/1.1 200 OK\r\n{fields}Content-Length: 2\r\n\r\n{{}}");
    let long = |octets: usize| head(&format!("X: {}\r\n", "y".repeat(octets)));
    for (said, body) in [(long(16_000), 2), (long(32_000), 2), (head(&"X: y\r\n".repeat(127)), 2)] {
        assert_eq!(fetch(&Server::saying(said).url()).unwrap().body.len(), body);
    }
    is_broken(long(33_000));
    is_broken(long(1_000_000));
    is_broken(head(&"X: y\r\n".repeat(128)));
    is_broken(head(&"X: y\r\n".repeat(100_000)));
}

#[test]
fn a_connection_that_is_closed_or_reset_is_broken() {
    let server = Server::start(drop);
    assert_eq!(fetch(&server.url()), Err(FetchFailure::Broken));
    // Hung up with the request unread, which resets the connection; also where that would end the body.
    let server = Server::start(|mut stream| {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n{\"keys\":");
        thread::sleep(Duration::from_millis(100));
    });
    assert_eq!(fetch(&server.url()), Err(FetchFailure::Broken));
    let server = Server::start(|stream| finish(stream, b""));
    assert_eq!(fetch(&server.url()), Err(FetchFailure::Broken));
}

/// Pieces of responses, put together as they should not be.
const PIECES: &[&str] = &[
    "HTTP/1.1 200 OK\r\n",
    "HTTP/1.0 200 OK\r\n",
    "HTTP/1.1 100 Continue\r\n\r\n",
    "HTTP/1.1 101 Switching Protocols\r\n",
    "HTTP/1.1 103 Early Hints\r\n",
    "HTTP/1.1 204 No Content\r\n",
    "HTTP/1.1 302 Found\r\n",
    "HTTP/1.1 304 Not Modified\r\n",
    "Content-Length: 2\r\n",
    "Content-Length: 18446744073709551615\r\n",
    "Transfer-Encoding: chunked\r\n",
    "Transfer-Encoding: gzip\r\n",
    "Connection: close, keep-alive\r\n",
    "Content-Type: text/html; charset=\"\r\n",
    "Location: :\r\n",
    "Set-Cookie: a=b\r\n",
    "ETag: \r\n",
    "\r\n",
    "\r",
    "\n",
    ":",
    " ",
    "0\r\n",
    "2\r\n{}\r\n",
    "+2\r\n{}\r\n",
    "ffffffffffffffff\r\n",
    "1;a=b\r\n",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    /// No server makes the client panic, wait when nobody is there, or take more than it should.
    #[test]
    fn whatever_is_said_a_fetch_ends(
        said in prop::collection::vec(
            prop_oneof![
                4 => select(PIECES).prop_map(|piece| piece.as_bytes().to_vec()),
                1 => prop::collection::vec(any::<u8>(), 0..20),
            ],
            0..12,
        ),
        begun in any::<bool>(),
    ) {
        let mut octets = if begun { b"HTTP/1.1 200 OK\r\n".to_vec() } else { Vec::new() };
        octets.extend(said.concat());
        let server = Server::saying(octets.clone());
        match fetch_at_most(&server.url(), 64) {
            Ok(fetched) => prop_assert!(fetched.body.len() <= 64 && fetched.status >= 101 && fetched.status != 103),
            Err(failure) => prop_assert!(matches!(failure, FetchFailure::Broken | FetchFailure::TooLarge)),
        }
    }
}
