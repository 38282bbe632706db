'use strict';

// Many tokens or requests at once. They are handed over, and what comes of them is taken, by and by,
// so that the loop turns between; what lies between is one native call.

const { setImmediate: turn } = require('node:timers/promises');
const { At9068Error, call } = require('./error.cjs');

/** How many are handed over or taken at a time: a matter of half a millisecond. */
const SLICE = 200;

/** Hands all over to a native batch. */
async function fill(batch, all) {
  for (let at = 0; at < all.length; at += SLICE) {
    if (at > 0) await turn();
    call(() => batch.add(all.slice(at, at + SLICE)));
  }
}

/** Takes what came of as many as there were; `make` makes a token of its text, `cause` is beside errors that it explains. */
async function drain(batch, count, make, cause) {
  const outcomes = [];
  while (outcomes.length < count) {
    if (outcomes.length > 0) await turn();
    for (const text of call(() => batch.take(SLICE))) outcomes.push(outcome(text, make, cause));
  }
  return outcomes;
}

function fillSync(batch, all) {
  call(() => batch.add(all));
}

function drainSync(batch, count, make) {
  return call(() => batch.take(count)).map((text) => outcome(text, make));
}

/** A token, or an error, whose text is a JSON object. */
function outcome(text, make, cause) {
  if (!text.startsWith('{')) return make(text);
  const failure = JSON.parse(text);
  return new At9068Error(failure, cause !== undefined && failure.retryAfter !== null ? { cause } : undefined);
}

module.exports = { SLICE, drain, drainSync, fill, fillSync, turn };
