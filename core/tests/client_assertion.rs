//! Client assertions: what clients make, and what an authorization server accepts.

#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_in_result,
    clippy::unwrap_used,
    reason = "a test that meets the unexpected fails, and should"
)]

mod world;

use std::sync::{Arc, Mutex, OnceLock};

use at9068::{
    Algorithm, ClientAssertion, ClientAssertionConfig, ClientAssertionMinter, ClientAssertionMinterConfig,
    ClientAssertionOptions, ClientAssertionRequest, ClientAssertionValidator, ClientAuthMethod, ClientConfig, Error,
    ErrorCode, FetchFailure, Handles, IssuerCache, IssuerCacheConfig, KeySet, Kind, MemoryReplayStore, Ports, Progress,
    ReplayStore, Result, SigningKey, verify_jws,
};
use proptest::prelude::*;
use serde_json::{Value, json};
use world::World;

const ISSUER: &str = "https://as.example/";
const NOW: f64 = 1_700_000_000.5;
const SECRET: &str = "a secret of 64 octets, which is enough for every algorithm: 0123";

fn short(octets: usize) -> &'static str {
    SECRET.get(..octets).unwrap()
}

fn secret_set(secret: &str) -> KeySet {
    use base64::Engine as _;
    let k = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(secret);
    KeySet::from_json(&json!({"keys": [{"kty": "oct", "k": k}]}).to_string()).unwrap()
}

fn minted(config: ClientAssertionMinterConfig, request: &ClientAssertionRequest) -> (String, Value, Value) {
    let minted = ClientAssertionMinter::new(config).unwrap().mint(request, Some(NOW)).unwrap();
    let claims = serde_json::from_str(minted.claims_json()).unwrap();
    let header = serde_json::from_str(minted.header_json()).unwrap();
    (minted.into_token(), header, claims)
}

#[test]
fn an_assertion_says_who_speaks_to_whom_for_how_long() {
    let key = SigningKey::generate(Algorithm::ES256).unwrap();
    let config = ClientAssertionMinterConfig::new("c", ISSUER, [key.clone()]).lifetime_seconds(5);
    let (token, header, claims) = minted(config, &ClientAssertionRequest::new().jti("one"));
    assert_eq!(header, json!({"typ": "client-authentication+jwt", "alg": "ES256", "kid": key.kid().unwrap()}));
    let expected =
        json!({"iss": "c", "sub": "c", "aud": ISSUER, "exp": 1_700_000_005, "iat": 1_700_000_000, "jti": "one"});
    assert_eq!(claims, expected);
    let payload = verify_jws(token, &key.key_set().unwrap(), &[Algorithm::ES256]).unwrap();
    assert_eq!(serde_json::from_slice::<Value>(&payload).unwrap(), expected);
}

#[test]
fn a_secret_is_the_key_of_its_octets() {
    for algorithm in [None, Some(Algorithm::HS384), Some(Algorithm::HS512)] {
        let config = ClientAssertionMinterConfig::with_secret("c", ISSUER, SECRET);
        let config = algorithm.map_or(config.clone(), |algorithm| config.algorithm(algorithm));
        let (token, header, claims) = minted(config, &ClientAssertionRequest::new());
        let algorithm = algorithm.unwrap_or(Algorithm::HS256);
        assert_eq!(header, json!({"typ": "client-authentication+jwt", "alg": algorithm.as_str()}));
        assert_eq!(claims["exp"], 1_700_000_060);
        assert!(verify_jws(token, &secret_set(SECRET), &[algorithm]).is_ok());
    }
}

