//! Issuers of many tenants, whose identifiers differ in one part (`https://login.example/{tenant}/`).

use std::collections::HashMap;
use std::sync::Arc;

use arc_swap::ArcSwap;

use super::IssuerPolicy;
use crate::config::invalid;
use crate::error::Result;

/// Where the tenant stands in a template.
pub(super) const PLACE: &str = "{tenant}";
/// The longest name of a tenant.
const LONGEST_TENANT: usize = 64;

/// Which issuers are tenants of one operator.
pub(crate) struct Template {
    before: String,
    after: String,
    tenants: Vec<String>,
}

impl Template {
    /// Reads a template; nothing where the issuer is an ordinary one.
    pub(crate) fn new(issuer: &str, tenants: Option<Vec<String>>) -> Result<Option<Self>> {
        let Some((before, after)) = issuer.split_once(PLACE) else {
            return match tenants {
                Some(_) => Err(invalid("tenants are for an issuer with {tenant} in it")),
                None => Ok(None),
            };
        };
        if after.contains(PLACE) {
            return Err(invalid("issuer has {tenant} twice"));
        }
        let tenants = tenants.filter(|tenants| !tenants.is_empty());
        let tenants = tenants.ok_or_else(|| invalid("tenants is missing: nobody is trusted unless named"))?;
        if !tenants.iter().all(|tenant| is_name(tenant, true)) {
            return Err(invalid("tenants has an entry other than letters, digits, hyphens and *"));
        }
        Ok(Some(Self { before: before.to_owned(), after: after.to_owned(), tenants }))
    }

    /// Whether an issuer is one of the tenants.
    pub(crate) fn covers(&self, issuer: &str) -> bool {
        self.tenant(issuer).is_some_and(|tenant| {
            is_name(tenant, false) && self.tenants.iter().any(|pattern| matches(pattern.as_bytes(), tenant.as_bytes()))
        })
    }

    /// What an issuer has where the tenant stands.
    pub(crate) fn tenant<'a>(&self, issuer: &'a str) -> Option<&'a str> {
        issuer.strip_prefix(self.before.as_str())?.strip_suffix(self.after.as_str())
    }

    /// The issuers of the tenants that are named, and not only described by a pattern.
    pub(crate) fn issuers(&self) -> impl Iterator<Item = String> {
        let named = self.tenants.iter().filter(|tenant| !tenant.contains('*'));
        named.map(|tenant| format!("{}{tenant}{}", self.before, self.after))
    }

    /// Whether the host is the operator's choice, whoever the tenant is.
    pub(crate) fn has_fixed_host(&self) -> bool {
        self.before.split_once("://").is_some_and(|(_, rest)| rest.contains('/'))
    }
}

/// Letters, digits and hyphens, and in a pattern stars.
fn is_name(text: &str, pattern: bool) -> bool {
    let fits = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || (pattern && b == b'*');
    (1..=LONGEST_TENANT).contains(&text.len()) && text.bytes().all(fits)
}

/// Whether a pattern with stars covers a text, in time that grows with the product of their lengths.
fn matches(pattern: &[u8], text: &[u8]) -> bool {
    let (mut at, mut seen) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while seen < text.len() {
        match pattern.get(at) {
            Some(b'*') => {
                star = Some((at, seen));
                at += 1;
            }
            Some(b) if text.get(seen) == Some(b) => {
                at += 1;
                seen += 1;
            }
            _ => match star {
                Some((place, taken)) => {
                    star = Some((place, taken + 1));
                    (at, seen) = (place + 1, taken + 1);
                }
                None => return false,
            },
        }
    }
    pattern.iter().skip(at).all(|b| *b == b'*')
}

/// Issuers that were met at run time, at most as many as the cache may keep.
pub(crate) struct Learned {
    most: usize,
    table: ArcSwap<Table>,
}

#[derive(Default)]
struct Table {
    list: Arc<Vec<Arc<IssuerPolicy>>>,
    /// Where in the list each is, by name.
    places: HashMap<String, usize>,
}

