//! Where keys are, as the metadata of issuers says.

#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_in_result,
    clippy::unwrap_used,
    reason = "a test that meets the unexpected fails, and should"
)]

mod world;

use std::sync::Arc;

use at9068::{
    Discovery, Error, FetchFailure, FetchResponse, IssuerCacheConfig, IssuerConfig, Resolver, ValidateOptions,
    Validator, ValidatorConfig,
};
use world::{API, ISSUER, JWKS_URI, OAUTH, OPENID, World, code, json, jwks, key, metadata};

fn discovering() -> ValidatorConfig {
    ValidatorConfig::new(ISSUER, API)
}

fn urls(world: &World) -> Vec<String> {
    world.requested().into_iter().map(|request| request.url).collect()
}

#[test]
fn both_documents_are_asked_once_and_agree() {
    let (world, key) = (World::new(), key());
    world.describe();
    world.publish(&[&key]);
    let validator = world.validator_of(discovering());
    for _ in 0..3 {
        assert_eq!(world.verdict(&validator, &world.mint(&key)), "ok");
    }
    assert_eq!(urls(&world), [OAUTH, OPENID, JWKS_URI]);
    // A kid that nobody knows asks for keys again, not for metadata that is still fresh.
    world.pass(30);
    assert_eq!(world.verdict(&validator, &world.mint(&world::key())), "key_not_found");
    assert_eq!(urls(&world), [JWKS_URI]);
    world.pass(600);
    assert_eq!(world.verdict(&validator, &world.mint(&key)), "ok");
    assert_eq!(urls(&world), [OAUTH, OPENID, JWKS_URI]);
}

#[test]
fn one_document_is_enough_where_the_other_is_not_there() {
    let key = key();
    for (there, mode, asked) in [
        (OAUTH, None, &[OAUTH, OPENID, JWKS_URI][..]),
        (OPENID, None, &[OAUTH, OPENID, JWKS_URI]),
        (OAUTH, Some(Discovery::Oauth), &[OAUTH, JWKS_URI]),
        (OPENID, Some(Discovery::Openid), &[OPENID, JWKS_URI]),
        (OPENID, Some(Discovery::Oauth), &[OAUTH]),
        (OAUTH, Some(Discovery::Openid), &[OPENID]),
    ] {
        let world = World::new();
        world.answer(there, Ok(metadata(ISSUER, JWKS_URI)));
        world.publish(&[&key]);
        let config = mode.map_or_else(discovering, |mode| discovering().discovery(mode));
        let verdict = world.verdict(&world.validator_of(config), &world.mint(&key));
        assert_eq!(verdict, if asked.len() == 1 { "metadata_invalid" } else { "ok" });
        assert_eq!(urls(&world), asked);
    }
}

