//! Where a URL leads: its host, the addresses of that host, and which of them may be connected to.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, ToSocketAddrs as _};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Instant;

use ureq::http::Uri;

use super::super::FetchFailure;

/// The server that a URL names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Target {
    /// Whether it speaks TLS.
    pub(super) tls: bool,
    pub(super) host: Host,
    pub(super) port: u16,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Host {
    Name(String),
    Address(IpAddr),
}

impl Target {
    /// Of an http or https URL. Userinfo is not looked at.
    pub(super) fn of(uri: &Uri) -> Option<Self> {
        let (tls, usual_port) = match uri.scheme_str()? {
            "https" => (true, 443),
            "http" => (false, 80),
            _ => return None,
        };
        let authority = uri.authority()?;
        let (_, place) = authority.as_str().rsplit_once('@').unwrap_or(("", authority.as_str()));
        // What is no port would otherwise be taken for none.
        let port = match place.strip_prefix(authority.host())? {
            "" | ":" => usual_port,
            port => port.strip_prefix(':').filter(|port| port.bytes().all(|c| c.is_ascii_digit()))?.parse().ok()?,
        };
        Some(Self { tls, host: Host::of(authority.host())?, port })
    }

    /// The host and the port, as `CONNECT` and `Host` have them.
    pub(super) fn authority(&self) -> String {
        match &self.host {
            Host::Name(name) => format!("{name}:{}", self.port),
            Host::Address(address) => SocketAddr::new(*address, self.port).to_string(),
        }
    }

    /// The addresses of the host, at least one.
    pub(super) fn addresses(&self, deadline: Instant) -> Result<Vec<SocketAddr>, FetchFailure> {
        match &self.host {
            Host::Address(address) => Ok(vec![SocketAddr::new(*address, self.port)]),
            Host::Name(name) => {
                let (name, port) = (name.clone(), self.port);
                look_up(deadline, move || (name.as_str(), port).to_socket_addrs().map(Iterator::collect))
            }
        }
    }
}

impl Host {
    /// An address in its usual form, or a name. Other forms of an address (`0x7f.1`, `2130706433`) are
    /// names here: what they mean, only the system knows, and is judged by the address that it finds.
    fn of(host: &str) -> Option<Self> {
        if let Some(bracketed) = host.strip_prefix('[') {
            let address: Ipv6Addr = bracketed.strip_suffix(']')?.parse().ok()?;
            return Some(Self::Address(address.into()));
        }
        if let Ok(address) = host.parse::<Ipv4Addr>() {
            return Some(Self::Address(address.into()));
        }
        let usual = |c: u8| c.is_ascii_alphanumeric() || b"-._".contains(&c);
        (!host.is_empty() && host.bytes().all(usual)).then(|| Self::Name(host.to_owned()))
    }
}

/// Asks the system's resolver, which cannot be told to give up: it is asked on a thread, which is left
/// behind when it is too slow, and ends when the resolver does.
fn look_up(
    deadline: Instant,
    ask: impl FnOnce() -> io::Result<Vec<SocketAddr>> + Send + 'static,
) -> Result<Vec<SocketAddr>, FetchFailure> {
    let (sender, receiver) = mpsc::sync_channel(1);
    let thread = thread::Builder::new().name("at9068-resolve".to_owned());
    thread.spawn(move || sender.send(ask())).map_err(|_| FetchFailure::Resolve)?;
    match receiver.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
        Ok(Ok(addresses)) if !addresses.is_empty() => Ok(addresses),
        Err(RecvTimeoutError::Timeout) => Err(FetchFailure::Timeout),
        _ => Err(FetchFailure::Resolve),
    }
}

/// Whether an address leads to this machine, in whatever form it is written.
pub(super) fn is_loopback(address: IpAddr) -> bool {
    address.to_canonical().is_loopback()
}

