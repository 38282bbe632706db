import assert from 'node:assert/strict';
import { test } from 'node:test';
import vm from 'node:vm';
import { Minter, Validator } from 'at9068';
import {
  API, NOW, code, key, mint, minter, minterOptions, request, thrown, validator, validatorOptions,
} from './common.mjs';

const at = { now: NOW };

test('a token is text or bytes', () => {
  const { token } = mint();
  assert.equal(validator.validateSync(token, at).client_id, 'app');
  assert.equal(validator.validateSync(Buffer.from(token), at).client_id, 'app');
  assert.equal(validator.validateSync(new TextEncoder().encode(token), at).client_id, 'app');
  const padded = new Uint8Array(token.length + 9);
  padded.set(Buffer.from(token), 5);
  assert.equal(validator.validateSync(padded.subarray(5, 5 + token.length), at).client_id, 'app');
  const shared = new Uint8Array(new SharedArrayBuffer(token.length));
  shared.set(Buffer.from(token));
  assert.equal(validator.validateSync(shared, at).client_id, 'app');
});

test('text and bytes that are no token are token_malformed', () => {
  const { token } = mint();
  const cut = token.length - 1;
  const bad = ['', '.', '\ud800', `\udfff${token}`, `${token.slice(0, cut)}\ud83d`, `${token}\u0000`, `${token}é`];
  bad.push(`${token.slice(0, cut)}\ufffd`, `\ufeff${token}`, token.replace('.', '\u2024'));
  for (const text of bad) assert.equal(code(() => validator.validateSync(text, at)), 'token_malformed');
  for (const octets of [[], [0xff], [0xed, 0xa0, 0x80], [0], [0xc0, 0xae]]) {
    assert.equal(code(() => validator.validateSync(Uint8Array.from(octets), at)), 'token_malformed');
  }
});

test('what is neither text nor bytes is no token', () => {
  const { token } = mint();
  const wrong = [undefined, null, 42, true, {}, [token], Symbol(token), 1n, () => token, new String(token)];
  const detached = new Uint8Array(4);
  structuredClone(detached, { transfer: [detached.buffer] });
  wrong.push(detached, new ArrayBuffer(4), new Uint16Array(4), new DataView(new ArrayBuffer(4)));
  for (const value of wrong) assert.equal(code(() => validator.validateSync(value, at)), 'argument_invalid');
  assert.equal(code(() => validator.validateSync()), 'argument_invalid');
});

test('now is a number that is a time', () => {
  const { token } = mint();
  assert.equal(validator.validateSync(token, { now: NOW + 629.999 }).sub, 'auth0|123456');
  assert.equal(code(() => validator.validateSync(token, { now: NOW + 630 })), 'token_expired');
  const wrong = [NaN, Infinity, -Infinity, 1e300, null, '1700000000', new Date(), 1n, {}, true];
  for (const now of wrong) {
    assert.equal(code(() => validator.validateSync(token, { now })), 'argument_invalid');
    assert.equal(code(() => minter.mintSync(request, { now })), 'argument_invalid');
    assert.equal(code(() => validator.validateSync(token, at).require({}, { now })), 'argument_invalid');
  }
});

test('options that do not exist are errors, not ignored', () => {
  const { token } = mint();
  const error = thrown(() => validator.validateSync(token, { ...at, requires: { scopes: ['admin'] } }));
  assert.equal(error.code, 'argument_invalid');
  assert.match(error.message, /options has an unknown member requires$/);
  assert.match(thrown(() => minter.mintSync(request, { jti: 'x' })).message, /jti/);
  assert.match(thrown(() => new Validator(validatorOptions, { clok: () => 0 })).message, /ports .* clok/);
  assert.match(thrown(() => validator.authenticateSync({}, { request: {} })).message, /request/);
  for (const options of [null, 42, 'x', [], new Map(), () => ({}), new (class {})()]) {
    assert.equal(code(() => validator.validateSync(token, options)), 'argument_invalid');
  }
  assert.equal(validator.validateSync(token, Object.assign(Object.create(null), at)).iss, 'https://as.example/');
});