#[test]
fn identifiers_differ_unless_they_are_given() {
    let key = SigningKey::generate(Algorithm::EdDSA).unwrap();
    let minter = ClientAssertionMinter::new(ClientAssertionMinterConfig::new("c", ISSUER, [key])).unwrap();
    let jti = || {
        let minted = minter.mint(&ClientAssertionRequest::new(), Some(NOW)).unwrap();
        serde_json::from_str::<Value>(minted.claims_json()).unwrap()["jti"].as_str().unwrap().to_owned()
    };
    assert_eq!(jti().len(), 22);
    assert_ne!(jti(), jti());
    let refused = |request: &ClientAssertionRequest, now| minter.mint(request, Some(now)).unwrap_err();
    let error = refused(&ClientAssertionRequest::new().jti(""), NOW);
    assert_eq!((error.code(), error.claim(), error.status()), (ErrorCode::ArgumentInvalid, Some("jti"), None));
    for now in [-1.0, f64::NAN, 253_402_300_799.0] {
        assert_eq!(refused(&ClientAssertionRequest::new(), now).code(), ErrorCode::ArgumentInvalid);
    }
    let error = refused(&ClientAssertionRequest::new().jti("x".repeat(20_000)), NOW);
    assert_eq!(error.code(), ErrorCode::ArgumentInvalid);
    assert_eq!(ClientAssertionRequest::from_json("{\"jit\":\"a\"}").unwrap_err().code(), ErrorCode::ArgumentInvalid);
}

#[test]
fn a_minter_that_could_not_authenticate_is_not_made() {
    let key: Value = serde_json::from_str(&SigningKey::generate(Algorithm::ES256).unwrap().to_jwk()).unwrap();
    let keys = json!({"keys": [key]});
    let symmetric = json!({"keys": [{"kty": "oct", "k": "c2VjcmV0IG9mIDY0IG9jdGV0cywgd2hpY2ggaXMgZW5vdWdo"}]});
    let wrong = [
        json!({"client_id": "", "audience": ISSUER, "keys": keys}),
        json!({"client_id": "c", "audience": "", "keys": keys}),
        json!({"client_id": "c", "keys": keys}),
        json!({"audience": ISSUER, "keys": keys}),
        json!({"client_id": "c", "audience": ISSUER}),
        json!({"client_id": "c", "audience": ISSUER, "keys": keys, "client_secret": SECRET}),
        json!({"client_id": "c", "audience": ISSUER, "keys": {"keys": []}}),
        json!({"client_id": "c", "audience": ISSUER, "keys": symmetric}),
        json!({"client_id": "c", "audience": ISSUER, "keys": keys, "algorithm": "RS256"}),
        json!({"client_id": "c", "audience": ISSUER, "keys": keys, "algorithm": "HS256"}),
        json!({"client_id": "c", "audience": ISSUER, "keys": keys, "lifetime_seconds": 0}),
        json!({"client_id": "c", "audience": ISSUER, "keys": keys, "lifetime_seconds": 301}),
        json!({"client_id": "c", "audience": ISSUER, "client_secret": short(31)}),
        json!({"client_id": "c", "audience": ISSUER, "client_secret": short(47), "algorithm": "HS384"}),
        json!({"client_id": "c", "audience": ISSUER, "client_secret": SECRET, "algorithm": "ES256"}),
        json!({"client_id": "c", "audience": ISSUER, "client_secret": "-----BEGIN PUBLIC KEY-----, or what follows it"}),
        json!({"client_id": "c", "audience": ISSUER, "keys": keys, "lifetime": 60}),
    ];
    for config in wrong {
        let made = ClientAssertionMinterConfig::from_json(&config.to_string()).and_then(ClientAssertionMinter::new);
        assert_eq!(made.unwrap_err().code(), ErrorCode::ConfigInvalid, "{config}");
    }
}

#[test]
fn handles_sign_too_and_what_cannot_is_told() {
    let key = SigningKey::generate(Algorithm::PS256).unwrap();
    let handles = Handles { signing_keys: vec![key.clone()], ..Handles::default() };
    let text = json!({"client_id": "c", "audience": ISSUER, "algorithm": "PS256",
                      "keys": {"keys": [{"kty": "EC", "kid": "bad"}, {"$signing_key": 0}]}});
    let config = ClientAssertionMinterConfig::from_json_with(&text.to_string(), &handles).unwrap();
    let minter = ClientAssertionMinter::new(config.clone()).unwrap();
    assert_eq!(minter.skipped_keys().len(), 1);
    let (token, _, _) = minted(config, &ClientAssertionRequest::new());
    assert!(verify_jws(token, &key.key_set().unwrap(), &[Algorithm::PS256]).is_ok());
}

