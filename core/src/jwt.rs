//! JWTs of whatever kind (RFC 7519): taken apart, and put together.

use std::mem::take;
use std::sync::Arc;

use crate::algorithm::Algorithm;
use crate::claims::Claims;
use crate::crypto;
use crate::encoding::base64url;
use crate::encoding::json;
use crate::error::{Error, ErrorCode, Result};
use crate::jws::{self, Header, Headers, Parts, Room};
use crate::key::SigningKey;

/// Octets of a generated `jti`: 128 bits.
const IDENTIFIER_OCTETS: usize = 16;

/// A JWT that was taken apart; nothing of it is to be trusted yet.
pub(crate) struct Jwt<'a> {
    pub(crate) parts: Parts<'a>,
    pub(crate) header: Arc<Header>,
    pub(crate) claims: Claims,
}

impl<'a> Jwt<'a> {
    /// Size and shape, the header, and claims that are one object.
    pub(crate) fn read(token: &'a [u8], most: usize, room: &'a mut Room) -> Result<Self> {
        let mut parts = parts(token, most, None, room)?;
        let header = parts.read_header()?;
        let claims = Claims::new(jws::object(take(&mut parts.payload))?);
        Ok(Self { parts, header, claims })
    }
}

/// The parts of a JWT. Its claims are one object, so that an empty part is none, whatever the header
/// says.
pub(crate) fn parts<'a>(
    token: &'a [u8],
    most: usize,
    known: Option<&Headers>,
    room: &'a mut Room,
) -> Result<Parts<'a>> {
    let parts = jws::parts(token, most, known, room)?;
    if parts.payload.is_empty() { Err(Error::new(ErrorCode::TokenMalformed)) } else { Ok(parts) }
}

/// The header of every token of a type that a key signs.
pub(crate) fn header(typ: &str, algorithm: Algorithm, key: &SigningKey) -> String {
    let mut out = format!("{{\"typ\":\"{typ}\",\"alg\":\"{algorithm}\"");
    if let Some(kid) = key.kid() {
        out.push_str(",\"kid\":");
        json::write_string(kid, &mut out);
    }
    out.push('}');
    out
}

/// An identifier that nobody can guess, and that is not made twice.
pub(crate) fn identifier() -> Result<String> {
    let mut octets = [0; IDENTIFIER_OCTETS];
    crypto::random_bytes(&mut octets).map_err(|_| Error::new(ErrorCode::Internal))?;
    Ok(base64url::encode(octets))
}

/// Signs claims; what no validator would look at is not made.
pub(crate) fn sign(header: &str, algorithm: Algorithm, key: &SigningKey, claims: &str) -> Result<String> {
    let mut token = jws::signing_input(header, claims);
    let signature = key.sign(algorithm, token.as_bytes())?;
    token.push('.');
    base64url::encode_into(signature, &mut token);
    if token.len() > jws::LARGEST_TOKEN as usize {
        return Err(Error::with_detail(ErrorCode::ArgumentInvalid, "the token would be too large to be accepted"));
    }
    Ok(token)
}
