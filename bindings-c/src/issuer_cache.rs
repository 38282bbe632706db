//! Keys of issuers, shared by validators.

use std::ffi::c_char;

use at9068_core::{ErrorCode, IssuerCache, IssuerCacheConfig};

use crate::code::at9068_code;
use crate::error::at9068_error;
use crate::ffi::{call, given, make, text, text_or};
use crate::guard::infallible;
use crate::ports::{at9068_ports, host_ports};
use crate::strings::at9068_string;

/// Fetches the keys of issuers and keeps them. Validators that are made with the same cache share its
/// keys. Shared between threads.
pub struct at9068_issuer_cache {
    pub(crate) cache: IssuerCache,
}

impl From<&IssuerCache> for at9068_issuer_cache {
    fn from(cache: &IssuerCache) -> Self {
        Self { cache: cache.clone() }
    }
}

/// Makes a cache from its configuration, a JSON object. Defaults: `max_issuers` 256;
/// `max_stale_seconds` 3600, and 86400 at most; `cooldown_seconds` 30, from 1 to 3600;
/// `timeout_seconds` 5, for a whole refresh, and 60 at most; `connect_timeout_seconds` 2; `ca_bundle`,
/// certificates in PEM, the system's trust roots; no `proxy`, and the environment is not asked;
/// `same_origin` false; no `trusted_hosts`; `danger_http_loopback` false. `ports` may be NULL.
///
/// Nothing is fetched until a validator needs keys. A key set is fresh as long as its Cache-Control
/// says, from a minute to a day, or ten minutes where it says nothing; refreshed when four fifths of
/// that are over; and used for `max_stale_seconds` more while no other can be fetched.
///
/// Returns AT9068_CODE_CONFIG_INVALID, with a message that names what is wrong. The caller frees
/// `*out` with at9068_issuer_cache_free(), also before the validators that were made with it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn at9068_issuer_cache_new(
    config: *const c_char,
    config_len: usize,
    ports: *const at9068_ports,
    out: *mut *mut at9068_issuer_cache,
    error: *mut *mut at9068_error,
) -> at9068_code {
    // SAFETY: the caller's pointers, as the head of the header demands.
    unsafe {
        make(out, error, || {
            let config = text_or(ErrorCode::ConfigInvalid, "config", config, config_len)?;
            let ports = host_ports(ports)?;
            let cache = IssuerCache::with_ports(IssuerCacheConfig::from_json(config)?, ports.to_core())?;
            ports.hand_over();
            Ok(at9068_issuer_cache { cache })
        })
    }
}

/// Where the keys of every issuer are in their life: a JSON object, equal in every language, whose member
/// `issuers` is an array. Each entry has `issuer`; `state`: "empty", "fresh", "due", "stale" or "expired"; `keys`, how many are usable;
/// `kids`; `skipped`; `jwks_uri`; `age_seconds`, `refresh_in_seconds` and `expires_in_seconds`;
/// `refreshing`; `last_error`, with `code`, `reason` and `age_seconds`; and `counters`.
///
/// Returns AT9068_CODE_ARGUMENT_INVALID for NULL. The caller frees `*out` with
/// at9068_string_free().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn at9068_issuer_cache_status_json(
    cache: Option<&at9068_issuer_cache>,
    out: *mut *mut at9068_string,
    error: *mut *mut at9068_error,
) -> at9068_code {
    // SAFETY: the caller's pointers, as the head of the header demands.
    unsafe { make(out, error, || Ok(given("cache", cache)?.cache.status_json().into())) }
}

/// The keys at hand as a JSON text, so that a process that starts in an outage can restore them. It
/// holds public keys only; whoever can change it chooses whom the API trusts.
///
/// Returns AT9068_CODE_ARGUMENT_INVALID for NULL. The caller frees `*out` with
/// at9068_string_free().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn at9068_issuer_cache_snapshot(
    cache: Option<&at9068_issuer_cache>,
    out: *mut *mut at9068_string,
    error: *mut *mut at9068_error,
) -> at9068_code {
    // SAFETY: the caller's pointers, as the head of the header demands.
    unsafe { make(out, error, || Ok(given("cache", cache)?.cache.snapshot().into())) }
}

/// Takes keys from a snapshot, for issuers that have none yet. They age from when they were fetched:
/// what is stale is tried to be refreshed first, what has expired is of no use.
///
/// Returns AT9068_CODE_ARGUMENT_INVALID where the text is no snapshot; nothing is taken then.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn at9068_issuer_cache_restore(
    cache: Option<&at9068_issuer_cache>,
    snapshot: *const c_char,
    snapshot_len: usize,
    error: *mut *mut at9068_error,
) -> at9068_code {
    // SAFETY: the caller's pointers, as the head of the header demands.
    unsafe {
        call(error, || {
            let snapshot = text("snapshot", snapshot, snapshot_len)?;
            Ok(given("cache", cache)?.cache.restore(snapshot)?)
        })
    }
}

/// Frees a cache. Validators that were made with it go on with its keys. NULL is fine.
#[unsafe(no_mangle)]
pub extern "C" fn at9068_issuer_cache_free(cache: Option<Box<at9068_issuer_cache>>) {
    infallible((), || drop(cache));
}
