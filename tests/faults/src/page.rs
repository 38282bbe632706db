//! The page that the run writes.

use std::fmt::Write as _;

use crate::table::{Fault, Outcome, Stage, State};

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

const INTROSPECTION: &str = "
## When an issuer is asked about a token

The columns are what was known of an active token when its issuer began to answer wrongly. In the first three the issuer is
asked about [every token](introspection.md#the-strategy-introspection), in the others
[every so often](introspection.md#the-strategy-local_then_introspection): soon to be asked again, to be asked now, and found
down a minute ago, while `local_verdict_while_unavailable_seconds` lets the local verdict stand. A cell is what became of the
third call, since what is asked meanwhile tells in later ones, and the reason that `status()` then gives. In every cell:

- three calls ask once at most;
- an outage is answered with 503 and `Retry-After`, never as an invalid token, and without challenge;
- once the issuer is well again, and what it said is over, its token is good.

";

pub(crate) fn write(rows: &[(&Fault, Vec<Outcome>)]) -> String {
    let mut out = HEAD.to_owned();
    let of = |introspection: bool| rows.iter().filter(move |(fault, _)| fault.is_of_introspection() == introspection);
    table(&mut out, &State::ALL.map(State::name), of(false));
    out.push_str(INTROSPECTION);
    table(&mut out, &Stage::ALL.map(Stage::name), of(true));
    let cells: usize = rows.iter().map(|(_, outcomes)| outcomes.len()).sum();
    let _ = writeln!(out, "\n{} faults, {cells} cells.", rows.len());
    out
}

fn table<'a>(out: &mut String, columns: &[&str], rows: impl Iterator<Item = &'a (&'a Fault, Vec<Outcome>)>) {
    let _ = writeln!(out, "| fault | {} | threats |", columns.join(" | "));
    let _ = writeln!(out, "| --- |{} --- |", " --- |".repeat(columns.len()));
    for (fault, outcomes) in rows {
        let cells: Vec<String> = outcomes.iter().map(cell).collect();
        let _ = writeln!(out, "| {} | {} | {} |", fault.what, cells.join(" | "), fault.threats.join(" "));
    }
}

fn cell(outcome: &Outcome) -> String {
    match &outcome.reason {
        Some(reason) => format!("{} ({reason})", outcome.verdict),
        None => outcome.verdict.clone(),
    }
}
