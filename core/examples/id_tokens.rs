//! A provider mints an ID token, and the client where the user logs in validates it.

use at9068::{
    Algorithm, ApiConfig, Dialect, ErrorCode, IdTokenChecks, IdTokenConfig, IdTokenRequest, IdTokenValidator,
};
use at9068::{Minter, MinterConfig, SigningKey};

pub(crate) fn main() -> at9068::Result<()> {
    let key = SigningKey::generate(Algorithm::ES256)?;
    let api = ApiConfig::new("https://api.example/", Dialect::Rfc9068Profile);
    let provider = Minter::new(MinterConfig::new("https://as.example/", [key.clone()], [api]))?;

    // The client sends a nonce with its request, and keeps it in the user's session.
    let nonce = "n-0S6_WzA2Mj";
    let request = IdTokenRequest::new("my-client", "user-1").nonce(nonce).auth_time(1_700_000_000);
    let minted = provider.mint_id_token(&request, Some(1_700_000_030.0))?;

    let config = IdTokenConfig::new("https://as.example/", "my-client").keys(&key.key_set()?);
    let validator = IdTokenValidator::new(config)?;
    let checks = IdTokenChecks::new().nonce(nonce).max_age(60);
    let token = validator.validate(minted.token(), &checks, Some(1_700_000_031.0))?;
    assert_eq!((token.sub(), token.auth_time()), ("user-1", Some(1_700_000_000)));

    let of_another_login = validator.validate(minted.token(), &checks.nonce("other"), Some(1_700_000_031.0));
    assert!(of_another_login.is_err_and(|error| error.code() == ErrorCode::ClaimMismatch));
    Ok(())
}
