//! What is known of a token when it is judged, and what follows from it.

use std::sync::Arc;

use super::answer::{self, Doubt};
use super::ask::{AnswerWant, Failed};
use super::failure::Failure;
use super::store::{Digest, Entry, Said};
use super::{Introspection, Verification};
use crate::claims::{Claim, Claims};
use crate::error::{Error, ErrorCode, Result};
use crate::time::{Millis, Timestamp};
use crate::waiting::Wish;

/// By how much the clock may be set back until answers are no longer gone by.
const SET_BACK: Millis = 60_000;

/// A token that its issuer is asked about.
pub(crate) struct Question<'a> {
    introspection: &'a Arc<Introspection>,
    token: &'a [u8],
    digest: Digest,
    now: Millis,
    known: Option<Entry>,
    by: Verification<'a>,
    wish: &'a Wish,
}

/// The times of a token, and that by which it is judged.
#[derive(Clone, Copy)]
pub(crate) struct Dates {
    pub(crate) issued: Option<Timestamp>,
    pub(crate) expires: Option<Timestamp>,
    pub(crate) now: Timestamp,
}

/// Whether anybody waits for an answer.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Urgency {
    Now,
    Meanwhile,
}

impl<'a> Question<'a> {
    /// Looks up what is known. Wishes are left in `wish`.
    pub(crate) fn new(
        introspection: &'a Arc<Introspection>,
        token: &'a [u8],
        by: Verification<'a>,
        wish: &'a Wish,
    ) -> Result<Self> {
        let digest = introspection.mac.digest(token);
        let now = introspection.outside.now()?;
        let known = introspection.state.with(|state| state.store.get(&digest).cloned());
        Ok(Self { introspection, token, digest, now, known, by, wish })
    }

    /// What the issuer says of the token, which nobody else vouches for.
    pub(crate) fn claims(&self) -> Result<Claims> {
        let said = match self.said(None) {
            Ok(Some(said)) => said,
            Ok(None) => {
                self.want(Urgency::Now, None);
                return Err(self.unavailable());
            }
            Err(error) => return Err(error),
        };
        if !said.answer.is_active() {
            return Err(Error::new(ErrorCode::TokenInactive));
        }
        said.answer.claims().ok_or_else(|| self.unavailable())
    }

    /// Whether the issuer vouches for a token that is good as far as can be told without it:
    /// `true` where it was asked, `false` where it need not be yet. `client` is the claim in which
    /// the token names its client.
    pub(crate) fn vouched(&self, token: &Claims, client: Claim, dates: Dates) -> Result<bool> {
        let authentic = dates.expires.and_then(Timestamp::as_milliseconds).unwrap_or(Millis::MAX);
        let unverified = match self.said(Some(authentic)) {
            Ok(Some(said)) => return self.heard(said, token, client, authentic).map(|()| true),
            Ok(None) => None,
            Err(error) => Some(error),
        };
        if !self.is_denied() && self.is_young(dates, authentic) {
            return Ok(false);
        }
        let stands = self.local_verdict_stands();
        if unverified.is_none() {
            // A host that fetches itself fetches nothing meanwhile, and would never find out.
            let meanwhile = stands && self.introspection.outside.fetches();
            self.want(if meanwhile { Urgency::Meanwhile } else { Urgency::Now }, Some(authentic));
        }
        if stands { Ok(false) } else { Err(unverified.unwrap_or_else(|| self.unavailable())) }
    }

    /// What follows from an answer that counts.
    fn heard(&self, said: &Said, token: &Claims, client: Claim, authentic: Millis) -> Result<()> {
        if !said.answer.is_active() {
            return Err(Error::new(ErrorCode::TokenInactive));
        }
        if said.answer.claims().is_none_or(|said| answer::contradicts(&said, token, client)) {
            self.reject(Failure::OtherToken, Some(authentic));
            return Err(self.unavailable());
        }
        if self.now >= said.at.saturating_add(self.introspection.span / 5 * 4) && authentic > said.until {
            self.want(Urgency::Meanwhile, Some(authentic));
        }
        Ok(())
    }

