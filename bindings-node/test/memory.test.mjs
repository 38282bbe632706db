import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('programs/loop.mjs', import.meta.url));

const TIMES = 20_000;
/** Far less than as many objects would take, were each of them to wait for a turn of the loop. */
const MEGABYTES = 15;

/** Where some of what is made is kept for a while, V8 takes more room for what is young: no leak. */
const YOUNG = '--max-semi-space-size=1';

const deeds = [
  'validateSync', 'validate', 'refuse', 'authenticateSync', 'explainSync', 'require', 'introspectionResponse',
  'mintSync', 'mintManySync', 'idToken', 'clientAssertion', 'claims', 'validateMany', 'validateManySync',
  'others',
];

for (const deed of deeds) {
  test(`memory is freed without a turn of the loop: ${deed}`, () => {
    const command = [YOUNG, program, deed, TIMES];
    const grown = Number(execFileSync(process.execPath, command, { encoding: 'utf8' }));
    assert.ok(grown < MEGABYTES, `${grown} MB`);
  });
}
