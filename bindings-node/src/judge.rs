//! The shortest way to a verdict: a function that is given a token and nothing else.
//!
//! The methods of classes look up whose they are and note that they are at work, which takes longer
//! than to find a token that was verified before.

use std::rc::Rc;

use at9068::{Progress, ValidateOptions};
use napi::bindgen_prelude::{Function, FunctionCallContext};
use napi::{Env, JsString};

use crate::access_token::Recent;
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
        let token = call.get::<JsString<'_>>(0)?.into_utf16()?;
        let at_hand = call.get::<bool>(1)?;
        // Behind it stands the NUL that ends it.
        let token = octets(token.split_last().map_or(&[], |(_, text)| text));
        let options = ValidateOptions::default();
        let progress = if at_hand {
            Progress::Done(validator.validate_at_hand(&*token, &options))
        } else {
            validator.step(&*token, &options)
        };
        Ok(stage(Ok(progress), |token| recent.keep(token)))
    })
}

/// The octets of a token. A lone surrogate becomes those of U+FFFD, which are as little part of any
/// token.
fn octets(text: &[u16]) -> Vec<u8> {
    // All at once, which processors do faster than to stop at the first.
    if text.iter().fold(0, |all, unit| all | unit) < 0x80 {
        text.iter().map(|unit| *unit as u8).collect()
    } else {
        String::from_utf16_lossy(text).into_bytes()
    }
}