/// Whether an address is one of the public Internet: none of a special purpose (RFC 6890 and the two
/// registries of IANA), and none that carries such a one within it.
pub(super) fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => match embedded(address) {
            Some(within) => is_public_v4(within),
            None => within_v6(address, GLOBAL_UNICAST) && !SPECIAL_V6.iter().any(|block| within_v6(address, *block)),
        },
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let within = |(block, bits): &(Ipv4Addr, u32)| (address.to_bits() ^ block.to_bits()) >> (32 - bits) == 0;
    !SPECIAL_V4.iter().any(within)
}

fn within_v6(address: Ipv6Addr, (block, bits): (Ipv6Addr, u32)) -> bool {
    (address.to_bits() ^ block.to_bits()) >> (128 - bits) == 0
}

/// The IPv4 address that packets to an IPv6 address go on to.
fn embedded(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let at = |shift: u32| Some(Ipv4Addr::from_bits((address.to_bits() >> shift) as u32));
    match address.segments() {
        // Mapped addresses (RFC 4291 §2.5.5.2).
        [0, 0, 0, 0, 0, 0xffff, ..] => at(0),
        // NAT64, of which networks without IPv4 make an address for every host (RFC 6052 §2.1).
        [0x64, 0xff9b, 0, 0, 0, 0, ..] => at(0),
        // 6to4 (RFC 3056 §2).
        [0x2002, ..] => at(80),
        _ => None,
    }
}

const SPECIAL_V4: [(Ipv4Addr, u32); 15] = [
    (Ipv4Addr::new(0, 0, 0, 0), 8),       // this network, and unspecified
    (Ipv4Addr::new(10, 0, 0, 0), 8),      // private
    (Ipv4Addr::new(100, 64, 0, 0), 10),   // shared by the customers of a carrier
    (Ipv4Addr::new(127, 0, 0, 0), 8),     // loopback
    (Ipv4Addr::new(169, 254, 0, 0), 16),  // link-local; metadata of clouds
    (Ipv4Addr::new(172, 16, 0, 0), 12),   // private
    (Ipv4Addr::new(192, 0, 0, 0), 24),    // protocol assignments
    (Ipv4Addr::new(192, 0, 2, 0), 24),    // documentation
    (Ipv4Addr::new(192, 88, 99, 0), 24),  // relays of 6to4, no longer used
    (Ipv4Addr::new(192, 168, 0, 0), 16),  // private
    (Ipv4Addr::new(198, 18, 0, 0), 15),   // benchmarking
    (Ipv4Addr::new(198, 51, 100, 0), 24), // documentation
    (Ipv4Addr::new(203, 0, 113, 0), 24),  // documentation
    (Ipv4Addr::new(224, 0, 0, 0), 4),     // multicast
    (Ipv4Addr::new(240, 0, 0, 0), 4),     // reserved, and broadcast
];

/// All else is not routed: loopback, unspecified and IPv4-compatible addresses, link-local, unique-local
/// and site-local ones, multicast, discard-only, the local NAT64 (RFC 8215), segment routing.
const GLOBAL_UNICAST: (Ipv6Addr, u32) = (Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3);

