//! The whole answer of a server that refuses a request: status, header fields and body
//! (RFC 6750 §3, RFC 9457; RFC 6749 §5.2 for a token endpoint).

use http::StatusCode;

use crate::encoding::json::write_string;
use crate::error::{Error, ErrorClass};

/// The answer to a request that is refused, to be sent as it is.
///
/// The same for an error in every language. It holds nothing that the request brought along, so that
/// it may be logged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpResponse {
    status: u16,
    headers: Vec<(String, String)>,
    body: String,
}

impl HttpResponse {
    /// The status.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.status
    }

    /// The header fields, as name and value, in the order in which they are to be sent. Each
    /// challenge is a `WWW-Authenticate` of its own.
    #[must_use]
    pub fn headers(&self) -> &[(String, String)] {
        &self.headers
    }

    /// The body, a JSON text. Not for the answer to a HEAD request, which has none.
    #[must_use]
    pub fn body(&self) -> &str {
        &self.body
    }
}

impl Error {
    /// The answer that a server gives because of this error; nothing where nobody is to be answered:
    /// mistakes of configuration or of the caller, keys that are read, ID tokens.
    ///
    /// A resource server's has a body of problem details with the status' own phrase as `title`,
    /// `status`, the code's fixed message as `detail`, and `code`; with `credentials_missing` only
    /// the former two, since a client that sends nothing is told nothing (RFC 6750 §3.1). Where a
    /// token endpoint refuses, the body is that of RFC 6749 §5.2.
    #[must_use]
    pub fn http_response(&self) -> Option<HttpResponse> {
        let status = self.status()?;
        let mut headers = Vec::new();
        let mut field = |name: &str, value: &str| headers.push((name.to_owned(), value.to_owned()));
        for challenge in self.challenges() {
            field("WWW-Authenticate", challenge);
        }
        if let Some(seconds) = self.retry_after() {
            field("Retry-After", &seconds.to_string());
        }
        for (name, value) in self.headers() {
            field(name, value);
        }
        // A resource server challenges whenever it names an OAuth error; a token endpoint never does.
        let (media_type, body) = match self.oauth() {
            Some(oauth) if self.challenges().is_empty() => ("application/json", oauth_error(self, oauth)),
            _ => ("application/problem+json", problem(self, status)),
        };
        field("Content-Type", media_type);
        field("Cache-Control", "no-store");
        Some(HttpResponse { status, headers, body })
    }
}

/// Problem details without `type`, so that `title` is the phrase of the status (RFC 9457 §4.2.1).
fn problem(error: &Error, status: u16) -> String {
    let phrase = StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason());
    let mut body = String::from("{\"title\":");
    write_string(phrase.unwrap_or_default(), &mut body);
    body.push_str(",\"status\":");
    body.push_str(&status.to_string());
    let code = error.code();
    // A challenge without an error is all that such a client is told.
    if error.oauth().is_some() || error.challenges().is_empty() {
        body.push_str(",\"detail\":");
        write_string(code.message(), &mut body);
        body.push_str(",\"code\":");
        write_string(code.slug(), &mut body);
    }
    body.push('}');
    body
}

