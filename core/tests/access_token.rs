//! What a validated token tells, and what it does not.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that meets the unexpected fails, and should")]

use at9068::{
    AccessToken, Algorithm, ApiConfig, Dialect, ErrorCode, MintRequest, Minter, MinterConfig, Origin, Profile, Request,
    Require, SigningKey, ValidateOptions, Validator, ValidatorConfig,
};
use serde_json::json;

const ISSUER: &str = "https://as.example/";
const API: &str = "https://api.example/";
const THUMBPRINT: &str = "bwcK0esc3ACC3DB2Y5_lESsXE8o9ltc05O89jdN-dg2";

fn canonical() -> String {
    // The last character of 43 carries four bits only.
    THUMBPRINT.replace("dg2", "dg0")
}

fn validated(request: &MintRequest, dialect: Dialect) -> AccessToken {
    let key = SigningKey::generate(Algorithm::ES384).unwrap();
    let api = ApiConfig::new(API, dialect).scopes(["a", "b"]).lifetime_seconds(60);
    let minter = Minter::new(MinterConfig::new(ISSUER, [key.clone()], [api]).default_audience(API)).unwrap();
    let minted = minter.mint(request, Some(1.7e9)).unwrap();
    let config = ValidatorConfig::new(ISSUER, API).keys(&key.key_set().unwrap());
    let validator = Validator::new(config.profiles([Profile::Rfc9068, Profile::Auth0])).unwrap();
    let sender = Request::new().client_certificate_sha256(canonical()).unwrap();
    validator.validate(minted.token(), &ValidateOptions::default().now(1.7e9).request(sender)).unwrap()
}

