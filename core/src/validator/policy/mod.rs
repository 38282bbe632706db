//! A validator's configuration, checked once and made ready for use.

mod issuer;
mod tenant;

use issuer::Sources;
pub(crate) use issuer::{IssuerPolicy, IssuerRef};

use std::collections::{HashMap, HashSet};
use std::hash::Hash;
use std::sync::Arc;

use crate::cache::{Cache, Mark};
use crate::challenge::Settings;
use crate::config::{IssuerConfig, Strategy, ValidatorConfig, checks, invalid};
use crate::encoding::base64url;
use crate::error::{Error, ErrorCode, Result};
use crate::introspection::Introspection;
use crate::issuer::{IssuerCache, KeyConfig, Keys, RemoteKeys, unknown_issuer};
use crate::jws::Headers;
use crate::ports::Ports;
use crate::protected_resource::{Metadata, ProtectedResource};
use crate::sync::atomic::{AtomicU64, Ordering};
use crate::time::Timestamp;
use crate::validator::access_token::{AccessToken, Basis, Verified};
use crate::waiting::Wish;
use tenant::{Learned, Template};

/// What outlives a validator in the tokens that it found good: nothing that holds tokens itself.
pub(crate) struct Common {
    pub(crate) challenge: Settings,
    pub(crate) ports: Ports,
}

