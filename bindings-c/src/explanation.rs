//! Why a token was accepted or refused, rule by rule.

use at9068_core::{Explanation, Outcome, Step};

use crate::access_token::at9068_access_token;
use crate::code::{AT9068_CODE_OK, at9068_code, number};
use crate::error::at9068_error;
use crate::guard::infallible;
use crate::strings::at9068_str;

/// A verdict, and how it came about. Immutable; shared between threads. Everything that it gives is
/// borrowed from it, the access token and the error included.
pub struct at9068_explanation {
    trace: String,
    steps: Vec<at9068_step>,
    verdict: Result<at9068_access_token, at9068_error>,
}

/// How one rule was met. Part of an explanation, which frees it.
pub struct at9068_step {
    step: Step,
}

impl From<Explanation> for at9068_explanation {
    fn from(explanation: Explanation) -> Self {
        Self {
            trace: explanation.trace_json(),
            steps: explanation.steps().iter().map(|step| at9068_step { step: step.clone() }).collect(),
            verdict: explanation.verdict().cloned().map(Into::into).map_err(|error| error.clone().into()),
        }
    }
}

/// The steps as a JSON array, equal in every language: of each rule `rule`, `section`, `outcome`,
/// `claim`, `expected`, `found` and `code`, null where there is nothing.
#[unsafe(no_mangle)]
pub extern "C" fn at9068_explanation_trace_json(explanation: Option<&at9068_explanation>) -> at9068_str {
    infallible(at9068_str::NONE, || explanation.map(|explanation| explanation.trace.as_str()).into())
}

/// The access token, as at9068_validator_validate() would have made it; NULL where the token is
/// refused. It belongs to the explanation: not to be freed, and good until that is.
#[unsafe(no_mangle)]
pub extern "C" fn at9068_explanation_token(explanation: Option<&at9068_explanation>) -> Option<&at9068_access_token> {
    infallible(None, || explanation.and_then(|explanation| explanation.verdict.as_ref().ok()))
}

/// The first failure, with the answer that at9068_validator_validate() would have given; NULL where
/// the token is good. It belongs to the explanation: not to be freed, and good until that is.
#[unsafe(no_mangle)]
pub extern "C" fn at9068_explanation_error(explanation: Option<&at9068_explanation>) -> Option<&at9068_error> {
    infallible(None, || explanation.and_then(|explanation| explanation.verdict.as_ref().err()))
}

/// How many steps there are; 0 of NULL.
#[unsafe(no_mangle)]
pub extern "C" fn at9068_explanation_step_count(explanation: Option<&at9068_explanation>) -> usize {
    infallible(0, || explanation.map_or(0, |explanation| explanation.steps.len()))
}

/// One step, by index from 0, in the order in which the rules are asked, and behind them those that
/// were not reached; NULL behind the last. It belongs to the explanation, as the texts of it do.
#[unsafe(no_mangle)]
pub extern "C" fn at9068_explanation_step_at(
    explanation: Option<&at9068_explanation>,
    index: usize,
) -> Option<&at9068_step> {
    infallible(None, || explanation.and_then(|explanation| explanation.steps.get(index)))
}

/// Text of a step, or none.
fn text<T: Into<at9068_str>>(step: Option<&at9068_step>, of: impl FnOnce(&Step) -> T) -> at9068_str {
    infallible(at9068_str::NONE, || step.map_or(at9068_str::NONE, |step| of(&step.step).into()))
}

/// The identifier of the rule, as in "AT-VAL-4".
#[unsafe(no_mangle)]
pub extern "C" fn at9068_step_rule(step: Option<&at9068_step>) -> at9068_str {
    text(step, Step::rule)
}

/// The document and section that the rule comes from, as in "RFC 9068 §4"; "at9068" where it is an
/// option of this product.
#[unsafe(no_mangle)]
pub extern "C" fn at9068_step_section(step: Option<&at9068_step>) -> at9068_str {
    text(step, Step::section)
}

/// How the rule was met: "pass"; "fail"; or "not_reached", where an earlier failure left nothing to
/// ask it of.
#[unsafe(no_mangle)]
pub extern "C" fn at9068_step_outcome(step: Option<&at9068_step>) -> at9068_str {
    text(step, |step| Outcome::as_str(step.outcome()))
}

/// The claim that the rule speaks of, where it is one.
#[unsafe(no_mangle)]
pub extern "C" fn at9068_step_claim(step: Option<&at9068_step>) -> at9068_str {
    text(step, Step::claim)
}

/// What the rule wants, in words that may change.
#[unsafe(no_mangle)]
pub extern "C" fn at9068_step_expected(step: Option<&at9068_step>) -> at9068_str {
    text(step, Step::expected)
}

/// The kind of value that was found, as in "string" or "absent", where a rule is broken by one;
/// never the value.
#[unsafe(no_mangle)]
pub extern "C" fn at9068_step_found(step: Option<&at9068_step>) -> at9068_str {
    text(step, Step::found)
}

/// The code of the failure; AT9068_CODE_OK where the rule is not broken.
#[unsafe(no_mangle)]
pub extern "C" fn at9068_step_code(step: Option<&at9068_step>) -> at9068_code {
    infallible(AT9068_CODE_OK, || step.and_then(|step| step.step.code()).map_or(AT9068_CODE_OK, number))
}

/// Frees an explanation, and its token, error and steps with it. NULL is fine.
#[unsafe(no_mangle)]
pub extern "C" fn at9068_explanation_free(explanation: Option<Box<at9068_explanation>>) {
    infallible((), || drop(explanation));
}
