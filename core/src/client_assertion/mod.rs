//! Client assertions: how clients authenticate at an authorization server with JWTs of their own
//! (RFC 7521 §4.2, RFC 7523 §2.2, draft-ietf-oauth-rfc7523bis, OpenID Connect Core §9).

mod assertion;
mod judge;
mod minter;
mod policy;
mod validator;

pub use assertion::{ClientAssertion, ClientAuthMethod};
pub use minter::{ClientAssertionMinter, ClientAssertionRequest};
pub use validator::{ClientAssertionOptions, ClientAssertionValidator};

/// The media type of assertions, without `application/` (draft-ietf-oauth-rfc7523bis).
const MEDIA_TYPE: &str = "client-authentication+jwt";