#[test]
fn nothing_shows_a_secret() {
    let config = ClientAssertionMinterConfig::with_secret("c", ISSUER, SECRET);
    let shown = format!("{config:?}");
    let minter = ClientAssertionMinter::new(config).unwrap();
    let minted = minter.mint(&ClientAssertionRequest::new().jti("hidden"), Some(NOW)).unwrap();
    let shown = format!("{shown}{minter:?}{minted:?}{:?}", ClientAssertionRequest::new().jti("hidden"));
    for text in ["a secret", "hidden", minted.token()] {
        assert!(!shown.contains(text), "{shown}");
    }
}

// What the authorization server accepts.

const URL: &str = "https://client.example/jwks";

fn secret_client() -> ClientAssertionConfig {
    ClientAssertionConfig::new(ISSUER, [ClientConfig::with_secret("c", SECRET)])
}

fn validator(config: ClientAssertionConfig) -> ClientAssertionValidator {
    ClientAssertionValidator::new(config).unwrap()
}

fn at(now: f64) -> ClientAssertionOptions {
    ClientAssertionOptions::default().now(now)
}

/// Claims that are good, before they are changed.
fn claims() -> Value {
    json!({"iss": "c", "sub": "c", "aud": ISSUER, "exp": NOW + 60.0, "iat": NOW, "jti": "one"})
}

/// A token under the secret, of whatever type and claims.
fn made(typ: Option<&str>, claims: &Value) -> String {
    let mut header = jsonwebtoken::Header::new(jsonwebtoken::Algorithm::HS256);
    header.typ = typ.map(str::to_owned);
    jsonwebtoken::encode(&header, claims, &jsonwebtoken::EncodingKey::from_secret(SECRET.as_bytes())).unwrap()
}

fn changed(changes: Value) -> Value {
    let mut claims = claims();
    for (name, value) in changes.as_object().unwrap() {
        claims[name] = value.clone();
    }
    claims
}

fn slug(verdict: &Result<ClientAssertion>) -> &'static str {
    world::code(verdict)
}

#[test]
fn who_is_authenticated_is_told() {
    let key = SigningKey::generate(Algorithm::ES256).unwrap();
    let clients = [ClientConfig::new("c", &key.key_set().unwrap()), ClientConfig::with_secret("d", SECRET)];
    let validator = validator(ClientAssertionConfig::new(ISSUER, clients));
    let config = ClientAssertionMinterConfig::new("c", ISSUER, [key]);
    let (token, header, claims) = minted(config, &ClientAssertionRequest::new().jti("one"));
    let assertion = validator.validate(&token, &at(NOW).client_id("c")).unwrap();
    assert_eq!((assertion.client_id(), assertion.jti(), assertion.aud()), ("c", "one", ISSUER));
    assert_eq!((assertion.exp(), assertion.iat()), (1_700_000_060, Some(1_700_000_000)));
    assert_eq!(assertion.method(), ClientAuthMethod::PrivateKeyJwt);
    assert_eq!(serde_json::from_str::<Value>(assertion.claims_json()).unwrap(), claims);
    assert_eq!(serde_json::from_str::<Value>(assertion.header_json()).unwrap(), header);
    let (token, _, _) = minted(ClientAssertionMinterConfig::with_secret("d", ISSUER, SECRET), &Default::default());
    let assertion = validator.validate(&token, &at(NOW)).unwrap();
    assert_eq!(assertion.method().to_string(), "client_secret_jwt");
    assert_eq!(format!("{assertion:?}"), "ClientAssertion { method: ClientSecretJwt, .. }");
}

