//! The judgement of a token: one order of checks, for whoever watches.

use std::sync::Arc;

use crate::binding::{self, Presentation};
use crate::claims::{Claim, Claims, Times};
use crate::error::{Error, ErrorCode, Kind, Result};
use crate::jws;
use crate::jwt;
use crate::key::Selection;
use crate::profile::{self, Profile, Rules};
use crate::time::Timestamp;
use crate::validator::access_token::{AccessToken, Basis, Verified};
use crate::validator::inquiry;
use crate::validator::policy::{IssuerPolicy, IssuerRef, Policy};
use crate::validator::request::Require;
use crate::validator::trace::{self, Observer, Rule, Silent};
use crate::waiting::Wish;

/// What a token is judged with.
pub(super) struct Circumstances<'a> {
    pub(super) sent: Presentation<'a>,
    pub(super) require: Option<&'a Require>,
    pub(super) now: Timestamp,
    /// The keys that it would rather be judged with.
    pub(super) wish: Wish,
}

/// Judges a token. Up to the signature every failure ends the judgement, since nothing that
/// follows could be believed; what follows is asked as far as the observer wants.
pub(super) fn judge(
    policy: &Arc<Policy>,
    token: &[u8],
    given: &Circumstances<'_>,
    observer: &mut impl Observer,
) -> Result<AccessToken> {
    if let Some((issuer, introspection)) = policy.issuer_of_opaque(token) {
        return inquiry::judge_opaque(policy, issuer, introspection, token, given, observer);
    }
    observer.announce(|| rules_of_every_token(policy, given.require));
    let mut room = jws::Room::new();
    let parts = jwt::parts(token, policy.max_token_bytes, Some(&policy.headers), &mut room);
    let mut parts = observer.gate(trace::SHAPE, parts)?;
    let header = observer.gate(trace::HEADER, parts.read_header())?;
    let claims = observer.gate(trace::BODY, jws::object(std::mem::take(&mut parts.payload)).map(Claims::new))?;
    let issuer = observer.gate(trace::ISSUER, claims.issuer().and_then(|iss| policy.issuer(iss)))?;
    let issuer = &*issuer;
    if let Some(introspection) = issuer.introspection.as_ref().filter(|_| issuer.asks_only) {
        observer.withdraw(&[trace::TYPE, trace::SIGNATURE, trace::KIND]);
        return inquiry::judge_answer(policy, issuer, introspection, token, given, observer);
    }
    let profile = observer.gate(trace::TYPE, accepted_profile(issuer, header.typ(), &claims))?;
    observer.announce(|| rules_of_profile(profile, issuer));
    let good = header.algorithm(issuer.algorithms).and_then(|algorithm| {
        let (kid, listed, pinned) = (header.kid(), issuer.listed, issuer.pinned.as_slice());
        issuer.keys.verify(&parts, &Selection { kid, algorithm, listed, pinned }, &given.wish)
    });
    let generation = observer.gate(trace::SIGNATURE, good)?;

    if !parts.is_header_known() {
        policy.headers.keep(parts.header_text(), &header);
    }
    let verified = Verified::new(claims, header, profile, issuer.times.leeway, Arc::clone(&policy.common));
    let found = AccessToken::new(verified.on(Basis { issuer: issuer.number, generation }, policy.number()));
    judge_form(issuer, profile, found.claim_set(), observer)?;
    judge_use(policy, issuer, token, found, given, observer)
}

