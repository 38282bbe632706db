//! Codes that only a fault of the surroundings brings about.

#![allow(clippy::unwrap_used, reason = "a test that meets the unexpected fails, and should")]

use std::sync::Arc;

use at9068::{
    Algorithm, ApiConfig, Clock, Dialect, Error, ErrorCode, MintRequest, Minter, MinterConfig, Ports, Require, Result,
    SigningKey, Timestamp, ValidateOptions, Validator, ValidatorConfig,
};

/// A clock that stands outside of all time.
struct BrokenClock;

impl Clock for BrokenClock {
    fn now(&self) -> Result<Timestamp> {
        Timestamp::from_seconds(f64::NAN).map_err(|_| Error::from(ErrorCode::Internal))
    }
}

fn ports() -> Ports {
    Ports::default().clock(Arc::new(BrokenClock))
}

/// A clock that stands still.
struct StillClock(f64);

impl Clock for StillClock {
    fn now(&self) -> Result<Timestamp> {
        Timestamp::from_seconds(self.0)
    }
}

#[test]
fn a_clock_that_is_given_is_the_one_that_is_read() {
    let key = SigningKey::generate(Algorithm::EdDSA).unwrap();
    let ports = |seconds| Ports::default().clock(Arc::new(StillClock(seconds)));
    let api = ApiConfig::new("https://api.example/", Dialect::Rfc9068Profile);
    let config =
        MinterConfig::new("https://as.example/", [key.clone()], [api]).default_audience("https://api.example/");
    let minter = Minter::with_ports(config, ports(1000.0)).unwrap();
    let request = MintRequest::new("password", "c").subject("u").auth_time(900);
    let minted = minter.mint(&request, None).unwrap();

    let config = ValidatorConfig::new("https://as.example/", "https://api.example/").keys(&key.key_set().unwrap());
    let validator = Validator::with_ports(config, ports(1010.0)).unwrap();
    let token = validator.validate(minted.token().as_bytes(), &ValidateOptions::default()).unwrap();
    assert_eq!((token.iat(), token.auth_time()), (1000, Some(900)));
    // 110 s since the user authenticated, and 30 s of leeway.
    assert!(token.require(&Require::new().max_age(80), None).is_ok());
    let error = token.require(&Require::new().max_age(79), None).unwrap_err();
    assert_eq!((error.code(), error.status()), (ErrorCode::AuthenticationInsufficient, Some(401)));
    assert!(token.require(&Require::new().max_age(79), Some(1009.0)).is_ok());
}

#[test]
fn internal_is_reported_when_the_clock_fails() {
    let key = SigningKey::generate(Algorithm::ES256).unwrap();
    let config = ValidatorConfig::new("https://as.example/", "https://api.example/").keys(&key.key_set().unwrap());
    let validator = Validator::with_ports(config, ports()).unwrap();
    let error = validator.validate(b"a.b.c", &ValidateOptions::default()).unwrap_err();
    assert_eq!(error.code(), ErrorCode::Internal);
    assert_eq!((error.status(), error.oauth(), error.challenges().len()), (Some(500), None, 0));
    assert_eq!(validator.explain(b"a.b.c", &ValidateOptions::default()).unwrap_err(), error);

    let api = ApiConfig::new("https://api.example/", Dialect::Rfc9068Profile);
    let config = MinterConfig::new("https://as.example/", [key], [api]).default_audience("https://api.example/");
    let minter = Minter::with_ports(config, ports()).unwrap();
    let request = MintRequest::new("client_credentials", "c");
    assert_eq!(minter.mint(&request, None).unwrap_err().code(), ErrorCode::Internal);
    assert!(minter.mint(&request, Some(1.7e9)).is_ok());
}
