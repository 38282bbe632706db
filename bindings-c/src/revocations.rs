//! Tokens that are refused before they expire.

use std::ffi::c_char;

use at9068_core::{Revocations, Revoked};

use crate::code::at9068_code;
use crate::error::at9068_error;
use crate::ffi::{call, given, make, text};
use crate::guard::infallible;
use crate::ports::{at9068_ports, host_ports};
use crate::strings::at9068_string;

/// A list of revoked access tokens, asked by every validator that is given it as the port `revocations`:
/// a token on it is AT9068_CODE_TOKEN_REVOKED. Shared between threads; reading never waits. A child of
/// fork() goes on with a list of its own.
///
/// It takes what the application learns, from a logout, a security event or an administrator. An entry
/// costs 32 to 64 octets and is forgotten once no token that it concerns can be alive. Identifiers are
/// kept as digests.
pub struct at9068_revocations {
    pub(crate) list: Revocations,
}

/// Makes an empty list, which forgets by the clock of `ports`; of these nothing else is asked. `ports`
/// may be NULL.
///
/// Returns AT9068_CODE_ARGUMENT_INVALID for ports that are none. The caller frees `*out` with
/// at9068_revocations_free(), also before the validators that were given it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn at9068_revocations_new(
    ports: *const at9068_ports,
    out: *mut *mut at9068_revocations,
    error: *mut *mut at9068_error,
) -> at9068_code {
    // SAFETY: the caller's pointers, as the head of the header demands.
    unsafe {
        make(out, error, || {
            let ports = host_ports(ports)?;
            let list = ports.clock().map_or_else(Revocations::new, Revocations::with_clock);
            ports.hand_over();
            Ok(at9068_revocations { list })
        })
    }
}

/// Adds an entry, a JSON object: `issuer`; `until`, when the last token that it concerns has expired;
/// and `jti` for one token, or one of `sub`, `client_id` and `sid` with `issued_before`, for every
/// token that was issued before that time. Times are whole seconds since the epoch. Of two entries for
/// the same identifier, the later times count.
///
/// Returns AT9068_CODE_ARGUMENT_INVALID, with a message that names what is wrong, or _INTERNAL where
/// the clock fails; nothing is added then.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn at9068_revocations_revoke(
    revocations: Option<&at9068_revocations>,
    entry: *const c_char,
    entry_len: usize,
    error: *mut *mut at9068_error,
) -> at9068_code {
    // SAFETY: the caller's pointers, as the head of the header demands.
    unsafe {
        call(error, || {
            let entry = Revoked::from_json(text("entry", entry, entry_len)?)?;
            Ok(core_of(revocations)?.revoke(&entry)?)
        })
    }
}

/// How many entries there are, those included that are over but have not been forgotten yet; 0 of
/// NULL.
#[unsafe(no_mangle)]
pub extern "C" fn at9068_revocations_len(revocations: Option<&at9068_revocations>) -> usize {
    infallible(0, || revocations.map_or(0, |revocations| revocations.list.len()))
}

/// Forgets all entries that are over. They are also forgotten by and by as others are added; this is
/// for lists to which nothing is added for long.
///
/// Returns AT9068_CODE_ARGUMENT_INVALID for NULL, _INTERNAL where the clock fails.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn at9068_revocations_sweep(
    revocations: Option<&at9068_revocations>,
    error: *mut *mut at9068_error,
) -> at9068_code {
    // SAFETY: the caller's pointers, as the head of the header demands.
    unsafe { call(error, || Ok(core_of(revocations)?.sweep()?)) }
}

/// The list as a JSON text, for other processes, or for this one after a restart. It holds digests, from
/// which identifiers that can be guessed can be confirmed.
///
/// Returns AT9068_CODE_ARGUMENT_INVALID for NULL. The caller frees `*out` with
/// at9068_string_free().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn at9068_revocations_snapshot(
    revocations: Option<&at9068_revocations>,
    out: *mut *mut at9068_string,
    error: *mut *mut at9068_error,
) -> at9068_code {
    // SAFETY: the caller's pointers, as the head of the header demands.
    unsafe { make(out, error, || Ok(core_of(revocations)?.snapshot().into())) }
}

/// Adds the entries of a snapshot to those that are there.
///
/// Returns AT9068_CODE_ARGUMENT_INVALID where the text is no snapshot, _INTERNAL where the clock fails;
/// nothing is added then.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn at9068_revocations_restore(
    revocations: Option<&at9068_revocations>,
    snapshot: *const c_char,
    snapshot_len: usize,
    error: *mut *mut at9068_error,
) -> at9068_code {
    // SAFETY: the caller's pointers, as the head of the header demands.
    unsafe {
        call(error, || {
            let snapshot = text("snapshot", snapshot, snapshot_len)?;
            Ok(core_of(revocations)?.restore(snapshot)?)
        })
    }
}

/// Frees a list. Validators that were given it go on with it. NULL is fine.
#[unsafe(no_mangle)]
pub extern "C" fn at9068_revocations_free(revocations: Option<Box<at9068_revocations>>) {
    infallible((), || drop(revocations));
}

fn core_of(revocations: Option<&at9068_revocations>) -> crate::error::Result<&Revocations> {
    Ok(&given("revocations", revocations)?.list)
}
