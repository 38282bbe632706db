// T226 in Node: what is told of a refusal holds no part of the token, of a key or of a claim's value.

import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { test } from 'node:test';
import { inspect } from 'node:util';

const {
  At9068Error, ClientAssertionMinter, ClientAssertionValidator, IdTokenValidator, Minter, Revocations, Validator, errorCodes,
  thumbprint,
} = await import(process.env.AT9068_MODULE ?? 'at9068');

/** What each operation needs made. */
const MAKERS = {
  validate: Validator,
  authenticate: Validator,
  validate_id_token: IdTokenValidator,
  validate_client_assertion: ClientAssertionValidator,
  mint: Minter,
  mint_id_token: Minter,
  mint_client_assertion: ClientAssertionMinter,
};

/** So many characters in a row are no coincidence. */
const LENGTH = 20;
// Words of the API's own configuration: challenges repeat the first two, `claim` may name one of the third.
const PUBLIC = ['realm', 'resource_metadata', 'required_claims'];
// The name of an accessor, which is also that of a claim.
const NAME = 'authorization_details';
const folder = new URL('../vectors/', import.meta.url);

function* cases() {
  for (const name of readdirSync(folder).filter((name) => name.endsWith('.json'))) {
    const file = JSON.parse(readFileSync(new URL(name, folder), 'utf8'));
    for (const entry of file.cases ?? []) yield { ...entry, config: written(file.configs[entry.config]) };
  }
}

/** JSON text: as the file spells it, or of the object that stands there. */
function written(value) {
  return value === undefined || typeof value === 'string' ? value : JSON.stringify(value);
}

function tokenOf(vector) {
  return vector.token ?? Buffer.from(vector.token_b64 ?? '', 'base64');
}

/** What the operation needs, which for access tokens knows what was revoked. */
function makerOf(vector) {
  if (vector.revocations === undefined) return MAKERS[vector.op].fromJson(vector.config);
  const revocations = new Revocations();
  const maker = MAKERS[vector.op].fromJson(vector.config, { revocations });
  for (const entry of vector.revocations) revocations.revoke(written(entry));
  return maker;
}

async function ask(vector) {
  if (vector.op === 'thumbprint') return thumbprint(written(vector.jwk));
  const maker = makerOf(vector);
  const now = vector.at;
  const [request, require] = [written(vector.request), written(vector.require)];
  switch (vector.op) {
    case 'validate':
      return maker.validate(tokenOf(vector), { now, require, request });
    case 'authenticate':
      return maker.authenticate(request, { now, require });
    case 'mint_id_token':
      return maker.mintIdToken(request, { now });
    case 'mint':
    case 'mint_client_assertion':
      return maker.mint(request, { now });
    default:
      for (const before of vector.before ?? []) await maker.validate(before, require, { now }).catch(() => undefined);
      return maker.validate(tokenOf(vector), require, { now });
  }
}

/** Every text that is a value; where the whole is no JSON, everything between quotes that no colon follows. */
function values(json) {
  const found = [];
  const walk = (value) => {
    if (typeof value === 'string') found.push(value);
    else if (value !== null && typeof value === 'object') Object.values(value).forEach(walk);
  };
  try {
    walk(JSON.parse(json));
  } catch {
    for (const [, text] of json.matchAll(/"((?:[^"\\]|\\.)*)"(?!\s*:)/g)) found.push(text);
  }
  return found;
}

/** Everything that must not be told, in one text. */
function hidden(vector) {
  const given = [vector.config, ...[vector.request, vector.jwk, vector.before].map(written)];
  if (vector.op === 'validate_id_token') given.push(written(vector.require)); // secret until the user is logged in
  const found = given.filter(Boolean).flatMap(values);
  if (vector.token !== undefined) found.push(vector.token);
  if (vector.token_b64 !== undefined) found.push(Buffer.from(vector.token_b64, 'base64').toString('latin1'));
  for (const text of [...found]) {
    for (const part of text.replace(/^Bearer /, '').split('.')) {
      if (part.length < LENGTH || part.includes(' ')) continue;
      const octets = Buffer.from(part, 'base64url');
      found.push(octets.toString('utf8'), octets.toString('hex'), octets.toString('base64'));
    }
  }
  return found.join('\0');
}

