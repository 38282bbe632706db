//! Entries in shards that are replaced as a whole: readers never wait, and a process made by `fork`
//! finds no lock held.
//!
//! A shard is a sorted list without gaps, so that an entry costs 32 octets. Whoever adds one
//! copies its shard, and leaves out what is over: memory follows the tokens that still live.

use std::sync::Arc;

use arc_swap::ArcSwapOption;

/// A power of two: of a million entries, some 250 are copied for each that is added.
const SHARDS: usize = 4096;

/// What stands for an issuer with the identifier of a token, subject, client or session.
pub(super) type Digest = [u8; 16];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) digest: Digest,
    /// Tokens issued before this are revoked.
    pub(super) before: i64,
    /// After this, none of them lives any more.
    pub(super) until: i64,
}

pub(super) struct Shards {
    shards: Box<[ArcSwapOption<Vec<Entry>>]>,
}

impl Shards {
    pub(super) fn new() -> Self {
        Self { shards: (0..SHARDS).map(|_| ArcSwapOption::empty()).collect() }
    }

    /// The time before which tokens are revoked.
    pub(super) fn find(&self, digest: &Digest) -> Option<i64> {
        let entries = self.shard(digest).load();
        let entries = entries.as_ref()?;
        let place = entries.binary_search_by(|entry| entry.digest.cmp(digest)).ok()?;
        entries.get(place).map(|entry| entry.before)
    }

    /// Adds an entry. Of two for one digest, the later times count.
    pub(super) fn add(&self, entry: Entry, now: i64) {
        let shard = self.shard(&entry.digest);
        let mut before = shard.load_full();
        loop {
            let after = with(before.as_deref().map(Vec::as_slice).unwrap_or_default(), entry, now);
            let found = shard.compare_and_swap(&before, Some(Arc::new(after)));
            let (found, expected) = (found.as_ref().map(Arc::as_ptr), before.as_ref().map(Arc::as_ptr));
            if found == expected {
                return;
            }
            before = shard.load_full();
        }
    }

    /// Forgets what is over.
    pub(super) fn sweep(&self, now: i64) {
        for shard in &self.shards {
            shard.rcu(|entries| {
                let entries = entries.as_deref()?;
                let rest: Vec<Entry> = entries.iter().filter(|entry| entry.until > now).copied().collect();
                (!rest.is_empty()).then(|| Arc::new(rest))
            });
        }
    }

    pub(super) fn len(&self) -> usize {
        self.shards.iter().map(|shard| shard.load().as_ref().map_or(0, |entries| entries.len())).sum()
    }

    /// All entries, shard by shard.
    pub(super) fn for_each(&self, mut act: impl FnMut(&Entry)) {
        for shard in &self.shards {
            if let Some(entries) = shard.load_full() {
                entries.iter().for_each(&mut act);
            }
        }
    }

    fn shard(&self, digest: &Digest) -> &ArcSwapOption<Vec<Entry>> {
        let [first, second, ..] = *digest;
        let place = usize::from(u16::from_be_bytes([first, second])) % SHARDS;
        #[expect(clippy::indexing_slicing, reason = "a remainder is less than what it is of")]
        &self.shards[place]
    }
}

/// The entries that still matter and another, in order.
fn with(entries: &[Entry], added: Entry, now: i64) -> Vec<Entry> {
    let mut after = Vec::with_capacity(entries.len() + 1);
    let mut added = added;
    let mut placed = false;
    for entry in entries {
        if entry.digest == added.digest {
            let (before, until) = (entry.before.max(added.before), entry.until.max(added.until));
            added = Entry { before, until, ..added };
            continue;
        }
        if entry.until <= now {
            continue;
        }
        if !placed && entry.digest > added.digest {
            after.push(added);
            placed = true;
        }
        after.push(*entry);
    }
    if !placed {
        after.push(added);
    }
    after.shrink_to_fit();
    after
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(first: u8, last: u8, until: i64) -> Entry {
        let mut digest = [0; 16];
        (digest[2], digest[15]) = (first, last);
        Entry { digest, before: 10, until }
    }

    #[test]
    fn entries_are_sorted_and_what_is_over_is_left_out() {
        let shards = Shards::new();
        for (first, until) in [(5, 100), (1, 100), (9, 20), (3, 100)] {
            shards.add(entry(first, 0, until), 0);
        }
        assert_eq!(shards.len(), 4);
        shards.add(entry(4, 0, 100), 20);
        assert_eq!(shards.len(), 4, "the one that was over is gone");
        for first in [1, 3, 4, 5] {
            assert_eq!(shards.find(&entry(first, 0, 0).digest), Some(10));
        }
        assert_eq!(shards.find(&entry(9, 0, 0).digest), None);
        shards.sweep(100);
        assert_eq!(shards.len(), 0);
    }

    #[test]
    fn later_times_count_in_either_order() {
        let (early, late) = (entry(1, 1, 50), Entry { before: 30, ..entry(1, 1, 40) });
        for pair in [[early, late], [late, early]] {
            let shards = Shards::new();
            pair.into_iter().for_each(|entry| shards.add(entry, 0));
            let mut seen = Vec::new();
            shards.for_each(|entry| seen.push((entry.before, entry.until)));
            assert_eq!(seen, [(30, 50)]);
        }
    }
}
