//! A private authority, one good certificate, and what may be wrong with certificates and handshakes.

use std::io::{self, Read as _, Write as _};
use std::net::TcpStream;
use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, GeneralSubtree, IsCa,
    KeyPair, KeyUsagePurpose, NameConstraints, date_time_ymd,
};
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use serde::Serialize;
use serde_json::Value;

use crate::fault::Unstarted;
use crate::stream::{Stream, hang};

/// The names under which every port is reached.
const NAMES: [&str; 3] = ["localhost", "127.0.0.1", "::1"];
/// A name that is none of them.
const OTHER_NAME: &str = "other.example";
/// So many certificates are more than any server needs.
const HUGE_CHAIN: usize = 300;
/// What is wrong with a port.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Flaw {
    Expired,
    NotYetValid,
    WrongHost,
    SelfSigned,
    UnknownCa,
    /// The certificate is one of clients.
    NotAServer,
    /// An authority in between may only vouch for other names.
    NameConstraints,
    HugeChain,
    /// The server knows TLS 1.0 only.
    Tls10,
    /// The server does not speak TLS.
    NoTls,
    /// The connection ends where the server's part of the handshake would begin.
    Closed,
    /// The server says nothing.
    Stalled,
}

impl Flaw {
    /// Every flaw.
    pub(crate) const ALL: [Self; 12] = [
        Self::Expired,
        Self::NotYetValid,
        Self::WrongHost,
        Self::SelfSigned,
        Self::UnknownCa,
        Self::NotAServer,
        Self::NameConstraints,
        Self::HugeChain,
        Self::Tls10,
        Self::NoTls,
        Self::Closed,
        Self::Stalled,
    ];

    /// The name, as the first line has it.
    pub(crate) fn name(self) -> String {
        serde_json::to_value(self).ok().as_ref().and_then(Value::as_str).unwrap_or_default().to_owned()
    }
}

/// How a port receives its connections.
#[derive(Clone)]
pub(crate) enum Reception {
    Plain,
    Tls(Arc<ServerConfig>),
    Tls10,
    NoTls,
    Closed,
    Stalled,
}

impl Reception {
    /// A connection over which requests can be read, unless there is none or the client refuses it.
    pub(crate) fn receive(&self, mut tcp: TcpStream) -> io::Result<Option<Box<dyn Stream>>> {
        match self {
            Self::Plain => Ok(Some(Box::new(tcp))),
            Self::Tls(config) => {
                let mut connection = ServerConnection::new(Arc::clone(config)).map_err(io::Error::other)?;
                while connection.is_handshaking() {
                    connection.complete_io(&mut tcp)?;
                }
                Ok(Some(Box::new(StreamOwned::new(connection, tcp))))
            }
            Self::Tls10 => {
                // The first record of the client, at least in part.
                let _ = tcp.read(&mut [0; 4096])?;
                tcp.write_all(&server_hello_of_tls10())?;
                hang(&mut tcp);
                Ok(None)
            }
            Self::NoTls => {
                let _ = tcp.read(&mut [0; 4096])?;
                tcp.write_all(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")?;
                tcp.end()?;
                hang(&mut tcp);
                Ok(None)
            }
            Self::Closed => {
                let _ = tcp.read(&mut [0; 4096])?;
                Ok(None)
            }
            Self::Stalled => {
                hang(&mut tcp);
                Ok(None)
            }
        }
    }
}

/// What a server answers that knows no protocol later than TLS 1.0 (RFC 2246 §7.4.1.3).
fn server_hello_of_tls10() -> Vec<u8> {
    let record = [0x16, 3, 1, 0, 42];
    let handshake = [2, 0, 0, 38];
    let version = [3, 1];
    let random = [0x5a; 32];
    let no_session = [0];
    let rsa_with_aes_128_cbc_sha = [0, 0x2f];
    let no_compression = [0];
    [&record[..], &handshake, &version, &random, &no_session, &rsa_with_aes_128_cbc_sha, &no_compression].concat()
}

/// The private authority.
pub(crate) struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    stranger: CertifiedIssuer<'static, KeyPair>,
}

