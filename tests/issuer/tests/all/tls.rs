//! TLS, good and bad.

use std::io::{self, Read as _, Write as _};
use std::net::TcpStream;
use std::sync::{Arc, OnceLock};

use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{CertificateError, ClientConfig, ClientConnection, Error, RootCertStore, StreamOwned};
use serde_json::json;

use crate::common::{Answer, Case, Program, connect, read_until_silence};

fn program() -> &'static Program {
    static PROGRAM: OnceLock<Program> = OnceLock::new();
    PROGRAM.get_or_init(|| Program::start(&["--tls"]))
}

/// A client that trusts the private authority and nobody else.
fn client(url: &str, name: &str) -> io::Result<StreamOwned<ClientConnection, TcpStream>> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(program().text("ca")).unwrap()).unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from(name.to_owned()).unwrap();
    let mut tcp = connect(url);
    let mut tls = ClientConnection::new(Arc::new(config), name).unwrap();
    while tls.is_handshaking() {
        tls.complete_io(&mut tcp)?;
    }
    Ok(StreamOwned::new(tls, tcp))
}

fn get(tls: &mut StreamOwned<ClientConnection, TcpStream>, target: &str) -> io::Result<Vec<u8>> {
    tls.write_all(format!("GET {target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").as_bytes())?;
    let mut octets = Vec::new();
    tls.read_to_end(&mut octets)?;
    Ok(octets)
}

/// Why a client refuses a port.
fn refusal(flaw: &str) -> Error {
    let url = program().announcement["tls_faults"][flaw].as_str().unwrap();
    assert!(url.starts_with("https://localhost:"), "{url}");
    let error = client(url, "localhost").unwrap_err();
    error.into_inner().unwrap().downcast_ref::<Error>().unwrap().clone()
}

#[test]
fn good_certificates_are_good_under_every_name() {
    let case = program().case("good");
    for port in ["issuer", "elsewhere"] {
        for name in ["localhost", "127.0.0.1", "::1"] {
            let url = program().text(port);
            let octets = get(&mut client(url, name).unwrap(), &case.target("oauth")).unwrap();
            assert_eq!(Answer::of(&octets).json()["issuer"], format!("{url}{}", case.path));
        }
    }
    assert!(program().text("plain").starts_with("http://127.0.0.1:"));
    assert_eq!(case.issuer(), format!("{}{}", program().text("issuer"), case.path));
}

#[test]
fn each_flaw_is_what_it_is_called() {
    let invalid = |error: &Error| match error {
        Error::InvalidCertificate(error) => error.clone(),
        other => panic!("no fault of a certificate: {other}"),
    };
    assert!(matches!(invalid(&refusal("expired")), CertificateError::ExpiredContext { .. }));
    assert!(matches!(invalid(&refusal("not_yet_valid")), CertificateError::NotValidYetContext { .. }));
    assert!(matches!(invalid(&refusal("wrong_host")), CertificateError::NotValidForNameContext { .. }));
    assert_eq!(invalid(&refusal("self_signed")), CertificateError::UnknownIssuer);
    assert_eq!(invalid(&refusal("unknown_ca")), CertificateError::UnknownIssuer);
    assert!(matches!(invalid(&refusal("not_a_server")), CertificateError::InvalidPurposeContext { .. }));
    let constraint = format!("{:?}", refusal("name_constraints"));
    assert!(constraint.contains("NameConstraintViolation"), "{constraint}");
    let version = refusal("tls10");
    assert!(matches!(version, Error::PeerIncompatible(_)), "{version:?}");
    let no_tls = refusal("no_tls");
    assert!(matches!(no_tls, Error::InvalidMessage(_)), "{no_tls:?}");
    let chain = refusal("huge_chain");
    assert!(matches!(chain, Error::InvalidMessage(_)), "{chain:?}");
    let named = program().announcement["tls_faults"].as_object().unwrap();
    let kinds = program().told("/", json!({"op": "kinds"}));
    let mut kinds: Vec<_> = kinds["tls_faults"].as_array().unwrap().iter().map(|kind| kind.as_str().unwrap()).collect();
    kinds.sort_unstable();
    assert_eq!(named.keys().collect::<Vec<_>>(), kinds);
}

#[test]
fn a_closed_port_ends_the_handshake() {
    let url = program().announcement["tls_faults"]["closed"].as_str().unwrap();
    assert_eq!(client(url, "localhost").unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
}

#[test]
fn a_stalled_port_says_nothing() {
    let url = program().announcement["tls_faults"]["stalled"].as_str().unwrap();
    let mut tcp = connect(url);
    tcp.write_all(b"\x16\x03\x01\x00\x05hello").unwrap();
    assert_eq!(read_until_silence(&mut tcp, 0), b"");
}

#[test]
fn who_trusts_a_flawed_port_all_the_same_finds_the_same_issuers() {
    let case = program().case("overlooked");
    let url = program().announcement["tls_faults"]["wrong_host"].as_str().unwrap();
    // A client that looks for the name which the certificate has.
    let octets = get(&mut client(url, "other.example").unwrap(), &case.target("oauth")).unwrap();
    assert_eq!(Answer::of(&octets).json()["issuer"], format!("{url}{}", case.path));
    let seen = case.requests();
    assert_eq!((&seen["documents"]["oauth"], &seen["requests"][0]["port"]), (&1.into(), &"wrong_host".into()));
    let before = &seen["ports"]["expired"];
    refusal("expired");
    let later = |name: &str| case.requests()["ports"]["expired"][name].as_u64().unwrap();
    while later("given_up") == before["given_up"].as_u64().unwrap() {}
    assert!(later("connections") > before["connections"].as_u64().unwrap());
}

/// What a client reads that does not forgive an end without notice.
fn ended(case: &Case<'_>) -> io::Result<Vec<u8>> {
    get(&mut client(program().text("issuer"), "localhost").unwrap(), &case.target("jwks"))
}

#[test]
fn answers_break_off_under_tls_too() {
    let case = program().case("cut");
    assert_eq!(Answer::of(&ended(&case).unwrap()).status, 200);
    case.behave(json!({"framing": "close"}));
    ended(&case).unwrap();
    for point in ["before_head", "in_head", "after_head", "in_body"] {
        case.behave(json!({"close": point}));
        assert_eq!(ended(&case).unwrap_err().kind(), io::ErrorKind::UnexpectedEof, "{point}");
    }
}

#[test]
fn a_client_without_the_authority_says_so() {
    let mut tcp = connect(program().text("issuer"));
    let config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(RootCertStore::empty())
        .with_no_client_auth();
    let mut tls = ClientConnection::new(Arc::new(config), ServerName::try_from("localhost").unwrap()).unwrap();
    let error = loop {
        match tls.complete_io(&mut tcp) {
            Ok(_) => assert!(tls.is_handshaking(), "nobody vouched for it"),
            Err(error) => break error,
        }
    };
    let error = error.into_inner().unwrap();
    let expected = Error::InvalidCertificate(CertificateError::UnknownIssuer);
    assert_eq!(error.downcast_ref::<Error>(), Some(&expected));
}
