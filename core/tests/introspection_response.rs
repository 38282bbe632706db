//! What an authorization server answers about an access token.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that meets the unexpected fails, and should")]

use std::sync::Arc;

use at9068::{
    AccessToken, Algorithm, ApiConfig, Dialect, ErrorCode, Fetch, FetchFailure, FetchRequest, FetchResponse,
    IdTokenMinterConfig, KeySet, Kind, MintRequest, MintedToken, Minter, MinterConfig, Ports, Profile, Request,
    SigningKey, ValidateOptions, Validator, ValidatorConfig, introspection_response, verify_jws,
};
use serde_json::{Value, json};

const ISSUER: &str = "https://as.example/";
const API: &str = "https://api.example/";
const NOW: f64 = 1_700_000_000.75;

struct Server {
    key: SigningKey,
    minter: Minter,
}

impl Server {
    fn new(dialect: Dialect) -> Self {
        let (key, other) =
            (SigningKey::generate(Algorithm::ES256).unwrap(), SigningKey::generate(Algorithm::EdDSA).unwrap());
        let api = ApiConfig::new(API, dialect).scopes(["a", "b"]).lifetime_seconds(60);
        let config = MinterConfig::new(ISSUER, [key.clone(), other], [api]).default_audience(API);
        Self { key, minter: Minter::new(config).unwrap() }
    }

    fn token(&self, request: MintRequest) -> AccessToken {
        let minted = self.minter.mint(&request.subject("user").scope("b a").jti("one"), Some(NOW)).unwrap();
        let config = ValidatorConfig::new(ISSUER, API).keys(&self.key.key_set().unwrap());
        let validator = Validator::new(config.profiles([Profile::Rfc9068, Profile::Auth0])).unwrap();
        let certificate = Request::new().client_certificate_sha256("A".repeat(43)).unwrap();
        validator.validate(minted.token(), &ValidateOptions::default().now(NOW).request(certificate)).unwrap()
    }
}

fn request() -> MintRequest {
    MintRequest::new("authorization_code", "client")
}

fn parsed(minted: &MintedToken) -> (Value, Value) {
    (serde_json::from_str(minted.header_json()).unwrap(), serde_json::from_str(minted.claims_json()).unwrap())
}

#[test]
fn a_good_token_is_told_of_in_the_names_of_rfc_7662() {
    let expected = r#"{"active":true,"iss":"https://as.example/","sub":"user","aud":"https://api.example/","exp":1700000060,"iat":1700000000,"jti":"one","client_id":"client","scope":"b a","token_type":"Bearer"}"#;
    let token = Server::new(Dialect::Rfc9068Profile).token(request());
    assert_eq!(introspection_response(Some(&token)), expected);
    // Under another profile the client has another name as well.
    let expected = r#"{"active":true,"iss":"https://as.example/","sub":"user","aud":"https://api.example/","azp":"client","exp":1700000060,"iat":1700000000,"client_id":"client","scope":"b a","token_type":"Bearer"}"#;
    let token = Server::new(Dialect::AccessToken).token(request());
    assert_eq!(introspection_response(Some(&token)), expected);
}

#[test]
fn no_name_is_there_twice_and_what_a_token_says_of_itself_does_not_count() {
    let own = json!({"active": false, "token_type": "N_A", "other": [1, 2.50]});
    let bound = request().claims(&own).and_then(|request| request.cnf(&json!({"x5t#S256": "A".repeat(43)}))).unwrap();
    let response = introspection_response(Some(&Server::new(Dialect::Rfc9068Profile).token(bound)));
    for name in ["active", "token_type", "client_id", "scope"] {
        assert_eq!(response.matches(&format!("\"{name}\":")).count(), 1, "{response}");
    }
    let response: Value = serde_json::from_str(&response).unwrap();
    assert_eq!((&response["active"], &response["token_type"]), (&json!(true), &json!("Bearer")));
    assert_eq!(response["cnf"]["x5t#S256"], "A".repeat(43));
    assert_eq!(response["other"], json!([1, 2.5]));
}

