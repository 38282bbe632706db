//! A validator's configuration, checked once and made ready for use.

use crate::algorithm::{Algorithm, AlgorithmSet};
use crate::challenge::Settings;
use crate::config::{IssuerConfig, OneOrMany, ValidatorConfig, invalid};
use crate::error::{Error, ErrorCode, Result};
use crate::jws::LARGEST_TOKEN;
use crate::key::KeySet;
use crate::ports::Ports;
use crate::profile::Profile;
use crate::validator::access_token::AccessToken;
use crate::validator::migration::Migration;

const DEFAULT_LEEWAY: i64 = 30;
const MOST_LEEWAY: u32 = 300;
const MOST_TOKEN_BYTES: u32 = 65_536;

pub(crate) struct Policy {
    pub(crate) issuers: Vec<IssuerPolicy>,
    pub(crate) max_token_bytes: usize,
    pub(crate) challenge: Settings,
    pub(crate) ports: Ports,
}

/// What is accepted of one issuer. Its keys verify its tokens and no others.
pub(crate) struct IssuerPolicy {
    pub(crate) issuer: String,
    pub(crate) audience: Vec<String>,
    /// The clients whose tokens are accepted where tokens name no audience.
    pub(crate) client_ids: Vec<String>,
    pub(crate) keys: KeySet,
    pub(crate) profiles: Vec<Profile>,
    /// The move that is watched; the former profile is among `profiles`.
    pub(crate) migration: Option<Migration>,
    pub(crate) algorithms: AlgorithmSet,
    /// Whether the operator gave a list of algorithms.
    pub(crate) listed: bool,
    pub(crate) leeway: i64,
    pub(crate) max_lifetime: Option<i64>,
    pub(crate) required_claims: Vec<String>,
}

impl Policy {
    pub(crate) fn new(mut config: ValidatorConfig, ports: Ports) -> Result<Self> {
        let max_token_bytes = config.max_token_bytes.unwrap_or(LARGEST_TOKEN);
        if !(1..=MOST_TOKEN_BYTES).contains(&max_token_bytes) {
            return Err(invalid("max_token_bytes is not within 1 to 65536"));
        }
        let challenge = Settings::new(config.realm.take(), config.resource_metadata.take())?;
        let issuers = match (config.issuer.take(), config.issuers.take()) {
            (Some(_), Some(_)) => return Err(invalid("issuer and issuers are both given")),
            (None, None) => return Err(invalid("missing field `issuer`")),
            (Some(issuer), None) => {
                let (jwks, client_ids) = (config.jwks.take(), config.client_ids.take());
                let entry = IssuerConfig { issuer, jwks, client_ids, ..IssuerConfig::default() };
                vec![IssuerPolicy::new(entry, &config)?]
            }
            (None, Some(_)) if config.jwks.is_some() => {
                return Err(invalid("jwks beside issuers: keys belong to one issuer"));
            }
            (None, Some(entries)) => {
                entries.into_iter().map(|entry| IssuerPolicy::new(entry, &config)).collect::<Result<_>>()?
            }
        };
        if issuers.is_empty() {
            return Err(invalid("issuers is empty"));
        }
        if config.client_ids.is_some() && issuers.iter().all(|issuer: &IssuerPolicy| issuer.client_ids.is_empty()) {
            return Err(invalid("client_ids serves only a profile that names no audience"));
        }
        if has_duplicates(issuers.iter().map(|issuer| issuer.issuer.as_str())) {
            return Err(invalid("issuers has an issuer twice"));
        }
        Ok(Self { issuers, max_token_bytes: max_token_bytes as usize, challenge, ports })
    }

    /// Counts an accepted token where its issuer's tokens move to another profile.
    pub(crate) fn count(&self, token: &AccessToken) {
        let moving = self.issuers.iter().filter_map(|issuer| Some((issuer, issuer.migration.as_ref()?)));
        if let Some((_, migration)) = moving.into_iter().find(|(issuer, _)| issuer.issuer == token.iss()) {
            migration.count(token.would_break());
        }
    }

