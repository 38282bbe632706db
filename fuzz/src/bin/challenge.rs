//! Everything that goes into a challenge from outside. Fields stand between octets that no UTF-8
//! text has: 0xFF between realm, URL, scopes, contexts and age, 0xFE between the members of a list.
#![no_main]

use std::sync::LazyLock;

use at9068::{Error, KeySet, Request, Require, ValidateOptions, Validator, ValidatorConfig};
use at9068_fuzz::{API, ISSUER, NOW, SECRET_JWK, signed};
use libfuzzer_sys::fuzz_target;

static KEYS: LazyLock<KeySet> =
    LazyLock::new(|| KeySet::from_json(&format!("{{\"keys\":[{SECRET_JWK}]}}")).expect("a key"));
static TOKEN: LazyLock<String> = LazyLock::new(|| {
    let claims = r#"{"iss":"https://as.example/","sub":"u","aud":"https://api.example/","client_id":"c","exp":1700003600,"iat":1700000000,"jti":"j"}"#;
    signed(br#"{"typ":"at+jwt","alg":"HS256"}"#, claims.as_bytes())
});

fuzz_target!(|octets: &[u8]| {
    let mut fields = octets.split(|octet| *octet == 0xff);
    let mut field = || fields.next().filter(|field| !field.is_empty());
    let list = |field: Option<&[u8]>| -> Option<Option<Vec<String>>> {
        let Some(field) = field else { return Some(None) };
        let members = field.split(|octet| *octet == 0xfe).map(|text| String::from_utf8(text.to_vec()).ok());
        members.collect::<Option<Vec<_>>>().map(Some)
    };
    let (realm, url, scopes, contexts, age) = (field(), field(), field(), field(), field());
    let one = |field: Option<&[u8]>| list(field).map(|list| list.map(|list| list.join("\n")));
    let (Some(realm), Some(url), Some(scopes), Some(contexts)) = (one(realm), one(url), list(scopes), list(contexts))
    else {
        return;
    };
    let age = age.map(|age| age.iter().fold(0_u32, |sum, octet| sum.wrapping_mul(251).wrapping_add((*octet).into())));

    let mut config = ValidatorConfig::new(ISSUER, API).keys(&KEYS).algorithms([at9068::Algorithm::HS256]);
    if let Some(realm) = &realm {
        config = config.realm(realm);
    }
    if let Some(url) = &url {
        config = config.resource_metadata(url);
    }
    let mut require = Require::new();
    if let Some(scopes) = &scopes {
        let Ok(demands) = require.scopes(scopes) else { return };
        require = demands;
    }
    if let Some(contexts) = &contexts {
        let Ok(demands) = require.acr_values(contexts) else { return };
        require = demands;
    }
    if let Some(age) = age {
        require = require.max_age(age);
    }
    let Ok(validator) = Validator::new(config) else { return };

    let options = ValidateOptions::default().now(NOW).require(require);
    let expected = Expected {
        realm,
        url,
        scope: scopes.filter(|scopes| !scopes.is_empty()).map(|scopes| scopes.join(" ")),
        contexts: contexts.filter(|contexts| !contexts.is_empty()).map(|contexts| contexts.join(" ")),
        age: age.map(|age| age.to_string()),
    };
    let garbage = validator.validate("garbage", &options).expect_err("no token");
    expected.check(&garbage, Some("invalid_token"));
    let nothing = validator.authenticate(&Request::new(), &options).expect_err("no credential");
    expected.check(&nothing, None);
    let twice = Request::new().header("Authorization", "Bearer a").header("Authorization", "Bearer b");
    expected.check(&validator.authenticate(&twice, &options).expect_err("two credentials"), Some("invalid_request"));
    match validator.validate(&*TOKEN, &options) {
        Ok(_) => assert!(expected.scope.is_none() && expected.contexts.is_none() && expected.age.is_none()),
        Err(error) => expected.check(&error, error.oauth()),
    }
});

struct Expected {
    realm: Option<String>,
    url: Option<String>,
    scope: Option<String>,
    contexts: Option<String>,
    age: Option<String>,
}

impl Expected {
    /// The answer has one challenge, which says what was configured and demanded, and nothing else.
    fn check(&self, error: &Error, oauth: Option<&str>) {
        assert_eq!(error.oauth(), oauth);
        let [challenge] = error.challenges() else { panic!("{} challenges", error.challenges().len()) };
        assert!(challenge.bytes().all(|octet| matches!(octet, 0x20..=0x7e)), "not of one line: {challenge:?}");
        let found = parameters(challenge);
        let description = oauth.map(|_| error.code().message());
        let expected = [
            ("realm", self.realm.as_deref()),
            ("error", oauth),
            ("error_description", description),
            ("scope", self.scope.as_deref()),
            ("acr_values", self.contexts.as_deref()),
            ("max_age", self.age.as_deref()),
            ("resource_metadata", self.url.as_deref()),
        ];
        let expected: Vec<_> = expected.into_iter().filter_map(|(name, value)| Some((name, value?))).collect();
        assert_eq!(found, expected);
    }
}

/// Reads `Bearer name="value", …` as RFC 9110 §11.6.1 has it, without escapes.
fn parameters(challenge: &str) -> Vec<(&str, &str)> {
    if challenge == "Bearer" {
        return Vec::new();
    }
    let mut rest = challenge.strip_prefix("Bearer ").expect("the scheme");
    let mut found = Vec::new();
    loop {
        let (name, value) = rest.split_once("=\"").expect("a parameter");
        assert!(!name.is_empty() && name.bytes().all(|octet| octet.is_ascii_lowercase() || octet == b'_'));
        let (value, after) = value.split_once('"').expect("a closing quote");
        assert!(!value.contains('\\'), "an escape");
        found.push((name, value));
        if after.is_empty() {
            return found;
        }
        rest = after.strip_prefix(", ").expect("a comma");
    }
}
