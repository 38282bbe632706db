'use strict';

const native = require('./native.cjs');
const { call, fault, settle } = require('./error.cjs');
const args = require('./arguments.cjs');
const { MAKE } = require('./keys.cjs');
const { AccessToken } = require('./access_token.cjs');
const { Explanation } = require('./explanation.cjs');
const { FetchingValidator, atHand, later, settled, within } = require('./fetching_validator.cjs');

class Validator extends FetchingValidator {
  /** The native function that a text is given to and nothing else, which is what most calls do. */
  #judge;

  constructor(options, ports) {
    super(MAKE, native.newValidator, options, ports, ['resolver', 'revocations']);
    const { native: handle, silent } = within(this);
    if (silent) this.#judge = call(() => handle.judge());
  }

  async validate(token, options) {
    // With keys at hand it takes microseconds: to hand it to another thread would take longer.
    if (options !== undefined || typeof token !== 'string' || this.#judge === undefined) {
      return this.#token(await settled(this, this.#validation(token, options)));
    }
    const outcome = this.#judged(token, false);
    if (outcome?.pending !== true) return this.#token(settle(outcome));
    const calls = { step: () => this.#judge(token, false), atHand: () => this.#judge(token, true) };
    return this.#token(await later(this, calls, outcome));
  }

  validateSync(token, options) {
    if (options === undefined && typeof token === 'string' && this.#judge !== undefined) {
      return this.#token(settle(this.#judged(token, true)));
    }
    return this.#token(atHand(this, this.#validation(token, options)));
  }

  async authenticate(request, options) {
    return this.#token(await settled(this, this.#authentication(request, options)));
  }

  authenticateSync(request, options) {
    return this.#token(atHand(this, this.#authentication(request, options)));
  }

  async explain(token, options) {
    return this.#explained(await settled(this, this.#explanation(token, options)));
  }

  explainSync(token, options) {
    return this.#explained(atHand(this, this.#explanation(token, options)));
  }

  migrations() {
    return JSON.parse(call(() => within(this).native.migrationsJson()));
  }

  /** The outcome for a text and nothing else. */
  #judged(token, atHand) {
    try {
      return this.#judge(token, atHand);
    } catch (cause) {
      throw fault(cause);
    }
  }

  #token(text) {
    return new AccessToken(MAKE, text, within(this));
  }

  #explained(told) {
    return new Explanation(MAKE, told, within(this));
  }

  #validation(token, options) {
    const { native: handle } = within(this);
    const given = this.#arguments(token, options);
    return { step: () => handle.step(...given), atHand: () => handle.validateAtHand(...given) };
  }

  #explanation(token, options) {
    const { native: handle } = within(this);
    const given = this.#arguments(token, options);
    return { step: () => handle.explainStep(...given), atHand: () => handle.explainAtHand(...given) };
  }

  #authentication(request, options) {
    const { native: handle, clock } = within(this);
    const { now, require } = args.options(options, ['now', 'require']);
    const requestText = args.jsonText(request, 'argument_invalid', 'request');
    const requireText = args.optionalJsonText(require, 'require');
    const given = [requestText, args.time(now, clock), requireText];
    return { step: () => handle.authenticateStep(...given), atHand: () => handle.authenticateAtHand(...given) };
  }

  /** What the native half takes to judge a token, in its order. */
  #arguments(token, options) {
    const { now, request, require } = args.options(options, ['now', 'request', 'require']);
    const given = args.token(token);
    const requestText = args.optionalJsonText(request, 'request');
    const requireText = args.optionalJsonText(require, 'require');
    return [given, args.time(now, within(this).clock), requestText, requireText];
  }
}

module.exports = { Validator };
