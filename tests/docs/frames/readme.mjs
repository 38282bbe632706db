// What the README of the Node package shows in parts, with what each part uses.
import assert from 'node:assert/strict';
import { At9068Error, ClientAssertionMinter, ClientAssertionValidator, Minter, SigningKey, Validator } from 'at9068';

const [issuer, api] = ['https://as.example/', 'https://api.example/'];
const key = await SigningKey.generate('ES256');
const minter = new Minter({ issuer, keys: key, apis: [{ audience: api, dialect: 'rfc9068_profile', scopes: ['read:patients'] }] });
const validator = new Validator({ issuer, audience: api, jwks: key.keySet() });
const request = { grant_type: 'client_credentials', client_id: 'app', scope: 'read:patients' };
const good = await minter.mint(request);
const printed = [];
const console = { log: (...values) => printed.push(values.join(' ')) };

async function batch(tokens, requests) {
  // <<< batch >>>
  return minted.map((one) => one.client_id ?? one.code ?? one.token.length > 0);
}
assert.deepEqual(await batch([good.token, 'no'], [request, { ...request, client_id: '' }]), [true, 'argument_invalid']);
assert.deepEqual(printed.splice(0), ['1 token_malformed']);

// A store as the client library of Redis has it.
const held = new Set();
const redis = {
  async set(name, value, { NX, EX }) {
    assert.ok(NX && EX > 0);
    return held.has(name) ? null : (held.add(name), 'OK');
  },
};
// <<< replay-store >>>
const clients = new ClientAssertionValidator({ issuer, clients: [{ client_id: 'app', jwks: key.keySet() }] }, { replayStore });
const { token: assertion } = await new ClientAssertionMinter({ client_id: 'app', audience: issuer, keys: key }).mint();
assert.equal((await clients.validate(assertion)).client_id, 'app');
assert.equal(await clients.validate(assertion).catch(({ code }) => code), 'token_replayed');

{
  const minted = good;
  // <<< explain >>>
  assert.equal(error, null);
  assert.ok(printed.splice(0).includes('pass AT-VAL-3 a configured issuer, to the letter'));
}

async function guarded(headers, response) {
  const [method, url] = ['GET', 'https://api.example/'];
  let token;
  // <<< errors >>>
  return token;
}
const answer = { end() {}, writeHead(...head) { this.head = head; return this; } };
assert.equal(await guarded([], answer), undefined);
assert.equal(answer.head[0], 401);
assert.deepEqual(answer.head[1].slice(0, 2), ['WWW-Authenticate', 'Bearer scope="read"']);
await guarded([['Authorization', `Bearer ${good.token}`]], answer);
assert.equal(answer.head[0], 403);
