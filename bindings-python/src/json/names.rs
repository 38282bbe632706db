//! Names of members that came before, as Python objects: most tokens have the same ones.

use std::sync::OnceLock;

use pyo3::prelude::*;
use pyo3::types::PyString;

/// How many are kept, for good, and of what length. Only texts that the core let pass are read, so
/// these are names that an issuer chose, or this product.
const PLACES: usize = 512;
const LONGEST: usize = 64;

static NAMES: [OnceLock<(Box<str>, Py<PyString>)>; PLACES] = [const { OnceLock::new() }; PLACES];

/// Gives the object of a name to `take`: the one that is kept, if it is, or found room.
pub(super) fn with<'py, T>(py: Python<'py>, name: &str, take: impl FnOnce(&Bound<'py, PyString>) -> T) -> T {
    let place = if name.len() > LONGEST { None } else { NAMES.get(place_of(name.as_bytes())) };
    let Some(place) = place else { return take(&PyString::new(py, name)) };
    if let Some((kept, object)) = place.get() {
        return if **kept == *name { take(object.bind(py)) } else { take(&PyString::new(py, name)) };
    }
    let object = PyString::intern(py, name);
    // Whoever comes first has the place; no Python runs while it is taken.
    drop(place.set((name.into(), object.clone().unbind())));
    take(&object)
}

/// A place that names differ in if they differ in length, at the beginning or at the end.
fn place_of(name: &[u8]) -> usize {
    let ends = match (name.first_chunk::<8>(), name.last_chunk::<8>()) {
        (Some(first), Some(last)) => u64::from_le_bytes(*first).rotate_left(25) ^ u64::from_le_bytes(*last),
        _ => name.iter().fold(0, |mark, octet| mark << 8 | u64::from(*octet)),
    };
    let mixed = (ends ^ name.len() as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    // The upper bits are the best mixed ones.
    (mixed >> 55) as usize
}
