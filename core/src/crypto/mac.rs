//! Digests that nobody can make who does not know their key.

use aws_lc_rs::hmac;

use super::Rejected;

/// HMAC-SHA-256 under a random key of its own.
pub(crate) struct Mac {
    key: hmac::Key,
}

impl Mac {
    pub(crate) fn generate() -> Result<Self, Rejected> {
        let mut octets = zeroize::Zeroizing::new([0; 32]);
        super::random_bytes(&mut *octets)?;
        Ok(Self { key: hmac::Key::new(hmac::HMAC_SHA256, &*octets) })
    }

    pub(crate) fn digest(&self, message: &[u8]) -> [u8; 32] {
        let tag = hmac::sign(&self.key, message);
        let mut out = [0; 32];
        out.copy_from_slice(tag.as_ref());
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_makes_digests_of_its_own() {
        let (one, other) = (Mac::generate().unwrap(), Mac::generate().unwrap());
        assert_eq!(one.digest(b"a"), one.digest(b"a"));
        assert_ne!(one.digest(b"a"), one.digest(b"b"));
        assert_ne!(one.digest(b"a"), other.digest(b"a"));
        assert_ne!(one.digest(b"a"), crate::crypto::sha256(b"a"));
    }
}
