'use strict';

const { made } = require('./keys.cjs');

// What the core reads in a token, by the name of its accessor; undefined where there is no such thing.
let fact;

/** What was signed: texts, which become JavaScript values when they are first asked for. */
class Signed {
  #texts;
  #claims;
  #header;
  #facts;

  static {
    fact = (token, name) => (token.#facts ??= JSON.parse(token.#texts.factsJson))[name] ?? undefined;
  }

  constructor(proof, what, texts) {
    made(proof, what);
    this.#texts = texts;
  }

  get claims() {
    return (this.#claims ??= JSON.parse(this.claimsJson));
  }

  get claimsJson() {
    return this.#texts.claimsJson;
  }

  get header() {
    return (this.#header ??= JSON.parse(this.headerJson));
  }

  get headerJson() {
    return this.#texts.headerJson;
  }
}

/** Gives a class of tokens an accessor for each of these facts. */
function accessors(type, names) {
  for (const name of names) {
    const get = function get() {
      return fact(this, name);
    };
    Object.defineProperty(type.prototype, name, { get, configurable: true });
  }
}

module.exports = { Signed, accessors, fact: (token, name) => fact(token, name) };
