//! Servers that say whatever a test tells them to, octet by octet.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

/// A server on a free port of 127.0.0.1, until it is dropped.
pub(crate) struct Server {
    pub(crate) port: u16,
    connections: Arc<AtomicUsize>,
    over: Arc<AtomicBool>,
}

impl Server {
    /// Does the same with each connection, each on a thread of its own.
    pub(crate) fn start(serve: impl Fn(TcpStream) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let (connections, over) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicBool::new(false)));
        let (counter, stop) = (Arc::clone(&connections), Arc::clone(&over));
        let serve = Arc::new(serve);
        thread::spawn(move || {
            for stream in listener.incoming() {
                if stop.load(Ordering::SeqCst) {
                    break;
                }
                counter.fetch_add(1, Ordering::SeqCst);
                let serve = Arc::clone(&serve);
                let stream = stream.unwrap();
                // Whatever a client does, no test waits for a server forever.
                stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
                stream.set_nodelay(true).unwrap();
                thread::spawn(move || serve(stream));
            }
        });
        Self { port, connections, over }
    }

    /// Reads a request and says these octets.
    pub(crate) fn saying(octets: impl Into<Vec<u8>>) -> Self {
        let octets = octets.into();
        Self::start(move |mut stream| {
            request(&mut stream);
            finish(stream, &octets);
        })
    }

    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}/jwks", self.port)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.over.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port));
    }
}

/// The head of a request, up to and with the empty line; less where the client hangs up.
pub(crate) fn request(stream: &mut impl Read) -> String {
    let mut head = Vec::new();
    let mut octet = [0];
    while !head.ends_with(b"\r\n\r\n") && stream.read(&mut octet).is_ok_and(|read| read == 1) {
        head.extend(octet);
    }
    String::from_utf8(head).unwrap()
}

/// Says the last words and hangs up properly: what the client has not read yet is not lost.
pub(crate) fn finish(mut stream: TcpStream, octets: &[u8]) {
    let _ = stream.write_all(octets);
    let _ = stream.shutdown(Shutdown::Write);
    let _ = stream.read_to_end(&mut Vec::new());
}

/// Says the same again and again until nobody listens.
pub(crate) fn repeat(mut stream: impl Write, octets: &[u8], every: Duration) {
    while stream.write_all(octets).and_then(|()| stream.flush()).is_ok() {
        thread::sleep(every);
    }
}

/// A response with a body of known length.
pub(crate) fn response(status: &str, fields: &str, body: &str) -> String {
    format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\n{fields}\r\n{body}", body.len())
}
