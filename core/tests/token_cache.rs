//! A token that was verified is not verified again, and is judged anew all the same.

#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_in_result,
    clippy::unwrap_used,
    reason = "a test that meets the unexpected fails, and should"
)]

mod world;

use at9068::{
    Algorithm, ApiConfig, Dialect, KeySet, MintRequest, Minter, MinterConfig, Ports, Request, Require, Revocations,
    Revoked, SigningKey, TokenCacheConfig, ValidateOptions, Validator, ValidatorConfig,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use world::{API, ISSUER, World, code, key};

fn minted(key: &SigningKey, jti: &str, more: impl FnOnce(MintRequest) -> MintRequest) -> String {
    let api = ApiConfig::new(API, Dialect::Rfc9068Profile).scopes(["a"]);
    let minter = Minter::new(MinterConfig::new(ISSUER, [key.clone()], [api]).default_audience(API)).unwrap();
    let request = MintRequest::new("authorization_code", "client").subject("user").scope("a").jti(jti);
    minter.mint(&more(request), Some(1000.0)).unwrap().into_token()
}

fn token(key: &SigningKey) -> String {
    minted(key, "one", |request| request)
}

fn config(key: &SigningKey) -> ValidatorConfig {
    ValidatorConfig::new(ISSUER, API).keys(&key.key_set().unwrap())
}

fn validator(key: &SigningKey) -> Validator {
    Validator::new(config(key)).unwrap()
}

fn at(seconds: f64) -> ValidateOptions {
    ValidateOptions::default().now(seconds)
}

fn verdict(validator: &Validator, token: &str, options: &ValidateOptions) -> &'static str {
    code(&validator.validate(token, options))
}

/// Entries, hits and misses.
fn counted(validator: &Validator) -> (u64, u64, u64) {
    let status: Value = serde_json::from_str(&validator.status_json()).unwrap();
    let count = |name: &str| status["token_cache"][name].as_u64().unwrap();
    (count("entries"), count("hits"), count("misses"))
}

#[test]
fn a_second_call_is_a_hit_with_the_same_answer() {
    let key = key();
    let (validator, token) = (validator(&key), token(&key));
    let first = validator.validate(&token, &at(1001.0)).unwrap();
    let second = validator.validate(&token, &at(1002.0)).unwrap();
    assert_eq!(counted(&validator), (1, 1, 1));
    assert_eq!(first.claims_json(), second.claims_json());
    assert_eq!((first.header_json(), first.profile()), (second.header_json(), second.profile()));
    // An explanation looks at everything, whatever is remembered.
    assert!(validator.explain(&token, &at(1002.0)).unwrap().verdict().is_ok());
    assert_eq!(counted(&validator).1, 1);
}

#[test]
fn time_is_judged_with_every_call() {
    let key = key();
    let (validator, token) = (validator(&key), token(&key));
    assert_eq!(verdict(&validator, &token, &at(1001.0)), "ok");
    assert_eq!(verdict(&validator, &token, &at(1000.0 + 3600.0 + 29.9)), "ok");
    assert_eq!(verdict(&validator, &token, &at(1000.0 + 3600.0 + 30.0)), "token_expired");
    assert_eq!(verdict(&validator, &token, &at(900.0)), "token_issued_in_future");
    assert_eq!(verdict(&validator, &token, &at(1001.0)), "ok");
    assert_eq!(counted(&validator), (1, 4, 1));
}

#[test]
fn sender_demands_and_revocation_are_judged_with_every_call() {
    let key = key();
    let list = Revocations::new();
    let validator = Validator::with_ports(config(&key), Ports::default().revocations(&list)).unwrap();
    let (held, stolen) = ("A".repeat(43), format!("{}E", "A".repeat(42)));
    let token = minted(&key, "bound", |request| request.cnf(&json!({"x5t#S256": held})).unwrap());
    let sent = |digest: &str| {
        let request = Request::from_json(&json!({"client_certificate_sha256": digest}).to_string()).unwrap();
        at(1001.0).request(request)
    };
    assert_eq!(verdict(&validator, &token, &sent(&held)), "ok");
    assert_eq!(verdict(&validator, &token, &sent(&stolen)), "binding_mismatch");
    assert_eq!(verdict(&validator, &token, &at(1001.0)), "binding_missing");
    let demanding = sent(&held).require(Require::new().scopes(["b"]).unwrap());
    assert_eq!(verdict(&validator, &token, &demanding), "scope_insufficient");
    list.revoke(&Revoked::token(ISSUER, "bound", 4_102_444_800)).unwrap();
    assert_eq!(verdict(&validator, &token, &sent(&held)), "token_revoked");
    assert_eq!(counted(&validator), (1, 4, 1));
}

