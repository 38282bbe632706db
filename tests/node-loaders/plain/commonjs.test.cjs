const assert = require('node:assert/strict');
const { test } = require('node:test');
const at9068 = require('at9068');
const { works } = require('../works.cjs');

test('CommonJS loads the package', async () => {
  await works(at9068, require('at9068/hono'));
});

test('and ES modules get the same of it, in one process', async () => {
  const esm = await import('at9068');
  assert.equal(esm.Validator, at9068.Validator);
});
