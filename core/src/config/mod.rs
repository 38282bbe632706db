//! Configuration: the same structures whether they come from builders, keyword arguments, option
//! objects or JSON text.

mod keys;
mod minter;
mod read;
mod validator;

pub use keys::Handles;
pub(crate) use keys::KeySource;
pub use minter::{ApiConfig, Dialect, MinterConfig};
pub(crate) use read::{OneOrMany, invalid, objects, optional_objects, read};
pub use validator::{IssuerConfig, ValidatorConfig};
