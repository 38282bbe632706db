'use strict';

const { At9068Error } = require('./error.cjs');
const { MAKE, made } = require('./keys.cjs');
const { AccessToken } = require('./access_token.cjs');
const { Told } = require('./signed.cjs');

class Explanation {
  #traceJson;
  #trace;
  #token;
  #error;

  /** `by` is what is within the validator that tells it. */
  constructor(proof, told, by) {
    made(proof, 'an Explanation');
    const { traceJson, token, error } = told;
    this.#traceJson = traceJson;
    this.#token = token ? new AccessToken(MAKE, new Told(token, by)) : null;
    this.#error = error ? new At9068Error(error) : null;
  }

  get trace() {
    return (this.#trace ??= JSON.parse(this.#traceJson));
  }

  get traceJson() {
    return this.#traceJson;
  }

  get token() {
    return this.#token;
  }

  get error() {
    return this.#error;
  }
}

module.exports = { Explanation };
