//! `application/x-www-form-urlencoded`, as RFC 6749 Appendix B wants it.

/// Appends a text in the form of a name or a value.
pub(crate) fn encode_into(text: &str, out: &mut String) {
    for octet in text.bytes() {
        match octet {
            b' ' => out.push('+'),
            b'*' | b'-' | b'.' | b'_' | b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' => out.push(char::from(octet)),
            octet => {
                out.push('%');
                for nibble in [octet >> 4, octet & 0xf] {
                    let digit = char::from_digit(u32::from(nibble), 16).unwrap_or('0');
                    out.push(digit.to_ascii_uppercase());
                }
            }
        }
    }
}

/// Appends a name and its value, behind those that are there.
pub(crate) fn push(name: &str, value: &str, form: &mut String) {
    if !form.is_empty() {
        form.push('&');
    }
    encode_into(name, form);
    form.push('=');
    encode_into(value, form);
}

pub(crate) fn encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    encode_into(text, &mut out);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of RFC 6749 Appendix B.
    #[test]
    fn texts_are_encoded_as_the_standard_shows() {
        assert_eq!(encode(" %&+\u{a3}\u{20ac}"), "+%25%26%2B%C2%A3%E2%82%AC");
        assert_eq!(encode("aZ09-._*"), "aZ09-._*");
        let mut form = String::new();
        push("a b", "c&d", &mut form);
        push("e", "", &mut form);
        assert_eq!(form, "a+b=c%26d&e=");
        assert_eq!(encode("~=:/\u{0}"), "%7E%3D%3A%2F%00");
    }
}
