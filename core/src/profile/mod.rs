//! The token profiles, each a small table of what it wants.

mod kind;
mod vendors;

pub(crate) use kind::{apparent_kind, bare_media_type, kind_by_telltales};

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::claims::{Claim, Claims, Forms};
use crate::error::Kind;

/// A profile of access tokens that a validator accepts.
///
/// Besides RFC 9068 and Auth0's older profile, those of issuers that do not follow the standard
/// yet. None is ever accepted unless it is named, and each is as strict as its tokens allow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Profile {
    /// RFC 9068: type `at+jwt`, seven required claims.
    Rfc9068,
    /// Auth0's older profile: type `JWT`, the client in `azp`.
    Auth0,
    /// Keycloak: type `JWT`, the client in `azp`, the kind of token in the claim `typ`.
    Keycloak,
    /// Custom authorization servers of Okta: no type, the client in `cid`, scopes in the array `scp`.
    Okta,
    /// Microsoft Entra ID, version 2.0: type `JWT`, the client in `azp`, scopes in the string `scp`.
    Entra,
    /// Amazon Cognito user pools, whose access tokens name **no audience**: a token that a client
    /// got for one API is accepted by every API that accepts this client. Needs `client_ids`.
    DangerCognitoNoAudience,
}

impl Profile {
    /// Every profile.
    pub const ALL: &'static [Self] =
        &[Self::Rfc9068, Self::Auth0, Self::Keycloak, Self::Okta, Self::Entra, Self::DangerCognitoNoAudience];

    /// The name, as configuration and results have it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Rfc9068 => "rfc9068",
            Self::Auth0 => "auth0",
            Self::Keycloak => "keycloak",
            Self::Okta => "okta",
            Self::Entra => "entra",
            Self::DangerCognitoNoAudience => "danger_cognito_no_audience",
        }
    }

    pub(crate) fn rules(self) -> &'static Rules {
        match self {
            Self::Rfc9068 => &RFC9068,
            Self::Auth0 => &AUTH0,
            Self::Keycloak => &vendors::KEYCLOAK,
            Self::Okta => &vendors::OKTA,
            Self::Entra => &vendors::ENTRA,
            Self::DangerCognitoNoAudience => &vendors::COGNITO,
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
    /// (RFC 7515 §4.1.9); compared without regard to ASCII case. `None` where tokens of this
    /// profile have no type at all, and must not.
    pub(crate) media_type: Option<&'static str>,
    /// The claim that names the client.
    pub(crate) client: Claim,
    /// The claim that holds the scopes.
    pub(crate) scope: Claim,
    /// Claims whose types are judged besides those that every profile has.
    pub(crate) own: &'static [Claim],
    /// The forms of claims in which it differs from others.
    pub(crate) forms: Forms,
    /// Claims that must be there, in the order in which they are missed.
    pub(crate) required: &'static [Claim],
    /// Whether its tokens name an audience.
    pub(crate) audience: bool,
    /// The claim by which the issuer itself says what kind of token it is.
    pub(crate) marker: Option<Marker>,
    /// Claims on whose account a token is no access token. None where the type decides.
    pub(crate) grounds: &'static [&'static str],
    /// Whether a token for the client itself is an ID token.
    pub(crate) client_audience_tells: bool,
    /// Where its rules come from.
    pub(crate) source: &'static str,
}

/// A claim that names the kind of a token.
pub(crate) struct Marker {
    pub(crate) claim: Claim,
    /// Its values in access tokens.
    pub(crate) accepted: &'static [&'static str],
    /// What other values stand for.
    pub(crate) others: &'static [(&'static str, Kind)],
}

/// Claims that tell other kinds apart where the type is shared by many. A minter keeps away from
/// them.
pub(crate) const GROUNDS: &[&str] = &["nonce", "at_hash", "c_hash", "events", "token_introspection", "htm"];

const RFC9068: Rules = Rules {
    media_type: Some("at+jwt"),
    client: Claim::ClientId,
    scope: Claim::Scope,
    own: &[Claim::ClientId],
    forms: Forms { single_detail: false, scope_list: false },
    required: &[Claim::Iss, Claim::Exp, Claim::Aud, Claim::Sub, Claim::ClientId, Claim::Iat, Claim::Jti],
    audience: true,
    marker: None,
    grounds: &[],
    client_audience_tells: false,
    source: "RFC 9068 §2.2",
};

const AUTH0: Rules = Rules {
    media_type: Some("jwt"),
    client: Claim::Azp,
    scope: Claim::Scope,
    own: &[Claim::Azp, Claim::Gty],
    forms: Forms { single_detail: true, scope_list: false },
    required: &[Claim::Iss, Claim::Sub, Claim::Aud, Claim::Azp, Claim::Exp, Claim::Iat],
    audience: true,
    marker: None,
    grounds: GROUNDS,
    client_audience_tells: true,
    source: "at9068",
};

impl Rules {
    /// Whether a header's type is that of the profile; `None` for a header that states none.
    pub(crate) fn has_type(&self, typ: Option<&str>) -> bool {
        match (self.media_type, typ) {
            (Some(own), Some(typ)) => bare_media_type(typ).eq_ignore_ascii_case(own),
            (None, None) => true,
            _ => false,
        }
    }

    /// Whether a token of this profile's type is really of another kind, and which, where it tells.
    pub(crate) fn other_kind(&self, claims: &Claims) -> Option<Option<Kind>> {
        if self.grounds.iter().any(|name| claims.has(name)) {
            return Some(kind_by_telltales(claims));
        }
        if let Some(marker) = &self.marker
            && let Some(value) = claims.string(marker.claim)
            && !marker.accepted.contains(&value)
        {
            return Some(marker.others.iter().find(|(name, _)| *name == value).map(|(_, kind)| *kind));
        }
        let for_client = self.client_audience_tells && claims.is_meant_for_client(self.client);
        for_client.then_some(Some(Kind::IdToken))
    }
}
