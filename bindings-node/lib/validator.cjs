'use strict';

const native = require('./native.cjs');
const { At9068Error, call, fault } = require('./error.cjs');
const args = require('./arguments.cjs');
const { MAKE } = require('./keys.cjs');
const { AccessToken } = require('./access_token.cjs');
const { SLICE, drain, drainSync, fill, fillSync, turn } = require('./batch.cjs');
const { Explanation } = require('./explanation.cjs');
const { Records } = require('./records.cjs');
const { Told } = require('./signed.cjs');
const { FetchingValidator, advanced, advancedSync, atHand, later, settled, within } = require('./fetching_validator.cjs');

/** What is given beside most tokens. */
const NOTHING = Object.freeze({ now: undefined, request: undefined, require: undefined });

class Validator extends FetchingValidator {
  /** The native function of the shortest way, which most calls take. */
  #judge;
  /** What was told of tokens that it may give the number of. */
  #records;
  /** The native function that gives the text where only the number was told. */
  #textOf;
  /** The native batch of calls that wait: what is native is only freed once the loop turns. */
  #batch;

  constructor(options, ports) {
    super(MAKE, native.newValidator, options, ports, ['resolver', 'revocations']);
    const inner = within(this);
    inner.facts = call(() => inner.native.recentFacts());
    if (!inner.silent) return;
    const { max_entries: entries, max_bytes: octets } = super.status().token_cache;
    this.#judge = call(() => inner.native.judge(entries > 0));
    this.#textOf = call(() => inner.native.told());
    this.#records = new Records(entries, octets);
  }

  async validate(token, options) {
    // With keys at hand it takes microseconds: to hand it to another thread would take longer.
    const given = this.#arguments(options);
    if (!this.#isPlain(token, given)) return this.#token(await settled(this, this.#calls(args.token(token), given)));
    const outcome = this.#judged(token, false, given);
    if (typeof outcome !== 'object') return this.#told(outcome);
    return this.#token(await later(this, this.#calls(token, given), outcome));
  }

  validateSync(token, options) {
    const given = this.#arguments(options);
    if (!this.#isPlain(token, given)) return this.#token(atHand(this, this.#calls(args.token(token), given)));
    return this.#told(this.#judged(token, true, given));
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

  get protectedResourceMetadata() {
    return call(() => within(this).native.protectedResourceMetadata()) ?? undefined;
  }

  get protectedResourceMetadataPath() {
    return call(() => within(this).native.protectedResourceMetadataPath()) ?? undefined;
  }

  /** Whether a token is a text that the shortest way is open for. */
  #isPlain(token, { request }) {
    return typeof token === 'string' && request === undefined && this.#judge !== undefined;
  }

  /** The outcome by the shortest way. */
  #judged(token, atHand, { now, require }) {
    try {
      if (now === undefined && require === undefined) return this.#judge(token, atHand);
      return this.#judge(token, atHand, now, require);
    } catch (cause) {
      throw fault(cause);
    }
  }

  /** The token of an outcome, which is its number or its text, or the text of an error. */
  #told(outcome) {
    if (typeof outcome === 'number') return new AccessToken(MAKE, this.#records.get(outcome) ?? this.#record(outcome));
    if (outcome.startsWith('{')) throw new At9068Error(JSON.parse(outcome));
    return this.#token(outcome);
  }

  /** What is told of a token whose number was told just now. */
  #record(number) {
    const told = new Told(call(() => this.#textOf(number)), within(this));
    this.#records.keep(number, told);
    return told;
  }

  #token(text) {
    return new AccessToken(MAKE, new Told(text, within(this)));
  }

  #explained(told) {
    return new Explanation(MAKE, told, within(this));
  }

  #calls(token, given) {
    const { native: handle } = within(this);
    const rest = [given.now, given.request, given.require];
    return { step: () => handle.step(token, ...rest), atHand: () => handle.validateAtHand(token, ...rest) };
  }

  /** Begins a native batch. Gives many tokens, and what else is given. */
  #begin(batch, tokens, options) {
    const all = args.many(tokens, 'tokens', args.token);
    const given = this.#arguments(options);
    call(() => batch.begin(given.now, given.request, given.require));
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
    const { now, request, require } = this.#arguments(options);
    const given = [args.token(token), now, request, require];
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

  /** What the native half takes beside a token. */
  #arguments(options) {
    if (options === undefined && within(this).clock === undefined) return NOTHING;
    const { now, request, require } = args.options(options, ['now', 'request', 'require']);
    const requestText = args.optionalJsonText(request, 'request');
    const requireText = args.optionalJsonText(require, 'require');
    return { now: args.time(now, within(this).clock), request: requestText, require: requireText };
  }
}

/** An error that is a verdict; a fault ends a batch. */
function refused(error) {
  if (error instanceof At9068Error) return error;
  throw error;
}

module.exports = { Validator };
