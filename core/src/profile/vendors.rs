//! Profiles of issuers whose access tokens do not follow RFC 9068 yet.
//!
//! Each table follows what the issuer documents and what its tokens look like; the sources stand
//! beside it. What a table does not say is judged as for every profile.

use super::{GROUNDS, Marker, Rules};
use crate::claims::{Claim, Forms};
use crate::error::Kind;

/// Keycloak: `org.keycloak.representations.JsonWebToken` and `TokenUtil` of its sources. The claim
/// `typ` is `Bearer`, or `DPoP` for a bound token; `ID`, `Refresh`, `Offline` and `Logout` are
/// other kinds. Access tokens may repeat the `nonce` of the request, so that it tells nothing.
pub(super) const KEYCLOAK: Rules = Rules {
    media_type: Some("jwt"),
    client: Claim::Azp,
    scope: Claim::Scope,
    own: &[Claim::Azp, Claim::Typ],
    forms: Forms { single_detail: false, scope_list: false },
    required: &[Claim::Iss, Claim::Exp, Claim::Aud, Claim::Sub, Claim::Azp, Claim::Iat, Claim::Jti, Claim::Typ],
    audience: true,
    marker: Some(Marker {
        claim: Claim::Typ,
        accepted: &["Bearer", "DPoP"],
        others: &[("ID", Kind::IdToken), ("Logout", Kind::LogoutToken)],
    }),
    grounds: &["at_hash", "c_hash", "events", "token_introspection", "htm"],
    client_audience_tells: false,
    source: "at9068",
};

/// Okta, custom authorization servers: "Access tokens" and "ID tokens" of its API reference. The
/// header has `alg` and `kid` only. ID tokens have no `cid`.
pub(super) const OKTA: Rules = Rules {
    media_type: None,
    client: Claim::Cid,
    scope: Claim::Scp,
    own: &[Claim::Cid, Claim::Scp],
    forms: Forms { single_detail: false, scope_list: true },
    required: &[Claim::Iss, Claim::Exp, Claim::Aud, Claim::Sub, Claim::Cid, Claim::Iat, Claim::Jti],
    audience: true,
    marker: None,
    grounds: GROUNDS,
    client_audience_tells: true,
    source: "at9068",
};

/// Microsoft Entra ID: "Access token claims reference" of the Microsoft identity platform, version
/// 2.0, which the claim `ver` says. ID tokens have neither `azp` nor `scp`; tokens of version 1.0
/// name the client in `appid` and are not of this profile.
pub(super) const ENTRA: Rules = Rules {
    media_type: Some("jwt"),
    client: Claim::Azp,
    scope: Claim::Scp,
    own: &[Claim::Azp, Claim::Scp, Claim::Tid, Claim::Ver],
    forms: Forms { single_detail: false, scope_list: false },
    required: &[
        Claim::Iss,
        Claim::Exp,
        Claim::Aud,
        Claim::Sub,
        Claim::Azp,
        Claim::Iat,
        Claim::Nbf,
        Claim::Tid,
        Claim::Ver,
    ],
    audience: true,
    marker: None,
    grounds: GROUNDS,
    client_audience_tells: true,
    source: "at9068",
};

/// Amazon Cognito: "Understanding the access token" of its developer guide. The header has `alg` and
/// `kid` only; `token_use` is `access`, in ID tokens `id`. There is no
/// `aud`; a token that has one all the same is held to it.
pub(super) const COGNITO: Rules = Rules {
    media_type: None,
    client: Claim::ClientId,
    scope: Claim::Scope,
    own: &[Claim::ClientId, Claim::TokenUse],
    forms: Forms { single_detail: false, scope_list: false },
    required: &[Claim::Iss, Claim::Exp, Claim::Sub, Claim::ClientId, Claim::Iat, Claim::Jti, Claim::TokenUse],
    audience: false,
    marker: Some(Marker { claim: Claim::TokenUse, accepted: &["access"], others: &[("id", Kind::IdToken)] }),
    grounds: GROUNDS,
    client_audience_tells: false,
    source: "at9068",
};
