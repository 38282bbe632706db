//! The outside world of a key cache.

use std::sync::Arc;

use crate::error::{Error, ErrorCode, Result};
use crate::issuer::settings::Millis;
use crate::ports::{Event, Fetch, FetchFailure, FetchRequest, FetchResponse, Ports};

pub(crate) struct Outside {
    ports: Ports,
    fetch: Option<Arc<dyn Fetch>>,
}

impl Outside {
    pub(crate) fn new(ports: Ports, usual: Option<Arc<dyn Fetch>>) -> Self {
        let fetch = ports.fetch.clone().or(usual);
        Self { ports, fetch }
    }

    pub(super) fn now(&self) -> Result<Millis> {
        let millis = self.ports.now(None)?.as_milliseconds();
        millis.ok_or_else(|| Error::new(ErrorCode::Internal))
    }

    pub(super) fn fetch(&self, request: &FetchRequest) -> Result<FetchResponse, FetchFailure> {
        // Without anybody to fetch, only the host can, step by step.
        self.fetch.as_ref().map_or(Err(FetchFailure::Connect), |fetch| fetch.fetch(request))
    }

    pub(super) fn tell(&self, event: &Event) {
        if let Some(events) = &self.ports.events {
            events.event(event);
        }
    }
}
