'use strict';

const native = require('./native.cjs');
const { call } = require('./error.cjs');
const args = require('./arguments.cjs');
const { MAKE, configuration } = require('./keys.cjs');
const { AccessToken } = require('./access_token.cjs');
const { Explanation } = require('./explanation.cjs');

class Validator {
  #native;
  #clock;

  constructor(options, ports) {
    this.#clock = args.clockOf(ports);
    const { text, keySets, signingKeys } = configuration(options);
    this.#native = call(() => native.newValidator(text, keySets, signingKeys));
  }

  static fromJson(text, ports) {
    return new this(new args.JsonText(text), ports);
  }

  async validate(token, options) {
    // A validation takes microseconds: to hand it to another thread would take longer.
    return this.validateSync(token, options);
  }

  validateSync(token, options) {
    const given = this.#arguments(token, options);
    const handle = call(() => this.#native.validate(...given));
    return new AccessToken(MAKE, handle, this.#clock);
  }

  async authenticate(request, options) {
    return this.authenticateSync(request, options);
  }

  authenticateSync(request, options) {
    const { now, require } = args.options(options, ['now', 'require']);
    const requestText = args.jsonText(request, 'argument_invalid', 'request');
    const requireText = args.optionalJsonText(require, 'require');
    const time = args.time(now, this.#clock);
    const handle = call(() => this.#native.authenticate(requestText, time, requireText));
    return new AccessToken(MAKE, handle, this.#clock);
  }

  async explain(token, options) {
    return this.explainSync(token, options);
  }

  explainSync(token, options) {
    const given = this.#arguments(token, options);
    const handle = call(() => this.#native.explain(...given));
    return new Explanation(MAKE, handle, this.#clock);
  }

  get skippedKeys() {
    return call(() => this.#native.skippedKeys());
  }

  migrations() {
    return JSON.parse(call(() => this.#native.migrationsJson()));
  }

  /** What the native half takes to judge a token, in its order. */
  #arguments(token, options) {
    const { now, request, require } = args.options(options, ['now', 'request', 'require']);
    const given = args.token(token);
    const requestText = args.optionalJsonText(request, 'request');
    const requireText = args.optionalJsonText(require, 'require');
    return [given, args.time(now, this.#clock), requestText, requireText];
  }
}

module.exports = { Validator };
