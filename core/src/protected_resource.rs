//! The metadata that a protected resource publishes about itself (RFC 9728).

use crate::challenge::is_https_url;
use crate::claims::is_scope_token;
use crate::config::{ProtectedResourceConfig, invalid};
use crate::encoding::json::{write_string, write_strings};
use crate::error::Result;
use crate::issuer::Url;

/// Before the name of every well-known URI (RFC 8615 §3).
const WELL_KNOWN: &str = "/.well-known/";

/// A protected resource, and where its metadata is.
pub(crate) struct ProtectedResource {
    config: ProtectedResourceConfig,
    metadata: Url,
}

/// What a server that speaks for the resource publishes.
pub(crate) struct Metadata {
    pub(crate) document: String,
    /// The path at which it does, without query.
    pub(crate) path: String,
}

impl ProtectedResource {
    /// Checks the configuration. `given` is the URL of the metadata, where the operator says one.
    pub(crate) fn new(config: ProtectedResourceConfig, given: Option<&str>) -> Result<Self> {
        let resource = Url::parse(&config.resource, false).ok_or_else(|| {
            invalid("protected_resource.resource is no absolute https URL without user information and fragment")
        })?;
        let metadata = match given {
            Some(given) => Url::parse(given, false).filter(|url| is_metadata_of(url, &resource)).ok_or_else(|| {
                invalid(
                    "resource_metadata is not protected_resource.resource with a well-known path between host and path",
                )
            })?,
            None => Url::parse(&usual_metadata(&resource), false)
                .ok_or_else(|| invalid("protected_resource.resource has no well-known path"))?,
        };
        check(&config)?;
        Ok(Self { config, metadata })
    }

    /// The URL of the metadata.
    pub(crate) fn metadata_url(&self) -> &str {
        self.metadata.as_str()
    }

    /// What is published, with those issuers whose tokens are accepted that clients can find: an
    /// identifier that is no URL is none of an authorization server (RFC 8414 §2).
    pub(crate) fn publish(&self, issuers: &[String]) -> Metadata {
        let (_, rest) = self.metadata.split();
        let path = rest.split('?').next().unwrap_or_default().to_owned();
        let mut servers: Vec<&str> = Vec::new();
        for issuer in issuers {
            let found = Url::parse(issuer, true).is_some_and(|url| !url.has_query());
            if found && !servers.contains(&issuer.as_str()) {
                servers.push(issuer);
            }
        }
        Metadata { document: document(&self.config, &servers), path }
    }
}

/// Where the metadata is by default: a well-known path stands between host and path, and the slash
/// behind the host is left away (RFC 9728 §3.1).
fn usual_metadata(resource: &Url) -> String {
    let (origin, rest) = resource.split();
    format!("{origin}{WELL_KNOWN}oauth-protected-resource{}", behind_host(rest))
}

/// Whether metadata at a URL can be that of the resource: an application may have another name for
/// the well-known path than the usual one (RFC 9728 §3), but only that.
fn is_metadata_of(url: &Url, resource: &Url) -> bool {
    let ((_, found), (_, rest)) = (url.split(), resource.split());
    let name = found.strip_prefix(WELL_KNOWN).and_then(|found| found.strip_suffix(behind_host(rest)));
    url.has_origin_of(resource) && name.is_some_and(|name| !name.is_empty() && !name.contains(['/', '?']))
}

/// Path and query, without the slash where it is the whole path.
fn behind_host(rest: &str) -> &str {
    match rest.strip_prefix('/') {
        Some(behind) if behind.is_empty() || behind.starts_with('?') => behind,
        _ => rest,
    }
}

fn check(config: &ProtectedResourceConfig) -> Result<()> {
    if !config.scopes_supported.iter().flatten().all(|scope| is_scope_token(scope)) {
        return Err(invalid("protected_resource.scopes_supported has a member that is no scope"));
    }
    if config.resource_name.as_deref().is_some_and(str::is_empty) {
        return Err(invalid("protected_resource.resource_name is empty"));
    }
    let pages = pages(config).into_iter().filter_map(|(name, url)| Some((name, url?)));
    for (name, url) in pages {
        // A page may be opened at a place of it.
        let (page, place) = url.split_once('#').unwrap_or((url, ""));
        if !is_https_url(page) || !place.bytes().all(|b| b.is_ascii_graphic()) {
            return Err(invalid(format_args!("protected_resource.{name} is no absolute https URL")));
        }
    }
    Ok(())
}

