'use strict';

const native = require('./native.cjs');
const { At9068Error, call, fault, settle } = require('./error.cjs');
const args = require('./arguments.cjs');
const { MAKE } = require('./keys.cjs');
const { AccessToken } = require('./access_token.cjs');
const { SLICE, drain, drainSync, fill, fillSync, turn } = require('./batch.cjs');
const { Explanation } = require('./explanation.cjs');
const { FetchingValidator, advanced, advancedSync, atHand, later, settled, within } = require('./fetching_validator.cjs');

class Validator extends FetchingValidator {
  /** The native function that a text is given to and nothing else, which is what most calls do. */
  #judge;
  /** The native batch of calls that wait: what is native is only freed once the loop turns. */
  #batch;

  constructor(options, ports) {
    super(MAKE, native.newValidator, options, ports, ['resolver', 'revocations']);
    const inner = within(this);
    inner.facts = call(() => inner.native.recentFacts());
    if (inner.silent) this.#judge = call(() => inner.native.judge());
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

  async validateMany(tokens, options) {
    const { native: handle, resolves } = within(this);
    const batch = call(() => handle.batch());
    const { all, given } = this.#begin(batch, tokens, options);
    if (resolves) return this.#oneByOne(all, given);
    await fill(batch, all);
    const cause = await advanced(this, batch);
    return drain(batch, all.length, (text) => this.#token(text), cause);
  }

  validateManySync(tokens, options) {
    const { native: handle, resolves } = within(this);
    const batch = (this.#batch ??= call(() => handle.batch()));
    const { all, given } = this.#begin(batch, tokens, options);
    if (resolves) return this.#oneByOneSync(all, given);
    fillSync(batch, all);
    advancedSync(this, batch);
    return drainSync(batch, all.length, (text) => this.#token(text));
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
    return this.#calls(args.token(token), this.#arguments(options));
  }

  #calls(token, given) {
    const { native: handle } = within(this);
    return { step: () => handle.step(token, ...given), atHand: () => handle.validateAtHand(token, ...given) };
  }

  /** Begins a native batch. Gives many tokens, and what else is given. */
  #begin(batch, tokens, options) {
    const all = args.many(tokens, 'tokens', args.token);
    const given = this.#arguments(options);
    call(() => batch.begin(...given));
    return { all, given };
  }

  /** The function that knows issuers runs on this thread only, and in the middle of a judgement. */
  async #oneByOne(all, given) {
    const verdicts = [];
    for (const token of all) {
      if (verdicts.length % SLICE === SLICE - 1) await turn();
      try {
        verdicts.push(this.#token(await settled(this, this.#calls(token, given))));
      } catch (error) {
        verdicts.push(refused(error));
      }
    }
    return verdicts;
  }

  #oneByOneSync(all, given) {
    return all.map((token) => {
      try {
        return this.#token(atHand(this, this.#calls(token, given)));
      } catch (error) {
        return refused(error);
      }
    });
  }

  #explanation(token, options) {
    const { native: handle } = within(this);
    const given = [args.token(token), ...this.#arguments(options)];
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

  /** What the native half takes beside a token, in its order. */
  #arguments(options) {
    const { now, request, require } = args.options(options, ['now', 'request', 'require']);
    const requestText = args.optionalJsonText(request, 'request');
    const requireText = args.optionalJsonText(require, 'require');
    return [args.time(now, within(this).clock), requestText, requireText];
  }
}

/** An error that is a verdict; a fault ends a batch. */
function refused(error) {
  if (error instanceof At9068Error) return error;
  throw error;
}

module.exports = { Validator };
