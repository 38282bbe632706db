// There are two of this file: Vitest runs each in a worker of its own, threads or processes.

import * as at9068 from 'at9068';
import * as hono from 'at9068/hono';
import { expect, test, vi } from 'vitest';
import { works } from '../works.cjs';

test('Vitest loads the package', async () => {
  await works(at9068, hono);
});

test('and once more, where it forgets what it has loaded', async () => {
  vi.resetModules();
  await works(await import('at9068'), await import('at9068/hono'));
  expect(at9068.version).toMatch(/^\d+\.\d+\.\d+$/);
});