#[test]
fn a_refusal_is_answered_with_invalid_client_whatever_it_is() {
    let answered = |error: &Error| (error.oauth(), error.status(), error.challenges().len(), error.headers().len());
    let foreign = made(None, &changed(json!({"iss": "e"})));
    let late = made(None, &claims());
    for (token, authenticated) in [("", false), (foreign.as_str(), false), (late.as_str(), true)] {
        let error = validator(secret_client()).validate(token, &at(NOW + 100.0)).unwrap_err();
        assert_eq!(answered(&error), (Some("invalid_client"), Some(401), 0, 0));
        assert_eq!(error.authenticated(), authenticated);
    }
    let error = validator(secret_client()).validate(&late, &at(f64::NAN)).unwrap_err();
    assert_eq!((error.code(), error.status()), (ErrorCode::ArgumentInvalid, None));
}

#[test]
fn an_assertion_is_good_once_and_only_a_good_one_is_used() {
    let validator = validator(secret_client());
    let token = made(None, &claims());
    assert_eq!(slug(&validator.validate(&token, &at(NOW).client_id("d"))), "claim_mismatch");
    assert_eq!(slug(&validator.validate(&token, &at(NOW + 100.0))), "token_expired");
    assert_eq!(slug(&validator.validate(&token, &at(NOW))), "ok");
    let error = validator.validate(&token, &at(NOW)).unwrap_err();
    assert_eq!((error.code(), error.claim(), error.authenticated()), (ErrorCode::TokenReplayed, Some("jti"), true));
    // Another assertion of the same identifier is no other use.
    assert_eq!(slug(&validator.validate(made(None, &changed(json!({"exp": NOW + 50.0}))), &at(NOW))), "token_replayed");
    assert_eq!(slug(&validator.clone().validate(&token, &at(NOW))), "token_replayed");
    assert_eq!(slug(&validator.validate(made(None, &changed(json!({"jti": "two"}))), &at(NOW))), "ok");
    // Of what is worse, that is told first; nothing is noted again.
    assert_eq!(slug(&validator.validate(&token, &at(NOW + 100.0))), "token_expired");
}

#[test]
fn identifiers_belong_to_their_client_and_server() {
    let store = Arc::new(MemoryReplayStore::new());
    let ports = || Ports::default().replay_store(Arc::clone(&store) as _);
    let server = |issuer: &str| {
        let clients = [ClientConfig::with_secret("c", SECRET), ClientConfig::with_secret("d", SECRET)];
        ClientAssertionValidator::with_ports(ClientAssertionConfig::new(issuer, clients), ports()).unwrap()
    };
    let token = |client: &str, issuer: &str| made(None, &changed(json!({"iss": client, "sub": client, "aud": issuer})));
    let one = server(ISSUER);
    assert_eq!(slug(&one.validate(token("c", ISSUER), &at(NOW))), "ok");
    assert_eq!(slug(&one.validate(token("d", ISSUER), &at(NOW))), "ok");
    let other = server("https://other.example/");
    assert_eq!(slug(&other.validate(token("c", "https://other.example/"), &at(NOW))), "ok");
    // Another process of the first server.
    assert_eq!(slug(&server(ISSUER).validate(token("c", ISSUER), &at(NOW))), "token_replayed");
    assert_eq!(store.len(), 3);
}

/// Notes what it is asked, and answers what it is told.
struct Told(Mutex<Vec<(String, i64, i64)>>, Result<bool>);

impl ReplayStore for Told {
    fn first_use(&self, key: &str, until: i64, now: i64) -> Result<bool> {
        self.0.lock().unwrap().push((key.to_owned(), until, now));
        self.1.clone()
    }
}

