//! The [`jsonwebtoken`] crate: its keys and algorithms, and its traits for signing and verifying.
//!
//! No backend of that crate is switched on and no process-wide provider is installed: what
//! signs and verifies here is this crate. Two things that it cannot express are refused with
//! `key_unsupported`: ES512, and the name `Ed25519` beside `EdDSA`.

use jsonwebtoken::Algorithm as JwtAlgorithm;
use jsonwebtoken::crypto::{JwtSigner, JwtVerifier};
use jsonwebtoken::jwk::{Jwk, JwkSet};
use jsonwebtoken::signature::{Error as SignatureError, Signer, Verifier};
use zeroize::Zeroizing;

use crate::algorithm::Algorithm;
use crate::error::{Error, ErrorCode, Result};
use crate::key::{KeySet, Selection, SigningKey};

const PAIRS: [(Algorithm, JwtAlgorithm); 12] = [
    (Algorithm::RS256, JwtAlgorithm::RS256),
    (Algorithm::RS384, JwtAlgorithm::RS384),
    (Algorithm::RS512, JwtAlgorithm::RS512),
    (Algorithm::PS256, JwtAlgorithm::PS256),
    (Algorithm::PS384, JwtAlgorithm::PS384),
    (Algorithm::PS512, JwtAlgorithm::PS512),
    (Algorithm::ES256, JwtAlgorithm::ES256),
    (Algorithm::ES384, JwtAlgorithm::ES384),
    (Algorithm::EdDSA, JwtAlgorithm::EdDSA),
    (Algorithm::HS256, JwtAlgorithm::HS256),
    (Algorithm::HS384, JwtAlgorithm::HS384),
    (Algorithm::HS512, JwtAlgorithm::HS512),
];

impl TryFrom<Algorithm> for JwtAlgorithm {
    type Error = Error;

    fn try_from(algorithm: Algorithm) -> Result<Self> {
        let known = PAIRS.iter().find(|(ours, _)| *ours == algorithm);
        known.map(|(_, theirs)| *theirs).ok_or_else(|| Error::new(ErrorCode::KeyUnsupported))
    }
}

impl TryFrom<JwtAlgorithm> for Algorithm {
    type Error = Error;

    fn try_from(algorithm: JwtAlgorithm) -> Result<Self> {
        let known = PAIRS.iter().find(|(_, theirs)| *theirs == algorithm);
        known.map(|(ours, _)| *ours).ok_or_else(|| Error::new(ErrorCode::KeyUnsupported))
    }
}

/// Entries are judged as those of any other set; members that the other crate drops are lost.
impl TryFrom<&JwkSet> for KeySet {
    type Error = Error;

    fn try_from(set: &JwkSet) -> Result<Self> {
        Self::from_json(&json(set)?)
    }
}

/// A set of one; an entry that cannot be used is skipped and reported.
impl TryFrom<&Jwk> for KeySet {
    type Error = Error;

    fn try_from(jwk: &Jwk) -> Result<Self> {
        let text = json(jwk)?;
        Self::from_json(&Zeroizing::new(["{\"keys\":[", &text, "]}"].concat()))
    }
}

/// The public keys; symmetric ones are left out.
impl TryFrom<&KeySet> for JwkSet {
    type Error = Error;

    fn try_from(set: &KeySet) -> Result<Self> {
        serde_json::from_str(&set.to_json()).map_err(|_| Error::new(ErrorCode::KeyUnsupported))
    }
}

/// Signs what the other crate asks to be signed, with a key that is parsed once.
#[derive(Clone, Debug)]
pub struct PreparedSigner {
    key: SigningKey,
    algorithm: Algorithm,
    named: JwtAlgorithm,
}

impl PreparedSigner {
    /// Binds a key to an algorithm.
    ///
    /// # Errors
    /// `key_mismatch` where the key may not be used with it; `key_unsupported` where the other
    /// crate does not know it.
    pub fn new(key: &SigningKey, algorithm: Algorithm) -> Result<Self> {
        if !key.serves(algorithm) {
            return Err(Error::new(ErrorCode::KeyMismatch));
        }
        Ok(Self { key: key.clone(), algorithm, named: algorithm.try_into()? })
    }
}

