//! Points in time, exact to 30 digits of a fraction; beyond these, known to be later or not.

use std::time::{SystemTime, UNIX_EPOCH};

use crate::error::{Error, ErrorCode, Result};

/// Milliseconds since the epoch, or between two times.
pub(crate) type Millis = i64;

/// The last second of the year 9999: no date of a token lies beyond it.
pub(crate) const LAST_SECOND: i64 = 253_402_300_799;

/// Digits of a fraction that are kept; what lies beyond is only known to be there or not.
const FRACTION_DIGITS: usize = 30;

/// The farthest that a clock may be from the epoch, in seconds.
const CLOCK_RANGE: f64 = 1e12;

/// Seconds since the epoch with an exact decimal fraction (`NumericDate`, RFC 7519 §2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Timestamp {
    // The order of the members is the order of comparison.
    seconds: i64,
    fraction: u128,
    beyond: bool,
}

/// A source of time.
pub trait Clock: Send + Sync {
    /// The time now, as wall clocks have it.
    ///
    /// # Errors
    /// Any, where no time can be told; the call that asked fails with `internal`.
    fn now(&self) -> Result<Timestamp>;
}

impl Timestamp {
    /// A whole second.
    #[must_use]
    pub const fn from_whole_seconds(seconds: i64) -> Self {
        Self { seconds, fraction: 0, beyond: false }
    }

    /// The exact value of a binary fraction of seconds since the epoch.
    ///
    /// # Errors
    /// `argument_invalid` where it is not finite or more than 10¹² seconds from the epoch.
    pub fn from_seconds(seconds: f64) -> Result<Self> {
        if !seconds.is_finite() || seconds.abs() > CLOCK_RANGE {
            return Err(Error::with_detail(ErrorCode::ArgumentInvalid, "not a usable time"));
        }
        let whole = seconds.floor();
        let (fraction, beyond) = exact_fraction(seconds - whole);
        #[expect(clippy::cast_possible_truncation, reason = "bounded by CLOCK_RANGE above")]
        Ok(Self { seconds: whole as i64, fraction, beyond })
    }

    /// The time that the system's clock tells.
    ///
    /// # Errors
    /// `internal` where that clock stands outside the range of [`from_seconds`](Self::from_seconds).
    pub fn system() -> Result<Self> {
        Self::of_system_time(SystemTime::now())
    }

    fn of_system_time(time: SystemTime) -> Result<Self> {
        let signed = match time.duration_since(UNIX_EPOCH) {
            Ok(since) => i64::try_from(since.as_secs()).ok().map(|s| (s, since.subsec_nanos())),
            // A clock before the epoch: whole seconds are exact enough to refuse everything.
            Err(before) => i64::try_from(before.duration().as_secs()).ok().map(|s| (-s, 0)),
        };
        let (seconds, nanos) = signed.ok_or_else(|| Error::new(ErrorCode::Internal))?;
        let fraction = u128::from(nanos) * 10_u128.pow(FRACTION_DIGITS as u32 - 9);
        Ok(Self { seconds, fraction, beyond: false })
    }

