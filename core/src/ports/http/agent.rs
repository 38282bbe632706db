//! What `ureq` is told: where to connect, how, and how much to read.

use std::fmt;
use std::io::{Read as _, Write as _};
use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};

use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{Buffers, ConnectionDetails, Connector, LazyBuffers, NextTimeout, Transport};
use ureq::{Agent, Error};

use super::super::FetchFailure;
use super::Proxy;
use super::address::{Target, is_loopback, is_public};
use super::connection::{MOST_ATTEMPTS, Stream, failure, first};
use super::tls::Roots;

/// What is the same for every fetch.
///
/// A new configuration takes a proxy from the environment, which is discarded here.
pub(super) fn config() -> Config {
    let builder = Agent::config_builder().proxy(None);
    let builder = builder.max_redirects(0).http_status_as_error(false);
    let builder = builder.user_agent(concat!("at9068/", env!("CARGO_PKG_VERSION"))).accept("").accept_encoding("");
    let builder = builder.max_response_header_size(LONGEST_HEAD);
    builder.max_idle_connections(0).max_idle_connections_per_host(0).build()
}

/// The way to a server, for one fetch.
#[derive(Clone)]
pub(super) struct Way {
    pub(super) target: Target,
    pub(super) trusted_host: bool,
    pub(super) proxy: Option<Proxy>,
    pub(super) roots: Roots,
    pub(super) deadline: Instant,
    pub(super) connect_timeout: Duration,
    /// The longest body that is read.
    pub(super) longest: usize,
}

impl Way {
    /// An agent that goes this way and no other.
    pub(super) fn agent(self, config: Config) -> Agent {
        Agent::with_parts(config, self.clone(), self)
    }

    /// The addresses of the server, each of which may be connected to; none where a proxy looks it up.
    fn addresses(&self) -> Result<Vec<SocketAddr>, FetchFailure> {
        if self.trusted_host && self.proxy.is_some() {
            return Ok(Vec::new());
        }
        self.judged(self.target.addresses(self.deadline)?)
    }

    /// One that may not be connected to spoils them all: who has it there has no good intention.
    fn judged(&self, addresses: Vec<SocketAddr>) -> Result<Vec<SocketAddr>, FetchFailure> {
        let allowed =
            |address: IpAddr| (self.target.tls || is_loopback(address)) && (self.trusted_host || is_public(address));
        if addresses.iter().all(|address| allowed(address.ip())) { Ok(addresses) } else { Err(FetchFailure::Forbidden) }
    }

    fn open(&self, addresses: &[SocketAddr]) -> Result<Stream, FetchFailure> {
        let deadline = self.deadline.min(Instant::now() + self.connect_timeout);
        let mut stream = match &self.proxy {
            None => Stream::connect(addresses, deadline)?,
            Some(proxy) if addresses.is_empty() => self.open_through(proxy, &self.target.authority(), deadline)?,
            Some(proxy) => first(addresses, deadline, |address, deadline| {
                self.open_through(proxy, &address.to_string(), deadline)
            })?,
        };
        stream.set_deadline(deadline);
        if self.target.tls {
            stream = self.roots.secure(stream, &self.target.host)?;
        }
        stream.set_deadline(self.deadline);
        Ok(stream)
    }

    fn open_through(&self, proxy: &Proxy, authority: &str, deadline: Instant) -> Result<Stream, FetchFailure> {
        let mut stream = Stream::connect(&proxy.target.addresses(deadline)?, deadline)?;
        stream.set_deadline(deadline);
        if proxy.target.tls {
            stream = self.roots.secure(stream, &proxy.target.host)?;
        }
        stream.tunnel(authority, proxy.credentials.as_deref())?;
        Ok(stream)
    }
}

impl Resolver for Way {
    fn resolve(&self, _: &Uri, _: &Config, _: NextTimeout) -> Result<ResolvedSocketAddrs, Error> {
        let mut resolved = self.empty();
        for address in self.addresses().map_err(told)?.into_iter().take(MOST_ATTEMPTS) {
            resolved.push(address);
        }
        Ok(resolved)
    }
}

