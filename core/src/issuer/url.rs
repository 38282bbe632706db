//! URLs of issuers and their documents.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use http::Uri;

/// An absolute URL that documents may be fetched from: https, or http to loopback where that is
/// allowed; without user information or fragment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Url {
    text: String,
    scheme: &'static str,
    host: String,
    port: u16,
    /// How many octets of the text are scheme and authority.
    origin: usize,
    query: bool,
}

impl Url {
    pub(crate) fn parse(text: &str, http_loopback: bool) -> Option<Self> {
        // What a URL cannot hold, and a fragment, which the parser would leave away.
        if !text.bytes().all(|b| b.is_ascii_graphic() && !b"#\\\"<>^`{|}".contains(&b)) {
            return None;
        }
        let uri: Uri = text.parse().ok()?;
        let authority = uri.authority().filter(|authority| !authority.as_str().contains('@'))?;
        let host = authority.host().to_ascii_lowercase();
        let (scheme, usual) = match uri.scheme_str()? {
            "https" => ("https", 443),
            "http" if http_loopback && is_loopback(&host) => ("http", 80),
            _ => return None,
        };
        let rest = authority.as_str().get(host.len()..)?;
        let port = match rest.strip_prefix(':') {
            None if rest.is_empty() => usual,
            Some(port) => port.parse().ok().filter(|port| *port != 0)?,
            None => return None,
        };
        let origin = scheme.len() + "://".len() + authority.as_str().len();
        let whole = !host.is_empty() && text.get(..origin)?.ends_with(authority.as_str());
        whole.then(|| Self { text: text.to_owned(), scheme, host, port, origin, query: uri.query().is_some() })
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    /// The host, in lower case; an IPv6 address stands in brackets.
    pub(crate) fn host(&self) -> &str {
        &self.host
    }

    pub(crate) fn has_query(&self) -> bool {
        self.query
    }

    /// Whether scheme, host and port are the same (RFC 6454 §5).
    pub(crate) fn has_origin_of(&self, other: &Self) -> bool {
        (self.scheme, self.host.as_str(), self.port) == (other.scheme, other.host.as_str(), other.port)
    }

    /// Scheme and authority, and what follows them.
    pub(crate) fn split(&self) -> (&str, &str) {
        self.text.split_at_checked(self.origin).unwrap_or_default()
    }

    /// Where the metadata of RFC 8414 §3.1 lies: between host and path.
    pub(crate) fn oauth_metadata(&self) -> String {
        let (origin, path) = self.split();
        format!("{origin}/.well-known/oauth-authorization-server{}", path.strip_suffix('/').unwrap_or(path))
    }

    /// Where the metadata of OpenID Connect Discovery §4 lies: after the path.
    pub(crate) fn openid_metadata(&self) -> String {
        format!("{}/.well-known/openid-configuration", self.text.strip_suffix('/').unwrap_or(&self.text))
    }
}

/// Whether a host is this machine by its very name or number.
fn is_loopback(host: &str) -> bool {
    let number = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    host == "localhost"
        || number.parse::<Ipv4Addr>().is_ok_and(|address| IpAddr::V4(address).is_loopback())
        || number.parse::<Ipv6Addr>().is_ok_and(|address| IpAddr::V6(address).is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metadata_lies_where_each_standard_says() {
        for (issuer, oauth, openid) in [
            (
                "https://as.example",
                "https://as.example/.well-known/oauth-authorization-server",
                "https://as.example/.well-known/openid-configuration",
            ),
            (
                "https://as.example/",
                "https://as.example/.well-known/oauth-authorization-server",
                "https://as.example/.well-known/openid-configuration",
            ),
            (
                "https://as.example:8443/t/one",
                "https://as.example:8443/.well-known/oauth-authorization-server/t/one",
                "https://as.example:8443/t/one/.well-known/openid-configuration",
            ),
            (
                "https://as.example/t/one/",
                "https://as.example/.well-known/oauth-authorization-server/t/one",
                "https://as.example/t/one/.well-known/openid-configuration",
            ),
        ] {
            let url = Url::parse(issuer, false).unwrap();
            assert_eq!((url.oauth_metadata().as_str(), url.openid_metadata().as_str()), (oauth, openid));
        }
    }

    #[test]
    fn only_https_and_http_to_loopback_are_urls() {
        for text in ["https://as.example/jwks?p=1", "https://[2001:db8::1]:444/", "https://AS.example"] {
            assert!(Url::parse(text, false).is_some(), "{text}");
        }
        for text in ["http://localhost:1/", "http://127.0.0.1/", "http://127.1.2.3:80/x", "http://[::1]:9/"] {
            assert!(Url::parse(text, true).is_some(), "{text}");
            assert!(Url::parse(text, false).is_none(), "{text}");
        }
        for text in [
            "http://as.example/",
            "http://localhost.as.example/",
            "http://127.0.0.1.as.example/",
            "http://10.0.0.1/",
            "http://0x7f.1/",
            "file:///etc/passwd",
            "ftp://as.example/",
            "data:,x",
            "unix:///run/x",
            "https:",
            "https://",
            "https:///jwks",
            "//as.example/",
            "/jwks",
            "as.example",
            "",
            "https://user@as.example/",
            "https://user:pw@as.example/",
            "https://as.example@evil.example/",
            "https://as.example/#f",
            "https://as.example\\@evil.example/",
            "https://as.example/a b",
            "https://as.example:0/",
            "https://as.example:99999/",
            "https://as.example:/",
            "https://as.exämple/",
            " https://as.example/",
        ] {
            assert!(Url::parse(text, true).is_none(), "{text}");
        }
    }

    #[test]
    fn an_origin_is_scheme_host_and_port() {
        let url = |text| Url::parse(text, true).unwrap();
        assert!(url("https://AS.example/a").has_origin_of(&url("https://as.example:443/b?c")));
        assert!(!url("https://as.example/").has_origin_of(&url("https://as.example:444/")));
        assert!(!url("https://as.example/").has_origin_of(&url("https://keys.as.example/")));
        assert!(!url("http://localhost:443/").has_origin_of(&url("https://localhost/")));
        assert_eq!(url("https://AS.example/").host(), "as.example");
        assert!(url("https://as.example/?q").has_query());
    }
}
