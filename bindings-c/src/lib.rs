//! libat9068: the core for C and C++.
//!
//! Every function converts, makes one call of the core, and converts back; rules, defaults and
//! clocks are the core's. What C sees is generated from this crate into `include/at9068.h`, so
//! the comments on public items speak to readers of C.

#![expect(non_camel_case_types, reason = "types bear the names that they have in C")]
#![allow(
    clippy::missing_safety_doc,
    reason = "the head of the header states once what every pointer must be, for readers of C"
)]
#![cfg_attr(
    test,
    allow(
        clippy::expect_used,
        clippy::indexing_slicing,
        clippy::panic,
        clippy::unwrap_used,
        reason = "a test that meets the unexpected fails, and should"
    )
)]

mod guard;

mod bytes;
mod strings;

mod code;
mod error;

mod ffi;

mod fetch;
mod handles;
mod key_options;
mod key_set;
mod ports;
mod replay_store;
mod revocations;
mod signing_key;

mod configured;

mod jws;

mod access_token;
mod batch;
mod client_assertion;
mod client_assertion_minter;
mod client_assertion_validator;
mod explanation;
mod flight;
mod id_token;
mod id_token_validator;
mod introspection_response;
mod issuer_cache;
mod key_steps;
mod minter;
mod refresh;
mod validator;
mod wait;

#[cfg(test)]
mod injection;

// What C sees, which cbindgen writes down in include/at9068.h, is:
pub use crate::access_token::*;
pub use crate::batch::*;
pub use crate::bytes::*;
pub use crate::client_assertion::*;
pub use crate::client_assertion_minter::*;
pub use crate::client_assertion_validator::*;
pub use crate::code::*;
pub use crate::error::*;
pub use crate::explanation::*;
pub use crate::fetch::*;
pub use crate::flight::*;
pub use crate::handles::*;
pub use crate::id_token::*;
pub use crate::id_token_validator::*;
pub use crate::introspection_response::*;
pub use crate::issuer_cache::*;
pub use crate::jws::*;
pub use crate::key_options::*;
pub use crate::key_set::*;
pub use crate::key_steps::*;
pub use crate::minter::*;
pub use crate::ports::*;
pub use crate::refresh::*;
pub use crate::replay_store::*;
pub use crate::revocations::*;
pub use crate::signing_key::*;
pub use crate::strings::*;
pub use crate::validator::*;
pub use crate::wait::*;