#[test]
fn of_any_other_token_nothing_is_told() {
    assert_eq!(introspection_response(None), r#"{"active":false}"#);
}

#[test]
fn a_signed_answer_is_for_whoever_asks_and_no_token() {
    let server = Server::new(Dialect::Rfc9068Profile);
    let token = server.token(request());
    let minted = server.minter.mint_introspection_response(Some(&token), "api-1", Some(NOW)).unwrap();
    let (header, claims) = parsed(&minted);
    assert_eq!(header, json!({"typ": "token-introspection+jwt", "alg": "ES256", "kid": server.key.kid().unwrap()}));
    let answer: Value = serde_json::from_str(&introspection_response(Some(&token))).unwrap();
    let expected = json!({"iss": ISSUER, "aud": "api-1", "iat": 1_700_000_000, "token_introspection": answer});
    assert_eq!(claims, expected);
    assert_eq!(minted.expires_in(), 0);
    let keys = server.key.key_set().unwrap();
    let payload = verify_jws(minted.token(), &keys, &[Algorithm::ES256]).unwrap();
    assert_eq!(serde_json::from_slice::<Value>(&payload).unwrap(), expected);

    let minted = server.minter.mint_introspection_response(None, "api-1", Some(NOW)).unwrap();
    assert_eq!(parsed(&minted).1["token_introspection"], json!({"active": false}));
    let error = server.minter.mint_introspection_response(None, "", Some(NOW)).unwrap_err();
    assert_eq!((error.code(), error.claim()), (ErrorCode::ArgumentInvalid, Some("aud")));
    let error = server.minter.mint_introspection_response(None, "api-1", Some(-1.0)).unwrap_err();
    assert_eq!(error.code(), ErrorCode::ArgumentInvalid);

    // As an access token for that very audience it is refused.
    let validator = Validator::new(ValidatorConfig::new(ISSUER, "api-1").keys(&keys)).unwrap();
    let error = validator.validate(minted.token(), &ValidateOptions::default().now(NOW)).unwrap_err();
    assert_eq!((error.code(), error.kind()), (ErrorCode::TypeMismatch, Some(Kind::IntrospectionResponse)));
}

#[test]
fn answers_are_signed_as_id_tokens_are() {
    let keys = [SigningKey::generate(Algorithm::ES256).unwrap(), SigningKey::generate(Algorithm::EdDSA).unwrap()];
    let set = KeySet::from_signing_keys(&keys).unwrap();
    let config = MinterConfig::new(ISSUER, keys, [ApiConfig::new(API, Dialect::Rfc9068Profile)]);
    let config = config.id_tokens(IdTokenMinterConfig::new().algorithm(Algorithm::EdDSA));
    let minted = Minter::new(config).unwrap().mint_introspection_response(None, "api-1", Some(NOW)).unwrap();
    assert_eq!(parsed(&minted).0["alg"], "EdDSA");
    assert!(verify_jws(minted.token(), &set, &[Algorithm::EdDSA]).is_ok());
}

/// An endpoint that answers what it is told.
struct Endpoint(String);

impl Fetch for Endpoint {
    fn fetch(&self, _: &FetchRequest) -> Result<FetchResponse, FetchFailure> {
        let kind = if self.0.starts_with('{') { "json" } else { "token-introspection+jwt" };
        Ok(FetchResponse::new(200, self.0.clone()).header("Content-Type", format!("application/{kind}")))
    }
}

#[test]
fn what_is_answered_here_a_resource_server_understands() {
    for dialect in [Dialect::Rfc9068Profile, Dialect::AccessToken] {
        let server = Server::new(dialect);
        let token = server.token(request());
        let ask = |signed: bool, token: Option<&AccessToken>| {
            let answer = if signed {
                server.minter.mint_introspection_response(token, "api-1", Some(NOW)).unwrap().into_token()
            } else {
                introspection_response(token)
            };
            let config = json!({
                "issuer": ISSUER, "audience": API, "strategy": "introspection",
                "jwks": serde_json::from_str::<Value>(&server.key.key_set().unwrap().to_json()).unwrap(),
                "introspection": {"endpoint": "https://as.example/introspect", "signed_response": signed,
                                  "authentication": "client_secret_basic", "client_id": "api-1", "client_secret": "s"},
            });
            let config = if signed { config } else { without_keys(config) };
            let ports = Ports::default().fetch(Arc::new(Endpoint(answer)));
            let validator = Validator::with_ports(ValidatorConfig::from_json(&config.to_string()).unwrap(), ports);
            validator.unwrap().validate("opaque", &ValidateOptions::default().now(NOW))
        };
        for signed in [false, true] {
            let told = ask(signed, Some(&token)).unwrap();
            assert_eq!((told.sub(), told.client_id(), told.scope()), ("user", "client", Some("b a")));
            assert_eq!((told.exp(), told.iat(), told.aud()), (token.exp(), token.iat(), token.aud()));
            assert_eq!(ask(signed, None).unwrap_err().code(), ErrorCode::TokenInactive);
        }
    }
}

fn without_keys(mut config: Value) -> Value {
    config.as_object_mut().unwrap().remove("jwks");
    config
}
