//! The numbers of the core's table of errors, for C's preprocessor, and the table itself.

use at9068_core::ErrorCode;

use crate::guard::infallible;
use crate::strings::at9068_str;

/// What every fallible function returns: AT9068_CODE_OK, or the number of an error. Numbers never
/// change their meaning; later versions add more, so that a `switch` needs a `default`.
pub type at9068_code = u32;

/// The first part of the header's version; at9068_version() is that of the library.
pub const AT9068_VERSION_MAJOR: u32 = 0;
/// The second part of the version. Before 1.0, another one is another ABI.
pub const AT9068_VERSION_MINOR: u32 = 1;
/// The third part of the version.
pub const AT9068_VERSION_PATCH: u32 = 0;

/// No error.
pub const AT9068_CODE_OK: at9068_code = 0;
/// The configuration is not valid.
pub const AT9068_CODE_CONFIG_INVALID: at9068_code = 101;
/// An argument is not valid.
pub const AT9068_CODE_ARGUMENT_INVALID: at9068_code = 102;
/// A key is malformed (RFC 7517 §4).
pub const AT9068_CODE_KEY_MALFORMED: at9068_code = 201;
/// A key is of a kind or size that is not supported (RFC 7518 §6).
pub const AT9068_CODE_KEY_UNSUPPORTED: at9068_code = 202;
/// A key is too weak (RFC 7518 §3).
pub const AT9068_CODE_KEY_TOO_WEAK: at9068_code = 203;
/// The issuer's keys are not available.
pub const AT9068_CODE_KEYS_UNAVAILABLE: at9068_code = 204;
/// The issuer's metadata is not valid (RFC 8414 §3.3).
pub const AT9068_CODE_METADATA_INVALID: at9068_code = 205;
/// The request carries no access token (RFC 6750 §3.1).
pub const AT9068_CODE_CREDENTIALS_MISSING: at9068_code = 301;
/// The request's credentials are malformed or given more than once (RFC 6750 §3.1).
pub const AT9068_CODE_CREDENTIALS_MALFORMED: at9068_code = 302;
/// The token exceeds a limit of size.
pub const AT9068_CODE_TOKEN_TOO_LARGE: at9068_code = 303;
/// The token is malformed (RFC 7515 §5.2).
pub const AT9068_CODE_TOKEN_MALFORMED: at9068_code = 304;
/// The token cannot be decrypted (RFC 9068 §4).
pub const AT9068_CODE_DECRYPTION_FAILED: at9068_code = 306;
/// The token is not of an accepted type (RFC 9068 §4).
pub const AT9068_CODE_TYPE_MISMATCH: at9068_code = 401;
/// The token's algorithm is not allowed (RFC 8725 §3.1).
pub const AT9068_CODE_ALGORITHM_NOT_ALLOWED: at9068_code = 402;
/// The token demands a header extension that is not supported (RFC 7515 §4.1.11).
pub const AT9068_CODE_CRITICAL_HEADER_UNSUPPORTED: at9068_code = 403;
/// The token's issuer is not accepted (RFC 9068 §4).
pub const AT9068_CODE_ISSUER_UNKNOWN: at9068_code = 404;
/// No key of the issuer fits the token (RFC 7515 §4.1.4).
pub const AT9068_CODE_KEY_NOT_FOUND: at9068_code = 405;
/// The key may not be used with the token's algorithm (RFC 8725 §3.1).
pub const AT9068_CODE_KEY_MISMATCH: at9068_code = 406;
/// More than one key fits the token (RFC 7517 §4.5).
pub const AT9068_CODE_KEY_AMBIGUOUS: at9068_code = 407;
/// The token's signature is not valid (RFC 7515 §5.2).
pub const AT9068_CODE_SIGNATURE_INVALID: at9068_code = 501;
/// A required claim is missing (RFC 9068 §2.2).
pub const AT9068_CODE_CLAIM_MISSING: at9068_code = 601;
/// A claim is malformed (RFC 7519 §4.1).
pub const AT9068_CODE_CLAIM_MALFORMED: at9068_code = 602;
/// The token is of another kind (RFC 8725 §3.12).
pub const AT9068_CODE_KIND_MISMATCH: at9068_code = 603;
/// The token is meant for another audience (RFC 9068 §4).
pub const AT9068_CODE_AUDIENCE_MISMATCH: at9068_code = 604;
/// The token has expired (RFC 9068 §4).
pub const AT9068_CODE_TOKEN_EXPIRED: at9068_code = 605;
/// The token is not valid yet (RFC 7519 §4.1.5).
pub const AT9068_CODE_TOKEN_NOT_YET_VALID: at9068_code = 606;
/// The token was issued in the future (RFC 7519 §4.1.6).
pub const AT9068_CODE_TOKEN_ISSUED_IN_FUTURE: at9068_code = 607;
/// The token's lifetime is longer than allowed.
pub const AT9068_CODE_LIFETIME_EXCEEDED: at9068_code = 608;
/// A claim does not have the value expected (OpenID Connect Core §3.1.3.7).
pub const AT9068_CODE_CLAIM_MISMATCH: at9068_code = 609;
/// The token's scope is not sufficient (RFC 6750 §3.1).
pub const AT9068_CODE_SCOPE_INSUFFICIENT: at9068_code = 701;
/// The token's permissions are not sufficient (RFC 9068 §4).
pub const AT9068_CODE_PERMISSION_INSUFFICIENT: at9068_code = 702;
/// The user's authentication is not sufficient (RFC 9470 §3).
pub const AT9068_CODE_AUTHENTICATION_INSUFFICIENT: at9068_code = 703;
/// The token has been revoked (RFC 6750 §3.1).
pub const AT9068_CODE_TOKEN_REVOKED: at9068_code = 704;
/// The issuer says that the token is not active (RFC 7662 §2.2).
pub const AT9068_CODE_TOKEN_INACTIVE: at9068_code = 705;
/// The issuer cannot be asked about the token.
pub const AT9068_CODE_INTROSPECTION_UNAVAILABLE: at9068_code = 706;
/// The token was presented under the wrong scheme (RFC 9449 §7).
pub const AT9068_CODE_SCHEME_MISMATCH: at9068_code = 707;
/// The token is bound to its sender, and no proof was given (RFC 7800 §3.1).
pub const AT9068_CODE_BINDING_MISSING: at9068_code = 708;
/// The token is bound to another sender (RFC 8705 §3).
pub const AT9068_CODE_BINDING_MISMATCH: at9068_code = 709;
/// The token is bound in a way that is not supported (RFC 7800 §3.1).
pub const AT9068_CODE_BINDING_UNSUPPORTED: at9068_code = 710;
/// The request carries no DPoP proof (RFC 9449 §7.1).
pub const AT9068_CODE_DPOP_PROOF_MISSING: at9068_code = 711;
/// The token was used before (RFC 7523 §3).
pub const AT9068_CODE_TOKEN_REPLAYED: at9068_code = 715;
/// The scope is not valid for the resources asked for (RFC 9068 §3).
pub const AT9068_CODE_INVALID_SCOPE: at9068_code = 801;
/// The resource asked for is not one that tokens are issued for (RFC 8707 §2).
pub const AT9068_CODE_INVALID_TARGET: at9068_code = 802;
/// A scope does not belong to exactly one of the resources asked for (RFC 9068 §5).
pub const AT9068_CODE_GRANT_AMBIGUOUS: at9068_code = 803;
/// A custom claim has a name that the profiles own (RFC 9068 §2.2).
pub const AT9068_CODE_CLAIM_RESERVED: at9068_code = 804;
/// The subject could be taken for a client (RFC 9068 §5).
pub const AT9068_CODE_SUBJECT_COLLISION: at9068_code = 805;
/// The token could not be signed.
pub const AT9068_CODE_SIGNING_FAILED: at9068_code = 806;
/// An internal fault.
pub const AT9068_CODE_INTERNAL: at9068_code = 901;

