//! T170: a proxy that was configured.

use std::io::{self, Write as _};
use std::net::{Ipv4Addr, TcpStream};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::Duration;

use at9068::{Fetch as _, FetchFailure, FetchRequest, HttpFetch, HttpOptions};
use rustls::version::{TLS12, TLS13};

use crate::authority::{Authority, LOOPBACK, accept, https, named};
use crate::server::{Server, finish, repeat, request, response};
use crate::{Fetched, SHORT, timed};

fn fetcher(authority: &Authority, proxy: &str) -> HttpFetch {
    HttpFetch::new(HttpOptions::new().ca_bundle(authority.pem()).proxy(proxy)).unwrap()
}

/// A proxy that connects to a port of this machine, whatever it is asked for, and tells what that was.
fn proxy(port: u16) -> (Server, Receiver<String>) {
    let (sender, receiver) = mpsc::channel();
    let server = Server::start(move |mut stream| {
        sender.send(request(&mut stream)).unwrap();
        stream.write_all(b"HTTP/1.1 200 Connection established\r\nVia: x\r\n\r\n").unwrap();
        relay(stream, port);
    });
    (server, receiver)
}

fn relay(client: TcpStream, port: u16) {
    let server = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).unwrap();
    let (mut from, mut to) = (client.try_clone().unwrap(), server.try_clone().unwrap());
    thread::spawn(move || {
        let _ = io::copy(&mut from, &mut to);
        let _ = to.shutdown(std::net::Shutdown::Write);
    });
    let (mut from, mut to) = (server, client);
    let _ = io::copy(&mut from, &mut to);
    let _ = to.shutdown(std::net::Shutdown::Write);
}

#[test]
fn https_goes_through_the_proxy_and_is_verified_behind_it() {
    let authority = Authority::new();
    let server = authority.server(response("200 OK", "", "{}"));
    let (proxy, asked) = proxy(server.port);
    let url = format!("http://127.0.0.1:{}", proxy.port);
    let fetched = fetcher(&authority, &url).fetch(&FetchRequest::new("https://localhost:1/")).unwrap();
    assert_eq!(fetched.body, b"{}");
    assert_eq!(asked.recv().unwrap(), "CONNECT localhost:1 HTTP/1.1\r\nHost: localhost:1\r\n\r\n");

    // The name is for the proxy to look up, and for the certificate to have.
    let fetched = fetcher(&authority, &url).fetch(&FetchRequest::new("https://other.invalid/"));
    assert_eq!(fetched, Err(FetchFailure::Tls));
    assert!(asked.recv().unwrap().starts_with("CONNECT other.invalid:443 HTTP/1.1\r\n"));
    assert_eq!((proxy.connections(), server.connections()), (2, 2));
}

#[test]
fn the_proxy_is_told_who_asks() {
    let authority = Authority::new();
    let server = authority.server(response("200 OK", "", "{}"));
    let (proxy, asked) = proxy(server.port);
    for (user, credentials) in
        [("user:pass%20word", "dXNlcjpwYXNzIHdvcmQ="), ("user", "dXNlcjo="), ("%C3%BC:%2B%3A%40", "w7w6KzpA")]
    {
        let fetcher = fetcher(&authority, &format!("http://{user}@127.0.0.1:{}/", proxy.port));
        fetcher.fetch(&FetchRequest::new(https(&server))).unwrap();
        let head = asked.recv().unwrap();
        let told: Vec<&str> = head.split("\r\n").filter(|line| line.starts_with("Proxy-")).collect();
        assert_eq!(told, [format!("Proxy-Authorization: Basic {credentials}")]);
    }
}

/// TLS to the proxy, and TLS to the server through it.
#[test]
fn the_proxy_may_speak_tls() {
    let authority = Authority::new();
    let server = authority.server(response("200 OK", "", &"x".repeat(100_000)));
    let config = authority.certify(&named(LOOPBACK)).config(&[&TLS12, &TLS13]);
    let port = server.port;
    let proxy = Server::start(move |stream| {
        let mut stream = accept(&config, stream).unwrap();
        assert!(request(&mut stream).starts_with("CONNECT "));
        stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").unwrap();
        let mut server = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).unwrap();
        // In turns, as often as it takes: what one side has to say for a moment goes to the other.
        stream.sock.set_read_timeout(Some(Duration::from_millis(20))).unwrap();
        server.set_read_timeout(Some(Duration::from_millis(20))).unwrap();
        for _ in 0..50 {
            let _ = io::copy(&mut stream, &mut server);
            let _ = io::copy(&mut server, &mut stream);
        }
    });
    let fetcher = fetcher(&authority, &format!("https://localhost:{}", proxy.port));
    assert_eq!(fetcher.fetch(&FetchRequest::new(https(&server))).unwrap().body.len(), 100_000);
    assert_eq!((proxy.connections(), server.connections()), (1, 1));
    // The proxy's own certificate is verified too.
    let stranger = Authority::new().server("");
    let url = format!("https://localhost:{}", stranger.port);
    let fetched = self::fetcher(&authority, &url).fetch(&FetchRequest::new(https(&server)));
    assert_eq!(fetched, Err(FetchFailure::Tls));
    assert_eq!((stranger.connections(), server.connections()), (1, 1));
}

