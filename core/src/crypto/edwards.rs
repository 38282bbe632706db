//! Points of the curve of Ed25519, which the signature library does not judge when it loads a key.

use curve25519_dalek::edwards::CompressedEdwardsY;

/// Whether the text of a public key is the canonical one of a point of the curve whose order is
/// not small: under the others, signatures can be forged for any message (RFC 8032 §5.1.3).
pub(crate) fn is_sound_point(x: &[u8; 32]) -> bool {
    let text = CompressedEdwardsY(*x);
    text.decompress().is_some_and(|point| !point.is_small_order() && point.compress() == text)
}
