'use strict';

const native = require('./native.cjs');
const { attempt, call, failure, settle } = require('./error.cjs');
const args = require('./arguments.cjs');

// What is within an instance whose answers are its own, or undefined for anything else.
let memoryHandle;

class MemoryReplayStore {
  #native;

  static {
    memoryHandle = (value) =>
      #native in value && value.firstUse === MemoryReplayStore.prototype.firstUse ? value.#native : undefined;
  }

  constructor(options) {
    const { capacity } = args.options(options, ['capacity']);
    const given = args.optional(capacity, 'number', 'capacity');
    this.#native = call(() => native.newMemoryReplayStore(given));
  }

  firstUse(key, until, now) {
    const text = args.text(key, 'argument_invalid', 'key');
    const [end, time] = [seconds(until, 'until'), seconds(now, 'now')];
    return call(() => this.#native.firstUse(text, end, time));
  }

  get size() {
    return call(() => this.#native.size());
  }
}

function seconds(value, name) {
  if (!Number.isSafeInteger(value)) throw failure('argument_invalid', `${name} is not a whole number`);
  return value;
}

/**
 * A store of the caller's during one validation. The core cannot wait for it: so the first call
 * of the core asks in vain, the store is asked, and another call is told what it said.
 */
class Use {
  #store;
  #handle;
  #asked;
  #refused;
  #first;

  constructor(store, handle) {
    this.#store = store;
    this.#handle = handle;
  }

  /** The outcome of a native call, pending where the store must be asked first. */
  attempt(work) {
    if (this.#first !== undefined) call(() => this.#handle.tellUse(this.#asked.key, this.#first));
    const outcome = attempt(work);
    const asked = call(() => this.#handle.askedUse());
    if (asked === null || this.#asked !== undefined) return outcome;
    this.#asked = asked;
    this.#refused = outcome;
    return { pending: true, use: this };
  }

  /** Asks the store, however long it takes. */
  async ask() {
    const { key, until, now } = this.#asked;
    let first;
    try {
      first = await this.#store.firstUse(key, until, now);
    } catch (cause) {
      this.#fail(cause);
    }
    this.#learn(first);
  }

  /** Asks the store, which must know at once. */
  askSync() {
    const { key, until, now } = this.#asked;
    let first;
    try {
      first = this.#store.firstUse(key, until, now);
      // Whatever comes of a promise comes too late.
      if (typeof first?.then === 'function') first.then(undefined, () => undefined);
    } catch (cause) {
      this.#fail(cause);
    }
    this.#learn(first);
  }

  #learn(first) {
    if (typeof first !== 'boolean') this.#fail(new TypeError('firstUse gave no boolean'));
    this.#first = first;
  }

  /** Throws what the core says of a store that fails. */
  #fail(cause) {
    settle(this.#refused, { cause });
  }
}

module.exports = { MemoryReplayStore, Use, memoryHandle };