    /// The text of a JSON number, or nothing where its value lies outside of 0 to the year 9999.
    pub(crate) fn from_json_number(text: &str) -> Option<Self> {
        if let Some(seconds) = short_whole(text) {
            return Some(Self::from_whole_seconds(seconds));
        }
        let (negative, text) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (mantissa, exponent) = match text.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, small_exponent(exponent)),
            None => (text, 0),
        };
        let (whole, part) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let digits = || whole.bytes().chain(part.bytes()).map(|b| b.wrapping_sub(b'0'));
        let leading = digits().take_while(|d| *d == 0).count();
        if leading == whole.len() + part.len() {
            return Some(Self::from_whole_seconds(0)); // zero, however it is written
        }
        if negative {
            return None;
        }
        // The value is 0.d₁d₂d₃… × 10^point, with d₁ not zero.
        let point = i64::try_from(whole.len()).ok()? - i64::try_from(leading).ok()? + exponent;
        if point > 12 {
            return None;
        }
        let mut significant = digits().skip(leading);
        let mut seconds = 0_i64;
        for _ in 0..point.max(0) {
            seconds = seconds * 10 + i64::from(significant.next().unwrap_or(0));
        }
        let mut fraction = 0_u128;
        let mut position = 0_i64;
        while position < FRACTION_DIGITS as i64 {
            let digit = if position < -point { 0 } else { significant.next().unwrap_or(0) };
            fraction = fraction * 10 + u128::from(digit);
            position += 1;
        }
        let beyond = significant.any(|d| d != 0);
        let value = Self { seconds, fraction, beyond };
        (value <= Self::from_whole_seconds(LAST_SECOND)).then_some(value)
    }

    /// The second that this time lies in.
    #[must_use]
    pub const fn floor(self) -> i64 {
        self.seconds
    }

    /// The first whole second that does not lie before this time.
    pub(crate) const fn ceil(self) -> i64 {
        let part = if self.fraction > 0 || self.beyond { 1 } else { 0 };
        self.seconds.saturating_add(part)
    }

    /// Whole milliseconds since the epoch.
    pub(crate) fn as_milliseconds(self) -> Option<i64> {
        let part = i64::try_from(self.fraction / 10_u128.pow(FRACTION_DIGITS as u32 - 3)).ok()?;
        self.seconds.checked_mul(1000)?.checked_add(part)
    }

    /// This time, `seconds` later.
    #[must_use]
    pub const fn plus(self, seconds: i64) -> Self {
        Self { seconds: self.seconds.saturating_add(seconds), ..self }
    }
}

/// The digits of a fraction in [0, 1), from its bits.
fn exact_fraction(part: f64) -> (u128, bool) {
    if part <= 0.0 {
        return (0, false);
    }
    let bits = part.to_bits();
    let biased = (bits >> 52) & 0x7ff;
    let mantissa = (bits & ((1 << 52) - 1)) | if biased == 0 { 0 } else { 1 << 52 };
    let zeros = mantissa.trailing_zeros();
    let numerator = mantissa >> zeros;
    // part = numerator / 2^power
    let power = 1075_u64.saturating_sub(biased.max(1)).saturating_sub(u64::from(zeros));
    if power > 60 {
        return (0, true); // smaller than any fraction a time since the epoch can have
    }
    let mask = (1_u64 << power) - 1;
    let (mut rest, mut fraction) = (u128::from(numerator), 0_u128);
    for _ in 0..FRACTION_DIGITS {
        rest *= 10;
        fraction = fraction * 10 + (rest >> power);
        rest &= u128::from(mask);
    }
    (fraction, rest != 0)
}

/// What nearly every date is: a few digits and nothing else.
fn short_whole(text: &str) -> Option<i64> {
    if !(1..=11).contains(&text.len()) {
        return None;
    }
    let (first, rest) = match text.as_bytes().split_first_chunk() {
        Some((first, rest)) => (eight_digits(*first)?, rest),
        None => (0, text.as_bytes()),
    };
    rest.iter().try_fold(first, |value, octet| octet.is_ascii_digit().then(|| value * 10 + i64::from(octet - b'0')))
}

/// The number that eight digits are: pairs of them are put together all at once, then pairs of these.
fn eight_digits(digits: [u8; 8]) -> Option<i64> {
    const ZEROS: u64 = u64::from_le_bytes(*b"00000000");
    let text = u64::from_le_bytes(digits);
    // The upper halves of octets are those of digits, and stay so where 6 is added.
    let upper = u64::from_le_bytes([0xf0; 8]);
    let above = text.wrapping_add(u64::from_le_bytes([6; 8]));
    if text & upper != ZEROS || above & upper != ZEROS {
        return None;
    }
    let ones = text - ZEROS;
    let pairs = (ones * 10 + (ones >> 8)) & 0x00ff_00ff_00ff_00ff;
    let fours = (pairs * 100 + (pairs >> 16)) & 0x0000_ffff_0000_ffff;
    i64::try_from((fours * 10_000 + (fours >> 32)) & 0xffff_ffff).ok()
}

