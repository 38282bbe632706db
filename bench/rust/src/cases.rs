//! What is measured: cases, and in each the subjects that do the same work.

use std::collections::BTreeMap;
use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant;

use at9068::{
    AccessToken, Algorithm, KeySet, MintRequest, Minter, MinterConfig, TokenCacheConfig, ValidateOptions, Validator,
    ValidatorConfig,
};
use aws_lc_rs::digest;
use serde::Serialize;

use crate::growth;
use crate::machine;
use crate::material::{ALGORITHMS, Expected, ISSUER, Material, ROTATION, Samples};
use crate::peers::{self, Mint, Seen, Validate};
use crate::raw::{Parts, Signer, Verifier};

/// Our own name among subjects.
pub const OURS: &str = "at9068";
/// The limit's.
pub const LIMIT: &str = "aws-lc-rs";

/// One subject of one case.
pub trait Way: Send + Sync {
    /// One operation. The number says on which of the tokens, the thread on which share of them.
    fn call(&self, number: usize, thread: usize) -> bool;

    /// Whether it tells good from bad.
    fn verdict(&self) -> Verdict;

    /// µs of wall time for each of so many operations, where they are done all at once.
    fn wall(&self, _operations: usize) -> Option<f64> {
        None
    }
}

/// What a subject says of tokens whose verdict is known.
#[derive(Debug, Serialize)]
pub struct Verdict {
    /// The good one was accepted, and what was read of it is what it says.
    pub good: bool,
    /// Which of the bad ones were refused.
    pub bad: BTreeMap<String, bool>,
}

/// All cases, with their subjects.
pub fn all() -> BTreeMap<String, Vec<&'static str>> {
    let mut cases = growth::all();
    let with_peers = || [OURS].into_iter().chain(peers::NAMES.iter().copied()).collect();
    for algorithm in ALGORITHMS {
        let mut add = |form: &str, subjects: Vec<&'static str>| {
            cases.insert(format!("{algorithm}/{form}"), subjects);
        };
        add("validate/raw", vec![LIMIT]);
        add("validate/lazy", with_peers());
        add("validate/hit", vec![OURS]);
        add("mint/raw", vec![LIMIT]);
        add("mint/one", with_peers());
        add("threads/cold", vec![LIMIT, OURS]);
        add("threads/hit", vec![LIMIT, OURS]);
        add("batch/loop", vec![OURS]);
        add("batch/many", vec![OURS]);
        add("batch/mint-loop", vec![OURS]);
        add("batch/mint-many", vec![OURS]);
    }
    cases
}

/// Prepares a subject of a case.
pub fn open(case: &str, subject: &str, material: &Arc<Material>) -> Box<dyn Way> {
    if let Some(point) = case.strip_prefix("growth/") {
        return growth::open(point, subject);
    }
    let (algorithm, form) = case.split_once('/').unwrap();
    let samples = material.of(algorithm);
    let algorithm: Algorithm = algorithm.parse().unwrap();
    let verify = || Verifier::new(algorithm, &samples.jwk, samples.pem.as_deref());
    match (form, subject) {
        ("validate/raw" | "threads/cold", LIMIT) => {
            let forged = Parts::of(&samples.bad["signature"]);
            Box::new(RawVerify { key: verify(), tokens: samples.tokens.iter().map(|t| Parts::of(t)).collect(), forged })
        }
        ("threads/hit", LIMIT) => Box::new(Digest::as_long_as(open(case, OURS, material).as_ref())),
        ("mint/raw", LIMIT) => Box::new(RawSign {
            key: Signer::new(algorithm, &samples.private_jwk, samples.private_pem.as_deref()),
            check: verify(),
            message: Parts::of(&samples.token).input,
        }),
        ("validate/lazy" | "threads/cold" | "validate/hit" | "threads/hit", OURS) => {
            let entries = if form.ends_with("/hit") { 16_384 } else { 0 };
            Box::new(Validating::new(Box::new(Ours::new(algorithm, samples, entries)), samples, material))
        }
        ("validate/lazy", peer) => {
            Box::new(Validating::new(peers::validate(peer, algorithm, samples), samples, material))
        }
        ("mint/one", OURS) => {
            let minter = ours_minter(samples);
            let request = MintRequest::from_json(&samples.mint_request.to_string()).unwrap();
            let mint: Mint = Box::new(move || minter.mint(&request, None).unwrap().into_token());
            Box::new(Minting::new(mint, algorithm, samples, material))
        }
        ("mint/one", peer) => {
            Box::new(Minting::new(peers::mint(peer, algorithm, samples), algorithm, samples, material))
        }
        ("batch/loop" | "batch/many", OURS) => {
            Box::new(Batch::validate(algorithm, samples, material, form == "batch/many"))
        }
        ("batch/mint-loop" | "batch/mint-many", OURS) => {
            Box::new(Batch::mint(algorithm, samples, material, form == "batch/mint-many"))
        }
        _ => panic!("{case} has no subject {subject}"),
    }
}

