//! The configuration of a cache, checked.

use std::time::Duration;

use crate::config::{IssuerCacheConfig, invalid};
use crate::error::Result;
use crate::issuer::url::Url;
use crate::time::Millis;

const LONGEST_TIMEOUT: f64 = 60.0;

#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) max_issuers: usize,
    pub(crate) max_stale: Millis,
    pub(crate) cooldown: Millis,
    pub(crate) timeout: Duration,
    pub(crate) connect_timeout: Duration,
    pub(crate) same_origin: bool,
    pub(crate) http_loopback: bool,
    trusted_hosts: Vec<String>,
}

impl Settings {
    pub(crate) fn new(config: &IssuerCacheConfig) -> Result<Self> {
        let within = |given: Option<u32>, usual: u32, least: u32, most: u32, words: &'static str| {
            let value = given.unwrap_or(usual);
            if (least..=most).contains(&value) { Ok(value) } else { Err(invalid(words)) }
        };
        let max_issuers = within(config.max_issuers, 256, 1, 100_000, "max_issuers is not within 1 to 100000")?;
        let stale = within(config.max_stale_seconds, 3600, 0, 86_400, "max_stale_seconds is more than 86400")?;
        let cooldown = within(config.cooldown_seconds, 30, 1, 3600, "cooldown_seconds is not within 1 to 3600")?;
        let timeout = duration(config.timeout_seconds, 5.0, "timeout_seconds is not within 0.001 to 60")?;
        let connect =
            duration(config.connect_timeout_seconds, 2.0, "connect_timeout_seconds is not within 0.001 to 60")?;
        let hosts = config.trusted_hosts.iter().flatten().map(|host| host.to_ascii_lowercase());
        let trusted_hosts: Vec<String> = hosts.collect();
        // A host and nothing else: that alone is what a URL is compared by.
        let alone =
            |host: &String| Url::parse(&format!("https://{host}/"), false).is_some_and(|url| url.host() == host);
        if !trusted_hosts.iter().all(alone) {
            return Err(invalid("trusted_hosts has an entry that is no host"));
        }
        Ok(Self {
            max_issuers: max_issuers as usize,
            max_stale: Millis::from(stale) * 1000,
            cooldown: Millis::from(cooldown) * 1000,
            timeout,
            connect_timeout: connect.min(timeout),
            same_origin: config.same_origin.unwrap_or(false),
            http_loopback: config.danger_http_loopback.unwrap_or(false),
            trusted_hosts,
        })
    }

    pub(crate) fn url(&self, text: &str) -> Option<Url> {
        Url::parse(text, self.http_loopback)
    }

    pub(crate) fn trusts(&self, host: &str) -> bool {
        self.trusted_hosts.iter().any(|trusted| trusted == host)
    }
}

fn duration(given: Option<f64>, usual: f64, words: &'static str) -> Result<Duration> {
    let seconds = given.unwrap_or(usual);
    if (0.001..=LONGEST_TIMEOUT).contains(&seconds) {
        Ok(Duration::from_secs_f64(seconds))
    } else {
        Err(invalid(words))
    }
}
