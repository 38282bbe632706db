//! The configuration of a validator.

use serde::Deserialize;

use crate::algorithm::Algorithm;
use crate::config::{
    Discovery, Handles, IntrospectionConfig, IssuerCacheConfig, KeySource, OneOrMany, ProtectedResourceConfig,
    Strategy, TokenCacheConfig, optional_object, optional_objects, read,
};
use crate::error::{ErrorCode, Result};
use crate::key::KeySet;
use crate::profile::Profile;

/// What a resource server accepts.
///
/// One issuer, or several in `issuers`; never both. Keys are given or fetched. The audience is always
/// required: it is what makes a token meant for this API.
///
/// # Defaults
/// * `profiles`: `rfc9068` only
/// * `algorithms`: every asymmetric algorithm; HMAC only where listed here
/// * `leeway_seconds`: 30, and 300 at most
/// * `max_lifetime_seconds`: none
/// * `max_token_bytes`: 16384, and 65536 at most
/// * `token_cache`: 1000 tokens
/// * `required_claims`: those of the profile
/// * `discovery`: both kinds of metadata, where neither `jwks` nor `jwks_uri` is given
/// * `strategy`: `local`
#[derive(Clone, Debug, Default, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ValidatorConfig {
    /// The issuer identifier, compared to the letter (RFC 9068 §4).
    pub(crate) issuer: Option<String>,
    /// The identifiers of this API, one of which a token's `aud` must contain.
    pub(crate) audience: Option<OneOrMany>,
    /// The clients whose tokens are accepted, where the profile names no audience; only there.
    pub(crate) client_ids: Option<Vec<String>>,
    /// The issuer's keys, fixed.
    pub(crate) jwks: Option<KeySource>,
    /// Where the issuer's keys are fetched from. Without keys and without this, its metadata tells.
    pub(crate) jwks_uri: Option<String>,
    /// Which metadata documents are asked where neither keys nor `jwks_uri` are given.
    pub(crate) discovery: Option<Discovery>,
    /// RFC 7638 thumbprints of the only keys of the issuer that count.
    pub(crate) key_thumbprints: Option<Vec<String>>,
    /// How the issuer's tokens are judged.
    pub(crate) strategy: Option<Strategy>,
    /// How the issuer is asked about its tokens, where the strategy says that it is.
    #[serde(default, deserialize_with = "optional_object")]
    pub(crate) introspection: Option<IntrospectionConfig>,
    /// How keys are fetched and kept, where the validator is not given a cache.
    #[serde(default, deserialize_with = "optional_object")]
    pub(crate) issuer_cache: Option<IssuerCacheConfig>,
    /// The profiles accepted; no two of them may share a type.
    pub(crate) profiles: Option<Vec<Profile>>,
    /// A profile that the API still accepts while it moves to the one in `profiles`. Of each such
    /// token it is told and counted under which codes it will be refused when the move ends.
    pub(crate) migrate_from: Option<Profile>,
    /// The algorithms accepted.
    pub(crate) algorithms: Option<Vec<Algorithm>>,
    /// Seconds by which clocks may differ, 0 to 300.
    pub(crate) leeway_seconds: Option<u32>,
    /// The longest time from `iat` to `exp`, in seconds, to which no leeway is added.
    pub(crate) max_lifetime_seconds: Option<u32>,
    /// The largest token that is looked at, in octets.
    pub(crate) max_token_bytes: Option<u32>,
    /// How many verified tokens are remembered.
    #[serde(default, deserialize_with = "optional_object")]
    pub(crate) token_cache: Option<TokenCacheConfig>,
    /// Claims that must be there, and not be `null`, besides those of the profile.
    pub(crate) required_claims: Option<Vec<String>>,
    /// `realm` of challenges (RFC 9110 §11.5).
    pub(crate) realm: Option<String>,
    /// URL of the protected resource metadata, for challenges (RFC 9728 §5.1).
    pub(crate) resource_metadata: Option<String>,
    /// What the resource publishes about itself (RFC 9728 §2); then the URL is known without being
    /// given.
    #[serde(default, deserialize_with = "optional_object")]
    pub(crate) protected_resource: Option<ProtectedResourceConfig>,
    /// Several issuers, each with its own keys.
    #[serde(default, deserialize_with = "optional_objects")]
    pub(crate) issuers: Option<Vec<IssuerConfig>>,
    /// What references in JSON mean.
    #[serde(skip)]
    pub(crate) handles: Handles,
}

