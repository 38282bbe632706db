//! ID tokens: minted, validated for their client, and taken for nothing else.

#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unwrap_in_result,
    clippy::unwrap_used,
    reason = "a test that meets the unexpected fails, and should"
)]

mod world;

use std::sync::OnceLock;

use at9068::{
    Algorithm, ApiConfig, Dialect, Error, ErrorCode, IdToken, IdTokenChecks, IdTokenConfig, IdTokenMinterConfig,
    IdTokenRequest, IdTokenValidator, IssuerCache, IssuerCacheConfig, KeySet, Kind, MintRequest, Minter, MinterConfig,
    Ports, Profile, Progress, Result, SigningKey, ValidateOptions, Validator, ValidatorConfig,
};
use proptest::prelude::*;
use serde_json::{Map, Value, json};
use world::{API, ISSUER, JWKS_URI, World, code, jwks};

const CLIENT: &str = "client-7";
const NOW: f64 = 1.7e9;

/// One key of every kind, made once.
fn keys() -> &'static [(Algorithm, SigningKey)] {
    static KEYS: OnceLock<Vec<(Algorithm, SigningKey)>> = OnceLock::new();
    KEYS.get_or_init(|| {
        let asymmetric = Algorithm::ALL.iter().filter(|algorithm| !algorithm.is_symmetric());
        asymmetric.map(|algorithm| (*algorithm, SigningKey::generate(*algorithm).unwrap())).collect()
    })
}

fn key_set() -> KeySet {
    KeySet::from_signing_keys(keys().iter().map(|(_, key)| key)).unwrap()
}

fn minter(algorithm: Algorithm, dialect: Dialect) -> Minter {
    let api = ApiConfig::new(API, dialect).scopes(["a"]);
    let config = MinterConfig::new(ISSUER, keys().iter().map(|(_, key)| key.clone()), [api])
        .default_audience(API)
        .id_tokens(IdTokenMinterConfig::new().algorithm(algorithm).lifetime_seconds(600));
    Minter::new(config).unwrap()
}

fn config() -> IdTokenConfig {
    IdTokenConfig::new(ISSUER, CLIENT).keys(&key_set())
}

fn minted(request: &IdTokenRequest) -> String {
    minter(Algorithm::ES256, Dialect::Rfc9068Profile).mint_id_token(request, Some(NOW)).unwrap().into_token()
}

fn validated(token: &str, checks: &IdTokenChecks) -> Result<IdToken> {
    IdTokenValidator::new(config()).unwrap().validate(token, checks, Some(NOW))
}

#[test]
fn every_claim_has_an_accessor() {
    let request = IdTokenRequest::new(CLIENT, "user")
        .audience("other")
        .nonce("n-0S6_WzA2Mj")
        .auth_time(1_699_999_990)
        .acr("gold")
        .amr(["pwd", "otp"])
        .sid("session")
        .access_token("jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y")
        .code("Qcb0Orv1zh30vL1MPRsbm-diHiMwcLyZvn1arpZv-Jxf_11jnpEX3Tgfvk")
        .state("af0ifjsldkj")
        .claims(&json!({"name": "Jane Doe", "roles": ["admin"], "address": {"country": "NO"}}))
        .unwrap();
    let token = minted(&request);
    let checks = IdTokenChecks::new().nonce("n-0S6_WzA2Mj");
    let token = IdTokenValidator::new(config().trusted_audiences(["other"]))
        .unwrap()
        .validate(token, &checks, Some(NOW))
        .unwrap();
    assert_eq!((token.iss(), token.sub(), token.azp()), (ISSUER, "user", Some(CLIENT)));
    assert_eq!(token.aud(), [CLIENT, "other"]);
    assert_eq!((token.exp(), token.iat(), token.nbf()), (1_700_000_600, 1_700_000_000, None));
    assert_eq!((token.auth_time(), token.nonce()), (Some(1_699_999_990), Some("n-0S6_WzA2Mj")));
    assert_eq!((token.acr(), token.sid()), (Some("gold"), Some("session")));
    assert_eq!(token.amr().unwrap(), ["pwd", "otp"]);
    // The first two are the examples of OpenID Connect Core, A.3 and A.4.
    assert_eq!((token.at_hash(), token.c_hash()), (Some("77QmUPtjPfzWtF2AnpK9RQ"), Some("LDktKdoQak3Pk0cnXxCltA")));
    assert_eq!(token.s_hash().map(str::len), Some(22));
    assert_eq!(token.claim_json("address"), Some("{\"country\":\"NO\"}"));
    assert_eq!(token.claim_json("absent"), None);
    let names: Vec<String> = serde_json::from_str::<Map<_, _>>(token.claims_json()).unwrap().keys().cloned().collect();
    assert_eq!(names.len(), 17);
    assert!(
        token.claims_json().starts_with("{\"iss\":\"https://as.example/\",\"sub\":\"user\",\"aud\":[\"client-7\",")
    );
    assert!(token.header_json().starts_with("{\"typ\":\"JWT\",\"alg\":\"ES256\""));
}

