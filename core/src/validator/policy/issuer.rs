//! What is accepted of one issuer.

use std::ops::Deref;
use std::sync::Arc;

use crate::algorithm::AlgorithmSet;
use crate::claims::Times;
use crate::config::checks::{self, DEFAULT_LEEWAY};
use crate::config::{IssuerConfig, OneOrMany, Strategy, ValidatorConfig, invalid};
use crate::encoding::json;
use crate::error::Result;
use crate::introspection::{Introspection, Verification};
use crate::issuer::{self, Keys};
use crate::profile::Profile;
use crate::revocation::IssuerDigest;
use crate::validator::migration::Migration;
use crate::validator::policy::has_duplicates;

/// What is accepted of one issuer. Its keys verify its tokens and no others.
pub(crate) struct IssuerPolicy {
    /// No other policy of the validator has the same, now or before.
    pub(crate) number: u64,
    pub(crate) issuer: String,
    /// What stands for it in lists of revocations.
    pub(crate) digest: IssuerDigest,
    pub(crate) audience: Vec<String>,
    /// The clients whose tokens are accepted where tokens name no audience.
    pub(crate) client_ids: Vec<String>,
    pub(crate) keys: Keys,
    /// How it is asked about its tokens, where it is.
    pub(crate) introspection: Option<Arc<Introspection>>,
    /// Whether its tokens are judged by what it says, and by nothing else.
    pub(crate) asks_only: bool,
    /// Thumbprints of the only keys that count; all count where it is empty.
    pub(crate) pinned: Vec<String>,
    pub(crate) profiles: Vec<Profile>,
    /// The move that is watched; the former profile is among `profiles`.
    pub(crate) migration: Option<Migration>,
    pub(crate) algorithms: AlgorithmSet,
    /// Whether the operator gave a list of algorithms.
    pub(crate) listed: bool,
    pub(crate) times: Times,
    pub(crate) required_claims: Vec<String>,
}

/// What vouches for the tokens of an issuer.
pub(super) struct Sources {
    pub(super) keys: Keys,
    pub(super) introspection: Option<Arc<Introspection>>,
}

/// An issuer of the configuration, or one that was met at run time.
pub(crate) enum IssuerRef<'a> {
    Configured(&'a IssuerPolicy),
    Learned(Arc<IssuerPolicy>),
}

impl Deref for IssuerRef<'_> {
    type Target = IssuerPolicy;

    fn deref(&self) -> &IssuerPolicy {
        match self {
            Self::Configured(issuer) => issuer,
            Self::Learned(issuer) => issuer,
        }
    }
}

impl IssuerPolicy {
    /// `defaults` gives what the entry leaves out, other than what vouches for its tokens; `sources`
    /// finds that.
    pub(super) fn new(
        entry: &IssuerConfig,
        defaults: &ValidatorConfig,
        sources: impl FnOnce(&IssuerConfig) -> Result<Sources>,
    ) -> Result<Self> {
        if entry.issuer.is_empty() {
            return Err(invalid("issuer is empty"));
        }
        let audience = audience(entry.audience.as_ref())?.or(audience(defaults.audience.as_ref())?);
        let listed =
            checks::algorithms(entry.algorithms.as_deref())?.or(checks::algorithms(defaults.algorithms.as_deref())?);
        let profiles = profiles(entry.profiles.as_deref())?.or(profiles(defaults.profiles.as_deref())?);
        let leeway = checks::leeway(entry.leeway_seconds)?.or(checks::leeway(defaults.leeway_seconds)?);
        let lifetime =
            checks::lifetime(entry.max_lifetime_seconds)?.or(checks::lifetime(defaults.max_lifetime_seconds)?);
        let required = names(entry.required_claims.as_deref())?.or(names(defaults.required_claims.as_deref())?);
        let strategy = strategy(entry)?;
        let asks_only = strategy == Strategy::Introspection;
        let mut profiles = profiles.filter(|_| !asks_only).unwrap_or_else(|| vec![Profile::Rfc9068]);
        let from = entry.migrate_from.or(defaults.migrate_from).filter(|_| !asks_only);
        let migration = migration(from, &mut profiles)?;
        let without_audience = |profile: &Profile| !profile.rules().audience;
        let given = clients(entry.client_ids.as_deref())?;
        let client_ids = if profiles.iter().any(without_audience) {
            let client_ids = given.or(clients(defaults.client_ids.as_deref())?);
            client_ids.ok_or_else(|| invalid("client_ids is missing: the profile names no audience"))?
        } else if given.is_some() {
            return Err(invalid("client_ids serves only a profile that names no audience"));
        } else {
            Vec::new()
        };
        let audience = match audience {
            Some(audience) => audience,
            None if profiles.iter().all(without_audience) => Vec::new(),
            None => return Err(invalid("missing field `audience`")),
        };
        let Sources { keys, introspection } = sources(entry)?;
        Ok(Self {
            number: 0,
            issuer: entry.issuer.clone(),
            digest: IssuerDigest::new(&entry.issuer),
            audience,
            client_ids,
            keys,
            introspection,
            asks_only,
            pinned: checks::thumbprints(entry.key_thumbprints.as_deref())?,
            profiles,
            migration,
            algorithms: listed.unwrap_or_else(AlgorithmSet::asymmetric),
            listed: listed.is_some(),
            times: Times { leeway: leeway.unwrap_or(DEFAULT_LEEWAY), max_lifetime: lifetime },
            required_claims: required.unwrap_or_default(),
        })
    }

