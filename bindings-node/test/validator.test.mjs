import assert from 'node:assert/strict';
import { sign } from 'node:crypto';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { AccessToken, Minter, Validator } from 'at9068';
import {
  API, ISSUER, NOW, code, key, mint, minter, minterOptions, request, thrown, validator, validatorOptions,
} from './common.mjs';

const at = { now: NOW };
const certificate = Buffer.alloc(32, 7).toString('base64url');

test('every registered claim has its accessor, in its own type', () => {
  const more = {
    auth_time: NOW - 10.5,
    acr: 'urn:mfa',
    amr: ['pwd', 'otp'],
    permissions: ['read:patients'],
    roles: ['doctor', { value: 'head', primary: true }],
    groups: ['ward'],
    entitlements: [],
    org_id: 'org_1',
    org_name: 'hospital',
    authorization_details: [{ type: 'record', id: 7 }],
    cnf: { 'x5t#S256': certificate },
    act: { sub: 'proxy' },
    claims: { my_custom_claim: 'my_custom_value' },
    jti: 'id-1',
  };
  const { token } = mint(more);
  const held = validator.validateSync(token, { ...at, request: { client_certificate_sha256: certificate } });
  assert.ok(held instanceof AccessToken);
  assert.equal(held.iss, ISSUER);
  assert.equal(held.issuer, ISSUER);
  assert.equal(held.sub, request.subject);
  assert.deepEqual(held.aud, [API]);
  assert.equal(held.client_id, 'app');
  assert.equal(held.exp, NOW + 600);
  assert.equal(held.iat, NOW);
  assert.equal(held.auth_time, NOW - 11);
  assert.equal(held.scope, 'openid read');
  assert.deepEqual(held.scopes, new Set(['openid', 'read']));
  assert.equal(held.profile, 'rfc9068');
  assert.equal(held.origin, 'local');
  const same = ['acr', 'amr', 'permissions', 'roles', 'groups', 'entitlements', 'org_id', 'org_name'];
  same.push('authorization_details', 'cnf', 'act', 'jti');
  for (const name of same) assert.deepEqual(held[name], more[name], name);
  assert.equal(held.claims.my_custom_claim, 'my_custom_value');
  assert.equal(held.claims.auth_time, NOW - 10.5);
  const [header, claims] = token.split('.', 2).map((part) => Buffer.from(part, 'base64url').toString());
  assert.equal(held.headerJson, header);
  assert.equal(held.claimsJson, claims);
  assert.deepEqual(held.header, JSON.parse(header));
  assert.deepEqual(held.claims, JSON.parse(claims));
});

test('what the token does not have is undefined, and its scopes are empty', () => {
  const { token } = mint({ grant_type: 'client_credentials', subject: undefined, scope: undefined });
  const held = validator.validateSync(token, at);
  assert.equal(held.sub, 'app@clients');
  assert.deepEqual(held.scopes, new Set());
  assert.deepEqual(held.permissions, [], 'this dialect always carries them');
  const absent = ['nbf', 'scope', 'roles', 'groups', 'entitlements', 'auth_time', 'acr', 'amr', 'org_id', 'org_name'];
  absent.push('authorization_details', 'cnf', 'act', 'gty');
  for (const name of absent) assert.equal(held[name], undefined, name);
});

test('a validator publishes what is configured of its resource', () => {
  assert.equal(validator.protectedResourceMetadata, undefined);
  assert.equal(validator.protectedResourceMetadataPath, undefined);
  const resource = { resource: `${API}v1`, scopes_supported: ['read'] };
  const publishing = new Validator({ ...validatorOptions, protected_resource: resource });
  assert.deepEqual(JSON.parse(publishing.protectedResourceMetadata), {
    ...resource,
    authorization_servers: [ISSUER],
    bearer_methods_supported: ['header'],
  });
  assert.equal(publishing.protectedResourceMetadataPath, '/.well-known/oauth-protected-resource/v1');
  const error = thrown(() => publishing.authenticateSync({ headers: [] }));
  const where = 'https://api.example/.well-known/oauth-protected-resource/v1';
  assert.deepEqual(error.challenge, [`Bearer resource_metadata="${where}"`]);
});

