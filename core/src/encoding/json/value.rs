//! Values within a text that has been checked, read on demand.

use std::borrow::Cow;

use super::Kind;
use super::plain::end_of_plain;

/// A value within a text that has been checked.
#[derive(Clone, Copy)]
pub(crate) struct Value<'a> {
    text: &'a str,
    known: Known<'a>,
}

/// What is known of a value since its text was checked.
#[derive(Clone, Copy)]
pub(super) enum Known<'a> {
    Nothing,
    /// It is a string that is written without escapes.
    AsWritten,
    /// It is a string that was written with escapes, and decoded.
    Decoded(&'a str),
    /// It is an array of so many strings and of nothing else.
    Strings(u32),
}

impl<'a> Value<'a> {
    /// The value of a text that was checked before and has nothing around it.
    #[inline]
    pub(super) fn exact(text: &'a str, known: Known<'a>) -> Self {
        Self { text, known }
    }

    /// The value of a text that was checked before; white space around it is left away.
    pub(crate) fn of_checked(text: &'a str) -> Self {
        Self { text: text.trim_matches([' ', '\t', '\n', '\r']), known: Known::Nothing }
    }

    pub(crate) fn text(self) -> &'a str {
        self.text
    }

    #[inline]
    pub(crate) fn kind(self) -> Kind {
        match self.text.as_bytes().first() {
            Some(b'{') => Kind::Object,
            Some(b'[') => Kind::Array,
            Some(b'"') => Kind::String,
            Some(b't' | b'f') => Kind::Boolean,
            Some(b'n') => Kind::Null,
            _ => Kind::Number,
        }
    }

    pub(crate) fn string(self) -> Option<Cow<'a, str>> {
        if let Known::Decoded(said) = self.known {
            return Some(Cow::Borrowed(said));
        }
        let inner = self.text.strip_prefix('"')?.strip_suffix('"')?;
        if matches!(self.known, Known::Nothing) && inner.as_bytes().contains(&b'\\') {
            let mut out = String::with_capacity(inner.len());
            unescape(inner, &mut out);
            Some(Cow::Owned(out))
        } else {
            Some(Cow::Borrowed(inner))
        }
    }

    pub(crate) fn number(self) -> Option<&'a str> {
        (self.kind() == Kind::Number).then_some(self.text)
    }

    pub(crate) fn boolean(self) -> Option<bool> {
        match self.text {
            "true" => Some(true),
            "false" => Some(false),
            _ => None,
        }
    }

    /// The elements, where this is an array.
    pub(crate) fn elements(self) -> Option<impl Iterator<Item = Value<'a>>> {
        let inner = self.text.strip_prefix('[')?.strip_suffix(']')?;
        let mut pieces = Pieces { text: inner };
        Some(std::iter::from_fn(move || pieces.value()))
    }

    /// How many strings it has, where it is an array of these and of nothing else.
    pub(crate) fn count_strings(self) -> Option<usize> {
        if let Known::Strings(count) = self.known {
            return usize::try_from(count).ok();
        }
        let mut elements = self.elements()?;
        elements.try_fold(0, |count, element| (element.kind() == Kind::String).then_some(count + 1))
    }

    /// The members, where this is an object.
    pub(crate) fn members(self) -> Option<impl Iterator<Item = (Cow<'a, str>, Value<'a>)>> {
        let inner = self.text.strip_prefix('{')?.strip_suffix('}')?;
        let mut pieces = Pieces { text: inner };
        Some(std::iter::from_fn(move || {
            let name = pieces.value()?.string()?;
            Some((name, pieces.value()?))
        }))
    }

    /// A member of an object.
    pub(crate) fn member(self, name: &str) -> Option<Self> {
        self.members()?.find_map(|(found, value)| (found == name).then_some(value))
    }
}

/// Cuts the inside of a checked container into its values.
struct Pieces<'a> {
    text: &'a str,
}

impl<'a> Pieces<'a> {
    fn value(&mut self) -> Option<Value<'a>> {
        let octets = self.text.as_bytes();
        let between = |octet: &u8| matches!(octet, b' ' | b'\t' | b'\n' | b'\r' | b',' | b':');
        let start = octets.iter().take_while(|octet| between(octet)).count();
        let end = start + end_of_value(octets.get(start..)?)?;
        let value = self.text.get(start..end)?;
        self.text = self.text.get(end..)?;
        Some(Value { text: value, known: Known::Nothing })
    }
}

/// Where the value that a checked text begins with ends.
fn end_of_value(bytes: &[u8]) -> Option<usize> {
    let (mut depth, mut at) = (0_usize, 0);
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => {
                at += end_of_string(bytes.get(at..)?)?;
                if depth == 0 {
                    return Some(at);
                }
                continue;
            }
            b'{' | b'[' => depth += 1,
            b'}' | b']' => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return Some(at + 1);
                }
            }
            b',' | b':' | b' ' | b'\t' | b'\n' | b'\r' if depth == 0 => return Some(at),
            _ => {}
        }
        at += 1;
    }
    (!bytes.is_empty() && depth == 0).then_some(bytes.len())
}

/// Where the string that a checked text begins with ends, quotes included.
fn end_of_string(bytes: &[u8]) -> Option<usize> {
    let mut at = 1;
    loop {
        at += end_of_plain(bytes.get(at..)?)?;
        match bytes.get(at)? {
            b'\\' => at += 2,
            _ => return Some(at + 1),
        }
    }
}

/// Decodes the inside of a string whose escapes have been checked.
pub(super) fn unescape(inner: &str, out: &mut String) {
    let mut chars = inner.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        match chars.next() {
            Some('b') => out.push('\u{8}'),
            Some('f') => out.push('\u{c}'),
            Some('n') => out.push('\n'),
            Some('r') => out.push('\r'),
            Some('t') => out.push('\t'),
            Some('u') => {
                let mut unit = code_unit(&mut chars);
                if (0xd800..=0xdbff).contains(&unit) {
                    chars.next();
                    chars.next();
                    let low = code_unit(&mut chars);
                    unit = 0x1_0000 + ((unit & 0x3ff) << 10) + (low & 0x3ff);
                }
                out.push(char::from_u32(unit).unwrap_or(char::REPLACEMENT_CHARACTER));
            }
            Some(c) => out.push(c),
            None => {}
        }
    }
}

fn code_unit(chars: &mut std::str::Chars<'_>) -> u32 {
    chars.by_ref().take(4).fold(0, |value, c| value * 16 + c.to_digit(16).unwrap_or(0))
}
