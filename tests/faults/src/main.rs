//! Every fault of an issuer against every state of the key cache, and of what is known of a token, over loopback, on a clock that is moved.
//!
//! `--fast` leaves out what only time ends; otherwise `docs/faults.md` is written, or compared with `--check`.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a program that reports to whoever runs it")]

mod cell;
mod inquiry;
mod issuer;
mod page;
mod table;

use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use at9068_test_issuer::{Options, TestIssuer};

use issuer::Broken;
use table::{Fault, Outcome, Stage, State};

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
    let cells: Vec<(&Fault, When)> =
        faults.iter().flat_map(|fault| When::of(fault).map(|when| (fault, when))).collect();
    let (next, done) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                while let Some((fault, when)) = cells.get(next.fetch_add(1, Ordering::SeqCst)) {
                    let name = format!("{}-{}", fault.id, when.number());
                    let cell = match *when {
                        When::State(state) => cell::run(announced, &name, fault, state),
                        When::Stage(stage) => inquiry::run(announced, &name, fault, stage),
                    };
                    if let Ok(mut done) = done.lock() {
                        done.push((fault.id.clone(), *when, cell.map_err(|broken| broken.to_string())));
                    }
                }
            });
        }
    });
    let done = done.into_inner()?;
    let (mut right, mut rows) = (0, Vec::new());
    for fault in &faults {
        let mut outcomes: Vec<Outcome> = Vec::new();
        for when in When::of(fault) {
            let expected = when.expected(fault);
            let seen = done.iter().find(|(id, at, _)| *id == fault.id && *at == when).map(|(_, _, cell)| cell);
            match seen {
                Some(Ok(cell)) if cell.outcome == expected && cell.wrong.is_empty() => right += 1,
                Some(Ok(cell)) => {
                    println!("{} {when:?}: expected {expected:?}, seen {:?} {:?}", fault.id, cell.outcome, cell.wrong);
                }
                Some(Err(broken)) => println!("{} {when:?}: {broken}", fault.id),
                None => println!("{} {when:?}: not run", fault.id),
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

/// What there was when the issuer began to fail: its keys, or its word on a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum When {
    State(State),
    Stage(Stage),
}

impl When {
    /// The columns of a fault.
    fn of(fault: &Fault) -> [Self; 6] {
        if fault.is_of_introspection() { Stage::ALL.map(Self::Stage) } else { State::ALL.map(Self::State) }
    }

    fn expected(self, fault: &Fault) -> Outcome {
        match self {
            Self::State(state) => fault.expected(state),
            Self::Stage(stage) => fault.expected_of(stage),
        }
    }

    /// The number of the column.
    fn number(self) -> usize {
        match self {
            Self::State(state) => state as usize,
            Self::Stage(stage) => stage as usize,
        }
    }
}