/** What may be told although it stands in a configuration or a demand. */
function allowed(vector) {
  const found = [NAME, ...errorCodes().map(({ message }) => message)];
  const demanded = vector.require !== undefined && ['validate', 'authenticate'].includes(vector.op);
  if (demanded) found.push(values(written(vector.require)).join(' '));
  try {
    const config = JSON.parse(vector.config);
    for (const name of PUBLIC) for (const text of values(JSON.stringify(config[name] ?? []))) found.push(`":"${text}"`, `="${text}"`);
  } catch {
    // A configuration that is no JSON has no public words.
  }
  return found.join('\0');
}

function runs(text) {
  const found = new Set();
  for (let at = 0; at + LENGTH <= text.length; at += 1) found.add(text.slice(at, at + LENGTH));
  return found;
}

function leaks(told, secret, open) {
  const secrets = runs(secret);
  return [...runs(told)].filter((run) => secrets.has(run) && !open.includes(run));
}

/** Everything that a program could print of a thing. The stack without its frames: they name files of ours. */
function shown(thing) {
  const stack = String(thing.stack ?? '').split('\n    at ')[0];
  const frameless = thing instanceof Error ? Object.assign(Object.create(thing), { stack }) : thing;
  const members = JSON.stringify(thing) + JSON.stringify({ ...thing });
  return [String(thing), stack, inspect(frameless, { depth: null, showHidden: true }), members].join('\n');
}

test('no error tells a secret', async () => {
  const found = [];
  let refused = 0;
  for (const vector of cases()) {
    if (vector.expect.ok || !(vector.op in MAKERS || vector.op === 'thumbprint')) continue;
    const error = await ask(vector).then(() => undefined, (error) => error);
    assert.ok(error instanceof At9068Error, vector.id);
    assert.equal(error.code, vector.expect.code, vector.id);
    refused += 1;
    for (const run of leaks(shown(error), hidden(vector), allowed(vector))) found.push(`${vector.id}: ${run}`);
  }
  assert.deepEqual(found, []);
  assert.ok(refused > 1400, `${refused} refused`);
});

test('what holds shows nothing of itself', async () => {
  const found = [];
  let held = 0;
  for (const vector of cases()) {
    if (!vector.expect.ok || !(vector.op in MAKERS)) continue;
    const told = [await ask(vector), makerOf(vector)].map(shown).join('\n');
    held += 1;
    for (const run of leaks(told, hidden(vector), allowed(vector))) found.push(`${vector.id}: ${run}`);
  }
  assert.deepEqual(found, []);
  assert.ok(held > 500, `${held} held`);
});

test('no trace tells a secret', () => {
  const found = [];
  let steps = 0;
  for (const vector of cases()) {
    if (vector.op !== 'validate' || ['config_invalid', 'argument_invalid'].includes(vector.expect.code)) continue;
    const options = { now: vector.at, require: written(vector.require), request: written(vector.request) };
    const explained = makerOf(vector).explainSync(tokenOf(vector), options);
    const told = [shown(explained), explained.traceJson, shown(explained.error ?? {})].join('\n');
    steps += explained.trace.length;
    for (const run of leaks(told, hidden(vector), allowed(vector))) found.push(`${vector.id}: ${run}`);
  }
  assert.deepEqual(found, []);
  assert.ok(steps > 20_000, `${steps} steps`);
});

test('the search finds what it is for', () => {
  const vector = [...cases()].find(({ id }) => id === 'time/leeway-30-exp-reached');
  const claims = Buffer.from(vector.token.split('.')[1], 'base64url').toString();
  const [jwk] = JSON.parse(vector.config).jwks.keys;
  for (const leak of [vector.token.slice(30, 60), claims.slice(10, 40), jwk.x.slice(0, 25)]) {
    assert.notDeepEqual(leaks(`the token ${leak} is bad`, hidden(vector), allowed(vector)), [], leak);
  }
  const secret = Object.assign(new Error('x'), { token: vector.token });
  assert.notDeepEqual(leaks(shown(secret), hidden(vector), allowed(vector)), []);
});
