//! What a list of revocations costs: memory of a million entries, and what they add to a validation.
//!
//! The validator with the list and the one without judge the same good token in interleaved rounds;
//! medians of the CPU time of the thread, and the median of the differences of each round.

#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::cast_precision_loss,
    reason = "a program whose output is its purpose, and that may fail"
)]

use std::fs;
use std::hint::black_box;
use std::time::Instant;

use at9068::{
    Algorithm, ApiConfig, Dialect, MintRequest, Minter, MinterConfig, Ports, Revocations, Revoked, SigningKey,
    TokenCacheConfig, ValidateOptions, Validator, ValidatorConfig,
};
use rustix::time::{ClockId, clock_gettime};

const ISSUER: &str = "https://issuer.example.com/";
const API: &str = "https://api.example.com/v1";
const ENTRIES: usize = 1_000_000;
const LATER: i64 = 4_102_444_800;
const ROUNDS: usize = 101;
const CALLS: u32 = 100;

fn main() {
    let before = resident_bytes();
    let began = Instant::now();
    let list = Revocations::new();
    for number in 0..ENTRIES / 2 {
        list.revoke(&Revoked::token(ISSUER, format!("{number:032x}"), LATER)).unwrap();
    }
    // One of each other kind has every look-up made.
    for number in 0..ENTRIES / 6 {
        let name = format!("{number:032x}");
        list.revoke(&Revoked::subject(ISSUER, name.as_str(), 1, LATER)).unwrap();
        list.revoke(&Revoked::client(ISSUER, name.as_str(), 1, LATER)).unwrap();
        list.revoke(&Revoked::session(ISSUER, name.as_str(), 1, LATER)).unwrap();
    }
    let added = began.elapsed();
    let resident = resident_bytes() - before;
    let entries = list.len();
    println!(
        "{entries} entries: {:.1} MB, {:.1} bytes an entry",
        resident as f64 / 1e6,
        resident as f64 / entries as f64
    );
    println!("added one by one in {:.2} s", added.as_secs_f64());
    let began = Instant::now();
    let text = list.snapshot();
    let written = began.elapsed();
    let began = Instant::now();
    Revocations::new().restore(&text).unwrap();
    let read = began.elapsed();
    println!(
        "snapshot: {:.1} MB, written in {:.2} s, restored in {:.2} s",
        text.len() as f64 / 1e6,
        written.as_secs_f64(),
        read.as_secs_f64()
    );

    let key = SigningKey::generate(Algorithm::EdDSA).unwrap();
    let api = ApiConfig::new(API, Dialect::Rfc9068Profile).scopes(["a"]);
    let minter = Minter::new(MinterConfig::new(ISSUER, [key.clone()], [api]).default_audience(API)).unwrap();
    let tokens: Vec<String> = (0..CALLS)
        .map(|number| {
            let request = MintRequest::new("authorization_code", "client")
                .subject(format!("user-{number}"))
                .claims(&serde_json::json!({"sid": format!("session-{number}")}))
                .unwrap();
            minter.mint(&request, None).unwrap().into_token()
        })
        .collect();
    let config = || ValidatorConfig::new(ISSUER, API).keys(&key.key_set().unwrap()).token_cache(cold());
    let plain = Validator::new(config()).unwrap();
    let guarded = Validator::with_ports(config(), Ports::default().revocations(&list)).unwrap();
    let mut rounds: Vec<(f64, f64)> = Vec::new();
    for _ in 0..ROUNDS {
        rounds.push((time_of(&plain, &tokens), time_of(&guarded, &tokens)));
    }
    let median = |mut values: Vec<f64>| {
        values.sort_by(f64::total_cmp);
        values.get(values.len() / 2).copied().unwrap_or_default()
    };
    let without = median(rounds.iter().map(|(without, _)| *without).collect());
    let with = median(rounds.iter().map(|(_, with)| *with).collect());
    let difference = median(rounds.iter().map(|(without, with)| with - without).collect());
    println!("validation without the list {without:.2} µs, with it {with:.2} µs, difference {difference:.2} µs");
}

/// µs for one validation.
fn time_of(validator: &Validator, tokens: &[String]) -> f64 {
    let began = thread_time();
    for token in tokens {
        assert!(black_box(validator.validate(black_box(token), &ValidateOptions::default())).is_ok());
    }
    (thread_time() - began) / tokens.len() as f64
}

fn thread_time() -> f64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    time.tv_sec as f64 * 1e6 + time.tv_nsec as f64 / 1e3
}

fn resident_bytes() -> usize {
    let pages = fs::read_to_string("/proc/self/statm").unwrap();
    pages.split(' ').nth(1).unwrap().parse::<usize>().unwrap() * 4096
}

/// Every validation verifies.
fn cold() -> TokenCacheConfig {
    TokenCacheConfig::new().max_entries(0)
}
