import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { Minter, Revocations, Validator } from 'at9068';
import { ISSUER, NOW, code, key, mint, minterOptions, request, thrown, validatorOptions } from './common.mjs';

const at = { now: NOW };
const until = NOW + 600;

function list() {
  const revocations = new Revocations({ clock: () => NOW });
  return { revocations, validator: new Validator(validatorOptions, { revocations }) };
}

test('what is on the list is refused from then on, by every validator that has it', async () => {
  const { revocations, validator } = list();
  const other = new Validator(validatorOptions, { revocations });
  const [bad, good] = [mint({ jti: 'bad' }).token, mint({ jti: 'good' }).token];
  assert.equal(validator.validateSync(bad, at).jti, 'bad');
  revocations.revoke({ issuer: ISSUER, jti: 'bad', until });
  const error = thrown(() => validator.validateSync(bad, at));
  assert.deepEqual([error.code, error.claim, error.status], ['token_revoked', 'jti', 401]);
  assert.ok(error.challenge[0].includes('error="invalid_token"'));
  for (const one of [validator, other]) {
    await assert.rejects(one.validate(bad, at), { code: 'token_revoked' });
    const headers = [['Authorization', `Bearer ${bad}`]];
    await assert.rejects(one.authenticate({ headers }, at), { code: 'token_revoked' });
    assert.equal((await one.explain(bad, at)).error.code, 'token_revoked');
    assert.equal((await one.validate(good, at)).jti, 'good');
  }
});

test('all tokens of a subject, client or session are revoked up to an instant', () => {
  const of = (now, claims = {}) => new Minter(minterOptions).mintSync({ ...request, claims }, { now }).token;
  for (const [entry, claims, claim] of [
    [{ sub: request.subject }, {}, 'sub'],
    [{ client_id: 'app' }, {}, 'client_id'],
    [{ sid: 's1' }, { sid: 's1' }, 'sid'],
  ]) {
    const { revocations, validator } = list();
    revocations.revoke({ issuer: ISSUER, ...entry, issued_before: NOW, until });
    assert.equal(thrown(() => validator.validateSync(of(NOW - 1, claims), at)).claim, claim);
    assert.equal(validator.validateSync(of(NOW, claims), at).iat, NOW);
    assert.equal(revocations.size, 1);
  }
});

test('the core judges entries, be they data or text', () => {
  const { revocations } = list();
  const entry = { issuer: ISSUER, jti: 'a', until };
  revocations.revoke(entry);
  revocations.revoke(JSON.stringify({ ...entry, jti: 'b' }));
  assert.equal(revocations.size, 2);
  for (const wrong of [
    {},
    { ...entry, sub: 'b' },
    { ...entry, until: 1.5 },
    { ...entry, until: -1 },
    { ...entry, jti: '' },
    { ...entry, jti: '\ud800' },
    { ...entry, reason: 'lost' },
    { issuer: ISSUER, sub: 'b', until },
    '{"issuer":"a","issuer":"b","jti":"c","until":1}',
    undefined, null, 42, [],
  ]) {
    assert.equal(code(() => revocations.revoke(wrong)), 'argument_invalid', inspect(wrong));
  }
  assert.equal(revocations.size, 2);
});

test('a list is carried from one process to another', () => {
  const { revocations } = list();
  revocations.revoke({ issuer: ISSUER, jti: 'bad', until });
  const snapshot = revocations.snapshot();
  assert.ok(!snapshot.includes(ISSUER) && !snapshot.includes('bad'));
  const restored = list();
  restored.revocations.restore(snapshot);
  assert.equal(restored.revocations.size, 1);
  assert.equal(code(() => restored.validator.validateSync(mint({ jti: 'bad' }).token, at)), 'token_revoked');
  for (const wrong of ['', '{}', snapshot.slice(1), '\ud800', undefined, 42]) {
    assert.equal(code(() => restored.revocations.restore(wrong)), 'argument_invalid');
  }
});

test('entries that are over are forgotten, by the clock that is plugged in', () => {
  let time = NOW;
  const revocations = new Revocations({ clock: () => time });
  revocations.revoke({ issuer: ISSUER, jti: 'a', until });
  time = until;
  revocations.sweep();
  assert.equal(revocations.size, 1, 'validators may have leeway');
  time = until + 301;
  revocations.sweep();
  assert.equal(revocations.size, 0);
  const boom = new Error('boom');
  const broken = new Revocations({ clock: () => { throw boom; } });
  for (const call of [
    () => broken.revoke({ issuer: ISSUER, jti: 'a', until }),
    () => broken.sweep(),
    () => broken.restore(revocations.snapshot()),
  ]) {
    assert.equal(thrown(call).code, 'internal');
    assert.equal(thrown(call).cause, boom);
  }
});

test('a validator takes a list and nothing else, and a list shows nothing', () => {
  for (const wrong of [null, 42, {}, [], validatorOptions, Revocations, new Proxy(new Revocations(), {})]) {
    assert.equal(code(() => new Validator(validatorOptions, { revocations: wrong })), 'argument_invalid');
  }
  assert.equal(code(() => new Revocations({ clocks: () => 0 })), 'argument_invalid');
  const revocations = new Revocations();
  revocations.revoke({ issuer: ISSUER, sub: key.kid, issued_before: 1, until });
  assert.equal(inspect(revocations), 'Revocations {}');
});
