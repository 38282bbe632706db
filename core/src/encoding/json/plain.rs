//! Where a string stops being simply itself: at a quote, a backslash or a control character.

const BLOCK: usize = 64;

/// Finds these places in one text, from front to back; a block of it is looked at once, all together.
pub(super) struct Specials<'a> {
    text: &'a [u8],
    /// The block that was looked at last, and which of its octets are special.
    block: usize,
    found: u64,
}

impl<'a> Specials<'a> {
    pub(super) fn new(text: &'a [u8]) -> Self {
        Self { text, block: 0, found: specials(text) }
    }

    /// The first place not before `from`, or the end of the text.
    #[inline]
    pub(super) fn next(&mut self, from: usize) -> usize {
        let rest = if from / BLOCK == self.block { self.found >> (from % BLOCK) } else { 0 };
        if rest != 0 { from + rest.trailing_zeros() as usize } else { self.next_beyond(from) }
    }

    /// The same, where the block at hand has none.
    fn next_beyond(&mut self, from: usize) -> usize {
        let mut block = from / BLOCK;
        let mut kept = u64::MAX << (from % BLOCK);
        if block == self.block {
            (block, kept) = (block + 1, u64::MAX);
        }
        while let Some(rest) = self.text.get(block * BLOCK..).filter(|rest| !rest.is_empty()) {
            let found = specials(rest);
            (self.block, self.found) = (block, found);
            if found & kept != 0 {
                return block * BLOCK + (found & kept).trailing_zeros() as usize;
            }
            (block, kept) = (block + 1, u64::MAX);
        }
        self.text.len()
    }
}

/// Which of the first octets are special, the lowest bit for the first of them.
fn specials(text: &[u8]) -> u64 {
    let Some(block) = text.first_chunk::<BLOCK>() else {
        let mut block = [b' '; BLOCK];
        block.iter_mut().zip(text).for_each(|(to, from)| *to = *from);
        return specials_of(&block);
    };
    specials_of(block)
}

/// Without a branch, so that many octets are compared at once.
#[inline]
fn specials_of(block: &[u8; BLOCK]) -> u64 {
    let flags = block.map(|octet| u8::from(octet < 0x20) | u8::from(octet == b'"') | u8::from(octet == b'\\'));
    let (words, _) = flags.as_chunks::<8>();
    words.iter().rev().fold(0, |found, word| found << 8 | gathered(u64::from_le_bytes(*word)))
}

/// The lowest bits of eight octets, side by side.
#[inline]
fn gathered(word: u64) -> u64 {
    word.wrapping_mul(0x0102_0408_1020_4080) >> 56
}

/// Where a quote, a backslash or a control character comes first; eight octets are looked at together.
#[inline]
pub(super) fn end_of_plain(text: &[u8]) -> Option<usize> {
    let (words, rest) = text.as_chunks::<8>();
    for (index, word) in words.iter().enumerate() {
        let found = special(u64::from_le_bytes(*word));
        if found != 0 {
            return Some(index * 8 + found.trailing_zeros() as usize / 8);
        }
    }
    if rest.is_empty() {
        return None;
    }
    // The last eight once more: what is among them and was looked at before is plain.
    if let Some(last) = text.last_chunk::<8>() {
        let found = special(u64::from_le_bytes(*last));
        return (found != 0).then(|| text.len() - 8 + found.trailing_zeros() as usize / 8);
    }
    rest.iter().position(|b| matches!(b, b'"' | b'\\' | 0..0x20))
}

/// Sets the highest bit of the first octet that is a quote, a backslash or a control character;
/// what is set beyond it means nothing.
fn special(word: u64) -> u64 {
    const ONES: u64 = u64::from_le_bytes([1; 8]);
    const HIGHEST: u64 = u64::from_le_bytes([0x80; 8]);
    let below = |word: u64, limit: u8| word.wrapping_sub(ONES * u64::from(limit)) & !word;
    let equal = |octet: u8| below(word ^ (ONES * u64::from(octet)), 1);
    (below(word, 0x20) | equal(b'"') | equal(b'\\')) & HIGHEST
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn is_special(octet: u8) -> bool {
        matches!(octet, b'"' | b'\\' | 0..0x20)
    }

    #[test]
    fn every_octet_is_told_at_every_place() {
        for octet in 0..=255_u8 {
            for length in [1, 7, 8, 9, 63, 64, 65, 130] {
                for at in 0..length {
                    let mut text = vec![b'a'; length];
                    text[at] = octet;
                    let expected = is_special(octet).then_some(at);
                    assert_eq!(end_of_plain(&text), expected, "{octet} at {at} of {length}");
                    let mut specials = Specials::new(&text);
                    assert_eq!(specials.next(0), expected.unwrap_or(length), "{octet} at {at} of {length}");
                }
            }
        }
    }

    proptest! {
        /// Whoever goes from place to place finds them all, whatever he leaves out.
        #[test]
        fn every_place_is_found(text in proptest::collection::vec(any::<u8>(), 0..400), skipped in 1_usize..90) {
            let mut specials = Specials::new(&text);
            let mut from = 0;
            while from < text.len() {
                let expected = text[from..].iter().position(|octet| is_special(*octet));
                prop_assert_eq!(specials.next(from), expected.map_or(text.len(), |place| from + place));
                from += skipped;
            }
            prop_assert_eq!(specials.next(text.len()), text.len());
        }
    }
}
