//! A minter's configuration, checked once and made ready for use.

use crate::algorithm::Algorithm;
use crate::claims::is_scope_token;
use crate::config::{ApiConfig, Dialect, IdTokenMinterConfig, MinterConfig, invalid};
use crate::error::{Answer, Error, ErrorCode, Result};
use crate::jws::LARGEST_HEADER;
use crate::jwt;
use crate::key::{SigningKey, SkippedKey};

const DEFAULT_LIFETIME: u32 = 3600;
const MOST_LIFETIME: u32 = 315_360_000;
const DEFAULT_SUFFIX: &str = "@clients";

pub(crate) struct Policy {
    pub(crate) issuer: String,
    pub(crate) apis: Vec<Api>,
    /// Index of the API that `default_audience` names.
    pub(crate) default_api: Option<usize>,
    pub(crate) userinfo_audience: Option<String>,
    pub(crate) client_suffix: String,
    /// How ID tokens are signed.
    pub(crate) id_tokens: Signing,
    keys: Vec<SigningKey>,
    /// Entries of the configured keys that cannot sign.
    pub(crate) skipped: Vec<SkippedKey>,
}

pub(crate) struct Api {
    pub(crate) audience: String,
    pub(crate) dialect: Dialect,
    pub(crate) scopes: Vec<String>,
    pub(crate) signing: Signing,
}

/// How tokens of one form are signed.
pub(crate) struct Signing {
    pub(crate) algorithm: Algorithm,
    pub(crate) lifetime_seconds: u32,
    /// The header of the tokens.
    pub(crate) header: String,
    /// Index of the key.
    key: usize,
}

impl Api {
    fn new(config: ApiConfig, keys: &[SigningKey]) -> Result<Self> {
        if config.audience.is_empty() {
            return Err(invalid("apis has an empty audience"));
        }
        let usual = keys.first().map(SigningKey::algorithm);
        let algorithm = config.algorithm.or(usual).ok_or_else(|| invalid("no key is usable"))?;
        let signing = Signing::new(config.dialect.token_type(), algorithm, config.lifetime_seconds, keys)?;
        let scopes = config.scopes.unwrap_or_default();
        if !scopes.iter().all(|scope| is_scope_token(scope)) {
            return Err(invalid("an API has a scope that is none"));
        }
        Ok(Self { audience: config.audience, dialect: config.dialect, scopes, signing })
    }
}

impl Signing {
    fn new(typ: &str, algorithm: Algorithm, lifetime_seconds: Option<u32>, keys: &[SigningKey]) -> Result<Self> {
        let fitting = keys.iter().enumerate().find(|(_, key)| key.serves(algorithm));
        let (index, key) = fitting.ok_or_else(|| invalid("an algorithm is one that no key serves"))?;
        let header = jwt::header(typ, algorithm, key);
        if header.len() > LARGEST_HEADER {
            return Err(invalid("keys has a kid that makes headers too large"));
        }
        let lifetime_seconds = lifetime_seconds.unwrap_or(DEFAULT_LIFETIME);
        if !(1..=MOST_LIFETIME).contains(&lifetime_seconds) {
            return Err(invalid("lifetime_seconds is not within 1 to 315360000"));
        }
        Ok(Self { algorithm, lifetime_seconds, header, key: index })
    }

    /// How ID tokens are signed, beside the tokens of APIs.
    fn of_id_tokens(config: IdTokenMinterConfig, apis: &[Api], keys: &[SigningKey]) -> Result<Self> {
        let used = apis.iter().find(|api| api.signing.key == 0).map(|api| api.signing.algorithm);
        let usual = used.or(keys.first().map(SigningKey::algorithm));
        let algorithm = config.algorithm.or(usual).ok_or_else(|| invalid("no key is usable"))?;
        let signing = Self::new("JWT", algorithm, config.lifetime_seconds, keys)?;
        if apis.iter().any(|api| api.signing.conflicts_with(&signing)) {
            return Err(invalid("id_tokens use one key with another algorithm than an API"));
        }
        Ok(signing)
    }

    /// RFC 8725 §3.1: a key is used with one algorithm.
    fn conflicts_with(&self, other: &Self) -> bool {
        self.key == other.key && self.algorithm != other.algorithm
    }
}

/// Whether two keys bear one `kid` and may serve one algorithm.
fn has_twins(keys: &[SigningKey]) -> bool {
    let twins = |one: &SigningKey, other: &SigningKey| {
        one.kid().is_some()
            && one.kid() == other.kid()
            && Algorithm::ALL.iter().any(|algorithm| one.serves(*algorithm) && other.serves(*algorithm))
    };
    keys.iter().enumerate().any(|(at, key)| keys.iter().skip(at + 1).any(|other| twins(key, other)))
}

impl Policy {
    pub(crate) fn new(config: MinterConfig) -> Result<Self> {
        if config.issuer.is_empty() {
            return Err(invalid("issuer is empty"));
        }
        let (keys, skipped) = config.keys.signing_keys(&config.handles)?;
        if has_twins(&keys) {
            return Err(invalid("keys has two of one kid and algorithm, so that no validator could choose"));
        }
        let mut apis: Vec<Api> = Vec::new();
        for api in config.apis {
            let api = Api::new(api, &keys)?;
            if apis.iter().any(|other| other.audience == api.audience) {
                return Err(invalid("apis has an audience twice"));
            }
            if apis.iter().any(|other| other.signing.conflicts_with(&api.signing)) {
                return Err(invalid("apis use one key with two algorithms"));
            }
            apis.push(api);
        }
        if apis.is_empty() {
            return Err(invalid("apis is empty"));
        }
        let default_api = match &config.default_audience {
            None => None,
            Some(audience) => {
                let index = apis.iter().position(|api| api.audience == *audience);
                Some(index.ok_or_else(|| invalid("default_audience is not that of an API"))?)
            }
        };
        if config.userinfo_audience.as_deref() == Some("") {
            return Err(invalid("userinfo_audience is empty"));
        }
        let client_suffix = config.client_subject_suffix.unwrap_or_else(|| DEFAULT_SUFFIX.to_owned());
        if client_suffix.is_empty() {
            return Err(invalid("client_subject_suffix is empty"));
        }
        let id_tokens = Signing::of_id_tokens(config.id_tokens.unwrap_or_default(), &apis, &keys)?;
        Ok(Self {
            issuer: config.issuer,
            apis,
            default_api,
            userinfo_audience: config.userinfo_audience,
            client_suffix,
            id_tokens,
            keys,
            skipped,
        })
    }

    pub(crate) fn key_for(&self, signing: &Signing) -> &SigningKey {
        // Indices are made with the policy and never change.
        #[expect(clippy::indexing_slicing, reason = "the index was found in this very list")]
        &self.keys[signing.key]
    }
}

/// Adds to an error what a token endpoint answers with it (RFC 6749 §5.2, RFC 8707 §2).
pub(super) fn answer(error: Error) -> Error {
    let code = error.code();
    if !matches!(code, ErrorCode::InvalidScope | ErrorCode::InvalidTarget | ErrorCode::GrantAmbiguous) {
        return error;
    }
    error.with_answer(Answer { oauth: code.oauth(), status: code.status(), ..Answer::default() })
}
