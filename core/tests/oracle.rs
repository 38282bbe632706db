//! The jsonwebtoken crate as an independent judge: it accepts what we mint, we accept what it mints.

#![allow(clippy::unwrap_used, reason = "a test that meets the unexpected fails, and should")]

use at9068::{
    Algorithm, ApiConfig, Dialect, MintRequest, Minter, MinterConfig, SigningKey, ValidateOptions, Validator,
    ValidatorConfig,
};
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{DecodingKey, EncodingKey, Header, Validation};
use serde_json::{Value, json};

const ISSUER: &str = "https://as.example/";
const API: &str = "https://api.example/";

/// Those that both know.
const SHARED: [Algorithm; 9] = [
    Algorithm::RS256,
    Algorithm::RS384,
    Algorithm::RS512,
    Algorithm::PS256,
    Algorithm::PS384,
    Algorithm::PS512,
    Algorithm::ES256,
    Algorithm::ES384,
    Algorithm::EdDSA,
];

fn theirs(algorithm: Algorithm) -> jsonwebtoken::Algorithm {
    algorithm.as_str().parse().unwrap()
}

#[test]
fn they_accept_what_we_mint() {
    for algorithm in SHARED {
        let key = SigningKey::generate(algorithm).unwrap();
        let api = ApiConfig::new(API, Dialect::Rfc9068Profile);
        let minter = Minter::new(MinterConfig::new(ISSUER, [key.clone()], [api]).default_audience(API)).unwrap();
        let minted = minter.mint(&MintRequest::new("client_credentials", "client"), None).unwrap();

        let jwk: Jwk = serde_json::from_str(&key.public_jwk().unwrap()).unwrap();
        let mut validation = Validation::new(theirs(algorithm));
        validation.set_issuer(&[ISSUER]);
        validation.set_audience(&[API]);
        let decoded = jsonwebtoken::decode::<Value>(minted.token(), &DecodingKey::from_jwk(&jwk).unwrap(), &validation);
        let decoded = decoded.unwrap();
        assert_eq!(decoded.claims, serde_json::from_str::<Value>(minted.claims_json()).unwrap());
        assert_eq!(decoded.header.typ.as_deref(), Some("at+jwt"));
    }
}

#[test]
fn we_accept_what_they_mint() {
    for algorithm in SHARED {
        let key = SigningKey::generate(algorithm).unwrap();
        let pem = key.to_pem().unwrap();
        let encoding = match algorithm {
            Algorithm::ES256 | Algorithm::ES384 => EncodingKey::from_ec_pem(pem.as_bytes()),
            Algorithm::EdDSA => EncodingKey::from_ed_pem(pem.as_bytes()),
            _ => EncodingKey::from_rsa_pem(pem.as_bytes()),
        };
        let mut header = Header::new(theirs(algorithm));
        header.typ = Some("at+jwt".to_owned());
        header.kid = key.kid().map(str::to_owned);
        let claims = json!({"iss": ISSUER, "sub": "user", "aud": [API], "client_id": "client", "jti": "1",
                            "iat": 1_700_000_000, "exp": 1_700_000_600.5, "scope": "a b"});
        let token = jsonwebtoken::encode(&header, &claims, &encoding.unwrap()).unwrap();

        let config = ValidatorConfig::new(ISSUER, API).keys(&key.key_set().unwrap());
        let validator = Validator::new(config).unwrap();
        let token = validator.validate(token.as_bytes(), &ValidateOptions::default().now(1.7e9)).unwrap();
        assert_eq!(token.scopes(), ["a", "b"]);
        assert_eq!(token.exp(), 1_700_000_600);
    }
}
