//! The keys that a validator fetches, whatever it validates.

use napi_derive::napi;

use crate::refresh::{KeySteps, Refresh};

/// A validator that may fetch keys.
pub trait FetchesKeys {
    /// Whether it fetches any.
    fn fetches(&self) -> bool;
    /// Keys that are due and that nobody fetches yet.
    fn due_refresh(&self) -> Option<at9068::Refresh>;
    /// Fetches keys that are not fresh.
    fn prefetch_steps(&self) -> at9068::KeySteps;
    /// Fetches all keys anew.
    fn refresh_steps(&self) -> at9068::KeySteps;
    /// Where keys are in their life.
    fn status_json(&self) -> String;
}

macro_rules! fetches_keys {
    ($($validator:ty),*) => {$(
        impl FetchesKeys for $validator {
            fn fetches(&self) -> bool {
                self.issuer_cache().is_some()
            }

            fn due_refresh(&self) -> Option<at9068::Refresh> {
                <$validator>::due_refresh(self)
            }

            fn prefetch_steps(&self) -> at9068::KeySteps {
                <$validator>::prefetch_steps(self)
            }

            fn refresh_steps(&self) -> at9068::KeySteps {
                <$validator>::refresh_steps(self)
            }

            fn status_json(&self) -> String {
                <$validator>::status_json(self)
            }
        }
    )*};
}

fetches_keys!(at9068::Validator, at9068::IdTokenValidator, at9068::ClientAssertionValidator);

/// The keys that a validator fetches.
#[napi]
pub struct IssuerKeys(Box<dyn FetchesKeys>);

impl IssuerKeys {
    pub(crate) fn of(validator: impl FetchesKeys + 'static) -> Self {
        Self(Box::new(validator))
    }
}

#[napi]
impl IssuerKeys {
    /// Whether any keys are fetched.
    #[napi(catch_unwind)]
    pub fn fetches(&self) -> bool {
        self.0.fetches()
    }

    /// Keys that are due and that nobody fetches yet.
    #[napi(catch_unwind)]
    pub fn due_refresh(&self) -> Option<Refresh> {
        self.0.due_refresh().map(|refresh| Refresh(Some(refresh)))
    }

    /// Fetches every issuer's keys that are not fresh.
    #[napi(catch_unwind)]
    pub fn prefetch_steps(&self) -> KeySteps {
        KeySteps(self.0.prefetch_steps())
    }

    /// Fetches every issuer's keys anew.
    #[napi(catch_unwind)]
    pub fn refresh_steps(&self) -> KeySteps {
        KeySteps(self.0.refresh_steps())
    }

    /// Where the keys of each issuer are in their life, as a JSON array.
    #[napi(catch_unwind)]
    pub fn status_json(&self) -> String {
        self.0.status_json()
    }
}
