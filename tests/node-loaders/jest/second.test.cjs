// There are two of this file: each is a world of its own to Jest, in which the package is loaded anew.

const { works } = require('../works.cjs');

test('Jest loads the package', async () => {
  await works(require('at9068'), require('at9068/hono'));
});

test('and once more, where it forgets what it has loaded', async () => {
  const before = require('at9068');
  jest.resetModules();
  const at9068 = require('at9068');
  expect(at9068.Validator).not.toBe(before.Validator);
  await works(at9068, require('at9068/hono'));
});
