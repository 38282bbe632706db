'use strict';

const native = require('./native.cjs');
const { call, failure, settle } = require('./error.cjs');
const args = require('./arguments.cjs');
const { MAKE, configuration } = require('./keys.cjs');
const { AccessToken } = require('./access_token.cjs');
const { Explanation } = require('./explanation.cjs');
const { cacheWithin } = require('./issuer_cache.cjs');
const { Ports } = require('./ports.cjs');

/** Where keys are fetched by a function of the caller's: how often it is looked which are due, in milliseconds. */
const LOOK = 1000;

/** How often a call waits before it makes do with the keys at hand. */
const ROUNDS = call(() => native.rounds());

class Validator {
  #native;
  #ports;
  /** The ports by which keys are fetched: the cache's, where one is given; none where nothing is. */
  #keys;
  #looked = -Infinity;

  constructor(options, given) {
    this.#ports = new Ports(given, ['clock', 'fetch', 'events', 'resolver']);
    let cache;
    const { text, keySets, signingKeys } = configuration(options, (value, at) => {
      if (at !== 'issuer_cache') return false;
      cache = cacheWithin(value);
      return cache !== undefined;
    });
    if (cache !== undefined && this.#ports.belongsToCache) {
      throw failure('argument_invalid', 'fetch and events are ports of the cache that is given');
    }
    const handles = [keySets, signingKeys, this.#ports.handle, cache?.handle];
    this.#native = call(() => native.newValidator(text, ...handles));
    if (call(() => this.#native.fetches())) this.#keys = cache?.ports ?? this.#ports;
  }

  static fromJson(text, ports) {
    return new this(new args.JsonText(text), ports);
  }

  async validate(token, options) {
    const given = this.#arguments(token, options);
    // With keys at hand it takes microseconds: to hand it to another thread would take longer.
    const step = () => this.#native.step(...given);
    return this.#token(await this.#settled(step, () => this.#native.validateAtHand(...given)));
  }

  validateSync(token, options) {
    const given = this.#arguments(token, options);
    const step = () => this.#native.step(...given);
    return this.#token(this.#atHand(step, () => this.#native.validateAtHand(...given)));
  }

  async authenticate(request, options) {
    const given = this.#requestArguments(request, options);
    const step = () => this.#native.authenticateStep(...given);
    return this.#token(await this.#settled(step, () => this.#native.authenticateAtHand(...given)));
  }

  authenticateSync(request, options) {
    const given = this.#requestArguments(request, options);
    const step = () => this.#native.authenticateStep(...given);
    return this.#token(this.#atHand(step, () => this.#native.authenticateAtHand(...given)));
  }

  async explain(token, options) {
    const given = this.#arguments(token, options);
    const step = () => this.#native.explainStep(...given);
    const handle = await this.#settled(step, () => this.#native.explainAtHand(...given));
    return new Explanation(MAKE, handle, this.#ports.clock);
  }

  explainSync(token, options) {
    const given = this.#arguments(token, options);
    const step = () => this.#native.explainStep(...given);
    const handle = this.#atHand(step, () => this.#native.explainAtHand(...given));
    return new Explanation(MAKE, handle, this.#ports.clock);
  }

  async prefetch() {
    await this.#fetchAll(call(() => this.#native.prefetchSteps()));
  }

  async refresh() {
    await this.#fetchAll(call(() => this.#native.refreshSteps()));
  }

  status() {
    this.#keys?.tellTime();
    return JSON.parse(call(() => this.#native.statusJson()));
  }

  get skippedKeys() {
    return call(() => this.#native.skippedKeys());
  }

  migrations() {
    return JSON.parse(call(() => this.#native.migrationsJson()));
  }

  /** The result of steps, between which keys are fetched; at once where none need be. */
  #settled(step, atHand) {
    const outcome = this.#ask(step);
    return outcome?.pending === true ? this.#later(step, atHand, outcome) : settle(outcome);
  }

  async #later(step, atHand, first) {
    let cause;
    let outcome = first;
    for (let rounds = 1; outcome?.pending === true; rounds += 1) {
      cause = (await this.#keys.wait(outcome)) ?? cause;
      outcome = this.#ask(rounds < ROUNDS ? step : atHand);
    }
    // What the caller's own fetch threw explains why there is no verdict, but nothing else.
    return settle(outcome, cause !== undefined && outcome?.retryAfter !== undefined ? { cause } : undefined);
  }

  async #fetchAll(steps) {
    await this.#settled(() => steps.step(), () => steps.step());
  }

  /** The result with the keys at hand. Where the core does not fetch others meanwhile, the caller's function does. */
  #atHand(step, atHand) {
    if (this.#keys?.fetches !== true) return settle(this.#ask(atHand));
    const outcome = this.#ask(step);
    if (outcome?.pending !== true) return settle(outcome);
    if (outcome.refresh) this.#meanwhile(outcome);
    return settle(this.#ask(atHand));
  }

  #ask(step) {
    this.#keys?.tellTime();
    const outcome = this.#ports.ask(step);
    if (this.#keys?.fetches === true) this.#fetchDue();
    return outcome;
  }

  /** Keys that are due are fetched by the core, unless that is left to the caller's function. */
  #fetchDue() {
    const now = performance.now();
    if (now - this.#looked < LOOK) return;
    this.#looked = now;
    const refresh = call(() => this.#native.dueRefresh());
    if (refresh !== null) this.#meanwhile({ refresh });
  }

  #meanwhile(pending) {
    // What comes of it is told by events, by the status, and by the next verdict.
    this.#keys.wait(pending).catch(() => undefined);
  }

  #token(handle) {
    return new AccessToken(MAKE, handle, this.#ports.clock);
  }

  /** What the native half takes to judge a token, in its order. */
  #arguments(token, options) {
    const { now, request, require } = args.options(options, ['now', 'request', 'require']);
    const given = args.token(token);
    const requestText = args.optionalJsonText(request, 'request');
    const requireText = args.optionalJsonText(require, 'require');
    return [given, args.time(now, this.#ports.clock), requestText, requireText];
  }

  /** The same of a request. */
  #requestArguments(request, options) {
    const { now, require } = args.options(options, ['now', 'require']);
    const requestText = args.jsonText(request, 'argument_invalid', 'request');
    const requireText = args.optionalJsonText(require, 'require');
    return [requestText, args.time(now, this.#ports.clock), requireText];
  }
}

module.exports = { Validator };
