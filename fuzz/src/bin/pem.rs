//! PEM texts and certificates.
#![no_main]

use at9068::{KeyOptions, KeySet, SigningKey, certificate_sha256};
use at9068_fuzz::base64url;
use aws_lc_rs::digest;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|octets: &[u8]| {
    if let Ok(print) = certificate_sha256(octets) {
        assert_eq!(print.len(), 43);
        if !octets.windows(10).any(|window| window == b"-----BEGIN") {
            assert_eq!(print, base64url(digest::digest(&digest::SHA256, octets).as_ref()));
        }
    }
    let Ok(text) = std::str::from_utf8(octets) else { return };
    let options = KeyOptions::default();
    let public = KeySet::from_pem(text, &options);
    if let Ok(set) = &public {
        assert_eq!((set.len(), set.skipped().len()), (1, 0));
        let again = KeySet::from_json(&set.to_json()).expect("what we write, we read");
        assert_eq!(again.to_json(), set.to_json());
    }
    if let Ok(key) = SigningKey::from_pem(text, &options) {
        let thumbprint = key.thumbprint().expect("no PEM text holds a secret");
        let set = public.expect("a private key has a public half");
        assert_eq!(set.kids().collect::<Vec<_>>(), [thumbprint.as_str()]);
        let again =
            SigningKey::from_pem(&key.to_pem().expect("a key is written"), &options).expect("what we write, we read");
        assert_eq!(again.to_jwk(), key.to_jwk());
        let half = KeySet::from_pem(&key.public_pem().expect("a key is written").expect("a public half"), &options);
        assert_eq!(half.expect("what we write, we read").to_json(), set.to_json());
    }
});
