//! Claims, octet by octet, under a good signature.
#![no_main]

use std::sync::LazyLock;

use at9068::{Algorithm, Request, Require, ValidateOptions, Validator, verify_jws};
use at9068_fuzz::{API, NOW, SECRET, judge, same_claims, signed, symmetric_validator};
use libfuzzer_sys::fuzz_target;

static VALIDATORS: LazyLock<[(&str, Validator); 2]> = LazyLock::new(|| {
    [
        (r#"{"typ":"at+jwt","alg":"HS256"}"#, symmetric_validator("rfc9068")),
        (r#"{"typ":"JWT","alg":"HS256"}"#, symmetric_validator("auth0")),
    ]
});
static REQUIRE: LazyLock<Require> = LazyLock::new(|| {
    let demands = r#"{"scopes":["read:patients"],"permissions":["p"],"roles":["r"],"groups":["g"],"entitlements":["e"],"acr_values":["gold"],"max_age":600}"#;
    Require::from_json(demands).expect("demands")
});

fuzz_target!(|claims: &[u8]| {
    let plain = ValidateOptions::default().now(NOW);
    let certificate = Request::new().client_certificate_sha256("A".repeat(43)).expect("32 octets");
    let demanding = plain.clone().request(certificate).require(REQUIRE.clone());
    for (header, validator) in &*VALIDATORS {
        let token = signed(header.as_bytes(), claims);
        let judged = judge(validator, token.as_bytes(), &plain);
        match verify_jws(&token, &SECRET, &[Algorithm::HS256]) {
            Ok(payload) => assert_eq!(payload, claims),
            Err(error) => panic!("a good signature is refused: {}", error.message()),
        }
        let demanded = judge(validator, token.as_bytes(), &demanding);
        if let Ok(good) = &judged {
            assert_eq!(good.claims_json().as_bytes(), claims);
            same_claims(good);
            assert!(good.aud().iter().any(|audience| audience == API), "meant for another");
            assert!(good.exp() as f64 > NOW - 31.0, "expired");
            assert!(good.cnf().is_none(), "a bound token taken as a bearer token");
            let asked = good.require(&REQUIRE, Some(NOW));
            assert_eq!(asked.map_err(|error| error.code()), demanded.as_ref().map(|_| ()).map_err(at9068::Error::code));
        }
        if let Ok(good) = &demanded {
            same_claims(good);
            assert!(good.scopes().iter().any(|scope| &**scope == "read:patients") && good.acr() == Some("gold"));
            assert!(good.auth_time().is_some_and(|time| time as f64 >= NOW - 631.0));
            // Bound tokens are good here, since the certificate is the one that some of them name.
            assert_eq!(judged.is_err(), good.cnf().is_some());
        }
    }
});
