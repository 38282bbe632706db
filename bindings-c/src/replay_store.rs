//! What may be used only once, remembered in memory.

use std::ffi::{c_char, c_int};
use std::sync::Arc;

use at9068_core::{MemoryReplayStore, ReplayStore as _};

use crate::code::at9068_code;
use crate::error::at9068_error;
use crate::ffi::{call, given, make, required, text};
use crate::guard::{infallible, write};

/// A replay store in the memory of this process: what a validator uses of its own unless its ports name
/// another. **Each process has its own**, also a child of fork(), which begins with an empty one: a
/// service of several processes or machines needs a store that they share. Shared between threads.
///
/// An entry costs some 100 octets and is forgotten when its time is over. A store that is full of
/// entries whose time is not over never forgets one: it fails, so that nothing is accepted, until there
/// is room again.
pub struct at9068_memory_replay_store {
    pub(crate) store: Arc<MemoryReplayStore>,
}

/// Makes an empty store, of at most `capacity` entries, or 100,000 where that is 0. A service that is sent
/// n tokens per second holds n times the seconds that each is good, and 60 more.
///
/// The caller frees `*out` with at9068_memory_replay_store_free(), also before the validators that were
/// given it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn at9068_memory_replay_store_new(
    capacity: usize,
    out: *mut *mut at9068_memory_replay_store,
    error: *mut *mut at9068_error,
) -> at9068_code {
    // SAFETY: the caller's pointers, as the head of the header demands.
    unsafe {
        make(out, error, || {
            let store =
                if capacity == 0 { MemoryReplayStore::new() } else { MemoryReplayStore::with_capacity(capacity) };
            Ok(at9068_memory_replay_store { store: Arc::new(store) })
        })
    }
}

/// Notes a use, for hosts whose own at9068_replay_store does more than that; what the arguments are is said
/// there. `*first` becomes 1 where it is the first use of the key, else 0, and is 0 where it cannot be
/// told.
///
/// Returns AT9068_CODE_ARGUMENT_INVALID for NULL, _INTERNAL where the store is full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn at9068_memory_replay_store_first_use(
    store: Option<&at9068_memory_replay_store>,
    key: *const c_char,
    key_len: usize,
    until: i64,
    now: i64,
    first: *mut c_int,
    error: *mut *mut at9068_error,
) -> at9068_code {
    // SAFETY: the caller's pointers, as the head of the header demands.
    unsafe {
        write(first, 0);
        call(error, || {
            required("first", first.is_null())?;
            let is_first = given("store", store)?.store.first_use(text("key", key, key_len)?, until, now)?;
            write(first, c_int::from(is_first));
            Ok(())
        })
    }
}

/// How many entries there are, those included whose time is over but that have not been forgotten yet; 0
/// of NULL.
#[unsafe(no_mangle)]
pub extern "C" fn at9068_memory_replay_store_len(store: Option<&at9068_memory_replay_store>) -> usize {
    infallible(0, || store.map_or(0, |store| store.store.len()))
}

/// Frees a store. Validators that were given it go on with it. NULL is fine.
#[unsafe(no_mangle)]
pub extern "C" fn at9068_memory_replay_store_free(store: Option<Box<at9068_memory_replay_store>>) {
    infallible((), || drop(store));
}
