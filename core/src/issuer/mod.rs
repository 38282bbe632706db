//! Issuers whose keys are fetched: discovery, and the life of keys.

mod cache;
mod document;
mod failure;
mod freshness;
mod key_steps;
mod keys;
mod lifecycle;
mod outside;
mod refresh;
mod settings;
mod snapshot;
mod source;
mod status;
mod unknown;
mod url;

pub use cache::IssuerCache;
pub use key_steps::KeySteps;
pub(crate) use key_steps::due_refresh;
pub(crate) use keys::{KeyConfig, KeyWant, Keys};
pub(crate) use lifecycle::{Reason, RemoteKeys};
pub(crate) use outside::Outside;
pub(crate) use settings::Settings;
pub(crate) use status::{entry_json as key_status_json, object_json as status_json};
pub(crate) use unknown::unknown_issuer;
pub(crate) use url::Url;
