//! For how long a document may be used (RFC 9111 §5.2, §5.1).

use crate::ports::FetchResponse;

/// Whatever an issuer says, its documents are kept at least so long, …
const SHORTEST: u64 = 60;
/// … and never longer than this, so that a key that was taken back dies.
const LONGEST: u64 = 86_400;
/// Where it says nothing.
const USUAL: u64 = 600;

/// For how many seconds a response is fresh, from 60 seconds to a day; ten minutes where it does
/// not say. Only `Cache-Control` and `Age` count: dates would compare two clocks.
pub(crate) fn lifetime(response: &FetchResponse) -> u64 {
    let directives = response.fields("cache-control").flat_map(|field| field.split(','));
    let mut longest = None;
    for directive in directives {
        let (name, value) = directive.trim().split_once('=').unwrap_or((directive.trim(), ""));
        let said = if name.eq_ignore_ascii_case("no-store") || name.eq_ignore_ascii_case("no-cache") {
            Some(0)
        } else if name.eq_ignore_ascii_case("max-age") {
            seconds(value.trim_matches('"'))
        } else {
            None
        };
        longest = match (longest, said) {
            (Some(one), Some(other)) => Some(u64::min(one, other)),
            (one, other) => one.or(other),
        };
    }
    let age = response.field("age").and_then(seconds).unwrap_or(0);
    longest.map_or(USUAL, |longest| longest.saturating_sub(age).clamp(SHORTEST, LONGEST))
}

/// Digits, however many.
fn seconds(text: &str) -> Option<u64> {
    let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    digits.then(|| text.parse().unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_is_fresh_from_a_minute_to_a_day() {
        for (fields, expected) in [
            (&[][..], 600),
            (&[("Cache-Control", "max-age=300")], 300),
            (&[("cache-control", "public, MAX-AGE=\"300\" , must-revalidate")], 300),
            (&[("Cache-Control", "max-age=0")], 60),
            (&[("Cache-Control", "no-store")], 60),
            (&[("Cache-Control", "no-cache, max-age=3600")], 60),
            (&[("Cache-Control", "max-age=1000000000000")], 86_400),
            (&[("Cache-Control", "max-age=99999999999999999999999999")], 86_400),
            (&[("Cache-Control", "max-age=-1")], 600),
            (&[("Cache-Control", "max-age=abc")], 600),
            (&[("Cache-Control", "max-age")], 600),
            (&[("Cache-Control", "s-maxage=7200")], 600),
            (&[("Cache-Control", "max-age=7200"), ("Cache-Control", "max-age=300")], 300),
            (&[("Cache-Control", "max-age=3600"), ("Age", "3000")], 600),
            (&[("Cache-Control", "max-age=3600"), ("Age", "99999999999999999999999")], 60),
            (&[("Cache-Control", "max-age=3600"), ("Age", "soon")], 3600),
            (&[("Expires", "Thu, 01 Jan 1970 00:00:00 GMT")], 600),
        ] {
            let response = fields.iter().fold(FetchResponse::new(200, ""), |r, (name, value)| r.header(*name, *value));
            assert_eq!(lifetime(&response), expected, "{fields:?}");
        }
    }
}
