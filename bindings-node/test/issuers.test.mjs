import assert from 'node:assert/strict';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { At9068Error, IssuerCache, Validator } from 'at9068';
import { API, thrown } from './common.mjs';
import { loopback, newKey, until, withIssuer } from './issuer.mjs';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc');

const states = (validator) => validator.status().issuers.map(({ state }) => state);

test(
  'keys are found by discovery, and fetched once',
  withIssuer(async (issuer) => {
    const validator = issuer.validator();
    assert.deepEqual(states(validator), ['empty']);
    for (let i = 0; i < 3; i += 1) assert.equal((await validator.validate(issuer.mint())).sub, 'user');
    assert.deepEqual(issuer.requests, {
      '/.well-known/oauth-authorization-server': 1,
      '/.well-known/openid-configuration': 1,
      '/jwks': 1,
    });
    const [status] = validator.status().issuers;
    assert.equal(status.state, 'fresh');
    assert.equal(status.jwks_uri, issuer.jwksUri);
    assert.equal(status.last_error, null);
    assert.equal(status.counters.refreshes, 1);
    // At hand they serve whoever cannot wait.
    assert.equal(validator.validateSync(issuer.mint()).sub, 'user');
    const headers = [['Authorization', `Bearer ${issuer.mint()}`]];
    assert.equal((await validator.authenticate({ headers })).sub, 'user');
    assert.equal(validator.authenticateSync({ headers }).sub, 'user');
    assert.equal((await validator.explain(issuer.mint())).error, null);
  }),
);

test(
  'every way to ask fetches the keys from jwks_uri that it needs',
  withIssuer(async (issuer) => {
    const options = { jwks_uri: issuer.jwksUri };
    const token = issuer.mint();
    const headers = [['Authorization', `Bearer ${token}`]];
    await issuer.validator(options).validate(token);
    await issuer.validator(options).authenticate({ headers });
    assert.equal((await issuer.validator(options).explain(token)).token.sub, 'user');
    await issuer.validator(options).prefetch();
    assert.deepEqual(issuer.requests, { '/jwks': 4 });
  }),
);

test(
  'what cannot wait is answered with the keys at hand, and others are fetched meanwhile',
  withIssuer(async (issuer) => {
    const token = issuer.mint();
    const headers = [['Authorization', `Bearer ${token}`]];
    for (const ask of [
      (validator) => validator.validateSync(token),
      (validator) => validator.authenticateSync({ headers }),
      (validator) => {
        const { error } = validator.explainSync(token);
        if (error) throw error;
      },
    ]) {
      const validator = issuer.validator({ jwks_uri: issuer.jwksUri });
      const error = thrown(() => ask(validator));
      assert.deepEqual([error.code, error.status, error.challenge], ['keys_unavailable', 503, []]);
      assert.ok(error.retryAfter >= 1);
      await until(() => states(validator)[0] === 'fresh');
      ask(validator);
    }
  }),
);

test(
  'keys that are published later are found; those that are taken back serve no more',
  withIssuer(async (issuer) => {
    const now = Date.now() / 1000;
    let time = now;
    const validator = issuer.validator({ jwks_uri: issuer.jwksUri }, { clock: () => time });
    const [old, next] = [issuer.keys[0], newKey()];
    await validator.validate(issuer.mint(old));
    issuer.keys = [old, next];
    await assert.rejects(validator.validate(issuer.mint(next)), { code: 'key_not_found' });
    time = now + 31; // a cooldown later
    assert.equal((await validator.validate(issuer.mint(next))).sub, 'user');
    assert.equal((await validator.validate(issuer.mint(old))).sub, 'user');
    issuer.keys = [next];
    await validator.refresh();
    await assert.rejects(validator.validate(issuer.mint(old)), { code: 'key_not_found' });
    // Due: they serve, and are fetched behind the scenes.
    const before = issuer.fetched();
    time += 500;
    assert.deepEqual(states(validator), ['due']);
    assert.equal((await validator.validate(issuer.mint(next))).sub, 'user');
    await until(() => issuer.fetched() === before + 1);
    await until(() => states(validator)[0] === 'fresh');
  }),
);

