//! Tokens as they are given: texts or octets.

use napi::JsString;
use napi::bindgen_prelude::{Either, Uint8Array};

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
    let text = text.into_utf16()?;
    // Behind it stands the NUL that ends it.
    let units = text.split_last().map_or(&[][..], |(_, units)| units);
    // All are looked at together, which is faster than to stop at the first.
    Ok(if units.iter().fold(0, |all, unit| all | unit) < 0x80 {
        units.iter().map(|unit| *unit as u8).collect()
    } else {
        String::from_utf16_lossy(units).into_bytes().into_iter().collect()
    })
}
