#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![cfg_attr(
    test,
    allow(
        clippy::expect_used,
        clippy::indexing_slicing,
        clippy::panic,
        clippy::unwrap_used,
        reason = "a test that meets the unexpected fails, and should"
    )
)]

// In order of dependence: a module imports only from those before it.
mod error;
mod sync;

mod process;
mod time;

mod pool;

mod algorithm;
mod encoding;

mod crypto;
mod key;

mod jws;

mod claims;
mod jwt;
mod profile;

mod config;
mod revocation;

mod ports;

mod waiting;

mod replay;

mod issuer;

mod binding;

mod challenge;

mod http_response;
mod protected_resource;

mod cache;

mod minter;

mod client_assertion;

mod introspection;

mod validator;

mod id_token;
mod introspection_response;

#[cfg(feature = "jsonwebtoken")]
#[cfg_attr(docsrs, doc(cfg(feature = "jsonwebtoken")))]
pub mod interop;

#[cfg(feature = "schema")]
mod schema;

// The public interface is:
pub use crate::algorithm::Algorithm;
pub use crate::binding::Scheme;
pub use crate::claims::{Actor, Attribute, AuthorizationDetail, Confirmation};
pub use crate::client_assertion::{
    ClientAssertion, ClientAssertionMinter, ClientAssertionOptions, ClientAssertionRequest, ClientAssertionValidator,
    ClientAuthMethod,
};
pub use crate::config::{
    ApiConfig, ClientAssertionConfig, ClientAssertionMinterConfig, ClientConfig, Dialect, Discovery, Handles,
    IdTokenConfig, IdTokenMinterConfig, IntrospectionConfig, IssuerCacheConfig, IssuerConfig, MinterConfig,
    ProtectedResourceConfig, Strategy, TokenCacheConfig, ValidatorConfig,
};
pub use crate::error::{Error, ErrorClass, ErrorCode, Kind, Result};
pub use crate::http_response::HttpResponse;
pub use crate::id_token::{IdToken, IdTokenChecks, IdTokenRequest, IdTokenValidator};
pub use crate::introspection_response::introspection_response;
pub use crate::issuer::{IssuerCache, KeySteps};
pub use crate::jws::verify_jws;
pub use crate::key::{KeyOptions, KeySet, SigningKey, SkippedKey, certificate_sha256, thumbprint};
pub use crate::minter::{MintRequest, MintedToken, Minter};
pub use crate::ports::{
    Event, EventKind, Events, Fetch, FetchFailure, FetchRequest, FetchResponse, Ports, ReplayStore, Resolver,
};
#[cfg(feature = "http")]
#[cfg_attr(docsrs, doc(cfg(feature = "http")))]
pub use crate::ports::{HttpFetch, HttpOptions};
pub use crate::profile::Profile;
pub use crate::replay::MemoryReplayStore;
pub use crate::revocation::{Revocations, Revoked};
#[cfg(feature = "schema")]
#[cfg_attr(docsrs, doc(cfg(feature = "schema")))]
pub use crate::schema::schemas;
pub use crate::time::{Clock, Timestamp};
pub use crate::validator::{
    AccessToken, Batch, Credential, Explanation, MigrationReport, Origin, Outcome, Request, Require, Step,
    ValidateOptions, Validator,
};

pub use crate::waiting::{Flight, Progress, Refresh};

/// The version of this library, as all of its packages have it.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");
