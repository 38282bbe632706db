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
//!   hash's key is random and the validator's own: nobody can make a signature that hits.
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

use std::fmt;
use std::hash::Hasher as _;
use std::sync::Arc;

use arc_swap::ArcSwapOption;
use siphasher::sip128::{Hasher128 as _, SipHasher24};

use crate::crypto;
use crate::error::{Error, ErrorCode, Result};
use crate::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use crate::time::Timestamp;

/// Places in a set: an entry can be in any of them.
const WAYS: usize = 4;

/// What an entry costs beside the octets that it holds.
const ENTRY_OCTETS: usize = 512;

pub(crate) struct Cache<T> {
    key: [u8; 16],
    sets: Box<[Set<T>]>,
    most_octets: usize,
    octets: AtomicUsize,
    hits: AtomicU64,
    misses: AtomicU64,
}

struct Set<T> {
    places: [ArcSwapOption<Entry<T>>; WAYS],
    /// Which place is given to the next entry where all are taken.
    next: AtomicUsize,
}

/// A token that was found good.
pub(crate) struct Entry<T> {
    signature: u128,
    /// Header and claims as they were signed.
    signed: Box<[u8]>,
    /// After this it is refused in any case.
    ends: Timestamp,
    octets: usize,
    /// What it was found to be.
    pub(crate) value: T,
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

impl<T> Cache<T> {
    /// Room for so many entries, rounded up to whole sets, and for so many octets.
    pub(crate) fn new(entries: usize, octets: usize) -> Result<Self> {
        let mut key = [0; 16];
        crypto::random_bytes(&mut key).map_err(|_| Error::new(ErrorCode::Internal))?;
        let sets = (0..entries.div_ceil(WAYS)).map(|_| Set::new()).collect();
        let counter = || AtomicU64::new(0);
        Ok(Self { key, sets, most_octets: octets, octets: AtomicUsize::new(0), hits: counter(), misses: counter() })
    }

    /// What a token was found to be.
    pub(crate) fn find(&self, token: &[u8]) -> Option<Arc<Entry<T>>> {
        let (signed, signature) = split(token)?;
        let digest = self.digest(signature);
        let set = self.set(digest)?;
        let mut places = set.places.iter().filter_map(|place| {
            let entry = place.load();
            let entry = entry.as_ref()?;
            (entry.signature == digest && *entry.signed == *signed).then(|| Arc::clone(entry))
        });
        places.next()
    }

    /// Counts what came of looking.
    pub(crate) fn count(&self, hit: bool) {
        let counter = if hit { &self.hits } else { &self.misses };
        counter.fetch_add(1, Ordering::Relaxed);
    }

    /// Keeps what a token was found to be, until `ends`; `octets` is what the value takes.
    pub(crate) fn keep(&self, token: &[u8], ends: Timestamp, octets: usize, value: T, now: Timestamp) {
        let Some((signed, signature)) = split(token) else { return };
        let digest = self.digest(signature);
        let Some(set) = self.set(digest) else { return };
        let octets = octets + signed.len() + ENTRY_OCTETS;
        let place = set.place_for(digest, now);
        let freed = place.load().as_ref().map_or(0, |entry| entry.octets);
        let after = self.octets.load(Ordering::Relaxed).saturating_sub(freed).saturating_add(octets);
        if after > self.most_octets {
            return;
        }
        let before =
            place.swap(Some(Arc::new(Entry { signature: digest, signed: signed.into(), ends, octets, value })));
        self.octets.fetch_add(octets, Ordering::Relaxed);
        self.octets.fetch_sub(before.map_or(0, |entry| entry.octets), Ordering::Relaxed);
    }

    pub(crate) fn counts(&self) -> Counts {
        let places = self.sets.iter().flat_map(|set| &set.places);
        Counts {
            entries: places.filter(|place| place.load().is_some()).count(),
            most_entries: self.sets.len() * WAYS,
            octets: self.octets.load(Ordering::Relaxed),
            most_octets: self.most_octets,
            hits: self.hits.load(Ordering::Relaxed),
            misses: self.misses.load(Ordering::Relaxed),
        }
    }

    fn digest(&self, signature: &[u8]) -> u128 {
        let mut hasher = SipHasher24::new_with_key(&self.key);
        hasher.write(signature);
        hasher.finish128().as_u128()
    }

    fn set(&self, digest: u128) -> Option<&Set<T>> {
        let count = u128::try_from(self.sets.len()).ok()?;
        let index = usize::try_from(digest.checked_rem(count)?).ok()?;
        self.sets.get(index)
    }
}

impl<T> Set<T> {
    fn new() -> Self {
        Self { places: std::array::from_fn(|_| ArcSwapOption::empty()), next: AtomicUsize::new(0) }
    }

    /// Where an entry goes: where it is already, where nothing is, where what is there is over, or
    /// else in turn.
    fn place_for(&self, signature: u128, now: Timestamp) -> &ArcSwapOption<Entry<T>> {
        let is = |wanted: &dyn Fn(Option<&Entry<T>>) -> bool| {
            self.places.iter().find(|place| wanted(place.load().as_deref()))
        };
        is(&|entry| entry.is_some_and(|entry| entry.signature == signature))
            .or_else(|| is(&|entry| entry.is_none_or(|entry| entry.ends <= now)))
            .unwrap_or_else(|| {
                let turn = self.next.fetch_add(1, Ordering::Relaxed) % WAYS;
                #[expect(clippy::indexing_slicing, reason = "a remainder is less than what it is of")]
                &self.places[turn]
            })
    }
}

impl<T> fmt::Debug for Cache<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cache").field("sets", &self.sets.len()).finish_non_exhaustive()
    }
}

/// What was signed, and the signature.
fn split(token: &[u8]) -> Option<(&[u8], &[u8])> {
    let dot = memchr::memrchr(b'.', token)?;
    Some((token.get(..dot)?, token.get(dot + 1..)?))
}
