//! Calls for many tokens at once.

use super::*;

/// Handles of these kinds.
pub(super) struct Batches {
    judged: Handles<at9068_batch>,
    minted: Handles<at9068_minted_batch>,
}

impl Batches {
    pub(super) fn new() -> Self {
        Self {
            judged: Handles::new(|it| at9068_batch_free(it)),
            minted: Handles::new(|it| at9068_minted_batch_free(it)),
        }
    }

    pub(super) fn free(&mut self, place: u8) {
        self.judged.put(place, ptr::null_mut());
        self.minted.put(place, ptr::null_mut());
    }

    /// Of each there is a token or an error, unless it was taken, and nothing behind the last.
    pub(super) fn look(&self, place: u8) {
        let batch = self.judged.borrow(place);
        let count = at9068_batch_count(batch);
        for index in 0..count + 2 {
            let (token, error) = (at9068_batch_token_at(batch, index), at9068_batch_error_at(batch, index));
            assert!(token.is_none() || (error.is_none() && index < count));
            assert!(error.is_none() || index < count);
            look_at_token(token);
            look_at_error(error);
        }
        let batch = self.minted.borrow(place);
        let count = at9068_minted_batch_count(batch);
        for index in 0..count + 2 {
            let (token, error) =
                (at9068_minted_batch_token_at(batch, index), at9068_minted_batch_error_at(batch, index));
            assert!(token.is_none() || (error.is_none() && index < count));
            assert!(error.is_none() || index < count);
            read(at9068_minted_token_token(token));
            look_at_error(error);
        }
    }
}

impl World<'_> {
    /// An array of texts, or something that cannot be one; and how many there are said to be.
    fn texts(&mut self, kind: u8) -> (Vec<at9068_str>, usize) {
        // With four and more, other threads come in.
        let texts: Vec<at9068_str> = (0..kind % 7).map(|_| self.view()).collect();
        let count = if self.next() < 240 { texts.len() } else { usize::MAX / 8 };
        (texts, count)
    }

    pub(super) fn validate_many(&mut self, place: u8, from: u8, mode: u8) {
        let (tokens, count) = self.texts(from);
        let options = at9068_validate_options {
            size: self.size(size_of::<at9068_validate_options>()),
            has_now: c_int::from(place % 8 < 6),
            now: NOW,
            request: self.view(),
            require: self.view(),
        };
        let options = if place < 64 { ptr::null() } else { &raw const options };
        let waits = self.next() < 128;
        let (validator, first) = (self.validators.borrow(from), tokens.as_ptr());
        if waits {
            make!(self, batches.judged, mode, place, |out, error| at9068_validator_validate_many(
                validator, first, count, options, out, error
            ));
        } else {
            make!(self, batches.judged, mode, place, |out, error| at9068_validator_validate_many_at_hand(
                validator, first, count, options, out, error
            ));
        }
        assert!([0, tokens.len()].contains(&at9068_batch_count(self.batches.judged.borrow(place))));
    }

    pub(super) fn mint_many(&mut self, place: u8, from: u8, mode: u8) {
        let (requests, count) = self.texts(from);
        let now = NOW + f64::from(place);
        let now = (place % 8 < 6).then_some(&now);
        let (minter, first) = (self.minters.borrow(from), requests.as_ptr());
        make!(self, batches.minted, mode, place, |out, error| at9068_minter_mint_many(
            minter, first, count, now, out, error
        ));
        assert!([0, requests.len()].contains(&at9068_minted_batch_count(self.batches.minted.borrow(place))));
    }

    /// Takes a token out of a batch, once, and keeps it.
    pub(super) fn take(&mut self, place: u8, from: u8, mode: u8) {
        let index = usize::from(mode % 7);
        let (judged, minted) = (self.batches.judged.get(from), self.batches.minted.get(from));
        let (mut token, mut made) = (ptr::dangling_mut(), ptr::dangling_mut());
        // SAFETY: NULL, or a handle that was made and not freed, of which nothing else is borrowed; and outputs that
        // are NULL or can be written to.
        unsafe {
            assert!(!at9068_batch_take_token_at(judged.as_mut(), index, ptr::null_mut()));
            assert!(!at9068_minted_batch_take_token_at(minted.as_mut(), index, ptr::null_mut()));
            let had = at9068_batch_token_at(judged.as_ref(), index).is_some();
            assert_eq!(at9068_batch_take_token_at(judged.as_mut(), index, &raw mut token), had);
            assert!(at9068_batch_token_at(judged.as_ref(), index).is_none() && token.is_null() != had);
            let had = at9068_minted_batch_token_at(minted.as_ref(), index).is_some();
            assert_eq!(at9068_minted_batch_take_token_at(minted.as_mut(), index, &raw mut made), had);
            assert!(at9068_minted_batch_token_at(minted.as_ref(), index).is_none() && made.is_null() != had);
        }
        self.tokens.put(place, token);
        self.minted.put(place, made);
    }
}
