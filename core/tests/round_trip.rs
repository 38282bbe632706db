//! What the minter mints, the validator for its API accepts; and nothing that differs from it.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that meets the unexpected fails, and should")]

use std::sync::OnceLock;

use at9068::{
    Algorithm, ErrorCode, KeySet, MintRequest, Minter, MinterConfig, Profile, Request, Require, SigningKey,
    ValidateOptions, Validator, ValidatorConfig,
};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

const ISSUER: &str = "https://as.example/";
const NOW: f64 = 1_700_000_000.5;
const DIALECTS: [&str; 4] = ["rfc9068_profile", "rfc9068_profile_authz", "access_token", "access_token_authz"];

/// One key of every kind, made once.
fn keys() -> &'static [(Algorithm, SigningKey)] {
    static KEYS: OnceLock<Vec<(Algorithm, SigningKey)>> = OnceLock::new();
    KEYS.get_or_init(|| {
        let asymmetric = Algorithm::ALL.iter().filter(|algorithm| !algorithm.is_symmetric());
        asymmetric.map(|algorithm| (*algorithm, SigningKey::generate(*algorithm).unwrap())).collect()
    })
}

fn minter(dialect: &str, algorithm: Algorithm) -> Minter {
    let jwks: Vec<Value> = keys().iter().map(|(_, key)| serde_json::from_str(&key.to_jwk()).unwrap()).collect();
    let api = |audience: &str, scope: &str, lifetime: u32| {
        json!({"audience": audience, "dialect": dialect, "algorithm": algorithm.as_str(),
               "scopes": [scope], "lifetime_seconds": lifetime})
    };
    let config = json!({
        "issuer": ISSUER, "keys": {"keys": jwks},
        "apis": [api("https://a.example/", "a", 600), api("https://b.example/", "b", 60)],
        "default_audience": "https://a.example/", "userinfo_audience": "https://as.example/userinfo",
    });
    Minter::new(MinterConfig::from_json(&config.to_string()).unwrap()).unwrap()
}

fn validator(audience: &str) -> Validator {
    let set = KeySet::from_signing_keys(keys().iter().map(|(_, key)| key)).unwrap();
    let config = ValidatorConfig::new(ISSUER, audience).keys(&set).profiles([Profile::Rfc9068, Profile::Auth0]);
    Validator::new(config).unwrap()
}

