//! A port, and how its connections are accepted.

use std::io;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

use crate::tls::Reception;

/// Hundreds of connections may hang at the same time.
const STACK_BYTES: usize = 512 << 10;

/// A port that issuers are asked at.
pub(crate) struct Port {
    pub(crate) name: String,
    /// Scheme, host and port.
    pub(crate) origin: String,
    pub(crate) reception: Reception,
    pub(crate) connections: AtomicU64,
    /// Connections that the client gave up before it asked for anything, as one does whose trust is betrayed.
    pub(crate) given_up: AtomicU64,
}

impl Port {
    pub(crate) fn open(name: &str, port: u16, reception: Reception) -> io::Result<(Self, TcpListener)> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))?;
        let number = listener.local_addr()?.port();
        let origin = match reception {
            Reception::Plain => format!("http://127.0.0.1:{number}"),
            _ => format!("https://localhost:{number}"),
        };
        let (connections, given_up) = (AtomicU64::new(0), AtomicU64::new(0));
        Ok((Self { name: name.to_owned(), origin, reception, connections, given_up }, listener))
    }

    /// What happened at it.
    pub(crate) fn to_json(&self) -> Value {
        let count = |of: &AtomicU64| of.load(Ordering::Relaxed);
        json!({"connections": count(&self.connections), "given_up": count(&self.given_up)})
    }
}

/// Serves each connection on a thread of its own, as long as the process lives.
pub(crate) fn accept(listener: &TcpListener, serve: impl Fn(TcpStream) -> io::Result<()> + Clone + Send + 'static) {
    for tcp in listener.incoming() {
        let serve = serve.clone();
        let started = tcp.and_then(|tcp| {
            // What becomes of a connection is between it and its client.
            thread::Builder::new().stack_size(STACK_BYTES).spawn(move || drop(serve(tcp)))
        });
        if started.is_err() {
            // Out of files or threads: some will be free again.
            thread::sleep(Duration::from_millis(10));
        }
    }
}
