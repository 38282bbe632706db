//! Claims, octet by octet, under a good signature, as every profile would have them.
#![no_main]

use std::collections::BTreeMap;
use std::sync::LazyLock;

use at9068::{AccessToken, Algorithm, ErrorCode, Request, Require, ValidateOptions, Validator, verify_jws};
use at9068_fuzz::{
    API, ISSUER, Json, NOW, SECRET, SECRET_JWK, WANTED, Wanted, judge, same_claims, signed, symmetric_validator, texts,
    validator,
};
use libfuzzer_sys::fuzz_target;

static VALIDATORS: LazyLock<Vec<(String, &Wanted, Validator)>> = LazyLock::new(|| {
    let header = |typ: Option<&str>| match typ {
        Some(typ) => format!(r#"{{"typ":"{typ}","alg":"HS256"}}"#),
        None => r#"{"alg":"HS256"}"#.to_owned(),
    };
    WANTED.iter().map(|wanted| (header(wanted.typ), wanted, symmetric_validator(wanted))).collect()
});
static REQUIRE: LazyLock<Require> = LazyLock::new(|| {
    let demands = r#"{"scopes":["read:patients"],"permissions":["p"],"roles":["r"],"groups":["g"],"entitlements":["e"],"acr_values":["gold"],"max_age":600}"#;
    Require::from_json(demands).expect("demands")
});
/// Of the profile of RFC 9068, with tokens of Auth0's still to come.
static MOVING: LazyLock<Validator> = LazyLock::new(|| {
    validator(&format!(
        r#"{{"issuer":"{ISSUER}","audience":"{API}","jwks":{{"keys":[{SECRET_JWK}]}},"algorithms":["HS256"],"migrate_from":"auth0"}}"#
    ))
});
/// The thumbprint of the client's certificate, where there is one.
const CERTIFICATE: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
/// As the documentation has it, and a little for what a double cannot hold.
const LEEWAY: f64 = 30.001;

fuzz_target!(|claims: &[u8]| {
    let plain = ValidateOptions::default().now(NOW);
    let certificate = Request::new().client_certificate_sha256(CERTIFICATE).expect("32 octets");
    let demanding = plain.clone().request(certificate).require(REQUIRE.clone());
    for (header, wanted, validator) in &*VALIDATORS {
        let token = signed(header.as_bytes(), claims);
        let judged = judge(validator, token.as_bytes(), &plain);
        match verify_jws(&token, &SECRET, &[Algorithm::HS256]) {
            Ok(payload) => assert_eq!(payload, claims),
            Err(error) => panic!("a good signature is refused: {}", error.message()),
        }
        let demanded = judge(validator, token.as_bytes(), &demanding);
        if let Ok(good) = &judged {
            assert_eq!(good.claims_json().as_bytes(), claims);
            assert_eq!(good.profile(), Some(wanted.profile));
            acceptable(good, wanted);
            assert!(good.cnf().is_none(), "a bound token taken as a bearer token");
            let asked = good.require(&REQUIRE, Some(NOW));
            assert_eq!(asked.map_err(|error| error.code()), demanded.as_ref().map(|_| ()).map_err(at9068::Error::code));
        }
        if let Ok(good) = &demanded {
            has_what_is_demanded(good, &acceptable(good, wanted));
            // Bound tokens are good here, since the certificate is the one that some of them name.
            assert_eq!(judged.is_err(), good.cnf().is_some());
        }
    }
    for options in [&plain, &demanding] {
        moves(claims, options);
    }
});

/// While tokens move from Auth0's profile to RFC 9068, each gets the verdict of its own profile; and of one that will be
/// refused it is told why.
fn moves(claims: &[u8], options: &ValidateOptions) {
    let [(new_header, _, new), (old_header, _, old), ..] = VALIDATORS.as_slice() else { panic!("six profiles") };
    let [new_token, old_token] = [new_header, old_header].map(|header| signed(header.as_bytes(), claims));
    let of_its_own = |validator: &Validator, token: &str| {
        let (own, moving) = (validator.validate(token, options), judge(&MOVING, token.as_bytes(), options));
        assert_eq!(own.as_ref().err(), moving.as_ref().err());
        assert!(own.map_or(true, |own| own.would_break().is_empty()), "nothing moves there");
        moving
    };
    let (new, old) = (of_its_own(new, &new_token), of_its_own(old, &old_token));
    assert!(new.as_ref().map_or(true, |good| good.would_break().is_empty()), "it has moved already");
    if let Ok(old) = old {
        let codes = old.would_break();
        assert_eq!(codes.first(), Some(&ErrorCode::TypeMismatch));
        match new {
            Ok(_) => assert_eq!(codes.len(), 1, "of another type, it would be accepted"),
            Err(error) => assert!(codes.contains(&error.code()), "{} is not foretold", error.code()),
        }
    }
}

/// Whatever our own accessors say: the claims are as serde_json reads them.
fn acceptable(good: &AccessToken, wanted: &Wanted) -> BTreeMap<String, Json> {
    let members = same_claims(good);
    let time = |name: &str| match members.get(name) {
        Some(Json::Number(text)) => text.parse::<f64>().expect("a number"),
        other => panic!("{name} is {other:?}"),
    };
    assert_eq!(members.get("iss").and_then(Json::text), Some(ISSUER));
    wanted.is_for_the_api(&members);
    assert!(time("exp") > NOW - LEEWAY, "expired");
    assert!(time("iat") <= NOW + LEEWAY, "of the future");
    assert!(!members.contains_key("nbf") || time("nbf") <= NOW + LEEWAY, "too early");
    members
}

fn has_what_is_demanded(good: &AccessToken, members: &BTreeMap<String, Json>) {
    assert!(good.scopes().iter().any(|scope| &**scope == "read:patients"));
    assert_eq!(members.get("acr").and_then(Json::text), Some("gold"));
    assert!(good.auth_time().is_some_and(|time| time as f64 >= NOW - 600.0 - LEEWAY - 1.0));
    assert!(members.get("permissions").is_some_and(|held| texts(held).contains(&"p")));
    for (name, value) in [("roles", "r"), ("groups", "g"), ("entitlements", "e")] {
        let Some(Json::Array(held)) = members.get(name) else { panic!("no {name}") };
        let of = |entry: &Json| entry.text().or_else(|| entry.member("value")?.text()).map(str::to_owned);
        assert!(held.iter().any(|entry| of(entry).as_deref() == Some(value)), "{name} without {value}");
    }
    if let Some(cnf) = members.get("cnf") {
        assert_eq!(cnf.member("x5t#S256").and_then(Json::text), Some(CERTIFICATE), "bound to another certificate");
        assert!(cnf.member("jkt").is_none(), "bound to a DPoP key too, without a proof");
    }
}
