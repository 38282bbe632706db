'use strict';

const { call } = require('./error.cjs');
const { made } = require('./keys.cjs');

// What only subclasses do: what was told is within an instance, and what is read in that.
let within;
let fact;

/** A space and a line break, which end numbers, come before it. */
const ZERO = 48;

/**
 * What the native half told: one text, of which what stands in it is found when it is first asked for.
 * `<length of the header> <length of the claims> <a number>\n<header><claims><the rest>`.
 *
 * Tokens may share it. Whoever gives of it what callers could change gives a copy.
 */
class Told {
  #parts;
  #facts;

  /** `by` is what is within the validator that found it good, where facts are asked of the native half. */
  constructor(text, by) {
    this.text = text;
    this.by = by;
  }

  /** Where the parts of the text begin, and its number. */
  get parts() {
    return (this.#parts ??= parts(this.text));
  }

  /** What the core reads in it, by name or by place. */
  get facts() {
    return (this.#facts ??= this.#read());
  }

  #read() {
    const { text, by } = this;
    const { rest, number } = this.parts;
    return JSON.parse(by === undefined ? text.slice(rest) : call(() => by.facts(number) ?? by.native.facts(text)));
  }
}

/** What was signed. */
class Signed {
  #told;
  #claims;
  #header;

  static {
    within = (signed) => signed.#told;
    // What the core reads in a token; undefined where there is no such thing.
    fact = (signed, key) => signed.#told.facts[key] ?? undefined;
  }

  constructor(proof, what, told) {
    made(proof, what);
    this.#told = told;
  }

  get claims() {
    return (this.#claims ??= JSON.parse(this.claimsJson));
  }

  get claimsJson() {
    const { text, parts: { claims, rest } } = this.#told;
    return text.slice(claims, rest);
  }

  get header() {
    return (this.#header ??= JSON.parse(this.headerJson));
  }

  get headerJson() {
    const { text, parts: { header, claims } } = this.#told;
    return text.slice(header, claims);
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

module.exports = { Signed, Told, accessors, fact, within };
