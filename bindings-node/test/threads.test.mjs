import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Worker } from 'node:worker_threads';
import { At9068Error, Validator } from 'at9068';
import { NOW, key, mint, minterOptions, request, validator, validatorOptions } from './common.mjs';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc');

const worker = `
  const { parentPort, workerData } = require('node:worker_threads');
  const { At9068Error, Minter, SigningKey, Validator } = require('at9068');
  const { jwk, minterOptions, now, request, token, validatorOptions } = workerData;
  const keys = SigningKey.fromJwk(jwk);
  const validator = new Validator({ ...validatorOptions, jwks: keys });
  const minter = new Minter({ ...minterOptions, keys });
  (async () => {
    let refused = 0;
    for (let i = 0; i < 200; i += 1) {
      const minted = await minter.mint(request, { now });
      if (validator.validateSync(minted.token, { now }).client_id !== 'app') throw new Error('wrong');
      try {
        await validator.validate(token, { now: now + 1e6 });
      } catch (error) {
        if (error instanceof At9068Error && error.code === 'token_expired') refused += 1;
      }
    }
    parentPort.postMessage({ refused, sub: validator.validateSync(token, { now }).sub });
  })();
`;

function start() {
  const workerData = {
    jwk: key.toJwk(),
    minterOptions: { ...minterOptions, keys: undefined },
    now: NOW,
    request,
    token: mint().token,
    validatorOptions: { ...validatorOptions, jwks: undefined },
  };
  return new Promise((resolve, reject) => {
    const thread = new Worker(worker, { eval: true, workerData });
    let answer;
    thread.once('message', (message) => (answer = message));
    thread.once('error', reject);
    thread.once('exit', () => resolve(answer));
  });
}

test('several threads load the package and work at once', async () => {
  const answers = await Promise.all([start(), start(), start(), start()]);
  for (const answer of answers) assert.deepEqual(answer, { refused: 200, sub: request.subject });
  assert.equal(validator.validateSync(mint().token, { now: NOW }).iss, 'https://as.example/');
});

test('a thread may end while it mints', async () => {
  const body = `
    const { workerData } = require('node:worker_threads');
    const { Minter, SigningKey } = require('at9068');
    const minter = new Minter({ ...workerData.minterOptions, keys: SigningKey.fromJwk(workerData.jwk) });
    for (let i = 0; i < 100; i += 1) minter.mint(workerData.request);
    process.exit(7);
  `;
  const workerData = { jwk: key.toJwk(), minterOptions: { ...minterOptions, keys: undefined }, request };
  const status = await new Promise((resolve, reject) => {
    new Worker(body, { eval: true, workerData }).once('error', reject).once('exit', resolve);
  });
  assert.equal(status, 7);
});

test('handles do not cross to another thread as something else', () => {
  const copy = structuredClone(key.keySet());
  assert.throws(() => new Validator({ ...validatorOptions, jwks: copy }), { code: 'config_invalid' });
});

test('a token lives on without its validator', () => {
  let own = new Validator(validatorOptions);
  const held = own.validateSync(mint({ roles: ['a'] }).token, { now: NOW });
  own = undefined;
  collect();
  assert.deepEqual(held.roles, ['a']);
  assert.throws(() => held.require({ roles: ['b'] }), At9068Error);
});

test('what is no longer used is given back', async () => {
  const { token } = mint({ claims: { filler: 'x'.repeat(8000) } });
  const settle = async () => {
    for (let i = 0; i < 5; i += 1) {
      collect();
      await new Promise((resolve) => setImmediate(resolve));
    }
    return process.memoryUsage().rss;
  };
  const round = async () => {
    for (let i = 0; i < 5000; i += 1) {
      validator.validateSync(token, { now: NOW });
      if (i % 500 === 0) await settle();
    }
    return settle();
  };
  const before = await round();
  const after = await round();
  // 5000 tokens hold 40 MB of claims.
  assert.ok(after - before < 20e6, `${(after - before) / 1e6} MB more`);
});
