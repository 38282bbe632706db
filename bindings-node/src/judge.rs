//! The shortest way to a verdict, and to what it says: functions that are given a token and nothing else.
//!
//! The methods of classes look up whose they are and note that they are at work, which takes longer
//! than to find a token that was verified before.

use std::rc::Rc;

use at9068::{Progress, ValidateOptions};
use napi::bindgen_prelude::{Either, Function, FunctionCallContext};
use napi::{Env, JsString};

use crate::access_token::{Recent, Told};
use crate::failure::{Failure, Outcome, outcome};
use crate::given::text_octets;
use crate::refresh::{Stage, stage};
use crate::signed::Text;
use crate::validator::options;

/// A function of a token's text, of whether the keys at hand have to do, of the time, where it is told,
/// and of the JSON text of what is demanded, where anything is. An error comes back as a text too; of
/// a good token that came before, its number, where numbers are of use.
pub(crate) fn judge(
    env: &Env,
    validator: at9068::Validator,
    recent: Rc<Recent>,
    by_number: bool,
) -> napi::Result<Function<'_, (), Stage<Told>>> {
    env.create_function_from_closure("judge", move |call: FunctionCallContext<'_>| {
        let token: Vec<u8> = text_octets(call.get::<JsString<'_>>(0)?)?;
        let at_hand = call.get::<bool>(1)?;
        let options = if call.length() > 2 {
            options(call.get::<Option<f64>>(2)?, call.get::<Option<String>>(3)?)
        } else {
            Ok(ValidateOptions::default())
        };
        let options = match options {
            Ok(options) => options,
            Err(error) => return Ok(Stage::A(Either::B(Failure::from(error).to_text()))),
        };
        let progress = if at_hand {
            Progress::Done(validator.validate_at_hand(&token[..], &options))
        } else {
            validator.step(&token[..], &options)
        };
        Ok(match progress {
            Progress::Done(Err(error)) => Stage::A(Either::B(Failure::from(error).to_text())),
            progress => stage(Ok(progress), |token| match by_number {
                true => recent.tell(token),
                false => Either::B(recent.keep(token)),
            }),
        })
    })
}

/// A function of the number of the token that was found good just now, which gives its text.
pub(crate) fn told(env: &Env, recent: Rc<Recent>) -> napi::Result<Function<'_, (), Outcome<Text>>> {
    env.create_function_from_closure("told", move |call: FunctionCallContext<'_>| {
        Ok(outcome(recent.told(call.get::<f64>(0)? as u64)))
    })
}

/// A function of the number of a token that was found good.
pub(crate) fn recent_facts(env: &Env, recent: Rc<Recent>) -> napi::Result<Function<'_, (), Option<Text>>> {
    env.create_function_from_closure("recentFacts", move |call: FunctionCallContext<'_>| {
        Ok(recent.facts(call.get::<f64>(0)? as u64))
    })
}
