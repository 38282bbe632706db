//! How costs grow: with the token, with the keys of an issuer, with the issuers, with what is cached.
//!
//! HMAC is what these tokens are signed with: its time hides the least of ours.

use std::collections::BTreeMap;

use at9068::{Algorithm, IssuerConfig, KeySet, SigningKey, TokenCacheConfig, Validator, ValidatorConfig};
use serde_json::{Map, Value, json};

use crate::cases::{LIMIT, OURS, Ours, Verdict, Way};
use crate::material::{self, API, ISSUER, ROTATION};
use crate::peers::{self, Seen, Validate};
use crate::raw::{Parts, Signer, Verifier};

const ALGORITHM: Algorithm = Algorithm::HS256;
/// Octets of a token, about.
const SIZES: [usize; 8] = [500, 1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 64_000];
/// Keys of one issuer.
const KEYS: [usize; 5] = [1, 4, 16, 64, 256];
/// Issuers of one validator.
const ISSUERS: [usize; 5] = [1, 10, 100, 1_000, 10_000];
/// Tokens that are remembered.
const REMEMBERED: [usize; 5] = [10, 100, 1_000, 10_000, 100_000];
/// Room in the cache for each of them, so that none drives another out.
const ROOM: usize = 8;

/// The points of all curves, with their subjects.
pub(crate) fn all() -> BTreeMap<String, Vec<&'static str>> {
    let mut cases = BTreeMap::new();
    for octets in SIZES {
        cases.insert(format!("growth/size/{octets}"), vec![LIMIT, OURS, "jsonwebtoken"]);
    }
    for keys in KEYS {
        cases.insert(format!("growth/keys/{keys}"), vec![LIMIT, OURS]);
    }
    for issuers in ISSUERS {
        cases.insert(format!("growth/issuers/{issuers}"), vec![LIMIT, OURS]);
    }
    for remembered in REMEMBERED {
        cases.insert(format!("growth/cache/{remembered}"), vec![OURS]);
    }
    cases
}

/// Prepares a subject of a point.
pub(crate) fn open(point: &str, subject: &str) -> Box<dyn Way> {
    let (curve, at) = point.split_once('/').unwrap();
    let at: usize = at.parse().unwrap();
    match curve {
        "size" => size(at, subject),
        "keys" => keys(at, subject),
        "issuers" => issuers(at, subject),
        "cache" => cache(at),
        _ => panic!("no curve is named {curve}"),
    }
}

/// What share of calls the cache answers, where tokens come in random order from so many and it has so
/// many places.
pub fn hit_rate(tokens: usize, places: u32) -> f64 {
    let key = Key::new("k");
    let validator = validator(&[&key], places);
    let tokens: Vec<String> = (0..tokens).map(|_| key.token(&claims())).collect();
    let ours = Ours::of(validator.clone());
    // Of calls, not of time: a fixed row of pseudo-random numbers will do.
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    let mut draw = |calls: usize| {
        for _ in 0..calls {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            let token = &tokens[usize::try_from(state % tokens.len() as u64).unwrap()];
            assert!(ours.validate(token, &mut |_| {}));
        }
    };
    let hits = || {
        let status: Value = serde_json::from_str(&validator.status_json()).unwrap();
        let counts = &status["token_cache"];
        counts["hits"].as_u64().unwrap()
    };
    draw(tokens.len() * 5);
    let before = hits();
    let calls = tokens.len() * 10;
    draw(calls);
    (hits() - before) as f64 / calls as f64
}

fn size(octets: usize, subject: &str) -> Box<dyn Way> {
    let key = Key::new("k");
    let shortest = key.token(&Map::from_iter(claims().into_iter().filter(|(name, _)| !is_optional(name)))).len();
    let tokens: Vec<String> = (0..ROTATION)
        .map(|_| {
            let mut claims = claims();
            if octets < key.token(&claims).len() {
                claims.retain(|name, _| !is_optional(name));
            }
            // Names of groups, as directories put them into tokens: 42 octets each with what stands around
            // them; three octets of JSON are four of base64url.
            let missing = octets.saturating_sub(key.token(&claims).len()) * 3 / 4;
            let groups: Vec<String> =
                (0..missing / 42).map(|n| format!("{n:05}-department-of-external-affairs-eu")).collect();
            if !groups.is_empty() {
                claims.insert("memberships".to_owned(), groups.into());
            }
            key.token(&claims)
        })
        .collect();
    let (wanted, made) = (octets.max(shortest), tokens[0].len());
    assert!(made.abs_diff(wanted) < 60 + wanted / 20, "a token of {octets} octets has {made}");
    way(subject, tokens, &[&key], || Box::new(Ours::of(validator(&[&key], 0))))
}

fn is_optional(claim: &str) -> bool {
    !["iss", "exp", "aud", "sub", "client_id", "iat", "jti", "scope"].contains(&claim)
}

fn keys(count: usize, subject: &str) -> Box<dyn Way> {
    let keys: Vec<Key> = (0..count).map(|number| Key::new(&format!("2026-{number}"))).collect();
    let keys: Vec<&Key> = keys.iter().collect();
    let tokens = (0..ROTATION).map(|number| keys[number * 7 % count].token(&claims())).collect();
    way(subject, tokens, &keys, || Box::new(Ours::of(validator(&keys, 0))))
}