test('unknown members reach the core, which names them', () => {
  const bad = thrown(() => new Validator({ ...validatorOptions, leeway: 5 }));
  assert.equal(bad.code, 'config_invalid');
  assert.match(bad.message, /leeway/);
  assert.match(thrown(() => new Minter({ ...minterOptions, audience: 'x' })).message, /audience/);
  const { token } = mint();
  assert.match(thrown(() => validator.validateSync(token, { ...at, require: { scope: ['x'] } })).message, /scope/);
  assert.match(thrown(() => validator.validateSync(token, { ...at, request: { header: [] } })).message, /header/);
  assert.match(thrown(() => minter.mintSync({ ...request, sub: 'x' })).message, /sub/);
});

test('members that are undefined are left out; null is not', () => {
  const lenient = { ...validatorOptions, leeway_seconds: undefined, issuers: undefined };
  const { token } = mint();
  const none = { ...at, require: undefined, request: undefined };
  assert.equal(new Validator(lenient, undefined).validateSync(token, none).jti, written(token).jti);
  assert.equal(code(() => validator.validateSync(token, { ...at, require: null })), 'argument_invalid');
  assert.equal(code(() => validator.validateSync(token, { ...at, request: null })), 'argument_invalid');
  assert.equal(code(() => validator.authenticateSync(null)), 'argument_invalid');
  assert.equal(code(() => new Validator(null)), 'config_invalid');
  assert.equal(code(() => new Validator()), 'config_invalid');
  assert.equal(code(() => new Minter()), 'config_invalid');
});

function written(token) {
  return JSON.parse(Buffer.from(token.split('.')[1], 'base64url').toString());
}

test('whatever has no JSON form is an error that names its place', () => {
  const cases = [
    [{ leeway_seconds: NaN }, /leeway_seconds is not a finite number/],
    [{ leeway_seconds: Infinity }, /leeway_seconds/],
    [{ leeway_seconds: 30n }, /leeway_seconds has no JSON form, being of type bigint/],
    [{ audience: ['a', undefined] }, /audience\[1\] .* undefined/],
    [{ audience: new Array(3) }, /audience\[0\]/],
    [{ audience: [() => 'a'] }, /audience\[0\] .* function/],
    [{ audience: Symbol('a') }, /audience .* symbol/],
    [{ audience: new Set([API]) }, /audience .* instance of a class/],
    [{ audience: new String(API) }, /audience .* instance of a class/],
    [{ audience: new Date() }, /audience/],
    [{ audience: new (class { toJSON() { return API; } })() }, /audience/],
    [{ realm: 'a\ud800' }, /realm has a lone surrogate/],
    [{ issuers: [{ issuer: 'i', jwks: new Map() }] }, /issuers\[0\]\.jwks/],
    [{ jwks: validator }, /jwks/],
  ];
  for (const [more, message] of cases) {
    const error = thrown(() => new Validator({ ...validatorOptions, ...more }));
    assert.equal(error.code, 'config_invalid');
    assert.match(error.message, message);
  }
  const member = thrown(() => minter.mintSync({ ...request, claims: { a: { b: [1, -Infinity] } } }));
  assert.equal(member.code, 'argument_invalid');
  assert.match(member.message, /claims\.a\.b\[1\] is not a finite number/);
  assert.equal(code(() => minter.mintSync({ ...request, claims: { 'x\udc00': 1 } })), 'argument_invalid');
  assert.equal(code(() => minter.mintSync({ ...request, cnf: key })), 'argument_invalid');
});

test('data that contains itself, or is very deep, ends in an error', () => {
  const claims = {};
  claims.claims = claims;
  assert.equal(code(() => minter.mintSync({ ...request, claims })), 'argument_invalid');
  let deep = [];
  for (let i = 0; i < 100_000; i += 1) deep = [deep];
  assert.equal(code(() => minter.mintSync({ ...request, claims: { deep } })), 'argument_invalid');
  assert.equal(code(() => new Validator({ ...validatorOptions, jwks: { keys: deep } })), 'config_invalid');
});