#[test]
fn the_store_is_asked_last_and_its_failure_lets_nobody_in() {
    let asked = |answer: Result<bool>, changes: Value| {
        let told = Arc::new(Told(Mutex::default(), answer));
        let ports = Ports::default().replay_store(Arc::clone(&told) as _);
        let validator = ClientAssertionValidator::with_ports(secret_client(), ports).unwrap();
        let verdict = validator.validate(made(None, &changed(changes)), &at(NOW));
        let seen = told.0.lock().unwrap().clone();
        (verdict, seen)
    };
    let (verdict, seen) = asked(Ok(true), json!({"jti": "hidden"}));
    assert_eq!(slug(&verdict), "ok");
    let [(key, until, now)] = seen.as_slice() else { panic!("{seen:?}") };
    assert!(key.starts_with("at9068:client_assertion:") && key.len() <= 80 && !key.contains("hidden"));
    assert_eq!((*until, *now), (1_700_000_060 + 1 + 30 + 60, 1_700_000_000));
    let (verdict, _) = asked(Ok(false), json!({}));
    assert_eq!(slug(&verdict), "token_replayed");
    for changes in [json!({"aud": "https://other.example/"}), json!({"exp": NOW - 60.0}), json!({"exp": NOW + 331.0})] {
        let (verdict, seen) = asked(Ok(true), changes);
        assert!(verdict.is_err() && seen.is_empty());
    }
    let (verdict, _) = asked(Err(ErrorCode::ArgumentInvalid.into()), json!({}));
    let error = verdict.unwrap_err();
    assert_eq!((error.code(), error.status(), error.oauth()), (ErrorCode::Internal, Some(500), None));
}

#[test]
fn a_full_store_lets_nobody_in_until_there_is_room() {
    let ports = Ports::default().replay_store(Arc::new(MemoryReplayStore::with_capacity(1)));
    let validator = ClientAssertionValidator::with_ports(secret_client(), ports).unwrap();
    let token = |jti: &str, now: f64| made(None, &changed(json!({"jti": jti, "exp": now + 10.0, "iat": now})));
    assert_eq!(slug(&validator.validate(token("one", NOW), &at(NOW))), "ok");
    assert_eq!(slug(&validator.validate(token("two", NOW), &at(NOW))), "internal");
    assert_eq!(slug(&validator.validate(token("one", NOW), &at(NOW))), "token_replayed");
    let later = NOW + 10.0 + 30.0 + 60.0 + 1.0;
    assert_eq!(slug(&validator.validate(token("two", later), &at(later))), "ok");
}

#[test]
fn a_server_that_could_not_tell_clients_apart_is_not_made() {
    let key: Value =
        serde_json::from_str(&SigningKey::generate(Algorithm::ES256).unwrap().public_jwk().unwrap()).unwrap();
    let jwks = json!({"keys": [key]});
    let good = json!({"client_id": "c", "jwks": jwks});
    let client = |changes: Value| {
        let mut client = good.clone();
        for (name, value) in changes.as_object().unwrap() {
            client[name] = value.clone();
        }
        json!({"issuer": ISSUER, "clients": [client]})
    };
    let server = |changes: Value| {
        let mut config = json!({"issuer": ISSUER, "clients": [good]});
        for (name, value) in changes.as_object().unwrap() {
            config[name] = value.clone();
        }
        config
    };
    let secret = |secret: &str, algorithms: Value| json!({"issuer": ISSUER, "clients": [{"client_id": "c", "client_secret": secret, "algorithms": algorithms}]});
    let wrong = [
        server(json!({"issuer": ""})),
        server(json!({"clients": []})),
        server(json!({"clients": [good, good]})),
        server(json!({"danger_token_endpoint_audience": [""]})),
        server(json!({"leeway_seconds": 301})),
        server(json!({"max_lifetime_seconds": 0})),
        server(json!({"max_token_bytes": 65_537})),
        server(json!({"audience": ISSUER})),
        client(json!({"client_id": ""})),
        client(json!({"jwks": null})),
        client(json!({"jwks_uri": URL})),
        client(json!({"client_secret": SECRET})),
        client(json!({"jwks": {"keys": []}})),
        client(json!({"jwks": null, "jwks_uri": "http://client.example/jwks"})),
        client(json!({"algorithms": []})),
        client(json!({"algorithms": ["HS256"]})),
        client(json!({"key_thumbprints": ["short"]})),
        client(json!({"jwk": {}})),
        secret(short(31), Value::Null),
        secret(short(47), json!(["HS256", "HS384"])),
        secret(SECRET, json!(["HS256", "ES256"])),
        json!({"issuer": ISSUER, "clients": [{"client_id": "c", "client_secret": SECRET,
               "key_thumbprints": ["NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"]}]}),
        json!({"issuer": ISSUER}),
        json!({"clients": [good]}),
    ];
    for config in wrong {
        let made = ClientAssertionConfig::from_json(&config.to_string()).and_then(ClientAssertionValidator::new);
        assert_eq!(made.unwrap_err().code(), ErrorCode::ConfigInvalid, "{config}");
    }
    for config in [server(json!({})), secret(short(47), json!(["HS256"])), secret(short(32), Value::Null)] {
        let made = ClientAssertionConfig::from_json(&config.to_string()).and_then(ClientAssertionValidator::new);
        assert!(made.is_ok(), "{config}");
    }
    let error = ClientAssertionOptions::from_json("{\"client\":\"c\"}").unwrap_err();
    assert_eq!(error.code(), ErrorCode::ArgumentInvalid);
    let options = ClientAssertionOptions::from_json("{\"client_id\":\"c\"}").unwrap();
    assert_eq!((options.client_id.as_deref(), options.now), (Some("c"), None));
}

