//! What issuers said, kept within bounds.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::answer::Answer;
use crate::time::Millis;
use crate::waiting::Backoff;

/// What stands for a token: a digest under a key that nobody else knows.
pub(super) type Digest = [u8; 32];

/// Octets that an answer may take on average.
const USUAL_OCTETS: usize = 4096;
/// What an entry takes beside its answer.
const ENTRY_OCTETS: usize = 256;

/// What is known of one token.
#[derive(Clone, Default)]
pub(super) struct Entry {
    /// The last answer that counts.
    pub(super) answer: Option<Said>,
    /// A later one whose signature has not been verified yet.
    pub(super) pending: Option<Said>,
    pub(super) failing: Option<Failing>,
    /// Whether the last that was heard of the token is that it is not active.
    pub(super) denied: bool,
    /// When it is of no use any more.
    pub(super) over: Millis,
    /// Rises whenever anything is heard of any token.
    pub(super) written: u64,
}

/// An answer, and how long it holds.
#[derive(Clone)]
pub(super) struct Said {
    pub(super) answer: Arc<Answer>,
    pub(super) at: Millis,
    pub(super) until: Millis,
}

/// What has been failing since the last answer that counted.
#[derive(Clone)]
pub(super) struct Failing {
    pub(super) since: Millis,
    pub(super) backoff: Backoff,
}

/// Entries by digest.
///
/// Some kinds are kept in preference to others, of which a stranger can bring about as many as
/// they like: these are evicted first, but for an eighth of the room, so that they can still be
/// told apart from what was never asked. Of each kind the oldest goes first.
#[derive(Default)]
pub(super) struct Store {
    entries: HashMap<Digest, Entry>,
    spare: BTreeMap<u64, Digest>,
    preferred: BTreeMap<u64, Digest>,
    written: u64,
    octets: usize,
}

impl Store {
    pub(super) fn get(&self, digest: &Digest) -> Option<&Entry> {
        self.entries.get(digest)
    }

    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    /// Writes an entry down. `most` is how many there may be.
    pub(super) fn put(&mut self, digest: Digest, mut entry: Entry, preferred: bool, now: Millis, most: usize) {
        self.remove(&digest);
        self.written += 1;
        entry.written = self.written;
        self.octets += entry.octets();
        self.entries.insert(digest, entry);
        let order = if preferred { &mut self.preferred } else { &mut self.spare };
        order.insert(self.written, digest);
        self.sweep(now);
        while self.len() > most || self.octets > most.saturating_mul(USUAL_OCTETS) {
            let Some(digest) = self.victim(most) else { return };
            self.remove(&digest);
        }
    }

    fn remove(&mut self, digest: &Digest) {
        if let Some(entry) = self.entries.remove(digest) {
            self.octets -= entry.octets();
            self.spare.remove(&entry.written);
            self.preferred.remove(&entry.written);
        }
    }

    /// Forgets the oldest entries where they are over: a few, since it is done again and again.
    fn sweep(&mut self, now: Millis) {
        for _ in 0..2 {
            let oldest = [&self.spare, &self.preferred].map(|order| order.first_key_value().map(|(_, digest)| *digest));
            let is_over = |digest: &Digest| self.entries.get(digest).is_some_and(|entry| entry.over <= now);
            let over: Vec<Digest> = oldest.into_iter().flatten().filter(is_over).collect();
            over.iter().for_each(|digest| self.remove(digest));
        }
    }

    /// The entry to forget; never the latest.
    fn victim(&self, most: usize) -> Option<Digest> {
        let (spare, preferred) = (&self.spare, &self.preferred);
        let (first, second) = if spare.len() > most / 8 { (spare, preferred) } else { (preferred, spare) };
        let oldest = |order: &BTreeMap<u64, Digest>| {
            order.first_key_value().filter(|(written, _)| **written < self.written).map(|(_, digest)| *digest)
        };
        oldest(first).or_else(|| oldest(second))
    }
}

impl Entry {
    fn octets(&self) -> usize {
        let answers = [&self.answer, &self.pending].into_iter().flatten();
        ENTRY_OCTETS + answers.map(|said| said.answer.size()).sum::<usize>()
    }
}
