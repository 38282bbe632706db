//! The page that the run writes.

use std::fmt::Write as _;

use crate::table::{Fault, Outcome, State};

const HEAD: &str = "\
# When an issuer fails

Each row is something that an issuer, or whoever stands between, did wrong; each column is where the keys of that issuer
were in [their life](issuers.md#the-life-of-keys) when a good token came. A cell is what became of the token, and the
reason that `status()` then gives for a refresh that failed. The column for an unknown `kid` is about a token that names a
key which nobody has.

`make faults` runs every cell over loopback, with TLS under an authority of its own, through the library's own client, and
writes this page from what it saw, once that is what the rules say. Beside what is written here, it holds in every cell:

- an outage is answered with 503 and `Retry-After`, never as an invalid token, and without challenge;
- keys at hand are kept and used, whatever the issuer sends;
- no more than three requests are made for one token, and none where keys are fresh;
- a minute after the issuer is well again, its tokens are good.

Faults of metadata do not reach a cache that still knows where the keys are: it asks for the keys alone, and uses metadata
that cannot be renewed, until it is as old as keys may be. What metadata says wrongly is another matter than that it says
nothing.

What it does not show: name servers that fail, a network that loses packets, and hosts that change their addresses. Those
end as `resolve`, `connect` or `timeout`.

";

pub(crate) fn write(rows: &[(&Fault, Vec<Outcome>)]) -> String {
    let mut out = HEAD.to_owned();
    let states = State::ALL.map(State::name).join(" | ");
    let _ = writeln!(out, "| fault | {states} | threats |");
    let _ = writeln!(out, "| --- |{} --- |", " --- |".repeat(State::ALL.len()));
    for (fault, outcomes) in rows {
        let cells: Vec<String> = outcomes.iter().map(cell).collect();
        let _ = writeln!(out, "| {} | {} | {} |", fault.what, cells.join(" | "), fault.threats.join(" "));
    }
    let cells: usize = rows.iter().map(|(_, outcomes)| outcomes.len()).sum();
    let _ = writeln!(out, "\n{} faults, {cells} cells.", rows.len());
    out
}

fn cell(outcome: &Outcome) -> String {
    match &outcome.reason {
        Some(reason) => format!("{} ({reason})", outcome.verdict),
        None => outcome.verdict.clone(),
    }
}
