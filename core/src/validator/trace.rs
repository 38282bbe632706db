//! What the judgement of a token looked at, rule by rule.

use std::fmt;

use crate::claims::Claim;
use crate::encoding::json;
use crate::error::{Error, ErrorCode, Result};
use crate::validator::access_token::AccessToken;

/// One rule that a validation asks, in the place where it asks it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rule {
    id: &'static str,
    section: &'static str,
    claim: Option<Claim>,
    expected: &'static str,
}

const fn rule(id: &'static str, section: &'static str, claim: Option<Claim>, expected: &'static str) -> Rule {
    Rule { id, section, claim, expected }
}

pub(crate) const SHAPE: Rule =
    rule("JOSE-4", "RFC 7515 §7.1", None, "three parts in canonical base64url within the limit of size");
pub(crate) const HEADER: Rule =
    rule("JOSE-5", "RFC 7515 §4", None, "a header that is one JSON object, with alg, kid and crit as they may be");
pub(crate) const BODY: Rule =
    rule("JOSE-5", "RFC 7519 §7.2", None, "claims that are one JSON object without duplicate members");
pub(crate) const ISSUER: Rule = rule("AT-VAL-3", "RFC 9068 §4", Some(Claim::Iss), "a configured issuer, to the letter");
pub(crate) const TYPE: Rule = rule("AT-VAL-1", "RFC 9068 §4", None, "the type of an accepted profile");
pub(crate) const SIGNATURE: Rule =
    rule("AT-VAL-5", "RFC 9068 §4", None, "an allowed algorithm, one key of the issuer for it, and its signature");
pub(crate) const KIND: Rule = rule("KIND-1", "RFC 8725 §3.12", None, "no telltale claim of another kind of JWT");
pub(crate) const CONFIGURED: Rule = rule("AT-CLM-1", "at9068", None, "the claims that the operator requires");
pub(crate) const AUDIENCE: Rule = rule("AT-VAL-4", "RFC 9068 §4", Some(Claim::Aud), "one of the configured audiences");
pub(crate) const CLIENT: Rule =
    rule("AT-VAL-4", "at9068", Some(Claim::ClientId), "one of the configured clients, in place of an audience");
pub(crate) const EXPIRY: Rule = rule("AT-VAL-6", "RFC 9068 §4", Some(Claim::Exp), "a time that has not come");
pub(crate) const START: Rule =
    rule("AT-VAL-6", "RFC 7519 §4.1.5", Some(Claim::Nbf), "a time that has come, or no claim");
pub(crate) const ISSUE: Rule = rule("AT-VAL-6", "RFC 7519 §4.1.6", Some(Claim::Iat), "a time that has come");
pub(crate) const LIFETIME: Rule =
    rule("AT-VAL-6", "at9068", Some(Claim::Exp), "no more than the longest lifetime after iat");
pub(crate) const SENDER: Rule =
    rule("CNF-1", "RFC 7800 §3.1", Some(Claim::Cnf), "the sender that the token is bound to, or no claim");
pub(crate) const REVOCATION: Rule = rule("REVOKE-1", "at9068", None, "a token that was not revoked");
pub(crate) const OPAQUE: Rule = rule(
    "INTRO-1",
    "RFC 6750 §2.1",
    None,
    "no JWT, but a bearer token within the limit of size, for the one issuer of such",
);
pub(crate) const ACTIVE: Rule =
    rule("INTRO-1", "RFC 7662 §2.2", None, "an answer of the issuer that holds, and says that the token is active");
pub(crate) const ANSWERED: Rule =
    rule("INTRO-1", "RFC 7662 §2.2", Some(Claim::Iss), "the issuer that was asked, or no claim");
pub(crate) const TOKEN_TYPE: Rule =
    rule("INTRO-1", "RFC 7662 §2.2", None, "the type Bearer, or DPoP of a token that is bound so, or none");
pub(crate) const VOUCHED: Rule =
    rule("INTRO-1", "at9068", None, "the issuer's word, the token itself or an answer, no older than configured");
pub(crate) const CONTEXT: Rule = rule("STEP-1", "RFC 9470 §3", Some(Claim::Acr), "one of the contexts demanded");
pub(crate) const AGE: Rule =
    rule("STEP-1", "RFC 9470 §3", Some(Claim::AuthTime), "an authentication no older than demanded");

/// The rule of a claim's type.
pub(crate) const fn typed(claim: Claim, section: &'static str, expected: &'static str) -> Rule {
    rule("AT-CLM-1", section, Some(claim), expected)
}

/// The rule that a profile requires a claim.
pub(crate) const fn required(claim: Claim, section: &'static str) -> Rule {
    rule("AT-CLM-1", section, Some(claim), "a claim that is there")
}

/// The rule that a token holds what an endpoint demands.
pub(crate) const fn demanded(claim: Claim) -> Rule {
    rule("AT-VAL-9", "RFC 9068 §4", Some(claim), "all that is demanded")
}

/// How a rule was met.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Outcome {
    /// The token meets it.
    Pass,
    /// The token breaks it.
    Fail,
    /// It was not asked, since an earlier failure left nothing to ask it of.
    NotReached,
}

impl Outcome {
    /// The name, as traces in every language have it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::NotReached => "not_reached",
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One line of an explanation. Nothing in it is taken from the token but the kinds of values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    rule: Rule,
    outcome: Outcome,
    code: Option<ErrorCode>,
    found: Option<&'static str>,
}

