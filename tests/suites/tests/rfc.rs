//! The examples that RFCs print: RFC 7515, 7517, 7520 section 4, 7638, 8037 and 9068.
//!
//! Every token is verified through `verify_jws`; then every bit of its signature is turned, every
//! other algorithm listed, and what is signed changed, each of which must be refused. What we sign
//! with the example's private key must verify, and be the example itself where the algorithm
//! leaves no choice.
#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_in_result,
    clippy::unwrap_used,
    reason = "a suite that is not as expected ends the run, and should"
)]

use std::process::ExitCode;

use at9068::interop::jsonwebtoken::PreparedSigner;
use at9068::{
    Algorithm, ErrorCode, Handles, KeyOptions, KeySet, MintRequest, Minter, MinterConfig, SigningKey, ValidateOptions,
    Validator, ValidatorConfig, thumbprint, verify_jws,
};
use at9068_suites::Report;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::signature::Signer as _;
use serde_json::{Value, json};

const PASSED: &[(&str, usize)] =
    &[("RFC 7515", 11), ("RFC 7517", 7), ("RFC 7520", 20), ("RFC 7638", 1), ("RFC 8037", 5), ("RFC 9068", 16)];
const REFUSED: &[(&str, usize)] = &[
    ("RFC 7515, algorithm_not_allowed: an unsecured token", 1),
    ("RFC 7515, critical_header_unsupported: the RFC's own negative example", 1),
    ("RFC 7515, token_malformed: JSON serialization; only the compact one is read", 2),
    ("RFC 7520, signature_invalid: detached content, which no token has", 1),
    ("RFC 7520, token_malformed: JSON serialization; only the compact one is read", 13),
    ("RFC 8037, key_unsupported: X25519, which does not sign", 1),
];

/// What a step of an example comes to: nothing, or a word of what went wrong.
type Outcome = Result<(), String>;

fn main() -> ExitCode {
    let mut report = Report::new("RFC examples");
    tokens(&mut report, "RFC 7515", include_str!("../rfc/7515.json"));
    key_sets(&mut report, include_str!("../rfc/7517.json"));
    tokens(&mut report, "RFC 7520", include_str!("../rfc/7520.json"));
    edwards(&mut report, include_str!("../rfc/8037.json"));
    tokens(&mut report, "RFC 8037", include_str!("../rfc/8037.json"));
    access_token(&mut report);
    report.finish(PASSED, REFUSED)
}

/// The tokens of a file, each with the private key of the example.
fn tokens(report: &mut Report, rfc: &str, text: &str) {
    let file: Value = serde_json::from_str(text).unwrap();
    for example in file["tokens"].as_array().unwrap() {
        let (id, token) = (example["id"].as_str().unwrap(), example["token"].as_str().unwrap());
        let jwk = &file["keys"][example["key"].as_str().unwrap()];
        let keys = KeySet::from_json(&json!({"keys": [jwk]}).to_string()).unwrap();
        if let Some(expected) = example["refused"].as_str() {
            match verify_jws(token, &keys, Algorithm::ALL) {
                Err(error) if error.code().slug() == expected => {
                    report.refuse(format!("{rfc}, {expected}: {}", why(expected)));
                }
                other => report.fail(format!("{rfc} {id}: {other:?} instead of {expected}")),
            }
            continue;
        }
        let algorithm = Algorithm::from_name(example["alg"].as_str().unwrap()).unwrap();
        report.check(rfc, id, verifies(token, &keys, algorithm));
        report.check(rfc, &format!("{id}, damaged"), damaged(token, &keys, algorithm));
        // The other crate, whose interface lets us sign such texts, has no name for ES512.
        if algorithm != Algorithm::ES512 {
            report.check(rfc, &format!("{id}, signed"), signed_again(token, &jwk.to_string(), algorithm));
        }
    }
}

/// Why an example is refused on purpose.
fn why(code: &str) -> &'static str {
    match code {
        "algorithm_not_allowed" => "an unsecured token",
        "token_malformed" => "JSON serialization; only the compact one is read",
        "critical_header_unsupported" => "the RFC's own negative example",
        "signature_invalid" => "detached content, which no token has",
        _ => "for no known reason",
    }
}

fn verifies(token: &str, keys: &KeySet, algorithm: Algorithm) -> Outcome {
    let payload = URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap()).unwrap();
    let others: Vec<Algorithm> = Algorithm::ALL.iter().copied().filter(|other| *other != algorithm).collect();
    for list in [&[algorithm][..], Algorithm::ALL] {
        let verified = verify_jws(token, keys, list).map_err(|error| format!("{error}"))?;
        hold(verified == payload, "another payload")?;
    }
    refused(token, keys, &others, ErrorCode::AlgorithmNotAllowed)
}

