//! What a validation asks of the allocator, and what a validator with many cached tokens holds.
//!
//! Writes one JSON object: `allocations` by case and subject, each with what one call asked of Rust's
//! allocator and what C asked of its own beside that; and `cached`, the memory of a validator that
//! remembers ten thousand tokens.

use std::collections::BTreeMap;
use std::env;
use std::ffi::c_void;
use std::hint::black_box;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use at9068::{Algorithm, ValidateOptions};
use at9068_bench::cases::{self, OURS};
use at9068_bench::counting::{self, Counting};
use at9068_bench::machine;
use at9068_bench::material::{self, Material};
use at9068_bench::peers;
use at9068_bench::raw::Signer;
use serde_json::{Value, json};

const CALLS: usize = 1000;
const CACHED: usize = 10_000;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// What C's allocator is asked for in all, by Rust's among others.
static ALL: AtomicU64 = AtomicU64::new(0);

/// The allocator of glibc under other names, so that what C asks for can be counted on its way.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
mod interposed {
    use super::{ALL, Ordering, c_void};

    unsafe extern "C" {
        fn __libc_malloc(size: usize) -> *mut c_void;
        fn __libc_calloc(count: usize, size: usize) -> *mut c_void;
        fn __libc_realloc(block: *mut c_void, size: usize) -> *mut c_void;
    }

    // SAFETY: takes the place of C's function of this name, and does what it does.
    #[unsafe(no_mangle)]
    unsafe extern "C" fn malloc(size: usize) -> *mut c_void {
        ALL.fetch_add(1, Ordering::Relaxed);
        // SAFETY: the same function by another name.
        unsafe { __libc_malloc(size) }
    }

    // SAFETY: takes the place of C's function of this name, and does what it does.
    #[unsafe(no_mangle)]
    unsafe extern "C" fn calloc(count: usize, size: usize) -> *mut c_void {
        ALL.fetch_add(1, Ordering::Relaxed);
        // SAFETY: the same function by another name.
        unsafe { __libc_calloc(count, size) }
    }

    // SAFETY: takes the place of C's function of this name, and does what it does.
    #[unsafe(no_mangle)]
    unsafe extern "C" fn realloc(block: *mut c_void, size: usize) -> *mut c_void {
        ALL.fetch_add(1, Ordering::Relaxed);
        // SAFETY: the same function by another name.
        unsafe { __libc_realloc(block, size) }
    }
}

fn main() {
    let file = env::args().nth(1).expect("memory FILE");
    let material = Arc::new(Material::read(&file));
    let mut allocations = BTreeMap::new();
    for algorithm in material::ALGORITHMS {
        for (form, subjects) in [("lazy", peers::NAMES), ("hit", &[]), ("mint", &[])] {
            let case = if form == "mint" { "mint/one".to_owned() } else { format!("validate/{form}") };
            let case = format!("{algorithm}/{case}");
            for subject in [OURS].iter().chain(subjects) {
                allocations
                    .entry(case.clone())
                    .or_insert_with(BTreeMap::new)
                    .insert(*subject, of(&case, subject, &material));
            }
        }
    }
    println!("{}", json!({"allocations": allocations, "cached": cached(&material)}));
}

/// What one call asks for, once everything is warm.
fn of(case: &str, subject: &str, material: &Arc<Material>) -> Value {
    let way = cases::open(case, subject, material);
    let run = |calls: usize| assert!((0..calls).all(|number| black_box(way.call(number, 0))));
    run(200);
    let read = || {
        let (asked, octets) = counting::asked();
        [asked, octets, ALL.load(Ordering::Relaxed)]
    };
    let before = read();
    run(CALLS);
    let after = read();
    let [rust, octets, all] = [0, 1, 2].map(|place| (after[place] - before[place]) as f64 / CALLS as f64);
    let beside = if cfg!(all(target_os = "linux", target_env = "gnu")) { json!(all - rust) } else { Value::Null };
    json!({"rust": rust, "octets": octets, "c": beside})
}

/// What a validator holds that remembers many tokens.
fn cached(material: &Material) -> Value {
    let algorithm = Algorithm::ES256;
    let samples = material.of(algorithm.as_str());
    let signer = Signer::new(algorithm, &samples.private_jwk, samples.private_pem.as_deref());
    let tokens: Vec<String> = (0..CACHED)
        .map(|_| {
            let mut claims = samples.claims.clone();
            claims.insert("jti".to_owned(), material::identifier().into());
            material::sign(&signer, &samples.header, &claims)
        })
        .collect();
    let options = ValidateOptions::default();
    let (held_before, resident_before) = (counting::held(), machine::resident_bytes());
    // Twice as many places as tokens, so that hardly any is driven out.
    let validator = cases::ours(algorithm, samples, 2 * CACHED as u32);
    let empty = counting::held() - held_before;
    for token in &tokens {
        assert!(validator.validate(token, &options).is_ok());
    }
    let status: Value = serde_json::from_str(&validator.status_json()).unwrap();
    let status = &status["token_cache"];
    json!({
        "tokens": tokens.len(),
        "token_octets": tokens[0].len(),
        "empty_octets": empty,
        "octets": counting::held() - held_before,
        "resident_octets": machine::resident_bytes().saturating_sub(resident_before),
        "status": status,
    })
}
