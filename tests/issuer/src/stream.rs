//! Connections, plain or under TLS.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpStream};

use rustls::{ServerConnection, StreamOwned};

/// A connection whose other end is a client.
pub(crate) trait Stream: Read + Write {
    /// Ends it in order: whoever reads knows that nothing is missing. Merely dropped, it breaks off.
    fn end(&mut self) -> io::Result<()>;
}

impl Stream for TcpStream {
    fn end(&mut self) -> io::Result<()> {
        self.flush()?;
        self.shutdown(Shutdown::Write)
    }
}

impl Stream for StreamOwned<ServerConnection, TcpStream> {
    fn end(&mut self) -> io::Result<()> {
        self.conn.send_close_notify();
        self.flush()?;
        self.sock.shutdown(Shutdown::Write)
    }
}

/// Waits until the other end leaves.
pub(crate) fn hang(stream: &mut (impl Read + ?Sized)) {
    // How it left does not matter.
    let _ = io::copy(stream, &mut io::sink());
}
