//! What calls wait for: errands outside, each carried out by one caller at a time.
//!
//! A judgement never waits. It leaves a [`Wish`] for what it would rather have had, and whoever
//! called decides: to wait, to go on without, or to run the errand itself.

mod backoff;
mod flight;
mod many;
mod progress;
mod refresh;

pub(crate) use backoff::Backoff;
pub use flight::Flight;
pub(crate) use many::{Carrying, Many};
pub use progress::Progress;
#[cfg(feature = "async")]
pub(crate) use progress::eventually;
pub(crate) use progress::{Asked, LONGEST_WAIT, ROUNDS, Want, Wish, advance, at_hand, patiently};
pub(crate) use refresh::Errand;
pub use refresh::Refresh;
