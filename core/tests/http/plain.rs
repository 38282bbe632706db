//! What is sent, and what is made of responses that are in order.

use std::net::TcpListener;
use std::sync::mpsc;
use std::time::Duration;

use at9068::{Fetch as _, FetchFailure, FetchRequest, VERSION};

use crate::server::{Server, finish, request, response};
use crate::{client, fetch, fetch_soon};

#[test]
fn a_document_is_fetched_with_its_fields() {
    let server = Server::saying(response(
        "200 OK",
        "Content-Type: application/json\r\nETag: \"a\"\r\nCache-Control: max-age=60\r\nCache-Control: private\r\n",
        "{\"keys\":[]}",
    ));
    let fetched = fetch(&server.url()).unwrap();
    assert_eq!((fetched.status, fetched.body.as_slice()), (200, b"{\"keys\":[]}".as_slice()));
    let field = |name: &str| {
        let fields = fetched.headers.iter().filter(|(given, _)| given == name);
        fields.map(|(_, value)| value.clone()).collect::<Vec<_>>()
    };
    assert_eq!(field("content-type"), ["application/json"]);
    assert_eq!(field("etag"), ["\"a\""]);
    assert_eq!(field("cache-control"), ["max-age=60", "private"]);
    assert_eq!(field("content-length"), ["11"]);
}

#[test]
fn nothing_is_sent_that_was_not_asked_for() {
    let (sender, receiver) = mpsc::channel();
    let server = Server::start(move |mut stream| {
        sender.send(request(&mut stream)).unwrap();
        finish(stream, response("200 OK", "Set-Cookie: a=b\r\n", "").as_bytes());
    });
    let fetcher = client();
    let mut asked = FetchRequest::new(format!("{}?a=b&c=%20#fragment", server.url()));
    asked.headers = vec![("Accept".into(), "application/json".into()), ("If-None-Match".into(), "\"a\"".into())];
    for _ in 0..2 {
        fetcher.fetch(&asked).unwrap();
        let head = receiver.recv().unwrap();
        let (line, fields) = head.split_once("\r\n").unwrap();
        assert_eq!(line, "GET /jwks?a=b&c=%20 HTTP/1.1");
        let mut fields: Vec<String> = fields.trim_end().split("\r\n").map(str::to_ascii_lowercase).collect();
        fields.sort();
        let expected = [
            "accept: application/json".to_owned(),
            "connection: close".to_owned(),
            format!("host: 127.0.0.1:{}", server.port),
            "if-none-match: \"a\"".to_owned(),
            format!("user-agent: at9068/{VERSION}"),
        ];
        assert_eq!(fields, expected);
    }
    fetcher.fetch(&FetchRequest::new(server.url())).unwrap();
    assert_eq!(receiver.recv().unwrap().trim_end().split("\r\n").count(), 4);
    assert_eq!(server.connections(), 3);
}

/// Every status is a response; whether it is a good one is not for the client to say.
#[test]
fn every_status_is_a_response() {
    for status in [200, 201, 299, 400, 401, 403, 404, 429, 500, 503, 599, 600, 999] {
        let server = Server::saying(response(&format!("{status} X"), "Retry-After: 5\r\n", "body"));
        let fetched = fetch(&server.url()).unwrap();
        assert_eq!((fetched.status, fetched.body.as_slice()), (status, b"body".as_slice()));
    }
    // These have no body, whatever length they tell.
    for status in [204, 304] {
        let server = Server::saying(format!("HTTP/1.1 {status} X\r\nContent-Length: 999999999\r\nETag: \"a\"\r\n\r\n"));
        let fetched = fetch(&server.url()).unwrap();
        assert_eq!((fetched.status, fetched.body.len()), (status, 0));
    }
}

/// T158.
#[test]
fn a_redirect_is_a_response_and_not_followed() {
    let other = Server::saying(response("200 OK", "", "other"));
    let places = [other.url(), "file:///etc/passwd".into(), "/jwks".into(), "//127.0.0.1/".into(), "\u{fc}".into()];
    for status in [300, 301, 302, 303, 307, 308] {
        for place in &places {
            let server =
                Server::saying(response(&format!("{status} Moved"), &format!("Location: {place}\r\n"), "elsewhere"));
            let fetched = fetch(&server.url()).unwrap();
            assert_eq!((fetched.status, fetched.body.as_slice()), (status, b"elsewhere".as_slice()), "{place}");
            assert_eq!(server.connections(), 1);
        }
    }
    assert_eq!(other.connections(), 0);
}

#[test]
fn bodies_may_be_cut_into_chunks_or_end_with_the_connection() {
    for (said, body) in [
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n{\"a\r\n4\r\n\":1}\r\n0\r\n\r\n", "{\"a\":1}"),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n2;x=y\r\n{}\r\n0\r\nTrailer: x\r\n\r\n", "{}"),
        ("HTTP/1.1 200 OK\r\n\r\n{}", "{}"),
        ("HTTP/1.0 200 OK\r\n\r\n{}", "{}"),
        ("HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\n{}", "{}"),
        ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}and more", "{}"),
        ("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", ""),
        ("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\n\r\n{}", "{}"),
    ] {
        let server = Server::saying(said);
        let fetched = fetch(&server.url()).unwrap();
        assert_eq!((fetched.status, String::from_utf8(fetched.body).unwrap().as_str()), (200, body), "{said}");
    }
}