/// The error of a token endpoint. Why a client's assertion is refused is for the log alone.
fn oauth_error(error: &Error, oauth: &str) -> String {
    let mut body = String::from("{\"error\":");
    write_string(oauth, &mut body);
    if error.code().class() == ErrorClass::Mint {
        body.push_str(",\"error_description\":");
        write_string(error.code().message(), &mut body);
    }
    body.push('}');
    body
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::challenge::{Demands, Settings};
    use crate::error::{Answer, ErrorCode};

    fn answered(error: Error) -> HttpResponse {
        Settings::default().answer(error, Demands::default()).http_response().unwrap()
    }

    fn fields(response: &HttpResponse) -> Vec<(&str, &str)> {
        response.headers().iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
    }

    #[test]
    fn a_refused_token_is_told_why_by_code() {
        let response = answered(Error::of_claim(ErrorCode::TokenExpired, "exp"));
        assert_eq!(response.status(), 401);
        assert_eq!(
            fields(&response),
            [
                ("WWW-Authenticate", "Bearer error=\"invalid_token\", error_description=\"the token has expired\""),
                ("Content-Type", "application/problem+json"),
                ("Cache-Control", "no-store"),
            ]
        );
        assert_eq!(
            response.body(),
            r#"{"title":"Unauthorized","status":401,"detail":"the token has expired","code":"token_expired"}"#
        );
    }

    #[test]
    fn who_sends_nothing_is_told_nothing() {
        let response = answered(Error::new(ErrorCode::CredentialsMissing));
        assert_eq!(response.body(), r#"{"title":"Unauthorized","status":401}"#);
        assert_eq!(fields(&response).first(), Some(&("WWW-Authenticate", "Bearer")));
    }

    #[test]
    fn an_outage_says_when_to_try_again_and_challenges_nobody() {
        let response = answered(Error::new(ErrorCode::KeysUnavailable).with_retry_after(17));
        assert_eq!(response.status(), 503);
        assert_eq!(
            fields(&response),
            [("Retry-After", "17"), ("Content-Type", "application/problem+json"), ("Cache-Control", "no-store"),]
        );
        assert_eq!(
            response.body(),
            "{\"title\":\"Service Unavailable\",\"status\":503,\
             \"detail\":\"the issuer's keys are not available\",\"code\":\"keys_unavailable\"}"
        );
    }

    #[test]
    fn every_challenge_and_header_is_a_field_of_its_own() {
        let answer = Answer {
            oauth: Some("invalid_dpop_proof"),
            status: Some(401),
            challenges: vec!["Bearer".into(), "DPoP algs=\"ES256\"".into()],
            headers: vec![("DPoP-Nonce".into(), "n".into())],
        };
        let response = Error::new(ErrorCode::DpopProofMissing).with_answer(answer).http_response().unwrap();
        let names: Vec<&str> = fields(&response).into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["WWW-Authenticate", "WWW-Authenticate", "DPoP-Nonce", "Content-Type", "Cache-Control"]);
    }

    #[test]
    fn every_status_of_the_table_has_its_phrase() {
        for code in ErrorCode::ALL.iter().filter(|code| code.status().is_some()) {
            let answer = Answer { status: code.status(), ..Answer::default() };
            let body = Error::new(*code).with_answer(answer).http_response().unwrap().body;
            assert!(!body.starts_with("{\"title\":\"\""), "{code}");
        }
    }

    #[test]
    fn a_token_endpoint_answers_in_its_own_way() {
        let answer = |oauth, status| Answer { oauth: Some(oauth), status: Some(status), ..Answer::default() };
        let mint = Error::new(ErrorCode::InvalidScope).with_answer(answer("invalid_scope", 400));
        let response = mint.http_response().unwrap();
        assert_eq!(fields(&response).first(), Some(&("Content-Type", "application/json")));
        assert_eq!(
            response.body(),
            "{\"error\":\"invalid_scope\",\
             \"error_description\":\"the scope is not valid for the resources asked for\"}"
        );
        let client = Error::new(ErrorCode::SignatureInvalid).with_answer(answer("invalid_client", 401));
        assert_eq!(client.http_response().unwrap().body(), r#"{"error":"invalid_client"}"#);
    }

    #[test]
    fn who_has_nobody_to_answer_has_no_answer() {
        for error in [
            Error::new(ErrorCode::TokenExpired),
            Error::new(ErrorCode::KeysUnavailable).with_retry_after(1).unanswered(),
            Settings::default().answer(Error::new(ErrorCode::ArgumentInvalid), Demands::default()),
        ] {
            assert_eq!(error.http_response(), None, "{error}");
        }
    }
}
