//! The shortest way to a verdict, and to what it says: functions that are given a token and nothing else.
//!
//! The methods of classes look up whose they are and note that they are at work, which takes longer
//! than to find a token that was verified before.

use std::rc::Rc;

use at9068::{Progress, ValidateOptions};
use napi::bindgen_prelude::{Function, FunctionCallContext};
use napi::{Env, JsString};

use crate::access_token::Recent;
use crate::given::text_octets;
use crate::refresh::{Stage, stage};
use crate::signed::Text;

/// A function of a token's text, of whether the keys at hand have to do, and of the time, where it is
/// told.
pub(crate) fn judge(
    env: &Env,
    validator: at9068::Validator,
    recent: Rc<Recent>,
) -> napi::Result<Function<'_, (), Stage<Text>>> {
    env.create_function_from_closure("judge", move |call: FunctionCallContext<'_>| {
        let token: Vec<u8> = text_octets(call.get::<JsString<'_>>(0)?)?;
        let at_hand = call.get::<bool>(1)?;
        let options = ValidateOptions::default();
        let progress = if at_hand {
            Progress::Done(validator.validate_at_hand(&token[..], &options))
        } else {
            validator.step(&token[..], &options)
        };
        Ok(stage(Ok(progress), |token| recent.keep(token)))
    })
}

/// A function of the number of a token that was found good.
pub(crate) fn recent_facts(env: &Env, recent: Rc<Recent>) -> napi::Result<Function<'_, (), Option<Text>>> {
    env.create_function_from_closure("recentFacts", move |call: FunctionCallContext<'_>| {
        Ok(recent.facts(call.get::<f64>(0)? as u64))
    })
}
