//! For which APIs a token is meant (RFC 9068 §3, RFC 8707 §2).

use smallvec::SmallVec;

use crate::claims::{is_scope_token, scope_tokens};
use crate::error::{Error, ErrorCode, Result};
use crate::minter::MintRequest;
use crate::minter::grant::Subject;
use crate::minter::policy::{Api, Policy};
use crate::profile::Profile;

/// Scopes of OpenID Connect: they belong to no API, and point at none.
const OPENID_SCOPES: [&str; 6] = ["openid", "profile", "email", "address", "phone", "offline_access"];

/// The audience of a token and what follows from it.
pub(super) struct Target<'a> {
    /// The API whose dialect, algorithm and key are used; all of the audience share them.
    pub(super) api: &'a Api,
    pub(super) audience: Few<&'a str>,
    pub(super) lifetime_seconds: u32,
    /// How many scopes were granted.
    pub(super) scopes: usize,
}

/// What is seldom more than a few.
pub(super) type Few<T> = SmallVec<[T; 8]>;

/// The scopes that were granted.
#[derive(Default)]
struct Granted<'a> {
    /// Those that some API must own.
    owned: Few<&'a str>,
    openid: bool,
    count: usize,
}

pub(super) fn target<'a>(policy: &'a Policy, request: &'a MintRequest, subject: &Subject<'_>) -> Result<Target<'a>> {
    let granted = granted(policy, request)?;
    let scopes = &granted.owned;
    let named = named(policy, request)?;
    let apis = match named.as_slice() {
        [] => Few::from_slice(&[inferred(policy, scopes)?]),
        [only] => {
            if !scopes.iter().all(|scope| lists(only, scope)) {
                return Err(Error::new(ErrorCode::InvalidScope));
            }
            named
        }
        several => {
            let owners = |scope: &str| several.iter().filter(|api| lists(api, scope)).count();
            if scopes.iter().any(|scope| owners(scope) != 1) {
                return Err(Error::new(ErrorCode::GrantAmbiguous));
            }
            named
        }
    };
    let Some((first, rest)) = apis.split_first() else { return Err(Error::new(ErrorCode::Internal)) };
    if rest.iter().any(|api| api.dialect != first.dialect || api.signing.algorithm != first.signing.algorithm) {
        return Err(Error::with_detail(ErrorCode::InvalidTarget, "the resources want tokens of different forms"));
    }
    let mut audience: Few<&str> = apis.iter().map(|api| api.audience.as_str()).collect();
    if let Some(userinfo) = policy.userinfo_audience.as_deref()
        && subject.is_owner
        && granted.openid
        && !audience.contains(&userinfo)
    {
        audience.push(userinfo);
    }
    // Under this profile such a token could not be told from an ID token.
    if first.dialect.profile() == Profile::Auth0 && audience.as_slice() == [request.client_id.as_str()] {
        return Err(Error::with_detail(ErrorCode::InvalidTarget, "the audience is the client itself"));
    }
    let lifetime_seconds =
        apis.iter().map(|api| api.signing.lifetime_seconds).min().unwrap_or(first.signing.lifetime_seconds);
    Ok(Target { api: first, audience, lifetime_seconds, scopes: granted.count })
}

/// Of the granted scopes, one that no API lists is refused (RFC 9068 §2.2.3).
fn granted<'a>(policy: &Policy, request: &'a MintRequest) -> Result<Granted<'a>> {
    let mut granted = Granted::default();
    for scope in scope_tokens(request.scope.as_deref().unwrap_or_default()) {
        granted.count += 1;
        granted.openid |= scope == "openid";
        if OPENID_SCOPES.contains(&scope) {
            continue;
        }
        if !is_scope_token(scope) || !policy.apis.iter().any(|api| lists(api, scope)) {
            return Err(Error::new(ErrorCode::InvalidScope));
        }
        granted.owned.push(scope);
    }
    Ok(granted)
}

/// The APIs that the request names, each once, in its order.
fn named<'a>(policy: &'a Policy, request: &MintRequest) -> Result<Few<&'a Api>> {
    let resources = request.resource.iter().flatten();
    if resources.clone().any(|uri| !is_absolute_uri(uri)) {
        return Err(Error::with_detail(ErrorCode::InvalidTarget, "resource is no absolute URI without fragment"));
    }
    let mut named: Few<&Api> = Few::new();
    for name in resources.chain(request.audience.iter().flatten()) {
        let api = policy.apis.iter().find(|api| api.audience == *name);
        let api = api.ok_or_else(|| Error::new(ErrorCode::InvalidTarget))?;
        if !named.iter().any(|other| other.audience == api.audience) {
            named.push(api);
        }
    }
    Ok(named)
}

/// The API that the scopes point at, or else the default.
fn inferred<'a>(policy: &'a Policy, scopes: &[&str]) -> Result<&'a Api> {
    let mut pointed_at = policy.apis.iter().filter(|api| scopes.iter().any(|scope| lists(api, scope)));
    match (pointed_at.next(), pointed_at.next()) {
        (Some(api), None) => Ok(api),
        (Some(_), Some(_)) => Err(Error::with_detail(ErrorCode::InvalidScope, "the scopes point at several resources")),
        (None, _) => {
            let default = policy.default_api.and_then(|index| policy.apis.get(index));
            default.ok_or_else(|| {
                Error::with_detail(ErrorCode::InvalidTarget, "no resource is named, and there is no default")
            })
        }
    }
}

fn lists(api: &Api, scope: &str) -> bool {
    api.scopes.iter().any(|listed| listed == scope)
}

/// An absolute URI without fragment (RFC 3986 §4.3, RFC 8707 §2).
pub(super) fn is_absolute_uri(uri: &str) -> bool {
    let Some((scheme, rest)) = uri.split_once(':') else { return false };
    let mut letters = scheme.bytes();
    letters.next().is_some_and(|b| b.is_ascii_alphabetic())
        && letters.all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b))
        && !rest.is_empty()
        && rest.bytes().all(|b| matches!(b, 0x21..=0x7e) && !b"\"#<>\\^`{|}".contains(&b))
}
