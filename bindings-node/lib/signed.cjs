'use strict';

const { call } = require('./error.cjs');
const { made } = require('./keys.cjs');

// What only subclasses do: the text within an instance and who is asked about it, and the parts of the text.
let within;
let partsOf;
let fact;

/** A space and a line break, which end numbers, come before it. */
const ZERO = 48;

/**
 * What was signed: one text of the native half, which becomes JavaScript values when they are first asked
 * for. `<length of the header> <length of the claims> <a number>\n<header><claims><the rest>`.
 */
class Signed {
  #text;
  /** Who found the token good, where facts about it are asked of the native half. */
  #by;
  #parts;
  #claims;
  #header;
  #facts;

  static {
    within = (signed) => ({ text: signed.#text, by: signed.#by });
    partsOf = (signed) => (signed.#parts ??= parts(signed.#text));
    // What the core reads in a token, by name or by place; undefined where there is no such thing.
    fact = (signed, key) => (signed.#facts ??= signed.#read())[key] ?? undefined;
  }

  constructor(proof, what, text, by) {
    made(proof, what);
    this.#text = text;
    this.#by = by;
  }

  get claims() {
    return (this.#claims ??= JSON.parse(this.claimsJson));
  }

  get claimsJson() {
    const { claims, rest } = partsOf(this);
    return this.#text.slice(claims, rest);
  }

  get header() {
    return (this.#header ??= JSON.parse(this.headerJson));
  }

  get headerJson() {
    const { header, claims } = partsOf(this);
    return this.#text.slice(header, claims);
  }

  #read() {
    const [by, text] = [this.#by, this.#text];
    const { rest, number } = partsOf(this);
    return JSON.parse(by === undefined ? text.slice(rest) : call(() => by.facts(number) ?? by.native.facts(text)));
  }
}

/** Where the parts of a text begin, and its number. */
function parts(text) {
  let at = 0;
  const number = () => {
    let read = 0;
    for (let digit = text.charCodeAt(at) - ZERO; digit >= 0; digit = text.charCodeAt((at += 1)) - ZERO) {
      read = 10 * read + digit;
    }
    at += 1;
    return read;
  };
  const lengths = [number(), number()];
  const last = number();
  const claims = at + lengths[0];
  return { header: at, claims, rest: claims + lengths[1], number: last };
}

/** Gives a class of tokens an accessor for each of these facts, of which each has a key. */
function accessors(type, names, keys = names) {
  for (const [i, name] of names.entries()) {
    const key = keys[i];
    const get = function get() {
      return fact(this, key);
    };
    Object.defineProperty(type.prototype, name, { get, configurable: true });
  }
}

module.exports = { Signed, accessors, fact, partsOf, within };
