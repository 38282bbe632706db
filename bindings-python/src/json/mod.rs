//! Python values to JSON text, for the core to judge, and JSON text to Python values.

mod names;
mod read;
mod write;

pub(crate) use read::read;
pub(crate) use write::{text_of, write, write_config, write_fields};
