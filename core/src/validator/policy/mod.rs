//! A validator's configuration, checked once and made ready for use.

mod issuer;
mod tenant;

pub(crate) use issuer::{IssuerPolicy, IssuerRef};

use std::sync::Arc;

use crate::challenge::Settings;
use crate::config::{IssuerConfig, ValidatorConfig, checks, invalid};
use crate::error::{Error, ErrorCode, Result};
use crate::issuer::{IssuerCache, KeyConfig, Keys, RemoteKeys, unknown_issuer};
use crate::ports::Ports;
use crate::validator::access_token::AccessToken;
use tenant::{Learned, Template};

pub(crate) struct Policy {
    pub(crate) issuers: Vec<IssuerPolicy>,
    pub(crate) max_token_bytes: usize,
    pub(crate) challenge: Settings,
    pub(crate) ports: Ports,
    /// Where keys are fetched, for whom any are.
    pub(crate) cache: Option<IssuerCache>,
    templates: Vec<(Template, IssuerConfig)>,
    learned: Learned,
    /// Whether tokens of any issuer move to another profile.
    migrating: bool,
    /// What entries leave out.
    defaults: ValidatorConfig,
}

impl Policy {
    pub(crate) fn new(mut config: ValidatorConfig, ports: Ports, cache: Option<&IssuerCache>) -> Result<Self> {
        let max_token_bytes = checks::token_bytes(config.max_token_bytes)?;
        let challenge = Settings::new(config.realm.take(), config.resource_metadata.take())?;
        let entries = entries(&mut config)?;
        if has_duplicates(entries.iter().map(|entry| entry.issuer.as_str())) {
            return Err(invalid("issuers has an issuer twice"));
        }
        let fetched = ports.resolver.is_some() || entries.iter().any(|entry| entry.jwks.is_none());
        let cache = IssuerCache::choose(cache, config.issuer_cache.take(), fetched, &ports)?;
        let migrating = config.migrate_from.is_some()
            || ports.resolver.is_some()
            || entries.iter().any(|entry| entry.migrate_from.is_some());
        let mut policy = Self {
            issuers: Vec::new(),
            max_token_bytes,
            challenge,
            ports,
            learned: Learned::new(cache.as_ref().map_or(0, |cache| cache.settings().max_issuers)),
            cache,
            templates: Vec::new(),
            migrating,
            defaults: config,
        };
        for mut entry in entries {
            match Template::new(&entry.issuer, entry.tenants.take())? {
                None => {
                    let issuer = IssuerPolicy::new(&entry, &policy.defaults, |entry| policy.keys(entry, true))?;
                    policy.issuers.push(issuer);
                }
                Some(template) => {
                    policy.check_template(&entry)?;
                    policy.templates.push((template, entry));
                }
            }
        }
        let without_audience = policy.issuers.iter().any(|issuer| !issuer.client_ids.is_empty())
            || policy.templates.iter().any(|(_, entry)| entry.client_ids.is_some());
        if policy.defaults.client_ids.is_some() && !without_audience {
            return Err(invalid("client_ids serves only a profile that names no audience"));
        }
        Ok(policy)
    }

    /// Counts an accepted token where its issuer's tokens move to another profile.
    pub(crate) fn count(&self, token: &AccessToken) {
        if !self.migrating {
            return;
        }
        let learned = self.learned.all();
        let moving = self.issuers.iter().chain(learned.iter().map(|issuer| &**issuer));
        let mut moving = moving.filter_map(|issuer| Some((issuer, issuer.migration.as_ref()?)));
        if let Some((_, migration)) = moving.find(|(issuer, _)| issuer.issuer == token.iss()) {
            migration.count(token.would_break());
        }
    }

