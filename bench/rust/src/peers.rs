//! Other libraries, each as its documentation says, with the checks that it can make: one algorithm,
//! signature, `exp`, `iss`, `aud` and, where it knows of it, `typ`.

use std::collections::HashSet;

use at9068::Algorithm;
use jwt_simple::prelude::{Claims, HeaderOptions, JWTClaims, VerificationOptions};
use jwt_simple::prelude::{
    ECDSAP256KeyPairLike as _, ECDSAP256PublicKeyLike as _, EdDSAKeyPairLike as _, EdDSAPublicKeyLike as _,
    MACLike as _, RSAKeyPairLike as _, RSAPublicKeyLike as _,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::material::{API, ISSUER, Samples};
use crate::raw::secret;

/// What a caller reads of a good token.
#[derive(Debug)]
pub struct Seen<'a> {
    /// The issuer.
    pub iss: &'a str,
    /// The subject.
    pub sub: &'a str,
    /// The client.
    pub client_id: &'a str,
    /// The scope.
    pub scope: &'a str,
    /// When it ends.
    pub exp: i64,
}

/// A library that judges tokens.
pub trait Validate: Send + Sync {
    /// Whether the token is good; what it says is shown to `see`.
    fn validate(&self, token: &str, see: &mut dyn FnMut(&Seen<'_>)) -> bool;
}

/// A library that mints tokens.
pub type Mint = Box<dyn Fn() -> String + Send + Sync>;

/// The names of those that are built in.
pub const NAMES: &[&str] = &[
    "jsonwebtoken",
    #[cfg(feature = "josekit")]
    "josekit",
    "jwt-simple",
];

/// What each of them does not check.
pub fn unchecked(name: &str) -> &'static [&'static str] {
    match name {
        "jwt-simple" => &["required claims"],
        _ => &["typ"],
    }
}

/// The library of this name.
pub fn validate(name: &str, algorithm: Algorithm, samples: &Samples) -> Box<dyn Validate> {
    match name {
        "jsonwebtoken" => Box::new(Jsonwebtoken::new(algorithm, samples)),
        #[cfg(feature = "josekit")]
        "josekit" => Box::new(josekit_peer::Josekit::new(algorithm, samples)),
        "jwt-simple" => Box::new(JwtSimple::new(algorithm, samples)),
        _ => panic!("no peer is named {name}"),
    }
}

/// The library of this name; where it does, with a random identifier for each token.
pub fn mint(name: &str, algorithm: Algorithm, samples: &Samples) -> Mint {
    match name {
        "jsonwebtoken" => jsonwebtoken_mint(algorithm, samples),
        #[cfg(feature = "josekit")]
        "josekit" => josekit_peer::mint(algorithm, samples),
        "jwt-simple" => jwt_simple_mint(algorithm, samples),
        _ => panic!("no peer is named {name}"),
    }
}

/// What jsonwebtoken decodes into: the claims that a typical API reads.
#[derive(Deserialize)]
struct Typed {
    iss: String,
    sub: String,
    client_id: String,
    scope: String,
    exp: i64,
}

struct Jsonwebtoken {
    key: jsonwebtoken::DecodingKey,
    rules: jsonwebtoken::Validation,
}

impl Jsonwebtoken {
    fn new(algorithm: Algorithm, samples: &Samples) -> Self {
        let jwk: jsonwebtoken::jwk::Jwk = serde_json::from_value(samples.jwk.clone()).unwrap();
        let mut rules = jsonwebtoken::Validation::new(algorithm.as_str().parse().unwrap());
        rules.set_issuer(&[ISSUER]);
        rules.set_audience(&[API]);
        rules.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        Self { key: jsonwebtoken::DecodingKey::from_jwk(&jwk).unwrap(), rules }
    }
}

impl Validate for Jsonwebtoken {
    fn validate(&self, token: &str, see: &mut dyn FnMut(&Seen<'_>)) -> bool {
        jsonwebtoken::decode::<Typed>(token, &self.key, &self.rules).is_ok_and(|token| {
            let Typed { iss, sub, client_id, scope, exp } = &token.claims;
            see(&Seen { iss, sub, client_id, scope, exp: *exp });
            true
        })
    }
}

fn jsonwebtoken_mint(algorithm: Algorithm, samples: &Samples) -> Mint {
    let key = match (&samples.private_pem, algorithm) {
        (Some(pem), Algorithm::ES256) => jsonwebtoken::EncodingKey::from_ec_pem(pem.as_bytes()).unwrap(),
        (Some(pem), Algorithm::EdDSA) => jsonwebtoken::EncodingKey::from_ed_pem(pem.as_bytes()).unwrap(),
        (Some(pem), _) => jsonwebtoken::EncodingKey::from_rsa_pem(pem.as_bytes()).unwrap(),
        (None, _) => jsonwebtoken::EncodingKey::from_secret(&secret(&samples.private_jwk)),
    };
    let mut header = jsonwebtoken::Header::new(algorithm.as_str().parse().unwrap());
    header.typ = Some("at+jwt".to_owned());
    header.kid = samples.header["kid"].as_str().map(str::to_owned);
    let claims = samples.claims.clone();
    Box::new(move || jsonwebtoken::encode(&header, &claims, &key).unwrap())
}

/// Beside what jwt-simple has fields for.
#[derive(Clone, Serialize, Deserialize)]
struct Custom {
    client_id: String,
    scope: String,
    #[serde(flatten, skip_deserializing)]
    others: Map<String, Value>,
}

type JwtSimpleVerify =
    Box<dyn Fn(&str, VerificationOptions) -> Result<JWTClaims<Custom>, jwt_simple::Error> + Send + Sync>;

struct JwtSimple {
    verify: JwtSimpleVerify,
    options: VerificationOptions,
}

impl JwtSimple {
    fn new(algorithm: Algorithm, samples: &Samples) -> Self {
        use jwt_simple::prelude::{ES256PublicKey, Ed25519PublicKey, HS256Key, PS256PublicKey, RS256PublicKey};
        let pem = samples.pem.as_deref().unwrap_or_default();
        let verify: JwtSimpleVerify = match algorithm {
            Algorithm::RS256 => {
                let key = RS256PublicKey::from_pem(pem).unwrap();
                Box::new(move |token, options| key.verify_token(token, Some(options)))
            }
            Algorithm::PS256 => {
                let key = PS256PublicKey::from_pem(pem).unwrap();
                Box::new(move |token, options| key.verify_token(token, Some(options)))
            }
            Algorithm::ES256 => {
                let key = ES256PublicKey::from_pem(pem).unwrap();
                Box::new(move |token, options| key.verify_token(token, Some(options)))
            }
            Algorithm::EdDSA => {
                let key = Ed25519PublicKey::from_pem(pem).unwrap();
                Box::new(move |token, options| key.verify_token(token, Some(options)))
            }
            _ => {
                let key = HS256Key::from_bytes(&secret(&samples.jwk));
                Box::new(move |token, options| key.verify_token(token, Some(options)))
            }
        };
        let options = VerificationOptions {
            allowed_issuers: Some(HashSet::from([ISSUER.to_owned()])),
            allowed_audiences: Some(HashSet::from([API.to_owned()])),
            required_signature_type: Some("at+jwt".to_owned()),
            ..VerificationOptions::default()
        };
        Self { verify, options }
    }
}

impl Validate for JwtSimple {
    fn validate(&self, token: &str, see: &mut dyn FnMut(&Seen<'_>)) -> bool {
        (self.verify)(token, self.options.clone()).is_ok_and(|claims| {
            let (Some(iss), Some(sub), Some(exp)) = (&claims.issuer, &claims.subject, claims.expires_at) else {
                return false;
            };
            let exp = i64::try_from(exp.as_secs()).unwrap();
            see(&Seen { iss, sub, client_id: &claims.custom.client_id, scope: &claims.custom.scope, exp });
            true
        })
    }
}

fn jwt_simple_mint(algorithm: Algorithm, samples: &Samples) -> Mint {
    use jwt_simple::prelude::{Duration, ES256KeyPair, Ed25519KeyPair, HS256Key, PS256KeyPair, RS256KeyPair};
    let text = |name: &str| samples.claims[name].as_str().unwrap().to_owned();
    let mut others = samples.claims.clone();
    for name in ["iss", "exp", "aud", "sub", "iat", "jti", "client_id", "scope"] {
        others.remove(name);
    }
    let custom = Custom { client_id: text("client_id"), scope: text("scope"), others };
    let claims = Claims::with_custom_claims(custom, Duration::from_days(365))
        .with_issuer(ISSUER)
        .with_audience(API)
        .with_subject(text("sub"))
        .with_jwt_id(text("jti"));
    let options = HeaderOptions { signature_type: Some("at+jwt".to_owned()), ..HeaderOptions::default() };
    let kid = samples.header["kid"].as_str().unwrap();
    let pem = samples.private_pem.as_deref().unwrap_or_default();
    match algorithm {
        Algorithm::RS256 => {
            let key = RS256KeyPair::from_pem(pem).unwrap().with_key_id(kid);
            Box::new(move || key.sign_with_options(claims.clone(), &options).unwrap())
        }
        Algorithm::PS256 => {
            let key = PS256KeyPair::from_pem(pem).unwrap().with_key_id(kid);
            Box::new(move || key.sign_with_options(claims.clone(), &options).unwrap())
        }
        Algorithm::ES256 => {
            let key = ES256KeyPair::from_pem(pem).unwrap().with_key_id(kid);
            Box::new(move || key.sign_with_options(claims.clone(), &options).unwrap())
        }
        Algorithm::EdDSA => {
            let key = Ed25519KeyPair::from_pem(pem).unwrap().with_key_id(kid);
            Box::new(move || key.sign_with_options(claims.clone(), &options).unwrap())
        }
        _ => {
            let key = HS256Key::from_bytes(&secret(&samples.private_jwk)).with_key_id(kid);
            Box::new(move || key.authenticate_with_options(claims.clone(), &options).unwrap())
        }
    }
}

#[cfg(feature = "josekit")]
mod josekit_peer {
    //! josekit, over the system's OpenSSL.