const SPECIAL_V6: [(Ipv6Addr, u32); 3] = [
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23), // protocol assignments: Teredo, benchmarking, ORCHID
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32), // documentation
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20), // documentation
];

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn target(url: &str) -> Option<Target> {
        Target::of(&url.parse().ok()?)
    }

    fn named(tls: bool, host: &str, port: u16) -> Option<Target> {
        Some(Target { tls, host: Host::Name(host.to_owned()), port })
    }

    #[test]
    fn a_target_is_read_strictly() {
        assert_eq!(target("https://as.example/jwks"), named(true, "as.example", 443));
        assert_eq!(target("HTTPS://as.example:/"), named(true, "as.example", 443));
        assert_eq!(target("http://localhost:8080"), named(false, "localhost", 8080));
        assert_eq!(target("https://as_1.example.:65535/"), named(true, "as_1.example.", 65535));
        let address = |host: &str, text: &str| {
            assert_eq!(target(&format!("https://{host}/")).unwrap().host, Host::Address(text.parse().unwrap()));
        };
        address("127.0.0.1", "127.0.0.1");
        address("[::1]", "::1");
        address("[::ffff:127.0.0.1]:8443", "::ffff:127.0.0.1");
        for refused in [
            "https://as.example:65536/",
            "https://as.example:+443/",
            "https://as.example:4a3/",
            "https://:443/",
            "https:///path",
            "https://[::1/",
            "https://[::1%25eth0]/",
            "https://[127.0.0.1]/",
            "https://as%2eexample/",
            "https://as!example/",
            "https://as.example\\@evil.example/",
            "ftp://as.example/",
            "file:///etc/passwd",
            "unix:/run/as.socket",
            "data:application/json,{}",
            "as.example",
            "//as.example/",
            "/jwks",
            "",
        ] {
            assert_eq!(target(refused), None, "{refused}");
        }
    }

    #[test]
    fn userinfo_is_never_taken_for_the_host() {
        assert_eq!(target("https://as.example@evil.example/"), named(true, "evil.example", 443));
        assert_eq!(target("https://as.example:443@evil.example:1/"), named(true, "evil.example", 1));
    }

    #[test]
    fn authorities_are_written_as_connect_takes_them() {
        assert_eq!(target("https://as.example/").unwrap().authority(), "as.example:443");
        assert_eq!(target("https://192.0.2.1:8443/").unwrap().authority(), "192.0.2.1:8443");
        assert_eq!(target("https://[2001:db8::1]/").unwrap().authority(), "[2001:db8::1]:443");
    }

    /// The first and the last address of each block, and their neighbours outside of it.
    #[test]
    fn every_special_block_of_ipv4_is_refused_to_its_ends() {
        let blocks = [
            (None, "0.0.0.0", "0.255.255.255", Some("1.0.0.0")),
            (Some("9.255.255.255"), "10.0.0.0", "10.255.255.255", Some("11.0.0.0")),
            (Some("100.63.255.255"), "100.64.0.0", "100.127.255.255", Some("100.128.0.0")),
            (Some("126.255.255.255"), "127.0.0.0", "127.255.255.255", Some("128.0.0.0")),
            (Some("169.253.255.255"), "169.254.0.0", "169.254.255.255", Some("169.255.0.0")),
            (Some("172.15.255.255"), "172.16.0.0", "172.31.255.255", Some("172.32.0.0")),
            (Some("191.255.255.255"), "192.0.0.0", "192.0.0.255", Some("192.0.1.0")),
            (Some("192.0.1.255"), "192.0.2.0", "192.0.2.255", Some("192.0.3.0")),
            (Some("192.88.98.255"), "192.88.99.0", "192.88.99.255", Some("192.88.100.0")),
            (Some("192.167.255.255"), "192.168.0.0", "192.168.255.255", Some("192.169.0.0")),
            (Some("198.17.255.255"), "198.18.0.0", "198.19.255.255", Some("198.20.0.0")),
            (Some("198.51.99.255"), "198.51.100.0", "198.51.100.255", Some("198.51.101.0")),
            (Some("203.0.112.255"), "203.0.113.0", "203.0.113.255", Some("203.0.114.0")),
            (Some("223.255.255.255"), "224.0.0.0", "239.255.255.255", None),
            (None, "240.0.0.0", "255.255.255.255", None),
        ];
        assert_eq!(blocks.len(), SPECIAL_V4.len());
        for (before, first, last, after) in blocks {
            for refused in [first, last] {
                assert!(!is_public(refused.parse().unwrap()), "{refused}");
            }
            for allowed in [before, after].into_iter().flatten() {
                assert!(is_public(allowed.parse().unwrap()), "{allowed}");
            }
        }
        for allowed in ["1.1.1.1", "8.8.8.8", "93.184.216.34"] {
            assert!(is_public(allowed.parse().unwrap()), "{allowed}");
        }
    }

    #[test]
    fn of_ipv6_only_global_unicast_is_public() {
        for refused in [
            "::",
            "::1",
            "::7f00:1",
            "::93.184.216.34", // IPv4-compatible
            "::ffff:0:93.184.216.34",
            "64:ff9b:1::1",
            "64:ff9b:1::93.184.216.34",
            "64:ff9b:0:0:0:1:5db8:d822",
            "100::1",
            "1fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
            "2001::1",
            "2001:0:4136:e378:8000:63bf:3fff:fdd2", // Teredo
            "2001:2::1",
            "2001:10::1",
            "2001:20::1",
            "2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff",
            "2001:db8::1",
            "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff",
            "3fff::1",
            "3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff",
            "4000::",
            "5f00::1",
            "fc00::1",
            "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
            "fe80::1",
            "febf::1",
            "fec0::1",
            "ff02::1",
            "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
        ] {
            assert!(!is_public(refused.parse().unwrap()), "{refused}");
        }
        for allowed in ["2000::1", "2001:200::1", "2001:db7:ffff::1", "2001:db9::1", "2606:4700::1111", "3fff:1000::1"]
        {
            assert!(is_public(allowed.parse().unwrap()), "{allowed}");
        }
    }

    #[test]
    fn an_address_within_another_is_what_counts() {
        for (v4, public) in [
            ("93.184.216.34", true),
            ("127.0.0.1", false),
            ("10.0.0.1", false),
            ("169.254.169.254", false),
            ("100.100.100.200", false),
            ("0.0.0.0", false),
            ("255.255.255.255", false),
        ] {
            let bits = v4.parse::<Ipv4Addr>().unwrap().to_bits();
            let (high, low) = (bits >> 16, bits & 0xffff);
            for v6 in [format!("::ffff:{v4}"), format!("64:ff9b::{v4}"), format!("2002:{high:x}:{low:x}::1")] {
                assert_eq!(is_public(v6.parse().unwrap()), public, "{v6}");
            }
        }
    }

    #[test]
    fn loopback_is_known_in_every_form() {
        for address in ["127.0.0.1", "127.255.255.254", "::1", "::ffff:127.0.0.1"] {
            assert!(is_loopback(address.parse().unwrap()), "{address}");
        }
        for address in ["128.0.0.1", "0.0.0.0", "::", "::ffff:10.0.0.1", "::2", "10.0.0.1"] {
            assert!(!is_loopback(address.parse().unwrap()), "{address}");
        }
    }

    /// The forms of old that the system still takes for addresses (T160).
    #[test]
    fn other_forms_of_an_address_are_judged_by_what_they_mean() {
        let deadline = Instant::now() + Duration::from_secs(5);
        for host in ["0x7f.1", "2130706433", "0177.0.0.1", "127.1"] {
            let found = target(&format!("https://{host}/")).unwrap().addresses(deadline).unwrap();
            assert!(found.iter().all(|found| !is_public(found.ip())), "{host}: {found:?}");
        }
    }

    #[test]
    fn a_look_up_that_hangs_ends_at_the_deadline() {
        let started = Instant::now();
        let slow = || {
            thread::sleep(Duration::from_secs(2));
            Ok(vec![SocketAddr::from(([127, 0, 0, 1], 443))])
        };
        assert_eq!(look_up(started + Duration::from_millis(50), slow), Err(FetchFailure::Timeout));
        assert!(started.elapsed() < Duration::from_secs(1));
    }

    #[test]
    fn a_look_up_without_an_address_fails() {
        let deadline = Instant::now() + Duration::from_secs(5);
        assert_eq!(look_up(deadline, || Ok(Vec::new())), Err(FetchFailure::Resolve));
        assert_eq!(look_up(deadline, || Err(io::ErrorKind::NotFound.into())), Err(FetchFailure::Resolve));
        assert_eq!(look_up(deadline, || panic!("as a resolver may")), Err(FetchFailure::Resolve));
    }
}
