//! Whether the sender of a token is the one it is bound to.

mod mtls;

use crate::claims::Confirmation;
use crate::error::ErrorCode;

/// How a token was presented (RFC 6750 §2.1, RFC 9449 §7.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub enum Scheme {
    /// `Authorization: Bearer`.
    #[default]
    Bearer,
    /// `Authorization: DPoP`.
    #[serde(rename = "DPoP")]
    Dpop,
}

/// What is known of the sender.
#[derive(Clone, Copy, Default)]
pub(crate) struct Presentation<'a> {
    pub(crate) scheme: Scheme,
    /// Whether a DPoP proof came along.
    pub(crate) proof: bool,
    /// SHA-256 of the client's certificate, in base64url.
    pub(crate) certificate: Option<&'a str>,
}

/// Judges the sender constraint of a token; a bound token without its proof is refused, whatever
/// the endpoint asked for.
pub(crate) fn judge(cnf: Option<&Confirmation<'_>>, sent: Presentation<'_>) -> Result<(), ErrorCode> {
    let bound_to_key = cnf.is_some_and(|cnf| cnf.jkt.is_some());
    match (sent.scheme, sent.proof, bound_to_key) {
        (Scheme::Dpop, false, _) => return Err(ErrorCode::DpopProofMissing),
        (Scheme::Dpop, true, false) | (Scheme::Bearer, true, true) => return Err(ErrorCode::SchemeMismatch),
        (Scheme::Bearer, false, true) => return Err(ErrorCode::BindingMissing),
        // Proofs are not judged by this version, and what is not judged is not believed.
        (Scheme::Dpop, true, true) => return Err(ErrorCode::BindingUnsupported),
        (Scheme::Bearer, _, false) => {}
    }
    let Some(cnf) = cnf else { return Ok(()) };
    let thumbprint = cnf.x5t_s256.as_deref().ok_or(ErrorCode::BindingUnsupported)?;
    mtls::judge(thumbprint, sent.certificate)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(
        jkt: Option<&str>,
        x5t: Option<&str>,
        scheme: Scheme,
        proof: bool,
        certificate: Option<&str>,
    ) -> Result<(), ErrorCode> {
        let cnf = Confirmation { jkt: jkt.map(Into::into), x5t_s256: x5t.map(Into::into) };
        judge(Some(&cnf), Presentation { scheme, proof, certificate })
    }

    #[test]
    fn an_unbound_token_is_a_bearer_token() {
        let sent = |scheme, proof| judge(None, Presentation { scheme, proof, certificate: None });
        assert_eq!(sent(Scheme::Bearer, false), Ok(()));
        assert_eq!(sent(Scheme::Bearer, true), Ok(()));
        assert_eq!(sent(Scheme::Dpop, false), Err(ErrorCode::DpopProofMissing));
        assert_eq!(sent(Scheme::Dpop, true), Err(ErrorCode::SchemeMismatch));
    }

    #[test]
    fn a_bound_token_needs_every_proof() {
        use Scheme::{Bearer, Dpop};
        assert_eq!(judged(None, Some("a"), Bearer, false, Some("a")), Ok(()));
        assert_eq!(judged(None, Some("a"), Bearer, false, Some("b")), Err(ErrorCode::BindingMismatch));
        assert_eq!(judged(None, Some("a"), Bearer, false, Some("aa")), Err(ErrorCode::BindingMismatch));
        assert_eq!(judged(None, Some(""), Bearer, false, Some("a")), Err(ErrorCode::BindingMismatch));
        assert_eq!(judged(None, Some("a"), Bearer, false, None), Err(ErrorCode::BindingMissing));
        assert_eq!(judged(None, None, Bearer, false, None), Err(ErrorCode::BindingUnsupported));
        assert_eq!(judged(Some("k"), None, Bearer, false, None), Err(ErrorCode::BindingMissing));
        assert_eq!(judged(Some("k"), None, Bearer, true, None), Err(ErrorCode::SchemeMismatch));
        assert_eq!(judged(Some("k"), None, Dpop, false, None), Err(ErrorCode::DpopProofMissing));
        assert_eq!(judged(Some("k"), None, Dpop, true, None), Err(ErrorCode::BindingUnsupported));
        assert_eq!(judged(Some("k"), Some("a"), Bearer, false, Some("a")), Err(ErrorCode::BindingMissing));
        assert_eq!(judged(None, Some("a"), Dpop, true, Some("a")), Err(ErrorCode::SchemeMismatch));
    }
}
