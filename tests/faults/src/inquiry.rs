//! One fault of an introspection endpoint against one state of what is known of a token.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use at9068::{
    ErrorClass, HttpFetch, HttpOptions, IntrospectionConfig, IssuerCacheConfig, Origin, Ports, Strategy,
    ValidateOptions, Validator, ValidatorConfig,
};
use serde_json::{Value, json};

use crate::cell::{Cell, flawed};
use crate::issuer::{Broken, Case, World, text};
use crate::table::{Fault, Outcome, Stage};

const API: &str = "https://api.example/";
/// For how long answers hold where the issuer is asked about every token, in seconds.
const CACHE: i64 = 30;
/// After how long it is asked again where it is asked every so often.
const EVERY: i64 = 600;
/// For how long the local verdict stands in an outage, where it does.
const LOCAL: i64 = 300;
/// The longest pause after a failure.
const PAUSE: i64 = 60;
const TIMEOUT: f64 = 1.5;
/// So often a token is judged: what was asked meanwhile tells in later calls.
const CALLS: usize = 3;

pub(crate) fn run(announced: &Value, name: &str, fault: &Fault, stage: Stage) -> Result<Cell, Broken> {
    let case = Case::new(announced, name)?;
    let ca = std::fs::read_to_string(text(announced, "/ca")?)?;
    let started = i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs())?;
    let world = World::new(HttpFetch::new(HttpOptions::new().ca_bundle(ca))?, started);
    let validator = validator(&case, &world, fault, stage)?;
    case.ask(&json!({"op": "keys", "generate": [{"key": "other"}]}))?;
    let token = if stage.is_hybrid() { case.mint(started, None)? } else { "opaque-token".to_owned() };
    let members = json!({"aud": API, "sub": "user", "exp": started + 86_400});
    case.ask(&json!({"op": "token", "token": token, "members": members}))?;
    let judge = || {
        let verdict = validator.validate(&token, &ValidateOptions::default());
        settle(&world)?;
        Ok::<_, Broken>(verdict)
    };

    let mut wrong = Vec::new();
    if !matches!(stage, Stage::Never | Stage::Overdue) {
        // It was asked about once; of a token of its own that takes as long as it is young.
        world.pass(if stage.is_hybrid() { EVERY } else { 0 });
        if judge()?.is_err() {
            wrong.push("the issuer was not well before".to_owned());
        }
    }
    world.pass(match stage {
        Stage::Never => 0,
        Stage::Fresh => CACHE - 1,
        Stage::Over => CACHE,
        Stage::Due => EVERY * 9 / 10,
        Stage::Overdue | Stage::Down => EVERY,
    });
    if stage == Stage::Down {
        case.behave("introspection", &json!({"status": 503}))?;
        if judge()?.map(|token| token.origin()) != Ok(Origin::Local) {
            wrong.push("the local verdict does not stand".to_owned());
        }
        world.pass(PAUSE);
    }

    let way = fault.behaviour.as_str().map(|flaw| flawed(announced, flaw)).transpose()?;
    match &way {
        Some(_) => {
            let path = format!("{}/introspect", path_of(&case));
            world.lead(way.clone().map(|(from, to)| (from + &path, to + &path)));
            case.behave("introspection", &json!({}))?;
        }
        None => case.behave("introspection", &fault.behaviour)?,
    }
    world.posts.store(0, Ordering::SeqCst);
    let mut verdict = judge()?;
    for _ in 1..CALLS {
        verdict = judge()?;
    }
    let asked = world.posts.load(Ordering::SeqCst);
    if asked > 1 {
        wrong.push(format!("{asked} questions within a pause"));
    }
    if let Err(error) = &verdict
        && error.code().class() == ErrorClass::Undecided
    {
        let answer = (error.status(), error.challenges().len(), error.oauth(), error.authenticated());
        if answer != (Some(503), 0, None, stage.is_hybrid())
            || !error.retry_after().is_some_and(|wait| (1..=60).contains(&wait))
        {
            wrong.push("an outage is not answered as one".to_owned());
        }
    }
    let outcome = Outcome {
        verdict: verdict.map_or_else(|error| error.code().slug().to_owned(), |_| "ok".to_owned()),
        reason: status(&validator)?.pointer("/last_error/reason").and_then(Value::as_str).map(str::to_owned),
        asked: asked > 0,
    };

    // Once the issuer is well again, so is everything, when the answer that it gave is over.
    world.lead(None);
    case.behave("introspection", &json!({}))?;
    world.pass(EVERY);
    if let Err(error) = judge()? {
        wrong.push(format!("afterwards {}", error.code()));
    }
    Ok(Cell { outcome, wrong })
}

fn validator(case: &Case, world: &Arc<World>, fault: &Fault, stage: Stage) -> Result<Validator, Broken> {
    let endpoint = format!("{}/introspect", case.issuer);
    let config = IntrospectionConfig::client_secret_basic(endpoint, "api", "TEST ONLY").signed_response(fault.signed);
    let (strategy, config) = if stage.is_hybrid() {
        let local = if stage == Stage::Down { LOCAL } else { 0 };
        let config = config.every_seconds(u32::try_from(EVERY)?);
        let config = config.local_verdict_while_unavailable_seconds(u32::try_from(local)?);
        (Strategy::LocalThenIntrospection, config)
    } else {
        (Strategy::Introspection, config.cache_seconds(u32::try_from(CACHE)?))
    };
    let cache = IssuerCacheConfig::new().timeout_seconds(TIMEOUT);
    let config = ValidatorConfig::new(&case.issuer, API).issuer_cache(cache).introspection(strategy, config);
    let ports = Ports::default().clock(Arc::clone(world) as _).fetch(Arc::clone(world) as _);
    Ok(Validator::with_ports(config, ports)?)
}

/// The path of an issuer.
fn path_of(case: &Case) -> &str {
    let rest = case.issuer.split_once("://").map_or("", |(_, rest)| rest);
    rest.find('/').and_then(|slash| rest.get(slash..)).unwrap_or_default()
}

fn status(validator: &Validator) -> Result<Value, Broken> {
    let status: Value = serde_json::from_str(&validator.status_json())?;
    let first = status.pointer("/issuers/0");
    Ok(first.and_then(|entry| entry.get("introspection")).ok_or("no introspection in the status")?.clone())
}

/// Waits for what is asked meanwhile. What came back takes a moment to be taken over.
fn settle(world: &World) -> Result<(), Broken> {
    for _ in 0..5_000 {
        thread::sleep(Duration::from_millis(2));
        if world.under_way.load(Ordering::SeqCst) == 0 {
            thread::sleep(Duration::from_millis(10));
            if world.under_way.load(Ordering::SeqCst) == 0 {
                return Ok(());
            }
        }
    }
    Err("a request does not end".into())
}
