//! Where the keys of issuers are in their life, for whoever looks from outside.

use std::sync::Arc;

use crate::encoding::json;
use crate::issuer::lifecycle::{Held, RemoteKeys};
use crate::issuer::source::Place;
use crate::sync::atomic::{AtomicU64, Ordering};
use crate::time::Millis;

/// A JSON object with one entry for each issuer.
pub(crate) fn object_json<'a>(list: impl IntoIterator<Item = &'a Arc<RemoteKeys>>) -> String {
    let entries: Vec<String> = list.into_iter().map(|keys| entry_json(keys)).collect();
    format!("{{\"issuers\":[{}]}}", entries.join(","))
}

pub(crate) fn entry_json(keys: &RemoteKeys) -> String {
    let now = keys.now().ok();
    let held = keys.held();
    let state = match (&held, now) {
        (Some(held), Some(now)) => held.age(now).as_str(),
        _ => "empty",
    };
    let mut out = String::from("{\"issuer\":");
    json::write_string(&keys.source().issuer, &mut out);
    let usable = held.as_ref().map_or(0, |held| held.keys.len());
    out.push_str(&format!(",\"state\":\"{state}\",\"keys\":{usable},\"kids\":"));
    json::write_strings(held.iter().flat_map(|held| held.keys.kids()), &mut out);
    out.push_str(",\"skipped\":[");
    let skipped = held.iter().flat_map(|held| held.keys.skipped());
    let skipped: Vec<String> =
        skipped.map(|entry| format!("{{\"index\":{},\"code\":\"{}\"}}", entry.index, entry.code)).collect();
    out.push_str(&skipped.join(","));
    out.push_str("],\"jwks_uri\":");
    let configured = match &keys.source().place {
        Place::JwksUri(url) => Some(url),
        Place::Metadata(..) => None,
    };
    match held.as_ref().map(|held| &held.url).or(configured) {
        Some(url) => json::write_string(url.as_str(), &mut out),
        None => out.push_str("null"),
    }
    type Time = fn(&Held) -> Millis;
    let times: [(&str, Time, bool); 3] = [
        ("age_seconds", |held| held.fetched, true),
        ("refresh_in_seconds", |held| held.due, false),
        ("expires_in_seconds", |held| held.expires, false),
    ];
    for (name, time, since) in times {
        let span = held.as_ref().zip(now).map(|(held, now)| if since { now - time(held) } else { time(held) - now });
        push_seconds(&mut out, name, span);
    }
    out.push_str(&format!(",\"refreshing\":{},\"last_error\":", keys.is_refreshing()));
    match keys.with_state(|state| state.last_error) {
        Some((failure, at)) => {
            out.push_str(&format!("{{\"code\":\"{}\",\"reason\":\"{}\"", failure.code(), failure.as_str()));
            push_seconds(&mut out, "age_seconds", now.map(|now| now - at));
            out.push('}');
        }
        None => out.push_str("null"),
    }
    out.push_str(",\"counters\":{");
    let counters = &keys.counters;
    let counts: [(&str, &AtomicU64); 8] = [
        ("fetches", &counters.fetches),
        ("refreshes", &counters.refreshes),
        ("unchanged", &counters.unchanged),
        ("failures", &counters.failures),
        ("unknown_kids", &counters.unknown_kids),
        ("bad_signatures", &counters.bad_signatures),
        ("held_back", &counters.held_back),
        ("served_stale", &counters.served_stale),
    ];
    let counts: Vec<String> =
        counts.iter().map(|(name, count)| format!("\"{name}\":{}", count.load(Ordering::Relaxed))).collect();
    out.push_str(&counts.join(","));
    out.push_str("}}");
    out
}

/// Whole seconds, rounded down; what lies behind is 0.
fn push_seconds(out: &mut String, name: &str, span: Option<Millis>) {
    match span {
        Some(span) => out.push_str(&format!(",\"{name}\":{}", span.max(0) / 1000)),
        None => out.push_str(&format!(",\"{name}\":null")),
    }
}
