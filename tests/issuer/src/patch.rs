//! Changes of JSON objects.

use serde_json::{Map, Value};

/// Replaces members; null removes.
pub(crate) fn patch(object: &mut Map<String, Value>, changes: Map<String, Value>) {
    for (name, value) in changes {
        if value.is_null() {
            object.remove(&name);
        } else {
            object.insert(name, value);
        }
    }
}
