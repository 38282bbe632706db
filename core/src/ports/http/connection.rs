//! The connection that a fetch makes for itself: a socket that knows when to give up, TLS over it, and
//! the way through a proxy.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use rustls::{ClientConnection, StreamOwned};

use super::super::FetchFailure;
use super::tls;

/// A TCP connection on which nothing waits longer than until `deadline`.
#[derive(Debug)]
pub(super) struct Socket {
    stream: TcpStream,
    deadline: Instant,
}

impl Socket {
    fn connect(address: SocketAddr, deadline: Instant) -> Result<Self, FetchFailure> {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(FetchFailure::Timeout);
        }
        let stream = TcpStream::connect_timeout(&address, left).map_err(|error| match error.kind() {
            io::ErrorKind::TimedOut => FetchFailure::Timeout,
            _ => FetchFailure::Connect,
        })?;
        // A request is one write: it need not wait for more. Where this cannot be had, it is only slower.
        let _ = stream.set_nodelay(true);
        Ok(Self { stream, deadline })
    }

    /// Reads or writes once, within what time is left.
    fn within<T>(
        &self,
        limit: impl Fn(&TcpStream, Option<Duration>) -> io::Result<()>,
        mut act: impl FnMut(&TcpStream) -> io::Result<T>,
    ) -> io::Result<T> {
        loop {
            let left = self.deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(io::ErrorKind::TimedOut.into());
            }
            limit(&self.stream, Some(left))?;
            match act(&self.stream) {
                // A signal. It has its effect on the host; the document is still wanted.
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Err(io::ErrorKind::TimedOut.into()),
                done => return done,
            }
        }
    }
}

impl Read for Socket {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.within(TcpStream::set_read_timeout, |mut stream| stream.read(buffer))
    }
}

/// Only this one way of writing: a gathering write would raise SIGPIPE where the server has hung up,
/// which ends a process that does not ignore it.
impl Write for Socket {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        self.within(TcpStream::set_write_timeout, |mut stream| stream.write(octets))
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A connection to a server or to a proxy, or through TLS to a server behind one.
#[derive(Debug)]
pub(super) enum Stream {
    Plain(Socket),
    Tls(Box<StreamOwned<ClientConnection, Self>>),
}

impl Stream {
    /// To the first address that answers.
    pub(super) fn connect(addresses: &[SocketAddr], deadline: Instant) -> Result<Self, FetchFailure> {
        first(addresses, deadline, |address, deadline| Socket::connect(*address, deadline).map(Self::Plain))
    }

    /// Asks the proxy at the other end to connect to a server, and speaks to that from then on (RFC 9110 §9.3.6).
    pub(super) fn tunnel(&mut self, authority: &str, credentials: Option<&str>) -> Result<(), FetchFailure> {
        let mut request = format!("CONNECT {authority} HTTP/1.1\r\nHost: {authority}\r\n");
        if let Some(credentials) = credentials {
            request.extend(["Proxy-Authorization: Basic ", credentials, "\r\n"]);
        }
        request.push_str("\r\n");
        self.write_all(request.as_bytes()).and_then(|()| self.flush()).map_err(|error| failure(&error))?;

        // Octet by octet: what follows the empty line is no longer the proxy's.
        let mut head = Vec::new();
        let mut octet = [0];
        while !head.ends_with(b"\r\n\r\n") {
            if head.len() == LONGEST_PROXY_HEAD {
                return Err(FetchFailure::Broken);
            }
            self.read_exact(&mut octet).map_err(|error| failure(&error))?;
            head.extend(octet);
        }
        match head.strip_prefix(b"HTTP/1.1 ").or_else(|| head.strip_prefix(b"HTTP/1.0 ")) {
            Some([b'2', b'0'..=b'9', b'0'..=b'9', b' ' | b'\r', ..]) => Ok(()),
            Some(_) => Err(FetchFailure::Connect),
            None => Err(FetchFailure::Broken),
        }
    }

    /// Until when to wait from now on.
    pub(super) fn set_deadline(&mut self, deadline: Instant) {
        match self {
            Self::Plain(socket) => socket.deadline = deadline,
            Self::Tls(stream) => stream.sock.set_deadline(deadline),
        }
    }

    pub(super) fn is_tls(&self) -> bool {
        matches!(self, Self::Tls(_))
    }
}

impl Read for Stream {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain(socket) => socket.read(buffer),
            Self::Tls(stream) => stream.read(buffer),
        }
    }
}

impl Write for Stream {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        match self {
            Self::Plain(socket) => socket.write(octets),
            Self::Tls(stream) => stream.write(octets),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(socket) => socket.flush(),
            Self::Tls(stream) => stream.flush(),
        }
    }
}

/// The first of a few candidates with which an attempt succeeds. Each has its share of the time that is
/// left, so that one that never answers does not use up what the others need.
pub(super) fn first<T, S>(
    candidates: &[T],
    deadline: Instant,
    mut attempt: impl FnMut(&T, Instant) -> Result<S, FetchFailure>,
) -> Result<S, FetchFailure> {
    let mut failed = FetchFailure::Connect;
    let candidates = candidates.get(..MOST_ATTEMPTS).unwrap_or(candidates);
    for (candidate, shares) in candidates.iter().zip((1..=candidates.len() as u32).rev()) {
        let now = Instant::now();
        let left = deadline.saturating_duration_since(now);
        match attempt(candidate, now + left / shares) {
            Ok(done) => return Ok(done),
            Err(reason) => failed = reason,
        }
    }
    Err(failed)
}

/// What an error of a connection means.
pub(super) fn failure(error: &io::Error) -> FetchFailure {
    match error.kind() {
        io::ErrorKind::TimedOut => FetchFailure::Timeout,
        _ if tls::is_of_tls(error) => FetchFailure::Tls,
        _ => FetchFailure::Broken,
    }
}

/// A host may have many addresses; where so many do not answer, the next ones would not be given much time.
pub(super) const MOST_ATTEMPTS: usize = 4;
const LONGEST_PROXY_HEAD: usize = 8192;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_that_answers_is_taken_and_no_more_than_a_few_are_asked() {
        let deadline = Instant::now() + Duration::from_secs(60);
        let ask = |candidates: &[u32]| {
            let mut asked = 0;
            let answer = first(candidates, deadline, |candidate, _| {
                asked += 1;
                if candidate % 2 == 0 { Ok(*candidate) } else { Err(FetchFailure::Timeout) }
            });
            (answer, asked)
        };
        assert_eq!(ask(&[2, 4]), (Ok(2), 1));
        assert_eq!(ask(&[1, 3, 4, 6]), (Ok(4), 3));
        assert_eq!(ask(&[1, 3, 5, 8]), (Ok(8), 4));
        assert_eq!(ask(&[1, 3, 5, 7, 8]), (Err(FetchFailure::Timeout), 4));
        assert_eq!(ask(&[]), (Err(FetchFailure::Connect), 0));
    }

    #[test]
    fn one_that_never_answers_leaves_time_for_the_others() {
        let (started, whole) = (Instant::now(), Duration::from_secs(60));
        let mut shares = Vec::new();
        let nobody: Result<(), _> = first(&[(); 3], started + whole, |(), until| {
            shares.push(until.duration_since(started));
            Err(FetchFailure::Timeout)
        });
        assert_eq!(nobody, Err(FetchFailure::Timeout));
        // No time goes by here: it is a third of the whole, half of it, and all of it.
        for (share, part) in shares.iter().zip([3, 2, 1]) {
            assert!(share.abs_diff(whole / part) < Duration::from_secs(5), "{shares:?}");
        }
        assert_eq!(shares.len(), 3);
    }
}
