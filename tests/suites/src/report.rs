//! The account of one suite.

use std::collections::BTreeMap;
use std::process::ExitCode;

/// Counts every test of a suite as passed, refused on purpose, or failed.
///
/// *Passed*: the suite says what must happen, and it does. *Refused on purpose*: the suite allows
/// or demands what this product refuses, for a reason that is listed. Nothing else is not failed.
#[derive(Debug)]
pub struct Report {
    suite: &'static str,
    passed: BTreeMap<String, usize>,
    refused: BTreeMap<String, usize>,
    failed: Vec<String>,
}

impl Report {
    /// An empty account.
    #[must_use]
    pub fn new(suite: &'static str) -> Self {
        Self { suite, passed: BTreeMap::new(), refused: BTreeMap::new(), failed: Vec::new() }
    }

    /// One test of a group did as it must.
    pub fn pass(&mut self, group: impl Into<String>) {
        *self.passed.entry(group.into()).or_default() += 1;
    }

    /// One test was refused on purpose.
    pub fn refuse(&mut self, reason: impl Into<String>) {
        *self.refused.entry(reason.into()).or_default() += 1;
    }

    /// One test failed.
    pub fn fail(&mut self, what: impl Into<String>) {
        self.failed.push(what.into());
    }

    /// A test of a group that holds, or fails with a word of why.
    pub fn check(&mut self, group: &str, name: &str, holds: Result<(), String>) {
        match holds {
            Ok(()) => self.pass(group),
            Err(why) => self.fail(format!("{group} {name}: {why}")),
        }
    }

    /// Prints the account and holds it against the committed counts, each to the number.
    #[must_use]
    #[allow(clippy::print_stdout, reason = "the account is what the program is for")]
    pub fn finish(mut self, passed: &[(&str, usize)], refused: &[(&str, usize)]) -> ExitCode {
        let faults = differences("passed", &self.passed, passed)
            .chain(differences("refused on purpose", &self.refused, refused))
            .collect::<Vec<_>>();
        let sum = |counts: &BTreeMap<String, usize>| counts.values().sum::<usize>();
        println!(
            "{}: passed {}, refused on purpose {}, failed {}",
            self.suite,
            sum(&self.passed),
            sum(&self.refused),
            self.failed.len()
        );
        for (what, count) in &self.passed {
            println!("  {count:6} passed   {what}");
        }
        for (what, count) in &self.refused {
            println!("  {count:6} refused  {what}");
        }
        self.failed.extend(faults);
        for what in &self.failed {
            println!("  FAILED {what}");
        }
        if self.failed.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }
}

/// What differs from the committed counts, in both directions.
fn differences<'a>(
    kind: &'a str,
    found: &'a BTreeMap<String, usize>,
    committed: &'a [(&'a str, usize)],
) -> impl Iterator<Item = String> + 'a {
    let missing = committed.iter().filter_map(move |(name, count)| {
        let now = found.get(*name).copied().unwrap_or_default();
        (now != *count).then(|| format!("count of {kind}, {name}: committed {count}, found {now}"))
    });
    let surplus = found.iter().filter(|(name, _)| !committed.iter().any(|(known, _)| known == name));
    missing.chain(surplus.map(move |(name, now)| format!("count of {kind}, {name}: committed none, found {now}")))
}
