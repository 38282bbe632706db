//! What a token that is no access token appears to be (RFC 8725 §3.11, §3.12).

use crate::claims::{Claim, Claims};
use crate::error::Kind;

/// What a token that is of no accepted type appears to be.
pub(crate) fn apparent_kind(typ: Option<&str>, claims: &Claims) -> Option<Kind> {
    const TYPES: [(&str, Kind); 7] = [
        ("at+jwt", Kind::AccessToken),
        ("dpop+jwt", Kind::DpopProof),
        ("logout+jwt", Kind::LogoutToken),
        ("token-introspection+jwt", Kind::IntrospectionResponse),
        ("secevent+jwt", Kind::SecurityEvent),
        ("oauth-authz-req+jwt", Kind::RequestObject),
        ("client-authentication+jwt", Kind::ClientAssertion),
    ];
    let bare = bare_media_type(typ.unwrap_or_default());
    if let Some((_, kind)) = TYPES.iter().find(|(name, _)| bare.eq_ignore_ascii_case(name)) {
        return Some(*kind);
    }
    let for_client = || claims.is_meant_for_client(Claim::Azp) || claims.is_meant_for_client(Claim::ClientId);
    kind_by_telltales(claims)
        .or_else(|| claims.speaks_of_itself().then_some(Kind::ClientAssertion))
        .or_else(|| for_client().then_some(Kind::IdToken))
}

/// Claims that only tokens of other kinds have.
pub(crate) fn kind_by_telltales(claims: &Claims) -> Option<Kind> {
    const LOGOUT: &str = "http://schemas.openid.net/event/backchannel-logout";
    if let Some(events) = claims.get("events") {
        let logout = events.member(LOGOUT).is_some();
        return Some(if logout { Kind::LogoutToken } else { Kind::SecurityEvent });
    }
    const TELLTALES: [(&str, Kind); 8] = [
        ("token_introspection", Kind::IntrospectionResponse),
        ("htm", Kind::DpopProof),
        ("htu", Kind::DpopProof),
        ("response_type", Kind::RequestObject),
        ("redirect_uri", Kind::RequestObject),
        ("nonce", Kind::IdToken),
        ("at_hash", Kind::IdToken),
        ("c_hash", Kind::IdToken),
    ];
    TELLTALES.iter().find(|(name, _)| claims.has(name)).map(|(_, kind)| *kind)
}

/// A media type without `application/`, which may be left out (RFC 7515 §4.1.9).
pub(crate) fn bare_media_type(typ: &str) -> &str {
    const PREFIX: &str = "application/";
    match typ.split_at_checked(PREFIX.len()) {
        Some((prefix, rest)) if prefix.eq_ignore_ascii_case(PREFIX) => rest,
        _ => typ,
    }
}
