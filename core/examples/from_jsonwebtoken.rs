//! One API, guarded with the crate jsonwebtoken and with this one.

use at9068::{Algorithm, ApiConfig, Dialect, MintRequest, Minter, MinterConfig, SigningKey};

/// The program chooses the key, says by a type which claims it needs, and judges what that leaves open.
pub(crate) mod before {
    use jsonwebtoken::errors::{Error, ErrorKind};
    use jsonwebtoken::jwk::JwkSet;
    use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};

    #[derive(serde::Deserialize)]
    pub(crate) struct Claims {
        pub(crate) sub: String,
        pub(crate) client_id: String,
        pub(crate) jti: String,
        pub(crate) iat: f64,
        pub(crate) scope: Option<String>,
    }

    pub(crate) fn validate(token: &str, keys: &JwkSet) -> Result<Claims, Error> {
        let kid = decode_header(token)?.kid.ok_or(ErrorKind::InvalidToken)?;
        let key = DecodingKey::from_jwk(keys.find(&kid).ok_or(ErrorKind::InvalidToken)?)?;
        let mut validation = Validation::new(Algorithm::RS256);
        validation.set_issuer(&["https://as.example/"]);
        validation.set_audience(&["https://api.example/"]);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        validation.validate_nbf = true;
        Ok(decode::<Claims>(token, &key, &validation)?.claims)
    }
}

/// The validator is made once. Without `keys` it fetches those of the issuer.
pub(crate) mod after {
    use at9068::{AccessToken, Algorithm, KeySet, Result, ValidateOptions, Validator, ValidatorConfig};

    pub(crate) fn validator(keys: &KeySet) -> Result<Validator> {
        let config = ValidatorConfig::new("https://as.example/", "https://api.example/");
        Validator::new(config.keys(keys).algorithms([Algorithm::RS256]))
    }

    pub(crate) fn validate(token: &str, validator: &Validator) -> Result<AccessToken> {
        validator.validate(token, &ValidateOptions::default())
    }
}

pub(crate) fn main() -> Result<(), Box<dyn std::error::Error>> {
    let key = SigningKey::generate(Algorithm::RS256)?;
    let api = ApiConfig::new("https://api.example/", Dialect::Rfc9068Profile).scopes(["read:patients"]);
    let minter = Minter::new(MinterConfig::new("https://as.example/", [key.clone()], [api]))?;
    let request = MintRequest::new("authorization_code", "my-client").subject("user-1").scope("read:patients");
    let minted = minter.mint(&request, None)?;

    let old = before::validate(minted.token(), &serde_json::from_str(&key.key_set()?.to_json())?)?;
    let new = after::validate(minted.token(), &after::validator(&key.key_set()?)?)?;
    assert_eq!((old.sub.as_str(), old.client_id.as_str()), (new.sub(), new.client_id()));
    assert_eq!((Some(old.jti.as_str()), old.scope.as_deref()), (new.jti(), Some("read:patients")));
    assert!(old.iat.fract() == 0.0);
    Ok(())
}
