//! How the client is made, and what it never tells.

use at9068::{ErrorCode, FetchFailure, HttpFetch, HttpOptions};

use crate::authority::Authority;

fn refusal(options: HttpOptions) -> String {
    let error = HttpFetch::new(options).unwrap_err();
    assert_eq!(error.code(), ErrorCode::ConfigInvalid);
    error.message().to_owned()
}

#[test]
fn a_bundle_holds_certificates_and_nothing_else() {
    let authority = Authority::new();
    let other = Authority::new();
    let pem = authority.pem();
    for bundle in [pem.clone(), format!("# Comment\n{pem}\nAnother:\n{}", other.pem()), pem.replace('\n', "\r\n")] {
        HttpFetch::new(HttpOptions::new().ca_bundle(bundle)).unwrap();
    }
    let der = "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n";
    for bundle in [
        String::new(),
        "certificates".to_owned(),
        "/etc/ssl/certs/ca-certificates.crt".to_owned(),
        authority.key_pem(),
        format!("{pem}{}", authority.key_pem()),
        format!("{pem}-----BEGIN X509 CRL-----\nMAA=\n-----END X509 CRL-----\n"),
        format!("{pem}-----BEGIN CERTIFICATE-----\n"),
        pem.replace("END CERTIFICATE", "END"),
        format!("{pem}{der}"),
        der.replace("MAA=", "%%%%"),
        pem.replace("CERTIFICATE", "TRUSTED CERTIFICATE"),
    ] {
        let message = refusal(HttpOptions::new().ca_bundle(bundle.clone()));
        assert!(message.ends_with("ca_bundle: not certificates in PEM"), "{message}: {bundle}");
    }
}

#[test]
fn a_proxy_is_an_http_url_of_a_host() {
    for proxy in [
        "http://proxy.example",
        "http://proxy.example:3128/",
        "https://proxy.example",
        "http://user:pass%20word@[::1]:3128",
        "http://10.0.0.1:3128",
    ] {
        HttpFetch::new(HttpOptions::new().proxy(proxy)).unwrap();
    }
    for proxy in [
        "",
        "proxy.example",
        "proxy.example:3128",
        "//proxy.example",
        "socks5://proxy.example",
        "socks4a://proxy.example:1080",
        "ftp://proxy.example",
        "http://",
        "http://:3128",
        "http://proxy.example:99999",
        "http://proxy.example/path",
        "http://proxy.example/?query",
        "http://user:%ff@proxy.example",
        "http://proxy.example\r\nX: y",
    ] {
        let message = refusal(HttpOptions::new().proxy(proxy));
        assert!(message.ends_with("proxy: not an http or https URL of a host"), "{message}: {proxy}");
    }
}

#[test]
fn options_are_read_from_json() {
    let proxy = "http://proxy.example:3128";
    let read = HttpOptions::from_json(&format!("{{\"proxy\":\"{proxy}\",\"ca_bundle\":null}}")).unwrap();
    assert_eq!(read, HttpOptions::new().proxy(proxy));
    assert_eq!(HttpOptions::from_json("{}").unwrap(), HttpOptions::default());
    for (text, named) in [
        ("{\"proxies\":\"x\"}", "proxies"),
        ("{\"verify\":false}", "verify"),
        ("{\"proxy\":1}", "proxy"),
        ("{\"ca_bundle\":[]}", "ca_bundle"),
    ] {
        let error = HttpOptions::from_json(text).unwrap_err();
        assert_eq!(error.code(), ErrorCode::ConfigInvalid);
        assert!(error.message().contains(named), "{}", error.message());
    }
}

#[test]
fn nothing_shows_a_password() {
    let options = HttpOptions::new().proxy("http://user:canary@canary.example").ca_bundle(Authority::new().pem());
    let shown = format!("{options:?} {:?}", HttpFetch::new(options.clone()).unwrap());
    assert!(!shown.contains("canary") && !shown.contains("BEGIN"), "{shown}");
    let refused = HttpFetch::new(options.proxy("http://user:canary@canary.example/canary")).unwrap_err();
    assert!(!format!("{refused:?} {refused}").contains("canary"));
}

/// Reasons are a fixed set of words: there is nothing that a URL or a body could be in.
#[test]
fn failures_are_words_and_errors() {
    for failure in FetchFailure::ALL {
        let error: &dyn std::error::Error = failure;
        assert!(error.to_string().bytes().all(|c| c.is_ascii_lowercase() || c == b'_'));
    }
}
