'use strict';

const native = require('./native.cjs');
const { call, callAsync, failure, settle } = require('./error.cjs');
const args = require('./arguments.cjs');
const { configuration, made } = require('./keys.cjs');
const { cacheWithin } = require('./issuer_cache.cjs');
const { Ports } = require('./ports.cjs');

/** Where keys are fetched by a function of the caller's: how often it is looked which are due, in milliseconds. */
const LOOK = 1000;

/** How often a call waits for keys before it makes do with those at hand. */
const ROUNDS = call(() => native.rounds());

// What only subclasses do: the rest of what is within an instance, and how its calls are made.
let within;
let settled;
let later;
let atHand;
let advanced;
let advancedSync;

/** What validators have in common, whatever they validate: ports, keys, and waiting for them. */
class FetchingValidator {
  /**
   * What subclasses and tokens need: the native half; the clock; whether nothing else of the caller's is asked or told
   * of every call; and whether it has a resolver.
   */
  #within;
  #keys;
  #ports;
  /** The ports by which keys are fetched: the cache's, where one is given; none where nothing is. */
  #fetching;
  #looked = -Infinity;

  static {
    within = (validator) => validator.#within;
    settled = (validator, calls) => validator.#settled(calls);
    advanced = (validator, batch) => validator.#advanced(batch);
    advancedSync = (validator, batch) => validator.#advancedSync(batch);
    later = (validator, calls, outcome) => validator.#later(calls, outcome);
    atHand = (validator, calls) => validator.#atHand(calls);
  }

  /** `make` makes the native half; `names` are those of the ports that only this kind of validator has. */
  constructor(proof, make, options, given, names) {
    made(proof, 'a FetchingValidator');
    this.#ports = new Ports(given, ['clock', 'fetch', 'events', ...names]);
    let cache;
    const { text, keySets, signingKeys } = configuration(options, (value, at) => {
      if (at !== 'issuer_cache') return false;
      cache = cacheWithin(value);
      return cache !== undefined;
    });
    if (cache !== undefined && this.#ports.belongsToCache) {
      throw failure('argument_invalid', 'fetch and events are ports of the cache that is given');
    }
    const handle = call(() => make(text, keySets, signingKeys, this.#ports.handle, cache?.handle));
    this.#keys = call(() => handle.keys());
    if (call(() => this.#keys.fetches())) this.#fetching = cache?.ports ?? this.#ports;
    const fetching = this.#fetching;
    const silent = this.#ports.silent && (fetching === undefined || (fetching.silent && fetching.clock === undefined));
    const { clock, resolves } = this.#ports;
    this.#within = { native: handle, clock, silent, resolves };
  }

  static fromJson(text, ports) {
    return new this(new args.JsonText(text), ports);
  }

  async prefetch() {
    await this.#fetchAll(call(() => this.#keys.prefetchSteps()));
  }

  async refresh() {
    await this.#fetchAll(call(() => this.#keys.refreshSteps()));
  }

  status() {
    this.#fetching?.tellTime();
    return JSON.parse(call(() => this.#keys.statusJson()));
  }

  get skippedKeys() {
    return call(() => this.#within.native.skippedKeys());
  }

  /** The result of steps, between which it is waited for what they want; at once where that is nothing. */
  #settled(calls) {
    const asking = this.#ports.remembering(calls);
    const outcome = this.#ask(asking.step);
    return outcome?.pending === true ? this.#later(asking, outcome) : settle(outcome);
  }

  async #later({ step, atHand }, first) {
    let cause;
    let outcome = first;
    for (let waits = 0; outcome?.pending === true; ) {
      if (outcome.use) {
        await outcome.use.ask();
      } else {
        waits += 1;
        cause = (await this.#fetching.wait(outcome)) ?? cause;
      }
      outcome = this.#ask(waits < ROUNDS ? step : atHand);
    }
    // What the caller's own fetch threw explains why there is no verdict, but nothing else.
    return settle(outcome, cause !== undefined && outcome?.retryAfter !== undefined ? { cause } : undefined);
  }

  async #fetchAll(steps) {
    const step = () => steps.step();
    await this.#settled({ step, atHand: step });
  }

  /** The result with the keys at hand. Where the core does not fetch others meanwhile, the caller's function does. */
  #atHand(calls) {
    const { step, atHand } = this.#ports.remembering(calls);
    if (this.#fetching?.fetches !== true) return settle(this.#askAtOnce(atHand));
    const outcome = this.#askAtOnce(step);
    if (outcome?.pending !== true) return settle(outcome);
    if (outcome.refresh) this.#meanwhile(outcome);
    return settle(this.#askAtOnce(atHand));
  }

  /** Ends when a native batch has its verdicts. Gives what the caller's own fetch threw, where it did. */
  async #advanced(batch) {
    for (let cause; ; ) {
      this.#fetching?.tellTime();
      const outcome = await callAsync(() => batch.advance());
      this.#fetchDue();
      if (outcome?.pending !== true) return cause;
      cause = (await this.#fetching.wait(outcome)) ?? cause;
    }
  }

  /** The same with the keys at hand. Where the core does not fetch others meanwhile, the caller's function does. */
  #advancedSync(batch) {
    this.#fetching?.tellTime();
    if (this.#fetching?.fetches === true) {
      const outcome = call(() => batch.advanceSync());
      this.#fetchDue();
      if (outcome?.pending !== true) return;
      if (outcome.refresh) this.#meanwhile(outcome);
    }
    call(() => batch.finishAtHand());
  }

  /** The outcome of a call, for which a store of the caller's may have to be asked. */
  #askAtOnce(work) {
    const outcome = this.#ask(work);
    if (!outcome?.use) return outcome;
    outcome.use.askSync();
    return this.#ask(work);
  }

  #ask(work) {
    this.#fetching?.tellTime();
    const outcome = this.#ports.ask(work);
    this.#fetchDue();
    return outcome;
  }

  /** Keys that are due are fetched by the core, unless that is left to the caller's function. */
  #fetchDue() {
    if (this.#fetching?.fetches !== true) return;
    const now = performance.now();
    if (now - this.#looked < LOOK) return;
    this.#looked = now;
    const refresh = call(() => this.#keys.dueRefresh());
    if (refresh !== null) this.#meanwhile({ refresh });
  }

  #meanwhile(pending) {
    // What comes of it is told by events, by the status, and by the next verdict.
    this.#fetching.wait(pending).catch(() => undefined);
  }
}

/** The two ways in which the native half judges: step by step, and with the keys at hand. */
function judging(validator, token, expected, what, options) {
  const { native: handle, clock } = within(validator);
  const { now } = args.options(options, ['now']);
  const given = args.token(token);
  const text = args.optionalJsonText(expected, what);
  const time = args.time(now, clock);
  return {
    step: () => handle.step(given, time, text),
    atHand: () => handle.validateAtHand(given, time, text),
  };
}

module.exports = { FetchingValidator, advanced, advancedSync, atHand, judging, later, settled, within };
