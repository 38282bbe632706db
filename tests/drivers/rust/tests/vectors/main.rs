//! Every shared vector in one process, judged as `tests/runner` judges a driver.
//!
//! The runner has the last word: it asks every language, and compares them. This is for whoever wants an answer in
//! seconds, such as `make mutants`, and so it ends at the first difference.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that meets the unexpected fails, and should")]

mod judge;
mod suite;

use at9068_driver::answer;
use judge::{Answer, Judge, Judged, explained};
use suite::{Case, cases};

#[test]
fn every_answer_is_that_of_its_vector() {
    let mut judge = Judge::new();
    for case in cases() {
        let line = answer(&case.question());
        if let Err(difference) = judged(&mut judge, &case, &line) {
            panic!("{}: {difference}\nthe answer: {line}", case.id);
        }
    }
}

fn judged(judge: &mut Judge, case: &Case, line: &str) -> Judged {
    let given = Answer::read(line, &case.id)?;
    judge.against_vector(case, &given)?;
    match case.op.as_str() {
        "validate" => explained(&given, line, &Answer::read(&answer(&case.explaining()), &case.id)?),
        _ if case.crosses => {
            let line = answer(&case.crossing(given.minted()?));
            judge.against_vector(&case.as_validated(), &Answer::read(&line, &case.id)?)
        }
        _ => Ok(()),
    }
}

#[test]
fn no_difference_passes() {
    differences_are_named(
        "migration/auth0-former",
        &[
            ("\"profile\":\"auth0\"", "\"profile\":\"rfc9068\"", "profile"),
            ("\"would_break\":[\"type_mismatch\",", "\"would_break\":[", "would_break"),
            (",\"would_break\":[\"type_mismatch\",\"claim_missing\"]", "", "would_break"),
        ],
    );
    differences_are_named(
        "migration/auth0-standard",
        &[("\"profile\":\"rfc9068\"", "\"profile\":\"rfc9068\",\"would_break\":[]", "would_break")],
    );
    differences_are_named(
        "http_responses/token_expired",
        &[
            ("\"status\":401", "\"status\":400", "http_response"),
            ("\"Content-Type\"", "\"content-type\"", "http_response"),
            ("{\\\"title\\\"", "{ \\\"title\\\"", "http_response"),
            ("\\\"detail\\\":\\\"", "\\\"detail\\\":\\\"x", "http_response"),
            (",\"http_response\":{", ",\"thumbprint\":\"x\",\"http_response\":{", "thumbprint"),
        ],
    );
    differences_are_named("http_responses/good", &[(",\"http_response\":null", "", "http_response")]);
    differences_are_named("http_responses/missing-nothing", &[("401}", "401, }", "http_response")]);
    differences_are_named(
        "protected_resource/at-path",
        &[("\"path\":\"/", "\"path\":\"", "path"), ("[\"header\"]", "[]", "metadata")],
    );
    differences_are_named("protected_resource/none", &[("\"metadata\":null", "\"metadata\":{}", "metadata")]);
    differences_are_named(
        "time/leeway-30-exp-reached",
        &[
            ("\"id\":\"", "\"id\":\"x", "id"),
            ("\"ok\":false", "\"ok\":true", "ok"),
            ("\"ok\":", "\"skip\":\"why\",\"ok\":", "skip"),
            ("\"error\":{", "\"error\":{\"more\":1,", "members"),
            ("\"code\":\"", "\"code\":\"x", "code"),
            ("\"number\":", "\"number\":9", "number"),
            ("\"claim\":\"exp\"", "\"claim\":null", "claim"),
            ("\"kind\":null", "\"kind\":\"id_token\"", "kind"),
            ("\"authenticated\":true", "\"authenticated\":false", "authenticated"),
            ("\"oauth\":\"", "\"oauth\":\"x", "oauth"),
            ("\"status\":", "\"status\":9", "status"),
            ("[\"Bearer ", "[\"bearer ", "challenge"),
            ("\"headers\":[", "\"headers\":[[\"a\",\"b\"]", "headers"),
            ("\"retry_after\":null", "\"retry_after\":1", "retry_after"),
        ],
    );
}

/// Each change of the answer to a vector, from one text to another, is found in the member that it is in.
fn differences_are_named(id: &str, changes: &[(&str, &str, &str)]) {
    let case = cases().into_iter().find(|case| case.id == id).unwrap();
    let line = answer(&case.question());
    for (from, to, named) in changes {
        let changed = line.replacen(from, to, 1);
        assert_ne!(changed, line, "{from}");
        let difference = judged(&mut Judge::new(), &case, &changed).unwrap_err();
        assert!(difference.contains(named), "{named}: {difference}");
    }
    assert_eq!(judged(&mut Judge::new(), &case, &line), Ok(()));
}
