//! JWK (RFC 7517, RFC 7518 §6, RFC 8037 §2).

use std::ops::Deref;

use zeroize::Zeroizing;

use crate::algorithm::{Algorithm, Family};
use crate::encoding::base64url;
use crate::encoding::json::{self, Kind, Limits, Object, Value};
use crate::error::{Error, ErrorCode, Result};
use crate::key::material::{
    PrivateKey, PublicKey, RsaNumbers, coordinate_width, curve_of_name, thumbprint_of, without_leading_zeros,
};
use crate::key::{LONGEST_KID, judge, malformed, mismatch, unsupported};

/// The RFC 7638 thumbprint (SHA-256, base64url) of a JWK.
///
/// # Errors
/// `key_malformed`, `key_unsupported` or `key_too_weak` where the JWK is not a usable key.
pub fn thumbprint(jwk: &str) -> Result<String> {
    let object = parse(jwk)?;
    Ok(match read_material(&object)? {
        Material::Public(key) => key.thumbprint(),
        Material::Secret(secret) => {
            let k = Zeroizing::new(base64url::encode(&*secret));
            thumbprint_of(&[("k", &k), ("kty", "oct")])
        }
    })
}

/// What a JWK holds.
pub(super) enum Material {
    Public(PublicKey),
    Secret(Zeroizing<Vec<u8>>),
}

/// What a JWK says about the use of its key.
pub(super) struct Usage {
    pub(super) kid: Option<String>,
    pub(super) algorithm: Option<Algorithm>,
}

/// The operation that a key is read for.
#[derive(Clone, Copy)]
pub(super) enum Purpose {
    Verify,
    Sign,
}

/// The text of a key, wiped after use.
pub(crate) struct SecretObject(Object);

impl Deref for SecretObject {
    type Target = Object;

    fn deref(&self) -> &Object {
        &self.0
    }
}

impl Drop for SecretObject {
    fn drop(&mut self) {
        self.0.wipe();
    }
}

/// Reads a text that may hold private keys.
pub(crate) fn parse(text: &str) -> Result<SecretObject> {
    let invalid = |_| malformed("the text is not one strict JSON object");
    // Checked before it is copied, so that no copy of a secret is left when it is refused.
    json::check(text, Limits::CONFIG).map_err(invalid)?;
    Object::parse(text, Limits::CONFIG).map(SecretObject).map_err(invalid)
}

/// The `kid`, even of an entry that cannot be used otherwise.
pub(super) fn kid(jwk: &Object) -> Option<&str> {
    jwk.string("kid").filter(|kid| kid.len() <= LONGEST_KID)
}

pub(super) fn read_material(jwk: &Object) -> Result<Material> {
    match jwk.string("kty") {
        Some("RSA") => {
            let (n, e) = (octets(jwk, "n")?, octets(jwk, "e")?);
            public(PublicKey::Rsa { n: without_leading_zeros(&n).to_vec(), e: without_leading_zeros(&e).to_vec() })
        }
        Some("EC") => {
            let family = curve_of_name(text(jwk, "crv")?).ok_or_else(|| unsupported("crv"))?;
            let mut point = vec![4];
            for name in ["x", "y"] {
                let coordinate = octets(jwk, name)?;
                if coordinate.len() != coordinate_width(family) {
                    return Err(malformed("a coordinate does not have the width of the curve"));
                }
                point.extend_from_slice(&coordinate);
            }
            public(PublicKey::Ec { family, point })
        }
        Some("OKP") => match text(jwk, "crv")? {
            "Ed25519" => public(PublicKey::Ed25519 { x: octets(jwk, "x")?.to_vec() }),
            _ => Err(unsupported("crv")),
        },
        Some("oct") => {
            let secret = octets(jwk, "k")?;
            let stated = jwk.string("alg").and_then(Algorithm::from_name);
            judge::secret(&secret, stated.and_then(Algorithm::least_secret))?;
            Ok(Material::Secret(secret))
        }
        Some(other) if ["RSA", "EC", "OKP", "oct"].iter().any(|known| known.eq_ignore_ascii_case(other)) => {
            Err(malformed("kty is written wrongly"))
        }
        Some(_) => Err(unsupported("kty")),
        None => Err(malformed("kty is missing or no string")),
    }
}

/// The private half that belongs to what [`read_material`] found.
pub(super) fn read_private(jwk: &Object, material: &Material) -> Result<PrivateKey> {
    match material {
        Material::Secret(secret) => Ok(PrivateKey::Secret(secret.clone())),
        Material::Public(PublicKey::Rsa { .. }) => {
            if jwk.contains("oth") {
                return Err(unsupported("RSA keys of more than two primes"));
            }
            if jwk.contains("d") && !jwk.contains("p") {
                return Err(unsupported("RSA keys without their primes"));
            }
            Ok(PrivateKey::Rsa(Box::new(RsaNumbers {
                d: octets(jwk, "d")?,
                p: octets(jwk, "p")?,
                q: octets(jwk, "q")?,
                dp: octets(jwk, "dp")?,
                dq: octets(jwk, "dq")?,
                qi: octets(jwk, "qi")?,
            })))
        }
        Material::Public(PublicKey::Ec { family, .. }) => {
            let d = octets(jwk, "d")?;
            if d.len() != coordinate_width(*family) {
                return Err(malformed("d does not have the width of the curve"));
            }
            Ok(PrivateKey::Ec(d))
        }
        Material::Public(PublicKey::Ed25519 { .. }) => {
            let seed = octets(jwk, "d")?;
            if seed.len() != 32 {
                return Err(malformed("d does not have 32 octets"));
            }
            Ok(PrivateKey::Ed25519(seed))
        }
    }
}

