//! Issuers that are asked about their tokens (RFC 7662, RFC 9701), in a world whose time stands still
//! unless it is moved.

#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_in_result,
    clippy::unwrap_used,
    reason = "a test that meets the unexpected fails, and should"
)]

mod answers;
mod asking;
mod bounds;
mod config;
mod desk;
mod hybrid;
mod outages;
mod signed;
#[path = "../world/mod.rs"]
mod world;
