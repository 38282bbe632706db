//! What was signed, as JavaScript keeps it: as one text, which its own memory holds.
//!
//! Of a native object the memory would be freed only once the event loop turns. Nothing is taken
//! apart before somebody asks for it; a text that holds no character beyond ASCII, as nearly all
//! do, crosses over as it lies.
//!
//! ```text
//! <length of the header> <length of the claims> <a number>\n<header><claims><the rest>
//! ```
//!
//! Lengths are those that JavaScript counts. What the number and the rest are depends on the kind.

use napi::bindgen_prelude::{Either, Latin1String};
use serde::Serialize;

/// A text on its way to JavaScript.
pub type Text = Either<Latin1String, String>;

/// The text of what was signed. The rest may be in pieces.
pub fn signed(header: &str, claims: &str, number: u64, rest: &[&str]) -> Text {
    /// More than three numbers and what stands between them take.
    const NUMBERS: usize = 64;
    let length = header.len() + claims.len() + rest.iter().map(|piece| piece.len()).sum::<usize>();
    let ascii = header.is_ascii() && claims.is_ascii() && rest.iter().all(|piece| piece.is_ascii());
    let units = |text: &str| if ascii { text.len() } else { text.encode_utf16().count() };
    let mut text = String::with_capacity(NUMBERS + length);
    for (number, end) in [(units(header) as u64, ' '), (units(claims) as u64, ' '), (number, '\n')] {
        write_number(number, &mut text);
        text.push(end);
    }
    text.push_str(header);
    text.push_str(claims);
    text.extend(rest.iter().copied());
    if ascii { Either::A(text.into()) } else { Either::B(text) }
}

/// A good token of which nothing is asked of the native half again. The rest is what the core reads
/// in it, by the names of the accessors, as a JSON object.
pub fn verified(header: &str, claims: &str, facts: &impl Serialize) -> Text {
    signed(header, claims, 0, &[&facts_json(facts)])
}

/// The JSON text of facts, which have one: they are texts, numbers and lists of texts.
pub fn facts_json(facts: &impl Serialize) -> String {
    serde_json::to_string(facts).unwrap_or_default()
}

/// A text in the form that costs least.
pub fn text_of(text: String) -> Text {
    if text.is_ascii() { Either::A(text.into()) } else { Either::B(text) }
}

/// The parts of a text that JavaScript kept: header, claims, number and the rest.
pub fn parts(text: &str) -> Option<(&str, &str, u64, &str)> {
    let (numbers, rest) = text.split_once('\n')?;
    let mut numbers = numbers.splitn(3, ' ').map(str::parse::<u64>);
    let mut next = || numbers.next()?.ok();
    let (header_length, claims_length, number) = (next()?, next()?, next()?);
    let (header, rest) = split(rest, header_length)?;
    let (claims, rest) = split(rest, claims_length)?;
    Some((header, claims, number, rest))
}

fn split(text: &str, length: u64) -> Option<(&str, &str)> {
    if text.is_ascii() {
        return text.split_at_checked(usize::try_from(length).ok()?);
    }
    let mut units = 0;
    for (place, c) in text.char_indices() {
        if units == length {
            return text.split_at_checked(place);
        }
        units += c.len_utf16() as u64;
    }
    (units == length).then_some((text, ""))
}

/// Several numbers are written with every verdict: `format!` takes longer.
fn write_number(number: u64, text: &mut String) {
    let mut digits = [0; 20];
    let mut left = number;
    let mut count = 0;
    for digit in digits.iter_mut().rev() {
        *digit = b'0' + (left % 10) as u8;
        left /= 10;
        count += 1;
        if left == 0 {
            break;
        }
    }
    text.extend(digits.iter().skip(digits.len() - count).map(|digit| char::from(*digit)));
}
