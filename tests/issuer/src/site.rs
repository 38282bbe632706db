//! The issuers, and how requests find them.

use std::collections::HashMap;
use std::io;
use std::net::TcpStream;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::Value;

use crate::case::{Case, Visit};
use crate::control;
use crate::fault::Fault;
use crate::http::{self, Request};
use crate::place::{Document, Place};
use crate::poison::Stranger;
use crate::port::Port;
use crate::reply::{After, Reply};
use crate::stream::Stream;
use crate::tls::Reception;

/// Under which issuers are made on demand.
const CASES: &str = "/cases/";
const WELL_KNOWN: &str = "/.well-known/";

/// All issuers, at all ports.
pub(crate) struct Site {
    /// The path of the issuer that is there from the start, without a slash at its end.
    path: String,
    trailing_slash: bool,
    cases: Mutex<HashMap<String, Arc<Mutex<Case>>>>,
    stranger: Stranger,
    ports: Vec<Port>,
    connections: AtomicU64,
}

impl Site {
    pub(crate) fn new(path: &str, ports: Vec<Port>) -> Result<Self, Fault> {
        let without_slash = path.strip_suffix('/').unwrap_or(path);
        let segments = without_slash.strip_prefix('/').map(|rest| rest.split('/').all(is_segment));
        let reserved = format!("{without_slash}/").starts_with(CASES) || without_slash.contains("/.well-known");
        if reserved || !(without_slash.is_empty() || segments == Some(true)) {
            return Err(Fault::new("the path is none that an issuer can have here"));
        }
        Ok(Self {
            path: without_slash.to_owned(),
            trailing_slash: path.ends_with('/'),
            cases: Mutex::default(),
            stranger: Stranger::new()?,
            ports,
            connections: AtomicU64::new(0),
        })
    }

    /// Scheme, host and number of a port.
    pub(crate) fn origin(&self, name: &str) -> &str {
        self.ports.iter().find(|port| port.name == name).map_or("", |port| port.origin.as_str())
    }

    /// Serves a connection to the port of this index.
    pub(crate) fn serve(&self, index: usize, tcp: TcpStream) -> io::Result<()> {
        let Some(port) = self.ports.get(index) else { return Ok(()) };
        let visit = Visit { port: &port.name, connection: self.connections.fetch_add(1, Ordering::Relaxed) };
        port.connections.fetch_add(1, Ordering::Relaxed);
        tcp.set_nodelay(true)?;
        let mut rest = Vec::new();
        let Ok(Some((mut stream, mut request))) = open(&port.reception, tcp, &mut rest) else {
            port.given_up.fetch_add(1, Ordering::Relaxed);
            return Ok(());
        };
        loop {
            match self.answer(&request, port, visit)?.send(&mut *stream)? {
                After::Reuse => {}
                After::End => break,
                After::Cut => return Ok(()),
            }
            let Some(next) = http::read(&mut *stream, &mut rest)? else { break };
            request = next;
        }
        stream.end()
    }

    /// Serves a connection to the control port.
    pub(crate) fn serve_control(&self, mut tcp: TcpStream) -> io::Result<()> {
        tcp.set_nodelay(true)?;
        let mut rest = Vec::new();
        while let Some(request) = http::read(&mut tcp, &mut rest)? {
            let reply = match self.control(&request) {
                Ok(answer) => Reply::json(200, &answer, &request),
                Err(fault) => Reply::json(400, &fault.to_json(), &request),
            };
            if reply.send(&mut tcp)? != After::Reuse {
                break;
            }
        }
        Ok(())
    }

    fn control(&self, request: &Request) -> Result<Value, Fault> {
        if request.method != "POST" {
            return Err(Fault::new("questions are sent by POST"));
        }
        let path = request.target.strip_suffix('/').unwrap_or(&request.target);
        let case = self.case(path)?.ok_or_else(|| Fault::new("there is no issuer at this path"))?;
        let text = std::str::from_utf8(&request.body).map_err(|_| Fault::new("the question is no text"))?;
        let mut case = lock(&case);
        let place = self.place(self.origin("main"), path, case.trailing_slash, &request.target);
        let ports = || self.ports.iter().map(|port| (port.name.clone(), port.to_json())).collect();
        control::answer(text, &mut case, &place, ports)
    }

    fn answer(&self, request: &Request, port: &Port, visit: Visit<'_>) -> io::Result<Reply> {
        let path = request.target.split('?').next().unwrap_or_default();
        let document = Document::at(path).find(|(_, issuer)| self.is_issuer(issuer));
        let owner = document.map_or_else(|| self.owner(path), |(_, issuer)| issuer);
        let case = self.case(owner).map_err(|fault| io::Error::other(fault.to_string()))?;
        let Some(case) = case else { return Ok(Reply::bare(404, Vec::new(), request)) };
        let mut case = lock(&case);
        let place = self.place(&port.origin, owner, case.trailing_slash, &request.target);
        Ok(case.answer(document.map(|(document, _)| document), request, &place, visit, &self.stranger))
    }

    /// Where an issuer is met at one of the ports.
    fn place<'a>(&'a self, origin: &'a str, path: &'a str, trailing_slash: bool, target: &'a str) -> Place<'a> {
        let (elsewhere, plain) = (self.origin("elsewhere"), self.origin("plain"));
        Place { origin, elsewhere, plain, path, trailing_slash, target }
    }

    /// Whether an issuer may be met under this path.
    fn is_issuer(&self, path: &str) -> bool {
        path == self.path || path.strip_prefix(CASES).is_some_and(is_segment)
    }

    /// The issuer that a path most likely means, where it is that of no document.
    fn owner<'a>(&'a self, path: &'a str) -> &'a str {
        let inserted = path.strip_prefix(WELL_KNOWN).and_then(|rest| rest.find('/').and_then(|at| rest.get(at..)));
        let path = inserted.unwrap_or(path);
        let name = path.strip_prefix(CASES).map(|rest| rest.split('/').next().unwrap_or_default());
        let end = name.filter(|name| is_segment(name)).map(|name| CASES.len() + name.len());
        end.and_then(|end| path.get(..end)).unwrap_or(&self.path)
    }

    /// The issuer of a path, made now if need be.
    fn case(&self, path: &str) -> Result<Option<Arc<Mutex<Case>>>, Fault> {
        if !self.is_issuer(path) {
            return Ok(None);
        }
        let mut cases = lock(&self.cases);
        if let Some(case) = cases.get(path) {
            return Ok(Some(Arc::clone(case)));
        }
        let case = Arc::new(Mutex::new(Case::new(self.trailing_slash && path == self.path)?));
        cases.insert(path.to_owned(), Arc::clone(&case));
        Ok(Some(case))
    }
}

/// A connection with its first request, unless the client gives up before.
fn open(reception: &Reception, tcp: TcpStream, rest: &mut Vec<u8>) -> io::Result<Option<(Box<dyn Stream>, Request)>> {
    let Some(mut stream) = reception.receive(tcp)? else { return Ok(None) };
    let request = http::read(&mut *stream, rest)?;
    Ok(request.map(|request| (stream, request)))
}

/// What a thread that died left is as good as before.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Whether a segment of a path has only characters that are the same in every spelling (RFC 3986 §2.3).
fn is_segment(text: &str) -> bool {
    let unreserved = |octet: u8| octet.is_ascii_alphanumeric() || b"-._~".contains(&octet);
    !matches!(text, "" | "." | "..") && text.bytes().all(unreserved)
}
