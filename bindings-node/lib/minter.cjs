'use strict';

const native = require('./native.cjs');
const { call, callAsync } = require('./error.cjs');
const args = require('./arguments.cjs');
const { MAKE, configuration, made } = require('./keys.cjs');

class Minter {
  #native;
  #clock;

  constructor(options, ports) {
    this.#clock = args.clockOf(ports);
    const { text, keySets, signingKeys } = configuration(options);
    this.#native = call(() => native.newMinter(text, keySets, signingKeys));
  }

  static fromJson(text, ports) {
    return new this(new args.JsonText(text), ports);
  }

  async mint(request, options) {
    const { text, time } = this.#arguments(request, options);
    return new MintedToken(MAKE, await callAsync(() => this.#native.mint(text, time)));
  }

  mintSync(request, options) {
    const { text, time } = this.#arguments(request, options);
    return new MintedToken(MAKE, call(() => this.#native.mintSync(text, time)));
  }

  get skippedKeys() {
    return call(() => this.#native.skippedKeys());
  }

  #arguments(request, options) {
    const { now } = args.options(options, ['now']);
    const text = args.jsonText(request, 'argument_invalid', 'request');
    return { text, time: args.time(now, this.#clock) };
  }
}

class MintedToken {
  #minted;
  #claims;
  #header;

  constructor(proof, minted) {
    made(proof, 'a MintedToken');
    this.#minted = minted;
  }

  get token() {
    return this.#minted.token;
  }

  get claims() {
    return (this.#claims ??= JSON.parse(this.#minted.claimsJson));
  }

  get claimsJson() {
    return this.#minted.claimsJson;
  }

  get header() {
    return (this.#header ??= JSON.parse(this.#minted.headerJson));
  }

  get headerJson() {
    return this.#minted.headerJson;
  }

  get expires_in() {
    return this.#minted.expiresIn;
  }
}

module.exports = { MintedToken, Minter };