    pub(crate) fn issuer(&self, iss: &str) -> Result<&IssuerPolicy> {
        let known = self.issuers.iter().find(|issuer| issuer.issuer == iss);
        known.ok_or_else(|| {
            // The hint names nothing of the token: it holds the operator's value against itself.
            let trimmed = iss.trim_end_matches('/');
            let slash = self.issuers.iter().any(|issuer| issuer.issuer.trim_end_matches('/') == trimmed);
            let error = if slash {
                Error::with_detail(
                    ErrorCode::IssuerUnknown,
                    "it differs from a configured one only by a trailing slash",
                )
            } else {
                Error::new(ErrorCode::IssuerUnknown)
            };
            error.with_claim("iss")
        })
    }
}

impl IssuerPolicy {
    /// `defaults` gives what the entry leaves out, other than keys.
    fn new(entry: IssuerConfig, defaults: &ValidatorConfig) -> Result<Self> {
        if entry.issuer.is_empty() {
            return Err(invalid("issuer is empty"));
        }
        let audience = audience(entry.audience.as_ref())?.or(audience(defaults.audience.as_ref())?);
        let listed = algorithms(entry.algorithms.as_deref())?.or(algorithms(defaults.algorithms.as_deref())?);
        let profiles = profiles(entry.profiles.as_deref())?.or(profiles(defaults.profiles.as_deref())?);
        let leeway = leeway(entry.leeway_seconds)?.or(leeway(defaults.leeway_seconds)?);
        let lifetime = lifetime(entry.max_lifetime_seconds)?.or(lifetime(defaults.max_lifetime_seconds)?);
        let required = names(entry.required_claims.as_deref())?.or(names(defaults.required_claims.as_deref())?);
        let keys = entry.jwks.ok_or_else(|| invalid("missing field `jwks`"))?;
        let mut profiles = profiles.unwrap_or_else(|| vec![Profile::Rfc9068]);
        let migration = migration(entry.migrate_from.or(defaults.migrate_from), &mut profiles)?;
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
        Ok(Self {
            issuer: entry.issuer,
            audience,
            client_ids,
            keys: keys.key_set(&defaults.handles)?,
            profiles,
            migration,
            algorithms: listed.unwrap_or_else(AlgorithmSet::asymmetric),
            listed: listed.is_some(),
            leeway: leeway.unwrap_or(DEFAULT_LEEWAY),
            max_lifetime: lifetime,
            required_claims: required.unwrap_or_default(),
        })
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

fn algorithms(given: Option<&[Algorithm]>) -> Result<Option<AlgorithmSet>> {
    if given.is_some_and(<[_]>::is_empty) {
        return Err(invalid("algorithms is empty"));
    }
    Ok(given.map(|list| list.iter().copied().collect()))
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

fn leeway(given: Option<u32>) -> Result<Option<i64>> {
    if given.is_some_and(|seconds| seconds > MOST_LEEWAY) {
        return Err(invalid("leeway_seconds is more than 300"));
    }
    Ok(given.map(i64::from))
}

fn lifetime(given: Option<u32>) -> Result<Option<i64>> {
    if given == Some(0) {
        return Err(invalid("max_lifetime_seconds is 0"));
    }
    Ok(given.map(i64::from))
}

fn names(given: Option<&[String]>) -> Result<Option<Vec<String>>> {
    if given.is_some_and(|list| list.iter().any(String::is_empty)) {
        return Err(invalid("required_claims has an empty name"));
    }
    Ok(given.map(<[_]>::to_vec))
}

fn has_duplicates<T: PartialEq>(names: impl Iterator<Item = T>) -> bool {
    let mut seen: Vec<T> = Vec::new();
    for name in names {
        if seen.contains(&name) {
            return true;
        }
        seen.push(name);
    }
    false
}