impl Connector for Way {
    type Out = Connection;

    fn connect(&self, details: &ConnectionDetails<'_>, _: Option<()>) -> Result<Option<Connection>, Error> {
        let stream = self.open(&details.addrs).map_err(told)?;
        let buffers = LazyBuffers::new(2 * LONGEST_HEAD, LONGEST_HEAD);
        let left = self.longest.saturating_mul(2).saturating_add(LONGEST_HEAD);
        Ok(Some(Connection { stream, buffers, left }))
    }
}

impl fmt::Debug for Way {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Way").finish_non_exhaustive()
    }
}

/// The one connection of a fetch, as `ureq` reads and writes it. Its own timeouts are not set: the stream
/// knows the deadline.
#[derive(Debug)]
pub(super) struct Connection {
    stream: Stream,
    buffers: LazyBuffers,
    /// How many octets may still come: the head, and the body with room for being cut into chunks. So
    /// neither interim responses nor trailers nor chunks of one octet go on for long.
    left: usize,
}

impl Transport for Connection {
    fn buffers(&mut self) -> &mut dyn Buffers {
        &mut self.buffers
    }

    fn transmit_output(&mut self, amount: usize, _: NextTimeout) -> Result<(), Error> {
        let output = self.buffers.output().get(..amount).unwrap_or_default();
        self.stream.write_all(output).and_then(|()| self.stream.flush()).map_err(|error| told(failure(&error)))
    }

    fn await_input(&mut self, _: NextTimeout) -> Result<bool, Error> {
        // Every error is told in our own words: some of the system's would pass for the end of a body.
        let read = self.stream.read(self.buffers.input_append_buf()).map_err(|error| told(failure(&error)))?;
        self.buffers.input_appended(read);
        self.left = self.left.checked_sub(read).ok_or_else(|| told(FetchFailure::TooLarge))?;
        Ok(read > 0)
    }

    /// Not for another request.
    fn is_open(&mut self) -> bool {
        false
    }

    fn is_tls(&self) -> bool {
        self.stream.is_tls()
    }
}

fn told(failure: FetchFailure) -> Error {
    Error::Other(Box::new(failure))
}

/// Status line and header fields, of which there may be 128 at most.
const LONGEST_HEAD: usize = 32 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    fn way(url: &str, trusted_host: bool) -> Way {
        let soon = Duration::from_secs(5);
        Way {
            target: Target::of(&url.parse().unwrap()).unwrap(),
            trusted_host,
            proxy: None,
            roots: Roots::System,
            deadline: Instant::now() + soon,
            connect_timeout: soon,
            longest: 1,
        }
    }

    #[test]
    fn every_address_of_a_host_is_judged() {
        let [public, other, private, loopback] =
            ["93.184.216.34:443", "[2606:4700::1]:443", "10.0.0.1:443", "[::1]:443"].map(|text| text.parse().unwrap());
        for (url, trusted_host, addresses, allowed) in [
            ("https://as.example/", false, vec![public, other], true),
            ("https://as.example/", false, vec![public, private], false),
            ("https://as.example/", false, vec![loopback, public], false),
            ("https://as.example/", false, vec![public, public, public, public, public, public, private], false),
            ("https://as.example/", true, vec![public, private, loopback], true),
            ("http://localhost/", true, vec![loopback], true),
            ("http://localhost/", true, vec![loopback, private], false),
            ("http://localhost/", true, vec![public], false),
            ("http://localhost/", false, vec![loopback], false),
            ("http://localhost/", false, vec![public], false),
        ] {
            let expected = if allowed { Ok(addresses.clone()) } else { Err(FetchFailure::Forbidden) };
            assert_eq!(way(url, trusted_host).judged(addresses.clone()), expected, "{url} {addresses:?}");
        }
    }
}
