//! Many tokens at once: what came of each, in their order.

use at9068_core::{AccessToken, ErrorCode, MintRequest, MintedToken, Result as CoreResult, ValidateOptions, Validator};

use crate::access_token::at9068_access_token;
use crate::code::at9068_code;
use crate::error::{Result, at9068_error};
use crate::ffi::{each_octets, given, make, utf8_or};
use crate::guard::{infallible, write};
use crate::minter::{at9068_minted_token, at9068_minter};
use crate::strings::at9068_str;
use crate::validator::{at9068_validate_options, at9068_validator, validate_options};

/// What came of tokens that were validated together, in their order: of each an access token, or the
/// error that at9068_validator_validate() would have given. What it gives is borrowed from it, unless
/// it is taken.
pub struct at9068_batch {
    outcomes: Outcomes<at9068_access_token>,
}

/// What came of requests for tokens that were minted together, in their order: of each a token, or the
/// error that at9068_minter_mint() would have given. What it gives is borrowed from it, unless it is
/// taken.
pub struct at9068_minted_batch {
    outcomes: Outcomes<at9068_minted_token>,
}

/// Validates `count` tokens, each as at9068_validator_validate() does; `options` hold for all of them.
///
/// AT9068_CODE_OK says that all were judged, whatever the verdicts are: one that is refused, be it that
/// it is not UTF-8, changes nothing for the others. All are judged by one time, and those that wait for
/// keys or an answer by that of their coming.
///
/// The work is spread over **threads of the library's own**, as many as there are processors, while this
/// one waits. The first batch of a process begins them, whichever validator or minter it is of, and they
/// sleep while there is none; a child of fork() begins its own. They end with the process: a library
/// that judged or minted a batch must not be unloaded with dlclose(). No other function begins them.
///
/// Requests to issuers are made one after the other, each for all tokens that want what it gives.
///
/// Returns AT9068_CODE_ARGUMENT_INVALID for arguments that are wrong whatever the tokens. The caller
/// frees `*out` with at9068_batch_free(); it may outlive the validator.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn at9068_validator_validate_many(
    validator: Option<&at9068_validator>,
    tokens: *const at9068_str,
    count: usize,
    options: *const at9068_validate_options,
    out: *mut *mut at9068_batch,
    error: *mut *mut at9068_error,
) -> at9068_code {
    // SAFETY: the caller's pointers, as the head of the header demands.
    unsafe {
        make(out, error, || {
            judged(validator, tokens, count, options, |validator, tokens, options| {
                validator.validate_many(tokens, options).into_iter().map(verdict).collect()
            })
        })
    }
}

/// The same with the keys and answers at hand, each token as at9068_validator_validate_at_hand() judges
/// it: waits for those threads only, which takes as long as judging all tokens does.
///
/// Tokens whose error is AT9068_CODE_KEYS_UNAVAILABLE or _INTROSPECTION_UNAVAILABLE had to be left
/// without a verdict; a host that fetches by itself takes each of these to at9068_validator_step().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn at9068_validator_validate_many_at_hand(
    validator: Option<&at9068_validator>,
    tokens: *const at9068_str,
    count: usize,
    options: *const at9068_validate_options,
    out: *mut *mut at9068_batch,
    error: *mut *mut at9068_error,
) -> at9068_code {
    // SAFETY: the caller's pointers, as the head of the header demands.
    unsafe {
        make(out, error, || {
            judged(validator, tokens, count, options, |validator, tokens, options| {
                validator.validate_many_at_hand(tokens, options, verdict)
            })
        })
    }
}

/// How many tokens were judged; 0 of NULL.
#[unsafe(no_mangle)]
pub extern "C" fn at9068_batch_count(batch: Option<&at9068_batch>) -> usize {
    infallible(0, || batch.map_or(0, |batch| batch.outcomes.count()))
}

