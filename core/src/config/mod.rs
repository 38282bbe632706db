//! Configuration: the same structures whether they come from builders, keyword arguments, option
//! objects or JSON text.

pub(crate) mod checks;
mod client_assertion;
mod id_token;
mod introspection;
mod issuer_cache;
mod keys;
mod minter;
mod protected_resource;
mod read;
mod secret;
mod token_cache;
mod validator;

pub use client_assertion::{ClientAssertionConfig, ClientAssertionMinterConfig, ClientConfig};
pub use id_token::IdTokenConfig;
pub(crate) use introspection::ClientAuthentication;
pub use introspection::{IntrospectionConfig, Strategy};
pub use issuer_cache::{Discovery, IssuerCacheConfig};
pub use keys::Handles;
pub(crate) use keys::KeySource;
pub use minter::{ApiConfig, Dialect, IdTokenMinterConfig, MinterConfig};
pub use protected_resource::ProtectedResourceConfig;
pub(crate) use read::{OneOrMany, invalid, objects, optional_object, optional_objects, raw, read};
pub(crate) use secret::Secret;
pub use token_cache::TokenCacheConfig;
pub use validator::{IssuerConfig, ValidatorConfig};
