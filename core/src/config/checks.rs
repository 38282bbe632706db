//! What several configurations have in common, checked alike.

use crate::algorithm::{Algorithm, AlgorithmSet};
use crate::config::invalid;
use crate::encoding::base64url;
use crate::error::Result;
use crate::jws::LARGEST_TOKEN;

/// Seconds by which clocks may differ unless the operator says otherwise.
pub(crate) const DEFAULT_LEEWAY: i64 = 30;
const MOST_LEEWAY: u32 = 300;
const MOST_TOKEN_BYTES: u32 = 65_536;

pub(crate) fn algorithms(given: Option<&[Algorithm]>) -> Result<Option<AlgorithmSet>> {
    if given.is_some_and(<[_]>::is_empty) {
        return Err(invalid("algorithms is empty"));
    }
    Ok(given.map(|list| list.iter().copied().collect()))
}

pub(crate) fn leeway(given: Option<u32>) -> Result<Option<i64>> {
    if given.is_some_and(|seconds| seconds > MOST_LEEWAY) {
        return Err(invalid("leeway_seconds is more than 300"));
    }
    Ok(given.map(i64::from))
}

pub(crate) fn lifetime(given: Option<u32>) -> Result<Option<i64>> {
    if given == Some(0) {
        return Err(invalid("max_lifetime_seconds is 0"));
    }
    Ok(given.map(i64::from))
}

pub(crate) fn thumbprints(given: Option<&[String]>) -> Result<Vec<String>> {
    match given {
        Some([]) => Err(invalid("key_thumbprints is empty")),
        Some(list) if !list.iter().all(|text| base64url::is_canonical(text, 32)) => {
            Err(invalid("key_thumbprints has an entry that is no SHA-256 thumbprint"))
        }
        given => Ok(given.unwrap_or_default().to_vec()),
    }
}

/// The largest token that is looked at, in octets.
pub(crate) fn token_bytes(given: Option<u32>) -> Result<usize> {
    match given.unwrap_or(LARGEST_TOKEN) {
        bytes @ 1..=MOST_TOKEN_BYTES => Ok(bytes as usize),
        _ => Err(invalid("max_token_bytes is not within 1 to 65536")),
    }
}
