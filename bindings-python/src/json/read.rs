//! JSON text that the core has checked, as Python values: what `json.loads` makes of it, in less time.

use pyo3::exceptions::PyValueError;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyFloat, PyInt, PyList, PyString};

use super::names;

/// Deeper than anything the core lets pass.
const DEEPEST: usize = 100;

/// Digits that any integer of 64 bits has room for.
const SHORT_DIGITS: usize = 18;

/// The Python value of a text that the core has checked.
pub(crate) fn read<'py>(py: Python<'py>, text: &str) -> PyResult<Bound<'py, PyAny>> {
    let mut reader = Reader { py, text, at: 0 };
    match reader.value(0) {
        Ok(value) if reader.peek().is_none() => Ok(value),
        Err(Stop::Raised(failure)) => Err(*failure),
        // Python knows what to do with it.
        Ok(_) | Err(Stop::Surprised) => py.import(intern!(py, "json"))?.call_method1(intern!(py, "loads"), (text,)),
    }
}

/// Why there is no value.
enum Stop {
    // In a box, since every value is returned by way of this type.
    Raised(Box<PyErr>),
    /// This is none of the texts that are read here.
    Surprised,
}

impl From<PyErr> for Stop {
    fn from(failure: PyErr) -> Self {
        Self::Raised(Box::new(failure))
    }
}

type Read<T> = Result<T, Stop>;

struct Reader<'a, 'py> {
    py: Python<'py>,
    text: &'a str,
    at: usize,
}

