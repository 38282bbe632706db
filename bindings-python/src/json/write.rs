//! Python values to JSON text, for the core to judge.
//!
//! The writer has no opinion: what JSON cannot say (not a number, a lone surrogate) is written in
//! a way that the core refuses with its own code.

use at9068::{ErrorCode, Handles};
use pyo3::exceptions::PyTypeError;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyFloat, PyInt, PyList, PyMapping, PyString, PyTuple};

use crate::error::refuse;
use crate::key_set::KeySet;
use crate::signing_key::SigningKey;
use crate::text::{json_text, wrong_type};

/// Deeper than anything the core reads; ends structures that contain themselves.
const DEEPEST: usize = 100;

const KEY_SET: &str = "$key_set";
const SIGNING_KEY: &str = "$signing_key";

/// The JSON text of a mapping.
pub(crate) fn write(mapping: &Bound<'_, PyMapping>, code: ErrorCode) -> PyResult<String> {
    let mut writer = Writer { out: String::new(), code, handles: None };
    writer.object(mapping, 1)?;
    Ok(writer.out)
}

/// The JSON text of a configuration, and the handles that it refers to.
pub(crate) fn write_config(options: &Bound<'_, PyMapping>) -> PyResult<(String, Handles)> {
    let handles = Some(Handles::default());
    let mut writer = Writer { out: String::new(), code: ErrorCode::ConfigInvalid, handles };
    writer.object(options, 1)?;
    Ok((writer.out, writer.handles.unwrap_or_default()))
}

/// The JSON text of the argument of a call that takes one mapping, or its fields as keywords.
pub(crate) fn write_fields(
    py: Python<'_>,
    name: &str,
    given: Option<&Bound<'_, PyAny>>,
    fields: Option<&Bound<'_, PyDict>>,
) -> PyResult<String> {
    let none = PyDict::new(py);
    let mapping = match (given, fields) {
        (Some(_), Some(_)) => {
            return Err(PyTypeError::new_err(format!("{name} is given as a mapping or as keywords, not as both")));
        }
        (Some(given), None) => given.cast::<PyMapping>().map_err(|_| wrong_type(name, "a mapping", given))?,
        (None, fields) => fields.unwrap_or(&none).as_mapping(),
    };
    write(mapping, ErrorCode::ArgumentInvalid)
}

/// The JSON text of an argument that is a mapping or already JSON text.
pub(crate) fn text_of(name: &str, value: &Bound<'_, PyAny>, code: ErrorCode) -> PyResult<String> {
    if let Ok(text) = value.cast::<PyString>() {
        return Ok(json_text(text)?.into_owned());
    }
    match value.cast::<PyMapping>() {
        Ok(mapping) => write(mapping, code),
        Err(_) => Err(wrong_type(name, "a mapping or JSON text", value)),
    }
}

struct Writer {
    out: String,
    /// What a structure that cannot be written is reported as.
    code: ErrorCode,
    /// Where handles go, in a configuration.
    handles: Option<Handles>,
}

impl Writer {
    fn value(&mut self, value: &Bound<'_, PyAny>, depth: usize) -> PyResult<()> {
        if value.is_none() {
            self.out.push_str("null");
        } else if let Ok(text) = value.cast::<PyString>() {
            self.string(text);
        } else if let Ok(truth) = value.cast::<PyBool>() {
            self.out.push_str(if truth.is_true() { "true" } else { "false" });
        } else if let Ok(number) = value.cast::<PyInt>() {
            self.integer(number)?;
        } else if let Ok(number) = value.cast::<PyFloat>() {
            self.out.push_str(&format!("{:?}", number.value()));
        } else if let Ok(list) = value.cast::<PyList>() {
            self.array(list.iter(), value.py(), depth)?;
        } else if let Ok(tuple) = value.cast::<PyTuple>() {
            self.array(tuple.iter(), value.py(), depth)?;
        } else if self.handle(value) {
            // Written as a reference.
        } else if let Ok(mapping) = value.cast::<PyMapping>() {
            self.object(mapping, depth)?;
        } else {
            return Err(wrong_type("a value", "JSON or a key handle where keys stand", value));
        }
        Ok(())
    }

