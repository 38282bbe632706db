//! Where it is kept which tokens of single use were used.

use std::sync::Arc;

use at9068::ReplayStore as _;
use napi_derive::napi;

use crate::failure::{Outcome, outcome};
use crate::key::whole;

/// A store in memory.
#[napi]
pub struct MemoryReplayStore(pub(crate) Arc<at9068::MemoryReplayStore>);

/// Makes an empty store.
#[napi(catch_unwind)]
pub fn new_memory_replay_store(capacity: Option<f64>) -> Outcome<MemoryReplayStore> {
    let capacity = capacity.map(|capacity| whole(capacity, "capacity")).transpose();
    let made = capacity.map(|capacity| match capacity {
        Some(entries) => at9068::MemoryReplayStore::with_capacity(usize::try_from(entries).unwrap_or(usize::MAX)),
        None => at9068::MemoryReplayStore::new(),
    });
    outcome(made.map(|store| MemoryReplayStore(Arc::new(store))))
}

#[napi]
impl MemoryReplayStore {
    /// Notes a use, and tells whether it is the first.
    #[napi(catch_unwind)]
    pub fn first_use(&self, key: String, until: i64, now: i64) -> Outcome<bool> {
        outcome(self.0.first_use(&key, until, now))
    }

    /// How many entries there are.
    #[napi(catch_unwind)]
    pub fn size(&self) -> u32 {
        u32::try_from(self.0.len()).unwrap_or(u32::MAX)
    }
}
