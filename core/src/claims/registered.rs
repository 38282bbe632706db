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
    // From here on: claims of the profiles of vendors.
    Cid,
    Scp,
    Tid,
    TokenUse,
    Typ,
    Ver,
    // From here on: claims of ID tokens and of sessions.
    Nonce,
    AtHash,
    CHash,
    SHash,
    Sid,
}

impl Claim {
    /// How many there are.
    pub(crate) const COUNT: usize = Self::Sid as usize + 1;

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
            Self::Cid => "cid",
            Self::Scp => "scp",
            Self::Tid => "tid",
            Self::TokenUse => "token_use",
            Self::Typ => "typ",
            Self::Ver => "ver",
            Self::Nonce => "nonce",
            Self::AtHash => "at_hash",
            Self::CHash => "c_hash",
            Self::SHash => "s_hash",
            Self::Sid => "sid",
        }
    }

    pub(crate) fn of_name(name: &str) -> Option<Self> {
        Some(match name {
            "iss" => Self::Iss,
            "sub" => Self::Sub,
            "aud" => Self::Aud,
            "client_id" => Self::ClientId,
            "azp" => Self::Azp,
            "exp" => Self::Exp,
            "nbf" => Self::Nbf,
            "iat" => Self::Iat,
            "jti" => Self::Jti,
            "scope" => Self::Scope,
            "permissions" => Self::Permissions,
            "roles" => Self::Roles,
            "groups" => Self::Groups,
            "entitlements" => Self::Entitlements,
            "auth_time" => Self::AuthTime,
            "acr" => Self::Acr,
            "amr" => Self::Amr,
            "org_id" => Self::OrgId,
            "org_name" => Self::OrgName,
            "authorization_details" => Self::AuthorizationDetails,
            "cnf" => Self::Cnf,
            "act" => Self::Act,
            "gty" => Self::Gty,
            "cid" => Self::Cid,
            "scp" => Self::Scp,
            "tid" => Self::Tid,
            "token_use" => Self::TokenUse,
            "typ" => Self::Typ,
            "ver" => Self::Ver,
            "nonce" => Self::Nonce,
            "at_hash" => Self::AtHash,
            "c_hash" => Self::CHash,
            "s_hash" => Self::SHash,
            "sid" => Self::Sid,
            _ => return None,
        })
    }

    /// Whether it is one of the two profiles that are minted, so that no custom claim may bear
    /// its name.
    pub(crate) fn is_minted(self) -> bool {
        (self as usize) < Self::Cid as usize
    }

    /// The type of its value, in the forms that a profile allows.
    pub(crate) fn kind(self, forms: Forms) -> Type {
        match self {
            Self::Sub | Self::ClientId | Self::Azp | Self::Jti | Self::Cid | Self::Tid => Type::Identifier,
            Self::Iss | Self::Acr | Self::OrgId | Self::OrgName | Self::TokenUse | Self::Typ => Type::Text,
            Self::Nonce | Self::AtHash | Self::CHash | Self::SHash | Self::Sid => Type::Text,
            Self::Exp | Self::Nbf | Self::Iat | Self::AuthTime => Type::Date,
            Self::Aud => Type::Audience,
            Self::Scope => Type::Scope,
            Self::Scp if forms.scope_list => Type::ScopeList,
            Self::Scp => Type::Scope,
            Self::Permissions | Self::Amr => Type::Texts,
            Self::Roles | Self::Groups | Self::Entitlements => Type::Attributes,
            Self::AuthorizationDetails => Type::Details { single: forms.single_detail },
            Self::Cnf => Type::Confirmation,
            Self::Act => Type::Actor,
            Self::Gty => Type::TextOrTexts,
            Self::Ver => Type::Exactly("2.0"),
        }
    }
}

/// Where profiles differ in the form of one claim.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Forms {
    /// Whether `authorization_details` may also be one object.
    pub(crate) single_detail: bool,
    /// Whether `scp` is an array.
    pub(crate) scope_list: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_go_both_ways() {
        for claim in Claim::JUDGED {
            assert_eq!(Claim::of_name(claim.name()), Some(*claim));
        }
        for name in ["client_id", "azp", "roles", "groups", "entitlements", "authorization_details", "gty"] {
            assert_eq!(Claim::of_name(name).map(Claim::name), Some(name));
        }
        assert_eq!(Claim::of_name("Iss"), None);
        assert_eq!(Claim::COUNT, 34);
        assert!(Claim::Gty.is_minted() && !Claim::Cid.is_minted() && !Claim::Ver.is_minted());
    }
}
