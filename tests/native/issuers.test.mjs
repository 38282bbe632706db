// Keys from an issuer that misbehaves, over TLS: fetched by the client that is built in, and by a function of Node's
// own. Whoever fetches, the verdict is the same.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { get } from 'node:https';
import { after, before, test } from 'node:test';
import { startTestIssuer } from '../issuer/test-issuer.mjs';

const { Validator } = await import(process.env.AT9068_MODULE ?? 'at9068');

const API = 'https://api.example/';
// Long where all is well, because the machine may be slow; short where nothing will come.
const PATIENT = 20;
const HASTY = 0.5;

let server;
let ca;
before(async () => {
  server = await startTestIssuer({ tls: true });
  ca = readFileSync(server.ca, 'utf8');
});
after(() => server.close());

/** Fetches as a careful program of Node's would. */
async function fetchDocument({ url, headers, maxBodyBytes, signal }) {
  const [response] = await once(get(url, { agent: false, ca, headers: headers.flat(), signal }), 'response', { signal });
  const chunks = [];
  let octets = 0;
  for await (const chunk of response) {
    chunks.push(chunk);
    octets += chunk.length;
    if (octets > maxBodyBytes) break;
  }
  const fields = [];
  for (let i = 0; i < response.rawHeaders.length; i += 2) fields.push(response.rawHeaders.slice(i, i + 2));
  return { status: response.statusCode, headers: fields, body: Buffer.concat(chunks) };
}

const clients = [
  ['the client that is built in', undefined],
  ['a function of Node’s own', fetchDocument],
];

function validatorOf(issuer, fetch, cache = {}) {
  const trust = fetch === undefined ? { ca_bundle: ca } : {};
  const options = { issuer, audience: API, issuer_cache: { timeout_seconds: PATIENT, ...trust, ...cache } };
  return new Validator(options, fetch === undefined ? {} : { fetch });
}

async function verdict(validator, token) {
  return validator.validate(token).then(
    () => 'ok',
    ({ code }) => code,
  );
}

test('keys are fetched over TLS from whom the operator trusts', async () => {
  for (const [name, fetch] of clients) {
    const issuer = server.newCase();
    const { issuer: identifier } = await issuer.urls();
    const validator = validatorOf(identifier, fetch);
    assert.equal(await verdict(validator, await issuer.mint()), 'ok', name);
    const { oauth, openid, jwks, other } = (await issuer.requests()).documents;
    assert.deepEqual({ oauth, openid, jwks, other }, { oauth: 1, openid: 1, jwks: 1, other: 0 }, name);
    // A rotation in which the new key is published before it signs.
    await issuer.keys({ generate: [{ key: 'next', algorithm: 'ES256' }], publish: ['next'], sign_with: 'next' });
    await validator.refresh();
    assert.equal(await verdict(validator, await issuer.mint()), 'ok', name);
    await issuer.behave('all', { status: 503 });
    await assert.rejects(validator.refresh(), { code: 'keys_unavailable' });
    assert.equal(await verdict(validator, await issuer.mint()), 'ok', 'keys at hand outlive an outage');
  }
});

test('who is not trusted gives no keys', async () => {
  const issuer = server.newCase();
  const { issuer: identifier } = await issuer.urls();
  const strange = validatorOf(identifier, undefined, { ca_bundle: undefined });
  assert.equal(await verdict(strange, await issuer.mint()), 'keys_unavailable');
  assert.equal(strange.status().issuers[0].last_error.reason, 'tls');
  assert.ok(Object.keys(server.tlsFaults).length >= 10);
  for (const [fault, origin] of Object.entries(server.tlsFaults)) {
    const there = `${origin}${new URL(identifier).pathname}`;
    const timeout = fault === 'stalled' ? HASTY : PATIENT;
    const validator = validatorOf(there, undefined, { timeout_seconds: timeout });
    assert.equal(await verdict(validator, await issuer.mint({ issuer: there })), 'keys_unavailable', fault);
    assert.equal(validator.status().issuers[0].keys, 0, fault);
  }
  assert.equal((await issuer.requests()).documents.jwks, 0, 'nobody was asked anything');
});

const METADATA = 'metadata_invalid';
const KEYS = 'keys_unavailable';
for (const [document, behaviour, expected] of [
  ['jwks', {}, 'ok'],
  ['jwks', { poison_before: ['not_an_object', 'no_kty', 'off_curve', 'small_rsa', 'oct', 'alg_none'] }, 'ok'],
  ['jwks', { framing: 'chunked' }, 'ok'],
  ['jwks', { framing: 'close' }, 'ok'],
  ['jwks', { status: 503 }, KEYS],
  ['jwks', { status: 404 }, KEYS],
  ['jwks', { redirect: '{elsewhere}{target}' }, KEYS],
  ['jwks', { redirect: '{target}' }, KEYS],
  ['jwks', { body_json: { keys: null } }, KEYS],
  ['jwks', { body_json: { keys: [] } }, KEYS],
  ['jwks', { body_text: '{' }, KEYS],
  ['jwks', { captive_portal: true }, KEYS],
  ['jwks', { bom: true }, KEYS],
  ['jwks', { repeat_member: 'keys' }, KEYS],
  ['jwks', { headers: [['Content-Type', 'text/plain']] }, KEYS],
  ['jwks', { gzip: true }, KEYS],
  ['jwks', { keys_before: 300 }, KEYS],
  ['jwks', { pad_bytes: 600_000 }, KEYS],
  ['jwks', { endless: true, framing: 'close' }, KEYS],
  ['jwks', { close: 'in_body' }, KEYS],
  ['jwks', { hang: 'before_head' }, KEYS],
  ['jwks', { hang: 'in_body' }, KEYS],
  ['metadata', { status: 500 }, KEYS],
  ['metadata', { status: 404 }, METADATA],
  ['metadata', { metadata: { issuer: 'https://evil.example' } }, METADATA],
  ['metadata', { metadata: { issuer: '{issuer}/' } }, METADATA],
  ['metadata', { metadata: { jwks_uri: null } }, METADATA],
  ['metadata', { metadata: { jwks_uri: '{plain}{path}/jwks' } }, METADATA],
  ['metadata', { repeat_member: 'issuer' }, METADATA],
  ['oauth', { metadata: { jwks_uri: '{elsewhere}{path}/jwks' } }, METADATA],
]) {
  test(`${document} ${JSON.stringify(behaviour)}: ${expected}`, async () => {
    for (const [name, fetch] of clients) {
      const issuer = server.newCase();
      await issuer.behave(document, behaviour);
      const hangs = behaviour.hang !== undefined || behaviour.endless === true;
      const validator = validatorOf((await issuer.urls()).issuer, fetch, { timeout_seconds: hangs ? HASTY : PATIENT });
      const token = await issuer.mint();
      assert.equal(await verdict(validator, token), expected, name);
      // An outage is over when the issuer is well again, whatever it did.
      await issuer.reset({ only: 'behaviour' });
      const patient = validatorOf((await issuer.urls()).issuer, fetch);
      await patient.refresh();
      assert.equal(await verdict(patient, token), 'ok', name);
    }
  });
}
