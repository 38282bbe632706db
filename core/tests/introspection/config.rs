//! What may be configured, and what contradicts itself.

use at9068::{Algorithm, Handles, IntrospectionConfig, IssuerCache, IssuerCacheConfig, Ports, Strategy};
use at9068::{SigningKey, Validator, ValidatorConfig};
use serde_json::{Value, json};

use crate::desk::{Desk, ENDPOINT, config, verdict};
use crate::world::{API, ISSUER};

fn refused(config: &Value) -> Option<String> {
    let config = ValidatorConfig::from_json(&config.to_string()).and_then(Validator::new);
    config.err().map(|error| {
        assert_eq!(error.code().slug(), "config_invalid");
        error.message().to_owned()
    })
}

fn whole(strategy: &str, introspection: Value) -> Value {
    json!({"issuer": ISSUER, "audience": API, "strategy": strategy, "introspection": introspection})
}

fn basic() -> Value {
    json!({"endpoint": ENDPOINT, "authentication": "client_secret_basic", "client_id": "api", "client_secret": "s"})
}

fn with(name: &str, value: Value) -> Value {
    let mut config = basic();
    if value.is_null() {
        config.as_object_mut().unwrap().remove(name);
    } else {
        config[name] = value;
    }
    config
}

#[test]
fn limits_are_kept_and_contradictions_found() {
    for (name, good, bad) in [
        ("cache_seconds", vec![1, 3600], vec![0, 3601, -1]),
        ("cache_entries", vec![100, 1_000_000], vec![0, 99, 1_000_001]),
    ] {
        for value in good {
            assert_eq!(refused(&whole("introspection", with(name, value.into()))), None, "{name}: {value}");
        }
        for value in bad {
            let words = refused(&whole("introspection", with(name, value.into()))).unwrap();
            assert!(words.contains(name), "{words}");
        }
    }
    let hybrid = |name: &str, value: Value| {
        let mut config = with("every_seconds", json!(600));
        config[name] = value;
        refused(&whole("local_then_introspection", config))
    };
    for (name, good, bad) in [
        ("every_seconds", vec![1, 86_400], vec![0, 86_401]),
        ("local_verdict_while_unavailable_seconds", vec![0, 86_400], vec![86_401]),
    ] {
        assert!(good.into_iter().all(|value| hybrid(name, value.into()).is_none()), "{name}");
        assert!(bad.into_iter().all(|value| hybrid(name, value.into()).unwrap().contains(name)), "{name}");
    }
    for (strategy, introspection) in [
        ("local_then_introspection", basic()),
        ("local_then_introspection", {
            let mut c = with("every_seconds", json!(600));
            c["cache_seconds"] = 30.into();
            c
        }),
        ("local_then_introspection", {
            let mut c = with("every_seconds", json!(600));
            c["danger_audience_optional"] = true.into();
            c
        }),
        ("introspection", with("every_seconds", json!(600))),
        ("introspection", with("local_verdict_while_unavailable_seconds", json!(1))),
        ("introspection", with("endpoint", json!("http://as.example/introspect"))),
        ("introspection", with("endpoint", json!("http://localhost/introspect"))),
        ("introspection", with("endpoint", json!("https://as.example/introspect#a"))),
        ("introspection", with("endpoint", json!("https://u:p@as.example/introspect"))),
        ("introspection", with("endpoint", json!("introspect"))),
        ("introspection", with("endpoint", Value::Null)),
        ("introspection", with("authentication", Value::Null)),
        ("introspection", with("authentication", json!("none"))),
        ("introspection", with("unknown", json!(1))),
        ("local", basic()),
    ] {
        assert!(refused(&whole(strategy, introspection.clone())).is_some(), "{strategy}: {introspection}");
    }
    for config in [
        json!({"issuer": ISSUER, "audience": API, "strategy": "introspection"}),
        json!({"issuer": ISSUER, "audience": API, "strategy": "local_then_introspection"}),
        json!({"issuer": ISSUER, "audience": API, "introspection": basic()}),
        json!({"issuer": ISSUER, "audience": API, "strategy": "remote", "introspection": basic()}),
        json!({"issuer": ISSUER, "audience": API, "strategy": "introspection", "introspection": [ENDPOINT]}),
    ] {
        assert!(refused(&config).is_some(), "{config}");
    }
    for (name, value) in
        [("profiles", json!(["rfc9068"])), ("migrate_from", json!("auth0")), ("client_ids", json!(["c"]))]
    {
        let mut config = whole("introspection", basic());
        config[name] = value;
        assert!(refused(&config).is_some(), "{config}");
    }
    let mut local =
        json!({"issuer": ISSUER, "audience": API, "strategy": "local", "jwks_uri": "https://as.example/jwks"});
    assert_eq!(refused(&local), None);
    local["strategy"] = Value::Null;
    assert_eq!(refused(&local), None);
}

