//! The credential of a request (RFC 6750 §2, RFC 9110 §11.6.2).

use std::fmt;

use crate::binding::{Presentation, Scheme};
use crate::encoding::base64url::is_token68;
use crate::error::{Error, ErrorCode, Result};
use crate::validator::Request;

/// What is to be judged: a token that a caller took out of a request, or the request itself.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub enum Credential<'a> {
    /// A token, judged as [`validate`](crate::Validator::validate) does.
    Token(&'a [u8]),
    /// A request, judged as [`authenticate`](crate::Validator::authenticate) does.
    Request(&'a Request),
}

impl<'a> From<&'a str> for Credential<'a> {
    fn from(token: &'a str) -> Self {
        Self::Token(token.as_bytes())
    }
}

impl<'a> From<&'a [u8]> for Credential<'a> {
    fn from(token: &'a [u8]) -> Self {
        Self::Token(token)
    }
}

impl<'a> From<&'a Request> for Credential<'a> {
    fn from(request: &'a Request) -> Self {
        Self::Request(request)
    }
}

/// Says which it is: a token is a secret.
impl fmt::Debug for Credential<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Token(_) => "Token",
            Self::Request(_) => "Request",
        })
    }
}

/// The token of a request and how it was presented.
pub(super) fn take(request: &Request) -> Result<(&str, Presentation<'_>)> {
    let malformed = || Error::new(ErrorCode::CredentialsMalformed);
    let missing = || Error::new(ErrorCode::CredentialsMissing);
    let mut sent = fields(request, "authorization");
    let Some(value) = sent.next() else { return Err(missing()) };
    if sent.next().is_some() {
        return Err(malformed());
    }
    let (name, rest) = value.split_once(' ').unwrap_or((value, ""));
    if !is_token(name) {
        return Err(malformed());
    }
    let scheme = if name.eq_ignore_ascii_case("bearer") {
        Scheme::Bearer
    } else if name.eq_ignore_ascii_case("dpop") {
        Scheme::Dpop
    } else {
        return Err(missing());
    };
    let token = rest.trim_start_matches(' ');
    // RFC 6750 §2: a client uses one method only; the query is never accepted here.
    if !is_token68(token) || request.url.as_deref().is_some_and(has_query_token) {
        return Err(malformed());
    }
    let proof = fields(request, "dpop").next().is_some();
    Ok((token, Presentation { scheme, proof, certificate: request.client_certificate_sha256.as_deref() }))
}

/// The values of a header field, without the white space around them.
fn fields<'a>(request: &'a Request, wanted: &'static str) -> impl Iterator<Item = &'a str> {
    let named = request.headers.iter().filter(move |(name, _)| name.eq_ignore_ascii_case(wanted));
    named.map(|(_, value)| value.trim_matches([' ', '\t']))
}

/// `token` of RFC 9110 §5.6.2.
fn is_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b))
}

fn has_query_token(url: &str) -> bool {
    let query = url.split_once('?').map(|(_, query)| query.split('#').next().unwrap_or_default());
    let mut names = query.into_iter().flat_map(|query| query.split('&')).filter_map(|pair| pair.split('=').next());
    names.any(|name| percent_decoded(name).eq(b"access_token".iter().copied()))
}

/// The octets of a query's name (RFC 3986 §2.1); what is no escape stands for itself.
fn percent_decoded(text: &str) -> impl Iterator<Item = u8> {
    let mut rest = text.as_bytes();
    std::iter::from_fn(move || {
        let (first, behind) = rest.split_first()?;
        let escaped = behind.split_at_checked(2).filter(|_| *first == b'%').and_then(|(digits, behind)| {
            let digits = std::str::from_utf8(digits).ok()?;
            Some((u8::from_str_radix(digits, 16).ok()?, behind))
        });
        let (octet, behind) = escaped.unwrap_or((*first, behind));
        rest = behind;
        Some(octet)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(headers: &[(&str, &str)]) -> Result<(String, Scheme), ErrorCode> {
        let request = headers.iter().fold(Request::new(), |request, (name, value)| request.header(*name, *value));
        let result = take(&request).map(|(token, sent)| (token.to_owned(), sent.scheme));
        result.map_err(|error| error.code())
    }

    #[test]
    fn one_credential_is_taken() {
        for value in ["Bearer a.b.c", "bearer a.b.c", "BEARER   a.b.c", " Bearer a.b.c\t"] {
            assert_eq!(taken(&[("AUTHORIZATION", value)]), Ok(("a.b.c".into(), Scheme::Bearer)), "{value}");
        }
        assert_eq!(taken(&[("authorization", "DPoP t~+/=="), ("dpop", "p")]), Ok(("t~+/==".into(), Scheme::Dpop)));
    }

    #[test]
    fn nothing_or_another_scheme_is_missing() {
        for headers in
            [&[][..], &[("Cookie", "Bearer x")], &[("Authorization", "Basic YTpi")], &[("Authorization", "Token")]]
        {
            assert_eq!(taken(headers), Err(ErrorCode::CredentialsMissing));
        }
    }

    #[test]
    fn bad_syntax_and_several_credentials_are_malformed() {
        for value in [
            "",
            "Bearer",
            "Bearer ",
            "Bearer a b",
            "Bearer a, Bearer b",
            "Bearer \"a\"",
            "Bearer a=b",
            "Bearer é",
            "Bearer\ta",
            ",Bearer a",
        ] {
            assert_eq!(taken(&[("Authorization", value)]), Err(ErrorCode::CredentialsMalformed), "{value:?}");
        }
        let twice = [("Authorization", "Bearer a"), ("authorization", "Basic b")];
        assert_eq!(taken(&twice), Err(ErrorCode::CredentialsMalformed));
    }

    #[test]
    fn a_token_in_the_query_is_never_accepted() {
        let request = |url: &str| Request::new().url(url);
        let both = request("https://api.example/?a=1&access_token=x").header("Authorization", "Bearer a");
        assert_eq!(take(&both).err().map(|e| e.code()), Some(ErrorCode::CredentialsMalformed));
        let escaped = request("https://api.example/?access%5Ftoken=x").header("Authorization", "Bearer a");
        assert_eq!(take(&escaped).err().map(|e| e.code()), Some(ErrorCode::CredentialsMalformed));
        let alone = request("https://api.example/?access_token=x");
        assert_eq!(take(&alone).err().map(|e| e.code()), Some(ErrorCode::CredentialsMissing));
        let other = request("https://api.example/access_token?x=access_token#access_token=1")
            .header("Authorization", "Bearer a");
        assert!(take(&other).is_ok());
    }
}