test(
  'an outage is nobody’s fault: 503, and when to try again',
  withIssuer(async (issuer) => {
    let down = true;
    issuer.fault = async (_, response) => down && Boolean(response.writeHead(500).end());
    const validator = issuer.validator();
    const error = await validator.validate(issuer.mint()).catch((caught) => caught);
    assert.ok(error instanceof At9068Error);
    assert.deepEqual([error.code, error.status, error.challenge], ['keys_unavailable', 503, []]);
    assert.ok(error.retryAfter >= 1);
    await assert.rejects(validator.prefetch(), { code: 'keys_unavailable' });
    await assert.rejects(validator.refresh(), { code: 'keys_unavailable' });
    const [{ last_error: last }] = validator.status().issuers;
    assert.deepEqual([last.code, last.reason], ['keys_unavailable', 'status']);
    down = false;
    await validator.refresh();
    assert.equal((await validator.validate(issuer.mint())).sub, 'user');
  }),
);

test(
  'an issuer that never answers is given up',
  withIssuer(async (issuer) => {
    issuer.fault = () => new Promise(() => {});
    const validator = issuer.validator({ issuer_cache: { ...loopback, timeout_seconds: 0.3 } });
    await assert.rejects(validator.validate(issuer.mint()), { code: 'keys_unavailable' });
    assert.equal(validator.status().issuers[0].last_error.reason, 'timeout');
  }),
);

test('who waits for a fetch that never comes back is woken all the same', async () => {
  const { over } = createRequire(import.meta.url)('../lib/channel.cjs');
  let looked = 0;
  await over({ isOver: () => (looked += 1) === 2, onOver: () => {} });
  assert.equal(looked, 2);
});

test(
  'metadata that speaks of another issuer is not believed',
  withIssuer(async (issuer) => {
    issuer.document = () => JSON.stringify({ issuer: 'https://other.example/', jwks_uri: issuer.jwksUri });
    const error = await issuer.validator().validate(issuer.mint()).catch((caught) => caught);
    assert.deepEqual([error.code, error.status], ['metadata_invalid', 503]);
  }),
);

test(
  'a thousand first calls at once make one request for each document',
  withIssuer(async (issuer) => {
    const token = issuer.mint();
    const validator = issuer.validator();
    const calls = Array.from({ length: 1000 }, () => validator.validate(token));
    for (const { sub } of await Promise.all(calls)) assert.equal(sub, 'user');
    assert.deepEqual(Object.values(issuer.requests), [1, 1, 1]);
  }),
);

test(
  'the loop goes on while an issuer hangs',
  withIssuer(async (issuer) => {
    const measured = async (body) => {
      const delay = monitorEventLoopDelay({ resolution: 5 });
      delay.enable();
      await body();
      delay.disable();
      return delay.max / 1e6;
    };
    const token = issuer.mint();
    const idle = await measured(() => sleep(1000));
    let release;
    const hanging = new Promise((resolve) => (release = resolve));
    issuer.fault = () => hanging;
    const validator = issuer.validator({ jwks_uri: issuer.jwksUri });
    let done = false;
    const calls = Array.from({ length: 100 }, () => validator.validate(token));
    const all = Promise.all(calls).then(() => (done = true));
    const busy = await measured(() => sleep(1000));
    assert.equal(done, false);
    assert.ok(busy < 500 && busy < 20 * idle + 200, `${busy} ms, idle ${idle} ms`);
    release(false);
    await all;
  }),
);

test(
  'no thread of the pool is held while issuers hang',
  withIssuer(async (issuer) => {
    let release;
    const hanging = new Promise((resolve) => (release = resolve));
    issuer.fault = () => hanging;
    // Twice as many as the pool has threads, each with a fetch of its own.
    const validators = Array.from({ length: 8 }, () => issuer.validator({ jwks_uri: issuer.jwksUri }));
    const all = Promise.all(validators.map((validator) => validator.validate(issuer.mint())));
    await until(() => issuer.fetched() === validators.length);
    assert.ok((await readFile(new URL(import.meta.url))).length > 0);
    release(false);
    assert.equal((await all).length, validators.length);
  }),
);

test(
  'a validator may be forgotten while its promise is pending',
  withIssuer(async (issuer) => {
    let release;
    const hanging = new Promise((resolve) => (release = resolve));
    issuer.fault = () => hanging;
    const pending = [issuer.validator({}).validate(issuer.mint()), issuer.validator({}).prefetch()];
    for (let i = 0; i < 5; i += 1) {
      collect();
      await sleep(10);
    }
    release(false);
    assert.equal((await pending[0]).sub, 'user');
    await pending[1];
  }),
);