fn pages(config: &ProtectedResourceConfig) -> [(&'static str, Option<&str>); 3] {
    [
        ("resource_documentation", config.resource_documentation.as_deref()),
        ("resource_policy_uri", config.resource_policy_uri.as_deref()),
        ("resource_tos_uri", config.resource_tos_uri.as_deref()),
    ]
}

/// The document. Members without a value are left out (RFC 9728 §3.2).
fn document(config: &ProtectedResourceConfig, servers: &[&str]) -> String {
    let mut out = String::from("{\"resource\":");
    write_string(&config.resource, &mut out);
    if !servers.is_empty() {
        out.push_str(",\"authorization_servers\":");
        write_strings(servers, &mut out);
    }
    let scopes = config.scopes_supported.as_deref().unwrap_or_default();
    if !scopes.is_empty() {
        out.push_str(",\"scopes_supported\":");
        write_strings(scopes, &mut out);
    }
    // Tokens in a form body or a query are never accepted.
    out.push_str(",\"bearer_methods_supported\":[\"header\"]");
    let name = [("resource_name", config.resource_name.as_deref())];
    for (name, text) in name.into_iter().chain(pages(config)) {
        if let Some(text) = text {
            out.push(',');
            write_string(name, &mut out);
            out.push(':');
            write_string(text, &mut out);
        }
    }
    if let Some(bound) = config.tls_client_certificate_bound_access_tokens {
        out.push_str(",\"tls_client_certificate_bound_access_tokens\":");
        out.push_str(if bound { "true" } else { "false" });
    }
    out.push('}');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn located(resource: &str, given: Option<&str>) -> Option<(String, String)> {
        let known = ProtectedResource::new(ProtectedResourceConfig::new(resource), given).ok()?;
        Some((known.metadata_url().to_owned(), known.publish(&[]).path))
    }

    #[test]
    fn the_well_known_path_stands_between_host_and_path() {
        for (origin, rest, behind) in [
            ("https://api.example", "", ""),
            ("https://api.example", "/", ""),
            ("https://api.example", "/v1", "/v1"),
            // Another resource than the one without the slash, which is not that behind the host.
            ("https://api.example", "/v1/", "/v1/"),
            ("https://API.example:8443", "/a/b", "/a/b"),
            ("https://[2001:db8::1]", "/v1", "/v1"),
        ] {
            let path = format!("/.well-known/oauth-protected-resource{behind}");
            let url = format!("{origin}{path}");
            assert_eq!(located(&format!("{origin}{rest}"), None), Some((url.clone(), path.clone())), "{origin}{rest}");
            for query in ["?x", "?x=/y"] {
                let found = located(&format!("{origin}{rest}{query}"), None);
                assert_eq!(found, Some((format!("{url}{query}"), path.clone())), "{origin}{rest}{query}");
            }
        }
    }

    #[test]
    fn a_given_url_has_another_name_at_most() {
        for (resource, given) in [
            ("https://api.example/", "https://api.example/.well-known/oauth-protected-resource"),
            ("https://api.example/v1", "https://API.example:443/.well-known/example/v1"),
            ("https://api.example/v1?x", "https://api.example/.well-known/example/v1?x"),
        ] {
            assert_eq!(located(resource, Some(given)).unwrap().0, given);
        }
        for (resource, given) in [
            ("https://api.example/", "https://other.example/.well-known/oauth-protected-resource"),
            ("https://api.example/", "https://api.example:8443/.well-known/oauth-protected-resource"),
            ("https://api.example/", "http://api.example/.well-known/oauth-protected-resource"),
            ("https://api.example/", "https://api.example/.well-known/oauth-protected-resource/v1"),
            ("https://api.example/", "https://api.example/.well-known/oauth-protected-resource?x"),
            ("https://api.example/", "https://api.example/.well-known/"),
            ("https://api.example/", "https://api.example/metadata"),
            ("https://api.example/v1", "https://api.example/.well-known/oauth-protected-resource"),
            ("https://api.example/v1", "https://api.example/.well-known/v1"),
            ("https://api.example/v1", "https://api.example/v1/.well-known/oauth-protected-resource"),
            ("https://api.example/v1", "https://api.example/.well-known/a/b/v1"),
        ] {
            assert_eq!(located(resource, Some(given)), None, "{resource} {given}");
        }
    }

    #[test]
    fn a_resource_is_an_https_url() {
        for resource in
            ["", "api", "http://api.example/", "http://localhost/", "https://u@api.example/", "https://api.example/#x"]
        {
            assert_eq!(located(resource, None), None, "{resource}");
        }
    }

    #[test]
    fn the_document_leaves_out_what_has_no_value() {
        let known = ProtectedResource::new(ProtectedResourceConfig::new("https://api.example/"), None).unwrap();
        assert_eq!(
            known.publish(&[]).document,
            r#"{"resource":"https://api.example/","bearer_methods_supported":["header"]}"#
        );
    }
}