/// `kid`, `alg`, `use` and `key_ops`, all of which must permit the purpose (RFC 7517 §4.2 to §4.5).
pub(super) fn read_usage(jwk: &Object, family: Family, purpose: Purpose) -> Result<Usage> {
    let kid = match jwk.get("kid") {
        None => None,
        Some(_) => Some(kid(jwk).ok_or_else(|| malformed("kid is no string, or too long"))?.to_owned()),
    };
    let algorithm = match jwk.get("alg") {
        None => None,
        Some(_) => {
            let name = jwk.string("alg").ok_or_else(|| malformed("alg is no string"))?;
            let algorithm = Algorithm::from_name(name).filter(|algorithm| algorithm.family() == family);
            Some(algorithm.ok_or_else(|| mismatch("alg does not fit the key"))?)
        }
    };
    if jwk.contains("use") && jwk.string("use").ok_or_else(|| malformed("use is no string"))? != "sig" {
        return Err(mismatch("use is not sig"));
    }
    let operation = match purpose {
        Purpose::Verify => "verify",
        Purpose::Sign => "sign",
    };
    if jwk.get("key_ops").is_some_and(|operations| !permits(operations, operation)) {
        return Err(mismatch("key_ops does not permit the operation"));
    }
    Ok(Usage { kid, algorithm })
}

/// Whether `key_ops` is a list of distinct strings that has the operation.
fn permits(operations: Value<'_>, operation: &str) -> bool {
    let Some(elements) = operations.elements() else { return false };
    // More than any key has: a longer list is not worth comparing each with each.
    let Some(names) = elements.take(64).map(Value::string).collect::<Option<Vec<_>>>() else { return false };
    if names.len() == 64 {
        return false;
    }
    let distinct = names.iter().enumerate().all(|(at, name)| !names.iter().skip(at + 1).any(|other| other == name));
    distinct && names.iter().any(|name| name == operation)
}

/// More than the text of any key needs: it is not to be left behind in a buffer that was too small.
const LONGEST_JWK: usize = 16_384;

/// A public JWK with its `kid`, `alg` and `use`.
pub(super) fn write_public(key: &PublicKey, kid: Option<&str>, algorithm: Option<Algorithm>) -> String {
    write(key.members().iter().map(|(name, value)| (*name, value.as_str())), kid, algorithm)
}

/// A JWK of a private key. The text holds the secret: whoever asked for it keeps it safe.
pub(super) fn write_private(
    public: Option<&PublicKey>,
    private: &PrivateKey,
    kid: Option<&str>,
    algorithm: Option<Algorithm>,
) -> String {
    let public = public.map_or_else(|| vec![("kty", "oct".to_owned())], PublicKey::members);
    let private = private.members();
    let members = public.iter().map(|(name, value)| (*name, value.as_str()));
    write(members.chain(private.iter().map(|(name, value)| (*name, value.as_str()))), kid, algorithm)
}

fn write<'a>(
    members: impl Iterator<Item = (&'a str, &'a str)>,
    kid: Option<&'a str>,
    algorithm: Option<Algorithm>,
) -> String {
    let mut out = String::with_capacity(LONGEST_JWK);
    out.push('{');
    let rest = [("kid", kid), ("alg", algorithm.map(Algorithm::as_str)), ("use", Some("sig"))];
    let rest = rest.into_iter().filter_map(|(name, value)| Some((name, value?)));
    for (index, (name, value)) in members.chain(rest).enumerate() {
        if index > 0 {
            out.push(',');
        }
        json::write_string(name, &mut out);
        out.push(':');
        json::write_string(value, &mut out);
    }
    out.push('}');
    out
}

fn public(key: PublicKey) -> Result<Material> {
    Ok(Material::Public(key.judged()?))
}

fn text<'a>(jwk: &'a Object, name: &'static str) -> Result<&'a str> {
    jwk.string(name).ok_or_else(|| missing(jwk, name))
}

/// A member that is base64url; wiped, since it may be private.
fn octets(jwk: &Object, name: &'static str) -> Result<Zeroizing<Vec<u8>>> {
    let bytes = base64url::decode(text(jwk, name)?).filter(|bytes| !bytes.is_empty());
    bytes
        .map(Zeroizing::new)
        .ok_or_else(|| Error::with_detail(ErrorCode::KeyMalformed, format_args!("{name} is not canonical base64url")))
}

fn missing(jwk: &Object, name: &'static str) -> Error {
    let what = match jwk.get(name).map(Value::kind) {
        None => "is missing",
        Some(Kind::String) => "is malformed",
        Some(_) => "is no string",
    };
    Error::with_detail(ErrorCode::KeyMalformed, format_args!("{name} {what}"))
}