test(
  'a validator that its own listener knows is given back all the same',
  withIssuer(async (issuer) => {
    const used = async () => {
      const validator = issuer.validator({}, { events: () => validator.status() });
      await validator.validate(issuer.mint());
      return new WeakRef(validator);
    };
    const validator = await used();
    await until(() => {
      collect();
      return validator.deref() === undefined;
    });
  }),
);

test(
  'events are told to who listens and to who subscribes',
  withIssuer(async (issuer) => {
    const names = ['refreshed', 'refresh_failed', 'unknown_kid', 'entry_dropped'].map((name) => `at9068:${name}`);
    const published = [];
    const hear = (event, name) => published.push([name, event]);
    for (const name of names) subscribe(name, hear);
    const told = [];
    const validator = issuer.validator({ jwks_uri: issuer.jwksUri }, { events: (event) => told.push(event) });
    issuer.document = () => JSON.stringify({ keys: [...issuer.keys.map((key) => key.publicJwk()), { kty: 'RSA' }] });
    await validator.validate(issuer.mint());
    await assert.rejects(validator.validate(issuer.mint(newKey())), { code: 'key_not_found' });
    issuer.fault = async (_, response) => Boolean(response.writeHead(500).end());
    await assert.rejects(validator.refresh(), { code: 'keys_unavailable' });
    await until(() => told.length === 4);
    const at = { issuer: issuer.url };
    assert.deepEqual(told, [
      { event: 'refreshed', ...at, keys: 1, changed: true },
      { event: 'entry_dropped', ...at, index: 1, code: 'key_malformed' },
      { event: 'unknown_kid', ...at },
      { event: 'refresh_failed', ...at, code: 'keys_unavailable', reason: 'status' },
    ]);
    assert.deepEqual(published, told.map((event) => [`at9068:${event.event}`, event]));
    for (const name of names) assert.ok(unsubscribe(name, hear));
  }),
);

test(
  'validators share the keys of a cache; a snapshot carries them through an outage',
  withIssuer(async (issuer) => {
    const told = [];
    const cache = new IssuerCache(loopback, { events: ({ event }) => told.push(event) });
    const options = { ...issuer.options, issuer_cache: cache };
    const token = issuer.mint();
    await Promise.all([new Validator(options).validate(token), new Validator(options).validate(token)]);
    assert.equal(issuer.fetched(), 1);
    assert.deepEqual(cache.status().issuers.map(({ issuer: url, state }) => [url, state]), [[issuer.url, 'fresh']]);
    await until(() => told.length === 1);

    const snapshot = cache.snapshot();
    issuer.fault = async (_, response) => Boolean(response.destroy());
    const restored = IssuerCache.fromJson(JSON.stringify(loopback));
    restored.restore(snapshot);
    const validator = new Validator({ ...options, issuer_cache: restored });
    assert.equal(validator.validateSync(token).sub, 'user');
    for (const wrong of ['', '{}', snapshot.slice(1)]) {
      assert.equal(thrown(() => restored.restore(wrong)).code, 'argument_invalid');
    }
    assert.equal(thrown(() => restored.restore(7)).code, 'argument_invalid');
  }),
);

test('ports and options of caches that cannot be are refused', () => {
  const options = { issuer: 'https://as.example/', audience: API };
  const cache = new IssuerCache();
  for (const [make, code] of [
    [() => new IssuerCache({ max_isuers: 1 }), 'config_invalid'],
    [() => new IssuerCache({}, { resolver: () => null }), 'argument_invalid'],
    [() => new IssuerCache({}, { events: 7 }), 'argument_invalid'],
    [() => new Validator(options, { fetch: 'https://as.example/' }), 'argument_invalid'],
    [() => new Validator(options, { resolver: {} }), 'argument_invalid'],
    [() => new Validator({ ...options, issuer_cache: cache }, { fetch: async () => ({}) }), 'argument_invalid'],
    [() => new Validator({ ...options, issuer_cache: cache }, { events: () => {} }), 'argument_invalid'],
    [() => new Validator({ audience: API, issuers: [{ ...options, issuer_cache: cache }] }), 'config_invalid'],
    [() => new Validator({ ...options, jwks: cache }), 'config_invalid'],
    [() => new Validator({ issuer: 'http://127.0.0.1/', audience: API }), 'config_invalid'],
  ]) {
    assert.equal(thrown(make).code, code, make.toString());
  }
  assert.deepEqual(cache.status(), { issuers: [] });
});