#[test]
fn debug_shows_no_secret_and_no_claim() {
    const CANARY: &str = "canary4d";
    let request = IdTokenRequest::new(CANARY, CANARY)
        .nonce(CANARY)
        .acr(CANARY)
        .access_token(CANARY)
        .claims(&json!({CANARY: CANARY}))
        .unwrap();
    let checks = IdTokenChecks::new().nonce(CANARY).access_token(CANARY).code(CANARY).state(CANARY);
    let validator = IdTokenValidator::new(IdTokenConfig::new(ISSUER, CANARY).keys(&key_set())).unwrap();
    let token = minted(&request);
    let validated = validator.validate(&token, &IdTokenChecks::new().nonce(CANARY), Some(NOW)).unwrap();
    let refused = validator.validate(&token, &checks.clone().nonce("other"), Some(NOW)).unwrap_err();
    let minted = minter(Algorithm::ES256, Dialect::AccessToken).mint_id_token(&request, Some(NOW)).unwrap();
    let shown = format!("{request:?} {checks:?} {validator:?} {validated:?} {refused:?} {refused} {minted:?}");
    assert!(!shown.contains(CANARY) && !shown.contains(&token[..20]), "{shown}");
}

#[test]
fn an_error_is_no_answer() {
    let token = minted(&IdTokenRequest::new(CLIENT, "user").nonce("n"));
    let refused = |token: &str, checks: &IdTokenChecks| -> Error { validated(token, checks).unwrap_err() };
    for error in [
        refused("a.b", &IdTokenChecks::new()),
        refused(&token, &IdTokenChecks::new()),
        refused(&token, &IdTokenChecks::new().nonce("n").max_age(5)),
        refused(&token, &IdTokenChecks::new().nonce("")),
    ] {
        assert_eq!((error.oauth(), error.status(), error.retry_after()), (None, None, None), "{error}");
        assert!(error.challenges().is_empty() && error.headers().is_empty());
    }
    assert!(refused(&token, &IdTokenChecks::new()).authenticated());
    assert!(!refused("a.b.c", &IdTokenChecks::new()).authenticated());
}