/// Turns each bit of the signature, cuts and lengthens it, and changes what is signed.
fn damaged(token: &str, keys: &KeySet, algorithm: Algorithm) -> Outcome {
    let (input, signature) = token.rsplit_once('.').unwrap();
    let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
    let with = |signature: &[u8]| format!("{input}.{}", URL_SAFE_NO_PAD.encode(signature));
    for bit in 0..signature.len() * 8 {
        let mut other = signature.clone();
        *other.get_mut(bit / 8).unwrap() ^= 1 << (bit % 8);
        refused(&with(&other), keys, &[algorithm], ErrorCode::SignatureInvalid)?;
    }
    let (_, short) = signature.split_last().unwrap();
    refused(&with(short), keys, &[algorithm], ErrorCode::SignatureInvalid)?;
    refused(&with(&[&signature[..], &[0]].concat()), keys, &[algorithm], ErrorCode::SignatureInvalid)?;
    refused(&with(&[&[0], &signature[..]].concat()), keys, &[algorithm], ErrorCode::SignatureInvalid)?;
    let (header, _) = input.split_once('.').unwrap();
    let other = format!("{header}.{}.{}", URL_SAFE_NO_PAD.encode("other"), URL_SAFE_NO_PAD.encode(&signature));
    refused(&other, keys, &[algorithm], ErrorCode::SignatureInvalid)
}

/// Signs the example with its own key.
fn signed_again(token: &str, jwk: &str, algorithm: Algorithm) -> Outcome {
    let key = SigningKey::from_jwk(jwk).map_err(|error| format!("{error}"))?;
    let (input, _) = token.rsplit_once('.').unwrap();
    let signature = PreparedSigner::new(&key, algorithm).unwrap().try_sign(input.as_bytes()).unwrap();
    let again = format!("{input}.{}", URL_SAFE_NO_PAD.encode(signature));
    let random = matches!(algorithm, Algorithm::PS384 | Algorithm::ES256);
    hold((again == token) != random, "the signature is not as it must be")?;
    verifies(&again, &key.key_set().unwrap(), algorithm)
}

