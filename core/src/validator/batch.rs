//! Many tokens at once, for audits and gateways.

use std::fmt;

use crate::error::Result;
use crate::validator::{AccessToken, Credential, ValidateOptions, Validator};
use crate::waiting::{Carrying, Many, Progress, Want};

/// Tokens that are validated together, in steps; for [`Validator::advance_many`]. `V` is what is made
/// of each verdict.
pub struct Batch<T, V = Result<AccessToken>> {
    tokens: Vec<T>,
    options: ValidateOptions,
    verdicts: Many<Result<AccessToken>, V>,
}

impl<T: AsRef<[u8]> + Sync, V: Send> Batch<T, V> {
    /// Tokens to be validated with these options, of which each holds for all of them.
    #[must_use]
    pub fn new(tokens: Vec<T>, options: ValidateOptions) -> Self {
        let verdicts = Many::new(tokens.len());
        Self { tokens, options, verdicts }
    }
}

impl Validator {
    /// Validates many tokens, each as [`validate`](Self::validate) does: their verdicts, in their
    /// order. One that is refused changes nothing for the others.
    ///
    /// The work is spread over as many threads as there are processors, this one waiting for them.
    /// They are kept: the first batch of a process begins them, and all validators and minters of
    /// the process use them. Requests are made one after the other, each for all tokens that want
    /// what it gives; of tokens about which an issuer is asked each wants its own.
    ///
    /// All are judged by one time, and those that wait for a request by that of its end.
    pub fn validate_many<T: AsRef<[u8]> + Sync>(
        &self,
        tokens: &[T],
        options: &ValidateOptions,
    ) -> Vec<Result<AccessToken>> {
        let view = |verdict| self.accept(verdict, options);
        Many::new(tokens.len()).patiently(Carrying { round: || self.round(tokens, options), view })
    }

    /// Validates many tokens on those threads with the keys and answers at hand, each as
    /// [`validate_at_hand`](Self::validate_at_hand) does; what `view` makes of the verdicts there.
    pub fn validate_many_at_hand<T: AsRef<[u8]> + Sync, V: Send>(
        &self,
        tokens: &[T],
        options: &ValidateOptions,
        view: impl Fn(Result<AccessToken>) -> V + Sync,
    ) -> Vec<V> {
        let view = |verdict| view(self.accept(verdict, options));
        Many::new(tokens.len()).at_hand(Carrying { round: || self.round(tokens, options), view })
    }

    /// Validates many tokens as far as it can without waiting for anybody outside, for hosts with a
    /// loop of their own. Calls go on with the same batch as [`step`](Self::step) says, as often as there is something
    /// to fetch or to wait for: [`ROUNDS`](Self::ROUNDS) does not count here.
    ///
    /// A step takes the time of judging all tokens, on the threads of
    /// [`validate_many`](Self::validate_many): on the thread of a loop it would be felt. After the
    /// verdicts were given the batch is empty.
    pub fn advance_many<T: AsRef<[u8]> + Sync>(&self, batch: &mut Batch<T>) -> Progress<Vec<Result<AccessToken>>> {
        self.advance_many_as(batch, |verdict| verdict)
    }

    /// [`advance_many`](Self::advance_many), with what `view` makes of each verdict on the thread that
    /// judged the token.
    pub fn advance_many_as<T: AsRef<[u8]> + Sync, V: Send>(
        &self,
        batch: &mut Batch<T, V>,
        view: impl Fn(Result<AccessToken>) -> V + Sync,
    ) -> Progress<Vec<V>> {
        let Batch { tokens, options, verdicts } = batch;
        let (tokens, options) = (&*tokens, &*options);
        let view = |verdict| view(self.accept(verdict, options));
        verdicts.advance(Carrying { round: || self.round(tokens, options), view })
    }

    /// Judges the tokens at given places with the keys at hand, all of a round by one time.
    fn round<T: AsRef<[u8]> + Sync>(
        &self,
        tokens: &[T],
        options: &ValidateOptions,
    ) -> impl Fn(usize) -> (Result<AccessToken>, Option<Box<dyn Want>>) + Sync {
        let now = self.policy.common.ports.now(options.now);
        move |place| {
            let token = tokens.get(place).map(AsRef::as_ref).unwrap_or_default();
            self.attempt_at(Credential::Token(token), options, || now.clone())
        }
    }
}

impl<T, V> fmt::Debug for Batch<T, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Batch").field("tokens", &self.tokens.len()).finish_non_exhaustive()
    }
}