/// Judges a token that was verified before.
pub(super) fn judge_known(
    policy: &Policy,
    token: &[u8],
    (verified, issuer): (Arc<Verified>, IssuerRef<'_>),
    given: &Circumstances<'_>,
) -> Result<AccessToken> {
    judge_use(policy, &issuer, token, AccessToken::of(verified), given, &mut Silent)
}

/// Judges what depends on the call: of an authentic token the time, its sender, whether it was
/// taken back, and what the endpoint demands.
fn judge_use(
    policy: &Policy,
    issuer: &IssuerPolicy,
    sent: &[u8],
    mut token: AccessToken,
    given: &Circumstances<'_>,
    observer: &mut impl Observer,
) -> Result<AccessToken> {
    let profile = token.verified().profile();
    judge_times(issuer.times, token.claim_set(), given.now, true, observer)?;
    judge_standing(policy, issuer, &token, given.sent, observer)?;
    if let Some(introspection) = issuer.introspection.as_ref().filter(|_| !observer.has_failed()) {
        inquiry::judge_vouching(issuer, introspection, sent, &mut token, given, observer)?;
    }
    if let Some(require) = given.require {
        judge_demands(&token, profile, require, given.now, observer)?;
    }
    if let Some(migration) = &issuer.migration {
        let breaks = migration.breaks(issuer, &token, given)?;
        token.set_breaks(breaks);
    }
    Ok(token)
}

/// What is asked of an authentic token beyond its claims: its sender, and whether it was revoked.
pub(super) fn judge_standing(
    policy: &Policy,
    issuer: &IssuerPolicy,
    token: &AccessToken,
    sent: Presentation<'_>,
    observer: &mut impl Observer,
) -> Result<()> {
    let cnf = token.claim_set().confirmation();
    let bound = binding::judge(cnf.as_ref(), sent).map_err(|code| Error::of_claim(code, Claim::Cnf.name()));
    observer.note(trace::SENDER, authentic(bound), || None)?;
    if let Some(revocations) = &policy.common.ports.revocations {
        let found = revocations.find(&issuer.digest, token.claim_set(), token.rules().client);
        let met = found.map_or(Ok(()), |claim| Err(Error::of_claim(ErrorCode::TokenRevoked, claim.name())));
        observer.note(trace::REVOCATION, authentic(met), || None)?;
    }
    Ok(())
}

/// Asks whether a token is enough for an endpoint, read as one of this profile.
pub(super) fn judge_demands(
    token: &AccessToken,
    profile: Profile,
    require: &Require,
    now: Timestamp,
    observer: &mut impl Observer,
) -> Result<()> {
    let claims = token.claim_set();
    let refuse = |code, claim: Claim| Err(Error::of_claim(code, claim.name()));
    // The kind of value is told only where it is what breaks the rule.
    let found = |claim: Claim| match claims.claim(claim) {
        None => Some("absent"),
        Some(value) => token.is_malformed(claim).then(|| value.kind().as_str()),
    };
    if let Some(accepted) = require.acr_values.as_ref().filter(|accepted| !accepted.is_empty()) {
        let met = token.acr().is_some_and(|acr| accepted.iter().any(|one| one == acr));
        let met = if met { Ok(()) } else { refuse(ErrorCode::AuthenticationInsufficient, Claim::Acr) };
        observer.note(trace::CONTEXT, authentic(met), || found(Claim::Acr))?;
    }
    if let Some(max_age) = require.max_age {
        let latest = |auth: Timestamp| auth.plus(i64::from(max_age)).plus(token.leeway());
        let met = claims.date(Claim::AuthTime).is_some_and(|auth| now <= latest(auth));
        let met = if met { Ok(()) } else { refuse(ErrorCode::AuthenticationInsufficient, Claim::AuthTime) };
        observer.note(trace::AGE, authentic(met), || found(Claim::AuthTime))?;
    }
    if let Some(wanted) = &require.scopes {
        let scopes = claims.scopes(profile.rules().scope);
        let met = wanted.iter().all(|scope| scopes.iter().any(|held| held == scope));
        let met = if met { Ok(()) } else { refuse(ErrorCode::ScopeInsufficient, Claim::Scope) };
        observer.note(trace::demanded(Claim::Scope), authentic(met), || found(profile.rules().scope))?;
    }
    for (claim, wanted) in require.attributes() {
        let held = token.attribute_values(claim);
        let met = held.and_then(|held| {
            let met = wanted.iter().all(|one| held.iter().any(|held| held == one));
            if met { Ok(()) } else { refuse(ErrorCode::PermissionInsufficient, claim) }
        });
        observer.note(trace::demanded(claim), authentic(met), || found(claim))?;
    }
    Ok(())
}

/// The one profile of the issuer that has the token's type.
fn accepted_profile(issuer: &IssuerPolicy, typ: Option<&str>, claims: &Claims) -> Result<Profile> {
    let fitting = issuer.profiles.iter().find(|profile| profile.rules().has_type(typ));
    fitting.copied().ok_or_else(|| {
        // An access token that is only not of a profile accepted here is no other kind.
        let kind = profile::apparent_kind(typ, claims).filter(|kind| *kind != Kind::AccessToken);
        Error::new(ErrorCode::TypeMismatch).with_kind(kind)
    })
}

/// What is asked of the claims of an authentic token whatever the time: their types, the kind of
/// token, what is required, and for whom it is meant.
pub(super) fn judge_form(
    issuer: &IssuerPolicy,
    profile: Profile,
    claims: &Claims,
    observer: &mut impl Observer,
) -> Result<()> {
    let rules = profile.rules();
    judge_types(rules, claims, observer)?;
    let other = rules.other_kind(claims);
    let met = other.map_or(Ok(()), |kind| Err(Error::new(ErrorCode::KindMismatch).with_kind(kind)));
    observer.note(trace::KIND, authentic(met), || other.flatten().map(Kind::as_str))?;
    for claim in rules.required {
        let there = claims.has_claim(*claim);
        let met = if there { Ok(()) } else { Err(Error::of_claim(ErrorCode::ClaimMissing, claim.name())) };
        observer.note(trace::required(*claim, rules.source), authentic(met), || Some("absent"))?;
    }
    judge_configured(issuer, claims, observer)?;
    // A token that names an audience is meant for it, whatever its profile (RFC 7519 §4.1.3).
    let other = (rules.audience || claims.has_claim(Claim::Aud)) && !claims.is_meant_for(&issuer.audience);
    observer.note(trace::AUDIENCE, refuse(other, ErrorCode::AudienceMismatch, Claim::Aud), || None)?;
    if !rules.audience {
        // All that stands for an audience where tokens name none.
        let other = !claims.string(rules.client).is_some_and(|client| issuer.client_ids.iter().any(|id| id == client));
        observer.note(trace::CLIENT, refuse(other, ErrorCode::AudienceMismatch, rules.client), || None)?;
    }
    Ok(())
}

/// What is asked of the types of claims.
pub(super) fn judge_types(rules: &Rules, claims: &Claims, observer: &mut impl Observer) -> Result<()> {
    let every = Claim::JUDGED.iter().map(|claim| (*claim, "RFC 7519 §4.1"));
    let own = rules.own.iter().map(|claim| (*claim, rules.source));
    for (claim, section) in every.chain(own).filter(|(claim, _)| claims.has_claim(*claim)) {
        let kind = claim.kind(rules.forms);
        let met = claims.judge(claim, kind);
        let found = || claims.claim(claim).map(|value| value.kind().as_str());
        observer.note(trace::typed(claim, section, kind.as_str()), authentic(met), found)?;
    }
    Ok(())
}

/// What the operator requires of claims.
pub(super) fn judge_configured(issuer: &IssuerPolicy, claims: &Claims, observer: &mut impl Observer) -> Result<()> {
    if !issuer.required_claims.is_empty() {
        let missing = issuer.required_claims.iter().find(|name| !claims.has_value(name));
        let met = missing.map_or(Ok(()), |name| Err(Error::of_claim(ErrorCode::ClaimMissing, name.clone())));
        observer.note(trace::CONFIGURED, authentic(met), || Some("absent"))?;
    }
    Ok(())
}

/// What is asked of the times of an authentic token. `expires_ever` is whether it must say when.
pub(super) fn judge_times(
    times: Times,
    claims: &Claims,
    now: Timestamp,
    expires_ever: bool,
    observer: &mut impl Observer,
) -> Result<()> {
    let lasts = !expires_ever && !claims.has_claim(Claim::Exp);
    let expiry = if lasts { Ok(()) } else { times.expiry(claims, now) };
    observer.note(trace::EXPIRY, authentic(expiry), || None)?;
    observer.note(trace::START, authentic(times.start(claims, now)), || None)?;
    observer.note(trace::ISSUE, authentic(times.issue(claims, now)), || None)?;
    if times.max_lifetime.is_some() {
        observer.note(trace::LIFETIME, authentic(times.lifetime(claims)), || None)?;
    }
    Ok(())
}

pub(super) fn refuse(refused: bool, code: ErrorCode, claim: Claim) -> Result<()> {
    authentic(if refused { Err(Error::of_claim(code, claim.name())) } else { Ok(()) })
}

/// An error that arose when the signature was good, or when the issuer had vouched for the token.
pub(super) fn authentic(met: Result<()>) -> Result<()> {
    met.map_err(Error::authentic)
}

fn rules_of_every_token(policy: &Policy, require: Option<&Require>) -> Vec<Rule> {
    use trace::{AUDIENCE, BODY, EXPIRY, HEADER, ISSUE, ISSUER, KIND, SENDER, SHAPE, SIGNATURE, START, TYPE};
    let rules = [SHAPE, HEADER, BODY, ISSUER, TYPE, SIGNATURE, KIND, AUDIENCE, EXPIRY, START, ISSUE, SENDER];
    rules.into_iter().chain(rules_of_use(policy, require)).collect()
}

/// The rules that are asked whatever vouches for a token, behind those of its claims.
pub(super) fn rules_of_use(policy: &Policy, require: Option<&Require>) -> Vec<Rule> {
    let mut rules: Vec<Rule> = policy.common.ports.revocations.iter().map(|_| trace::REVOCATION).collect();
    if let Some(require) = require {
        rules.extend(require.acr_values.as_ref().filter(|accepted| !accepted.is_empty()).map(|_| trace::CONTEXT));
        rules.extend(require.max_age.map(|_| trace::AGE));
        rules.extend(require.scopes.as_ref().map(|_| trace::demanded(Claim::Scope)));
        rules.extend(require.attributes().map(|(claim, _)| trace::demanded(claim)));
    }
    rules
}

fn rules_of_profile(profile: Profile, issuer: &IssuerPolicy) -> Vec<Rule> {
    let rules = profile.rules();
    let required = rules.required.iter().map(|claim| trace::required(*claim, rules.source));
    let configured = (!issuer.required_claims.is_empty()).then_some(trace::CONFIGURED);
    let client = (!rules.audience).then_some(trace::CLIENT);
    let vouched = issuer.introspection.as_ref().map(|_| trace::VOUCHED);
    required
        .chain(configured)
        .chain(client)
        .chain(issuer.times.max_lifetime.map(|_| trace::LIFETIME))
        .chain(vouched)
        .collect()
}
