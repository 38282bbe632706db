//! Headers that were read before: the tokens of an issuer differ in their claims, and few keys sign
//! them.

use std::sync::Arc;

use arc_swap::ArcSwapOption;

use crate::jws::Header;

const PLACES: usize = 64;

/// Longer headers are not kept.
const LONGEST: usize = 1024;

/// Headers of tokens that were authentic, so that nobody else chooses what is kept. Known by every
/// character of their text, from which all that is known of them follows.
pub(crate) struct Headers {
    places: [ArcSwapOption<Seen>; PLACES],
}

struct Seen {
    text: Box<[u8]>,
    header: Arc<Header>,
}

impl Headers {
    pub(crate) fn find(&self, text: &[u8]) -> Option<Arc<Header>> {
        let seen = self.place(text).load();
        let seen = seen.as_ref().filter(|seen| *seen.text == *text)?;
        Some(Arc::clone(&seen.header))
    }

    pub(crate) fn keep(&self, text: &[u8], header: &Arc<Header>) {
        if text.len() <= LONGEST {
            self.place(text).store(Some(Arc::new(Seen { text: text.into(), header: Arc::clone(header) })));
        }
    }

    /// The one place where a text can be. It need not be hard to guess.
    fn place(&self, text: &[u8]) -> &ArcSwapOption<Seen> {
        const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;
        let (words, rest) = text.as_chunks::<8>();
        let mix = |hash: u64, word: u64| (hash.rotate_left(5) ^ word).wrapping_mul(FACTOR);
        let hash = words.iter().fold(0, |hash, word| mix(hash, u64::from_le_bytes(*word)));
        let hash = rest.iter().fold(hash, |hash, octet| mix(hash, u64::from(*octet)));
        let place = (hash >> 32) as usize % PLACES;
        #[expect(clippy::indexing_slicing, reason = "a remainder is less than what it is of")]
        &self.places[place]
    }
}

impl Default for Headers {
    fn default() -> Self {
        Self { places: std::array::from_fn(|_| ArcSwapOption::empty()) }
    }
}