#[test]
fn metadata_that_cannot_be_trusted_leads_to_no_keys() {
    let key = key();
    let with = |text: &str| Ok(json(text));
    type Answer = Result<FetchResponse, FetchFailure>;
    let cases: [(Answer, Answer, &str); 22] = [
        (Ok(metadata("https://evil.example/", JWKS_URI)), Ok(metadata(ISSUER, JWKS_URI)), "metadata_invalid"),
        (Ok(metadata(ISSUER, JWKS_URI)), Ok(metadata("https://as.example", JWKS_URI)), "metadata_invalid"),
        (Ok(metadata(ISSUER, JWKS_URI)), Ok(metadata(ISSUER, "https://as.example/other")), "metadata_invalid"),
        (Ok(metadata(ISSUER, "http://as.example/jwks")), Ok(FetchResponse::new(404, "")), "metadata_invalid"),
        (Ok(metadata(ISSUER, "http://127.0.0.1/jwks")), Ok(FetchResponse::new(404, "")), "metadata_invalid"),
        (Ok(metadata(ISSUER, "file:///etc/passwd")), Ok(FetchResponse::new(404, "")), "metadata_invalid"),
        (Ok(metadata(ISSUER, "https://as.example@evil.example/")), Ok(FetchResponse::new(404, "")), "metadata_invalid"),
        (Ok(metadata(ISSUER, "")), Ok(FetchResponse::new(410, "")), "metadata_invalid"),
        (with(&format!("{{\"issuer\":\"{ISSUER}\"}}")), Ok(FetchResponse::new(404, "")), "metadata_invalid"),
        (with(&format!("{{\"jwks_uri\":\"{JWKS_URI}\"}}")), Ok(FetchResponse::new(404, "")), "metadata_invalid"),
        (with("[]"), Ok(FetchResponse::new(404, "")), "metadata_invalid"),
        (with(""), Ok(FetchResponse::new(404, "")), "metadata_invalid"),
        (with("\u{feff}{}"), Ok(FetchResponse::new(404, "")), "metadata_invalid"),
        (
            with(&format!("{{\"issuer\":\"x\",\"issuer\":\"{ISSUER}\",\"jwks_uri\":\"{JWKS_URI}\"}}")),
            Ok(FetchResponse::new(404, "")),
            "metadata_invalid",
        ),
        (Ok(FetchResponse::new(404, "")), Ok(FetchResponse::new(404, "")), "metadata_invalid"),
        // What may pass is undecided in another way.
        (Ok(metadata(ISSUER, JWKS_URI)), Ok(FetchResponse::new(500, "")), "keys_unavailable"),
        (Ok(metadata(ISSUER, JWKS_URI)), Err(FetchFailure::Timeout), "keys_unavailable"),
        (Ok(FetchResponse::new(429, "")), Ok(metadata(ISSUER, JWKS_URI)), "keys_unavailable"),
        (Ok(FetchResponse::new(302, "").header("Location", "/")), Ok(metadata(ISSUER, JWKS_URI)), "keys_unavailable"),
        (
            Ok(FetchResponse::new(200, "<html>").header("Content-Type", "text/html")),
            Ok(metadata(ISSUER, JWKS_URI)),
            "keys_unavailable",
        ),
        (
            Ok(metadata(ISSUER, JWKS_URI).header("Content-Encoding", "gzip")),
            Ok(metadata(ISSUER, JWKS_URI)),
            "keys_unavailable",
        ),
        (Ok(FetchResponse::new(200, vec![b' '; 512 * 1024 + 1])), Ok(metadata(ISSUER, JWKS_URI)), "keys_unavailable"),
    ];
    for (index, (oauth, openid, expected)) in cases.into_iter().enumerate() {
        let world = World::new();
        world.publish(&[&key]);
        world.answer("https://as.example/other", Ok(json(&jwks(&[&key]))));
        world.answer(OAUTH, oauth);
        world.answer(OPENID, openid);
        let refused = world.validator_of(discovering()).validate(world.mint(&key), &ValidateOptions::default());
        let refused = refused.unwrap_err();
        assert_eq!((refused.code().slug(), refused.status()), (expected, Some(503)), "case {index}");
        assert!(!urls(&world).iter().any(|url| url == JWKS_URI), "case {index}");
    }
}

#[test]
fn metadata_that_breaks_later_leaves_keys_where_they_are() {
    let (world, key) = (World::new(), key());
    world.describe();
    world.publish(&[&key]);
    let validator = world.validator_of(discovering());
    assert_eq!(world.verdict(&validator, &world.mint(&key)), "ok");
    world.pass(600);
    world.answer(OAUTH, Ok(FetchResponse::new(503, "")));
    world.requested();
    assert_eq!(world.verdict(&validator, &world.mint(&key)), "ok");
    assert_eq!(urls(&world), [OAUTH, JWKS_URI]);
    assert!(validator.status_json().contains("\"state\":\"fresh\""));
    // What it says is another matter than that it says nothing.
    world.pass(600);
    world.answer(OAUTH, Ok(metadata("https://evil.example/", JWKS_URI)));
    assert_eq!(world.verdict(&validator, &world.mint(&key)), "ok");
    assert!(validator.status_json().contains("\"reason\":\"issuer_differs\""));
    world.pass(3600);
    assert_eq!(world.verdict(&validator, &world.mint(&key)), "metadata_invalid");
}

