//! Threads that are kept for work on many things at once.

use std::num::NonZero;

use rayon_core::{ThreadPool, ThreadPoolBuilder};

use crate::process::PerProcess;
use crate::sync::thread;

/// Fewer things than this are not worth waking anybody.
const FEWEST: usize = 4;

/// In how many pieces work is cut for each thread, so that none is idle while others have much left.
const PIECES: usize = 8;

/// One pool for all of a process. It is never given back: its threads sleep while there is nothing to
/// do, and a child of `fork`, which has none of them, must not wait for them either.
static POOL: PerProcess<Option<&'static ThreadPool>> = PerProcess::new();

/// What comes of each thing, in their order. This thread waits for the others meanwhile; where none
/// can be had, it does all of the work.
pub(crate) fn each<T: Sync, R: Send>(things: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let threads = thread::available_parallelism().map_or(1, NonZero::get);
    let pool = if threads > 1 && things.len() >= FEWEST { pool(threads) } else { None };
    let Some(pool) = pool else { return things.iter().map(work).collect() };
    let length = things.len().div_ceil(threads * PIECES).max(1);
    let mut outcomes: Vec<Vec<R>> = Vec::new();
    outcomes.resize_with(things.len().div_ceil(length), Vec::new);
    pool.scope(|scope| {
        for (things, outcomes) in things.chunks(length).zip(&mut outcomes) {
            let work = &work;
            scope.spawn(move |_| outcomes.extend(things.iter().map(work)));
        }
    });
    outcomes.into_iter().flatten().collect()
}

fn pool(threads: usize) -> Option<&'static ThreadPool> {
    POOL.with(|pool| {
        if pool.is_none() {
            let builder = ThreadPoolBuilder::new().num_threads(threads).thread_name(|_| "at9068-batch".to_owned());
            *pool = builder.build().ok().map(|pool| &*Box::leak(Box::new(pool)));
        }
        *pool
    })
}