fn issuers(count: usize, subject: &str) -> Box<dyn Way> {
    let key = Key::new("k");
    let issuer = |number: usize| format!("https://tenant-{number}.issuer.example.com/");
    let set = KeySet::from_signing_keys([&key.key]).unwrap();
    let validator = || -> Box<dyn Validate> {
        let entry = |number| IssuerConfig::new(issuer(number), &set).audience([API]).algorithms([ALGORITHM]);
        let config = ValidatorConfig::with_issuers((0..count).map(entry)).token_cache(remembering(0));
        Box::new(Ours::of(Validator::new(config).unwrap()))
    };
    let tokens = (0..ROTATION)
        .map(|number| {
            let mut claims = claims();
            claims.insert("iss".to_owned(), issuer(number * 997 % count).into());
            key.token(&claims)
        })
        .collect();
    way(subject, tokens, &[&key], validator)
}

fn cache(remembered: usize) -> Box<dyn Way> {
    let key = Key::new("k");
    let tokens: Vec<String> = (0..remembered).map(|_| key.token(&claims())).collect();
    let places = u32::try_from((remembered * ROOM).min(1_000_000)).unwrap();
    let ours = Ours::of(validator(&[&key], places));
    for token in &tokens {
        assert!(ours.validate(token, &mut |_| {}));
    }
    Box::new(Tokens { subject: Box::new(ours), tokens, stride: 7919 })
}

fn way(subject: &str, tokens: Vec<String>, keys: &[&Key], ours: impl FnOnce() -> Box<dyn Validate>) -> Box<dyn Way> {
    match subject {
        OURS => Box::new(Tokens { subject: ours(), tokens, stride: 1 }),
        // One key will do: to look for the right one is no part of the limit.
        LIMIT => {
            let verifier = |token: &String| {
                let parts = Parts::of(token);
                let key = keys.iter().map(|key| key.verifier()).find(|key| key.verify(&parts)).unwrap();
                (key, parts)
            };
            Box::new(Raw { tokens: tokens.iter().map(verifier).collect() })
        }
        peer => {
            let jwk: Value = material::verifying_jwk(&keys[0].key);
            let samples = json!({
                "token": tokens[0], "tokens": [], "bad": {}, "jwk": jwk, "jwks": {}, "private_jwk": jwk, "claims": {},
                "header": {}, "minter": {}, "mint_request": {},
            });
            let subject = peers::validate(peer, ALGORITHM, &serde_json::from_value(samples).unwrap());
            Box::new(Tokens { subject, tokens, stride: 1 })
        }
    }
}

fn validator(keys: &[&Key], remembered: u32) -> Validator {
    let set = KeySet::from_signing_keys(keys.iter().map(|key| &key.key)).unwrap();
    let config = ValidatorConfig::new(ISSUER, API)
        .keys(&set)
        .algorithms([ALGORITHM])
        .max_token_bytes(65_536)
        .token_cache(remembering(remembered));
    Validator::new(config).unwrap()
}

fn remembering(tokens: u32) -> TokenCacheConfig {
    TokenCacheConfig::new().max_entries(tokens).max_bytes(1 << 30)
}

fn claims() -> Map<String, Value> {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    material::claims(now)
}

/// A key, for us and for the bare backend.
struct Key {
    key: SigningKey,
    signer: Signer,
}

impl Key {
    fn new(kid: &str) -> Self {
        let key = material::key(ALGORITHM, kid);
        let signer = Signer::new(ALGORITHM, &material::verifying_jwk(&key), None);
        Self { key, signer }
    }

    fn token(&self, claims: &Map<String, Value>) -> String {
        material::sign(&self.signer, &material::header(ALGORITHM, self.key.kid().unwrap()), claims)
    }

    fn verifier(&self) -> Verifier {
        Verifier::new(ALGORITHM, &material::verifying_jwk(&self.key), None)
    }
}

struct Raw {
    tokens: Vec<(Verifier, Parts)>,
}

impl Way for Raw {
    fn call(&self, number: usize, _: usize) -> bool {
        let (key, parts) = &self.tokens[number % self.tokens.len()];
        key.verify(parts)
    }

    fn verdict(&self) -> Verdict {
        Verdict { good: (0..self.tokens.len()).all(|number| self.call(number, 0)), bad: BTreeMap::new() }
    }
}

struct Tokens {
    subject: Box<dyn Validate>,
    tokens: Vec<String>,
    /// A prime, so that tokens do not come in the order in which they lie in memory.
    stride: usize,
}

impl Way for Tokens {
    fn call(&self, number: usize, _: usize) -> bool {
        let token = &self.tokens[number * self.stride % self.tokens.len()];
        self.subject.validate(token, &mut |seen: &Seen<'_>| {
            std::hint::black_box(seen);
        })
    }

    fn verdict(&self) -> Verdict {
        Verdict { good: (0..self.tokens.len()).all(|number| self.call(number, 0)), bad: BTreeMap::new() }
    }
}
