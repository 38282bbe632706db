//! A JWK set, a private JWK, and the thumbprint of a JWK.
#![no_main]

use at9068::{KeySet, MintRequest, Minter, MinterConfig, SigningKey, thumbprint, verify_jws};
use at9068_fuzz::{Json, NOW, read, read_object};
use libfuzzer_sys::fuzz_target;

/// Members of a JWK that nobody else may see (RFC 7518 §6.2.2, §6.3.2, §6.4.1).
const PRIVATE: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

fuzz_target!(|octets: &[u8]| {
    let Ok(text) = std::str::from_utf8(octets) else { return };
    set(text);
    let key = SigningKey::from_jwk(text);
    if let Ok(print) = thumbprint(text) {
        assert_eq!(print.len(), 43);
        assert!(read_object(text).is_some(), "a JWK that serde_json does not read");
    }
    if let Ok(key) = key {
        signing_key(text, &key);
    }
});

fn set(text: &str) {
    let Ok(set) = KeySet::from_json(text) else { return };
    let members = read_object(text).expect("what we accept, serde_json reads too, without duplicates");
    let Some(Json::Array(entries)) = members.get("keys") else { panic!("keys is no array") };
    assert_eq!(set.len() + set.skipped().len(), entries.len(), "an entry that is neither used nor skipped");
    for skipped in set.skipped() {
        let named = entries[skipped.index].member("kid").and_then(Json::text);
        assert!(skipped.kid.is_none() || skipped.kid.as_deref() == named, "a name of another entry");
    }
    let written = set.to_json();
    no_secret(&written);
    let again = KeySet::from_json(&written).expect("what we write, we read");
    assert_eq!(again.to_json(), written);
    assert!(again.skipped().is_empty());
    assert!(again.len() <= set.len());
}

fn signing_key(text: &str, key: &SigningKey) {
    let members = read_object(text).expect("what we accept, serde_json reads too, without duplicates");
    let again = SigningKey::from_jwk(&key.to_jwk()).expect("what we write, we read");
    assert_eq!((again.kid(), again.algorithm(), again.to_jwk()), (key.kid(), key.algorithm(), key.to_jwk()));
    assert_eq!(key.thumbprint(), again.thumbprint());
    if let Some(Json::String(kid)) = members.get("kid") {
        assert_eq!(key.kid(), Some(kid.as_str()));
    }
    if let Some(public) = key.public_jwk() {
        no_secret(&format!("{{\"keys\":[{public}]}}"));
        assert_eq!(thumbprint(text).ok(), key.thumbprint());
        assert_eq!(thumbprint(&public).ok(), key.thumbprint());
        assert_eq!(key.key_set().expect("a public half").len(), 1);
    }
    // RSA takes too long to sign with at every turn.
    if !matches!(members.get("kty"), Some(Json::String(kty)) if kty == "RSA") {
        signs(key);
    }
}

fn signs(key: &SigningKey) {
    let config = format!(
        r#"{{"issuer":"i","keys":{{"keys":[{}]}},"default_audience":"a","apis":[{{"audience":"a","dialect":"rfc9068_profile"}}]}}"#,
        key.to_jwk()
    );
    // A `kid` may be too long for a header.
    let Ok(minter) = MinterConfig::from_json(&config).and_then(Minter::new) else { return };
    let minted = minter.mint(&MintRequest::new("client_credentials", "c"), Some(NOW)).expect("a key signs");
    let set = key.key_set().expect("a public half");
    let payload =
        verify_jws(minted.token(), &set, &[key.algorithm()]).expect("what a key signs, its public half verifies");
    assert_eq!(payload, minted.claims_json().as_bytes());
}

fn no_secret(set: &str) {
    let Some(Json::Object(members)) = read(set) else { panic!("no JSON") };
    let Some(Json::Array(keys)) = members.get("keys") else { panic!("no keys") };
    for key in keys {
        assert!(PRIVATE.iter().all(|name| key.member(name).is_none()), "a private member in a public key");
    }
}
