//! Whom a grant speaks of: a resource owner, or the client itself.

use std::borrow::Cow;

use crate::error::{Error, ErrorCode, Result};
use crate::minter::MintRequest;
use crate::minter::audience::is_absolute_uri;

/// The subject of a token.
pub(super) struct Subject<'a> {
    pub(super) name: Cow<'a, str>,
    /// Whether a resource owner takes part.
    pub(super) is_owner: bool,
}

/// What a grant type says about the resource owner (RFC 6749 §1.3).
enum Owner {
    Always,
    Never,
    /// Extension grants: who is meant shows in the request.
    Perhaps,
}

/// The subject of the token, which a client can never choose such that it is taken for a
/// resource owner's (RFC 9068 §5).
pub(super) fn subject<'a>(request: &'a MintRequest, client_suffix: &str) -> Result<Subject<'a>> {
    let invalid = |claim: &'static str| Error::of_claim(ErrorCode::ArgumentInvalid, claim);
    if request.client_id.is_empty() {
        return Err(invalid("client_id"));
    }
    let owner = owner(&request.grant_type)?;
    let subject = match (owner, request.subject.as_deref()) {
        (Owner::Always, None) | (Owner::Never, Some(_)) | (_, Some("")) => return Err(invalid("sub")),
        (_, subject) => subject,
    };
    if let Some(subject) = subject {
        if is_of_client(subject, client_suffix) {
            return Err(Error::of_claim(ErrorCode::SubjectCollision, "sub"));
        }
        return Ok(Subject { name: subject.into(), is_owner: true });
    }
    let authentication =
        [("auth_time", request.auth_time.is_some()), ("acr", request.acr.is_some()), ("amr", request.amr.is_some())];
    if let Some((claim, _)) = authentication.into_iter().find(|(_, given)| *given) {
        return Err(invalid(claim));
    }
    Ok(Subject { name: format!("{}{client_suffix}", request.client_id).into(), is_owner: false })
}

/// Whether a subject could be taken for a client.
pub(super) fn is_of_client(subject: &str, client_suffix: &str) -> bool {
    subject.ends_with(client_suffix)
}

fn owner(grant_type: &str) -> Result<Owner> {
    match grant_type {
        "authorization_code"
        | "implicit"
        | "password"
        | "refresh_token"
        | "urn:ietf:params:oauth:grant-type:device_code"
        | "urn:openid:params:grant-type:ciba" => Ok(Owner::Always),
        "client_credentials" => Ok(Owner::Never),
        uri if is_absolute_uri(uri) => Ok(Owner::Perhaps),
        _ => Err(Error::with_detail(ErrorCode::ArgumentInvalid, "grant_type is neither known nor a URI")),
    }
}
