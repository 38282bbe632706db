//! Where the keys of an issuer come from.

use crate::config::{Discovery, invalid};
use crate::error::Result;
use crate::issuer::settings::Settings;
use crate::issuer::url::Url;

/// Where the keys of one issuer come from. What differs in anything is another source, with keys
/// of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Source {
    pub(crate) issuer: String,
    /// Whether the operator named the host of `place`.
    pub(crate) trusted: bool,
    pub(crate) place: Place,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    JwksUri(Url),
    Metadata(Discovery, Url),
}

impl Source {
    /// A source that the operator configured, or one that was learned with the issuer.
    pub(crate) fn new(
        issuer: &str,
        jwks_uri: Option<&str>,
        discovery: Option<Discovery>,
        trusted: bool,
        settings: &Settings,
    ) -> Result<Self> {
        let place = match (jwks_uri, discovery) {
            (Some(_), Some(_)) => return Err(invalid("jwks_uri and discovery are both given")),
            (Some(uri), None) => {
                let url = settings.url(uri);
                Place::JwksUri(url.ok_or_else(|| invalid("jwks_uri is no https URL without fragment"))?)
            }
            (None, mode) => {
                let url = settings.url(issuer).filter(|url| !url.has_query());
                let url = url.ok_or_else(|| invalid("issuer is no https URL without query and fragment"))?;
                Place::Metadata(mode.unwrap_or_default(), url)
            }
        };
        let trusted = trusted || settings.trusts(place.url().host());
        Ok(Self { issuer: issuer.to_owned(), trusted, place })
    }

    /// A text that tells the places of one issuer apart.
    pub(crate) fn describe(&self) -> String {
        match &self.place {
            Place::JwksUri(url) => url.as_str().to_owned(),
            Place::Metadata(Discovery::Auto, _) => "auto".to_owned(),
            Place::Metadata(Discovery::Oauth, _) => "oauth".to_owned(),
            Place::Metadata(Discovery::Openid, _) => "openid".to_owned(),
        }
    }
}

impl Place {
    pub(crate) fn url(&self) -> &Url {
        match self {
            Self::JwksUri(url) | Self::Metadata(_, url) => url,
        }
    }
}
