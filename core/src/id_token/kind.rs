//! What a token that is typed as ID tokens are may be instead (RFC 8725 §3.12).
//!
//! The grounds are such that the ID tokens of the widespread issuers pass, with whatever claims
//! their operators map into them: those of Keycloak say `typ` `ID`, those of Cognito `token_use`
//! `id`, those of AD FS have `scp`, others `client_id`, `roles` or `permissions`.

use crate::claims::{Claim, Claims};
use crate::error::Kind;
use crate::profile::kind_by_telltales;

/// What issuers say themselves of tokens that are no ID tokens. A refresh token is a kind that has
/// no name here.
const MARKS: [(Claim, &str, Option<Kind>); 6] = [
    (Claim::Typ, "Bearer", Some(Kind::AccessToken)),
    (Claim::Typ, "DPoP", Some(Kind::AccessToken)),
    (Claim::Typ, "Logout", Some(Kind::LogoutToken)),
    (Claim::Typ, "Refresh", None),
    (Claim::Typ, "Offline", None),
    (Claim::TokenUse, "access", Some(Kind::AccessToken)),
];

/// Claims that ID tokens alone have, apart from access tokens of Keycloak with a `nonce`, which are
/// marked.
const OWN: [Claim; 4] = [Claim::Nonce, Claim::AtHash, Claim::CHash, Claim::SHash];

/// The names by which a token can be told to be of another kind: a minter keeps away from them.
pub(super) const TELLING: [&str; 13] = [
    "client_id",
    "scope",
    "gty",
    "cid",
    "scp",
    "typ",
    "token_use",
    "events",
    "token_introspection",
    "htm",
    "htu",
    "response_type",
    "redirect_uri",
];

/// Whether a token is really of another kind, and which, where it tells.
pub(super) fn other_kind(claims: &Claims) -> Option<Option<Kind>> {
    let marked = MARKS.iter().find(|(claim, value, _)| claims.string(*claim) == Some(value));
    let told = || kind_by_telltales(claims).filter(|kind| *kind != Kind::IdToken);
    let assertion = || claims.speaks_of_itself().then_some(Kind::ClientAssertion);
    let access = || is_access_token(claims).then_some(Kind::AccessToken);
    marked.map(|(_, _, kind)| *kind).or_else(|| told().or_else(assertion).or_else(access).map(Some))
}

/// Whether it has what access tokens have, and nothing of an ID token's own.
fn is_access_token(claims: &Claims) -> bool {
    let has = |claim: &Claim| claims.has_claim(*claim);
    let okta = [Claim::Cid, Claim::Scp].iter().all(has);
    okta || ([Claim::Scope, Claim::Gty].iter().any(has) && !OWN.iter().any(has))
}
