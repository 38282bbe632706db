//! A validator's configuration, checked once and made ready for use.

use crate::algorithm::AlgorithmSet;
use crate::challenge::Settings;
use crate::config::{Handles, IssuerConfig, OneOrMany, ValidatorConfig, invalid};
use crate::error::{Error, ErrorCode, Result};
use crate::key::KeySet;
use crate::ports::Ports;
use crate::profile::Profile;

const DEFAULT_LEEWAY: u32 = 30;
const MOST_LEEWAY: u32 = 300;
const DEFAULT_TOKEN_BYTES: u32 = 16_384;
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
    pub(crate) keys: KeySet,
    pub(crate) profiles: Vec<Profile>,
    pub(crate) algorithms: AlgorithmSet,
    /// Whether the operator gave a list of algorithms.
    pub(crate) listed: bool,
    pub(crate) leeway: i64,
    pub(crate) max_lifetime: Option<i64>,
    pub(crate) required_claims: Vec<String>,
}

impl Policy {
    pub(crate) fn new(mut config: ValidatorConfig, ports: Ports) -> Result<Self> {
        let max_token_bytes = config.max_token_bytes.unwrap_or(DEFAULT_TOKEN_BYTES);
        if !(1..=MOST_TOKEN_BYTES).contains(&max_token_bytes) {
            return Err(invalid("max_token_bytes is not within 1 to 65536"));
        }
        let challenge = Settings::new(config.realm.take(), config.resource_metadata.take())?;
        let issuers = match (config.issuer.take(), config.issuers.take()) {
            (Some(_), Some(_)) => return Err(invalid("issuer and issuers are both given")),
            (None, None) => return Err(invalid("missing field `issuer`")),
            (Some(issuer), None) => {
                let entry = IssuerConfig { issuer, jwks: config.jwks.take(), ..IssuerConfig::default() };
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
        if has_duplicates(issuers.iter().map(|issuer| issuer.issuer.as_str())) {
            return Err(invalid("issuers has an issuer twice"));
        }
        Ok(Self { issuers, max_token_bytes: max_token_bytes as usize, challenge, ports })
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
        let handles: &Handles = &defaults.handles;
        if entry.issuer.is_empty() {
            return Err(invalid("issuer is empty"));
        }
        let audience = entry.audience.or_else(|| defaults.audience.clone());
        let audience = audience.map(OneOrMany::into_vec).ok_or_else(|| invalid("missing field `audience`"))?;
        if audience.is_empty() || audience.iter().any(String::is_empty) {
            return Err(invalid("audience is empty"));
        }
        let profiles = entry.profiles.or_else(|| defaults.profiles.clone()).unwrap_or_else(|| vec![Profile::Rfc9068]);
        if profiles.is_empty() {
            return Err(invalid("profiles is empty"));
        }
        if has_duplicates(profiles.iter().map(|profile| profile.rules().media_type)) {
            return Err(invalid("profiles has two of one type"));
        }
        let listed = entry.algorithms.or_else(|| defaults.algorithms.clone());
        if listed.as_ref().is_some_and(Vec::is_empty) {
            return Err(invalid("algorithms is empty"));
        }
        let leeway = entry.leeway_seconds.or(defaults.leeway_seconds).unwrap_or(DEFAULT_LEEWAY);
        if leeway > MOST_LEEWAY {
            return Err(invalid("leeway_seconds is more than 300"));
        }
        let max_lifetime = entry.max_lifetime_seconds.or(defaults.max_lifetime_seconds);
        if max_lifetime == Some(0) {
            return Err(invalid("max_lifetime_seconds is 0"));
        }
        let required = entry.required_claims.or_else(|| defaults.required_claims.clone()).unwrap_or_default();
        if required.iter().any(String::is_empty) {
            return Err(invalid("required_claims has an empty name"));
        }
        let keys = entry.jwks.ok_or_else(|| invalid("missing field `jwks`"))?.key_set(handles)?;
        Ok(Self {
            issuer: entry.issuer,
            audience,
            keys,
            profiles,
            algorithms: listed.as_ref().map_or_else(AlgorithmSet::asymmetric, |list| list.iter().copied().collect()),
            listed: listed.is_some(),
            leeway: i64::from(leeway),
            max_lifetime: max_lifetime.map(i64::from),
            required_claims: required,
        })
    }
}

fn has_duplicates<'a>(names: impl Iterator<Item = &'a str>) -> bool {
    let mut seen: Vec<&str> = Vec::new();
    for name in names {
        if seen.contains(&name) {
            return true;
        }
        seen.push(name);
    }
    false
}