    fn object(&mut self, mapping: &Bound<'_, PyMapping>, depth: usize) -> PyResult<()> {
        let py = mapping.py();
        self.check_depth(py, depth)?;
        self.out.push('{');
        // A snapshot: other threads, and the mapping itself, may change what is being read.
        if let Ok(dict) = mapping.cast_exact::<PyDict>() {
            for (position, (name, value)) in dict.copy()?.iter().enumerate() {
                self.member(position, &name, &value, depth)?;
            }
        } else {
            for (position, item) in mapping.items()?.iter().enumerate() {
                let (name, value): (Bound<'_, PyAny>, Bound<'_, PyAny>) = item.extract()?;
                self.member(position, &name, &value, depth)?;
            }
        }
        self.out.push('}');
        Ok(())
    }

    fn member(
        &mut self,
        position: usize,
        name: &Bound<'_, PyAny>,
        value: &Bound<'_, PyAny>,
        depth: usize,
    ) -> PyResult<()> {
        let text = name.cast::<PyString>().map_err(|_| wrong_type("a member's name", "str", name))?;
        if position > 0 {
            self.out.push(',');
        }
        let start = self.out.len();
        self.string(text);
        let written = self.out.get(start..).unwrap_or_default().trim_matches('"');
        if self.handles.is_some() && [KEY_SET, SIGNING_KEY].contains(&written) {
            // Only this writer refers to handles; keys from elsewhere must not.
            return Err(refuse(name.py(), self.code, "a reference to a handle that was not given"));
        }
        self.out.push(':');
        self.value(value, depth + 1)
    }

    fn array<'py>(
        &mut self,
        elements: impl Iterator<Item = Bound<'py, PyAny>>,
        py: Python<'py>,
        depth: usize,
    ) -> PyResult<()> {
        self.check_depth(py, depth)?;
        self.out.push('[');
        for (position, element) in elements.enumerate() {
            if position > 0 {
                self.out.push(',');
            }
            self.value(&element, depth + 1)?;
        }
        self.out.push(']');
        Ok(())
    }

    fn string(&mut self, text: &Bound<'_, PyString>) {
        self.out.push('"');
        let Ok(text) = text.to_str() else {
            // A lone surrogate has no UTF-8; a bare control character makes the core refuse the text.
            self.out.push_str("\u{1}\"");
            return;
        };
        let is_escaped = |character: char| matches!(character, '"' | '\\' | '\0'..='\x1f');
        for piece in text.split_inclusive(is_escaped) {
            let plain = piece.trim_end_matches(is_escaped);
            self.out.push_str(plain);
            match piece.chars().next_back().filter(|last| is_escaped(*last)) {
                Some(control) if control < ' ' => self.out.push_str(&format!("\\u{:04x}", u32::from(control))),
                Some(other) => self.out.extend(['\\', other]),
                None => {}
            }
        }
        self.out.push('"');
    }

    fn integer(&mut self, number: &Bound<'_, PyInt>) -> PyResult<()> {
        match number.extract::<i64>() {
            Ok(small) => self.out.push_str(&small.to_string()),
            Err(_) => {
                let digits = number.call_method1(intern!(number.py(), "__format__"), ("d",))?;
                self.out.push_str(digits.cast::<PyString>()?.to_str()?);
            }
        }
        Ok(())
    }

    /// Writes a key handle as a reference, where handles may stand.
    fn handle(&mut self, value: &Bound<'_, PyAny>) -> bool {
        let Some(handles) = &mut self.handles else { return false };
        let (name, index) = if let Ok(set) = value.cast::<KeySet>() {
            handles.key_sets.push(set.get().core().clone());
            (KEY_SET, handles.key_sets.len() - 1)
        } else if let Ok(key) = value.cast::<SigningKey>() {
            handles.signing_keys.push(key.get().core().clone());
            (SIGNING_KEY, handles.signing_keys.len() - 1)
        } else {
            return false;
        };
        self.out.push_str(&format!("{{\"{name}\":{index}}}"));
        true
    }

    fn check_depth(&self, py: Python<'_>, depth: usize) -> PyResult<()> {
        if depth > DEEPEST { Err(refuse(py, self.code, "nested too deeply")) } else { Ok(()) }
    }
}
