//! ID tokens (OpenID Connect Core §2): validated for a client, and minted.

mod checks;
mod judge;
mod kind;
mod mint;
mod policy;
mod request;
mod token;
mod validator;

pub use checks::IdTokenChecks;
pub use request::IdTokenRequest;
pub use token::IdToken;
pub use validator::IdTokenValidator;

use crate::algorithm::Algorithm;
use crate::claims::Claim;
use crate::crypto;
use crate::encoding::base64url;

/// The claims of an ID token, in the order in which their types are judged. No custom claim may
/// bear one of these names.
const CLAIMS: [Claim; 15] = [
    Claim::Iss,
    Claim::Sub,
    Claim::Aud,
    Claim::Azp,
    Claim::Exp,
    Claim::Nbf,
    Claim::Iat,
    Claim::AuthTime,
    Claim::Nonce,
    Claim::Acr,
    Claim::Amr,
    Claim::Sid,
    Claim::AtHash,
    Claim::CHash,
    Claim::SHash,
];

/// The longest `sub`, in characters (OpenID Connect Core §2).
const LONGEST_SUBJECT: usize = 255;

fn is_subject(sub: &str) -> bool {
    (1..=LONGEST_SUBJECT).contains(&sub.chars().count())
}

/// What `at_hash`, `c_hash` and `s_hash` hold: half of the hash of a value, by the hash algorithm of
/// the token's own `alg` (OpenID Connect Core §3.1.3.6, §3.3.2.11).
fn half_hash(algorithm: Algorithm, value: &str) -> String {
    base64url::encode(crypto::left_half_of_hash(algorithm, value.as_bytes()))
}