#[test]
fn keys_of_another_origin_are_a_choice() {
    let (world, key) = (World::new(), key());
    let elsewhere = "https://keys.example/jwks";
    world.answer(OAUTH, Ok(metadata(ISSUER, elsewhere)));
    world.answer(elsewhere, Ok(json(&jwks(&[&key]))));
    assert_eq!(world.verdict(&world.validator_of(discovering()), &world.mint(&key)), "ok");
    let trusted: Vec<bool> = world.requested().into_iter().map(|request| request.trusted_host).collect();
    assert_eq!(trusted, [true, true, false], "a host that was learned must not lead inside");
    let vouched = discovering().issuer_cache(IssuerCacheConfig::new().trusted_hosts(["KEYS.example"]));
    assert_eq!(world.verdict(&world.validator_of(vouched), &world.mint(&key)), "ok");
    assert!(world.requested().iter().all(|request| request.trusted_host));
    let strict = discovering().issuer_cache(IssuerCacheConfig::new().same_origin(true));
    assert_eq!(world.verdict(&world.validator_of(strict), &world.mint(&key)), "metadata_invalid");
}

#[test]
fn no_request_says_more_than_it_must() {
    let (world, key) = (World::new(), key());
    world.describe();
    world.publish(&[&key]);
    assert_eq!(world.verdict(&world.validator_of(discovering()), &world.mint(&key)), "ok");
    for request in world.requested() {
        assert_eq!(request.headers, [("Accept".to_owned(), "application/json, application/jwk-set+json".to_owned())]);
        assert!(request.timeout.as_secs_f64() <= 5.0 && request.connect_timeout.as_secs_f64() <= 2.0);
        assert_eq!(request.max_body_bytes, 512 * 1024);
    }
}

#[test]
fn key_sets_that_are_none_change_nothing_and_bad_entries_spoil_no_good_ones() {
    let (good, other) = (key(), key());
    let with = |entries: &str| {
        let own = jwks(&[&good]);
        let own = own.strip_prefix("{\"keys\":[").unwrap().strip_suffix("]}").unwrap();
        format!("{{\"keys\":[{entries},{own}]}}")
    };
    let spoilt = [
        "null",
        "5",
        "[]",
        "{}",
        "\"key\"",
        r#"{"kty":"RSA"}"#,
        r#"{"kty":"EC","crv":"P-256","x":"AA","y":"AA"}"#,
        r#"{"kty":"OKP","crv":"X25519","x":"AAAA"}"#,
        r#"{"kty":"oct","k":"c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LXNlY3JldA"}"#,
        r#"{"kty":"XYZ"}"#,
        r#"{"kid":5}"#,
        &other.to_jwk(),
        &jwks(&[&other]).replace("{\"keys\":[", "").replace("]}", "").replace("\"sig\"", "\"enc\""),
    ]
    .map(with);
    for text in spoilt {
        let world = World::new();
        world.answer(JWKS_URI, Ok(json(&text)));
        let validator = world.validator();
        assert_eq!(world.verdict(&validator, &world.mint(&good)), "ok", "{text}");
        assert_ne!(world.verdict(&validator, &world.mint(&other)), "ok", "{text}");
        assert_eq!(world.told().iter().filter(|event| event.contains("entry_dropped")).count(), 1, "{text}");
    }
    let many = vec!["{}"; 256].join(",");
    for text in [
        "",
        "{}",
        "[]",
        "null",
        "{\"keys\":null}",
        "{\"keys\":{}}",
        "{\"keys\":\"x\"}",
        "{\"keys\":[]}",
        "{\"keys\":[{}]}",
        "{\"keys\":[",
        "\u{feff}{\"keys\":[]}",
        "<html></html>",
        "{\"keys\":[],\"keys\":[]}",
        &with(&many),
    ] {
        let world = World::new();
        world.answer(JWKS_URI, Ok(json(text)));
        assert_eq!(world.verdict(&world.validator(), &world.mint(&good)), "keys_unavailable", "{text}");
        // The same later takes nothing away.
        world.publish(&[&good]);
        let validator = world.validator();
        assert_eq!(world.verdict(&validator, &world.mint(&good)), "ok");
        world.answer(JWKS_URI, Ok(json(text)));
        world.pass(600);
        assert_eq!(world.verdict(&validator, &world.mint(&good)), "ok", "{text}");
    }
}

