//! Which documents an issuer has, and where they are.

use serde::{Deserialize, Serialize};

const OAUTH: &str = "/.well-known/oauth-authorization-server";
const OPENID: &str = "/.well-known/openid-configuration";
const JWKS: &str = "/jwks";
const INTROSPECTION: &str = "/introspect";

/// A document that is fetched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Document {
    /// Metadata of RFC 8414, its well-known part before the path of the issuer.
    Oauth,
    /// Metadata of OpenID Connect Discovery, its well-known part after it.
    Openid,
    /// The key set.
    Jwks,
    /// What is said of tokens, which is asked for by `POST`.
    Introspection,
}

impl Document {
    /// Every document.
    pub(crate) const ALL: [Self; 4] = [Self::Oauth, Self::Openid, Self::Jwks, Self::Introspection];

    /// Whether it is metadata, of whatever form.
    pub(crate) fn is_metadata(self) -> bool {
        matches!(self, Self::Oauth | Self::Openid)
    }

    /// The path of an issuer's document.
    pub(crate) fn path(self, issuer_path: &str) -> String {
        match self {
            Self::Oauth => format!("{OAUTH}{issuer_path}"),
            Self::Openid => format!("{issuer_path}{OPENID}"),
            Self::Jwks => format!("{issuer_path}{JWKS}"),
            Self::Introspection => format!("{issuer_path}{INTROSPECTION}"),
        }
    }

    /// The documents that a path may be, each with the path of its issuer.
    pub(crate) fn at(path: &str) -> impl Iterator<Item = (Self, &str)> {
        let found = [
            path.strip_prefix(OAUTH).map(|issuer| (Self::Oauth, issuer)),
            path.strip_suffix(OPENID).map(|issuer| (Self::Openid, issuer)),
            path.strip_suffix(JWKS).map(|issuer| (Self::Jwks, issuer)),
            path.strip_suffix(INTROSPECTION).map(|issuer| (Self::Introspection, issuer)),
        ];
        found.into_iter().flatten()
    }
}

/// Where an issuer is met, which its documents and its faults name.
pub(crate) struct Place<'a> {
    /// Scheme, host and port under which it was asked.
    pub(crate) origin: &'a str,
    /// Another port with the same scheme.
    pub(crate) elsewhere: &'a str,
    /// A port without TLS.
    pub(crate) plain: &'a str,
    /// The path of the issuer, without a slash at its end.
    pub(crate) path: &'a str,
    pub(crate) trailing_slash: bool,
    /// What was asked for.
    pub(crate) target: &'a str,
}

impl Place<'_> {
    /// The issuer identifier.
    pub(crate) fn issuer(&self) -> String {
        format!("{}{}{}", self.origin, self.path, if self.trailing_slash { "/" } else { "" })
    }

    /// Where a document is.
    pub(crate) fn url(&self, document: Document) -> String {
        format!("{}{}", self.origin, document.path(self.path))
    }

    /// A text with its placeholders filled in.
    pub(crate) fn fill(&self, text: &str) -> String {
        let host = self.origin.split_once("://").map_or("", |(_, host)| host);
        [
            ("{issuer}", self.issuer().as_str()),
            ("{origin}", self.origin),
            ("{elsewhere}", self.elsewhere),
            ("{plain}", self.plain),
            ("{host}", host),
            ("{path}", self.path),
            ("{target}", self.target),
        ]
        .into_iter()
        .fold(text.to_owned(), |filled, (name, value)| filled.replace(name, value))
    }
}
