//! A service that moves from one profile to another learns who would break before anybody does.

#![allow(clippy::unwrap_used, reason = "a test that meets the unexpected fails, and should")]

use at9068::{
    Algorithm, ApiConfig, Dialect, ErrorCode, IssuerConfig, MigrationReport, MintRequest, Minter, MinterConfig,
    Profile, Require, SigningKey, ValidateOptions, Validator, ValidatorConfig,
};

const ISSUER: &str = "https://as.example/";
const API: &str = "https://api.example/";

fn mint(key: &SigningKey, dialect: Dialect) -> String {
    let api = ApiConfig::new(API, dialect).scopes(["a"]);
    let minter = Minter::new(MinterConfig::new(ISSUER, [key.clone()], [api])).unwrap();
    let request = MintRequest::new("authorization_code", "client").subject("user").scope("a");
    minter.mint(&request, Some(1000.0)).unwrap().into_token()
}

fn report(validator: &Validator) -> MigrationReport {
    let mut reports: Vec<_> = validator.migrations().collect();
    assert_eq!(reports.len(), 1);
    reports.pop().unwrap()
}

#[test]
fn tokens_of_the_former_profile_are_accepted_told_and_counted() {
    let key = SigningKey::generate(Algorithm::ES256).unwrap();
    let (former, standard) = (mint(&key, Dialect::AccessToken), mint(&key, Dialect::Rfc9068Profile));
    let config = ValidatorConfig::new(ISSUER, API).keys(&key.key_set().unwrap()).migrate_from(Profile::Auth0);
    let validator = Validator::new(config).unwrap();
    let options = ValidateOptions::default().now(1001.0);

    let token = validator.validate(&former, &options).unwrap();
    assert_eq!(token.profile(), Some(Profile::Auth0));
    assert_eq!(token.would_break(), [ErrorCode::TypeMismatch, ErrorCode::ClaimMissing]);
    for _ in 0..2 {
        let token = validator.validate(&standard, &options).unwrap();
        assert_eq!((token.profile(), token.would_break()), (Some(Profile::Rfc9068), &[][..]));
    }
    // What is refused, and what is only explained, counts for nothing.
    validator.validate(&former, &ValidateOptions::default().now(1e9)).unwrap_err();
    let explained = validator.explain(&former, &options).unwrap();
    assert_eq!(explained.verdict().unwrap().would_break(), token.would_break());

    let counted = report(&validator);
    assert_eq!((counted.from, counted.to, counted.issuer.as_str()), (Profile::Auth0, Profile::Rfc9068, ISSUER));
    assert_eq!((counted.migrated, counted.remaining), (2, 1));
    assert_eq!(counted.codes, [(ErrorCode::TypeMismatch, 1), (ErrorCode::ClaimMissing, 1)]);
    assert_eq!(
        MigrationReport::array_json(&[counted]),
        "[{\"issuer\":\"https://as.example/\",\"from\":\"auth0\",\"to\":\"rfc9068\",\"migrated\":2,\"remaining\":1,\
         \"codes\":{\"type_mismatch\":1,\"claim_missing\":1}}]"
    );
}

#[test]
fn demands_are_judged_by_both_profiles() {
    let key = SigningKey::generate(Algorithm::ES256).unwrap();
    let former = mint(&key, Dialect::AccessToken);
    // Scopes stand in another claim under the profile that is moved to.
    let config = ValidatorConfig::new(ISSUER, API).keys(&key.key_set().unwrap());
    let validator = Validator::new(config.profiles([Profile::Okta]).migrate_from(Profile::Auth0)).unwrap();
    let require = Require::new().scopes(["a"]).unwrap();
    let token = validator.validate(&former, &ValidateOptions::default().now(1001.0).require(require)).unwrap();
    assert_eq!(token.would_break(), [ErrorCode::TypeMismatch, ErrorCode::ClaimMissing, ErrorCode::ScopeInsufficient]);
}

#[test]
fn a_migration_leads_from_one_profile_to_one_other() {
    let keys = SigningKey::generate(Algorithm::ES256).unwrap().key_set().unwrap();
    let config = || ValidatorConfig::new(ISSUER, API).keys(&keys);
    for wrong in [
        config().profiles([Profile::Rfc9068, Profile::Okta]).migrate_from(Profile::Auth0),
        config().profiles([Profile::Keycloak]).migrate_from(Profile::Auth0),
        config().migrate_from(Profile::Rfc9068),
    ] {
        assert_eq!(Validator::new(wrong).unwrap_err().code(), ErrorCode::ConfigInvalid);
    }
    // One issuer may move while the others stay.
    let entries = [
        IssuerConfig::new(ISSUER, &keys).migrate_from(Profile::Auth0),
        IssuerConfig::new("https://other.example/", &keys),
    ];
    let validator = Validator::new(ValidatorConfig::with_issuers(entries).audience([API])).unwrap();
    assert_eq!(report(&validator).issuer, ISSUER);
}
