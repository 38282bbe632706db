//! An allocator that counts what Rust asks of it.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

/// The system's allocator, counted. A program makes it its own with `#[global_allocator]`.
pub struct Counting;

static ASKED: AtomicU64 = AtomicU64::new(0);
static OCTETS: AtomicU64 = AtomicU64::new(0);
static HELD: AtomicI64 = AtomicI64::new(0);

/// How often it was asked, and for how many octets.
pub fn asked() -> (u64, u64) {
    (ASKED.load(Ordering::Relaxed), OCTETS.load(Ordering::Relaxed))
}

/// Octets that were asked for and not given back.
pub fn held() -> i64 {
    HELD.load(Ordering::Relaxed)
}

// SAFETY: everything is left to the system's allocator; only numbers are kept beside.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size(), 0);
        // SAFETY: the caller keeps to the contract of this same function.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        count(layout.size(), 0);
        // SAFETY: the caller keeps to the contract of this same function.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count(size, layout.size());
        // SAFETY: the caller keeps to the contract of this same function.
        unsafe { System.realloc(block, layout, size) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        HELD.fetch_sub(layout.size() as i64, Ordering::Relaxed);
        // SAFETY: the caller keeps to the contract of this same function.
        unsafe { System.dealloc(block, layout) }
    }
}

fn count(size: usize, before: usize) {
    ASKED.fetch_add(1, Ordering::Relaxed);
    OCTETS.fetch_add(size as u64, Ordering::Relaxed);
    HELD.fetch_add(size as i64 - before as i64, Ordering::Relaxed);
}
