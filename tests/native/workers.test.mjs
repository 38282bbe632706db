// T218: worker threads that load the package, work and end, 1,000 times; and that end while keys are fetched for them.

import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { createServer } from 'node:http';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';

const module = process.env.AT9068_MODULE ?? 'at9068';
const { Minter, SigningKey, Validator } = await import(module);

const TIMES = 1000;
const AT_ONCE = 4;
const NOW = 1_700_000_000;
const API = 'https://api.example/';
const request = { grant_type: 'client_credentials', client_id: 'cron', resource: [API] };
const key = SigningKey.generateSync('ES256');
const options = { issuer: 'https://as.example/', keys: key, apis: [{ audience: API, dialect: 'rfc9068_profile' }] };
const { token } = new Minter(options).mintSync(request, { now: NOW });

// One in three is left while it mints: its promises never settle, and whatever they hold has to be given back.
const body = `
  const { parentPort, workerData } = require('node:worker_threads');
  const { jwk, module, now, number, request, token } = workerData;
  import(module).then(async ({ Minter, SigningKey, Validator }) => {
    const keys = SigningKey.fromJwk(jwk);
    const api = { audience: request.resource[0], dialect: 'rfc9068_profile' };
    const minter = new Minter({ issuer: 'https://as.example/', keys, apis: [api] });
    const validator = new Validator({ issuer: 'https://as.example/', audience: api.audience, jwks: keys.keySet() });
    if (number % 3 === 0) {
      for (let i = 0; i < 20; i += 1) minter.mint(request);
      parentPort.postMessage('left');
      process.exit(0);
    }
    const own = await minter.mint(request, { now });
    const seen = [await validator.validate(token, { now }), validator.validateSync(own.token, { now })];
    parentPort.postMessage(seen.map(({ client_id }) => client_id).join());
  });
`;

function run(number) {
  const workerData = { jwk: key.toJwk(), module, now: NOW, number, request, token };
  return new Promise((resolve, reject) => {
    let answer;
    const thread = new Worker(body, { eval: true, workerData });
    thread.once('message', (message) => (answer = message));
    thread.once('error', reject);
    thread.once('exit', (status) => resolve([status, answer]));
  });
}

async function round(from, to) {
  let next = from;
  const line = async () => {
    while (next < to) {
      const number = next;
      next += 1;
      // What is posted right before the end may be lost with the thread.
      const [status, answer] = await run(number);
      assert.equal(status, 0);
      if (number % 3 === 0) assert.ok(answer === 'left' || answer === undefined);
      else assert.equal(answer, 'cron,cron');
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, line));
}

/** Keys that a thread asked for arrive before it ends, while it does, or after. */
const fetching = `
  const { parentPort, workerData } = require('node:worker_threads');
  const { module, number, options, token } = workerData;
  import(module).then(({ Validator }) => {
    const validator = new Validator(options, { events: () => {} });
    for (let i = 0; i < 5; i += 1) validator.validate(token).catch(() => {});
    validator.prefetch().catch(() => {});
    parentPort.postMessage('pending');
    setTimeout(() => process.exit(0), number % 40);
  });
`;

const counted = () => ['fd', 'task'].map((what) => readdirSync(`/proc/self/${what}`).length);

test('threads are created and ended 1,000 times', { timeout: 300_000 }, async () => {
  await round(0, 100);
  const [files, threads] = counted();
  const used = process.memoryUsage().rss;
  await round(100, TIMES);
  const after = counted();
  assert.ok(after[0] <= files + 4 && after[1] <= threads + 4, `${after} now, ${[files, threads]} before`);
  const more = process.memoryUsage().rss - used;
  assert.ok(more < 100e6, `${more / 1e6} MB more after 900 threads`);
  const own = new Validator({ issuer: options.issuer, audience: API, jwks: key.keySet() });
  assert.equal(own.validateSync(token, { now: NOW }).client_id, 'cron');
});

test('threads end 300 times while keys are fetched for them', { timeout: 300_000 }, async () => {
  let asked = 0;
  const server = createServer((_, response) => {
    asked += 1;
    const send = () => response.writeHead(200, { 'Content-Type': 'application/json' }).end(key.keySet().toJson());
    setTimeout(send, asked % 40);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${server.address().port}/`;
  const fetched = { issuer: url, audience: API, jwks_uri: `${url}jwks`, issuer_cache: { danger_http_loopback: true } };
  const minted = new Minter({ ...options, issuer: url }).mintSync(request).token;
  const end = (number) => {
    const workerData = { module, number, options: fetched, token: minted };
    const thread = new Worker(fetching, { eval: true, workerData });
    return new Promise((resolve, reject) => thread.once('error', reject).once('exit', resolve));
  };
  const [files, threads] = counted();
  let next = 0;
  const line = async () => {
    while (next < 300) assert.equal(await end((next += 1)), 0);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, line));
  assert.ok(asked >= 150, `only ${asked} of 300 threads came so far as to ask`);
  assert.equal((await new Validator(fetched).validate(minted)).client_id, 'cron');
  await new Promise((resolve) => server.close(resolve));
  const after = counted();
  assert.ok(after[0] <= files + 4 && after[1] <= threads + 4, `${after} now, ${[files, threads]} before`);
});
