'use strict';

// The one line from the threads of the core to this one: events of key caches, and that a fetch
// that somebody waits for is over.

const diagnostics = require('node:diagnostics_channel');
const { clearInterval, setInterval } = require('node:timers');
const native = require('./native.cjs');
const { call } = require('./error.cjs');

/** How often it is looked whether a fetch was given up, in milliseconds. */
const LOOK = 1000;

let line;
let last = 0;

/** Who hears of events; held by whom they concern, not by this list. */
const listeners = new Map();
const gone = new FinalizationRegistry((id) => listeners.delete(id));

/** Who waits for which fetch. */
const waiting = new Map();
let watch;

function channel() {
  return (line ??= call(() => native.newChannel(heard)));
}

function nextId() {
  last = (last + 1) >>> 0;
  return last;
}

function heard(id, event) {
  if (event === null) wake(id);
  else tell(listeners.get(id)?.deref(), JSON.parse(event));
}

function tell(listener, event) {
  const subscribed = diagnostics.channel(`at9068:${event.event}`);
  if (subscribed.hasSubscribers) subscribed.publish(event);
  listener?.hear(event);
}

/** Lets `listener.hear` be called with events for as long as it lives. Gives its number. */
function listen(listener) {
  const id = nextId();
  listeners.set(id, new WeakRef(listener));
  gone.register(listener, id);
  return id;
}

/**
 * Ends when a fetch is over. The process stays alive until then, by a timer that also finds
 * fetches whose thread never comes back.
 */
function over(flight) {
  return new Promise((resolve) => {
    const id = nextId();
    waiting.set(id, { flight, resolve });
    watch ??= setInterval(look, LOOK);
    call(() => flight.onOver(channel(), id));
  });
}

function look() {
  for (const [id, { flight }] of waiting) if (flight.isOver()) wake(id);
}

function wake(id) {
  const woken = waiting.get(id);
  waiting.delete(id);
  if (waiting.size === 0) {
    clearInterval(watch);
    watch = undefined;
  }
  woken?.resolve();
}

module.exports = { channel, listen, over };
