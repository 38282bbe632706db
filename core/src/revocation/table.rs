//! Entries in an open table of atomics: readers never wait, and find an entry in one place of memory.
//!
//! Whoever adds an entry writes its digest last, so that nobody reads half of one. Entries are
//! never moved or taken out; a table that is full, or that is swept, is replaced by one that holds
//! what still matters. Writers exclude one another by a lock that belongs to the process: a child
//! made by `fork` finds the table whole and the lock free.

use std::sync::Arc;

use arc_swap::ArcSwap;

use crate::process::PerProcess;
use crate::sync::atomic::{AtomicI64, AtomicU64, AtomicUsize, Ordering};

/// The slots of the smallest table.
const LEAST_SLOTS: usize = 64;

/// What stands for an issuer with the identifier of a token, subject, client or session.
pub(super) type Digest = u128;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) digest: Digest,
    /// Tokens issued before this are revoked.
    pub(super) before: i64,
    /// After this, none of them lives any more.
    pub(super) until: i64,
}

pub(super) struct Table {
    current: ArcSwap<Slots>,
    writing: PerProcess<()>,
}

struct Slots {
    slots: Box<[Slot]>,
    taken: AtomicUsize,
}

#[derive(Default)]
struct Slot {
    /// 0 in a slot that is free.
    first: AtomicU64,
    second: AtomicU64,
    before: AtomicI64,
    until: AtomicI64,
}

impl Table {
    pub(super) fn new() -> Self {
        Self { current: ArcSwap::from_pointee(Slots::new(0)), writing: PerProcess::new() }
    }

    /// For each of these, the time before which tokens are revoked. They are looked up one beside
    /// the other, since what takes time is memory.
    pub(super) fn find<const N: usize>(&self, digests: [Option<Digest>; N]) -> [Option<i64>; N] {
        let slots = self.current.load();
        digests.map(|digest| slots.find(digest?))
    }

    /// Adds entries. Of two for one digest, the later times count.
    pub(super) fn add(&self, entries: &[Entry], now: i64) {
        self.writing.with(|()| {
            let mut slots = self.current.load_full();
            if !slots.has_room_for(entries.len()) {
                slots = Arc::new(slots.without(now, entries.len()));
                self.current.store(Arc::clone(&slots));
            }
            entries.iter().filter(|entry| entry.until > now).for_each(|entry| slots.add(*entry));
        });
    }

    /// Forgets what is over.
    pub(super) fn sweep(&self, now: i64) {
        self.writing.with(|()| self.current.store(Arc::new(self.current.load().without(now, 0))));
    }

    pub(super) fn len(&self) -> usize {
        self.current.load().taken.load(Ordering::Relaxed)
    }

    pub(super) fn for_each(&self, act: impl FnMut(Entry)) {
        self.current.load_full().entries().for_each(act);
    }
}

impl Slots {
    /// Room for so many, and for half as many again before it is full.
    fn new(entries: usize) -> Self {
        let count = (entries + entries / 2 + entries / 4).max(LEAST_SLOTS);
        Self { slots: (0..count).map(|_| Slot::default()).collect(), taken: AtomicUsize::new(0) }
    }

    /// Beyond seven eighths, looking for what is not there takes long.
    fn has_room_for(&self, entries: usize) -> bool {
        self.taken.load(Ordering::Relaxed).saturating_add(entries) <= self.slots.len() / 8 * 7
    }

    fn find(&self, digest: Digest) -> Option<i64> {
        let (first, second) = halves(digest);
        for slot in self.from(first) {
            match slot.first.load(Ordering::Acquire) {
                0 => return None,
                found if found == first && slot.second.load(Ordering::Relaxed) == second => {
                    return Some(slot.before.load(Ordering::Relaxed));
                }
                _ => {}
            }
        }
        None
    }

    /// Only one writer at a time calls this, and only where there is room.
    fn add(&self, entry: Entry) {
        let (first, second) = halves(entry.digest);
        for slot in self.from(first) {
            match slot.first.load(Ordering::Relaxed) {
                0 => {
                    slot.second.store(second, Ordering::Relaxed);
                    slot.before.store(entry.before, Ordering::Relaxed);
                    slot.until.store(entry.until, Ordering::Relaxed);
                    slot.first.store(first, Ordering::Release);
                    self.taken.fetch_add(1, Ordering::Relaxed);
                    return;
                }
                found if found == first && slot.second.load(Ordering::Relaxed) == second => {
                    slot.before.fetch_max(entry.before, Ordering::Relaxed);
                    slot.until.fetch_max(entry.until, Ordering::Relaxed);
                    return;
                }
                _ => {}
            }
        }
    }