impl Signer<Vec<u8>> for PreparedSigner {
    fn try_sign(&self, message: &[u8]) -> Result<Vec<u8>, SignatureError> {
        self.key.sign(self.algorithm, message).map_err(|_| SignatureError::new())
    }
}

impl JwtSigner for PreparedSigner {
    fn algorithm(&self) -> JwtAlgorithm {
        self.named
    }
}

/// Verifies what the other crate asks to be verified, with a key that is parsed once.
#[derive(Clone, Debug)]
pub struct PreparedVerifier {
    keys: KeySet,
    kid: Option<String>,
    algorithm: Algorithm,
    named: JwtAlgorithm,
}

impl PreparedVerifier {
    /// Chooses the one key of a set for an algorithm, by its `kid` where one is given.
    ///
    /// # Errors
    /// `key_not_found`, `key_mismatch`, `key_ambiguous`, or the error of an unusable entry;
    /// `key_unsupported` where the other crate does not know the algorithm.
    pub fn new(keys: &KeySet, kid: Option<&str>, algorithm: Algorithm) -> Result<Self> {
        let named = algorithm.try_into()?;
        keys.select(&Selection { kid, algorithm, listed: true, pinned: &[] }).map_err(Error::new)?;
        Ok(Self { keys: keys.clone(), kid: kid.map(str::to_owned), algorithm, named })
    }
}

impl Verifier<Vec<u8>> for PreparedVerifier {
    fn verify(&self, message: &[u8], signature: &Vec<u8>) -> Result<(), SignatureError> {
        let selection = Selection { kid: self.kid.as_deref(), algorithm: self.algorithm, listed: true, pinned: &[] };
        let verifier = self.keys.select(&selection).map_err(|_| SignatureError::new())?;
        if verifier.verify(message, signature) { Ok(()) } else { Err(SignatureError::new()) }
    }
}

impl JwtVerifier for PreparedVerifier {
    fn algorithm(&self) -> JwtAlgorithm {
        self.named
    }
}

/// The text may hold a symmetric key.
fn json(value: &impl serde::Serialize) -> Result<Zeroizing<String>> {
    serde_json::to_string(value).map(Zeroizing::new).map_err(|_| Error::new(ErrorCode::KeyMalformed))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn algorithms_go_both_ways() {
        for (ours, theirs) in PAIRS {
            assert_eq!(JwtAlgorithm::try_from(ours).unwrap(), theirs);
            assert_eq!(Algorithm::try_from(theirs).unwrap(), ours);
        }
        for missing in [Algorithm::ES512, Algorithm::Ed25519] {
            assert_eq!(JwtAlgorithm::try_from(missing).unwrap_err().code(), ErrorCode::KeyUnsupported);
        }
    }

    #[test]
    fn keys_go_both_ways_and_their_traits_work() {
        for algorithm in [Algorithm::RS256, Algorithm::PS512, Algorithm::ES384, Algorithm::EdDSA] {
            let key = SigningKey::generate(algorithm).unwrap();
            let set = key.key_set().unwrap();
            let theirs = JwkSet::try_from(&set).unwrap();
            let again = KeySet::try_from(&theirs).unwrap();
            assert_eq!(again.len(), 1);
            assert_eq!(KeySet::try_from(theirs.keys.first().unwrap()).unwrap().len(), 1);

            let signer = PreparedSigner::new(&key, algorithm).unwrap();
            let verifier = PreparedVerifier::new(&again, key.kid(), algorithm).unwrap();
            assert_eq!(signer.algorithm(), verifier.algorithm());
            let mut signature = signer.try_sign(b"message").unwrap();
            assert!(verifier.verify(b"message", &signature).is_ok());
            assert!(verifier.verify(b"massage", &signature).is_err());
            signature[7] ^= 1;
            assert!(verifier.verify(b"message", &signature).is_err());
        }
        let key = SigningKey::generate(Algorithm::ES256).unwrap();
        assert_eq!(PreparedSigner::new(&key, Algorithm::RS256).err().map(|e| e.code()), Some(ErrorCode::KeyMismatch));
    }
}
