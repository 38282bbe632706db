//! Issuers whose keys are fetched: discovery, and the life of keys.

mod cache;
mod document;
mod failure;
mod freshness;
mod keys;
mod lifecycle;
mod outside;
mod refresh;
mod settings;
mod snapshot;
mod source;
mod status;
mod url;

pub use cache::IssuerCache;
pub(crate) use keys::{KeyConfig, KeyWant, Keys};
pub(crate) use lifecycle::{Reason, RemoteKeys};
pub(crate) use status::array_json as status_json;