    /// Whether the token itself is the issuer's word, and no older than an answer may be. One that
    /// never grows older is never asked about.
    fn is_young(&self, dates: Dates, authentic: Millis) -> bool {
        let (Some(issued), seconds) = (dates.issued, self.introspection.span / 1000) else { return false };
        // Of the future within the leeway, it is of now.
        let issued = issued.min(dates.now);
        let short = dates.expires.is_some_and(|expires| expires <= issued.plus(seconds));
        let due = issued
            .as_milliseconds()
            .zip(dates.now.as_milliseconds())
            .is_some_and(|(issued, now)| now >= issued.saturating_add(self.introspection.span / 5 * 4));
        let young = dates.now < issued.plus(seconds);
        if young && due && !short {
            self.want(Urgency::Meanwhile, Some(authentic));
        }
        young || short
    }

    /// The answer that is gone by now, where there is one that counts. An error is why the only one
    /// that there is does not.
    fn said(&self, authentic: Option<Millis>) -> Result<Option<&Said>> {
        let Some(known) = &self.known else { return Ok(None) };
        let holds = |said: &&Said| self.now < said.until && self.now.saturating_add(SET_BACK) >= said.at;
        let before = known.answer.as_ref().filter(holds);
        match known.pending.as_ref().filter(holds).map(|said| (said, self.verify(said, authentic))) {
            Some((said, Ok(()))) => Ok(Some(said)),
            Some((_, Err(error))) if before.is_none() => Err(error),
            _ => Ok(before),
        }
    }

    fn is_denied(&self) -> bool {
        self.known.as_ref().is_some_and(|known| known.denied)
    }

    fn local_verdict_stands(&self) -> bool {
        let down = self.introspection.state.with(|state| state.down_since);
        let failing = self.known.as_ref().and_then(|known| known.failing.as_ref()).map(|failing| failing.since);
        let since = down.map(|down| failing.map_or(down, |failing| failing.min(down)));
        !self.is_denied()
            && since.is_some_and(|since| self.now < since.saturating_add(self.introspection.local_verdict))
    }

    /// Verifies a signed answer. One that does not verify is forgotten, unless other keys might
    /// change that.
    fn verify(&self, said: &Said, authentic: Option<Millis>) -> Result<()> {
        if said.answer.counts() {
            return Ok(());
        }
        let own = Wish::default();
        let verified = said.answer.verify(&self.by, self.now, &own);
        let wants = own.into_list();
        let curable = wants.iter().any(|want| !want.can_wait());
        self.wish.leave_all(wants);
        match verified {
            Ok(first) => {
                let (this, over) = (self.introspection, self.known.as_ref().map_or(said.until, |known| known.over));
                if first {
                    let heard = said.clone();
                    let authentic = authentic.is_some();
                    this.state.with(|state| this.heard(state, self.digest, heard, over, authentic, self.now));
                }
                Ok(())
            }
            Err(Doubt::Undecided(error)) => Err(error),
            Err(Doubt::Failed(failure)) => {
                if said.answer.doubt() || !curable {
                    self.reject(failure, authentic);
                }
                Err(self.unavailable())
            }
        }
    }

    /// Forgets an answer that does not count.
    fn reject(&self, failure: Failure, authentic: Option<Millis>) {
        let (this, mut events) = (self.introspection, Vec::new());
        this.state.with(|state| {
            let known = state.store.get(&self.digest).filter(|entry| Some(entry.written) == self.seen());
            if let Some(known) = known.cloned() {
                // What was said before still holds, unless it was this.
                let answer = known.answer.filter(|_| failure != Failure::OtherToken);
                let without = Entry { answer, pending: None, ..known };
                let failed = Failed { failure, asked: None, authentic };
                this.failed(state, &self.digest, without, failed, self.now, &mut events);
            }
        });
        this.tell(events);
    }

    fn seen(&self) -> Option<u64> {
        self.known.as_ref().map(|known| known.written)
    }

    fn want(&self, urgency: Urgency, authentic: Option<Millis>) {
        self.wish.leave(self.answer_want(urgency, authentic));
    }

    fn answer_want(&self, urgency: Urgency, authentic: Option<Millis>) -> AnswerWant {
        AnswerWant {
            introspection: Arc::clone(self.introspection),
            token: self.token.into(),
            digest: self.digest,
            authentic,
            seen: self.seen(),
            can_wait: urgency == Urgency::Meanwhile,
        }
    }

    /// Why there is no verdict, and when there may be one.
    fn unavailable(&self) -> Error {
        let seconds = self.introspection.state.with(|state| {
            let of_token = state.store.get(&self.digest).and_then(|entry| entry.failing.as_ref());
            let of_token = of_token.map_or(1, |failing| failing.backoff.seconds(self.now));
            state.backoff.seconds(self.now).max(of_token)
        });
        Error::new(Failure::CODE).with_retry_after(seconds)
    }
}
