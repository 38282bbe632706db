//! Issuers whose keys are fetched: discovery, and the life of keys.

mod cache;
mod document;
mod failure;
mod flight;
mod freshness;
mod lifecycle;
mod outside;
mod refresh;
mod settings;
mod snapshot;
mod source;
mod status;
mod url;

pub use cache::IssuerCache;
pub use flight::Flight;
pub(crate) use lifecycle::{Age, Asked, Reason, RemoteKeys};
pub use refresh::Refresh;
pub(crate) use source::Source;
pub(crate) use status::array_json as status_json;