/// One of several issuers. What it leaves out, other than keys, is taken from the top.
#[derive(Clone, Debug, Default, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct IssuerConfig {
    /// The issuer identifier, compared to the letter.
    pub(crate) issuer: String,
    /// The identifiers of this API for tokens of this issuer.
    pub(crate) audience: Option<OneOrMany>,
    /// The clients whose tokens are accepted, where the profile names no audience; only there.
    pub(crate) client_ids: Option<Vec<String>>,
    /// The issuer's keys, fixed.
    pub(crate) jwks: Option<KeySource>,
    /// Where the issuer's keys are fetched from. Without keys and without this, its metadata tells.
    pub(crate) jwks_uri: Option<String>,
    /// Which metadata documents are asked where neither keys nor `jwks_uri` are given.
    pub(crate) discovery: Option<Discovery>,
    /// RFC 7638 thumbprints of the only keys of the issuer that count.
    pub(crate) key_thumbprints: Option<Vec<String>>,
    /// How this issuer's tokens are judged.
    pub(crate) strategy: Option<Strategy>,
    /// How this issuer is asked about its tokens, where the strategy says that it is.
    #[serde(default, deserialize_with = "optional_object")]
    pub(crate) introspection: Option<IntrospectionConfig>,
    /// The tenants for whom `{tenant}` in `issuer` may stand; in an entry, `*` is any number of
    /// letters, digits and hyphens.
    pub(crate) tenants: Option<Vec<String>>,
    /// The profiles accepted of this issuer.
    pub(crate) profiles: Option<Vec<Profile>>,
    /// A profile that is still accepted of this issuer while it moves to the one in `profiles`.
    pub(crate) migrate_from: Option<Profile>,
    /// The algorithms accepted of this issuer.
    pub(crate) algorithms: Option<Vec<Algorithm>>,
    /// Seconds by which clocks may differ, 0 to 300.
    pub(crate) leeway_seconds: Option<u32>,
    /// The longest time from `iat` to `exp`, in seconds.
    pub(crate) max_lifetime_seconds: Option<u32>,
    /// Claims that must be there, and not be `null`, besides those of the profile.
    pub(crate) required_claims: Option<Vec<String>>,
}

impl ValidatorConfig {
    /// One issuer, whose metadata tells where its keys are, unless they are given.
    #[must_use]
    pub fn new(issuer: impl Into<String>, audience: impl Into<String>) -> Self {
        Self { issuer: Some(issuer.into()), audience: Some(OneOrMany::One(audience.into())), ..Self::default() }
    }

    /// Several issuers.
    #[must_use]
    pub fn with_issuers(issuers: impl IntoIterator<Item = IssuerConfig>) -> Self {
        Self { issuers: Some(issuers.into_iter().collect()), ..Self::default() }
    }

    /// Reads a JSON text.
    ///
    /// # Errors
    /// `config_invalid`, naming the member that is unknown or wrong.
    pub fn from_json(text: &str) -> Result<Self> {
        Self::from_json_with(text, &Handles::default())
    }

    /// Reads a JSON text that refers to handles.
    ///
    /// # Errors
    /// `config_invalid`, naming the member that is unknown or wrong.
    pub fn from_json_with(text: &str, handles: &Handles) -> Result<Self> {
        let config: Self = read(text, ErrorCode::ConfigInvalid)?;
        Ok(Self { handles: handles.clone(), ..config })
    }

    /// The issuer's keys.
    #[must_use]
    pub fn keys(mut self, keys: &KeySet) -> Self {
        self.jwks = Some(KeySource::Set(keys.clone()));
        self
    }

    /// Where the issuer's keys are fetched from.
    #[must_use]
    pub fn jwks_uri(mut self, url: impl Into<String>) -> Self {
        self.jwks_uri = Some(url.into());
        self
    }

    /// Which metadata documents are asked where neither keys nor `jwks_uri` are given.
    #[must_use]
    pub fn discovery(mut self, discovery: Discovery) -> Self {
        self.discovery = Some(discovery);
        self
    }

