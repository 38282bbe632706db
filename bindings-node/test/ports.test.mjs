import assert from 'node:assert/strict';
import { AsyncLocalStorage } from 'node:async_hooks';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { IssuerCache, KeySet, Minter, Validator } from 'at9068';
import { API, thrown } from './common.mjs';
import { newKey, until, withIssuer } from './issuer.mjs';

const ISSUER = 'https://as.example/';
const key = newKey();

/** A world without sockets: documents by their URL, and what was asked for. */
function web(documents) {
  const asked = [];
  const fetch = async (request) => {
    asked.push(request);
    const found = documents[request.url];
    return typeof found === 'function' ? found(request) : (found ?? { status: 404, body: '' });
  };
  return { asked, fetch, urls: () => asked.map(({ url }) => url) };
}

function json(value, headers = {}) {
  return { status: 200, headers: { 'Content-Type': 'application/json', ...headers }, body: JSON.stringify(value) };
}

function published(issuer, keys = [key]) {
  const base = issuer.replace(/\/$/, '');
  return {
    [`${base}/.well-known/openid-configuration`]: json({ issuer, jwks_uri: `${base}/jwks` }),
    [`${base}/jwks`]: json(KeySet.fromSigningKeys(keys)),
  };
}

function mint(issuer = ISSUER, by = key) {
  const apis = [{ audience: API, dialect: 'rfc9068_profile', scopes: ['read'], lifetime_seconds: 86_400 }];
  const minter = new Minter({ issuer, keys: by, apis });
  const request = { grant_type: 'authorization_code', client_id: 'app', subject: 'user', scope: 'read' };
  return minter.mintSync(request).token;
}

const options = { issuer: ISSUER, audience: API };

test('documents are fetched by a function of the caller’s', async () => {
  const { asked, fetch, urls } = web(published(ISSUER));
  const validator = new Validator(options, { fetch });
  const tokens = await Promise.all(Array.from({ length: 100 }, () => validator.validate(mint())));
  assert.equal(tokens.length, 100);
  assert.deepEqual(urls(), [
    `${ISSUER}.well-known/oauth-authorization-server`,
    `${ISSUER}.well-known/openid-configuration`,
    `${ISSUER}jwks`,
  ]);
  for (const request of asked) {
    assert.deepEqual(request.headers.map(([name]) => name), ['Accept']);
    assert.ok(request.timeoutSeconds > 0 && request.timeoutSeconds <= 5);
    assert.ok(request.connectTimeoutSeconds > 0 && request.connectTimeoutSeconds <= 2);
    assert.equal(request.maxBodyBytes, 524_288);
    assert.equal(request.trustedHost, true);
    assert.equal(request.signal.aborted, false);
    assert.deepEqual([request.method, request.body], ['GET', undefined]);
  }
  // The core opens no socket for what the function does not give.
  await new Validator(options, { fetch }).prefetch();
  assert.equal(asked.length, 6);
});

test('a cache may have the function, for all of its validators', async () => {
  const { asked, fetch } = web(published(ISSUER));
  const cache = new IssuerCache({}, { fetch });
  const validators = [1, 2].map(() => new Validator({ ...options, issuer_cache: cache }));
  for (const validator of validators) assert.equal((await validator.validate(mint())).sub, 'user');
  assert.equal(asked.length, 3);
});

test('what the function gives may come in several forms', async () => {
  const jwks = KeySet.fromSigningKeys([key]).toJson();
  const type = 'application/json';
  for (const response of [
    { status: 200, headers: new Map([['content-type', type]]), body: new TextEncoder().encode(jwks) },
    { status: 200, headers: [['content-type', type]], body: new TextEncoder().encode(jwks).buffer },
    { status: 200, headers: new Headers({ 'content-type': type }), body: Buffer.from(jwks) },
    { status: 200, headers: { 'content-type': type }, body: jwks },
  ]) {
    const { fetch } = web({ [`${ISSUER}jwks`]: response });
    const validator = new Validator({ ...options, jwks_uri: `${ISSUER}jwks` }, { fetch });
    assert.equal((await validator.validate(mint())).sub, 'user');
  }
});

