import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { AccessToken, At9068Error, Explanation, Validator, errorCodes } from 'at9068';
import { API, NOW, code, mint, request, thrown, validator, validatorOptions } from './common.mjs';

const at = { now: NOW };
const typings = readFileSync(new URL('../index.d.cts', import.meta.url), 'utf8');

/** The members that the typings give a step, or the outcomes that they name. */
function declared(pattern, member) {
  const [, body] = pattern.exec(typings);
  return [...body.matchAll(member)].map(([, name]) => name);
}

test('a good token is explained, and is there', () => {
  const { token } = mint();
  const explanation = validator.explainSync(token, at);
  assert.ok(explanation instanceof Explanation);
  assert.equal(explanation.error, null);
  assert.ok(explanation.token instanceof AccessToken);
  assert.equal(explanation.token.claimsJson, validator.validateSync(token, at).claimsJson);
  assert.deepEqual(explanation.trace, JSON.parse(explanation.traceJson));
  for (const step of explanation.trace) {
    assert.equal(step.outcome, 'pass');
    assert.equal(step.found, null);
    assert.equal(step.code, null);
  }
});

test('a refused token is explained too: nothing throws, and the first failure is the error', () => {
  const { token } = mint();
  const given = { now: NOW + 1e6, require: { scopes: ['admin'] } };
  const explanation = validator.explainSync(token, given);
  assert.equal(explanation.token, null);
  const { error } = explanation;
  assert.ok(error instanceof At9068Error);
  const refusal = thrown(() => validator.validateSync(token, given));
  assert.deepEqual({ ...error }, { ...refusal });
  assert.equal(error.message, refusal.message);
  assert.equal(error.code, 'token_expired');
  assert.equal(error.status, 401);
  assert.match(error.challenge[0], /^Bearer .*scope="admin"$/);
  const failed = explanation.trace.filter((step) => step.outcome === 'fail');
  assert.deepEqual(failed.map((step) => step.code), ['token_expired', 'scope_insufficient']);
  assert.deepEqual(failed.map((step) => step.claim), ['exp', 'scope']);
});

test('what follows a bad signature is not reached', () => {
  const [header, claims] = mint().token.split('.');
  const forged = `${header}.${claims}.${Buffer.alloc(64).toString('base64url')}`;
  const { trace, token, error } = validator.explainSync(forged, at);
  assert.equal(token, null);
  assert.equal(error.code, 'signature_invalid');
  assert.equal(error.authenticated, false);
  const failed = trace.findIndex((step) => step.outcome === 'fail');
  assert.equal(trace[failed].code, 'signature_invalid');
  assert.ok(trace.slice(0, failed).every((step) => step.outcome === 'pass'));
  assert.ok(trace.length > failed + 1);
  assert.ok(trace.slice(failed + 1).every((step) => step.outcome === 'not_reached' && step.code === null));
});

test('steps have the members that the typings declare, in the order of the text', () => {
  const members = declared(/^export interface Step \{\n([^]*?)^\}/m, /^  readonly (\w+):/gm);
  const outcomes = declared(/^export type Outcome = ([^;]*);/m, /'(\w+)'/g);
  const codes = new Set(errorCodes().map((row) => row.code));
  const seen = new Set();
  for (const token of [mint().token, 'x.y.z', '']) {
    const { trace } = validator.explainSync(token, { now: NOW + 1e6 });
    for (const step of trace) {
      assert.deepEqual(Object.keys(step), members);
      for (const name of ['rule', 'section', 'expected']) assert.equal(typeof step[name], 'string');
      for (const name of ['claim', 'found']) assert.ok(step[name] === null || typeof step[name] === 'string');
      assert.ok(step.code === null || codes.has(step.code));
      seen.add(step.outcome);
    }
  }
  assert.deepEqual([...seen].sort(), [...outcomes].sort());
});

test('everything is made once, when it is asked for', () => {
  for (const now of [NOW, NOW + 1e6]) {
    const explanation = validator.explainSync(mint().token, { now });
    for (const name of ['trace', 'token', 'error']) assert.equal(explanation[name], explanation[name], name);
    explanation.trace.length = 0;
    assert.notEqual(explanation.traceJson, '[]');
  }
});

test('a validator that is gone is not missed', () => {
  const explanation = new Validator(validatorOptions).explainSync(mint({ roles: ['a'] }).token, at);
  assert.deepEqual(explanation.token.roles, ['a']);
  assert.equal(code(() => explanation.token.require({ roles: ['b'] }, at)), 'permission_insufficient');
});

test('the promise is one, and only what the caller does wrong rejects it', async () => {
  const { token } = mint();
  const promise = validator.explain(token, at);
  assert.ok(promise instanceof Promise);
  assert.equal((await promise).traceJson, validator.explainSync(token, at).traceJson);
  assert.equal((await validator.explain(token)).error.code, 'token_expired', 'without now the clock is asked');
  const wrong = [
    [], [42, at], [null, at], [{}, at], [token, null], [token, { requires: {} }], [token, { now: '1' }],
    [token, { now: NaN }], [token, { ...at, require: { scope: [] } }], [token, { ...at, request: 'x' }],
  ];
  for (const given of wrong) {
    let pending;
    assert.doesNotThrow(() => {
      pending = validator.explain(...given);
    });
    await assert.rejects(pending, { name: 'At9068Error', code: 'argument_invalid' });
    assert.equal(code(() => validator.explainSync(...given)), 'argument_invalid');
  }
});

test('text and bytes that are no token are explained like any other', () => {
  const { token } = mint();
  assert.equal(validator.explainSync(Buffer.from(token), at).token.sub, request.subject);
  for (const bad of ['', '\ud800', `${token}é`, new Uint8Array([0xff]), new Uint8Array()]) {
    const { error, trace } = validator.explainSync(bad, at);
    assert.equal(error.code, 'token_malformed');
    assert.equal(trace[0].code, 'token_malformed');
  }
});

test('the clock is the port that was plugged in, for the token too', () => {
  let now = NOW;
  const own = new Validator(validatorOptions, { clock: () => now });
  const { token } = own.explainSync(mint({ auth_time: NOW }).token);
  token.require({ max_age: 10 });
  now = NOW + 41;
  assert.equal(code(() => token.require({ max_age: 10 })), 'authentication_insufficient');
  const cause = new Error('no time');
  const failing = new Validator(validatorOptions, {
    clock: () => {
      throw cause;
    },
  });
  const error = thrown(() => failing.explainSync(mint().token));
  assert.equal(error.code, 'internal');
  assert.equal(error.cause, cause);
});

test('nothing of a token shows in a trace, and an explanation shows nothing of itself', () => {
  const { token } = mint();
  const other = new Validator({ ...validatorOptions, audience: 'other' });
  const explanation = other.explainSync(token, at);
  const { traceJson } = explanation;
  assert.match(traceJson, /audience_mismatch/);
  for (const part of [...token.split('.'), request.subject, API]) assert.ok(!traceJson.includes(part));
  assert.equal(inspect(explanation), 'Explanation {}');
});

test('only a validator makes an explanation', () => {
  assert.equal(code(() => new Explanation()), 'argument_invalid');
  assert.equal(code(() => new Explanation(Symbol('make'), {})), 'argument_invalid');
  const { explainSync } = validator;
  assert.throws(() => explainSync(mint().token, at), TypeError);
});
