//! Compact serialization of JWS (RFC 7515 §3.1, §5.2): the shape of a token and its header.

use std::mem::take;
use std::ops::Range;

use crate::algorithm::{Algorithm, AlgorithmSet};
use crate::encoding::base64url;
use crate::encoding::json::{Fault, Limits, Object};
use crate::error::{Error, ErrorCode, Result};
use crate::key::{KeySet, LONGEST_KID, Selection};

/// The largest token that is looked at unless the operator says otherwise, in octets.
pub(crate) const LARGEST_TOKEN: u32 = 16_384;

/// The largest JWS that is looked at where it need not be an access token, in octets.
const LARGEST_JWS: usize = 65_536;

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
    let mut parts = parts(token.as_ref(), LARGEST_JWS)?;
    let header = Header::read(take(&mut parts.header))?;
    let algorithm = header.algorithm(algorithms.iter().copied().collect())?;
    parts.verify(keys, &Selection { kid: header.kid(), algorithm, listed: true, pinned: &[] })?;
    Ok(parts.payload)
}

/// The parts of a token, decoded; nothing of it is to be trusted yet.
pub(crate) struct Parts<'a> {
    pub(crate) header: Vec<u8>,
    pub(crate) payload: Vec<u8>,
    pub(crate) signing_input: &'a [u8],
    /// May be empty: what that means depends on the algorithm.
    pub(crate) signature: Vec<u8>,
}

/// A JOSE header that demands nothing that is not understood.
pub(crate) struct Header {
    object: Object,
}

/// Takes a token apart: size, and three parts in canonical base64url.
pub(crate) fn parts(token: &[u8], most: usize) -> Result<Parts<'_>> {
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
    let header = base64url::decode(header).ok_or_else(malformed)?;
    let payload = base64url::decode(payload).ok_or_else(malformed)?;
    let signature = base64url::decode(signature).ok_or_else(malformed)?;
    Ok(Parts { header, payload, signing_input, signature })
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
    /// Key and signature, in this order.
    pub(crate) fn verify(&self, keys: &KeySet, wanted: &Selection<'_>) -> Result<()> {
        let verifier = keys.select(wanted).map_err(Error::new)?;
        if self.signature.is_empty() {
            return Err(Error::new(ErrorCode::TokenMalformed));
        }
        let good = verifier.verify(self.signing_input, &self.signature);
        if good { Ok(()) } else { Err(Error::new(ErrorCode::SignatureInvalid)) }
    }
}

impl Header {
    /// Reads a header: one object in which `alg`, `kid` and `crit` are as they may be.
    pub(crate) fn read(octets: Vec<u8>) -> Result<Self> {
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

    /// The algorithm, where it is one of those allowed.
    pub(crate) fn algorithm(&self, allowed: AlgorithmSet) -> Result<Algorithm> {
        let named = self.object.string("alg").and_then(Algorithm::from_name);
        let algorithm = named.filter(|algorithm| allowed.contains(*algorithm));
        algorithm.ok_or_else(|| Error::new(ErrorCode::AlgorithmNotAllowed))
    }

    pub(crate) fn kid(&self) -> Option<&str> {
        self.object.string("kid")
    }

    /// The type, or nothing where the header states none. A type that is no string is none that
    /// anybody accepts.
    pub(crate) fn typ(&self) -> Option<&str> {
        const NO_TYPE: &str = "";
        self.object.contains("typ").then(|| self.object.string("typ").unwrap_or(NO_TYPE))
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
