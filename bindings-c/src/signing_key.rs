//! Keys that sign.

use std::ffi::c_char;

use at9068_core::SigningKey;

use crate::code::at9068_code;
use crate::error::at9068_error;
use crate::ffi::{given, make, make_optional, octets, text};
use crate::guard::infallible;
use crate::key_options::{algorithm, at9068_key_options, key_options};
use crate::key_set::at9068_key_set;
use crate::strings::{at9068_str, at9068_string};

/// A private key, parsed once and ready to sign. Immutable; shared between threads; wiped when the
/// last handle that holds it is freed.
pub struct at9068_signing_key {
    pub(crate) key: SigningKey,
}

impl From<SigningKey> for at9068_signing_key {
    fn from(key: SigningKey) -> Self {
        Self { key }
    }
}

/// Makes a new key for an algorithm, as in "ES256", and binds it to that. `bits` is 0, or for an
/// RSA algorithm 2048, 3072 or 4096; 0 makes an RSA key of 2048 bits.
///
/// Returns AT9068_CODE_ARGUMENT_INVALID for a name that is no algorithm; _KEY_UNSUPPORTED for other
/// sizes, for a size where the algorithm is not of RSA, and for HMAC, whose secrets come from
/// elsewhere. The caller frees `*out` with at9068_signing_key_free().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn at9068_signing_key_generate(
    algorithm_name: *const c_char,
    algorithm_name_len: usize,
    bits: u32,
    out: *mut *mut at9068_signing_key,
    error: *mut *mut at9068_error,
) -> at9068_code {
    // SAFETY: the caller's pointers, as the head of the header demands.
    unsafe {
        make(out, error, || {
            let algorithm = algorithm(text("algorithm_name", algorithm_name, algorithm_name_len)?)?;
            let key = match bits {
                0 => SigningKey::generate(algorithm),
                bits => SigningKey::generate_rsa(algorithm, bits),
            };
            Ok(key?.into())
        })
    }
}

/// Reads a private JWK, or a symmetric one (RFC 7517, RFC 7518 §6).
///
/// Returns AT9068_CODE_KEY_MALFORMED, _KEY_UNSUPPORTED or _KEY_TOO_WEAK; _KEY_MISMATCH where `alg`,
/// `use` or `key_ops` do not permit signing. The caller frees `*out` with
/// at9068_signing_key_free().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn at9068_signing_key_from_jwk(
    jwk: *const c_char,
    jwk_len: usize,
    out: *mut *mut at9068_signing_key,
    error: *mut *mut at9068_error,
) -> at9068_code {
    // SAFETY: the caller's pointers, as the head of the header demands.
    unsafe { make(out, error, || Ok(SigningKey::from_jwk(text("jwk", jwk, jwk_len)?)?.into())) }
}

/// Reads `PRIVATE KEY` (PKCS#8), `RSA PRIVATE KEY` (PKCS#1) or `EC PRIVATE KEY` (SEC1). `options`
/// may be NULL, as for at9068_key_set_from_pem().
///
/// Returns AT9068_CODE_KEY_MALFORMED, _KEY_UNSUPPORTED (encrypted keys among others) or
/// _KEY_TOO_WEAK; _KEY_MISMATCH where the algorithm does not fit the key. The caller frees `*out`
/// with at9068_signing_key_free().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn at9068_signing_key_from_pem(
    pem: *const c_char,
    pem_len: usize,
    options: *const at9068_key_options,
    out: *mut *mut at9068_signing_key,
    error: *mut *mut at9068_error,
) -> at9068_code {
    // SAFETY: the caller's pointers, as the head of the header demands.
    unsafe {
        make(out, error, || {
            let pem = text("pem", pem, pem_len)?;
            Ok(SigningKey::from_pem(pem, &key_options(options)?)?.into())
        })
    }
}

/// The identifier: the RFC 7638 thumbprint unless another was given. A symmetric key has only the
/// one that was given.
#[unsafe(no_mangle)]
pub extern "C" fn at9068_signing_key_kid(key: Option<&at9068_signing_key>) -> at9068_str {
    infallible(at9068_str::NONE, || key.and_then(|key| key.key.kid()).into())
}

/// The algorithm that the key is bound to, or else the usual one of its kind, as in "RS256".
#[unsafe(no_mangle)]
pub extern "C" fn at9068_signing_key_algorithm(key: Option<&at9068_signing_key>) -> at9068_str {
    infallible(at9068_str::NONE, || key.map(|key| key.key.algorithm().as_str()).into())
}

/// The RFC 7638 thumbprint with SHA-256; `*out` is NULL for a symmetric key.
///
/// Returns AT9068_CODE_ARGUMENT_INVALID for NULL. The caller frees `*out` with
/// at9068_string_free().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn at9068_signing_key_thumbprint(
    key: Option<&at9068_signing_key>,
    out: *mut *mut at9068_string,
    error: *mut *mut at9068_error,
) -> at9068_code {
    // SAFETY: the caller's pointers, as the head of the header demands.
    unsafe { make_optional(out, error, || Ok(given("key", key)?.key.thumbprint().map(Into::into))) }
}

