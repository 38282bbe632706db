//! The judgement of an ID token (OpenID Connect Core §3.1.3.7), in one order of checks.

use super::checks::IdTokenChecks;
use super::kind::other_kind;
use super::policy::Policy;
use super::token::IdToken;
use super::{CLAIMS, half_hash, is_subject};
use crate::algorithm::Algorithm;
use crate::claims::{Claim, Claims, Forms};
use crate::crypto;
use crate::error::{Error, ErrorCode, Kind, Result};
use crate::issuer::unknown_issuer;
use crate::jws::Room;
use crate::jwt::Jwt;
use crate::key::Selection;
use crate::profile::{apparent_kind, bare_media_type};
use crate::time::Timestamp;
use crate::waiting::Wish;

/// Claims that every ID token has, in the order in which they are missed (OpenID Connect Core §2).
const REQUIRED: [Claim; 5] = [Claim::Iss, Claim::Sub, Claim::Aud, Claim::Exp, Claim::Iat];

pub(super) fn judge(
    policy: &Policy,
    token: &[u8],
    checks: &IdTokenChecks,
    now: Timestamp,
    wish: &Wish,
) -> Result<IdToken> {
    let mut room = Room::new();
    let Jwt { parts, header, claims } = Jwt::read(token, policy.max_token_bytes, &mut room)?;
    let issuer = claims.issuer()?;
    if issuer != policy.issuer {
        return Err(unknown_issuer(issuer, [policy.issuer.as_str()]));
    }
    if !header.typ().is_none_or(|typ| bare_media_type(typ).eq_ignore_ascii_case("jwt")) {
        let kind = apparent_kind(header.typ(), &claims).filter(|kind| *kind != Kind::IdToken);
        return Err(Error::new(ErrorCode::TypeMismatch).with_kind(kind));
    }
    let algorithm = header.algorithm(policy.algorithms)?;
    let (kid, listed, pinned) = (header.kid(), policy.listed, policy.pinned.as_slice());
    policy.keys.verify(&parts, &Selection { kid, algorithm, listed, pinned }, wish)?;

    let judged = judge_form(policy, &claims)
        .and_then(|()| policy.times.judge(&claims, now))
        .and_then(|()| judge_nonce(policy, &claims, checks))
        .and_then(|()| judge_authentication(policy, &claims, checks, now))
        .and_then(|()| judge_hashes(&claims, algorithm, checks));
    judged.map_err(Error::authentic)?;
    Ok(IdToken::new(claims, header))
}

/// What is asked of the claims whatever the time and the authentication: their types, the kind of
/// token, what is required, and for whom it is meant.
fn judge_form(policy: &Policy, claims: &Claims) -> Result<()> {
    for claim in CLAIMS {
        claims.judge(claim, claim.kind(Forms::default()))?;
        if claim == Claim::Sub && claims.string(claim).is_some_and(|sub| !is_subject(sub)) {
            return Err(Error::of_claim(ErrorCode::ClaimMalformed, claim.name()));
        }
    }
    if let Some(kind) = other_kind(claims) {
        return Err(Error::new(ErrorCode::KindMismatch).with_kind(kind));
    }
    for claim in REQUIRED {
        require(claims, claim)?;
    }
    let audience = claims.strings(Claim::Aud).unwrap_or_default();
    let trusted = |name: &str| name == policy.client_id || policy.trusted_audiences.iter().any(|one| one == name);
    let ours = audience.iter().any(|name| *name == policy.client_id);
    if !ours || !audience.iter().all(|name| trusted(name)) {
        return Err(Error::of_claim(ErrorCode::AudienceMismatch, Claim::Aud.name()));
    }
    match claims.string(Claim::Azp) {
        Some(azp) if azp != policy.client_id => mismatch(Claim::Azp),
        None if audience.len() > 1 => require(claims, Claim::Azp),
        _ => Ok(()),
    }
}

/// A nonce that was sent comes back; one that nobody sent belongs to another login.
fn judge_nonce(policy: &Policy, claims: &Claims, checks: &IdTokenChecks) -> Result<()> {
    match (&checks.nonce, claims.string(Claim::Nonce)) {
        (Some(sent), Some(held)) if !crypto::equal(sent.as_bytes(), held.as_bytes()) => mismatch(Claim::Nonce),
        (Some(_), None) if checks.refreshed != Some(true) => require(claims, Claim::Nonce),
        (None, Some(_)) if !policy.any_nonce => mismatch(Claim::Nonce),
        _ => Ok(()),
    }
}

/// Whether the user authenticated when and how the request asked for.
fn judge_authentication(policy: &Policy, claims: &Claims, checks: &IdTokenChecks, now: Timestamp) -> Result<()> {
    let insufficient = |claim: Claim| Err(Error::of_claim(ErrorCode::AuthenticationInsufficient, claim.name()));
    if let Some(max_age) = checks.max_age {
        let latest = |auth: Timestamp| auth.plus(i64::from(max_age)).plus(policy.times.leeway);
        if claims.date(Claim::AuthTime).is_none_or(|auth| now > latest(auth)) {
            return insufficient(Claim::AuthTime);
        }
    }
    if let Some(accepted) = checks.acr_values.as_ref().filter(|accepted| !accepted.is_empty())
        && !claims.string(Claim::Acr).is_some_and(|acr| accepted.iter().any(|one| one == acr))
    {
        return insufficient(Claim::Acr);
    }
    Ok(())
}

/// Whether what came beside the token belongs to it (OpenID Connect Core §3.2.2.9, §3.3.2.10).
fn judge_hashes(claims: &Claims, algorithm: Algorithm, checks: &IdTokenChecks) -> Result<()> {
    let came = [(Claim::AtHash, &checks.access_token), (Claim::CHash, &checks.code), (Claim::SHash, &checks.state)];
    for (claim, value) in came {
        let Some(value) = value else { continue };
        match claims.string(claim) {
            Some(held) if !crypto::equal(half_hash(algorithm, value).as_bytes(), held.as_bytes()) => {
                return mismatch(claim);
            }
            None if checks.require_hashes == Some(true) => return require(claims, claim),
            _ => {}
        }
    }
    Ok(())
}

fn require(claims: &Claims, claim: Claim) -> Result<()> {
    if claims.has_claim(claim) { Ok(()) } else { Err(Error::of_claim(ErrorCode::ClaimMissing, claim.name())) }
}

fn mismatch(claim: Claim) -> Result<()> {
    Err(Error::of_claim(ErrorCode::ClaimMismatch, claim.name()))
}
