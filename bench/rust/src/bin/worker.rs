//! The worker of Rust: measures what it is told on standard input, one JSON object a line.
//!
//! * `worker material FILE` makes the material of all workers.
//! * `worker FILE` answers `verdict`, `time`, `wall` and `hit_rate` until its input ends.
//! * `worker FILE calls CASE SUBJECT COUNT` makes so many calls and ends, for whoever counts what they do.

use std::collections::HashMap;
use std::env;
use std::fs;
use std::io::{self, BufRead as _, Write as _};
use std::panic::{self, AssertUnwindSafe};
use std::sync::Arc;

use at9068_bench::cases::{self, Way};
use at9068_bench::growth;
use at9068_bench::machine;
use at9068_bench::material::Material;
use at9068_bench::peers;
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
enum Order {
    Verdict { case: String, subject: String },
    Time { case: String, subject: String, calls: usize },
    Wall { case: String, subject: String, threads: usize, calls: usize },
    HitRate { tokens: usize, places: u32 },
}

fn main() {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["material", file] => fs::write(file, serde_json::to_string(&Material::create()).unwrap()).unwrap(),
        [file] => serve(file),
        [file, "calls", case, subject, count] => {
            let way = cases::open(case, subject, &Arc::new(Material::read(file)));
            let calls = (0..count.parse().unwrap()).filter(|number| way.call(*number, 0)).count();
            println!("{calls}");
        }
        _ => panic!("worker [material] FILE"),
    }
}

fn serve(file: &str) {
    let material = Arc::new(Material::read(file));
    let unchecked: HashMap<&str, _> = peers::NAMES.iter().map(|name| (*name, peers::unchecked(name))).collect();
    let hello = json!({"cases": cases::all(), "versions": versions(), "unchecked": unchecked, "absent": absent()});
    say(&hello);
    let mut ways = HashMap::new();
    for line in io::stdin().lock().lines() {
        let line = line.unwrap();
        let answered = panic::catch_unwind(AssertUnwindSafe(|| {
            answer(serde_json::from_str(&line).unwrap(), &mut ways, &material)
        }));
        say(&answered.unwrap_or_else(|_| json!({"error": format!("failed at {line}")})));
    }
}

type Ways = HashMap<(String, String), Box<dyn Way>>;

fn answer(order: Order, ways: &mut Ways, material: &Arc<Material>) -> Value {
    match order {
        Order::Verdict { case, subject } => {
            serde_json::to_value(prepared(ways, material, case, subject).verdict()).unwrap()
        }
        Order::Time { case, subject, calls } => {
            let way = prepared(ways, material, case, subject);
            json!({"us": machine::time_of(&|number| way.call(number, 0), calls)})
        }
        Order::Wall { case, subject, threads, calls } => {
            let way = prepared(ways, material, case, subject);
            let call = |number, thread| way.call(number, thread);
            json!({"us": way.wall(calls).unwrap_or_else(|| machine::wall_of(&call, threads, calls))})
        }
        Order::HitRate { tokens, places } => json!({"rate": growth::hit_rate(tokens, places)}),
    }
}

fn prepared<'a>(ways: &'a mut Ways, material: &Arc<Material>, case: String, subject: String) -> &'a dyn Way {
    let way = ways.entry((case, subject));
    &**way.or_insert_with_key(|(case, subject)| cases::open(case, subject, material))
}

/// Those of the lock file, which stands beside the sources.
fn versions() -> HashMap<&'static str, &'static str> {
    let lock = include_str!("../../Cargo.lock");
    let mut versions = HashMap::new();
    for package in lock.split("[[package]]") {
        let field = |name: &str| {
            package.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(" = \"")?.strip_suffix('"'))
        };
        let (Some(name), Some(version)) = (field("name"), field("version")) else { continue };
        if ["at9068", "aws-lc-rs"].contains(&name) || peers::NAMES.contains(&name) {
            versions.insert(name, version);
        }
    }
    versions
}

/// What this build goes without, and why.
fn absent() -> HashMap<&'static str, &'static str> {
    let without = !peers::NAMES.contains(&"josekit");
    without.then_some(("josekit", "built without it: the headers of OpenSSL are not installed")).into_iter().collect()
}

fn say(answer: &Value) {
    let mut out = io::stdout().lock();
    writeln!(out, "{answer}").unwrap();
    out.flush().unwrap();
}