pub(crate) struct Policy {
    pub(crate) issuers: Vec<IssuerPolicy>,
    /// Where among them each is, by name.
    places: HashMap<String, usize>,
    pub(crate) max_token_bytes: usize,
    pub(crate) common: Arc<Common>,
    /// What is published of the resource, where that is configured.
    pub(crate) metadata: Option<Metadata>,
    /// Tokens that were verified before, unless that is turned off.
    pub(crate) tokens: Option<Cache<Arc<Verified>>>,
    pub(crate) headers: Headers,
    /// The next number for an issuer or a token.
    numbers: AtomicU64,
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
        let mut resource_metadata = config.resource_metadata.take();
        let resource = config.protected_resource.take();
        let resource = resource.map(|it| ProtectedResource::new(it, resource_metadata.as_deref())).transpose()?;
        if let Some(resource) = &resource {
            resource_metadata = Some(resource.metadata_url().to_owned());
        }
        let challenge = Settings::new(config.realm.take(), resource_metadata)?;
        let entries = entries(&mut config)?;
        if has_duplicates(entries.iter().map(|entry| entry.issuer.as_str())) {
            return Err(invalid("issuers has an issuer twice"));
        }
        let outside = |entry: &IssuerConfig| entry.jwks.is_none() || entry.introspection.is_some();
        let fetched = ports.resolver.is_some() || entries.iter().any(outside);
        let cache = IssuerCache::choose(cache, config.issuer_cache.take(), fetched, &ports)?;
        let migrating = config.migrate_from.is_some()
            || ports.resolver.is_some()
            || entries.iter().any(|entry| entry.migrate_from.is_some());
        let (entries_kept, octets_kept) = config.token_cache.take().unwrap_or_default().checked()?;
        let tokens = (entries_kept > 0).then(|| Cache::new(entries_kept, octets_kept)).transpose()?;
        let mut policy = Self {
            issuers: Vec::new(),
            places: HashMap::new(),
            tokens,
            headers: Headers::default(),
            numbers: AtomicU64::new(0),
            max_token_bytes,
            common: Arc::new(Common { challenge, ports }),
            metadata: None,
            learned: Learned::new(cache.as_ref().map_or(0, |cache| cache.settings().max_issuers)),
            cache,
            templates: Vec::new(),
            migrating,
            defaults: config,
        };
        let mut named = Vec::new();
        for mut entry in entries {
            match Template::new(&entry.issuer, entry.tenants.take())? {
                None => {
                    let issuer = policy.issuer_policy(&entry, true)?;
                    named.push(issuer.issuer.clone());
                    policy.places.insert(issuer.issuer.clone(), policy.issuers.len());
                    policy.issuers.push(issuer);
                }
                Some(template) => {
                    policy.check_template(&entry)?;
                    named.extend(template.issuers());
                    policy.templates.push((template, entry));
                }
            }
        }
        policy.metadata = resource.map(|resource| resource.publish(&named));
        let takes_opaque =
            |issuer: &&IssuerPolicy| issuer.introspection.as_ref().is_some_and(|it| it.takes_opaque_tokens());
        if policy.issuers.iter().filter(takes_opaque).count() > 1 {
            return Err(invalid("introspection.opaque_tokens of two issuers: nothing tells their tokens apart"));
        }
        let without_audience = policy.issuers.iter().any(|issuer| !issuer.client_ids.is_empty())
            || policy.templates.iter().any(|(_, entry)| entry.client_ids.is_some());
        if policy.defaults.client_ids.is_some() && !without_audience {
            return Err(invalid("client_ids serves only a profile that names no audience"));
        }
        Ok(policy)
    }

    /// Keeps what a good token was found to be, for later calls.
    pub(crate) fn keep(&self, mark: &Mark<'_>, found: &AccessToken, now: Timestamp) {
        let verified = found.verified();
        if let (Some(tokens), Some(_), Some(ends)) = (&self.tokens, verified.basis(), verified.ends()) {
            tokens.keep(mark, ends, verified.octets(), Arc::clone(verified), now);
        }
    }

    /// What a token was found to be before, where that still holds.
    pub(crate) fn find(&self, mark: &Mark<'_>, wish: &Wish) -> Option<(Arc<Verified>, IssuerRef<'_>)> {
        let tokens = self.tokens.as_ref()?;
        tokens.find(mark).and_then(|verified| {
            let issuer = self.known_issuer(verified.issuer())?;
            let basis = Basis { issuer: issuer.number, generation: issuer.keys.generation(wish)? };
            (verified.basis() == Some(basis)).then_some((verified, issuer))
        })
    }

    /// A number that was not given before.
    pub(crate) fn number(&self) -> u64 {
        self.numbers.fetch_add(1, Ordering::Relaxed)
    }

    /// Counts what came of looking for a token among those that were verified before.
    pub(crate) fn count_look(&self, mark: &Mark<'_>, found: bool) {
        if let Some(tokens) = &self.tokens {
            tokens.count(mark, found);
        }
    }

    /// Counts an accepted token where its issuer's tokens move to another profile.
    pub(crate) fn count(&self, token: &AccessToken) {
        if !self.migrating || token.profile().is_none() {
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
        if let Some(known) = self.known_issuer(iss) {
            return Ok(known);
        }
        if let Some((template, entry)) = self.templates.iter().find(|(template, _)| template.covers(iss)) {
            let entry = of_tenant(entry, template.tenant(iss).unwrap_or_default());
            let trusted = template.has_fixed_host();
            return self.learn(&entry, trusted).map(IssuerRef::Learned).map_err(as_internal);
        }
        if let Some(resolver) = &self.common.ports.resolver
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
        issuers.filter_map(|issuer| issuer.keys.remote()).cloned().collect()
    }

    /// The issuer of tokens that are no JWTs, where the token is one that it might have made.
    pub(crate) fn issuer_of_opaque(&self, token: &[u8]) -> Option<(&IssuerPolicy, &Arc<Introspection>)> {
        let mut asked = self.issuers.iter().filter_map(|issuer| Some((issuer, issuer.introspection.as_ref()?)));
        let found = asked.find(|(_, introspection)| introspection.takes_opaque_tokens())?;
        let dots = memchr::memchr_iter(b'.', token).count();
        let opaque = !matches!(dots, 2 | 4) && std::str::from_utf8(token).is_ok_and(base64url::is_token68);
        opaque.then_some(found)
    }

    /// Of every issuer whose keys are fetched or that is asked about its tokens, what there is to
    /// know, and what is remembered of tokens, as a JSON object.
    pub(crate) fn status_json(&self) -> String {
        let learned = self.learned.all();
        let issuers = self.issuers.iter().chain(learned.iter().map(|issuer| &**issuer));
        let entries: Vec<String> = issuers.filter_map(IssuerPolicy::status_json).collect();
        let counts = self.tokens.as_ref().map(Cache::counts).unwrap_or_default();
        format!("{{\"issuers\":[{}],\"token_cache\":{}}}", entries.join(","), counts.to_json())
    }

    /// Issuers that were met at run time.
    pub(crate) fn learned(&self) -> Arc<Vec<Arc<IssuerPolicy>>> {
        self.learned.all()
    }

    fn known_issuer(&self, iss: &str) -> Option<IssuerRef<'_>> {
        let configured = match self.issuers.as_slice() {
            [only] => Some(only).filter(|only| only.issuer == iss),
            several => self.places.get(iss).and_then(|place| several.get(*place)),
        };
        configured.map(IssuerRef::Configured).or_else(|| self.learned.find(iss).map(IssuerRef::Learned))
    }

    fn issuer_policy(&self, entry: &IssuerConfig, trusted: bool) -> Result<IssuerPolicy> {
        let mut issuer = IssuerPolicy::new(entry, &self.defaults, |entry| self.sources(entry, trusted))?;
        issuer.number = self.number();
        Ok(issuer)
    }

    fn learn(&self, entry: &IssuerConfig, trusted: bool) -> Result<Arc<IssuerPolicy>> {
        let issuer = Arc::new(self.issuer_policy(entry, trusted)?);
        self.learned.keep(&issuer);
        Ok(issuer)
    }

    /// The keys of an issuer, given or to be fetched; and how it is asked about its tokens.
    fn sources(&self, entry: &IssuerConfig, trusted: bool) -> Result<Sources> {
        let (handles, cache) = (&self.defaults.handles, self.cache.as_ref());
        let strategy = entry.strategy.unwrap_or_default();
        let introspection = match (&entry.introspection, cache) {
            (Some(config), Some(cache)) => {
                let asked = Introspection::new(config, strategy, &entry.issuer, handles, cache, trusted)?;
                Some(Arc::new(asked))
            }
            (Some(_), None) => return Err(Error::new(ErrorCode::Internal)),
            (None, _) => None,
        };
        let unused = strategy == Strategy::Introspection && introspection.as_ref().is_some_and(|it| !it.is_signed());
        let keys = if unused { Keys::none() } else { Keys::new(self.key_config(entry), handles, cache, trusted)? };
        Ok(Sources { keys, introspection })
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
        if entry.introspection.is_some() {
            return Err(invalid("introspection of an issuer with {tenant}: credentials belong to one issuer"));
        }
        let Some(cache) = &self.cache else { return Err(Error::new(ErrorCode::Internal)) };
        let some = of_tenant(entry, "tenant");
        let probe = |entry: &IssuerConfig| {
            let keys = Keys::unshared(self.key_config(entry), cache)?;
            Ok(Sources { keys, introspection: None })
        };
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
            strategy: config.strategy.take(),
            introspection: config.introspection.take(),
            profiles: config.profiles.take(),
            migrate_from: config.migrate_from.take(),
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
        (None, Some(_)) if config.strategy.is_some() || config.introspection.is_some() => {
            return Err(invalid("strategy and introspection beside issuers: they belong to one issuer"));
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

pub(crate) fn has_duplicates<T: Eq + Hash>(mut names: impl Iterator<Item = T>) -> bool {
    let mut seen = HashSet::new();
    names.any(|name| !seen.insert(name))
}