#[test]
fn handles_are_keys_too_and_what_is_unusable_is_told() {
    let key = SigningKey::generate(Algorithm::ES256).unwrap();
    let handles = Handles { key_sets: vec![key.key_set().unwrap()], ..Handles::default() };
    let text = json!({"issuer": ISSUER, "clients": [
        {"client_id": "c", "jwks": {"$key_set": 0}},
        {"client_id": "b", "jwks": {"keys": [{"kty": "EC"}, serde_json::from_str::<Value>(&key.public_jwk().unwrap()).unwrap()]}},
    ]});
    let validator = validator(ClientAssertionConfig::from_json_with(&text.to_string(), &handles).unwrap());
    let skipped: Vec<_> = validator.skipped_keys().map(|(client, entry)| (client, entry.index)).collect();
    assert_eq!(skipped, [("b", 0)]);
    let (token, _, _) = minted(ClientAssertionMinterConfig::new("c", ISSUER, [key]), &Default::default());
    assert_eq!(slug(&validator.validate(token, &at(NOW))), "ok");
    assert_eq!(validator.status_json(), "{\"issuers\":[]}");
    assert!(validator.issuer_cache().is_none() && validator.due_refresh().is_none());
}

#[test]
fn another_kind_of_token_is_told_by_its_type_or_what_it_holds() {
    let plain = validator(secret_client());
    let lenient = validator(secret_client().danger_jwt_type(true));
    let judged = |validator: &ClientAssertionValidator, typ: Option<&str>, claims: Value| {
        let verdict = validator.validate(made(typ, &changed(claims)), &at(NOW));
        (slug(&verdict), verdict.err().and_then(|error| error.kind()))
    };
    for (typ, kind) in [
        ("at+jwt", Some(Kind::AccessToken)),
        ("dpop+jwt", Some(Kind::DpopProof)),
        ("logout+jwt", Some(Kind::LogoutToken)),
        ("token-introspection+jwt", Some(Kind::IntrospectionResponse)),
        ("application/oauth-authz-req+JWT", Some(Kind::RequestObject)),
        ("JWT", None),
        ("", None),
    ] {
        assert_eq!(judged(&plain, Some(typ), json!({})), ("type_mismatch", kind), "{typ}");
    }
    for (claim, kind) in [
        ("nonce", Kind::IdToken),
        ("at_hash", Kind::IdToken),
        ("htm", Kind::DpopProof),
        ("response_type", Kind::RequestObject),
        ("token_introspection", Kind::IntrospectionResponse),
        ("events", Kind::SecurityEvent),
    ] {
        let claims = json!({claim: "x", "jti": claim});
        assert_eq!(judged(&plain, None, claims.clone()), ("kind_mismatch", Some(kind)), "{claim}");
        assert_eq!(judged(&lenient, Some("jwt"), claims.clone()), ("kind_mismatch", Some(kind)), "{claim}");
        assert_eq!(judged(&plain, Some("application/Client-Authentication+JWT"), claims), ("ok", None), "{claim}");
    }
    assert_eq!(judged(&lenient, Some("JWT"), json!({})), ("ok", None));
}

