//! Which keys are fit for use: sizes, exponents, points and secrets (RFC 7518 §3, RFC 8725 §3.5).

use zeroize::Zeroizing;

use crate::crypto;
use crate::encoding::base64url;
use crate::encoding::json::{self, Limits, Value};
use crate::error::Result;
use crate::key::{malformed, pem, too_weak, unsupported};

const LEAST_RSA_BITS: usize = 2048;
const MOST_RSA_BITS: usize = 8192;
const LEAST_SECRET: usize = 32;

/// Judges modulus and exponent, big-endian without leading zeros.
pub(super) fn rsa(n: &[u8], e: &[u8]) -> Result<()> {
    if n.last().is_none_or(|b| b % 2 == 0) {
        return Err(malformed("n is empty or even"));
    }
    let exponent = e.iter().try_fold(0_u64, |value, b| value.checked_mul(256)?.checked_add(u64::from(*b)));
    match exponent {
        Some(value) if value % 2 == 0 || value == 1 => return Err(malformed("e is even or 1")),
        None if e.last().is_some_and(|b| b % 2 == 0) => return Err(malformed("e is even or 1")),
        Some(value) if value <= 1 << 33 => {}
        _ => return Err(unsupported("e is too large")),
    }
    let bits = bits(n);
    if bits > MOST_RSA_BITS {
        return Err(unsupported("n has more than 8192 bits"));
    }
    if bits < LEAST_RSA_BITS {
        return Err(too_weak("n has fewer than 2048 bits"));
    }
    if exponent.is_some_and(|value| value < 65537) {
        return Err(too_weak("e is less than 65537"));
    }
    if has_roca_fingerprint(n) {
        return Err(too_weak("n has the form of CVE-2017-15361"));
    }
    Ok(())
}

fn bits(number: &[u8]) -> usize {
    number.first().map_or(0, |first| number.len() * 8 - first.leading_zeros() as usize)
}

/// Whether a modulus looks as if made by the generator of CVE-2017-15361.
///
/// Its primes are powers of 65537 modulo many small primes, and so is their product; a sound
/// modulus passes for one with a chance of less than one in 10⁷.
fn has_roca_fingerprint(n: &[u8]) -> bool {
    const PRIMES: [u32; 17] = [11, 13, 17, 19, 37, 53, 61, 71, 73, 79, 97, 103, 107, 109, 127, 151, 157];
    PRIMES.iter().all(|prime| {
        let rest = n.iter().fold(0, |rest, byte| (rest * 256 + u32::from(*byte)) % prime);
        let mut power = 1;
        for _ in 0..*prime {
            if power == rest {
                return true;
            }
            power = power * (65537 % prime) % prime;
        }
        false
    })
}

/// Refuses Ed25519 keys that are no point of the curve, or under which signatures can be forged
/// for any message (RFC 8032 §5.1.3, RFC 8725 §3.4).
pub(super) fn ed25519(x: &[u8]) -> Result<()> {
    let x: &[u8; 32] = x.try_into().map_err(|_| malformed("x does not have 32 octets"))?;
    if crypto::is_sound_point(x) { Ok(()) } else { Err(malformed("x is not a usable point")) }
}

/// Judges a symmetric secret; `least` is what its algorithm asks for, where it names one.
pub(super) fn secret(secret: &[u8], least: Option<usize>) -> Result<()> {
    if looks_like_a_key(secret) {
        return Err(malformed("the secret is the text of an asymmetric key"));
    }
    if secret.len() < least.unwrap_or(LEAST_SECRET) {
        return Err(too_weak("the secret is too short"));
    }
    Ok(())
}

/// A public key that is taken for a secret would let everybody sign. Recognised are PEM and SSH
/// texts, JWKs and JWK sets, and the DER of keys and certificates, each also in UTF-16 or in
/// base64. What is wrapped further, and the bare octets of a modulus or a point, cannot be told
/// from a secret.
fn looks_like_a_key(secret: &[u8]) -> bool {
    is_text_of_a_key(secret) || base64_decoded(secret).is_some_and(|octets| is_text_of_a_key(&octets))
}

