//! Verification of JWS that need not be access tokens.

use at9068::{Algorithm, Error};
use napi::bindgen_prelude::{Buffer, ClassInstance, Either, Uint8Array};
use napi_derive::napi;

use crate::failure::{Outcome, outcome};
use crate::key::KeySet;
use crate::validator::octets;

/// Verifies a JWS and gives its payload.
#[napi(catch_unwind)]
pub fn verify_jws(
    token: Either<String, Uint8Array>,
    keys: ClassInstance<'_, KeySet>,
    algorithms: Vec<String>,
) -> Outcome<Buffer> {
    let algorithms: Result<Vec<Algorithm>, Error> = algorithms.iter().map(|name| name.parse()).collect();
    let payload = algorithms.and_then(|algorithms| at9068::verify_jws(octets(&token), &keys.0, &algorithms));
    outcome(payload.map(Buffer::from))
}
