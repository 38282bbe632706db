//! What a server sends: the answer that comes with an error, or that of the endpoint.

use at9068::{Algorithm, ApiConfig, Dialect, Error, MintRequest, Minter, MinterConfig, Request, Require, Result};
use at9068::{SigningKey, ValidateOptions, Validator, ValidatorConfig};

/// Status, header fields and body.
type Answer = (u16, Vec<(String, String)>, String);

fn answer(validator: &Validator, authorization: Option<&str>, scope: &str) -> Result<Answer> {
    let mut request = Request::new();
    if let Some(value) = authorization {
        request = request.header("Authorization", value);
    }
    let options = ValidateOptions::default().require(Require::new().scopes([scope])?);
    match validator.authenticate(&request, &options) {
        Ok(token) => Ok((200, Vec::new(), token.sub().to_owned())),
        Err(error) => refusal(error),
    }
}

/// An error without answer is a mistake of configuration or of this program.
fn refusal(error: Error) -> Result<Answer> {
    let Some(response) = error.http_response() else { return Err(error) };
    Ok((response.status(), response.headers().to_vec(), response.body().to_owned()))
}

pub(crate) fn main() -> Result<()> {
    let key = SigningKey::generate(Algorithm::ES256)?;
    let api = ApiConfig::new("https://api.example/", Dialect::Rfc9068Profile).scopes(["read:patients"]);
    let minter = Minter::new(MinterConfig::new("https://as.example/", [key.clone()], [api]))?;
    let grant = MintRequest::new("authorization_code", "my-client").subject("user-1").scope("read:patients");
    let bearer = format!("Bearer {}", minter.mint(&grant, None)?.token());

    let config = ValidatorConfig::new("https://as.example/", "https://api.example/").keys(&key.key_set()?);
    let validator = Validator::new(config)?;
    let good = answer(&validator, Some(&bearer), "read:patients")?;
    assert_eq!((good.0, good.2.as_str()), (200, "user-1"));

    let (status, headers, body) = answer(&validator, Some(&bearer), "write:patients")?;
    let challenge = headers.iter().find(|(name, _)| name == "WWW-Authenticate").map(|(_, value)| value.as_str());
    assert!(challenge.is_some_and(|value| value.starts_with("Bearer error=\"insufficient_scope\"")));
    assert!(status == 403 && body.ends_with("\"code\":\"scope_insufficient\"}"));
    assert_eq!(answer(&validator, None, "read:patients")?.0, 401);
    Ok(())
}
