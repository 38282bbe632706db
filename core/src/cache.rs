//! Tokens that were verified before, so that a token is verified once and not with every request.
//!
//! # Why it is safe
//!
//! A hit stands for the form and the signature of a token, and for nothing else. Whether it has
//! expired, whether its sender may send it, whether it was revoked or its issuer takes it back, and
//! what the endpoint demands, is judged with every call. And a hit is one only where
//!
//! * **the token is the same to the last octet.** An entry holds what was signed, which is compared
//!   in full, and 128 bits of a keyed hash of the signature's text. A token with the same header and
//!   claims and another signature is a miss, and so is the same signature under other claims. The
//!   hash is SipHash-1-3, whose key is random and the validator's own, and of whose values nobody
//!   outside ever learns more than whether a token was a hit: nobody can make a signature that hits.
//! * **the policy is the same.** The cache belongs to one validator, whose configuration never
//!   changes; what was learned of an issuer at run time bears a number that no other policy has.
//! * **the keys are the same.** Every set of fetched keys has a generation, which rises when keys
//!   come or go. A key that is taken back, or replaced under its name, ends every hit.
//!
//! Only what was found good is kept, so that nobody fills the cache with rubbish: whoever wants to
//! drive others out needs as many good tokens. Neither tokens nor signatures are kept: what an entry
//! holds is no credential without the signature. Entries that are over are replaced first; how many
//! there are and how much memory they take is bounded.
//!
//! # Threads and processes
//!
//! Places are atomic pointers in small sets; a reader waits for nobody, and `fork` finds no lock held.
//! There are twice as many places as there may be entries, so that sets seldom overflow.

use std::fmt;
use std::hash::Hasher as _;
use std::sync::Arc;

use arc_swap::ArcSwapOption;
use siphasher::sip128::{Hasher128 as _, SipHasher13};

use crate::crypto;
use crate::error::{Error, ErrorCode, Result};
use crate::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use crate::time::Timestamp;

/// Places in a set: an entry can be in any of them.
const WAYS: usize = 8;

/// Places for each entry that there may be.
const ROOM: usize = 2;

/// What an entry costs beside the octets that it holds.
const ENTRY_OCTETS: usize = 512;

pub(crate) struct Cache<T> {
    key: [u8; 16],
    sets: Box<[Set<T>]>,
    most_entries: usize,
    entries: AtomicUsize,
    most_octets: usize,
    octets: AtomicUsize,
}

// What one processor counts is not to take from another what it needs next to it.
#[repr(align(128))]
struct Set<T> {
    /// A part of what stands for the signature of each entry, so that others are not looked at.
    tags: [AtomicU64; WAYS],
    places: [ArcSwapOption<Entry<T>>; WAYS],
    /// Which place is given to the next entry where none is free.
    next: AtomicUsize,
    // Counted here, so that threads with other tokens do not wait for each other's processor.
    hits: AtomicU64,
    misses: AtomicU64,
}

/// A token that was found good.
struct Entry<T> {
    signature: u128,
    /// Header and claims as they were signed.
    signed: Box<[u8]>,
    /// After this it is refused in any case.
    ends: Timestamp,
    octets: usize,
    /// What it was found to be.
    value: T,
}

/// By what a token is known.
pub(crate) struct Mark<'a> {
    signed: &'a [u8],
    /// What stands for its signature.
    signature: u128,
    /// The place of its set.
    index: usize,
}

/// What is counted, for whoever looks from outside.
#[derive(Default)]
pub(crate) struct Counts {
    pub(crate) entries: usize,
    pub(crate) most_entries: usize,
    pub(crate) octets: usize,
    pub(crate) most_octets: usize,
    pub(crate) hits: u64,
    pub(crate) misses: u64,
}

impl Counts {
    pub(crate) fn to_json(&self) -> String {
        let Self { entries, most_entries, octets, most_octets, hits, misses } = self;
        format!(
            "{{\"entries\":{entries},\"bytes\":{octets},\"max_entries\":{most_entries},\"max_bytes\":{most_octets},\
             \"hits\":{hits},\"misses\":{misses}}}"
        )
    }
}

impl<T: Clone> Cache<T> {
    /// Room for so many entries and for so many octets.
    pub(crate) fn new(entries: usize, octets: usize) -> Result<Self> {
        let mut key = [0; 16];
        crypto::random_bytes(&mut key).map_err(|_| Error::new(ErrorCode::Internal))?;
        Ok(Self {
            key,
            sets: (0..(entries * ROOM).div_ceil(WAYS)).map(|_| Set::new()).collect(),
            most_entries: entries,
            entries: AtomicUsize::new(0),
            most_octets: octets,
            octets: AtomicUsize::new(0),
        })
    }

