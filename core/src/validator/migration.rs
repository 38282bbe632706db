//! A move from one profile to another, watched before it is made.
//!
//! Tokens of the former profile are still accepted. Of each it is told, and counted, under which
//! codes the profile that the service moves to would refuse it: who would break is known before
//! anybody does. The former profile is judged as strictly as ever, and so is the other.

use crate::sync::atomic::{AtomicU64, Ordering};

use crate::encoding::json;
use crate::error::{ErrorCode, Result};
use crate::profile::Profile;
use crate::validator::access_token::AccessToken;
use crate::validator::judge::{self, Circumstances};
use crate::validator::policy::IssuerPolicy;
use crate::validator::trace::Recorder;

/// How far the tokens of one issuer have moved from one profile to another: accepted tokens since
/// the validator was made. Counters are read one by one, so that they may differ by tokens that
/// are validated meanwhile.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct MigrationReport {
    /// The issuer.
    pub issuer: String,
    /// The profile that tokens come from, `migrate_from`.
    pub from: Profile,
    /// The profile that they move to.
    pub to: Profile,
    /// Accepted tokens that follow `to`.
    pub migrated: u64,
    /// Accepted tokens that follow `from` only, which `to` alone would refuse.
    pub remaining: u64,
    /// Under how many of `remaining` each code arose, in the order of the codes' numbers. A token
    /// counts once under each of its codes.
    pub codes: Vec<(ErrorCode, u64)>,
}

impl MigrationReport {
    /// Reports as a JSON array, equal in every language.
    #[must_use]
    pub fn array_json(reports: &[Self]) -> String {
        let mut out = String::from("[");
        for (index, report) in reports.iter().enumerate() {
            out.push_str(if index > 0 { ",{\"issuer\":" } else { "{\"issuer\":" });
            json::write_string(&report.issuer, &mut out);
            for (name, profile) in [("from", report.from), ("to", report.to)] {
                out.push_str(&format!(",\"{name}\":\"{profile}\""));
            }
            out.push_str(&format!(",\"migrated\":{},\"remaining\":{}", report.migrated, report.remaining));
            let codes: Vec<String> = report.codes.iter().map(|(code, count)| format!("\"{code}\":{count}")).collect();
            out.push_str(&format!(",\"codes\":{{{}}}}}", codes.join(",")));
        }
        out.push(']');
        out
    }
}

/// A move that a validator watches.
pub(crate) struct Migration {
    from: Profile,
    to: Profile,
    migrated: AtomicU64,
    remaining: AtomicU64,
    /// One for each code, in the order of `ErrorCode::ALL`.
    codes: Vec<AtomicU64>,
}

impl Migration {
    pub(crate) fn new(from: Profile, to: Profile) -> Self {
        let codes = ErrorCode::ALL.iter().map(|_| AtomicU64::new(0)).collect();
        Self { from, to, migrated: AtomicU64::new(0), remaining: AtomicU64::new(0), codes }
    }

    /// The codes under which the profile moved to would refuse a good token of the former one,
    /// its type first; none where the token follows the profile moved to.
    pub(super) fn breaks(
        &self,
        issuer: &IssuerPolicy,
        token: &AccessToken,
        given: &Circumstances<'_>,
    ) -> Result<Vec<ErrorCode>> {
        if token.profile() == Some(self.to) {
            return Ok(Vec::new());
        }
        let mut recorder = Recorder::default();
        judge::judge_form(issuer, self.to, token.claim_set(), &mut recorder)?;
        if let Some(require) = given.require {
            judge::judge_demands(token, self.to, require, given.now, &mut recorder)?;
        }
        let (steps, _) = recorder.finish();
        let mut codes = vec![ErrorCode::TypeMismatch];
        for code in steps.iter().filter_map(super::Step::code) {
            if !codes.contains(&code) {
                codes.push(code);
            }
        }
        Ok(codes)
    }

    /// Counts an accepted token.
    pub(super) fn count(&self, breaks: &[ErrorCode]) {
        let counter = if breaks.is_empty() { &self.migrated } else { &self.remaining };
        counter.fetch_add(1, Ordering::Relaxed);
        for (code, counter) in ErrorCode::ALL.iter().zip(&self.codes) {
            if breaks.contains(code) {
                counter.fetch_add(1, Ordering::Relaxed);
            }
        }
    }

    pub(super) fn report(&self, issuer: &str) -> MigrationReport {
        let counted = ErrorCode::ALL.iter().zip(&self.codes);
        let codes = counted.map(|(code, counter)| (*code, counter.load(Ordering::Relaxed)));
        MigrationReport {
            issuer: issuer.to_owned(),
            from: self.from,
            to: self.to,
            migrated: self.migrated.load(Ordering::Relaxed),
            remaining: self.remaining.load(Ordering::Relaxed),
            codes: codes.filter(|(_, count)| *count > 0).collect(),
        }
    }
}
