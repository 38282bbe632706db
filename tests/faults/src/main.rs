//! Every fault of an issuer against every state of the key cache, over loopback, on a clock that is moved.
//!
//! `--fast` leaves out what only time ends; otherwise `docs/faults.md` is written, or compared with `--check`.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a program that reports to whoever runs it")]

mod cell;
mod issuer;
mod page;
mod table;

use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use at9068_test_issuer::{Options, TestIssuer};

use issuer::Broken;
use table::{Fault, Outcome, State};

const TABLE: &str = include_str!("../faults.json");
const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/faults.md");
/// Most of the time is spent in waiting.
const THREADS: usize = 8;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let has = |name: &str| arguments.iter().any(|argument| argument == name);
    match run(has("--fast"), has("--check")) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(broken) => {
            eprintln!("{broken}");
            ExitCode::FAILURE
        }
    }
}

fn run(fast: bool, check: bool) -> Result<bool, Broken> {
    let faults: Vec<Fault> = Fault::all(TABLE)?.into_iter().filter(|fault| !(fast && fault.slow)).collect();
    let server =
        TestIssuer::start(&Options { tls: true, ..Options::default() }).map_err(|unstarted| unstarted.to_string())?;
    let announced = server.announcement();
    let cells: Vec<(&Fault, State)> = faults.iter().flat_map(|fault| State::ALL.map(|state| (fault, state))).collect();
    let (next, done) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                while let Some((fault, state)) = cells.get(next.fetch_add(1, Ordering::SeqCst)) {
                    let name = format!("{}-{state:?}", fault.id).to_lowercase();
                    let cell = cell::run(announced, &name, fault, *state).map_err(|broken| broken.to_string());
                    if let Ok(mut done) = done.lock() {
                        done.push((fault.id.clone(), *state, cell));
                    }
                }
            });
        }
    });
    let done = done.into_inner()?;
    let (mut right, mut rows) = (0, Vec::new());
    for fault in &faults {
        let mut outcomes: Vec<Outcome> = Vec::new();
        for state in State::ALL {
            let expected = fault.expected(state);
            let seen = done.iter().find(|(id, at, _)| *id == fault.id && *at == state).map(|(_, _, cell)| cell);
            match seen {
                Some(Ok(cell)) if cell.outcome == expected && cell.wrong.is_empty() => right += 1,
                Some(Ok(cell)) => {
                    println!("{} {state:?}: expected {expected:?}, seen {:?} {:?}", fault.id, cell.outcome, cell.wrong);
                }
                Some(Err(broken)) => println!("{} {state:?}: {broken}", fault.id),
                None => println!("{} {state:?}: not run", fault.id),
            }
            outcomes.push(expected);
        }
        rows.push((fault, outcomes));
    }
    let mut good = right == cells.len();
    if good && !fast {
        let page = page::write(&rows);
        if check {
            good = std::fs::read_to_string(PAGE)? == page;
            println!("docs/faults.md {}", if good { "is current" } else { "is out of date" });
        } else {
            std::fs::write(PAGE, page)?;
        }
    }
    println!("cells {}, as documented {right}, otherwise {}", cells.len(), cells.len() - right);
    Ok(good)
}
