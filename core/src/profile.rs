//! The token profiles, each a small table of what it wants.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::claims::{Claim, Claims};
use crate::error::Kind;

/// A profile of access tokens that a validator accepts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Profile {
    /// RFC 9068: type `at+jwt`, seven required claims.
    Rfc9068,
    /// Auth0's older profile: type `JWT`, the client in `azp`.
    Auth0,
}

impl Profile {
    /// The name, as configuration and results have it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Rfc9068 => "rfc9068",
            Self::Auth0 => "auth0",
        }
    }

    pub(crate) fn rules(self) -> &'static Rules {
        match self {
            Self::Rfc9068 => &RFC9068,
            Self::Auth0 => &AUTH0,
        }
    }
}

impl fmt::Display for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What a profile wants of a token.
pub(crate) struct Rules {
    /// The media type without `application/`, which a token may have before it
    /// (RFC 7515 §4.1.9); compared without regard to ASCII case.
    pub(crate) media_type: &'static str,
    /// The claim that names the client.
    pub(crate) client: Claim,
    /// Claims that must be there, in the order in which they are missed.
    pub(crate) required: &'static [Claim],
    /// Claims whose type is judged besides those that every profile has.
    pub(crate) own: &'static [Claim],
    /// Whether `authorization_details` may also be one object.
    pub(crate) single_detail: bool,
    /// Whether telltale claims show that a token is of another kind: so where the type alone,
    /// shared by many kinds, does not.
    pub(crate) telltales: bool,
}

const RFC9068: Rules = Rules {
    media_type: "at+jwt",
    client: Claim::ClientId,
    required: &[Claim::Iss, Claim::Exp, Claim::Aud, Claim::Sub, Claim::ClientId, Claim::Iat, Claim::Jti],
    own: &[Claim::ClientId],
    single_detail: false,
    telltales: false,
};

const AUTH0: Rules = Rules {
    media_type: "jwt",
    client: Claim::Azp,
    required: &[Claim::Iss, Claim::Sub, Claim::Aud, Claim::Azp, Claim::Exp, Claim::Iat],
    own: &[Claim::Azp, Claim::Gty],
    single_detail: true,
    telltales: true,
};

impl Rules {
    pub(crate) fn has_type(&self, typ: &str) -> bool {
        bare_media_type(typ).eq_ignore_ascii_case(self.media_type)
    }

    /// What a token of this profile's type really is, where its claims say another kind.
    pub(crate) fn other_kind(&self, claims: &Claims) -> Option<Kind> {
        if !self.telltales {
            return None;
        }
        if GROUNDS.iter().any(|name| claims.has(name)) {
            return kind_by_telltales(claims);
        }
        claims.is_meant_for_client(self.client).then_some(Kind::IdToken)
    }
}

/// Claims on whose account a token typed `JWT` is no access token. A minter keeps away from them.
pub(crate) const GROUNDS: [&str; 6] = ["nonce", "at_hash", "c_hash", "events", "token_introspection", "htm"];

/// What a token that is of no accepted type appears to be.
pub(crate) fn apparent_kind(typ: Option<&str>, claims: &Claims) -> Option<Kind> {
    const TYPES: [(&str, Kind); 6] = [
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
    if RFC9068.has_type(bare) {
        return None; // an access token, only not of a profile that is accepted here
    }
    let for_client = || claims.is_meant_for_client(Claim::Azp) || claims.is_meant_for_client(Claim::ClientId);
    kind_by_telltales(claims)
        .or_else(|| claims.speaks_of_itself().then_some(Kind::ClientAssertion))
        .or_else(|| for_client().then_some(Kind::IdToken))
}

/// Claims that only tokens of other kinds have.
fn kind_by_telltales(claims: &Claims) -> Option<Kind> {
    const LOGOUT: &str = "http://schemas.openid.net/event/backchannel-logout";
    if let Some(events) = claims.get("events") {
        let logout = events.member(LOGOUT).is_some();
        return Some(if logout { Kind::LogoutToken } else { Kind::SecurityEvent });
    }
    const TELLTALES: [(&str, Kind); 7] = [
        ("token_introspection", Kind::IntrospectionResponse),
        ("htm", Kind::DpopProof),
        ("response_type", Kind::RequestObject),
        ("redirect_uri", Kind::RequestObject),
        ("nonce", Kind::IdToken),
        ("at_hash", Kind::IdToken),
        ("c_hash", Kind::IdToken),
    ];
    TELLTALES.iter().find(|(name, _)| claims.has(name)).map(|(_, kind)| *kind)
}

fn bare_media_type(typ: &str) -> &str {
    const PREFIX: &str = "application/";
    match typ.split_at_checked(PREFIX.len()) {
        Some((prefix, rest)) if prefix.eq_ignore_ascii_case(PREFIX) => rest,
        _ => typ,
    }
}