impl Authority {
    pub(crate) fn new() -> Result<Self, Unstarted> {
        Ok(Self { issuer: authority("at9068 test issuer, TEST ONLY")?, stranger: authority("unknown, TEST ONLY")? })
    }

    /// Its certificate.
    pub(crate) fn pem(&self) -> String {
        self.issuer.pem()
    }

    /// A port whose certificate is good.
    pub(crate) fn good(&self) -> Result<Reception, Unstarted> {
        let key = KeyPair::generate()?;
        let leaf = leaf()?.signed_by(&key, &self.issuer)?;
        reception(vec![leaf.der().clone()], &key)
    }

    /// A port with a flaw.
    pub(crate) fn flawed(&self, flaw: Flaw) -> Result<Reception, Unstarted> {
        let key = KeyPair::generate()?;
        let mut params = leaf()?;
        let chain = match flaw {
            Flaw::Tls10 => return Ok(Reception::Tls10),
            Flaw::NoTls => return Ok(Reception::NoTls),
            Flaw::Closed => return Ok(Reception::Closed),
            Flaw::Stalled => return Ok(Reception::Stalled),
            Flaw::SelfSigned => vec![params.self_signed(&key)?.der().clone()],
            Flaw::UnknownCa => vec![params.signed_by(&key, &self.stranger)?.der().clone()],
            Flaw::NameConstraints => {
                let mut between = authority_params("constrained, TEST ONLY");
                let permitted_subtrees = vec![GeneralSubtree::DnsName(OTHER_NAME.to_owned())];
                between.name_constraints = Some(NameConstraints { permitted_subtrees, excluded_subtrees: Vec::new() });
                let between = CertifiedIssuer::signed_by(between, KeyPair::generate()?, &self.issuer)?;
                vec![params.signed_by(&key, &between)?.der().clone(), between.der().clone()]
            }
            Flaw::HugeChain => {
                let mut chain = vec![params.signed_by(&key, &self.issuer)?.der().clone()];
                chain.extend((0..HUGE_CHAIN).map(|_| self.issuer.der().clone()));
                chain
            }
            Flaw::Expired | Flaw::NotYetValid | Flaw::WrongHost | Flaw::NotAServer => {
                match flaw {
                    Flaw::Expired => params.not_after = date_time_ymd(2021, 1, 1),
                    Flaw::NotYetValid => params.not_before = date_time_ymd(2990, 1, 1),
                    Flaw::WrongHost => params.subject_alt_names = named(&[OTHER_NAME])?.subject_alt_names,
                    _ => params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth],
                }
                vec![params.signed_by(&key, &self.issuer)?.der().clone()]
            }
        };
        reception(chain, &key)
    }
}

fn authority(name: &str) -> Result<CertifiedIssuer<'static, KeyPair>, Unstarted> {
    Ok(CertifiedIssuer::self_signed(authority_params(name), KeyPair::generate()?)?)
}

fn authority_params(name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    (params.not_before, params.not_after) = (date_time_ymd(2020, 1, 1), date_time_ymd(3000, 1, 1));
    params.use_authority_key_identifier_extension = true;
    params
}

/// A faultless certificate, not yet signed.
fn leaf() -> Result<CertificateParams, Unstarted> {
    let mut params = named(&NAMES)?;
    params.distinguished_name.push(DnType::CommonName, "at9068 test issuer");
    params.is_ca = IsCa::ExplicitNoCa;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    (params.not_before, params.not_after) = (date_time_ymd(2020, 1, 1), date_time_ymd(3000, 1, 1));
    params.use_authority_key_identifier_extension = true;
    Ok(params)
}

fn named(names: &[&str]) -> Result<CertificateParams, Unstarted> {
    Ok(CertificateParams::new(names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>())?)
}

fn reception(chain: Vec<CertificateDer<'static>>, key: &KeyPair) -> Result<Reception, Unstarted> {
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let mut config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, key)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Reception::Tls(Arc::new(config)))
}