impl<'a, 'py> Reader<'a, 'py> {
    fn value(&mut self, depth: usize) -> Read<Bound<'py, PyAny>> {
        let py = self.py;
        match self.peek() {
            Some(b'"') => self.string(|text| Ok(PyString::new(py, text).into_any())),
            Some(b'{') if depth < DEEPEST => self.object(depth),
            Some(b'[') if depth < DEEPEST => self.array(depth),
            Some(b't') => self.literal("true", PyBool::new(py, true).to_owned().into_any()),
            Some(b'f') => self.literal("false", PyBool::new(py, false).to_owned().into_any()),
            Some(b'n') => self.literal("null", py.None().into_bound(py)),
            _ => self.number(),
        }
    }

    fn object(&mut self, depth: usize) -> Read<Bound<'py, PyAny>> {
        let (py, object) = (self.py, PyDict::new(self.py));
        self.at += 1;
        if self.passed(b'}') {
            return Ok(object.into_any());
        }
        loop {
            if self.peek() != Some(b'"') {
                return Err(Stop::Surprised);
            }
            // The name is known before the value, and needed after it: as a piece of the text,
            // unless it was written with escapes.
            let start = self.at;
            let plain = self.plain();
            let name = match plain {
                Some(_) => None,
                None => {
                    self.at = start;
                    Some(self.string(|name| Ok(PyString::new(py, name)))?)
                }
            };
            self.expect(b':')?;
            let value = self.value(depth + 1)?;
            match (plain, name) {
                (Some(plain), _) => names::with(py, plain, |name| object.set_item(name, value))?,
                (None, Some(name)) => object.set_item(name, value)?,
                (None, None) => return Err(Stop::Surprised),
            }
            if self.passed(b'}') {
                return Ok(object.into_any());
            }
            self.expect(b',')?;
        }
    }

    fn array(&mut self, depth: usize) -> Read<Bound<'py, PyAny>> {
        let array = PyList::empty(self.py);
        self.at += 1;
        if self.passed(b']') {
            return Ok(array.into_any());
        }
        loop {
            array.append(self.value(depth + 1)?)?;
            if self.passed(b']') {
                return Ok(array.into_any());
            }
            self.expect(b',')?;
        }
    }

    /// Reads a string, whose quote is next.
    fn string<T>(&mut self, make: impl FnOnce(&str) -> Read<T>) -> Read<T> {
        let start = self.at;
        if let Some(plain) = self.plain() {
            return make(plain);
        }
        self.at = start + 1;
        let mut decoded = String::new();
        loop {
            let rest = self.rest()?;
            let end = end_of_plain(rest.as_bytes()).ok_or(Stop::Surprised)?;
            decoded.push_str(rest.get(..end).ok_or(Stop::Surprised)?);
            self.at += end + 1;
            if rest.as_bytes().get(end) == Some(&b'"') {
                return make(&decoded);
            }
            decoded.push(self.escaped()?);
        }
    }

    /// A string without escapes, whose quote is next.
    #[inline(always)]
    fn plain(&mut self) -> Option<&'a str> {
        let inside = self.text.get(self.at + 1..)?;
        let end = end_of_plain(inside.as_bytes())?;
        if inside.as_bytes().get(end) != Some(&b'"') {
            return None;
        }
        self.at += end + 2;
        inside.get(..end)
    }

    /// What is written behind a reverse solidus.
    fn escaped(&mut self) -> Read<char> {
        let octet = self.rest()?.bytes().next();
        self.at += 1;
        Ok(match octet {
            Some(same @ (b'"' | b'\\' | b'/')) => char::from(same),
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => {
                let first = self.unit()?;
                if let Some(character) = char::from_u32(first.into()) {
                    return Ok(character);
                }
                if self.rest()?.get(..2) != Some("\\u") {
                    return Err(Stop::Surprised);
                }
                self.at += 2;
                let pair = [first, self.unit()?];
                char::decode_utf16(pair).next().and_then(Result::ok).ok_or(Stop::Surprised)?
            }
            _ => return Err(Stop::Surprised),
        })
    }

    fn unit(&mut self) -> Read<u16> {
        let digits = self.rest()?.get(..4).ok_or(Stop::Surprised)?;
        self.at += 4;
        u16::from_str_radix(digits, 16).map_err(|_| Stop::Surprised)
    }

    fn number(&mut self) -> Read<Bound<'py, PyAny>> {
        let (py, rest) = (self.py, self.rest()?);
        let is_part = |octet: &u8| matches!(octet, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E');
        let length = rest.bytes().position(|octet| !is_part(&octet)).unwrap_or(rest.len());
        let number = rest.get(..length).ok_or(Stop::Surprised)?;
        self.at += length;
        if number.bytes().any(|octet| matches!(octet, b'.' | b'e' | b'E')) {
            let number: f64 = number.parse().map_err(|_| Stop::Surprised)?;
            return Ok(PyFloat::new(py, number).into_any());
        }
        if length <= SHORT_DIGITS {
            let number: i64 = number.parse().map_err(|_| Stop::Surprised)?;
            return Ok(PyInt::new(py, number).into_any());
        }
        let integer = py.get_type::<PyInt>().call1((number,));
        integer.or_else(|failure| {
            if !failure.is_instance_of::<PyValueError>(py) {
                return Err(failure.into());
            }
            // Python refuses to read integers of thousands of digits.
            Ok(py.get_type::<PyFloat>().call1((number,))?)
        })
    }

    fn literal(&mut self, text: &str, value: Bound<'py, PyAny>) -> Read<Bound<'py, PyAny>> {
        if !self.rest()?.starts_with(text) {
            return Err(Stop::Surprised);
        }
        self.at += text.len();
        Ok(value)
    }

    /// What comes next that is not white space.
    #[inline(always)]
    fn peek(&mut self) -> Option<u8> {
        loop {
            match self.text.as_bytes().get(self.at) {
                Some(b' ' | b'\t' | b'\n' | b'\r') => self.at += 1,
                octet => return octet.copied(),
            }
        }
    }

    #[inline(always)]
    fn passed(&mut self, octet: u8) -> bool {
        let is_next = self.peek() == Some(octet);
        self.at += usize::from(is_next);
        is_next
    }

    #[inline(always)]
    fn expect(&mut self, octet: u8) -> Read<()> {
        if self.passed(octet) { Ok(()) } else { Err(Stop::Surprised) }
    }

    fn rest(&self) -> Read<&'a str> {
        self.text.get(self.at..).ok_or(Stop::Surprised)
    }
}

/// Where a quote or a reverse solidus comes first, eight octets at a time.
fn end_of_plain(octets: &[u8]) -> Option<usize> {
    const ONES: u64 = u64::from_le_bytes([1; 8]);
    const TOPS: u64 = u64::from_le_bytes([0x80; 8]);
    // The lowest octet of these is zero that has its top bit set here.
    let zeros = |octets: u64| octets.wrapping_sub(ONES) & !octets & TOPS;
    let (eights, rest) = octets.as_chunks::<8>();
    for (place, eight) in eights.iter().enumerate() {
        let eight = u64::from_le_bytes(*eight);
        let found = zeros(eight ^ (ONES * u64::from(b'"'))) | zeros(eight ^ (ONES * u64::from(b'\\')));
        if found != 0 {
            return Some(place * 8 + found.trailing_zeros() as usize / 8);
        }
    }
    let is_end = |octet: &u8| matches!(octet, b'"' | b'\\');
    rest.iter().position(is_end).map(|place| eights.len() * 8 + place)
}
