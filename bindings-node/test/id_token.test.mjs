import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { IdToken, IdTokenValidator, IssuerCache, MintedToken, Minter, Validator } from 'at9068';
import { API, ISSUER, NOW, code, key, minterOptions, thrown } from './common.mjs';
import { loopback, newKey, until, withIssuer } from './issuer.mjs';

const at = { now: NOW };
const minter = new Minter({ ...minterOptions, id_tokens: { lifetime_seconds: 60 } });
const request = { client_id: 'app', subject: 'user' };
const options = { issuer: ISSUER, client_id: 'app', jwks: key.keySet() };
const validator = new IdTokenValidator(options);

function mint(more = {}) {
  return minter.mintIdTokenSync({ ...request, ...more }, at).token;
}

/** `at_hash` and its likes of a token signed with EdDSA (OpenID Connect Core §3.1.3.6). */
function half(value) {
  return createHash('sha512').update(value).digest().subarray(0, 32).toString('base64url');
}

test('what is minted is valid, and every claim has its accessor', async () => {
  const given = {
    audience: ['other'],
    nonce: 'n',
    auth_time: NOW - 10.5,
    acr: 'urn:mfa',
    amr: ['pwd', 'otp'],
    sid: 's1',
    access_token: 'at',
    code: 'c',
    state: 's',
    claims: { name: 'Gr\u00fc\u00dfe \ud83d\ude00' },
  };
  const minted = await minter.mintIdToken({ ...request, ...given }, at);
  assert.ok(minted instanceof MintedToken);
  assert.equal(minted.token, mint(given));
  assert.equal(minted.expires_in, 60);
  const checks = {
    nonce: 'n', max_age: 60, acr_values: ['urn:mfa'], access_token: 'at', code: 'c', state: 's', require_hashes: true,
  };
  const trusting = new IdTokenValidator({ ...options, trusted_audiences: ['other'] });
  const token = await trusting.validate(minted.token, checks, at);
  assert.ok(token instanceof IdToken);
  const facts = {
    iss: ISSUER, sub: 'user', aud: ['app', 'other'], azp: 'app', exp: NOW + 60, iat: NOW, nbf: undefined,
    auth_time: NOW - 11, nonce: 'n', acr: 'urn:mfa', amr: ['pwd', 'otp'], sid: 's1',
    at_hash: half('at'), c_hash: half('c'), s_hash: half('s'),
  };
  for (const [name, value] of Object.entries(facts)) assert.deepEqual(token[name], value, name);
  assert.equal(token.aud, token.aud, 'made once');
  assert.equal(token.claims.name, given.claims.name);
  assert.equal(token.claims, token.claims);
  assert.deepEqual([token.claimsJson, token.headerJson], [minted.claimsJson, minted.headerJson]);
  assert.deepEqual(token.header, { typ: 'JWT', alg: 'EdDSA', kid: key.kid });
});

test('what a token does not have is undefined', () => {
  const token = validator.validateSync(Buffer.from(mint()), undefined, at);
  for (const name of ['azp', 'nbf', 'auth_time', 'nonce', 'acr', 'amr', 'sid', 'at_hash', 'c_hash', 's_hash']) {
    assert.equal(token[name], undefined, name);
  }
  assert.deepEqual(token.aud, ['app']);
});

test('what a login expects is judged by the core, be it data or text', async () => {
  const token = mint({ nonce: 'n' });
  for (const checks of [{ nonce: 'n' }, '{"nonce":"n"}', { nonce: 'n', refreshed: undefined }]) {
    assert.equal((await validator.validate(token, checks, at)).nonce, 'n');
  }
  for (const [checks, expected, claim] of [
    [{ nonce: 'm' }, 'claim_mismatch', 'nonce'],
    [{}, 'claim_mismatch', 'nonce'],
    [undefined, 'claim_mismatch', 'nonce'],
    [{ nonce: '' }, 'argument_invalid', null],
    [{ nounce: 'n' }, 'argument_invalid', null],
    [{ nonce: 'n', max_age: 1.5 }, 'argument_invalid', null],
    [{ nonce: 'n', code: 'c', require_hashes: true }, 'claim_missing', 'c_hash'],
    ['{"nonce":"n","nonce":"n"}', 'argument_invalid', null],
    [null, 'argument_invalid', null],
    [() => 'n', 'argument_invalid', null],
  ]) {
    const error = thrown(() => validator.validateSync(token, checks, at));
    assert.deepEqual([error.code, error.claim], [expected, claim], inspect(checks));
    assert.deepEqual([error.oauth, error.status, error.challenge], [null, null, []]);
    await assert.rejects(validator.validate(token, checks, at), { code: expected });
  }
  assert.equal(code(() => validator.validateSync(token, { nonce: 'n' }, { noww: 1 })), 'argument_invalid');
  assert.equal(code(() => validator.validateSync(42, { nonce: 'n' }, at)), 'argument_invalid');
  assert.equal(code(() => validator.validateSync('\ud800', { nonce: 'n' }, at)), 'token_malformed');
});

