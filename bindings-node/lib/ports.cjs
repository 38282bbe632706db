'use strict';

const native = require('./native.cjs');
const { At9068Error, attempt, call, failure, settle } = require('./error.cjs');
const args = require('./arguments.cjs');
const { channel, listen, over } = require('./channel.cjs');
const { exchange } = require('./exchange.cjs');
const { configuration } = require('./keys.cjs');
const { Use, memoryHandle } = require('./replay.cjs');
const { revocationsHandle } = require('./revocations.cjs');

/** What a validator or a cache is given beside its options. */
class Ports {
  /** What the native half is given of them. */
  handle;
  clock;
  #fetch;
  #events;
  #resolver;
  #store;

  constructor(given, names) {
    const read = args.options(given, names, 'ports');
    const port = (name) => args.optional(read[name], 'function', name);
    this.clock = port('clock');
    this.#fetch = port('fetch');
    this.#events = port('events');
    this.#resolver = port('resolver');
    this.handle = call(() => native.newPorts(channel(), listen(this)));
    if (this.clock !== undefined) call(() => this.handle.plugClock());
    if (this.#fetch !== undefined) call(() => this.handle.plugFetch());
    if (this.#resolver !== undefined) call(() => this.handle.plugResolver());
    if (read.revocations !== undefined) this.#plugRevocations(read.revocations);
    if (read.replayStore !== undefined) this.#plugReplayStore(read.replayStore);
  }

  /** Whether keys are fetched by a function of the caller's, and not by the core. */
  get fetches() {
    return this.#fetch !== undefined;
  }

  /** Whether nothing is plugged in, beside a clock, that is asked or told of every call. */
  get silent() {
    return ![this.#fetch, this.#resolver, this.#store].some((port) => port !== undefined);
  }

  /** Whether issuers are found by a function of the caller's. */
  get resolves() {
    return this.#resolver !== undefined;
  }

  /** Whether any port is plugged in that has no say where keys lie in a cache that is given. */
  get belongsToCache() {
    return this.#fetch !== undefined || this.#events !== undefined;
  }

  hear(event) {
    this.#events?.(event);
  }

  /** Tells the native half the time by which keys age, where a clock is plugged in. */
  tellTime() {
    if (this.clock === undefined) return;
    const now = args.time(undefined, this.clock);
    call(() => this.handle.tellTime(now));
  }

  /** The same calls of one validation, which may ask a store of the caller's about a use. */
  remembering({ step, atHand }) {
    if (this.#store === undefined) return { step, atHand };
    const use = new Use(this.#store, this.handle);
    return { step: () => use.attempt(step), atHand: () => use.attempt(atHand) };
  }

  /** The outcome of a native call, which may ask for the options of an issuer. */
  ask(work) {
    const outcome = attempt(work);
    if (this.#resolver === undefined) return outcome;
    const issuer = call(() => this.handle.askedIssuer());
    if (issuer === null) return outcome;
    if (!this.#tellIssuer(issuer, outcome)) return outcome;
    try {
      return attempt(work);
    } finally {
      call(() => this.handle.askedIssuer()); // what was told serves this call only
    }
  }

  /** Tells what the resolver knows of an issuer; false where it fails, and the call ends as the core says. */
  #tellIssuer(issuer, outcome) {
    let options;
    try {
      options = this.#resolver(issuer);
    } catch (cause) {
      settle(outcome, { cause });
      return false;
    }
    try {
      const known = options !== null && options !== undefined;
      const { text, keySets, signingKeys } = configuration(known ? options : {});
      call(() => this.handle.tellIssuer(issuer, known ? text : undefined, keySets, signingKeys));
      return true;
    } catch (cause) {
      throw failure('internal', 'the resolver gave no usable options', { cause });
    }
  }

  #plugRevocations(list) {
    const handle = Object(list) === list ? revocationsHandle(list) : undefined;
    if (handle === undefined) throw failure('argument_invalid', 'revocations is no Revocations');
    call(() => this.handle.plugRevocations(handle));
  }

  /** A store of the core's is asked by the core; of others the core is told. */
  #plugReplayStore(store) {
    const kind = args.reading(() => typeof store?.firstUse, 'argument_invalid', 'replayStore');
    if (kind !== 'function') throw failure('argument_invalid', 'replayStore has no firstUse');
    const handle = Object(store) === store ? memoryHandle(store) : undefined;
    if (handle === undefined) this.#store = store;
    call(() => this.handle.plugReplayStore(handle));
  }

  /** Sees to it that keys are fetched, and waits for it. Gives what went wrong on this side. */
  async wait({ refresh, flight }) {
    if (flight) return over(flight);
    if (this.#fetch !== undefined) return this.#drive(refresh);
    const spawned = call(() => refresh.spawn());
    return spawned === null ? undefined : over(spawned);
  }

  /** Gets one document after the other. Of several faults the last is told. */
  async #drive(refresh) {
    let fault;
    for (;;) {
      const request = call(() => refresh.request());
      if (request === null) return fault;
      try {
        const { status, headers, body } = await exchange(this.#fetch, request);
        call(() => refresh.answer(status, headers, body));
      } catch (error) {
        if (error instanceof At9068Error) throw error;
        fault = error.cause ?? error;
        call(() => refresh.fail(error.reason));
      }
    }
  }
}

module.exports = { Ports };