/// The version of the library, "MAJOR.MINOR.PATCH".
#[unsafe(no_mangle)]
pub extern "C" fn at9068_version() -> at9068_str {
    infallible(at9068_str::NONE, || at9068_core::VERSION.into())
}

/// The slug of a code, as in "audience_mismatch": the name that all languages give it. No text for
/// 0 and for numbers that are no code of this version.
#[unsafe(no_mangle)]
pub extern "C" fn at9068_code_slug(code: at9068_code) -> at9068_str {
    infallible(at9068_str::NONE, || find(code).map(ErrorCode::slug).into())
}

/// The fixed message of a code. No text for 0 and for numbers that are no code of this version.
#[unsafe(no_mangle)]
pub extern "C" fn at9068_code_message(code: at9068_code) -> at9068_str {
    infallible(at9068_str::NONE, || find(code).map(ErrorCode::message).into())
}

/// The codes of this version in rising order, by index from 0; AT9068_CODE_OK behind the last.
#[unsafe(no_mangle)]
pub extern "C" fn at9068_code_at(index: usize) -> at9068_code {
    infallible(AT9068_CODE_OK, || ErrorCode::ALL.get(index).map_or(AT9068_CODE_OK, |code| number(*code)))
}

pub(crate) fn number(code: ErrorCode) -> at9068_code {
    code.number().into()
}

fn find(wanted: at9068_code) -> Option<ErrorCode> {
    ErrorCode::ALL.iter().copied().find(|code| number(*code) == wanted)
}