    /// A table of what is not over, with room for so many more.
    fn without(&self, now: i64, more: usize) -> Self {
        let lives = |entry: &Entry| entry.until > now;
        let after = Self::new(self.entries().filter(lives).count().saturating_add(more));
        self.entries().filter(lives).for_each(|entry| after.add(entry));
        after
    }

    fn entries(&self) -> impl Iterator<Item = Entry> {
        self.slots.iter().filter_map(|slot| {
            let first = slot.first.load(Ordering::Acquire);
            let digest = Digest::from(first) << 64 | Digest::from(slot.second.load(Ordering::Relaxed));
            let (before, until) = (slot.before.load(Ordering::Relaxed), slot.until.load(Ordering::Relaxed));
            (first != 0).then_some(Entry { digest, before, until })
        })
    }

    /// All slots, from the one on where a digest that begins so belongs.
    fn from(&self, first: u64) -> impl Iterator<Item = &Slot> {
        // Digests are even over their range: a part of it is a part of the table.
        let place = (u128::from(first) * self.slots.len() as u128) >> 64;
        let (head, tail) = self.slots.split_at_checked(place as usize).unwrap_or_default();
        tail.iter().chain(head)
    }
}

/// A digest as two numbers, of which the first is not 0.
fn halves(digest: Digest) -> (u64, u64) {
    let (first, second) = ((digest >> 64) as u64, digest as u64);
    (first.max(1), second)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(number: u32, before: i64, until: i64) -> Entry {
        let digest = Digest::from(number.wrapping_mul(0x9e37_79b9)) << 96 | Digest::from(number);
        Entry { digest, before, until }
    }

    fn found(table: &Table, number: u32) -> Option<i64> {
        table.find([Some(entry(number, 0, 0).digest)])[0]
    }

    #[test]
    fn entries_are_found_however_many() {
        let table = Table::new();
        for number in 0..5_000 {
            table.add(&[entry(number, i64::from(number), 100)], 0);
        }
        assert_eq!(table.len(), 5_000);
        for number in 0..5_000 {
            assert_eq!(found(&table, number), Some(i64::from(number)));
        }
        assert!((5_000..9_000).all(|number| found(&table, number).is_none()));
        assert_eq!(table.find([None, Some(entry(7, 0, 0).digest)]), [None, Some(7)]);
    }

    #[test]
    fn what_is_over_is_left_behind() {
        let table = Table::new();
        let all: Vec<Entry> = (0..1_000).map(|number| entry(number, 1, i64::from(number % 2) * 50 + 50)).collect();
        table.add(&all, 0);
        assert_eq!(table.len(), 1_000);
        table.sweep(50);
        assert_eq!(table.len(), 500);
        assert_eq!((found(&table, 0), found(&table, 1)), (None, Some(1)));
        table.add(&[entry(1_001, 1, 60)], 60);
        assert_eq!(found(&table, 1_001), None);
    }

    #[test]
    fn later_times_count_in_either_order() {
        let (early, late) = (entry(1, 10, 50), entry(1, 30, 40));
        for pair in [[early, late], [late, early]] {
            let table = Table::new();
            table.add(&pair, 0);
            let mut seen = Vec::new();
            table.for_each(|entry| seen.push((entry.before, entry.until)));
            assert_eq!(seen, [(30, 50)]);
        }
    }

    #[test]
    fn digests_that_share_a_place_do_not_hide_one_another() {
        let table = Table::new();
        let near = |last: u8| Entry { digest: last.into(), before: i64::from(last), until: 9 };
        table.add(&(0..50).map(near).collect::<Vec<_>>(), 0);
        for last in 0..50 {
            assert_eq!(table.find([Some(near(last).digest)]), [Some(i64::from(last))]);
        }
        assert_eq!(table.find([Some(near(50).digest)]), [None]);
    }
}
