// T150, T166: a cluster of four workers behind one port, while keys rotate under a flood.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { request } from 'node:http';
import { createInterface } from 'node:readline';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { startTestIssuer } from '../issuer/test-issuer.mjs';

const WORKERS = 4;
const COOLDOWN_SECONDS = 1;
// It takes 5 seconds; a machine may be busy.
const TIMEOUT = 120_000;

let issuers;
before(async () => {
  issuers = await startTestIssuer();
});
after(() => issuers.close());

/** The API: its port, and what ends it and tells how it ended. */
async function serve(issuer, prefetch) {
  const { issuer: identifier } = await issuer.urls();
  const env = { ...process.env, ISSUER: identifier, WORKERS, COOLDOWN_SECONDS, PREFETCH: prefetch };
  const program = fileURLToPath(new URL('guarded.mjs', import.meta.url));
  const primary = spawn(process.execPath, [program], { env, stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(primary, 'exit');
  const started = once(createInterface(primary.stdout), 'line');
  const [port] = await Promise.race([started, ended.then(() => assert.fail('the cluster did not start'))]);
  const close = () => {
    primary.stdin.end();
    return ended;
  };
  return { port, close };
}

/** Status, process and what it says, on a connection of its own. */
async function ask(port, token) {
  const asked = request({ host: '127.0.0.1', port, agent: false, headers: { Authorization: `Bearer ${token}` } });
  asked.end();
  const [response] = await once(asked, 'response');
  const [worker, said] = Buffer.concat(await response.toArray()).toString().split(' ');
  return { status: response.statusCode, worker, said };
}

/** The token under the name of a key that never was. */
function underUnknownKey(token, number) {
  const header = JSON.stringify({ alg: 'ES256', typ: 'at+jwt', kid: `nobody-${number}` });
  return token.replace(/^[^.]*/, Buffer.from(header).toString('base64url'));
}

/** Each key is published one cooldown before it signs; tokens under keys that never were come all the time. */
async function rotations(t, prefetch) {
  const issuer = issuers.newCase();
  const tokens = [await issuer.mint()];
  const answers = new Set();
  const workers = new Set();
  let done = false;
  let flood = 0;
  const { port, close } = await serve(issuer, prefetch);
  t.after(close);

  const good = async () => {
    while (!done) {
      for (const token of tokens.slice(-2)) {
        const { status, worker, said } = await ask(port, token);
        answers.add(`good ${status} ${said}`);
        workers.add(worker);
      }
    }
  };
  const bad = async () => {
    while (!done) {
      const { status, said } = await ask(port, underUnknownKey(tokens[0], (flood += 1)));
      answers.add(`bad ${status} ${said}`);
    }
  };
  const rotate = async () => {
    for (const key of ['second', 'third', 'fourth']) {
      await issuer.keys({ generate: [{ key }], publish: [key] });
      await sleep(COOLDOWN_SECONDS * 1000 + 100);
      await issuer.keys({ sign_with: key });
      tokens.push(await issuer.mint());
      // Every worker meets the new key, and its own flood.
      await sleep(500);
    }
  };

  const began = performance.now();
  const clients = [good, good, good, good, bad, bad].map((client) => client());
  await Promise.race([rotate(), Promise.all(clients)]).finally(() => (done = true));
  await Promise.all(clients);
  const took = (performance.now() - began) / 1000;
  assert.deepEqual([...answers].sort(), ['bad 401 key_not_found', 'good 200 test-client']);
  assert.equal(workers.size, WORKERS);
  // Each worker fetches for itself, and the flood costs it one fetch a cooldown.
  const fetches = (await issuer.requests()).documents.jwks;
  assert.ok(flood > fetches && fetches >= WORKERS, `${flood} bad tokens, ${fetches} fetches`);
  assert.ok(fetches <= WORKERS * (2 + took / COOLDOWN_SECONDS), `${fetches} fetches in ${took} s`);
  assert.deepEqual(await close(), [0, null]);
}

test('a cluster loses no token in rotations under a flood', { timeout: TIMEOUT }, async (t) => {
  for (const prefetch of ['yes', 'no']) await t.test(`prefetch: ${prefetch}`, (t) => rotations(t, prefetch));
});
