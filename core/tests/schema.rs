//! The committed JSON Schemas are those of the code. `UPDATE=1 cargo test` writes them anew.

#![cfg(feature = "schema")]
#![allow(clippy::unwrap_used, reason = "a test that meets the unexpected fails, and should")]

#[test]
fn schemas_are_current() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/schema");
    for (name, text) in at9068::schemas() {
        let path = format!("{folder}/{name}");
        if std::env::var_os("UPDATE").is_some() {
            std::fs::create_dir_all(folder).unwrap();
            std::fs::write(&path, &text).unwrap();
        }
        assert_eq!(std::fs::read_to_string(&path).unwrap_or_default(), text, "{name} is out of date");
    }
}
