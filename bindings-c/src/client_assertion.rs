//! A validated client assertion.

use at9068_core::{ClientAssertion, ClientAuthMethod};

use crate::guard::{infallible, write_optional};
use crate::strings::at9068_str;

/// The claims of an assertion that a validator found good; nothing else makes one. The client is who it
/// says. Immutable; shared between threads. Texts that it gives are borrowed from it. Times are seconds
/// since the epoch, rounded down.
pub struct at9068_client_assertion {
    assertion: ClientAssertion,
}

impl From<ClientAssertion> for at9068_client_assertion {
    fn from(assertion: ClientAssertion) -> Self {
        Self { assertion }
    }
}

/// Text of an assertion, or none of NULL.
fn claim<'a>(
    assertion: Option<&'a at9068_client_assertion>,
    of: impl FnOnce(&'a ClientAssertion) -> &'a str,
) -> at9068_str {
    infallible(at9068_str::NONE, || assertion.map(|assertion| of(&assertion.assertion)).into())
}

/// The client, which is `iss` and `sub` at once (RFC 7523 §3).
#[unsafe(no_mangle)]
pub extern "C" fn at9068_client_assertion_client_id(assertion: Option<&at9068_client_assertion>) -> at9068_str {
    claim(assertion, ClientAssertion::client_id)
}

/// `jti`: the identifier of the assertion, which the client never used before.
#[unsafe(no_mangle)]
pub extern "C" fn at9068_client_assertion_jti(assertion: Option<&at9068_client_assertion>) -> at9068_str {
    claim(assertion, ClientAssertion::jti)
}

/// `aud`: the one audience, the issuer identifier of the authorization server, or what else it accepts.
#[unsafe(no_mangle)]
pub extern "C" fn at9068_client_assertion_aud(assertion: Option<&at9068_client_assertion>) -> at9068_str {
    claim(assertion, ClientAssertion::aud)
}

/// `exp`: when the assertion expires; every assertion has it. 0 of NULL.
#[unsafe(no_mangle)]
pub extern "C" fn at9068_client_assertion_exp(assertion: Option<&at9068_client_assertion>) -> i64 {
    infallible(0, || assertion.map_or(0, |assertion| assertion.assertion.exp()))
}

/// `iat`: when the assertion was made. Returns whether it says so; writes to `seconds`, which may be
/// NULL, only then.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn at9068_client_assertion_iat(
    assertion: Option<&at9068_client_assertion>,
    seconds: *mut i64,
) -> bool {
    let found = infallible(None, || assertion.and_then(|assertion| assertion.assertion.iat()));
    // SAFETY: the caller's pointer, as the head of the header demands.
    unsafe { write_optional(found, seconds) }
}

/// How the client authenticated: "private_key_jwt" or "client_secret_jwt" (OpenID Connect Core §9).
#[unsafe(no_mangle)]
pub extern "C" fn at9068_client_assertion_method(assertion: Option<&at9068_client_assertion>) -> at9068_str {
    claim(assertion, |assertion| ClientAuthMethod::as_str(assertion.method()))
}

/// The claims, as the JSON text that was signed.
#[unsafe(no_mangle)]
pub extern "C" fn at9068_client_assertion_claims_json(assertion: Option<&at9068_client_assertion>) -> at9068_str {
    claim(assertion, ClientAssertion::claims_json)
}

/// The header, as the JSON text that was signed.
#[unsafe(no_mangle)]
pub extern "C" fn at9068_client_assertion_header_json(assertion: Option<&at9068_client_assertion>) -> at9068_str {
    claim(assertion, ClientAssertion::header_json)
}

/// Frees an assertion. NULL is fine.
#[unsafe(no_mangle)]
pub extern "C" fn at9068_client_assertion_free(assertion: Option<Box<at9068_client_assertion>>) {
    infallible((), || drop(assertion));
}
