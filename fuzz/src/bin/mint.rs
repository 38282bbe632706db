//! Mint requests: what is minted, its API accepts.
#![no_main]

use std::sync::LazyLock;

use at9068::{
    Algorithm, ErrorClass, ErrorCode, KeySet, MintRequest, Minter, MinterConfig, Profile, Request, SigningKey,
    ValidateOptions, Validator, ValidatorConfig, verify_jws,
};
use at9068_fuzz::{ISSUER, Json, NOW, judge, read_object, same_claims};
use libfuzzer_sys::fuzz_target;

/// TEST ONLY. Ed25519, whose signatures are quick and always the same.
const KEY: &str = include_str!("../../../tests/keys/ed25519-a.pem");
const DIALECTS: [&str; 4] = ["rfc9068_profile", "rfc9068_profile_authz", "access_token", "access_token_authz"];

struct Fixed {
    minters: Vec<Minter>,
    keys: KeySet,
}

static FIXED: LazyLock<Fixed> = LazyLock::new(|| {
    let key = SigningKey::from_pem(KEY, &at9068::KeyOptions::default()).expect("a key");
    let minters = DIALECTS.map(|dialect| {
        let api = |audience: &str, scopes: &str| {
            format!(r#"{{"audience":"{audience}","dialect":"{dialect}","scopes":[{scopes}]}}"#)
        };
        let config = format!(
            r#"{{"issuer":"{ISSUER}","keys":{{"keys":[{}]}},"apis":[{},{}],"default_audience":"https://api.example/","userinfo_audience":"https://as.example/userinfo"}}"#,
            key.to_jwk(),
            api("https://api.example/", r#""read:patients","write:patients""#),
            api("urn:api:1", r#""read:patients","b""#),
        );
        Minter::new(MinterConfig::from_json(&config).expect("the configuration is good")).expect("it is")
    });
    Fixed { minters: minters.into(), keys: key.key_set().expect("a public half") }
});

fuzz_target!(|octets: &[u8]| {
    let Ok(text) = std::str::from_utf8(octets) else { return };
    let Ok(request) = MintRequest::from_json(text) else { return };
    for (minter, dialect) in FIXED.minters.iter().zip(DIALECTS) {
        match minter.mint(&request, Some(NOW)) {
            Ok(minted) => {
                let payload = verify_jws(minted.token(), &FIXED.keys, &[Algorithm::EdDSA]).expect("a good signature");
                assert_eq!(payload, minted.claims_json().as_bytes());
                accepted(minted.token(), minted.claims_json(), dialect);
            }
            Err(error) => {
                assert!(matches!(error.code().class(), ErrorClass::Mint | ErrorClass::Config), "{}", error.message());
                assert_ne!(error.code(), ErrorCode::SigningFailed);
                assert!(!error.message().contains(char::is_control));
            }
        }
    }
});

/// Every audience of a token takes it for what it is.
fn accepted(token: &str, claims: &str, dialect: &str) {
    let members = read_object(claims).expect("claims that serde_json reads, without duplicates");
    let audiences = match members.get("aud") {
        Some(Json::String(one)) => vec![one.clone()],
        Some(Json::Array(several)) => several.iter().map(|one| one.text().expect("a text").to_owned()).collect(),
        other => panic!("aud is {other:?}"),
    };
    let mut options = ValidateOptions::default().now(NOW);
    let member = |name| members.get("cnf").and_then(|cnf| cnf.member(name)).and_then(Json::text);
    let bound_to_key = member("jkt").is_some();
    if let Some(sha256) = member("x5t#S256") {
        options = options.request(Request::new().client_certificate_sha256(sha256).expect("a binding that can match"));
    }
    let profile = if dialect.starts_with("rfc9068") { Profile::Rfc9068 } else { Profile::Auth0 };
    for audience in audiences {
        let config =
            ValidatorConfig::new(ISSUER, &audience).keys(&FIXED.keys).profiles([Profile::Rfc9068, Profile::Auth0]);
        let validator = Validator::new(config).expect("a good configuration");
        match judge(&validator, token.as_bytes(), &options) {
            Ok(good) => {
                assert!(!bound_to_key, "a token of DPoP taken as a bearer token");
                assert_eq!(good.profile(), Some(profile));
                assert_eq!(good.claims_json(), claims);
                same_claims(&good);
            }
            // Proofs are not judged by this version.
            Err(error) => {
                assert!(bound_to_key && error.code() == ErrorCode::BindingMissing, "{}: {}", error.message(), claims);
            }
        }
    }
}
