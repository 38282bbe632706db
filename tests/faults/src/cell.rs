//! One fault against one state of the cache.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::Duration;

use at9068::{HttpFetch, HttpOptions, IssuerCacheConfig, Ports, ValidateOptions, Validator, ValidatorConfig};
use serde_json::{Value, json};

use crate::issuer::{Broken, Case, World, text};
use crate::table::{Fault, Outcome, State};

const API: &str = "https://api.example/";
/// How long the issuer's documents are fresh, in seconds.
const LIFETIME: i64 = 300;
/// How long keys serve after that, in an outage.
const STALE: i64 = 3600;
/// The longest pause after a failure.
const PAUSE: i64 = 60;
const COOLDOWN: i64 = 30;
/// For a whole refresh: faults that only time ends shall end soon.
const TIMEOUT: f64 = 1.5;

/// What came of a cell.
pub(crate) struct Cell {
    pub(crate) outcome: Outcome,
    /// What was not as it has to be in every cell.
    pub(crate) wrong: Vec<String>,
}

pub(crate) fn run(announced: &Value, name: &str, fault: &Fault, state: State) -> Result<Cell, Broken> {
    let case = Case::new(announced, name)?;
    let ca = std::fs::read_to_string(text(announced, "/ca")?)?;
    let world = World::new(HttpFetch::new(HttpOptions::new().ca_bundle(ca))?, 1_800_000_000);
    let cache = IssuerCacheConfig::new().timeout_seconds(TIMEOUT);
    let config = ValidatorConfig::new(&case.issuer, API).issuer_cache(cache);
    let ports = Ports::default().clock(Arc::clone(&world) as _).fetch(Arc::clone(&world) as _);
    let validator = Validator::with_ports(config, ports)?;
    // Without a name for its version the key set is sent whole each time, and so is what is wrong with it.
    case.behave("jwks", &json!({"headers": [["ETag", null]]}))?;
    let good = case.mint(world.seconds(), None)?;
    let stranger = case.mint(world.seconds(), Some("nobody"))?;
    let judge = |token: &str| {
        let verdict = validator.validate(token, &ValidateOptions::default());
        settle(&validator)?;
        Ok::<_, Broken>(verdict)
    };
    let mut wrong = Vec::new();
    if state != State::Empty && judge(&good)?.is_err() {
        wrong.push("the issuer was not well before".to_owned());
    }
    world.pass(match state {
        State::Empty => 0,
        State::Fresh => 10,
        State::Unknown => COOLDOWN,
        State::Due => LIFETIME * 9 / 10,
        State::Stale => LIFETIME + 10,
        State::Expired => LIFETIME + STALE,
    });

    let way = fault.behaviour.as_str().map(|flaw| flawed(announced, flaw)).transpose()?;
    match &way {
        Some(_) => world.lead(way.clone()),
        None => case.behave(&fault.document, &fault.behaviour)?,
    }
    world.requests.store(0, Ordering::SeqCst);
    let verdict = judge(if state == State::Unknown { &stranger } else { &good })?;
    let asked = world.requests.load(Ordering::SeqCst);
    if asked > 3 {
        wrong.push(format!("{asked} requests"));
    }
    if let Err(error) = &verdict
        && matches!(error.code().slug(), "keys_unavailable" | "metadata_invalid")
    {
        let answer = (error.status(), error.challenges().len(), error.oauth(), error.authenticated());
        if answer != (Some(503), 0, None, false) || !error.retry_after().is_some_and(|wait| (1..=60).contains(&wait)) {
            wrong.push("an outage is not answered as one".to_owned());
        }
    }
    let status = status(&validator)?;
    let reason = status.pointer("/last_error/reason").and_then(Value::as_str).map(str::to_owned);
    let outcome = Outcome {
        verdict: verdict.map_or_else(|error| error.code().slug().to_owned(), |_| "ok".to_owned()),
        reason,
        asked: asked > 0,
    };

    // Keys at hand are kept, whatever happens.
    if !matches!(state, State::Empty | State::Expired) && judge(&good)?.is_err() {
        wrong.push("good keys were lost".to_owned());
    }
    // Once the issuer is well again, so is everything.
    world.lead(None);
    if way.is_none() {
        case.behave(&fault.document, &json!({}))?;
    }
    world.pass(PAUSE);
    if let Err(error) = judge(&good)? {
        wrong.push(format!("afterwards {}", error.code()));
    }
    Ok(Cell { outcome, wrong })
}

/// From the issuer's origin to the port with a flaw.
pub(crate) fn flawed(announced: &Value, flaw: &str) -> Result<(String, String), Broken> {
    let issuer = text(announced, "/issuer")?;
    let to = text(announced, &format!("/tls_faults/{flaw}"))?;
    Ok((issuer.trim_end_matches('/').to_owned(), to.to_owned()))
}

fn status(validator: &Validator) -> Result<Value, Broken> {
    let status: Value = serde_json::from_str(&validator.status_json())?;
    let first = status.pointer("/issuers/0");
    Ok(first.ok_or("no issuer in the status")?.clone())
}

/// Waits for a refresh that goes on meanwhile.
fn settle(validator: &Validator) -> Result<(), Broken> {
    for _ in 0..5_000 {
        if status(validator)?.get("refreshing") == Some(&Value::Bool(false)) {
            return Ok(());
        }
        thread::sleep(Duration::from_millis(1));
    }
    Err("a refresh does not end".into())
}