#[test]
fn keys_are_fetched_when_they_are_needed() {
    let (world, key) = (World::new(), world::key());
    world.answer(URL, Ok(world::json(&world::jwks(&[&key]))));
    let config = || ClientAssertionConfig::new(ISSUER, [ClientConfig::fetched("c", URL)]);
    let minter =
        ClientAssertionMinter::with_ports(ClientAssertionMinterConfig::new("c", ISSUER, [key.clone()]), world.ports());
    let minter = minter.unwrap();
    let token = || minter.mint(&ClientAssertionRequest::new(), None).unwrap().into_token();
    let options = ClientAssertionOptions::default();

    let validator = ClientAssertionValidator::with_ports(config(), world.ports()).unwrap();
    let (one, other) = (token(), token());
    assert_eq!(slug(&validator.validate(&one, &options)), "ok");
    // Clients choose where their keys are: nobody vouches for that host.
    assert!(world.requested().iter().all(|request| request.url == URL && !request.trusted_host));
    assert_eq!(slug(&validator.validate(&one, &options)), "token_replayed");
    assert_eq!((world.fetched(), slug(&validator.validate_at_hand(&other, &options))), (1, "ok"));
    assert!(validator.status_json().contains("\"issuer\":\"c\",\"state\":\"fresh\""));
    assert!(validator.skipped_keys().next().is_none());

    // The host fetches: a step notes no use until it is done.
    let hosted = ClientAssertionValidator::with_ports(config(), world.ports().host_fetches()).unwrap();
    let third = token();
    let error = hosted.validate_at_hand(&third, &options).unwrap_err();
    assert_eq!((error.code(), error.status(), error.oauth()), (ErrorCode::KeysUnavailable, Some(503), None));
    assert!(error.retry_after().is_some());
    let Progress::Fetch(mut refresh) = hosted.step(&third, &options) else { panic!("no fetch") };
    assert!(matches!(hosted.step(&third, &options), Progress::Wait(_)));
    assert_eq!((refresh.issuer(), refresh.request().unwrap().url.as_str()), ("c", URL));
    refresh.answer(Ok(world::json(&world::jwks(&[&key]))));
    drop(refresh);
    assert!(matches!(hosted.step(&third, &options), Progress::Done(Ok(_))));
    assert!(matches!(hosted.step(&third, &options), Progress::Done(Err(_))));

    // A client whose keys cannot be had is not refused.
    world.answer(URL, Err(FetchFailure::Connect));
    let cut_off = ClientAssertionValidator::with_ports(config(), world.ports()).unwrap();
    let error = cut_off.validate(token(), &options).unwrap_err();
    assert_eq!((error.code(), error.status(), error.oauth()), (ErrorCode::KeysUnavailable, Some(503), None));
    assert_eq!(cut_off.prefetch().unwrap_err().status(), Some(503));
    assert!(cut_off.refresh().is_err());
    assert!(matches!(cut_off.prefetch_steps().step(), Progress::Done(Err(_))));
}

#[test]
fn a_cache_and_its_keys_outlive_a_validator() {
    let (world, key) = (World::new(), world::key());
    world.answer(URL, Ok(world::json(&world::jwks(&[&key]))));
    let cache = IssuerCache::with_ports(IssuerCacheConfig::new(), world.ports()).unwrap();
    let config = || ClientAssertionConfig::new(ISSUER, [ClientConfig::fetched("c", URL)]);
    for _ in 0..2 {
        let validator = ClientAssertionValidator::with_issuer_cache(config(), world.ports(), &cache).unwrap();
        validator.prefetch().unwrap();
        assert!(validator.issuer_cache().is_some() && validator.due_refresh().is_none());
    }
    assert_eq!(world.fetched(), 1);
    let both = config().issuer_cache(IssuerCacheConfig::new());
    let made = ClientAssertionValidator::with_issuer_cache(both, world.ports(), &cache);
    assert_eq!(made.unwrap_err().code(), ErrorCode::ConfigInvalid);
}

