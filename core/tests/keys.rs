//! Keys: generated, exported, read again, in every form.

#![allow(clippy::unwrap_used, reason = "a test that meets the unexpected fails, and should")]

use at9068::{
    Algorithm, ErrorCode, Handles, KeyOptions, KeySet, SigningKey, Validator, ValidatorConfig, certificate_sha256,
    thumbprint,
};

#[test]
fn every_form_of_a_key_is_the_same_key() {
    for algorithm in Algorithm::ALL.iter().copied().filter(|algorithm| !algorithm.is_symmetric()) {
        let key = SigningKey::generate(algorithm).unwrap();
        let kid = key.thumbprint().unwrap();
        assert_eq!(key.kid(), Some(kid.as_str()));
        assert_eq!(key.algorithm(), algorithm);
        let options = KeyOptions::default().algorithm(algorithm);
        for again in [
            SigningKey::from_jwk(&key.to_jwk()).unwrap(),
            SigningKey::from_pem(&key.to_pem().unwrap(), &options).unwrap(),
        ] {
            assert_eq!(again.to_jwk(), key.to_jwk(), "{algorithm}");
            assert_eq!(again.public_jwk(), key.public_jwk(), "{algorithm}");
        }
        let public = key.public_jwk().unwrap();
        assert_eq!(thumbprint(&public).unwrap(), kid);
        assert_eq!(thumbprint(&key.to_jwk()).unwrap(), kid);
        let set = key.key_set().unwrap();
        assert_eq!(set.to_json(), format!("{{\"keys\":[{public}]}}"));
        for again in [
            KeySet::from_json(&set.to_json()).unwrap(),
            KeySet::from_pem(&key.public_pem().unwrap().unwrap(), &options).unwrap(),
            KeySet::from_pem(&key.to_pem().unwrap(), &options).unwrap(),
        ] {
            assert_eq!(again.to_json(), set.to_json(), "{algorithm}");
        }
        assert!(!set.to_json().contains("\"d\""));
    }
}

