//! Keys that sign.

use std::fmt;
use std::sync::Arc;

use zeroize::Zeroizing;

use crate::algorithm::{Algorithm, Family};
use crate::crypto::{self, Signer};
use crate::error::{Error, ErrorCode, Result};
use crate::key::jwk::{self, Material, Purpose};
use crate::key::material::{PrivateKey, PublicKey};
use crate::key::set::VerifyingKey;
use crate::key::{KeyOptions, KeySet, check_kid, judge, mismatch, pem, unsupported};

/// A private key, parsed once and ready to sign. Cheap to clone; shared between threads; wiped
/// when its last clone is dropped.
#[derive(Clone)]
pub struct SigningKey {
    inner: Arc<Inner>,
}

struct Inner {
    signer: Signer,
    /// `None` for a symmetric key.
    public: Option<PublicKey>,
    private: PrivateKey,
    kid: Option<String>,
    stated: Option<Algorithm>,
    algorithm: Algorithm,
}

impl SigningKey {
    /// A new key for an asymmetric algorithm, bound to it; RSA keys have 2048 bits.
    ///
    /// # Errors
    /// `key_unsupported` for HMAC algorithms, whose secrets come from elsewhere; `internal`
    /// where the system gives no randomness.
    pub fn generate(algorithm: Algorithm) -> Result<Self> {
        Self::generate_rsa_or_other(algorithm, 2048)
    }

    /// A new RSA key of 2048, 3072 or 4096 bits, bound to an RSA algorithm.
    ///
    /// # Errors
    /// `key_unsupported` for other sizes and for algorithms that are not of RSA.
    pub fn generate_rsa(algorithm: Algorithm, bits: u32) -> Result<Self> {
        if algorithm.family() != Family::Rsa {
            return Err(unsupported("the algorithm is not one of RSA"));
        }
        Self::generate_rsa_or_other(algorithm, bits)
    }

    fn generate_rsa_or_other(algorithm: Algorithm, bits: u32) -> Result<Self> {
        let internal = |_| Error::new(ErrorCode::Internal);
        let (public, private) = match algorithm.family() {
            Family::Rsa => {
                if ![2048, 3072, 4096].contains(&bits) {
                    return Err(unsupported("RSA keys are generated with 2048, 3072 or 4096 bits"));
                }
                pem::private_key_of_pkcs8(&crypto::generate_rsa(bits).map_err(internal)?)?
            }
            Family::Ed25519 => {
                let parts = crypto::generate_ed25519().map_err(internal)?;
                (PublicKey::Ed25519 { x: parts.public }, PrivateKey::Ed25519(parts.private))
            }
            Family::Hmac => return Err(unsupported("secrets are not generated here")),
            family => {
                let parts = crypto::generate_ec(family).map_err(internal)?;
                (PublicKey::Ec { family, point: parts.public }, PrivateKey::Ec(parts.private))
            }
        };
        Self::new(Some(public), private, None, Some(algorithm))
    }

    /// Reads a private JWK, or a symmetric one.
    ///
    /// # Errors
    /// `key_malformed`, `key_unsupported`, `key_too_weak`; `key_mismatch` where `alg`, `use` or
    /// `key_ops` do not permit signing.
    pub fn from_jwk(text: &str) -> Result<Self> {
        let object = &*jwk::parse(text)?;
        let material = jwk::read_material(object)?;
        let family = match &material {
            Material::Public(key) => key.family(),
            Material::Secret(_) => Family::Hmac,
        };
        let usage = jwk::read_usage(object, family, Purpose::Sign)?;
        let private = jwk::read_private(object, &material)?;
        let public = match material {
            Material::Public(key) => Some(key),
            Material::Secret(_) => None,
        };
        Self::new(public, private, usage.kid, usage.algorithm)
    }

    /// Reads `PRIVATE KEY` (PKCS#8), `RSA PRIVATE KEY` (PKCS#1) or `EC PRIVATE KEY` (SEC1).
    ///
    /// # Errors
    /// `key_malformed`, `key_unsupported` (encrypted keys among others), `key_too_weak`;
    /// `key_mismatch` where the algorithm does not fit the key.
    pub fn from_pem(text: &str, options: &KeyOptions) -> Result<Self> {
        let (public, private) = pem::private_key(text)?;
        Self::new(Some(public.judged()?), private, options.kid.clone(), options.algorithm)
    }

    /// The key of a secret that is text: its octets are the key (OpenID Connect Core §10.1).
    ///
    /// # Errors
    /// `key_too_weak` for fewer than 32 octets; `key_malformed` for the text of an asymmetric key.
    pub(crate) fn of_secret(secret: &[u8]) -> Result<Self> {
        judge::secret(secret, None)?;
        Self::new(None, PrivateKey::Secret(Zeroizing::new(secret.to_vec())), None, None)
    }

