import assert from 'node:assert/strict';
import { fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { newKey, until, withIssuer } from './issuer.mjs';

const program = (name) => fileURLToPath(new URL(`programs/${name}`, import.meta.url));

/** Runs a program of one argument, JSON, and gives what it wrote and how it ended. */
async function run(name, argument) {
  const stdio = ['ignore', 'pipe', 'inherit'];
  const child = spawn(process.execPath, [program(name), JSON.stringify(argument)], { stdio });
  const [output, [status, signal]] = await Promise.all([child.stdout.toArray(), once(child, 'exit')]);
  return { output: Buffer.concat(output).toString(), status, signal };
}

test(
  'a process stays for its verdict, and ends by itself after the last one',
  withIssuer(async (issuer) => {
    // Nothing but the promise keeps it while the issuer takes its time.
    issuer.fault = () => new Promise((resolve) => setTimeout(resolve, 300, false));
    const ended = await run('verdict.mjs', { options: issuer.options, token: issuer.mint() });
    assert.deepEqual(ended, { output: 'user\n', status: 0, signal: null });
  }),
);

test(
  'who does not wait does not stay',
  withIssuer(async (issuer) => {
    issuer.fault = () => new Promise(() => {});
    const began = performance.now();
    const ended = await run('at_hand.mjs', { options: issuer.options, token: issuer.mint() });
    assert.deepEqual(ended, { output: 'keys_unavailable\n', status: 0, signal: null });
    assert.ok(performance.now() - began < 15_000, 'the fetch, which may take 20 seconds, was not waited for');
  }),
);

test(
  'a process may be ended while keys are fetched for it',
  withIssuer(async (issuer) => {
    issuer.fault = () => new Promise(() => {});
    const argument = { options: issuer.options, token: issuer.mint(), exit: 3 };
    assert.deepEqual(await run('verdict.mjs', argument), { output: '', status: 3, signal: null });
  }),
);

test(
  'threads may end while keys are fetched for them',
  withIssuer(async (issuer) => {
    const held = [];
    issuer.fault = () => new Promise((resolve) => held.push(resolve));
    const body = `
      const { parentPort, workerData } = require('node:worker_threads');
      const { Validator } = require('at9068');
      const validator = new Validator(workerData.options, { events: () => {} });
      validator.validate(workerData.token).catch(() => {});
      parentPort.on('message', () => {});
      parentPort.postMessage('pending');
    `;
    const workerData = { options: { ...issuer.options, jwks_uri: issuer.jwksUri }, token: issuer.mint() };
    for (let round = 1; round <= 10; round += 1) {
      const worker = new Worker(body, { eval: true, workerData });
      await once(worker, 'message');
      await until(() => held.length === round);
      // In every second round the answer comes first, and the thread ends under its delivery.
      if (round % 2 === 0) held[round - 1](false);
      await worker.terminate();
    }
    // The others' answers come when nobody is there to hear of them.
    for (const resolve of held) resolve(false);
    issuer.fault = async () => false;
    assert.equal((await issuer.validator().validate(issuer.mint())).sub, 'user');
    await new Promise((resolve) => setTimeout(resolve, 200));
  }),
);

test(
  'forked processes and a cluster serve through a rotation',
  withIssuer(async (issuer) => {
    const [old, next] = [issuer.keys[0], newKey()];
    const options = { ...issuer.options, issuer_cache: { ...issuer.options.issuer_cache, cooldown_seconds: 1 } };
    const child = fork(program('judge.mjs'), [JSON.stringify({ options })], { stdio: 'inherit' });
    const primary = fork(program('cluster.mjs'), [JSON.stringify({ options })], { stdio: 'inherit' });
    const judges = [child, primary];
    const ask = async (judge, token) => {
      judge.send(token);
      const [answers] = await once(judge, 'message');
      return answers;
    };
    await Promise.all([once(child, 'message'), once(primary, 'message')]);
    for (const judge of judges) for (const answer of await ask(judge, issuer.mint(old))) assert.equal(answer, 'user');
    issuer.keys = [old, next];
    await new Promise((resolve) => setTimeout(resolve, 1100)); // a cooldown
    for (const judge of judges) {
      for (const key of [next, old]) {
        for (const answer of await ask(judge, issuer.mint(key))) assert.equal(answer, 'user');
      }
    }
    for (const judge of judges) {
      const ended = once(judge, 'exit');
      judge.send(null);
      assert.deepEqual(await ended, [0, null]);
    }
    assert.equal(issuer.fetched(), 2 * 3, 'of the child and of two workers, each twice');
  }),
);
