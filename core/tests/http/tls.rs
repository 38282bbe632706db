//! T169, T172: certificates and handshakes that are in order, and those that are not.

use std::io::{Read as _, Write as _};
use std::thread;
use std::time::Duration;

use at9068::{Fetch as _, FetchFailure, FetchRequest, HttpFetch, HttpOptions};
use rcgen::{CertificateParams, ExtendedKeyUsagePurpose, GeneralSubtree, NameConstraints, date_time_ymd};
use rustls::version::{TLS12, TLS13};

use crate::authority::{Authority, Identity, LOOPBACK, accept, finish, https, named};
use crate::server::{Server, request, response};
use crate::{Fetched, SHORT, client, timed};

fn trusting(authority: &Authority) -> HttpFetch {
    HttpFetch::new(HttpOptions::new().ca_bundle(authority.pem())).unwrap()
}

fn fetch(authority: &Authority, url: &str) -> Fetched {
    trusting(authority).fetch(&FetchRequest::new(url))
}

fn document() -> String {
    response("200 OK", "", "{}")
}

#[test]
fn a_certificate_of_the_authority_is_accepted() {
    let authority = Authority::new();
    let server = authority.server(document());
    for host in ["localhost", "127.0.0.1"] {
        let fetched = fetch(&authority, &format!("https://{host}:{}/", server.port)).unwrap();
        assert_eq!((fetched.status, fetched.body.as_slice()), (200, b"{}".as_slice()));
    }
    // Among others, and more than once.
    let bundle = format!("{}{}", Authority::new().pem(), authority.pem());
    let fetcher = HttpFetch::new(HttpOptions::new().ca_bundle(bundle)).unwrap();
    for _ in 0..2 {
        assert_eq!(fetcher.fetch(&FetchRequest::new(https(&server))).unwrap().body, b"{}");
    }
}

#[test]
fn an_authority_in_between_is_accepted() {
    let authority = Authority::new();
    let server = authority.below(None).server(document());
    assert_eq!(fetch(&authority, &https(&server)).unwrap().body, b"{}");
}

#[test]
fn tls_1_2_and_1_3_are_spoken() {
    let authority = Authority::new();
    for version in [&TLS12, &TLS13] {
        let config = authority.certify(&named(LOOPBACK)).config(&[version]);
        let server = Server::start(move |stream| {
            let mut stream = accept(&config, stream).unwrap();
            request(&mut stream);
            let spoken = stream.conn.protocol_version();
            finish(stream, response("200 OK", "", &format!("{spoken:?}")).as_bytes());
        });
        let body = fetch(&authority, &https(&server)).unwrap().body;
        assert_eq!(String::from_utf8(body).unwrap(), format!("Some({:?})", version.version));
    }
}

/// The server hears nothing of the request.
fn is_refused(authority: &Authority, identity: Identity, why: &str) {
    let server = identity.server(document());
    assert_eq!(fetch(authority, &https(&server)), Err(FetchFailure::Tls), "{why}");
    assert_eq!(server.connections(), 1);
}

fn altered(alter: impl FnOnce(&mut CertificateParams)) -> CertificateParams {
    let mut params = named(LOOPBACK);
    alter(&mut params);
    params
}

#[test]
fn certificates_that_are_wrong_are_refused() {
    let authority = Authority::new();
    let certified = |params: &CertificateParams| authority.certify(params);
    let expired = altered(|params| {
        (params.not_before, params.not_after) = (date_time_ymd(2020, 1, 1), date_time_ymd(2021, 1, 1));
    });
    is_refused(&authority, certified(&expired), "expired");
    let later = altered(|params| {
        (params.not_before, params.not_after) = (date_time_ymd(3000, 1, 1), date_time_ymd(3001, 1, 1));
    });
    is_refused(&authority, certified(&later), "not yet valid");
    let client = altered(|params| params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth]);
    is_refused(&authority, certified(&client), "one of clients");
    for names in [["other.example"], ["*.localhost"], ["localhost.example"], ["127.0.0.1"]] {
        is_refused(&authority, certified(&named(&names)), "another host");
    }
    is_refused(&authority, certified(&named(&[])), "no host");
    is_refused(&authority, Identity::self_signed(&named(LOOPBACK)), "self-signed");
    is_refused(&authority, authority.itself(), "the authority's own");
    is_refused(&authority, Authority::new().certify(&named(LOOPBACK)), "unknown authority");
    let elsewhere = NameConstraints {
        permitted_subtrees: vec![GeneralSubtree::DnsName("example".to_owned())],
        excluded_subtrees: Vec::new(),
    };
    is_refused(&authority, authority.below(Some(elsewhere)).certify(&named(LOOPBACK)), "constrained");
    let Identity { chain, .. } = authority.certify(&named(LOOPBACK));
    let Identity { key, .. } = Identity::self_signed(&named(LOOPBACK));
    is_refused(&authority, Identity { chain, key }, "the certificate of another");
}

#[test]
fn an_authority_of_the_system_is_not_one_of_ours() {
    let authority = Authority::new();
    let server = authority.server(document());
    let fetched = client().fetch(&FetchRequest::new(https(&server)));
    assert_eq!(fetched, Err(FetchFailure::Tls));
    assert_eq!(fetch(&Authority::new(), &https(&server)), Err(FetchFailure::Tls));
}