    /// RFC 7638 thumbprints of the only keys of the issuer that count.
    #[must_use]
    pub fn key_thumbprints<T: Into<String>>(mut self, thumbprints: impl IntoIterator<Item = T>) -> Self {
        self.key_thumbprints = Some(thumbprints.into_iter().map(Into::into).collect());
        self
    }

    /// How the issuer is asked about its tokens, and when.
    #[must_use]
    pub fn introspection(mut self, strategy: Strategy, config: IntrospectionConfig) -> Self {
        (self.strategy, self.introspection) = (Some(strategy), Some(config));
        self
    }

    /// How keys are fetched and kept, where the validator is not given a cache.
    #[must_use]
    pub fn issuer_cache(mut self, config: IssuerCacheConfig) -> Self {
        self.issuer_cache = Some(config);
        self
    }

    /// The identifiers of this API.
    #[must_use]
    pub fn audience<T: Into<String>>(mut self, audience: impl IntoIterator<Item = T>) -> Self {
        self.audience = Some(OneOrMany::Many(audience.into_iter().map(Into::into).collect()));
        self
    }

    /// The clients whose tokens are accepted, where the profile names no audience.
    #[must_use]
    pub fn client_ids<T: Into<String>>(mut self, client_ids: impl IntoIterator<Item = T>) -> Self {
        self.client_ids = Some(client_ids.into_iter().map(Into::into).collect());
        self
    }

    /// The profiles accepted.
    #[must_use]
    pub fn profiles(mut self, profiles: impl IntoIterator<Item = Profile>) -> Self {
        self.profiles = Some(profiles.into_iter().collect());
        self
    }

    /// A profile that is still accepted while tokens move to the only one in `profiles`.
    #[must_use]
    pub fn migrate_from(mut self, profile: Profile) -> Self {
        self.migrate_from = Some(profile);
        self
    }

    /// The algorithms accepted.
    #[must_use]
    pub fn algorithms(mut self, algorithms: impl IntoIterator<Item = Algorithm>) -> Self {
        self.algorithms = Some(algorithms.into_iter().collect());
        self
    }

    /// Seconds by which clocks may differ, 0 to 300.
    #[must_use]
    pub fn leeway_seconds(mut self, seconds: u32) -> Self {
        self.leeway_seconds = Some(seconds);
        self
    }

    /// The longest time from `iat` to `exp`, in seconds.
    #[must_use]
    pub fn max_lifetime_seconds(mut self, seconds: u32) -> Self {
        self.max_lifetime_seconds = Some(seconds);
        self
    }

    /// The largest token that is looked at, in octets.
    #[must_use]
    pub fn max_token_bytes(mut self, bytes: u32) -> Self {
        self.max_token_bytes = Some(bytes);
        self
    }

    /// How many verified tokens are remembered.
    #[must_use]
    pub fn token_cache(mut self, config: TokenCacheConfig) -> Self {
        self.token_cache = Some(config);
        self
    }

    /// Claims that must be there besides those of the profile.
    #[must_use]
    pub fn required_claims<T: Into<String>>(mut self, claims: impl IntoIterator<Item = T>) -> Self {
        self.required_claims = Some(claims.into_iter().map(Into::into).collect());
        self
    }

    /// `realm` of challenges.
    #[must_use]
    pub fn realm(mut self, realm: impl Into<String>) -> Self {
        self.realm = Some(realm.into());
        self
    }

    /// URL of the protected resource metadata, for challenges.
    #[must_use]
    pub fn resource_metadata(mut self, url: impl Into<String>) -> Self {
        self.resource_metadata = Some(url.into());
        self
    }

    /// What the resource publishes about itself, see
    /// [`Validator::protected_resource_metadata`](crate::Validator::protected_resource_metadata).
    #[must_use]
    pub fn protected_resource(mut self, config: ProtectedResourceConfig) -> Self {
        self.protected_resource = Some(config);
        self
    }
}

impl IssuerConfig {
    /// An issuer with its keys.
    #[must_use]
    pub fn new(issuer: impl Into<String>, keys: &KeySet) -> Self {
        Self { issuer: issuer.into(), jwks: Some(KeySource::Set(keys.clone())), ..Self::default() }
    }

    /// An issuer whose metadata tells where its keys are.
    #[must_use]
    pub fn discovered(issuer: impl Into<String>) -> Self {
        Self { issuer: issuer.into(), ..Self::default() }
    }