test('access tokens and ID tokens are never taken for one another', async () => {
  const access = new Minter(minterOptions).mintSync({ grant_type: 'client_credentials', client_id: 'app', resource: [API] }, at);
  const error = thrown(() => validator.validateSync(access.token, {}, at));
  assert.deepEqual([error.code, error.kind], ['type_mismatch', 'access_token']);
  const api = new Validator({ issuer: ISSUER, audience: 'app', jwks: key.keySet(), profiles: ['auth0', 'rfc9068'] });
  await assert.rejects(api.validate(mint({ nonce: 'n' }), at), { kind: 'id_token' });
});

test('options, ports and keys are those of any validator', () => {
  assert.equal(code(() => new IdTokenValidator({ ...options, client: 'app' })), 'config_invalid');
  assert.equal(code(() => new IdTokenValidator(options, { resolver: () => null })), 'argument_invalid');
  assert.equal(code(() => new IdTokenValidator(options, { clock: 7 })), 'argument_invalid');
  assert.equal(code(() => IdTokenValidator.fromJson('{')), 'config_invalid');
  const timed = new IdTokenValidator(options, { clock: () => NOW + 30 });
  assert.equal(timed.validateSync(mint()).exp, NOW + 60);
  assert.equal(code(() => timed.validateSync(mint(), {}, { now: NOW + 91 })), 'token_expired');
  const set = { keys: [...key.keySet().toJSON().keys, { kty: 'RSA', kid: 'odd' }] };
  const { skippedKeys } = new IdTokenValidator({ ...options, jwks: set });
  assert.deepEqual(skippedKeys, [{ index: 1, kid: 'odd', code: 'key_malformed' }]);
  assert.deepEqual(validator.status(), { issuers: [] });
  assert.equal(inspect(validator), 'IdTokenValidator {}');
  assert.equal(inspect(validator.validateSync(mint(), {}, at)), 'IdToken {}');
  assert.equal(code(() => new IdToken()), 'argument_invalid');
  assert.equal(code(() => new (Object.getPrototypeOf(IdTokenValidator))()), 'argument_invalid');
});

test('requests to mint are judged by the core', async () => {
  for (const [given, expected] of [
    [{ ...request, claims: { iss: 'x' } }, 'claim_reserved'],
    [{ ...request, subject: 'app@clients' }, 'subject_collision'],
    [{ ...request, audience: ['other'] }, 'argument_invalid'],
    [{ ...request, jti: 'x' }, 'argument_invalid'],
    [undefined, 'argument_invalid'],
  ]) {
    assert.equal(code(() => minter.mintIdTokenSync(given, at)), expected, inspect(given));
    await assert.rejects(minter.mintIdToken(given, at), { code: expected });
  }
  assert.equal(code(() => new Minter({ ...minterOptions, id_tokens: { lifetime: 1 } })), 'config_invalid');
});

test(
  'keys are fetched from the issuer, and shared with validators of access tokens',
  withIssuer(async (issuer) => {
    const apis = [{ audience: API, dialect: 'rfc9068_profile' }];
    const token = () => new Minter({ issuer: issuer.url, keys: issuer.keys[0], apis }).mintIdTokenSync(request).token;
    const heard = [];
    const cache = new IssuerCache(loopback, { events: ({ event }) => heard.push(event) });
    const shared = { issuer_cache: cache };
    const ids = new IdTokenValidator({ issuer: issuer.url, client_id: 'app', ...shared });
    assert.equal(thrown(() => ids.validateSync(token())).code, 'keys_unavailable');
    assert.equal((await ids.validate(token())).sub, 'user');
    assert.equal((await issuer.validator(shared).validate(issuer.mint())).sub, 'user');
    assert.equal(issuer.fetched(), 1);
    assert.equal(ids.status().issuers[0].state, 'fresh');
    await ids.prefetch();
    assert.equal(issuer.fetched(), 1);
    issuer.keys = [newKey()];
    await ids.refresh();
    assert.equal(issuer.fetched(), 2);
    assert.equal(ids.validateSync(token()).iss, issuer.url);
    await until(() => heard.length === 2);
    assert.deepEqual(heard, ['refreshed', 'refreshed']);
    assert.equal(code(() => new IdTokenValidator({ ...options, ...shared }, { events: () => {} })), 'argument_invalid');
  }),
);

test('many calls wait for the same documents, fetched by a function of the caller’s', async () => {
  let fetched = 0;
  const fetch = async () => {
    fetched += 1;
    return { status: 200, headers: { 'content-type': 'application/json' }, body: key.keySet().toJson() };
  };
  const fetching = { issuer: ISSUER, client_id: 'app', jwks_uri: `${ISSUER}jwks` };
  const ids = new IdTokenValidator(fetching, { fetch, clock: () => NOW });
  const all = await Promise.all(Array.from({ length: 50 }, () => ids.validate(mint())));
  assert.deepEqual([all.length, fetched], [50, 1]);
  const failing = new IdTokenValidator(fetching, { fetch: async () => ({ status: 500, body: '' }), clock: () => NOW });
  const error = await failing.validate(mint()).catch((caught) => caught);
  assert.deepEqual([error.code, error.status], ['keys_unavailable', null]);
  assert.ok(error.retryAfter > 0);
});
