//! The list as a text.

use serde::Deserialize;

use crate::encoding::base64url;
use crate::error::{Error, ErrorCode, Result};
use crate::revocation::table::{Digest, Entry, Table};

const VERSION: u32 = 1;
/// Digest and two times.
const ENTRY_OCTETS: usize = 32;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Snapshot<'a> {
    version: u32,
    /// Which kinds of identifiers there are.
    present: u8,
    /// Entries, one behind the other, in base64url.
    entries: &'a str,
}

pub(super) fn write(table: &Table, present: u8) -> String {
    let mut octets = Vec::with_capacity(table.len() * ENTRY_OCTETS);
    table.for_each(|entry| {
        octets.extend_from_slice(&entry.digest.to_be_bytes());
        octets.extend_from_slice(&entry.before.to_be_bytes());
        octets.extend_from_slice(&entry.until.to_be_bytes());
    });
    format!("{{\"version\":{VERSION},\"present\":{present},\"entries\":\"{}\"}}", base64url::encode(octets))
}

pub(super) fn read(text: &str) -> Result<(u8, Vec<Entry>)> {
    let invalid = || Error::with_detail(ErrorCode::ArgumentInvalid, "no snapshot of revocations of this version");
    let snapshot: Snapshot<'_> = serde_json::from_str(text).map_err(|_| invalid())?;
    let octets = base64url::decode(snapshot.entries.as_bytes()).ok_or_else(invalid)?;
    let (entries, rest) = octets.as_chunks::<ENTRY_OCTETS>();
    if snapshot.version != VERSION || !rest.is_empty() {
        return Err(invalid());
    }
    Ok((snapshot.present, entries.iter().map(entry).collect()))
}

fn entry(octets: &[u8; ENTRY_OCTETS]) -> Entry {
    let mut words = octets.as_chunks::<8>().0.iter().copied();
    let mut word = || words.next().unwrap_or_default();
    let digest = Digest::from(u64::from_be_bytes(word())) << 64 | Digest::from(u64::from_be_bytes(word()));
    Entry { digest, before: i64::from_be_bytes(word()), until: i64::from_be_bytes(word()) }
}
