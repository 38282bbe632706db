import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { At9068Error, Validator, errorCodes } from 'at9068';
import { API, NOW, mint, minter, request, thrown, validator, validatorOptions } from './common.mjs';

const require = createRequire(import.meta.url);
const { call, callAsync } = require('../lib/error.cjs');
const typings = readFileSync(new URL('../index.d.cts', import.meta.url), 'utf8');

test('a refusal carries everything that there is to answer with', () => {
  const { token } = mint();
  const api = new Validator({ ...validatorOptions, realm: 'api' });
  const error = thrown(() => api.validateSync(token, { now: NOW, require: { scopes: ['read', 'write'] } }));
  assert.ok(error instanceof At9068Error);
  assert.ok(error instanceof Error);
  assert.equal(error.name, 'At9068Error');
  const { code, number, claim, kind, authenticated, oauth, status, challenge, headers, retryAfter } = error;
  assert.deepEqual(
    { code, number, claim, kind, authenticated, oauth, status, headers, retryAfter },
    {
      code: 'scope_insufficient',
      number: 701,
      claim: 'scope',
      kind: null,
      authenticated: true,
      oauth: 'insufficient_scope',
      status: 403,
      headers: [],
      retryAfter: null,
    },
  );
  assert.equal(challenge.length, 1);
  assert.match(challenge[0], /^Bearer realm="api", error="insufficient_scope", .*scope="read write"$/);
  assert.deepEqual(error.httpResponse, {
    status: 403,
    headers: [
      ['WWW-Authenticate', challenge[0]],
      ['Content-Type', 'application/problem+json'],
      ['Cache-Control', 'no-store'],
    ],
    body:
      '{"title":"Forbidden","status":403,"detail":"the token\'s scope is not sufficient","code":"scope_insufficient"}',
  });
  assert.ok(!inspect(error).includes('title'), 'what is shown is not shown twice');
  assert.match(error.message, /scope is not sufficient/);
  assert.match(error.stack, /^At9068Error: /);
  assert.equal('cause' in error, false);
});

test('a refusal that came before the signature says so, and what the token looks like', () => {
  const header = Buffer.from('{"alg":"EdDSA","typ":"logout+jwt"}').toString('base64url');
  const [, claims, signature] = mint().token.split('.');
  const error = thrown(() => validator.validateSync([header, claims, signature].join('.'), { now: NOW }));
  assert.equal(error.code, 'type_mismatch');
  assert.equal(error.kind, 'logout_token');
  assert.equal(error.authenticated, false);
});

test('an error has the same answer whichever way it came, and none where nobody is answered', async () => {
  const token = mint().token.slice(0, -8) + 'AAAAAAAA';
  const [one] = await validator.validateMany([token], { now: NOW });
  const ways = [one, thrown(() => validator.validateSync(token, { now: NOW, request: {} }))];
  ways.push(thrown(() => validator.authenticateSync({ headers: [['Authorization', `Bearer ${token}`]] }, { now: NOW })));
  ways.push((await validator.explain(token, { now: NOW })).error);
  const expected = thrown(() => validator.validateSync(token, { now: NOW })).httpResponse;
  assert.equal(expected.status, 401);
  for (const error of ways) assert.deepEqual(error.httpResponse, expected);
  assert.equal(thrown(() => new Validator({ ...validatorOptions, audiense: API })).httpResponse, undefined);
});

test('errors of minting carry what a token endpoint answers', () => {
  const error = thrown(() => minter.mintSync({ ...request, resource: ['https://other.example/'] }));
  assert.equal(error.code, 'invalid_target');
  assert.equal(error.oauth, 'invalid_target');
  assert.equal(error.status, 400);
  assert.equal(JSON.parse(error.httpResponse.body).error, 'invalid_target');
});

test('nothing of a token shows in an error', () => {
  const { token } = mint();
  const other = new Validator({ ...validatorOptions, audience: 'other' });
  const seen = inspect(thrown(() => other.validateSync(token, { now: NOW })), { depth: null, showHidden: true });
  for (const part of token.split('.')) assert.ok(!seen.includes(part));
  assert.ok(!seen.includes('auth0|123456'));
});

test('the table has every code once, in order, with its answer', () => {
  const rows = errorCodes();
  const numbers = rows.map((row) => row.number);
  assert.deepEqual(numbers, [...new Set(numbers)].sort((a, b) => a - b));
  const row = rows.find(({ code }) => code === 'audience_mismatch');
  assert.deepEqual(row, {
    code: 'audience_mismatch',
    number: 604,
    message: 'the token is meant for another audience',
    family: 'token',
    oauth: 'invalid_token',
    status: 401,
    source: 'RFC 9068 §4',
  });
  assert.equal(rows.find(({ code }) => code === 'config_invalid').status, null);
  rows.pop();
  assert.equal(errorCodes().length, numbers.length, 'a caller gets its own list');
});

test('the typings list exactly the codes, and every family', () => {
  const union = (name) => {
    const [, body] = new RegExp(`export type ${name} =([^;]*);`).exec(typings);
    return [...body.matchAll(/'([a-z_0-9]+)'/g)].map(([, text]) => text);
  };
  assert.deepEqual(union('ErrorCode'), errorCodes().map((row) => row.code));
  const [, families] = /family: ([^;]*);/.exec(typings);
  const listed = [...families.matchAll(/'([a-z_]+)'/g)].map(([, text]) => text);
  for (const { family } of errorCodes()) assert.ok(listed.includes(family), family);
});

test('whatever else the native half throws is internal, with the cause beside it', async () => {
  const cause = new TypeError('napi says no');
  const fails = () => {
    throw cause;
  };
  for (const error of [thrown(() => call(fails)), await callAsync(fails).catch((error) => error)]) {
    assert.ok(error instanceof At9068Error);
    assert.equal(error.code, 'internal');
    assert.equal(error.number, 901);
    assert.equal(error.status, 500);
    assert.deepEqual(error.challenge, []);
    assert.equal(error.cause, cause);
    assert.ok(!error.message.includes('napi'));
  }
});

test('promises reject and never throw', async () => {
  for (const method of ['validate', 'authenticate']) {
    for (const given of [undefined, 42, 'x', { headers: 1 }]) {
      let promise;
      assert.doesNotThrow(() => {
        promise = validator[method](given, null);
      });
      await assert.rejects(promise, { name: 'At9068Error', code: 'argument_invalid' });
    }
  }
  await assert.rejects(minter.mint(undefined), { code: 'argument_invalid' });
  await assert.rejects(minter.mint({ ...request, audience: [API, API + 'x'] }), { code: 'invalid_target' });
});
