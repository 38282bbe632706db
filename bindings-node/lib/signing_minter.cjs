'use strict';

const { call, callAsync } = require('./error.cjs');
const args = require('./arguments.cjs');
const { MAKE, configuration, made } = require('./keys.cjs');
const { Signed, partsOf, within } = require('./signed.cjs');

// How the native half of a minter mints: `how` is its function, which takes the time behind what is given.
let minted;
let mintedSync;

/** What minters have in common, whatever they mint: keys that sign, and a clock. */
class SigningMinter {
  #native;
  #clock;

  static {
    minted = async (minter, how, given, options) => {
      const time = minter.#time(options);
      return new MintedToken(MAKE, await callAsync(() => minter.#native[how](...given, time)));
    };
    mintedSync = (minter, how, given, options) => {
      const time = minter.#time(options);
      return new MintedToken(MAKE, call(() => minter.#native[how](...given, time)));
    };
  }

  /** `make` makes the native half. */
  constructor(proof, make, options, ports) {
    made(proof, 'a SigningMinter');
    this.#clock = args.clockOf(ports);
    const { text, keySets, signingKeys } = configuration(options);
    this.#native = call(() => make(text, keySets, signingKeys));
  }

  static fromJson(text, ports) {
    return new this(new args.JsonText(text), ports);
  }

  get skippedKeys() {
    return call(() => this.#native.skippedKeys());
  }

  #time(options) {
    const { now } = args.options(options, ['now']);
    return args.time(now, this.#clock);
  }
}

class MintedToken extends Signed {
  constructor(proof, text) {
    super(proof, 'a MintedToken', text);
  }

  get token() {
    return within(this).text.slice(partsOf(this).rest);
  }

  get expires_in() {
    return partsOf(this).number;
  }
}

module.exports = { MintedToken, SigningMinter, minted, mintedSync };
