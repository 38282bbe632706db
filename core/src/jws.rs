//! Compact serialization of JWS (RFC 7515 §3.1, §5.2): the shape of a token and its header.

use std::ops::Range;

use crate::encoding::base64url;
use crate::encoding::json::{Fault, Limits, Object};
use crate::error::{Error, ErrorCode, Result};
use crate::key::LONGEST_KID;

/// The largest token that is looked at unless the operator says otherwise, in octets.
pub(crate) const LARGEST_TOKEN: u32 = 16_384;

/// The largest header, in octets.
pub(crate) const LARGEST_HEADER: usize = 4096;

/// The parts of a token, decoded; nothing of it is to be trusted yet.
pub(crate) struct Compact<'a> {
    pub(crate) header: Header,
    pub(crate) payload: Vec<u8>,
    pub(crate) signing_input: &'a [u8],
    /// May be empty: what that means depends on the algorithm.
    pub(crate) signature: Vec<u8>,
}

/// A JOSE header that demands nothing that is not understood.
pub(crate) struct Header {
    object: Object,
}

/// Takes a token apart: size, three parts in canonical base64url, and the header.
pub(crate) fn parse(token: &[u8], most: usize) -> Result<Compact<'_>> {
    if token.len() > most {
        return Err(Error::new(ErrorCode::TokenTooLarge));
    }
    let malformed = || Error::new(ErrorCode::TokenMalformed);
    let mut dots = memchr::memchr_iter(b'.', token);
    let (Some(first), Some(second)) = (dots.next(), dots.next()) else { return Err(malformed()) };
    let part = |range: Range<usize>| token.get(range).unwrap_or_default();
    let header = part(0..first);
    match dots.count() {
        0 => {}
        2 if is_jwe_header(header) => return Err(Error::new(ErrorCode::DecryptionFailed)),
        _ => return Err(malformed()),
    }
    let (payload, signature) = (part(first + 1..second), part(second + 1..token.len()));
    let signing_input = part(0..second);
    if header.is_empty() || payload.is_empty() {
        return Err(malformed());
    }
    let header = base64url::decode(header).ok_or_else(malformed)?;
    let payload = base64url::decode(payload).ok_or_else(malformed)?;
    let signature = base64url::decode(signature).ok_or_else(malformed)?;
    Ok(Compact { header: Header::read(header)?, payload, signing_input, signature })
}

/// The one JSON object that header or claims are (RFC 7519 §7.2), in UTF-8.
pub(crate) fn object(octets: Vec<u8>) -> Result<Object> {
    let text = String::from_utf8(octets).map_err(|_| Error::new(ErrorCode::TokenMalformed))?;
    Object::parse(text, Limits::TOKEN).map_err(|fault| match fault {
        Fault::Malformed => Error::new(ErrorCode::TokenMalformed),
        Fault::TooLarge => Error::new(ErrorCode::TokenTooLarge),
    })
}

impl Header {
    fn read(octets: Vec<u8>) -> Result<Self> {
        if octets.len() > LARGEST_HEADER {
            return Err(Error::new(ErrorCode::TokenTooLarge));
        }
        let object = object(octets)?;
        let named = !object.contains("kid") || object.string("kid").is_some_and(|kid| kid.len() <= LONGEST_KID);
        if object.string("alg").is_none() || !named {
            return Err(Error::new(ErrorCode::TokenMalformed));
        }
        // No extension is understood, so whatever is said to be critical is not (RFC 7515
        // §4.1.11); and an unencoded payload never is a JWT (RFC 7797 §7).
        let encoded = object.get("b64").is_none_or(|b64| b64.boolean() == Some(true));
        if object.contains("crit") || !encoded {
            return Err(Error::new(ErrorCode::CriticalHeaderUnsupported));
        }
        Ok(Self { object })
    }

    pub(crate) fn alg(&self) -> &str {
        self.object.string("alg").unwrap_or_default()
    }

    pub(crate) fn kid(&self) -> Option<&str> {
        self.object.string("kid")
    }

    pub(crate) fn typ(&self) -> Option<&str> {
        self.object.string("typ")
    }

    pub(crate) fn text(&self) -> &str {
        self.object.text()
    }
}

/// Whether the first of five parts is the header of a JWE (RFC 7516 §4.1).
fn is_jwe_header(part: &[u8]) -> bool {
    let header = base64url::decode(part).filter(|octets| octets.len() <= LARGEST_HEADER);
    let header = header.and_then(|octets| object(octets).ok());
    header.is_some_and(|header| header.string("alg").is_some() && header.string("enc").is_some())
}

/// The first two parts of a token that is being made.
pub(crate) fn signing_input(header: &str, payload: &str) -> String {
    let mut out = String::with_capacity((header.len() + payload.len()) * 4 / 3 + 8);
    base64url::encode_into(header, &mut out);
    out.push('.');
    base64url::encode_into(payload, &mut out);
    out
}
