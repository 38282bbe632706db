//! What a validation costs beside the bare signature verification and beside a peer.
//!
//! All three work on the same token and are asked first whether they agree on it, and on a
//! forged one. Rounds are interleaved and medians reported, in CPU time of the thread: the
//! figures of one run hold as ratios, whatever else the machine is doing.

#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a program whose output is its purpose, and that may fail"
)]

use std::hint::black_box;

use at9068::{
    Algorithm, ApiConfig, Dialect, MintRequest, Minter, MinterConfig, SigningKey, TokenCacheConfig, ValidateOptions,
    Validator, ValidatorConfig,
};
use aws_lc_rs::signature::{self, ParsedPublicKey, VerificationAlgorithm};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{DecodingKey, Validation};
use rustix::time::{ClockId, clock_gettime};
use serde::Deserialize;

const ISSUER: &str = "https://issuer.example.com/";
const API: &str = "https://api.example.com/v1";
const ALGORITHMS: [Algorithm; 4] = [Algorithm::RS256, Algorithm::PS256, Algorithm::ES256, Algorithm::EdDSA];
const ROUNDS: usize = 41;
const ROUND_MICROSECONDS: f64 = 4000.0;

/// What the peer decodes into: the claims that a typical API reads.
#[derive(Deserialize)]
struct Claims {
    sub: String,
    client_id: String,
    scope: String,
    jti: String,
}

fn main() {
    println!("CPU time of the thread in µs, medians of {ROUNDS} interleaved rounds.");
    println!(
        "{:<8}{:>7}{:>10}{:>10}{:>14}{:>10}{:>12}{:>12}",
        "", "bytes", "raw", "at9068", "jsonwebtoken", "overhead", "of raw", "of peer"
    );
    let mut worst = 0.0_f64;
    for algorithm in ALGORITHMS {
        let case = Case::new(algorithm);
        case.check();
        let [raw, ours, peer] = case.measure();
        worst = worst.max(ours - raw);
        println!(
            "{:<8}{:>7}{raw:>10.2}{ours:>10.2}{peer:>14.2}{:>10.2}{:>12.3}{:>12.3}",
            algorithm.as_str(),
            case.token.len(),
            ours - raw,
            ours / raw,
            ours / peer
        );
    }
    println!("largest overhead over the raw verification: {worst:.2} µs");
}

/// One token, and three ways to judge it.
struct Case {
    token: String,
    forged: String,
    raw_key: ParsedPublicKey,
    validator: Validator,
    peer_key: DecodingKey,
    peer_rules: Validation,
}

impl Case {
    fn new(algorithm: Algorithm) -> Self {
        let key = SigningKey::generate(algorithm).unwrap();
        let api = ApiConfig::new(API, Dialect::Rfc9068ProfileAuthz).scopes(["read:patients", "write:patients"]);
        let minter = Minter::new(MinterConfig::new(ISSUER, [key.clone()], [api])).unwrap();
        let request = MintRequest::new("authorization_code", "s6BhdRkqt3aB9xYw")
            .subject("auth0|5f7c8ec7c33c6c004bbafe82")
            .scope("openid profile read:patients write:patients")
            .permissions(["read:patients", "write:patients"])
            .auth_time(1_699_999_000)
            .claims(&serde_json::json!({"tenant": "example-tenant", "region": "eu-central"}))
            .unwrap()
            .acr("urn:mace:incommon:iap:silver")
            .amr(["pwd", "otp"])
            .org_id("org_9ybsU1dN2dKfDkBi");
        let token = minter.mint(&request, None).unwrap().token().to_owned();

        // The last character of a signature decodes in few ways; the one before it in many.
        let mut forged = token.clone().into_bytes();
        let at = forged.len() - 20;
        forged.get_mut(at).into_iter().for_each(|byte| *byte = if *byte == b'A' { b'B' } else { b'A' });

        let parameters: &'static dyn VerificationAlgorithm = match algorithm {
            Algorithm::RS256 => &signature::RSA_PKCS1_2048_8192_SHA256,
            Algorithm::PS256 => &signature::RSA_PSS_2048_8192_SHA256,
            Algorithm::ES256 => &signature::ECDSA_P256_SHA256_FIXED,
            _ => &signature::ED25519,
        };
        let pem = key.public_pem().unwrap().unwrap();
        let spki: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
        let spki = base64::engine::general_purpose::STANDARD.decode(spki).unwrap();

