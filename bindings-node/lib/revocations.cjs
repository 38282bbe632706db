'use strict';

const native = require('./native.cjs');
const { call } = require('./error.cjs');
const args = require('./arguments.cjs');

// What is within an instance, or undefined for anything else.
let revocationsHandle;

class Revocations {
  #native;
  #clock;

  static {
    revocationsHandle = (value) => (#native in value ? value.#native : undefined);
  }

  constructor(ports) {
    this.#clock = args.clockOf(ports);
    this.#native = call(() => native.newRevocations(this.#clock !== undefined));
  }

  revoke(entry) {
    const text = args.jsonText(entry, 'argument_invalid', 'entry');
    this.#tellTime();
    call(() => this.#native.revoke(text));
  }

  get size() {
    return call(() => this.#native.size());
  }

  sweep() {
    this.#tellTime();
    call(() => this.#native.sweep());
  }

  snapshot() {
    return call(() => this.#native.snapshot());
  }

  restore(snapshot) {
    const text = args.text(snapshot, 'argument_invalid', 'snapshot');
    this.#tellTime();
    call(() => this.#native.restore(text));
  }

  #tellTime() {
    if (this.#clock === undefined) return;
    const now = args.time(undefined, this.#clock);
    call(() => this.#native.tellTime(now));
  }
}

module.exports = { Revocations, revocationsHandle };
