//! A refresh of an issuer's keys, or a question to it, in the hands of the host.

use at9068_core::{ErrorCode, FetchResponse, Refresh};

use crate::code::at9068_code;
use crate::error::{Result, at9068_error};
use crate::fetch::{at9068_fetch_outcome, at9068_fetch_request, at9068_fetch_response, failure};
use crate::ffi::{call, given, make};
use crate::flight::at9068_flight;
use crate::guard::infallible;
use crate::strings::at9068_str;

/// What the caller has to carry out: an issuer's keys are fetched, or it is asked about a token; the only one
/// for these keys, or this token, at a time. It wants requests to be made, one after the other; or it is
/// run. Used by one thread at a time, whichever. Freed unfinished, it counts as failed.
pub struct at9068_refresh {
    /// None once it was run.
    refresh: Option<Refresh>,
    request: Option<at9068_fetch_request>,
    response: Option<at9068_fetch_response>,
}

impl From<Refresh> for at9068_refresh {
    fn from(refresh: Refresh) -> Self {
        Self { refresh: Some(refresh), request: None, response: None }
    }
}

impl at9068_refresh {
    fn answer(&mut self, answer: std::result::Result<FetchResponse, at9068_core::FetchFailure>) -> Result<()> {
        (self.request, self.response) = (None, None);
        let over = || at9068_error::of_use(ErrorCode::ArgumentInvalid, "the refresh is over");
        let refresh = self.refresh.as_mut().filter(|refresh| refresh.request().is_some()).ok_or_else(over)?;
        refresh.answer(answer);
        Ok(())
    }
}

/// A handle that must be given, to be changed.
fn changed(refresh: Option<&mut at9068_refresh>) -> Result<&mut at9068_refresh> {
    given("refresh", refresh.is_some().then_some(&()))?;
    refresh.ok_or_else(|| ErrorCode::ArgumentInvalid.into())
}

/// The issuer, or the client, whose keys are fetched, or that is asked; no text once it was run. Good
/// until then.
#[unsafe(no_mangle)]
pub extern "C" fn at9068_refresh_issuer(refresh: Option<&at9068_refresh>) -> at9068_str {
    infallible(at9068_str::NONE, || refresh.and_then(|refresh| refresh.refresh.as_ref()).map(Refresh::issuer).into())
}

/// The request to make now, with the time that is left; NULL when the refresh is over. Good
/// until the next call with this refresh that may change it: another of this, an answer, a failure.
#[unsafe(no_mangle)]
pub extern "C" fn at9068_refresh_request(refresh: Option<&mut at9068_refresh>) -> Option<&at9068_fetch_request> {
    infallible(None, || {
        let known = refresh?;
        known.request = known.refresh.as_ref().and_then(Refresh::request).map(Into::into);
        known.request.as_ref()
    })
}

/// Where the response to the request is written to, in as many calls as it takes; what was written
/// before is still there. NULL when the refresh is over. Good until it is answered, or failed.
#[unsafe(no_mangle)]
pub extern "C" fn at9068_refresh_response(refresh: Option<&mut at9068_refresh>) -> Option<&mut at9068_fetch_response> {
    infallible(None, || {
        let known = refresh?;
        let wanted = known.refresh.as_ref().and_then(Refresh::request)?;
        Some(known.response.get_or_insert_with(|| at9068_fetch_response::new(wanted.max_body_bytes)))
    })
}

/// The response is whole. Then at9068_refresh_request() tells which request is wanted next, if any:
/// when none is, the refresh is over, and who waited for its flight goes on.
///
/// Returns AT9068_CODE_ARGUMENT_INVALID for NULL, and when the refresh was over already. A response
/// that is of no use is no failure of this call: see at9068_validator_status_json().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn at9068_refresh_answer(
    refresh: Option<&mut at9068_refresh>,
    error: *mut *mut at9068_error,
) -> at9068_code {
    // SAFETY: the caller's pointers, as the head of the header demands.
    unsafe {
        call(error, || {
            let refresh = changed(refresh)?;
            let response = refresh.response.take().unwrap_or_else(|| at9068_fetch_response::new(0));
            refresh.answer(Ok(response.into_core()))
        })
    }
}