    use std::time::{SystemTime, UNIX_EPOCH};

    use josekit::jwk::Jwk;
    use josekit::jws::{self, JwsHeader, JwsSigner, JwsVerifier};
    use josekit::jwt::{self, JwtPayload, JwtPayloadValidator};

    use super::{API, Algorithm, ISSUER, Mint, Samples, Seen, Validate, Value, secret};

    pub(super) struct Josekit {
        verifier: Box<dyn JwsVerifier>,
        rules: JwtPayloadValidator,
    }

    impl Josekit {
        pub(super) fn new(algorithm: Algorithm, samples: &Samples) -> Self {
            let pem = samples.pem.as_deref().unwrap_or_default();
            let verifier: Box<dyn JwsVerifier> = match algorithm {
                Algorithm::RS256 => Box::new(jws::RS256.verifier_from_pem(pem).unwrap()),
                // Its PEM would have to name RSASSA-PSS, which JWKs of the same key need not.
                Algorithm::PS256 => Box::new(jws::PS256.verifier_from_jwk(&jwk(&samples.jwk)).unwrap()),
                Algorithm::ES256 => Box::new(jws::ES256.verifier_from_pem(pem).unwrap()),
                Algorithm::EdDSA => Box::new(jws::EdDSA.verifier_from_pem(pem).unwrap()),
                _ => Box::new(jws::HS256.verifier_from_bytes(secret(&samples.jwk)).unwrap()),
            };
            let mut rules = JwtPayloadValidator::new();
            rules.set_issuer(ISSUER);
            rules.set_audience(API);
            Self { verifier, rules }
        }
    }

