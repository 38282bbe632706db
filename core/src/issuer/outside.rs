//! The outside world of a key cache.

use std::sync::Arc;

use crate::error::{Error, ErrorCode, Result};
use crate::ports::{Event, Fetch, FetchFailure, FetchRequest, FetchResponse, Ports};
use crate::time::Millis;

pub(crate) struct Outside {
    ports: Ports,
    fetch: Option<Arc<dyn Fetch>>,
}

impl Outside {
    pub(crate) fn new(ports: Ports, usual: Option<Arc<dyn Fetch>>) -> Self {
        let fetch = ports.fetch.clone().or(usual).filter(|_| !ports.host_fetches);
        Self { ports, fetch }
    }

    pub(crate) fn ports(&self) -> &Ports {
        &self.ports
    }

    /// Whether anything is fetched unless the host does it.
    pub(crate) fn fetches(&self) -> bool {
        self.fetch.is_some()
    }

    pub(crate) fn now(&self) -> Result<Millis> {
        let millis = self.ports.now(None)?.as_milliseconds();
        millis.ok_or_else(|| Error::new(ErrorCode::Internal))
    }

    pub(crate) fn fetch(&self, request: &FetchRequest) -> Result<FetchResponse, FetchFailure> {
        self.fetch.as_ref().map_or(Err(FetchFailure::Connect), |fetch| fetch.fetch(request))
    }

    pub(crate) fn tell(&self, event: &Event) {
        #[cfg(feature = "tracing")]
        trace(event);
        if let Some(events) = &self.ports.events {
            events.event(event);
        }
    }
}

/// The same for whoever collects traces.
#[cfg(feature = "tracing")]
fn trace(event: &Event) {
    use crate::ports::EventKind;

    let issuer = event.issuer.as_str();
    match &event.kind {
        EventKind::Refreshed { keys, changed } => tracing::info!(issuer, keys, changed, "refreshed"),
        EventKind::RefreshFailed { code, reason } => {
            tracing::warn!(issuer, code = code.slug(), reason, "refresh_failed");
        }
        EventKind::IntrospectionFailed { code, reason } => {
            tracing::warn!(issuer, code = code.slug(), reason, "introspection_failed");
        }
        EventKind::UnknownKid => tracing::warn!(issuer, "unknown_kid"),
        EventKind::EntryDropped { index, code } => {
            tracing::warn!(issuer, index, code = code.slug(), "entry_dropped");
        }
    }
}
