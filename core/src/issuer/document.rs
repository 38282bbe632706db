//! What fetched documents say: metadata and key sets.

use crate::encoding::json::{Limits, Object};
use crate::issuer::failure::Failure;
use crate::key::KeySet;
use crate::ports::FetchResponse;

/// The most keys of a set.
const MOST_KEYS: usize = 256;

/// What is needed of an issuer's metadata (RFC 8414 §2, OpenID Connect Discovery §3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Metadata {
    pub(super) issuer: String,
    pub(super) jwks_uri: String,
}

/// Reads metadata; `None` where the document is not there.
pub(super) fn metadata(response: &FetchResponse) -> Result<Option<Metadata>, Failure> {
    if matches!(response.status, 404 | 410) {
        return Ok(None);
    }
    let text = body(response)?;
    let object = Object::parse(text, Limits::CONFIG).map_err(|_| Failure::MetadataMalformed)?;
    let member = |name| object.string(name).map(str::to_owned).ok_or(Failure::MetadataMalformed);
    Ok(Some(Metadata { issuer: member("issuer")?, jwks_uri: member("jwks_uri")? }))
}

/// Reads a key set.
pub(super) fn keys(response: &FetchResponse) -> Result<KeySet, Failure> {
    let set = KeySet::from_fetched(body(response)?, MOST_KEYS).map_err(|_| Failure::KeysMalformed)?;
    match set {
        None => Err(Failure::TooManyKeys),
        Some(set) if set.is_empty() => Err(Failure::NoUsableKey),
        Some(set) => Ok(set),
    }
}

/// The text of a response that holds JSON.
fn body(response: &FetchResponse) -> Result<&str, Failure> {
    match response.status {
        200 => {}
        300..=399 => return Err(Failure::Redirect),
        _ => return Err(Failure::Status),
    }
    let encoded = response.fields("content-encoding").any(|coding| !coding.eq_ignore_ascii_case("identity"));
    if encoded || !response.fields("content-type").all(is_json) {
        return Err(Failure::ContentType);
    }
    std::str::from_utf8(&response.body).map_err(|_| Failure::ContentType)
}

/// `application/json`, or anything that ends in `+json` (RFC 6839 §3.1).
fn is_json(content_type: &str) -> bool {
    let media_type = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    media_type == "application/json" || (media_type.starts_with("application/") && media_type.ends_with("+json"))
}
