//! What an authorization server answers when it is asked about an access token (RFC 7662 §2.2), as
//! JSON or as a signed JWT (RFC 9701 §5).

use crate::claims::{Claim, Writer};
use crate::encoding::json::Value;
use crate::error::{Error, ErrorCode, Result};
use crate::minter::{MintedToken, Minter};
use crate::validator::AccessToken;

/// The media type of signed answers, without `application/` (RFC 9701 §5).
const MEDIA_TYPE: &str = "token-introspection+jwt";

/// The answer of an introspection endpoint about a token, as JSON (RFC 7662 §2.2).
///
/// For a token that a validator found good: `active`, which is true; the token's claims as they are,
/// with `exp`, `iat` and `nbf` rounded down to seconds; then `client_id` and `scope`, whatever the
/// token's profile calls them, and `token_type`: `DPoP` where the token is bound to a DPoP key, else
/// `Bearer`. Claims of the token's own by these names, where its profile does not read them, are
/// left out.
///
/// For every token that was refused, whatever the reason, it is given none, and the answer is
/// `{"active":false}` and nothing else. Where no verdict could be reached, which is an error of class
/// [`Undecided`](crate::ErrorClass::Undecided) or [`Internal`](crate::ErrorClass::Internal), there is
/// no answer: the endpoint sends the error's status instead.
///
/// It does **not** decide who may ask (RFC 7662 §2.1), nor what of a token they may see (RFC 7662
/// §5): whoever should not learn of a token is answered as if there were none.
#[must_use]
pub fn introspection_response(token: Option<&AccessToken>) -> String {
    let mut out = Writer::new();
    let Some(token) = token else {
        out.member("active", "false");
        return out.finish();
    };
    out.member("active", "true");
    let claims = Value::of_checked(token.claims_json()).members();
    for (name, value) in claims.into_iter().flatten() {
        let seconds = match name.as_ref() {
            "active" | "client_id" | "scope" | "token_type" => continue,
            "exp" => Some(token.exp()),
            "iat" => Some(token.iat()),
            "nbf" => token.nbf(),
            _ => None,
        };
        match seconds {
            Some(seconds) => out.member(&name, &seconds.to_string()),
            None => out.member(&name, value.text()),
        }
    }
    if !token.client_id().is_empty() {
        out.string(Claim::ClientId, token.client_id());
    }
    let listed = token.scopes();
    let joined = (!listed.is_empty()).then(|| listed.join(" "));
    out.optional(Claim::Scope, token.scope().or(joined.as_deref()));
    let dpop = token.cnf().is_some_and(|cnf| cnf.jkt.is_some());
    out.member("token_type", if dpop { "\"DPoP\"" } else { "\"Bearer\"" });
    out.finish()
}

impl Minter {
    /// Signs the answer of an introspection endpoint about a token, for the resource server that
    /// asks (RFC 9701 §5): what [`introspection_response`] tells, in the claim
    /// `token_introspection` beside `iss`, `aud` and `iat`. The header has `typ`
    /// `token-introspection+jwt`; it is signed as ID tokens are. It has neither `sub` nor `exp`, so
    /// that nobody takes it for an access token. [`MintedToken::expires_in`] is 0.
    ///
    /// `audience` is the resource server, by the identifier of its own that it asks with (its
    /// `client_id`). The time is the clock's unless given, in seconds since the epoch.
    ///
    /// # Errors
    /// `argument_invalid` where the audience is empty, the time is none, or the answer is larger
    /// than anybody takes; `signing_failed`; `internal` where the system gives no time.
    pub fn mint_introspection_response(
        &self,
        token: Option<&AccessToken>,
        audience: &str,
        now: Option<f64>,
    ) -> Result<MintedToken> {
        if audience.is_empty() {
            return Err(Error::of_claim(ErrorCode::ArgumentInvalid, Claim::Aud.name()));
        }
        self.mint_of_type(MEDIA_TYPE, now, |issued| {
            let mut out = Writer::new();
            out.string(Claim::Iss, self.issuer());
            out.string(Claim::Aud, audience);
            out.number(Claim::Iat, issued);
            out.member("token_introspection", &introspection_response(token));
            out.finish()
        })
    }
}