        let jwk: Jwk = serde_json::from_str(&key.public_jwk().unwrap()).unwrap();
        let mut peer_rules = Validation::new(algorithm.as_str().parse().unwrap());
        peer_rules.set_issuer(&[ISSUER]);
        peer_rules.set_audience(&[API]);
        peer_rules.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);

        let config = ValidatorConfig::new(ISSUER, API).keys(&key.key_set().unwrap()).token_cache(cold());
        Self {
            token,
            forged: String::from_utf8(forged).unwrap(),
            raw_key: ParsedPublicKey::new(parameters, spki).unwrap(),
            validator: Validator::new(config).unwrap(),
            peer_key: DecodingKey::from_jwk(&jwk).unwrap(),
            peer_rules,
        }
    }

    /// All must accept the token and refuse the forged one.
    fn check(&self) {
        assert!(self.ours(&self.token) && !self.ours(&self.forged));
        assert!(self.peer(&self.token) && !self.peer(&self.forged));
        let (input, signature) = parts(&self.token);
        assert!(self.raw_key.verify_sig(input, &signature).is_ok());
        let (input, signature) = parts(&self.forged);
        assert!(self.raw_key.verify_sig(input, &signature).is_err());
    }

    fn ours(&self, token: &str) -> bool {
        self.validator
            .validate(token.as_bytes(), &ValidateOptions::default())
            .is_ok_and(|token| !token.sub().is_empty())
    }

    fn peer(&self, token: &str) -> bool {
        jsonwebtoken::decode::<Claims>(token, &self.peer_key, &self.peer_rules).is_ok_and(|token| {
            let Claims { sub, client_id, scope, jti } = token.claims;
            ![sub, client_id, scope, jti].iter().any(String::is_empty)
        })
    }

    /// Medians in µs: raw, ours, the peer's.
    fn measure(&self) -> [f64; 3] {
        let (input, signature) = parts(&self.token);
        let raw = || self.raw_key.verify_sig(black_box(input), black_box(&signature)).is_ok();
        let ours = || self.ours(black_box(&self.token));
        let peer = || self.peer(black_box(&self.token));
        let ways: [&dyn Fn() -> bool; 3] = [&raw, &ours, &peer];
        let counts = ways.map(calls_per_round);
        let mut rounds = [const { Vec::new() }; 3];
        for _ in 0..ROUNDS {
            for ((way, count), times) in ways.iter().zip(counts).zip(&mut rounds) {
                times.push(time_of(way, count));
            }
        }
        rounds.map(|mut times| {
            times.sort_by(f64::total_cmp);
            times.get(times.len() / 2).copied().unwrap_or_default()
        })
    }
}

fn parts(token: &str) -> (&[u8], Vec<u8>) {
    let (input, signature) = token.rsplit_once('.').unwrap();
    (input.as_bytes(), URL_SAFE_NO_PAD.decode(signature).unwrap())
}

fn calls_per_round(way: &dyn Fn() -> bool) -> u32 {
    time_of(way, 200); // warms caches up
    (1..)
        .map(|step| 1_u32 << step)
        .find(|count| time_of(way, *count) * f64::from(*count) > ROUND_MICROSECONDS)
        .unwrap_or(1)
}

/// µs for one call, over `count` calls.
fn time_of(way: &dyn Fn() -> bool, count: u32) -> f64 {
    let start = thread_time();
    for _ in 0..count {
        assert!(black_box(way()));
    }
    (thread_time() - start) / f64::from(count)
}

#[expect(clippy::cast_precision_loss, reason = "a thread's CPU time is far below 2⁵³ µs")]
fn thread_time() -> f64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    time.tv_sec as f64 * 1e6 + time.tv_nsec as f64 / 1e3
}

/// Every validation verifies.
fn cold() -> TokenCacheConfig {
    TokenCacheConfig::new().max_entries(0)
}
