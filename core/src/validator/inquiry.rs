//! What issuers say of tokens, as part of the judgement (RFC 7662).

use std::sync::Arc;

use crate::binding::{Presentation, Scheme};
use crate::claims::{Claim, Claims};
use crate::encoding::json::Value;
use crate::error::{Error, ErrorCode, Kind, Result};
use crate::introspection::{Dates, Introspection, Question};
use crate::profile::Profile;
use crate::validator::access_token::AccessToken;
use crate::validator::judge::{self, Circumstances, authentic, refuse};
use crate::validator::policy::{IssuerPolicy, Policy};
use crate::validator::trace::{self, Observer, Rule};

/// Judges a token that is no JWT by what its issuer says.
pub(super) fn judge_opaque(
    policy: &Arc<Policy>,
    issuer: &IssuerPolicy,
    introspection: &Arc<Introspection>,
    token: &[u8],
    given: &Circumstances<'_>,
    observer: &mut impl Observer,
) -> Result<AccessToken> {
    observer.announce(|| {
        use trace::{ACTIVE, AUDIENCE, EXPIRY, ISSUE, KIND, OPAQUE, SENDER, START};
        let rules = [OPAQUE, ACTIVE, KIND, AUDIENCE, EXPIRY, START, ISSUE, SENDER];
        rules.into_iter().chain(judge::rules_of_use(policy, given.require)).collect()
    });
    let small = if token.len() > policy.max_token_bytes { Err(Error::new(ErrorCode::TokenTooLarge)) } else { Ok(()) };
    observer.gate(trace::OPAQUE, small)?;
    judge_answer(policy, issuer, introspection, token, given, observer)
}

/// Judges a token by what its issuer says, and by nothing else.
pub(super) fn judge_answer(
    policy: &Arc<Policy>,
    issuer: &IssuerPolicy,
    introspection: &Arc<Introspection>,
    token: &[u8],
    given: &Circumstances<'_>,
    observer: &mut impl Observer,
) -> Result<AccessToken> {
    observer.announce(|| rules_of_answers(issuer, introspection));
    let question = Question::new(introspection, token, issuer.verification(introspection), &given.wish);
    let claims = observer.gate(trace::ACTIVE, question.and_then(|question| question.claims()))?;
    let token = AccessToken::introspected(claims, &issuer.issuer, issuer.times.leeway, Arc::clone(&policy.common));
    let claims = token.claim_set();
    judge::judge_types(token.rules(), claims, observer)?;
    let other = claims.has_claim(Claim::Iss) && claims.string(Claim::Iss) != Some(&issuer.issuer);
    observer.note(trace::ANSWERED, refuse(other, ErrorCode::IssuerUnknown, Claim::Iss), || None)?;
    let kind = other_kind(claims);
    let met = kind.map_or(Ok(()), |kind| Err(Error::new(ErrorCode::KindMismatch).with_kind(kind)));
    observer.note(trace::KIND, authentic(met), || kind.flatten().map(Kind::as_str))?;
    judge::judge_configured(issuer, claims, observer)?;
    let named = claims.has_claim(Claim::Aud);
    if !introspection.audience_is_optional() {
        let missing = refuse(!named, ErrorCode::ClaimMissing, Claim::Aud);
        observer.note(AUDIENCE_NAMED, missing, || Some("absent"))?;
    }
    let other = named && !claims.is_meant_for(&issuer.audience);
    observer.note(trace::AUDIENCE, refuse(other, ErrorCode::AudienceMismatch, Claim::Aud), || None)?;
    judge::judge_times(issuer.times, claims, given.now, false, observer)?;
    observer.note(trace::TOKEN_TYPE, authentic(token_type(claims, given.sent)), || None)?;
    judge::judge_standing(policy, issuer, &token, given.sent, observer)?;
    if let Some(require) = given.require {
        judge::judge_demands(&token, Profile::Rfc9068, require, given.now, observer)?;
    }
    Ok(token)
}

/// Asks whether the issuer still vouches for a token that is good as far as can be told without it.
pub(super) fn judge_vouching(
    issuer: &IssuerPolicy,
    introspection: &Arc<Introspection>,
    sent: &[u8],
    token: &mut AccessToken,
    given: &Circumstances<'_>,
    observer: &mut impl Observer,
) -> Result<()> {
    let claims = token.claim_set();
    let dates = Dates { issued: claims.date(Claim::Iat), expires: claims.date(Claim::Exp), now: given.now };
    let question = Question::new(introspection, sent, issuer.verification(introspection), &given.wish);
    let vouched = question.and_then(|question| question.vouched(claims, token.rules().client, dates));
    if vouched == Ok(true) {
        token.set_vouched();
    }
    observer.note(trace::VOUCHED, authentic(vouched.map(drop)), || None)
}

const AUDIENCE_NAMED: Rule = trace::required(Claim::Aud, "RFC 7662 §4");

fn rules_of_answers(issuer: &IssuerPolicy, introspection: &Introspection) -> Vec<Rule> {
    let named = (!introspection.audience_is_optional()).then_some(AUDIENCE_NAMED);
    let configured = (!issuer.required_claims.is_empty()).then_some(trace::CONFIGURED);
    let lifetime = issuer.times.max_lifetime.map(|_| trace::LIFETIME);
    let rules = [trace::ACTIVE, trace::ANSWERED, trace::TOKEN_TYPE];
    rules.into_iter().chain(named).chain(configured).chain(lifetime).collect()
}

/// What a token that is no access token is, where the issuer tells: refresh tokens are active too.
/// The members are those of Keycloak and Ory Hydra.
fn other_kind(claims: &Claims) -> Option<Option<Kind>> {
    const OTHERS: [(&str, &str, Option<Kind>); 8] = [
        ("typ", "ID", Some(Kind::IdToken)),
        ("typ", "Logout", Some(Kind::LogoutToken)),
        ("typ", "Refresh", None),
        ("typ", "Offline", None),
        ("token_use", "id", Some(Kind::IdToken)),
        ("token_use", "id_token", Some(Kind::IdToken)),
        ("token_use", "refresh_token", None),
        ("token_type", "refresh_token", None),
    ];
    let is = |name: &str, value: &str| claims.get(name).and_then(Value::string).is_some_and(|text| text == value);
    OTHERS.into_iter().find(|(name, value, _)| is(name, value)).map(|(_, _, kind)| kind)
}

/// `token_type`, where the answer has it: how the token is to be presented (RFC 6749 §7.1).
fn token_type(claims: &Claims, sent: Presentation<'_>) -> Result<()> {
    const NAME: &str = "token_type";
    let Some(value) = claims.get(NAME) else { return Ok(()) };
    let Some(name) = value.string() else { return Err(Error::of_claim(ErrorCode::ClaimMalformed, NAME)) };
    if name.eq_ignore_ascii_case("bearer") {
        return Ok(());
    }
    if !name.eq_ignore_ascii_case("dpop") {
        return Err(Error::of_claim(ErrorCode::BindingUnsupported, NAME));
    }
    if sent.scheme == Scheme::Dpop { Ok(()) } else { Err(Error::of_claim(ErrorCode::SchemeMismatch, NAME)) }
}
