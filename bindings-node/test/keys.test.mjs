import assert from 'node:assert/strict';
import { X509Certificate, createHash, createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { KeySet, Minter, SigningKey, Validator, certificateSha256, thumbprint } from 'at9068';
import { API, ISSUER, NOW, code, key, minterOptions, request, thrown, validatorOptions } from './common.mjs';

const RSA = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'];
const ASYMMETRIC = [...RSA, 'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'];

test('a key of every algorithm is generated, and signs and verifies', async () => {
  for (const algorithm of ASYMMETRIC) {
    const made = await SigningKey.generate(algorithm);
    assert.equal(made.algorithm, algorithm);
    assert.equal(made.kid, made.thumbprint);
    const { token } = await new Minter({ ...minterOptions, keys: made }).mint(request, { now: NOW });
    const good = await new Validator({ ...validatorOptions, jwks: made }).validate(token, { now: NOW });
    assert.equal(good.header.alg, algorithm);
    assert.equal(good.header.kid, made.kid);
  }
});

test('RSA keys have the size asked for', async () => {
  const made = await SigningKey.generate('PS256', { bits: 3072 });
  assert.equal(createPublicKey(made.publicPem()).asymmetricKeyDetails.modulusLength, 3072);
  for (const bits of [1024, 2047, 8192]) {
    await assert.rejects(SigningKey.generate('RS256', { bits }), { code: 'key_unsupported' });
  }
  for (const bits of [-2048, 2048.5, NaN, 2 ** 32 + 2048, '2048', null]) {
    assert.equal(code(() => SigningKey.generateSync('RS256', { bits })), 'argument_invalid');
  }
  assert.equal(code(() => SigningKey.generateSync('ES256', { bits: 256 })), 'key_unsupported');
});

test('what is no algorithm is an error, and so is HMAC', async () => {
  for (const name of ['none', 'rs256', '', 'RS256\u0000', 'RS\ud800']) {
    assert.equal(code(() => SigningKey.generateSync(name)), 'argument_invalid');
  }
  for (const name of [undefined, null, 256, {}]) {
    await assert.rejects(SigningKey.generate(name), { code: 'argument_invalid' });
  }
  assert.equal(code(() => SigningKey.generateSync('HS256')), 'key_unsupported');
});

test('generation does not hold up the event loop', async () => {
  let turns = 0;
  const timer = setInterval(() => (turns += 1), 1);
  await Promise.all([SigningKey.generate('RS256'), SigningKey.generate('RS256'), SigningKey.generate('RS256')]);
  clearInterval(timer);
  assert.ok(turns > 1);
});

test('keys go through JWK and PEM and stay the same', () => {
  for (const algorithm of ['RS256', 'ES384', 'EdDSA']) {
    const made = SigningKey.generateSync(algorithm);
    const again = [
      SigningKey.fromJwk(made.toJwk()),
      SigningKey.fromJwk(JSON.stringify(made.toJwk())),
      SigningKey.fromPem(made.toPem(), { algorithm }),
      SigningKey.fromPem(Buffer.from(made.toPem()), { algorithm, kid: made.kid }),
    ];
    for (const other of again) {
      assert.equal(other.kid, made.kid);
      assert.equal(other.algorithm, made.algorithm);
      assert.deepEqual(other.publicJwk(), made.publicJwk());
    }
    assert.equal(thumbprint(made.publicJwk()), made.thumbprint);
    assert.equal(thumbprint(JSON.stringify(made.toJwk())), made.thumbprint);
    const { kty, crv, x, y, n, e } = createPublicKey(made.publicPem()).export({ format: 'jwk' });
    for (const [name, value] of Object.entries({ kty, crv, x, y, n, e })) {
      assert.equal(made.publicJwk()[name], value);
    }
  }
});

test('keys of node:crypto are taken in every PEM form', () => {
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const forms = [
    [rsa.privateKey, ['pkcs1', 'pkcs8']],
    [ec.privateKey, ['sec1', 'pkcs8']],
  ];
  for (const [privateKey, types] of forms) {
    const expected = thumbprint(createPublicKey(privateKey).export({ format: 'jwk' }));
    for (const type of types) {
      const pem = privateKey.export({ type, format: 'pem' });
      assert.equal(SigningKey.fromPem(pem).thumbprint, expected);
      assert.deepEqual(KeySet.fromPem(pem).kids, [expected]);
    }
    const spki = createPublicKey(privateKey).export({ type: 'spki', format: 'pem' });
    assert.deepEqual(KeySet.fromPem(spki, { kid: 'mine' }).kids, ['mine']);
    assert.equal(code(() => SigningKey.fromPem(spki)), 'key_unsupported');
  }
});

test('PEM texts and their options are checked', () => {
  const pem = key.toPem();
  assert.equal(code(() => SigningKey.fromPem('')), 'key_malformed');
  assert.equal(code(() => SigningKey.fromPem(`\ud800${pem}`)), 'key_malformed');
  assert.equal(code(() => SigningKey.fromPem(pem, { algorithm: 'RS256' })), 'key_mismatch');
  assert.equal(code(() => SigningKey.fromPem(pem, { algorithm: 'none' })), 'argument_invalid');
  assert.match(thrown(() => SigningKey.fromPem(pem, { alg: 'EdDSA' })).message, /unknown member alg/);
  for (const wrong of [undefined, null, 42, {}, createPrivateKey(pem)]) {
    assert.equal(code(() => SigningKey.fromPem(wrong)), 'argument_invalid');
    assert.equal(code(() => KeySet.fromPem(wrong)), 'argument_invalid');
  }
  for (const kid of [null, 42, 'x\udfff']) assert.equal(code(() => KeySet.fromPem(pem, { kid })), 'argument_invalid');
  const form = { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' };
  const encrypted = createPrivateKey(pem).export(form);
  assert.equal(code(() => SigningKey.fromPem(encrypted)), 'key_unsupported');
});

test('a key set tells of its keys, and publishes only public ones', () => {
  const rsa = SigningKey.generateSync('RS256');
  const secret = { kty: 'oct', kid: 'secret', k: Buffer.alloc(32, 7).toString('base64url') };
  const set = KeySet.fromJson({ keys: [rsa.toJwk(), secret, { kty: 'RSA', kid: 'bad' }, { kty: 'nope' }] });
  assert.equal(set.size, 2);
  assert.deepEqual(set.kids, [rsa.kid, 'secret']);
  assert.deepEqual(set.skipped, [
    { index: 2, kid: 'bad', code: 'key_malformed' },
    { index: 3, code: 'key_unsupported' },
  ]);
  assert.deepEqual(set.toJSON(), { keys: [rsa.publicJwk()] });
  assert.deepEqual(JSON.parse(JSON.stringify({ jwks: set })), { jwks: { keys: [rsa.publicJwk()] } });
  assert.deepEqual(JSON.parse(set.toJson()), set.toJSON());
  assert.equal(KeySet.fromJson(set.toJson()).size, 1);
  set.kids.pop();
  assert.equal(set.kids.length, 2);
  const validator = new Validator({ ...validatorOptions, jwks: set });
  assert.deepEqual(validator.skippedKeys, [
    { issuer: ISSUER, index: 2, kid: 'bad', code: 'key_malformed' },
    { issuer: ISSUER, index: 3, code: 'key_unsupported' },
  ]);
  const keys = { keys: [{ kty: 'RSA', kid: 'bad' }, rsa.toJwk()] };
  const minter = new Minter({ issuer: ISSUER, keys, apis: [{ audience: 'a', dialect: 'access_token' }] });
  assert.deepEqual(minter.skippedKeys, [{ index: 0, kid: 'bad', code: 'key_malformed' }]);
});

test('a symmetric key has no public half', () => {
  const secret = SigningKey.fromJwk({ kty: 'oct', alg: 'HS256', k: Buffer.alloc(32, 7).toString('base64url') });
  assert.equal(secret.algorithm, 'HS256');
  for (const name of ['kid', 'thumbprint']) assert.equal(secret[name], undefined);
  for (const method of ['publicJwk', 'publicPem']) assert.equal(secret[method](), undefined);
  assert.equal(code(() => secret.toPem()), 'key_unsupported');
  assert.deepEqual(secret.keySet().toJSON(), { keys: [] });
});

test('what is no JWK or set of them is an error', () => {
  for (const text of ['', '[]', '{"keys":1}', '{"keys":[],"keys":[]}', '{"keys":["\ud800"]}']) {
    assert.equal(code(() => KeySet.fromJson(text)), 'key_malformed');
  }
  for (const value of [undefined, null, 42, [], { keys: { 0: 1 } }, { keys: [undefined] }, new Map()]) {
    assert.equal(code(() => KeySet.fromJson(value)), 'key_malformed');
    assert.equal(code(() => SigningKey.fromJwk(value)), 'key_malformed');
    assert.equal(code(() => thumbprint(value)), 'key_malformed');
  }
  assert.equal(code(() => SigningKey.fromJwk(key.publicJwk())), 'key_malformed');
});

test('signing keys are gathered from anything iterable', () => {
  const two = SigningKey.generateSync('ES256');
  assert.deepEqual(KeySet.fromSigningKeys(new Set([key, two])).kids, [key.kid, two.kid]);
  assert.equal(KeySet.fromSigningKeys([]).size, 0);
  for (const wrong of [undefined, null, key, {}, 42, 'x', [key.toJwk()], [null], [key.keySet()], [1]]) {
    assert.equal(code(() => KeySet.fromSigningKeys(wrong)), 'argument_invalid');
  }
  const cause = new Error('stop');
  const failing = (function* () {
    yield key;
    throw cause;
  })();
  assert.equal(thrown(() => KeySet.fromSigningKeys(failing)).cause, cause);
});

test('handles stand wherever keys do', () => {
  const two = SigningKey.generateSync('ES256');
  const sets = [key, key.keySet(), { keys: [two, key] }, { keys: [key.publicJwk(), two.publicJwk()] }];
  sets.push(key.keySet().toJSON());
  const keys = [key, { keys: [key, two] }, { keys: [key.toJwk()] }, { keys: [{ kty: 'nope' }, key] }];
  for (const jwks of sets) {
    const issuers = [{ issuer: ISSUER, jwks }, { issuer: 'other', jwks: two }];
    const validator = new Validator({ audience: API, issuers });
    for (const signing of keys) {
      const { token } = new Minter({ ...minterOptions, keys: signing }).mintSync(request, { now: NOW });
      assert.equal(validator.validateSync(token, { now: NOW }).header.kid, key.kid);
    }
  }
  assert.equal(code(() => new Minter({ ...minterOptions, keys: key.keySet() })), 'config_invalid');
  assert.equal(code(() => new Validator({ ...validatorOptions, jwks: KeySet.fromSigningKeys([]) })), 'config_invalid');
});

test('keys show nothing of themselves', () => {
  assert.equal(inspect(key), 'SigningKey {}');
  assert.equal(JSON.stringify(key), '{}');
  assert.ok(!inspect(key, { showHidden: true, getters: true, depth: null }).includes(key.toJwk().d));
});

test('nothing but the static methods makes a key', () => {
  assert.equal(code(() => new KeySet()), 'argument_invalid');
  assert.equal(code(() => new SigningKey(Symbol('make'), {})), 'argument_invalid');
  assert.throws(() => Object.create(SigningKey.prototype).kid);
  const forged = Object.create(KeySet.prototype);
  assert.equal(code(() => new Validator({ ...validatorOptions, jwks: forged })), 'config_invalid');
});

test('the thumbprint of a certificate is that of its DER', () => {
  const pem = readFileSync(new URL('certificate.pem', import.meta.url));
  const { raw } = new X509Certificate(pem);
  const expected = createHash('sha256').update(raw).digest('base64url');
  for (const form of [pem, pem.toString(), raw, new Uint8Array(raw)]) assert.equal(certificateSha256(form), expected);
  for (const wrong of ['', '\ud800', key.publicPem(), raw.subarray(1), undefined, null, 42]) {
    assert.equal(code(() => certificateSha256(wrong)), 'argument_invalid');
  }
});
