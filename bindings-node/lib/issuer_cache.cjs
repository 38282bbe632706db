'use strict';

const native = require('./native.cjs');
const { call } = require('./error.cjs');
const args = require('./arguments.cjs');
const { Ports } = require('./ports.cjs');

// What is within an instance, or undefined for anything else.
let cacheWithin;

class IssuerCache {
  #native;
  #ports;

  static {
    cacheWithin = (value) => (#native in value ? { handle: value.#native, ports: value.#ports } : undefined);
  }

  constructor(options, ports) {
    this.#ports = new Ports(ports, ['clock', 'fetch', 'events']);
    const text =
      options instanceof args.JsonText ? options.text : args.encode(options ?? {}, 'config_invalid', 'options');
    this.#native = call(() => native.newIssuerCache(text, this.#ports.handle));
  }

  static fromJson(text, ports) {
    return new this(new args.JsonText(text), ports);
  }

  status() {
    this.#ports.tellTime();
    return JSON.parse(call(() => this.#native.statusJson()));
  }

  snapshot() {
    return call(() => this.#native.snapshot());
  }

  restore(snapshot) {
    const text = args.text(snapshot, 'argument_invalid', 'snapshot');
    call(() => this.#native.restore(text));
  }
}

module.exports = { IssuerCache, cacheWithin };