    /// Reads a JSON text.
    ///
    /// # Errors
    /// `config_invalid`, naming the member that is unknown or wrong.
    pub fn from_json(text: &str) -> Result<Self> {
        read(text, ErrorCode::ConfigInvalid)
    }

    /// Reads a JSON text that refers to handles.
    ///
    /// # Errors
    /// `config_invalid`, naming the member that is unknown or wrong.
    pub fn from_json_with(text: &str, handles: &Handles) -> Result<Self> {
        let config = Self::from_json(text)?;
        let jwks = config.jwks.map(|keys| keys.key_set(handles).map(KeySource::Set)).transpose()?;
        let introspection = config.introspection.map(|config| config.resolved(handles)).transpose()?;
        Ok(Self { jwks, introspection, ..config })
    }

    /// Where the issuer's keys are fetched from.
    #[must_use]
    pub fn jwks_uri(mut self, url: impl Into<String>) -> Self {
        self.jwks_uri = Some(url.into());
        self
    }

    /// Which metadata documents are asked where neither keys nor `jwks_uri` are given.
    #[must_use]
    pub fn discovery(mut self, discovery: Discovery) -> Self {
        self.discovery = Some(discovery);
        self
    }

    /// RFC 7638 thumbprints of the only keys of the issuer that count.
    #[must_use]
    pub fn key_thumbprints<T: Into<String>>(mut self, thumbprints: impl IntoIterator<Item = T>) -> Self {
        self.key_thumbprints = Some(thumbprints.into_iter().map(Into::into).collect());
        self
    }

    /// How the issuer is asked about its tokens, and when.
    #[must_use]
    pub fn introspection(mut self, strategy: Strategy, config: IntrospectionConfig) -> Self {
        (self.strategy, self.introspection) = (Some(strategy), Some(config));
        self
    }

    /// The tenants for whom `{tenant}` in the issuer may stand.
    #[must_use]
    pub fn tenants<T: Into<String>>(mut self, tenants: impl IntoIterator<Item = T>) -> Self {
        self.tenants = Some(tenants.into_iter().map(Into::into).collect());
        self
    }

    /// The identifiers of this API for tokens of this issuer.
    #[must_use]
    pub fn audience<T: Into<String>>(mut self, audience: impl IntoIterator<Item = T>) -> Self {
        self.audience = Some(OneOrMany::Many(audience.into_iter().map(Into::into).collect()));
        self
    }

    /// The clients whose tokens are accepted, where the profile names no audience.
    #[must_use]
    pub fn client_ids<T: Into<String>>(mut self, client_ids: impl IntoIterator<Item = T>) -> Self {
        self.client_ids = Some(client_ids.into_iter().map(Into::into).collect());
        self
    }

    /// The profiles accepted of this issuer.
    #[must_use]
    pub fn profiles(mut self, profiles: impl IntoIterator<Item = Profile>) -> Self {
        self.profiles = Some(profiles.into_iter().collect());
        self
    }

    /// A profile that is still accepted of this issuer while its tokens move to the only one in
    /// `profiles`.
    #[must_use]
    pub fn migrate_from(mut self, profile: Profile) -> Self {
        self.migrate_from = Some(profile);
        self
    }

    /// The algorithms accepted of this issuer.
    #[must_use]
    pub fn algorithms(mut self, algorithms: impl IntoIterator<Item = Algorithm>) -> Self {
        self.algorithms = Some(algorithms.into_iter().collect());
        self
    }

    /// Seconds by which clocks may differ, 0 to 300.
    #[must_use]
    pub fn leeway_seconds(mut self, seconds: u32) -> Self {
        self.leeway_seconds = Some(seconds);
        self
    }

    /// The longest time from `iat` to `exp`, in seconds.
    #[must_use]
    pub fn max_lifetime_seconds(mut self, seconds: u32) -> Self {
        self.max_lifetime_seconds = Some(seconds);
        self
    }

    /// Claims that must be there besides those of the profile.
    #[must_use]
    pub fn required_claims<T: Into<String>>(mut self, claims: impl IntoIterator<Item = T>) -> Self {
        self.required_claims = Some(claims.into_iter().map(Into::into).collect());
        self
    }
}
