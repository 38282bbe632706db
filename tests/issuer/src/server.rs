//! The ports, and how it starts.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::net::{Ipv4Addr, TcpListener};
use std::sync::Arc;
use std::thread;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::fault::Unstarted;
use crate::port::{Port, accept};
use crate::site::Site;
use crate::tls::{Authority, Flaw, Reception};

/// How to start.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The port of the issuers; one that is free where 0.
    pub port: u16,
    /// Whether that port speaks TLS, and ports with flaws stand beside it.
    pub tls: bool,
    /// The path of the issuer that is there from the start: empty, or a slash before each segment. A slash at the
    /// end belongs to the issuer identifier.
    pub path: String,
}

/// An authorization server for tests. It serves until the process ends.
pub struct TestIssuer {
    announcement: Value,
    /// The folder of the authority's certificate, removed with this.
    _folder: Option<TempDir>,
}

impl Options {
    /// Reads `--port N`, `--tls` and `--path /PATH`; none where anything else is there.
    #[must_use]
    pub fn from_arguments(arguments: impl IntoIterator<Item = String>) -> Option<Self> {
        let mut options = Self::default();
        let mut arguments = arguments.into_iter();
        while let Some(argument) = arguments.next() {
            match argument.as_str() {
                "--port" => options.port = arguments.next()?.parse().ok()?,
                "--tls" => options.tls = true,
                "--path" => options.path = arguments.next()?,
                _ => return None,
            }
        }
        Some(options)
    }
}

impl TestIssuer {
    /// Opens all ports.
    ///
    /// # Errors
    /// Those of the system, as where the port is in use; and where the path is none that an issuer can have.
    pub fn start(options: &Options) -> Result<Self, Unstarted> {
        let authority = if options.tls { Some(Authority::new()?) } else { None };
        let folder = authority.as_ref().map(certificate_folder).transpose()?;
        let mut opened = vec![
            Port::open("main", options.port, good(authority.as_ref())?)?,
            Port::open("elsewhere", 0, good(authority.as_ref())?)?,
            Port::open("plain", 0, Reception::Plain)?,
        ];
        let mut faulty = BTreeMap::new();
        for (authority, flaw) in authority.iter().flat_map(|authority| Flaw::ALL.map(|flaw| (authority, flaw))) {
            let (port, listener) = Port::open(&flaw.name(), 0, authority.flawed(flaw)?)?;
            faulty.insert(flaw.name(), port.origin.clone());
            opened.push((port, listener));
        }
        let control = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let control_url = format!("http://{}", control.local_addr()?);
        let (ports, listeners): (Vec<_>, Vec<_>) = opened.into_iter().unzip();
        let site = Arc::new(Site::new(&options.path, ports)?);
        let announcement = json!({
            "issuer": format!("{}{}", site.origin("main"), options.path),
            "control": control_url,
            "elsewhere": site.origin("elsewhere"),
            "plain": site.origin("plain"),
            "ca": folder.as_ref().map(|folder| folder.path().join("ca.pem")),
            "tls_faults": faulty,
        });
        for (index, listener) in listeners.into_iter().enumerate() {
            let site = Arc::clone(&site);
            thread::spawn(move || accept(&listener, move |tcp| site.serve(index, tcp)));
        }
        thread::spawn(move || accept(&control, move |tcp| site.serve_control(tcp)));
        Ok(Self { announcement, _folder: folder })
    }

    /// Where it listens, as the program's first line says it.
    #[must_use]
    pub fn announcement(&self) -> &Value {
        &self.announcement
    }
}

fn good(authority: Option<&Authority>) -> Result<Reception, Unstarted> {
    authority.map_or(Ok(Reception::Plain), Authority::good)
}

fn certificate_folder(authority: &Authority) -> io::Result<TempDir> {
    let folder = tempfile::Builder::new().prefix("at9068-test-issuer-").tempdir()?;
    fs::write(folder.path().join("ca.pem"), authority.pem())?;
    Ok(folder)
}
