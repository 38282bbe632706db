'use strict';

const { call } = require('./error.cjs');
const { MAKE, made } = require('./keys.cjs');
const { AccessToken } = require('./access_token.cjs');

class Explanation {
  #native;
  #clock;
  #trace;
  #verdict;

  constructor(proof, handle, clock) {
    made(proof, 'an Explanation');
    this.#native = handle;
    this.#clock = clock;
  }

  get trace() {
    return (this.#trace ??= JSON.parse(this.traceJson));
  }

  get traceJson() {
    return call(() => this.#native.traceJson());
  }

  get token() {
    return this.#judged().token;
  }

  get error() {
    return this.#judged().error;
  }

  /** The verdict crosses over when it is first asked for. */
  #judged() {
    return (this.#verdict ??= this.#judge());
  }

  #judge() {
    try {
      const handle = call(() => this.#native.verdict());
      return { token: new AccessToken(MAKE, handle, this.#clock), error: null };
    } catch (error) {
      return { token: null, error };
    }
  }
}

module.exports = { Explanation };