/// RFC 7517, appendices A, B and C.1, and the thumbprint of RFC 7638 section 3.1.
fn key_sets(report: &mut Report, text: &str) {
    let file: Value = serde_json::from_str(text).unwrap();
    let print = "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs";
    for part in ["A.1", "A.2"] {
        let keys = KeySet::from_json(&file[part].to_string()).unwrap();
        let holds = || {
            // The key for encryption is left out, and only the public half of the other is kept.
            hold(keys.kids().collect::<Vec<_>>() == ["2011-04-29"], "kids")?;
            skips(&keys, &[(0, Some("1"), ErrorCode::KeyMismatch)])?;
            let out: Value = serde_json::from_str(&keys.to_json()).unwrap();
            let (ours, theirs) = (&out["keys"][0], &file["A.1"]["keys"][1]);
            hold(["kty", "n", "e", "alg", "kid"].iter().all(|name| ours[name] == theirs[name]), "the key written")?;
            hold(ours.as_object().unwrap().len() == 6 && ours["use"] == "sig", "members written")
        };
        report.check("RFC 7517", part, holds());
    }
    let private = file["A.2"]["keys"][1].to_string();
    let key = SigningKey::from_jwk(&private).unwrap();
    report.check("RFC 7517", "A.2, RSA", {
        let same: Value = serde_json::from_str(&key.to_jwk()).unwrap();
        let theirs = file["A.2"]["keys"][1].as_object().unwrap();
        hold(theirs.iter().all(|(name, value)| same[name] == *value), "the key written")
    });
    report.check("RFC 7517", "A.2, EC for encryption", {
        let code = SigningKey::from_jwk(&file["A.2"]["keys"][0].to_string()).map(|_| ()).map_err(|error| error.code());
        hold(code == Err(ErrorCode::KeyMismatch), "a key for encryption signs")
    });
    report.check("RFC 7517", "A.3", {
        let keys = KeySet::from_json(&file["A.3"].to_string()).unwrap();
        hold(keys.kids().eq(["HMAC key used in JWS A.1 example"]) && keys.to_json() == r#"{"keys":[]}"#, "keys")
            .and_then(|()| skips(&keys, &[(0, None, ErrorCode::KeyTooWeak)]))
    });
    report.check("RFC 7517", "B", {
        let jwk = &file["B"];
        let pem = format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", wrapped(&jwk["x5c"][0]));
        let of_jwk = KeySet::from_json(&json!({"keys": [jwk]}).to_string()).unwrap();
        let options = KeyOptions::default().kid("1b94c");
        let of_certificate = KeySet::from_pem(&pem, &options).map_err(|error| format!("{error}"));
        of_certificate.and_then(|keys| hold(keys.len() == 1 && keys.to_json() == of_jwk.to_json(), "another key"))
    });
    report.check("RFC 7517", "C.1", {
        let jwk = &file["C.1"];
        let keys = KeySet::from_json(&json!({"keys": [jwk]}).to_string()).unwrap();
        skips(&keys, &[(0, Some("juliet@capulet.lit"), ErrorCode::KeyMismatch)])
    });
    report.check("RFC 7638", "3.1", {
        let public = &file["A.1"]["keys"][1];
        let bare = json!({"e": public["e"], "n": public["n"], "kty": public["kty"]}).to_string();
        let same = [public.to_string(), private, bare].iter().all(|jwk| thumbprint(jwk).is_ok_and(|own| own == print));
        hold(same && key.thumbprint().as_deref() == Some(print), "another thumbprint")
    });
}

/// RFC 8037, appendix A but for its signature.
fn edwards(report: &mut Report, text: &str) {
    let file: Value = serde_json::from_str(text).unwrap();
    let jwk = file["keys"]["ed25519"].to_string();
    let key = SigningKey::from_jwk(&jwk).unwrap();
    report.check("RFC 8037", "A.1, A.2", {
        let public: Value = serde_json::from_str(&key.public_jwk().unwrap()).unwrap();
        let pem = SigningKey::from_pem(&key.to_pem().unwrap(), &KeyOptions::default()).unwrap();
        hold(public["x"] == file["keys"]["ed25519"]["x"] && public.get("d").is_none(), "the public half")
            .and_then(|()| hold(pem.to_jwk() == key.to_jwk(), "through PEM and back"))
    });
    report.check("RFC 8037", "A.3", {
        let print = file["thumbprint"].as_str();
        hold(key.thumbprint().as_deref() == print && thumbprint(&jwk).ok().as_deref() == print, "another thumbprint")
    });
    let keys = KeySet::from_json(&json!({"keys": [file["x25519"]]}).to_string()).unwrap();
    match skips(&keys, &[(0, Some("Bob"), ErrorCode::KeyUnsupported)]) {
        Ok(()) => report.refuse("RFC 8037, key_unsupported: X25519, which does not sign"),
        Err(why) => report.fail(format!("RFC 8037 A.6: {why}")),
    }
}

/// RFC 9068 section 3, figures 2 and 3: the claims that its example shows, signed with a key made here.
fn access_token(report: &mut Report) {
    const HEADER: &str = r#"{"typ":"at+JWT","alg":"RS256","kid":"RjEwOwOA"}"#;
    let claims = json!({
        "iss": "https://authorization-server.example.com/", "sub": "5ba552d67", "aud": "https://rs.example.com/",
        "exp": 1_639_528_912, "iat": 1_618_354_090, "jti": "dbe39bf3a3ba4238a513f51d6e1691c4",
        "client_id": "s6BhdRkqt3", "scope": "openid profile reademail"
    });
    let pem = SigningKey::generate(Algorithm::RS256).unwrap().to_pem().unwrap();
    let key = SigningKey::from_pem(&pem, &KeyOptions::default().kid("RjEwOwOA")).unwrap();
    let signer = PreparedSigner::new(&key, Algorithm::RS256).unwrap();
    let token = |header: &str, claims: &Value| {
        let input = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims.to_string()));
        let signature = signer.try_sign(input.as_bytes()).unwrap();
        format!("{input}.{}", URL_SAFE_NO_PAD.encode(signature))
    };
    let handles = handles(&key);
    let config = json!({"issuer": claims["iss"], "audience": claims["aud"], "jwks": {"$key_set": 0}}).to_string();
    let validator = Validator::new(ValidatorConfig::from_json_with(&config, &handles).unwrap()).unwrap();
    let at = |seconds: f64| ValidateOptions::default().now(seconds);
    let code = |token: &str, now: f64| validator.validate(token, &at(now)).map(|_| ()).map_err(|error| error.code());
    let good = 1_618_354_091.0;

    report.check("RFC 9068", "3", {
        let text = claims.to_string();
        let accepted = validator.validate(token(HEADER, &claims), &at(good));
        accepted.map_err(|error| format!("{error}")).and_then(|accepted| {
            hold(accepted.claims_json() == text && accepted.header_json() == HEADER, "texts")?;
            hold(accepted.sub() == "5ba552d67" && accepted.client_id() == "s6BhdRkqt3", "names")?;
            hold(accepted.scopes() == ["openid", "profile", "reademail"], "scopes")?;
            hold(accepted.exp() == 1_639_528_912 && accepted.iat() == 1_618_354_090, "times")
        })
    });
    // Section 4: what a resource server must check.
    let headers = [
        (r#"{"typ":"application/at+jwt","alg":"RS256","kid":"RjEwOwOA"}"#, Ok(())),
        (r#"{"typ":"JWT","alg":"RS256","kid":"RjEwOwOA"}"#, Err(ErrorCode::TypeMismatch)),
        (r#"{"alg":"RS256","kid":"RjEwOwOA"}"#, Err(ErrorCode::TypeMismatch)),
        (r#"{"typ":"at+JWT","alg":"none","kid":"RjEwOwOA"}"#, Err(ErrorCode::AlgorithmNotAllowed)),
    ];
    for (header, expected) in headers {
        let found = code(&token(header, &claims), good);
        report.check("RFC 9068", header, hold(found == expected, &format!("{found:?}")));
    }
    let changed = |name: &str, value: Value| {
        let mut claims = claims.clone();
        claims[name] = value;
        code(&token(HEADER, &claims), good)
    };
    for (name, expected) in [("iss", ErrorCode::IssuerUnknown), ("aud", ErrorCode::AudienceMismatch)] {
        let found = changed(name, json!("https://other.example/"));
        report.check("RFC 9068", &format!("4, other {name}"), hold(found == Err(expected), &format!("{found:?}")));
    }
    let found = code(&token(HEADER, &claims), 1_639_528_912.0 + 30.0);
    report.check("RFC 9068", "4, exp", hold(found == Err(ErrorCode::TokenExpired), &format!("{found:?}")));
    // Section 2.2: the claims that are required.
    for name in ["iss", "exp", "aud", "sub", "client_id", "iat", "jti"] {
        let mut less = claims.clone();
        less.as_object_mut().unwrap().remove(name);
        let found = code(&token(HEADER, &less), good);
        let missing = found == Err(ErrorCode::ClaimMissing);
        report.check("RFC 9068", &format!("2.2, without {name}"), hold(missing, &format!("{found:?}")));
    }
    report.check("RFC 9068", "3, minted", minted(&claims, &handles));
}

/// Our minter, asked as figure 1 asks, mints the claims of figure 3.
fn minted(claims: &Value, handles: &Handles) -> Outcome {
    let config = json!({"issuer": claims["iss"], "keys": {"keys": [{"$signing_key": 0}]}, "apis": [{
        "audience": claims["aud"], "dialect": "rfc9068_profile", "scopes": ["reademail"],
        "lifetime_seconds": 1_639_528_912 - 1_618_354_090
    }]});
    let request = json!({"grant_type": "authorization_code", "client_id": claims["client_id"],
        "subject": claims["sub"], "scope": claims["scope"], "resource": [claims["aud"]], "jti": claims["jti"]});
    let minter = Minter::new(MinterConfig::from_json_with(&config.to_string(), handles).unwrap()).unwrap();
    let request = MintRequest::from_json(&request.to_string()).map_err(|error| format!("{error}"))?;
    let minted = minter.mint(&request, Some(1_618_354_090.0)).map_err(|error| format!("{error}"))?;
    let ours: Value = serde_json::from_str(minted.claims_json()).unwrap();
    let header: Value = serde_json::from_str(minted.header_json()).unwrap();
    hold(ours == *claims, &format!("minted {ours}"))?;
    hold(header == json!({"typ": "at+jwt", "alg": "RS256", "kid": "RjEwOwOA"}), &format!("header {header}"))
}

fn handles(key: &SigningKey) -> Handles {
    let mut handles = Handles::default();
    handles.signing_keys.push(key.clone());
    handles.key_sets.push(key.key_set().unwrap());
    handles
}

/// The base64 of a certificate in lines, as PEM has them.
fn wrapped(base64: &Value) -> String {
    let octets = base64.as_str().unwrap().as_bytes();
    octets.chunks(64).map(|line| std::str::from_utf8(line).unwrap()).collect::<Vec<_>>().join("\n")
}

fn hold(holds: bool, what: &str) -> Outcome {
    if holds { Ok(()) } else { Err(what.to_owned()) }
}

fn refused(token: &str, keys: &KeySet, algorithms: &[Algorithm], code: ErrorCode) -> Outcome {
    match verify_jws(token, keys, algorithms) {
        Err(error) if error.code() == code => Ok(()),
        other => Err(format!("{other:?} instead of {code}")),
    }
}

fn skips(keys: &KeySet, expected: &[(usize, Option<&str>, ErrorCode)]) -> Outcome {
    let found: Vec<_> = keys.skipped().iter().map(|entry| (entry.index, entry.kid.as_deref(), entry.code)).collect();
    hold(found == expected, &format!("skipped {found:?}"))
}
