import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { MintedToken, introspectionResponse, verifyJws } from 'at9068';
import { ISSUER, NOW, code, key, mint, minter, thrown, validator } from './common.mjs';

const at = { now: NOW };
const token = validator.validateSync(mint({ jti: 'id-1', auth_time: NOW - 10.5 }).token, at);

test('of a good token its claims are answered, of any other nothing', () => {
  assert.deepEqual(JSON.parse(introspectionResponse(token)), { active: true, ...token.claims, token_type: 'Bearer' });
  assert.equal(introspectionResponse(null), '{"active":false}');
});

test('the answer may be signed, by both twins', async () => {
  const minted = await minter.mintIntrospectionResponse(token, 'the API', at);
  assert.ok(minted instanceof MintedToken);
  assert.equal(minted.token, minter.mintIntrospectionResponseSync(token, 'the API', at).token);
  assert.equal(minted.header.typ, 'token-introspection+jwt');
  assert.deepEqual(minted.claims, {
    iss: ISSUER,
    aud: 'the API',
    iat: NOW,
    token_introspection: JSON.parse(introspectionResponse(token)),
  });
  assert.equal(verifyJws(minted.token, key.keySet(), ['EdDSA']).toString(), minted.claimsJson);
  assert.equal(minted.expires_in, 0);
  const inactive = minter.mintIntrospectionResponseSync(null, 'the API', at);
  assert.deepEqual(inactive.claims.token_introspection, { active: false });
});

test('a token is one that a validator found good, or null', async () => {
  for (const wrong of [undefined, 42, 'token', {}, token.claims, mint(), new Proxy(token, {}), Object.create(token)]) {
    assert.equal(code(() => introspectionResponse(wrong)), 'argument_invalid', inspect(wrong));
    assert.equal(code(() => minter.mintIntrospectionResponseSync(wrong, 'the API', at)), 'argument_invalid');
    await assert.rejects(minter.mintIntrospectionResponse(wrong, 'the API', at), { code: 'argument_invalid' });
  }
  assert.equal(thrown(() => minter.mintIntrospectionResponseSync(token, '', at)).claim, 'aud');
  for (const wrong of [undefined, null, 42, '\ud800', ['the API']]) {
    assert.equal(code(() => minter.mintIntrospectionResponseSync(null, wrong, at)), 'argument_invalid', inspect(wrong));
  }
});
