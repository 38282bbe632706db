//! The claims of a token, written in one order.

use serde_json::value::RawValue;

use crate::claims::{Claim, Forms, MOST_AUDIENCES, MOST_SCOPES, Writer};
use crate::encoding::base64url;
use crate::encoding::json::{self, Limits, Value};
use crate::error::{Error, ErrorCode, Result};
use crate::minter::MintRequest;
use crate::minter::audience::Target;
use crate::profile::{GROUNDS, Profile};

/// Everything that a token says.
pub(super) struct Facts<'a, 't> {
    pub(super) issuer: &'a str,
    pub(super) subject: &'a str,
    pub(super) target: &'a Target<'t>,
    pub(super) issued: i64,
    pub(super) expires: i64,
    pub(super) identifier: &'a str,
    pub(super) request: &'a MintRequest,
}

pub(super) fn write(facts: &Facts<'_, '_>) -> Result<String> {
    let request = facts.request;
    let dialect = facts.target.api.dialect;
    let rfc9068 = dialect.profile() == Profile::Rfc9068;
    let mut out = Writer::new();
    out.string(Claim::Iss, facts.issuer);
    out.string(Claim::Sub, facts.subject);
    match facts.target.audience.as_slice() {
        [only] => out.string(Claim::Aud, only),
        several => out.strings(Claim::Aud, several),
    }
    out.string(if rfc9068 { Claim::ClientId } else { Claim::Azp }, &request.client_id);
    out.number(Claim::Exp, facts.expires);
    out.number(Claim::Iat, facts.issued);
    if request.jti.as_deref() == Some("") {
        return Err(Error::of_claim(ErrorCode::ArgumentInvalid, Claim::Jti.name()));
    }
    if rfc9068 {
        out.string(Claim::Jti, facts.identifier);
    }
    if let Some(scope) = request.scope.as_deref().filter(|scope| !scope.is_empty()) {
        out.string(Claim::Scope, scope);
    }
    if dialect.carries_permissions() {
        out.strings(Claim::Permissions, request.permissions.as_deref().unwrap_or_default());
    }
    // Judged even where the dialect leaves them out: a wrong request is wrong for every API.
    for (claim, value) in [
        (Claim::Roles, &request.roles),
        (Claim::Groups, &request.groups),
        (Claim::Entitlements, &request.entitlements),
        (Claim::AuthTime, &request.auth_time),
    ] {
        if let Some(value) = judged(claim, value.as_deref())?.filter(|_| rfc9068) {
            out.member(claim.name(), value.text());
        }
    }
    if rfc9068 {
        if let Some(acr) = &request.acr {
            out.string(Claim::Acr, acr);
        }
        if let Some(amr) = &request.amr {
            out.strings(Claim::Amr, amr);
        }
    }
    if let Some(org_id) = &request.org_id {
        out.string(Claim::OrgId, org_id);
    }
    if let Some(org_name) = &request.org_name {
        out.string(Claim::OrgName, org_name);
    }
    for (claim, value) in [
        (Claim::AuthorizationDetails, &request.authorization_details),
        (Claim::Cnf, &request.cnf),
        (Claim::Act, &request.act),
    ] {
        if let Some(value) = judged(claim, value.as_deref())? {
            out.member(claim.name(), value.text());
        }
    }
    if !rfc9068 && matches!(request.grant_type.as_str(), "password" | "refresh_token") {
        out.string(Claim::Gty, &request.grant_type);
    }
    custom(request, rfc9068, &mut out)?;
    within_bounds(facts, &out)?;
    Ok(out.finish())
}

/// A validator would refuse what lies beyond these bounds. What is given as JSON was judged before.
fn within_bounds(facts: &Facts<'_, '_>, claims: &Writer) -> Result<()> {
    let exceeded = [
        (Claim::Aud.name(), facts.target.audience.len() > MOST_AUDIENCES),
        (Claim::Scope.name(), facts.target.scopes > MOST_SCOPES),
        ("claims", claims.len() > Limits::TOKEN.members),
    ];
    match exceeded.into_iter().find(|(_, exceeded)| *exceeded) {
        Some((claim, _)) => Err(Error::of_claim(ErrorCode::ArgumentInvalid, claim)),
        None => Ok(()),
    }
}

/// A value as it was given, which must be of the claim's type.
fn judged(claim: Claim, value: Option<&RawValue>) -> Result<Option<Value<'_>>> {
    let Some(raw) = value else { return Ok(None) };
    let value = Value::of_checked(raw.get());
    let good = claim.kind(Forms::default()).judge(value).is_ok() && (claim != Claim::Cnf || binds(value));
    if !good {
        return Err(Error::of_claim(ErrorCode::ArgumentInvalid, claim.name()));
    }
    strict(raw, Limits { depth: Limits::TOKEN.depth - 1, ..Limits::TOKEN })?;
    Ok(Some(value))
}

/// JSON that a validator would read.
fn strict(value: &RawValue, limits: Limits) -> Result<()> {
    json::check(value.get(), limits).map(drop).map_err(|_| Error::of_claim(ErrorCode::ArgumentInvalid, "claims"))
}

/// Whether a confirmation names a certificate or key in the form of a SHA-256; bound otherwise, or
/// to nothing that could ever match, the token would be refused everywhere.
fn binds(cnf: Value<'_>) -> bool {
    let mut understood = ["x5t#S256", "jkt"].into_iter().filter_map(|name| cnf.member(name)?.string()).peekable();
    understood.peek().is_some() && understood.all(|thumbprint| base64url::is_canonical(&thumbprint, 32))
}

/// Custom claims, which can touch nothing that the profiles own.
fn custom(request: &MintRequest, rfc9068: bool, out: &mut Writer) -> Result<()> {
    let Some(claims) = &request.claims else { return Ok(()) };
    strict(claims, Limits::TOKEN)?;
    let members = Value::of_checked(claims.get()).members();
    for (name, value) in members.ok_or_else(|| Error::of_claim(ErrorCode::ArgumentInvalid, "claims"))? {
        let owned = Claim::named(&name).filter(|claim| claim.is_minted()).map(Claim::name);
        // A token typed `JWT` with one of these would be taken for another kind.
        let ground = GROUNDS.iter().copied().find(|ground| *ground == name && !rfc9068);
        if let Some(reserved) = owned.or(ground) {
            return Err(Error::of_claim(ErrorCode::ClaimReserved, reserved));
        }
        out.member(&name, value.text());
    }
    Ok(())
}
