//! What a resource server answers with: status, OAuth error and `WWW-Authenticate` values
//! (RFC 6750 §3, RFC 9470 §3, RFC 9728 §5.1).

use crate::config::invalid;
use crate::error::{Answer, Error, ErrorClass, Result};

/// Parts of every challenge, from the configuration.
#[derive(Clone, Debug, Default)]
pub(crate) struct Settings {
    realm: Option<String>,
    resource_metadata: Option<String>,
}

/// What the endpoint demands, as far as a challenge can say it.
#[derive(Clone, Copy, Default)]
pub(crate) struct Demands<'a> {
    pub(crate) scopes: &'a [String],
    pub(crate) acr_values: &'a [String],
    pub(crate) max_age: Option<u32>,
}

impl Settings {
    pub(crate) fn new(realm: Option<String>, resource_metadata: Option<String>) -> Result<Self> {
        if realm.as_deref().is_some_and(|realm| !is_quotable(realm)) {
            return Err(invalid("realm has characters that a challenge cannot carry"));
        }
        if resource_metadata.as_deref().is_some_and(|url| !is_https_url(url)) {
            return Err(invalid("resource_metadata is no absolute https URL without fragment"));
        }
        Ok(Self { realm, resource_metadata })
    }

    /// Adds to an error what a resource server answers with it; errors of use have no answer.
    pub(crate) fn answer(&self, error: Error, demands: Demands<'_>) -> Error {
        let code = error.code();
        if matches!(code.class(), ErrorClass::Config | ErrorClass::Mint) {
            return error;
        }
        let challenged = !matches!(code.class(), ErrorClass::Undecided | ErrorClass::Internal);
        let description = code.oauth().map(|_| code.message());
        let challenges = if challenged { vec![self.bearer(code.oauth(), description, demands)] } else { Vec::new() };
        error.with_answer(Answer { oauth: code.oauth(), status: code.status(), challenges, headers: Vec::new() })
    }

    /// One challenge; without an error it is the bare one.
    fn bearer(&self, error: Option<&str>, description: Option<&str>, demands: Demands<'_>) -> String {
        let list = |values: &[String]| (!values.is_empty()).then(|| values.join(" "));
        let parameters = [
            ("realm", self.realm.clone()),
            ("error", error.map(str::to_owned)),
            ("error_description", description.map(str::to_owned)),
            ("scope", list(demands.scopes)),
            ("acr_values", list(demands.acr_values)),
            ("max_age", demands.max_age.map(|seconds| seconds.to_string())),
            ("resource_metadata", self.resource_metadata.clone()),
        ];
        let given: Vec<String> =
            parameters.into_iter().filter_map(|(name, value)| Some(format!("{name}=\"{}\"", value?))).collect();
        if given.is_empty() { "Bearer".to_owned() } else { format!("Bearer {}", given.join(", ")) }
    }
}

/// Whether a text can stand between quotes without escapes (RFC 6750 §3).
pub(crate) fn is_quotable(text: &str) -> bool {
    text.bytes().all(|b| matches!(b, 0x20 | 0x21 | 0x23..=0x5b | 0x5d..=0x7e))
}

/// An https URL with a host, without user information or fragment.
pub(crate) fn is_https_url(url: &str) -> bool {
    let Some((scheme, rest)) = url.split_at_checked("https://".len()) else { return false };
    let authority = rest.split(['/', '?']).next().unwrap_or_default();
    scheme.eq_ignore_ascii_case("https://")
        && is_quotable(url)
        && !url.contains([' ', '#'])
        && !authority.is_empty()
        && !authority.starts_with(':')
        && authority.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~%:[]".contains(&b))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorCode;

    #[test]
    fn parameters_stand_in_one_order() {
        let settings = Settings::new(Some("api".into()), Some("https://api.example/.well-known/x".into())).unwrap();
        let demands = Demands { scopes: &["a".into(), "b".into()], acr_values: &["gold".into()], max_age: Some(60) };
        let error = settings.answer(Error::new(ErrorCode::ScopeInsufficient), demands);
        assert_eq!(
            error.challenges(),
            [
                "Bearer realm=\"api\", error=\"insufficient_scope\", error_description=\"the token's scope is not sufficient\", \
              scope=\"a b\", acr_values=\"gold\", max_age=\"60\", resource_metadata=\"https://api.example/.well-known/x\""
            ]
        );
        assert_eq!((error.status(), error.oauth()), (Some(403), Some("insufficient_scope")));
    }

    #[test]
    fn a_bare_challenge_has_no_error() {
        let error = Settings::default().answer(Error::new(ErrorCode::CredentialsMissing), Demands::default());
        assert_eq!(error.challenges(), ["Bearer"]);
        assert_eq!((error.status(), error.oauth()), (Some(401), None));
    }

    #[test]
    fn faults_and_misuse_are_not_challenged() {
        let internal = Settings::default().answer(Error::new(ErrorCode::Internal), Demands::default());
        assert_eq!((internal.status(), internal.challenges().len()), (Some(500), 0));
        let misuse = Settings::default().answer(Error::new(ErrorCode::ArgumentInvalid), Demands::default());
        assert_eq!((misuse.status(), misuse.challenges().len()), (None, 0));
    }

    #[test]
    fn what_breaks_out_of_a_header_is_refused() {
        for realm in ["a\"b", "a\\b", "a\r\nb", "é", "\u{7f}"] {
            assert!(Settings::new(Some(realm.into()), None).is_err());
        }
        for url in [
            "http://api.example/",
            "/x",
            "https://",
            "https://a/#b",
            "https://a/ b",
            "https://a/\"",
            "https:///x",
            "https://?",
            "https://u:p@h/",
            "https://:1/",
        ] {
            assert!(Settings::new(None, Some(url.into())).is_err());
        }
    }
}
