import { once } from 'node:events';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import assert from 'node:assert/strict';
import * as at9068 from 'at9068';
import * as hono from 'at9068/hono';
import { works } from '../works.cjs';

test('ES modules load the package', async () => {
  await works(at9068, hono);
});

test('threads load it in either way, at once, and again', async () => {
  const ways = [
    `const load = async (name) => require(name);`,
    `const load = (name) => import(name);`,
  ];
  const program = (way) => `
    ${way}
    const { parentPort } = require('node:worker_threads');
    (async () => {
      const { works } = require(${JSON.stringify(new URL('../works.cjs', import.meta.url).pathname)});
      await works(await load('at9068'), await load('at9068/hono'));
      parentPort.postMessage('works');
    })();
  `;
  for (let round = 0; round < 3; round += 1) {
    const threads = [...ways, ...ways].map((way) => new Worker(program(way), { eval: true }));
    const told = await Promise.all(threads.map((thread) => once(thread, 'message')));
    assert.deepEqual(told.flat(), ['works', 'works', 'works', 'works']);
    await Promise.all(threads.map((thread) => thread.terminate()));
  }
});