#[test]
fn what_is_not_the_same_to_the_octet_is_verified() {
    let key = SigningKey::generate(Algorithm::ES256).unwrap();
    let (validator, token) = (validator(&key), token(&key));
    assert_eq!(verdict(&validator, &token, &at(1001.0)), "ok");
    let parts: Vec<&str> = token.split('.').collect();
    // The same signature under another header, and under other claims.
    let header = URL_SAFE_NO_PAD.encode(json!({"alg": "ES256", "typ": "at+jwt"}).to_string());
    let claims = String::from_utf8(URL_SAFE_NO_PAD.decode(parts[1]).unwrap()).unwrap().replace("user", "root");
    let claims = URL_SAFE_NO_PAD.encode(claims);
    for forged in [format!("{header}.{}.{}", parts[1], parts[2]), format!("{}.{claims}.{}", parts[0], parts[2])] {
        assert_eq!(verdict(&validator, &forged, &at(1001.0)), "signature_invalid");
    }
    // Another signature under the same header and claims.
    let mut signature = URL_SAFE_NO_PAD.decode(parts[2]).unwrap();
    signature[40] ^= 1;
    let forged = format!("{}.{}.{}", parts[0], parts[1], URL_SAFE_NO_PAD.encode(&signature));
    assert_eq!(verdict(&validator, &forged, &at(1001.0)), "signature_invalid");
    for other in [
        format!("{token}A"),
        format!("{token}="),
        format!("{token}."),
        token.strip_suffix(|_: char| true).unwrap().to_owned(),
    ] {
        assert_ne!(verdict(&validator, &other, &at(1001.0)), "ok");
    }
    assert_eq!(counted(&validator).1, 0, "none of them was a hit");
}

#[test]
fn only_what_is_good_is_kept() {
    let key = key();
    let validator = validator(&key);
    let token = token(&key);
    let demanding = at(1001.0).require(Require::new().scopes(["b"]).unwrap());
    assert_eq!(verdict(&validator, &token, &at(9999.0)), "token_expired");
    assert_eq!(verdict(&validator, &token, &demanding), "scope_insufficient");
    assert_eq!(verdict(&validator, &format!("{token}x"), &at(1001.0)), "token_malformed");
    assert_eq!(counted(&validator), (0, 0, 3));
}

#[test]
fn another_validator_remembers_nothing_of_it() {
    let key = key();
    let (first, token) = (validator(&key), token(&key));
    assert_eq!(verdict(&first, &token, &at(1001.0)), "ok");
    let stricter = Validator::new(config(&key).required_claims(["org_id"])).unwrap();
    assert_eq!(verdict(&stricter, &token, &at(1001.0)), "claim_missing");
    assert_eq!(counted(&stricter), (0, 0, 1));
}

#[test]
fn keys_that_come_or_go_end_every_hit() {
    let (world, old, new) = (World::new(), key(), key());
    world.publish(&[&old]);
    let validator = world.validator();
    let token = world.mint(&old);
    for _ in 0..2 {
        assert_eq!(world.verdict(&validator, &token), "ok");
    }
    assert_eq!(counted(&validator).1, 1);
    // Nothing changes: the keys are fetched anew and are the same.
    validator.refresh().unwrap();
    assert_eq!(world.verdict(&validator, &token), "ok");
    assert_eq!(counted(&validator).1, 2);
    // Another key comes: what the first verified is verified again.
    world.publish(&[&old, &new]);
    validator.refresh().unwrap();
    assert_eq!((world.verdict(&validator, &token), counted(&validator).1), ("ok", 2));
    assert_eq!((world.verdict(&validator, &token), counted(&validator).1), ("ok", 3));
    // The key is taken back.
    world.publish(&[&new]);
    validator.refresh().unwrap();
    assert_eq!(world.verdict(&validator, &token), "key_not_found");
    assert_eq!(counted(&validator).1, 3);
}

#[test]
fn keys_whose_time_is_over_end_every_hit() {
    let (world, key) = (World::new(), key());
    world.publish(&[&key]);
    let validator = world.validator();
    let token = minted_for_days(&world, &key);
    assert_eq!(world.verdict(&validator, &token), "ok");
    world.answer(world::JWKS_URI, Err(at9068::FetchFailure::Timeout));
    world.pass(600 + 3600);
    assert_eq!(world.verdict(&validator, &token), "keys_unavailable");
}

fn minted_for_days(world: &World, key: &SigningKey) -> String {
    let api = ApiConfig::new(API, Dialect::Rfc9068Profile).lifetime_seconds(864_000);
    let minter = Minter::new(MinterConfig::new(ISSUER, [key.clone()], [api]).default_audience(API)).unwrap();
    let request = MintRequest::new("authorization_code", "client").subject("user");
    minter.mint(&request, Some(world.seconds())).unwrap().into_token()
}

