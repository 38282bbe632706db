//! What each profile wants, as docs/configuration.md says it: written down a second time, so that what we accept can be
//! held against it.

use std::collections::BTreeMap;

use at9068::{AccessToken, Profile};

use crate::{API, Json};

type Members = BTreeMap<String, Json>;

/// The client that validators of the targets expect of tokens without an audience; it is that of the shared vectors.
pub const CLIENT: &str = "1example23456789";

/// A profile, by what its tokens have.
pub struct Wanted {
    pub profile: Profile,
    /// The `typ` of its headers, where they have one.
    pub typ: Option<&'static str>,
    client: &'static str,
    scope: &'static str,
    required: &'static [&'static str],
    /// A claim that has one of these values in access tokens.
    marked: Option<(&'static str, &'static [&'static str])>,
    /// Claims of other kinds of token.
    foreign: &'static [&'static str],
    /// Whether a token that is meant for its client alone may be an access token.
    for_client: bool,
}

const FOREIGN: &[&str] = &["nonce", "at_hash", "c_hash", "events", "token_introspection", "htm"];

pub static WANTED: [Wanted; 6] = [
    Wanted {
        profile: Profile::Rfc9068,
        typ: Some("at+jwt"),
        client: "client_id",
        scope: "scope",
        required: &["iss", "exp", "aud", "sub", "client_id", "iat", "jti"],
        marked: None,
        foreign: &[],
        for_client: true,
    },
    Wanted {
        profile: Profile::Auth0,
        typ: Some("jwt"),
        client: "azp",
        scope: "scope",
        required: &["iss", "sub", "aud", "azp", "exp", "iat"],
        marked: None,
        foreign: FOREIGN,
        for_client: false,
    },
    Wanted {
        profile: Profile::Keycloak,
        typ: Some("jwt"),
        client: "azp",
        scope: "scope",
        required: &["iss", "exp", "aud", "sub", "azp", "iat", "jti", "typ"],
        marked: Some(("typ", &["Bearer", "DPoP"])),
        foreign: &["at_hash", "c_hash", "events", "token_introspection", "htm"],
        for_client: true,
    },
    Wanted {
        profile: Profile::Okta,
        typ: None,
        client: "cid",
        scope: "scp",
        required: &["iss", "exp", "aud", "sub", "cid", "iat", "jti"],
        marked: None,
        foreign: FOREIGN,
        for_client: false,
    },
    Wanted {
        profile: Profile::Entra,
        typ: Some("jwt"),
        client: "azp",
        scope: "scp",
        required: &["iss", "exp", "aud", "sub", "azp", "iat", "nbf", "tid", "ver"],
        marked: Some(("ver", &["2.0"])),
        foreign: FOREIGN,
        for_client: false,
    },
    Wanted {
        profile: Profile::DangerCognitoNoAudience,
        typ: None,
        client: "client_id",
        scope: "scope",
        required: &["iss", "exp", "sub", "client_id", "iat", "jti", "token_use"],
        marked: Some(("token_use", &["access"])),
        foreign: FOREIGN,
        for_client: true,
    },
];

/// What the profile of an accepted token wants.
///
/// # Panics
/// Where the table above lacks the profile.
#[must_use]
pub fn wanted(token: &AccessToken) -> &'static Wanted {
    WANTED.iter().find(|wanted| Some(wanted.profile) == token.profile()).expect("a profile that the table has")
}

impl Wanted {
    /// Whether the tokens of the profile name no audience.
    #[must_use]
    pub fn without_audience(&self) -> bool {
        !self.required.contains(&"aud")
    }

    /// Holds the claims of an accepted token, as serde_json reads them, against the profile.
    ///
    /// # Panics
    /// Where it should not have been accepted, or says something else than its claims.
    pub fn holds(&self, token: &AccessToken, members: &Members) {
        for name in self.required {
            assert!(members.contains_key(*name), "without {name}");
        }
        for name in self.foreign {
            assert!(!members.contains_key(*name), "of another kind: {name}");
        }
        if let Some((name, accepted)) = self.marked {
            assert!(members.get(name).and_then(Json::text).is_some_and(|value| accepted.contains(&value)), "{name}");
        }
        let client = members.get(self.client).and_then(Json::text).expect("a client");
        assert!(!client.is_empty());
        assert_eq!(token.client_id(), client);
        let alone = members.get("aud").map(texts).is_some_and(|all| all.iter().all(|audience| *audience == client));
        assert!(self.for_client || !alone, "an ID token");
        if self.profile == Profile::Entra {
            assert!(members.get("tid").and_then(Json::text).is_some_and(|tenant| !tenant.is_empty()), "no tenant");
        }
        self.names_scopes(token, members);
    }

    /// Holds the claims of a token that was accepted for [`API`] against whom they say it is for.
    ///
    /// # Panics
    /// Where they say another.
    pub fn is_for_the_api(&self, members: &Members) {
        match members.get("aud") {
            Some(audience) => assert!(texts(audience).contains(&API), "meant for another"),
            None => assert!(self.without_audience(), "meant for nobody"),
        }
        if self.without_audience() {
            let client = members.get(self.client).and_then(Json::text);
            assert_eq!(client, Some(CLIENT), "another client, where nothing else tells whom a token is meant for");
        }
    }

    fn names_scopes(&self, token: &AccessToken, members: &Members) {
        let value = members.get(self.scope);
        let listed = self.profile == Profile::Okta;
        assert!(value.is_none_or(|value| matches!(value, Json::Array(_)) == listed), "scopes in the wrong form");
        assert_eq!(value.and_then(Json::text), token.scope());
        assert_eq!(token.accessor_json("scopes").is_ok_and(|scopes| scopes.is_some()), value.is_some());
        let mut theirs = value.map(texts).unwrap_or_default();
        if !listed {
            theirs = theirs
                .first()
                .map(|text| text.split(' ').filter(|scope| !scope.is_empty()).collect())
                .unwrap_or_default();
        }
        let scopes = token.scopes();
        let mut ours: Vec<&str> = scopes.iter().map(AsRef::as_ref).collect();
        assert!(ours.iter().all(|scope| theirs.contains(scope)) && theirs.iter().all(|scope| ours.contains(scope)));
        let count = ours.len();
        ours.sort_unstable();
        ours.dedup();
        assert_eq!(ours.len(), count, "a scope twice");
    }
}

/// The strings of a claim that is one or an array of them.
///
/// # Panics
/// Where it is neither.
#[must_use]
pub fn texts(value: &Json) -> Vec<&str> {
    match value {
        Json::String(one) => vec![one],
        Json::Array(several) => several.iter().map(|one| one.text().expect("a string")).collect(),
        _ => panic!("no strings: {value:?}"),
    }
}