    impl Validate for Josekit {
        fn validate(&self, token: &str, see: &mut dyn FnMut(&Seen<'_>)) -> bool {
            let Ok((claims, _)) = jwt::decode_with_verifier(token, &*self.verifier) else { return false };
            let text = |name| claims.claim(name).and_then(|value| value.as_str());
            let exp = claims.expires_at().and_then(|time: SystemTime| time.duration_since(UNIX_EPOCH).ok());
            let (Some(iss), Some(sub), Some(client_id), Some(scope), Some(exp)) =
                (claims.issuer(), claims.subject(), text("client_id"), text("scope"), exp)
            else {
                return false;
            };
            let good = self.rules.validate(&claims).is_ok();
            see(&Seen { iss, sub, client_id, scope, exp: i64::try_from(exp.as_secs()).unwrap() });
            good
        }
    }

    fn jwk(jwk: &Value) -> Jwk {
        Jwk::from_map(jwk.as_object().unwrap().clone()).unwrap()
    }

    pub(super) fn mint(algorithm: Algorithm, samples: &Samples) -> Mint {
        let pem = samples.private_pem.as_deref().unwrap_or_default();
        let signer: Box<dyn JwsSigner> = match algorithm {
            Algorithm::RS256 => Box::new(jws::RS256.signer_from_pem(pem).unwrap()),
            Algorithm::PS256 => Box::new(jws::PS256.signer_from_jwk(&jwk(&samples.private_jwk)).unwrap()),
            Algorithm::ES256 => Box::new(jws::ES256.signer_from_pem(pem).unwrap()),
            Algorithm::EdDSA => Box::new(jws::EdDSA.signer_from_pem(pem).unwrap()),
            _ => Box::new(jws::HS256.signer_from_bytes(secret(&samples.private_jwk)).unwrap()),
        };
        let mut header = JwsHeader::new();
        header.set_token_type("at+jwt");
        header.set_key_id(samples.header["kid"].as_str().unwrap());
        let claims = JwtPayload::from_map(samples.claims.clone()).unwrap();
        Box::new(move || jwt::encode_with_signer(&claims, &header, &*signer).unwrap())
    }
}
