//! The documents of an issuer, with what a behaviour changes of them.

use serde_json::{Value, json};

use crate::behaviour::Behaviour;
use crate::keys::Keys;
use crate::patch::patch;
use crate::place::{Document, Place};
use crate::poison::Stranger;

/// The metadata, with what the behaviour replaces.
pub(crate) fn metadata(document: Document, place: &Place<'_>, behaviour: &Behaviour) -> String {
    let base = format!("{}{}", place.origin, place.path);
    let mut metadata = json!({
        "issuer": place.issuer(),
        "authorization_endpoint": format!("{base}/authorize"),
        "token_endpoint": format!("{base}/token"),
        "jwks_uri": place.url(Document::Jwks),
        "introspection_endpoint": place.url(Document::Introspection),
        "response_types_supported": ["code"],
        "grant_types_supported": ["authorization_code", "client_credentials", "refresh_token"],
        "code_challenge_methods_supported": ["S256"],
    });
    if let Value::Object(members) = &mut metadata {
        if document == Document::Openid {
            members.insert("subject_types_supported".to_owned(), json!(["public"]));
            members.insert("id_token_signing_alg_values_supported".to_owned(), json!(["RS256", "ES256"]));
        }
        let changes = behaviour.metadata.iter().map(|(name, value)| {
            let filled = value.as_str().map(|text| place.fill(text).into());
            (name.clone(), filled.unwrap_or_else(|| value.clone()))
        });
        patch(members, changes.collect());
    }
    metadata.to_string()
}

/// The key set, with what the behaviour puts beside the issuer's own keys.
pub(crate) fn key_set(keys: &Keys, stranger: &Stranger, behaviour: &Behaviour) -> String {
    let own_kid = keys.get(None).ok().and_then(|key| key.kid()).unwrap_or_default();
    let good =
        |from: u32, count: u32| (from..from.saturating_add(count)).map(|n| stranger.entry(&format!("other-{n}")));
    let mut entries: Vec<String> = good(0, behaviour.keys_before).collect();
    entries.extend(behaviour.poison_before.iter().map(|poison| poison.entry(stranger, own_kid)));
    entries.extend(keys.published());
    entries.extend(behaviour.poison_after.iter().map(|poison| poison.entry(stranger, own_kid)));
    entries.extend(good(behaviour.keys_before, behaviour.keys_after));
    format!("{{\"keys\":[{}]}}", entries.join(","))
}
