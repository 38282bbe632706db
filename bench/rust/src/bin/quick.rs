//! What a validation costs beside the bare signature verification and beside one peer, in seconds.
//!
//! All three work on the same tokens and are asked first whether they agree on them, and on bad
//! ones. Rounds are interleaved and medians reported, in CPU time of the thread: the figures of one
//! run hold as ratios, whatever else the machine is doing.

use std::sync::Arc;

use at9068_bench::cases::{self, LIMIT, OURS, Way};
use at9068_bench::machine;
use at9068_bench::material::{ALGORITHMS, Material};

const PEER: &str = "jsonwebtoken";
const ROUNDS: usize = 41;
const ROUND_MICROSECONDS: f64 = 4000.0;

fn main() {
    let material = Arc::new(Material::create());
    println!("CPU time of the thread in µs, medians of {ROUNDS} interleaved rounds.");
    println!(
        "{:<8}{:>7}{:>10}{:>10}{:>10}{:>14}{:>10}{:>12}{:>12}",
        "", "bytes", "raw", "at9068", "hit", PEER, "overhead", "of raw", "of peer"
    );
    let mut worst = 0.0_f64;
    for algorithm in ALGORITHMS {
        let open = |form: &str, subject: &str| {
            let way = cases::open(&format!("{algorithm}/validate/{form}"), subject, &material);
            let verdict = way.verdict();
            assert!(
                verdict.good && verdict.bad["signature"],
                "{form} of {subject} is wrong about tokens of {algorithm}"
            );
            way
        };
        let ways = [open("raw", LIMIT), open("lazy", OURS), open("hit", OURS), open("lazy", PEER)];
        let [raw, ours, hit, peer] = measure(&ways);
        worst = worst.max(ours - raw);
        println!(
            "{:<8}{:>7}{raw:>10.2}{ours:>10.2}{hit:>10.3}{peer:>14.2}{:>10.2}{:>12.3}{:>12.3}",
            algorithm.as_str(),
            material.of(algorithm.as_str()).token.len(),
            ours - raw,
            ours / raw,
            ours / peer
        );
    }
    println!("largest overhead over the raw verification: {worst:.2} µs");
}

/// Medians in µs.
fn measure<const N: usize>(ways: &[Box<dyn Way>; N]) -> [f64; N] {
    let counts = ways.each_ref().map(|way| calls_per_round(way.as_ref()));
    let mut rounds = [const { Vec::new() }; N];
    for _ in 0..ROUNDS {
        for ((way, count), times) in ways.iter().zip(counts).zip(&mut rounds) {
            times.push(time_of(way.as_ref(), count));
        }
    }
    rounds.map(|mut times: Vec<f64>| {
        times.sort_by(f64::total_cmp);
        times[times.len() / 2]
    })
}

fn calls_per_round(way: &dyn Way) -> usize {
    time_of(way, 200); // warms caches up
    (1..).map(|step| 1_usize << step).find(|count| time_of(way, *count) * *count as f64 > ROUND_MICROSECONDS).unwrap()
}

fn time_of(way: &dyn Way, calls: usize) -> f64 {
    machine::time_of(&|number| way.call(number, 0), calls)
}
