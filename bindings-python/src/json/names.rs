//! Names of members that came before, as Python objects: most tokens have the same ones.

use std::sync::OnceLock;

use pyo3::prelude::*;
use pyo3::types::PyString;

/// How many are kept, for good, and of what length. Only texts that the core let pass are read, so
/// these are names that an issuer chose, or this product.
const PLACES: usize = 512;
const LONGEST: usize = 16;

static NAMES: [OnceLock<(Mark, Py<PyString>)>; PLACES] = [const { OnceLock::new() }; PLACES];

/// Gives the object of a name to `take`: the one that is kept, if it is, or found room.
pub(super) fn with<'py, T>(py: Python<'py>, name: &str, take: impl FnOnce(&Bound<'py, PyString>) -> T) -> T {
    let mark = Mark::of(name.as_bytes());
    let (Some(mark), Some(place)) = (&mark, mark.as_ref().and_then(|mark| NAMES.get(mark.place()))) else {
        return take(&PyString::new(py, name));
    };
    if let Some((kept, object)) = place.get() {
        return if kept == mark { take(object.bind(py)) } else { take(&PyString::new(py, name)) };
    }
    let object = PyString::intern(py, name);
    // Whoever comes first has the place; no Python runs while it is taken.
    drop(place.set((*mark, object.clone().unbind())));
    take(&object)
}

/// All octets of a name, in a form that is quick to compare: its beginning and its end, which may overlap.
#[derive(Clone, Copy, PartialEq)]
struct Mark {
    length: u64,
    first: u64,
    last: u64,
}

impl Mark {
    fn of(name: &[u8]) -> Option<Self> {
        let (first, last) = match (name.first_chunk::<8>(), name.last_chunk::<8>()) {
            (Some(first), Some(last)) => (u64::from_le_bytes(*first), u64::from_le_bytes(*last)),
            _ => (name.iter().fold(0, |mark, octet| mark << 8 | u64::from(*octet)), 0),
        };
        (name.len() <= LONGEST).then_some(Self { length: name.len() as u64, first, last })
    }

    fn place(&self) -> usize {
        let mixed = (self.first ^ self.last.rotate_left(25) ^ self.length).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        // The upper bits are the best mixed ones.
        (mixed >> 55) as usize
    }
}
