//! Texts, octets and numbers as arguments.

use std::borrow::Cow;

use at9068::ErrorCode;
use pyo3::exceptions::{PyOverflowError, PyTypeError};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyByteArray, PyBytes, PyString};

use crate::error::refuse;

/// The octets of a `str` or of bytes. A lone surrogate becomes what is not UTF-8, so that the
/// core refuses it with its own code.
pub(crate) fn octets<'a>(name: &str, value: &'a Bound<'_, PyAny>) -> PyResult<Cow<'a, [u8]>> {
    if let Ok(text) = value.cast::<PyString>() {
        return match text.to_str() {
            Ok(text) => Ok(Cow::Borrowed(text.as_bytes())),
            Err(_) => Ok(Cow::Owned(with_surrogates(text)?)),
        };
    }
    if let Ok(octets) = value.cast::<PyBytes>() {
        return Ok(Cow::Borrowed(octets.as_bytes()));
    }
    if let Ok(octets) = value.cast::<PyByteArray>() {
        return Ok(Cow::Owned(octets.to_vec()));
    }
    Err(wrong_type(name, "str or bytes", value))
}

/// A text that is an argument of its own.
pub(crate) fn text<'a>(name: &str, value: &'a Bound<'_, PyAny>) -> PyResult<&'a str> {
    let text = value.cast::<PyString>().map_err(|_| wrong_type(name, "str", value))?;
    let refused = || refuse(value.py(), ErrorCode::ArgumentInvalid, &format!("{name} is not valid Unicode"));
    text.to_str().map_err(|_| refused())
}

/// A text of JSON. Where a lone surrogate stands, a control character takes its place, which
/// strict JSON knows nowhere: the core refuses the text as it should.
pub(crate) fn json_text<'a>(text: &'a Bound<'_, PyString>) -> PyResult<Cow<'a, str>> {
    match text.to_str() {
        Ok(text) => Ok(Cow::Borrowed(text)),
        Err(_) => {
            let octets = with_surrogates(text)?;
            Ok(Cow::Owned(String::from_utf8_lossy(&octets).replace(char::REPLACEMENT_CHARACTER, "\u{1}")))
        }
    }
}

/// A PEM text, which is ASCII: what is not UTF-8 is malformed however it is replaced.
pub(crate) fn pem_text<'a>(value: &'a Bound<'_, PyAny>) -> PyResult<Cow<'a, str>> {
    Ok(match octets("pem", value)? {
        Cow::Borrowed(octets) => String::from_utf8_lossy(octets),
        Cow::Owned(octets) => Cow::Owned(String::from_utf8_lossy(&octets).into_owned()),
    })
}

/// Seconds since the epoch. What no float can hold becomes infinite, for the core to refuse.
pub(crate) fn seconds(name: &str, value: &Bound<'_, PyAny>) -> PyResult<f64> {
    if value.is_instance_of::<PyBool>() || value.is_instance_of::<PyString>() {
        return Err(wrong_type(name, "a number of seconds", value));
    }
    value.extract::<f64>().or_else(|failure| {
        if failure.is_instance_of::<PyOverflowError>(value.py()) {
            return Ok(f64::INFINITY);
        }
        if failure.is_instance_of::<PyTypeError>(value.py()) {
            return Err(wrong_type(name, "a number of seconds", value));
        }
        Err(failure)
    })
}

/// `now` as a call names it, or nothing.
pub(crate) fn optional_seconds(value: Option<&Bound<'_, PyAny>>) -> PyResult<Option<f64>> {
    value.map(|value| seconds("now", value)).transpose()
}

/// A `TypeError` that names the type given, never the value.
pub(crate) fn wrong_type(name: &str, wanted: &str, value: &Bound<'_, PyAny>) -> PyErr {
    match value.get_type().name() {
        Ok(given) => PyTypeError::new_err(format!("{name} must be {wanted}, not {given}")),
        Err(failure) => failure,
    }
}

fn with_surrogates(text: &Bound<'_, PyString>) -> PyResult<Vec<u8>> {
    let py = text.py();
    let encoded = text.call_method1(intern!(py, "encode"), (intern!(py, "utf-8"), intern!(py, "surrogatepass")))?;
    Ok(encoded.cast::<PyBytes>()?.as_bytes().to_vec())
}
