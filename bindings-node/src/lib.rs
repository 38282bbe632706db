//! The native half of the npm package `at9068`: each function converts, calls the core once and
//! converts back. What users see is in `lib.cjs` and `index.d.cts`; nothing here is public.
//!
//! Texts arrive well-formed (`lib.cjs` sees to it) and nothing throws: see [`failure`].

#![deny(unsafe_code)] // `forbid` would also forbid what the macros of napi write

pub mod access_token;
pub mod batch;
pub mod channel;
pub mod client_assertion;
pub mod explanation;
pub mod failure;
pub mod given;
pub mod id_token;
pub mod issuer_cache;
pub mod issuer_keys;
pub mod judge;
pub mod jws;
pub mod key;
pub mod minter;
pub mod ports;
pub mod refresh;
pub mod replay;
pub mod revocations;
pub mod signed;
pub mod told;
pub mod validator;

use at9068::{ErrorCode, Timestamp};
use failure::CodeRow;
use napi_derive::napi;

/// The version of the core.
#[napi(catch_unwind)]
pub fn version() -> String {
    at9068::VERSION.to_owned()
}

/// The table of error codes, in order of number.
#[napi(catch_unwind)]
pub fn error_codes() -> Vec<CodeRow> {
    ErrorCode::ALL.iter().copied().map(CodeRow::from).collect()
}

/// Whether a clock's answer is a time that the core can judge by.
#[napi(catch_unwind)]
pub fn is_time(seconds: f64) -> bool {
    Timestamp::from_seconds(seconds).is_ok()
}
