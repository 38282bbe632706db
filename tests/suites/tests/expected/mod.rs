//! The committed counts of Wycheproof's tests.

/// Signatures in files about PKCS #1 v1.5 that are good under PS256, PS384 or PS512: their salt is
/// as long as the hash. The others of their comment have salts of 0, 20 or 32 octets.
pub(super) const PSS_AMONG_PKCS1: &[(&str, u64)] = &[
    ("Rsa2048Sha256", 257),
    ("Rsa2048Sha384", 258),
    ("Rsa2048Sha512", 258),
    ("Rsa3072Sha256", 258),
    ("Rsa3072Sha384", 259),
    ("Rsa3072Sha512", 259),
    ("Rsa4096Sha256", 258),
    ("Rsa4096Sha384", 259),
    ("Rsa4096Sha512", 259),
    ("Rsa8192Sha256", 258),
    ("Rsa8192Sha384", 259),
    ("Rsa8192Sha512", 259),
];

/// Tests whose verdict is the suite's, by file.
pub(super) const PASSED: &[(&str, usize)] = &[
    ("EcdsaSecp256r1Sha256P1363", 262),
    ("EcdsaSecp384r1Sha384P1363", 280),
    ("EcdsaSecp521r1Sha512P1363", 318),
    ("Ed25519", 151),
    ("Rsa2048Sha256", 256),
    ("Rsa2048Sha384", 257),
    ("Rsa2048Sha512", 257),
    ("Rsa3072Sha256", 257),
    ("Rsa3072Sha384", 258),
    ("Rsa3072Sha512", 258),
    ("Rsa4096Sha256", 257),
    ("Rsa4096Sha384", 258),
    ("Rsa4096Sha512", 258),
    ("Rsa8192Sha256", 257),
    ("Rsa8192Sha384", 258),
    ("Rsa8192Sha512", 258),
    ("RsaPss2048Sha256Mgf1SaltLen32", 108),
    ("RsaPss2048Sha256Mgf1SaltLen32WithParams", 108),
    ("RsaPss2048Sha384Mgf1SaltLen48", 141),
    ("RsaPss3072Sha256Mgf1SaltLen32", 108),
    ("RsaPss3072Sha256Mgf1SaltLen32WithParams", 108),
    ("RsaPss4096Sha256Mgf1SaltLen32", 108),
    ("RsaPss4096Sha384Mgf1SaltLen48", 141),
    ("RsaPss4096Sha512Mgf1SaltLen64", 179),
    ("RsaPss4096Sha512Mgf1SaltLen64WithParams", 179),
    ("RsaPssmisc", 3),
    ("RsaPssmiscWithParams", 3),
    ("made with an algorithm of ours instead of another", 56),
];

/// Tests that are refused on purpose, by reason. Where the algorithm is none of ours, all tests of
/// the file are, good and bad ones. *MissingNull* is a signature whose padding names the hash
/// without the NULL that the encoding of RFC 8017 section 9.2 has behind it.
pub(super) const REFUSED: &[(&str, usize)] = &[
    ("ECDSA on a curve that is not supported: key_unsupported", 20251),
    ("ECDSA with a hash that is not that of the curve", 1536),
    ("ECDSA with its signature in DER", 7256),
    ("EdDSA on Ed448: key_unsupported", 87),
    ("RSA PKCS #1 v1.5 with a hash that no JWS algorithm has", 3060),
    ("RSA PSS with a hash, mask or salt length that no JWS algorithm has", 2291),
    ("acceptable by the suite, flagged MissingNull", 12),
    ("key_too_weak: an RSA exponent below 65537", 5),
];

/// Texts of keys, by form and by what became of them.
pub(super) const KEYS: &[(&str, usize)] = &[
    ("JWK as given: key_too_weak", 5),
    ("JWK as given: key_unsupported", 411),
    ("JWK as given: loaded", 886),
    ("JWK made of the numbers: key_too_weak", 5),
    ("JWK made of the numbers: key_unsupported", 1146),
    ("JWK made of the numbers: loaded", 2708),
    ("PEM as given: key_too_weak", 5),
    ("PEM as given: key_unsupported", 5272),
    ("PEM as given: loaded", 2551),
];
