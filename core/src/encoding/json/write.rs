//! How strings are written.

use super::plain::end_of_plain;

/// Appends a string as JSON.
pub(crate) fn write_string(text: &str, out: &mut String) {
    out.push('"');
    let mut rest = text;
    while let Some(end) = end_of_plain(rest.as_bytes())
        && let Some((plain, special)) = rest.split_at_checked(end)
    {
        out.push_str(plain);
        let mut behind = special.chars();
        write_escape(behind.next().unwrap_or_default(), out);
        rest = behind.as_str();
    }
    out.push_str(rest);
    out.push('"');
}

/// What cannot stand in a string as it is.
fn write_escape(c: char, out: &mut String) {
    match c {
        '"' => out.push_str("\\\""),
        '\\' => out.push_str("\\\\"),
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        '\u{8}' => out.push_str("\\b"),
        '\u{c}' => out.push_str("\\f"),
        c => {
            out.push_str("\\u00");
            for nibble in [u32::from(c) >> 4 & 0xf, u32::from(c) & 0xf] {
                out.push(char::from_digit(nibble, 16).unwrap_or('0'));
            }
        }
    }
}

/// Appends strings as a JSON array.
pub(crate) fn write_strings<T: AsRef<str>>(texts: impl IntoIterator<Item = T>, out: &mut String) {
    out.push('[');
    for (index, text) in texts.into_iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        write_string(text.as_ref(), out);
    }
    out.push(']');
}
