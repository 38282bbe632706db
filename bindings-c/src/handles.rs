//! Handles that a configuration in JSON refers to.

use at9068_core::Handles;

use crate::error::Result;
use crate::ffi::{Versioned, array, given, table};
use crate::key_set::at9068_key_set;
use crate::signing_key::at9068_signing_key;

/// Handles that a configuration refers to by their place in these arrays: `{"$key_set": 0}` and
/// `{"$signing_key": 0}`, wherever a JWK set may stand, and `{"$signing_key": 0}` also as an entry
/// of one. They stay the caller's and may be freed after the call.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct at9068_handles {
    /// `sizeof(at9068_handles)`.
    pub size: usize,
    /// Key sets, for a validator's `jwks`.
    pub key_sets: *const *const at9068_key_set,
    /// How many.
    pub key_sets_len: usize,
    /// Signing keys: for a minter's `keys` or those of a validator's `introspection`, or for their public
    /// halves in a validator's `jwks`.
    pub signing_keys: *const *const at9068_signing_key,
    /// How many.
    pub signing_keys_len: usize,
}

// SAFETY: begins with its size; zero octets are no size and empty arrays.
unsafe impl Versioned for at9068_handles {
    const SIZES: &'static [usize] = &[size_of::<Self>()];
}

/// # Safety
/// As [`table`]; its arrays as [`array`], of handles that are NULL or live.
pub(crate) unsafe fn handles(handles: *const at9068_handles) -> Result<Handles> {
    // SAFETY: as this function demands.
    let Some(known) = (unsafe { table("handles", handles) })? else { return Ok(Handles::default()) };
    // SAFETY: as this function demands.
    let (key_sets, signing_keys) = unsafe {
        (
            array("key_sets", known.key_sets, known.key_sets_len)?,
            array("signing_keys", known.signing_keys, known.signing_keys_len)?,
        )
    };
    // SAFETY: as this function demands.
    let key_sets = key_sets.iter().map(|set| Ok(given("a key set", unsafe { set.as_ref() })?.set.clone()));
    // SAFETY: as this function demands.
    let signing_keys = signing_keys.iter().map(|key| Ok(given("a signing key", unsafe { key.as_ref() })?.key.clone()));
    Ok(Handles { key_sets: key_sets.collect::<Result<_>>()?, signing_keys: signing_keys.collect::<Result<_>>()? })
}