test('what a getter or a proxy of the caller throws is the cause of an error', () => {
  const cause = new RangeError('not today');
  const trap = () => {
    throw cause;
  };
  const options = Object.defineProperty({ ...validatorOptions }, 'realm', { enumerable: true, get: trap });
  for (const given of [options, new Proxy({}, { ownKeys: trap })]) {
    const error = thrown(() => new Validator(given));
    assert.equal(error.code, 'config_invalid');
    assert.equal(error.cause, cause);
  }
  const trapped = Object.defineProperty({}, 'now', { get: trap, enumerable: true });
  const error = thrown(() => validator.validateSync('', trapped));
  assert.equal(error.code, 'argument_invalid');
  assert.equal(error.cause, cause);
});

test('a member named __proto__ is a member', () => {
  const claims = JSON.parse('{"__proto__":{"admin":true},"constructor":1}');
  const minted = mint({ claims });
  assert.match(minted.claimsJson, /"__proto__":\{"admin":true\},"constructor":1\}$/);
  const token = validator.validateSync(minted.token, at);
  assert.equal(Object.getPrototypeOf(token.claims), Object.prototype);
  assert.deepEqual(Object.getOwnPropertyDescriptor(token.claims, '__proto__').value, { admin: true });
  assert.equal(token.claims.admin, undefined);
  assert.equal({}.admin, undefined);
  assert.match(thrown(() => new Validator(JSON.parse('{"__proto__":{}}'))).message, /__proto__/);
  const inherited = Object.create({ issuer: 'https://as.example/' });
  assert.equal(code(() => new Validator(Object.assign(inherited, { audience: API }))), 'config_invalid');
});

test('plain objects of another realm are plain objects', () => {
  const context = vm.createContext({ jwks: validatorOptions.jwks });
  const options = vm.runInContext(`({ issuer: '${validatorOptions.issuer}', audience: ['${API}'], jwks })`, context);
  const bytes = vm.runInContext('Uint8Array', context).from(Buffer.from(mint().token));
  const given = vm.runInContext(`({ now: ${NOW} })`, context);
  assert.equal(new Validator(options).validateSync(bytes, given).sub, request.subject);
});

test('JSON text is passed on as it is', () => {
  const claims = '{"n":1.0e2, "big":9007199254740993}';
  const text = JSON.stringify({ ...request, claims: {} }).replace('"claims":{}', `"claims":${claims}`);
  const minted = minter.mintSync(text, at);
  assert.match(minted.claimsJson, /,"n":1\.0e2,\s*"big":9007199254740993\}$/);
  const fromText = Validator.fromJson(JSON.stringify({ ...validatorOptions, jwks: key.keySet() }));
  const given = { ...at, require: '{"scopes":["read"]}', request: '{"scheme":"Bearer"}' };
  const token = fromText.validateSync(minted.token, given);
  assert.equal(token.claimsJson, minted.claimsJson);
  token.require('{"scopes":["read"]}', at);
  assert.equal(code(() => token.require('{"scopes":["write"]}', at)), 'scope_insufficient');
  assert.equal(code(() => token.require('{"scopes":["read"],"scopes":[]}', at)), 'argument_invalid');
  assert.equal(code(() => minter.mintSync('{', at)), 'argument_invalid');
  assert.equal(code(() => minter.mintSync('{"client_id":"\ud800"}', at)), 'argument_invalid');
  assert.equal(code(() => Validator.fromJson('{"issuer":"\ud800"}')), 'config_invalid');
  assert.equal(code(() => Validator.fromJson('[]')), 'config_invalid');
  assert.equal(code(() => Minter.fromJson('{"issuer":"a"}')), 'config_invalid');
  for (const value of [undefined, null, 42, {}, Buffer.from('{}')]) {
    assert.equal(code(() => Validator.fromJson(value)), 'argument_invalid');
    assert.equal(code(() => Minter.fromJson(value)), 'argument_invalid');
  }
});

test('a configuration in text cannot reach handles that it was not given', () => {
  const text = JSON.stringify({ issuer: 'i', audience: 'a', jwks: { $key_set: 0 } });
  assert.equal(code(() => Validator.fromJson(text)), 'config_invalid');
});
