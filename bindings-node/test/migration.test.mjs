import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Validator } from 'at9068';
import { ISSUER, NOW, code, key, mint, validator, validatorOptions } from './common.mjs';

const at = { now: NOW };
const both = { ...validatorOptions, audience: [validatorOptions.audience, 'auth0'] };
const moving = { ...both, migrate_from: 'auth0' };
const breaks = ['type_mismatch', 'claim_missing'];

/** A token of the profile that the API comes from. */
function former() {
  return mint({ resource: undefined, audience: ['auth0'], scope: undefined }).token;
}

test('a token tells what would refuse it', () => {
  const own = new Validator(moving);
  const old = own.validateSync(former(), at);
  assert.equal(old.profile, 'auth0');
  assert.deepEqual(old.wouldBreak, breaks);
  assert.equal(old.wouldBreak, old.wouldBreak);
  const standard = own.validateSync(mint().token, at);
  assert.equal(standard.profile, 'rfc9068');
  assert.deepEqual(standard.wouldBreak, []);
  // With every verdict, be the token remembered or not.
  const tokens = [former(), mint().token];
  for (const token of [...tokens, ...tokens, ...tokens]) {
    const { profile, wouldBreak } = own.validateSync(token, at);
    assert.deepEqual(wouldBreak, profile === 'auth0' ? breaks : []);
  }
});

test('without a migration nothing breaks', () => {
  assert.deepEqual(validator.validateSync(mint().token, at).wouldBreak, []);
  assert.deepEqual(validator.migrations(), []);
  const accepting = new Validator({ ...both, profiles: ['rfc9068', 'auth0'] });
  assert.deepEqual(accepting.validateSync(former(), at).wouldBreak, []);
  assert.deepEqual(accepting.migrations(), []);
});

test('accepted tokens are counted', async () => {
  const own = new Validator(moving);
  const started = { issuer: ISSUER, from: 'auth0', to: 'rfc9068', migrated: 0, remaining: 0, codes: {} };
  assert.deepEqual(own.migrations(), [started]);
  const token = former();
  await own.validate(token, at);
  await own.authenticate({ headers: [['authorization', `Bearer ${token}`]] }, at);
  await own.validate(mint().token, at);
  assert.equal(code(() => own.validateSync(token, { now: NOW + 9999 })), 'token_expired');
  assert.deepEqual(own.explainSync(token, at).token.wouldBreak, breaks);
  const codes = { type_mismatch: 2, claim_missing: 2 };
  assert.deepEqual(own.migrations(), [{ ...started, migrated: 1, remaining: 2, codes }]);
  assert.deepEqual(Object.keys(own.migrations()[0].codes), breaks, "in the order of the codes' numbers");
});

test('each issuer moves by itself', () => {
  const issuers = [
    { issuer: 'https://b.example/', jwks: key.keySet() },
    { issuer: ISSUER, jwks: key.keySet(), migrate_from: 'auth0' },
  ];
  const own = new Validator({ audience: both.audience, issuers });
  assert.deepEqual(own.validateSync(former(), at).wouldBreak, breaks);
  assert.deepEqual(own.migrations().map(({ issuer, remaining }) => [issuer, remaining]), [[ISSUER, 1]]);
});

test('a migration leads from one profile to one other', () => {
  for (const wrong of [
    { migrate_from: 'rfc9068' },
    { migrate_from: 'AUTH0' },
    { migrate_from: ['auth0'] },
    { migrate_from: 'auth0', profiles: ['keycloak'] },
    { migrate_from: 'auth0', profiles: ['rfc9068', 'okta'] },
  ]) {
    assert.equal(code(() => new Validator({ ...both, ...wrong })), 'config_invalid');
  }
});
