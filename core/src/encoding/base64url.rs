//! base64url as RFC 7515 §2 wants it: no padding, no white space, and the unused bits of the last
//! character zero, so that every byte string has exactly one text (RFC 4648 §3.5).

use base64_simd::{Out, URL_SAFE_NO_PAD};
use smallvec::SmallVec;

/// Octets for which no memory is asked unless they are many: those of any signature but of the largest
/// RSA keys.
pub(crate) type Short = SmallVec<[u8; 512]>;

/// The bytes of a text, or nothing where the text is not the one canonical encoding.
pub(crate) fn decode(text: impl AsRef<[u8]>) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode_to_vec(text).ok()
}

/// The same, of a text that should be short, into room that lies elsewhere: it is too large to be moved.
pub(crate) fn decode_short<'a>(text: &[u8], room: &'a mut Short) -> Option<&'a [u8]> {
    room.resize(text.len() / 4 * 3 + 3, 0);
    Some(URL_SAFE_NO_PAD.decode(text, Out::from_slice(room.as_mut_slice())).ok()?)
}

/// `b64token` of RFC 6750 §2.1: what any bearer token is written in.
pub(crate) fn is_token68(text: &str) -> bool {
    let body = text.trim_end_matches('=');
    !body.is_empty() && body.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~+/".contains(&b))
}

/// The standard alphabet, with padding (RFC 4648 §4).
pub(crate) fn encode_standard(bytes: impl AsRef<[u8]>) -> String {
    base64_simd::STANDARD.encode_to_string(bytes)
}

/// The octets of a text in the standard alphabet, read as forgivingly as browsers do: to
/// recognise what somebody may have meant, never to read a token.
pub(crate) fn decode_forgiving(text: &[u8]) -> Option<Vec<u8>> {
    base64_simd::forgiving_decode_to_vec(text).ok()
}

/// Whether a text is the one canonical encoding of `length` bytes.
pub(crate) fn is_canonical(text: &str, length: usize) -> bool {
    decode(text).is_some_and(|bytes| bytes.len() == length)
}

pub(crate) fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode_to_string(bytes)
}

/// Appends the encoding of `bytes` to `out`.
pub(crate) fn encode_into(bytes: impl AsRef<[u8]>, out: &mut String) {
    URL_SAFE_NO_PAD.encode_append(bytes, out);
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

    #[test]
    fn every_text_that_decodes_is_the_one_that_encodes() {
        for first in 0..=255_u8 {
            for last in 0..=255_u8 {
                for text in [vec![first, last], vec![b'A', first, last], vec![b'A', b'A', first, last]] {
                    if let Some(bytes) = decode(&text) {
                        assert_eq!(encode(bytes).as_bytes(), text);
                        assert!(text.iter().all(|b| ALPHABET.contains(b)));
                    }
                }
            }
        }
    }

    /// Long enough for every way of reading many octets at once, and for the rests behind them.
    #[test]
    fn no_octet_outside_of_the_alphabet_is_read_anywhere() {
        for length in (4..=132).filter(|length| length % 4 != 1) {
            let text = vec![b'A'; length];
            assert!(decode(&text).is_some());
            for at in 0..length {
                for octet in (0..=255).filter(|octet| !ALPHABET.contains(octet)) {
                    let mut broken = text.clone();
                    broken[at] = octet;
                    assert_eq!(decode(&broken), None, "{octet} at {at} of {length}");
                }
            }
            for last in ALPHABET {
                let mut other = text.clone();
                other[length - 1] = *last;
                if let Some(bytes) = decode(&other) {
                    assert_eq!(encode(bytes).as_bytes(), other);
                }
            }
        }
    }

    #[test]
    fn padding_white_space_and_lone_characters_are_refused() {
        for text in ["A", "AA=", "AA==", "AAA=", "AAAA=", " AAAA", "AAAA\n", "AA AA", "AAAAA", "AA+A", "AA/A"] {
            assert_eq!(decode(text), None, "{text:?}");
        }
        assert_eq!(decode(""), Some(Vec::new()));
    }
}