    /// By what a token is known, where it may be one at all.
    pub(crate) fn mark<'a>(&self, token: &'a [u8]) -> Option<Mark<'a>> {
        let dot = memchr::memrchr(b'.', token)?;
        let mut hasher = SipHasher13::new_with_key(&self.key);
        hasher.write(token.get(dot + 1..)?);
        let signature = hasher.finish128().as_u128();
        let count = u64::try_from(self.sets.len()).ok()?;
        let index = usize::try_from(((signature >> 64) as u64).checked_rem(count)?).ok()?;
        Some(Mark { signed: token.get(..dot)?, signature, index })
    }

    /// What a token was found to be.
    pub(crate) fn find(&self, mark: &Mark<'_>) -> Option<T> {
        let set = self.sets.get(mark.index)?;
        let tag = tag(mark.signature);
        let mut places = set.tags.iter().zip(&set.places).filter_map(|(tagged, place)| {
            if tagged.load(Ordering::Relaxed) != tag {
                return None;
            }
            let entry = place.load();
            let entry = entry.as_ref()?;
            (entry.signature == mark.signature && *entry.signed == *mark.signed).then(|| entry.value.clone())
        });
        places.next()
    }

    /// Counts what came of looking.
    pub(crate) fn count(&self, mark: &Mark<'_>, hit: bool) {
        if let Some(set) = self.sets.get(mark.index) {
            let counter = if hit { &set.hits } else { &set.misses };
            counter.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Keeps what a token was found to be, until `ends`; `octets` is what the value takes.
    pub(crate) fn keep(&self, mark: &Mark<'_>, ends: Timestamp, octets: usize, value: T, now: Timestamp) {
        let Mark { signed, signature, index } = *mark;
        let Some(set) = self.sets.get(index) else { return };
        let octets = octets + signed.len() + ENTRY_OCTETS;
        let full = self.entries.load(Ordering::Relaxed) >= self.most_entries;
        let place = match set.place_for(signature, now, full) {
            Some(place) => place,
            None => {
                // The set is empty, and there is no room for one entry more.
                self.make_room(index);
                0
            }
        };
        let freed = set.load(place).map_or(0, |entry| entry.octets);
        let after = self.octets.load(Ordering::Relaxed).saturating_sub(freed).saturating_add(octets);
        if after <= self.most_octets {
            let entry = Entry { signature, signed: signed.into(), ends, octets, value };
            self.put(set, place, tag(signature), Some(Arc::new(entry)));
        }
    }

    pub(crate) fn counts(&self) -> Counts {
        let sum =
            |counter: fn(&Set<T>) -> &AtomicU64| self.sets.iter().map(|set| counter(set).load(Ordering::Relaxed)).sum();
        Counts {
            entries: self.entries.load(Ordering::Relaxed),
            most_entries: self.most_entries,
            octets: self.octets.load(Ordering::Relaxed),
            most_octets: self.most_octets,
            hits: sum(|set| &set.hits),
            misses: sum(|set| &set.misses),
        }
    }

    /// Takes an entry out of the next set that has one.
    fn make_room(&self, index: usize) {
        let (before, after) = self.sets.split_at(index);
        let occupied = |set: &&Set<T>| set.places.iter().any(|place| place.load().is_some());
        if let Some(set) = after.iter().chain(before).find(occupied)
            && let Some(place) = set.in_turn()
        {
            self.put(set, place, 0, None);
        }
    }

    /// Puts an entry, or none, in the place of another, or of none.
    fn put(&self, set: &Set<T>, place: usize, tag: u64, entry: Option<Arc<Entry<T>>>) {
        let (Some(tagged), Some(place)) = (set.tags.get(place), set.places.get(place)) else { return };
        let size = |entry: &Option<Arc<Entry<T>>>| entry.as_ref().map_or((0, 0), |entry| (1, entry.octets));
        let (come, octets_come) = size(&entry);
        // Added before anything is taken off: what threads do at once can only seem too much.
        self.entries.fetch_add(come, Ordering::Relaxed);
        self.octets.fetch_add(octets_come, Ordering::Relaxed);
        let (gone, octets_gone) = size(&place.swap(entry));
        tagged.store(tag, Ordering::Relaxed);
        self.entries.fetch_sub(gone, Ordering::Relaxed);
        self.octets.fetch_sub(octets_gone, Ordering::Relaxed);
    }
}

/// What tells entries of a set apart, mostly. A tag of another entry leads to a miss, not to a wrong hit.
fn tag(signature: u128) -> u64 {
    signature as u64
}

impl<T> Set<T> {
    fn new() -> Self {
        Self {
            tags: std::array::from_fn(|_| AtomicU64::new(0)),
            places: std::array::from_fn(|_| ArcSwapOption::empty()),
            next: AtomicUsize::new(0),
            hits: AtomicU64::new(0),
            misses: AtomicU64::new(0),
        }
    }

    fn load(&self, place: usize) -> Option<Arc<Entry<T>>> {
        self.places.get(place)?.load_full()
    }

    /// Where an entry goes: where it is already, where what is there is over, where nothing is unless
    /// there is no room for more, or else in turn.
    fn place_for(&self, signature: u128, now: Timestamp, full: bool) -> Option<usize> {
        let find = |wanted: &dyn Fn(Option<&Entry<T>>) -> bool| {
            self.places.iter().position(|place| wanted(place.load().as_deref()))
        };
        find(&|entry| entry.is_some_and(|entry| entry.signature == signature))
            .or_else(|| find(&|entry| entry.is_some_and(|entry| entry.ends <= now)))
            .or_else(|| if full { None } else { find(&|entry| entry.is_none()) })
            .or_else(|| self.in_turn())
    }

    /// The next place that is taken.
    fn in_turn(&self) -> Option<usize> {
        let turn = self.next.fetch_add(1, Ordering::Relaxed);
        let mut places = (0..WAYS).map(|step| turn.wrapping_add(step) % WAYS);
        places.find(|place| self.places.get(*place).is_some_and(|place| place.load().is_some()))
    }
}

impl<T> fmt::Debug for Cache<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cache").field("sets", &self.sets.len()).finish_non_exhaustive()
    }
}
