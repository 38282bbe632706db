//! What a caller does while keys are fetched or an issuer is asked: wait, go on without, or make the
//! requests itself.

use crate::error::{Error, Result};
use crate::issuer::{self, KeySteps};
use crate::validator::{AccessToken, Credential, Explanation, ValidateOptions, Validator};
use crate::waiting::{self, Progress, Refresh};

impl Validator {
    /// How often a request is judged anew because of what was fetched for it. A host that
    /// has waited so often for one request ends with [`validate_at_hand`](Self::validate_at_hand).
    pub const ROUNDS: usize = waiting::ROUNDS;

    /// Validates with the keys and answers at hand and never waits. Where others are wanted, they are
    /// fetched on a thread that ends with it, for later calls.
    ///
    /// Keys whose time is over are used here while none others can be had, for `max_stale_seconds`
    /// at most, be it that their refresh is only being tried.
    ///
    /// # Errors
    /// As [`validate`](Self::validate) and [`authenticate`](Self::authenticate);
    /// `keys_unavailable` until keys have been fetched, `introspection_unavailable` until the issuer
    /// has answered.
    pub fn validate_at_hand<'a>(
        &self,
        credential: impl Into<Credential<'a>>,
        options: &ValidateOptions,
    ) -> Result<AccessToken> {
        let credential = credential.into();
        self.accept(waiting::at_hand(|| self.attempt(credential, options)), options)
    }

    /// Validates as far as it can without waiting, for hosts with a loop of their own.
    ///
    /// Whoever gets [`Progress::Fetch`] makes the requests of the refresh one after the other, and
    /// gives it the answers; whoever gets [`Progress::Wait`] waits for the flight. Both then ask
    /// again with the same arguments. A request is at most judged anew for one refresh in a
    /// cooldown, so that this ends, unless fetches take longer than a cooldown: hence
    /// [`ROUNDS`](Self::ROUNDS).
    ///
    /// Keys that are due are fetched on a thread that ends with it; where the
    /// [host fetches](crate::Ports::host_fetches), they are left to [`due_refresh`](Self::due_refresh),
    /// and no thread is started. A token is then asked about only when it has to be, not ahead of time.
    pub fn step<'a>(&self, credential: impl Into<Credential<'a>>, options: &ValidateOptions) -> Progress<AccessToken> {
        let credential = credential.into();
        waiting::advance(|| self.attempt(credential, options)).map(|verdict| self.accept(verdict, options))
    }

    /// [`explain`](Self::explain) with the keys at hand, as
    /// [`validate_at_hand`](Self::validate_at_hand) judges.
    ///
    /// # Errors
    /// As [`explain`](Self::explain).
    pub fn explain_at_hand(&self, token: impl AsRef<[u8]>, options: &ValidateOptions) -> Result<Explanation> {
        let now = self.time(options)?;
        Ok(waiting::at_hand(|| self.trace(token.as_ref(), options, now)))
    }

    /// [`explain`](Self::explain) for hosts with a loop of their own, as [`step`](Self::step)
    /// judges.
    pub fn explain_step(&self, token: impl AsRef<[u8]>, options: &ValidateOptions) -> Progress<Explanation> {
        let now = match self.time(options) {
            Ok(now) => now,
            Err(error) => return Progress::Done(Err(error)),
        };
        waiting::advance(|| {
            let (explanation, wanted) = self.trace(token.as_ref(), options, now);
            (Ok(explanation), wanted)
        })
    }

    /// A refresh of keys that are due, or that nobody has fetched yet; nothing where none is, or
    /// where somebody fetches already. For hosts that call [`step`](Self::step), every second or so.
    #[must_use]
    pub fn due_refresh(&self) -> Option<Refresh> {
        issuer::due_refresh(self.policy.remote_keys())
    }

    /// Fetches the keys of every configured issuer that are not fresh, and waits for them. Best
    /// called when a server starts.
    ///
    /// # Errors
    /// `keys_unavailable` or `metadata_invalid` where an issuer's keys cannot be had; those of the
    /// others are there all the same.
    pub fn prefetch(&self) -> Result<()> {
        self.prefetch_steps().run()
    }

    /// [`prefetch`](Self::prefetch) for hosts with a loop of their own.
    #[must_use]
    pub fn prefetch_steps(&self) -> KeySteps {
        KeySteps::prefetch(self.policy.remote_keys(), self.undemanding())
    }

    /// Fetches the keys of every issuer anew, however fresh they are, and waits for them: for the
    /// operator who knows that a key was taken back.
    ///
    /// # Errors
    /// As [`prefetch`](Self::prefetch); keys at hand are kept then.
    pub fn refresh(&self) -> Result<()> {
        self.refresh_steps().run()
    }

    /// [`refresh`](Self::refresh) for hosts with a loop of their own.
    #[must_use]
    pub fn refresh_steps(&self) -> KeySteps {
        KeySteps::refresh(self.policy.remote_keys(), self.undemanding())
    }

    /// Validates without blocking the thread that polls it: keys are fetched on a thread that ends
    /// with it. No runtime is needed.
    ///
    /// # Errors
    /// As [`validate`](Self::validate) and [`authenticate`](Self::authenticate).
    #[cfg(feature = "async")]
    pub async fn validate_async<'a>(
        &self,
        credential: impl Into<Credential<'a>>,
        options: &ValidateOptions,
    ) -> Result<AccessToken> {
        let credential = credential.into();
        let verdict = waiting::eventually(|| self.attempt(credential, options)).await;
        self.accept(verdict, options)
    }

    pub(super) fn patiently(&self, credential: Credential<'_>, options: &ValidateOptions) -> Result<AccessToken> {
        let verdict = waiting::patiently(|| self.attempt(credential, options));
        self.accept(verdict, options)
    }

    /// Makes an error what a caller gets who demands nothing.
    fn undemanding(&self) -> impl Fn(Error) -> Error + Send + Sync + 'static {
        let validator = self.clone();
        move |error| validator.answer(error, &ValidateOptions::default())
    }
}