fn is_text_of_a_key(secret: &[u8]) -> bool {
    const MARKS: [&[u8]; 7] =
        [b"-----BEGIN", b"---- BEGIN SSH2", b"ssh-rsa", b"ssh-dss", b"ssh-ed25519", b"ecdsa-sha2-", b"sk-ssh-"];
    const BYTE_ORDER_MARKS: [u8; 5] = [0xef, 0xbb, 0xbf, 0xff, 0xfe];
    let narrow = Zeroizing::new(secret.iter().copied().filter(|byte| *byte != 0).collect::<Vec<u8>>());
    let unmarked = narrow.iter().position(|byte| !BYTE_ORDER_MARKS.contains(byte)).unwrap_or(0);
    let text = narrow.get(unmarked..).unwrap_or_default().trim_ascii();
    MARKS.iter().any(|mark| memchr::memmem::find(text, mark).is_some())
        || holds_jwk(text)
        || pem::is_der_of_a_key(secret)
        || pem::is_der_of_a_key(secret.trim_ascii())
}

/// Whether a text is JSON with the members of a JWK or a JWK set, however they are spelled.
fn holds_jwk(text: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(text) else { return false };
    if json::check(text, Limits::CONFIG).is_err() {
        return false;
    }
    let value = Value::of_checked(text);
    let is_jwk = |value: Value<'_>| value.member("kty").is_some() || value.member("keys").is_some();
    is_jwk(value) || value.elements().is_some_and(|mut elements| elements.any(is_jwk))
}