#[test]
fn what_is_skipped_is_told_by_its_place() {
    let key = SigningKey::generate(Algorithm::ES256).unwrap();
    let good = key.public_jwk().unwrap();
    let set =
        KeySet::from_json(&format!(r#"{{"keys":[{{"kty":"EC","kid":"broken"}},{good},{{"kty":"XYZ"}}]}}"#)).unwrap();
    let told: Vec<_> = set.skipped().iter().map(|key| (key.index, key.kid.as_deref(), key.code)).collect();
    assert_eq!(told, [(0, Some("broken"), ErrorCode::KeyMalformed), (2, None, ErrorCode::KeyUnsupported)]);
    assert_eq!(set.kids().collect::<Vec<_>>(), [key.kid().unwrap()]);
    assert_eq!((set.len(), set.is_empty()), (1, false));

    let mut handles = Handles::default();
    handles.signing_keys.push(key);
    let keys = r#"{"keys":[{"kty":"EC","kid":"broken"},{"kty":"XYZ"},{"$signing_key":0},{"kty":"RSA"}]}"#;
    let config = format!(r#"{{"issuer":"https://as.example/","audience":"https://api.example/","jwks":{keys}}}"#);
    let validator = Validator::new(ValidatorConfig::from_json_with(&config, &handles).unwrap()).unwrap();
    let told: Vec<_> = validator.skipped_keys().map(|(issuer, key)| (issuer, key.index, key.code)).collect();
    assert_eq!(
        told,
        [
            ("https://as.example/", 0, ErrorCode::KeyMalformed),
            ("https://as.example/", 1, ErrorCode::KeyUnsupported),
            ("https://as.example/", 3, ErrorCode::KeyMalformed),
        ]
    );
}

#[test]
fn rsa_keys_are_generated_in_three_sizes() {
    for bits in [3072, 4096] {
        let key = SigningKey::generate_rsa(Algorithm::PS256, bits).unwrap();
        assert_eq!(key.algorithm(), Algorithm::PS256);
    }
    let code = |result: at9068::Result<SigningKey>| result.unwrap_err().code();
    assert_eq!(code(SigningKey::generate_rsa(Algorithm::RS256, 1024)), ErrorCode::KeyUnsupported);
    assert_eq!(code(SigningKey::generate_rsa(Algorithm::ES256, 2048)), ErrorCode::KeyUnsupported);
    assert_eq!(code(SigningKey::generate(Algorithm::HS256)), ErrorCode::KeyUnsupported);
}

#[test]
fn the_thumbprint_of_rfc_7638() {
    let jwk = r#"{"kty":"RSA","n":"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw","e":"AQAB","alg":"RS256","kid":"2011-04-29"}"#;
    assert_eq!(thumbprint(jwk).unwrap(), "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
}

#[test]
fn a_key_whose_halves_do_not_match_is_refused() {
    for algorithm in [Algorithm::ES256, Algorithm::EdDSA, Algorithm::RS256] {
        let member = |jwk: &str, name: &str| {
            serde_json::from_str::<serde_json::Value>(jwk).unwrap().get(name).unwrap().as_str().unwrap().to_owned()
        };
        let (one, other) =
            (SigningKey::generate(algorithm).unwrap().to_jwk(), SigningKey::generate(algorithm).unwrap().to_jwk());
        let mixed = one.replace(&member(&one, "d"), &member(&other, "d"));
        assert_eq!(SigningKey::from_jwk(&mixed).unwrap_err().code(), ErrorCode::KeyMalformed, "{algorithm}");
    }
}

#[test]
fn a_private_key_is_not_shown() {
    let key = SigningKey::generate(Algorithm::ES256).unwrap();
    let shown = format!(
        "{key:?} {:?} {:?}",
        key.key_set().unwrap(),
        SigningKey::from_jwk("{\"kty\":\"oct\",\"k\":\"canary\"}")
    );
    assert!(shown.contains("ES256") && !shown.contains("canary") && !shown.contains(key.kid().unwrap()));
}

#[test]
fn pem_texts_that_are_no_keys() {
    let code = |text: &str| SigningKey::from_pem(text, &KeyOptions::default()).unwrap_err().code();
    let pem = SigningKey::generate(Algorithm::ES256).unwrap().to_pem().unwrap();
    assert_eq!(code(""), ErrorCode::KeyMalformed);
    assert_eq!(code(&pem.replace("PRIVATE KEY", "PUBLIC KEY")), ErrorCode::KeyUnsupported);
    assert_eq!(code(&pem.replace("PRIVATE KEY", "ENCRYPTED PRIVATE KEY")), ErrorCode::KeyUnsupported);
    assert_eq!(code(&format!("{pem}{pem}")), ErrorCode::KeyMalformed);
    assert_eq!(code(&pem.replace('M', "!")), ErrorCode::KeyMalformed);
    let wrong = KeyOptions::default().algorithm(Algorithm::RS256);
    assert_eq!(SigningKey::from_pem(&pem, &wrong).unwrap_err().code(), ErrorCode::KeyMismatch);
    assert_eq!(certificate_sha256(pem.as_bytes()).unwrap_err().code(), ErrorCode::ArgumentInvalid);
    assert_eq!(certificate_sha256(b"\x30\x00").unwrap_err().code(), ErrorCode::ArgumentInvalid);
}

fn fixture(name: &str) -> String {
    std::fs::read_to_string(format!("{}/tests/pem/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

#[test]
fn keys_of_another_tool_are_read_in_every_form() {
    for (kind, forms) in [
        ("rsa", &["pkcs1-private", "pkcs8-private", "pkcs1-public", "spki-public", "certificate"][..]),
        ("p256", &["sec1-private", "pkcs8-private", "spki-public", "certificate"]),
        ("p384", &["sec1-private", "pkcs8-private", "spki-public", "certificate"]),
        ("p521", &["sec1-private", "pkcs8-private", "spki-public", "certificate"]),
        ("ed25519", &["pkcs8-private", "spki-public", "certificate"]),
    ] {
        let options = KeyOptions::default();
        let sets: Vec<String> = forms
            .iter()
            .map(|form| KeySet::from_pem(&fixture(&format!("{kind}-{form}.pem")), &options).unwrap().to_json())
            .collect();
        assert!(sets.windows(2).all(|pair| pair.first() == pair.last()), "{kind}");
        for form in forms {
            let read = SigningKey::from_pem(&fixture(&format!("{kind}-{form}.pem")), &options);
            match read {
                Ok(key) => assert_eq!(Some(&key.key_set().unwrap().to_json()), sets.first()),
                Err(error) => assert_eq!((error.code(), form.contains("private")), (ErrorCode::KeyUnsupported, false)),
            }
        }
    }
}

#[test]
fn keys_of_another_tool_that_are_refused() {
    let code = |name: &str| KeySet::from_pem(&fixture(name), &KeyOptions::default()).unwrap_err().code();
    assert_eq!(code("rsa-1024-private.pem"), ErrorCode::KeyTooWeak);
    assert_eq!(code("secp256k1-pkcs8-private.pem"), ErrorCode::KeyUnsupported);
    assert_eq!(code("p256-encrypted-private.pem"), ErrorCode::KeyUnsupported);
}

#[test]
fn the_thumbprint_of_a_certificate() {
    let pem = fixture("p256-certificate.pem");
    let expected = fixture("p256-certificate.sha256");
    assert_eq!(certificate_sha256(pem.as_bytes()).unwrap(), expected.trim());
}