/// No response is to be had, and why: one of the numbers AT9068_FETCH_…, but not _OK. What was
/// written of a response is forgotten. Otherwise as at9068_refresh_answer().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn at9068_refresh_fail(
    refresh: Option<&mut at9068_refresh>,
    outcome: at9068_fetch_outcome,
    error: *mut *mut at9068_error,
) -> at9068_code {
    // SAFETY: the caller's pointers, as the head of the header demands.
    unsafe {
        call(error, || {
            let refresh = changed(refresh)?;
            let unknown = || at9068_error::of_use(ErrorCode::ArgumentInvalid, "outcome is no failure");
            refresh.answer(Err(failure(outcome).ok_or_else(unknown)?))
        })
    }
}

/// Makes the requests that are wanted, one after the other, on this thread, and waits for it. Fetches by
/// the ports of the validator or its cache; where these leave that to the host, every fetch fails.
/// Afterwards the refresh is over.
///
/// Returns AT9068_CODE_ARGUMENT_INVALID for NULL, and when it was run before. A fetch that fails is
/// no failure of this call.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn at9068_refresh_run(
    refresh: Option<&mut at9068_refresh>,
    error: *mut *mut at9068_error,
) -> at9068_code {
    // SAFETY: the caller's pointers, as the head of the header demands.
    unsafe {
        call(error, || {
            taken(changed(refresh)?)?.run();
            Ok(())
        })
    }
}

/// Does the same on a thread that ends with it, and hands over what can be waited for.
///
/// Returns AT9068_CODE_ARGUMENT_INVALID for NULL, and when it was run before; AT9068_CODE_INTERNAL
/// where no thread can be had: the refresh is as it was then. The caller frees `*out` with
/// at9068_flight_free().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn at9068_refresh_spawn(
    refresh: Option<&mut at9068_refresh>,
    out: *mut *mut at9068_flight,
    error: *mut *mut at9068_error,
) -> at9068_code {
    // SAFETY: the caller's pointers, as the head of the header demands.
    unsafe {
        make(out, error, || {
            let known = changed(refresh)?;
            match taken(known)?.spawn() {
                Ok(flight) => Ok(flight.into()),
                Err(refresh) => {
                    known.refresh = Some(refresh);
                    Err(ErrorCode::Internal.into())
                }
            }
        })
    }
}

fn taken(known: &mut at9068_refresh) -> Result<Refresh> {
    (known.request, known.response) = (None, None);
    let gone = || at9068_error::of_use(ErrorCode::ArgumentInvalid, "the refresh was run before");
    known.refresh.take().ok_or_else(gone)
}

/// What others who need the keys wait for, as at9068_validator_step() gives it to them.
///
/// Returns AT9068_CODE_ARGUMENT_INVALID for NULL, and when the refresh was run. The caller frees
/// `*out` with at9068_flight_free().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn at9068_refresh_flight(
    refresh: Option<&at9068_refresh>,
    out: *mut *mut at9068_flight,
    error: *mut *mut at9068_error,
) -> at9068_code {
    // SAFETY: the caller's pointers, as the head of the header demands.
    unsafe {
        make(out, error, || {
            let gone = || at9068_error::of_use(ErrorCode::ArgumentInvalid, "the refresh was run before");
            Ok(given("refresh", refresh)?.refresh.as_ref().ok_or_else(gone)?.flight().into())
        })
    }
}

/// Frees a refresh. One that is not over has failed: who waits for it goes on, and whoever needs its
/// outcome next gets another, where it is keys after a pause. NULL is fine.
#[unsafe(no_mangle)]
pub extern "C" fn at9068_refresh_free(refresh: Option<Box<at9068_refresh>>) {
    infallible((), || drop(refresh));
}
