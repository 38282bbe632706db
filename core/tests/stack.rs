//! Nothing that comes from outside makes the stack grow: everything holds on the 128 KiB that threads have under musl
//! and in some hosts (T220, T58).

#![allow(clippy::unwrap_used, reason = "a test that meets the unexpected fails, and should")]

mod corpus;

use std::fmt::Write as _;
use std::thread;

use at9068::{
    Algorithm, ApiConfig, Dialect, ErrorCode, KeyOptions, KeySet, MintRequest, Minter, MinterConfig, Request, Require,
    SigningKey, ValidateOptions, Validator, ValidatorConfig, certificate_sha256, thumbprint,
};
use corpus::cases;

/// An overflow ends the process: the test then fails as a whole, with a signal.
fn on_a_small_stack<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    thread::Builder::new().stack_size(128 * 1024).spawn(work).unwrap().join().unwrap()
}

fn base64url(octets: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut text = String::new();
    for chunk in octets.chunks(3) {
        let bits = chunk.iter().fold(0_usize, |bits, octet| bits << 8 | usize::from(*octet)) << (8 * (3 - chunk.len()));
        for place in 0..=chunk.len() {
            text.push(char::from(*LETTERS.get(bits >> (18 - 6 * place) & 63).unwrap()));
        }
    }
    text
}

/// JSON texts that are deep, or wide, or both.
fn hostile(size: usize) -> Vec<String> {
    let deep = |open: &str, inner: &str, close: &str| {
        let times = size / (open.len() + close.len());
        format!("{}{inner}{}", open.repeat(times), close.repeat(times))
    };
    let wide = |item: &dyn Fn(usize) -> String| {
        let mut text = String::new();
        for number in 0.. {
            let _ = write!(text, "{}{}", if number == 0 { "" } else { "," }, item(number));
            if text.len() > size {
                break;
            }
        }
        text
    };
    vec![
        deep("[", "", "]"),
        "[".repeat(size),
        "{\"a\":".repeat(size / 5),
        deep("{\"a\":", "1", "}"),
        deep("[{\"a\":", "[]", "}]"),
        deep("{\"act\":", "{\"sub\":\"x\"}", "}"),
        deep("{\"keys\":[", "{}", "]}"),
        format!("{{{}}}", wide(&|number| format!("\"m{number}\":{number}"))),
        format!("[{}]", wide(&|_| "[]".to_owned())),
        format!("{{\"keys\":[{}]}}", wide(&|_| "{\"kty\":\"oct\",\"k\":\"AA\"}".to_owned())),
        format!("{{\"aud\":[{}]}}", wide(&|number| format!("\"a{number}\""))),
        format!("{{\"scope\":\"{}\"}}", "s ".repeat(size / 2)),
        format!("\"{}\"", "\\u0041".repeat(size / 6)),
        format!("{{\"n\":{}}}", "9".repeat(size)),
        format!("{{\"e\":1e{}}}", "9".repeat(size)),
    ]
}