test('a function that fails is an outage, and what it threw is told', async () => {
  const boom = new Error('boom');
  const late = Object.assign(new Error('late'), { name: 'TimeoutError' });
  for (const [fetch, reason, cause] of [
    [() => { throw boom; }, 'connect', (given) => given === boom],
    [async () => { throw boom; }, 'connect', (given) => given === boom],
    [async () => { throw late; }, 'timeout', (given) => given === late],
    [async () => undefined, 'broken', (given) => given instanceof TypeError],
    [async () => ({ status: 200 }), 'broken', (given) => given instanceof TypeError],
    [async () => ({ status: 0, body: '' }), 'broken', (given) => given instanceof TypeError],
    [async () => ({ status: 200, headers: [['a', 1]], body: '' }), 'broken', (given) => given instanceof TypeError],
    [async () => ({ status: 200, body: 'x'.repeat(524_289) }), 'too_large', (given) => given === undefined],
    [async () => ({ status: 503, body: '' }), 'status', (given) => given === undefined],
    [() => new Promise(() => {}), 'timeout', (given) => given.message.includes('timeout')],
  ]) {
    const cached = { ...options, jwks_uri: `${ISSUER}jwks`, issuer_cache: { timeout_seconds: 0.2 } };
    const validator = new Validator(cached, { fetch });
    const error = await validator.validate(mint()).catch((caught) => caught);
    assert.deepEqual([error.code, error.status], ['keys_unavailable', 503], fetch.toString());
    assert.equal(validator.status().issuers[0].last_error.reason, reason, fetch.toString());
    assert.ok(cause(error.cause), fetch.toString());
  }
});

test('a function that is late is told so', async () => {
  let aborted = false;
  const fetch = ({ signal }) =>
    new Promise((_, reject) => signal.addEventListener('abort', () => { aborted = true; reject(signal.reason); }));
  const cached = { ...options, jwks_uri: `${ISSUER}jwks`, issuer_cache: { timeout_seconds: 0.1 } };
  await assert.rejects(new Validator(cached, { fetch }).validate(mint()), { code: 'keys_unavailable' });
  assert.equal(aborted, true);
});

test('keys that are due are fetched by the function too, and without a promise', async () => {
  const { asked, fetch } = web(published(ISSUER));
  let time = Date.now() / 1000;
  const validator = new Validator({ ...options, jwks_uri: `${ISSUER}jwks` }, { fetch, clock: () => time });
  assert.equal(thrown(() => validator.validateSync(mint())).code, 'keys_unavailable');
  await until(() => validator.status().issuers[0].state === 'fresh');
  assert.equal(validator.validateSync(mint()).sub, 'user');
  assert.equal(asked.length, 1);
  time += 500;
  assert.equal(validator.status().issuers[0].state, 'due');
  await sleep(1100); // at most once a second it is looked
  assert.equal((await validator.validate(mint())).sub, 'user');
  await until(() => validator.status().issuers[0].state === 'fresh');
  assert.equal(asked.length, 2);
});

test('who waits keeps its asynchronous context', async () => {
  const storage = new AsyncLocalStorage();
  const { fetch } = web(published(ISSUER));
  const validator = new Validator(options, { fetch });
  const seen = [1, 2, 3].map((id) => storage.run(id, async () => {
    await validator.validate(mint());
    return storage.getStore();
  }));
  assert.deepEqual(await Promise.all(seen), [1, 2, 3]);
});