/// A validator of ours for these tokens, which remembers so many.
pub fn ours(algorithm: Algorithm, samples: &Samples, entries: u32) -> Validator {
    let keys = KeySet::from_json(&samples.jwks.to_string()).unwrap();
    let config = ValidatorConfig::new(ISSUER, crate::material::API)
        .keys(&keys)
        .algorithms([algorithm])
        .token_cache(TokenCacheConfig::new().max_entries(entries).max_bytes(1 << 30));
    Validator::new(config).unwrap()
}

/// A minter of ours for such tokens.
pub fn ours_minter(samples: &Samples) -> Minter {
    Minter::new(MinterConfig::from_json(&samples.minter.to_string()).unwrap()).unwrap()
}

/// Ours among those that validate.
pub struct Ours {
    validator: Validator,
    options: ValidateOptions,
}

impl Ours {
    /// Such that so many tokens are remembered.
    pub fn new(algorithm: Algorithm, samples: &Samples, entries: u32) -> Self {
        Self::of(ours(algorithm, samples, entries))
    }

    /// Of this validator.
    pub fn of(validator: Validator) -> Self {
        Self { validator, options: ValidateOptions::default() }
    }
}

impl Validate for Ours {
    fn validate(&self, token: &str, see: &mut dyn FnMut(&Seen<'_>)) -> bool {
        self.validator.validate(token, &self.options).is_ok_and(|token| {
            see(&seen(&token));
            true
        })
    }
}

fn seen(token: &AccessToken) -> Seen<'_> {
    Seen {
        iss: token.iss(),
        sub: token.sub(),
        client_id: token.client_id(),
        scope: token.scope().unwrap_or_default(),
        exp: token.exp(),
    }
}

struct RawVerify {
    key: Verifier,
    tokens: Vec<Parts>,
    forged: Parts,
}

impl Way for RawVerify {
    fn call(&self, number: usize, thread: usize) -> bool {
        self.key.verify(&self.tokens[share(number, thread, self.tokens.len())])
    }

    fn verdict(&self) -> Verdict {
        let refused = !self.key.verify(&self.forged);
        Verdict {
            good: self.tokens.iter().all(|token| self.key.verify(token)),
            bad: [("signature".to_owned(), refused)].into(),
        }
    }
}

struct RawSign {
    key: Signer,
    check: Verifier,
    message: Vec<u8>,
}

impl Way for RawSign {
    fn call(&self, _: usize, _: usize) -> bool {
        !black_box(self.key.sign(black_box(&self.message))).is_empty()
    }

    fn verdict(&self) -> Verdict {
        let parts = Parts { input: self.message.clone(), signature: self.key.sign(&self.message) };
        Verdict { good: self.check.verify(&parts), bad: BTreeMap::new() }
    }
}

/// Work of a known length that shares nothing between threads: what a machine can do in parallel at all
/// where operations are that short.
struct Digest {
    octets: Vec<u8>,
}

impl Digest {
    fn as_long_as(other: &dyn Way) -> Self {
        let time = |way: &dyn Way, calls| machine::time_of(&|number| way.call(number, 0), calls);
        time(other, 1000); // warms caches up
        let wanted = (0..5).map(|_| time(other, 5000)).fold(f64::INFINITY, f64::min);
        let longer = |octets: usize| {
            let digest = Self { octets: vec![7; octets] };
            let taken = (0..5).map(|_| time(&digest, 2000)).fold(f64::INFINITY, f64::min);
            (taken >= wanted).then_some(digest)
        };
        (1..).find_map(|blocks| longer(blocks * 64 - 9)).unwrap()
    }
}

impl Way for Digest {
    fn call(&self, _: usize, _: usize) -> bool {
        !black_box(digest::digest(&digest::SHA256, black_box(&self.octets))).as_ref().is_empty()
    }

    fn verdict(&self) -> Verdict {
        Verdict { good: !self.octets.is_empty(), bad: BTreeMap::new() }
    }
}

