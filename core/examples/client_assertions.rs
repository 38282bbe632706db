//! A client authenticates with a signed assertion, and the authorization server accepts it once.

use at9068::{Algorithm, ErrorCode, SigningKey};
use at9068::{ClientAssertionConfig, ClientAssertionOptions, ClientAssertionValidator, ClientConfig};
use at9068::{ClientAssertionMinter, ClientAssertionMinterConfig, ClientAssertionRequest};

pub(crate) fn main() -> at9068::Result<()> {
    let key = SigningKey::generate(Algorithm::ES256)?;

    // The client makes an assertion for each request to the token endpoint, and sends it there as
    // client_assertion.
    let config = ClientAssertionMinterConfig::new("my-client", "https://as.example/", [key.clone()]);
    let minter = ClientAssertionMinter::new(config)?;
    let minted = minter.mint(&ClientAssertionRequest::new(), None)?;

    // The authorization server knows the client's public key.
    let clients = [ClientConfig::new("my-client", &key.key_set()?)];
    let validator = ClientAssertionValidator::new(ClientAssertionConfig::new("https://as.example/", clients))?;
    let options = ClientAssertionOptions::default().client_id("my-client");
    let client = validator.validate(minted.token(), &options)?;
    assert_eq!((client.client_id(), client.method().as_str()), ("my-client", "private_key_jwt"));

    let again = validator.validate(minted.token(), &options);
    assert!(
        again.is_err_and(|error| error.code() == ErrorCode::TokenReplayed && error.oauth() == Some("invalid_client"))
    );
    Ok(())
}
