// The Node helper against the program.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { get, request } from 'node:http';
import { after, before, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { promisify } from 'node:util';

import { IssuerFault, startTestIssuer } from './test-issuer.mjs';

let server;
before(async () => {
  server = await startTestIssuer();
});
after(() => server.close());

async function fetched(url) {
  const [response] = await once(get(url, { agent: false }), 'response');
  const body = Buffer.concat(await response.toArray()).toString();
  return { status: response.statusCode, headers: response.headers, body };
}

async function answers(url) {
  return fetched(url).then(
    () => true,
    () => false,
  );
}

test('it is asked about tokens', async () => {
  const issuer = server.newCase();
  const { introspection } = await issuer.urls();
  const ask = async (form) => {
    const asked = request(introspection, { method: 'POST', agent: false });
    asked.end(new URLSearchParams(form).toString());
    const [response] = await once(asked, 'response');
    return { status: response.statusCode, said: JSON.parse(Buffer.concat(await response.toArray()).toString()) };
  };
  const token = await issuer.token({ members: { sub: 'user-1' } });
  assert.deepEqual((await ask({ token })).said, { active: true, sub: 'user-1' });
  await issuer.revoke(token);
  assert.deepEqual((await ask({ token })).said, { active: false });
  await issuer.admit({ authentication: 'client_secret_post', client_id: 'api', client_secret: 's' });
  assert.equal((await ask({ token })).status, 401);
  assert.equal((await ask({ token, client_id: 'api', client_secret: 's' })).status, 200);
});

test('an issuer of its own', async () => {
  const issuer = server.newCase();
  const urls = await issuer.urls();
  const metadata = JSON.parse((await fetched(urls.oauth)).body);
  assert.equal(metadata.issuer, urls.issuer);
  const [key] = await issuer.keys();
  assert.deepEqual(JSON.parse((await fetched(metadata.jwks_uri)).body), { keys: [key.jwk] });
  assert.equal((await issuer.mint({ scope: 'read' })).split('.').length, 3);
  assert.ok((await issuer.forge({ header: { alg: 'none' } })).endsWith('.'));
  assert.equal((await issuer.keys({ withdraw_all: true }))[0].published, false);
  assert.deepEqual((await issuer.requests()).documents, { oauth: 1, openid: 0, jwks: 1, introspection: 0, other: 0 });
  await issuer.reset({ only: 'requests' });
  assert.equal((await issuer.requests()).connections, 0);
});

test('behaviour is told', async () => {
  const issuer = server.case('behaviour');
  const { jwks } = await issuer.urls();
  await issuer.behave('jwks', { status: 429, times: 1 });
  assert.deepEqual([(await fetched(jwks)).status, (await fetched(jwks)).status], [429, 200]);
});

test('refusals are exceptions', async () => {
  const issuer = server.newCase();
  await assert.rejects(issuer.behave('jwks', { unknown: 1 }), IssuerFault);
  await assert.rejects(issuer.mint({ claims: { exp: 1 } }), { code: 'claim_reserved', claim: 'exp' });
});

test('TLS, paths and the end', async () => {
  const other = await startTestIssuer({ tls: true, path: '/tenant' });
  assert.match((await other.first.urls()).issuer, /^https:\/\/localhost:\d+\/tenant$/);
  assert.match(other.tlsFaults.expired, /^https:\/\/localhost:\d+$/);
  await other.close();
  await other.close();
  await assert.rejects(other.first.urls(), { code: 'ECONNREFUSED' });
});

test('a process that forgets to close it ends all the same', async () => {
  const helper = new URL('./test-issuer.mjs', import.meta.url);
  const script = `const { startTestIssuer } = await import('${helper}');
    console.log((await startTestIssuer()).control);`;
  const run = promisify(execFile);
  const { stdout } = await run(process.execPath, ['--input-type=module', '-e', script], { timeout: 20000 });
  while (await answers(stdout.trim())) await setTimeout(10);
});

test('what does not start is told', async () => {
  await assert.rejects(startTestIssuer({ path: 'no path' }), /did not start/);
});
