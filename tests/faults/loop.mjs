// How late Node's event loop is while 200 calls wait for an issuer: tests/README.md, "Event loops".
//
// As loop.py, which says what it is about:
//
//     AT9068_MODULE=$PWD/target/node-driver/node_modules/at9068/lib.mjs node tests/faults/loop.mjs [ROUNDS]

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { startTestIssuer } from '../issuer/test-issuer.mjs';

const { Validator } = await import(process.env.AT9068_MODULE ?? 'at9068');

const CALLS = 200;
const TICK = 5;
const WAIT = 500;
// Before and after the calls, so that their first and their last step are seen.
const MARGIN = 50;
const ALLOWED = 20;

/** How late the ticks of some rounds were, in milliseconds. */
class Delays {
  late = [];
  ours = [];

  row(name) {
    const cells = [this.late, this.ours].flatMap(spread).map((value) => value.toFixed(2).padStart(9));
    return `${name.padEnd(14)}${`${this.late.length}`.padStart(7)}${cells.join('')}`;
  }
}

/** Half of them are below the first, 99 % below the second, none above the third. */
function spread(delays) {
  const ranked = delays.toSorted((one, other) => one - other);
  return [ranked[ranked.length >> 1], ranked[Math.floor(ranked.length * 0.99)], ranked.at(-1)];
}

/** How long this thread has waited for a processor so far, in milliseconds. */
function starved() {
  return Number(readFileSync('/proc/thread-self/schedstat', 'latin1').split(' ')[1]) / 1e6;
}

/** One round. */
async function measured(delays, work) {
  let ticking;
  const tick = () => {
    const waited = starved();
    const began = performance.now();
    ticking = setTimeout(() => {
      const late = performance.now() - began - TICK;
      delays.late.push(late);
      delays.ours.push(Math.max(late - (starved() - waited), 0));
      tick();
    }, TICK);
  };
  tick();
  await sleep(MARGIN);
  await work();
  await sleep(MARGIN);
  clearTimeout(ticking);
}

/** Calls of a validator that has no keys yet; each waits until the issuer is given up, or answers. */
async function calls(server, hangs) {
  const issuer = server.newCase();
  if (hangs) await issuer.behave('all', { hang: 'before_head' });
  else await issuer.behave('jwks', { delay_ms: WAIT });
  const limits = { danger_http_loopback: true, timeout_seconds: hangs ? WAIT / 1000 : 60 };
  const { issuer: identifier } = await issuer.urls();
  const validator = new Validator({ issuer: identifier, audience: 'https://api.example/', issuer_cache: limits });
  const token = await issuer.mint();
  const ended = () => validator.validate(token).then(({ client_id: id }) => id, ({ code }) => code);
  return async () => {
    const began = performance.now();
    const answers = await Promise.all(Array.from({ length: CALLS }, ended));
    assert.deepEqual([...new Set(answers)], [hangs ? 'keys_unavailable' : 'test-client']);
    assert.ok(performance.now() - began >= WAIT * 0.9);
  };
}

const rounds = Number(process.argv[2] ?? 10);
const [idle, hangs, late] = [new Delays(), new Delays(), new Delays()];
const binary = process.env.AT9068_TEST_ISSUER ?? fileURLToPath(new URL('../../target/drivers/test-issuer', import.meta.url));
const server = await startTestIssuer({ binary });
for (let round = 0; round < rounds; round += 1) {
  await measured(idle, () => sleep(WAIT));
  await measured(hangs, await calls(server, true));
  await measured(late, await calls(server, false));
}
await server.close();

console.log(`Node, ${CALLS} calls in each of ${rounds} rounds, a tick every ${TICK} ms`);
console.log(`${''.padEnd(21)}${'ms late'.padStart(27)}${'apart from the machine'.padStart(27)}`);
const names = ['p50', 'p99', 'longest'].map((name) => name.padStart(9)).join('');
console.log(`${''.padEnd(14)}${'ticks'.padStart(7)}${names}${names}`);
for (const [name, delays] of [['idle', idle], ['hangs', hangs], ['answers late', late]]) console.log(delays.row(name));
const longest = Math.max(...hangs.ours);
const quiet = spread(idle.ours);
const ratios = spread(hangs.ours).map((busy, at) => (busy / quiet[at]).toFixed(2));
console.log(
  `loop: while an issuer hangs, the longest delay that is ours is ${longest.toFixed(2)} ms; against idle: ` +
    `p50 ${ratios[0]}, p99 ${ratios[1]}, longest ${ratios[2]}`,
);
process.exitCode = longest <= ALLOWED ? 0 : 1;
