import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { MintedToken, Minter, SigningKey, Validator } from 'at9068';
import { API, NOW, code, key, minter, minterOptions, request, validator, validatorOptions } from './common.mjs';

const at = { now: NOW };

test('both twins mint the same', async () => {
  const fixed = { ...request, jti: 'id-1' };
  const minted = await minter.mint(fixed, at);
  assert.ok(minted instanceof MintedToken);
  const twin = minter.mintSync(fixed, at);
  assert.equal(minted.token, twin.token);
  assert.equal(minted.expires_in, 600);
  assert.deepEqual(minted.header, { typ: 'at+jwt', alg: 'EdDSA', kid: key.kid });
  assert.deepEqual(minted.claims, {
    iss: 'https://as.example/',
    sub: 'auth0|123456',
    aud: API,
    client_id: 'app',
    exp: NOW + 600,
    iat: NOW,
    jti: 'id-1',
    scope: 'openid read',
    permissions: [],
  });
  const [header, claims] = minted.token.split('.', 2).map((part) => Buffer.from(part, 'base64url').toString());
  assert.equal(minted.headerJson, header);
  assert.equal(minted.claimsJson, claims);
  assert.equal(minted.claims, minted.claims);
});

test('numbers that JavaScript writes are numbers that the core reads', () => {
  const claims = { a: -0, b: 1e21, c: 5e-324, d: 0.1, e: Number.MAX_SAFE_INTEGER, f: 1.7976931348623157e308 };
  const { token } = minter.mintSync({ ...request, claims }, at);
  const held = validator.validateSync(token, at).claims;
  for (const [name, value] of Object.entries(claims)) assert.equal(held[name], value + 0, name);
});

test('texts of any script come through', () => {
  const text = 'Gr\u00fc\u00dfe \u05e9\u05dc\u05d5\u05dd \ud83d\ude00 \u2028 \u0000 \u007f "\\';
  const { token } = minter.mintSync({ ...request, subject: text, claims: { [text]: text } }, at);
  const held = validator.validateSync(token, at);
  assert.equal(held.sub, text);
  assert.equal(held.claims[text], text);
});

test('minting does not hold up the event loop', async () => {
  const rsa = await SigningKey.generate('RS256', { bits: 4096 });
  const slow = new Minter({ ...minterOptions, keys: rsa });
  let turns = 0;
  const timer = setInterval(() => (turns += 1), 1);
  const minted = await Promise.all(Array.from({ length: 64 }, () => slow.mint(request, at)));
  clearInterval(timer);
  assert.ok(turns > 1);
  assert.equal(new Set(minted.map(({ claims }) => claims.jti)).size, 64);
  const good = new Validator({ ...validatorOptions, jwks: rsa });
  for (const { token } of minted) good.validateSync(token, at);
});

test('a mint under way outlives its minter and its arguments', async () => {
  const mints = [];
  for (let i = 0; i < 50; i += 1) mints.push(new Minter({ ...minterOptions, keys: key }).mint({ ...request }, at));
  for (const { token } of await Promise.all(mints)) validator.validateSync(token, at);
});

test('a request is an object or its text', async () => {
  for (const wrong of [undefined, null, 42, [], true, new Map()]) {
    assert.equal(code(() => minter.mintSync(wrong)), 'argument_invalid');
    await assert.rejects(minter.mint(wrong), { code: 'argument_invalid' });
  }
  assert.equal(code(() => minter.mintSync({ ...request, scope: ['read'] })), 'argument_invalid');
  assert.equal(code(() => minter.mintSync({ ...request, claims: { iss: 'x' } })), 'claim_reserved');
});

test('only a minter makes a minted token, and it shows nothing of itself', () => {
  assert.equal(code(() => new MintedToken()), 'argument_invalid');
  assert.equal(inspect(minter.mintSync(request, at)), 'MintedToken {}');
  assert.equal(inspect(minter), 'Minter {}');
});