    /// With what signed answers of the issuer are verified.
    pub(crate) fn verification<'a>(&'a self, introspection: &'a Introspection) -> Verification<'a> {
        Verification {
            issuer: &self.issuer,
            client_id: introspection.client_id(),
            keys: &self.keys,
            algorithms: self.algorithms,
            listed: self.listed,
            pinned: &self.pinned,
            leeway: self.times.leeway,
        }
    }

    /// What there is to know of it, as a JSON object.
    pub(super) fn status_json(&self) -> Option<String> {
        let keys = self.keys.remote().map(|keys| issuer::key_status_json(keys));
        let asked = self.introspection.as_ref().map(|introspection| introspection.status_json());
        let mut out = match (keys, &asked) {
            (None, None) => return None,
            (Some(keys), None) => return Some(keys),
            (Some(keys), Some(_)) => keys.strip_suffix('}').map(str::to_owned).unwrap_or_default(),
            (None, Some(_)) => {
                let mut out = String::from("{\"issuer\":");
                json::write_string(&self.issuer, &mut out);
                out
            }
        };
        out.push_str(&format!(",\"introspection\":{}}}", asked.unwrap_or_default()));
        Some(out)
    }
}

/// How the tokens of an issuer are judged.
fn strategy(entry: &IssuerConfig) -> Result<Strategy> {
    let strategy = entry.strategy.unwrap_or_default();
    match (strategy, &entry.introspection) {
        (Strategy::Local, Some(_)) => Err(invalid("introspection beside the strategy local")),
        (Strategy::Introspection | Strategy::LocalThenIntrospection, None) => {
            Err(invalid("introspection is missing: the strategy is to ask the issuer"))
        }
        (Strategy::Introspection, _) if entry.profiles.is_some() || entry.migrate_from.is_some() => {
            Err(invalid("profiles and migrate_from are not for the strategy introspection: no token is verified"))
        }
        _ => Ok(strategy),
    }
}

// Each of these checks what was given, be it at the top or for one issuer.

fn audience(given: Option<&OneOrMany>) -> Result<Option<Vec<String>>> {
    let audience = given.cloned().map(OneOrMany::into_vec);
    if audience.as_ref().is_some_and(|list| list.is_empty() || list.iter().any(String::is_empty)) {
        return Err(invalid("audience is empty"));
    }
    Ok(audience)
}

fn clients(given: Option<&[String]>) -> Result<Option<Vec<String>>> {
    if given.is_some_and(|list| list.is_empty() || list.iter().any(String::is_empty)) {
        return Err(invalid("client_ids is empty"));
    }
    Ok(given.map(<[_]>::to_vec))
}

fn profiles(given: Option<&[Profile]>) -> Result<Option<Vec<Profile>>> {
    if given.is_some_and(<[_]>::is_empty) {
        return Err(invalid("profiles is empty"));
    }
    if given.is_some_and(|list| has_duplicates(list.iter().map(|profile| profile.rules().media_type))) {
        return Err(invalid("profiles has two of one type"));
    }
    Ok(given.map(<[_]>::to_vec))
}

/// Accepts the former profile beside the one that is moved to.
fn migration(from: Option<Profile>, profiles: &mut Vec<Profile>) -> Result<Option<Migration>> {
    let Some(from) = from else { return Ok(None) };
    let [to] = **profiles else {
        return Err(invalid("migrate_from beside several profiles: it leads to one"));
    };
    if from.rules().media_type == to.rules().media_type {
        return Err(invalid("migrate_from has the type of the profile that it leads to"));
    }
    profiles.push(from);
    Ok(Some(Migration::new(from, to)))
}

fn names(given: Option<&[String]>) -> Result<Option<Vec<String>>> {
    if given.is_some_and(|list| list.iter().any(String::is_empty)) {
        return Err(invalid("required_claims has an empty name"));
    }
    Ok(given.map(<[_]>::to_vec))
}
