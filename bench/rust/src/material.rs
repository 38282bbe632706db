//! What all workers of all languages measure: keys, tokens good and bad, and a request to mint.

use std::collections::BTreeMap;
use std::fs;
use std::time::{SystemTime, UNIX_EPOCH};

use at9068::{Algorithm, SigningKey};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::raw::Signer;

/// The issuer of every good token.
pub const ISSUER: &str = "https://issuer.example.com/";
/// The API that every good token is for.
pub const API: &str = "https://api.example.com/v1";
/// Each call of a round is given another of so many tokens, so that no branch is learned by heart.
pub const ROTATION: usize = 64;
/// The algorithms that are measured.
pub const ALGORITHMS: [Algorithm; 5] =
    [Algorithm::RS256, Algorithm::PS256, Algorithm::ES256, Algorithm::EdDSA, Algorithm::HS256];

const TOKENS: usize = 1024;
const YEAR: u64 = 31_536_000;

/// Everything, as the file holds it.
#[derive(Serialize, Deserialize)]
pub struct Material {
    /// `iss` of good tokens.
    pub issuer: String,
    /// `aud` of good tokens.
    pub audience: String,
    /// When it was made, in seconds since the epoch.
    pub now: u64,
    /// What a worker must have read from a good token.
    pub expected: Expected,
    /// By the name of the algorithm.
    pub algorithms: BTreeMap<String, Samples>,
}

/// Claims of every good token.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Expected {
    /// The issuer.
    pub iss: String,
    /// The subject.
    pub sub: String,
    /// The client.
    pub client_id: String,
    /// The scope, as one text.
    pub scope: String,
    /// When it ends.
    pub exp: i64,
}

/// Of one algorithm.
#[derive(Serialize, Deserialize)]
pub struct Samples {
    /// A good token.
    pub token: String,
    /// Good tokens, all different.
    pub tokens: Vec<String>,
    /// By what is wrong with them.
    pub bad: BTreeMap<String, String>,
    /// The public key; the secret for HMAC.
    pub jwk: Value,
    /// The set of it.
    pub jwks: Value,
    /// The public key as SPKI; none for HMAC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pem: Option<String>,
    /// The private key.
    pub private_jwk: Value,
    /// The private key as PKCS#8; none for HMAC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub private_pem: Option<String>,
    /// The claims of `token`.
    pub claims: Map<String, Value>,
    /// The header of all of them.
    pub header: Map<String, Value>,
    /// A minter's configuration.
    pub minter: Value,
    /// The request from which it mints such tokens.
    pub mint_request: Value,
}

impl Material {
    /// Reads a file.
    pub fn read(path: &str) -> Self {
        serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
    }

    /// Makes everything anew.
    pub fn create() -> Self {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
        let claims = claims(now);
        let text = |name: &str| claims[name].as_str().unwrap().to_owned();
        Self {
            issuer: ISSUER.to_owned(),
            audience: API.to_owned(),
            now,
            expected: Expected {
                iss: text("iss"),
                sub: text("sub"),
                client_id: text("client_id"),
                scope: text("scope"),
                exp: claims["exp"].as_i64().unwrap(),
            },
            algorithms: ALGORITHMS
                .iter()
                .map(|algorithm| (algorithm.as_str().to_owned(), samples(*algorithm, &claims)))
                .collect(),
        }
    }

    /// Of one algorithm.
    pub fn of(&self, algorithm: &str) -> &Samples {
        &self.algorithms[algorithm]
    }
}

/// A key of an algorithm; for HMAC one of a random secret.
pub fn key(algorithm: Algorithm, kid: &str) -> SigningKey {
    if !algorithm.is_symmetric() {
        let key = SigningKey::generate(algorithm).unwrap();
        let mut jwk: Value = serde_json::from_str(&key.to_jwk()).unwrap();
        jwk["kid"] = kid.into();
        return SigningKey::from_jwk(&jwk.to_string()).unwrap();
    }
    let mut secret = [0; 32];
    aws_lc_rs::rand::fill(&mut secret).unwrap();
    let jwk = json!({"kty": "oct", "k": URL_SAFE_NO_PAD.encode(secret), "alg": algorithm.as_str(), "kid": kid});
    SigningKey::from_jwk(&jwk.to_string()).unwrap()
}

/// The key's JWK as verifiers have it.
pub fn verifying_jwk(key: &SigningKey) -> Value {
    serde_json::from_str(&key.public_jwk().unwrap_or_else(|| key.to_jwk())).unwrap()
}

/// A token of any header and claims.
pub fn sign(signer: &Signer, header: &Map<String, Value>, claims: &Map<String, Value>) -> String {
    let part = |part| URL_SAFE_NO_PAD.encode(serde_json::to_string(part).unwrap());
    let input = format!("{}.{}", part(header), part(claims));
    let signature = URL_SAFE_NO_PAD.encode(signer.sign(input.as_bytes()));
    format!("{input}.{signature}")
}