/// Requests that an authorization server may rightly make.
fn requests() -> impl Strategy<Value = Value> {
    let name = "[a-zA-Z0-9|:/éß😀\"\\\\]{1,20}";
    let texts = || prop::collection::vec(".{0,12}", 0..4);
    let custom = prop::collection::btree_map(
        "x_[a-z\"é]{1,8}",
        prop_oneof![
            any::<i64>().prop_map(Value::from),
            ".{0,20}".prop_map(Value::from),
            prop::collection::vec(any::<bool>(), 0..3).prop_map(Value::from),
            Just(json!({"deep": [null, 1.5e300, {"": "\u{0}"}]})),
        ],
        0..4,
    );
    let owner = prop_oneof![
        Just(("authorization_code", true)),
        Just(("password", true)),
        Just(("refresh_token", true)),
        Just(("client_credentials", false)),
        Just(("urn:ietf:params:oauth:grant-type:token-exchange", true)),
        Just(("urn:ietf:params:oauth:grant-type:jwt-bearer", false)),
    ];
    let target = prop_oneof![
        Just((json!([]), json!([]), "")),
        Just((json!([]), json!([]), "a openid")),
        Just((json!([]), json!([]), "b")),
        Just((json!(["https://a.example/"]), json!([]), "a")),
        Just((json!([]), json!(["https://b.example/"]), "openid b profile")),
        Just((json!(["https://b.example/"]), json!(["https://a.example/"]), "a b")),
    ];
    let structured = prop::bool::ANY;
    (owner, name, name, target, texts(), texts(), custom, structured).prop_map(
        |((grant, owner), client, subject, (resource, audience, scope), permissions, amr, custom, structured)| {
            let mut request = json!({
                "grant_type": grant, "client_id": client, "resource": resource, "audience": audience,
                "permissions": permissions, "claims": custom.into_iter().collect::<Map<_, _>>(),
            });
            if !scope.is_empty() {
                request["scope"] = scope.into();
            }
            if owner {
                request["subject"] = subject.into();
                request["auth_time"] = json!(1_699_999_000);
                request["acr"] = json!("urn:gold");
                request["amr"] = json!(amr);
            }
            if structured {
                request["roles"] = json!(["admin", {"value": "editor", "primary": true}]);
                request["groups"] = json!([]);
                request["authorization_details"] = json!([{"type": "payment", "amount": 1}]);
                request["cnf"] = json!({"x5t#S256": "A".repeat(43)});
                request["act"] = json!({"sub": "x", "act": {"sub": "y"}});
                request["org_id"] = json!("org_1");
            }
            request
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn what_is_minted_is_valid(request in requests(), dialect in 0..4_usize, key in 0..11_usize) {
        let (algorithm, _) = &keys()[key];
        let dialect = DIALECTS[dialect];
        let minted = minter(dialect, *algorithm).mint(&MintRequest::from_json(&request.to_string()).unwrap(), Some(NOW)).unwrap();
        let claims: Value = serde_json::from_str(minted.claims_json()).unwrap();
        let audience: Vec<&str> = match &claims["aud"] {
            Value::String(one) => vec![one],
            several => several.as_array().unwrap().iter().map(|one| one.as_str().unwrap()).collect(),
        };
        let mut options = ValidateOptions::default().now(NOW);
        if request.get("cnf").is_some() {
            options = options.request(Request::new().client_certificate_sha256("A".repeat(43)).unwrap());
        }
        if let Some(scope) = request.get("scope").and_then(Value::as_str) {
            options = options.require(Require::new().scopes(scope.split(' ')).unwrap());
        }
        for audience in audience {
            let token = validator(audience).validate(minted.token().as_bytes(), &options).unwrap();
            prop_assert_eq!(token.claims_json(), minted.claims_json());
            prop_assert_eq!(token.header_json(), minted.header_json());
            let profile = if dialect.starts_with("rfc") { Profile::Rfc9068 } else { Profile::Auth0 };
            prop_assert_eq!(token.profile(), Some(profile));
            prop_assert_eq!(token.client_id(), request["client_id"].as_str().unwrap());
            prop_assert_eq!(token.exp() - token.iat(), i64::try_from(minted.expires_in()).unwrap());
            prop_assert_eq!(token.permissions().is_some(), dialect.ends_with("authz"));
        }
    }

    /// No token that differs in one octet is accepted, and none makes anything panic.
    #[test]
    fn a_changed_token_is_refused(at in any::<prop::sample::Index>(), octet in any::<u8>(), key in 0..11_usize) {
        let (algorithm, _) = &keys()[key];
        let request = MintRequest::new("client_credentials", "c").scope("a");
        let minted = minter(DIALECTS[0], *algorithm).mint(&request, Some(NOW)).unwrap();
        let mut token = minted.token().as_bytes().to_vec();
        let at = at.index(token.len());
        prop_assume!(token[at] != octet);
        token[at] = octet;
        let options = ValidateOptions::default().now(NOW);
        prop_assert!(validator("https://a.example/").validate(&token, &options).is_err());
    }

    #[test]
    fn anything_else_is_refused_without_a_panic(token in prop::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(validator("https://a.example/").validate(&token, &ValidateOptions::default()).is_err());
    }
}

#[test]
fn symmetric_keys_work_only_where_they_are_listed() {
    let secret = "c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2Vj";
    let jwk = json!({"kty": "oct", "k": secret, "kid": "s"});
    let config = json!({"issuer": ISSUER, "keys": {"keys": [jwk]}, "default_audience": "urn:api",
        "apis": [{"audience": "urn:api", "dialect": "rfc9068_profile", "algorithm": "HS384"}]});
    let minter = Minter::new(MinterConfig::from_json(&config.to_string()).unwrap()).unwrap();
    let minted = minter.mint(&MintRequest::new("client_credentials", "c"), Some(NOW)).unwrap();
    let set = KeySet::from_json(&json!({"keys": [jwk]}).to_string()).unwrap();
    assert_eq!(set.to_json(), "{\"keys\":[]}");
    let validator = |listed: Option<Algorithm>| {
        let config = ValidatorConfig::new(ISSUER, "urn:api").keys(&set);
        Validator::new(match listed {
            Some(algorithm) => config.algorithms([algorithm]),
            None => config,
        })
        .unwrap()
    };
    let options = ValidateOptions::default().now(NOW);
    let verdict =
        |listed| validator(listed).validate(minted.token().as_bytes(), &options).map_err(|error| error.code());
    assert!(verdict(Some(Algorithm::HS384)).is_ok());
    assert_eq!(verdict(Some(Algorithm::HS256)).unwrap_err(), ErrorCode::AlgorithmNotAllowed);
    assert_eq!(verdict(None).unwrap_err(), ErrorCode::AlgorithmNotAllowed);
}
