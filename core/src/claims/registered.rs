//! The registered claims of access tokens.

use crate::claims::Type;
use crate::encoding::json::Mark;

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

    /// All of them, in their order.
    const ALL: [Self; Self::COUNT] = [
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
        Self::Cid,
        Self::Scp,
        Self::Tid,
        Self::TokenUse,
        Self::Typ,
        Self::Ver,
        Self::Nonce,
        Self::AtHash,
        Self::CHash,
        Self::SHash,
        Self::Sid,
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

    pub(crate) const fn name(self) -> &'static str {
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

    /// The claim of a name.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::of_mark(Mark::of(name), || Some(name))
    }

    /// The same, where the mark is known; the name itself is asked for only if that does not tell all.
    #[inline]
    pub(crate) fn of_mark<'a>(mark: Mark, name: impl Fn() -> Option<&'a str>) -> Option<Self> {
        let mut slot = mark.hashed(SLOT_BITS);
        loop {
            let place = usize::from(*SLOTS.get(slot)?);
            if *MARKS.get(place)? == mark {
                let claim = *Self::ALL.get(place)?;
                if mark.is_whole() || name() == Some(claim.name()) {
                    return Some(claim);
                }
            }
            slot = (slot + 1) % SLOTS.len();
        }
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

/// The marks of the names, in the order of the claims.
#[expect(clippy::indexing_slicing, reason = "what is out of bounds in a constant does not compile")]
const MARKS: [Mark; Claim::COUNT] = {
    let mut marks = [Mark::of(""); Claim::COUNT];
    let mut place = 0;
    while place < Claim::COUNT {
        marks[place] = Mark::of(Claim::ALL[place].name());
        place += 1;
    }
    marks
};

/// A table of a few times as many slots as there are claims.
const SLOT_BITS: u32 = 7;

/// A slot without a claim, behind which none is that should have been there.
const EMPTY: u8 = u8::MAX;

/// Where in the order the claim is whose mark belongs into a slot, or into one before it that was taken.
#[expect(clippy::indexing_slicing, reason = "what is out of bounds in a constant does not compile")]
const SLOTS: [u8; 1 << SLOT_BITS] = {
    let mut slots = [EMPTY; 1 << SLOT_BITS];
    let mut place = 0;
    while place < Claim::COUNT {
        let mut slot = MARKS[place].hashed(SLOT_BITS);
        while slots[slot] != EMPTY {
            slot = (slot + 1) % slots.len();
        }
        slots[slot] = place as u8;
        place += 1;
    }
    slots
};

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
        for (place, claim) in Claim::ALL.iter().enumerate() {
            assert_eq!(*claim as usize, place);
            assert_eq!(Claim::named(claim.name()), Some(*claim));
        }
        for name in ["Iss", "", "is", "isss", "authorization_detailz", "client_ie", "unknown", "a_longer_name"] {
            assert_eq!(Claim::named(name), None, "{name}");
        }
        assert_eq!(Claim::COUNT, 34);
        assert!(Claim::Gty.is_minted() && !Claim::Cid.is_minted() && !Claim::Ver.is_minted());
    }
}
