//! Compact serialization of JWS (RFC 7515 §3.1, §5.2): the shape of a token and its header.

mod header;
mod headers;

pub(crate) use header::Header;
pub(crate) use headers::Headers;

use std::sync::Arc;

use crate::algorithm::Algorithm;
use crate::encoding::base64url;
use crate::encoding::json::{Fault, Limits, Object};
use crate::error::{Error, ErrorCode, Result};
use crate::key::{KeySet, Selection};

/// The largest token that is looked at unless the operator says otherwise, in octets.
pub(crate) const LARGEST_TOKEN: u32 = 16_384;

/// The largest JWS that is looked at where it need not be an access token, in octets.
const LARGEST_JWS: usize = 65_536;

/// Room for the signature, where it is not of RSA, and what stands between the parts.
const SIGNATURE_ROOM: usize = 144;

/// The largest header, in octets.
pub(crate) const LARGEST_HEADER: usize = 4096;

/// Verifies a JWS in compact serialization (RFC 7515 §5.2) and gives its payload.
///
/// For JWTs and other content that is no access token. Checks size (64 KiB at most), shape,
/// canonical base64url, the header with `crit`, the algorithm against the list, the choice of the
/// key and the signature. It does **not** look at the payload, at `typ` or at any claim.
///
/// # Errors
/// `argument_invalid` for an empty list of algorithms; `token_too_large`, `token_malformed`,
/// `decryption_failed` for a JWE, `critical_header_unsupported`, `algorithm_not_allowed`, `key_not_found`, `key_mismatch`,
/// `key_ambiguous`, the error of an unusable key that is named, `signature_invalid`.
pub fn verify_jws(token: impl AsRef<[u8]>, keys: &KeySet, algorithms: &[Algorithm]) -> Result<Vec<u8>> {
    if algorithms.is_empty() {
        return Err(Error::with_detail(ErrorCode::ArgumentInvalid, "algorithms is empty"));
    }
    let mut room = Room::new();
    let mut parts = parts(token.as_ref(), LARGEST_JWS, None, &mut room)?;
    let header = parts.read_header()?;
    let algorithm = header.algorithm(algorithms.iter().copied().collect())?;
    parts.verify(keys, &Selection { kid: header.kid(), algorithm, listed: true, pinned: &[] })?;
    Ok(parts.payload)
}

/// The parts of a token, decoded; nothing of it is to be trusted yet.
pub(crate) struct Parts<'a> {
    header: HeaderPart,
    pub(crate) payload: Vec<u8>,
    pub(crate) signing_input: &'a [u8],
    /// May be empty: what that means depends on the algorithm.
    signature: &'a [u8],
}

/// Where a signature is decoded to.
pub(crate) type Room = base64url::Short;

/// The first part of a token.
enum HeaderPart {
    Octets(Vec<u8>),
    /// It was read before.
    Known(Arc<Header>),
}

/// Takes a token apart: size, and three parts in canonical base64url. Headers that are known are
/// not read again.
pub(crate) fn parts<'a>(
    token: &'a [u8],
    most: usize,
    known: Option<&Headers>,
    room: &'a mut Room,
) -> Result<Parts<'a>> {
    if token.len() > most {
        return Err(Error::new(ErrorCode::TokenTooLarge));
    }
    let malformed = || Error::new(ErrorCode::TokenMalformed);
    let (header, rest) = cut(token).ok_or_else(malformed)?;
    let (payload, signature) = cut(rest).ok_or_else(malformed)?;
    if memchr::memchr(b'.', signature).is_some() {
        let is_jwe = memchr::memchr_iter(b'.', signature).count() == 2 && is_jwe_header(header);
        return Err(if is_jwe { Error::new(ErrorCode::DecryptionFailed) } else { malformed() });
    }
    let signing_input = token.get(..header.len() + 1 + payload.len()).unwrap_or_default();
    let header = match known.and_then(|known| known.find(header)) {
        Some(header) => HeaderPart::Known(header),
        None => HeaderPart::Octets(base64url::decode(header).ok_or_else(malformed)?),
    };
    let payload = base64url::decode(payload).ok_or_else(malformed)?;
    let signature = base64url::decode_short(signature, room).ok_or_else(malformed)?;
    Ok(Parts { header, payload, signing_input, signature })
}

/// What stands before the first dot, and behind it.
fn cut(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let (before, rest) = text.split_at_checked(memchr::memchr(b'.', text)?)?;
    Some((before, rest.get(1..)?))
}

/// The one JSON object that header or claims are (RFC 7519 §7.2), in UTF-8.
pub(crate) fn object(octets: Vec<u8>) -> Result<Object> {
    let text = String::from_utf8(octets).map_err(|_| Error::new(ErrorCode::TokenMalformed))?;
    Object::parse(text, Limits::TOKEN).map_err(|fault| match fault {
        Fault::Malformed => Error::new(ErrorCode::TokenMalformed),
        Fault::TooLarge => Error::new(ErrorCode::TokenTooLarge),
    })
}

impl Parts<'_> {
    /// What the header says.
    pub(crate) fn read_header(&mut self) -> Result<Arc<Header>> {
        match &mut self.header {
            HeaderPart::Known(header) => Ok(Arc::clone(header)),
            HeaderPart::Octets(octets) => Header::read(std::mem::take(octets)).map(Arc::new),
        }
    }

    /// Whether the header was known.
    pub(crate) fn is_header_known(&self) -> bool {
        matches!(self.header, HeaderPart::Known(_))
    }

    /// The header as it was written.
    pub(crate) fn header_text(&self) -> &[u8] {
        let end = memchr::memchr(b'.', self.signing_input).unwrap_or_default();
        self.signing_input.get(..end).unwrap_or_default()
    }

    /// Key and signature, in this order.
    pub(crate) fn verify(&self, keys: &KeySet, wanted: &Selection<'_>) -> Result<()> {
        let verifier = keys.select(wanted).map_err(Error::new)?;
        if self.signature.is_empty() {
            return Err(Error::new(ErrorCode::TokenMalformed));
        }
        let good = verifier.verify(self.signing_input, self.signature);
        if good { Ok(()) } else { Err(Error::new(ErrorCode::SignatureInvalid)) }
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
    let mut out = String::with_capacity((header.len() + payload.len()) * 4 / 3 + SIGNATURE_ROOM);
    base64url::encode_into(header, &mut out);
    out.push('.');
    base64url::encode_into(payload, &mut out);
    out
}