/// The public half as a JWK; `*out` is NULL for a symmetric key.
///
/// Returns AT9068_CODE_ARGUMENT_INVALID for NULL. The caller frees `*out` with
/// at9068_string_free().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn at9068_signing_key_public_jwk(
    key: Option<&at9068_signing_key>,
    out: *mut *mut at9068_string,
    error: *mut *mut at9068_error,
) -> at9068_code {
    // SAFETY: the caller's pointers, as the head of the header demands.
    unsafe { make_optional(out, error, || Ok(given("key", key)?.key.public_jwk().map(Into::into))) }
}

/// The public half as PEM (SPKI); `*out` is NULL for a symmetric key.
///
/// Returns AT9068_CODE_ARGUMENT_INVALID for NULL. The caller frees `*out` with
/// at9068_string_free().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn at9068_signing_key_public_pem(
    key: Option<&at9068_signing_key>,
    out: *mut *mut at9068_string,
    error: *mut *mut at9068_error,
) -> at9068_code {
    // SAFETY: the caller's pointers, as the head of the header demands.
    unsafe { make_optional(out, error, || Ok(given("key", key)?.key.public_pem()?.map(Into::into))) }
}

/// The whole key as a JWK. **The text is a secret**; freeing it wipes it.
///
/// Returns AT9068_CODE_ARGUMENT_INVALID for NULL. The caller frees `*out` with
/// at9068_string_free().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn at9068_signing_key_to_jwk(
    key: Option<&at9068_signing_key>,
    out: *mut *mut at9068_string,
    error: *mut *mut at9068_error,
) -> at9068_code {
    // SAFETY: the caller's pointers, as the head of the header demands.
    unsafe { make(out, error, || Ok(given("key", key)?.key.to_jwk().into())) }
}

/// The whole key as PEM (PKCS#8). **The text is a secret**; freeing it wipes it.
///
/// Returns AT9068_CODE_KEY_UNSUPPORTED for a symmetric key, _ARGUMENT_INVALID for NULL. The caller
/// frees `*out` with at9068_string_free().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn at9068_signing_key_to_pem(
    key: Option<&at9068_signing_key>,
    out: *mut *mut at9068_string,
    error: *mut *mut at9068_error,
) -> at9068_code {
    // SAFETY: the caller's pointers, as the head of the header demands.
    unsafe { make(out, error, || Ok(given("key", key)?.key.to_pem()?.into())) }
}

/// The set of this key's public half; of a symmetric key, a set that is a secret.
///
/// Returns AT9068_CODE_ARGUMENT_INVALID for NULL. The caller frees `*out` with
/// at9068_key_set_free().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn at9068_signing_key_key_set(
    key: Option<&at9068_signing_key>,
    out: *mut *mut at9068_key_set,
    error: *mut *mut at9068_error,
) -> at9068_code {
    // SAFETY: the caller's pointers, as the head of the header demands.
    unsafe { make(out, error, || Ok(given("key", key)?.key.key_set()?.into())) }
}

/// Frees a signing key. Minters and key sets that were made with it keep what they need. NULL is
/// fine.
#[unsafe(no_mangle)]
pub extern "C" fn at9068_signing_key_free(key: Option<Box<at9068_signing_key>>) {
    infallible((), || drop(key));
}

/// The RFC 7638 thumbprint with SHA-256 of a JWK, public or private.
///
/// Returns AT9068_CODE_KEY_MALFORMED, _KEY_UNSUPPORTED or _KEY_TOO_WEAK. The caller frees `*out`
/// with at9068_string_free().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn at9068_thumbprint(
    jwk: *const c_char,
    jwk_len: usize,
    out: *mut *mut at9068_string,
    error: *mut *mut at9068_error,
) -> at9068_code {
    // SAFETY: the caller's pointers, as the head of the header demands.
    unsafe { make(out, error, || Ok(at9068_core::thumbprint(text("jwk", jwk, jwk_len)?)?.into())) }
}

/// The base64url of the SHA-256 of a certificate's DER, as `x5t#S256` names it (RFC 8705 §3.1), from
/// the DER itself or a PEM text with one certificate. The certificate is not validated.
///
/// Returns AT9068_CODE_ARGUMENT_INVALID where it is no X.509 certificate. The caller frees `*out`
/// with at9068_string_free().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn at9068_certificate_sha256(
    der_or_pem: *const u8,
    der_or_pem_len: usize,
    out: *mut *mut at9068_string,
    error: *mut *mut at9068_error,
) -> at9068_code {
    // SAFETY: the caller's pointers, as the head of the header demands.
    unsafe {
        make(out, error, || {
            Ok(at9068_core::certificate_sha256(octets("der_or_pem", der_or_pem.cast(), der_or_pem_len)?)?.into())
        })
    }
}