/// Any library that validates, with its tokens.
pub struct Validating {
    subject: Box<dyn Validate>,
    tokens: Vec<String>,
    bad: BTreeMap<String, String>,
    expected: Expected,
}

impl Validating {
    fn new(subject: Box<dyn Validate>, samples: &Samples, material: &Material) -> Self {
        let expected = material.expected.clone();
        Self { subject, tokens: samples.tokens.clone(), bad: samples.bad.clone(), expected }
    }
}

impl Way for Validating {
    fn call(&self, number: usize, thread: usize) -> bool {
        let token = &self.tokens[share(number, thread, self.tokens.len())];
        self.subject.validate(black_box(token), &mut |seen| {
            black_box(seen);
        })
    }

    fn verdict(&self) -> Verdict {
        let mut right = true;
        let good = self.tokens.iter().all(|token| {
            self.subject.validate(token, &mut |seen| {
                let Expected { iss, sub, client_id, scope, exp } = &self.expected;
                right &= seen.iss == iss && seen.sub == sub && seen.client_id == client_id;
                right &= seen.scope == scope && seen.exp == *exp;
            })
        });
        let refused = |token: &String| !self.subject.validate(token, &mut |_| {});
        let bad = self.bad.iter().map(|(what, token)| (what.clone(), refused(token))).collect();
        Verdict { good: good && right, bad }
    }
}

/// Any library that mints, and a validator that judges what it makes.
struct Minting {
    mint: Mint,
    judge: Validator,
    expected: Expected,
}

impl Minting {
    fn new(mint: Mint, algorithm: Algorithm, samples: &Samples, material: &Material) -> Self {
        Self { mint, judge: ours(algorithm, samples, 0), expected: material.expected.clone() }
    }
}

impl Way for Minting {
    fn call(&self, _: usize, _: usize) -> bool {
        !black_box((self.mint)()).is_empty()
    }

    fn verdict(&self) -> Verdict {
        let judged = self.judge.validate((self.mint)(), &ValidateOptions::default());
        let good = judged.is_ok_and(|token| {
            let Expected { iss, sub, client_id, scope, .. } = &self.expected;
            let seen = seen(&token);
            seen.iss == iss && seen.sub == sub && seen.client_id == client_id && seen.scope == scope
        });
        Verdict { good, bad: BTreeMap::new() }
    }
}

/// Many at a time, one after the other or all at once.
struct Batch {
    one: Box<dyn Way>,
    run: Box<dyn Fn(usize) + Send + Sync>,
}

impl Batch {
    fn validate(algorithm: Algorithm, samples: &Samples, material: &Arc<Material>, many: bool) -> Self {
        let validator = ours(algorithm, samples, 0);
        let tokens = samples.tokens.clone();
        let options = ValidateOptions::default();
        let run = move |operations: usize| {
            let tokens: Vec<&str> = tokens.iter().cycle().take(operations).map(String::as_str).collect();
            let verdicts = if many {
                validator.validate_many(&tokens, &options)
            } else {
                tokens.iter().map(|token| validator.validate(token, &options)).collect()
            };
            assert!(verdicts.len() == operations && verdicts.iter().all(Result::is_ok));
        };
        Self { one: open(&format!("{algorithm}/validate/lazy"), OURS, material), run: Box::new(run) }
    }

    fn mint(algorithm: Algorithm, samples: &Samples, material: &Arc<Material>, many: bool) -> Self {
        let minter = ours_minter(samples);
        let request = MintRequest::from_json(&samples.mint_request.to_string()).unwrap();
        let run = move |operations: usize| {
            let minted = if many {
                minter.mint_many(&vec![request.clone(); operations], None)
            } else {
                (0..operations).map(|_| minter.mint(&request, None)).collect()
            };
            assert!(minted.len() == operations && minted.iter().all(Result::is_ok));
        };
        Self { one: open(&format!("{algorithm}/mint/one"), OURS, material), run: Box::new(run) }
    }
}

impl Way for Batch {
    fn call(&self, number: usize, thread: usize) -> bool {
        self.one.call(number, thread)
    }

    fn verdict(&self) -> Verdict {
        self.one.verdict()
    }

    fn wall(&self, operations: usize) -> Option<f64> {
        let began = Instant::now();
        (self.run)(operations);
        Some(began.elapsed().as_secs_f64() * 1e6 / operations as f64)
    }
}

/// The tokens of one thread are not those of another, nor is one token all that is looked at.
fn share(number: usize, thread: usize, tokens: usize) -> usize {
    (thread * ROTATION + number % ROTATION) % tokens
}