    /// What is accepted of an issuer. Tenants and resolved issuers are set up when they are first
    /// met, before anything is fetched.
    pub(crate) fn issuer(&self, iss: &str) -> Result<IssuerRef<'_>> {
        if let Some(known) = self.issuers.iter().find(|issuer| issuer.issuer == iss) {
            return Ok(IssuerRef::Configured(known));
        }
        if let Some(known) = self.learned.find(iss) {
            return Ok(IssuerRef::Learned(known));
        }
        if let Some((template, entry)) = self.templates.iter().find(|(template, _)| template.covers(iss)) {
            let entry = of_tenant(entry, template.tenant(iss).unwrap_or_default());
            let trusted = template.has_fixed_host();
            return self.learn(&entry, trusted).map(IssuerRef::Learned).map_err(as_internal);
        }
        if let Some(resolver) = &self.ports.resolver
            && let Some(entry) = resolver.resolve(iss).map_err(|_| Error::new(ErrorCode::KeysUnavailable))?
        {
            if entry.issuer != iss || entry.tenants.is_some() {
                return Err(as_internal(invalid("the resolver answered for another issuer")));
            }
            return self.learn(&entry, false).map(IssuerRef::Learned).map_err(as_internal);
        }
        Err(unknown_issuer(iss, self.issuers.iter().map(|issuer| issuer.issuer.as_str())))
    }

    /// The keys that are fetched, of all issuers known by now.
    pub(crate) fn remote_keys(&self) -> Vec<Arc<RemoteKeys>> {
        let learned = self.learned.all();
        let issuers = self.issuers.iter().chain(learned.iter().map(|issuer| &**issuer));
        let remote = issuers.filter_map(|issuer| match &issuer.keys {
            Keys::Given(_) => None,
            Keys::Fetched(keys) => Some(Arc::clone(keys)),
        });
        remote.collect()
    }

    /// Issuers that were met at run time.
    pub(crate) fn learned(&self) -> Arc<Vec<Arc<IssuerPolicy>>> {
        self.learned.all()
    }

    fn learn(&self, entry: &IssuerConfig, trusted: bool) -> Result<Arc<IssuerPolicy>> {
        let issuer = Arc::new(IssuerPolicy::new(entry, &self.defaults, |entry| self.keys(entry, trusted))?);
        self.learned.keep(&issuer);
        Ok(issuer)
    }

    /// The keys of an issuer, given or to be fetched.
    fn keys(&self, entry: &IssuerConfig, trusted: bool) -> Result<Keys> {
        Keys::new(self.key_config(entry), &self.defaults.handles, self.cache.as_ref(), trusted)
    }

    fn key_config<'a>(&self, entry: &'a IssuerConfig) -> KeyConfig<'a> {
        // A way of discovery that stands at the top is for issuers that leave everything out.
        let usual = self.defaults.discovery.filter(|_| entry.jwks_uri.is_none() && entry.jwks.is_none());
        KeyConfig {
            issuer: &entry.issuer,
            jwks: entry.jwks.as_ref(),
            jwks_uri: entry.jwks_uri.as_deref(),
            discovery: entry.discovery.or(usual),
        }
    }

    /// Finds at once what would be wrong of every tenant.
    fn check_template(&self, entry: &IssuerConfig) -> Result<()> {
        if entry.jwks.is_some() {
            return Err(invalid("jwks of an issuer with {tenant}: keys belong to one issuer"));
        }
        let Some(cache) = &self.cache else { return Err(Error::new(ErrorCode::Internal)) };
        let some = of_tenant(entry, "tenant");
        let probe = |entry: &IssuerConfig| Keys::unshared(self.key_config(entry), cache);
        IssuerPolicy::new(&some, &self.defaults, probe).map(drop)
    }
}

/// The entries of a configuration: one from the top, or several.
fn entries(config: &mut ValidatorConfig) -> Result<Vec<IssuerConfig>> {
    let entries = match (config.issuer.take(), config.issuers.take()) {
        (Some(_), Some(_)) => return Err(invalid("issuer and issuers are both given")),
        (None, None) => return Err(invalid("missing field `issuer`")),
        (Some(issuer), None) => vec![IssuerConfig {
            issuer,
            jwks: config.jwks.take(),
            jwks_uri: config.jwks_uri.take(),
            discovery: config.discovery.take(),
            key_thumbprints: config.key_thumbprints.take(),
            client_ids: config.client_ids.take(),
            ..IssuerConfig::default()
        }],
        (None, Some(_)) if config.jwks.is_some() || config.jwks_uri.is_some() || config.key_thumbprints.is_some() => {
            return Err(invalid("keys beside issuers: they belong to one issuer"));
        }
        (None, Some(entries)) => entries,
    };
    if entries.is_empty() {
        return Err(invalid("issuers is empty"));
    }
    Ok(entries)
}

/// The entry of one tenant.
fn of_tenant(entry: &IssuerConfig, tenant: &str) -> IssuerConfig {
    let named = |text: &str| text.replace(tenant::PLACE, tenant);
    let jwks_uri = entry.jwks_uri.as_deref().map(named);
    IssuerConfig { issuer: named(&entry.issuer), jwks_uri, ..entry.clone() }
}

/// A fault of the host's, found while a token is judged.
fn as_internal(error: Error) -> Error {
    match error.code() {
        ErrorCode::ConfigInvalid => {
            Error::with_detail(ErrorCode::Internal, "what was learned of an issuer is not valid")
        }
        _ => error,
    }
}

pub(crate) fn has_duplicates<T: PartialEq>(names: impl Iterator<Item = T>) -> bool {
    let mut seen: Vec<T> = Vec::new();
    for name in names {
        if seen.contains(&name) {
            return true;
        }
        seen.push(name);
    }
    false
}
