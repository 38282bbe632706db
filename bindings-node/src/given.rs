//! Tokens as they are given: texts or octets.

use std::mem::MaybeUninit;

use napi::bindgen_prelude::{Either, Uint8Array};
use napi::{JsString, JsValue as _, sys};

/// How many units of a text there is place for without memory of its own.
const PLACES: usize = 2048;

/// A token that is given.
pub type Given<'a> = Either<JsString<'a>, Uint8Array>;

/// The octets of a token, in whatever holds them.
///
/// # Errors
/// Where the text cannot be read, which the package sees to.
pub(crate) fn octets<T: FromIterator<u8>>(token: Given<'_>) -> napi::Result<T> {
    Ok(match token {
        Either::A(text) => text_octets(text)?,
        Either::B(bytes) => bytes.iter().copied().collect(),
    })
}

/// The octets of a text, which is copied once as it lies. To have it as UTF-8 takes longer, and as
/// Latin-1 it loses what tells it from a token. A lone surrogate becomes the octets of U+FFFD, which
/// are as little part of any token.
///
/// # Errors
/// As [`octets`].
pub(crate) fn text_octets<T: FromIterator<u8>>(text: JsString<'_>) -> napi::Result<T> {
    let mut place = [MaybeUninit::uninit(); PLACES];
    if let Some(units) = short(text, &mut place) {
        return Ok(octets_of(units));
    }
    let text = text.into_utf16()?;
    // Behind it stands the NUL that ends it.
    Ok(octets_of(text.split_last().map_or(&[][..], |(_, units)| units)))
}

/// The units of a text that is shorter than `place`, in it: most tokens are, and to have no memory made
/// and cleared for them is felt where a token was verified before.
#[expect(unsafe_code, reason = "Node-API writes to memory that it is shown")]
fn short<'a>(text: JsString<'_>, place: &'a mut [MaybeUninit<u16>; PLACES]) -> Option<&'a [u16]> {
    let text = text.value();
    let mut count = 0;
    // SAFETY: environment and value are those of the call that is under way, as `JsString` holds them; at most
    // `PLACES` units are written, the NUL behind the text included, and their number without it to `count`.
    let status = unsafe {
        sys::napi_get_value_string_utf16(text.env, text.value, place.as_mut_ptr().cast(), PLACES, &raw mut count)
    };
    // A text that fills the place may have been cut.
    if status != sys::Status::napi_ok || count >= PLACES - 1 {
        return None;
    }
    // SAFETY: so many units were written, from the first on, and `place` is borrowed for as long as they are.
    Some(unsafe { std::slice::from_raw_parts(place.as_ptr().cast(), count) })
}

fn octets_of<T: FromIterator<u8>>(units: &[u16]) -> T {
    // All are looked at together, which is faster than to stop at the first.
    if units.iter().fold(0, |all, unit| all | unit) < 0x80 {
        units.iter().map(|unit| *unit as u8).collect()
    } else {
        String::from_utf16_lossy(units).into_bytes().into_iter().collect()
    }
}
