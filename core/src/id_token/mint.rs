//! Minting of ID tokens.

use super::kind::TELLING;
use super::request::IdTokenRequest;
use super::{CLAIMS, half_hash, is_subject};
use crate::algorithm::Algorithm;
use crate::claims::{Claim, Forms, MOST_AUDIENCES, Writer};
use crate::encoding::json::{self, Limits, Value};
use crate::error::{Error, ErrorCode, Result};
use crate::minter::{MintedToken, Minter};

impl Minter {
    /// Mints an ID token (OpenID Connect Core §2). The time is the clock's unless given, in seconds
    /// since the epoch.
    ///
    /// The header has `typ` `JWT`, `alg` and `kid`. The claims are, in this order and each where
    /// there is one: `iss`, `sub`, `aud` (the client as a string; with others an array, the client
    /// first, and `azp`), `exp`, `iat`, `auth_time`, `nonce`, `acr`, `amr`, `sid`, `at_hash`,
    /// `c_hash`, `s_hash`, and the custom ones in theirs.
    ///
    /// It does **not** decide whether the user logged in, or what the client may know of them.
    ///
    /// # Errors
    /// `argument_invalid` with the claim concerned: an empty client, subject, audience or value; a
    /// subject of more than 255 characters, or that is the issuer; other audiences without `nonce`, `access_token` or
    /// `code`, since these could take the token for an access token. `claim_reserved` for a custom
    /// claim that the token owns or that would make it look like another kind; `subject_collision`
    /// for a subject with the suffix of clients; `signing_failed`.
    pub fn mint_id_token(&self, request: &IdTokenRequest, now: Option<f64>) -> Result<MintedToken> {
        self.mint_as_id_token(now, |algorithm, issued, expires| {
            self.id_token_claims(request, algorithm, issued, expires)
        })
    }

    fn id_token_claims(
        &self,
        request: &IdTokenRequest,
        algorithm: Algorithm,
        issued: i64,
        expires: i64,
    ) -> Result<String> {
        self.check_id_token(request)?;
        let mut out = Writer::new();
        out.string(Claim::Iss, self.issuer());
        out.string(Claim::Sub, &request.subject);
        match audience(request)?.as_slice() {
            [client] => out.string(Claim::Aud, client),
            several => {
                out.strings(Claim::Aud, several);
                out.string(Claim::Azp, &request.client_id);
            }
        }
        out.number(Claim::Exp, expires);
        out.number(Claim::Iat, issued);
        if let Some(auth_time) = &request.auth_time {
            let value = Value::of_checked(auth_time.get());
            let judged = Claim::AuthTime.kind(Forms::default()).judge(value);
            judged.map_err(|_| invalid(Claim::AuthTime))?;
            out.member(Claim::AuthTime.name(), value.text());
        }
        let half = |value: &Option<String>| value.as_deref().map(|value| half_hash(algorithm, value));
        out.optional(Claim::Nonce, request.nonce.as_deref());
        out.optional(Claim::Acr, request.acr.as_deref());
        if let Some(amr) = &request.amr {
            out.strings(Claim::Amr, amr);
        }
        out.optional(Claim::Sid, request.sid.as_deref());
        out.optional(Claim::AtHash, half(&request.access_token).as_deref());
        out.optional(Claim::CHash, half(&request.code).as_deref());
        out.optional(Claim::SHash, half(&request.state).as_deref());
        custom(request, &mut out)?;
        let claims = out.finish();
        // A validator would refuse what lies beyond these bounds.
        if json::check(&claims, Limits::TOKEN).is_err() {
            return Err(Error::of_claim(ErrorCode::ArgumentInvalid, "claims"));
        }
        Ok(claims)
    }

    /// Whether the values are such that a validator would take them.
    fn check_id_token(&self, request: &IdTokenRequest) -> Result<()> {
        if request.client_id.is_empty() {
            return Err(invalid(Claim::ClientId));
        }
        // A token whose subject is its issuer would be taken for a client's assertion.
        if !is_subject(&request.subject) || request.subject == self.issuer() {
            return Err(invalid(Claim::Sub));
        }
        if self.is_of_client(&request.subject) {
            return Err(Error::of_claim(ErrorCode::SubjectCollision, Claim::Sub.name()));
        }
        // The names of members where no claim has the value as it is.
        let values = [
            ("nonce", &request.nonce),
            ("sid", &request.sid),
            ("access_token", &request.access_token),
            ("code", &request.code),
            ("state", &request.state),
        ];
        match values.into_iter().find(|(_, value)| value.as_deref() == Some("")) {
            Some((name, _)) => Err(Error::of_claim(ErrorCode::ArgumentInvalid, name)),
            None => Ok(()),
        }
    }
}

/// The client, and then the others, each once.
fn audience(request: &IdTokenRequest) -> Result<Vec<&str>> {
    let mut audience = vec![request.client_id.as_str()];
    for name in request.audience.iter().flatten() {
        if name.is_empty() {
            return Err(invalid(Claim::Aud));
        }
        if !audience.contains(&name.as_str()) {
            audience.push(name);
        }
    }
    if audience.len() > MOST_AUDIENCES {
        return Err(invalid(Claim::Aud));
    }
    // A token typed `JWT` with `azp` is an access token of some profiles, unless it has one of these.
    if audience.len() > 1 && [&request.nonce, &request.access_token, &request.code].iter().all(|value| value.is_none())
    {
        let detail = "aud: other audiences would take it for an access token without nonce, access_token and code";
        return Err(Error::with_detail(ErrorCode::ArgumentInvalid, detail).with_claim(Claim::Aud.name()));
    }
    Ok(audience)
}

/// Custom claims, which can touch nothing that the token owns.
fn custom(request: &IdTokenRequest, out: &mut Writer) -> Result<()> {
    let Some(claims) = &request.claims else { return Ok(()) };
    let members = Value::of_checked(claims.get()).members();
    for (name, value) in members.ok_or_else(|| Error::of_claim(ErrorCode::ArgumentInvalid, "claims"))? {
        let owned = Claim::named(&name).filter(|claim| CLAIMS.contains(claim)).map(Claim::name);
        let telling = TELLING.iter().copied().find(|telling| *telling == name);
        if let Some(reserved) = owned.or(telling) {
            return Err(Error::of_claim(ErrorCode::ClaimReserved, reserved));
        }
        out.member(&name, value.text());
    }
    Ok(())
}

fn invalid(claim: Claim) -> Error {
    Error::of_claim(ErrorCode::ArgumentInvalid, claim.name())
}