test("Auth0's profile has its client and grant under the same names as ever", () => {
  const { token } = mint({ grant_type: 'password', resource: undefined, audience: ['auth0'], scope: undefined });
  const auth0 = new Validator({ ...validatorOptions, audience: 'auth0', profiles: ['auth0'] });
  const held = auth0.validateSync(token, at);
  assert.equal(held.profile, 'auth0');
  assert.equal(held.client_id, 'app');
  assert.equal(held.claims.azp, 'app');
  assert.deepEqual(held.gty, ['password']);
  assert.equal(held.jti, undefined);
});

test('a profile without audience has an empty one, and the client stands in its place', () => {
  const options = { issuer: ISSUER, jwks: key, profiles: ['danger_cognito_no_audience'] };
  assert.equal(code(() => new Validator(options)), 'config_invalid');
  const claims = { iss: ISSUER, sub: 's', client_id: 'c', exp: NOW + 9, iat: NOW, jti: 'j', token_use: 'access' };
  const { token } = foreign(claims, undefined);
  const held = new Validator({ ...options, client_ids: ['c'] }).validateSync(token, at);
  assert.deepEqual(held.aud, []);
  assert.equal(held.aud, held.aud);
  assert.equal(held.client_id, 'c');
  const error = thrown(() => new Validator({ ...options, client_ids: ['d'] }).validateSync(token, at));
  assert.equal(error.code, 'audience_mismatch');
});

test('scopes are found where the profile keeps them', () => {
  const okta = { iss: ISSUER, sub: 's', aud: API, cid: 'c', exp: NOW + 9, iat: NOW, jti: 'j', ver: 1 };
  const { token } = foreign({ ...okta, scp: ['read', 'write'] }, undefined);
  const held = new Validator({ ...validatorOptions, profiles: ['okta'] }).validateSync(token, at);
  assert.deepEqual(held.scopes, new Set(['read', 'write']));
  assert.equal(held.scope, undefined);
  assert.equal(held.client_id, 'c');
});

test('claims that are judged on demand throw when they are asked for', () => {
  const claims = { iss: ISSUER, sub: 's', aud: API, client_id: 'c', exp: NOW + 9, iat: NOW, jti: 'j', roles: 'admin' };
  const { token } = foreign(claims, 'at+jwt');
  const held = validator.validateSync(token, at);
  const error = thrown(() => held.roles);
  assert.equal(error.code, 'claim_malformed');
  assert.equal(error.claim, 'roles');
  assert.equal(error.authenticated, true);
  assert.equal(held.claims.roles, 'admin');
  assert.equal(code(() => held.require({ roles: ['admin'] }, at)), 'claim_malformed');
});

