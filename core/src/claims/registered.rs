//! The registered claims of access tokens.

use crate::claims::Type;

/// A claim that this product knows by name (RFC 7519 §4.1, RFC 9068 §2.2, RFC 8693 §4, RFC 9396
/// §9.1, RFC 7800 §3.1 and the claims of the Auth0 profile).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Claim {
    Iss,
    Sub,
    Aud,
    ClientId,
    Azp,
    Exp,
    Nbf,
    Iat,
    Jti,
    Scope,
    Permissions,
    Roles,
    Groups,
    Entitlements,
    AuthTime,
    Acr,
    Amr,
    OrgId,
    OrgName,
    AuthorizationDetails,
    Cnf,
    Act,
    Gty,
}

impl Claim {
    pub(crate) const ALL: &'static [Self] = &[
        Self::Iss,
        Self::Sub,
        Self::Aud,
        Self::ClientId,
        Self::Azp,
        Self::Exp,
        Self::Nbf,
        Self::Iat,
        Self::Jti,
        Self::Scope,
        Self::Permissions,
        Self::Roles,
        Self::Groups,
        Self::Entitlements,
        Self::AuthTime,
        Self::Acr,
        Self::Amr,
        Self::OrgId,
        Self::OrgName,
        Self::AuthorizationDetails,
        Self::Cnf,
        Self::Act,
        Self::Gty,
    ];

    /// Claims whose type is judged in every token, whatever its profile, in the order in which
    /// they are judged. The client's claim and `gty` depend on the profile; roles, groups,
    /// entitlements and authorization details are judged when they are asked for.
    pub(crate) const JUDGED: &'static [Self] = &[
        Self::Iss,
        Self::Sub,
        Self::Aud,
        Self::Exp,
        Self::Nbf,
        Self::Iat,
        Self::Jti,
        Self::Scope,
        Self::Permissions,
        Self::AuthTime,
        Self::Acr,
        Self::Amr,
        Self::OrgId,
        Self::OrgName,
        Self::Cnf,
        Self::Act,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Iss => "iss",
            Self::Sub => "sub",
            Self::Aud => "aud",
            Self::ClientId => "client_id",
            Self::Azp => "azp",
            Self::Exp => "exp",
            Self::Nbf => "nbf",
            Self::Iat => "iat",
            Self::Jti => "jti",
            Self::Scope => "scope",
            Self::Permissions => "permissions",
            Self::Roles => "roles",
            Self::Groups => "groups",
            Self::Entitlements => "entitlements",
            Self::AuthTime => "auth_time",
            Self::Acr => "acr",
            Self::Amr => "amr",
            Self::OrgId => "org_id",
            Self::OrgName => "org_name",
            Self::AuthorizationDetails => "authorization_details",
            Self::Cnf => "cnf",
            Self::Act => "act",
            Self::Gty => "gty",
        }
    }

    pub(crate) fn of_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|claim| claim.name() == name)
    }

    /// The type of its value; `single_detail` where the profile allows one authorization detail
    /// outside of an array.
    pub(crate) fn kind(self, single_detail: bool) -> Type {
        match self {
            Self::Sub | Self::ClientId | Self::Azp | Self::Jti => Type::Identifier,
            Self::Iss | Self::Acr | Self::OrgId | Self::OrgName => Type::Text,
            Self::Exp | Self::Nbf | Self::Iat | Self::AuthTime => Type::Date,
            Self::Aud => Type::Audience,
            Self::Scope => Type::Scope,
            Self::Permissions | Self::Amr => Type::Texts,
            Self::Roles | Self::Groups | Self::Entitlements => Type::Attributes,
            Self::AuthorizationDetails => Type::Details { single: single_detail },
            Self::Cnf => Type::Confirmation,
            Self::Act => Type::Actor,
            Self::Gty => Type::TextOrTexts,
        }
    }
}