/// Which is reached from here alone.
#[test]
fn plain_http_to_this_machine_does_not_go_through_the_proxy() {
    let server = Server::saying(response("200 OK", "", "{}"));
    let (proxy, _) = proxy(server.port);
    let fetcher = fetcher(&Authority::new(), &format!("http://127.0.0.1:{}", proxy.port));
    assert_eq!(fetcher.fetch(&FetchRequest::new(server.url())).unwrap().body, b"{}");
    let fetched = fetcher.fetch(&FetchRequest::new("http://192.0.2.1/"));
    assert_eq!((fetched, proxy.connections()), (Err(FetchFailure::Forbidden), 0));
}

/// T160: what nobody vouches for is judged here, and the proxy is asked for the address that was judged.
#[test]
fn a_host_that_is_not_vouched_for_is_judged_before_the_proxy_is_asked() {
    let authority = Authority::new();
    let server = authority.certify(&named(&["93.184.216.34"])).server(response("200 OK", "", "{}"));
    let (proxy, asked) = proxy(server.port);
    let fetcher = fetcher(&authority, &format!("http://127.0.0.1:{}", proxy.port));
    let untrusted = |url: &str| {
        let mut request = FetchRequest::new(url);
        request.trusted_host = false;
        fetcher.fetch(&request)
    };
    for url in ["https://localhost/", "https://127.0.0.1/", "https://[::ffff:10.0.0.1]/", "https://0x7f.1/"] {
        assert_eq!(untrusted(url), Err(FetchFailure::Forbidden), "{url}");
    }
    assert_eq!(proxy.connections(), 0);
    assert_eq!(untrusted("https://93.184.216.34/").unwrap().body, b"{}");
    assert!(asked.recv().unwrap().starts_with("CONNECT 93.184.216.34:443 HTTP/1.1\r\n"));
    // What is no address for us but for the system stands for a name here: the certificate is for none such.
    assert_eq!(untrusted("https://0x5db8d822/"), Err(FetchFailure::Tls));
    assert!(asked.recv().unwrap().starts_with("CONNECT 93.184.216.34:443 HTTP/1.1\r\n"));
}

fn through(serve: impl Fn(TcpStream) + Send + Sync + 'static) -> Fetched {
    let proxy = Server::start(serve);
    let mut asked = FetchRequest::new("https://localhost/");
    asked.timeout = SHORT;
    fetcher(&Authority::new(), &format!("http://127.0.0.1:{}", proxy.port)).fetch(&asked)
}

#[test]
fn a_proxy_that_refuses_or_misbehaves_is_no_way() {
    let saying = |octets: String| {
        through(move |mut stream| {
            request(&mut stream);
            finish(stream, octets.as_bytes());
        })
    };
    for status in ["407 Proxy Authentication Required", "403 Forbidden", "502 Bad Gateway", "302 Found", "100 Go on"] {
        let said = format!("HTTP/1.1 {status}\r\nLocation: http://127.0.0.1/\r\n\r\n");
        assert_eq!(saying(said), Err(FetchFailure::Connect), "{status}");
    }
    for said in ["", "HTTP/1.1 200 OK\r\n", "HTTP/2 200\r\n\r\n", "<html>\r\n\r\n"] {
        assert_eq!(saying(said.to_owned()), Err(FetchFailure::Broken), "{said}");
    }
    assert_eq!(saying("HTTP/1.1 200\r\n\r\n".to_owned()), Err(FetchFailure::Broken), "no server behind it");
    let endless = through(|mut stream| {
        request(&mut stream);
        repeat(stream, b"HTTP/1.1 200 OK\r\nX: y\r\n", Duration::ZERO);
    });
    assert_eq!(endless, Err(FetchFailure::Broken));
    assert_eq!(through(drop), Err(FetchFailure::Broken));
    let dripping = || {
        through(|mut stream| {
            request(&mut stream);
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n");
            repeat(stream, b"X: y\r\n", Duration::from_millis(20));
        })
    };
    assert_eq!(timed(SHORT, SHORT, dripping), Err(FetchFailure::Timeout));
}

#[test]
fn a_proxy_that_is_not_there_is_not_passed_by() {
    let authority = Authority::new();
    let server = authority.server(response("200 OK", "", "{}"));
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let fetched = fetcher(&authority, &format!("http://127.0.0.1:{port}")).fetch(&FetchRequest::new(https(&server)));
    assert_eq!((fetched, server.connections()), (Err(FetchFailure::Connect), 0));
}