    fn new(
        public: Option<PublicKey>,
        private: PrivateKey,
        kid: Option<String>,
        stated: Option<Algorithm>,
    ) -> Result<Self> {
        if let Some(kid) = &kid {
            check_kid(kid)?;
        }
        let family = public.as_ref().map_or(Family::Hmac, PublicKey::family);
        if stated.is_some_and(|algorithm| algorithm.family() != family) {
            return Err(mismatch("the algorithm does not fit the key"));
        }
        let usual = match &private {
            PrivateKey::Secret(secret) => longest_hmac(secret.len()).unwrap_or(Algorithm::HS256),
            _ => public.as_ref().map_or(Algorithm::RS256, PublicKey::usual_algorithm),
        };
        Ok(Self {
            inner: Arc::new(Inner {
                signer: private.signer(public.as_ref())?,
                kid: kid.or_else(|| public.as_ref().map(PublicKey::thumbprint)),
                algorithm: stated.unwrap_or(usual),
                public,
                private,
                stated,
            }),
        })
    }

    /// The identifier; the RFC 7638 thumbprint unless another was given. A symmetric key has
    /// only the one that was given.
    #[must_use]
    pub fn kid(&self) -> Option<&str> {
        self.inner.kid.as_deref()
    }

    /// The algorithm that the key is bound to, or else the usual one of its kind.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        self.inner.algorithm
    }

    /// The RFC 7638 thumbprint; none for a symmetric key.
    #[must_use]
    pub fn thumbprint(&self) -> Option<String> {
        self.inner.public.as_ref().map(PublicKey::thumbprint)
    }

    /// The public half as a JWK; none for a symmetric key.
    #[must_use]
    pub fn public_jwk(&self) -> Option<String> {
        let public = self.inner.public.as_ref()?;
        Some(jwk::write_public(public, self.kid(), self.inner.stated))
    }

    /// The public half as PEM (SPKI); none for a symmetric key.
    ///
    /// # Errors
    /// `internal`, never in practice.
    pub fn public_pem(&self) -> Result<Option<String>> {
        self.inner.public.as_ref().map(pem::write_public).transpose()
    }

    /// The whole key as a JWK. The text is a secret.
    #[must_use]
    pub fn to_jwk(&self) -> String {
        jwk::write_private(self.inner.public.as_ref(), &self.inner.private, self.kid(), self.inner.stated)
    }

    /// The whole key as PEM (PKCS#8). The text is a secret.
    ///
    /// # Errors
    /// `key_unsupported` for a symmetric key.
    pub fn to_pem(&self) -> Result<String> {
        let der = self.inner.signer.to_pkcs8().map_err(|_| unsupported("symmetric keys have no PEM form"))?;
        pem::write_private(&der)
    }

    /// The set of this key's public half.
    ///
    /// # Errors
    /// `internal`, never in practice.
    pub fn key_set(&self) -> Result<KeySet> {
        KeySet::from_signing_keys([self])
    }

    /// A key like this one whose signer fails, as a broken module of hardware would.
    #[cfg(test)]
    pub(crate) fn failing(self) -> Self {
        let Ok(mut inner) = Arc::try_unwrap(self.inner) else { panic!("the key is not shared") };
        inner.signer = Signer::Hmac(Vec::new());
        Self { inner: Arc::new(inner) }
    }

    /// Whether this key may sign under an algorithm.
    pub(crate) fn serves(&self, algorithm: Algorithm) -> bool {
        match &self.inner.private {
            PrivateKey::Secret(secret) if algorithm.least_secret().is_none_or(|least| secret.len() < least) => false,
            _ => self.inner.stated.map_or(algorithm.family() == self.family(), |only| only == algorithm),
        }
    }

    pub(crate) fn sign(&self, algorithm: Algorithm, message: &[u8]) -> Result<Vec<u8>> {
        self.inner.signer.sign(algorithm, message).map_err(|_| Error::new(ErrorCode::SigningFailed))
    }

    pub(crate) fn verifying_key(&self) -> Result<VerifyingKey> {
        let kid = self.inner.kid.clone();
        match (&self.inner.public, &self.inner.private) {
            (Some(public), _) => VerifyingKey::new(public.clone(), kid, self.inner.stated),
            (None, PrivateKey::Secret(secret)) => VerifyingKey::symmetric(secret, kid, self.inner.stated),
            _ => Err(Error::new(ErrorCode::Internal)),
        }
    }

    fn family(&self) -> Family {
        self.inner.public.as_ref().map_or(Family::Hmac, PublicKey::family)
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey").field("algorithm", &self.algorithm()).finish_non_exhaustive()
    }
}

/// The strongest HMAC algorithm that a secret is long enough for.
fn longest_hmac(length: usize) -> Option<Algorithm> {
    Family::Hmac.algorithms().filter(|a| a.least_secret().is_some_and(|least| length >= least)).last()
}