/// T155: a body is given as it was sent. Nothing was offered, so nothing is unpacked.
#[test]
fn bodies_are_not_unpacked() {
    let packed = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff";
    let mut said = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 10\r\n\r\n".to_vec();
    said.extend(packed);
    let server = Server::saying(said);
    assert_eq!(fetch(&server.url()).unwrap().body, packed);
    let server = Server::saying(response("200 OK", "Content-Type: text/plain; charset=utf-16\r\n", "\u{feff}{}"));
    assert_eq!(fetch(&server.url()).unwrap().body, "\u{feff}{}".as_bytes());
}

#[test]
fn fields_that_are_no_text_are_left_out() {
    let server = Server::saying(b"HTTP/1.1 200 OK\r\nETag: \"\xfc\"\r\nX: y\r\nContent-Length: 0\r\n\r\n".as_slice());
    let fetched = fetch(&server.url()).unwrap();
    assert_eq!(fetched.headers.first().unwrap(), &("x".to_owned(), "y".to_owned()));
    assert!(!fetched.headers.iter().any(|(name, _)| name == "etag"));
}

/// The server says that it would go on, and sees that the client does not.
#[test]
fn no_connection_is_kept() {
    let (sender, receiver) = mpsc::channel();
    let server = Server::start(move |mut stream| {
        use std::io::{Read as _, Write as _};
        request(&mut stream);
        stream.write_all(response("200 OK", "Connection: keep-alive\r\n", "{}").as_bytes()).unwrap();
        sender.send(stream.read(&mut [0])).unwrap();
    });
    let fetcher = client();
    for _ in 0..3 {
        assert_eq!(fetcher.fetch(&FetchRequest::new(server.url())).unwrap().body, b"{}");
        assert_eq!(receiver.recv_timeout(Duration::from_secs(5)).unwrap().unwrap(), 0);
    }
    assert_eq!(server.connections(), 3);
}

#[test]
fn what_does_not_answer_cannot_be_connected_to() {
    // A port that was free a moment ago.
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    assert_eq!(fetch(&format!("http://127.0.0.1:{port}/")), Err(FetchFailure::Connect));
}

#[test]
fn a_name_without_an_address_does_not_resolve() {
    // Such names cannot be, so that no network is asked for them.
    for host in ["a..b", &format!("{}.example", "a".repeat(64))] {
        assert_eq!(fetch(&format!("https://{host}/")), Err(FetchFailure::Resolve), "{host}");
    }
}

/// T159, T160: by what it says, and by where it leads.
#[test]
fn what_is_no_https_url_is_forbidden() {
    for url in [
        "",
        "jwks",
        "/jwks",
        "ftp://as.example/",
        "file:///etc/passwd",
        "data:application/json,{}",
        "unix:///run/as",
        "gopher://as.example/",
        "https://",
        "https:///jwks",
        "https://as.example:99999/",
        "https://user@as.example/",
        "https://user:password@as.example/",
        "https://as.example\r\nHost: evil.example/",
        "https://as.example/\r\nX: y",
        "https://as.example/ x",
        // Plain http is for this machine alone.
        "http://192.0.2.1/",
        "http://[2001:db8::1]/",
        "http://0.0.0.0/",
        "http://[::]/",
    ] {
        assert_eq!(fetch_soon(url), Err(FetchFailure::Forbidden), "{url:?}");
    }
}

/// T160: nobody vouches for the host, and it is an inner one, however that is written.
#[test]
fn a_host_that_is_not_vouched_for_must_be_public() {
    let server = Server::saying(response("200 OK", "", "inner"));
    let fetcher = client();
    for host in [
        "127.0.0.1",
        "localhost",
        "LOCALHOST",
        "127.1",
        "0x7f.1",
        "0x7f000001",
        "2130706433",
        "017700000001",
        "0.0.0.0",
        "0",
        "[::1]",
        "[::]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[::127.0.0.1]",
        "[64:ff9b::127.0.0.1]",
        "[2002:7f00:1::]",
        "10.0.0.1",
        "192.168.1.1",
        "172.16.0.1",
        "100.64.0.1",
        "169.254.169.254",
        "[fd00:ec2::254]",
        "[fe80::1]",
    ] {
        for scheme in ["http", "https"] {
            let mut request = FetchRequest::new(format!("{scheme}://{host}:{}/", server.port));
            request.trusted_host = false;
            assert_eq!(fetcher.fetch(&request), Err(FetchFailure::Forbidden), "{scheme} {host}");
        }
    }
    assert_eq!(server.connections(), 0);
    assert_eq!(fetch(&server.url()).unwrap().body, b"inner");
}

#[test]
fn a_field_that_cannot_be_sent_is_forbidden() {
    let server = Server::saying(response("200 OK", "", ""));
    for (name, value) in [("X", "a\r\nY: b"), ("X", "a\0"), ("X Y", "a"), ("", "a"), ("X:", "a")] {
        let mut request = FetchRequest::new(server.url());
        request.headers = vec![(name.into(), value.into())];
        let fetched = client().fetch(&request);
        assert_eq!(fetched, Err(FetchFailure::Forbidden), "{name:?} {value:?}");
    }
    assert_eq!(server.connections(), 0);
}