impl Step {
    /// The identifier of the rule in the register of rules.
    #[must_use]
    pub fn rule(&self) -> &'static str {
        self.rule.id
    }

    /// The document and section that the rule comes from.
    #[must_use]
    pub fn section(&self) -> &'static str {
        self.rule.section
    }

    /// How the rule was met.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        self.outcome
    }

    /// The claim that the rule speaks of, where it is one.
    #[must_use]
    pub fn claim(&self) -> Option<&'static str> {
        self.rule.claim.map(Claim::name)
    }

    /// What the rule wants.
    #[must_use]
    pub fn expected(&self) -> &'static str {
        self.rule.expected
    }

    /// What was found instead, where the rule is broken by it: the kind of value, such as `string`,
    /// `number` or `absent`, or the kind of token, such as `id_token`; never a value.
    #[must_use]
    pub fn found(&self) -> Option<&'static str> {
        self.found
    }

    /// The code of the failure.
    #[must_use]
    pub fn code(&self) -> Option<ErrorCode> {
        self.code
    }

    fn write_json(&self, out: &mut String) {
        let members = [
            ("rule", Some(self.rule())),
            ("section", Some(self.section())),
            ("outcome", Some(self.outcome.as_str())),
            ("claim", self.claim()),
            ("expected", Some(self.expected())),
            ("found", self.found),
            ("code", self.code.map(ErrorCode::slug)),
        ];
        out.push('{');
        for (index, (name, value)) in members.into_iter().enumerate() {
            if index > 0 {
                out.push(',');
            }
            json::write_string(name, out);
            out.push(':');
            match value {
                Some(value) => json::write_string(value, out),
                None => out.push_str("null"),
            }
        }
        out.push('}');
    }
}

/// A trace as a JSON array, one object for each step.
fn write_json(steps: &[Step]) -> String {
    let mut out = String::from("[");
    for (index, step) in steps.iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        step.write_json(&mut out);
    }
    out.push(']');
    out
}

/// A verdict, and how it came about.
#[derive(Clone, Debug)]
pub struct Explanation {
    pub(super) steps: Vec<Step>,
    pub(super) verdict: Result<AccessToken>,
}

impl Explanation {
    /// The rules that were asked, in their order, and then those that were not reached. The type of
    /// a claim is asked only of claims that are there.
    #[must_use]
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// The same as a JSON array, equal in every language.
    #[must_use]
    pub fn trace_json(&self) -> String {
        write_json(&self.steps)
    }

    /// What `validate` answers: the first failure, where there is one.
    ///
    /// # Errors
    /// As `validate`.
    pub fn verdict(&self) -> Result<&AccessToken, &Error> {
        self.verdict.as_ref()
    }
}

/// Whoever watches a judgement.
pub(super) trait Observer {
    /// Hears how a rule was met. What it returns goes on: an error ends the judgement.
    fn note(&mut self, rule: Rule, met: Result<()>, found: impl FnOnce() -> Option<&'static str>) -> Result<()>;

    /// Hears of rules that are asked from here on, so that it knows what was not reached.
    fn announce(&mut self, rules: impl FnOnce() -> Vec<Rule>);

    /// Hears of rules that were announced and are not asked of this token.
    fn withdraw(&mut self, rules: &[Rule]);

    /// Whether a rule was broken that did not end the judgement.
    fn has_failed(&self) -> bool;

    /// Hears of a rule whose failure leaves nothing to ask the later ones of.
    fn gate<T>(&mut self, rule: Rule, met: Result<T>) -> Result<T>;
}

/// Watches nothing: the first failure ends the judgement, at no cost.
pub(super) struct Silent;

impl Observer for Silent {
    fn note(&mut self, _: Rule, met: Result<()>, _: impl FnOnce() -> Option<&'static str>) -> Result<()> {
        met
    }

    fn announce(&mut self, _: impl FnOnce() -> Vec<Rule>) {}

    fn withdraw(&mut self, _: &[Rule]) {}

    fn has_failed(&self) -> bool {
        false
    }

    fn gate<T>(&mut self, _: Rule, met: Result<T>) -> Result<T> {
        met
    }
}

/// Writes everything down, and goes on where it can.
#[derive(Default)]
pub(super) struct Recorder {
    steps: Vec<Step>,
    expected: Vec<Rule>,
    first: Option<Error>,
}

impl Recorder {
    /// The steps, those included that were never reached, and the first failure.
    pub(super) fn finish(mut self) -> (Vec<Step>, Option<Error>) {
        for rule in std::mem::take(&mut self.expected) {
            if !self.steps.iter().any(|step| step.rule == rule) {
                self.steps.push(Step { rule, outcome: Outcome::NotReached, code: None, found: None });
            }
        }
        (self.steps, self.first)
    }

    fn record(&mut self, rule: Rule, error: Option<&Error>, found: Option<&'static str>) {
        let outcome = if error.is_some() { Outcome::Fail } else { Outcome::Pass };
        if let (None, Some(error)) = (&self.first, error) {
            self.first = Some(error.clone());
        }
        self.steps.push(Step { rule, outcome, code: error.map(Error::code), found });
    }
}

impl Observer for Recorder {
    fn note(&mut self, rule: Rule, met: Result<()>, found: impl FnOnce() -> Option<&'static str>) -> Result<()> {
        let error = met.err();
        let found = error.as_ref().and_then(|_| found());
        self.record(rule, error.as_ref(), found);
        Ok(())
    }

    fn announce(&mut self, rules: impl FnOnce() -> Vec<Rule>) {
        self.expected.extend(rules());
    }

    fn withdraw(&mut self, rules: &[Rule]) {
        self.expected.retain(|rule| !rules.contains(rule));
    }

    fn has_failed(&self) -> bool {
        self.first.is_some()
    }

    fn gate<T>(&mut self, rule: Rule, met: Result<T>) -> Result<T> {
        self.record(rule, met.as_ref().err(), None);
        met
    }
}
