//! An authority of our own, and servers with certificates of it.

use std::io::{self, Write as _};
use std::net::TcpStream;
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, NameConstraints};
use rustls::crypto::aws_lc_rs::default_provider;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls::version::{TLS12, TLS13};
use rustls::{ServerConfig, ServerConnection, StreamOwned, SupportedProtocolVersion};

use crate::server::{Server, request};

pub(crate) type Secured = StreamOwned<ServerConnection, TcpStream>;

pub(crate) struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    pub(crate) fn new() -> Self {
        Self(CertifiedIssuer::self_signed(Self::params("TEST ONLY authority"), KeyPair::generate().unwrap()).unwrap())
    }

    /// An authority below this one, which may vouch for what `constraints` permit.
    pub(crate) fn below(&self, constraints: Option<NameConstraints>) -> Self {
        let mut params = Self::params("TEST ONLY authority in between");
        params.name_constraints = constraints;
        Self(CertifiedIssuer::signed_by(params, KeyPair::generate().unwrap(), &self.0).unwrap())
    }

    fn params(name: &str) -> CertificateParams {
        let mut params = named(&[]);
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params
    }

    pub(crate) fn pem(&self) -> String {
        self.0.pem()
    }

    pub(crate) fn key_pem(&self) -> String {
        self.0.key().serialize_pem()
    }

    /// An identity that the authority vouches for, shown with the authority's own certificate.
    pub(crate) fn certify(&self, params: &CertificateParams) -> Identity {
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.0).unwrap();
        Identity { chain: vec![certificate.der().clone(), self.0.der().clone()], key: key.serialize_der() }
    }

    /// Its own certificate, as that of a server.
    pub(crate) fn itself(&self) -> Identity {
        Identity { chain: vec![self.0.der().clone()], key: self.0.key().serialize_der() }
    }

    /// A server that this authority vouches for under the names of loopback, and that responds.
    pub(crate) fn server(&self, response: impl Into<Vec<u8>>) -> Server {
        self.certify(&named(LOOPBACK)).server(response)
    }
}

pub(crate) const LOOPBACK: &[&str] = &["localhost", "127.0.0.1", "::1"];

pub(crate) fn named(names: &[&str]) -> CertificateParams {
    CertificateParams::new(names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>()).unwrap()
}

/// What a server shows, and the key that it is of.
pub(crate) struct Identity {
    pub(crate) chain: Vec<CertificateDer<'static>>,
    pub(crate) key: Vec<u8>,
}

impl Identity {
    pub(crate) fn self_signed(params: &CertificateParams) -> Self {
        let key = KeyPair::generate().unwrap();
        Self { chain: vec![params.self_signed(&key).unwrap().der().clone()], key: key.serialize_der() }
    }

    /// For a server of these versions.
    pub(crate) fn config(self, versions: &[&'static SupportedProtocolVersion]) -> Arc<ServerConfig> {
        let provider = default_provider();
        let key = provider.key_provider.load_private_key(PrivateKeyDer::Pkcs8(self.key.into())).unwrap();
        // Shown as it is, even where the certificate is not for this key.
        let shown = SingleCertAndKey::from(CertifiedKey::new(self.chain, key));
        let builder = ServerConfig::builder_with_provider(Arc::new(provider));
        let builder = builder.with_protocol_versions(versions).unwrap().with_no_client_auth();
        Arc::new(builder.with_cert_resolver(Arc::new(shown)))
    }

    /// A server that shows it, and responds.
    pub(crate) fn server(self, response: impl Into<Vec<u8>>) -> Server {
        let (config, response) = (self.config(&[&TLS12, &TLS13]), response.into());
        Server::start(move |stream| {
            // A client that refuses the certificate hangs up here.
            if let Ok(mut stream) = accept(&config, stream) {
                request(&mut stream);
                finish(stream, &response);
            }
        })
    }
}

pub(crate) fn accept(config: &Arc<ServerConfig>, mut stream: TcpStream) -> io::Result<Secured> {
    let mut connection = ServerConnection::new(Arc::clone(config)).map_err(io::Error::other)?;
    while connection.is_handshaking() {
        connection.complete_io(&mut stream)?;
    }
    Ok(StreamOwned::new(connection, stream))
}

/// Says the last words and hangs up as TLS wants it.
pub(crate) fn finish(mut stream: Secured, octets: &[u8]) {
    let _ = stream.write_all(octets);
    stream.conn.send_close_notify();
    let _ = stream.flush();
    crate::server::finish(stream.sock, b"");
}

/// The URL of a server under a name that its certificate has.
pub(crate) fn https(server: &Server) -> String {
    format!("https://localhost:{}/jwks", server.port)
}
