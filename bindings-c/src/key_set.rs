//! Keys that verify.

use std::ffi::c_char;

use at9068_core::{KeySet, SkippedKey};

use crate::code::{at9068_code, number};
use crate::error::at9068_error;
use crate::ffi::{array, given, make, text};
use crate::guard::{infallible, write};
use crate::key_options::{at9068_key_options, key_options};
use crate::signing_key::at9068_signing_key;
use crate::strings::{at9068_str, at9068_string};

/// Keys that verify, parsed once. Immutable; shared between threads.
pub struct at9068_key_set {
    pub(crate) set: KeySet,
}

impl From<KeySet> for at9068_key_set {
    fn from(set: KeySet) -> Self {
        Self { set }
    }
}

/// Reads a JWK set, `{"keys": [...]}` (RFC 7517 §5).
///
/// An entry that cannot be used is skipped: see at9068_key_set_skipped_at(). Of a private entry
/// only the public half is kept. A symmetric entry serves only validators that list its algorithm.
/// A JWK without `kid` bears its RFC 7638 thumbprint.
///
/// Returns AT9068_CODE_KEY_MALFORMED where the text is no JWK set. The caller frees `*out` with
/// at9068_key_set_free().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn at9068_key_set_from_json(
    json: *const c_char,
    json_len: usize,
    out: *mut *mut at9068_key_set,
    error: *mut *mut at9068_error,
) -> at9068_code {
    // SAFETY: the caller's pointers, as the head of the header demands.
    unsafe { make(out, error, || Ok(KeySet::from_json(text("json", json, json_len)?)?.into())) }
}

/// Reads the one key of a PEM text: `PUBLIC KEY`, `RSA PUBLIC KEY`, `CERTIFICATE`, or the public
/// half of `PRIVATE KEY`, `RSA PRIVATE KEY`, `EC PRIVATE KEY`. Of a certificate the public key is
/// taken; neither its dates nor its issuer are checked.
///
/// `options` may be NULL: then an RSA key serves RS256, an elliptic-curve key the algorithm of its
/// curve, and the RFC 7638 thumbprint is the `kid`.
///
/// Returns AT9068_CODE_KEY_MALFORMED, _KEY_UNSUPPORTED or _KEY_TOO_WEAK; _KEY_MISMATCH where the
/// algorithm does not fit the key. The caller frees `*out` with at9068_key_set_free().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn at9068_key_set_from_pem(
    pem: *const c_char,
    pem_len: usize,
    options: *const at9068_key_options,
    out: *mut *mut at9068_key_set,
    error: *mut *mut at9068_error,
) -> at9068_code {
    // SAFETY: the caller's pointers, as the head of the header demands.
    unsafe {
        make(out, error, || {
            let pem = text("pem", pem, pem_len)?;
            Ok(KeySet::from_pem(pem, &key_options(options)?)?.into())
        })
    }
}

/// A set of the public halves of `count` signing keys, which stay the caller's. A symmetric key is
/// its own public half here: such a set is a secret.
///
/// Returns AT9068_CODE_ARGUMENT_INVALID where one of the keys is NULL. The caller frees `*out` with
/// at9068_key_set_free().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn at9068_key_set_from_signing_keys(
    keys: *const *const at9068_signing_key,
    count: usize,
    out: *mut *mut at9068_key_set,
    error: *mut *mut at9068_error,
) -> at9068_code {
    // SAFETY: the caller's pointers, as the head of the header demands.
    unsafe {
        make(out, error, || {
            let keys = array("keys", keys, count)?.iter().map(|key| given("a key", key.as_ref()));
            let keys = keys.collect::<Result<Vec<_>, _>>()?;
            Ok(KeySet::from_signing_keys(keys.into_iter().map(|key| &key.key))?.into())
        })
    }
}

/// The public keys as a JWK set. Symmetric keys are left out.
///
/// Returns AT9068_CODE_ARGUMENT_INVALID for NULL. The caller frees `*out` with
/// at9068_string_free().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn at9068_key_set_to_json(
    set: Option<&at9068_key_set>,
    out: *mut *mut at9068_string,
    error: *mut *mut at9068_error,
) -> at9068_code {
    // SAFETY: the caller's pointers, as the head of the header demands.
    unsafe { make(out, error, || Ok(given("set", set)?.set.to_json().into())) }
}

/// How many keys are usable; 0 of NULL.
#[unsafe(no_mangle)]
pub extern "C" fn at9068_key_set_len(set: Option<&at9068_key_set>) -> usize {
    infallible(0, || set.map_or(0, |set| set.set.len()))
}

/// The identifiers of the usable keys that have one, by index from 0; no text behind the last.
#[unsafe(no_mangle)]
pub extern "C" fn at9068_key_set_kid_at(set: Option<&at9068_key_set>, index: usize) -> at9068_str {
    infallible(at9068_str::NONE, || set.and_then(|set| set.set.kids().nth(index)).into())
}

/// How many entries of the set were skipped because they cannot be used; 0 of NULL.
#[unsafe(no_mangle)]
pub extern "C" fn at9068_key_set_skipped_count(set: Option<&at9068_key_set>) -> usize {
    infallible(0, || set.map_or(0, |set| set.set.skipped().len()))
}

/// One of the skipped entries: its place in the set, its `kid` where it has one, and what is wrong
/// with it: AT9068_CODE_KEY_MALFORMED, _KEY_UNSUPPORTED, _KEY_TOO_WEAK, or _KEY_MISMATCH for one
/// that is not meant to verify.
///
/// Returns false, and writes nothing, behind the last. Each of `place`, `kid` and `code` may be
/// NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn at9068_key_set_skipped_at(
    set: Option<&at9068_key_set>,
    index: usize,
    place: *mut usize,
    kid: *mut at9068_str,
    code: *mut at9068_code,
) -> bool {
    let found = infallible(None, || set.and_then(|set| set.set.skipped().get(index)));
    // SAFETY: the caller's pointers, as the head of the header demands.
    unsafe { write_skipped(found, place, kid, code) }
}

/// Writes what is known of a skipped entry, and says whether there is one.
///
/// # Safety
/// Each pointer is NULL or can be written to.
pub(crate) unsafe fn write_skipped(
    found: Option<&SkippedKey>,
    place: *mut usize,
    kid: *mut at9068_str,
    code: *mut at9068_code,
) -> bool {
    let Some(key) = found else { return false };
    // SAFETY: as this function demands.
    unsafe {
        write(place, key.index);
        write(kid, key.kid.as_deref().into());
        write(code, number(key.code));
    }
    true
}

/// Frees a key set. Validators that were made with it keep what they need. NULL is fine.
#[unsafe(no_mangle)]
pub extern "C" fn at9068_key_set_free(set: Option<Box<at9068_key_set>>) {
    infallible((), || drop(set));
}
