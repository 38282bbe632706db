//! Every behaviour, as a client sees it who reads all octets.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unwrap_in_result,
    clippy::unwrap_used,
    reason = "a test that meets the unexpected fails, and should"
)]

mod common;
mod content;
mod introspection;
mod program;
mod tls;
mod tokens;
mod well_behaved;
mod wire;