#[test]
fn every_registered_claim_has_an_accessor() {
    let request = MintRequest::new("authorization_code", "client")
        .subject("user")
        .scope("b a b openid")
        .jti("id-1")
        .auth_time(1_600_000_000)
        .acr("gold")
        .amr(["pwd", "otp"])
        .permissions(["p:1"])
        .org_id("org_1")
        .org_name("Example")
        .roles(&json!(["admin", {"value": "reader", "primary": false},
                       {"value": "editor", "display": "Editor", "type": "t", "primary": true, "$ref": "https://r/"}]))
        .and_then(|request| request.groups(&json!([])))
        .and_then(|request| request.entitlements(&json!(["e"])))
        .and_then(|request| request.authorization_details(&json!([{"type": "payment", "amount": 5}])))
        .and_then(|request| request.cnf(&json!({"x5t#S256": canonical(), "other": 1})))
        .and_then(|request| request.act(&json!({"sub": "one", "act": {"sub": "two"}})))
        .and_then(|request| request.claims(&json!({"own": [1, 2.50]})))
        .unwrap();
    let token = validated(&request, Dialect::Rfc9068ProfileAuthz);
    assert_eq!((token.iss(), token.sub(), token.client_id()), (ISSUER, "user", "client"));
    assert_eq!((token.exp(), token.iat(), token.nbf()), (1_700_000_060, 1_700_000_000, None));
    assert_eq!((token.jti(), token.acr(), token.auth_time()), (Some("id-1"), Some("gold"), Some(1_600_000_000)));
    assert_eq!((token.org_id(), token.org_name()), (Some("org_1"), Some("Example")));
    assert_eq!(token.aud(), [API]);
    assert_eq!(token.scope(), Some("b a b openid"));
    assert_eq!(token.scopes(), ["b", "a", "openid"]);
    assert_eq!(token.permissions().unwrap(), ["p:1"]);
    assert_eq!(token.amr().unwrap(), ["pwd", "otp"]);
    assert_eq!(token.gty().unwrap(), None);
    assert_eq!((token.profile(), token.origin()), (Some(Profile::Rfc9068), Origin::Local));

    let roles = token.roles().unwrap().unwrap();
    assert_eq!((roles[0].value.as_ref(), roles[0].display.is_none()), ("admin", true));
    assert_eq!((roles[1].value.as_ref(), roles[1].primary), ("reader", Some(false)));
    assert_eq!((roles[2].value.as_ref(), roles[2].display.as_deref()), ("editor", Some("Editor")));
    assert_eq!((roles[2].kind.as_deref(), roles[2].primary), (Some("t"), Some(true)));
    assert_eq!(roles[2].reference.as_deref(), Some("https://r/"));
    assert!(token.groups().unwrap().unwrap().is_empty());
    assert_eq!(token.entitlements().unwrap().unwrap()[0].value, "e");
    let details = token.authorization_details().unwrap().unwrap();
    assert_eq!((details[0].kind.as_ref(), details[0].json), ("payment", r#"{"amount":5,"type":"payment"}"#));
    let cnf = token.cnf().unwrap();
    assert_eq!((cnf.jkt, cnf.x5t_s256.as_deref()), (None, Some(canonical().as_str())));
    let actor = token.act().unwrap();
    assert_eq!((actor.sub.as_deref(), actor.act().unwrap().sub.as_deref()), (Some("one"), Some("two")));
    assert!(actor.act().unwrap().act().is_none());

    assert_eq!(token.claim_json("own"), Some("[1,2.5]"));
    assert_eq!(token.claim_json("missing"), None);
    assert_eq!(token.accessor_json("aud").unwrap().unwrap(), format!("[\"{API}\"]"));
    assert_eq!(token.accessor_json("scopes").unwrap().unwrap(), r#"["b","a","openid"]"#);
    assert_eq!(token.accessor_json("sub").unwrap_err().code(), ErrorCode::ArgumentInvalid);
}

#[test]
fn the_older_profile_is_read_by_the_same_names() {
    let token = validated(&MintRequest::new("password", "client").subject("user"), Dialect::AccessToken);
    assert_eq!((token.client_id(), token.jti(), token.profile()), ("client", None, Some(Profile::Auth0)));
    assert_eq!(token.gty().unwrap().unwrap(), ["password"]);
    assert_eq!((token.scope(), token.scopes().len(), token.permissions()), (None, 0, None));
}

#[test]
fn a_claim_that_is_judged_when_asked_for_has_an_answer() {
    let key = SigningKey::generate(Algorithm::ES256).unwrap();
    let mut header = jsonwebtoken::Header::new(jsonwebtoken::Algorithm::ES256);
    header.typ = Some("at+jwt".to_owned());
    let claims = json!({"iss": ISSUER, "sub": "u", "aud": API, "client_id": "c", "jti": "1", "iat": 1, "exp": 9,
                        "roles": {}, "groups": [1], "authorization_details": {"type": "x"}, "gty": 5});
    let signer = jsonwebtoken::EncodingKey::from_ec_pem(key.to_pem().unwrap().as_bytes()).unwrap();
    let minted = jsonwebtoken::encode(&header, &claims, &signer).unwrap();
    let config = ValidatorConfig::new(ISSUER, API).keys(&key.key_set().unwrap()).realm("api");
    let token = Validator::new(config).unwrap().validate(minted, &ValidateOptions::default().now(5.0)).unwrap();
    for error in [
        token.roles().unwrap_err(),
        token.groups().unwrap_err(),
        token.authorization_details().unwrap_err(),
        token.gty().unwrap_err(),
        token.accessor_json("roles").unwrap_err(),
        token.require(&Require::new().roles(["x"]), Some(5.0)).unwrap_err(),
    ] {
        assert_eq!((error.code(), error.authenticated()), (ErrorCode::ClaimMalformed, true));
        assert_eq!((error.status(), error.oauth()), (Some(401), Some("invalid_token")));
        assert_eq!(error.challenges().len(), 1);
    }
    assert_eq!(token.entitlements().unwrap(), None);
}

#[test]
fn debug_shows_no_credential_and_no_claim() {
    const CANARY: &str = "canary4d";
    let request = MintRequest::new("authorization_code", CANARY)
        .subject(CANARY)
        .acr(CANARY)
        .roles(&json!([CANARY]))
        .and_then(|request| request.act(&json!({"sub": CANARY})))
        .and_then(|request| request.claims(&json!({CANARY: CANARY})))
        .unwrap();
    let token = validated(&request, Dialect::Rfc9068Profile);
    let http = Request::new().header("Authorization", format!("Bearer {CANARY}")).dpop(CANARY).url(CANARY);
    let options = ValidateOptions::default().request(http.clone());
    let shown = format!("{request:?} {token:?} {http:?} {options:?} {:?} {:?}", token.roles(), token.act());
    assert!(!shown.contains(CANARY), "{shown}");
}

fn standing(token: &AccessToken) -> String {
    let mut text = String::new();
    token.write_standing(&mut text);
    text
}

#[test]
fn a_token_is_recalled_of_its_texts() {
    let key = SigningKey::generate(Algorithm::ES256).unwrap();
    let request = MintRequest::new("authorization_code", "client").subject("user").scope("a").auth_time(1_600_000_000);
    for (dialect, profile) in [(Dialect::Rfc9068Profile, Profile::Rfc9068), (Dialect::AccessToken, Profile::Auth0)] {
        let api = ApiConfig::new(API, dialect).scopes(["a"]);
        let minter = Minter::new(MinterConfig::new(ISSUER, [key.clone()], [api])).unwrap();
        let minted = minter.mint(&request.clone().audience(API), Some(1.7e9)).unwrap();
        let config = ValidatorConfig::new(ISSUER, API).keys(&key.key_set().unwrap()).profiles([profile]);
        let validator = Validator::new(config.leeway_seconds(7).realm("r")).unwrap();
        let token = validator.validate(minted.token(), &ValidateOptions::default().now(1.7e9)).unwrap();
        let recalled = validator.recall(token.claims_json(), token.header_json(), &standing(&token)).unwrap();
        assert_eq!((recalled.claims_json(), recalled.header_json()), (minted.claims_json(), minted.header_json()));
        assert_eq!((recalled.profile(), recalled.origin()), (Some(profile), Origin::Local));
        assert_eq!((recalled.client_id(), standing(&recalled)), ("client", standing(&token)));
        // Whatever is asked of it is answered as of the token: leeway and realm are those of the validator.
        for max_age in [59, 60] {
            let demands = Require::new().max_age(max_age);
            let [asked, again] = [&token, &recalled].map(|token| token.require(&demands, Some(1.6e9 + 67.0)));
            assert_eq!(asked, again);
            assert_eq!(asked.is_ok(), profile == Profile::Rfc9068 && max_age == 60, "Auth0's profile has no auth_time");
        }
        for standing in ["", "7", "7 local", "7 local auth1", "x local auth0"] {
            let error = validator.recall(token.claims_json(), token.header_json(), standing).unwrap_err();
            assert_eq!(error.code(), ErrorCode::Internal, "{standing}");
        }
        assert!(validator.recall("{", token.header_json(), &standing(&token)).is_err());
        assert!(validator.recall(token.claims_json(), "{", &standing(&token)).is_err());
    }
}