/// The value of an exponent's digits; one that is absurdly large stays large.
fn small_exponent(text: &str) -> i64 {
    const ABSURD: i64 = 1_000_000;
    let (sign, digits) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    let magnitude = digits.bytes().fold(0_i64, |value, b| (value * 10 + i64::from(b.wrapping_sub(b'0'))).min(ABSURD));
    sign * magnitude
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn number(text: &str) -> Option<Timestamp> {
        Timestamp::from_json_number(text)
    }

    #[test]
    fn numbers_have_one_value_however_written() {
        let whole = Timestamp::from_whole_seconds(1_700_000_000);
        for text in ["1700000000", "1700000000.0", "1.7e9", "17E+8", "17000000000e-1"] {
            assert_eq!(number(text), Some(whole), "{text}");
        }
        for text in ["0", "-0", "0.0", "-0e5", "0e999"] {
            assert_eq!(number(text), Some(Timestamp::from_whole_seconds(0)), "{text}");
        }
    }

    #[test]
    fn digits_are_what_they_say_and_nothing_else_is_a_digit() {
        for text in ["0", "7", "12345678", "123456789", "1700000000", "99999999", "10000000", "25340230079"] {
            assert_eq!(short_whole(text), text.parse().ok(), "{text}");
        }
        for octet in 0..=255_u8 {
            for at in 0..8 {
                let mut digits = *b"19283746";
                digits[at] = octet;
                let expected = std::str::from_utf8(&digits).ok().filter(|_| octet.is_ascii_digit());
                assert_eq!(eight_digits(digits), expected.and_then(|text| text.parse().ok()), "{octet} at {at}");
            }
        }
        assert_eq!(short_whole("123456789012"), None);
        assert_eq!(short_whole(""), None);
    }

    #[test]
    fn what_lies_outside_is_refused() {
        for text in ["-1", "-0.1", "1e999", "1e308", "253402300800", "253402300799.1", "1e13"] {
            assert_eq!(number(text), None, "{text}");
        }
        assert_eq!(number("253402300799").map(Timestamp::floor), Some(LAST_SECOND));
        assert!(number(&"9".repeat(400)).is_none());
    }

    #[test]
    fn fractions_are_compared_exactly() {
        let quarter = Timestamp::from_seconds(1_700_000_000.25).unwrap();
        assert_eq!(number("1700000000.25"), Some(quarter));
        assert!(number("1700000000.2500000000000000000000000000000000001") > Some(quarter));
        assert!(number("1700000000.2499999999999999999999999999999999999") < Some(quarter));
        assert!(number("1e-400") > Some(Timestamp::from_whole_seconds(0)));
        assert_eq!(number("0.001"), Some(Timestamp { seconds: 0, fraction: 10_u128.pow(27), beyond: false }));
        assert_eq!(Timestamp::from_seconds(-0.5).unwrap().floor(), -1);
    }

    #[test]
    fn the_systems_time_is_exact() {
        let after = UNIX_EPOCH + Duration::new(1_700_000_000, 250_000_000);
        assert_eq!(Timestamp::of_system_time(after), Timestamp::from_seconds(1_700_000_000.25));
        let before = UNIX_EPOCH - Duration::new(5, 0);
        assert_eq!(Timestamp::of_system_time(before), Ok(Timestamp::from_whole_seconds(-5)));
    }

    #[test]
    fn a_clock_is_finite_and_near() {
        for seconds in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1e13, -1e13] {
            assert!(Timestamp::from_seconds(seconds).is_err());
        }
        assert!(Timestamp::system().unwrap().floor() > 1_700_000_000);
    }
}