test('a resolver knows issuers that are not configured', async () => {
  const [known, given, foreign] = ['https://a.example/', 'https://b.example/', 'https://c.example/'];
  const asked = [];
  const resolver = (issuer) => {
    asked.push(issuer);
    if (issuer === known) return { issuer };
    return issuer === given ? { issuer, jwks: key.keySet() } : null;
  };
  const { fetch } = web(published(known));
  const validator = new Validator(options, { fetch, resolver });
  assert.equal(validator.validateSync(mint(given)).iss, given);
  assert.equal((await validator.validate(mint(known))).iss, known);
  assert.equal((await validator.validate(mint(known))).iss, known);
  assert.equal(validator.validateSync(mint(given)).iss, given);
  assert.deepEqual(asked, [given, known], 'an answer is kept');
  await assert.rejects(validator.validate(mint(foreign)), { code: 'issuer_unknown' });
  assert.equal(thrown(() => validator.validateSync(mint(foreign))).code, 'issuer_unknown');
  const headers = [['Authorization', `Bearer ${mint(foreign)}`]];
  await assert.rejects(validator.authenticate({ headers }), { code: 'issuer_unknown' });
  assert.equal((await validator.explain(mint(foreign))).error.code, 'issuer_unknown');
  assert.equal(asked.length, 6, 'a no is not');
});

test('a resolver that fails, and one that answers wrongly', async () => {
  const boom = new Error('boom');
  const token = mint('https://a.example/');
  for (const [resolver, code, cause] of [
    [() => { throw boom; }, 'keys_unavailable', (given) => given === boom],
    [() => ({ issuer: 'https://a.example/', isuer: 1 }), 'internal', (given) => given.code === 'config_invalid'],
    [() => 7, 'internal', (given) => given.code === 'config_invalid'],
    [async () => null, 'internal', (given) => given.code === 'config_invalid'],
    [() => ({ issuer: 'https://other.example/' }), 'internal', (given) => given === undefined],
  ]) {
    const validator = new Validator({ ...options, jwks: key.keySet() }, { resolver });
    const error = thrown(() => validator.validateSync(token));
    assert.equal(error.code, code, resolver.toString());
    assert.ok(cause(error.cause), resolver.toString());
    await assert.rejects(validator.validate(token), { code });
    assert.equal(validator.validateSync(mint()).iss, ISSUER, 'others are judged as ever');
  }
});

test('a resolver may itself validate', () => {
  const inner = new Validator({ ...options, jwks: key.keySet() });
  const outer = new Validator(
    { ...options, jwks: key.keySet() },
    {
      resolver: (issuer) => {
        if (issuer === 'https://b.example/') return { issuer, jwks: key.keySet() };
        outer.validateSync(mint('https://b.example/'));
        return { issuer, jwks: inner.validateSync(mint()) && key.keySet() };
      },
    },
  );
  assert.equal(outer.validateSync(mint('https://a.example/')).iss, 'https://a.example/');
});

test(
  'tenants of one operator share a template, and nobody else is one',
  withIssuer(async (issuer) => {
    const at = (tenant) => `${issuer.url}${tenant}/`;
    issuer.document = (path) => {
      const [, tenant] = /^\/([a-z-]+)\/jwks$/.exec(path) ?? [];
      return tenant && KeySet.fromSigningKeys(issuer.keys).toJson();
    };
    const template = { issuer: at('{tenant}'), tenants: ['acme', 'eu-*'], jwks_uri: `${at('{tenant}')}jwks` };
    const validator = new Validator({
      audience: API,
      issuers: [template],
      issuer_cache: { danger_http_loopback: true },
    });
    for (const tenant of ['acme', 'eu-west']) {
      assert.equal((await validator.validate(mint(at(tenant), issuer.keys[0]))).iss, at(tenant));
      assert.equal(issuer.fetched(`/${tenant}/jwks`), 1);
    }
    await assert.rejects(validator.validate(mint(at('evil'), issuer.keys[0])), { code: 'issuer_unknown' });
    assert.deepEqual(validator.status().issuers.map((status) => status.issuer), [at('acme'), at('eu-west')]);
  }),
);

test('a clock that fails is a fault of the host, whatever keys are at hand', async () => {
  const boom = new Error('boom');
  const { fetch } = web(published(ISSUER));
  const validator = new Validator(options, { fetch, clock: () => { throw boom; } });
  for (const error of [
    await validator.validate(mint()).catch((caught) => caught),
    thrown(() => validator.status()),
    await validator.prefetch().catch((caught) => caught),
  ]) {
    assert.equal(error.code, 'internal');
    assert.equal(error.cause, boom);
  }
});
