//! A minter's configuration, checked once and made ready for use.

use crate::algorithm::Algorithm;
use crate::claims::is_scope_token;
use crate::config::{Dialect, MinterConfig, invalid};
use crate::error::{Answer, Error, ErrorCode, Result};
use crate::key::SigningKey;

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
    keys: Vec<SigningKey>,
}

pub(crate) struct Api {
    pub(crate) audience: String,
    pub(crate) dialect: Dialect,
    pub(crate) algorithm: Algorithm,
    pub(crate) scopes: Vec<String>,
    pub(crate) lifetime_seconds: u32,
    /// Index of the key that signs its tokens.
    key: usize,
}

impl Policy {
    pub(crate) fn new(config: MinterConfig) -> Result<Self> {
        if config.issuer.is_empty() {
            return Err(invalid("issuer is empty"));
        }
        let keys = config.keys.signing_keys(&config.handles)?;
        let mut apis: Vec<Api> = Vec::new();
        for api in config.apis {
            let first = keys.first().map(SigningKey::algorithm).unwrap_or(Algorithm::RS256);
            let algorithm = api.algorithm.unwrap_or(first);
            let key = keys.iter().position(|key| key.serves(algorithm));
            let key = key.ok_or_else(|| invalid("an API has an algorithm that no key serves"))?;
            if api.audience.is_empty() || apis.iter().any(|other| other.audience == api.audience) {
                return Err(invalid("apis has an audience that is empty or there twice"));
            }
            let scopes = api.scopes.unwrap_or_default();
            if !scopes.iter().all(|scope| is_scope_token(scope)) {
                return Err(invalid("an API has a scope that is none"));
            }
            let lifetime_seconds = api.lifetime_seconds.unwrap_or(DEFAULT_LIFETIME);
            if !(1..=MOST_LIFETIME).contains(&lifetime_seconds) {
                return Err(invalid("lifetime_seconds is not within 1 to 315360000"));
            }
            apis.push(Api { audience: api.audience, dialect: api.dialect, algorithm, scopes, lifetime_seconds, key });
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
        Ok(Self {
            issuer: config.issuer,
            apis,
            default_api,
            userinfo_audience: config.userinfo_audience,
            client_suffix,
            keys,
        })
    }

    pub(crate) fn key_for(&self, api: &Api) -> &SigningKey {
        // Indices are made with the policy and never change.
        #[expect(clippy::indexing_slicing, reason = "the index was found in this very list")]
        &self.keys[api.key]
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