/// What a text in either alphabet of base64 stands for, white space and padding apart.
fn base64_decoded(text: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let standard = text.iter().filter(|byte| **byte != 0).map(|byte| match byte {
        b'-' => b'+',
        b'_' => b'/',
        other => *other,
    });
    let standard = Zeroizing::new(standard.collect::<Vec<u8>>());
    base64url::decode_forgiving(&standard).map(Zeroizing::new)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorCode;

    fn code(result: Result<()>) -> Option<ErrorCode> {
        result.err().map(|error| error.code())
    }

    #[test]
    fn exponents_and_moduli() {
        let n = {
            let mut n = vec![0xd7; 256];
            n[255] = 1;
            n
        };
        assert_eq!(code(rsa(&n, &[1, 0, 1])), None);
        assert_eq!(code(rsa(&n, &[1])), Some(ErrorCode::KeyMalformed));
        assert_eq!(code(rsa(&n, &[])), Some(ErrorCode::KeyMalformed));
        assert_eq!(code(rsa(&n, &[1, 0, 0])), Some(ErrorCode::KeyMalformed));
        assert_eq!(code(rsa(&n, &[3])), Some(ErrorCode::KeyTooWeak));
        assert_eq!(code(rsa(&n, &[2, 0, 0, 0, 1])), Some(ErrorCode::KeyUnsupported));
        assert_eq!(code(rsa(&n, &[1; 300])), Some(ErrorCode::KeyUnsupported));
        assert_eq!(code(rsa(&[0xd8; 256], &[1, 0, 1])), Some(ErrorCode::KeyMalformed));
        assert_eq!(code(rsa(&[0x7f; 256], &[1, 0, 1])), Some(ErrorCode::KeyTooWeak));
        assert_eq!(code(rsa(&[0xff; 1025], &[1, 0, 1])), Some(ErrorCode::KeyUnsupported));
    }

    #[test]
    fn a_power_of_65537_has_the_fingerprint() {
        // 65537^128 has 2049 bits and is what it is in every group.
        let mut number = vec![1_u8];
        for _ in 0..128 {
            let mut product = vec![0_u32; number.len() + 2];
            for (at, byte) in number.iter().rev().enumerate() {
                product[at] += u32::from(*byte);
                product[at + 2] += u32::from(*byte);
            }
            let mut carry = 0;
            number = product
                .iter()
                .map(|digit| {
                    let sum = digit + carry;
                    carry = sum >> 8;
                    (sum & 0xff) as u8
                })
                .collect();
            number.reverse();
            while number.first() == Some(&0) {
                number.remove(0);
            }
        }
        assert_eq!(code(rsa(&number, &[1, 0, 1])), Some(ErrorCode::KeyTooWeak));
    }

    /// y coordinates, little-endian, of the eight points whose order divides 8.
    const SMALL_ORDER: [(u8, [u8; 30], u8); 5] = [
        (0, [0; 30], 0),
        (1, [0; 30], 0),
        (0xec, [0xff; 30], 0x7f),
        (
            0x26,
            [
                0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98, 0xf0, 0xd5, 0xdf,
                0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc,
            ],
            0x05,
        ),
        (
            0xc7,
            [
                0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67, 0x0f, 0x2a, 0x20,
                0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03,
            ],
            0x7a,
        ),
    ];

    fn coordinate(first: u8, middle: [u8; 30], last: u8) -> [u8; 32] {
        let mut out = [0; 32];
        out[0] = first;
        out[1..31].copy_from_slice(&middle);
        out[31] = last;
        out
    }

    #[test]
    fn points_of_small_order_are_refused_with_either_sign() {
        for (first, middle, last) in SMALL_ORDER {
            for sign in [0, 0x80] {
                let y = coordinate(first, middle, last | sign);
                assert_eq!(code(ed25519(&y)), Some(ErrorCode::KeyMalformed));
            }
        }
        for first in 0xed..=0xff {
            for sign in [0, 0x80] {
                let y = coordinate(first, [0xff; 30], 0x7f | sign);
                assert_eq!(code(ed25519(&y)), Some(ErrorCode::KeyMalformed), "not reduced");
            }
        }
    }

    #[test]
    fn texts_that_are_no_points_are_refused() {
        // Half of all texts are no point of the curve.
        let refused = (2..=255).filter(|byte| ed25519(&[*byte; 32]).is_err()).count();
        assert!((90..=165).contains(&refused), "{refused}");
        assert_eq!(code(ed25519(&[3; 32])).is_some(), !crypto::is_sound_point(&[3; 32]));
        assert_eq!(code(ed25519(&[9; 33])), Some(ErrorCode::KeyMalformed));
    }

    #[test]
    fn a_secret_is_long_and_no_key_text() {
        assert_eq!(code(secret(&[1; 31], None)), Some(ErrorCode::KeyTooWeak));
        assert_eq!(code(secret(&[1; 32], None)), None);
        assert_eq!(code(secret(&[1; 32], Some(48))), Some(ErrorCode::KeyTooWeak));
        let pem = include_str!("../../tests/pem/p256-spki-public.pem");
        let private = include_str!("../../tests/pem/rsa-pkcs1-private.pem");
        let sec1 = include_str!("../../tests/pem/p256-sec1-private.pem");
        let body = |pem: &str| pem.lines().filter(|line| !line.starts_with('-')).collect::<String>();
        let der = |pem: &str| base64url::decode_forgiving(body(pem).as_bytes()).unwrap();
        let utf16 = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
        let with_newline = |mut octets: Vec<u8>| {
            octets.push(b'\n');
            octets
        };
        for secret in [
            pem.into(),
            format!("\n {pem}").into_bytes(),
            body(pem).into_bytes(),
            body(pem).replace('+', "-").replace('/', "_").replace('=', "").into_bytes(),
            der(pem),
            with_newline(der(pem)),
            der(private),
            der(sec1),
            utf16(pem),
            b"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAA".to_vec(),
            b"restrict,no-pty ssh-rsa AAAAB3NzaC1yc2EAAAADAQAB".to_vec(),
            b"ssh-dss\tAAAAB3NzaC1kc3MAAACBAP1/U4EddRIpUt9KnC7s5Of2".to_vec(),
            b"---- BEGIN SSH2 PUBLIC KEY ----".to_vec(),
            b"AAAAB3NzaC1yc2EAAAADAQABAAABAQDUK2qFQ5Jx".to_vec(),
            base64url::encode(pem).into_bytes(),
            base64url::encode("{\"kty\":\"RSA\",\"n\":\"AQ\",\"e\":\"AQAB\"}").into_bytes(),
            "\u{feff}{\"kty\":\"RSA\",\"n\":\"AQ\",\"e\":\"AQAB\"}".into(),
            b"{\"k\\u0074y\":\"RSA\",\"n\":\"AQ\",\"e\":\"AQAB\"}".to_vec(),
            b"[{\"kty\":\"RSA\",\"n\":\"AQ\",\"e\":\"AQAB\"}]".to_vec(),
            b"{\"keys\":[]}                           ".to_vec(),
        ] {
            assert_eq!(super::secret(&secret, None).err().map(|e| e.code()), Some(ErrorCode::KeyMalformed));
        }
        for secret in [
            &b"correct horse battery staple, correct horse"[..],
            &[0xff; 32],
            &[0; 32],
            b"{\"a\":1}, but longer than 32 octets",
        ] {
            assert_eq!(super::secret(secret, None).err().map(|e| e.code()), None);
        }
    }
}