/// The access token made of one of them, by index from 0; NULL where it was refused or taken, and behind
/// the last. It belongs to the batch: not to be freed, and good until that is or it is taken.
#[unsafe(no_mangle)]
pub extern "C" fn at9068_batch_token_at(batch: Option<&at9068_batch>, index: usize) -> Option<&at9068_access_token> {
    infallible(None, || batch.and_then(|batch| batch.outcomes.made_at(index)))
}

/// Why one of them was refused, by index from 0; NULL where it is good, and behind the last. It belongs
/// to the batch: not to be freed, and good until that is.
#[unsafe(no_mangle)]
pub extern "C" fn at9068_batch_error_at(batch: Option<&at9068_batch>, index: usize) -> Option<&at9068_error> {
    infallible(None, || batch.and_then(|batch| batch.outcomes.error_at(index)))
}

/// Takes an access token out of the batch, which it may outlive: in its place there is nothing from then
/// on. Returns whether there was one; `*out` is NULL where not. No other thread may use the batch
/// meanwhile. The caller frees `*out` with at9068_access_token_free().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn at9068_batch_take_token_at(
    batch: Option<&mut at9068_batch>,
    index: usize,
    out: *mut *mut at9068_access_token,
) -> bool {
    // SAFETY: the caller's pointer, as the head of the header demands.
    unsafe { hand_over(out, || batch.and_then(|batch| batch.outcomes.take_at(index))) }
}

/// Frees a batch, and what was not taken out of it. NULL is fine.
#[unsafe(no_mangle)]
pub extern "C" fn at9068_batch_free(batch: Option<Box<at9068_batch>>) {
    infallible((), || drop(batch));
}

/// Mints a token for each of `count` requests as at9068_minter_mint() does; all are issued at one time.
///
/// AT9068_CODE_OK says that all were dealt with, whatever came of them: one that is refused, be it that
/// it is no JSON, changes nothing for the others. The work is spread over the threads of
/// at9068_validator_validate_many(), which says what follows from that.
///
/// Returns AT9068_CODE_ARGUMENT_INVALID for arguments that are wrong whatever the requests. The caller
/// frees `*out` with at9068_minted_batch_free(); it may outlive the minter.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn at9068_minter_mint_many(
    minter: Option<&at9068_minter>,
    requests: *const at9068_str,
    count: usize,
    now: Option<&f64>,
    out: *mut *mut at9068_minted_batch,
    error: *mut *mut at9068_error,
) -> at9068_code {
    // SAFETY: the caller's pointers, as the head of the header demands.
    unsafe {
        make(out, error, || {
            let (minter, requests) = (&given("minter", minter)?.minter, each_octets("requests", requests, count)?);
            // Those that can be read go to the core together, and come back to their places.
            let mut good = Vec::with_capacity(requests.len());
            let mut read = |octets| -> Result<()> {
                good.push(MintRequest::from_json(utf8_or(ErrorCode::ArgumentInvalid, "request", octets)?)?);
                Ok(())
            };
            let read: Vec<Result<()>> = requests.into_iter().map(&mut read).collect();
            let mut minted = minter.mint_many(&good, now.copied()).into_iter();
            let outcomes = read.into_iter().map(|read| {
                let minted: MintedToken = read.and_then(|()| Ok(minted.next().unwrap_or_else(internal)?))?;
                Ok(minted.into())
            });
            Ok(at9068_minted_batch { outcomes: outcomes.collect() })
        })
    }
}

/// How many requests were dealt with; 0 of NULL.
#[unsafe(no_mangle)]
pub extern "C" fn at9068_minted_batch_count(batch: Option<&at9068_minted_batch>) -> usize {
    infallible(0, || batch.map_or(0, |batch| batch.outcomes.count()))
}

/// The token minted for one of them, by index from 0; NULL where none was, or it was taken, and behind
/// the last. It belongs to the batch: not to be freed, and good until that is or it is taken.
#[unsafe(no_mangle)]
pub extern "C" fn at9068_minted_batch_token_at(
    batch: Option<&at9068_minted_batch>,
    index: usize,
) -> Option<&at9068_minted_token> {
    infallible(None, || batch.and_then(|batch| batch.outcomes.made_at(index)))
}

