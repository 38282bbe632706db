import assert from 'node:assert/strict';
import { sign } from 'node:crypto';
import { test } from 'node:test';
import { runInNewContext } from 'node:vm';
import { KeySet, SigningKey, verifyJws } from 'at9068';
import { code, key, mint, thrown } from './common.mjs';

const ALGORITHMS = ['EdDSA'];

/** A JWS of our key over any octets. */
function signed(payload, header = { alg: 'EdDSA', kid: key.kid }) {
  const input = [JSON.stringify(header), payload].map((part) => Buffer.from(part).toString('base64url')).join('.');
  return `${input}.${sign(null, Buffer.from(input), key.toPem()).toString('base64url')}`;
}

test('the payload is a Buffer of the octets that were signed, whatever they are', () => {
  const payloads = ['{"events":{}}', 'text', '', Buffer.from([0, 0xff, 0xc0, 0xae, 10]), Buffer.alloc(40_000, 7)];
  for (const payload of payloads) {
    const got = verifyJws(signed(payload), key.keySet(), ALGORITHMS);
    assert.ok(Buffer.isBuffer(got));
    assert.ok(got.equals(Buffer.from(payload)));
  }
  const { token, claimsJson } = mint();
  assert.equal(verifyJws(token, key.keySet(), ALGORITHMS).toString(), claimsJson);
});

test('a payload is the caller\'s own, and lives on without its token', () => {
  const token = Buffer.from(signed('mine'));
  const one = verifyJws(token, key.keySet(), ALGORITHMS);
  const two = verifyJws(token, key.keySet(), ALGORITHMS);
  one.fill(0);
  token.fill(0);
  assert.equal(two.toString(), 'mine');
});

test('the token is text or bytes', () => {
  const token = signed('x');
  const shared = new Uint8Array(new SharedArrayBuffer(token.length));
  shared.set(Buffer.from(token));
  for (const form of [token, Buffer.from(token), new TextEncoder().encode(token), shared]) {
    assert.equal(verifyJws(form, key.keySet(), ALGORITHMS).toString(), 'x');
  }
  for (const bad of ['', '..', '\ud800', `${token}\ufffd`, Uint8Array.of(0xff), new Uint8Array()]) {
    assert.equal(code(() => verifyJws(bad, key.keySet(), ALGORITHMS)), 'token_malformed');
  }
  for (const wrong of [undefined, null, 42, {}, [token], new String(token), new ArrayBuffer(4)]) {
    assert.equal(code(() => verifyJws(wrong, key.keySet(), ALGORITHMS)), 'argument_invalid');
  }
});

test('keys are a set, a signing key, or a JWK set as data or text', () => {
  const token = signed('x');
  const data = { keys: [key.publicJwk()] };
  for (const keys of [key.keySet(), key, data, JSON.stringify(data), KeySet.fromJson(data).toJson()]) {
    assert.equal(verifyJws(token, keys, ALGORITHMS).toString(), 'x');
  }
  const other = SigningKey.generateSync('EdDSA');
  assert.equal(code(() => verifyJws(token, other, ALGORITHMS)), 'key_not_found');
  const unnamed = signed('x', { alg: 'EdDSA' });
  assert.equal(code(() => verifyJws(unnamed, other, ALGORITHMS)), 'signature_invalid');
  for (const wrong of [undefined, null, 42, '', '{', [], {}, new Map(), mint(), Object.create(KeySet.prototype)]) {
    assert.equal(code(() => verifyJws(token, wrong, ALGORITHMS)), 'key_malformed');
  }
});

test('algorithms are a list that is not empty, of names that are known', () => {
  const token = signed('x');
  const lists = [['RS256', 'EdDSA'], Object.freeze(['EdDSA']), runInNewContext("['EdDSA']")];
  for (const list of lists) assert.equal(verifyJws(token, key, list).toString(), 'x');
  assert.equal(code(() => verifyJws(token, key, ['ES256'])), 'algorithm_not_allowed');
  const wrong = [undefined, null, 'EdDSA', new Set(ALGORITHMS), { 0: 'EdDSA', length: 1 }, { algorithms: ALGORITHMS }];
  wrong.push([], ['none'], ['eddsa'], [...ALGORITHMS, 'ES256K'], [''], ['EdDSA\u0000']);
  wrong.push([undefined], [null], [256], [ALGORITHMS], [new String('EdDSA')], new Array(2 ** 32 - 1));
  for (const list of wrong) assert.equal(code(() => verifyJws(token, key, list)), 'argument_invalid');
  assert.match(thrown(() => verifyJws(token, key, ['EdDSA', 7])).message, /algorithms\[1\] is not a string/);
  assert.match(thrown(() => verifyJws(token, key, ['\ud800'])).message, /algorithms\[0\] has a lone surrogate/);
  const cause = new RangeError('not today');
  const trapped = Object.defineProperty(['EdDSA'], 0, {
    get() {
      throw cause;
    },
  });
  assert.equal(thrown(() => verifyJws(token, key, trapped)).cause, cause);
});

test('a refusal is an error that answers for itself', () => {
  const forged = signed('x').replace(/[^.]+$/, Buffer.alloc(64).toString('base64url'));
  const error = thrown(() => verifyJws(forged, key, ALGORITHMS));
  assert.equal(error.name, 'At9068Error');
  assert.equal(error.code, 'signature_invalid');
  assert.equal(error.authenticated, false);
  assert.deepEqual(error.challenge, [], 'whoever verifies other content challenges nobody');
  const critical = signed('x', { alg: 'EdDSA', crit: ['b64'], b64: false });
  assert.equal(code(() => verifyJws(critical, key, ALGORITHMS)), 'critical_header_unsupported');
  assert.equal(code(() => verifyJws(`${signed('x')}${'A'.repeat(65_536)}`, key, ALGORITHMS)), 'token_too_large');
});