#[test]
fn credentials_fit_the_way_of_authentication() {
    let key: Value = serde_json::from_str(&SigningKey::generate(Algorithm::ES256).unwrap().to_jwk()).unwrap();
    let keys = json!({"keys": [key]});
    let all = json!({"client_id": "api", "client_secret": "s", "keys": keys, "algorithm": "ES256", "audience": "a",
        "bearer_token": "t"});
    for (way, needed, allowed) in [
        ("client_secret_basic", &["client_id", "client_secret"][..], &[][..]),
        ("client_secret_post", &["client_id", "client_secret"], &[]),
        ("private_key_jwt", &["client_id", "keys"], &["algorithm", "audience"]),
        ("bearer", &["bearer_token"], &["client_id"]),
    ] {
        let of = |names: &[&str]| {
            let mut config = json!({"endpoint": ENDPOINT, "authentication": way});
            for name in names {
                config[*name] = all[*name].clone();
            }
            refused(&whole("introspection", config))
        };
        assert_eq!(of(needed), None, "{way}");
        for missing in needed {
            let rest: Vec<&str> = needed.iter().filter(|name| *name != missing).copied().collect();
            assert!(of(&rest).is_some(), "{way} without {missing}");
        }
        for name in all.as_object().unwrap().keys() {
            let more: Vec<&str> = needed.iter().copied().chain([name.as_str()]).collect();
            let fits = needed.contains(&name.as_str()) || allowed.contains(&name.as_str());
            assert_eq!(of(&more).is_none(), fits, "{way} with {name}");
        }
    }
    for (name, value) in [("client_id", ""), ("client_secret", "")] {
        assert!(refused(&whole("introspection", with(name, json!(value)))).is_some());
    }
    for token in ["", "a b", "a\"b", "é", "a=b"] {
        let config = json!({"endpoint": ENDPOINT, "authentication": "bearer", "bearer_token": token});
        let words = refused(&whole("introspection", config)).unwrap();
        assert!(words.ends_with("introspection.bearer_token is no bearer token"), "{words}");
    }
    let signed =
        json!({"endpoint": ENDPOINT, "authentication": "bearer", "bearer_token": "t", "signed_response": true});
    assert!(refused(&whole("introspection", signed)).unwrap().contains("client_id"));
    let secret = json!({"endpoint": ENDPOINT, "authentication": "private_key_jwt", "client_id": "api",
        "keys": {"keys": [{"kty": "oct", "k": "AAAA"}]}});
    assert!(refused(&whole("introspection", secret)).is_some());
}

#[test]
fn what_belongs_to_one_issuer_does_not_stand_at_the_top() {
    let issuers = json!([{"issuer": ISSUER}, {"issuer": "https://other.example/"}]);
    for (name, value) in
        [("strategy", json!("introspection")), ("strategy", json!("local")), ("introspection", basic())]
    {
        let mut config = json!({"audience": API, "issuers": issuers});
        assert_eq!(refused(&config), None);
        config[name] = value;
        assert!(refused(&config).is_some(), "{config}");
    }
    let entry = |issuer: &str, introspection: Value| json!({"issuer": issuer, "strategy": "introspection", "introspection": introspection});
    let two = |first: Value, second: Value| json!({"audience": API, "issuers": [entry(ISSUER, first), entry("https://other.example/", second)]});
    assert!(refused(&two(basic(), basic())).unwrap().contains("opaque_tokens"));
    assert_eq!(refused(&two(basic(), with("opaque_tokens", json!(false)))), None);
    let mut tenants = entry("https://as.example/{tenant}/", basic());
    tenants["tenants"] = json!(["*"]);
    assert!(refused(&json!({"audience": API, "issuers": [tenants]})).unwrap().contains("{tenant}"));
    // What the top says of profiles is for issuers whose tokens are verified.
    let mixed = json!({"audience": API, "profiles": ["auth0"], "migrate_from": "rfc9068", "issuers": [
        {"issuer": ISSUER}, entry("https://other.example/", basic())]});
    assert_eq!(refused(&mixed), None);
}

#[test]
fn loopback_is_for_those_who_say_so() {
    let mut config = whole("introspection", with("endpoint", json!("http://127.0.0.1:8080/introspect")));
    assert!(refused(&config).is_some());
    config["issuer_cache"] = json!({"danger_http_loopback": true});
    assert_eq!(refused(&config), None);
}

#[test]
fn keys_may_be_handles() {
    let key = SigningKey::generate(Algorithm::ES256).unwrap();
    let handles = Handles { signing_keys: vec![key], ..Handles::default() };
    let introspection = json!({"endpoint": ENDPOINT, "authentication": "private_key_jwt", "client_id": "api",
        "keys": {"$signing_key": 0}});
    let config = whole("introspection", introspection.clone()).to_string();
    assert!(Validator::new(ValidatorConfig::from_json_with(&config, &handles).unwrap()).is_ok());
    assert!(Validator::new(ValidatorConfig::from_json(&config).unwrap()).is_err());
    assert!(IntrospectionConfig::from_json_with(&introspection.to_string(), &handles).is_ok());
    assert!(IntrospectionConfig::from_json(&introspection.to_string()).is_err());
    let entry = json!({"issuer": ISSUER, "strategy": "introspection", "introspection": introspection}).to_string();
    let entry = at9068::IssuerConfig::from_json_with(&entry, &handles).unwrap();
    assert!(Validator::new(ValidatorConfig::with_issuers([entry]).audience([API])).is_ok());
}

#[test]
fn a_cache_that_is_shared_lends_its_clock_and_its_limits() {
    let desk = Desk::new();
    let cache = IssuerCache::with_ports(IssuerCacheConfig::new().timeout_seconds(1.5), desk.ports()).unwrap();
    let config = ValidatorConfig::new(ISSUER, API).introspection(Strategy::Introspection, config());
    let validator = Validator::with_issuer_cache(config, Ports::default(), &cache).unwrap();
    assert_eq!(verdict(&validator, "opaque"), "token_inactive");
    assert!(desk.requests()[0].timeout <= std::time::Duration::from_millis(1500));
    assert_eq!(cache.status_json(), "{\"issuers\":[]}", "no keys are wanted");
}
