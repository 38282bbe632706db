//! A long run: validations of new and of known tokens by two threads, while keys come and go.
//!
//! `soak COUNT PERIODS` makes so many validations, ten million unless told otherwise, in a thousand
//! periods. In each, an issuer rotates its keys, which the validators learn by fetching; new tokens are
//! minted and validated, first cold, then out of the cache, then by a validator without one, also in
//! batches; forged and expired ones are refused. A hundred times a line says what the process takes:
//! `{"validations", "seconds", "resident", "held", "files", "threads"}`, where `held` is what Rust has asked
//! for and not given back. The last line sums up.

use std::env;
use std::sync::atomic::{AtomicI64, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Barrier, Mutex, RwLock};
use std::thread;
use std::time::Instant;

use at9068::{
    Algorithm, ApiConfig, Clock, Dialect, ErrorCode, Fetch, FetchFailure, FetchRequest, FetchResponse, IssuerCache,
    IssuerCacheConfig, KeySet, MintRequest, Minter, MinterConfig, Ports, SigningKey, Timestamp, TokenCacheConfig,
    ValidateOptions, Validator, ValidatorConfig,
};
use at9068_bench::counting::{self, Counting};
use at9068_bench::machine;
use serde_json::json;

const ISSUER: &str = "https://issuer.example.com/";
const JWKS_URI: &str = "https://issuer.example.com/jwks.json";
const API: &str = "https://api.example.com/v1";
const THREADS: usize = 2;
const REPORTS: usize = 100;
/// Tokens that are minted together.
const TOKENS: usize = 100;
/// How often each token is given to the validator with a cache, which verifies it once.
const WARM: usize = 6;
/// How often each token is validated: so often, twice without a cache, forged, and too late.
const EACH: usize = WARM + 4;
const HOUR: i64 = 3600;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Time goes as this program says, so that keys grow old in seconds.
struct Now(AtomicI64);

impl Clock for Now {
    fn now(&self) -> Result<Timestamp, at9068::Error> {
        Ok(Timestamp::from_whole_seconds(self.0.load(Ordering::Relaxed)))
    }
}

/// The issuer's key set, as it is published.
struct Published {
    set: Mutex<String>,
    asked: AtomicU64,
}

impl Fetch for Published {
    fn fetch(&self, request: &FetchRequest) -> Result<FetchResponse, FetchFailure> {
        assert_eq!(request.url, JWKS_URI);
        self.asked.fetch_add(1, Ordering::Relaxed);
        let set = self.set.lock().map_err(|_| FetchFailure::Broken)?.clone();
        Ok(FetchResponse::new(200, set).header("content-type", "application/jwk-set+json"))
    }
}

#[derive(Default)]
struct Counts {
    accepted: AtomicUsize,
    refused: AtomicUsize,
}

fn main() {
    let argument =
        |place, usual| env::args().nth(place).map_or(usual, |number| number.parse().expect("soak [COUNT [PERIODS]]"));
    let (count, periods): (usize, usize) = (argument(1, 10_000_000), argument(2, 1000));
    let began = Instant::now();
    let clock = Arc::new(Now(AtomicI64::new(1_800_000_000)));
    let published = Arc::new(Published { set: Mutex::new(String::new()), asked: AtomicU64::new(0) });
    let ports = || Ports::default().clock(Arc::clone(&clock) as _).fetch(Arc::clone(&published) as _);
    let cache = IssuerCache::with_ports(IssuerCacheConfig::default(), ports()).unwrap();
    let validator = |entries: Option<u32>| {
        let config = ValidatorConfig::new(ISSUER, API).jwks_uri(JWKS_URI);
        let config = match entries {
            Some(entries) => config.token_cache(TokenCacheConfig::new().max_entries(entries)),
            None => config,
        };
        Validator::with_issuer_cache(config, ports(), &cache).unwrap()
    };
    let (warm, cold) = (validator(None), validator(Some(0)));
    let counts = Counts::default();
    let per_thread = count.div_ceil(periods * THREADS);
    let minters = RwLock::new(Vec::new());
    let turn = Barrier::new(THREADS + 1);
    let mut keys = Keys::default();
    thread::scope(|scope| {
        // The same threads to the end, as a server has them.
        for _ in 0..THREADS {
            scope.spawn(|| {
                for _ in 0..periods {
                    turn.wait();
                    period(&minters.read().unwrap(), &warm, &cold, per_thread, &counts);
                    turn.wait();
                }
            });
        }
        for number in 1..=periods {
            clock.0.fetch_add(HOUR, Ordering::Relaxed);
            *minters.write().unwrap() = keys.rotate().iter().map(|key| minter(key, ports())).collect();
            *published.set.lock().unwrap() = keys.set();
            turn.wait();
            turn.wait();
            if number % periods.div_ceil(REPORTS) == 0 {
                report(&counts, began);
            }
        }
    });
    let status: serde_json::Value = serde_json::from_str(&warm.status_json()).unwrap();
    let cache = &status["token_cache"];
    println!(
        "{}",
        json!({
            "done": true, "accepted": counts.accepted.into_inner(), "refused": counts.refused.into_inner(),
            "fetches": published.asked.load(Ordering::Relaxed), "rotations": periods, "cache": cache,
            "seconds": began.elapsed().as_secs_f64(),
        })
    );
}