#[test]
fn secrets_that_are_published_verify_nothing() {
    let (world, hmac) = (World::new(), at9068::SigningKey::generate(at9068::Algorithm::HS256));
    let key = key();
    let secret = hmac.as_ref().map_or_else(
        |_| r#"{"kty":"oct","alg":"HS256","kid":"h","k":"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr8"}"#.to_owned(),
        at9068::SigningKey::to_jwk,
    );
    let own = jwks(&[&key]).replace("]}", "");
    world.answer(JWKS_URI, Ok(json(&format!("{own},{secret}]}}"))));
    let listed = [at9068::Algorithm::HS256, at9068::Algorithm::ES256];
    let validator = world.validator_of(discovering().jwks_uri(JWKS_URI).algorithms(listed));
    let forged = world.mint(&at9068::SigningKey::from_jwk(&secret).unwrap());
    assert_eq!(world.verdict(&validator, &forged), "key_unsupported");
    assert_eq!(world.verdict(&validator, &world.mint(&key)), "ok");
}

const LOGIN: &str = "https://login.example/{tenant}/v2.0";

#[test]
fn tenants_have_keys_of_their_own() {
    let (world, acme, evil) = (World::new(), key(), key());
    let jwks_uri = |tenant: &str| format!("https://login.example/{tenant}/keys");
    for (tenant, key) in [("acme", &acme), ("eu-one", &evil), ("other", &evil)] {
        let issuer = LOGIN.replace("{tenant}", tenant);
        world.answer(&format!("{issuer}/.well-known/openid-configuration"), Ok(metadata(&issuer, &jwks_uri(tenant))));
        world.answer(&jwks_uri(tenant), Ok(json(&jwks(&[key]))));
    }
    let entry = IssuerConfig::discovered(LOGIN).tenants(["acme", "eu-*"]).discovery(Discovery::Openid);
    let validator = world.validator_of(ValidatorConfig::with_issuers([entry]).audience([API]));
    let token = |tenant: &str, key| world.mint_for(&LOGIN.replace("{tenant}", tenant), key);
    assert_eq!(world.verdict(&validator, &token("acme", &acme)), "ok");
    assert_eq!(world.verdict(&validator, &token("eu-one", &evil)), "ok");
    world.fetched();
    assert_eq!(world.verdict(&validator, &token("acme", &evil)), "key_not_found");
    assert_eq!(world.verdict(&validator, &token("eu-one", &acme)), "key_not_found");
    for stranger in ["other", "acme/../other", "", "{tenant}", "ACME", "eu-%2e%2e", "*"] {
        assert_eq!(world.verdict(&validator, &token(stranger, &evil)), "issuer_unknown", "{stranger}");
    }
    assert_eq!(world.fetched(), 0, "no stranger is worth a request");
    assert!(world.requested().iter().all(|request| request.trusted_host));
    assert_eq!(validator.status_json().matches("\"issuer\":").count(), 2);
}

struct Directory;

impl Resolver for Directory {
    fn resolve(&self, issuer: &str) -> Result<Option<IssuerConfig>, Error> {
        match issuer {
            "https://known.example/" => {
                Ok(Some(IssuerConfig::discovered(issuer).jwks_uri("https://known.example/jwks").audience([API])))
            }
            "https://down.example/" => Err(at9068::ErrorCode::Internal.into()),
            "https://wrong.example/" => Ok(Some(IssuerConfig::discovered("https://known.example/"))),
            "http://broken.example/" => Ok(Some(IssuerConfig::discovered(issuer).audience([API]))),
            _ => Ok(None),
        }
    }
}

#[test]
fn issuers_may_be_looked_up() {
    let (world, key) = (World::new(), key());
    world.answer("https://known.example/jwks", Ok(json(&jwks(&[&key]))));
    world.publish(&[&key]);
    let ports = world.ports().resolver(Arc::new(Directory));
    let validator = Validator::with_ports(discovering().jwks_uri(JWKS_URI), ports).unwrap();
    for (issuer, expected) in [
        (ISSUER, "ok"),
        ("https://known.example/", "ok"),
        ("https://unknown.example/", "issuer_unknown"),
        ("https://down.example/", "keys_unavailable"),
        ("https://wrong.example/", "internal"),
        ("http://broken.example/", "internal"),
    ] {
        let verdict = validator.validate(world.mint_for(issuer, &key), &ValidateOptions::default());
        assert_eq!(code(&verdict), expected, "{issuer}");
    }
    let asked: Vec<(String, bool)> =
        world.requested().into_iter().map(|request| (request.url, request.trusted_host)).collect();
    assert_eq!(asked, [(JWKS_URI.to_owned(), true), ("https://known.example/jwks".to_owned(), false)]);
}