#[cfg(feature = "async")]
#[test]
fn an_executor_can_wait_instead() {
    use std::pin::pin;
    use std::task::{Context, Poll, Wake, Waker};

    struct Unpark(std::thread::Thread);
    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }

    let (world, key) = (World::new(), world::key());
    world.answer(URL, Ok(world::json(&world::jwks(&[&key]))));
    let config = ClientAssertionConfig::new(ISSUER, [ClientConfig::fetched("c", URL)]);
    let validator = ClientAssertionValidator::with_ports(config, world.ports()).unwrap();
    let config = ClientAssertionMinterConfig::new("c", ISSUER, [key]);
    let token = ClientAssertionMinter::new(config).unwrap().mint(&Default::default(), Some(world.seconds())).unwrap();
    let waker = Waker::from(Arc::new(Unpark(std::thread::current())));
    let mut context = Context::from_waker(&waker);
    for expected in ["ok", "token_replayed"] {
        let options = ClientAssertionOptions::default();
        let mut verdict = pin!(validator.validate_async(token.token(), &options));
        let verdict = loop {
            match verdict.as_mut().poll(&mut context) {
                Poll::Ready(verdict) => break verdict,
                Poll::Pending => std::thread::park(),
            }
        };
        assert_eq!(slug(&verdict), expected);
    }
}

/// One key of every kind, made once.
fn keys() -> &'static [(Algorithm, SigningKey)] {
    static KEYS: OnceLock<Vec<(Algorithm, SigningKey)>> = OnceLock::new();
    KEYS.get_or_init(|| {
        let asymmetric = Algorithm::ALL.iter().filter(|algorithm| !algorithm.is_symmetric());
        asymmetric.map(|algorithm| (*algorithm, SigningKey::generate(*algorithm).unwrap())).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn what_is_minted_is_accepted_once_there_and_nowhere_else(
        algorithm in prop::sample::select(Algorithm::ALL),
        client_id in ".{1,20}",
        issuer in ".{1,20}",
        jti in prop::option::of(".{1,40}"),
        lifetime in 1_u32..=300,
        // The clock of the server, before and after that of the client.
        skew in -30.0_f64..29.0,
    ) {
        let request = jti.map_or_else(ClientAssertionRequest::new, |jti| ClientAssertionRequest::new().jti(jti));
        let (config, client, other) = if algorithm.is_symmetric() {
            let client = |id: &str, secret: &str| ClientConfig::with_secret(id, secret);
            (ClientAssertionMinterConfig::with_secret(&client_id, &issuer, SECRET), client(&client_id, SECRET),
             client("another", &format!("{SECRET}!")))
        } else {
            let (_, key) = keys().iter().find(|(of, _)| *of == algorithm).unwrap();
            let others: Vec<_> = keys().iter().filter(|(of, _)| *of != algorithm).map(|(_, key)| key.clone()).collect();
            (ClientAssertionMinterConfig::new(&client_id, &issuer, [key.clone()]),
             ClientConfig::new(&client_id, &key.key_set().unwrap()),
             ClientConfig::new("another", &KeySet::from_signing_keys(&others).unwrap()))
        };
        prop_assume!(client_id != "another");
        let config = config.algorithm(algorithm).lifetime_seconds(lifetime);
        let minted = ClientAssertionMinter::new(config).unwrap().mint(&request, Some(NOW)).unwrap();
        let now = at(NOW.floor() + skew);
        let here = validator(ClientAssertionConfig::new(&issuer, [other.clone(), client.clone()]));
        let assertion = here.validate(minted.token(), &now).unwrap();
        prop_assert_eq!(assertion.claims_json(), minted.claims_json());
        prop_assert_eq!(assertion.client_id(), client_id.as_str());
        prop_assert_eq!(slug(&here.validate(minted.token(), &now)), "token_replayed");
        let there = validator(ClientAssertionConfig::new(format!("{issuer}/"), [client]));
        prop_assert_eq!(slug(&there.validate(minted.token(), &now)), "audience_mismatch");
        let strange = validator(ClientAssertionConfig::new(&issuer, [other]));
        prop_assert_eq!(slug(&strange.validate(minted.token(), &now)), "issuer_unknown");
    }
}
