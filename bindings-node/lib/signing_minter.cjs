'use strict';

const { call, callAsync } = require('./error.cjs');
const args = require('./arguments.cjs');
const { drain, drainSync, fill, fillSync } = require('./batch.cjs');
const { MAKE, configuration, made } = require('./keys.cjs');
const { Signed, Told, within } = require('./signed.cjs');

// How the native half of a minter mints: `how` is its function, which takes the time behind what is given.
let minted;
let mintedSync;
let mintedMany;
let mintedManySync;

/** What minters have in common, whatever they mint: keys that sign, and a clock. */
class SigningMinter {
  #native;
  #clock;
  /** The native batch of calls that wait: what is native is only freed once the loop turns. */
  #batch;

  static {
    minted = async (minter, how, given, options) => {
      const time = minter.#time(options);
      return new MintedToken(MAKE, await callAsync(() => minter.#native[how](...given, time)));
    };
    mintedSync = (minter, how, given, options) => {
      const time = minter.#time(options);
      return new MintedToken(MAKE, call(() => minter.#native[how](...given, time)));
    };
    mintedMany = async (minter, texts, options) => {
      const time = minter.#time(options);
      const batch = call(() => minter.#native.batch());
      call(() => batch.begin(time));
      await fill(batch, texts);
      await callAsync(() => batch.mint());
      return drain(batch, texts.length, make);
    };
    mintedManySync = (minter, texts, options) => {
      const time = minter.#time(options);
      const batch = (minter.#batch ??= call(() => minter.#native.batch()));
      call(() => batch.begin(time));
      fillSync(batch, texts);
      call(() => batch.mintSync());
      return drainSync(batch, texts.length, make);
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
    super(proof, 'a MintedToken', new Told(text));
  }

  get token() {
    const { text, parts: { rest } } = within(this);
    return text.slice(rest);
  }

  get expires_in() {
    return within(this).parts.number;
  }
}

function make(text) {
  return new MintedToken(MAKE, text);
}

module.exports = { MintedToken, SigningMinter, minted, mintedMany, mintedManySync, mintedSync };
