'use strict';

/**
 * What was told of tokens, by the numbers that the native half has for them. Nothing here says that a token
 * is good: that is judged with every call, and only then its number is told.
 *
 * It holds as many as the native half remembers tokens, and texts of as many characters as that
 * takes octets; the first that came leave first.
 */
class Records {
  #held = new Map();
  #length = 0;
  #mostEntries;
  #mostLength;

  constructor(mostEntries, mostLength) {
    this.#mostEntries = mostEntries;
    this.#mostLength = mostLength;
  }

  get(number) {
    return this.#held.get(number);
  }

  keep(number, told) {
    this.#held.set(number, told);
    this.#length += told.text.length;
    for (const [first, { text }] of this.#held) {
      if (this.#held.size <= this.#mostEntries && this.#length <= this.#mostLength) break;
      this.#held.delete(first);
      this.#length -= text.length;
    }
  }
}

module.exports = { Records };
