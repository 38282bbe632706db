// oidc-provider, an authorization server that others wrote, on loopback: we are told nothing but its issuer.

import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { test } from 'node:test';

import { API, CLIENT, accessToken, startProvider } from './provider.mjs';

const { Validator } = await import(process.env.AT9068_MODULE ?? 'at9068');

const COOLDOWN_SECONDS = 1;

const validatorOf = (issuer, more = {}) =>
  new Validator({
    issuer,
    audience: API,
    issuer_cache: { danger_http_loopback: true, timeout_seconds: 20, cooldown_seconds: COOLDOWN_SECONDS },
    ...more,
  });

const keyOf = (token) => JSON.parse(Buffer.from(token.split('.')[0], 'base64url').toString()).kid;

for (const alg of ['RS256', 'PS256', 'ES256', 'EdDSA']) {
  test(`${alg}: found by discovery`, async (t) => {
    const provider = await startProvider(alg);
    t.after(() => provider.close());
    const token = await accessToken(provider.issuer);
    for (const discovery of ['auto', 'openid', 'oauth']) {
      const validator = validatorOf(provider.issuer, { discovery });
      const held = await validator.validate(token, { require: { scopes: ['read:patients'] } });
      assert.equal(held.client_id, CLIENT);
      assert.equal(held.header.alg, alg);
      // At hand now, so that nobody has to wait.
      assert.equal(validator.validateSync(token).client_id, CLIENT);
    }
    const other = validatorOf(provider.issuer, { audience: 'https://other-api.example/' });
    await assert.rejects(other.validate(token), { code: 'audience_mismatch' });
  });

  test(`${alg}: no token is lost when another key signs from one moment to the next`, async (t) => {
    const provider = await startProvider(alg);
    t.after(() => provider.close());
    const validator = validatorOf(provider.issuer);
    const tokens = [await accessToken(provider.issuer)];
    await validator.prefetch();
    let done = false;
    let validated = 0;
    const work = async () => {
      while (!done) {
        for (const token of [await accessToken(provider.issuer), tokens[0]]) {
          assert.equal((await validator.validate(token)).client_id, CLIENT);
          validated += 1;
        }
      }
    };
    const workers = Promise.all(Array.from({ length: 4 }, work));
    const rotations = async () => {
      for (let i = 0; i < 2; i += 1) {
        await sleep(COOLDOWN_SECONDS * 1000);
        provider.rotate();
        tokens.push(await accessToken(provider.issuer));
        // Whoever was first, the new key has been fetched when this is over, and the cooldown has begun.
        await validator.validate(tokens.at(-1));
      }
    };
    await Promise.all([workers, rotations().finally(() => (done = true))]);
    assert.equal(new Set(tokens.map(keyOf)).size, 3);
    for (const token of tokens) assert.equal(validator.validateSync(token).client_id, CLIENT);
    assert.ok(validated > 4);
    const [{ keys, counters }] = validator.status().issuers;
    assert.deepEqual({ keys, refreshes: counters.refreshes, failures: counters.failures }, { keys: 3, refreshes: 3, failures: 0 });
  });
}
