//! A validated access token.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use crate::challenge::Demands;
use crate::claims::{Actor, Attribute, AuthorizationDetail, Claim, Claims, Confirmation};
use crate::encoding::json;
use crate::error::{Error, ErrorCode, Result};
use crate::jws;
use crate::profile::{Profile, Rules};
use crate::time::Timestamp;
use crate::validator::judge::judge_demands;
use crate::validator::policy::Common;
use crate::validator::request::Require;
use crate::validator::trace::Silent;

/// The claims of a token that a [`Validator`](crate::Validator) found good. Nothing else makes one.
///
/// Cheap to clone; shared between threads. Times are seconds since the epoch, rounded down.
#[derive(Clone)]
pub struct AccessToken {
    verified: Arc<Verified>,
    origin: Origin,
    breaks: Vec<ErrorCode>,
}

/// Who vouches for an access token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Origin {
    /// The issuer's signature under it.
    Local,
    /// The issuer, who was asked about it (RFC 7662); the claims are those of its answer.
    Introspection,
    /// The issuer's signature, and the issuer, who was asked.
    LocalAndIntrospection,
}

impl Origin {
    /// The name, as results in every language have it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Local => "local",
            Self::Introspection => "introspection",
            Self::LocalAndIntrospection => "local_and_introspection",
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What a token is found to be once and for all.
pub(super) struct Verified {
    claims: Claims,
    /// None where nothing was verified here.
    header: Option<Arc<jws::Header>>,
    /// None where it was not verified by this validator's keys just now.
    basis: Option<Basis>,
    serial: Option<u64>,
    /// Who was asked, where the claims are those of an answer, which need not name the issuer.
    issuer: Option<Box<str>>,
    /// How the claims are read.
    profile: Profile,
    leeway: i64,
    /// What the validator asks and answers with.
    common: Arc<Common>,
}

/// On what grounds a token was verified.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Basis {
    /// The number of the issuer's policy.
    pub(super) issuer: u64,
    /// The generation of the issuer's keys.
    pub(super) generation: u64,
}

impl Verified {
    pub(super) fn new(
        claims: Claims,
        header: Arc<jws::Header>,
        profile: Profile,
        leeway: i64,
        common: Arc<Common>,
    ) -> Self {
        Self { claims, header: Some(header), basis: None, serial: None, issuer: None, profile, leeway, common }
    }

    pub(super) fn on(self, basis: Basis, serial: u64) -> Self {
        Self { basis: Some(basis), serial: Some(serial), ..self }
    }
}

impl AccessToken {
    pub(super) fn new(verified: Verified) -> Self {
        Self::of(Arc::new(verified))
    }

    /// A token that was verified before.
    pub(super) fn of(verified: Arc<Verified>) -> Self {
        Self { verified, origin: Origin::Local, breaks: Vec::new() }
    }

    /// A token of which an issuer says this; read as RFC 9068 names claims, as RFC 7662 does.
    pub(super) fn introspected(claims: Claims, issuer: &str, leeway: i64, common: Arc<Common>) -> Self {
        let profile = Profile::Rfc9068;
        let verified = Verified {
            claims,
            header: None,
            basis: None,
            serial: None,
            issuer: Some(issuer.into()),
            profile,
            leeway,
            common,
        };
        Self { origin: Origin::Introspection, ..Self::of(Arc::new(verified)) }
    }

    /// What it is found to be once and for all.
    pub(super) fn verified(&self) -> &Arc<Verified> {
        &self.verified
    }

    /// Notes that the issuer vouches for the token besides.
    pub(super) fn set_vouched(&mut self) {
        self.origin = Origin::LocalAndIntrospection;
    }

    /// Notes the codes under which the token will be refused once its profile is no longer accepted.
    pub(super) fn set_breaks(&mut self, breaks: Vec<ErrorCode>) {
        self.breaks = breaks;
    }

    pub(super) fn claim_set(&self) -> &Claims {
        &self.verified.claims
    }

    /// The profile that the token follows; none where its issuer vouches for it in another form
    /// than a signed token.
    #[must_use]
    pub fn profile(&self) -> Option<Profile> {
        (self.origin() != Origin::Introspection).then_some(self.verified.profile)
    }