/** A token of our key that our minter would not mint. */
function foreign(claims, typ) {
  const header = { typ, alg: 'EdDSA', kid: key.kid };
  const input = [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
  return { token: `${input}.${sign(null, Buffer.from(input), key.toPem()).toString('base64url')}` };
}

test('what tokens say is read whenever it is asked for, in any script', () => {
  const names = ['', 'zoë', '\u6c34', '\ud83d\ude00\ud83d\ude00', '"\\\n'];
  const tokens = Array.from({ length: 40 }, (_, i) => {
    const name = names[i % names.length];
    const claims = { name, number: i };
    return { name, i, held: validator.validateSync(mint({ subject: `auth0|${i}${name}`, roles: [name], claims }).token, at) };
  });
  for (const { name, i, held } of [...tokens, ...tokens]) {
    assert.equal(held.sub, `auth0|${i}${name}`);
    assert.deepEqual(held.roles, [name]);
    assert.equal(held.claims.name, name);
    assert.equal(held.claims.number, i);
    assert.deepEqual(held.claims, JSON.parse(held.claimsJson));
    assert.deepEqual(held.header, JSON.parse(held.headerJson));
    assert.equal(held.origin, 'local');
    assert.equal(code(() => held.require({ roles: ['other'] }, at)), 'permission_insufficient');
  }
});

test('a token is one only to the last bit of its characters', async () => {
  const always = new Validator(validatorOptions, {});
  const now = Date.now() / 1000;
  const { token } = minter.mintSync(request, { now });
  assert.equal(always.validateSync(token).sub, request.subject);
  for (const high of [0x80, 0x100, 0x4100, 0xd800, 0xff00]) {
    const like = (at) => String.fromCharCode(token.charCodeAt(at) | high);
    for (const at of [0, 40, token.length - 1]) {
      const other = token.slice(0, at) + like(at) + token.slice(at + 1);
      assert.equal(code(() => always.validateSync(other)), 'token_malformed');
      assert.equal(code(() => always.validateSync(Buffer.from(other))), 'token_malformed');
      await assert.rejects(always.validate(other), { code: 'token_malformed' });
      assert.equal(code(() => always.validateSync(`${token}${like(at)}`)), 'token_malformed');
    }
  }
  assert.equal(code(() => always.validateSync('')), 'token_malformed');
  // Around the length up to which texts are copied by the shortest way.
  for (let length = 2040; length < 2056; length += 1) {
    const claims = { filler: 'x'.repeat((length - token.length) / 1.34) };
    const padded = minter.mintSync({ ...request, claims }, { now }).token;
    assert.equal(always.validateSync(padded).claims.filler, claims.filler);
    assert.equal(code(() => always.validateSync(`${padded}A`)), code(() => always.validateSync(Buffer.from(`${padded}A`))));
    assert.equal(code(() => always.validateSync('A'.repeat(length))), 'token_malformed');
  }
  assert.equal(code(() => always.validateSync(`${token}\0`)), 'token_malformed');
  const [whole, part] = [`Bearer ${token}`.slice(7), [...token].join('')];
  for (const same of [whole, part, Buffer.from(token)]) assert.equal((await always.validate(same)).claims.sub, request.subject);
});

test('values are made once', () => {
  const held = validator.validateSync(mint({ roles: ['a'] }).token, at);
  for (const name of ['aud', 'scopes', 'roles', 'claims', 'header']) assert.equal(held[name], held[name], name);
});

test('what a caller does to the values does not reach decisions', () => {
  const held = validator.validateSync(mint().token, at);
  held.scopes.add('write');
  held.claims.scope = 'read write';
  assert.throws(() => {
    held.scope = 'read write';
  }, TypeError);
  assert.equal(code(() => held.require({ scopes: ['write'] }, at)), 'scope_insufficient');
});

test('both twins give the same, and the promise is one', async () => {
  const { token } = mint();
  const promise = validator.validate(token, at);
  assert.ok(promise instanceof Promise);
  assert.equal((await promise).claimsJson, validator.validateSync(token, at).claimsJson);
  const http = { headers: [['authorization', `Bearer ${token}`]], method: 'GET', url: '/patients' };
  const given = { ...at, require: { scopes: ['read'] } };
  assert.equal((await validator.authenticate(http, given)).sub, validator.authenticateSync(http, given).sub);
  const twice = { headers: [...http.headers, ...http.headers] };
  await assert.rejects(validator.authenticate(twice, at), { code: 'credentials_malformed', status: 400 });
  await assert.rejects(validator.authenticate({}, at), { code: 'credentials_missing', challenge: ['Bearer'] });
  await assert.rejects(validator.validate(token), { code: 'token_expired' }, 'without now the clock is asked');
});

test('a bound token wants its certificate', () => {
  const { token } = mint({ cnf: { 'x5t#S256': certificate } });
  assert.equal(code(() => validator.validateSync(token, at)), 'binding_missing');
  const other = { client_certificate_sha256: Buffer.alloc(32).toString('base64url') };
  assert.equal(code(() => validator.validateSync(token, { ...at, request: other })), 'binding_mismatch');
  const short = { client_certificate_sha256: 'x' };
  assert.equal(code(() => validator.validateSync(token, { ...at, request: short })), 'argument_invalid');
});

test('the clock is a port', async () => {
  let now = NOW + 0.5;
  let asked = 0;
  const ports = {
    clock: () => {
      asked += 1;
      return now;
    },
  };
  const own = new Validator(validatorOptions, ports);
  const minted = new Minter(minterOptions, ports).mintSync({ ...request, auth_time: NOW, acr: 'a' });
  assert.equal(minted.claims.iat, NOW);
  assert.equal((await new Minter(minterOptions, ports).mint(request)).claims.iat, NOW);
  const held = await own.validate(minted.token);
  assert.equal(asked, 3);
  held.require({ max_age: 10 });
  now = NOW + 41;
  assert.equal(code(() => held.require({ max_age: 10 })), 'authentication_insufficient');
  held.require({ max_age: 10 }, at);
  own.validateSync(minted.token, at);
  assert.equal(asked, 5, 'a time that is given is not asked for');
  now = NOW + 630;
  await assert.rejects(own.validate(minted.token), { code: 'token_expired' });
  const http = { headers: [['Authorization', `Bearer ${minted.token}`]] };
  await assert.rejects(own.authenticate(http), { code: 'token_expired' });
  const fromText = Validator.fromJson(JSON.stringify(validatorOptions), ports);
  assert.equal(code(() => fromText.validateSync(minted.token)), 'token_expired');
});

test('a clock that fails is internal, with the cause beside it', async () => {
  const { token } = mint();
  const cause = new Error('no time');
  const failing = () => {
    throw cause;
  };
  const error = thrown(() => new Validator(validatorOptions, { clock: failing }).validateSync(token));
  assert.equal(error.code, 'internal');
  assert.equal(error.status, 500);
  assert.equal(error.cause, cause);
  await assert.rejects(new Minter(minterOptions, { clock: failing }).mint(request), { code: 'internal', cause });
  for (const answer of [NaN, Infinity, -1e300, undefined, null, '1700000000', new Date(), 1n, Promise.resolve(NOW)]) {
    const odd = new Validator(validatorOptions, { clock: () => answer });
    assert.equal(code(() => odd.validateSync(token)), 'internal');
  }
  for (const clock of [42, null, {}, 'now']) {
    assert.equal(code(() => new Validator(validatorOptions, { clock })), 'argument_invalid');
  }
});

test('only a validator makes an access token, and it shows nothing of itself', () => {
  assert.equal(code(() => new AccessToken()), 'argument_invalid');
  assert.equal(code(() => new AccessToken(Symbol('make'), {})), 'argument_invalid');
  const held = validator.validateSync(mint().token, at);
  assert.equal(inspect(held, { depth: null }), 'AccessToken {}');
  assert.equal(JSON.stringify({ held }), '{"held":{}}');
  assert.equal(inspect(validator), 'Validator {}');
});

test('a subclass stays one', () => {
  class Mine extends Validator {}
  const mine = Mine.fromJson(JSON.stringify(validatorOptions));
  assert.ok(mine instanceof Mine);
  assert.equal(mine.validateSync(mint().token, at).iss, ISSUER);
});

test('methods want their own instances', () => {
  const { validateSync } = validator;
  assert.throws(() => validateSync(mint().token, at), TypeError);
});

test('a token that is remembered is judged as ever, and is nobody else’s', async () => {
  const more = { amr: ['pwd'], permissions: ['read'], roles: ['doctor'], claims: { nested: { list: [1] } } };
  const tokens = Array.from({ length: 12 }, (_, i) => mint({ ...more, subject: `auth0|${i}` }).token);
  for (const most of [0, 1, 5, 1000]) {
    const of = () => new Validator({ ...validatorOptions, token_cache: { max_entries: most } });
    const [own, other] = [of(), of()];
    tokens.toReversed().map((token) => other.validateSync(token, at));
    for (let round = 0; round < 4; round += 1) {
      for (const [i, token] of tokens.entries()) {
        const held = [own.validateSync(token, at), await own.validate(token, at), other.validateSync(token, at)];
        const lists = ['scopes', 'aud', 'amr', 'permissions', 'roles', 'claims', 'header', 'wouldBreak'];
        for (const one of held) {
          assert.equal(one.sub, `auth0|${i}`);
          assert.deepEqual([one.aud, one.amr, one.permissions, one.roles], [[API], ['pwd'], ['read'], ['doctor']]);
          assert.deepEqual([one.claims.nested, one.claims.sub, one.header.alg], [{ list: [1] }, one.sub, 'EdDSA']);
          assert.deepEqual([[...one.scopes], one.wouldBreak], [['openid', 'read'], []]);
          for (const name of ['aud', 'amr', 'permissions', 'roles', 'wouldBreak']) one[name].push('changed');
          one.scopes.add('write');
          Object.assign(one.header, { alg: 'none' });
          one.claims.nested.list.push(2);
        }
        for (const name of lists) assert.equal(new Set(held.map((one) => one[name])).size, 3, name);
      }
      assert.equal(code(() => own.validateSync(tokens[round], { now: NOW + 3600 })), 'token_expired');
      assert.equal(code(() => own.validateSync(tokens[round], { ...at, require: { scopes: ['write'] } })), 'scope_insufficient');
      await assert.rejects(own.validate(`${tokens[round]}A`, at), { code: 'signature_invalid' });
    }
  }
});

test('what is kept of tokens is bounded, and the first that came leave first', () => {
  const { Records } = createRequire(import.meta.url)('../lib/records.cjs');
  const kept = (records) => [1, 2, 3, 4, 5].filter((number) => records.get(number) !== undefined);
  const [few, short] = [new Records(3, 1000), new Records(1000, 25)];
  for (const number of [1, 2, 3, 4, 5]) {
    for (const records of [few, short]) records.keep(number, { text: 'x'.repeat(10) });
  }
  assert.deepEqual([kept(few), kept(short)], [[3, 4, 5], [4, 5]]);
  few.get(3);
  few.keep(1, { text: 'y' });
  assert.deepEqual([kept(few), few.get(1).text], [[1, 4, 5], 'y']);
  short.keep(1, { text: 'x'.repeat(26) });
  assert.deepEqual(kept(short), []);
});

test('tokens that are remembered are counted', () => {
  const counted = (of) => {
    const { issuers, token_cache: cache } = of.status();
    assert.deepEqual(issuers, [], 'keys that are given have no life');
    return cache;
  };
  const own = new Validator({ ...validatorOptions, token_cache: { max_entries: 5, max_bytes: 100_000 } });
  const none = { entries: 0, bytes: 0, max_entries: 5, max_bytes: 100_000, hits: 0, misses: 0 };
  assert.deepEqual(counted(own), none);
  const { token } = mint();
  for (let i = 0; i < 3; i += 1) own.validateSync(token, at);
  const { bytes, ...once } = counted(own);
  assert.deepEqual(once, { entries: 1, max_entries: 5, max_bytes: 100_000, hits: 2, misses: 1 });
  assert.ok(bytes > token.length && bytes < 10_000, bytes);
  thrown(() => own.validateSync(`${token}A`, at));
  const { entries, hits, misses } = counted(own);
  assert.deepEqual([entries, hits, misses], [1, 2, 2]);
  const off = new Validator({ ...validatorOptions, token_cache: { max_entries: 0 } });
  off.validateSync(token, at);
  assert.deepEqual(counted(off), { ...none, max_entries: 0, max_bytes: 0 });
});