/// Fourteen claims, 544 octets of JSON or nearly so.
pub fn claims(now: u64) -> Map<String, Value> {
    let claims = json!({
        "iss": ISSUER,
        "exp": now + YEAR,
        "aud": API,
        "sub": "auth0|5f7c8ec7c33c6c004bbafe82",
        "client_id": "s6BhdRkqt3aB9xYw",
        "iat": now,
        "jti": identifier(),
        "auth_time": now - 1000,
        "acr": "urn:mace:incommon:iap:silver",
        "amr": ["pwd", "otp"],
        "scope": "openid profile read:patients write:patients",
        "permissions": ["read:patients", "write:patients"],
        "org_id": "org_9ybsU1dN2dKfDkBi",
        "tenant": {"name": "example-tenant", "region": "eu-central", "plan": "enterprise-annual", "site": "example-hospital-07"},
    });
    let Value::Object(claims) = claims else { unreachable!("an object is one") };
    claims
}

/// The header of a good token.
pub fn header(algorithm: Algorithm, kid: &str) -> Map<String, Value> {
    let Value::Object(header) = json!({"alg": algorithm.as_str(), "kid": kid, "typ": "at+jwt"}) else {
        unreachable!("an object is one")
    };
    header
}

/// 128 random bits.
pub fn identifier() -> String {
    let mut octets = [0; 16];
    aws_lc_rs::rand::fill(&mut octets).unwrap();
    URL_SAFE_NO_PAD.encode(octets)
}

fn samples(algorithm: Algorithm, claims: &Map<String, Value>) -> Samples {
    let kid = format!("{}-2026-11", algorithm.as_str().to_lowercase());
    let key = key(algorithm, &kid);
    let private_jwk: Value = serde_json::from_str(&key.to_jwk()).unwrap();
    let private_pem = (!algorithm.is_symmetric()).then(|| key.to_pem().unwrap());
    let signer = Signer::new(algorithm, &private_jwk, private_pem.as_deref());
    let header = header(algorithm, &kid);
    let with = |name: &str, value: Value| {
        let mut claims = claims.clone();
        claims.insert(name.to_owned(), value);
        sign(&signer, &header, &claims)
    };
    let tokens: Vec<String> = (0..TOKENS).map(|_| with("jti", identifier().into())).collect();

    let past = claims["iat"].as_u64().unwrap() - YEAR;
    let mut expired = claims.clone();
    for (name, time) in [("iat", past), ("auth_time", past), ("exp", past + 3600)] {
        expired.insert(name.to_owned(), time.into());
    }
    let mut other_type = header.clone();
    other_type.insert("typ".to_owned(), "JWT".into());
    let bad = [
        ("expired", sign(&signer, &header, &expired)),
        ("audience", with("aud", "https://other.example.com/".into())),
        ("issuer", with("iss", "https://other.example.com/".into())),
        ("signature", forged(&tokens[0])),
        ("type", sign(&signer, &other_type, claims)),
    ];
    let jwk = verifying_jwk(&key);
    Samples {
        token: tokens[0].clone(),
        bad: bad.map(|(name, token)| (name.to_owned(), token)).into(),
        jwks: json!({"keys": [jwk.clone()]}),
        jwk,
        pem: key.public_pem().unwrap(),
        minter: minter(algorithm, &private_jwk),
        private_jwk,
        private_pem,
        claims: claims.clone(),
        header,
        mint_request: mint_request(claims),
        tokens,
    }
}

/// The token with an octet of its signature changed.
fn forged(token: &str) -> String {
    let mut octets = token.as_bytes().to_vec();
    // The last character of a signature decodes in few ways; the ones before it in many.
    let at = octets.len() - 20;
    octets[at] = if octets[at] == b'A' { b'B' } else { b'A' };
    String::from_utf8(octets).unwrap()
}

fn minter(algorithm: Algorithm, private_jwk: &Value) -> Value {
    json!({
        "issuer": ISSUER,
        "keys": {"keys": [private_jwk]},
        "apis": [{
            "audience": API,
            "dialect": "rfc9068_profile_authz",
            "algorithm": algorithm.as_str(),
            "scopes": ["read:patients", "write:patients"],
            "lifetime_seconds": YEAR,
        }],
        "default_audience": API,
    })
}

/// What asks for tokens of the same claims.
fn mint_request(claims: &Map<String, Value>) -> Value {
    let mut request = json!({
        "grant_type": "authorization_code",
        "subject": claims["sub"],
        "claims": {"tenant": claims["tenant"]},
    });
    for name in ["client_id", "auth_time", "acr", "amr", "scope", "permissions", "org_id"] {
        request[name] = claims[name].clone();
    }
    request
}