    /// Who vouches for the token.
    #[must_use]
    pub fn origin(&self) -> Origin {
        self.origin
    }

    /// How the claims are read, whether or not the token follows a profile.
    pub(super) fn rules(&self) -> &'static Rules {
        self.verified.profile.rules()
    }

    /// Where the validator migrates from the profile that the token follows: the codes under which
    /// the profile it migrates to would refuse the token, `type_mismatch` first. Empty for every
    /// other token.
    ///
    /// Who such a token's [`client_id`](Self::client_id) is will break once the migration ends.
    #[must_use]
    pub fn would_break(&self) -> &[ErrorCode] {
        &self.breaks
    }

    /// The header, as the text that was signed; `{}` where nothing was verified here.
    #[must_use]
    pub fn header_json(&self) -> &str {
        self.verified.header.as_ref().map_or("{}", |header| header.text())
    }

    /// The claims, as the text that was signed; or the members of the issuer's answer but `active`.
    #[must_use]
    pub fn claims_json(&self) -> &str {
        self.verified.claims.text()
    }

    /// The JSON text of any claim.
    #[must_use]
    pub fn claim_json(&self, name: &str) -> Option<&str> {
        self.verified.claims.get(name).map(json::Value::text)
    }

    /// `iss`: who issued the token (RFC 7519 §4.1.1), or the issuer that was asked about it.
    #[must_use]
    pub fn iss(&self) -> &str {
        self.text(Claim::Iss).or(self.verified.issuer.as_deref()).unwrap_or_default()
    }

    /// `sub`: whom the token speaks of, a user or the client itself (RFC 9068 §2.2). Empty where an
    /// issuer that was asked does not say.
    #[must_use]
    pub fn sub(&self) -> &str {
        self.text(Claim::Sub).unwrap_or_default()
    }

    /// `aud`: for whom the token is meant, always as a list (RFC 7519 §4.1.3).
    #[must_use]
    pub fn aud(&self) -> Vec<Cow<'_, str>> {
        self.verified.claims.strings(Claim::Aud).unwrap_or_default()
    }

    /// The client that the token was issued to: `client_id`, or what the profile calls it
    /// (RFC 8693 §4.3). Empty where an issuer that was asked does not say.
    #[must_use]
    pub fn client_id(&self) -> &str {
        self.text(self.rules().client).unwrap_or_default()
    }

    /// `exp`: when the token expires; 0 where an issuer that was asked does not say.
    #[must_use]
    pub fn exp(&self) -> i64 {
        self.date(Claim::Exp).unwrap_or_default()
    }

    /// `iat`: when the token was issued; 0 where an issuer that was asked does not say.
    #[must_use]
    pub fn iat(&self) -> i64 {
        self.date(Claim::Iat).unwrap_or_default()
    }

    /// `nbf`: when the token becomes valid.
    #[must_use]
    pub fn nbf(&self) -> Option<i64> {
        self.date(Claim::Nbf)
    }

    /// `jti`: the token's identifier (RFC 7519 §4.1.7).
    #[must_use]
    pub fn jti(&self) -> Option<&str> {
        self.text(Claim::Jti)
    }

    /// `scope`, or what the profile calls it, as it was written (RFC 8693 §4.2); none where the
    /// profile has an array.
    #[must_use]
    pub fn scope(&self) -> Option<&str> {
        self.text(self.rules().scope)
    }

    /// The scopes, each once, in their order, wherever the profile keeps them.
    #[must_use]
    pub fn scopes(&self) -> Vec<Cow<'_, str>> {
        self.verified.claims.scopes(self.rules().scope)
    }

    /// `permissions`, where the token has them.
    #[must_use]
    pub fn permissions(&self) -> Option<Vec<Cow<'_, str>>> {
        self.verified.claims.strings(Claim::Permissions)
    }

    /// `auth_time`: when the user authenticated (RFC 9068 §2.2.1).
    #[must_use]
    pub fn auth_time(&self) -> Option<i64> {
        self.date(Claim::AuthTime)
    }

    /// `acr`: the context in which the user authenticated (RFC 9068 §2.2.1).
    #[must_use]
    pub fn acr(&self) -> Option<&str> {
        self.text(Claim::Acr)
    }

    /// `amr`: the methods by which the user authenticated (RFC 9068 §2.2.1).
    #[must_use]
    pub fn amr(&self) -> Option<Vec<Cow<'_, str>>> {
        self.verified.claims.strings(Claim::Amr)
    }

    /// `org_id`: the organization that the user acts for.
    #[must_use]
    pub fn org_id(&self) -> Option<&str> {
        self.text(Claim::OrgId)
    }

    /// `org_name`: the name of that organization.
    #[must_use]
    pub fn org_name(&self) -> Option<&str> {
        self.text(Claim::OrgName)
    }

    /// `gty`: the grants by which the token came about, where the profile has it.
    ///
    /// # Errors
    /// `claim_malformed` where it is neither a string nor an array of strings.
    pub fn gty(&self) -> Result<Option<Vec<Cow<'_, str>>>> {
        self.asked(Claim::Gty)?;
        Ok(self.verified.claims.strings(Claim::Gty))
    }

    /// `roles`, where the token has them.
    ///
    /// # Errors
    /// `claim_malformed` where the claim is not of its type, which the validation does not ask.
    pub fn roles(&self) -> Result<Option<Vec<Attribute<'_>>>> {
        self.attributes(Claim::Roles)
    }

    /// `groups`, where the token has them.
    ///
    /// # Errors
    /// `claim_malformed` where the claim is not of its type, which the validation does not ask.
    pub fn groups(&self) -> Result<Option<Vec<Attribute<'_>>>> {
        self.attributes(Claim::Groups)
    }

    /// `entitlements`, where the token has them.
    ///
    /// # Errors
    /// `claim_malformed` where the claim is not of its type, which the validation does not ask.
    pub fn entitlements(&self) -> Result<Option<Vec<Attribute<'_>>>> {
        self.attributes(Claim::Entitlements)
    }

    /// `authorization_details`, where the token has them (RFC 9396 §9.1).
    ///
    /// # Errors
    /// `claim_malformed` where the claim is not of its type, which the validation does not ask.
    pub fn authorization_details(&self) -> Result<Option<Vec<AuthorizationDetail<'_>>>> {
        self.asked(Claim::AuthorizationDetails)?;
        let Some(value) = self.verified.claims.claim(Claim::AuthorizationDetails) else { return Ok(None) };
        Ok(Some(match value.elements() {
            Some(details) => details.filter_map(AuthorizationDetail::read).collect(),
            None => AuthorizationDetail::read(value).into_iter().collect(),
        }))
    }

    /// `cnf`: what the token is bound to (RFC 7800 §3.1). The validation has judged it.
    #[must_use]
    pub fn cnf(&self) -> Option<Confirmation<'_>> {
        self.verified.claims.confirmation()
    }

    /// `act`: who acts for the subject (RFC 8693 §4.1).
    #[must_use]
    pub fn act(&self) -> Option<Actor<'_>> {
        self.verified.claims.claim(Claim::Act).map(Actor::read)
    }

    /// The JSON text of a claim in one form, whatever forms its profile allows: `aud`, `scopes`,
    /// `permissions`, `amr`, `roles`, `groups`, `entitlements`, `authorization_details` and
    /// `gty` always as arrays, `cnf` and `act` as objects.
    ///
    /// Roles, groups and entitlements (RFC 9068 §2.2.3.1) and authorization details (RFC 9396)
    /// are judged here, not by the validation: who does not ask for them need not mind them.
    /// What the types of authorization details mean is left to the caller.
    ///
    /// # Errors
    /// `claim_malformed` where the claim is not of its type; `argument_invalid` for other names.
    pub fn accessor_json(&self, name: &str) -> Result<Option<Cow<'_, str>>> {
        if name == "scopes" {
            let held = self.verified.claims.has_claim(self.rules().scope);
            return Ok(held.then(|| strings_json(self.scopes())));
        }
        let structured = [
            Claim::Aud,
            Claim::Permissions,
            Claim::Amr,
            Claim::Roles,
            Claim::Groups,
            Claim::Entitlements,
            Claim::AuthorizationDetails,
            Claim::Gty,
            Claim::Cnf,
            Claim::Act,
        ];
        let claim = Claim::named(name)
            .filter(|claim| structured.contains(claim))
            .ok_or_else(|| Error::with_detail(ErrorCode::ArgumentInvalid, "not the name of a structured claim"))?;
        self.asked(claim)?;
        let Some(value) = self.verified.claims.claim(claim) else { return Ok(None) };
        Ok(Some(match (claim, value.kind()) {
            (Claim::Cnf | Claim::Act, _) | (_, json::Kind::Array) => Cow::Borrowed(value.text()),
            (Claim::Aud | Claim::Gty, _) => strings_json(value.string()),
            _ => Cow::Owned(format!("[{}]", value.text())),
        }))
    }

    /// Asks again whether the token is enough, for an endpoint that demands more than the
    /// validation did (RFC 6750 §3.1, RFC 9470 §3). The time is that of the validator's
    /// clock unless given.
    ///
    /// Does not ask again whether the token has expired.
    ///
    /// # Errors
    /// `authentication_insufficient`, `scope_insufficient`, `permission_insufficient`, in that
    /// order; `claim_malformed` for roles, groups or entitlements that are not of their type.
    pub fn require(&self, require: &Require, now: Option<f64>) -> Result<()> {
        let common = &self.verified.common;
        let now = common.ports.now(now);
        let judged = now.and_then(|now| judge_demands(self, self.verified.profile, require, now, &mut Silent));
        judged.map_err(|error| common.challenge.answer(error.authentic(), require.for_challenge()))
    }

    /// The entries of a claim that lists attributes, judged.
    pub(super) fn attribute_values(&self, claim: Claim) -> Result<Vec<Cow<'_, str>>> {
        self.judge(claim)?;
        let entries = self.verified.claims.claim(claim).and_then(json::Value::elements);
        Ok(entries.into_iter().flatten().filter_map(Attribute::read).map(|entry| entry.value).collect())
    }

    /// Whether a claim that is judged when it is asked for is not of its type.
    pub(super) fn is_malformed(&self, claim: Claim) -> bool {
        self.judge(claim).is_err()
    }

    pub(super) fn leeway(&self) -> i64 {
        self.verified.leeway
    }

    fn attributes(&self, claim: Claim) -> Result<Option<Vec<Attribute<'_>>>> {
        self.asked(claim)?;
        let entries = self.verified.claims.claim(claim).and_then(json::Value::elements);
        Ok(entries.map(|entries| entries.filter_map(Attribute::read).collect()))
    }

    /// Judges a claim that the validation left to whoever asks for it.
    fn asked(&self, claim: Claim) -> Result<()> {
        let answer = |error: Error| self.verified.common.challenge.answer(error.authentic(), Demands::default());
        self.judge(claim).map_err(answer)
    }

    fn judge(&self, claim: Claim) -> Result<()> {
        self.verified.claims.judge(claim, claim.kind(self.rules().forms))
    }

    fn text(&self, claim: Claim) -> Option<&str> {
        self.verified.claims.string(claim)
    }

    fn date(&self, claim: Claim) -> Option<i64> {
        self.verified.claims.date(claim).map(Timestamp::floor)
    }
}

impl Verified {
    /// Until when a token may be accepted at the longest.
    pub(super) fn ends(&self) -> Option<Timestamp> {
        self.claims.date(Claim::Exp).map(|exp| exp.plus(self.leeway))
    }

    pub(super) fn profile(&self) -> Profile {
        self.profile
    }

    pub(super) fn serial(&self) -> Option<u64> {
        self.serial
    }

    pub(super) fn basis(&self) -> Option<Basis> {
        self.basis
    }

    pub(super) fn issuer(&self) -> &str {
        self.claims.string(Claim::Iss).unwrap_or_default()
    }

    /// The octets that it takes, about.
    pub(super) fn octets(&self) -> usize {
        self.claims.text().len() + self.header.as_ref().map_or(0, |header| header.text().len())
    }
}

/// Says only what kind of token it is: claims are personal data.
impl fmt::Debug for AccessToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccessToken").field("profile", &self.profile()).finish_non_exhaustive()
    }
}

fn strings_json<T: AsRef<str>>(texts: impl IntoIterator<Item = T>) -> Cow<'static, str> {
    let mut out = String::new();
    json::write_strings(texts, &mut out);
    Cow::Owned(out)
}