/// The issuer's keys: of each algorithm the one that signs, and the one before.
#[derive(Default)]
struct Keys {
    rotations: usize,
    now: Vec<SigningKey>,
    before: Vec<SigningKey>,
}

impl Keys {
    /// New keys, which sign from now on.
    fn rotate(&mut self) -> &[SigningKey] {
        let mut now: Vec<SigningKey> =
            [Algorithm::ES256, Algorithm::EdDSA].map(|algorithm| SigningKey::generate(algorithm).unwrap()).into();
        // RSA keys take a hundred milliseconds to make: a new one every tenth time.
        now.push(match self.now.get(2) {
            Some(key) if !self.rotations.is_multiple_of(10) => key.clone(),
            _ => SigningKey::generate(Algorithm::RS256).unwrap(),
        });
        self.rotations += 1;
        self.before = std::mem::replace(&mut self.now, now);
        &self.now
    }

    fn set(&self) -> String {
        let mut keys: Vec<&SigningKey> = self.now.iter().collect();
        // The RSA key is often the same as before.
        keys.extend(self.before.iter().filter(|key| !self.now.iter().any(|other| other.kid() == key.kid())));
        KeySet::from_signing_keys(keys).unwrap().to_json()
    }
}

fn minter(key: &SigningKey, ports: Ports) -> Minter {
    let api = ApiConfig::new(API, Dialect::Rfc9068Profile).scopes(["a", "b"]);
    let config = MinterConfig::new(ISSUER, [key.clone()], [api]).default_audience(API);
    Minter::with_ports(config, ports).unwrap()
}

/// One thread's share of the time between two rotations.
fn period(minters: &[Minter], warm: &Validator, cold: &Validator, validations: usize, counts: &Counts) {
    let now = ValidateOptions::default();
    let later = ValidateOptions::default().now(4e9);
    let request = MintRequest::new("authorization_code", "client").subject("user").scope("a b");
    let mut left = validations;
    let mut minted = 0;
    while left > 0 {
        let tokens: Vec<String> = (0..TOKENS.min(left.div_ceil(EACH)))
            .map(|_| {
                minted += 1;
                // Signing with RSA costs more than all validations of the token: one in fifty.
                let place = if minted % 50 == 0 { 2 } else { minted % 2 };
                minters[place].mint(&request, None).unwrap().into_token()
            })
            .collect();
        for _ in 0..WARM {
            for token in &tokens {
                assert_eq!(warm.validate(token, &now).unwrap().sub(), "user");
            }
        }
        for token in &tokens {
            assert_eq!(cold.validate(token, &now).unwrap().sub(), "user");
        }
        assert!(cold.validate_many(&tokens, &now).iter().all(Result::is_ok));
        for token in &tokens {
            let refused = cold.validate(forged(token), &now).unwrap_err();
            assert_eq!(refused.code(), ErrorCode::SignatureInvalid);
            let refused = warm.validate(token, &later).unwrap_err();
            assert_eq!(refused.code(), ErrorCode::TokenExpired);
        }
        counts.accepted.fetch_add(tokens.len() * (EACH - 2), Ordering::Relaxed);
        counts.refused.fetch_add(tokens.len() * 2, Ordering::Relaxed);
        left = left.saturating_sub(tokens.len() * EACH);
    }
}

/// The token with an octet of its signature changed.
fn forged(token: &str) -> Vec<u8> {
    let mut octets = token.as_bytes().to_vec();
    let at = octets.len() - 20;
    octets[at] = if octets[at] == b'A' { b'B' } else { b'A' };
    octets
}

fn report(counts: &Counts, began: Instant) {
    let done = counts.accepted.load(Ordering::Relaxed) + counts.refused.load(Ordering::Relaxed);
    println!(
        "{}",
        json!({
            "validations": done, "seconds": began.elapsed().as_secs_f64(), "resident": machine::resident_bytes(), "held": counting::held(),
            "files": machine::open_files(), "threads": machine::threads(),
        })
    );
}