#[test]
fn entries_and_memory_are_bounded() {
    let key = key();
    let limited = |cache: TokenCacheConfig| Validator::new(config(&key).token_cache(cache)).unwrap();
    let tokens: Vec<String> = (0..60).map(|number| minted(&key, &number.to_string(), |request| request)).collect();
    let few = limited(TokenCacheConfig::new().max_entries(8));
    let small = limited(TokenCacheConfig::new().max_bytes(6_000));
    let off = limited(TokenCacheConfig::new().max_entries(0));
    for token in tokens.iter().chain(&tokens) {
        for validator in [&few, &small, &off] {
            assert_eq!(verdict(validator, token, &at(1001.0)), "ok");
        }
    }
    assert!((4..=8).contains(&counted(&few).0), "{:?}", counted(&few));
    assert!((1..=6).contains(&counted(&small).0), "{:?}", counted(&small));
    assert_eq!(counted(&off), (0, 0, 0));
    let status: Value = serde_json::from_str(&small.status_json()).unwrap();
    assert!(status["token_cache"]["bytes"].as_u64().unwrap() <= 6_000);
}

#[test]
fn tokens_in_use_stay_while_there_is_room() {
    let key = key();
    let limit =
        |entries| Validator::new(config(&key).token_cache(TokenCacheConfig::new().max_entries(entries))).unwrap();
    let tokens: Vec<String> = (0..400).map(|number| minted(&key, &number.to_string(), |request| request)).collect();
    let hits = |validator: &Validator| {
        let before = counted(validator).1;
        for token in &tokens {
            assert_eq!(verdict(validator, token, &at(1001.0)), "ok");
        }
        counted(validator).1 - before
    };
    let (ample, exact) = (limit(1000), limit(400));
    assert_eq!((hits(&ample), hits(&exact)), (0, 0));
    // Sets overflow by chance, and the more so the fuller they are; of one that does, every token is a miss in such a
    // round. More of them than this are not met in millions of runs.
    assert!(hits(&ample) >= 370);
    assert!(hits(&exact) >= 280);
    assert!(counted(&exact).0 <= 400);
}

#[test]
fn tokens_that_are_over_make_room_first() {
    let key = key();
    let validator = Validator::new(config(&key).token_cache(TokenCacheConfig::new().max_entries(4))).unwrap();
    let tokens: Vec<String> = (0..4).map(|number| minted(&key, &number.to_string(), |request| request)).collect();
    for token in &tokens {
        assert_eq!(verdict(&validator, token, &at(1001.0)), "ok");
    }
    let lasting = {
        let api = ApiConfig::new(API, Dialect::Rfc9068Profile).lifetime_seconds(864_000);
        let minter = Minter::new(MinterConfig::new(ISSUER, [key.clone()], [api]).default_audience(API)).unwrap();
        let request = MintRequest::new("authorization_code", "client").subject("user");
        minter.mint(&request, Some(5000.0)).unwrap().into_token()
    };
    for _ in 0..3 {
        assert_eq!(verdict(&validator, &lasting, &at(5001.0)), "ok");
    }
    let (entries, hits, _) = counted(&validator);
    assert_eq!((entries, hits), (4, 2));
}

#[test]
fn sizes_that_are_none_are_refused() {
    for wrong in [json!({"max_entries": 1_000_001}), json!({"max_bytes": 1_073_741_825}), json!({"ttl": 1}), json!([])]
    {
        let config = json!({"issuer": ISSUER, "audience": API, "jwks": {"keys": []}, "token_cache": wrong}).to_string();
        let built = ValidatorConfig::from_json(&config).and_then(Validator::new);
        assert_eq!(code(&built), "config_invalid");
    }
}

#[test]
fn threads_share_it() {
    let key = key();
    let keys: KeySet = key.key_set().unwrap();
    let small = TokenCacheConfig::new().max_entries(16);
    let validator = Validator::new(ValidatorConfig::new(ISSUER, API).keys(&keys).token_cache(small)).unwrap();
    let tokens: Vec<(String, String)> =
        (0..64).map(|number| (number.to_string(), minted(&key, &number.to_string(), |request| request))).collect();
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let (validator, tokens) = (&validator, &tokens);
            scope.spawn(move || {
                for step in 0..2_000 {
                    let (jti, token) = &tokens[(step * 7 + thread * 13) % tokens.len()];
                    let held = validator.validate(token, &at(1001.0)).unwrap();
                    assert_eq!(held.jti(), Some(jti.as_str()), "claims of another token");
                }
            });
        }
    });
    let (entries, hits, misses) = counted(&validator);
    assert!(entries <= 16 && hits > 0 && hits + misses == 8_000);
}