impl Learned {
    pub(crate) fn new(most: usize) -> Self {
        Self { most, table: ArcSwap::default() }
    }

    pub(crate) fn find(&self, issuer: &str) -> Option<Arc<IssuerPolicy>> {
        self.table.load().find(issuer).cloned()
    }

    /// Keeps an issuer; the one that was met first goes where there are too many.
    pub(crate) fn keep(&self, issuer: &Arc<IssuerPolicy>) {
        self.table.rcu(|before| {
            let surplus = (before.list.len() + 1).saturating_sub(self.most);
            let mut list: Vec<Arc<IssuerPolicy>> = before.list.iter().skip(surplus).cloned().collect();
            if before.find(&issuer.issuer).is_none_or(|known| !list.iter().any(|kept| Arc::ptr_eq(kept, known))) {
                list.push(Arc::clone(issuer));
            }
            let places = list.iter().enumerate().map(|(place, known)| (known.issuer.clone(), place)).collect();
            Table { list: Arc::new(list), places }
        });
    }

    pub(crate) fn all(&self) -> Arc<Vec<Arc<IssuerPolicy>>> {
        Arc::clone(&self.table.load().list)
    }
}

impl Table {
    fn find(&self, issuer: &str) -> Option<&Arc<IssuerPolicy>> {
        self.places.get(issuer).and_then(|place| self.list.get(*place))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn template(issuer: &str, tenants: &[&str]) -> Template {
        let tenants = tenants.iter().map(|tenant| (*tenant).to_owned()).collect();
        Template::new(issuer, Some(tenants)).unwrap().unwrap()
    }

    #[test]
    fn only_named_tenants_are_covered() {
        let one = template("https://login.example/{tenant}/v2.0", &["acme", "eu-*", "*-x-*"]);
        for tenant in ["acme", "eu-", "eu-west", "a-x-b", "-x-"] {
            assert!(one.covers(&format!("https://login.example/{tenant}/v2.0")), "{tenant}");
        }
        for tenant in
            ["", "acm", "acmee", "ACME", "us-west", "eu-west/../acme", "eu-%2e", "eu-a b", "eu_", "eu-é", "*", "eu-*"]
        {
            assert!(!one.covers(&format!("https://login.example/{tenant}/v2.0")), "{tenant}");
        }
        assert!(!one.covers(&format!("https://login.example/eu-{}/v2.0", "x".repeat(62))));
        assert!(!one.covers("https://login.example/acme/v2.0/"));
        assert!(!one.covers("https://evil.example/acme/v2.0"));
        assert!(!one.covers("https://login.example//v2.0"));
    }

    #[test]
    fn a_template_names_its_tenants_once() {
        let new = |issuer, tenants: &[&str]| {
            let tenants = tenants.iter().map(|tenant| (*tenant).to_owned()).collect();
            Template::new(issuer, Some(tenants))
        };
        for (issuer, tenants) in [
            ("https://as.example/", &["a"][..]),
            ("https://as.example/{tenant}/{tenant}", &["a"]),
            ("https://as.example/{tenant}", &[]),
            ("https://as.example/{tenant}", &[""]),
            ("https://as.example/{tenant}", &["a/b"]),
            ("https://as.example/{tenant}", &["a.b"]),
        ] {
            assert!(new(issuer, tenants).is_err(), "{issuer}");
        }
        assert!(Template::new("https://as.example/{tenant}", None).is_err());
        assert!(Template::new("https://as.example/", None).unwrap().is_none());
    }

    #[test]
    fn a_host_is_fixed_where_the_tenant_stands_behind_it() {
        assert!(template("https://login.example/{tenant}", &["*"]).has_fixed_host());
        assert!(!template("https://{tenant}.login.example/", &["*"]).has_fixed_host());
        assert!(!template("https://login.example{tenant}", &["*"]).has_fixed_host());
    }
}
