import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { newKey, withIssuer } from './issuer.mjs';

const at = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const readme = readFileSync(at('README.md'), 'utf8');

test('the examples of the README are those that run', () => {
  for (const name of ['quickstart', 'server', 'login']) {
    assert.ok(readme.includes(`\`\`\`js\n${readFileSync(at(`examples/${name}.mjs`), 'utf8')}\`\`\``), name);
  }
});

test('the quickstart mints and validates', () => {
  const output = execFileSync(process.execPath, [at('examples/quickstart.mjs')], { encoding: 'utf8' });
  assert.equal(output, "auth0|123456 app [ 'openid', 'read:patients' ]\n");
});

test('the login is one, and the logout too', () => {
  const output = execFileSync(process.execPath, [at('examples/login.mjs')], { encoding: 'utf8' });
  assert.equal(output, 'app private_key_jwt token_replayed\nalice claim_mismatch\ntoken_revoked\n');
});

test(
  'the server finds its issuer’s keys',
  withIssuer(async (issuer) => {
    const argument = JSON.stringify(issuer.options);
    const stdio = ['ignore', 'pipe', 'pipe'];
    const server = spawn(process.execPath, [at('examples/server.mjs'), argument], { stdio });
    try {
      const told = once(createInterface(server.stderr), 'line');
      const [port] = await once(createInterface(server.stdout), 'line');
      const asked = issuer.fetched();
      const ask = (token) =>
        fetch(`http://127.0.0.1:${port}/`, { headers: token ? { authorization: `Bearer ${token}` } : {} });
      const good = await ask(issuer.mint());
      assert.deepEqual([good.status, await good.text()], [200, 'Hello, user!\n']);
      const nothing = await ask();
      assert.deepEqual([nothing.status, nothing.headers.get('www-authenticate')], [401, 'Bearer']);
      const unknown = await ask(issuer.mint(newKey()));
      assert.equal(unknown.status, 401);
      assert.match(unknown.headers.get('www-authenticate'), /^Bearer error="invalid_token"/);
      assert.equal(asked, 1, 'the keys were there before the first request');
      assert.deepEqual(await told, [`refreshed ${issuer.url}`]);
    } finally {
      server.kill();
    }
  }),
);