#[test]
fn what_was_never_sent_is_no_check() {
    let token = minted(&IdTokenRequest::new(CLIENT, "user").nonce("n"));
    for (checks, name) in [
        (json!({"nonce": ""}), "nonce"),
        (json!({"nonce": "n", "access_token": ""}), "access_token"),
        (json!({"nonce": "n", "code": ""}), "code"),
        (json!({"nonce": "n", "state": ""}), "state"),
    ] {
        let checks = IdTokenChecks::from_json(&checks.to_string()).unwrap();
        let error = validated(&token, &checks).unwrap_err();
        assert_eq!(error.code(), ErrorCode::ArgumentInvalid);
        assert!(error.message().ends_with(&format!("{name} is empty")), "{error}");
    }
    let error = IdTokenChecks::from_json(r#"{"nonse":"secret"}"#).unwrap_err();
    assert!(error.message().contains("unknown field `nonse`"), "{error}");
}

#[test]
fn one_key_signs_with_one_algorithm() {
    let jwk = |algorithm: Option<&str>| {
        let mut jwk: Value = serde_json::from_str(&SigningKey::generate(Algorithm::RS256).unwrap().to_jwk()).unwrap();
        jwk.as_object_mut().unwrap().remove("alg");
        if let Some(algorithm) = algorithm {
            jwk["alg"] = algorithm.into();
        }
        jwk["kid"] = algorithm.unwrap_or("free").into();
        jwk
    };
    let (free, second) = (jwk(None), jwk(Some("PS256")));
    let minter = |keys: &[&Value], api: Option<&str>, id_tokens: Option<Value>| {
        let mut config = json!({"issuer": ISSUER, "keys": {"keys": keys},
            "apis": [{"audience": API, "dialect": "access_token"}]});
        if let Some(algorithm) = api {
            config["apis"][0]["algorithm"] = algorithm.into();
        }
        if let Some(id_tokens) = id_tokens {
            config["id_tokens"] = id_tokens;
        }
        let minter = Minter::new(MinterConfig::from_json(&config.to_string())?)?;
        let minted = minter.mint_id_token(&IdTokenRequest::new(CLIENT, "user"), Some(NOW))?;
        let header: Value = serde_json::from_str(minted.header_json()).unwrap();
        Ok::<_, Error>((header["alg"].as_str().unwrap().to_owned(), header["kid"].as_str().unwrap().to_owned()))
    };
    let good = |algorithm: &str, kid: &str| Ok((algorithm.to_owned(), kid.to_owned()));
    let both = [&free, &second];
    assert_eq!(minter(&both, None, None), good("RS256", "free"));
    assert_eq!(minter(&both, Some("RS512"), None), good("RS512", "free"));
    assert_eq!(minter(&[&second, &free], Some("RS512"), None), good("PS256", "PS256"));
    assert_eq!(minter(&[&free], Some("PS256"), Some(json!({}))), good("PS256", "free"));
    assert_eq!(minter(&[&free], None, Some(json!({"algorithm": "RS256"}))), good("RS256", "free"));
    for (keys, api, id_tokens) in [
        (&both[..1], None, json!({"algorithm": "RS384"})),
        (&both[..1], Some("RS384"), json!({"algorithm": "RS256"})),
        (&both[..], None, json!({"algorithm": "ES256"})),
        (&both[..], None, json!({"lifetime_seconds": 0})),
        (&both[..], None, json!({"lifetime_seconds": 315_360_001})),
        (&both[..], None, json!({"algorithms": []})),
        (&both[..], None, json!([])),
    ] {
        let error = minter(keys, api, Some(id_tokens.clone())).unwrap_err();
        assert_eq!(error.code(), ErrorCode::ConfigInvalid, "{id_tokens}");
    }
}

#[test]
fn a_token_that_no_validator_would_take_is_not_minted() {
    let mint = |request: &IdTokenRequest, now: f64| {
        let minted = minter(Algorithm::EdDSA, Dialect::AccessToken).mint_id_token(request, Some(now));
        minted.map(|_| ()).map_err(|error| error.code())
    };
    let request = || IdTokenRequest::new(CLIENT, "user");
    let refused = Err(ErrorCode::ArgumentInvalid);
    assert_eq!(mint(&request().claims(&json!({"x": "y".repeat(10_000)})).unwrap(), NOW), Ok(()));
    assert_eq!(mint(&request().claims(&json!({"x": "y".repeat(16_000)})).unwrap(), NOW), refused);
    let wide: Map<_, _> = (0..300).map(|n| (format!("n{n}"), n.into())).collect();
    assert_eq!(mint(&request().claims(&wide).unwrap(), NOW), refused);
    let audiences = |most: usize| (0..most).fold(request().nonce("n"), |request, n| request.audience(format!("a{n}")));
    assert_eq!(mint(&audiences(63), NOW), Ok(()));
    assert_eq!(mint(&audiences(64), NOW), refused);
    assert_eq!(mint(&request(), -1.0), refused);
    assert_eq!(mint(&request(), 253_402_300_200.0), refused);
    assert_eq!(mint(&IdTokenRequest::new(CLIENT, ISSUER), NOW), refused);
    assert_eq!(mint(&IdTokenRequest::new(CLIENT, "x@clients"), NOW), Err(ErrorCode::SubjectCollision));
}

#[test]
fn keys_are_fetched_and_shared() {
    let (world, key) = (World::new(), world::key());
    let config = || IdTokenConfig::new(ISSUER, CLIENT).jwks_uri(JWKS_URI);
    let mint = |key: &SigningKey| {
        let api = ApiConfig::new(API, Dialect::Rfc9068Profile);
        let minter = Minter::new(MinterConfig::new(ISSUER, [key.clone()], [api])).unwrap();
        minter.mint_id_token(&IdTokenRequest::new(CLIENT, "user"), Some(world.seconds())).unwrap().into_token()
    };
    let checks = IdTokenChecks::new();
    let validator = IdTokenValidator::with_ports(config(), world.ports()).unwrap();

    let undecided = validator.validate(mint(&key), &checks, None).unwrap_err();
    assert_eq!(
        (undecided.code(), undecided.status(), undecided.authenticated()),
        (ErrorCode::KeysUnavailable, None, false)
    );
    assert!(undecided.retry_after().is_some());
    assert!(validator.prefetch().unwrap_err().retry_after().is_some());
    world.publish(&[&key]);
    world.pass(60);
    assert_eq!(code(&validator.validate(mint(&key), &checks, None)), "ok");
    assert_eq!(code(&validator.validate_at_hand(mint(&key), &checks, None)), "ok");
    assert!(validator.status_json().contains("\"state\":\"fresh\"") && validator.skipped_keys().is_empty());

    // A new key is found, as for access tokens.
    let new = world::key();
    world.publish(&[&key, &new]);
    world.pass(60);
    assert_eq!(code(&validator.validate(mint(&new), &checks, None)), "ok");
    validator.refresh().unwrap();
    validator.prefetch().unwrap();

    // One cache serves both kinds of token.
    world.fetched();
    let cache = IssuerCache::with_ports(IssuerCacheConfig::new(), world.ports()).unwrap();
    let of_id_tokens = IdTokenValidator::with_issuer_cache(config(), world.ports(), &cache).unwrap();
    let access = ValidatorConfig::new(ISSUER, API).jwks_uri(JWKS_URI);
    let of_access_tokens = Validator::with_issuer_cache(access, world.ports(), &cache).unwrap();
    assert_eq!(code(&of_id_tokens.validate(mint(&key), &checks, None)), "ok");
    assert_eq!(world.verdict(&of_access_tokens, &world.mint(&key)), "ok");
    assert_eq!(world.fetched(), 1);
    assert!(of_id_tokens.issuer_cache().is_some());
    assert!(IdTokenValidator::new(config().keys(&key.key_set().unwrap())).is_err());
}

#[test]
fn a_host_may_do_the_waiting() {
    let (world, key) = (World::new(), world::key());
    let config = IdTokenConfig::new(ISSUER, CLIENT).jwks_uri(JWKS_URI);
    let validator = IdTokenValidator::with_ports(config, world.ports().host_fetches()).unwrap();
    let api = ApiConfig::new(API, Dialect::Rfc9068Profile);
    let minter = Minter::new(MinterConfig::new(ISSUER, [key.clone()], [api])).unwrap();
    let token = minter.mint_id_token(&IdTokenRequest::new(CLIENT, "user"), Some(3600.0)).unwrap();
    let checks = IdTokenChecks::new();
    assert_eq!(code(&validator.validate(token.token(), &checks, None)), "keys_unavailable");
    let Progress::Fetch(mut refresh) = validator.step(token.token(), &checks, None) else { panic!("nothing to fetch") };
    assert_eq!(refresh.issuer(), ISSUER);
    assert!(matches!(validator.step(token.token(), &checks, None), Progress::Wait(_)));
    assert!(validator.due_refresh().is_none());
    assert_eq!(refresh.request().unwrap().url, JWKS_URI);
    refresh.answer(Ok(world::json(&jwks(&[&key]))));
    let Progress::Done(verdict) = validator.step(token.token(), &checks, None) else { panic!("still waiting") };
    assert_eq!(verdict.unwrap().sub(), "user");
    assert_eq!(code(&validator.validate_at_hand(token.token(), &checks, None)), "ok");
    let mut steps = validator.refresh_steps();
    assert!(matches!(steps.step(), Progress::Fetch(_)));
    assert!(matches!(validator.prefetch_steps().step(), Progress::Done(Ok(()))));
    assert_eq!(world.fetched(), 0);
}

#[cfg(feature = "async")]
#[test]
fn an_executor_may_poll_it() {
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    let (world, key) = (World::new(), world::key());
    world.publish(&[&key]);
    let config = IdTokenConfig::new(ISSUER, CLIENT).jwks_uri(JWKS_URI);
    let validator = IdTokenValidator::with_ports(config, world.ports()).unwrap();
    let api = ApiConfig::new(API, Dialect::Rfc9068Profile);
    let minter = Minter::new(MinterConfig::new(ISSUER, [key], [api])).unwrap();
    let token = minter.mint_id_token(&IdTokenRequest::new(CLIENT, "user"), Some(3600.0)).unwrap();
    let checks = IdTokenChecks::new();
    let mut call = pin!(validator.validate_async(token.token(), &checks, None));
    let mut context = Context::from_waker(Waker::noop());
    let verdict = loop {
        match call.as_mut().poll(&mut context) {
            Poll::Ready(verdict) => break verdict,
            Poll::Pending => std::thread::yield_now(),
        }
    };
    assert_eq!(code(&verdict), "ok");
}

/// Requests that a provider may rightly make.
fn requests() -> impl Strategy<Value = Value> {
    let custom = prop::collection::btree_map(
        prop_oneof!["x_[a-z\"é]{1,8}", "(name|email|roles|permissions|client|jti|groups|ver|tid|uid|cnf|act)"],
        prop_oneof![
            any::<i64>().prop_map(Value::from),
            ".{0,20}".prop_map(Value::from),
            Just(json!({"deep": [null, 1.5e300, {"": "\u{0}"}]})),
            Just(json!("2.0")),
        ],
        0..5,
    );
    let text = || prop::option::of("[a-zA-Z0-9|:/éß😀\"\\\\ ]{1,20}");
    let audience = prop_oneof![Just(json!([])), Just(json!([CLIENT])), Just(json!([API])), Just(json!(["urn:b", API]))];
    (".{1,255}", audience, text(), text(), text(), text(), text(), prop::bool::ANY, custom).prop_map(
        |(subject, audience, nonce, sid, access_token, code, state, authenticated, custom)| {
            let mut request = json!({
                "client_id": CLIENT, "subject": subject, "audience": audience,
                "claims": custom.into_iter().collect::<Map<_, _>>(),
            });
            for (name, value) in
                [("nonce", nonce), ("sid", sid), ("access_token", access_token), ("code", code), ("state", state)]
            {
                if let Some(value) = value {
                    request[name] = value.into();
                }
            }
            if authenticated {
                request["auth_time"] = json!(1_699_999_990.25);
                request["acr"] = json!("urn:gold");
                request["amr"] = json!(["pwd"]);
            }
            request
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn what_is_minted_is_an_id_token_and_nothing_else(request in requests(), key in 0..11_usize) {
        let (algorithm, _) = &keys()[key];
        let asked = IdTokenRequest::from_json(&request.to_string()).unwrap();
        let minted = minter(*algorithm, Dialect::AccessToken).mint_id_token(&asked, Some(NOW));
        let several = request["audience"].as_array().unwrap().iter().any(|name| name != CLIENT);
        let marked = ["nonce", "access_token", "code"].iter().any(|name| request.get(name).is_some());
        if several && !marked {
            let error = minted.unwrap_err();
            prop_assert_eq!(error.claim(), Some("aud"));
            return Ok(());
        }
        let minted = minted.unwrap();

        let mut checks = json!({"require_hashes": true});
        for name in ["nonce", "access_token", "code", "state"] {
            if let Some(value) = request.get(name) {
                checks[name] = value.clone();
            }
        }
        if request.get("acr").is_some() {
            checks["acr_values"] = json!(["other", "urn:gold"]);
            checks["max_age"] = json!(10);
        }
        let checks = IdTokenChecks::from_json(&checks.to_string()).unwrap();
        let validator = IdTokenValidator::new(config().trusted_audiences([API, "urn:b"])).unwrap();
        let token = validator.validate(minted.token(), &checks, Some(NOW)).unwrap();
        prop_assert_eq!(token.claims_json(), minted.claims_json());
        prop_assert_eq!(token.header_json(), minted.header_json());
        prop_assert_eq!(token.sub(), request["subject"].as_str().unwrap());
        prop_assert_eq!(token.azp().is_some(), several);
        prop_assert_eq!(token.exp() - token.iat(), 600);

        // Whoever it is for, nobody takes it for an access token.
        for audience in [CLIENT, API, "urn:b"] {
            for profiles in [&[Profile::Rfc9068, Profile::Auth0, Profile::Okta][..], &[Profile::Keycloak], &[Profile::Entra]] {
                let config = ValidatorConfig::new(ISSUER, audience).keys(&key_set()).profiles(profiles.iter().copied());
                let verdict = Validator::new(config).unwrap().validate(minted.token(), &ValidateOptions::default().now(NOW));
                prop_assert!(verdict.is_err(), "{}", minted.claims_json());
            }
        }
    }

    /// No access token is taken for an ID token, though it be for this very client.
    #[test]
    fn no_access_token_is_an_id_token(grant in 0..4_usize, dialect in 0..4_usize, scope in 0..3_usize) {
        let dialect = [
            Dialect::AccessToken, Dialect::AccessTokenAuthz, Dialect::Rfc9068Profile, Dialect::Rfc9068ProfileAuthz,
        ][dialect];
        let apis = [CLIENT, "https://b.example/"].map(|audience| ApiConfig::new(audience, dialect).scopes(["a"]));
        let keys = keys().iter().map(|(_, key)| key.clone());
        let minter = Minter::new(MinterConfig::new(ISSUER, keys, apis).userinfo_audience("https://as.example/u")).unwrap();
        let grant = ["authorization_code", "password", "refresh_token", "client_credentials"][grant];
        let mut request = MintRequest::new(grant, CLIENT).audience(CLIENT);
        if grant != "client_credentials" {
            request = request.subject("user");
        }
        if scope > 0 {
            request = request.scope(["", "openid", "a openid"][scope]);
        }
        let minted = match minter.mint(&request, Some(NOW)) {
            Ok(minted) => minted,
            // Under Auth0's dialects it is refused for its audience already.
            Err(error) => {
                prop_assert_eq!(error.code(), ErrorCode::InvalidTarget);
                return Ok(());
            }
        };
        let trusting = config().trusted_audiences(["https://as.example/u", "https://b.example/"]);
        let error = IdTokenValidator::new(trusting).unwrap().validate(minted.token(), &IdTokenChecks::new(), Some(NOW));
        prop_assert_eq!(error.unwrap_err().kind(), Some(Kind::AccessToken));
    }

    /// No token that differs in one octet is accepted, and none makes anything panic.
    #[test]
    fn a_changed_token_is_refused(at in any::<prop::sample::Index>(), octet in any::<u8>(), key in 0..11_usize) {
        let (algorithm, _) = &keys()[key];
        let minted = minter(*algorithm, Dialect::AccessToken)
            .mint_id_token(&IdTokenRequest::new(CLIENT, "user").nonce("n"), Some(NOW))
            .unwrap();
        let mut token = minted.into_token().into_bytes();
        let at = at.index(token.len());
        prop_assume!(token[at] != octet);
        token[at] = octet;
        let validator = IdTokenValidator::new(config()).unwrap();
        prop_assert!(validator.validate(&token, &IdTokenChecks::new().nonce("n"), Some(NOW)).is_err());
    }

    #[test]
    fn anything_else_is_refused_without_a_panic(token in prop::collection::vec(any::<u8>(), 0..200)) {
        let validator = IdTokenValidator::with_ports(config(), Ports::default()).unwrap();
        prop_assert!(validator.validate(&token, &IdTokenChecks::new(), Some(NOW)).is_err());
    }
}