#[test]
fn every_vector_holds_on_a_small_stack() {
    let cases = cases();
    let (asked, wrong) = on_a_small_stack(move || {
        let answered = |case: &corpus::Case| case.ask().map_or_else(|error| Some(error.code().slug()), |_| None);
        let wrong: Vec<_> = cases
            .iter()
            .filter(|case| answered(case) != case.expect.code.as_deref())
            .map(|case| case.id.clone())
            .collect();
        (cases.len(), wrong)
    });
    assert!(asked > 2000);
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn deep_and_wide_tokens_hold_on_a_small_stack() {
    let codes = on_a_small_stack(|| {
        let key = SigningKey::generate(Algorithm::EdDSA).unwrap();
        let config = ValidatorConfig::new("https://as.example/", "https://api.example/")
            .keys(&key.key_set().unwrap())
            .max_token_bytes(65536);
        let validator = Validator::new(config).unwrap();
        let header = base64url(br#"{"typ":"at+jwt","alg":"EdDSA"}"#);
        let mut codes = Vec::new();
        for (header_size, claims_size) in [(2900, 300), (300, 2900), (300, 11_000), (300, 45_000), (45_000, 300)] {
            for (head, claims) in hostile(header_size).iter().zip(&hostile(claims_size)) {
                for first in [&header, &base64url(head.as_bytes())] {
                    let token = format!("{first}.{}.{}", base64url(claims.as_bytes()), "A".repeat(86));
                    let options = ValidateOptions::default().now(1.7e9);
                    codes.push(validator.validate(token.as_bytes(), &options).unwrap_err().code());
                    let explained = validator.explain(token.as_bytes(), &options).unwrap();
                    assert_eq!(explained.verdict().unwrap_err().code(), *codes.last().unwrap());
                }
            }
        }
        codes
    });
    let expected = [
        ErrorCode::TokenMalformed,
        ErrorCode::TokenTooLarge,
        // Texts within every bound, which are no access tokens.
        ErrorCode::ClaimMissing,
    ];
    assert!(codes.len() > 140);
    assert!(codes.iter().all(|code| expected.contains(code)), "{codes:?}");
    assert!(codes.iter().filter(|code| **code == ErrorCode::TokenMalformed).count() > 60);
}

#[test]
fn everything_that_is_configured_or_asked_holds_on_a_small_stack() {
    let refused = on_a_small_stack(|| {
        let mut refused = 0;
        let mut count = |is_error: bool| refused += usize::from(is_error);
        for text in hostile(200_000) {
            count(KeySet::from_json(&text).is_err());
            count(SigningKey::from_jwk(&text).is_err());
            count(thumbprint(&text).is_err());
            count(ValidatorConfig::from_json(&text).and_then(Validator::new).is_err());
            count(MinterConfig::from_json(&text).and_then(Minter::new).is_err());
            count(MintRequest::from_json(&text).is_err());
            count(Request::from_json(&text).is_err());
            count(Require::from_json(&text).is_err());
            for name in ["jwks", "issuers", "claims", "act", "cnf", "authorization_details"] {
                let wrapped = format!("{{\"grant_type\":\"password\",\"client_id\":\"c\",\"{name}\":{text}}}");
                count(ValidatorConfig::from_json(&wrapped).and_then(Validator::new).is_err());
                count(MintRequest::from_json(&wrapped).is_err());
            }
            for label in ["PUBLIC KEY", "PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY", "CERTIFICATE"] {
                let body = base64url(text.as_bytes());
                let pem = format!("-----BEGIN {label}-----\n{body}\n-----END {label}-----\n");
                count(KeySet::from_pem(&pem, &KeyOptions::default()).is_err());
                count(SigningKey::from_pem(&pem, &KeyOptions::default()).is_err());
                count(certificate_sha256(pem.as_bytes()).is_err());
            }
            count(certificate_sha256(text.as_bytes()).is_err());
            // DER that nests: a sequence within a sequence, each as long as what is left.
            count(certificate_sha256(&[0x30, 0x80].repeat(50_000)).is_err());
        }
        refused
    });
    // Among the texts are some that one reader or another may take; most are for none.
    assert!(refused > 15 * 25, "{refused} refused");
}

#[test]
fn minting_and_key_making_hold_on_a_small_stack() {
    for algorithm in Algorithm::ALL.iter().copied().filter(|algorithm| !algorithm.as_str().starts_with("HS")) {
        on_a_small_stack(move || {
            let key = SigningKey::generate(algorithm).unwrap();
            let copy = SigningKey::from_pem(&key.to_pem().unwrap(), &KeyOptions::default().algorithm(algorithm));
            let keys = [copy.unwrap()];
            let api = ApiConfig::new("https://api.example/", Dialect::Rfc9068Profile);
            let minter = Minter::new(MinterConfig::new("https://as.example/", keys, [api])).unwrap();
            let request = MintRequest::new("client_credentials", "c").resource("https://api.example/");
            let minted = minter.mint(&request, Some(1.7e9)).unwrap();
            let config =
                ValidatorConfig::new("https://as.example/", "https://api.example/").keys(&key.key_set().unwrap());
            let validator = Validator::new(config.algorithms([algorithm])).unwrap();
            let options = ValidateOptions::default().now(1.7e9);
            assert_eq!(validator.validate(minted.token().as_bytes(), &options).unwrap().client_id(), "c");
        });
    }
}