/// Why none was minted for one of them, by index from 0; NULL where one was, and behind the last. It
/// belongs to the batch: not to be freed, and good until that is.
#[unsafe(no_mangle)]
pub extern "C" fn at9068_minted_batch_error_at(
    batch: Option<&at9068_minted_batch>,
    index: usize,
) -> Option<&at9068_error> {
    infallible(None, || batch.and_then(|batch| batch.outcomes.error_at(index)))
}

/// Takes a minted token out of the batch, as at9068_batch_take_token_at() does. The caller frees `*out`
/// with at9068_minted_token_free().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn at9068_minted_batch_take_token_at(
    batch: Option<&mut at9068_minted_batch>,
    index: usize,
    out: *mut *mut at9068_minted_token,
) -> bool {
    // SAFETY: the caller's pointer, as the head of the header demands.
    unsafe { hand_over(out, || batch.and_then(|batch| batch.outcomes.take_at(index))) }
}

/// Frees a batch, and what was not taken out of it. NULL is fine.
#[unsafe(no_mangle)]
pub extern "C" fn at9068_minted_batch_free(batch: Option<Box<at9068_minted_batch>>) {
    infallible((), || drop(batch));
}

type Verdict = Result<at9068_access_token>;

fn verdict(verdict: CoreResult<AccessToken>) -> Verdict {
    Ok(verdict?.into())
}

/// Reads the arguments of a batch and has it judged.
///
/// # Safety
/// As [`each_octets`] and [`validate_options`].
unsafe fn judged(
    validator: Option<&at9068_validator>,
    tokens: *const at9068_str,
    count: usize,
    options: *const at9068_validate_options,
    judge: impl FnOnce(&Validator, &[&[u8]], &ValidateOptions) -> Vec<Verdict>,
) -> Result<at9068_batch> {
    // SAFETY: as this function demands.
    let (tokens, options) = unsafe { (each_octets("tokens", tokens, count)?, validate_options(options)?) };
    let verdicts = judge(&given("validator", validator)?.validator, &tokens, &options);
    Ok(at9068_batch { outcomes: verdicts.into_iter().collect() })
}

fn internal<T>() -> CoreResult<T> {
    Err(ErrorCode::Internal.into())
}

/// Writes what is taken, which the caller then has to free, and says whether there was something.
///
/// # Safety
/// `out` is NULL, and then nothing is taken, or can be written to.
unsafe fn hand_over<T>(out: *mut *mut T, take: impl FnOnce() -> Option<T>) -> bool {
    // SAFETY: as this function demands.
    unsafe {
        write(out, std::ptr::null_mut());
        let taken = infallible(None, || if out.is_null() { None } else { take().map(Box::new) });
        let Some(taken) = taken else { return false };
        write(out, Box::into_raw(taken));
    }
    true
}

/// What came of many: of each what was made, until it is taken, or why nothing was.
struct Outcomes<T>(Vec<Result<Option<T>>>);

impl<T> FromIterator<Result<T>> for Outcomes<T> {
    fn from_iter<I: IntoIterator<Item = Result<T>>>(outcomes: I) -> Self {
        Self(outcomes.into_iter().map(|outcome| outcome.map(Some)).collect())
    }
}

impl<T> Outcomes<T> {
    fn count(&self) -> usize {
        self.0.len()
    }

    fn made_at(&self, index: usize) -> Option<&T> {
        self.0.get(index)?.as_ref().ok()?.as_ref()
    }

    fn error_at(&self, index: usize) -> Option<&at9068_error> {
        self.0.get(index)?.as_ref().err()
    }

    fn take_at(&mut self, index: usize) -> Option<T> {
        self.0.get_mut(index)?.as_mut().ok()?.take()
    }
}
