//! The judgement of an assertion: one order of checks.

use super::MEDIA_TYPE;
use super::assertion::ClientAssertion;
use super::policy::Policy;
use super::validator::ClientAssertionOptions;
use crate::claims::{Claim, Claims, Forms};
use crate::error::{Error, ErrorCode, Kind, Result};
use crate::jws::Room;
use crate::jwt::Jwt;
use crate::key::Selection;
use crate::profile::{apparent_kind, bare_media_type, kind_by_telltales};
use crate::time::Timestamp;
use crate::waiting::Wish;

/// Claims whose types are judged, in this order.
const TYPED: [Claim; 7] = [Claim::Iss, Claim::Sub, Claim::Aud, Claim::Exp, Claim::Iat, Claim::Nbf, Claim::Jti];
/// Claims that must be there, in the order in which they are missed (RFC 7523 §3).
const REQUIRED: [Claim; 5] = [Claim::Iss, Claim::Sub, Claim::Aud, Claim::Exp, Claim::Jti];

/// An assertion that is good, unless it was used before.
pub(super) struct Judged {
    pub(super) assertion: ClientAssertion,
    /// The time by which it was judged.
    pub(super) now: Timestamp,
}

/// What a type says of a token.
enum Typed {
    /// A client assertion.
    Surely,
    /// Anything, so that claims have to tell.
    Perhaps,
}

pub(super) fn judge(
    policy: &Policy,
    token: &[u8],
    options: &ClientAssertionOptions,
    now: Timestamp,
    wish: &Wish,
) -> Result<Judged> {
    let mut room = Room::new();
    let Jwt { parts, header, claims } = Jwt::read(token, policy.max_token_bytes, &mut room)?;
    let client = policy.client(claims.issuer()?)?;
    let typed = accepted_type(policy, header.typ(), &claims)?;
    let algorithm = header.algorithm(client.algorithms)?;
    let wanted = Selection { kid: header.kid(), algorithm, listed: client.listed, pinned: &client.pinned };
    client.keys.verify(&parts, &wanted, wish)?;

    let audience = judge_claims(policy, &claims, &typed, options, now).map_err(Error::authentic)?;
    Ok(Judged { assertion: ClientAssertion::new(claims, header, audience, algorithm), now })
}

fn accepted_type(policy: &Policy, typ: Option<&str>, claims: &Claims) -> Result<Typed> {
    let Some(named) = typ else { return Ok(Typed::Perhaps) };
    let bare = bare_media_type(named);
    if bare.eq_ignore_ascii_case(MEDIA_TYPE) {
        return Ok(Typed::Surely);
    }
    if policy.any_jwt && bare.eq_ignore_ascii_case("JWT") {
        return Ok(Typed::Perhaps);
    }
    let kind = apparent_kind(typ, claims).filter(|kind| *kind != Kind::ClientAssertion);
    Err(Error::new(ErrorCode::TypeMismatch).with_kind(kind))
}

/// What is asked of the claims of an authentic assertion; gives its one audience.
fn judge_claims(
    policy: &Policy,
    claims: &Claims,
    typed: &Typed,
    options: &ClientAssertionOptions,
    now: Timestamp,
) -> Result<String> {
    for claim in TYPED {
        claims.judge(claim, claim.kind(Forms::default()))?;
    }
    if let (Typed::Perhaps, Some(kind)) = (typed, kind_by_telltales(claims)) {
        return Err(Error::new(ErrorCode::KindMismatch).with_kind(Some(kind)));
    }
    for claim in REQUIRED {
        refuse(!claims.has_claim(claim), ErrorCode::ClaimMissing, claim)?;
    }
    refuse(!claims.speaks_of_itself(), ErrorCode::ClaimMismatch, Claim::Sub)?;
    let other = options.client_id.as_deref().is_some_and(|client_id| claims.string(Claim::Iss) != Some(client_id));
    refuse(other, ErrorCode::ClaimMismatch, Claim::Iss)?;
    // With another audience beside it, that one could present the assertion here.
    let audience = match claims.strings(Claim::Aud).as_deref() {
        Some([one]) => policy.audiences.iter().find(|accepted| *accepted == one),
        _ => None,
    };
    let audience = audience.ok_or_else(|| Error::of_claim(ErrorCode::AudienceMismatch, Claim::Aud.name()))?;
    policy.times.expiry(claims, now)?;
    policy.times.start(claims, now)?;
    policy.times.issue(claims, now)?;
    let latest = now.plus(policy.max_lifetime).plus(policy.times.leeway);
    refuse(claims.date(Claim::Exp).is_none_or(|exp| exp > latest), ErrorCode::LifetimeExceeded, Claim::Exp)?;
    policy.times.lifetime(claims)?;
    Ok(audience.clone())
}

fn refuse(refused: bool, code: ErrorCode, claim: Claim) -> Result<()> {
    if refused { Err(Error::of_claim(code, claim.name())) } else { Ok(()) }
}