/// What a server says that knows nothing later than TLS 1.1 (RFC 4346 §7.4.1.3), or that wants none of ours.
#[test]
fn older_versions_and_refusals_are_no_tls() {
    let authority = Authority::new();
    for version in [[3, 0], [3, 1], [3, 2]] {
        let mut hello = vec![0x16, 3, 1, 0, 42, 2, 0, 0, 38];
        hello.extend(version);
        hello.extend([0x5a; 32]);
        hello.extend([0, 0xc0, 0x13, 0]);
        let alert = vec![0x15, 3, 1, 0, 2, 2, 70];
        for said in [hello, alert] {
            let server = Server::start(move |mut stream| {
                let _ = stream.read(&mut [0; 4096]);
                crate::server::finish(stream, &said);
            });
            assert_eq!(fetch(&authority, &https(&server)), Err(FetchFailure::Tls), "{version:?}");
        }
    }
    let server = Server::start(|mut stream| {
        let _ = stream.read(&mut [0; 4096]);
        crate::server::finish(stream, b"HTTP/1.1 400 Bad Request\r\n\r\n");
    });
    assert_eq!(fetch(&authority, &https(&server)), Err(FetchFailure::Tls));
}

/// Connecting is over only when TLS is there; so a server that stalls it has as long as that may take.
#[test]
fn a_handshake_that_stalls_ends_in_time() {
    let authority = Authority::new();
    let stalled = Server::start(|_stream| thread::sleep(Duration::from_secs(3)));
    // A record of a length that never comes.
    let dripping = Server::start(|mut stream| {
        let _ = stream.write_all(&[0x16, 3, 3, 0x40, 0]);
        crate::server::repeat(stream, &[2], Duration::from_millis(20));
    });
    let long = Duration::from_secs(30);
    for server in [stalled, dripping] {
        for (timeout, connect_timeout) in [(SHORT, long), (long, SHORT)] {
            let mut request = FetchRequest::new(https(&server));
            (request.timeout, request.connect_timeout) = (timeout, connect_timeout);
            let fetched = timed(SHORT, SHORT, || trusting(&authority).fetch(&request));
            assert_eq!(fetched, Err(FetchFailure::Timeout));
        }
    }
}

#[test]
fn the_deadline_holds_within_tls() {
    let authority = Authority::new();
    for head in ["HTTP/1.1 200 OK\r\nX: ", "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n"] {
        let config = authority.certify(&named(LOOPBACK)).config(&[&TLS13]);
        let server = Server::start(move |stream| {
            let mut stream = accept(&config, stream).unwrap();
            request(&mut stream);
            let _ = stream.write_all(head.as_bytes());
            crate::server::repeat(stream, b"y", Duration::from_millis(20));
        });
        let mut request = FetchRequest::new(https(&server));
        request.timeout = SHORT;
        let fetched = timed(SHORT, SHORT, || trusting(&authority).fetch(&request));
        assert_eq!(fetched, Err(FetchFailure::Timeout));
    }
}

/// Where nothing else tells the end of a body, TLS does; who only hangs up has perhaps been cut off.
#[test]
fn a_body_that_is_cut_off_is_broken() {
    let authority = Authority::new();
    let said = |octets: &'static str, properly: bool| {
        let config = authority.certify(&named(LOOPBACK)).config(&[&TLS12, &TLS13]);
        let server = Server::start(move |stream| {
            let mut stream = accept(&config, stream).unwrap();
            request(&mut stream);
            if properly {
                return finish(stream, octets.as_bytes());
            }
            let _ = stream.write_all(octets.as_bytes());
            crate::server::finish(stream.sock, b"");
        });
        fetch(&authority, &https(&server)).map(|fetched| fetched.body)
    };
    assert_eq!(said("HTTP/1.1 200 OK\r\n\r\n{}", true).unwrap(), b"{}");
    assert_eq!(said("HTTP/1.1 200 OK\r\n\r\n{}", false), Err(FetchFailure::Broken));
    assert_eq!(said("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", false).unwrap(), b"{}");
    for properly in [true, false] {
        assert_eq!(said("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n{}", properly), Err(FetchFailure::Broken));
        assert_eq!(said("HTTP/1.1 200 OK\r\n", properly), Err(FetchFailure::Broken));
    }
}

#[test]
fn a_server_that_closes_instead_of_greeting_is_broken() {
    let authority = Authority::new();
    let server = Server::start(drop);
    assert_eq!(fetch(&authority, &https(&server)), Err(FetchFailure::Broken));
}

/// T220: the handshake is the deepest that a fetch goes.
#[test]
fn a_small_stack_is_enough() {
    let authority = Authority::new();
    let server = authority.server(document());
    let (fetcher, request) = (trusting(&authority), FetchRequest::new(https(&server)));
    let small = thread::Builder::new().stack_size(128 * 1024);
    assert_eq!(small.spawn(move || fetcher.fetch(&request)).unwrap().join().unwrap().unwrap().body, b"{}");
}

#[test]
fn many_threads_share_one_client() {
    let authority = Authority::new();
    let server = authority.server(document());
    let (fetcher, url) = (trusting(&authority), https(&server));
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| assert_eq!(fetcher.fetch(&FetchRequest::new(url.as_str())).unwrap().body, b"{}"));
        }
    });
    assert_eq!(server.connections(), 8);
}
