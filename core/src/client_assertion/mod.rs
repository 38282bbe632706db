//! Client assertions: how clients authenticate at an authorization server with JWTs of their own
//! (RFC 7521 §4.2, RFC 7523 §2.2, draft-ietf-oauth-rfc7523bis, OpenID Connect Core §9).

mod minter;

pub use minter::{ClientAssertionMinter, ClientAssertionRequest};

/// The media type of assertions, without `application/` (draft-ietf-oauth-rfc7523bis).
const MEDIA_TYPE: &str = "client-authentication+jwt";
