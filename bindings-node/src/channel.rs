//! Where threads of the core reach the thread that JavaScript runs on.

use std::sync::Arc;

use at9068::{Event, Events};
use napi::Status;
use napi::bindgen_prelude::{FnArgs, Unknown};
use napi::threadsafe_function::{ThreadsafeFunction, ThreadsafeFunctionCallMode};
use napi_derive::napi;

/// Who is called, and the JSON text of an event where there is one.
type Arguments = FnArgs<(u32, Option<String>)>;
/// Weak: no process stays alive to hear of events. Whoever waits sees to that in JavaScript.
type Callback = ThreadsafeFunction<Arguments, Unknown<'static>, Arguments, Status, false, true>;

/// One line from every thread to the one of an environment; it goes dead when that ends.
#[napi]
pub struct Channel(Arc<Callback>);

/// Makes the channel of an environment.
#[napi(catch_unwind)]
pub fn new_channel(callback: Callback) -> Channel {
    Channel(Arc::new(callback))
}

impl Channel {
    pub(crate) fn listener(&self, id: u32) -> Listener {
        Listener { callback: Arc::clone(&self.0), id }
    }
}

/// One of those who are called through a channel.
pub struct Listener {
    callback: Arc<Callback>,
    id: u32,
}

impl Listener {
    /// Calls, soon; where the environment has ended nobody is there to hear it.
    pub(crate) fn call(&self, event: Option<String>) {
        let _status = self.callback.call((self.id, event).into(), ThreadsafeFunctionCallMode::NonBlocking);
    }
}

impl Events for Listener {
    fn event(&self, event: &Event) {
        self.call(Some(event.to_json()));
    }
}
