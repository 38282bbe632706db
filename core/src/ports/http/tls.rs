//! TLS: which authorities are trusted, and the handshake.

use std::io;
use std::sync::Arc;

use rustls::crypto::aws_lc_rs::default_provider;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::version::{TLS12, TLS13};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use rustls_platform_verifier::BuilderVerifierExt as _;

use super::super::FetchFailure;
use super::address::Host;
use super::connection::{Stream, failure};

/// The authorities whose certificates are believed.
#[derive(Clone)]
pub(super) enum Roots {
    /// Those that the system trusts.
    System,
    /// These and no others.
    Given(Arc<RootCertStore>),
}

impl Roots {
    /// From a PEM text that holds certificates and nothing else, at least one.
    pub(super) fn from_pem(text: &str) -> Option<Self> {
        let mut store = RootCertStore::empty();
        for certificate in CertificateDer::pem_slice_iter(text.as_bytes()) {
            store.add(certificate.ok()?).ok()?;
        }
        // Blocks of other kinds are passed over above.
        let blocks = text.matches("-----BEGIN ").count();
        (blocks > 0 && blocks == store.len()).then(|| Self::Given(Arc::new(store)))
    }

    /// Makes sure that the other end is the host, and hides what is said from all others.
    pub(super) fn secure(&self, mut stream: Stream, host: &Host) -> Result<Stream, FetchFailure> {
        let name = match host {
            Host::Name(name) => ServerName::try_from(name.clone()).map_err(|_| FetchFailure::Tls)?,
            Host::Address(address) => ServerName::IpAddress((*address).into()),
        };
        let config = self.config().map_err(|_| FetchFailure::Tls)?;
        let mut connection = ClientConnection::new(config, name).map_err(|_| FetchFailure::Tls)?;
        while connection.is_handshaking() {
            connection.complete_io(&mut stream).map_err(|error| failure(&error))?;
        }
        Ok(Stream::Tls(Box::new(StreamOwned::new(connection, stream))))
    }

    /// Made for each connection: so nothing is shared or resumed, no lock could be left held by a fork,
    /// and authorities that the system has been given since, or that it trusts no longer, count.
    fn config(&self) -> Result<Arc<ClientConfig>, rustls::Error> {
        let builder = ClientConfig::builder_with_provider(Arc::new(default_provider()));
        let builder = builder.with_protocol_versions(&[&TLS13, &TLS12])?;
        let builder = match self {
            Self::System => builder.with_platform_verifier()?,
            Self::Given(store) => builder.with_root_certificates(Arc::clone(store)),
        };
        Ok(Arc::new(builder.with_no_client_auth()))
    }
}

/// Whether an error is one of TLS, and not of what carries it.
pub(super) fn is_of_tls(error: &io::Error) -> bool {
    matches!(error.get_ref(), Some(inner) if inner.is::<rustls::Error>())
}
