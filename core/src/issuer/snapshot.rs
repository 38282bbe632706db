//! Keys at hand as a text, from which another process starts.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::config;
use crate::encoding::json;
use crate::error::{Error, ErrorCode, Result};
use crate::issuer::lifecycle::{Held, RemoteKeys};
use crate::issuer::settings::Settings;
use crate::issuer::source::Source;
use crate::key::KeySet;
use crate::time::Millis;

const VERSION: u32 = 1;
const MOST_KEYS: usize = 256;
const LONGEST_LIFETIME: u32 = 86_400_000;

/// Keys of a snapshot, and whose they are.
#[derive(Clone)]
pub(super) struct Restored {
    issuer: String,
    origin: String,
    pub(super) held: Held,
}

impl Restored {
    /// Whether the keys are those of a source.
    pub(super) fn is_of(&self, source: &Source) -> bool {
        self.issuer == source.issuer && self.origin == source.describe()
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Snapshot {
    version: u32,
    #[serde(deserialize_with = "crate::config::objects")]
    issuers: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    issuer: String,
    /// Where the keys come from, as the source describes itself.
    origin: String,
    jwks_uri: String,
    etag: Option<String>,
    /// Milliseconds since the epoch.
    fetched_at: Millis,
    /// Milliseconds.
    lifetime: u32,
    jwks: Box<RawValue>,
}

pub(super) fn write(list: &[Arc<RemoteKeys>]) -> String {
    let mut out = format!("{{\"version\":{VERSION},\"issuers\":[");
    let mut first = true;
    for keys in list {
        let Some(held) = keys.held() else { continue };
        out.push_str(if first { "{" } else { ",{" });
        first = false;
        let texts = [
            ("issuer", Some(keys.source().issuer.as_str())),
            ("origin", Some(&*keys.source().describe())),
            ("jwks_uri", Some(held.url.as_str())),
            ("etag", held.etag.as_deref()),
        ]
        .map(|(name, text)| (name, text.map(str::to_owned)));
        for (name, text) in texts {
            out.push_str(&format!("\"{name}\":"));
            match text {
                Some(text) => json::write_string(&text, &mut out),
                None => out.push_str("null"),
            }
            out.push(',');
        }
        let lifetime = held.stale - held.fetched;
        out.push_str(&format!("\"fetched_at\":{},\"lifetime\":{lifetime},\"jwks\":", held.fetched));
        out.push_str(&held.keys.to_json());
        out.push('}');
    }
    out.push_str("]}");
    out
}

pub(super) fn read(text: &str, settings: &Settings) -> Result<Vec<Restored>> {
    let invalid = |detail| Error::with_detail(ErrorCode::ArgumentInvalid, detail);
    let snapshot: Snapshot = config::read(text, ErrorCode::ArgumentInvalid)?;
    if snapshot.version != VERSION {
        return Err(invalid("a snapshot of another version"));
    }
    let restored = snapshot.issuers.into_iter().map(|entry| {
        let url = settings.url(&entry.jwks_uri).ok_or_else(|| invalid("jwks_uri is no URL of keys"))?;
        let keys = KeySet::from_fetched(entry.jwks.get(), MOST_KEYS).ok().flatten();
        let keys = keys.filter(|keys| !keys.is_empty()).ok_or_else(|| invalid("jwks is no key set"))?;
        if entry.fetched_at < 0 || entry.lifetime > LONGEST_LIFETIME {
            return Err(invalid("a time that cannot be"));
        }
        let lifetime = Millis::from(entry.lifetime);
        let held = Held::new(keys, 1, entry.fetched_at, lifetime, settings.max_stale, url, entry.etag);
        Ok(Restored { issuer: entry.issuer, origin: entry.origin, held })
    });
    restored.collect()
}
